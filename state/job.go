package state

import (
	"slices"
	"time"

	"atlas-restore/state/collections"
)

// JobState is what a restore job's fields say about it. Atlas sends no status for
// the jobs of dedicated clusters; the order of the tests below is the rule.
type JobState int

// The states. InProgress covers queued and running, which cannot be told apart.
const (
	InProgress JobState = iota
	Completed           // an automated or point-in-time restore has ended well
	Ready               // every replica set of a download has its link
	Failed
	Cancelled
	Expired  // the links are no longer valid
	Over     // of collections: it has ended, and whether all of them came was not seen
	Doubtful // what Atlas tells of its end cannot be believed: it may have ended well or not, or still run
)

// String is the state's one word, the same on screen and in JSON.
func (s JobState) String() string {
	return [...]string{"running", "completed", "ready", "failed", "cancelled", "expired", "ended", "unknown"}[s]
}

// Ended says whether nothing more is awaited of the job but that its links expire. Of a doubtful one that says
// nothing of what it does: see MayRun.
func (s JobState) Ended() bool { return s != InProgress }

// State derives the job's state at the instant now. The three flags come before
// finishedAt, which alone is no success; a ready download has no finishedAt at
// all, and expires by the clock before Atlas says so. A download is done by its links
// alone, whatever finishedAt says. Of a job that cannot be read no end is known, and an end that is told is
// none where it cannot be believed: see Doubt.
func (j Job) State(now time.Time) JobState {
	switch {
	case j.Unreadable != "":
		return InProgress
	case j.Failed:
		return Failed
	case j.Cancelled:
		return Cancelled
	case j.Expired, j.lapsed(now):
		return Expired
	case j.Doubt(now) != "":
		return Doubtful
	case j.DeliveryType == Download && j.delivered():
		return Ready
	case j.Collections != nil && j.Collections.State == collections.Successful:
		return collectionsEnd(*j.Collections)
	case j.DeliveryType.Overwrites() && !j.FinishedAt.IsZero():
		return Completed
	}
	return InProgress
}

// clocks is how far the times that Atlas tells may be apart from each other, and from the one that is looked at
// here: they are of several machines.
const clocks = 5 * time.Minute

// Doubt says why what a job tells of its end cannot be believed; empty where it can, and where no end is told.
// That it has failed, was cancelled or has expired is believed as it is.
func (j Job) Doubt(now time.Time) string {
	switch ends := j.DeliveryType.Overwrites() || j.Collections != nil && j.Collections.State == collections.Successful; {
	case j.Failed, j.Cancelled, j.Expired:
		return ""
	case j.Unsure != "":
		return j.Unsure
	case !ends || j.FinishedAt.IsZero():
		return ""
	case j.tooEarly():
		return "Atlas tells that it ended " + UTC(j.FinishedAt, now) + ", which is before it was made"
	case j.FinishedAt.After(now.Add(clocks)):
		return "Atlas tells that it ended " + UTC(j.FinishedAt, now) + ", which is still to come"
	}
	return ""
}

func (j Job) tooEarly() bool { return j.FinishedAt.Before(j.CreatedAt().Add(-clocks)) }

// Finished is when Atlas tells that the job ended; zero where it does not, and where that time cannot be.
func (j Job) Finished(now time.Time) time.Time {
	if j.tooEarly() || j.FinishedAt.After(now.Add(clocks)) {
		return time.Time{}
	}
	return j.FinishedAt
}

// MayRun says whether the job may still write into its target: nobody has told an end of it that can be believed.
func (j Job) MayRun(now time.Time) bool {
	st := j.State(now)
	return !st.Ended() || st == Doubtful
}

// collectionsEnd is what came of a job that Atlas calls successful: its collections tell.
func collectionsEnd(j collections.Job) JobState {
	switch {
	case j.Parts == nil:
		return Over
	case j.End().Good:
		return Completed
	case len(j.End().Bad) > 0:
		return Failed
	}
	return Over
}

// Whole is the job with a delivery for each of these members, which are those of the snapshot
// that it delivers: what Atlas does not list of them has no link yet. A link without a name
// stands for any of them.
func (j Job) Whole(members []Member) Job {
	if j.DeliveryType != Download || len(members) <= len(j.Deliveries) || len(j.Deliveries) == 0 {
		return j
	}
	named := map[string]bool{}
	for _, d := range j.Deliveries {
		named[d.ReplicaSet] = true
	}
	j.Deliveries = slices.Clone(j.Deliveries)
	for _, m := range members {
		if len(j.Deliveries) < len(members) && !named[m.ReplicaSet] {
			j.Deliveries = append(j.Deliveries, Delivery{ReplicaSet: m.ReplicaSet})
		}
	}
	for len(j.Deliveries) < len(members) {
		j.Deliveries = append(j.Deliveries, Delivery{})
	}
	return j
}

// TellsEnd says whether what Atlas tells of the job beside its flags is an end.
func (j Job) TellsEnd() bool {
	return j.DeliveryType == Download && j.delivered() || j.DeliveryType.Overwrites() && !j.FinishedAt.IsZero()
}

// lapsed says whether the links have ended by the clock.
func (j Job) lapsed(now time.Time) bool {
	return j.DeliveryType == Download && !j.ExpiresAt.IsZero() && !now.Before(j.ExpiresAt)
}

// delivered says whether every replica set has its link: a sharded download with
// one link missing is not ready.
func (j Job) delivered() bool {
	for _, d := range j.Deliveries {
		if d.URL.IsZero() {
			return false
		}
	}
	return len(j.Deliveries) > 0
}

// Cancellable says whether Atlas can be asked to cancel the job: it can for a
// download, and refuses for whatever overwrites a cluster. Of a flex cluster nothing
// can be cancelled.
func (j Job) Cancellable(now time.Time) bool {
	return j.Family == Dedicated && j.DeliveryType == Download && (j.State(now) == InProgress || j.State(now) == Ready)
}

// JobEvent is what is told of a job to whoever has to hear of it without a screen. It holds no link
// and no other secret.
type JobEvent struct {
	What         Happened
	Outcome      Outcome
	JobID        string // empty where no answer has told it
	DeliveryType DeliveryType
	Cluster      string // the source
	Target       string // the cluster that was written to; empty for a download
}

// Happened is what has happened to a job.
type Happened string

// What can happen. Each is told once of a job, as far as it was seen.
const (
	JobSubmitted Happened = "submitted"
	JobRunning   Happened = "running"
	JobDone      Happened = "done" // completed, or ready to be fetched
	JobFailed    Happened = "failed"
	JobUnknown   Happened = "unknown" // no readable answer came, or its end is not certain
)

// Ends says whether nothing more is to be told of the job.
func (h Happened) Ends() bool { return h == JobDone || h == JobFailed || h == JobUnknown }

// EndOf is what has happened to a job that has come to an outcome.
func EndOf(o Outcome) Happened {
	switch o {
	case OutcomeCompleted, OutcomeReady, OutcomeDownloaded:
		return JobDone
	case OutcomeFailed, OutcomeCancelled, OutcomeExpired:
		return JobFailed
	default:
		return JobUnknown
	}
}
