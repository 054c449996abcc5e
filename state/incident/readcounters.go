package incident

import (
	"context"
	"fmt"
	"sync"
	"time"

	"atlas-restore/state"
)

// The counters that tell of a loss, by Atlas's names.
var (
	deletes = []string{"OPCOUNTER_DELETE", "DOCUMENT_METRICS_DELETED"}
	objects = []string{"DATABASE_OBJECT_COUNT"}
)

// grains are how fine Atlas keeps counters, by how old they are.
var grains = []struct{ grain, age time.Duration }{
	{time.Minute, 48 * time.Hour},
	{5 * time.Minute, 7 * 24 * time.Hour},
	{time.Hour, 63 * 24 * time.Hour},
}

// counters reads the deletes of all members, of which any may have been primary, and how much is
// in the database that is missing.
func (r *run) counters(ctx context.Context) {
	var readers sync.WaitGroup
	free := make(chan struct{}, streams)
	do := func(p Process, database string, names []string, read func(Series) Reading) {
		free <- struct{}{}
		readers.Go(func() {
			defer func() { <-free }()
			r.counted(ctx, p, database, names, read)
		})
	}
	sets := map[string]bool{}
	for _, p := range r.f.members { // each set's primary is the first of it
		if p.Mongos() {
			continue
		}
		do(p, "", deletes, Rises)
		if !sets[p.ReplicaSet] && r.Missing.Database != "" {
			do(p, r.Missing.Database, objects, Falls)
		}
		sets[p.ReplicaSet] = true
	}
	readers.Wait()
}

// counted reads counters of one server, the newest first.
func (r *run) counted(ctx context.Context, p Process, database string, names []string, read func(Series) Reading) {
	of := p.Host
	if database != "" {
		of += " " + database
	}
	youngest := r.Until
	for _, g := range grains {
		from := later(r.From, r.Now.Add(-g.age))
		if !from.Before(youngest) {
			continue
		}
		from = from.Truncate(g.grain)
		span := Span{From: from.Add(-hoursBefore), Until: youngest, Grain: g.grain}
		if oldest := r.Now.Add(-g.age).Truncate(g.grain); span.From.Before(oldest) {
			span.From = oldest
		}
		now := Read{What: PartCounters, Of: of, From: from, Until: youngest}
		u := Unread{What: PartCounters, Of: of, From: from, Until: youngest}
		youngest = from
		switch {
		case ctx.Err() != nil:
			u.Why = stopped
		case database == "" && g.grain*fewest > hoursBefore:
			u.Why = "Atlas keeps rates of that age by the hour only, which shows no jump."
		}
		if u.Why != "" {
			r.unread(u)
			continue
		}
		r.reads(now)
		var all []Series
		var err error
		if database == "" {
			all, err = r.src.Measurements(ctx, r.Cluster.ProjectID, p.ID, span, names...)
		} else {
			all, err = r.src.DatabaseMeasurements(ctx, r.Cluster.ProjectID, p.ID, database, span, names...)
		}
		if err != nil {
			u.From = r.From // nor are the older ones asked for
			r.failed(ctx, u, err)
			return
		}
		r.judge(of, all, names, now, u, read)
	}
}

// judge finds the jumps of series, and says what they do not tell.
func (r *run) judge(of string, all []Series, names []string, now Read, u Unread, read func(Series) Reading) {
	told := 0
	for _, s := range all {
		reading := read(s)
		for _, j := range reading.Jumps {
			if j.Until.Before(r.From) {
				continue
			}
			j.Of = of
			r.set(func(f *Findings) { f.addJump(j) })
		}
		switch unknown := unknownIn(s, now.From, now.Until); {
		case reading.Judged == 0:
			u.Why = fmt.Sprintf("Too few values of %s are known to compare them with.", s.Name)
			r.unread(u)
		case unknown > 1: // the first of a rate is never known
			told++
			u.Why = fmt.Sprintf("%s has no value at %s.", s.Name, state.Count(unknown, "point"))
			r.unread(u)
		default:
			told++
		}
	}
	if len(all) < len(names) {
		u.Why = fmt.Sprintf("Atlas answered only %d of %s.", len(all), state.Count(len(names), "counter"))
		r.unread(u)
	}
	if told > 0 {
		r.was(now)
	}
}

// unknownIn is how many points of a span have no value. Of what Atlas samples only those count that
// are far from any that has: it looks now and then, and less often while the server is busy.
func unknownIn(s Series, from, until time.Time) (n int) {
	var last time.Time // that is known
	if s.Age > 0 && len(s.Points) > 0 {
		last = s.Points[0].At
	}
	for _, p := range s.Points {
		switch {
		case p.Known:
			last = p.At
		case !p.At.Before(from) && p.At.Before(until) && p.At.Sub(last) > 2*s.Age:
			n++
		}
	}
	return n
}

// addJump adds one that is not there yet, in the order of time.
func (f *Findings) addJump(j Jump) {
	out := make([]Jump, 0, len(f.Jumps)+1)
	for _, o := range f.Jumps {
		if o.Of == j.Of && o.Series == j.Series && !o.From.After(j.Until) && !j.From.After(o.Until) {
			continue // the same, as it was known before
		}
		out = append(out, o)
	}
	i := 0
	for i < len(out) && !out[i].From.After(j.From) {
		i++
	}
	out = append(out, Jump{})
	copy(out[i+1:], out[i:])
	out[i] = j
	f.Jumps = out
}
