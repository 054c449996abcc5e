package delivery

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// reserve takes room on the disk for what will be written to a file, where that costs next to nothing:
// on disks that keep extents. The file's size stays.
func reserve(f *os.File, from, size int64) (bool, error) {
	var s unix.Statfs_t
	if unix.Fstatfs(int(f.Fd()), &s) != nil {
		return false, nil
	}
	switch s.Type {
	case unix.EXT4_SUPER_MAGIC, unix.XFS_SUPER_MAGIC, unix.BTRFS_SUPER_MAGIC:
	default:
		return false, nil
	}
	for {
		err := unix.Fallocate(int(f.Fd()), unix.FALLOC_FL_KEEP_SIZE, from, size)
		switch {
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.ENOSPC), errors.Is(err, unix.EDQUOT):
			return false, err //nolint:wrapcheck // the caller says what for
		default:
			return err == nil, nil
		}
	}
}
