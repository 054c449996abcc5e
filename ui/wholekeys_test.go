package ui

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// Pieces of input, each with the time since the one before, and what goes on of them.
func TestSequencesGoOnWhole(t *testing.T) {
	type piece struct {
		after time.Duration
		text  string
	}
	const soon, slow, late = 5 * time.Millisecond, 900 * time.Millisecond, 1100 * time.Millisecond
	for name, tc := range map[string]struct {
		in   []piece
		want string // the pieces that go on, with a bar between them
	}{
		"typing":                         {[]piece{{0, "ord"}, {soon, "ers"}}, "ord|ers"},
		"a whole sequence":               {[]piece{{0, "\x1b[A"}}, "\x1b[A"},
		"a lone escape at once":          {[]piece{{0, "\x1b"}}, "\x1b"},
		"escape, then typing":            {[]piece{{0, "\x1b"}, {slow, "x"}}, "\x1b|x"},
		"escape, then a bracket":         {[]piece{{0, "\x1b"}, {slow, "["}}, "\x1b|["},
		"escape, then the rest":          {[]piece{{0, "\x1b"}, {slow, "[A"}, {soon, "x"}}, "\x1b||x"},
		"in two pieces":                  {[]piece{{0, "\x1b["}, {slow, "A"}}, "|\x1b[A"},
		"in five pieces":                 {[]piece{{0, "\x1b["}, {slow, "1"}, {slow, ";"}, {slow, "5"}, {slow, "D"}}, "||||\x1b[1;5D"},
		"the rest too late":              {[]piece{{0, "\x1b["}, {late, "x"}}, "|x"},
		"typing before and after":        {[]piece{{0, "or\x1b[1"}, {slow, ";2Cders"}}, "or|\x1b[1;2Cders"},
		"an application key":             {[]piece{{0, "\x1bO"}, {slow, "P"}}, "|\x1bOP"},
		"a console's function key":       {[]piece{{0, "\x1b[["}, {slow, "A"}}, "|\x1b[[A"},
		"a colour, ended by a bell":      {[]piece{{0, "\x1b]"}, {slow, "11;rgb:0000/0000"}, {slow, "/0000\a"}}, "||\x1b]11;rgb:0000/0000/0000\a"},
		"a colour, ended in two":         {[]piece{{0, "\x1b]11;rgb:0/0/0\x1b"}, {slow, "\\x"}}, "|\x1b]11;rgb:0/0/0\x1b\\x"},
		"a colour that never ends":       {[]piece{{0, "\x1b]11;rgb:0000"}, {late, "orders"}}, "|orders"},
		"a colour that enter breaks off": {[]piece{{0, "\x1b]11;rgb:0000"}, {soon, "\r"}}, "|\r"},
		"alt and a bracket":              {[]piece{{0, "\x1b]"}, {slow, "o"}, {soon, "r"}}, "|o|r"},
		"alt and a letter":               {[]piece{{0, "\x1bb"}}, "\x1bb"},
		"alt and an arrow":               {[]piece{{0, "\x1b\x1b["}, {slow, "A"}}, "\x1b|\x1b[A"},
		"ctrl+c in a sequence":           {[]piece{{0, "\x1b["}, {soon, "\x03"}}, "|\x03"},
		"a device's answer":              {[]piece{{0, "\x1bP>|term"}, {slow, " 1.0\x1b\\"}}, "|\x1bP>|term 1.0\x1b\\"},
		"a paste in pieces":              {[]piece{{0, "\x1b[200~or"}, {slow, "de\x1b["}, {late, "201~x"}}, "\x1b[200~or|de|\x1b[201~x"},
		"an escape within a paste":       {[]piece{{0, "\x1b[200~a\x1b[1"}, {late, "b\x1b[201~"}}, "\x1b[200~a\x1b[1|b\x1b[201~"},
		"letters of any script":          {[]piece{{0, "支払"}, {soon, "い"}}, "支払|い"},
	} {
		var s sequence
		now := time.Now()
		var got []string
		for _, p := range tc.in {
			now = now.Add(p.after)
			got = append(got, string(s.whole([]byte(p.text), now)))
		}
		if all := strings.Join(got, "|"); all != tc.want {
			t.Errorf("%s: %q goes on, want %q", name, all, tc.want)
		}
	}
	var s sequence
	if out := s.whole([]byte("\x1b]1"+strings.Repeat("1", 5000)), time.Now()); len(out) > 0 || len(s.bytes) > mostHeld {
		t.Errorf("%d bytes are held and %d go on", len(s.bytes), len(out))
	}
}

// What is read is what goes on, and reading does not wait for a rest.
func TestReadingDoesNotWaitForARest(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	k := newWholeKeys(r)
	var got []string
	for _, piece := range []string{"\x1b[", "A", "x"} {
		if _, err := fmt.Fprint(w, piece); err != nil {
			t.Fatal(err)
		}
		p := make([]byte, 4096)
		n, err := k.Read(p)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, string(p[:n]))
	}
	if want := "[\"\" \"\\x1b[A\" \"x\"]"; fmt.Sprintf("%q", got) != want {
		t.Errorf("read %q, want %s", got, want)
	}
}

// Nothing that is no part of a sequence is lost, however it is cut.
func FuzzSequences(f *testing.F) {
	f.Add("orders\x1b[A\x1bOPx\x1b]11;rgb:0/0/0\a支払い", uint8(3))
	f.Fuzz(func(t *testing.T, text string, cut uint8) {
		now := time.Now()
		var at, cutUp sequence
		once := string(at.whole([]byte(text), now))
		pieces := ""
		for from := 0; from < len(text); from += int(cut) + 1 {
			pieces += string(cutUp.whole([]byte(text[from:min(len(text), from+int(cut)+1)]), now))
		}
		if !strings.Contains(text, "\x1b") && (once != text || pieces != text) {
			t.Fatalf("%q goes on as %q, cut as %q", text, once, pieces)
		}
	})
}
