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
// as whoever leaves must hear of them, and writes down the end of each job that is seen.
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
	if err != nil || !job.State(w.cfg.Now()).Ended() {
		return job, err //nolint:wrapcheck // as it came
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ended[id] {
		return job, nil
	}
	w.ended[id] = true
	e := journal.Entry{
		Time: w.cfg.Now(), Event: journal.Ended, Endpoint: w.cfg.Endpoint, Who: w.cfg.Who,
		ProjectID: c.ProjectID, ClusterName: c.Name, JobID: id, Status: job.State(w.cfg.Now()).String(),
		Body: state.Request{Family: c.Family, DeliveryType: job.DeliveryType},
	}
	if !job.FinishedAt.IsZero() {
		e.Time = job.FinishedAt
	}
	_ = w.cfg.Journal.Append(e) // a full disk does not stop the following
	return job, nil
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
