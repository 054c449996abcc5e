package proof

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
)

// notes are bytes that are only ever appended, and read at any place. They lie in memory
// while they are few, then in a temporary file that has no name where the system allows it.
type notes struct {
	dir   string // of the temporary file; empty for the system's
	limit int    // how many bytes may lie in memory
	mem   []byte // all of them, or those behind the file's end
	file  *os.File
	wrote int64 // bytes in the file
}

const spillBuffer = 1 << 20

// size is how many bytes there are.
func (n *notes) size() int64 { return n.wrote + int64(len(n.mem)) }

func (n *notes) append(b []byte) error {
	limit := n.limit
	if n.file != nil {
		limit = spillBuffer
	}
	if len(n.mem)+len(b) > limit && len(n.mem) > 0 {
		if err := n.spill(); err != nil {
			return err
		}
	}
	if n.mem == nil {
		n.mem = rooms.take()
	}
	if more := len(n.mem) + len(b); more > cap(n.mem) { // by double, for it is copied each time
		n.mem = slices.Grow(n.mem, max(len(b), min(len(n.mem), limit-len(n.mem))))
	}
	n.mem = append(n.mem, b...)
	return nil
}

// room is memory that one pass leaves to the next.
type room struct{ free sync.Pool }

var rooms, buffers room

// take gives some that is free, empty; nil if there is none.
func (r *room) take() []byte {
	if b, ok := r.free.Get().(*[]byte); ok {
		return (*b)[:0]
	}
	return nil
}

// leave makes some free, which nobody may use from then on.
func (r *room) leave(b []byte) {
	if cap(b) > 0 {
		r.free.Put(&b)
	}
}

func (n *notes) spill() error {
	if n.file == nil {
		f, err := os.CreateTemp(n.dir, "atlas-restore-proof-")
		if err != nil {
			return fmt.Errorf("making room for notes: %w", err)
		}
		_ = os.Remove(f.Name()) // it is gone with the program; where that cannot be, close removes it
		n.file = f
	}
	if _, err := n.file.WriteAt(n.mem, n.wrote); err != nil {
		return fmt.Errorf("writing notes to %s: %w", n.file.Name(), err)
	}
	n.wrote += int64(len(n.mem))
	if cap(n.mem) > 2*spillBuffer {
		n.mem = make([]byte, 0, spillBuffer)
	}
	n.mem = n.mem[:0]
	return nil
}

// ReadAt implements io.ReaderAt.
func (n *notes) ReadAt(b []byte, at int64) (int, error) {
	got := 0
	if at < n.wrote {
		part := b[:min(int64(len(b)), n.wrote-at)]
		m, err := n.file.ReadAt(part, at)
		if err != nil && (m < len(part) || !errors.Is(err, io.EOF)) {
			return m, fmt.Errorf("reading notes: %w", err)
		}
		got = m
	}
	if got < len(b) {
		from := at + int64(got) - n.wrote
		if from > int64(len(n.mem)) {
			return got, io.EOF
		}
		got += copy(b[got:], n.mem[from:])
	}
	if got < len(b) {
		return got, io.EOF
	}
	return got, nil
}

func (n *notes) close() {
	if n.file != nil {
		_ = n.file.Close()
		_ = os.Remove(n.file.Name())
	}
	rooms.leave(n.mem)
	*n = notes{}
}
