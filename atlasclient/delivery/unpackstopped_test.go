package delivery

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"atlas-restore/state/fetch"
	"atlas-restore/state/proof"
)

// Whichever operation of the disk fails: the directory of the final name is absent or whole, what went
// wrong is said, and a disk that is mended lets the same order come to its end.
func TestUnpackOnAFailingDisk(t *testing.T) {
	t.Parallel()
	body := packed(t)
	dir := t.TempDir()
	step := 7
	if thorough() {
		step = 1
	}
	for n := 1; ; n += step {
		s := inMemory(t, body)
		s.first(func(r *http.Request, c *connection) { s.answer(r, c, body[:len(body)/2]) })
		w := extracts(t, s, false)
		w.order.Dir = dir
		tripped := ""
		w.disk.trip = failing(n, &tripped)
		r, err := Fetch(t.Context(), w.order, w.opt)
		if tripped == "" {
			if err != nil || n < 40 {
				t.Errorf("after %d operations: %v", n, err)
			}
			return
		}
		there := w.holds(unpackedName)
		if err == nil && !there {
			t.Errorf("%s fails, and nothing is said: %+v", tripped, r)
		}
		w.disk.trip = nil
		if r, err := Fetch(t.Context(), w.order, w.opt); err != nil || !w.holds(unpackedName) {
			t.Errorf("%s failed, and then: %v %+v", tripped, err, r)
		}
		w.has(body)
		if len(w.disk.below(unpackedName+partEnding)) > 0 {
			t.Errorf("%s failed, and beside it is left %v", tripped, w.disk.names())
		}
		if t.Failed() {
			t.Fatalf("operation %d: %s\n%s", n, tripped, w.story())
		}
	}
}

// The machine may stop at any moment: the directory of the final name is absent or whole.
func TestUnpackCrash(t *testing.T) {
	t.Parallel()
	body := packed(t)
	dir := t.TempDir()
	s := inMemory(t, body)
	step := 7
	if thorough() {
		step = 1
	}
	for n := 1; ; n += step {
		w := extracts(t, s, false)
		w.order.Dir = dir
		stopped := false
		var before *memory
		w.disk.trip = func(k int, _, _ string) error {
			if k >= n {
				if !stopped {
					before = &memory{files: w.disk.files, safe: w.disk.safe, safeTrees: w.disk.safeTrees, room: -1, free: -1}
					before.crash(n%2 == 0)
				}
				stopped = true
				return errors.New("the machine has stopped")
			}
			return nil
		}
		_, _ = Fetch(t.Context(), w.order, w.opt)
		if !stopped {
			return
		}
		w.disk = before
		w.holds(unpackedName)
		if _, err := Fetch(t.Context(), w.order, w.opt); err != nil || !w.holds(unpackedName) {
			t.Fatalf("stopped before operation %d, and then: %v\n%s", n, err, w.story())
		}
	}
}

// A full disk ends what is unpacked, and not the fetch: its room goes to the file itself.
func TestUnpackGivesRoom(t *testing.T) {
	t.Parallel()
	body := packed(t)
	s := serve(t, body)
	w := extracts(t, s, false)
	w.disk.room = len(body) + 20_000
	r, err := Fetch(t.Context(), w.order, w.opt)
	if err == nil || r[0].State != fetch.Proven || r[0].Err.Problem != fetch.Unpacking || !errors.Is(r[0].Err, syscall.ENOSPC) || !strings.Contains(r[0].Err.Advice, "no link is needed") {
		t.Fatalf("%v %+v\n%s", err, r, w.story())
	}
	w.has(body)
	if len(w.disk.below(unpackedName+partEnding))+len(w.disk.below(unpackedName)) != 0 {
		t.Errorf("left: %v", w.disk.names())
	}
	w.disk.room = -1
	if _, err := Fetch(t.Context(), w.order, w.opt); err != nil || !w.holds(unpackedName) || len(s.requests()) != 1 {
		t.Errorf("with room: %v, %d requests", err, len(s.requests()))
	}
}

// What a run has left is gone over from its beginning, whatever was unpacked by then; a damaged one is
// kept under a name that says so.
func TestUnpackGoesOn(t *testing.T) {
	t.Parallel()
	body := packed(t)
	s := serve(t, body)
	s.second(len(body)/2, func(_ *http.Request, c *connection) { c.headed(nil, "410 Gone", "Content-Length: 0") })
	w := extracts(t, s, false)
	w.ends(fetch.Stale)
	if n := len(w.disk.below(unpackedName)) + len(w.disk.below(unpackedName+partEnding)); n != 0 {
		t.Errorf("left: %v", w.disk.names())
	}
	s.play = nil
	if _, err := w.fetch(); err != nil || !w.holds(unpackedName) {
		t.Errorf("%v\n%s", err, w.story())
	}
	bad := bytes.Clone(body)
	bad[len(bad)-6] ^= 1 // the checksum of gzip
	w = extracts(t, serve(t, bad), false)
	if e := w.end(fetch.Damaged); !w.holds(unpackedName+damagedEnding) || w.holds(unpackedName) || !strings.Contains(e.Advice, "What was unpacked of it is kept as orders.damaged") {
		t.Errorf("%v %v", e.Advice, w.disk.names())
	}
}

// Killed before any operation of the disk, again and again in one directory: the directory of the final
// name is absent or whole.
func TestUnpackKilled(t *testing.T) {
	t.Parallel()
	kills := 4
	if thorough() {
		kills = 150
	}
	s := serve(t, packed(t))
	dice := rand.New(rand.NewPCG(3, 4))
	dir := t.TempDir()
	final := filepath.Join(dir, unpackedName)
	died := 0
	check := func() bool {
		if _, err := os.Lstat(final); err != nil {
			return false
		}
		got := treeOf(t, final)
		for _, f := range database() {
			if got[f.Name] != string(f.Data) {
				t.Fatalf("%s differs under the final name", f.Name)
			}
		}
		return true
	}
	for range kills {
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), victimLink+"="+s.link(), victimDir+"="+dir, fmt.Sprintf("%s=%d", victimOp, dice.IntN(90)+1), victimExtracts+"=1")
		if cmd.Run() != nil {
			died++
		}
		if check() {
			if err := os.RemoveAll(final); err != nil {
				t.Fatal(err)
			}
		}
	}
	if died == 0 {
		t.Error("none died")
	}
	order := killedOrder(dir, s.link())
	if _, err := Fetch(t.Context(), order, Options{Prover: BlockChecksums{}, Extract: true}); err != nil || !check() {
		t.Errorf("after %d kills: %v", kills, err)
	}
}

// A file that somebody has fetched is unpacked beside itself by the same rules, and by its verdict.
func TestUnpackBeside(t *testing.T) {
	t.Parallel()
	body := packed(t)
	for ending, change := range map[string]func([]byte) []byte{
		"":            bytes.Clone,
		damagedEnding: func(b []byte) []byte { b = bytes.Clone(b); b[len(b)-6] ^= 1; return b },
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, "mine.tgz")
		raw := change(body)
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		for n := range 2 {
			b, err := UnpackBeside(path)
			if err != nil {
				t.Fatal(err)
			}
			r, err := proof.Archive(t.Context(), path, bytes.NewReader(raw), proof.Options{Unpack: b})
			if err != nil {
				t.Fatal(err)
			}
			got, err := b.End(r.Verdict)
			b.Leave()
			// A directory that is there stays; one that is set aside gives way to the next.
			if again := n == 1 && ending == ""; (err != nil) != again || err == nil && got != filepath.Join(dir, "mine"+ending) {
				t.Errorf("%q: %q, %v", ending, got, err)
			}
			tree := treeOf(t, filepath.Join(dir, "mine"+ending))
			for _, f := range database() {
				if tree[f.Name] != string(f.Data) {
					t.Errorf("%q: %s differs", ending, f.Name)
				}
			}
			if all, _ := os.ReadDir(dir); len(all) != 2 {
				t.Errorf("%q: beside it %v", ending, all)
			}
		}
	}
	// One that is left takes nothing with it.
	dir := t.TempDir()
	b, err := UnpackBeside(filepath.Join(dir, "left.tar"))
	if err != nil {
		t.Fatal(err)
	}
	_, _ = b.File("a/b", 3).Write([]byte("abc"))
	b.Leave()
	b.Leave()
	if all, _ := os.ReadDir(dir); len(all) != 0 {
		t.Errorf("left: %v", all)
	}
}
