package incident

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"atlas-restore/state"
)

// Run reads what tells of what is missing: the logs of all members from the newest part back,
// and beside them the counters and the snapshots' contents. It returns what was found when all is
// read or ctx ends: what was found until then stands. Nothing that fails ends it; each part that
// could not be read is named in the findings.
//
// A log is read on where something was found already: who was primary then is not told, and
// what happened before or after may be the harm. tell may be nil.
func (s Search) Run(ctx context.Context, src Source, tell Tell) Findings {
	if s.Now.IsZero() {
		s.Now = s.Until
	}
	if s.Until.IsZero() || s.Until.After(s.Now) {
		s.Until = s.Now
	}
	if tell == nil {
		tell = func(Findings) {}
	}
	r := newRun(s, src)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		r.all(ctx)
	}()
	for {
		select {
		case <-r.changed:
			tell(r.findings())
			continue
		case <-ended:
		}
		r.f.Ended, r.f.Stopped, r.f.Now = true, ctx.Err() != nil, Read{}
		f := r.findings()
		tell(f)
		return f
	}
}

// run is a search as it goes on. What several readers find is gathered under mu.
type run struct {
	Search
	src     Source
	changed chan struct{} // holds one: that there is something to tell

	mu       sync.Mutex
	f        Findings
	logs     []*memberLog
	known    []Event
	gathered bool // Found and Unclear are of all events
	told     time.Time
	over     bool // there were more events than are kept
}

const (
	// maxEvents is how many events a search keeps: of more nobody makes sense, and the memory
	// that it needs is bounded.
	maxEvents = 5000
	// often is how often the progress within a part is told.
	often = 100 * time.Millisecond
)

func newRun(s Search, src Source) *run {
	k := s.Known
	r := &run{Search: s, src: src, changed: make(chan struct{}, 1), known: slices.Clone(k.events)}
	r.f = Findings{Jumps: k.Jumps, Has: k.Has, Read: slices.Clip(k.Read), members: k.members, starts: maps.Clone(k.starts)}
	r.tell()
	return r
}

// all reads everything that tells.
func (r *run) all(ctx context.Context) {
	if why := toldNothing(r.Cluster); why != "" {
		for _, part := range []Part{PartLog, PartCounters} {
			r.unread(Unread{What: part, From: r.From, Until: r.Until, Why: why})
		}
	}
	var beside sync.WaitGroup
	beside.Go(func() { r.contents(ctx) })
	defer beside.Wait()
	if toldNothing(r.Cluster) != "" {
		return
	}
	if len(r.f.members) == 0 {
		r.reads(Read{What: PartMembers})
		members, err := r.src.Members(ctx, r.Cluster)
		if err != nil {
			r.failed(ctx, Unread{What: PartMembers, From: r.From, Until: r.Until}, err)
			return
		}
		r.set(func(f *Findings) { f.members = members })
	}
	beside.Go(func() { r.counters(ctx) })
	r.readLogs(ctx)
}

// toldNothing says why Atlas tells neither logs nor counters of a cluster; empty where it does.
func toldNothing(c state.Cluster) string {
	switch size := strings.ToUpper(c.InstanceSize); {
	case c.Family == state.Flex:
		return "Atlas keeps no logs and no counters of a flex cluster."
	case size == "M0", size == "M2", size == "M5":
		return "Atlas keeps no logs and no counters of a cluster of the size " + size + "."
	case c.Terminated:
		return "The cluster is terminated: it has no servers any more whose logs could be read."
	}
	return ""
}

// set changes the findings, and has them told.
func (r *run) set(change func(*Findings)) {
	r.mu.Lock()
	change(&r.f)
	r.mu.Unlock()
	r.tell()
}

// tell has the findings told, once for all that changes until then.
func (r *run) tell() {
	select {
	case r.changed <- struct{}{}:
	default:
	}
}

// reads says what is being read.
func (r *run) reads(now Read) { r.set(func(f *Findings) { f.Now = now }) }

// progress says how far it is, not too often.
func (r *run) progress(now Read) {
	r.mu.Lock()
	soon := time.Since(r.told) < often
	if !soon {
		r.told, r.f.Now = time.Now(), now
	}
	r.mu.Unlock()
	if !soon {
		r.tell()
	}
}

// was notes what was read.
func (r *run) was(read Read) { r.set(func(f *Findings) { f.Read = append(f.Read, read) }) }

// failed notes what could not be read, and says whether that is for a role which is lacking.
func (r *run) failed(ctx context.Context, u Unread, err error) (lacksRole bool) {
	u.Why = state.Why(err)
	var refused *state.AtlasError
	switch {
	case ctx.Err() != nil:
		u.Why = stopped
	case errors.As(err, &refused) && refused.LacksRole():
		u.Role, lacksRole = refused.Needs, true
	}
	r.unread(u)
	return lacksRole
}

const stopped = "The search was stopped before."

// unread notes what could not be read: as one what is next to each other.
func (r *run) unread(u Unread) {
	r.set(func(f *Findings) {
		for i, o := range f.Unread {
			if o.What == u.What && o.Of == u.Of && o.Why == u.Why && o.Yet == u.Yet && !u.From.After(o.Until) && !o.From.After(u.Until) {
				f.Unread = slices.Clone(f.Unread) // whoever was told may have kept it
				o.From, o.Until = earlier(o.From, u.From), later(o.Until, u.Until)
				f.Unread[i] = o
				return
			}
		}
		f.Unread = append(f.Unread, u)
	})
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// found takes an event of a log, where it may be of what is missing.
func (r *run) found(m *memberLog, e Event) {
	if e.Kind != Unclear && !r.wants(e) {
		return
	}
	r.mu.Lock()
	n := len(r.known)
	for _, l := range r.logs {
		n += len(l.events)
	}
	over := n >= maxEvents
	if !over {
		m.events = append(m.events, e)
		r.gathered = false
	}
	r.over = r.over || over
	r.mu.Unlock()
	if !over {
		r.tell()
	}
}

// wants says whether an event is of what is missing. What the server does for itself is told
// only to whoever names its database.
func (r *run) wants(e Event) bool {
	if !e.Befell(r.Missing) {
		return false
	}
	return r.Missing.Database != "" || !e.Namespace.Internal() || e.Kind == Overwrite && !e.Target.Internal()
}

// findings are what was found so far, for whoever is told to keep.
func (r *run) findings() Findings {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.gathered {
		events := slices.Clone(r.known)
		for _, l := range r.logs {
			events = append(events, l.events...)
		}
		r.f.events = joined(events)
		r.f.Found, r.f.Unclear = Gather(r.f.events, r.Missing), Unclears(r.f.events)
		r.gathered = true
	}
	f := r.f
	f.starts = maps.Clone(r.f.starts)
	f.Read, f.Unread, f.Jumps = slices.Clip(f.Read), slices.Clip(f.Unread), slices.Clip(f.Jumps)
	if r.over {
		f.Unread = append(f.Unread, Unread{What: PartLog, From: r.From, Until: r.Until, Why: "More happened than is kept: say more exactly what is missing."})
	}
	return f
}
