//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package lines

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// NoEcho keeps what is typed at a terminal from its screen until restore is called. Lines
// are still edited and read as before.
func NoEcho(tty *os.File) (restore func(), err error) {
	fd := int(tty.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return nil, fmt.Errorf("reading the terminal's settings: %w", err)
	}
	if err := echoOff(fd); err != nil {
		return nil, fmt.Errorf("switching the terminal's echo off: %w", err)
	}
	return func() { _ = term.Restore(fd, before) }, nil // there is nothing else to be done
}

// Forget drops what was typed at a terminal and not read yet.
func Forget(tty *os.File) { _ = flush(int(tty.Fd())) } // or it stays, and must be read

func echoOff(fd int) error {
	t, err := unix.IoctlGetTermios(fd, getTermios)
	if err != nil {
		return err
	}
	t.Lflag &^= unix.ECHO
	return unix.IoctlSetTermios(fd, setTermios, t)
}
