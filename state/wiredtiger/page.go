package wiredtiger

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math/bits"

	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

const (
	// uncompressed is how much at the start of a page is never compressed.
	uncompressed = 64
	// lengthPrefix stands before what snappy and zstd have compressed.
	lengthPrefix = 8
	// MaxPage is the greatest page that is unpacked.
	MaxPage = 20 << 20
)

// Pages unpacks pages. It may be used by one goroutine at a time, and keeps its memory.
type Pages struct {
	zstd *zstd.Decoder
}

// Open returns a page of a block with its headers, not compressed. The compressor is the
// one that the metadata names for the file. What is returned may share the block's memory.
func (p *Pages) Open(block []byte, compressor string) (Header, []byte, error) {
	h, ok := ReadHeader(block)
	switch {
	case !ok || int(h.Size) != len(block):
		return h, nil, damaged("no block of %d bytes", len(block))
	case h.Encrypted():
		return h, nil, unknown("an encrypted page")
	case h.Version > 1:
		return h, nil, unknown("a page in version %d", h.Version)
	case h.Flags&flagCompressed == 0:
		if h.MemSize < HeaderSize || int(h.MemSize) > len(block) {
			return h, nil, damaged("a page of %d bytes in a block of %d", h.MemSize, len(block))
		}
		return h, block[:h.MemSize], nil
	case h.MemSize < uncompressed || int64(h.MemSize) < int64(len(block))/16:
		return h, nil, damaged("a compressed page of %d bytes in a block of %d", h.MemSize, len(block))
	case h.MemSize > MaxPage:
		return h, nil, unknown("a page of %d bytes", h.MemSize)
	}
	page, err := p.unpack(block[uncompressed:], int(h.MemSize)-uncompressed, compressor)
	if err != nil {
		return h, nil, err
	}
	return h, append(append(make([]byte, 0, uncompressed+len(page)), block[:uncompressed]...), page...), nil
}

// unpack returns exactly size bytes.
func (p *Pages) unpack(body []byte, size int, compressor string) ([]byte, error) {
	var page []byte
	var err error
	switch compressor {
	case "snappy":
		if body, err = prefixed(body); err != nil {
			return nil, err
		}
		var n int
		if n, err = snappy.DecodedLen(body); err == nil && n != size {
			return nil, damaged("a page unpacks to %d bytes, not %d", n, size)
		}
		if err == nil {
			page, err = snappy.Decode(nil, body)
		}
	case "zstd":
		if body, err = prefixed(body); err != nil {
			return nil, err
		}
		if p.zstd == nil {
			if p.zstd, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxMemory(MaxPage)); err != nil {
				return nil, fmt.Errorf("making a decoder of zstd: %w", err)
			}
		}
		page, err = p.zstd.DecodeAll(body, make([]byte, 0, min(size, 1<<20)))
	case "zlib":
		var r io.ReadCloser
		if r, err = zlib.NewReader(bytes.NewReader(body)); err == nil {
			var out bytes.Buffer
			_, err = io.Copy(&out, io.LimitReader(r, int64(size)+1))
			page = out.Bytes()
		}
	case "", "none":
		return nil, damaged("a compressed page in a file that has no compression")
	default:
		return nil, unknown("a page compressed by %q", compressor)
	}
	if err != nil {
		return nil, damaged("unpacking a page by %s: %w", compressor, err)
	}
	if len(page) != size {
		return nil, damaged("a page unpacks to %d bytes, not %d", len(page), size)
	}
	return page, nil
}

// prefixed is what follows a length, of that length.
func prefixed(body []byte) ([]byte, error) {
	if len(body) < lengthPrefix {
		return nil, damaged("a compressed page is cut")
	}
	n := binary.LittleEndian.Uint64(body)
	if body = body[lengthPrefix:]; n > uint64(len(body)) {
		return nil, damaged("a compressed page is cut")
	}
	return body[:n], nil
}

// CellKind is what a cell of a page is to its readers.
type CellKind byte

// The kinds of cells.
const (
	CellKey           CellKind = iota + 1
	CellValue                  //
	CellKeyOverflow            // its data is the address of the key
	CellValueOverflow          // its data is the address of the value
	CellInternal               // its data is the address of an internal page
	CellLeaf                   // its data is the address of a leaf page
	CellLeafItems              // the same, of a page that has overflow items
	CellOther                  // a value that is deleted, or the copy of another
)

// Cell is one entry of a page.
type Cell struct {
	Kind   CellKind
	Prefix int // bytes that a key shares with the one before it
	Data   []byte
}

// The parts of a cell's first byte, by cell.h.
const (
	cellShort      = 0x03 // 1 is a key
	cellShortPfx   = 0x02
	cellShortValue = 0x03
	cellHas64      = 0x04
	cellHasSecond  = 0x08

	cellSizeAdjust = 64

	secondTimes = 0x7e // each bit of the second byte that stands for one number
)

// The types of cells whose length does not fit into their first byte, which has them in its
// high half.
const (
	cellAddrDeleted     = 0
	cellAddrInternal    = 1
	cellAddrLeaf        = 2
	cellAddrLeafNo      = 3 // without overflow items
	cellDeleted         = 4
	cellKey             = 5
	cellKeyOverflow     = 6
	cellKeyPrefix       = 7
	cellValue           = 8
	cellValueCopy       = 9
	cellValueOverflow   = 10
	cellValueOverflowRm = 11
	cellKeyOverflowRm   = 12
)

// Cells calls do for each cell of a page that Open returned.
func Cells(h Header, page []byte, do func(Cell) error) error {
	if len(page) < HeaderSize {
		return damaged("a page without its header")
	}
	b := page[atBody:]
	for i := range h.Entries {
		c, rest, err := cell(h, b)
		if err != nil {
			return fmt.Errorf("entry %d of %d: %w", i+1, h.Entries, err)
		}
		if err := do(c); err != nil {
			return err
		}
		b = rest
	}
	return nil
}

// cell reads the cell at the start of b, in the order in which cell_inline.h does.
func cell(h Header, b []byte) (c Cell, rest []byte, err error) {
	if len(b) == 0 {
		return c, nil, damaged("a page ends within its entries")
	}
	first := b[0]
	b = b[1:]
	kind := first >> 4
	prefixed := first&cellShort == cellShortPfx || first&cellShort == 0 && kind == cellKeyPrefix
	if prefixed {
		if len(b) == 0 {
			return c, nil, damaged("a page ends within a key")
		}
		c.Prefix, b = int(b[0]), b[1:]
	}
	if first&cellShort != 0 {
		c.Kind = CellKey
		if first&cellShort == cellShortValue {
			c.Kind = CellValue
		}
		return c.with(uint64(first>>2), b)
	}
	skip := 0
	if first&cellHasSecond != 0 {
		if len(b) == 0 {
			return c, nil, damaged("a page ends within a cell")
		}
		skip = bits.OnesCount8(b[0] & secondTimes)
		b = b[1:]
	}
	if kind == cellAddrDeleted && h.Flags&flagTruncated != 0 {
		skip += 3
	}
	if first&cellHas64 != 0 {
		skip++
	}
	for range skip {
		if _, b, err = unpack(b); err != nil {
			return c, nil, err
		}
	}
	switch kind {
	case cellAddrDeleted, cellAddrLeafNo:
		c.Kind = CellLeaf
	case cellAddrLeaf:
		c.Kind = CellLeafItems
	case cellAddrInternal:
		c.Kind = CellInternal
	case cellKey, cellKeyPrefix:
		c.Kind = CellKey
	case cellKeyOverflow, cellKeyOverflowRm:
		c.Kind = CellKeyOverflow
	case cellValue:
		c.Kind = CellValue
	case cellValueOverflow, cellValueOverflowRm:
		c.Kind = CellValueOverflow
	case cellDeleted:
		c.Kind = CellOther
		return c, b, nil
	case cellValueCopy:
		c.Kind = CellOther
		_, b, err = unpack(b)
		return c, b, err
	default:
		return c, nil, unknown("a cell of type %d", kind)
	}
	size, b, err := unpack(b)
	if err != nil {
		return c, nil, err
	}
	if c.Kind == CellKey || c.Kind == CellValue && first&(cellHasSecond|cellHas64) == 0 {
		size += cellSizeAdjust
	}
	return c.with(size, b)
}

// with is the cell with its data.
func (c Cell) with(size uint64, b []byte) (Cell, []byte, error) {
	if size > uint64(len(b)) {
		return c, nil, damaged("an entry of %d bytes where %d are left", size, len(b))
	}
	c.Data = b[:size]
	return c, b[size:], nil
}

// Items calls do with the address of each overflow item of a leaf page.
func Items(h Header, page []byte, do func(Address)) error {
	return Cells(h, page, func(c Cell) error {
		if c.Kind != CellKeyOverflow && c.Kind != CellValueOverflow {
			return nil
		}
		a, err := AddressOf(c.Data)
		if err == nil {
			do(a)
		}
		return err
	})
}

// Rows calls do for each key of a leaf page of a row store with its value, which is empty
// where the page has none. Overflow items are fetched by read, which gets their address and
// returns the whole block. What do gets is good until it returns.
func Rows(h Header, page []byte, read func(Address) ([]byte, error), do func(key, value []byte) error) error {
	if h.Type != PageRowLeaf {
		return unknown("rows on a page of type %d", h.Type)
	}
	var key, value []byte
	open := false // a key waits for its value
	overflow := func(c Cell) ([]byte, error) {
		a, err := AddressOf(c.Data)
		if err != nil {
			return nil, err
		}
		block, err := read(a)
		if err != nil {
			return nil, err
		}
		o, err := Check(block, a)
		if err != nil {
			return nil, err
		}
		if o.Type != PageOverflow || o.Flags&(flagCompressed|flagEncrypted) != 0 || uint64(o.Entries) > uint64(len(block)-atBody) {
			return nil, unknown("an overflow item of type %d", o.Type)
		}
		return block[atBody : atBody+int(o.Entries)], nil
	}
	emit := func() error {
		if !open {
			return nil
		}
		open = false
		return do(key, value)
	}
	err := Cells(h, page, func(c Cell) (err error) {
		switch c.Kind {
		case CellKey:
			if err := emit(); err != nil {
				return err
			}
			if c.Prefix > len(key) {
				return damaged("a key shares %d bytes with one of %d", c.Prefix, len(key))
			}
			key, value, open = append(key[:c.Prefix], c.Data...), nil, true
		case CellKeyOverflow:
			if err := emit(); err != nil {
				return err
			}
			b, err := overflow(c)
			if err != nil {
				return err
			}
			key, value, open = append(key[:0], b...), nil, true
		case CellValue:
			value = c.Data
		case CellValueOverflow:
			value, err = overflow(c)
			return err
		default:
			return unknown("a cell of kind %d on a leaf page", c.Kind)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return emit()
}
