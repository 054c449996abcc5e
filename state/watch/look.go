package watch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"atlas-restore/state"
)

// Atlas is what following asks of Atlas.
type Atlas interface {
	// Job reads one restore job of a source.
	Job(ctx context.Context, source state.Cluster, id string) (state.Job, error)
	// CollectionJob reads one collection restore job of a source, with its collections.
	CollectionJob(ctx context.Context, source state.Cluster, id string) (state.Job, error)
	// Jobs are all restore jobs of a source.
	Jobs(ctx context.Context, source state.Cluster) ([]state.Job, error)
}

// Sight is what one look has brought.
type Sight struct {
	Job      state.Job
	AskedAt  time.Time     // for the job; zero where that is not told
	Err      error         // why nothing is known of the job
	Others   []state.Other // that were seen beside it
	Unlisted error         // why it could not be seen at its end whether there are others
	Search   *Search       // whether Search came back; nil where that was not asked
	Alone    bool          // that alone was asked: of the job nothing is new
}

// everyThird look is also at what else is done to the target: a look each time would take
// as many requests again.
const everyThird = 3

// Look looks at the job once, and at its end and now and then before it at what else is done
// to its target. It changes nothing: whoever makes the look hands what it brings to Took.
func (f Follow) Look(ctx context.Context, atlas Atlas, source state.Cluster, now func() time.Time) Sight {
	read := atlas.Job
	if f.Job.DeliveryType == state.Collections {
		read = atlas.CollectionJob
	}
	asked := now()
	job, err := read(ctx, source, f.Job.ID)
	if err == nil {
		job, err = f.own(job)
	}
	s := Sight{Job: job, AskedAt: asked, Err: err}
	st := job.State(now())
	if err == nil && (st == state.Over || st == state.Doubtful) && f.mayComeLate(now()) {
		why := cmp.Or(job.Doubt(now()), "Atlas calls the job successful; not every collection of it is told yet")
		s.Err = &heldBack{&state.Advised{Err: errors.New(why), Advice: "It is looked at again, as Atlas may still tell more."}}
		return s
	}
	if err != nil || !job.DeliveryType.Overwrites() || !st.Ended() && f.looks%everyThird != 0 {
		return s
	}
	var unlisted error
	for _, c := range f.lists(source) {
		jobs, err := atlas.Jobs(ctx, c)
		if err != nil {
			unlisted = cmp.Or[error](unlisted, err)
			continue
		}
		s.Others = state.Beside(s.Others, state.Others(job, c, jobs))
	}
	switch at := now(); {
	case unlisted == nil || !st.Ended():
	case st == state.Completed && f.mayComeLate(at):
		// It is not called done before it was seen whether the target is its own.
		s.Err = &heldBack{fmt.Errorf("the job has ended; whether another one was made onto %s was not seen yet: %w", job.TargetClusterName, unlisted)}
	default:
		s.Unlisted = unlisted
	}
	return s
}

// mayComeLate says whether an end that was seen is not told for a while, as what is missing of it
// may come.
func (f Follow) mayComeLate(at time.Time) bool { return f.held.IsZero() || at.Sub(f.held) < Patience }

// heldBack is why an end that was seen is not told yet.
type heldBack struct{ error }

// Unwrap gives the cause.
func (h *heldBack) Unwrap() error { return h.error }

// lists are the clusters in whose restore jobs another one onto the target may stand: the
// source, and the target itself.
func (f Follow) lists(source state.Cluster) []state.Cluster {
	out := []state.Cluster{source}
	if t := f.Target; t.Name != "" && (t.Name != source.Name || t.ProjectID != source.ProjectID) {
		out = append(out, t)
	}
	return out
}

// own is the job as it was answered, if that is about the one that is followed.
func (f Follow) own(j state.Job) (state.Job, error) {
	is := f.Job
	differ := func(a, b string) bool { return a != "" && b != "" && a != b }
	switch {
	case j.ID != is.ID:
		return j, &state.UnreadableError{Why: fmt.Sprintf("the answer is about restore job %s, not %s", cmp.Or(j.ID, "without an id"), is.ID)}
	case is.DeliveryType != "" && j.DeliveryType != is.DeliveryType:
		return j, &state.UnreadableError{Why: fmt.Sprintf("the answer calls job %s %q, which is %s", j.ID, j.DeliveryType, is.DeliveryType)}
	case differ(j.TargetClusterName, is.TargetClusterName), differ(j.TargetProjectID, is.TargetProjectID):
		return j, &state.UnreadableError{Why: fmt.Sprintf("the answer has job %s onto %s, which is onto %s", j.ID, j.TargetClusterName, is.TargetClusterName)}
	case is.Collections != nil && j.Collections != nil && !is.Collections.Asked.Same(j.Collections.Asked):
		return j, &state.UnreadableError{Why: fmt.Sprintf("the answer has job %s of other collections than were asked for", j.ID)}
	case is.DeliveryType != state.PointInTime && differ(j.SnapshotID, is.SnapshotID):
		return j, &state.UnreadableError{Why: fmt.Sprintf("the answer has job %s of snapshot %s, which is of %s", j.ID, j.SnapshotID, is.SnapshotID)}
	}
	j.TargetProjectID, j.TargetClusterName = cmp.Or(j.TargetProjectID, is.TargetProjectID), cmp.Or(j.TargetClusterName, is.TargetClusterName)
	return j.Whole(f.Members), nil
}
