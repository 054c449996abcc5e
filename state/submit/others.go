package submit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/journal"
)

// Others are the clusters, beside the source, under whose restore jobs one onto the target may
// stand, and the jobs of this machine among those: the target itself, which may be restored
// onto itself, and each source from which this machine has sent a job onto it whose end it has
// not seen. What others have sent from a third cluster stands in none of these lists.
func Others(source, target state.Cluster, endpoint string, history []journal.Submission, now time.Time) ([]state.Cluster, []state.SentJob) {
	var out []state.Cluster
	var sent []state.SentJob
	add := func(c state.Cluster) {
		if !slices.ContainsFunc(append(out, source), func(o state.Cluster) bool { return o.ProjectID == c.ProjectID && o.Name == c.Name }) {
			out = append(out, c)
		}
	}
	add(target)
	for _, s := range history {
		if s.Onto(endpoint, target.ProjectID, target.Name) && s.Unfinished() && s.Open(now) {
			add(state.Cluster{Family: s.Body.Family, ProjectID: s.ProjectID, Name: s.ClusterName})
			sent = append(sent, state.SentJob{ID: s.JobID, Cluster: s.ClusterName, At: s.Time})
		}
	}
	return out, sent
}

// Lists reads the restore jobs of each of these clusters, all at once.
func Lists(ctx context.Context, atlas interface {
	Jobs(ctx context.Context, source state.Cluster) ([]state.Job, error)
}, of []state.Cluster,
) []state.JobList {
	return listed(ctx, atlas.Jobs, of)
}

// CollectionLists reads the collection restore jobs of each of these clusters, all at once. A
// cluster takes one at a time.
func CollectionLists(ctx context.Context, atlas interface {
	CollectionJobs(ctx context.Context, source state.Cluster) ([]state.Job, error)
}, of []state.Cluster,
) []state.JobList {
	return listed(ctx, atlas.CollectionJobs, of)
}

func listed(ctx context.Context, list func(context.Context, state.Cluster) ([]state.Job, error), of []state.Cluster) []state.JobList {
	out := make([]state.JobList, len(of))
	var all sync.WaitGroup
	for i, c := range of {
		all.Go(func() {
			out[i].ProjectID, out[i].Cluster = c.ProjectID, c.Name
			out[i].Jobs, out[i].Err = list(ctx, c)
		})
	}
	all.Wait()
	return out
}

// lists reads, for an order, the jobs of its source, and where it writes into a cluster those
// of the others; the source's come first. What this machine has sent is from its journal. For
// an order of collections the collection restore jobs are read too, and come before the others.
func (o Order) lists(ctx context.Context, atlas Atlas, j Journal) ([]state.JobList, []state.SentJob, error) {
	of := []state.Cluster{o.Source}
	if !o.Body.DeliveryType.HasTarget() {
		return Lists(ctx, atlas, of), nil, nil
	}
	entries, err := j.Read()
	if err != nil {
		return nil, nil, fmt.Errorf("looking for unfinished restores, so nothing was submitted: %w", err)
	}
	target := state.Cluster{Family: o.TargetFamily, ProjectID: o.Body.TargetProjectID, Name: o.Body.TargetClusterName}
	others, sent := Others(o.Source, target, o.Endpoint, journal.Submissions(entries), o.Now())
	of = append(of, others...)
	if o.Body.DeliveryType != state.Collections {
		return Lists(ctx, atlas, of), sent, nil
	}
	var own []state.JobList
	var both sync.WaitGroup
	both.Go(func() { own = CollectionLists(ctx, atlas, of) })
	lists := Lists(ctx, atlas, of)
	both.Wait()
	return append(own, lists...), sent, nil
}

// Running looks for the job that runs onto the target of an order, in the lists in which it would be looked for
// before the request, and in those of the restores of single collections. It is a RunningError where one does, and
// else why that cannot be known; nil where the lists have none.
func (o Order) Running(ctx context.Context, atlas Atlas, j Journal) error {
	o.Unseen = false
	if o.Source.Family == state.Dedicated {
		o.Body.DeliveryType = state.Collections // for which both kinds of jobs are read
	}
	lists, sent, err := o.lists(ctx, atlas, j)
	if err != nil {
		return err
	}
	if b, runs := state.Running(lists, o.Body.TargetProjectID, o.Body.TargetClusterName, o.Now()); runs {
		return RunningIn(lists, b) // whatever else could not be read
	}
	return errors.Unwrap(o.free(lists, sent))
}

// RunningIn says that a job runs, and which of the lists has it.
func RunningIn(lists []state.JobList, job state.Job) RunningError {
	out := RunningError{Job: job}
	for _, l := range lists {
		if slices.ContainsFunc(l.Jobs, func(j state.Job) bool { return j.ID == job.ID }) {
			out.Source = state.Cluster{ProjectID: l.ProjectID, Name: l.Cluster}
			break
		}
	}
	return out
}

// free says why the order must not be sent, as far as these lists tell; nil if it may. What
// could not be read holds it back too, unless that was accepted.
func (o Order) free(lists []state.JobList, sent []state.SentJob) error {
	for _, l := range lists {
		if l.Err != nil && !o.mayGoUnseen(l.Err) {
			return fmt.Errorf("looking for jobs that run already, so nothing was submitted: %w", l.Err)
		}
	}
	if !o.Body.DeliveryType.HasTarget() {
		return nil
	}
	now := o.Now()
	if b, runs := state.Running(lists, o.Body.TargetProjectID, o.Body.TargetClusterName, now); runs {
		return fmt.Errorf("nothing was submitted: %w", RunningIn(lists, b))
	}
	if e := state.Endless(lists, o.Body.TargetProjectID, o.Body.TargetClusterName, now); len(e) > 0 && !o.Unseen {
		running := RunningIn(lists, e[0])
		running.Endless = true
		return fmt.Errorf("nothing was submitted: %w", running)
	}
	for _, l := range lists {
		if u := state.MayRunOnto(l.Jobs, now); len(u) > 0 && !o.Unseen {
			return fmt.Errorf("nothing was submitted: %w", UnreadJobError{u[0], l.Cluster})
		}
	}
	// A job is listed two minutes after it was sent, for certain as far as anybody knows.
	for _, s := range state.Unlisted(lists, sent) {
		if !o.Unseen || now.Sub(s.At) < after[len(after)-1] {
			return fmt.Errorf("nothing was submitted: %w", UnlistedError{s})
		}
	}
	return nil
}

// UnlistedError says that a job that this machine has sent onto the same target does not stand
// where it should, so that nobody knows whether it runs.
type UnlistedError struct{ Job state.SentJob }

// Error implements error.
func (e UnlistedError) Error() string {
	return fmt.Sprintf("restore job %s, which this machine has sent onto the same target, does not stand in the list of %s yet", e.Job.ID, e.Job.Cluster)
}
