package delivery

import (
	"bytes"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"atlas-restore/state/fetch"
)

// A real disk that is full, at several places: the room that a length asks for is refused before a byte is
// written; without a length the fetch ends with what is there, and goes on with it once there is room.
func TestFullTmpfs(t *testing.T) {
	if !thorough() {
		t.Skip("the gate runs it: THOROUGH=1")
	}
	dir := t.TempDir()
	size := func(flags uintptr, most string) error {
		return unix.Mount("tmpfs", dir, "tmpfs", flags|unix.MS_NOSUID|unix.MS_NODEV, "size="+most)
	}
	if err := size(0, "1m"); err != nil {
		t.Skip("no disk can be mounted here: ", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	body := archive(t, 3<<20, 1)
	final, part := filepath.Join(dir, name), filepath.Join(dir, name+partEnding)
	for _, taken := range []int{0, 300_000, 700_000, 900_000, 1 << 20} { // by others
		filler := filepath.Join(dir, "filler")
		if err := os.WriteFile(filler, make([]byte, taken), 0o600); err != nil && !errors.Is(err, syscall.ENOSPC) {
			t.Fatal(err)
		}
		s := serve(t, body)
		w := want(t, dir, s.link())
		w.opt.disk, w.opt.Tight = nil, true
		var e *fetch.Error
		if _, err := w.fetch(); !errors.As(err, &e) || e.Problem != fetch.Space {
			t.Errorf("%d bytes taken, the length known: %v", taken, err)
		}
		if is, err := os.Stat(part); err == nil && is.Size() > 0 {
			t.Errorf("%d bytes taken: %d bytes were written although they do not fit", taken, is.Size())
		}
		unsaid := func(r *http.Request, c *connection) {
			c.headed(s.body, "200 OK", "ETag: "+s.etag, "Accept-Ranges: bytes")
		}
		s.mu.Lock()
		s.play = func(_ int, r *http.Request, c *connection) bool { unsaid(r, c); return true }
		s.mu.Unlock()
		e = nil
		if _, err := w.fetch(); !errors.As(err, &e) || e.Problem != fetch.Space || taken < 1<<20 && !strings.Contains(e.Why, "the disk is full") {
			t.Errorf("%d bytes taken, no length: %v", taken, err)
		}
		kept := int64(0)
		if is, err := os.Stat(part); err == nil {
			kept = is.Size()
		}
		if _, err := os.Stat(final); err == nil || taken <= 700_000 && kept == 0 {
			t.Errorf("%d bytes taken: %d bytes are kept, and the final name says %v", taken, kept, err)
		}
		if err := size(unix.MS_REMOUNT, "16m"); err != nil {
			t.Fatal(err)
		}
		s.mu.Lock()
		s.play = nil
		before := len(s.heads)
		s.mu.Unlock()
		if _, err := w.fetch(); err != nil {
			t.Errorf("%d bytes taken, and then room: %v", taken, err)
		}
		if got, err := os.ReadFile(final); err != nil || !bytes.Equal(got, body) {
			t.Errorf("%d bytes taken: %d bytes under the final name, %v", taken, len(got), err)
		}
		if got := s.requests()[before:]; kept > 0 && (len(got) != 1 || got[0].Range == "bytes=0-") {
			t.Errorf("%d bytes taken: what is kept is asked for again: %v", taken, got)
		}
		for _, n := range append([]string{"filler"}, whole...) {
			_ = os.Remove(filepath.Join(dir, n))
		}
		if err := size(unix.MS_REMOUNT, "1m"); err != nil {
			t.Fatal(err)
		}
	}
}
