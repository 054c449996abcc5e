package watch

import (
	"context"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/incident"
)

// The events that tell what has become of the search indexes of a cluster after a restore.
const (
	eventSearchBack   = "FTS_INDEXES_RESTORED"
	eventSearchFailed = "FTS_INDEXES_RESTORE_FAILED"
)

// searchPatience is for how long the events are asked for again while they tell nothing. A
// cluster without search indexes has none.
const searchPatience = 10 * time.Minute

// searchWait is for how long one answer of them is waited for.
const searchWait = 20 * time.Second

// Feed tells a project's events.
type Feed interface {
	// Events are what a project's activity feed notes of some types since an instant, the newest
	// first.
	Events(ctx context.Context, projectID, cluster string, since time.Time, types ...string) ([]incident.Noted, error)
}

// Search is whether Search came back on a cluster that was restored. The zero value says that
// nobody has asked.
type Search struct {
	At     time.Time // of the event that tells; zero where none was seen
	Failed bool      // it tells that the indexes could not be restored
	Err    error     // why the last question was not answered; nil if it was
	Asked  bool

	first, next time.Time // of the questions
}

// searched says whether there is anything to ask: the job has overwritten a cluster, and that
// is over.
func (f *Follow) searched(now time.Time) bool {
	return f.Job.DeliveryType.Overwrites() && f.Job.TargetClusterName != "" && f.State(now) == state.Completed && !f.Unseen
}

// AwaitsSearch says whether nobody has asked yet whether Search came back, and it can be asked.
func (f *Follow) AwaitsSearch(now time.Time) bool { return f.searched(now) && !f.Search.Asked }

// searchAt is when the events are to be asked for next; zero for not by itself: they have told,
// they were refused, or have told nothing for long.
func (f *Follow) searchAt(now time.Time) time.Time {
	s := f.Search
	switch {
	case !f.searched(now):
	case !s.Asked:
		return f.LookedAt
	case s.At.IsZero() && !Final(s.Err) && s.next.Sub(s.first) < searchPatience:
		return s.next
	}
	return time.Time{}
}

// LookForSearch asks once whether Search came back on the target of a job that is completed;
// nil for any other job.
func (f Follow) LookForSearch(ctx context.Context, feed Feed, now time.Time) *Search {
	if !f.searched(now) {
		return nil
	}
	since := state.CreatedAt(f.Job.ID)
	if since.IsZero() {
		since = f.EndedAt
	}
	ctx, cancel := context.WithTimeout(ctx, searchWait)
	defer cancel()
	noted, err := feed.Events(ctx, f.Job.TargetProjectID, f.Job.TargetClusterName, since, eventSearchBack, eventSearchFailed)
	out := &Search{Asked: true, Err: err}
	if err != nil {
		noted = nil // half a list tells nothing
	}
	for _, n := range noted {
		failed := n.Type == eventSearchFailed
		if !failed && n.Type != eventSearchBack || n.Cluster != f.Job.TargetClusterName || n.At.Before(since) {
			continue
		}
		if n.At.After(out.At) || failed && n.At.Equal(out.At) {
			out.At, out.Failed = n.At, failed
		}
	}
	return out
}

// tookSearch takes an answer. What was told stays where a later question is not answered.
func (f *Follow) tookSearch(s Search, now time.Time) {
	s.first = f.Search.first
	if !f.Search.Asked {
		s.first = now
	}
	s.next = now.Add(jittered(f.inTurn(maxDelay)))
	if s.At.IsZero() {
		s.At, s.Failed = f.Search.At, f.Search.Failed
	}
	f.Search = s
}
