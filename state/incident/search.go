package incident

import (
	"context"
	"io"
	"time"

	"atlas-restore/state"
)

// Span is from when until when, and how far apart, counters are asked for.
type Span struct {
	From, Until time.Time
	Grain       time.Duration // whole minutes
}

// Source is what a search asks of Atlas. All of it only reads.
type Source interface {
	// Members are the servers of a cluster, in the order in which logs are best read.
	Members(ctx context.Context, cluster state.Cluster) ([]Process, error)
	// Log opens the log of a host for whole seconds; an empty stream for a range without lines.
	Log(ctx context.Context, projectID, host string, from, until time.Time) (io.ReadCloser, error)
	// Measurements are counters of a server.
	Measurements(ctx context.Context, projectID, processID string, span Span, counters ...string) ([]Series, error)
	// Databases are the names of the databases of a server.
	Databases(ctx context.Context, projectID, processID string) ([]string, error)
	// DatabaseMeasurements are counters of a database on a server, which Atlas samples.
	DatabaseMeasurements(ctx context.Context, projectID, processID, database string, span Span, counters ...string) ([]Series, error)
	// SnapshotDatabases are the names of the databases in a snapshot.
	SnapshotDatabases(ctx context.Context, cluster state.Cluster, snapshotID string) ([]string, error)
	// SnapshotCollections are the names of the collections of a database in a snapshot.
	SnapshotCollections(ctx context.Context, cluster state.Cluster, snapshotID, database string) ([]string, error)
	// Events are what a project's activity feed notes of some types since an instant, the newest
	// first; of one cluster, or of all where its name is empty.
	Events(ctx context.Context, projectID, cluster string, since time.Time, types ...string) ([]Noted, error)
}

// Search is what to look for, and where.
type Search struct {
	Cluster     state.Cluster
	Missing     Missing
	From, Until time.Time        // since when it might be missing, until when
	Reach       state.Reach      // which moments can be had
	Snapshots   []state.Snapshot // which snapshots there are
	Now         time.Time        // by Atlas's clock, as the search begins; Until where it is zero
	// Known is what a search for the same has found that reached less far back, or was stopped.
	// What it read stands and is not read again; what it could not read is asked for again.
	Known Findings
}

// Findings are what a search has found so far. They only grow.
type Findings struct {
	Found   []Happening // what befell what is missing, in the order of time
	Unclear []Event     // lines that may be of it and cannot be read
	Jumps   []Jump      // where counters left what they were
	Has     Has         // which snapshots have it
	Read    []Read      // what was read, in the order in which it was
	Unread  []Unread    // what could not be read
	Now     Read        // what is being read; zero for nothing
	Ended   bool        // the search is over: by itself, or stopped
	Stopped bool        // it was stopped before its end: what was found stands

	events  []Event                // what Found and Unclear are made of
	members []Process              // of the cluster
	starts  map[string][]time.Time // of members, by host, as their logs told them
}

// Read is a part of what tells, as it was or is read.
type Read struct {
	What        Part
	Of          string // the member, or the snapshot's id
	From, Until time.Time
	Bytes       int64 // of a log, unpacked
	Lines       int64
}

// Part is one kind of what tells.
type Part string

// The parts.
const (
	PartMembers   Part = "members"
	PartLog       Part = "log"
	PartCounters  Part = "counters"
	PartSnapshots Part = "snapshots"
)

// Unread is what could not be read. It is never taken for "nothing happened".
type Unread struct {
	What        Part
	Of          string // the member, or the snapshot's id; empty for all
	From, Until time.Time
	Why         string // a sentence
	Role        string // that it needs, by Atlas's name; empty where none is lacking
	Yet         bool   // Atlas does not have it yet: in some minutes it will
}

// Has tells which snapshots still have what is missing, found by halving.
type Has struct {
	Newest state.Snapshot // the newest that was seen to have it; without an id for none
	Lacks  state.Snapshot // the oldest after it that was seen not to have it; without an id for none
	Looked int            // at how many snapshots
}

// Tell is how a search tells its progress: each time with all that was found so far, which the
// receiver may keep. It is called from one goroutine, and must not block for long.
type Tell func(Findings)
