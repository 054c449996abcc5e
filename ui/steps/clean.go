package steps

import (
	"io"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Printable is a text as it can be shown: without what could command a terminal, or hide or
// turn around what follows. Each such character becomes a question mark, as something stood
// there. Lines and tabs stay.
func Printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || unicode.IsGraphic(r) {
			return r
		}
		return '?'
	}, strings.ToValidUTF8(text, "?"))
}

// PrintableTo is a writer through which nothing but printable text comes to w. It stands
// before whatever this program writes but the full screen: errors of libraries carry text
// that others have chosen, like the names in a certificate.
func PrintableTo(w io.Writer) io.Writer { return &printable{to: w} }

type printable struct {
	mu   sync.Mutex // what is said from aside too
	to   io.Writer
	rest []byte // of a character whose end is still to come
}

// Write implements io.Writer.
func (p *printable) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	text := append(p.rest, b...)
	end := len(text)
	for i := 1; i < utf8.UTFMax && i <= len(text); i++ {
		if last := text[len(text)-i:]; utf8.RuneStart(last[0]) {
			if !utf8.FullRune(last) {
				end -= i
			}
			break
		}
	}
	p.rest = append([]byte(nil), text[end:]...)
	if _, err := io.WriteString(p.to, Printable(string(text[:end]))); err != nil {
		return 0, err //nolint:wrapcheck // a writer's own
	}
	return len(b), nil
}
