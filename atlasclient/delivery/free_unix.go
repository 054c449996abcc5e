//go:build linux || darwin || freebsd

package delivery

import (
	"io/fs"
	"syscall"

	"golang.org/x/sys/unix"
)

// taken is how much of the disk a file takes: what was reserved for it may be more than its size.
func taken(is fs.FileInfo) int64 {
	if s, ok := is.Sys().(*syscall.Stat_t); ok {
		return max(is.Size(), s.Blocks*512) //nolint:unconvert // the type differs from system to system
	}
	return is.Size()
}

// writable says why this user can make nothing in a directory; nil where it can.
func writable(path string) error {
	return unix.Access(path, unix.W_OK|unix.X_OK) //nolint:wrapcheck // the caller says what for
}

// free is how much this user may still write to the disk of a directory.
func free(path string) (bytes int64, note string) {
	var s unix.Statfs_t
	if unix.Statfs(path, &s) != nil {
		return -1, ""
	}
	return int64(s.Bavail) * int64(s.Bsize), ofKind(&s) //nolint:gosec,unconvert // their types differ from system to system
}
