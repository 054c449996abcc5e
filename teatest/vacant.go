package teatest

import (
	"math/rand/v2"
	"net"
	"strconv"
	"testing"
)

// Vacant is an address of this machine at which nothing listens. Its port is below those that a
// system gives to whoever asks for any (32768 and up on Linux, 49152 and up elsewhere): else another
// test may be given it in the meantime.
func Vacant(t testing.TB) string {
	t.Helper()
	for range 100 {
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(20000+rand.IntN(10000))) //nolint:gosec // nobody gains by guessing it
		l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", address)
		if err != nil {
			continue // somebody is there
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		return address
	}
	t.Fatal("a hundred ports are in use")
	return ""
}
