// Package fold breaks texts into lines. What belongs together stays in one line as long as a line has
// room for it: a name with hyphens, a number with its unit, a day with its month and its time, a
// command that is pasted.
package fold

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"atlas-restore/state/pattern"
)

// aCommand is one of this program's as a hint has it.
var aCommand = pattern.New(`atlas-restore( plan [a-z]+ ('[^']*'|[^\s'-]\S*)| [a-z]+( [0-9a-f]{24})?| --plan ('[^']*'|[^\s'-]\S*))( --[a-zA-Z-]+( ('[^']*'|[^\s'-]\S*))?)*`)

// These stand for a blank and a hyphen that no line breaks at. Nothing that is shown has
// them: they are for private use.
const (
	gluedBlank  = '\ue0f0'
	gluedHyphen = '\ue0f1'
)

// unglued gives them back.
var unglued = pattern.Replace(string(gluedBlank), " ", string(gluedHyphen), "-")

// Text breaks a plain text into lines of at most w cells: at blanks where it can, and at no hyphen.
func Text(text string, w int) []string {
	w = max(1, w)
	text = aCommand.ReplaceAllStringFunc(text, func(c string) string {
		if ansi.StringWidth(c) > w { // it breaks at a blank then, and not in a name
			return c
		}
		return strings.ReplaceAll(c, " ", string(gluedBlank))
	})
	if w >= roomy {
		text = figures(text)
	}
	return lines(text, w, " ")
}

// Command breaks a command at its blanks: no name or flag is broken that has room in a line.
func Command(text string, w int) []string { return lines(text, max(1, w), "") }

func lines(text string, w int, at string) []string {
	out := strings.Split(ansi.Wrap(strings.ReplaceAll(text, "-", string(gluedHyphen)), w, at), "\n")
	for i, line := range out {
		out[i] = unglued.Replace(line)
	}
	return out
}

// roomy is the width from which figures are kept whole: a moment with its zone has 22 cells.
const roomy = 24

// figures glues numbers to their units, and the parts of a moment to each other.
func figures(text string) string {
	var out strings.Builder
	done, before := 0, ""
	for from := 0; ; {
		n := strings.IndexByte(text[from:], ' ')
		if n < 0 {
			break
		}
		blank := from + n
		word, next := text[from:blank], text[blank+1:]
		if end := strings.IndexByte(next, ' '); end >= 0 {
			next = next[:end]
		}
		if belongs(before, word, strings.TrimRight(next, ".,:;)!?")) {
			out.WriteString(text[done:blank])
			out.WriteRune(gluedBlank)
			done = blank + 1
		}
		before, from = word, blank+1
	}
	out.WriteString(text[done:])
	return out.String()
}

// belongs says whether a word and the next one, which has a word before, are parts of one figure.
func belongs(before, word, next string) bool {
	switch next {
	case "d", "h", "min", "s", "ms", "B", "KB", "MB", "GB", "TB", "PB", "KiB", "MiB", "GiB", "TiB", "%":
		return number(strings.TrimLeft(word, "(~"))
	case "UTC":
		return clock(word)
	}
	switch {
	case month(next):
		return len(word) < 4 && number(strings.TrimLeft(word, "("))
	case month(word):
		return number(strings.TrimLeft(before, "(")) && (clock(next) || len(next) == 4 && number(next))
	}
	return false
}

// number says whether a word is one, like 1,024 or 0.5.
func number(word string) bool {
	for i := range len(word) {
		if c := word[i]; (c < '0' || c > '9') && (c != '.' && c != ',' || i == len(word)-1) {
			return false
		}
	}
	return word != "" && word[0] >= '0' && word[0] <= '9'
}

// clock says whether a word is a time of day, like 14:02 or 14:02:59.812.
func clock(word string) bool {
	return len(word) >= 5 && word[2] == ':' && number(word[:2]) && number(word[3:5])
}

func month(word string) bool {
	switch word {
	case "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec":
		return true
	}
	return false
}
