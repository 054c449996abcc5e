package ui

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"atlas-restore/state/pattern"
)

// aCommand is one of this program's as a hint has it, which is pasted: no line may break in
// it as long as a line has room for it.
var aCommand = pattern.New(`atlas-restore( plan [a-z]+ ('[^']*'|[^\s'-]\S*)| [a-z]+( [0-9a-f]{24})?| --plan ('[^']*'|[^\s'-]\S*))( --[a-zA-Z-]+( ('[^']*'|[^\s'-]\S*))?)*`)

// These stand for a blank and a hyphen that no line breaks at. Nothing that is shown has
// them: they are for private use.
const gluedBlank, gluedHyphen = "\ue0f0", "\ue0f1"

// unglued gives them back.
var unglued = pattern.Replace(gluedBlank, " ", gluedHyphen, "-")

// wrap folds a plain text into lines of at most w cells, at blanks where it can, and at no hyphen:
// names have those. The indent of the text is kept on every line.
func wrap(text string, w int) []string {
	indent := len(text) - len(strings.TrimLeft(text, " "))
	room := max(1, w-indent)
	text = aCommand.ReplaceAllStringFunc(strings.TrimLeft(text, " "), func(c string) string {
		if ansi.StringWidth(c) > room { // it breaks at a blank then, and not in a name
			return c
		}
		return strings.ReplaceAll(c, " ", gluedBlank)
	})
	text = strings.ReplaceAll(text, "-", gluedHyphen)
	lines := strings.Split(ansi.Wrap(text, room, " "), "\n")
	for i := range lines {
		lines[i] = strings.Repeat(" ", indent) + unglued.Replace(strings.TrimRight(lines[i], " "))
	}
	return lines
}

// fold breaks text at the edge, anywhere: for a URL, which must be shown whole.
func fold(text string, w int) []string {
	return strings.Split(ansi.Hardwrap(text, max(1, w), true), "\n")
}

// foldWords breaks a command at its blanks: no name or flag is broken that has room in a line.
func foldWords(text string, w int) []string {
	lines := strings.Split(ansi.Wrap(strings.ReplaceAll(text, "-", gluedHyphen), max(1, w), ""), "\n")
	for i := range lines {
		lines[i] = strings.ReplaceAll(lines[i], gluedHyphen, "-")
	}
	return lines
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
