//go:build linux || darwin || freebsd

package delivery

import "golang.org/x/sys/unix"

// free is how much this user may still write to the disk of a directory.
func free(path string) (bytes int64, note string) {
	var s unix.Statfs_t
	if unix.Statfs(path, &s) != nil {
		return -1, ""
	}
	return int64(s.Bavail) * int64(s.Bsize), ofKind(&s) //nolint:gosec,unconvert // their types differ from system to system
}
