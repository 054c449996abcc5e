package simulator

import (
	"crypto/sha256"
	"fmt"
	"testing"
	"time"
)

// Whatever a value is for, it is thrown by the words that fmt makes of it.
func TestDiceAreThrownByWords(t *testing.T) {
	d := dice{7}
	for _, what := range [][]any{{}, {"snapshot", "5f", int64(-3), 12}, {time.Hour, "x", uint8(3), true}, {[]string{"a"}, 1.5}, {1, 2}} {
		if got, want := d.bytes(what...), sha256.Sum256(fmt.Appendln([]byte("7|"), what...)); got != want {
			t.Errorf("%v: %x, want %x", what, got, want)
		}
	}
}
