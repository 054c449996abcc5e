package wiredtiger

import (
	"hash/crc32"
	"io"
	"math"
)

// Block is one whose checksum was found right.
type Block struct {
	Header
	Offset int64
	// Page are its bytes, if they were asked for and are not too many. They are its receiver's
	// until it returns: the next block is written over them.
	Page []byte
}

// Scan finds the blocks of a file while it goes by. Each unit may begin one. It holds no
// byte of a block, except those of the pages that are kept.
//
// Blocks are handed to Found in the order of their offsets, when no earlier one can come.
// What lies within a block that is whole is no block of its own. One whose data is not summed
// may reach beyond the end of the file.
type Scan struct {
	// Found gets each block.
	Found func(Block) error
	// Keep says whose bytes are wanted, and may be nil.
	Keep func(Header) bool

	at         int64  // bytes read
	sum        uint32 // of all of them
	descriptor error
	pending    []candidate // in the order of their offsets
	nextEnd    int64       // the earliest end of these
	tail       []Block     // found, while an earlier one may still come
	held       int         // bytes in pages
	spare      [][]byte    // pages that nobody needs any more
}

// candidate is a block that its header promises.
type candidate struct {
	Header
	offset  int64
	sum     uint32 // of its header, with zeros for its checksum
	running uint32 // of the file, to the end of its header
	page    []byte
	keep    bool
}

const (
	// scanBuffer is read at a time.
	scanBuffer = 256 << 10
	// maxHeld bounds the bytes of pages that are held at a time, whatever headers promise.
	maxHeld = 20 << 20
	// maxPending bounds the candidates at a time: as many units as the greatest block has.
	maxPending = MaxBlock / Unit
)

// Read reads a whole file. Its error is that of the reader, or of Found.
func (s *Scan) Read(r io.Reader, buffer []byte) error {
	if len(buffer) < Unit {
		buffer = make([]byte, scanBuffer)
	}
	buffer = buffer[:len(buffer)/Unit*Unit]
	s.nextEnd = math.MaxInt64
	s.descriptor = damaged("the file is empty")
	for {
		n, err := io.ReadFull(r, buffer)
		if e := s.chunk(buffer[:n]); e != nil {
			return e
		}
		switch err {
		case nil:
		case io.EOF, io.ErrUnexpectedEOF:
			for _, c := range s.pending { // cut: what they promise does not come
				s.release(c)
			}
			s.pending = nil
			return s.flush()
		default:
			return err //nolint:wrapcheck // it is the caller's own reader
		}
	}
}

// Size is how many bytes were read.
func (s *Scan) Size() int64 { return s.at }

// Descriptor is what is wrong with the first unit, or nil.
func (s *Scan) Descriptor() error { return s.descriptor }

// chunk reads bytes that begin at a unit's border.
func (s *Scan) chunk(b []byte) error {
	if s.at == 0 && len(b) > 0 {
		s.descriptor = CheckDescriptor(b)
	}
	summed := 0 // how much of b is in s.sum
	through := func(to int) {
		part := b[summed:to]
		s.sum = crc32.Update(s.sum, castagnoli(), part)
		from := s.at + int64(summed)
		for i := range s.pending {
			// What a page still lacks of this part: its header's bytes are in it already.
			if c := &s.pending[i]; c.keep {
				if have := c.offset + int64(len(c.page)); have < from+int64(len(part)) {
					c.page = append(c.page, part[max(0, have-from):]...)
				}
			}
		}
		summed = to
	}
	for pos := 0; pos < len(b); pos += Unit {
		if s.at+int64(pos) >= s.nextEnd {
			through(pos)
			if err := s.ends(s.at + int64(pos)); err != nil {
				return err
			}
		}
		if s.at+int64(pos) == 0 || pos+Unit > len(b) {
			continue // the descriptor, or less than a block
		}
		h, plausible := ReadHeader(b[pos:])
		if !plausible || len(s.pending) >= maxPending {
			continue
		}
		header := b[pos : pos+HeaderSize]
		if !h.Whole() {
			if sumWithout(b[pos:pos+shortSum], atSum) == h.Sum {
				// Nothing behind its first bytes is proven, so that others may lie there.
				s.tail = append(s.tail, Block{Header: h, Offset: s.at + int64(pos)})
			}
			continue
		}
		through(pos + HeaderSize)
		c := candidate{Header: h, offset: s.at + int64(pos), sum: sumWithout(header, atSum), running: s.sum}
		if s.Keep != nil && s.Keep(h) && s.held+int(h.Size) <= maxHeld {
			c.keep = true
			s.held += int(h.Size)
			c.page = append(s.page(int(h.Size)), header...)
		}
		s.pending = append(s.pending, c)
		s.nextEnd = min(s.nextEnd, c.offset+int64(h.Size))
	}
	through(len(b))
	s.at += int64(len(b))
	if s.at >= s.nextEnd && s.at%Unit == 0 {
		if err := s.ends(s.at); err != nil {
			return err
		}
	}
	if len(s.pending) == 0 {
		return s.flush()
	}
	return nil
}

// ends judges the candidates that end here.
func (s *Scan) ends(here int64) error {
	s.nextEnd = math.MaxInt64
	left := s.pending[:0]
	for _, c := range s.pending {
		if c.offset+int64(c.Size) > here {
			left = append(left, c)
			s.nextEnd = min(s.nextEnd, c.offset+int64(c.Size))
			continue
		}
		// The block differs from the file by what went before it, and by the zeros in its header.
		if s.sum^polyMul(c.sum^c.running, shift().behindHeader(c.Size)) != c.Sum {
			s.release(c)
			continue
		}
		for len(s.tail) > 0 && s.tail[len(s.tail)-1].Offset > c.offset {
			s.held -= len(s.tail[len(s.tail)-1].Page)
			s.reuse(s.tail[len(s.tail)-1].Page)
			s.tail = s.tail[:len(s.tail)-1]
		}
		s.tail = append(s.tail, Block{Header: c.Header, Offset: c.offset, Page: c.page})
		// Whatever began within it, and has not ended, overlaps it.
		s.nextEnd = math.MaxInt64
		for _, c := range left {
			s.nextEnd = min(s.nextEnd, c.offset+int64(c.Size))
		}
		for _, other := range s.pending {
			if other.offset > c.offset {
				s.release(other)
			}
		}
		break
	}
	clear(s.pending[len(left):])
	s.pending = left
	if len(left) == 0 {
		return s.flush()
	}
	return nil
}

// release gives back what a candidate might have held.
func (s *Scan) release(c candidate) {
	if c.keep {
		s.held -= int(c.Size)
		s.reuse(c.page)
	}
}

// mostSpare is how many pages are kept for others: as many as are open at a time in most files.
const mostSpare = 4

// page is room for one of a size.
func (s *Scan) page(size int) []byte {
	if n := len(s.spare); n > 0 {
		room := s.spare[n-1]
		s.spare = s.spare[:n-1]
		if cap(room) >= size {
			return room[:0]
		}
	}
	return make([]byte, 0, size)
}

// reuse takes back the room of a page.
func (s *Scan) reuse(page []byte) {
	if cap(page) > 0 && cap(page) <= 1<<20 && len(s.spare) < mostSpare {
		s.spare = append(s.spare, page)
	}
}

// flush hands out what was found.
func (s *Scan) flush() error {
	for _, b := range s.tail {
		s.held -= len(b.Page)
		if err := s.Found(b); err != nil {
			return err
		}
		s.reuse(b.Page)
	}
	clear(s.tail)
	s.tail = s.tail[:0]
	return nil
}
