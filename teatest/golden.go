package teatest

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Golden compares the screen with testdata/NAME.golden. It waits until the screen is so:
// no golden is taken before all that it shows has come, however busy the machine is. Where
// nothing is under way any more, a screen that differs stays different, and is told. With
// UPDATE_GOLDEN=1 in the environment the file is written instead: look at the diff
// before committing it.
func (x *Terminal) Golden(name string) {
	x.t.Helper()
	x.Settled()
	x.golden(name, func() bool {
		if !x.idle() {
			return false
		}
		x.Settled() // what came last is on the screen
		return x.idle()
	})
}

// golden is Golden; over says that the screen will not change by itself any more.
func (f *face) golden(name string, over func() bool) {
	f.t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if updating() {
		got := f.masked()
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o750), os.WriteFile(path, []byte(got), 0o600)); err != nil {
			f.t.Fatalf("writing the golden %s: %v", name, err)
		}
		return
	}
	want, err := os.ReadFile(path) //nolint:gosec // the test says which
	switch {
	case errors.Is(err, fs.ErrNotExist):
		f.t.Errorf("there is no %s yet; if this is right, run the test with UPDATE_GOLDEN=1\n%s", path, f.picture())
	case err != nil:
		f.t.Fatalf("reading the golden %s: %v", name, err)
	case !f.becomes(string(want), f.masked, over):
		f.t.Errorf("the screen is not %s (- wanted, + shown); if it should be so now, run the test with UPDATE_GOLDEN=1\n%s",
			path, compare(string(want), f.masked()))
	}
}

// GoldenPicture is Golden for the picture of the screen, in a file of any place.
func (x *Terminal) GoldenPicture(path string) {
	x.t.Helper()
	x.Settled()
	shown := func() string { return x.Picture().SVG() }
	if want, err := os.ReadFile(path); err == nil && !updating() { //nolint:gosec // the test says which
		x.becomes(string(want), shown, x.idle)
	}
	SameFile(x.t, path, shown())
}

// SameFile compares got with what a file has, or writes it with UPDATE_GOLDEN=1.
func SameFile(t testing.TB, path, got string) {
	t.Helper()
	if updating() {
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o750), os.WriteFile(path, []byte(got), 0o600)); err != nil {
			t.Fatalf("writing %s: %v", path, err)
		}
		return
	}
	want, err := os.ReadFile(path) //nolint:gosec // the test says which
	if err != nil {
		t.Fatalf("reading what is wanted (UPDATE_GOLDEN=1 writes it): %v", err)
	}
	if string(want) != got {
		wanted, shown := firstDifference(string(want), got)
		t.Errorf("%s is not what the program shows now; if it should be so, run the test with UPDATE_GOLDEN=1 and look at it. It has\n%s\nwhere it shows now\n%s", path, wanted, shown)
	}
}

// firstDifference is the first line of each that the other has not.
func firstDifference(a, b string) (inA, inB string) {
	as, bs := strings.Split(a, "\n"), strings.Split(b, "\n")
	for len(as) > 0 && len(bs) > 0 && as[0] == bs[0] {
		as, bs = as[1:], bs[1:]
	}
	return strings.Join(as[:min(1, len(as))], ""), strings.Join(bs[:min(1, len(bs))], "")
}

// masked is the screen as a golden has it.
func (f *face) masked() string {
	if f.mask != nil {
		return f.mask(f.Screen() + "\n")
	}
	return f.Screen() + "\n"
}

// becomes waits until what is shown is as wanted: false if it is not, and nothing is under way
// that could change it.
func (f *face) becomes(want string, shown func() string, over func() bool) bool {
	late := time.NewTimer(f.patience)
	defer late.Stop()
	for {
		change := f.g.next()
		_, ended := f.ended()
		rest := ended || over()
		switch {
		case shown() == want:
			return true
		case rest:
			return false
		}
		select {
		case <-change:
		case <-late.C:
			return false
		}
	}
}

// updating also heeds the -update flag of x/exp/golden, where a test has it.
func updating() bool {
	if os.Getenv("UPDATE_GOLDEN") == "1" {
		return true
	}
	f := flag.Lookup("update")
	return f != nil && f.Value.String() == "true"
}

// compare sets two screens side by side, line by line: a screen's lines do not move
// like a text's, and one that is shifted should be seen to be.
func compare(want, got string) string {
	w, g := strings.Split(strings.TrimSuffix(want, "\n"), "\n"), strings.Split(strings.TrimSuffix(got, "\n"), "\n")
	var b strings.Builder
	for i := range max(len(w), len(g)) {
		switch {
		case i >= len(g):
			fmt.Fprintf(&b, "%3d -|%s\n", i, w[i])
		case i >= len(w):
			fmt.Fprintf(&b, "%3d +|%s\n", i, g[i])
		case w[i] == g[i]:
			fmt.Fprintf(&b, "%3d  |%s\n", i, g[i])
		default:
			fmt.Fprintf(&b, "%3d -|%s\n%3d +|%s\n", i, w[i], i, g[i])
		}
	}
	return b.String()
}
