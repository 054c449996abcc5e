package simulator

import (
	"encoding/binary"
	"math"
	"time"
)

// gauge reads what a server, or a database on it, is like.
type gauge struct {
	w        *world
	s        server
	database string
	seed     uint64
	busy     float64       // how much the cluster has to do
	offset   time.Duration // of when Atlas looks into its databases
}

func (w *world) gauge(s server, database string) gauge {
	sum := w.dice.bytes("gauge", s.id())
	g := gauge{w: w, s: s, database: database, seed: binary.BigEndian.Uint64(sum[:8]), busy: 1 + math.Sqrt(s.c.DataGB)/2}
	if s.c.idle() {
		g.busy = 0
	}
	g.offset = time.Duration(sum[8]) * samplesEvery / 256
	return g
}

// serverMetrics are those of a server, in the order of their names.
func serverMetrics() []metric {
	return []metric{
		{"CONNECTIONS", "SCALAR", func(g gauge, from, until time.Time) (float64, bool) {
			return 11 + math.Round(g.mean("connections", 12*g.busy, from, until)), true
		}},
		{"DB_DATA_SIZE_TOTAL", "BYTES", func(g gauge, _, until time.Time) (float64, bool) {
			return weigh(g.w, g.w.data(g.s.c, until), until) / float64(g.s.c.Shards), g.s.role == ofShard
		}},
		{"DOCUMENT_METRICS_DELETED", perSecond, writes("delete", 0.8, (*change).deletes)},
		{"DOCUMENT_METRICS_INSERTED", perSecond, writes("insert", 4, (*change).inserts)},
		{"DOCUMENT_METRICS_RETURNED", perSecond, always("returned", 160)},
		{"DOCUMENT_METRICS_UPDATED", perSecond, writes("update", 7, nil)},
		{"MAX_PROCESS_CPU_USER", "PERCENT", always("most cpu", 9)},
		{"MEMORY_MAPPED", "MEGABYTES", func(gauge, time.Time, time.Time) (float64, bool) { return 0, false }},
		{"MEMORY_RESIDENT", "MEGABYTES", always("memory", 900)},
		{"NETWORK_NUM_REQUESTS", perSecond, always("requests", 70)},
		{"OPCOUNTER_CMD", perSecond, always("command", 12)},
		{"OPCOUNTER_DELETE", perSecond, writes("delete", 0.8, (*change).deletions)},
		{"OPCOUNTER_GETMORE", perSecond, always("getmore", 2)},
		{"OPCOUNTER_INSERT", perSecond, writes("insert", 4, (*change).inserts)},
		{"OPCOUNTER_QUERY", perSecond, always("query", 25)},
		{"OPCOUNTER_REPL_CMD", perSecond, repeated("command", 0.01, nil)},
		{"OPCOUNTER_REPL_DELETE", perSecond, repeated("delete", 0.8, (*change).deletes)},
		{"OPCOUNTER_REPL_INSERT", perSecond, repeated("insert", 4, (*change).inserts)},
		{"OPCOUNTER_REPL_UPDATE", perSecond, repeated("update", 7, nil)},
		{"OPCOUNTER_TTL_DELETED", perSecond, writes("ttl", 0.3, nil)},
		{"OPCOUNTER_UPDATE", perSecond, writes("update", 7, nil)},
		{"OPLOG_MASTER_TIME", "SECONDS", always("oplog", 40_000)},
		{"OPLOG_REPLICATION_LAG_TIME", "SECONDS", func(gauge, time.Time, time.Time) (float64, bool) { return 0, true }},
		{"PROCESS_CPU_USER", "PERCENT", always("cpu", 4)},
	}
}

// databaseMetrics are those of a database on a server, which Atlas samples.
func databaseMetrics() []metric {
	return []metric{
		{"DATABASE_AVERAGE_OBJECT_SIZE", "BYTES", sampled(func(d holding) float64 { return d.bytes / max(1, d.documents) })},
		{"DATABASE_COLLECTION_COUNT", "SCALAR", sampled(func(d holding) float64 { return d.collections })},
		{"DATABASE_DATA_SIZE", "BYTES", sampled(func(d holding) float64 { return d.bytes })},
		{"DATABASE_STORAGE_SIZE", "BYTES", sampled(func(d holding) float64 { return 4096 * math.Round(d.bytes*0.4/4096) })},
		{"DATABASE_INDEX_SIZE", "BYTES", sampled(func(d holding) float64 { return 4096 * math.Round(d.documents*31/4096) })},
		{"DATABASE_INDEX_COUNT", "SCALAR", sampled(func(d holding) float64 { return 3 * d.collections })},
		{"DATABASE_EXTENT_COUNT", "SCALAR", sampled(func(holding) float64 { return 0 })},
		{"DATABASE_OBJECT_COUNT", "SCALAR", sampled(func(d holding) float64 { return d.documents })},
		{"DATABASE_VIEW_COUNT", "SCALAR", sampled(func(d holding) float64 { return d.views })},
	}
}

// always is a value that each server has, whatever it is.
func always(what string, usual float64) func(g gauge, from, until time.Time) (float64, bool) {
	return func(g gauge, from, until time.Time) (float64, bool) {
		return usual/20 + g.mean(what, usual*g.busy, from, until), true
	}
}

// writes is a rate that only the primary has: the cluster's usual one, and what changes add.
func writes(what string, usual float64, adds func(x *change, by time.Time) float64) func(g gauge, from, until time.Time) (float64, bool) {
	return func(g gauge, from, until time.Time) (float64, bool) {
		if !g.w.isPrimary(g.s, from) {
			return 0, true
		}
		return g.written(what, usual, adds, from, until), true
	}
}

// repeated is the same of the others, which repeat what the primary does.
func repeated(what string, usual float64, adds func(x *change, by time.Time) float64) func(g gauge, from, until time.Time) (float64, bool) {
	return func(g gauge, from, until time.Time) (float64, bool) {
		if g.s.role != ofShard || g.w.isPrimary(g.s, from) {
			return 0, true
		}
		return g.written(what, usual, adds, from, until), true
	}
}

func (g gauge) written(what string, usual float64, adds func(x *change, by time.Time) float64, from, until time.Time) float64 {
	out := g.mean(what, usual*g.busy, from, until)
	if adds == nil {
		return out
	}
	for _, x := range g.s.c.changes {
		out += (adds(x, until) - adds(x, from)) / float64(g.s.c.Shards) / until.Sub(from).Seconds()
	}
	return out
}

// mean is a value that wobbles from minute to minute, and with the hour of the day. It stays
// within a factor that nobody takes for an incident.
func (g gauge) mean(what string, usual float64, from, until time.Time) float64 {
	if usual == 0 {
		return 0
	}
	seed := g.seed
	for _, r := range what {
		seed = seed*31 + uint64(r) //nolint:gosec // a letter
	}
	sum, n := 0.0, 0
	for at := from.Truncate(time.Minute); n == 0 || at.Before(until); at = at.Add(time.Minute) {
		x := (seed ^ uint64(at.Unix())) * 0x9e3779b97f4a7c15 //nolint:gosec // after 1970
		x ^= x >> 29
		x *= 0xbf58476d1ce4e5b9
		hour := math.Sin(2 * math.Pi * (float64(at.Unix()%86400)/86400 - 0.3))
		sum += usual * (0.75 + float64(x>>40)/float64(1<<24)*0.25) * (1 + 0.3*hour)
		n++
	}
	return sum / float64(n)
}

// deletes is how many documents a change has deleted by a time, and deletions with how many
// operations: one, or where it is done bit by bit, one for each document.
func (x *change) deletes(by time.Time) float64 { return x.deletedBy(by) }

func (x *change) deletions(by time.Time) float64 {
	if x.slow && !by.Before(x.at) {
		return 1
	}
	return x.deletedBy(by)
}

// inserts is how many documents were made by a time, at a thousand a second.
func (x *change) inserts(by time.Time) float64 {
	if x.what == restoredInto {
		return x.job.insertedBy(by)
	}
	if x.what != created || by.Before(x.at) {
		return 0
	}
	return min(x.documents, 1000*by.Sub(x.at).Seconds())
}

// holding is what a database holds on one server.
type holding struct{ collections, views, documents, bytes float64 }

func (g gauge) holding(at time.Time) (out holding, there bool) {
	for _, own := range ownDatabases {
		if g.database == own {
			return holding{collections: 9, documents: 140, bytes: 21_000}, true
		}
	}
	shards := float64(g.s.c.Shards)
	for _, k := range g.w.data(g.s.c, at) {
		if k.database == g.database {
			n := math.Floor(g.w.documents(k, at) / shards)
			if k.kind == view {
				out.views++
				continue
			}
			out.collections++
			out.documents += n
			out.bytes += math.Floor(n * k.size)
		}
	}
	return out, out.collections+out.views > 0
}

// sampled is a mean of what Atlas saw in a span, and unknown where it did not look.
func sampled(of func(holding) float64) func(g gauge, from, until time.Time) (float64, bool) {
	return func(g gauge, from, until time.Time) (float64, bool) {
		sum, n := 0.0, 0.0
		for at := from.Add(-g.offset).Truncate(samplesEvery).Add(g.offset); !at.After(until); at = at.Add(samplesEvery) {
			if !at.After(from) {
				continue
			}
			if d, there := g.holding(at); there {
				sum += of(d)
				n++
			}
		}
		return sum / max(1, n), n > 0
	}
}
