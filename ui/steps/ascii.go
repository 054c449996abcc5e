package steps

import (
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// twin is what a terminal shows that has nothing but ASCII, cell for cell.
func twin(r rune) (ascii byte, ok bool) {
	switch r {
	case '…':
		ascii = '~'
	case '–', '—', '·':
		ascii = '-'
	case '›', '▸', '→':
		ascii = '>'
	case '←':
		ascii = '<'
	case '↑', '▲':
		ascii = '^'
	case '↓':
		ascii = 'v'
	case '▌':
		ascii = '|'
	case '✓':
		ascii = '+'
	case '✗', '×':
		ascii = 'x'
	case '●', '•':
		ascii = '*'
	case '○':
		ascii = 'o'
	case '━':
		ascii = '='
	case '░':
		ascii = '#'
	case '’':
		ascii = '\''
	case '“', '”':
		ascii = '"'
	}
	return ascii, ascii != 0
}

// ASCII is text for a terminal that shows nothing but ASCII. Every cell stays one cell,
// so that columns stay straight; a letter without a twin becomes a question mark.
func ASCII(text string) string {
	if strings.IndexFunc(text, func(r rune) bool { return r > '~' }) < 0 {
		return text
	}
	var b strings.Builder
	for text != "" {
		letter, width := ansi.FirstGraphemeCluster(text, ansi.GraphemeWidth)
		text = text[len(letter):]
		r, _ := utf8.DecodeRuneInString(letter)
		ascii, ok := twin(r)
		switch {
		case r <= '~': // and what combines with it is left out
			plain := strings.Map(asciiOnly, letter)
			b.WriteString(plain + strings.Repeat("?", max(0, width-len(plain))))
		case ok:
			b.WriteByte(ascii)
		case r >= 0x2800 && r < 0x2900: // the spinner's dots
			b.WriteByte('*')
		default:
			b.WriteString(strings.Repeat("?", width))
		}
	}
	return b.String()
}

func asciiOnly(r rune) rune {
	if r > '~' {
		return -1
	}
	return r
}
