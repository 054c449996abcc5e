package wiredtiger

import "sync"

// The arithmetic of checksums. A CRC is linear: from the running sum of a whole file the sum
// of each part of it follows without reading the part again. So a block is summed although
// it is known only at its end whether it was one, and nothing of it is kept.
//
// Polynomials over GF(2) are held with the bits in reverse, as hash/crc32 holds them: bit 31
// is x⁰.

const (
	castagnoliPoly = 0x82f63b78
	polyOne        = 1 << 31
)

// polyMul is a·b modulo the polynomial.
func polyMul(a, b uint32) uint32 {
	var p uint32
	for a != 0 {
		if a&polyOne != 0 {
			p ^= b
		}
		a <<= 1
		b = b>>1 ^ castagnoliPoly&-(b&1)
	}
	return p
}

// shifts says how a sum goes on through zero bytes.
type shifts struct {
	units [65]uint32 // by n·Unit − HeaderSize bytes, for the sizes that most blocks have
	power [15]uint32 // by 2ⁿ·Unit bytes
}

// zeros is x to the power of 8·n.
func zeros(n int) uint32 {
	result, square := uint32(polyOne), uint32(polyOne>>8)
	for ; n > 0; n >>= 1 {
		if n&1 != 0 {
			result = polyMul(result, square)
		}
		square = polyMul(square, square)
	}
	return result
}

// shift is made at its first use.
func shift() *shifts {
	shiftOnce.Do(makeShifts)
	return &allShifts
}

var (
	shiftOnce sync.Once
	allShifts shifts
)

func makeShifts() {
	s := &allShifts
	rest := zeros(Unit - HeaderSize)
	s.power[0] = zeros(Unit)
	for i := 1; i < len(s.power); i++ {
		s.power[i] = polyMul(s.power[i-1], s.power[i-1])
	}
	s.units[1] = rest
	for i := 2; i < len(s.units); i++ {
		s.units[i] = polyMul(s.units[i-1], s.power[0])
	}
}

// behindHeader is x to the power of 8·(size − HeaderSize), for a multiple of Unit.
func (s *shifts) behindHeader(size uint32) uint32 {
	n := size / Unit
	if n < uint32(len(s.units)) {
		return s.units[n]
	}
	v := s.units[1]
	n--
	for i := 0; n > 0 && i < len(s.power); i, n = i+1, n>>1 {
		if n&1 != 0 {
			v = polyMul(v, s.power[i])
		}
	}
	return v
}
