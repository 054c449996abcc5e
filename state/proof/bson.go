package proof

import (
	"bytes"
	"encoding/binary"
	"errors"
)

// The types of BSON that are looked into: bsonspec.org has all of them.
const (
	bsonDouble     = 0x01
	bsonString     = 0x02
	bsonDocument   = 0x03
	bsonArray      = 0x04
	bsonBinary     = 0x05
	bsonUndefined  = 0x06
	bsonObjectID   = 0x07
	bsonBool       = 0x08
	bsonDate       = 0x09
	bsonNull       = 0x0a
	bsonRegex      = 0x0b
	bsonPointer    = 0x0c
	bsonCode       = 0x0d
	bsonSymbol     = 0x0e
	bsonScope      = 0x0f
	bsonInt32      = 0x10
	bsonTimestamp  = 0x11
	bsonInt64      = 0x12
	bsonDecimal    = 0x13
	bsonMin        = 0xff
	bsonMax        = 0x7f
	bsonDocHeader  = 4
	bsonTextHeader = 4
)

var errBSON = errors.New("it is no document of BSON")

// document calls do for each element at the top of a document with its value, which is what
// stands behind the element's name.
func document(b []byte, do func(kind byte, name string, value []byte)) error {
	if len(b) < bsonDocHeader+1 {
		return errBSON
	}
	n := int64(binary.LittleEndian.Uint32(b))
	if n < bsonDocHeader+1 || n > int64(len(b)) || b[n-1] != 0 {
		return errBSON
	}
	for b = b[bsonDocHeader : n-1]; len(b) > 0; {
		kind := b[0]
		end := bytes.IndexByte(b[1:], 0)
		if end < 0 {
			return errBSON
		}
		name, rest := string(b[1:1+end]), b[2+end:]
		size := bsonSize(kind, rest)
		if size < 0 || size > int64(len(rest)) {
			return errBSON
		}
		if do != nil {
			do(kind, name, rest[:size])
		}
		b = rest[size:]
	}
	return nil
}

// bsonSize is how many bytes a value of a kind takes at the start of b, or -1.
func bsonSize(kind byte, b []byte) int64 {
	length := func(more int64) int64 {
		if len(b) < bsonTextHeader {
			return -1
		}
		return int64(binary.LittleEndian.Uint32(b)) + more
	}
	switch kind {
	case bsonUndefined, bsonNull, bsonMin, bsonMax:
		return 0
	case bsonBool:
		return 1
	case bsonInt32:
		return 4
	case bsonDouble, bsonDate, bsonTimestamp, bsonInt64:
		return 8
	case bsonObjectID:
		return 12
	case bsonDecimal:
		return 16
	case bsonString, bsonCode, bsonSymbol:
		return length(bsonTextHeader)
	case bsonDocument, bsonArray, bsonScope:
		return length(0)
	case bsonBinary:
		return length(bsonTextHeader + 1)
	case bsonPointer:
		return length(bsonTextHeader + 12)
	case bsonRegex:
		first := bytes.IndexByte(b, 0)
		if first < 0 {
			return -1
		}
		second := bytes.IndexByte(b[first+1:], 0)
		if second < 0 {
			return -1
		}
		return int64(first + second + 2)
	}
	return -1
}

// bsonText is the value of a string.
func bsonText(v []byte) string {
	if len(v) < bsonTextHeader+1 {
		return ""
	}
	return string(v[bsonTextHeader : len(v)-1])
}
