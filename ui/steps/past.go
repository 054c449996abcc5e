package steps

import (
	"context"
	"sync"
	"time"

	"atlas-restore/state"
)

// Past is what Atlas tells of a source besides its snapshots that says which moments of it
// can be had: its schedule, and the restores of its backups.
type Past struct {
	Of                   string // the cluster: its project's id and its name
	Schedule             state.Schedule
	Jobs                 []state.Job
	ScheduleErr, JobsErr error
}

// LoadPast asks for both at once. What could not be seen is in the answer; the error is
// that of both.
func LoadPast(ctx context.Context, atlas Atlas, c state.Cluster) (Past, error) {
	p := Past{Of: sourceName(c)}
	var all sync.WaitGroup
	all.Go(func() { p.Schedule, p.ScheduleErr = atlas.Schedule(ctx, c) })
	all.Go(func() { p.Jobs, p.JobsErr = atlas.Jobs(ctx, c) })
	all.Wait()
	if p.ScheduleErr != nil {
		return p, p.ScheduleErr
	}
	return p, p.JobsErr
}

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
