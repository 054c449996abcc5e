// Tests of atlasclient/coach. They stand here: each package with tests is one more program to link.

package atlasclient_test

import (
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"atlas-restore/atlasclient/coach"
)

// A port that takes the connection and says nothing is told as that, and does not hold a
// training up for ever.
func TestSilentPort(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // its queue takes the connection
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	c := coach.New(l.Addr().String()).Patient(30 * time.Millisecond)
	if coach.Patience != 5*time.Second {
		t.Errorf("it waits for %s", coach.Patience)
	}
	if _, err := c.Hello(t.Context()); !errors.Is(err, coach.ErrNoSimulator) || !strings.Contains(err.Error(), "said nothing for") {
		t.Errorf("got %v", err)
	}
}
