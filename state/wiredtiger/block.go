package wiredtiger

import (
	"encoding/binary"
	"hash/crc32"
)

// The two headers of a block: of the page, and of the block itself.
const (
	PageHeader  = 28
	BlockHeader = 12
	HeaderSize  = PageHeader + BlockHeader

	atSum  = PageHeader + 4 // where the checksum stands
	atBody = HeaderSize     // where the page begins

	// shortSum is how much of a block is summed where its data is not.
	shortSum = 64

	// MaxBlock is the greatest block that is believed; the greatest document is a quarter of it.
	MaxBlock = 64 << 20
)

// PageType is what a block holds.
type PageType byte

// The types of pages, by their numbers in btmem.h.
const (
	PageExtents  PageType = 1 // a list of the block manager's
	PageColFix   PageType = 2
	PageColInt   PageType = 3
	PageColVar   PageType = 4
	PageOverflow PageType = 5
	PageRowInt   PageType = 6
	PageRowLeaf  PageType = 7
)

// Internal says whether the page leads to others.
func (t PageType) Internal() bool { return t == PageColInt || t == PageRowInt }

// The flags of a page and of a block.
const (
	flagCompressed = 0x01
	flagEmptyAll   = 0x02 // no key has a value
	flagEncrypted  = 0x08
	flagTruncated  = 0x20 // deleted pages say since when

	flagWholeSum = 0x01
)

// Header is what a block says of itself.
type Header struct {
	MemSize uint32 // of the page, not compressed, with its headers
	Entries uint32 // or, of an overflow item or a list, bytes
	Type    PageType
	Flags   byte
	Version byte
	Size    uint32 // on disk
	Sum     uint32
	Block   byte // flags of the block
}

// Whole says whether the checksum covers the whole block, or its first 64 bytes only.
func (h Header) Whole() bool { return h.Block&flagWholeSum != 0 }

// Compressed says whether the page must be unpacked to be read.
func (h Header) Compressed() bool { return h.Flags&flagCompressed != 0 }

// Encrypted says whether the page can only be read with a key.
func (h Header) Encrypted() bool { return h.Flags&flagEncrypted != 0 }

// ReadHeader reads the headers at the start of b, and says whether they may be those of a
// block: only its checksum can tell.
func ReadHeader(b []byte) (h Header, plausible bool) {
	if len(b) < HeaderSize {
		return h, false
	}
	size := binary.LittleEndian.Uint32(b[PageHeader:])
	if size == 0 || size%Unit != 0 || size > MaxBlock {
		return h, false
	}
	h = Header{
		MemSize: binary.LittleEndian.Uint32(b[16:]),
		Entries: binary.LittleEndian.Uint32(b[20:]),
		Type:    PageType(b[24]),
		Flags:   b[25],
		Version: b[27],
		Size:    size,
		Sum:     binary.LittleEndian.Uint32(b[atSum:]),
		Block:   b[36],
	}
	return h, h.Type != 0
}

// castagnoli is the table of checksums, which Go makes once.
func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }

// fourZeros stands for a checksum in what it sums.
var fourZeros [4]byte

// sumWithout is the CRC-32C of b with four zero bytes at a place.
func sumWithout(b []byte, at int) uint32 {
	sum := crc32.Update(0, castagnoli(), b[:at])
	sum = crc32.Update(sum, castagnoli(), fourZeros[:])
	return crc32.Update(sum, castagnoli(), b[at+4:])
}

// Check reads a block that lies at an address, and holds it against its parent's words and
// its own sum.
func Check(block []byte, a Address) (Header, error) {
	h, ok := ReadHeader(block)
	switch {
	case !ok || h.Size != a.Size || len(block) != int(a.Size):
		return h, damaged("no block of %d bytes at %d", a.Size, a.Offset)
	case h.Sum != a.Sum:
		return h, damaged("another block at %d: its checksum is %08x, not %08x", a.Offset, h.Sum, a.Sum)
	}
	summed := block
	if !h.Whole() {
		summed = block[:shortSum]
	}
	if sumWithout(summed, atSum) != h.Sum {
		return h, damaged("the checksum of the block at %d", a.Offset)
	}
	return h, nil
}

// The descriptor, which is the first unit of a file.
const (
	descriptorMagic = 120897
	descriptorMajor = 1
	descriptorMinor = 0
	atDescriptorSum = 8
)

// CheckDescriptor reads the first unit of a file.
func CheckDescriptor(b []byte) error {
	if len(b) < Unit {
		return damaged("the file ends within its first %d bytes", Unit)
	}
	b = b[:Unit]
	if binary.LittleEndian.Uint32(b) != descriptorMagic {
		return damaged("the first bytes are not those of a WiredTiger file")
	}
	if major, minor := binary.LittleEndian.Uint16(b[4:]), binary.LittleEndian.Uint16(b[6:]); major != descriptorMajor || minor != descriptorMinor {
		if sumWithout(b, atDescriptorSum) == binary.LittleEndian.Uint32(b[atDescriptorSum:]) {
			return unknown("a file of version %d.%d", major, minor)
		}
	}
	if sumWithout(b, atDescriptorSum) != binary.LittleEndian.Uint32(b[atDescriptorSum:]) {
		return damaged("the checksum of the file's first bytes")
	}
	return nil
}

// appendDescriptor is what CheckDescriptor reads.
func appendDescriptor(b []byte) []byte {
	unit := make([]byte, Unit)
	binary.LittleEndian.PutUint32(unit, descriptorMagic)
	binary.LittleEndian.PutUint16(unit[4:], descriptorMajor)
	binary.LittleEndian.PutUint32(unit[atDescriptorSum:], sumWithout(unit, atDescriptorSum))
	return append(b, unit...)
}
