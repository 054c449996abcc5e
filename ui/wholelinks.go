package ui

import (
	"bytes"
	"os"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"golang.org/x/term"

	"atlas-restore/ui/steps"
)

// wholeLinks writes to the terminal, and leaves it to the terminal to fold a link, or a command for
// mongosh, that is wider than the window. The renderer ends each line of the screen itself: terminals, and tmux, then copy a
// link as several lines. After a full line the next letter is at the same place without that.
type wholeLinks struct{ *os.File }

// Write implements io.Writer.
func (w wholeLinks) Write(p []byte) (int, error) {
	out := p
	if bytes.Contains(p, []byte("://")) || bytes.Contains(p, []byte(mongoshWord)) {
		if width, _, err := term.GetSize(int(w.Fd())); err == nil {
			out = joined(p, width)
		}
	}
	if _, err := w.File.Write(out); err != nil {
		return 0, err //nolint:wrapcheck // a writer's own
	}
	return len(p), nil
}

// WriteString implements io.StringWriter.
func (w wholeLinks) WriteString(s string) (int, error) { return w.Write([]byte(s)) }

// inCommand says whether a line that was drawn is a command for mongosh, or the one that fetches a link,
// from its first cell on.
func inCommand(drawn []byte) bool {
	line := ansi.Strip(string(drawn))
	return strings.HasPrefix(line, mongoshWord) || strings.HasPrefix(line, steps.Curl[:5])
}

// joined is what was drawn in lines of so many cells, without the ends of lines that stand within a
// link: after a full line that ends in one, and before what can be the rest of it.
func joined(p []byte, width int) []byte {
	out := make([]byte, 0, len(p))
	for {
		line, rest, ended := bytes.Cut(p, []byte("\r\n"))
		out = append(out, line...)
		if !ended {
			return out
		}
		drawn := out[bytes.LastIndexByte(out, '\n')+1:]
		word := drawn[bytes.LastIndexFunc(drawn, func(r rune) bool { return r <= ' ' || r >= 0x7f })+1:]
		cells := ansi.StringWidth(string(drawn))
		full := width > 0 && cells > 0 && cells%width == 0
		goesOn := len(rest) > 0 && rest[0] > ' ' && rest[0] < 0x7f && !bytes.HasPrefix(rest, []byte(steps.Curl[:5]))
		if !full || !goesOn || !bytes.Contains(word, []byte("://")) && !inCommand(drawn) {
			out = append(out, '\r', '\n')
		}
		p = rest
	}
}
