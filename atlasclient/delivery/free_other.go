//go:build !(linux || darwin || freebsd)

package delivery

import "io/fs"

// writable is not known here.
func writable(string) error { return nil }

// free is not known here.
func free(string) (bytes int64, note string) { return -1, "" }

// taken is how much of the disk a file takes, as far as it is known here.
func taken(is fs.FileInfo) int64 { return is.Size() }
