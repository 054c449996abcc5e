package proof

import (
	"bytes"
	"io"
)

// bytesReader gives its bytes in pieces that fit no border, as a network does.
func bytesReader(b []byte) io.Reader { return &pieces{r: bytes.NewReader(b)} }

type pieces struct {
	r io.Reader
	n int
}

// Read implements io.Reader.
func (p *pieces) Read(b []byte) (int, error) {
	p.n = p.n*7%4099 + 1
	return p.r.Read(b[:min(len(b), p.n)])
}
