package wiredtiger

import (
	"encoding/hex"
	"math"
)

// Address is where a block lies, and what its checksum must be.
type Address struct {
	Offset int64 // in bytes, a multiple of Unit
	Size   uint32
	Sum    uint32 // CRC-32C
}

// End is the first byte behind the block.
func (a Address) End() int64 { return a.Offset + int64(a.Size) }

// None says that there is no block: of an empty tree, or an empty list.
func (a Address) None() bool { return a.Size == 0 }

// maxOffset keeps sums of offsets and sizes far from an overflow.
const maxOffset = math.MaxInt64 / 4

// address reads offset, size and sum.
func address(b []byte) (a Address, rest []byte, err error) {
	var n [3]uint64
	for i := range n {
		if n[i], b, err = unpack(b); err != nil {
			return Address{}, nil, err
		}
	}
	if n[1] == 0 {
		return Address{}, b, nil
	}
	if n[0] >= maxOffset/Unit || n[1] > math.MaxUint32/Unit || n[2] > math.MaxUint32 {
		return Address{}, nil, damaged("an address beyond every file")
	}
	return Address{Offset: int64(n[0]+1) * Unit, Size: uint32(n[1]) * Unit, Sum: uint32(n[2])}, b, nil
}

// appendAddress is what address reads.
func appendAddress(b []byte, a Address) []byte {
	if a.None() {
		return append(b, pack1, pack1, pack1)
	}
	b = appendPacked(b, uint64(a.Offset/Unit-1))
	b = appendPacked(b, uint64(a.Size/Unit))
	return appendPacked(b, uint64(a.Sum))
}

// AddressOf reads the address that a cell of an internal page, or of an overflow item, holds.
func AddressOf(cell []byte) (Address, error) {
	a, rest, err := address(cell)
	if err == nil && len(rest) > 0 {
		return Address{}, unknown("an address with %d bytes more, as of tiered storage", len(rest))
	}
	return a, err
}

// Cookie is where the parts of a checkpoint lie in its file.
type Cookie struct {
	Root    Address // of the tree; none if it is empty
	Alloc   Address // the list of what this checkpoint wrote
	Avail   Address // the list of what is free
	Discard Address // the list of what it freed
	Size    int64   // of the file; the file itself may be longer, and shorter by what is free
}

const cookieVersion = 1

// CookieOf reads the text of a checkpoint's address in the metadata, which is hexadecimal.
func CookieOf(text string) (c Cookie, err error) {
	b, err := hex.DecodeString(text)
	if err != nil {
		return c, damaged("the address of a checkpoint is no hexadecimal number")
	}
	if len(b) == 0 {
		return c, damaged("the address of a checkpoint is empty")
	}
	if b[0] != cookieVersion {
		return c, unknown("the address of a checkpoint in version %d", b[0])
	}
	b = b[1:]
	for _, a := range []*Address{&c.Root, &c.Alloc, &c.Avail, &c.Discard} {
		if *a, b, err = address(b); err != nil {
			return c, err
		}
	}
	size, b, err := unpack(b)
	if err != nil {
		return c, err
	}
	if _, b, err = unpack(b); err != nil { // what the checkpoint takes, which proves nothing
		return c, err
	}
	if len(b) > 0 {
		return c, unknown("the address of a checkpoint with %d bytes more", len(b))
	}
	if size > maxOffset {
		return c, damaged("a checkpoint of a file of %d bytes", size)
	}
	c.Size = int64(size)
	return c, nil
}

// Hex is what CookieOf reads.
func (c Cookie) Hex() string {
	b := []byte{cookieVersion}
	for _, a := range []Address{c.Root, c.Alloc, c.Avail, c.Discard} {
		b = appendAddress(b, a)
	}
	b = appendPacked(b, uint64(c.Size))
	return hex.EncodeToString(appendPacked(b, uint64(c.Root.Size)))
}
