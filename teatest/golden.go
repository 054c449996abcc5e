package teatest

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Golden compares the screen with testdata/NAME.golden, once it has come to rest. With
// UPDATE_GOLDEN=1 in the environment the file is written instead: look at the diff
// before committing it.
func (x *Terminal) Golden(name string) {
	x.t.Helper()
	x.Settled()
	x.golden(name)
}

func (f *face) golden(name string) {
	f.t.Helper()
	path := filepath.Join("testdata", name+".golden")
	got := f.Screen() + "\n"
	if f.mask != nil {
		got = f.mask(got)
	}
	if updating() {
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
	case string(want) != got:
		f.t.Errorf("the screen is not %s (- wanted, + shown); if it should be so now, run the test with UPDATE_GOLDEN=1\n%s",
			path, compare(string(want), got))
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
