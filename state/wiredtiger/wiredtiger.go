// Package wiredtiger reads the files of WiredTiger, MongoDB's storage engine, as far as is
// needed to prove them: descriptors, blocks with their checksums, addresses, checkpoints,
// internal pages, lists of extents, the metadata and the journal. It never needs a whole
// file in memory, and trusts no number that it reads.
//
// The format is that of WiredTiger 3 to 12, as its source has it: src/include/block.h and
// btmem.h (headers), src/block/block_ckpt.c and block_ext.c (checkpoints and extents),
// src/include/cell.h and cell_inline.h (cells), src/include/intpack_inline.h (packed
// integers), src/log (journal), src/meta (turtle and metadata). What can be read of it, and
// which files are sound although they look damaged, was measured on files that WiredTiger
// 3.2, 11.3 and 12.0 wrote. All numbers in it are little-endian.
package wiredtiger

import (
	"errors"
	"fmt"
)

// Unit is the allocation unit that is read: blocks begin and end at its multiples. It is
// WiredTiger's default, and MongoDB sets no other.
const Unit = 4096

// ErrDamaged is in the chain of each error that says that bytes are not as WiredTiger
// writes them.
var ErrDamaged = errors.New("not as WiredTiger writes it")

// ErrUnknown is in the chain of each error that says that bytes are written in a way that
// this package does not read: they may be sound.
var ErrUnknown = errors.New("not known here")

func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: %w", fmt.Errorf(format, args...), ErrDamaged) //nolint:err113 // it says what was found
}

func unknown(format string, args ...any) error {
	return fmt.Errorf("%w: %w", fmt.Errorf(format, args...), ErrUnknown) //nolint:err113 // it says what was found
}
