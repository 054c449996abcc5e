// Package fold breaks texts into lines. What belongs together stays in one line as long as a line has
// room for it: a name with hyphens, a number with its unit, a day with its month and its time, a
// command that is pasted.
package fold

import (
	"io"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"atlas-restore/state/pattern"
)

// aCommand is one of this program's as a hint has it.
var aCommand = pattern.New(`atlas[- ]restore(` +
	`( plan [a-z]+| verify( --extract)?) ` + aWord + `(( --[a-zA-Z-]+)+)?|` +
	` (records|help) [a-z-]+( [0-9]+| [0-9a-f]{24})?` + someFlags + `|` +
	` train [a-z]+-[a-z-]+` + someFlags + `|` +
	` [a-z]+( [0-9a-f]{24})?` + someFlags + `|` +
	someFlags + `)`)

const (
	aWord     = `('[^']*'|\\.|[^\s'\\-])('[^']*'|\\.|[^\s'\\])*`
	someFlags = `( -o json| --(all|dry-run|extract|help|line|list|mine|random|renew|reset|tight|training)\b| --[a-zA-Z-]+( ` + aWord + `)?)*`
)

// quoted is what somebody types as it stands, in the words of another program.
var quoted = pattern.New("`[^`]+`|export [A-Z_]+=[^ ]*\\([^)]*\\)")

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

// Whole is a text that Lines leaves as it stands, however long it is: what is copied and run, or is a
// program's. Whatever shows it calls Lines.
func Whole(text string) string { return strings.ReplaceAll(text, " ", string(gluedBlank)) }

// Lines breaks each line of a text that has no room in w cells, as a terminal shows it that has no other way
// to tell a line's end than to break it. No word is broken and no command, whatever its length: what is copied
// is what was printed. What is broken goes on under its own beginning, or under the last column that leaves room for it. Without a
// width, which is 0, no line is broken.
func Lines(text string, w int) string {
	var out strings.Builder
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			out.WriteByte('\n')
		}
		if w > 0 && ansi.StringWidth(line) > w {
			line = broken(line, w)
		}
		out.WriteString(unglued.Replace(line))
	}
	return out.String()
}

// filled is from which width on a line of a written text ends as it is full, and not as its author wants it to.
const filled = 80

// Written breaks a text for a terminal that was broken for a wider one when it was written, like a help: where it
// has no room its paragraphs are filled anew. What is in blocks of code stays as it is.
func Written(text string, w int) string {
	all := strings.Split(text, "\n")
	if w <= 0 || !slices.ContainsFunc(all, func(line string) bool { return ansi.StringWidth(line) > w }) {
		return text
	}
	var out []string
	code, hang := false, -1 // where the line before goes on; -1 for nowhere
	for i, line := range all {
		fence, row := strings.HasPrefix(line, "```"), strings.HasPrefix(line, "|")
		code = code != fence
		word := strings.TrimLeft(line, " ")
		indent := len(line) - len(word)
		item := strings.HasPrefix(word, "- ")
		switch {
		case code || fence:
			out, hang = append(out, Whole(line)), -1
			continue
		case row: // it goes on under its last column
			out, hang = append(out, Whole(brokenAt(line, w, rowHang(line, w)))), -1
			continue
		case hang >= 0 && indent == hang && word != "" && !item && !strings.Contains(word, "  "):
			out[len(out)-1] += " " + word
		default:
			out = append(out, line)
			hang = indent
			if item {
				hang += len("- ")
			}
		}
		if i+1 < len(all) {
			next, _, _ := strings.Cut(strings.TrimLeft(all[i+1], " "), " ")
			if ansi.StringWidth(line)+1+ansi.StringWidth(next) < filled || strings.Contains(word, "  ") {
				hang = -1
			}
		}
	}
	return Lines(strings.Join(out, "\n"), w)
}

// To is a writer by which texts come to w as Lines breaks them. Each write is of whole lines. The width is
// asked for each time, as a terminal can be given another one.
func To(w io.Writer, width func() int) io.Writer { return folds{w, width} }

type folds struct {
	to    io.Writer
	width func() int
}

// Write implements io.Writer.
func (f folds) Write(b []byte) (int, error) {
	if _, err := io.WriteString(f.to, Lines(string(b), f.width())); err != nil {
		return 0, err //nolint:wrapcheck // a writer's own
	}
	return len(b), nil
}

// rowHang is hang for the row of a table in Markdown.
func rowHang(line string, w int) int {
	column := strings.LastIndex(strings.TrimRight(line, "| "), "| ")
	if column < 0 || w-column-len("| ") < roomy {
		return len("| ")
	}
	return ansi.StringWidth(line[:column]) + len("| ")
}

// broken is one line as several.
func broken(line string, w int) string { return brokenAt(line, w, hang(line, w)) }

func brokenAt(line string, w, hang int) string {
	if ansi.StringWidth(line) <= w {
		return line
	}
	text := quoted.ReplaceAllStringFunc(aCommand.ReplaceAllStringFunc(line, Whole), Whole)
	if w >= roomy {
		text = figures(text)
	}
	text = strings.TrimRight(text, " ")
	indent := strings.Repeat(" ", hang)
	var out strings.Builder
	used, begun := 0, false
	for text != "" {
		word := strings.TrimLeft(text, " ")
		blanks := len(text) - len(word)
		if end := strings.IndexByte(word, ' '); end >= 0 {
			word = word[:end]
		}
		text = text[blanks+len(word):]
		n := ansi.StringWidth(word)
		if begun && used+blanks+n > w {
			out.WriteString("\n" + indent)
			used, blanks = len(indent), 0
		}
		out.WriteString(strings.Repeat(" ", blanks) + word)
		used += blanks + n
		begun = true
	}
	return out.String()
}

// hang is where a line goes on that is broken: under the last column in its first half, where blanks set columns
// apart, else under its first word.
func hang(line string, w int) int {
	first := len(line) - len(strings.TrimLeft(line, " "))
	at := first
	if strings.HasPrefix(line[first:], "- ") {
		at += len("- ")
	}
	for end := len(line); ; {
		column := strings.LastIndex(line[:end], "  ")
		if column <= first {
			break
		}
		if cells := ansi.StringWidth(line[:column]) + len("  "); cells <= w/2 {
			at = cells
			break
		}
		end = column
	}
	if w-at < roomy {
		return 0
	}
	return at
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
