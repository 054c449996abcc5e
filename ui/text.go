package ui

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"atlas-restore/forms/fold"
)

// wrap folds a plain text into lines of at most w cells. The indent of the text is kept on every line.
func wrap(text string, w int) []string {
	indent := len(text) - len(strings.TrimLeft(text, " "))
	lines := fold.Text(text[indent:], w-indent)
	for i := range lines {
		lines[i] = text[:indent] + strings.TrimRight(lines[i], " ")
	}
	return lines
}

// atEdge breaks text at the edge, anywhere: for a URL, which must be shown whole.
func atEdge(text string, w int) []string {
	return strings.Split(ansi.Hardwrap(text, max(1, w), true), "\n")
}

// clip makes text exactly h lines of at most w cells.
func clip(text string, w, h int) []string {
	lines := strings.Split(text, "\n")
	for len(lines) < h {
		lines = append(lines, "")
	}
	lines = lines[:h]
	for i := range lines {
		if len(lines[i]) > w { // no byte is wider than a cell
			lines[i] = ansi.Truncate(lines[i], w, "…")
		}
	}
	return lines
}

// atMost is the first n of lines; the last of them ends with more where others are left out.
func atMost(n int, lines []string, w int, more string) []string {
	if len(lines) <= n {
		return lines
	}
	lines = lines[:n:n]
	lines[n-1] = ansi.Truncate(lines[n-1]+" "+more, w, more)
	return lines
}
