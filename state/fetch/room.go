package fetch

// Room is what a directory is like before anything is fetched into it.
type Room struct {
	New  bool   // it is not there yet, and will be made
	Free int64  // bytes that this user may still write there; -1: not known
	Note string // what is to be known of the kind of disk; mostly nothing
	Err  error  // why nothing can be fetched into it, as far as can be seen
}

// Fits says whether so many bytes have room as far as is known; 0 bytes: how many is not known.
func (r Room) Fits(bytes int64) bool { return r.Free < 0 || r.Free >= bytes }
