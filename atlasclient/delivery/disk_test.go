package delivery

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"atlas-restore/state/fetch"
)

// A disk that is full at whichever byte ends the fetch with what is there. With room, the same
// order goes on with it.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	body := archive(t, 40000, 1)
	dir := t.TempDir()
	for room := 0; room < len(body)+600; room += 1997 {
		s := inMemory(t, body)
		w := s.want(dir)
		w.disk.room = room
		e := w.end(fetch.Space)
		if !errors.Is(e, syscall.ENOSPC) || !strings.Contains(e.Why, "the disk is full") || e.Advice == "" {
			t.Errorf("with room for %d bytes: %+v", room, e)
		}
		part := 0
		if f := w.disk.files[name+partEnding]; f != nil {
			part = len(f.now)
		}
		if room < 300 && len(s.requests()) > 0 {
			t.Errorf("the link was touched although not even what stands beside a part fits: %v", s.requests())
		}
		w.disk.room = -1
		before := len(s.requests())
		w.fetchedFrom(s)
		// What is kept is asked for again but for the little that made room for the sidecar.
		if got := s.requests(); part > 0 && len(got) > before && got[before].Range != fmt.Sprintf("bytes=%d-", part) {
			t.Errorf("with room for %d bytes it begins again with %s, though %d bytes were kept", room, got[before].Range, part)
		}
	}
}

// failing has the n-th operation of a disk fail, and notes which that was.
func failing(n int, tripped *string) func(k int, op, name string) error {
	return func(k int, op, name string) error {
		if k == n {
			*tripped = op + " " + name
			return syscall.EIO
		}
		return nil
	}
}

// Whichever operation of the disk fails: the final name is absent or holds the archive, what
// went wrong is said, and a disk that is mended lets the same order come to its end.
func TestEveryOperationOfTheDiskFails(t *testing.T) {
	t.Parallel()
	body := archive(t, 300, 1)
	dir := t.TempDir()
	for n := 1; ; n++ {
		s := inMemory(t, body)
		s.first(func(r *http.Request, c *connection) { s.answer(r, c, body[:150]) })
		w := s.want(dir)
		tripped := ""
		w.disk.trip = failing(n, &tripped)
		_, err := w.fetch()
		if tripped == "" {
			if err != nil || n < 20 {
				t.Errorf("after %d operations: %v", n, err)
			}
			return
		}
		named := w.disk.files[name] != nil
		if named {
			w.has(body)
		}
		// What stands beside it can be left behind, and is no reason to call an archive lost.
		if err == nil && !named {
			t.Errorf("%s fails, and nothing is said", tripped)
		}
		if err != nil && !errors.Is(err, syscall.EIO) {
			t.Errorf("%s fails, and the error is %v", tripped, err)
		}
		w.disk.trip = nil
		if _, err := w.fetch(); err != nil {
			t.Errorf("%s failed, and then: %v", tripped, err)
		}
		w.has(body)
		if t.Failed() {
			t.Fatalf("operation %d: %s\n%s", n, tripped, w.story())
		}
	}
}

// The machine may stop at any moment: names and bytes that were not synced are gone. The final
// name is absent or holds the archive, and the same order comes to its end.
func TestCrashAtEveryOperation(t *testing.T) {
	t.Parallel()
	body := archive(t, 300, 1)
	dir := t.TempDir()
	for n, zeros := 1, false; ; n, zeros = n+btoi(zeros), !zeros {
		s := inMemory(t, body)
		s.first(func(r *http.Request, c *connection) { s.answer(r, c, body[:150]) })
		w := s.want(dir)
		stopped := false
		var before *memory
		w.disk.trip = func(k int, _, _ string) error {
			if k == n {
				stopped = true
				before = &memory{files: w.disk.files, safe: w.disk.safe, safeTrees: w.disk.safeTrees}
				before.crash(zeros)
			}
			if stopped {
				return errors.New("the machine has stopped")
			}
			return nil
		}
		_, _ = w.fetch()
		if !stopped {
			return
		}
		w.disk = before
		w.disk.room, w.disk.free = -1, -1
		if w.disk.files[name] != nil {
			w.has(body)
		}
		if _, err := w.fetch(); err != nil {
			t.Errorf("stopped before operation %d, and then: %v\n%s", n, err, w.story())
		}
		w.has(body)
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// A rename that fails leaves a part that is whole: the next run asks for nothing.
func TestRenameFails(t *testing.T) {
	t.Parallel()
	s := serve(t, archive(t, 300, 1))
	w := want(t, t.TempDir(), s.link())
	w.disk.trip = func(_ int, op, what string) error {
		if op == "rename" && strings.HasSuffix(what, ">"+name) {
			return fs.ErrPermission
		}
		return nil
	}
	if e := w.end(fetch.Disk); !strings.Contains(e.Advice, "whole and proven, and kept as .part") {
		t.Errorf("%+v", e)
	}
	w.disk.trip = nil
	w.fetchedFrom(s)
	if n := len(s.requests()); n != 1 {
		t.Errorf("asked %d times", n)
	}
}

// A file of the final name is proven again, and no link is touched; one that is not proven is
// left alone.
func TestThereAlready(t *testing.T) {
	t.Parallel()
	s := serve(t, archive(t, 300, 1))
	w := want(t, t.TempDir(), s.link())
	w.disk.files[name] = &kept{now: s.body}
	w.fetchedFrom(s)
	w.disk.files[name] = &kept{now: []byte("something else")}
	r, err := w.fetch()
	if err == nil || !strings.Contains(err.Error(), "is there, and it is not proven") {
		t.Errorf("%v", err)
	}
	if f := r[0]; f.State != fetch.Untouched || f.Verdict.SHA256 != "" || f.Verdict.Words != "" {
		t.Errorf("the file of a stranger is told as the download's: %+v", f)
	}
	w.has([]byte("something else"))
	if n := len(s.requests()); n != 0 {
		t.Errorf("asked %d times", n)
	}
	w.opt.Overwrite = true
	w.fetchedFrom(s)
}

// A directory of this machine: everything in it is this user's alone, no run works beside
// another, and what lies there is not followed.
func TestOnARealDisk(t *testing.T) {
	t.Parallel()
	s := serve(t, archive(t, 300, 1))
	dir := filepath.Join(t.TempDir(), "new", "out")
	w := want(t, dir, s.link())
	w.opt.disk = nil
	s.first(func(r *http.Request, c *connection) {
		s.answer(r, c, s.body[:100])
		_, err := Fetch(context.Background(), w.order, Options{Prover: &unpacked{}}) //nolint:contextcheck // another run
		var e *fetch.Error
		if !errors.As(err, &e) || e.Problem != fetch.Locked {
			t.Errorf("a second run beside the first: %v", err)
		}
		for _, n := range []string{name + partEnding, name + sidecarEnding, lockFile} {
			if is, err := os.Stat(filepath.Join(dir, n)); err != nil || runtime.GOOS != "windows" && is.Mode().Perm() != 0o600 {
				t.Errorf("%s: %v %v", n, is, err)
			}
		}
	})
	if _, err := w.fetch(); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil || string(got) != string(s.body) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if is, err := os.Stat(dir); err != nil || runtime.GOOS != "windows" && is.Mode().Perm() != 0o700 {
		t.Errorf("the directory: %v %v", is, err)
	}
	if all, _ := os.ReadDir(dir); len(all) != len(whole) {
		t.Errorf("beside it: %v", all)
	}
}

// A link that somebody has laid where a part goes leads nowhere.
func TestLaidLinks(t *testing.T) {
	t.Parallel()
	s := serve(t, archive(t, 300, 1))
	for _, laid := range []string{name + partEnding, name + sidecarEnding, name + newEnding, name} {
		dir, elsewhere := t.TempDir(), filepath.Join(t.TempDir(), "precious")
		if err := os.WriteFile(elsewhere, []byte("precious"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(elsewhere, filepath.Join(dir, laid)); err != nil {
			t.Skip("no links here: ", err)
		}
		w := want(t, dir, s.link())
		w.opt.disk = nil
		_, _ = w.fetch()
		if raw, err := os.ReadFile(elsewhere); string(raw) != "precious" || err != nil {
			t.Errorf("%s: what it leads to is %q, %v", laid, raw, err)
		}
	}
}

// There is nothing that is too little to be said before a link is touched.
func TestRoomIsLookedForFirst(t *testing.T) {
	t.Parallel()
	s := serve(t, archive(t, 3000, 1))
	w := want(t, t.TempDir(), s.link())
	w.disk.free, w.order.Guess = 5000, 5001
	if e := w.end(fetch.Space); !strings.Contains(e.Why, "5 kB free") || !strings.Contains(e.Advice, "No link was touched") {
		t.Errorf("%+v", e)
	}
	if n := len(s.requests()); n != 0 {
		t.Errorf("asked %d times", n)
	}
	w.opt.Tight = true // the guess may be wrong: what the server says is not
	w.disk.free = int64(len(s.body)) * 104 / 100
	if e := w.end(fetch.Space); !strings.Contains(e.Why, "a margin of 5 %") {
		t.Errorf("%+v", e)
	}
	w.disk.free = int64(len(s.body)) * 106 / 100
	w.fetchedFrom(s)
}

// A file of the final name that comes while the fetch goes on is not written over.
func TestComesMeanwhile(t *testing.T) {
	t.Parallel()
	s := serve(t, archive(t, 300, 1))
	w := want(t, t.TempDir(), s.link())
	s.first(func(r *http.Request, c *connection) {
		w.disk.mu.Lock()
		w.disk.files[name] = &kept{now: []byte("somebody else's")}
		w.disk.mu.Unlock()
		s.answer(r, c, s.body)
	})
	var e *fetch.Error
	if _, err := w.fetch(); !errors.As(err, &e) || e.Problem != fetch.Exists || !strings.Contains(e.Advice, "whole and proven") {
		t.Errorf("%v", err)
	}
	w.has([]byte("somebody else's"))
	if string(w.disk.files[name+partEnding].now) != string(s.body) {
		t.Errorf("%v", w.disk.names())
	}
}

// The room for a file is taken before its bytes come. Where there is none, no byte is written, and a
// try that follows asks for no more than what has no room yet.
func TestRoomIsReserved(t *testing.T) {
	t.Parallel()
	body := archive(t, 40_000, 1)
	need := int64(len(body)) + int64(len(body))/20
	s := serve(t, body)
	s.first(func(r *http.Request, c *connection) { s.answer(r, c, body[:20_000]) })
	w := want(t, t.TempDir(), s.link())
	w.disk.reserves, w.disk.free = true, need+10
	w.fetchedFrom(s)
	if n := len(s.requests()); n != 2 || w.disk.free != need+10-int64(len(body)) {
		t.Errorf("%d requests, and %d bytes free of %d", n, w.disk.free, need+10)
	}
	// Another program takes it between the look and the reservation.
	s = serve(t, body)
	w = want(t, t.TempDir(), s.link())
	w.disk.reserves = true
	w.opt.disk = func(disk) disk { return &emptied{w.disk, need + 10} }
	if e := w.end(fetch.Space); !strings.Contains(e.Why, "has no room for") || !strings.Contains(e.Advice, "only the head of the answer was read") {
		t.Errorf("%+v", e)
	}
	if f := w.disk.files[name+partEnding]; f != nil && len(f.now) != 0 {
		t.Errorf("bytes were written: %v", w.disk.names())
	}
}

// emptied is a disk that says what was free a moment ago.
type emptied struct {
	*memory

	was int64
}

func (e *emptied) Free() (int64, string) { return e.was, "" }
