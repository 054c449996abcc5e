package wiredtiger

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"path"
	"strconv"
	"strings"

	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zlib"
)

// The journal's files are named so, with a number of ten digits behind.
const journalPrefix = "WiredTigerLog."

// JournalNumber is the number of a file of the journal, by its name.
func JournalNumber(file string) (uint32, bool) {
	digits, ok := strings.CutPrefix(path.Base(file), journalPrefix)
	if !ok || len(digits) != 10 {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, 10, 32)
	return uint32(n), err == nil && n > 0
}

const (
	journalMagic  = 0x101064
	journalAlign  = 128
	recordHeader  = 16
	atRecordSum   = 4
	maxRecord     = 512 << 20
	maxRecordHeld = 16 << 20 // of a record that is looked into
	maxRecordOpen = 24 << 20 // of the same, not compressed

	// maxLooked bounds what is summed in search of a record behind a bad one. Only what somebody
	// has made for it promises so many, which is no torn end.
	maxLooked = 1 << 30

	recordCompressed = 0x01
	recordEncrypted  = 0x02

	recordCommit = 1 // of a transaction

	opRowPut       = 4
	opRowRemove    = 5
	opRowModify    = 10
	opIgnored      = 1 << 31 // what stands for a file that is not to be changed
	metadataFileID = 0
)

// Change is what a transaction in the journal did to the metadata.
type Change struct {
	At      LSN // of its transaction
	Key     string
	Value   string
	Removed bool
}

// Journal is what was found in one file of it.
type Journal struct {
	Number  uint32
	Records int
	Size    int64 // of the file
	Proven  int64 // bytes of records whose checksums are right
	End     int64 // where the records end
	// Torn says that the last record is not whole: it may have been in the writing.
	Torn bool
	// Bad is where a record is damaged that sound ones follow, or 0; recovery stops there.
	Bad int64
	// Unread says why the changes of the metadata in it are not known, or is nil.
	Unread error
}

// ReadJournal reads one file of the journal, and calls change for each change of the
// metadata in it, up to the first damage. An error in whose chain ErrDamaged is says that it
// is none; every other is the reader's.
func ReadJournal(number uint32, compressor string, r io.Reader, change func(Change)) (j Journal, err error) {
	j.Number = number
	in := &journalReader{r: r}
	defer func() { j.Size = in.at }()
	var header [recordHeader]byte
	for {
		start := in.at
		n, err := in.full(header[:])
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			j.End = start
			j.Torn = j.Torn || n > 0 && anyByte(header[:n])
			return j, j.first(start)
		}
		if err != nil {
			return j, err
		}
		size := int64(binary.LittleEndian.Uint32(header[:]))
		if size < recordHeader || size > maxRecord {
			// Zeros that were laid out in advance, the end of the records, or damage.
			j.End = start
			zero := !anyByte(header[:])
			return j, errors.Join(j.rest(in, start, zero), j.first(start))
		}
		held, sum, whole, err := in.record(header[:], size)
		if err != nil {
			return j, err
		}
		if !whole || sum != binary.LittleEndian.Uint32(header[atRecordSum:]) {
			j.End = start
			return j, errors.Join(j.behind(in, header[:], held, start), j.first(start))
		}
		if start == 0 {
			if len(held) < recordHeader+4 || binary.LittleEndian.Uint32(held[recordHeader:]) != journalMagic {
				return j, errors.Join(in.drain(), damaged("the first bytes are not those of a journal"))
			}
			held = nil // it is no transaction
		}
		j.Records++
		j.Proven += in.at - start
		j.End = in.at
		if held == nil {
			continue
		}
		if err := changes(held, size, compressor, LSN{number, uint32(start)}, change); err != nil && j.Unread == nil {
			j.Unread = err
		}
	}
}

// first says that nothing was found where the journal begins.
func (j *Journal) first(start int64) error {
	if start == 0 {
		return damaged("the journal's first record")
	}
	return nil
}

// journalReader counts what it reads.
type journalReader struct {
	r  io.Reader
	at int64
	b  [32 << 10]byte
}

func (in *journalReader) full(b []byte) (int, error) {
	n, err := io.ReadFull(in.r, b)
	in.at += int64(n)
	return n, err //nolint:wrapcheck // it is the caller's own reader
}

func (in *journalReader) drain() error {
	n, err := io.CopyBuffer(io.Discard, struct{ io.Reader }{in.r}, in.b[:])
	in.at += n
	return err //nolint:wrapcheck // it is the caller's own reader
}

// record reads the rest of a record of a size, and of the bytes up to where the next may
// begin. It holds the record if it is not too long.
func (in *journalReader) record(header []byte, size int64) (held []byte, sum uint32, whole bool, err error) {
	var clean [recordHeader]byte
	copy(clean[:], header)
	clear(clean[atRecordSum : atRecordSum+4])
	sum = crc32.Update(0, castagnoli(), clean[:])
	left := (size+journalAlign-1)/journalAlign*journalAlign - recordHeader
	inSum := size - recordHeader
	held = append(held, header...)
	for left > 0 {
		n, err := in.full(in.b[:min(left, int64(len(in.b)))])
		part := in.b[:n]
		left -= int64(n)
		sum = crc32.Update(sum, castagnoli(), part[:min(int64(n), inSum)])
		inSum -= min(int64(n), inSum)
		if len(held)+n <= maxRecordHeld {
			held = append(held, part...)
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return held, sum, inSum == 0, nil
		}
		if err != nil {
			return nil, 0, false, err
		}
	}
	return held, sum, true, nil
}

// rest reads on behind the last record: there are zeros, or damage.
func (j *Journal) rest(in *journalReader, start int64, zero bool) error {
	var skipped []byte
	if !zero {
		skipped = make([]byte, recordHeader)
		skipped[0] = 1 // no record begins so: what was there is judged already
	}
	return j.scan(in, skipped, start, !zero)
}

// behind looks for sound records behind a bad one, whose bytes are given as far as they were
// held.
func (j *Journal) behind(in *journalReader, header, held []byte, start int64) error {
	if held == nil {
		held = header
	}
	return j.scan(in, held, start, true)
}

// scan looks for whole records at each place where one may begin, from behind start on.
// Records that are longer than what is held at a time are not found so.
func (j *Journal) scan(in *journalReader, have []byte, start int64, bad bool) error {
	const window = 1 << 20
	at := start // of have[0]
	first := true
	budget := int64(maxLooked)
	for {
		// As much as the window takes, then what is in it is judged from its start on.
		for len(have) < window {
			n, err := in.full(in.b[:])
			have = append(have, in.b[:n]...)
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				break
			}
			if err != nil {
				return err
			}
		}
		if len(have) == 0 {
			return j.ended(bad)
		}
		pos := int(-at & (journalAlign - 1))
		if first {
			pos, first = journalAlign, false
		}
		bad = bad || anyByte(have[:min(len(have), pos)])
		for ; pos+recordHeader <= len(have); pos += journalAlign {
			size := int(binary.LittleEndian.Uint32(have[pos:]))
			bad = bad || anyByte(have[pos:min(len(have), pos+journalAlign)])
			if size < recordHeader || size > len(have)-pos {
				continue
			}
			if budget -= int64(size); budget < 0 || sumWithout(have[pos:pos+size], atRecordSum) == binary.LittleEndian.Uint32(have[pos+atRecordSum:]) {
				j.Bad = max(start, 1)
				return in.drain()
			}
		}
		if len(have) < window {
			return j.ended(bad)
		}
		keep := len(have) / 2 / journalAlign * journalAlign
		at += int64(keep)
		have = append(have[:0], have[keep:]...)
	}
}

func (j *Journal) ended(bad bool) error {
	j.Torn = j.Torn || bad
	return nil
}

// anyByte says whether one of them is not zero.
func anyByte(b []byte) bool {
	for len(b) > 0 {
		n := min(len(b), len(zeroBytes))
		if !bytes.Equal(b[:n], zeroBytes[:n]) {
			return true
		}
		b = b[n:]
	}
	return false
}

var zeroBytes [4096]byte

// changes finds what a record did to the metadata.
func changes(held []byte, size int64, compressor string, at LSN, change func(Change)) error {
	if int64(len(held)) < size {
		// A transaction of many megabytes is one of documents: the metadata's are compressed to less.
		return unknown("a transaction of %d bytes in the journal", size)
	}
	held = held[:size]
	flags := binary.LittleEndian.Uint16(held[8:])
	body := held[recordHeader:]
	switch {
	case flags&recordEncrypted != 0:
		return unknown("an encrypted journal")
	case flags&recordCompressed != 0:
		whole := binary.LittleEndian.Uint32(held[12:])
		if whole < recordHeader || whole > maxRecordOpen {
			return unknown("a transaction of %d bytes in the journal", whole)
		}
		var err error
		if body, err = unpackRecord(body, int(whole)-recordHeader, compressor); err != nil {
			return err
		}
	}
	kind, body, err := unpack(body)
	if err != nil || kind != recordCommit {
		return err
	}
	if _, body, err = unpack(body); err != nil { // the transaction
		return err
	}
	for len(body) > 0 && body[0] != 0 {
		var op, length uint64
		rest := body
		if op, rest, err = unpack(rest); err != nil {
			return err
		}
		if length, rest, err = unpack(rest); err != nil {
			return err
		}
		head := uint64(len(body) - len(rest))
		if length < head || length > uint64(len(body)) {
			return damaged("an operation of %d bytes in the journal", length)
		}
		rest, body = body[head:length], body[length:]
		if op != opRowPut && op != opRowRemove && op != opRowModify {
			continue
		}
		var id uint64
		if id, rest, err = unpack(rest); err != nil {
			return err
		}
		if id != metadataFileID {
			continue
		}
		c := Change{At: at, Removed: op == opRowRemove}
		switch op {
		case opRowModify:
			return unknown("a change within an entry of the metadata")
		case opRowPut:
			var n uint64
			if n, rest, err = unpack(rest); err != nil {
				return err
			}
			if n > uint64(len(rest)) {
				return damaged("a key of %d bytes in the journal", n)
			}
			c.Key, c.Value = cString(rest[:n]), cString(rest[n:])
		default:
			c.Key = cString(rest)
		}
		change(c)
	}
	return nil
}

// cString is a text of C's, without the zero at its end.
func cString(b []byte) string {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	return string(b)
}

// unpackRecord is what a record holds, which MongoDB compresses by snappy unless it was told
// otherwise.
func unpackRecord(body []byte, size int, compressor string) ([]byte, error) {
	if compressor == "" {
		compressor = "snappy"
	}
	switch compressor {
	case "snappy":
		packed, err := prefixed(body)
		if err != nil {
			return nil, err
		}
		if n, err := snappy.DecodedLen(packed); err != nil || n > size {
			return nil, unknown("a journal that is not compressed by snappy")
		}
		out, err := snappy.Decode(nil, packed)
		if err != nil {
			return nil, unknown("a journal that is not compressed by snappy")
		}
		return out, nil
	case "zlib":
		r, err := zlib.NewReader(bytes.NewReader(body))
		if err != nil {
			return nil, unknown("a journal that is not compressed by zlib")
		}
		out, err := io.ReadAll(io.LimitReader(r, int64(size)))
		if err != nil {
			return nil, unknown("a journal that is not compressed by zlib")
		}
		return out, nil
	}
	return nil, unknown("a journal compressed by %q", compressor)
}
