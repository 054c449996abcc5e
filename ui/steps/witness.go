package steps

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"atlas-restore/state"
	"atlas-restore/state/journal"
	"atlas-restore/state/submit"
	"atlas-restore/state/watch"
)

// witness is Atlas as the session asks it. It remembers which snapshots were asked for,
// as whoever leaves must hear of them, and tells and writes down the end of each job that
// is seen.
type witness struct {
	Atlas
	client Atlas // below all that is remembered
	walk   *walk
	cfg    Config
	mu     sync.Mutex
	asked  []string // clusters and descriptions
	seen   map[string]bool
}

func witnessed(a Atlas, cfg Config) Atlas {
	if a == nil {
		return nil
	}
	w := &witness{Atlas: &held{Atlas: a}, client: a, cfg: cfg, seen: map[string]bool{}}
	w.walk = &walk{Atlas: w, now: cfg.Now, asked: map[string]question{}}
	return w
}

// LookAt looks once at the job that f follows. What is to be told and written down of it is,
// before it is on any screen. Of a restore that is completed only the events are due: whether
// Search came back. A look that a person wanted is at both.
func LookAt(ctx context.Context, cfg Config, source state.Cluster, f watch.Follow, wanted bool) watch.Sight {
	now := cfg.Now()
	if !wanted && f.State(now) == state.Completed && f.Due(now) {
		return watch.Sight{Alone: true, Search: f.LookForSearch(ctx, cfg.Atlas, now)}
	}
	var search *watch.Search
	var beside sync.WaitGroup
	beside.Go(func() { search = f.LookForSearch(ctx, cfg.Atlas, now) })
	s := f.Look(ctx, cfg.Atlas, source, cfg.Now)
	beside.Wait()
	s.Search = search
	if w, ok := cfg.Atlas.(*witness); ok && ctx.Err() == nil { // what was left in the middle is nobody's
		f.Took(s, cfg.Now()) // f is a copy
		w.saw(source, f)
	}
	return s
}

// saw writes down which jobs were seen beside one, and tells and writes down its end, if it
// is one and was not seen before: whoever leaves at that sight leaves nothing undone.
func (w *witness) saw(c state.Cluster, f watch.Follow) {
	now, job := w.cfg.Now(), f.Job
	e := journal.Entry{
		Time: now, Event: journal.Beside, Endpoint: w.cfg.Endpoint, Who: w.cfg.Who,
		ProjectID: c.ProjectID, ClusterName: c.Name, JobID: job.ID,
		Body: state.Request{Family: c.Family, DeliveryType: job.DeliveryType},
	}
	for _, o := range f.Others {
		e.Others = append(e.Others, o.ID)
	}
	end := job.ID
	if job.MayRun(now) {
		end += " in doubt" // its end may be seen later
	}
	ended := job.State(now).Ended() && !f.Unseen && w.first(end)
	if len(e.Others) > 0 && !ended && w.first(job.ID+" "+strings.Join(e.Others, " ")) {
		_ = w.cfg.Journal.Append(e) // a full disk does not stop the following
	}
	if !ended {
		if !f.Unseen && job.State(now) == state.InProgress && w.first(job.ID+" runs") {
			w.cfg.tell(state.JobRunning, c, job, state.OutcomeRunning)
		}
		return
	}
	w.cfg.tell(state.EndOf(f.Outcome(now)), c, job, f.Outcome(now))
	if job.MayRun(now) { // no end was seen
		if len(e.Others) > 0 {
			_ = w.cfg.Journal.Append(e) // as above
		}
		return
	}
	if e.Event, e.Status = journal.Ended, job.State(now).String(); !job.Finished(now).IsZero() {
		e.Time = job.Finished(now)
	}
	_ = w.cfg.Journal.Append(e) // as above
}

// tell tells of what has happened to a job whose data come from a cluster.
func (c Config) tell(what state.Happened, of state.Cluster, job state.Job, o state.Outcome) {
	if c.OnEvent != nil {
		c.OnEvent(state.JobEvent{What: what, Outcome: o, JobID: job.ID, DeliveryType: job.DeliveryType, Cluster: of.Name, Target: job.TargetClusterName})
	}
}

// once sends a job once, and tells what came of it. fetches is the command that fetches the files of a
// download with that id; empty where none can.
func (c Config) once(ctx context.Context, o submit.Order, fetches func(id string) string) submit.Result {
	done := submit.Once(ctx, c.Walk(), c.Journal, o)
	switch done.Verdict {
	case submit.Created:
		c.tell(state.JobSubmitted, o.Source, done.Job, state.OutcomeRunning)
	case submit.Unknown:
		c.tell(state.JobUnknown, o.Source, state.Job{DeliveryType: o.Body.DeliveryType, TargetClusterName: o.Body.TargetClusterName}, state.OutcomeUnknown)
	case submit.Refused: // nothing was made
		if done.Err = c.downloadedBy(ctx, o, done, fetches); state.RestoreRuns(done.Err) {
			done.Err = c.runsOnto(ctx, o, done.Err, state.Explain("", done.Err).Advice)
		}
	}
	return done
}

// first says whether this was not seen before.
func (w *witness) first(what string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	seen := w.seen[what]
	w.seen[what] = true
	return !seen
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
