// Package fetch says what it is to fetch the files of a download job: what is ordered, what
// happens on the way, and what becomes of each file. Whoever shows it needs no more than this.
package fetch

import (
	"context"
	"fmt"
	"time"

	"atlas-restore/state"
)

// Fetcher fetches the files of an order.
type Fetcher interface {
	// Fetch gives nil only where each file is proven; then and else the result says of each what
	// there is. When ctx ends, what is there is kept, and the same order goes on with it.
	Fetch(ctx context.Context, o Order, how How) (Result, error)
	// Room looks at a directory, which need not be there, and changes nothing. A network disk that
	// does not answer keeps it waiting.
	Room(dir string) Room
}

// How is how to fetch. All may be left out.
type How struct {
	AtOnce  int                                               // files at the same time; 0: two
	Limit   *Limit                                            // how fast; it can be changed meanwhile; nil: no limit
	Extract bool                                              // unpack each file into a directory beside it, in the same pass
	Tight   bool                                              // begin although Guess does not fit: what does not fit for sure is refused all the same
	Tell    func(Event)                                       // hears what happens, one event after the other; it must not block
	Renew   func(ctx context.Context, o Order) (Order, error) // has Atlas give new links for the same files, where it does; nil: it does not
}

// Order is what to fetch, and whereto.
type Order struct {
	Dir       string // made where it is missing, for this user alone
	Job       string // id of the download job
	Snapshot  string // id of the snapshot: what was begun is gone on with only for the same one
	ExpiresAt time.Time
	Guess     int64 // bytes that all archives together will hardly exceed; 0: nothing is known
	Files     []File
	Source    Source
}

// File is one archive: that of a replica set.
type File struct {
	Name       string         // its file name, as FileName makes it; it is cleaned in any case
	ReplicaSet string         // empty for the one of a replica set cluster
	Link       state.Secret   // zero: Atlas lists none
	Private    []state.Secret // the same file over private endpoints: used up together with Link
}

// State is how far an archive has come.
type State string

// The states.
const (
	Proven    State = "proven"    // it bears its final name
	Kept      State = "kept"      // a part of it, or all, is there; the same order goes on with it
	Untouched State = "untouched" // nothing of it is there
	Aside     State = "aside"     // all that came, to its end and not proven, is kept under another name with the report
)

// Fetched is what became of a file.
type Fetched struct {
	Name, ReplicaSet string
	State            State
	Path             string // of what is there; empty: nothing
	Directory        string // into which it was unpacked; empty: it was not
	Bytes, Total     int64  // on disk and of the whole; Total is -1 where it is not known
	Verdict          Verdict
	NoRanges         bool   // the server offers the whole only: what is there is not gone on with, but fetched from the first byte on
	Came             bool   // bytes have come over its link, though nothing of them is there
	Err              *Error // nil for Proven only
}

// Result is what became of the files, in their order.
type Result []Fetched

// Proven is how many are.
func (r Result) Proven() int {
	n := 0
	for _, f := range r {
		if f.State == Proven {
			n++
		}
	}
	return n
}

// Verdict is what a proof has shown.
type Verdict struct {
	Proven  bool   // the archive may bear its final name
	Unseen  bool   // not proven, and no damage was seen either: some of it could not be checked
	Foreign bool   // not proven, since it is no file of a backup at all
	Short   bool   // not proven, and as far as can be seen only because its end is missing
	Words   string // one sentence: what was proven, or what is wrong
	Report  []byte // a text in full, kept beside an archive that is not proven; may be empty
	SHA256  string // in hex; empty where the prover makes none

	NotChecked []string // what it says nothing about, a text for each
	FCV        string   // the featureCompatibilityVersion; empty: not found
	Opens      []string // the series of mongod that open it
	DataDir    string   // where in the archive the data directory is
}

// Err says what is missing; nil where nothing is.
func (r Result) Err() error {
	var first *Error
	var name string
	for _, f := range r {
		if f.Err != nil && (first == nil || first.Problem == Left) {
			first, name = f.Err, f.Name
		}
	}
	if first == nil {
		return nil
	}
	return fmt.Errorf("%d of %d files are proven; %s: %w", r.Proven(), len(r), name, first)
}
