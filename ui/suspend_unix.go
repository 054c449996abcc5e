//go:build unix

package ui

import (
	"os"
	"os/signal"
	"syscall"
)

// stopHere stops the processes of this job, as the terminal does at ctrl+z, until somebody has
// them go on.
func stopHere() {
	on := make(chan os.Signal, 1)
	signal.Notify(on, syscall.SIGCONT)
	defer signal.Stop(on)
	_ = syscall.Kill(0, syscall.SIGTSTP)
	<-on
}
