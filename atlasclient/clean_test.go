package atlasclient

import (
	"errors"
	"testing"
)

// What a proxy says in its status line, or a certificate in its names, commands no terminal
// and hides nothing of what stands behind it.
func TestBrokenWireIsClean(t *testing.T) {
	t.Parallel()
	err := &brokenWire{errors.New("speaking to a: \x1b]0;title\x07 \u202e\r\nthe cause")}
	if got, want := err.Error(), "speaking to a: ]0;title  the cause"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
