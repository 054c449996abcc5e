package ui

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// wrap folds a plain text into lines of at most w cells, at blanks where it can; the
// indent of the text is kept on every line.
func wrap(text string, w int) []string {
	indent := len(text) - len(strings.TrimLeft(text, " "))
	room := max(1, w-indent)
	lines := strings.Split(ansi.Wrap(strings.TrimLeft(text, " "), room, " "), "\n")
	for i := range lines {
		lines[i] = strings.Repeat(" ", indent) + strings.TrimRight(lines[i], " ")
	}
	return lines
}

// fold breaks text at the edge, anywhere: for a URL, which must be shown whole.
func fold(text string, w int) []string {
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
		lines[i] = ansi.Truncate(lines[i], w, "…")
	}
	return lines
}
