// Tests of state/text. They stand here: each package with tests is one more program to link.

package state_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"atlas-restore/state/text"
)

func TestClean(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"plain", "orders-prod", "orders-prod"},
		{"letters of the world", "Zahlungen für 東京 – ünïcödé 🚀", "Zahlungen für 東京 – ünïcödé 🚀"},
		{"colour", "\x1b[31mred\x1b[0m", "red"},
		{"clear screen", "a\x1b[2J\x1b[Hb", "ab"},
		{"title", "a\x1b]0;owned\x07b", "ab"},
		{"hyperlink", "\x1b]8;;https://evil.example.com\x1b\\text\x1b]8;;\x1b\\", "text"},
		{"clipboard", "a\x1b]52;c;ZXZpbA==\x07b", "ab"},
		{"device control", "a\x1bPq#0\x1b\\b", "ab"},
		{"C1 introducer", "a\u009b31mb", "a31mb"},
		{"half a sequence", "a\x1b[", "a"},
		{"C0 and DEL", "a\x00\x07\x08\x7fb", "ab"},
		{"C1", "a\u0080\u0085\u009fb", "ab"},
		{"line breaks and tabs", "a\nb\r\nc\td\re", "a b c d e"},
		{"line and paragraph separators", "a\u2028b\u2029c", "abc"},
		{"bidi", "a\u202eb\u202c\u2066c\u2069\u200e\u200f\u061cd", "abcd"},
		{"zero width", "a\u200bb\u200cc\u200dd\u2060e\ufefff", "abcdef"},
		{"tags", "a\U000e0041\U000e007fb", "ab"},
		{"not UTF-8", "a\xff\xfeb", "a�b"},
		{"10 000 letters", strings.Repeat("x", 10_000), strings.Repeat("x", 255) + "…"},
		{"256 wide letters", strings.Repeat("東", 256), strings.Repeat("東", 256)},
		{"257 wide letters", strings.Repeat("東", 257), strings.Repeat("東", 255) + "…"},
		{"empty", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := text.Clean(tt.in); got != tt.want {
				t.Errorf("Clean(%q) is %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{"orders", "\x1b[31mred", "a\x1b]0;x\x07", "\u009b1m\u202e", "\xff\x9b", "a\x1b[\x1b[31mm", "東京\n", strings.Repeat("x", 300)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := text.Clean(s)
		if !utf8.ValidString(got) {
			t.Errorf("%q is no UTF-8", got)
		}
		if n := utf8.RuneCountInString(got); n > 256 {
			t.Errorf("%d runes", n)
		}
		for _, r := range got {
			if unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) {
				t.Errorf("%q holds %U", got, r)
			}
		}
		if again := text.Clean(got); again != got {
			t.Errorf("cleaned again: %q, then %q", got, again)
		}
		// A name that is used is itself, or it is seen that it is not.
		if m := text.Marked(s); text.Clean(m) != m || m != s && !strings.ContainsAny(m, "�…") {
			t.Errorf("marked: %q", m)
		}
		// What holds nothing harmful stays whole: names must be typed exactly.
		harmless := utf8.ValidString(s) && utf8.RuneCountInString(s) <= 256 &&
			!strings.ContainsFunc(s, func(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) })
		if harmless && got != s {
			t.Errorf("clean changed %q to %q", s, got)
		}
	})
}
