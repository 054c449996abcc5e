package atlasclient

import (
	"cmp"
	"context"
	"fmt"
	"net/http"

	"atlas-restore/state"
)

// Atlas keeps a restore job under the cluster that the data comes from, never under
// its target: cluster is the source in all that follows.

// Jobs lists the cluster's restore jobs, newest first.
func (c *Client) Jobs(ctx context.Context, cluster state.Cluster) ([]state.Job, error) {
	if cluster.Family == state.Flex {
		jobs, err := c.flexJobs(ctx, cluster)
		return jobs, about("listing the restore jobs of cluster "+cluster.Name, err)
	}
	jobs, err := list(ctx, c, listing[wireJob, state.Job]{
		path: backupPath(cluster, "restoreJobs"), needs: state.RoleBackupManager,
		id: func(w wireJob) string { return w.ID }, unread: unreadJob,
		own: wireJob.job, order: jobOrder,
	})
	return jobs, about("listing the restore jobs of cluster "+cluster.Name, err)
}

// jobOrder is the newest first: an id begins with the second of its creation, which
// Atlas gives nowhere else.
func jobOrder(a, b state.Job) int { return cmp.Compare(b.ID, a.ID) }

// about says what was being done when err came; nil for none.
func about(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// Job reads one restore job. It is tried once: whoever follows a job looks again
// anyway, and says so.
func (c *Client) Job(ctx context.Context, cluster state.Cluster, id string) (state.Job, error) {
	if cluster.Family == state.Flex {
		job, err := c.flexJob(ctx, cluster, id)
		return asked(job, id, cluster, err)
	}
	var w wireJob
	err := c.do(ctx, call{method: http.MethodGet, path: backupPath(cluster, "restoreJobs", id), out: &w, oneTry: true, needs: state.RoleBackupManager})
	return asked(w.job(), id, cluster, err)
}

// asked is the job that was asked for, or why the answer is none about it.
func asked(j state.Job, id string, cluster state.Cluster, err error) (state.Job, error) {
	switch {
	case err != nil:
	case j.Unreadable != "":
		err = &state.UnreadableError{Why: "the answer is no restore job: " + j.Unreadable}
	case j.ID != id:
		err = &state.UnreadableError{Why: "the answer is about restore job " + j.ID}
	}
	if err != nil {
		return state.Job{}, fmt.Errorf("reading restore job %s of cluster %s: %w", id, cluster.Name, err)
	}
	return j, nil
}

// CreateJob starts a restore job. It is sent once and never again, for Atlas has no
// way to tell a second restore from a repeated request. The error wraps
// submit.ErrNotSent where it certainly never reached Atlas, and *state.AtlasError
// where Atlas refused it; after any other error a job may run.
func (c *Client) CreateJob(ctx context.Context, cluster state.Cluster, body state.Request) (state.Job, error) {
	if cluster.Family == state.Flex {
		job, err := c.createFlexJob(ctx, cluster, body)
		return job, about("creating a restore job of cluster "+cluster.Name, err)
	}
	if body.DeliveryType == state.Collections {
		job, err := c.createCollectionJob(ctx, cluster, body)
		return job, about("creating a collection restore job of cluster "+cluster.Name, err)
	}
	var w wireJob
	needs := state.RoleRecoveryOperator
	if !body.DeliveryType.Overwrites() {
		needs = state.RoleExportOperator
	}
	err := c.do(ctx, call{method: http.MethodPost, path: backupPath(cluster, "restoreJobs"), body: body.Body(), out: &w, needs: needs})
	job := w.job()
	if err == nil && job.Unreadable != "" {
		err = &state.UnreadableError{Why: "the answer holds no restore job: " + job.Unreadable}
	}
	if err != nil {
		return state.Job{}, fmt.Errorf("creating a restore job of cluster %s: %w", cluster.Name, err)
	}
	return job, nil
}

// CancelJob cancels a restore job. Atlas does so for downloads; for a job that
// overwrites a cluster it answers 400 CANNOT_CANCEL_AUTOMATED_RESTORE, and for one
// shard's job 405; of a flex cluster there is nothing to cancel with.
func (c *Client) CancelJob(ctx context.Context, cluster state.Cluster, id string) error {
	if cluster.Family == state.Flex {
		return notSent(fmt.Errorf("cancelling restore job %s of cluster %s: Atlas cannot cancel a flex job", id, cluster.Name))
	}
	if err := c.do(ctx, call{method: http.MethodDelete, path: backupPath(cluster, "restoreJobs", id), needs: state.RoleExportOperator}); err != nil {
		return fmt.Errorf("cancelling restore job %s of cluster %s: %w", id, cluster.Name, err)
	}
	return nil
}
