package proof

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"atlas-restore/state/wiredtiger"
)

// walk follows the checkpoints of one table through its file.
type walk struct {
	p     *pass
	t     wiredtiger.Table
	f     *file
	from  io.ReaderAt // the file itself, or nil where pages are in the notes
	reach units       // what a checkpoint reaches
	root  units       // what an earlier checkpoint reached
	leaf  func(h wiredtiger.Header, page []byte) error

	refs    []ref // leaves whose blocks are not looked up yet
	damage  damage
	unknown error // what could not be read, though it may be sound
	used    int64
	proven  int64
}

// ref is a block that a page names.
type ref struct {
	wiredtiger.Address
	depth int
	items bool // a leaf that has overflow items
}

// damage is what was found wrong in a file: the first of it in words, and how much.
type damage struct {
	first  error
	blocks int64
	bytes  int64
}

func (d *damage) add(err error, bytes int64) {
	if d.first == nil {
		d.first = err
	}
	d.blocks++
	d.bytes += bytes
}

const (
	maxDepth   = 100     // of a tree; WiredTiger's own have less than ten levels
	maxBranch  = 1 << 20 // pages that wait for their turn
	refsAtOnce = 1 << 15
)

// follow walks one checkpoint. An error is that the notes or the file could not be read.
func (w *walk) follow(ctx context.Context, c wiredtiger.Cookie) error {
	for _, list := range []wiredtiger.Address{c.Alloc, c.Avail, c.Discard} {
		if list.None() {
			continue
		}
		if _, err := w.p.page(w.f, list, w.from); err != nil {
			if err := w.judge(err, list); err != nil {
				return err
			}
			continue
		}
		w.mark(list, true)
	}
	if c.Root.None() {
		return nil
	}
	w.root = slices.Clone(w.reach)
	waiting := []ref{{Address: c.Root}}
	for len(waiting) > 0 {
		if err := ctx.Err(); err != nil {
			return err //nolint:wrapcheck // the caller knows what ended
		}
		next := waiting[len(waiting)-1]
		waiting = waiting[:len(waiting)-1]
		children, err := w.page(next)
		if err != nil {
			return err
		}
		if len(waiting)+len(children) > maxBranch || next.depth >= maxDepth && len(children) > 0 {
			w.unknown = fmt.Errorf("its tree is wider or deeper than WiredTiger makes one: %w", wiredtiger.ErrUnknown)
			return nil
		}
		waiting = append(waiting, children...)
		if len(w.refs) >= refsAtOnce {
			if err := w.leaves(); err != nil {
				return err
			}
		}
	}
	return w.leaves()
}

// judge takes an error for damage, or for something unknown; any other goes back.
func (w *walk) judge(err error, a wiredtiger.Address) error {
	switch {
	case errors.Is(err, wiredtiger.ErrDamaged):
		w.damage.add(err, int64(a.Size))
		w.used += int64(a.Size)
	case errors.Is(err, wiredtiger.ErrUnknown):
		if w.unknown == nil {
			w.unknown = err
		}
	default:
		return err
	}
	return nil
}

// mark notes that a block is reached and right.
func (w *walk) mark(a wiredtiger.Address, whole bool) {
	if w.reach.has(a.Offset) {
		return
	}
	w.reach.add(a.Offset, int64(a.Size))
	w.used += int64(a.Size)
	if whole {
		w.proven += int64(a.Size)
	}
}

// page reads a page that leads to others, and returns those of them that do so too.
func (w *walk) page(r ref) (children []ref, err error) {
	raw, err := w.p.page(w.f, r.Address, w.from)
	if err != nil {
		return nil, w.judge(err, r.Address)
	}
	switch {
	case w.root.has(r.Offset):
		return nil, nil // an earlier checkpoint has the same page, and all below it
	case w.reach.has(r.Offset):
		return nil, w.judge(fmt.Errorf("the block at %d has two parents: %w", r.Offset, wiredtiger.ErrDamaged), r.Address)
	}
	h, page, err := w.p.read.Open(raw, w.t.Compressor)
	w.mark(r.Address, h.Whole())
	if err != nil {
		return nil, w.judge(fmt.Errorf("the page at %d: %w", r.Offset, err), r.Address)
	}
	if !h.Type.Internal() {
		if w.leaf == nil || h.Type != wiredtiger.PageRowLeaf {
			return nil, nil
		}
		if err := w.leaf(h, page); err != nil {
			return nil, w.judge(fmt.Errorf("the page at %d: %w", r.Offset, err), r.Address)
		}
		return nil, nil
	}
	err = wiredtiger.Cells(h, page, func(c wiredtiger.Cell) error {
		switch c.Kind {
		case wiredtiger.CellKeyOverflow, wiredtiger.CellInternal, wiredtiger.CellLeaf, wiredtiger.CellLeafItems:
		default:
			return nil
		}
		a, err := wiredtiger.AddressOf(c.Data)
		if err != nil || a.None() {
			return err //nolint:wrapcheck // it says what was found
		}
		child := ref{a, r.depth + 1, c.Kind == wiredtiger.CellLeafItems}
		if c.Kind == wiredtiger.CellInternal || w.leaf != nil && c.Kind != wiredtiger.CellKeyOverflow {
			children = append(children, child)
		} else {
			w.refs = append(w.refs, child)
		}
		return nil
	})
	if err != nil {
		return children, w.judge(fmt.Errorf("the page at %d: %w", r.Offset, err), r.Address)
	}
	slices.Reverse(children) // the last is taken first
	return children, nil
}

// leaves looks up the blocks that wait for it, in the order in which they lie, and then those
// of the overflow items that they name.
func (w *walk) leaves() error {
	for len(w.refs) > 0 {
		slices.SortFunc(w.refs, func(a, b ref) int { return cmp.Compare(a.Offset, b.Offset) })
		var items []ref
		for _, r := range w.refs {
			more, err := w.block(r)
			if err != nil {
				return err
			}
			items = append(items, more...)
		}
		w.refs = append(w.refs[:0], items...)
	}
	return nil
}

// block looks up one, and returns the overflow items that it names.
func (w *walk) block(r ref) (items []ref, err error) {
	b, wrong, err := w.f.block(r.Address)
	if err != nil {
		return nil, err
	}
	switch {
	case wrong != nil:
		w.damage.add(wrong, int64(r.Size))
		w.used += int64(r.Size)
		return nil, nil
	case w.root.has(r.Offset):
		return nil, nil // an earlier checkpoint has it too
	case w.reach.has(r.Offset) && b.kind == wiredtiger.PageOverflow:
		return nil, nil // a key may stand on two pages
	case w.reach.has(r.Offset):
		w.damage.add(fmt.Errorf("the block at %d has two parents: %w", r.Offset, wiredtiger.ErrDamaged), int64(r.Size))
		return nil, nil
	case b.kind.Internal() || b.kind == wiredtiger.PageExtents:
		w.damage.add(fmt.Errorf("the block at %d is no leaf: %w", r.Offset, wiredtiger.ErrDamaged), int64(r.Size))
		return nil, nil
	}
	w.mark(r.Address, b.whole)
	if !r.items {
		return nil, nil
	}
	if w.from == nil {
		for _, a := range w.f.items[r.Offset] {
			items = append(items, ref{Address: a})
		}
		return items, nil
	}
	raw, err := w.p.page(w.f, r.Address, w.from)
	if err != nil {
		return nil, w.judge(err, r.Address)
	}
	h, page, err := w.p.read.Open(raw, w.t.Compressor)
	if err == nil {
		err = wiredtiger.Items(h, page, func(a wiredtiger.Address) { items = append(items, ref{Address: a}) })
	}
	if err != nil {
		return nil, w.judge(fmt.Errorf("the page at %d: %w", r.Offset, err), r.Address)
	}
	return items, nil
}

// gaps looks at what the last checkpoint neither reaches nor calls free: there are blocks of
// which only the pages of rows know, and they must have their checksums.
func (w *walk) gaps(c wiredtiger.Cookie) error {
	if w.damage.first != nil || c.Root.None() && c.Avail.None() {
		return nil
	}
	known := newUnits(w.f.size)
	if err := w.f.blocks.each(func(b block) { known.add(b.offset, int64(b.size)) }); err != nil {
		return err
	}
	free := int64(0) // beyond the end of the file
	if !c.Avail.None() {
		raw, err := w.p.page(w.f, c.Avail, w.from)
		if err != nil {
			return w.judge(err, c.Avail)
		}
		err = wiredtiger.Extents(raw, func(offset, size int64) error {
			known.add(offset, size)
			free += max(0, min(offset+size, c.Size)-max(offset, w.f.size))
			return nil
		})
		if err != nil {
			return w.judge(fmt.Errorf("the list of what is free: %w", err), c.Avail)
		}
	}
	missing, first := known.gaps(min(c.Size, w.f.size))
	if missing > 0 {
		w.damage.add(fmt.Errorf("%d bytes from %d on have not the bytes of their checksums, and are not free: %w", missing, first, wiredtiger.ErrDamaged), missing)
		w.used += missing
	}
	if beyond := c.Size - w.f.size - free; c.Size > w.f.size && beyond > 0 {
		w.damage.add(fmt.Errorf("the file ends at %d, %d bytes too early: %w", w.f.size, beyond, wiredtiger.ErrDamaged), beyond)
		w.used += beyond
	}
	return nil
}
