package archive

import (
	"encoding/binary"
	"hash/crc32"
)

const (
	unit       = 4096
	pageHeader = 28
	headers    = 40

	rowInternal = 6
	rowLeaf     = 7
	overflow    = 5
	manager     = 1 // the block manager's own
)

// castagnoli is the table of WiredTiger's checksums, which Go makes once.
func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }

// number is WiredTiger's packed integer.
func number(b []byte, v uint64) []byte {
	switch {
	case v < 64:
		return append(b, 0x80|byte(v))
	case v < 8256:
		v -= 64
		return append(b, 0xc0|byte(v>>8), byte(v))
	}
	v -= 8256
	var big [8]byte
	binary.BigEndian.PutUint64(big[:], v)
	n := 8
	for n > 0 && big[8-n] == 0 {
		n--
	}
	return append(append(b, 0xe0|byte(n)), big[8-n:]...)
}

// place is where a block lies.
type place struct {
	offset, size int
	sum          uint32
}

// cookie is a place as it stands in cells and in the metadata.
func cookie(b []byte, p place) []byte {
	if p.size == 0 {
		return append(b, 0x80, 0x80, 0x80)
	}
	b = number(b, uint64(p.offset/unit-1))
	b = number(b, uint64(p.size/unit))
	return number(b, uint64(p.sum))
}

// short or long, a cell begins with its type and its length.
func key(b, k []byte) []byte {
	if len(k) < 64 {
		return append(append(b, byte(len(k))<<2|1), k...)
	}
	return append(number(append(b, 5<<4), uint64(len(k)-64)), k...)
}

func value(b, v []byte) []byte {
	if len(v) < 64 {
		return append(append(b, byte(len(v))<<2|3), v...)
	}
	return append(number(append(b, 8<<4), uint64(len(v)-64)), v...)
}

// lead is a cell whose data is an address.
func lead(b []byte, kind byte, p place) []byte {
	a := cookie(nil, p)
	return append(number(append(b, kind<<4), uint64(len(a))), a...)
}

// The kinds of lead.
const (
	toInternal      = 1
	toLeaf          = 2 // which has overflow items
	toLeafNo        = 3
	toOverflowKey   = 6
	toOverflowValue = 10
)

// document is one of BSON, of texts and documents.
func document(fields ...any) []byte {
	size := 5
	for _, f := range fields {
		switch v := f.(type) {
		case string:
			size += len(v) + 6
		case []byte:
			size += len(v) + 1
		default:
			size += 9
		}
	}
	b := make([]byte, 4, size)
	for i := 0; i+1 < len(fields); i += 2 {
		name, _ := fields[i].(string) // it is ours
		switch v := fields[i+1].(type) {
		case string:
			b = append(append(append(b, 2), name...), 0)
			b = binary.LittleEndian.AppendUint32(b, uint32(len(v)+1))
			b = append(append(b, v...), 0)
		case []byte:
			b = append(append(append(b, 3), name...), 0)
			b = append(b, v...)
		case int:
			b = append(append(append(b, 18), name...), 0)
			b = binary.LittleEndian.AppendUint64(b, uint64(v))
		case bool:
			b = append(append(append(b, 8), name...), 0, 0)
			if v {
				b[len(b)-1] = 1
			}
		}
	}
	b = append(b, 0)
	binary.LittleEndian.PutUint32(b, uint32(len(b)))
	return b
}
