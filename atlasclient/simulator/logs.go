package simulator

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"
)

const (
	logsKept  = 30 * day
	logsUsual = 24 * time.Hour  // the span of a log, where no other is asked for
	logsChunk = 5 * time.Minute // logs come in chunks of so long: the newest is missing yet
	firstLog  = 1199145600      // Atlas takes no earlier second
)

// logFile is an answer that is written as it is made.
type logFile struct {
	journal *journal
	name    string
	nothing bool // that log is not written here
}

// downloadLog answers with a log of a server.
func downloadLog(c *call) (any, error) {
	s, err := c.logged()
	if err != nil {
		return nil, err
	}
	from, until, refused := c.span()
	if refused != nil {
		return nil, refused
	}
	kinds := map[string]string{"mongodb.gz": "MONGODB", "mongos.gz": "MONGOS", "mongodb-audit-log.gz": "MONGODB_AUDIT_LOG", "mongos-audit-log.gz": "MONGOS_AUDIT_LOG"}
	file := c.r.PathValue("logFile")
	kind, ok := kinds[file]
	if !ok {
		return nil, refuse(400, "INVALID_PATH_PARAMETER", fmt.Sprintf("%q is no log: mongodb.gz, mongos.gz, mongodb-audit-log.gz or mongos-audit-log.gz.", file), "logName")
	}
	const stamped = "2006-01-02T15:04:05"
	fraction := c.w.dice.below(1000, "fraction", s.id(), c.now.UnixNano()) // of nanoseconds, whyever
	out := &logFile{nothing: kind != "MONGODB", name: fmt.Sprintf("%s_%s.%09d_%s.%09d_%s.log.gz",
		s.host(), from.Format(stamped), fraction, until.Format(stamped), fraction, kind)}
	// What was not collected yet, or is kept no more, is missing.
	begin, end := c.now.Add(-logsKept), c.now.Add(-30*time.Second).Truncate(logsChunk)
	for _, t := range []time.Time{s.c.Created, from} {
		if t.After(begin) {
			begin = t
		}
	}
	// Chunks are cut by Atlas's clock.
	out.journal = c.w.journalOf(s, begin, earlier(until, end.Add(s.c.ahead(s.set, s.node))))
	return out, nil
}

// logged is the server whose log the path asks for, if there is one.
func (c *call) logged() (server, error) {
	p, err := c.project()
	if err != nil {
		return server{}, err
	}
	host := c.r.PathValue("hostName")
	for _, x := range p.clusters {
		if (x.flex() || x.tenant()) && slices.ContainsFunc(hosts(x), func(h string) bool { return h == host+":27017" }) {
			return server{}, refuse(400, "INSUFFICIENT_INSTANCE_SIZE", "Logs are not available for clusters of size "+x.InstanceSize+".", x.InstanceSize)
		}
	}
	all := c.servers(p)
	i := slices.IndexFunc(all, func(s server) bool { return s.host() == host })
	if i < 0 {
		return server{}, noHost(host, p)
	}
	if s := all[i]; s.c.member(s.set, s.node).refused {
		return server{}, refuse(403, "ACCESS_FORBIDDEN", "The caller may not download the logs of host "+host+".", host)
	}
	return all[i], nil
}

// span is the time for which a log is asked: whole seconds, a day where an end is open.
func (c *call) span() (from, until time.Time, err *refusal) {
	q := c.r.URL.Query()
	read := func(name string) (t time.Time, err *refusal) {
		if !q.Has(name) {
			return t, nil
		}
		n, e := strconv.ParseInt(q.Get(name), 10, 64)
		if e != nil || n < firstLog || n > 1<<33 {
			return t, invalidQuery(name, q.Get(name))
		}
		return time.Unix(n, 0).UTC(), nil
	}
	if from, err = read("startDate"); err == nil {
		until, err = read("endDate")
	}
	switch {
	case err != nil:
	case from.IsZero() && until.IsZero():
		from, until = c.now.Add(-logsUsual), c.now
	case from.IsZero():
		from = until.Add(-logsUsual)
	case until.IsZero():
		until = from.Add(logsUsual)
	case until.Before(from):
		err = invalidQuery("endDate", q.Get("endDate"))
	}
	return from, until, err
}

// header says what comes.
func (f *logFile) header(h http.Header) {
	h.Set("Content-Disposition", `attachment; filename="`+f.name+`"`)
}

// write sends the log, compressed as it comes. Without a line nothing comes at all, not even
// the beginning of a compressed file.
func (f *logFile) write(w http.ResponseWriter, status int, cut bool) {
	if cut { // half of it
		f.journal.until = f.journal.from.Add(f.journal.until.Sub(f.journal.from) / 2)
	}
	to := &late{w: w, status: status}
	var err error
	if !f.nothing {
		err = f.journal.write(to)
	}
	switch {
	case to.zip == nil && !cut:
		w.Header().Set("Content-Length", "0")
		w.Header().Set("X-Uncompressed-Content-Length", "0")
		w.WriteHeader(status)
	case cut || err != nil:
		if to.zip != nil {
			_ = to.zip.Flush()
		}
		_ = http.NewResponseController(w).Flush() // the half must arrive
		panic(http.ErrAbortHandler)
	default:
		_ = to.zip.Close() // who does not read it misses it
	}
	if to.zip != nil {
		zips.Put(to.zip)
	}
}

// zips are compressors that have done their work: the tables of one are a megabyte.
var zips sync.Pool

// zipped gives a compressor that writes to w.
func zipped(w io.Writer) *gzip.Writer {
	if z, ok := zips.Get().(*gzip.Writer); ok {
		z.Reset(w)
		return z
	}
	z, _ := gzip.NewWriterLevel(w, gzip.BestSpeed) // a level that there is
	return z
}

// late begins an answer with its first byte.
type late struct {
	w      http.ResponseWriter
	status int
	zip    *gzip.Writer
}

func (l *late) Write(b []byte) (int, error) {
	if l.zip == nil {
		l.w.WriteHeader(l.status)
		l.zip = zipped(l.w)
	}
	return l.zip.Write(b) //nolint:wrapcheck // the client has left
}

// member is what is special of a member of a replica set.
type member struct {
	set, node int
	refused   bool          // its log is
	ahead     time.Duration // its clock is; below zero, it is behind
}

func (c *cluster) member(set, node int) member {
	for _, m := range c.members {
		if m.set == set && m.node == node {
			return m
		}
	}
	return member{set: set, node: node}
}

func (c *cluster) ahead(set, node int) time.Duration { return c.member(set, node).ahead }
