package simulator

import (
	"fmt"
	"slices"
	"time"
)

// The delivery types of a flex job. The request does not name them: there is an
// endpoint for each.
const (
	flexRestore  = "RESTORE"
	flexDownload = "DOWNLOAD"
)

// What is recorded of a flex restore: it is running after four seconds, and its
// expirationDate, which means nothing, lies six hours ahead. That of a download is
// the end of its link.
const (
	flexQueued      = 2 * time.Second
	flexRunning     = 4 * time.Second
	flexRestoreLife = 6 * time.Hour
	flexLinkLife    = 4 * time.Hour
)

// newFlexJob starts a flex job at a time. Its ID is counted apart from those of the
// dedicated ones, which must not depend on what flex clusters do.
//
// A restore takes about a minute. A download is over at once: the operation is said
// to return a URL that is good for four hours after the request, and the official
// command line takes it from that answer without asking again. So it is COMPLETED
// with its link from the beginning, or FAILED without one.
func (w *world) newFlexJob(source *cluster, s *Snapshot, target *cluster, at time.Time) *job {
	w.flexJobs++
	j := &job{
		id:       w.dice.id(at, "flex job", w.flexJobs),
		delivery: flexDownload, source: source, snapshot: s, target: target,
		created: at, done: at, expires: at.Add(flexLinkLife),
	}
	if target != nil {
		j.delivery, j.expires = flexRestore, at.Add(flexRestoreLife)
		j.done = at.Add(time.Duration(62+w.dice.below(3, "length", j.id)) * time.Second)
	} else {
		j.archives = []*archive{{snapshot: s.ID, flex: true, token: w.dice.text(alphabet, 24, "token", j.id)}}
	}
	w.begin(j)
	return j
}

func (j *job) flexStatus(now time.Time) string {
	switch {
	case j.ended(now) && j.failed:
		return "FAILED"
	case j.ended(now):
		return "COMPLETED"
	case now.Before(j.created.Add(flexQueued)):
		return "PENDING"
	case now.Before(j.created.Add(flexRunning)):
		return "QUEUED"
	}
	return "RUNNING"
}

func listFlexJobs(c *call) (any, error) {
	x, err := c.flexCluster()
	if err != nil {
		return nil, err
	}
	n := len(x.jobs)
	return c.list(n, func(i int) object { return c.flexJob(x.jobs[n-1-i]) })
}

func getFlexJob(c *call) (any, error) {
	x, err := c.flexCluster()
	if err != nil {
		return nil, err
	}
	id := c.r.PathValue("restoreJobId")
	if !objectID.MatchString(id) {
		return nil, badID("INVALID_JOB_ID", "restore job", id)
	}
	i := slices.IndexFunc(x.jobs, func(j *job) bool { return j.id == id })
	if i < 0 {
		return nil, refuse(404, "TENANT_RESTORE_NOT_FOUND", fmt.Sprintf("No flex restore job with ID %s exists for cluster %s.", id, x.Name), id, x.Name)
	}
	return c.flexJob(x.jobs[i]), nil
}

// flexJob is a job as Atlas shows it now. The link of a download goes when it lapses,
// as that of a dedicated one does; the status stays COMPLETED, since there is none
// that says so.
func (c *call) flexJob(j *job) object {
	out := object{
		"deliveryType":         j.delivery,
		"expirationDate":       stamp(j.expires),
		"id":                   j.id,
		"instanceName":         j.source.Name,
		"projectId":            j.source.project.ID,
		"restoreScheduledDate": stamp(j.created),
		"snapshotFinishedDate": stamp(j.snapshot.Done),
		"snapshotId":           j.snapshot.ID,
		"status":               j.flexStatus(c.now),
	}
	if j.ended(c.now) {
		out["restoreFinishedDate"] = stamp(j.done)
	}
	if j.target != nil {
		out["targetDeploymentItemName"] = j.target.Name
		out["targetProjectId"] = j.target.project.ID
	}
	if j.ready(c.now) && !c.now.Before(j.archives[0].hidden) {
		out["snapshotUrl"] = c.base + j.archives[0].path(j, "")
	}
	return out
}
