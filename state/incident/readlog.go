package incident

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"atlas-restore/state"
)

const (
	// streams is how many logs are read at the same time: each needs some MiB and a core.
	streams = 3
	// chunk is how much of a log comes to Atlas at once: the newest may not be there yet.
	chunk = 5 * time.Minute
	// kept is how long Atlas keeps logs.
	kept = 30 * 24 * time.Hour
	// A log is asked for in parts, the newest first: short ones where the moment mostly is.
	shortest, longest = time.Hour, 6 * time.Hour
	// stray is how far the lines of a part may lie outside of it: it is cut by chunks.
	stray = 2 * chunk
	// tries is how many parts of a member may fail one after the other.
	tries = 2
)

// memberLog is the log of a member, as it is read from the newest part back.
type memberLog struct {
	Process
	parts  []span // that are still to be read, the newest first
	failed int    // parts, one after the other

	events []Event // that it tells of; under the run's mu
}

// span is from when until when, in whole seconds.
type span struct{ from, until time.Time }

// readLogs reads the logs of all members that hold data. Each gives its newest part before any
// gives an older one, the primaries first.
func (r *run) readLogs(ctx context.Context) {
	from := r.From.Truncate(time.Second)
	if oldest := r.Now.Add(-kept).Truncate(time.Second); from.Before(oldest) {
		r.unread(Unread{What: PartLog, From: from, Until: earlier(oldest, r.Until), Why: "Atlas keeps logs for 30 days."})
		from = oldest
	}
	var logs []*memberLog
	for _, p := range r.f.members {
		if !p.Mongos() {
			logs = append(logs, &memberLog{Process: p, parts: r.parts(p, span{from, r.Until.Add(time.Second - 1).Truncate(time.Second)})})
		}
	}
	slices.SortStableFunc(logs, func(a, b *memberLog) int {
		second := map[bool]int{false: 1}
		return cmp.Compare(second[a.Primary()], second[b.Primary()])
	})
	r.mu.Lock()
	for _, m := range logs { // an earlier search's stand among them, as they are
		r.known = slices.DeleteFunc(r.known, func(e Event) bool {
			its := e.Member == m.Host
			if its {
				m.events = append(m.events, e)
			}
			return its
		})
	}
	r.logs = logs
	r.mu.Unlock()

	queue := make(chan *memberLog, len(logs))
	var left, readers sync.WaitGroup
	for _, m := range logs {
		left.Add(1)
		queue <- m
	}
	for range streams {
		readers.Go(func() {
			for m := range queue {
				if len(m.parts) == 0 {
					left.Done()
					continue
				}
				next := m.parts[0]
				m.parts = m.parts[1:]
				r.readPart(ctx, m, next)
				queue <- m
			}
		})
	}
	left.Wait()
	close(queue)
	readers.Wait()
}

// parts are what is still to be read of a member's log, the newest first.
func (r *run) parts(p Process, all span) []span {
	gaps := []span{all}
	for _, k := range r.Known.Read {
		if k.What != PartLog || k.Of != p.Host {
			continue
		}
		var left []span
		for _, g := range gaps {
			if !k.From.After(g.from) && !k.Until.Before(g.until) {
				continue
			}
			if !k.From.Before(g.until) || !k.Until.After(g.from) {
				left = append(left, g)
				continue
			}
			if k.Until.Before(g.until) {
				left = append(left, span{k.Until.Truncate(time.Second), g.until})
			}
			if k.From.After(g.from) {
				left = append(left, span{g.from, k.From})
			}
		}
		gaps = left
	}
	slices.SortFunc(gaps, func(a, b span) int { return b.until.Compare(a.until) })
	var out []span
	length := shortest
	for _, g := range gaps {
		for until := g.until; until.After(g.from); length = min(2*length, longest) {
			from := later(g.from, until.Add(-length))
			// A second of each belongs to its neighbour too: nothing falls between.
			out = append(out, span{from.Add(-time.Second), until})
			until = from
		}
	}
	return out
}

// readPart reads a part of a member's log, or says why not.
func (r *run) readPart(ctx context.Context, m *memberLog, part span) {
	u := Unread{What: PartLog, Of: m.Host, From: part.from, Until: part.until}
	if ctx.Err() != nil {
		u.Why = stopped
		r.unread(u)
		return
	}
	log, first := NewLog(m.Host, 0), len(m.events)
	tally, err := r.readStream(ctx, m, log, part)
	if err != nil && !tally.Last.IsZero() && ctx.Err() == nil { // it broke off: the rest once more
		rest := span{tally.Last.Truncate(time.Second), part.until}
		r.forget(m, first, rest.from)
		var more Tally
		if more, err = r.readStream(ctx, m, log, rest); more.Last.IsZero() {
			more.Last = tally.Last
		}
		tally = Tally{Lines: tally.Lines + more.Lines, Bytes: tally.Bytes + more.Bytes, First: tally.First, Last: more.Last, Back: tally.Back || more.Back}
	}
	r.complete(m, log, part, first)
	if u.Why = r.off(m, part, tally); u.Why != "" {
		r.doubt(m, first, u.Why)
		r.unread(u)
		return
	}
	read := Read{What: PartLog, Of: m.Host, From: part.from, Until: part.until, Bytes: tally.Bytes, Lines: tally.Lines}
	if err == nil {
		m.failed = 0
		if read.Until = r.there(part, tally); read.Until.Before(part.until) {
			u.From, u.Yet, u.Why = read.Until, true, "The newest minutes of a log come to Atlas late: they are not there yet."
			r.unread(u)
		}
		r.was(read)
		return
	}
	if tally.Last.After(part.from) { // what came was read
		read.Until, u.From = tally.Last, tally.Last
		r.was(read)
	}
	m.failed++
	if lacksRole := r.failed(ctx, u, err); (lacksRole || m.failed >= tries) && len(m.parts) > 0 {
		// What fails again and again is not asked for each older part.
		u.From, u.Until = m.parts[len(m.parts)-1].from, part.from
		m.parts = nil
		r.failed(ctx, u, err)
	}
}

// readStream reads a part of a log as it comes.
func (r *run) readStream(ctx context.Context, m *memberLog, log *Log, part span) (Tally, error) {
	now := Read{What: PartLog, Of: m.Host, From: part.from, Until: part.until}
	r.reads(now)
	in, err := r.src.Log(ctx, r.Cluster.ProjectID, m.Host, part.from, part.until)
	if err != nil {
		return Tally{}, err //nolint:wrapcheck // failed says what was read
	}
	// A stream that stalls must not hold whoever stops the search.
	closes := context.AfterFunc(ctx, func() { _ = in.Close() })
	defer func() {
		if closes() {
			_ = in.Close() // what ended has nothing to lose
		}
	}()
	log.progress = func(t Tally) {
		now.Bytes, now.Lines = t.Bytes, t.Lines
		r.progress(now)
	}
	return log.Read(ctx, in, func(e Event) { r.found(m, e) })
}

// there is until when a part of a log was there, by its last line. One that Atlas can have whole
// is taken as whole, also where it has no line.
func (r *run) there(part span, t Tally) time.Time {
	late := r.Now.Add(-stray)
	switch {
	case !part.until.After(late):
		return part.until
	case t.Last.IsZero():
		return later(part.from, late)
	case r.Now.Sub(t.Last) <= time.Second:
		return part.until
	}
	return earlier(t.Last, part.until)
}

// off says that the clock of a member is off, where the lines of a part tell so: then neither
// their times nor what part they belong to can be relied on.
func (r *run) off(m *memberLog, part span, t Tally) string {
	says := ""
	switch {
	case t.Last.After(r.Now.Add(time.Minute)):
		says = fmt.Sprintf("it says %s, and it is %s", state.UTCSecond(t.Last, r.Now), state.UTCSecond(r.Now, r.Now))
	case t.Back:
		says = "it was put back while its log was written"
	case !t.First.IsZero() && t.First.Before(part.from.Add(-stray)):
		says = fmt.Sprintf("its log from %s on begins at %s", state.UTCSecond(part.from, r.Now), state.UTCSecond(t.First, r.Now))
	case t.Last.After(part.until.Add(stray)):
		says = fmt.Sprintf("its log until %s ends at %s", state.UTCSecond(part.until, r.Now), state.UTCSecond(t.Last, r.Now))
	default:
		return ""
	}
	return "The clock of " + m.Host + " is off: " + says + "."
}

// forget drops what a part told from an instant on, which is read once more.
func (r *run) forget(m *memberLog, first int, from time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	kept := m.events[:first:first]
	for _, e := range m.events[first:] {
		if e.At.Before(from) && !e.At.IsZero() {
			kept = append(kept, e)
		}
	}
	m.events, r.gathered = kept, false
}

// doubt marks what a part told at times that are not to be trusted.
func (r *run) doubt(m *memberLog, first int, why string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := first; i < len(m.events); i++ {
		m.events[i].Doubt = why
	}
	r.gathered = false
}

// complete adds to what newer parts told, in this search or in one before it, who it was, where the
// connection was opened in this part. Where the server was started between, its number means
// another one.
func (r *run) complete(m *memberLog, log *Log, part span, first int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	began := log.connections.anew
	if !began.IsZero() {
		if r.f.starts == nil {
			r.f.starts = map[string][]time.Time{}
		}
		r.f.starts[m.Host] = append(slices.Clip(r.f.starts[m.Host]), began)
	}
	for i := range m.events[:first] {
		at := m.events[i].At
		other := func(start time.Time) bool {
			return !start.Equal(began) && !start.Before(part.from) && !start.After(at)
		}
		if at.Before(part.from) || at.Before(began) || slices.ContainsFunc(r.f.starts[m.Host], other) {
			continue
		}
		log.connections.complete(&m.events[i].Who)
		r.gathered = false
	}
}
