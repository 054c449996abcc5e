package wiredtiger

import "math"

const (
	extentsMagic = 71002
	// An extent at no offset ends a list; what stands for its size is the list's version.
	extentsVersions = 1
)

// Extents calls do for each extent of a list, in the order of their offsets. The block is
// one that Check has found right.
func Extents(block []byte, do func(offset, size int64) error) error {
	h, ok := ReadHeader(block)
	if !ok || h.Type != PageExtents {
		return damaged("a list of extents of type %d", h.Type)
	}
	if uint64(h.Entries) > uint64(len(block)-atBody) {
		return damaged("a list of %d bytes in a block of %d", h.Entries, len(block))
	}
	// The bytes that the header tells may end before the list does: older versions count otherwise.
	b := block[atBody:]
	var pair [2]uint64
	next := func() (err error) {
		for i := range pair {
			if pair[i], b, err = unpack(b); err != nil {
				return err
			}
		}
		return nil
	}
	if err := next(); err != nil {
		return err
	}
	if pair != [2]uint64{extentsMagic, 0} {
		return damaged("the beginning of a list of extents")
	}
	for last := uint64(0); ; {
		if err := next(); err != nil {
			return err
		}
		if pair[0] == 0 {
			if pair[1] > extentsVersions {
				return unknown("a list of extents in version %d", pair[1])
			}
			return nil
		}
		if pair[0] < last || pair[0] > math.MaxInt64/4 || pair[1] > math.MaxInt64/4 || pair[0]%Unit != 0 || pair[1]%Unit != 0 || pair[1] == 0 {
			return damaged("an extent of %d bytes at %d", pair[1], pair[0])
		}
		last = pair[0] + pair[1]
		if err := do(int64(pair[0]), int64(pair[1])); err != nil {
			return err
		}
	}
}
