//go:build !(linux || darwin || dragonfly || freebsd || netbsd || openbsd)

package lines

import (
	"errors"
	"os"
)

// NoEcho cannot be had here: a secret is then not asked for.
func NoEcho(*os.File) (restore func(), err error) {
	return nil, errors.New("this system's terminals cannot be kept from showing what is typed")
}

// Forget cannot be had here either.
func Forget(*os.File) {}
