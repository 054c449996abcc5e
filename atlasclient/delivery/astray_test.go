package delivery

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"atlas-restore/state/fetch"
)

// Somebody takes away what is fetched, or where to. The file's name is then nobody's: nothing is called
// proven, and nothing is said to be kept where it is not.
func TestWhatIsTakenAwayMeanwhile(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		take func(dir string) error
		says []string
		back bool // what was moved away is moved back
	}{
		"the directory": {os.RemoveAll, []string{"the directory ", " was removed while the files came: nothing of "}, false},
		"the directory, moved": {
			func(dir string) error { return os.Rename(dir, dir+".moved") },
			[]string{" was moved away while the files came, and what had come of ", "Move it back to "},
			true,
		},
		"the directory, for another": {
			func(dir string) error { return errors.Join(os.Rename(dir, dir+".moved"), os.Mkdir(dir, 0o700)) },
			[]string{" was moved away while the files came"},
			false,
		},
		"the file": {
			func(dir string) error { return os.Remove(filepath.Join(dir, name+partEnding)) },
			[]string{name + partEnding + " was removed while it came: nothing of it is there"},
			false,
		},
		"the file, for another": {func(dir string) error {
			part := filepath.Join(dir, name+partEnding)
			return errors.Join(os.Rename(part, part+".moved"), os.WriteFile(part, []byte("another's"), 0o600))
		}, []string{" was taken away while it came, and another file lies in its place"}, false},
	} {
		for _, cut := range []bool{false, true} {
			t.Run(what+map[bool]string{true: ", and the connection ends"}[cut], func(t *testing.T) {
				t.Parallel()
				s := serve(t, archive(t, 300, 1))
				dir := filepath.Join(t.TempDir(), "out")
				w := want(t, dir, s.link())
				w.opt.disk = nil
				s.play = func(n int, r *http.Request, c2 *connection) bool {
					switch n {
					case 1:
						s.answer(r, c2, s.body[:100])
					case 2:
						if err := c.take(dir); err != nil {
							t.Error(err)
						}
						if cut {
							c2.headed(nil, "410 Gone", "Content-Length: 0")
						}
					}
					return n == 1 || n == 2 && cut
				}
				r, err := w.fetch()
				var e *fetch.Error
				if !errors.As(err, &e) || e.Problem != fetch.Disk || r[0].State != fetch.Untouched || r[0].Path != "" || r[0].Bytes != 0 || !r[0].Came || r[0].Verdict.Proven || r[0].Verdict.SHA256 != "" {
					t.Fatalf("%v\n%+v\n%s", err, r, w.story())
				}
				for _, says := range c.says {
					if !strings.Contains(e.Why+". "+e.Advice, says) {
						t.Errorf("it lacks %q: %s. %s", says, e.Why, e.Advice)
					}
				}
				if all, _ := os.ReadDir(dir); len(all) > 0 && (len(all) != 2 || all[0].Name() != name+partEnding) {
					t.Errorf("what is there tells of something: %v", all)
				}
				if c.back {
					if err := os.Rename(dir+".moved", dir); err != nil {
						t.Fatal(err)
					}
				}
				before := len(s.requests())
				s.play = nil
				if _, err := w.fetch(); err != nil {
					t.Errorf("afterwards: %v", err)
				}
				if got, err := os.ReadFile(filepath.Join(dir, name)); string(got) != string(s.body) || err != nil {
					t.Errorf("afterwards: %d bytes, %v", len(got), err)
				}
				whole := c.back && !cut // then the link is not touched again
				if again := s.requests()[before:]; (len(again) == 0) != whole || !whole && (again[0].Range == "bytes=0-") == c.back {
					t.Errorf("afterwards it is asked for %v", again)
				}
			})
		}
	}
}

// A file that was proven earlier in the same fetch is gone with its directory too.
func TestADirectoryThatIsGoneTakesAllWithIt(t *testing.T) {
	t.Parallel()
	one, two := serve(t, archive(t, 300, 1)), serve(t, archive(t, 300, 2))
	dir := filepath.Join(t.TempDir(), "out")
	w := want(t, dir, one.link(), two.link())
	w.opt.disk, w.opt.AtOnce = nil, 1
	two.first(func(r *http.Request, c *connection) {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
		two.answer(r, c, two.body)
	})
	r, err := w.fetch()
	if err == nil || r.Proven() > 0 || r[0].State != fetch.Untouched || r[0].Verdict.SHA256 != "" || !strings.Contains(r[0].Err.Why, "was removed while the files came") || !r[0].Came {
		t.Errorf("%v\n%+v", err, r)
	}
}
