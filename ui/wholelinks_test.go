package ui

import (
	"testing"

	"atlas-restore/ui/steps"
)

// Only the end of a line that the fold of a link has made is left out: the line is full, and what
// follows is the rest of the link.
func TestLinksAreJoined(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ drawn, want string }{
		"a link of three lines":        {"\nhttps://a.test/aaaaa\r\nbbbbbbbbbbbbbbbbbbbb\r\ncc.gz\n", "\nhttps://a.test/aaaaabbbbbbbbbbbbbbbbbbbbcc.gz\n"},
		"its command":                  {"read -rs L; printf '\r\nurl=\"%s\"' \"$L\" | cur\r\nl -fLO -K -", steps.Curl},
		"drawn in a colour":            {"\x1b[36mhttps://a.test/aaaaa\r\nbb.gz\x1b[m", "\x1b[36mhttps://a.test/aaaaabb.gz\x1b[m"},
		"a line that is not full":      {"https://a.test/aaaa\r\nbb.gz", "https://a.test/aaaa\r\nbb.gz"},
		"a link that ends at the edge": {"https://a.test/aa.gz\r\nread -rs L; printf '\r\nurl", "https://a.test/aa.gz\r\nread -rs L; printf 'url"},
		"a blank line behind it":       {"https://a.test/aa.gz\r\n\r\nx", "https://a.test/aa.gz\r\n\r\nx"},
		"text behind it":               {"https://a.test/aa.gz\r\n  x", "https://a.test/aa.gz\r\n  x"},
		"a movement behind it":         {"https://a.test/aa.gz\r\n\x1b[Kx", "https://a.test/aa.gz\r\n\x1b[Kx"},
		"a command for mongosh":        {"\x1b[1mdb.getSiblingDB(\"sho\r\np\").getCollection(\"o\r\nrders\").count()\x1b[m", "\x1b[1mdb.getSiblingDB(\"shop\").getCollection(\"orders\").count()\x1b[m"},
		"text about a command":         {"it is db.aaaaaaaaaaa\r\nbb", "it is db.aaaaaaaaaaa\r\nbb"},
		"no link":                      {"aaaaaaaaaaaaaaaaaaaa\r\nbb", "aaaaaaaaaaaaaaaaaaaa\r\nbb"},
	} {
		if got := string(joined([]byte(tc.drawn), 20)); got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}
