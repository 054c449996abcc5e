package state

// SearchIndex is one index of Atlas Search on a cluster.
type SearchIndex struct {
	Database, Collection, Name string
	Status                     string // Atlas's word: READY, BUILDING, PENDING, STALE, FAILED, DELETING, DOES_NOT_EXIST
}

// String names it with its collection.
func (x SearchIndex) String() string { return x.Database + "." + x.Collection + "/" + x.Name }
