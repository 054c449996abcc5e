// Package drill sees what a rehearsed restore has brought, as far as Atlas tells it without a login to
// the database: whether the target is idle, which databases it has, how many collections and documents,
// which search indexes. It holds that against the snapshot and against what Atlas counted of the source
// at that time, and has a command of the operator's own look at the data.
//
// What could not be read is never taken for good: a check is passed only where both sides were seen.
package drill

import (
	"context"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/incident"
	"atlas-restore/state/program"
	"atlas-restore/state/record"
)

// Atlas is what a drill asks of Atlas once its job has ended.
type Atlas interface {
	ClusterNamed(ctx context.Context, projectID, name string) (state.Cluster, bool, error)
	Members(ctx context.Context, cluster state.Cluster) ([]incident.Process, error)
	Databases(ctx context.Context, projectID, processID string) ([]string, error)
	DatabaseMeasurements(ctx context.Context, projectID, processID, database string, span incident.Span, counters ...string) ([]incident.Series, error)
	SnapshotDatabases(ctx context.Context, cluster state.Cluster, snapshotID string) ([]string, error)
	SnapshotCollections(ctx context.Context, cluster state.Cluster, snapshotID, database string) ([]string, error)
	BaseSnapshot(ctx context.Context, cluster state.Cluster, i state.Instant) (state.Snapshot, error)
	// SearchIndexes are those of Atlas Search on a cluster.
	SearchIndexes(ctx context.Context, cluster state.Cluster) ([]state.SearchIndex, error)
	// ConnectionString is how a client reaches a cluster, without a credential.
	ConnectionString(ctx context.Context, cluster state.Cluster) (string, error)
}

// The names of the checks.
const (
	Target      = "target"
	Databases   = "databases"
	Collections = "collections"
	Documents   = "documents"
	Indexes     = "search indexes"
	Verify      = "verify"
)

// Count is what a check waits for until Atlas has looked into the databases.
const Count = "Atlas's next count"

// Patience is for how long a drill waits for what Atlas has not counted yet: it looks into databases
// every 20 minutes, and less often where they are busy.
const Patience = 90 * time.Minute

// Order is what was rehearsed.
type Order struct {
	Source, Target state.Cluster
	Snapshot       state.Snapshot // whose data were restored; no id where they are of a moment
	Instant        state.Instant  // that moment
	Done           time.Time      // when the job ended
	Verify         program.Command
	About          []string // of the restore, for the environment of that command: NAME=value
}

// At is of when the data are.
func (o Order) At() time.Time {
	if o.Snapshot.ID == "" {
		return o.Instant.Time()
	}
	return o.Snapshot.When()
}

// Look is one check. Without a finding it is being looked at.
type Look struct {
	record.After
	Waits string // for what, in a few words; empty where it does not wait
}

// Standing is how it stands with all checks: pure data, a copy of its own.
type Standing struct {
	Looks []Look
	Next  time.Time // about when Atlas has counted next; zero where that is not waited for
	Over  bool
	Cut   bool      // it was left before all was seen
	At    time.Time // when it was over
}

// Left is the standing of a drill that nobody goes on with: what was not seen by then never will be.
func (s Standing) Left() Standing {
	out := s
	out.Looks = nil
	for _, l := range s.Looks {
		if l.Finding == "" {
			l.Finding, l.Found = record.Unseen, "the drill was left before it was seen"
		}
		out.Looks = append(out.Looks, l)
	}
	return out
}

// Afters are the checks as a record has them.
func (s Standing) Afters() []record.After {
	var out []record.After
	for _, l := range s.Left().Looks {
		out = append(out, l.After)
	}
	return out
}

// Begun is how it stands before anything was looked at.
func (o Order) Begun() Standing {
	one := func(name, source string, data bool) Look {
		return Look{After: record.After{Name: name, Source: source, Data: data}}
	}
	out := Standing{Looks: []Look{
		one(Target, "Atlas, the cluster", false),
		one(Databases, "Atlas: the names in the snapshot, and the databases of the target's servers", true),
		one(Collections, "Atlas: the names in the snapshot, and the counters of both clusters' databases", true),
		one(Documents, "Atlas, the counters of both clusters' databases", true),
		one(Indexes, "Atlas, the search indexes of both clusters", false),
	}}
	out.Looks[0].Expected = "idle"
	out.Looks[1].Expected = "all that the snapshot names"
	out.Looks[2].Expected = "as many as in the snapshot"
	out.Looks[3].Expected = "as many as the source had"
	out.Looks[4].Expected = "those of the source, ready"
	if o.Verify.Argv != nil {
		l := one(Verify, "the command verify of config.toml: "+o.Verify.Name(), true)
		l.Expected = "exit code 0 within " + state.Age(o.Verify.Limit)
		out.Looks = append(out.Looks, l)
	}
	return out
}
