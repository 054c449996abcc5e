package wiredtiger

import (
	"fmt"
	"strconv"
	"strings"
)

// LSN is a position in the journal: the number of a file, and the bytes before it.
type LSN struct {
	File   uint32
	Offset uint32
}

// None says that nothing is known to be written, or that there is no journal.
func (l LSN) None() bool {
	return l.File == 0 || l == LSN{1, 0} || l.Off()
}

// Off says that there is no journal: WiredTiger then writes the greatest position.
func (l LSN) Off() bool { return l.File == 1<<32-1 }

// Before says whether l comes before other.
func (l LSN) Before(other LSN) bool {
	return l.File < other.File || l.File == other.File && l.Offset < other.Offset
}

// Checkpoint is one state of a table that its file holds.
type Checkpoint struct {
	Name   string
	Order  int64
	Cookie string // hexadecimal, for CookieOf; empty for a table without a block
}

// Table is what the metadata says of a file.
type Table struct {
	File        string // as the metadata names it, from the directory of the database on
	ID          uint32
	Unit        int64 // allocation unit
	Compressor  string
	Checksum    string // on, off, uncompressed or unencrypted
	Encrypted   bool
	Tree        bool // whether it is a B-tree, as all are that MongoDB makes
	At          LSN  // of the checkpoint
	Checkpoints []Checkpoint
}

// The names in the metadata.
const (
	// FilePrefix begins the name of each entry that is a file.
	FilePrefix = "file:"
	// MetadataFile is the table that holds the metadata.
	MetadataFile = "WiredTiger.wt"

	maxCheckpoints = 1000
)

// TableOf reads the entry of a file in the metadata.
func TableOf(uri, config string) (t Table, err error) {
	t = Table{File: strings.TrimPrefix(uri, FilePrefix), Unit: Unit, Tree: true}
	for _, part := range strings.Split(t.File, "/") {
		if part == "" || part == "." || part == ".." {
			return t, damaged("the metadata names a file %q", t.File)
		}
	}
	err = settings(config, func(name, value string) bool {
		switch name {
		case "id":
			var id uint64
			id, err = strconv.ParseUint(value, 10, 32)
			t.ID = uint32(id)
		case "allocation_size":
			t.Unit, err = bytesOf(value)
		case "block_compressor":
			t.Compressor = strings.Clone(value)
		case "checksum":
			t.Checksum = strings.Clone(value)
		case "format":
			t.Tree = value == "btree"
		case "encryption":
			var by string
			if by, err = setting(value, "name"); err == nil {
				t.Encrypted = by != "" && by != "none"
			}
		case "checkpoint_lsn":
			t.At, err = lsnOf(value)
		case "checkpoint":
			t.Checkpoints, err = checkpointsOf(value)
		}
		if err != nil {
			err = fmt.Errorf("%s: %w", name, err)
		}
		return err == nil
	})
	if err != nil {
		return t, fmt.Errorf("the metadata of %s: %w", t.File, err)
	}
	return t, nil
}

// bytesOf reads a size like 4KB.
func bytesOf(v string) (int64, error) {
	digits := strings.TrimRight(v, "BbKkMmGg")
	n, err := strconv.ParseInt(digits, 10, 40)
	if err != nil {
		return 0, damaged("%q is no size", v)
	}
	switch strings.TrimRight(strings.ToUpper(v[len(digits):]), "B") {
	case "K":
		n <<= 10
	case "M":
		n <<= 20
	case "G":
		return 0, damaged("%q is no size of a unit", v)
	}
	return n, nil
}

// lsnOf reads a position like 1,26368, or nothing.
func lsnOf(v string) (l LSN, err error) {
	if v == "" {
		return l, nil
	}
	file, offset, ok := strings.Cut(v, ",")
	if !ok {
		return l, damaged("%q is no position", v)
	}
	f, err := strconv.ParseUint(file, 10, 32)
	if err != nil {
		return l, damaged("%q is no position", v)
	}
	o, err := strconv.ParseUint(offset, 10, 32)
	if err != nil {
		return l, damaged("%q is no position", v)
	}
	return LSN{uint32(f), uint32(o)}, nil
}

func checkpointsOf(v string) (all []Checkpoint, err error) {
	bad := settings(v, func(name, value string) bool {
		c := Checkpoint{Name: strings.Clone(name)}
		err = settings(value, func(name, value string) bool {
			switch name {
			case "addr":
				c.Cookie = strings.Clone(value)
			case "order":
				if c.Order, err = strconv.ParseInt(value, 10, 64); err != nil {
					err = damaged("%q is no order", value)
				}
			}
			return err == nil
		})
		if len(all) >= maxCheckpoints {
			err = unknown("more than %d checkpoints", maxCheckpoints)
		}
		all = append(all, c)
		return err == nil
	})
	if bad != nil {
		return nil, bad
	}
	return all, err
}
