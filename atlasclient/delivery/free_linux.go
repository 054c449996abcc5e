package delivery

import "golang.org/x/sys/unix"

// ofKind says what is to be known of some kinds of disks.
func ofKind(s *unix.Statfs_t) string {
	switch s.Type {
	case unix.TMPFS_MAGIC:
		return "the directory is in memory (tmpfs): what is fetched takes it up, and is lost when this machine stops"
	case unix.MSDOS_SUPER_MAGIC:
		return "the disk of the directory is FAT: it takes no file of 4 GiB or more"
	}
	return ""
}
