package steps

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"atlas-restore/state"
	"atlas-restore/state/journal"
)

// witness is Atlas as the session asks it. It remembers which snapshots were asked for,
// as whoever leaves must hear of them, and tells and writes down the end of each job that
// is seen.
type witness struct {
	Atlas
	cfg   Config
	mu    sync.Mutex
	asked []string // clusters and descriptions
	ended map[string]bool
}

func witnessed(a Atlas, cfg Config) Atlas {
	if a == nil {
		return nil
	}
	return &witness{Atlas: a, cfg: cfg, ended: map[string]bool{}}
}

// Job implements Atlas.
func (w *witness) Job(ctx context.Context, c state.Cluster, id string) (state.Job, error) {
	job, err := w.Atlas.Job(ctx, c, id)
	if err == nil {
		w.saw(c, id, job)
	}
	return job, err //nolint:wrapcheck // as it came
}

// saw tells and writes down the end of a job, if it is one and was not seen before. It
// does both before the end is on any screen: whoever leaves at that sight leaves nothing
// undone.
func (w *witness) saw(c state.Cluster, id string, job state.Job) {
	now := w.cfg.Now()
	st := job.State(now)
	if !st.Ended() || !w.first(id) {
		return
	}
	if w.cfg.OnDone != nil {
		w.cfg.OnDone(state.JobEnd{Outcome: st.Outcome(), JobID: id, DeliveryType: job.DeliveryType, Cluster: c.Name, Target: job.TargetClusterName})
	}
	e := journal.Entry{
		Time: now, Event: journal.Ended, Endpoint: w.cfg.Endpoint, Who: w.cfg.Who,
		ProjectID: c.ProjectID, ClusterName: c.Name, JobID: id, Status: st.String(),
		Body: state.Request{Family: c.Family, DeliveryType: job.DeliveryType},
	}
	if !job.FinishedAt.IsZero() {
		e.Time = job.FinishedAt
	}
	_ = w.cfg.Journal.Append(e) // a full disk does not stop the following
}

// first says whether the end of this job was not seen before.
func (w *witness) first(id string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	seen := w.ended[id]
	w.ended[id] = true
	return !seen
}

// sawAny is saw for a job that came by another way than a look at it: it had ended before
// anybody followed it, and is not looked at any more.
func sawAny(a Atlas, c state.Cluster, job state.Job) {
	if w, ok := a.(*witness); ok {
		w.saw(c, job.ID, job)
	}
}

// TakeSnapshot implements Atlas.
func (w *witness) TakeSnapshot(ctx context.Context, c state.Cluster, description string, days int) (state.Snapshot, error) {
	what := fmt.Sprintf("%q of %s", description, c.Name)
	w.mu.Lock()
	w.asked = append(w.asked, what)
	at := len(w.asked) - 1
	w.mu.Unlock()
	snap, err := w.Atlas.TakeSnapshot(ctx, c, description, days)
	if err != nil && NotTaken(err) {
		w.mu.Lock()
		w.asked[at] = ""
		w.mu.Unlock()
	}
	return snap, err //nolint:wrapcheck // as it came
}

// snapshots are those that were asked for and not refused.
func (s *Session) snapshots() []string {
	w, ok := s.Cfg.Atlas.(*witness)
	if !ok {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(w.asked), func(what string) bool { return what == "" })
}
