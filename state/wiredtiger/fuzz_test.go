package wiredtiger

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"testing"
)

// Whatever stands in a file, its readers end without a panic, and hand out nothing beyond it.

// FuzzScan makes files of headers: each piece of the plan is one, with a number of units and a
// byte that says whether its sum fits. So inputs are short.
func FuzzScan(f *testing.F) {
	const piece = HeaderSize + 2
	header := func(kind PageType, size uint32, flags, units, fits byte) []byte {
		b := make([]byte, piece)
		b[24] = byte(kind)
		binary.LittleEndian.PutUint32(b[PageHeader:], size)
		b[36], b[HeaderSize], b[HeaderSize+1] = flags, units, fits
		return b
	}
	f.Add(bytes.Join([][]byte{header(PageRowInt, 2*Unit, 1, 2, 1), header(PageRowLeaf, 9*Unit, 1, 1, 0), header(PageRowLeaf, Unit, 1, 1, 1)}, nil), uint16(1))
	f.Add(bytes.Join([][]byte{header(PageRowLeaf, 3*Unit, 0, 3, 1), header(PageRowInt, 5*Unit, 1, 5, 1)}, nil), uint16(2))
	f.Fuzz(func(t *testing.T, plan []byte, buffer uint16) {
		file := appendDescriptor(nil)
		for n := 0; len(plan) >= piece && n < 40; n++ {
			b := make([]byte, Unit*(1+int(plan[HeaderSize]%8)))
			copy(b, plan[:HeaderSize])
			at := len(file)
			file = append(file, b...)
			if h, ok := ReadHeader(b); ok && plan[HeaderSize+1]&1 == 1 {
				summed := file[at:]
				if !h.Whole() {
					summed = summed[:shortSum]
				} else if int(h.Size) < len(summed) {
					summed = summed[:h.Size]
				}
				binary.LittleEndian.PutUint32(file[at+atSum:], sumWithout(summed, atSum))
			}
			plan = plan[piece:]
		}
		file = append(file, plan...)
		last := int64(0)
		scan := Scan{Keep: func(h Header) bool { return h.Type.Internal() }}
		scan.Found = func(b Block) error {
			if b.Offset <= last || b.Offset%Unit != 0 || b.Whole() && b.Offset+int64(b.Size) > int64(len(file)) {
				t.Fatalf("a block of %d bytes at %d, behind %d, in %d", b.Size, b.Offset, last, len(file))
			}
			if b.Whole() {
				if _, err := Check(file[b.Offset:b.Offset+int64(b.Size)], Address{b.Offset, b.Size, b.Sum}); err != nil {
					t.Fatal(err)
				}
			}
			last = b.Offset
			return nil
		}
		if err := scan.Read(bytes.NewReader(file), make([]byte, Unit*(1+int(buffer%7)))); err != nil {
			t.Fatal(err)
		}
		if scan.held != 0 {
			t.Fatalf("%d bytes are held", scan.held)
		}
	})
}

func FuzzPage(f *testing.F) {
	page := func(kind PageType, entries int, body []byte) []byte {
		b := make([]byte, HeaderSize, Unit)
		b = append(b, body...)
		binary.LittleEndian.PutUint32(b[16:], uint32(len(b)))
		binary.LittleEndian.PutUint32(b[20:], uint32(entries))
		b[24] = byte(kind)
		b = append(b, make([]byte, Unit-len(b))...)
		binary.LittleEndian.PutUint32(b[PageHeader:], Unit)
		return b
	}
	address := appendAddress(nil, Address{Offset: 2 * Unit, Size: Unit, Sum: 7})
	f.Add(page(PageRowInt, 2, append([]byte{1<<2 | 1, 'a', cellAddrLeaf << 4, 0x80 | byte(len(address))}, address...)), "snappy")
	f.Add(page(PageRowLeaf, 2, []byte{1<<2 | 1, 'a', 1<<2 | 3, 'b'}), "zstd")
	f.Add(page(PageExtents, 20, append(appendPacked(nil, extentsMagic), 0x80, 0x80, 0x80)), "zlib")
	f.Fuzz(func(t *testing.T, block []byte, compressor string) {
		if len(block) > 1<<20 {
			return
		}
		_ = Extents(block, func(offset, size int64) error {
			if offset < 0 || size <= 0 || offset+size < 0 {
				t.Fatalf("an extent of %d bytes at %d", size, offset)
			}
			return nil
		})
		var p Pages
		h, page, err := p.Open(block, compressor)
		if err != nil {
			return
		}
		if len(page) > MaxPage {
			t.Fatalf("a page of %d bytes", len(page))
		}
		_ = Cells(h, page, func(c Cell) error {
			if len(c.Data) > len(page) {
				t.Fatalf("a cell of %d bytes in a page of %d", len(c.Data), len(page))
			}
			if a, err := AddressOf(c.Data); err == nil && (a.Offset < 0 || a.End() < a.Offset) {
				t.Fatalf("an address %+v", a)
			}
			return nil
		})
		_ = Items(h, page, func(Address) {})
		_ = Rows(h, page, func(a Address) ([]byte, error) { return block, nil }, func(_, _ []byte) error { return nil })
	})
}

func FuzzMetadata(f *testing.F) {
	f.Add("file:a.wt", `allocation_size=4KB,block_compressor=snappy,checksum=on,id=7,checkpoint=(WiredTigerCheckpoint.2=(addr="018181e40676f9898281e41546bd168381e47d85523a808080e22fc0cfc0",order=2)),checkpoint_lsn=(1,22144)`)
	f.Add("file:a/b.wt", `checkpoint=(a=(addr=""),b=[addr="01"]),encryption=(keyid=,name="x\"y")`)
	f.Fuzz(func(t *testing.T, uri, config string) {
		table, err := TableOf(uri, config)
		if err != nil {
			return
		}
		for _, c := range table.Checkpoints {
			cookie, err := CookieOf(c.Cookie)
			if err != nil {
				continue
			}
			if cookie.Size < 0 || cookie.Root.Offset < 0 || cookie.Root.End() < cookie.Root.Offset {
				t.Fatalf("a checkpoint %+v", cookie)
			}
			if again, err := CookieOf(cookie.Hex()); err != nil || again != cookie {
				t.Fatalf("%+v comes back as %+v, %v", cookie, again, err)
			}
		}
	})
}

func FuzzText(f *testing.F) {
	f.Add([]byte("file:a.wt\nid=1\n"))
	f.Add([]byte("file:a.wt\nid=1"))
	f.Fuzz(func(t *testing.T, text []byte) {
		n := 0
		err := Text(bytes.NewReader(text), func(key, value string) error {
			n++
			return nil
		})
		if err == nil && n > 0 && text[len(text)-1] != '\n' {
			t.Fatalf("a text that ends within a line is taken for whole")
		}
	})
}

func FuzzJournal(f *testing.F) {
	record := func(flags byte, whole uint32, body []byte) []byte {
		b := append(make([]byte, recordHeader), body...)
		b = append(b, make([]byte, -len(b)&(journalAlign-1))...)
		binary.LittleEndian.PutUint32(b, uint32(len(b)))
		b[8] = flags
		binary.LittleEndian.PutUint32(b[12:], whole)
		binary.LittleEndian.PutUint32(b[atRecordSum:], crc32.Checksum(b, castagnoli()))
		return b
	}
	head := record(0, 0, []byte{0x64, 0x10, 0x10, 0, 5, 0, 0, 0})
	put := record(0, 0, []byte{0x81, 0x82, 0x84, 0x89, 0x80, 0x83, 'a', 'b', 0, 'c', 0})
	f.Add(append(bytes.Clone(head), put...))
	f.Add(append(append(bytes.Clone(head), make([]byte, 128)...), put...))
	f.Add(append(bytes.Clone(head), record(1, 200, []byte{3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 'a'})...))
	f.Fuzz(func(t *testing.T, file []byte) {
		// As in FuzzScan, each record gets a sum that fits.
		file = bytes.Clone(file)
		for at := 0; at+recordHeader <= len(file); {
			size := int(binary.LittleEndian.Uint32(file[at:]))
			if size < recordHeader || at+size > len(file) {
				break
			}
			if file[at+10]&1 == 0 {
				binary.LittleEndian.PutUint32(file[at+atRecordSum:], sumWithout(file[at:at+size], atRecordSum))
			}
			at += (size + journalAlign - 1) / journalAlign * journalAlign
		}
		j, err := ReadJournal(1, "", bytes.NewReader(file), func(c Change) {
			if int(c.At.Offset) >= len(file) {
				t.Fatalf("a change at %d of %d", c.At.Offset, len(file))
			}
		})
		if j.Size != int64(len(file)) || j.Proven > j.Size || j.End > j.Size {
			t.Fatalf("%+v of %d bytes, %v", j, len(file), err)
		}
	})
}
