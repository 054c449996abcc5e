// Package text makes text safe to show that others have chosen: the names and descriptions that
// Atlas tells, the lines of a server's log. It is cleaned once, where it enters.
package text

import (
	"strings"
	"unicode"

	"github.com/charmbracelet/x/ansi"

	"atlas-restore/state/pattern"
)

// maxText is how many runes of a text are kept: more than any name or description
// that Atlas takes, and little enough to lay out.
const maxText = 256

// Clean makes a text of others safe to show: names and descriptions are chosen by
// people, who may have pasted anything. It takes away whatever commands a terminal,
// reorders or hides text, puts a blank for each line break and tab, and cuts what
// is longer than maxText.
func Clean(s string) string {
	s = CleanLong(s)
	if len(s) <= maxText { // bytes: runes are no more
		return s
	}
	if r := []rune(s); len(r) > maxText {
		return string(r[:maxText-1]) + "…"
	}
	return s
}

// CleanLong is Clean without the cut, for URLs: a part of one is of no use.
func CleanLong(s string) string {
	if plain(s) {
		return s
	}
	s = strings.ToValidUTF8(s, "�")
	s = breaks.Replace(s)
	// Whole sequences first, so that nothing of "ESC[31m" is left as text; then every
	// single character that could begin one.
	return strings.Map(visible, ansi.Strip(s))
}

// Marked is Clean for a name that is used, and not only shown: where something would be taken away stands
// a � in its place, so that the name does not become that of something else.
func Marked(s string) string {
	if !plain(s) {
		s = strings.Map(func(r rune) rune {
			if visible(r) < 0 {
				return '\uFFFD'
			}
			return r
		}, strings.ToValidUTF8(s, "\uFFFD"))
	}
	return Clean(s)
}

// plain says whether s is ASCII that can be seen, which nearly all is: there is nothing to
// clean in it.
func plain[S string | []byte](s S) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] > 0x7e {
			return false
		}
	}
	return true
}

// breaks puts a blank for each line break and tab. It makes its table at its first use.
var breaks = pattern.Replace("\r\n", " ", "\n", " ", "\r", " ", "\t", " ")

// CleanError is the text of an error that a library has made. Only single characters are
// taken away: a sequence that does not end would take the cause along.
func CleanError(err error) string {
	return strings.Map(visible, breaks.Replace(strings.ToValidUTF8(err.Error(), "�")))
}

// visible drops (as strings.Map does for -1) control characters (C0, DEL, C1),
// format characters (bidi controls, zero-width characters, the byte order mark, tag
// characters) and the separators of lines and paragraphs.
func visible(r rune) rune {
	if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
		return -1
	}
	return r
}

// Markdown keeps a text of others from being anything but a text in Markdown: one line, and no mark of it.
func Markdown(s string) string {
	return markup.Replace(strings.Join(strings.Fields(CleanLong(s)), " "))
}

var markup = pattern.Replace("\\", "\\\\", "`", "\\`", "*", "\\*", "_", "\\_", "[", "\\[", "]", "\\]", "<", "&lt;", "|", "\\|", "~", "\\~")
