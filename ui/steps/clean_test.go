package steps

import (
	"strings"
	"testing"
	"unicode"
)

// Whatever is written, and in whatever parts, no terminal is commanded by it, and no text is
// lost or changed.
func TestPrintableTo(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Größe: 3 µs, 日本語 👍\n\tend":          "Größe: 3 µs, 日本語 👍\n\tend",
		"\x1b]0;title\x07rest":               "?]0;title?rest",
		"a\x1b[31mred\r\n":                   "a?[31mred?\n",
		"\u009b31m \u202eevil\u2066 x\u200b": "?31m ?evil? x?",
		"\xff\xfe\x9b":                       "?",
		"x\x00\x7f\u2028y":                   "x???y",
	} {
		for _, size := range []int{1, 2, 3, 1000} {
			var b strings.Builder
			w := PrintableTo(&b)
			for rest := in; rest != ""; {
				n := min(size, len(rest))
				if got, err := w.Write([]byte(rest[:n])); got != n || err != nil {
					t.Fatal(got, err)
				}
				rest = rest[n:]
			}
			got := b.String()
			if size == 1000 && got != want {
				t.Errorf("%q becomes %q, want %q", in, got, want)
			}
			for _, r := range got {
				if unicode.IsControl(r) && r != '\n' && r != '\t' || unicode.Is(unicode.Cf, r) {
					t.Errorf("%q becomes %q in parts of %d", in, got, size)
				}
			}
			if strings.Contains(in, "Größe") && got != want {
				t.Errorf("%q becomes %q in parts of %d", in, got, size)
			}
		}
	}
}
