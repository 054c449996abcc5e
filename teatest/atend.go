package teatest

import "testing"

// AtEnd is t.Cleanup for what holds much. The testing package keeps every cleanup until the
// last test of a package has ended, and with it all that it has captured: hundreds of
// terminals and worlds, which are collected as soon as this one has run.
func AtEnd(t testing.TB, f func()) {
	t.Helper()
	t.Cleanup(func() {
		once := f
		f = nil
		once()
	})
}
