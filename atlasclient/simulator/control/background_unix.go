//go:build unix

package control

import (
	"os/signal"
	"syscall"
)

// stayInBackground has a shell's background job go on serving where it would be stopped
// for reading the terminal: there are no commands then.
func stayInBackground() { signal.Ignore(syscall.SIGTTIN) }
