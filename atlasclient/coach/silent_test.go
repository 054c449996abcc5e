package coach

import (
	"errors"
	"net"
	"strings"
	"testing"
	"time"
)

// A port that takes the connection and says nothing is told as that, and does not hold a
// training up for ever.
func TestSilentPort(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // its queue takes the connection
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	c := New(l.Addr().String())
	if c.patience != 5*time.Second {
		t.Errorf("it waits for %s", c.patience)
	}
	c.patience = 30 * time.Millisecond
	if _, err := c.Hello(t.Context()); !errors.Is(err, ErrNoSimulator) || !strings.Contains(err.Error(), "said nothing for") {
		t.Errorf("got %v", err)
	}
}
