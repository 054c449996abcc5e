package steps

import (
	"cmp"
	"context"
	"sync"
	"time"

	"atlas-restore/state"
)

// Past is what Atlas tells of a source besides its snapshots that says which moments of it
// can be had: its schedule, and the restores of its backups.
type Past struct {
	Of                   string           // the cluster: its project's id and its name
	Snapshots            []state.Snapshot // where they were not seen on the way; nil else
	Schedule             state.Schedule
	Jobs                 []state.Job
	ScheduleErr, JobsErr error
	SnapshotsErr         error // where they were asked for
}

// LoadPast asks for both at once, and for the snapshots where nothing is seen of them. What
// could not be seen is in the answer; the error is the first of them.
func LoadPast(ctx context.Context, atlas Atlas, c state.Cluster, seen []state.Snapshot) (Past, error) {
	load := func(ctx context.Context) (Past, error) { return loadPast(ctx, atlas, c, seen) }
	if w, ok := atlas.(*walk); ok { // one question: what has come of it is not lost with a page that is left
		return ask(ctx, w, pastOf(c, seen == nil), load)
	}
	return load(ctx)
}

func loadPast(ctx context.Context, atlas Atlas, c state.Cluster, seen []state.Snapshot) (Past, error) {
	p := Past{Of: sourceName(c)}
	var all sync.WaitGroup
	all.Go(func() { p.Schedule, p.ScheduleErr = atlas.Schedule(ctx, c) })
	all.Go(func() { p.Jobs, p.JobsErr = atlas.Jobs(ctx, c) })
	if seen == nil {
		all.Go(func() { p.Snapshots, p.SnapshotsErr = atlas.Snapshots(ctx, c) })
	}
	all.Wait()
	return p, p.Err()
}

// Err is why something of it could not be seen; nil where all of it was.
func (p *Past) Err() error { return cmp.Or(p.ScheduleErr, p.SnapshotsErr, p.JobsErr) }

// Whole says whether both were seen.
func (p *Past) Whole() bool { return p.ScheduleErr == nil && p.JobsErr == nil }

func sourceName(c state.Cluster) string { return c.ProjectID + "/" + c.Name }

// LoadingPast says what LoadPast does.
func LoadingPast(c state.Cluster) string { return "Loading the restore window of " + c.Name }

// PastOf is what was seen of the cluster's past; nil for nothing.
func (s *Seen) PastOf(c state.Cluster) *Past {
	if s.Past != nil && s.Past.Of == sourceName(c) {
		return s.Past
	}
	return nil
}

// Learn keeps what was loaded.
func (s *Seen) Learn(p Past) {
	s.Past = &p
	if p.Snapshots != nil {
		s.Snapshots = p.Snapshots
	}
}

// Reach is which moments of the cluster can be had, as far as it was seen.
func (p *Past) Reach(c state.Cluster, snapshots []state.Snapshot, now time.Time) state.Reach {
	if p == nil {
		return state.Reach{}
	}
	r := state.Reach{Window: state.RestoreWindow(c, p.Schedule, snapshots, now)}
	if len(snapshots) > 0 { // else no hole would seem to have an end
		r.Holes = state.Holes(c, p.Jobs, snapshots)
	}
	return r
}
