package simulator

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"
)

// journal is what a server writes into its log in a span of time. Nothing of it is kept: what
// the server does all day follows from the seed and the minute, the rest from what befell the
// cluster. It is made of the world as it was when the log was asked for, and needs it no more.
type journal struct {
	seed        [2]uint64
	from, until time.Time     // by the server's own clock
	ahead       time.Duration // how far that is ahead
	told        []entry       // what befell, in the order of time
	boots       []time.Time   // the starts of the server, oldest first
	leads       func(time.Time) bool
	seasons     []season
	noises      []noise
}

// entry is a line of a log, at a time by the world's clock.
type entry struct {
	at   time.Time
	text []byte // all behind its time
}

// season is a time in which the cluster's collections are the same.
type season struct {
	since       time.Time
	collections []namespace
}

const (
	usualSlots = 2  // connections that a server may get in any minute
	allSlots   = 20 // with those of who changes something
	longOpen   = 10 // minutes that one stays at most
)

// journalOf is the log of a server from one time to another, by its own clock.
func (w *world) journalOf(s server, from, until time.Time) *journal {
	sum := w.dice.bytes("log", s.id())
	j := &journal{
		seed: [2]uint64{binary.BigEndian.Uint64(sum[:8]), binary.BigEndian.Uint64(sum[8:16])},
		from: from, until: until, ahead: s.c.ahead(s.set, s.node),
		boots: []time.Time{s.c.Created, w.ago(3, "boot", s.id())},
	}
	for _, x := range s.c.restored { // a restore starts the servers anew
		if !x.failed {
			j.boots = append(j.boots, x.done)
		}
	}
	slices.SortFunc(j.boots, time.Time.Compare)
	elections, first := slices.Clone(s.c.elections), w.primary(s.c, s.set, time.Time{})
	j.leads = func(at time.Time) bool {
		now := first
		for _, e := range elections {
			if e.set == s.set && !e.at.After(at) {
				now++
			}
		}
		return s.role == ofShard && now%nodes == s.node
	}
	seasons := []time.Time{from.Add(-j.ahead)}
	for _, x := range s.c.changes {
		seasons = append(seasons, x.at)
	}
	seasons = append(seasons, j.boots...)
	slices.SortFunc(seasons, time.Time.Compare)
	for _, at := range seasons {
		if at.Before(seasons[0]) || at.After(until.Add(-j.ahead)) {
			continue
		}
		now := season{since: at}
		for _, k := range w.data(s.c, at) {
			now.collections = append(now.collections, k.namespace)
		}
		j.seasons = append(j.seasons, now)
	}
	j.noises = slices.Clone(s.c.noises)
	w.tell(s, j)
	slices.SortStableFunc(j.told, func(a, b entry) int { return a.at.Compare(b.at) })
	return j
}

// write writes the log, and says whether there was a line.
func (j *journal) write(to io.Writer) error {
	var buf []byte
	minute := j.from.Add(-j.ahead).Truncate(time.Minute)
	next, _ := slices.BinarySearchFunc(j.told, minute, func(e entry, at time.Time) int { return e.at.Compare(at) })
	for ; minute.Before(j.until.Add(-j.ahead)); minute = minute.Add(time.Minute) {
		lines := append(j.usual(minute), j.others(minute)...)
		for ; next < len(j.told) && j.told[next].at.Before(minute.Add(time.Minute)); next++ {
			lines = append(lines, j.told[next])
		}
		slices.SortStableFunc(lines, func(a, b entry) int { return a.at.Compare(b.at) })
		buf = buf[:0]
		for _, l := range lines {
			at := l.at.Add(j.ahead)
			if at.Before(j.from) || !at.Before(j.until) {
				continue
			}
			buf = append(buf, `{"t":{"$date":"`...)
			buf = at.UTC().AppendFormat(buf, "2006-01-02T15:04:05.000-07:00")
			buf = append(buf, `"},`...)
			buf = append(buf, l.text...)
			buf = append(buf, '\n')
		}
		if len(buf) == 0 {
			continue
		}
		if _, err := to.Write(buf); err != nil {
			return err //nolint:wrapcheck // the client has left
		}
	}
	return nil
}

// logLine is a line of the server's log behind its time. It is put together by hand: a search reads
// many thousands.
func logLine(component string, id int, ctx, msg, attr string) []byte {
	line := make([]byte, 0, 64+len(component)+len(ctx)+len(msg)+len(attr))
	pad := func(from, width int) {
		for len(line)-from < width {
			line = append(line, ' ')
		}
	}
	line = append(line, `"s":"I",  `...)
	at := len(line)
	line = append(line, `"c":"`...)
	line = append(line, component...)
	line = append(line, `",`...)
	pad(at, 16)
	line = append(line, `"id":`...)
	at = len(line)
	line = append(strconv.AppendInt(line, int64(id), 10), ',')
	pad(at, 9)
	line = strconv.AppendQuote(append(line, `"ctx":`...), ctx)
	line = strconv.AppendQuote(append(line, `,"msg":`...), msg)
	line = append(append(line, `,"attr":`...), attr...)
	return append(line, '}')
}

// tells adds a line to what befell.
func (j *journal) tells(at time.Time, component string, id int, ctx, msg, attr string) {
	j.told = append(j.told, entry{at, logLine(component, id, ctx, msg, attr)})
}

// connection is the number of one that was opened in a minute: they begin anew with the server.
func (j *journal) connection(at time.Time, slot int) int64 {
	return int64(at.Sub(j.boot(at))/time.Minute)*allSlots + int64(slot) + 1
}

// boot is when the server was started last.
func (j *journal) boot(at time.Time) time.Time {
	last := j.boots[0].Truncate(time.Minute)
	for _, b := range j.boots {
		if !b.After(at) {
			last = b.Truncate(time.Minute)
		}
	}
	return last
}

// application is one of those that are always there.
type application struct{ name, driver, version string }

var applications = []application{
	{"checkout", "mongo-go-driver", "v1.17.3"},
	{"back-office", "nodejs", "6.12.0"},
	{"reports", "PyMongo", "4.10.1"},
	{"MongoDB Monitoring Module v13.31.0", "mongo-go-driver", "v1.17.2"},
	{"MongoDB Automation Agent v13.31.0", "mongo-go-driver", "v1.17.2"},
}

// usual is what the server writes in a minute of any day.
func (j *journal) usual(minute time.Time) []entry {
	r := rand.New(rand.NewPCG(j.seed[0], j.seed[1]^uint64(minute.Unix()))) //nolint:gosec // a log that looks busy
	var out []entry
	within := func() time.Time { return minute.Add(time.Duration(r.IntN(59_500)) * time.Millisecond) }
	newest, before := j.connection(minute, 0), int(minute.Sub(j.boot(minute))/time.Minute)
	for ago := 1; ago <= min(longOpen, before); ago++ { // who came some minutes ago leaves
		for slot := range usualSlots {
			if n := newest + int64(slot-ago*allSlots); comes(n) && stays(n) == ago {
				out = append(out, entry{within(), logLine("NETWORK", 22944, conn(n), "Connection ended",
					fmt.Sprintf(`{"remote":%q,"connectionId":%d,"connectionCount":%d}`, remote(n), n, 40+r.IntN(9)))})
			}
		}
	}
	for slot := range usualSlots {
		if n := j.connection(minute, slot); comes(n) {
			app := applications[n*7%int64(len(applications))]
			out = append(out, greeting(within(), n, client{application: app.name, driver: app.driver, version: app.version, remote: remote(n)})...)
		}
	}
	names := j.collections(minute)
	if queries := r.IntN(2); len(names) > 0 {
		if j.leads(minute) {
			queries += r.IntN(2)
		}
		for range queries {
			n := j.connection(minute, r.IntN(usualSlots))
			k, took := names[r.IntN(len(names))], 100+r.IntN(700)
			attr := fmt.Sprintf(`{"type":"command","ns":%q,"appName":"checkout","command":{"find":%q,"filter":{"customerId":%d},"limit":%d,"$db":%q},"planSummary":"IXSCAN { customerId: 1 }","keysExamined":%d,"docsExamined":%d,"nreturned":%d,"reslen":%d,"remote":%q,"protocol":"op_msg","durationMillis":%d}`,
				k, k.collection, r.IntN(900_000), 1+r.IntN(50), k.database, r.IntN(4000), r.IntN(4000), r.IntN(50), 200+r.IntN(40_000), remote(n), took)
			out = append(out, entry{within(), logLine("COMMAND", 51803, conn(n), "Slow query", attr)})
		}
	}
	return append(out, entry{within(), logLine("WTCHKPT", 22430, "Checkpointer", "WiredTiger message",
		fmt.Sprintf(`{"message":{"ts_sec":%d,"ts_usec":%d,"thread":"1:0x7f2c","session_name":"WT_SESSION.checkpoint","msg":"saving checkpoint snapshot min: %d, snapshot max: %d"}}`, minute.Unix(), r.IntN(999_999), r.IntN(9_999_999), r.IntN(9_999_999)))})
}

// others is what clients write in a minute that are busy with something else: the queries of an
// importer, and the drops of what it made for itself.
func (j *journal) others(minute time.Time) []entry {
	var out []entry
	for i, n := range j.noises {
		if minute.Before(n.from.Truncate(time.Minute)) || !n.until.IsZero() && minute.After(n.until) || !j.leads(minute) {
			continue
		}
		r := rand.New(rand.NewPCG(j.seed[1]+uint64(i), uint64(minute.Unix()))) //nolint:gosec // a log that looks busy
		id := j.connection(minute, allSlots-1-i%4)
		who := client{application: "nightly-import", driver: "PyMongo", version: "4.10.1", remote: remote(id)}
		out = append(out, greeting(minute.Add(time.Duration(r.IntN(900))*time.Millisecond), id, who)...)
		for range n.lines {
			at := minute.Add(time.Second + time.Duration(r.IntN(58_000))*time.Millisecond)
			out = append(out, entry{at, logLine("WRITE", 51803, conn(id), "Slow query", fmt.Sprintf(
				`{"type":"update","ns":"import.batch_%d","appName":"nightly-import","command":{"q":{"sku":%d},"u":{"$set":{"seen":true}},"multi":false,"upsert":true},"keysExamined":%d,"docsExamined":%d,"nMatched":1,"nModified":1,"remote":%q,"durationMillis":%d}`,
				i, r.IntN(99_999), r.IntN(90), r.IntN(90), who.remote, 100+r.IntN(200)))})
		}
		for at := n.from.Add(minute.Sub(n.from).Truncate(n.drops)); at.Before(minute.Add(time.Minute)); at = at.Add(n.drops) {
			if !at.Before(minute) && (n.until.IsZero() || at.Before(n.until)) {
				out = append(out, entry{later(at, minute.Add(time.Second)), logLine("COMMAND", 518070, conn(id), "CMD: drop", fmt.Sprintf(`{"namespace":"import.staging_%d"}`, at.Unix()%100_000))})
			}
		}
	}
	return out
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// collections are those that the cluster has in a minute.
func (j *journal) collections(minute time.Time) []namespace {
	var now []namespace
	for _, s := range j.seasons {
		if now == nil || !s.since.After(minute) {
			now = s.collections
		}
	}
	return now
}

// comes says whether the connection of a number is opened at all, and stays for how many minutes.
func comes(n int64) bool { return scattered(n)%10 < 3 }
func stays(n int64) int  { return 1 + int(scattered(n)/16%longOpen) }

func scattered(n int64) uint64 {
	return uint64(n) * 0x9e3779b97f4a7c15 >> 32 //nolint:gosec // any number
}

func conn(n int64) string { return "conn" + strconv.FormatInt(n, 10) }

// remote is from where the connection of a number comes.
func remote(n int64) string {
	x := scattered(n)
	b := append(make([]byte, 0, 24), "10."...)
	b = append(strconv.AppendUint(b, x%7, 10), '.')
	b = append(strconv.AppendUint(b, x/7%250, 10), '.')
	b = append(strconv.AppendUint(b, 1+x/1750%250, 10), ':')
	return string(strconv.AppendUint(b, 32768+x%28000, 10))
}

// greeting are the lines of a client that connects.
func greeting(at time.Time, n int64, who client) []entry {
	line := func(ms int, component string, id int, ctx, msg, attr string) entry {
		return entry{at.Add(time.Duration(ms) * time.Millisecond), logLine(component, id, ctx, msg, attr)}
	}
	remote, application := quote(who.remote), ""
	if who.application != "" {
		application = fmt.Sprintf(`"application":{"name":%s},`, quote(who.application))
	}
	return []entry{
		line(0, "NETWORK", 22943, "listener", "Connection accepted", fmt.Sprintf(`{"remote":%s,"connectionId":%d,"connectionCount":%d}`, remote, n, 44)),
		line(3, "NETWORK", 51800, conn(n), "client metadata", fmt.Sprintf(`{"remote":%s,"client":%q,"negotiatedCompressors":["snappy"],"doc":{%s"driver":{"name":%s,"version":%s},"os":{"type":"linux","architecture":"x86_64"}}}`,
			remote, conn(n), application, quote(who.driver), quote(who.version))),
		line(11, "ACCESS", 5286306, conn(n), "Successfully authenticated", fmt.Sprintf(`{"client":%s,"isSpeculative":true,"mechanism":"SCRAM-SHA-256","user":"application","db":"admin","result":0}`, remote)),
	}
}

// quote is a text of a client's as the server writes it.
func quote(s string) string {
	for _, c := range []byte(s) {
		if c < ' ' || c == '"' || c == '\\' || c >= 0x7f {
			return string(encode(s, false))
		}
	}
	return `"` + s + `"`
}

// tell adds what befell the cluster, as far as this server writes of it.
func (w *world) tell(s server, j *journal) {
	for i, b := range j.boots {
		if i > 0 {
			j.tells(b.Add(-2*time.Second), "CONTROL", 20698, "-", "***** SERVER RESTARTED *****", `{}`)
			j.tells(b.Add(-1900*time.Millisecond), "CONTROL", 4615611, "initandlisten", "MongoDB starting", fmt.Sprintf(`{"pid":%d,"port":%d,"architecture":"64-bit","host":%q}`, 2000+i, s.port(), s.host()))
		}
	}
	if s.role != ofShard {
		return
	}
	for _, e := range s.c.elections {
		if e.set != s.set {
			continue
		}
		now, was := w.primary(s.c, s.set, e.at), w.primary(s.c, s.set, e.at.Add(-1))
		switch s.node {
		case now:
			j.tells(e.at, "REPL", 21358, "ReplCoord-3", "Replica set state transition", `{"newState":"PRIMARY","oldState":"SECONDARY"}`)
		case was:
			j.tells(e.at.Add(-40*time.Millisecond), "REPL", 21358, "ReplCoord-5", "Replica set state transition", `{"newState":"SECONDARY","oldState":"PRIMARY"}`)
		}
	}
	for _, x := range s.c.changes {
		if w.isPrimary(s, x.at) {
			w.did(s, j, x)
		} else if x.what == droppedDatabase { // of a collection no secondary says anything
			at := x.at.Add(time.Duration(9+4*s.node) * time.Millisecond)
			j.tells(at, "COMMAND", 20337, "OplogApplier-0", "dropDatabase - starting", fmt.Sprintf(`{"db":%s}`, quote(x.database)))
			j.tells(at.Add(2*time.Millisecond), "COMMAND", 20336, "OplogApplier-0", "dropDatabase", fmt.Sprintf(`{"db":%s,"numCollectionsDropped":0}`, quote(x.database)))
		}
	}
}

// did adds what the primary writes of a change: who came, and what was done.
func (w *world) did(s server, j *journal, x *change) {
	n := j.connection(x.who.since, x.who.slot)
	j.told = append(j.told, greeting(x.who.since, n, x.who)...)
	at := x.at.Add(time.Duration(7*s.set) * time.Millisecond) // one shard after the other
	name := quote(x.String())
	switch x.what {
	case restoredInto:
		x.job.writes(j, at, conn(n))
	case created:
		if x.kind == view { // an entry among the views of its database
			break
		}
		j.tells(at, "STORAGE", 20320, conn(n), "createCollection", fmt.Sprintf(`{"namespace":%s,"uuidDisposition":"generated","options":{}}`, name))
	case dropped:
		j.tells(at, "COMMAND", 518070, conn(n), "CMD: drop", fmt.Sprintf(`{"namespace":%s}`, name))
	case droppedDatabase:
		db := quote(x.database)
		j.tells(at, "COMMAND", 20337, conn(n), "dropDatabase - starting", fmt.Sprintf(`{"db":%s}`, db))
		for i, k := range x.gone {
			j.tells(at.Add(time.Duration(i+1)*time.Millisecond), "COMMAND", 20338, conn(n), "dropDatabase - dropping collection", fmt.Sprintf(`{"db":%s,"namespace":%s}`, db, quote(k.String())))
		}
		j.tells(at.Add(time.Duration(len(x.gone)+3)*time.Millisecond), "COMMAND", 20336, conn(n), "dropDatabase", fmt.Sprintf(`{"db":%s,"numCollectionsDropped":%d}`, db, len(x.gone)))
	case renamed:
		over := map[bool]string{true: "yes", false: "no"}[x.overwrites]
		j.tells(at, "COMMAND", 20400, conn(n), "renameCollectionForCommand", fmt.Sprintf(`{"sourceNamespace":%s,"targetNamespace":%s,"dropTarget":%q}`, name, quote(x.to.String()), over))
	case deleted:
		if x.slow {
			share := int64(x.documents) / int64(s.c.Shards)
			j.tells(at.Add(x.takes), "WRITE", 51803, conn(n), "Slow query", fmt.Sprintf(`{"type":"remove","ns":%s,"appName":%s,"command":{"q":{},"limit":0},"planSummary":"COLLSCAN","keysExamined":0,"docsExamined":%d,"ndeleted":%d,"keysDeleted":%d,"numYields":%d,"remote":%s,"durationMillis":%d}`,
				name, quote(cmp.Or(x.who.application, x.who.driver)), share, share, 3*share, share/800, quote(x.who.remote), x.takes.Milliseconds()))
		}
	}
}
