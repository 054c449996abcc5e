package steps

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/collections"
	"atlas-restore/state/journal"
)

// RunError is an error of the run, not of the command line.
type RunError struct {
	Err    error
	Advice string // what to do about it; empty where the error says so
}

// Error implements error.
func (e *RunError) Error() string { return e.Err.Error() }

// Unwrap gives the cause.
func (e *RunError) Unwrap() error { return e.Err }

// Printed is an error that the object which programs get holds already: no other one is printed.
type Printed struct{ Err error }

// Error implements error.
func (p *Printed) Error() string { return p.Err.Error() }

// Unwrap gives it.
func (p *Printed) Unwrap() error { return p.Err }

func failed(format string, a ...any) error { return &RunError{Err: fmt.Errorf(format, a...)} }

// Watched is the job that is meant, or the request whose job is to be looked for: of this machine's, or
// of a cluster that is named.
func Watched(ctx context.Context, cfg Config, g state.Given, id string) (*journal.Submission, error) {
	ours := slices.DeleteFunc(slices.Clone(cfg.History), func(h journal.Submission) bool { return h.Endpoint != cfg.Endpoint || !meant(h, g) })
	slices.Reverse(ours)
	now := cfg.Now()
	wanted := []func(journal.Submission) bool{func(h journal.Submission) bool { return h.JobID == id || h.ID == id }}
	if id == "" {
		wanted = []func(journal.Submission) bool{
			func(h journal.Submission) bool { return h.Doubtful() || h.Lost(now) && !replaced(ours, h) },
			func(h journal.Submission) bool { return h.Unfinished() || h.Fetching(now) || h.Lost(now) },
		}
	}
	for _, want := range wanted {
		if i := slices.IndexFunc(ours, want); i >= 0 {
			return sought(ours[i])
		}
	}
	switch {
	case id == "":
		return nil, failed("looking for an unfinished restore: this machine knows of none; give a job's id, with --%s of its source", state.FlagCluster)
	case state.CheckRequest(id) == nil:
		return nil, failed("looking for the job of request %s: this machine's journal does not know it", id)
	}
	if g.Cluster == "" {
		return nil, notFromHere(cfg.History, cfg.Endpoint, id)
	}
	plan, err := ClusterOf(ctx, cfg, g, "watch", id)
	if err != nil {
		return nil, err
	}
	job, err := anyJob(ctx, cfg.Atlas, plan.Cluster, id)
	if err != nil {
		return nil, Explained("Looking at restore job "+id, err)
	}
	var only *collections.Asked
	if job.Collections != nil {
		only = &job.Collections.Asked
	}
	at := job.SnapshotAt
	return &journal.Submission{JobID: id, Last: journal.Created, Entry: journal.Entry{
		ID: id, ProjectID: plan.Project.ID, ProjectName: plan.Project.Name, ClusterName: plan.Cluster.Name, SnapshotAt: &at,
		Body: state.Request{
			Family: plan.Cluster.Family, DeliveryType: job.DeliveryType, SnapshotID: job.SnapshotID,
			TargetProjectID: job.TargetProjectID, TargetClusterName: job.TargetClusterName,
			PointInTimeUTCSeconds: job.PointInTimeUTCSeconds, OplogTs: job.OplogTs, OplogInc: job.OplogInc, Asked: only,
		},
	}}, nil
}

// sought is a submission to be followed, or looked for.
func sought(h journal.Submission) (*journal.Submission, error) {
	if !CanWatch(h) {
		return nil, failed("looking for the job of request %s: it has none, as nothing was submitted: %s", h.ID, h.Error)
	}
	return &h, nil
}

// CanWatch says whether a submission has a job, or one that can be looked for.
func CanWatch(h journal.Submission) bool {
	return h.JobID != "" || h.Doubtful() || h.Last == journal.NotFound
}

// replaced says whether a job was made since that does the same as a request whose job was not found: then
// it was confirmed anew. The newest comes first.
func replaced(all []journal.Submission, lost journal.Submission) bool {
	a := lost.Body
	for _, h := range all {
		if h.ID == lost.ID {
			return false
		}
		if b := h.Body; h.JobID != "" && h.ProjectID == lost.ProjectID && h.ClusterName == lost.ClusterName && b.DeliveryType == a.DeliveryType && b.TargetProjectID == a.TargetProjectID && b.TargetClusterName == a.TargetClusterName {
			return true
		}
	}
	return false
}

// anyJob reads a job of which nobody knows whether it is one of collections.
func anyJob(ctx context.Context, atlas Atlas, c state.Cluster, id string) (state.Job, error) {
	job, err := atlas.Job(ctx, c, id)
	var refused *state.AtlasError
	if errors.As(err, &refused) && refused.Status == 404 && c.Family == state.Dedicated {
		other, otherErr := atlas.CollectionJob(ctx, c, id)
		if !errors.As(otherErr, &refused) || refused.Status != 404 {
			return other, otherErr //nolint:wrapcheck // the same
		}
	}
	return job, err //nolint:wrapcheck // it is explained
}

// meant says whether a submission is of the source that flags name, if they do.
func meant(h journal.Submission, g state.Given) bool {
	return (g.Cluster == "" || g.Cluster == h.ClusterName) && (g.Project == "" || g.Project == h.ProjectID || g.Project == h.ProjectName)
}

// SourceOf are the flags that name the source of a job: as this machine has submitted it, else those that
// were given. Ours is false for those.
func SourceOf(history []journal.Submission, endpoint, id string, g state.Given) (of state.Given, ours bool, err error) {
	for _, h := range slices.Backward(history) {
		switch {
		case h.JobID != id || h.Endpoint != endpoint:
		case !meant(h, g):
			return g, true, failed("job %s is of cluster %s in project %s: --%s and --%s name another one", id, h.ClusterName, cmp.Or(h.ProjectName, h.ProjectID), state.FlagProject, state.FlagCluster)
		default:
			return state.Given{Project: h.ProjectID, Cluster: h.ClusterName}, true, nil
		}
	}
	if g.Cluster == "" {
		return g, false, notFromHere(history, endpoint, id)
	}
	return g, false, nil
}

// JobsBeside are the restore jobs of the source of a job; of one that is not among them Atlas is asked, so that
// none of another cluster is taken for one of this.
func JobsBeside(ctx context.Context, atlas Atlas, c state.Cluster, id string) (all []state.Job, untold, err error) {
	all, untold, err = AllJobs(ctx, atlas, c)
	if err != nil {
		return all, untold, Explained("Listing the restore jobs of "+c.Name, err)
	}
	if id != "" && !slices.ContainsFunc(all, func(j state.Job) bool { return j.ID == id }) {
		if _, err := anyJob(ctx, atlas, c, id); err != nil {
			return all, untold, Explained("Looking at restore job "+id, err)
		}
	}
	return all, untold, nil
}

// notFromHere is the error of a job that this machine has not submitted, where its source would have to be named.
func notFromHere(history []journal.Submission, endpoint, id string) error {
	near := state.DidYouMean(id, func(yield func(string) bool) {
		for _, h := range slices.Backward(history) {
			if h.Endpoint == endpoint && !yield(h.JobID) {
				return
			}
		}
	})
	return failed("job %s was not submitted from this machine: --%s says of which cluster the data are%s", id, state.FlagCluster, near)
}

// ClusterOf finds the cluster that flags name: by its name alone where one project only has such a
// cluster, as the wizard does. Where several have, it is said with the command for each.
func ClusterOf(ctx context.Context, run Config, g state.Given, command ...string) (state.Plan, error) {
	cfg, seen, plan := Config{Atlas: run.Atlas, Given: g, Now: time.Now, Flags: run.Flags, Unasked: true, Does: command}, Nothing(), state.Plan{}
	if g.Project == "" {
		find := Find(cfg, plan, seen)
		all, err := find.Load(ctx)
		if err != nil {
			return plan, Explained(find.Loading, err)
		}
		i, err := find.FindGiven(find.Table(all))
		var unseen *Unseen
		switch {
		case errors.As(err, &unseen):
			return plan, &RunError{err, state.Explain("", unseen.err).Advice}
		case err != nil:
			return plan, failed("%w", err)
		}
		return inProject(ctx, cfg, plan.WithProject(all[i].Project), seen)
	}
	projects := Projects(cfg, plan, seen)
	all, err := projects.Load(ctx)
	if err != nil {
		return plan, Explained(projects.Loading, err)
	}
	i, err := projects.FindGiven(projects.Table(all))
	if err != nil {
		return plan, failed("%w", err)
	}
	return inProject(ctx, cfg, projects.Answer(plan, all[i]), seen)
}

// inProject finds the cluster that a flag names in the project of the plan.
func inProject(ctx context.Context, cfg Config, plan state.Plan, seen *Seen) (state.Plan, error) {
	clusters := Clusters(cfg, plan, seen)
	list, err := clusters.Load(ctx)
	if err != nil {
		return plan, Explained(clusters.Loading, err)
	}
	i, err := clusters.Find(clusters.Table(list), cfg.Given.Cluster)
	if err != nil {
		return plan, failed("%w", clusters.misnamed(clusters.Table(list), err))
	}
	return clusters.Answer(plan, list[i]), nil
}

// Explained is an error of Atlas as a person needs it.
func Explained(what string, err error) error {
	p := state.Explain(what, err)
	return &RunError{fmt.Errorf("%s: %w", strings.ToLower(what[:1])+what[1:], err), p.Advice}
}
