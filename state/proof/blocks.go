package proof

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"sort"

	"atlas-restore/state/wiredtiger"
)

// blocks are those of one file whose checksums are right, in the order of their offsets. Of
// each the notes keep 16 bytes; memory has the offset of one in each run of them.
type blocks struct {
	notes *notes
	first int64 // where they begin in the notes
	count int64
	index []uint32 // the unit of each run's first

	run   int64 // the run that is in chunk, and one more; 0 for none
	chunk []byte
}

const (
	blockNote = 16
	runLength = 256
	pageAlign = 16 // pages lie in their notes at multiples of it
)

// block is one of them.
type block struct {
	offset int64
	size   uint32
	sum    uint32
	kind   wiredtiger.PageType
	whole  bool
	page   int64 // where its bytes lie in the notes, or -1
}

func (b *blocks) add(f wiredtiger.Block, page int64) error {
	unit, at := f.Offset/wiredtiger.Unit, (page+pageAlign)/pageAlign
	if unit > math.MaxUint32 || at > math.MaxUint32 {
		return fmt.Errorf("a file of more than %d TiB: %w", (int64(math.MaxUint32)*wiredtiger.Unit)>>40, wiredtiger.ErrUnknown)
	}
	if b.count%runLength == 0 {
		b.index = append(b.index, uint32(unit))
	}
	var n [blockNote]byte
	binary.LittleEndian.PutUint32(n[:], uint32(unit))
	shape := f.Size/wiredtiger.Unit<<9 | uint32(f.Type)<<1
	if f.Whole() {
		shape |= 1
	}
	binary.LittleEndian.PutUint32(n[4:], shape)
	binary.LittleEndian.PutUint32(n[8:], f.Sum)
	binary.LittleEndian.PutUint32(n[12:], uint32(at))
	b.count++
	return b.notes.append(n[:])
}

func read(n []byte) block {
	shape := binary.LittleEndian.Uint32(n[4:])
	return block{
		offset: int64(binary.LittleEndian.Uint32(n)) * wiredtiger.Unit,
		size:   shape >> 9 * wiredtiger.Unit,
		kind:   wiredtiger.PageType(shape >> 1),
		whole:  shape&1 != 0,
		sum:    binary.LittleEndian.Uint32(n[8:]),
		page:   (int64(binary.LittleEndian.Uint32(n[12:])) - 1) * pageAlign,
	}
}

// load brings a run into chunk.
func (b *blocks) load(run int64) error {
	if b.run == run+1 {
		return nil
	}
	n := min(runLength, b.count-run*runLength) * blockNote
	b.chunk = slices.Grow(b.chunk[:0], int(n))[:n]
	b.run = 0
	if _, err := b.notes.ReadAt(b.chunk, b.first+run*runLength*blockNote); err != nil {
		return err
	}
	b.run = run + 1
	return nil
}

// at finds the block that begins at an offset.
func (b *blocks) at(offset int64) (found block, ok bool, err error) {
	unit := offset / wiredtiger.Unit
	run := int64(sort.Search(len(b.index), func(i int) bool { return int64(b.index[i]) > unit })) - 1
	if run < 0 {
		return block{}, false, nil
	}
	if err := b.load(run); err != nil {
		return block{}, false, err
	}
	n := len(b.chunk) / blockNote
	i := sort.Search(n, func(i int) bool { return int64(binary.LittleEndian.Uint32(b.chunk[i*blockNote:])) >= unit })
	if i == n {
		return block{}, false, nil
	}
	found = read(b.chunk[i*blockNote:])
	return found, found.offset == offset, nil
}

// each calls do for all of them in their order.
func (b *blocks) each(do func(block)) error {
	for run := int64(0); run*runLength < b.count; run++ {
		if err := b.load(run); err != nil {
			return err
		}
		for at := 0; at < len(b.chunk); at += blockNote {
			do(read(b.chunk[at:]))
		}
	}
	return nil
}

// units is a set of a file's units.
type units []uint64

func newUnits(size int64) units {
	return make(units, (size/wiredtiger.Unit+64)/64)
}

// add puts the units of a part of the file into the set, as far as the file goes.
func (u units) add(offset, size int64) {
	from, to := offset/wiredtiger.Unit, min((offset+size)/wiredtiger.Unit, int64(len(u))*64)
	for i := from; i < to; {
		if i%64 == 0 && to-i >= 64 {
			u[i/64] = math.MaxUint64
			i += 64
			continue
		}
		bit := uint64(1) << (i % 64)
		u[i/64] |= bit
		i++
	}
}

func (u units) has(offset int64) bool {
	i := offset / wiredtiger.Unit
	return i/64 < int64(len(u)) && u[i/64]&(1<<(i%64)) != 0
}

// gaps are the units below an offset that are not in the set: how many bytes, and where the
// first begins.
func (u units) gaps(end int64) (bytes, first int64) {
	first = -1
	for i := int64(1); i < end/wiredtiger.Unit; i++ { // the first unit is the descriptor
		if i%64 == 0 && i/64 < int64(len(u)) && u[i/64] == math.MaxUint64 {
			i += 63
			continue
		}
		if !u.has(i * wiredtiger.Unit) {
			if first < 0 {
				first = i * wiredtiger.Unit
			}
			bytes += wiredtiger.Unit
		}
	}
	return bytes, first
}
