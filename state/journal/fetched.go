package journal

import (
	"slices"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/fetch"
)

// Fetch is how it stands with the files of a download, as this machine has fetched them. Nothing of
// a link is in it.
type Fetch struct {
	At      time.Time     `json:"at"`
	Dir     string        `json:"dir"`               // of the files
	Outcome state.Outcome `json:"outcome,omitempty"` // downloaded: each of them is proven; empty: its end was not written down
	Files   []FetchedFile `json:"files,omitempty"`
}

// FetchedFile is one of the files.
type FetchedFile struct {
	ReplicaSet string      `json:"replicaSetName,omitempty"`
	Path       string      `json:"path,omitempty"` // of what is there; empty: nothing
	State      fetch.State `json:"state,omitempty"`
	Bytes      int64       `json:"bytes,omitempty"` // on disk
	Total      int64       `json:"totalBytes,omitempty"`
	SHA256     string      `json:"sha256,omitempty"`
	NoRanges   bool        `json:"noRanges,omitempty"` // it would be fetched from the first byte on
	Proof      string      `json:"proof,omitempty"`    // what was proven, or what is wrong
}

// Proven says whether each file was.
func (f *Fetch) Proven() bool { return f != nil && f.Outcome == state.OutcomeDownloaded }

// outlives says whether it stays told in spite of a later fetch of the same job: what was proven in one
// directory is not undone by what comes of another.
func (f *Fetch) outlives(later *Fetch) bool {
	return f.Proven() && !later.Proven() && later.Dir != f.Dir
}

// NoRanges says whether what is there would be fetched from the first byte on: its server cannot go on in
// the middle.
func (f *Fetch) NoRanges() bool {
	return f != nil && slices.ContainsFunc(f.Files, func(x FetchedFile) bool { return x.NoRanges && x.State == fetch.Kept })
}

// Left says whether it was begun and a later one can go on with it: there is no end of it, or one
// that has kept something.
func (f *Fetch) Left() bool {
	if f == nil || f.Proven() {
		return false
	}
	for _, file := range f.Files {
		if file.State == fetch.Kept {
			return true
		}
	}
	return f.Outcome == ""
}
