package delivery

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"

	"atlas-restore/state"
	"atlas-restore/state/fetch"
)

// The test binary is its own victim: with these variables it fetches a link, and is killed
// before its operation of the disk of that number.
const (
	victimLink = "DELIVERY_VICTIM_LINK"
	victimDir  = "DELIVERY_VICTIM_DIR"
	victimOp   = "DELIVERY_VICTIM_OP"

	victimExtracts = "DELIVERY_VICTIM_EXTRACTS"
)

func TestMain(m *testing.M) {
	paired()
	if link := os.Getenv(victimLink); link != "" {
		n, _ := strconv.ParseInt(os.Getenv(victimOp), 10, 64)
		d := &deadly{left: new(atomic.Int64)}
		d.left.Store(n)
		opt := Options{Prover: &unpacked{}, disk: func(under disk) disk { d.disk = under; return d }}
		if os.Getenv(victimExtracts) != "" {
			opt.Prover, opt.Extract = BlockChecksums{}, true
		}
		_, err := Fetch(context.Background(), killedOrder(os.Getenv(victimDir), link), opt)
		if err != nil {
			os.Exit(3)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func killedOrder(dir, link string) fetch.Order {
	return fetch.Order{Dir: dir, Job: "job1", Snapshot: "snapshot1", Files: []fetch.File{{Name: name, Link: state.NewSecret(link)}}}
}

// deadly is a disk that kills the process before one of its operations.
type deadly struct {
	disk

	left *atomic.Int64
}

func (d *deadly) op() {
	if d.left.Add(-1) == 0 {
		p, _ := os.FindProcess(os.Getpid()) // it exists: it is this one
		_ = p.Kill()
		select {}
	}
}

func (d *deadly) Create(name string) (file, error) {
	d.op()
	f, err := d.disk.Create(name)
	return &deadlyFile{f, d}, err
}

func (d *deadly) Open(name string) (file, error) {
	d.op()
	f, err := d.disk.Open(name)
	return &deadlyFile{f, d}, err
}

func (d *deadly) Rename(from, to string) error { d.op(); return d.disk.Rename(from, to) }
func (d *deadly) Remove(name string) error     { d.op(); return d.disk.Remove(name) }
func (d *deadly) Sync() error                  { d.op(); return d.disk.Sync() }
func (d *deadly) RemoveTree(name string) error { d.op(); return d.disk.RemoveTree(name) }

func (d *deadly) MakeTree(name string) (tree, error) {
	d.op()
	t, err := d.disk.MakeTree(name)
	return &deadlyTree{t, d}, err
}

type deadlyTree struct {
	tree

	d *deadly
}

func (t *deadlyTree) Mkdir(name string) error { t.d.op(); return t.tree.Mkdir(name) }
func (t *deadlyTree) Sync() error             { t.d.op(); return t.tree.Sync() }

func (t *deadlyTree) Create(name string) (io.WriteCloser, error) {
	t.d.op()
	return t.tree.Create(name)
}

type deadlyFile struct {
	file

	d *deadly
}

func (f *deadlyFile) Write(p []byte) (int, error) { f.d.op(); return f.file.Write(p) }
func (f *deadlyFile) Sync() error                 { f.d.op(); return f.file.Sync() }
func (f *deadlyFile) Truncate(n int64) error      { f.d.op(); return f.file.Truncate(n) }

// Killed at any byte and before any operation of the disk, again and again in one directory:
// the final name is absent or holds the archive, and the next run that is left alone fetches it.
func TestKilled(t *testing.T) {
	t.Parallel()
	kills := 4
	if thorough() {
		kills = 250
	}
	body := archive(t, 300_000, 1)
	dice := rand.New(rand.NewPCG(1, 2))
	dir := t.TempDir()
	final := filepath.Join(dir, name)
	var victim atomic.Pointer[os.Process]
	s := serve(t, body)
	died, done := 0, 0
	for n := range kills {
		at, op := dice.IntN(len(body)), dice.IntN(40)+1
		if dice.IntN(2) == 0 {
			op = 0
		}
		s.mu.Lock()
		s.play = func(_ int, r *http.Request, c *connection) bool {
			if op > 0 {
				return false
			}
			s.answer(r, c, body[:at])
			if p := victim.Load(); p != nil {
				_ = p.Kill()
			}
			return true
		}
		s.mu.Unlock()
		victim.Store(nil)
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), victimLink+"="+s.link(), victimDir+"="+dir, fmt.Sprintf("%s=%d", victimOp, op))
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		victim.Store(cmd.Process)
		if err := cmd.Wait(); err != nil {
			died++
		}
		got, err := os.ReadFile(final)
		if err == nil {
			if !bytes.Equal(got, body) {
				t.Fatalf("kill %d (operation %d, byte %d): the final name holds %d bytes that are not the archive", n, op, at, len(got))
			}
			done++
			if err := os.Remove(final); err != nil {
				t.Fatal(err)
			}
		}
	}
	if died < kills/4 {
		t.Errorf("of %d only %d died", kills, died)
	}
	s.mu.Lock()
	s.play = nil
	s.mu.Unlock()
	r, err := Fetch(t.Context(), killedOrder(dir, s.link()), Options{Prover: &unpacked{}})
	if err != nil {
		t.Fatalf("after %d kills: %v %+v", kills, err, r)
	}
	if got, err := os.ReadFile(final); err != nil || !bytes.Equal(got, body) {
		t.Errorf("after %d kills: %d bytes, %v", kills, len(got), err)
	}
	if all, _ := os.ReadDir(dir); len(all) != len(whole) {
		t.Errorf("beside it: %v", all)
	}
	t.Logf("%d kills, %d died, %d came to their end all the same", kills, died, done)
}
