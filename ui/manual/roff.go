package manual

import (
	"strings"

	"atlas-restore/state/pattern"
)

// Roff is a topic in the man macros of roff, as sections of a page; empty if there is no such one.
func Roff(topic string) string {
	title, body := parts(topic)
	if title == "" {
		return ""
	}
	return ".SH " + quoted(strings.ToUpper(title)) + "\n" + AsRoff(body)
}

// AsRoff is a text in Markdown in the man macros of roff.
func AsRoff(markdown string) string {
	r := roff{}
	for line := range strings.Lines(markdown) {
		r.take(strings.TrimRight(line, "\n"))
	}
	r.end()
	return r.String()
}

// roff is a text that is being written. What stands on its own lines in Markdown goes on until a
// line of another kind.
type roff struct {
	strings.Builder
	in    kind
	heads []string // of a table
}

type kind int

const (
	running kind = iota
	code
	list
	table
)

func (r *roff) line(text string) { r.WriteString(text + "\n") }

// end ends what goes on.
func (r *roff) end() {
	if r.in == code {
		r.line(".fi\n.RE")
	}
	r.in = running
}

func (r *roff) take(line string) {
	text := strings.TrimSpace(line)
	switch {
	case strings.HasPrefix(text, "```"):
		if r.in == code {
			r.end()
			return
		}
		r.end()
		r.line(".PP\n.RS 4\n.nf")
		r.in = code
	case r.in == code:
		r.line(plain(line))
	case text == "":
		r.end()
		r.line(".PP")
	case strings.HasPrefix(text, "#"):
		r.end()
		r.line(".SS " + quoted(strings.TrimLeft(text, "# ")))
	case strings.HasPrefix(text, "|"):
		r.row(cells(text))
	case strings.HasPrefix(text, "- "):
		r.in = list
		r.line(".IP \\(bu 2\n" + styled(strings.TrimPrefix(text, "- ")))
	case numbered.MatchString(text):
		r.in = list
		number, rest, _ := strings.Cut(text, " ")
		r.line(".IP " + number + " 4\n" + styled(rest))
	default:
		r.line(styled(text))
	}
}

// row is one of a table: what its first cell names, and below it what the others say.
func (r *roff) row(cells []string) {
	switch {
	case r.in != table:
		r.in, r.heads = table, cells
	case strings.Trim(strings.Join(cells, ""), "-: ") == "":
	default:
		r.line(".TP\n" + styled(cells[0]))
		for i, c := range cells[1:] {
			if c == "" {
				continue
			}
			if len(cells) > 2 {
				c = r.heads[i+1] + ": " + c
			}
			if i > 0 {
				r.line(".br")
			}
			r.line(styled(c))
		}
	}
}

func cells(line string) []string {
	var out []string
	for _, c := range strings.Split(strings.Trim(line, "|"), "|") {
		out = append(out, strings.TrimSpace(c))
	}
	return out
}

var (
	numbered = pattern.New(`^\d+\. `)
	link     = pattern.New(`\[([^\]]+)\]\([^)]*\)`)
	bold     = pattern.New(`\*\*([^*]+)\*\*`)
	word     = pattern.New("`([^`]+)`")
)

// styled is running text: code and what is strong are bold, and of a link its text stays.
func styled(text string) string {
	text = link.ReplaceAllString(text, "$1")
	text = plain(text)
	text = bold.ReplaceAllString(text, `\fB$1\fR`)
	return word.ReplaceAllString(text, `\fB$1\fR`)
}

// plain is text that roff takes as it is.
func plain(text string) string {
	text = strings.ReplaceAll(strings.ReplaceAll(text, `\`, `\e`), "-", `\-`)
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		text = `\&` + text
	}
	return text
}

func quoted(text string) string { return `"` + strings.ReplaceAll(plain(text), `"`, `\(dq`) + `"` }
