package archive

import (
	"encoding/binary"
	"hash/crc32"

	"github.com/klauspost/compress/snappy"
)

// log is the journal in the making.
type log struct {
	b   []byte
	txn uint64
}

const (
	logAlign  = 128
	logHeader = 16
	logSize   = 100 << 10 // which is laid out in advance
)

// record writes one, compressed where that saves something.
func (l *log) record(body []byte) {
	r := append(make([]byte, logHeader), body...)
	r = append(r, make([]byte, -len(r)&(logAlign-1))...)
	whole, flags := len(r), 0
	if packed := snappy.Encode(nil, r[logHeader:]); len(packed)+logHeader+8+logAlign < whole && len(l.b) > 0 {
		r = binary.LittleEndian.AppendUint64(r[:logHeader:logHeader], uint64(len(packed)))
		r = append(r, packed...)
		r = append(r, make([]byte, -len(r)&(logAlign-1))...)
		flags = 1
		binary.LittleEndian.PutUint32(r[12:], uint32(whole))
	}
	binary.LittleEndian.PutUint32(r, uint32(len(r)))
	r[8] = byte(flags)
	binary.LittleEndian.PutUint32(r[4:], crc32.Checksum(r, castagnoli()))
	l.b = append(l.b, r...)
}

// begin writes what each file of the journal begins with.
func (l *log) begin() {
	head := binary.LittleEndian.AppendUint32(nil, 0x101064)
	head = binary.LittleEndian.AppendUint32(head, 5)
	l.record(binary.LittleEndian.AppendUint64(head, logSize))
	l.record([]byte{0x84, 0x88, 0x84, 0x81, 0x80})
	l.record(append([]byte{0x83}, "SYSTEM: Log manager created at 1795840200\x00"...))
}

// commit writes a transaction of one operation.
func (l *log) commit(kind byte, fields []byte) {
	l.txn++
	// With its own length, which takes the more bytes the greater it is.
	size := 2 + len(fields)
	for len(number(nil, uint64(size))) > size-1-len(fields) {
		size++
	}
	op := append(number([]byte{0x80 | kind}, uint64(size)), fields...)
	l.record(append(number([]byte{0x81}, l.txn), op...))
}

func (l *log) put(file uint64, key, value []byte) {
	f := number(number(nil, file), uint64(len(key)))
	l.commit(4, append(append(f, key...), value...))
}

func (l *log) remove(file uint64, key []byte) { l.commit(5, append(number(nil, file), key...)) }

// checkpoint says at which position one is taken.
func (l *log) checkpoint() int {
	for i := range 5 {
		l.put(2, number(nil, uint64(i)), document("n", i))
	}
	at := len(l.b)
	l.record([]byte{0x80, 0x81, 0x81, 0x80, 0x80})
	return at
}

// whole is the file, with what was laid out and not written.
func (l *log) whole() []byte {
	b := append([]byte(nil), l.b...)
	return append(b, make([]byte, max(logAlign, logSize-len(b)))...)
}
