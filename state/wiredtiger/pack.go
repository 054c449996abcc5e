package wiredtiger

// The first byte of a packed integer says how it goes on; the greatest value of each form is
// where the next begins. intpack_inline.h has these numbers.
const (
	pack1    = 0x80 // and six bits
	pack2    = 0xc0 // and five bits, one byte more
	packMany = 0xe0 // and the number of bytes that follow

	pack1Max = 1<<6 - 1
	pack2Max = 1<<13 + pack1Max
)

// unpack reads one packed integer, which is not negative, and returns what follows it.
func unpack(b []byte) (v uint64, rest []byte, err error) {
	if len(b) == 0 {
		return 0, nil, damaged("a number is missing")
	}
	switch first := b[0]; {
	case first&0xc0 == pack1:
		return uint64(first & 0x3f), b[1:], nil
	case first&0xe0 == pack2:
		if len(b) < 2 {
			return 0, nil, damaged("a number is cut")
		}
		return (uint64(first&0x1f)<<8 | uint64(b[1])) + pack1Max + 1, b[2:], nil
	case first&0xf0 == packMany:
		n := int(first & 0xf)
		if n > 8 || len(b) < 1+n {
			return 0, nil, damaged("a number of %d bytes", n)
		}
		for _, c := range b[1 : 1+n] {
			v = v<<8 | uint64(c)
		}
		if v+pack2Max+1 < v {
			return 0, nil, damaged("a number is too great")
		}
		return v + pack2Max + 1, b[1+n:], nil
	}
	return 0, nil, damaged("byte %#x begins no number", b[0])
}

// appendPacked is what unpack reads.
func appendPacked(b []byte, v uint64) []byte {
	switch {
	case v <= pack1Max:
		return append(b, pack1|byte(v))
	case v <= pack2Max:
		v -= pack1Max + 1
		return append(b, pack2|byte(v>>8), byte(v))
	}
	v -= pack2Max + 1
	var tmp [8]byte
	n := 0
	for x := v; x > 0; x >>= 8 {
		n++
	}
	for i := range n {
		tmp[i] = byte(v >> (8 * (n - 1 - i)))
	}
	return append(append(b, packMany|byte(n)), tmp[:n]...)
}
