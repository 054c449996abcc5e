package archive

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"hash/crc32"
	"slices"
	"sync"

	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

// row is an entry of a table.
type row struct{ key, value []byte }

// table is a file of the storage engine in the making.
type table struct {
	b        []byte
	compress string
	free     [][2]int // what no checkpoint reaches
	cut      bool     // free space at the end is not there
	heads    bool     // of what is compressed only the first bytes are summed
	packed   []byte   // memory for a page that is compressed
}

func newTable(compress string) *table {
	d := make([]byte, unit)
	binary.LittleEndian.PutUint32(d, 120897)
	binary.LittleEndian.PutUint16(d[4:], 1)
	binary.LittleEndian.PutUint32(d[8:], crc32.Checksum(d, castagnoli()))
	return &table{b: d, compress: compress}
}

// block writes a page and says where.
func (t *table) block(kind byte, entries int, body []byte) place {
	const plain = 64 // so many bytes of a page are never compressed
	whole, flags := headers+len(body), byte(0)
	begin := len(t.b)
	t.b = append(slices.Grow(t.b, whole+unit), make([]byte, headers)...)
	if kind != manager && kind != overflow && whole > unit {
		if packed, ok := t.pack(body[plain-headers:]); ok && len(packed)+plain+unit < whole {
			t.b, flags = append(append(t.b, body[:plain-headers]...), packed...), 1
		}
	}
	if flags == 0 {
		t.b = append(t.b, body...)
	}
	t.b = append(t.b, make([]byte, (begin-len(t.b))&(unit-1))...)
	page := t.b[begin:]
	binary.LittleEndian.PutUint64(page[8:], 7) // the generation of its writing
	binary.LittleEndian.PutUint32(page[16:], uint32(whole))
	binary.LittleEndian.PutUint32(page[20:], uint32(entries))
	page[24], page[25], page[27] = kind, flags, 1
	binary.LittleEndian.PutUint32(page[pageHeader:], uint32(len(page)))
	summed := page[:plain]
	if !t.heads || flags == 0 {
		page[36], summed = 1, page
	}
	sum := crc32.Checksum(summed, castagnoli())
	binary.LittleEndian.PutUint32(page[pageHeader+4:], sum)
	return place{begin, len(page), sum}
}

// zstandard compresses pages; to make one is dearer than what it does.
func zstandard() (*zstd.Encoder, error) {
	encoder.once.Do(func() { encoder.made, encoder.err = zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1)) })
	return encoder.made, encoder.err
}

var encoder struct {
	once sync.Once
	made *zstd.Encoder
	err  error
}

// pack compresses a part of a page, with its length before it where the compressor has none of its own;
// ok is false where nothing compresses. What it gives is good until the next one.
func (t *table) pack(b []byte) (packed []byte, ok bool) {
	const length = 8
	into := append(t.packed[:0], make([]byte, length)...)
	switch t.compress {
	case "snappy":
		into = slices.Grow(into, snappy.MaxEncodedLen(len(b)))
		packed = into[:length+len(snappy.Encode(into[length:cap(into)], b))]
	case "zstd":
		z, err := zstandard()
		if err != nil {
			return nil, false
		}
		packed = z.EncodeAll(b, into)
	case "zlib":
		var out bytes.Buffer
		z := zlib.NewWriter(&out)
		_, _ = z.Write(b) // it is memory
		_ = z.Close()
		return out.Bytes(), true
	default:
		return nil, false
	}
	t.packed = packed
	binary.LittleEndian.PutUint64(packed, uint64(len(packed)-length))
	return packed, true
}

// spare writes what no checkpoint reaches: a whole block of an earlier time, or noise.
func (t *table) spare(b []byte) {
	t.free = append(t.free, [2]int{len(t.b), len(b)})
	t.b = append(t.b, b...)
}

// A page is full at these numbers, which are small so that small tables have high trees.
const (
	leafBytes  = 16 << 10
	fanOut     = 6
	longestKey = 400 // a longer one has a block of its own
)

// tree writes all rows, and the pages that lead to them; it returns the root.
func (t *table) tree(rows []row) place {
	type child struct {
		first []byte
		at    place
		kind  byte
	}
	size := 0
	for _, r := range rows {
		size += len(r.key) + len(r.value)
	}
	t.b = slices.Grow(t.b, size)
	var level []child
	body := make([]byte, 0, 2*leafBytes)
	for len(rows) > 0 {
		body = body[:0]
		cells, n := 0, 0
		kind := byte(toLeafNo)
		for ; n < len(rows) && (n == 0 || len(body)+len(rows[n].key)+len(rows[n].value) < leafBytes); n++ {
			r := rows[n]
			if len(r.key) > longestKey {
				body = lead(body, toOverflowKey, t.block(overflow, len(r.key), r.key))
				kind = toLeaf
			} else {
				body = key(body, r.key)
			}
			cells++
			if len(r.value) > 0 {
				body = value(body, r.value)
				cells++
			}
		}
		first := rows[0].key
		level = append(level, child{first[:min(len(first), longestKey)], t.block(rowLeaf, cells, body), kind})
		rows = rows[n:]
	}
	for root := false; !root; {
		root = len(level) <= fanOut
		var above []child
		for len(level) > 0 {
			n := min(fanOut, len(level))
			body = body[:0]
			for _, c := range level[:n] {
				body = lead(key(body, c.first), c.kind, c.at)
			}
			above = append(above, child{level[0].first, t.block(rowInternal, 2*n, body), toInternal})
			level = level[n:]
		}
		level = above
	}
	return level[0].at
}

// extents writes a list of them.
func (t *table) extents(all [][2]int) place {
	body := number(number(nil, 71002), 0)
	for _, e := range all {
		body = number(number(body, uint64(e[0])), uint64(e[1]))
	}
	body = number(number(body, 0), 0)
	return t.block(manager, len(body), body)
}

// checkpoint ends the file, and returns its address as the metadata has it.
func (t *table) checkpoint(root place) string {
	var alloc, avail place
	alloc = t.extents([][2]int{{unit, len(t.b) - unit}})
	free, beyond := t.free, 0
	if t.cut {
		beyond = 3 * unit
		free = append(free[:len(free):len(free)], [2]int{len(t.b) + unit, beyond}) // behind the list itself
	}
	if len(free) > 0 {
		avail = t.extents(free)
	}
	b := []byte{1}
	for _, p := range []place{root, alloc, avail, {}} {
		b = cookie(b, p)
	}
	b = number(b, uint64(len(t.b)+beyond))
	return hex.EncodeToString(number(b, uint64(root.size)))
}
