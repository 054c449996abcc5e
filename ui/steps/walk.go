package steps

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/incident"
)

// walk is Atlas as the way to the review asks it. What several places of the way need, or was
// asked ahead of it, is asked once, and the answer serves them all: as long as nobody was heard
// since, as whoever is asked something takes time, in which what Atlas has said may change.
//
// Only the way to the review goes through it. Whatever looks again and again, as following a
// job does, asks Atlas itself.
type walk struct {
	Atlas

	now   func() time.Time
	mu    sync.Mutex
	asked map[string]question
	next  []string          // what will be asked, as was foreseen last
	atEnd func(stop func()) // has what nobody waits for end with the run
}

// stillFresh is for how long an answer serves at most, on Atlas's clock: a laptop may have
// slept.
const stillFresh = 30 * time.Second

// Walk is Atlas as the way to the review asks it: nothing is asked twice, while nobody is
// heard.
func (c Config) Walk() Atlas {
	if w, ok := c.Atlas.(*witness); ok {
		return w.walk
	}
	return c.Atlas
}

// question is one that Atlas was asked, whatever its answer is.
type question interface {
	answered() bool
	unwanted() bool // nobody waits for it: nobody has come yet, or all have left
	stop()
}

// asking is a question whose answer is a T.
type asking[T any] struct {
	cancel context.CancelFunc
	done   chan struct{} // closed with the answer
	value  T
	err    error
	at     time.Time // of the answer
	ahead  bool      // asked before anybody needed it

	mu    sync.Mutex
	came  bool // somebody has come for it
	wait  map[*asker]bool
	part  *T             // that came last
	tried *state.Attempt // that has failed last
}

// asker is one who waits for an answer.
type asker struct {
	ctx context.Context //nolint:containedctx // it lives as long as the one call that waits
}

func (q *asking[T]) answered() bool {
	select {
	case <-q.done:
		return true
	default:
		return false
	}
}

// unwanted counts whoever has left from that moment on, not only once it has noticed that: on a busy machine
// somebody else would come first, and wait for a question that hangs.
func (q *asking[T]) unwanted() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.came {
		return q.ahead
	}
	for a := range q.wait {
		if a.ctx.Err() == nil {
			return false
		}
	}
	return !q.answered()
}

func (q *asking[T]) stop() { q.cancel() }

// begin asks, for whoever comes.
func begin[T any](ctx context.Context, w *walk, ahead bool, call func(context.Context) (T, error)) *asking[T] {
	q := &asking[T]{done: make(chan struct{}), ahead: ahead, wait: map[*asker]bool{}}
	ctx, q.cancel = context.WithCancel(ctx)
	ctx = state.WithPart(ctx, func(part T) {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.part = &part
		for a := range q.wait {
			state.ReportPart(a.ctx, part)
		}
	})
	ctx = state.WithAttempts(ctx, func(tried state.Attempt) {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.tried = &tried
		for a := range q.wait {
			state.ReportAttempt(a.ctx, tried)
		}
	})
	go func() {
		defer q.cancel()
		q.value, q.err = call(ctx)
		q.at = w.now()
		close(q.done)
	}()
	return q
}

// find is the question of that name, if its answer serves.
func find[T any](w *walk, name string) *asking[T] {
	q, ok := w.asked[name].(*asking[T])
	if !ok || q.answered() && w.now().Sub(q.at).Abs() > stillFresh {
		return nil
	}
	return q
}

// ahead asks, unless that was done already. Nobody needs the answer yet.
func ahead[T any](ctx context.Context, w *walk, name string, call func(context.Context) (T, error)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if find[T](w, name) == nil {
		w.asked[name] = begin(ctx, w, true, call)
	}
}

// ask gives the answer to a question, which is asked if it was not yet. It ends with the last
// one who waits for it. That it has failed is told once: whoever comes later asks anew.
func ask[T any](ctx context.Context, w *walk, name string, call func(context.Context) (T, error)) (T, error) {
	me := &asker{ctx}
	w.mu.Lock()
	q := find[T](w, name)
	if q == nil {
		q = begin(context.WithoutCancel(ctx), w, false, call)
		w.asked[name] = q
	}
	q.come(me)
	w.mu.Unlock()
	select {
	case <-q.done:
		q.leave(me)
		if q.err != nil {
			w.forget(name, q)
		}
		return q.value, q.err
	case <-ctx.Done():
		w.mu.Lock()
		defer w.mu.Unlock()
		mine := w.asked[name] == question(q)
		switch last := q.leave(me); {
		case !last:
		case mine && slices.Contains(w.next, name):
			q.left()
			w.atEnd(q.stop)
		default:
			q.stop()
			if mine {
				delete(w.asked, name)
			}
		}
		var none T
		return none, fmt.Errorf("waiting for Atlas's answer: %w", ctx.Err())
	}
}

// come has somebody wait, who hears what was told before.
func (q *asking[T]) come(me *asker) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.came, q.wait[me] = true, true
	if q.part != nil && !q.answered() {
		state.ReportPart(me.ctx, *q.part)
	}
	if q.tried != nil && !q.answered() {
		state.ReportAttempt(me.ctx, *q.tried)
	}
}

// leave has somebody wait no more, and says whether nobody does.
func (q *asking[T]) leave(me *asker) (last bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.wait, me)
	return len(q.wait) == 0
}

// left makes of a question one that was asked ahead: whoever waited for it has gone on, and will come
// for it from there.
func (q *asking[T]) left() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.ahead, q.came = true, false
}

// forget has a question asked anew.
func (w *walk) forget(name string, q question) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.asked[name] == q {
		delete(w.asked, name)
	}
}

// heard forgets all answers: somebody was heard. What is still on its way is as it will be. It returns
// what it has forgotten.
func (w *walk) heard() map[string]question {
	w.mu.Lock()
	defer w.mu.Unlock()
	gone := map[string]question{}
	for name, q := range w.asked {
		if q.answered() {
			gone[name] = q
			delete(w.asked, name)
		}
	}
	return gone
}

// anew has whoever asks from now on not wait for what is on its way: it may hang. It goes on for those who
// wait for it already.
func (w *walk) anew() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for name, q := range w.asked {
		if q.unwanted() {
			q.stop()
		}
		delete(w.asked, name)
	}
}

// keep has a list stay known that came after its page was left, where none is yet.
func keep[T any](gone map[string]question, name string, known *[]T) {
	if q, ok := gone[name].(*asking[[]T]); ok && q.err == nil && *known == nil {
		*known = q.value
	}
}

// only stops what nobody waits for, nor will come for.
func (w *walk) only(ctx context.Context, foreseen []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.next, w.atEnd = foreseen, func(stop func()) { context.AfterFunc(ctx, stop) }
	for name, q := range w.asked {
		if q.unwanted() && !slices.Contains(foreseen, name) {
			q.stop()
			delete(w.asked, name)
		}
	}
}

// Projects implements Atlas.
func (w *walk) Projects(ctx context.Context) ([]state.Project, error) {
	return ask(ctx, w, projectsName, w.Atlas.Projects)
}

// Everywhere implements Atlas.
func (w *walk) Everywhere(ctx context.Context) ([]state.Found, error) {
	return ask(ctx, w, foundName, w.Atlas.Everywhere)
}

// Clusters implements Atlas.
func (w *walk) Clusters(ctx context.Context, projectID string) ([]state.Cluster, error) {
	return ask(ctx, w, clustersOf(projectID), func(ctx context.Context) ([]state.Cluster, error) { return w.Atlas.Clusters(ctx, projectID) })
}

// Dedicated implements Atlas. Where all clusters were asked for, they are among those.
func (w *walk) Dedicated(ctx context.Context, projectID string) ([]state.Cluster, error) {
	if knows[[]state.Cluster](w, clustersOf(projectID)) {
		all, err := w.Clusters(ctx, projectID)
		return slices.DeleteFunc(slices.Clone(all), func(c state.Cluster) bool { return c.Family == state.Flex }), err
	}
	return ask(ctx, w, "dedicated "+clustersOf(projectID), func(ctx context.Context) ([]state.Cluster, error) { return w.Atlas.Dedicated(ctx, projectID) })
}

// Schedule implements Atlas.
func (w *walk) Schedule(ctx context.Context, c state.Cluster) (state.Schedule, error) {
	return ask(ctx, w, scheduleOf(c), func(ctx context.Context) (state.Schedule, error) { return w.Atlas.Schedule(ctx, c) })
}

// Snapshots implements Atlas.
func (w *walk) Snapshots(ctx context.Context, c state.Cluster) ([]state.Snapshot, error) {
	return ask(ctx, w, snapshotsOf(c), func(ctx context.Context) ([]state.Snapshot, error) { return w.Atlas.Snapshots(ctx, c) })
}

// Snapshot implements Atlas. Where all of them were asked for, it is among those.
func (w *walk) Snapshot(ctx context.Context, c state.Cluster, id string) (state.Snapshot, error) {
	if knows[[]state.Snapshot](w, snapshotsOf(c)) {
		all, err := w.Snapshots(ctx, c)
		if i := slices.IndexFunc(all, func(s state.Snapshot) bool { return s.ID == id }); err == nil && i >= 0 {
			return all[i], nil
		}
	}
	return w.Atlas.Snapshot(ctx, c, id) //nolint:wrapcheck // as it came
}

// BaseSnapshot implements Atlas. Atlas itself finds it for a replica set only: else it is among
// all of them.
func (w *walk) BaseSnapshot(ctx context.Context, c state.Cluster, i state.Instant) (state.Snapshot, error) {
	if (c.Family == state.Flex || c.Type.IsSharded()) && knows[[]state.Snapshot](w, snapshotsOf(c)) {
		all, err := w.Snapshots(ctx, c)
		return state.BaseOf(all, i, w.now()), err
	}
	return ask(ctx, w, baseOf(c, i), func(ctx context.Context) (state.Snapshot, error) { return w.Atlas.BaseSnapshot(ctx, c, i) })
}

// Jobs implements Atlas.
func (w *walk) Jobs(ctx context.Context, c state.Cluster) ([]state.Job, error) {
	return ask(ctx, w, jobsOf(c), func(ctx context.Context) ([]state.Job, error) { return w.Atlas.Jobs(ctx, c) })
}

// CollectionJobs implements Atlas.
func (w *walk) CollectionJobs(ctx context.Context, c state.Cluster) ([]state.Job, error) {
	return ask(ctx, w, collectionJobsOf(c), func(ctx context.Context) ([]state.Job, error) { return w.Atlas.CollectionJobs(ctx, c) })
}

// Members implements Atlas.
func (w *walk) Members(ctx context.Context, c state.Cluster) ([]incident.Process, error) {
	return ask(ctx, w, "members of "+sourceName(c), func(ctx context.Context) ([]incident.Process, error) { return w.Atlas.Members(ctx, c) })
}

// Roles implements Atlas.
func (w *walk) Roles(ctx context.Context) (state.Roles, error) {
	return ask(ctx, w, "roles", w.Atlas.Roles)
}

// CreateJob implements Atlas. Whatever was seen is of before.
func (w *walk) CreateJob(ctx context.Context, c state.Cluster, body state.Request) (state.Job, error) {
	defer w.heard()
	return w.Atlas.CreateJob(ctx, c, body) //nolint:wrapcheck // as it came
}

// knows says whether something was asked for, and its answer serves.
func knows[T any](w *walk, name string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return find[T](w, name) != nil
}

// What the questions are called.
const (
	projectsName = "projects"
	foundName    = "clusters of all projects"
)

func clustersOf(projectID string) string { return "clusters of " + projectID }

func scheduleOf(c state.Cluster) string { return "schedule of " + sourceName(c) }

func jobsOf(c state.Cluster) string { return fmt.Sprintf("%s jobs of %s", c.Family, sourceName(c)) }

// pastOf is the question for all that says which moments can be had, with the snapshots or without.
func pastOf(c state.Cluster, snapshots bool) string {
	return fmt.Sprintf("past of %s, snapshots %v", sourceName(c), snapshots)
}

func collectionJobsOf(c state.Cluster) string { return "collection " + jobsOf(c) }

func snapshotsOf(c state.Cluster) string {
	return fmt.Sprintf("%s snapshots of %s, sharded %v", c.Family, sourceName(c), c.Type.IsSharded())
}

func baseOf(c state.Cluster, i state.Instant) string {
	return fmt.Sprintf("base of %s at %v", snapshotsOf(c), i)
}
