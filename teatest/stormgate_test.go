package teatest_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/journal"
	"atlas-restore/ui/steps"
)

// gate stands before the real client. Whoever comes waits until the storm opens, once
// on the way to Atlas and once on the way back, and leaves when its context ends. The
// calls themselves are made outside of the bubble, where the network is.
type gate struct {
	own     steps.Atlas // the client that is signed in
	atlas   steps.Atlas // the one of the present run
	errands chan func() // both were made outside of the bubble
	done    chan struct{}
	road    sync.Mutex

	mu      sync.Mutex // guards what follows
	waiting []*visit
	orders  []state.Request // jobs that were asked for, in the present run
	fresh   bool            // one was carried out since news was asked for
	known   map[string]bool // the ids of jobs that were counted
}

// visit is a call at the gate.
type visit struct {
	what string
	gate chan struct{}
	seen bool
	held bool
}

func (g *gate) carry() {
	for f := range g.errands {
		f()
		g.done <- struct{}{}
	}
}

// outside has f run where the network is.
func (g *gate) outside(f func()) {
	g.road.Lock()
	defer g.road.Unlock()
	g.errands <- f
	<-g.done
}

func (g *gate) wait(ctx context.Context, what string) (open bool) {
	v := &visit{what: what, gate: make(chan struct{})}
	g.mu.Lock()
	g.waiting = append(g.waiting, v)
	g.mu.Unlock()
	select {
	case <-v.gate:
		return true
	case <-ctx.Done():
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.waiting = slices.DeleteFunc(g.waiting, func(w *visit) bool { return w == v })
	return false
}

// next is a visit that the storm has not seen; the same one in every play.
func (g *gate) next() *visit {
	g.mu.Lock()
	defer g.mu.Unlock()
	var first *visit
	for _, v := range g.waiting {
		if !v.seen && (first == nil || v.what < first.what) {
			first = v
		}
	}
	if first != nil {
		first.seen = true
	}
	return first
}

func (g *gate) held(dice *rand.Rand) *visit {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.waiting) == 0 {
		return nil
	}
	all := slices.SortedStableFunc(slices.Values(g.waiting), func(a, b *visit) int { return cmp.Compare(a.what, b.what) })
	return all[dice.IntN(len(all))]
}

func (g *gate) has(what string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.ContainsFunc(g.waiting, func(v *visit) bool { return strings.Contains(v.what, what) })
}

func (g *gate) open(v *visit) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if i := slices.Index(g.waiting, v); i >= 0 {
		g.waiting = slices.Delete(g.waiting, i, i+1)
		close(v.gate)
	}
}

func (g *gate) news() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	fresh := g.fresh
	g.fresh = false
	return fresh
}

func through[T any](ctx context.Context, g *gate, what string, call func(context.Context) (T, error)) (out T, err error) {
	far, cancel := context.WithCancel(context.Background())
	defer cancel()
	open := g.wait(ctx, what)
	if !open {
		cancel() // what the client makes of that is its own
	}
	far, news := overheard[T](far)
	g.outside(func() { out, err = call(far) })
	for _, n := range *news {
		if g.wait(ctx, "a part of "+what) {
			n(ctx)
		}
	}
	if open && !g.wait(ctx, "the answer to "+what) {
		var none T
		return none, fmt.Errorf("speaking to Atlas: %w", ctx.Err())
	}
	return out, err
}

// overheard keeps what a client reports on its way, the first page of a list and tries that
// have failed, to be reported when whoever asked may hear of it.
func overheard[T any](ctx context.Context) (context.Context, *[]func(context.Context)) {
	var mu sync.Mutex
	var news []func(context.Context)
	keep := func(n func(context.Context)) {
		mu.Lock()
		defer mu.Unlock()
		news = append(news, n)
	}
	ctx = state.WithPart(ctx, func(part T) { keep(func(to context.Context) { state.ReportPart(to, part) }) })
	ctx = state.WithAttempts(ctx, func(a state.Attempt) {
		keep(func(to context.Context) {
			a.At = time.Now().Add(a.In)
			state.ReportAttempt(to, a)
		})
	})
	return ctx, &news
}

// Projects implements steps.Atlas, as do the others.
func (g *gate) Projects(ctx context.Context) ([]state.Project, error) {
	return through(ctx, g, "projects", g.atlas.Projects)
}

// Everywhere implements steps.Atlas.
func (g *gate) Everywhere(ctx context.Context) ([]state.Found, error) {
	return through(ctx, g, "clusters of all projects", g.atlas.Everywhere)
}

// SearchIndexes implements steps.Atlas.
func (g *gate) SearchIndexes(ctx context.Context, c state.Cluster) ([]state.SearchIndex, error) {
	return through(ctx, g, "search indexes of "+c.Name, func(ctx context.Context) ([]state.SearchIndex, error) { return g.atlas.SearchIndexes(ctx, c) })
}

// ConnectionString implements steps.Atlas.
func (g *gate) ConnectionString(ctx context.Context, c state.Cluster) (string, error) {
	return through(ctx, g, "connection string of "+c.Name, func(ctx context.Context) (string, error) { return g.atlas.ConnectionString(ctx, c) })
}

// ClusterNamed implements steps.Atlas.
func (g *gate) ClusterNamed(ctx context.Context, id, name string) (state.Cluster, bool, error) {
	type answer struct {
		c  state.Cluster
		ok bool
	}
	a, err := through(ctx, g, "whether "+id+" has "+name, func(ctx context.Context) (answer, error) {
		c, ok, err := g.atlas.ClusterNamed(ctx, id, name)
		return answer{c, ok}, err
	})
	return a.c, a.ok, err
}

// Dedicated implements steps.Atlas.
func (g *gate) Dedicated(ctx context.Context, id string) ([]state.Cluster, error) {
	return through(ctx, g, "dedicated clusters of "+id, func(ctx context.Context) ([]state.Cluster, error) { return g.atlas.Dedicated(ctx, id) })
}

// Clusters implements steps.Atlas.
func (g *gate) Clusters(ctx context.Context, id string) ([]state.Cluster, error) {
	return through(ctx, g, "clusters of "+id, func(ctx context.Context) ([]state.Cluster, error) { return g.atlas.Clusters(ctx, id) })
}

// AllClusters implements steps.Atlas.
func (g *gate) AllClusters(ctx context.Context, id string) ([]state.Cluster, error) {
	return through(ctx, g, "all clusters of "+id, func(ctx context.Context) ([]state.Cluster, error) { return g.atlas.AllClusters(ctx, id) })
}

// Schedule implements steps.Atlas.
func (g *gate) Schedule(ctx context.Context, c state.Cluster) (state.Schedule, error) {
	return through(ctx, g, "schedule of "+c.Name, func(ctx context.Context) (state.Schedule, error) { return g.atlas.Schedule(ctx, c) })
}

// Snapshots implements steps.Atlas.
func (g *gate) Snapshots(ctx context.Context, c state.Cluster) ([]state.Snapshot, error) {
	return through(ctx, g, "snapshots of "+c.Name, func(ctx context.Context) ([]state.Snapshot, error) { return g.atlas.Snapshots(ctx, c) })
}

// Snapshot implements steps.Atlas.
func (g *gate) Snapshot(ctx context.Context, c state.Cluster, id string) (state.Snapshot, error) {
	return through(ctx, g, "snapshot "+id, func(ctx context.Context) (state.Snapshot, error) { return g.atlas.Snapshot(ctx, c, id) })
}

// TakeSnapshot implements steps.Atlas.
func (g *gate) TakeSnapshot(ctx context.Context, c state.Cluster, description string, days int) (state.Snapshot, error) {
	return through(ctx, g, "new snapshot", func(ctx context.Context) (state.Snapshot, error) {
		return g.atlas.TakeSnapshot(ctx, c, description, days)
	})
}

// BaseSnapshot implements steps.Atlas.
func (g *gate) BaseSnapshot(ctx context.Context, c state.Cluster, i state.Instant) (state.Snapshot, error) {
	return through(ctx, g, "base of "+c.Name, func(ctx context.Context) (state.Snapshot, error) { return g.atlas.BaseSnapshot(ctx, c, i) })
}

// Roles implements steps.Atlas.
func (g *gate) Roles(ctx context.Context) (state.Roles, error) {
	return through(ctx, g, "roles", g.atlas.Roles)
}

// Access implements steps.Atlas.
func (g *gate) Access(ctx context.Context, project, provider string) (state.Access, error) {
	return through(ctx, g, "access of "+project, func(ctx context.Context) (state.Access, error) { return g.atlas.Access(ctx, project, provider) })
}

// Jobs implements steps.Atlas.
func (g *gate) Jobs(ctx context.Context, c state.Cluster) ([]state.Job, error) {
	return through(ctx, g, "jobs of "+c.Name, func(ctx context.Context) ([]state.Job, error) { return g.atlas.Jobs(ctx, c) })
}

// Job implements steps.Atlas.
func (g *gate) Job(ctx context.Context, c state.Cluster, id string) (state.Job, error) {
	return through(ctx, g, "job "+id, func(ctx context.Context) (state.Job, error) { return g.atlas.Job(ctx, c, id) })
}

// CollectionJobs implements steps.Atlas.
func (g *gate) CollectionJobs(ctx context.Context, c state.Cluster) ([]state.Job, error) {
	return through(ctx, g, "collection jobs of "+c.Name, func(ctx context.Context) ([]state.Job, error) { return g.atlas.CollectionJobs(ctx, c) })
}

// CollectionJob implements steps.Atlas.
func (g *gate) CollectionJob(ctx context.Context, c state.Cluster, id string) (state.Job, error) {
	return through(ctx, g, "collection job "+id, func(ctx context.Context) (state.Job, error) { return g.atlas.CollectionJob(ctx, c, id) })
}

// CancelJob implements steps.Atlas.
func (g *gate) CancelJob(ctx context.Context, c state.Cluster, id string) error {
	_, err := through(ctx, g, "end of job "+id, func(ctx context.Context) (struct{}, error) { return struct{}{}, g.atlas.CancelJob(ctx, c, id) })
	return err
}

// CreateJob implements steps.Atlas.
func (g *gate) CreateJob(ctx context.Context, c state.Cluster, body state.Request) (state.Job, error) {
	g.mu.Lock()
	g.orders = append(g.orders, body)
	g.mu.Unlock()
	return through(ctx, g, "request", func(ctx context.Context) (state.Job, error) {
		g.mu.Lock()
		g.fresh = true
		g.mu.Unlock()
		return g.atlas.CreateJob(ctx, c, body)
	})
}

// ledger is a journal on a disk that may be full.
type ledger struct {
	mu      sync.Mutex
	asked   []state.Request // intents, those that could not be written too
	spoiled int             // of them, those
	full    int             // so many entries cannot be written
	text    strings.Builder
	all     []journal.Entry
}

var errFull = errors.New("no space left on device")

// Append implements submit.Journal.
func (l *ledger) Append(e journal.Entry) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e.Event == journal.Intent {
		l.asked = append(l.asked, e.Body)
	}
	if l.full > 0 {
		l.full--
		if e.Event == journal.Intent {
			l.spoiled++
		}
		return errFull
	}
	raw, err := json.Marshal(e)
	l.text.Write(raw)
	l.all = append(l.all, e)
	return err
}

// Read implements submit.Journal.
func (l *ledger) Read() ([]journal.Entry, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.all), nil
}

// Lock implements submit.Journal.
func (l *ledger) Lock(string) (func(), error) { return func() {}, nil }

func (l *ledger) read() (asked []state.Request, spoiled int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.asked, l.spoiled
}

func (l *ledger) spoil(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.full = n
}
