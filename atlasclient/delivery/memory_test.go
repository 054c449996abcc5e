package delivery

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// memory is a disk of which a test knows what outlives a crash: bytes that were synced, under
// names that were.
type memory struct {
	mu    sync.Mutex
	files map[string]*kept
	safe  map[string]*kept // names that outlive a crash
	room  int              // bytes it takes; -1: any
	free  int64            // what it says is free; -1: it does not know
	ops   int              // operations so far
	trip  func(n int, op, name string) error
	trees map[string]bool // directories, with those below them

	safeTrees map[string]bool
	reserves  bool // takes room when it is asked to, from what is free
	folds     bool // takes capital letters for small ones
}

type kept struct{ now, safe []byte }

func newMemory() *memory {
	return &memory{files: map[string]*kept{}, safe: map[string]*kept{}, room: -1, free: -1}
}

// crash takes away what was not safe. With zeros a file keeps its length, as some systems have
// it, and holds zeros where its bytes were not safe.
func (m *memory) crash(zeros bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.files = map[string]*kept{}
	for n, f := range m.safe {
		after := bytes.Clone(f.safe)
		if zeros && len(after) < len(f.now) {
			after = append(after, make([]byte, len(f.now)-len(after))...)
		}
		m.files[n] = &kept{now: after, safe: bytes.Clone(after)}
	}
	m.safe = maps.Clone(m.files)
	m.trees = maps.Clone(m.safeTrees)
}

func (m *memory) names() []string { return slices.Sorted(maps.Keys(m.files)) }

// op counts an operation and lets the test have it fail. The lock is held after it.
func (m *memory) op(op, name string) error {
	m.mu.Lock()
	m.ops++
	if m.trip != nil {
		if err := m.trip(m.ops, op, name); err != nil {
			return fmt.Errorf("%s: %w", op, err)
		}
	}
	return nil
}

func (m *memory) Stat(name string) (fs.FileInfo, error) {
	err := m.op("stat", name)
	defer m.mu.Unlock()
	if err != nil {
		return nil, err
	}
	f := m.files[name]
	if m.trees[name] {
		return directory{info{name: name}}, nil
	}
	if f == nil {
		return nil, fs.ErrNotExist
	}
	return info{name, int64(len(f.now)), f}, nil
}

func (m *memory) Create(name string) (file, error) {
	err := m.op("create", name)
	defer m.mu.Unlock()
	switch {
	case err != nil:
		return nil, err
	case m.files[name] != nil:
		return nil, fs.ErrExist
	}
	m.files[name] = &kept{}
	return &handle{m: m, f: m.files[name], name: name}, nil
}

func (m *memory) Open(name string) (file, error) {
	err := m.op("open", name)
	defer m.mu.Unlock()
	switch {
	case err != nil:
		return nil, err
	case m.files[name] == nil:
		return nil, fs.ErrNotExist
	}
	return &handle{m: m, f: m.files[name], name: name}, nil
}

func (m *memory) Rename(from, to string) error {
	err := m.op("rename", from+">"+to)
	defer m.mu.Unlock()
	switch {
	case err != nil:
		return err
	case m.trees[from]:
		if m.trees[to] {
			return fs.ErrExist
		}
		for name := range m.below(from) {
			if m.trees[name] {
				m.trees[to+name[len(from):]] = true
				delete(m.trees, name)
				continue
			}
			m.files[to+name[len(from):]] = m.files[name]
			delete(m.files, name)
		}
		return nil
	case m.files[from] == nil:
		return fs.ErrNotExist
	}
	m.files[to] = m.files[from]
	delete(m.files, from)
	return nil
}

func (m *memory) Remove(name string) error {
	err := m.op("remove", name)
	defer m.mu.Unlock()
	switch {
	case err != nil:
		return err
	case m.files[name] == nil:
		return fs.ErrNotExist
	}
	delete(m.files, name)
	return nil
}

func (m *memory) Sync() error {
	err := m.op("sync names", "")
	defer m.mu.Unlock()
	if err == nil {
		m.safe, m.safeTrees = maps.Clone(m.files), maps.Clone(m.trees)
	}
	return err
}

func (m *memory) Same(a, b fs.FileInfo) bool {
	one, ok1 := a.(info)
	two, ok2 := b.(info)
	return ok1 && ok2 && one.of == two.of
}

func (m *memory) Named() bool { return true }

func (m *memory) Free() (int64, string) { return m.free, "" }

// taken is how many bytes all files hold.
func (m *memory) taken() (n int) {
	for _, f := range m.files {
		n += len(f.now)
	}
	return n
}

type handle struct {
	m    *memory
	f    *kept
	name string
	at   int64
}

func (h *handle) Write(p []byte) (int, error) {
	err := h.m.op("write", h.name)
	defer h.m.mu.Unlock()
	if err != nil {
		return 0, err
	}
	if h.m.room >= 0 && h.m.taken()+len(p) > h.m.room {
		err, p = syscall.ENOSPC, p[:max(0, h.m.room-h.m.taken())]
	}
	h.f.now = append(h.f.now[:h.at], p...)
	h.at += int64(len(p))
	return len(p), err
}

func (h *handle) ReadAt(p []byte, at int64) (int, error) {
	h.m.mu.Lock() // it is no operation that fails: the proof reads beside the fetch, so that its turn is anybody's
	defer h.m.mu.Unlock()
	if at >= int64(len(h.f.now)) {
		return 0, io.EOF
	}
	n := copy(p, h.f.now[at:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (h *handle) Seek(offset int64, whence int) (int64, error) {
	err := h.m.op("seek", h.name)
	defer h.m.mu.Unlock()
	switch whence {
	case io.SeekStart:
		h.at = offset
	case io.SeekEnd:
		h.at = int64(len(h.f.now)) + offset
	default:
		err = errors.ErrUnsupported
	}
	return h.at, err
}

func (h *handle) Sync() error {
	err := h.m.op("sync", h.name)
	defer h.m.mu.Unlock()
	if err == nil {
		h.f.safe = bytes.Clone(h.f.now)
	}
	return err
}

func (h *handle) Truncate(n int64) error {
	err := h.m.op("truncate", h.name)
	defer h.m.mu.Unlock()
	if err == nil {
		h.f.now = bytes.Clone(h.f.now[:n])
	}
	return err
}

func (h *handle) Reserve(_, size int64) (bool, error) {
	h.m.mu.Lock()
	defer h.m.mu.Unlock()
	if !h.m.reserves {
		return false, nil
	}
	if h.m.free < size {
		return false, syscall.ENOSPC
	}
	h.m.free -= size
	return true, nil
}

func (h *handle) Stat() (fs.FileInfo, error) { return info{h.name, int64(len(h.f.now)), h.f}, nil }

func (h *handle) Close() error { return nil }

type info struct {
	name string
	size int64
	of   *kept
}

func (i info) Name() string       { return i.name }
func (i info) Size() int64        { return i.size }
func (i info) Mode() fs.FileMode  { return 0o600 }
func (i info) ModTime() time.Time { return time.Time{} }
func (i info) IsDir() bool        { return false }
func (i info) Sys() any           { return nil }

type directory struct{ info }

func (directory) IsDir() bool { return true }

// below are the names of a directory and of all that is in it.
func (m *memory) below(name string) map[string]bool {
	all := map[string]bool{}
	for n := range m.trees {
		if n == name || strings.HasPrefix(n, name+"/") {
			all[n] = true
		}
	}
	for n := range m.files {
		if strings.HasPrefix(n, name+"/") {
			all[n] = true
		}
	}
	return all
}

func (m *memory) MakeTree(name string) (tree, error) {
	t := &memoryTree{m, name}
	return t, t.make("make tree", name)
}

func (m *memory) RemoveTree(name string) error {
	err := m.op("remove tree", name)
	defer m.mu.Unlock()
	if err != nil {
		return err
	}
	for n := range m.below(name) {
		delete(m.trees, n)
		delete(m.files, n)
	}
	return nil
}

type memoryTree struct {
	m    *memory
	name string
}

func (t *memoryTree) key(name string) string {
	if t.m.folds {
		name = strings.ToLower(name)
	}
	return t.name + "/" + name
}

func (t *memoryTree) make(op, name string) error {
	err := t.m.op(op, name)
	defer t.m.mu.Unlock()
	switch {
	case err != nil:
		return err
	case t.m.trees[name], t.m.files[name] != nil:
		return fs.ErrExist
	}
	if t.m.trees == nil {
		t.m.trees = map[string]bool{}
	}
	t.m.trees[name] = true
	return nil
}

func (t *memoryTree) Mkdir(name string) error { return t.make("make directory", t.key(name)) }

func (t *memoryTree) Create(name string) (io.WriteCloser, error) {
	if t.m.trees[t.key(name)] {
		return nil, fs.ErrExist
	}
	return t.m.Create(t.key(name))
}

func (t *memoryTree) Remove(name string) error { return t.m.Remove(t.key(name)) }

func (t *memoryTree) Sync() error {
	err := t.m.op("sync tree", t.name)
	defer t.m.mu.Unlock()
	if err == nil {
		for n := range t.m.below(t.name) {
			if f := t.m.files[n]; f != nil {
				f.safe = bytes.Clone(f.now)
				t.m.safe[n] = f
			}
		}
	}
	return err
}

func (t *memoryTree) Close() error { return nil }
