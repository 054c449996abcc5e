package delivery

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"atlas-restore/state/fetch"
)

// Where not a byte came, nothing is left that looks as if something had.
func TestNothingIsLeftOfNothing(t *testing.T) {
	t.Parallel()
	for _, status := range []string{"403 Forbidden", "404 Not Found", "410 Gone"} {
		s := serve(t, archive(t, 100, 1))
		w := want(t, t.TempDir(), s.link())
		s.play = func(_ int, _ *http.Request, c *connection) bool {
			c.headed(nil, status, "Content-Length: 0")
			return true
		}
		if w.ends(fetch.Stale); len(w.disk.names()) != 0 {
			t.Errorf("after %s there is: %v", status, w.disk.names())
		}
		s.play = nil
		w.fetchedFrom(s)
	}
}

// A file of the final name that is not ours is told, and its size is not that of what is to be fetched.
func TestAnothersFileIsNoSize(t *testing.T) {
	t.Parallel()
	s := serve(t, archive(t, 100, 1))
	w := want(t, t.TempDir(), s.link())
	f, err := w.disk.Create(name)
	if err == nil {
		_, err = f.Write([]byte("somebody's own"))
	}
	if err != nil {
		t.Fatal(err)
	}
	r, _ := w.fetch()
	if r[0].State != fetch.Untouched || r[0].Total != -1 || r[0].Bytes != 0 || r[0].Err.Problem != fetch.Exists || len(s.requests()) != 0 {
		t.Errorf("%+v", r[0])
	}
}

// A file in the place of the directory is told with what to do, and no link is touched.
func TestDirectoryIsAFile(t *testing.T) {
	t.Parallel()
	s := serve(t, archive(t, 100, 1))
	at := filepath.Join(t.TempDir(), "out")
	if err := os.WriteFile(at, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{at, filepath.Join(at, "below"), filepath.Join(at, "far", "below")} {
		w := want(t, dir, s.link())
		w.opt.disk = nil
		if e := w.end(fetch.Disk); e.Why != at+" is a file, and no directory" || !strings.Contains(e.Advice, "--out DIR") || len(s.requests()) != 0 {
			t.Errorf("%s: %+v", dir, e)
		}
		if room := (Fetcher{}).Room(dir); room.New || room.Free >= 0 || room.Err == nil {
			t.Errorf("%s: %+v", dir, room)
		}
	}
}

// A page that comes packed is no file of a backup, and is not called damaged.
func TestPackedPageIsNoBackup(t *testing.T) {
	t.Parallel()
	var body bytes.Buffer
	z := gzip.NewWriter(&body)
	if _, err := z.Write([]byte("<!DOCTYPE html><html><body>Sign in</body></html>")); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	w := want(t, t.TempDir(), serve(t, body.Bytes()).link())
	w.opt.Prover = BlockChecksums{Notes: t.TempDir()}
	if e := w.end(fetch.NoArchive); !strings.Contains(e.Why, "is no file of a backup: ") || strings.Contains(e.Why, "damaged") || w.disk.files[name+unseenEnding] == nil {
		t.Errorf("%+v\n%v", e, w.disk.names())
	}
}
