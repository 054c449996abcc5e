package steps

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"atlas-restore/state"
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

func failed(format string, a ...any) error { return &RunError{Err: fmt.Errorf(format, a...)} }

// Watched is the job that is meant: of this machine's, or of a cluster that is named.
func Watched(ctx context.Context, cfg Config, g state.Given, id string) (*journal.Submission, error) {
	for i := range slices.Backward(cfg.History) {
		h := cfg.History[i]
		if !meant(h, g) {
			continue
		}
		if h.Endpoint == cfg.Endpoint && (id != "" && h.JobID == id || id == "" && (h.Unfinished() || h.Doubtful() || h.Lost(cfg.Now()))) {
			return &h, nil
		}
	}
	if id == "" {
		return nil, failed("looking for an unfinished restore: this machine knows of none; give a job's id with --%s and --%s", state.FlagProject, state.FlagCluster)
	}
	if g.Project == "" || g.Cluster == "" {
		return nil, fmt.Errorf("job %s was not submitted from this machine: --%s and --%s say where it is", id, state.FlagProject, state.FlagCluster)
	}
	plan, err := ClusterOf(ctx, cfg.Atlas, g)
	if err != nil {
		return nil, err
	}
	job, err := cfg.Atlas.Job(ctx, plan.Cluster, id)
	if err != nil {
		return nil, Explained("Looking at restore job "+id, err)
	}
	at := job.SnapshotAt
	return &journal.Submission{JobID: id, Last: journal.Created, Entry: journal.Entry{
		ID: id, ProjectID: plan.Project.ID, ProjectName: plan.Project.Name, ClusterName: plan.Cluster.Name, SnapshotAt: &at,
		Body: state.Request{
			Family: plan.Cluster.Family, DeliveryType: job.DeliveryType, SnapshotID: job.SnapshotID,
			TargetProjectID: job.TargetProjectID, TargetClusterName: job.TargetClusterName,
			PointInTimeUTCSeconds: job.PointInTimeUTCSeconds, OplogTs: job.OplogTs, OplogInc: job.OplogInc,
		},
	}}, nil
}

// meant says whether a submission is of the source that flags name, if they do.
func meant(h journal.Submission, g state.Given) bool {
	return (g.Cluster == "" || g.Cluster == h.ClusterName) && (g.Project == "" || g.Project == h.ProjectID || g.Project == h.ProjectName)
}

// ClusterOf finds the cluster that flags name.
func ClusterOf(ctx context.Context, atlas Atlas, g state.Given) (state.Plan, error) {
	cfg, seen, plan := Config{Atlas: atlas, Given: g, Now: time.Now}, Nothing(), state.Plan{}
	projects := Projects(cfg, plan, seen)
	all, err := projects.Load(ctx)
	if err != nil {
		return plan, Explained(projects.Loading, err)
	}
	i, err := projects.FindGiven(projects.Table(all))
	if err != nil {
		return plan, failed("%w", err)
	}
	plan = projects.Answer(plan, all[i])
	clusters := Clusters(cfg, plan, seen)
	list, err := clusters.Load(ctx)
	if err != nil {
		return plan, Explained(clusters.Loading, err)
	}
	if i, err = clusters.Find(clusters.Table(list), g.Cluster); err != nil {
		return plan, failed("--%s %q: %w", state.FlagCluster, g.Cluster, err)
	}
	return clusters.Answer(plan, list[i]), nil
}

// Explained is an error of Atlas as a person needs it.
func Explained(what string, err error) error {
	p := state.Explain(what, err)
	return &RunError{fmt.Errorf("%s: %w", strings.ToLower(what[:1])+what[1:], err), p.Advice}
}
