package wiredtiger

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// made is a block of a type and a size in units, filled with noise.
func made(rng *rand.Rand, kind PageType, units int, whole bool) []byte {
	b := make([]byte, units*Unit)
	for i := HeaderSize; i+8 <= len(b); i += 8 {
		binary.LittleEndian.PutUint64(b[i:], rng.Uint64())
	}
	binary.LittleEndian.PutUint32(b[16:], uint32(len(b)))
	b[24] = byte(kind)
	binary.LittleEndian.PutUint32(b[PageHeader:], uint32(len(b)))
	summed := b[:shortSum]
	if whole {
		b[36] = flagWholeSum
		summed = b
	}
	binary.LittleEndian.PutUint32(b[atSum:], crc32.Checksum(summed, castagnoli()))
	return b
}

// sought are the blocks of a file as the slow way finds them, which sums each where it stands.
func sought(file []byte) (all []Address) {
	for pos := Unit; pos+Unit <= len(file); {
		h, ok := ReadHeader(file[pos:])
		a := Address{int64(pos), h.Size, h.Sum}
		switch {
		case !ok:
		case !h.Whole():
			if sumWithout(file[pos:pos+shortSum], atSum) == h.Sum {
				all = append(all, a)
			}
		case int(a.End()) <= len(file):
			if _, err := Check(file[pos:a.End()], a); err == nil {
				all = append(all, a)
				pos = int(a.End())
				continue
			}
		}
		pos += Unit
	}
	return all
}

// TestScanFindsEachBlock holds the scan, which sums all candidates at once, against the slow
// way, on files with damage, with headers that promise too much, with blocks within blocks.
func TestScanFindsEachBlock(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	blocks := 0
	for range 60 {
		file := appendDescriptor(nil)
		for range rng.IntN(12) {
			b := made(rng, PageType(1+rng.IntN(7)), 1+rng.IntN(90), rng.IntN(6) > 0)
			switch rng.IntN(6) {
			case 5: // a whole block within a whole one
				if len(b) > 2*Unit && b[36]&flagWholeSum != 0 {
					copy(b[Unit:], made(rng, PageRowLeaf, 1, true))
					clear(b[atSum : atSum+4])
					binary.LittleEndian.PutUint32(b[atSum:], crc32.Checksum(b, castagnoli()))
				}
			case 0:
				b[rng.IntN(len(b))] ^= 1 << rng.IntN(8)
			case 1: // a header that reaches over others
				binary.LittleEndian.PutUint32(b[PageHeader:], uint32(1+rng.IntN(200))*Unit)
			case 2: // a whole block within a damaged one
				if len(b) > 2*Unit {
					copy(b[Unit:], made(rng, PageRowLeaf, 1, true))
				}
			}
			file = append(file, b...)
		}
		if rng.IntN(3) == 0 {
			file = file[:len(file)-rng.IntN(min(len(file), 3*Unit))]
		}
		want := sought(file)
		blocks += len(want)
		for _, buffer := range []int{Unit, 3 * Unit, scanBuffer} {
			var got []Address
			scan := Scan{
				Keep: func(h Header) bool { return h.Type.Internal() },
				Found: func(b Block) error {
					a := Address{b.Offset, b.Size, b.Sum}
					got = append(got, a)
					if b.Type.Internal() && b.Whole() && !bytes.Equal(b.Page, file[a.Offset:a.End()]) {
						t.Fatalf("the page at %d is not what stands there", a.Offset)
					}
					return nil
				},
			}
			if err := scan.Read(bytes.NewReader(file), make([]byte, buffer)); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got, want) {
				t.Fatal(cmp.Diff(want, got))
			}
			if scan.held != 0 {
				t.Fatalf("%d bytes are still counted as held", scan.held)
			}
			if scan.Size() != int64(len(file)) || (scan.Descriptor() == nil) != (len(file) >= Unit) {
				t.Fatalf("size %d, descriptor: %v", scan.Size(), scan.Descriptor())
			}
		}
	}
	if blocks < 100 {
		t.Fatalf("only %d blocks were found: the test tests nothing", blocks)
	}
}

func TestDescriptorIsHeldAgainstItsSum(t *testing.T) {
	good := appendDescriptor(nil)
	if err := CheckDescriptor(good); err != nil {
		t.Fatal(err)
	}
	for at := range Unit {
		bad := slices.Clone(good)
		bad[at] ^= 0x10
		if CheckDescriptor(bad) == nil {
			t.Fatalf("a descriptor with another byte %d is taken for whole", at)
		}
	}
}

func TestPackedIntegersComeBack(t *testing.T) {
	for _, v := range []uint64{0, 1, 63, 64, 65, 8255, 8256, 8257, 1 << 16, 1<<32 - 1, 1 << 40, 1<<64 - 1} {
		got, rest, err := unpack(append(appendPacked(nil, v), 7))
		if err != nil || got != v || len(rest) != 1 {
			t.Errorf("%d comes back as %d, %v, %v", v, got, rest, err)
		}
	}
}

func TestCookiesComeBack(t *testing.T) {
	// As WiredTiger 12.0.0 wrote it.
	const text = "01aa81e469407d64ab81e47aebc026ac81e47926bc6a808080e302bfc0e3010fc0"
	c, err := CookieOf(text)
	if err != nil {
		t.Fatal(err)
	}
	if c.Root != (Address{Offset: 176128, Size: 4096, Sum: 0x69407d64 + pack2Max + 1}) || c.Size != 188416 {
		t.Errorf("read as %+v", c)
	}
	if again, err := CookieOf(c.Hex()); err != nil || again != c {
		t.Errorf("comes back as %+v, %v", again, err)
	}
}
