package simulator

import (
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// call is one authenticated request on its way through an endpoint.
type call struct {
	s       *Server
	w       *world
	r       *http.Request
	body    []byte
	now     time.Time
	version string // the resolved one
	base    string
	caller  caller
	fault   Fault // that strikes it
}

const maxBody = 1 << 20

// handle reads the request, logs it with its answer, and writes that answer.
func (s *Server) handle(f func(r *http.Request, body []byte) reply) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.lead()
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		rep := reply{drop: true} // the client left in mid-sentence
		if err == nil {
			rep = f(r, body)
		}
		s.send(w, r, body, rep)
	}
}

// send writes the answer, or cuts the connection.
func (s *Server) send(w http.ResponseWriter, r *http.Request, body []byte, rep reply) {
	now := s.clock.now()
	s.record(r, body, rep, now)
	if rep.drop && (rep.file == nil || rep.reset) {
		if rep.reset {
			reset(w)
		}
		panic(http.ErrAbortHandler)
	}
	header := w.Header()
	header.Set("Date", now.Format(http.TimeFormat))
	if rep.unauthorized {
		header.Set("Content-Type", "application/json")
		header.Set("WWW-Authenticate", s.auth.challenge(rep.stale, now))
		rep.body = []byte(unauthorized)
	}
	for name, values := range rep.header {
		header[name] = values
	}
	if rep.file != nil {
		rep.file.header(header)
		rep.file.write(w, rep.status, rep.drop)
		return
	}
	if rep.status != http.StatusNoContent {
		header.Set("Content-Length", strconv.Itoa(len(rep.body)))
	}
	w.WriteHeader(rep.status)
	_, _ = w.Write(rep.body) // who does not read it misses it
}

// reset makes the end of the connection a reset.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return // it is cut all the same
	}
	inner := conn
	if secure, ok := conn.(*tls.Conn); ok {
		inner = secure.NetConn()
	}
	if tcp, ok := inner.(interface{ SetLinger(sec int) error }); ok {
		_ = tcp.SetLinger(0)
	}
	_ = inner.Close()
}

func (s *Server) record(r *http.Request, body []byte, rep reply, now time.Time) {
	entry := Request{
		Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Body: string(body[:min(len(body), keptBody)]),
		Status: rep.status, ErrorCode: rep.code, Dropped: rep.drop, At: now,
	}
	if rep.unauthorized {
		entry.ErrorCode = "UNEXPECTED_ERROR"
	}
	s.log.add(entry)
}

// open is a path without Atlas's authentication, with its faults.
func (s *Server) open(f func(r *http.Request, body []byte) reply) func(r *http.Request, body []byte) reply {
	return func(r *http.Request, body []byte) reply {
		return s.struck(r, func(Fault) reply { return f(r, body) })
	}
}

// struck acts on a request, with the fault that strikes it.
func (s *Server) struck(r *http.Request, act func(Fault) reply) reply {
	fault := s.faults.take(r, file{})
	var rep reply
	if fault.Acts > 0 {
		rep = act(fault)
	}
	if fault.wait(r) {
		return reply{drop: true}
	}
	if other, instead := fault.instead(); instead {
		return other
	}
	if fault.Acts == 0 {
		rep = act(fault)
	}
	rep.drop, rep.reset = fault.Drop == AfterCommit, fault.Reset
	return rep
}

// atlas is the way of a request through the Admin API: who asks, what goes wrong,
// which version, how often, and then the endpoint itself.
func (s *Server) atlas(e endpoint, r *http.Request, body []byte) reply {
	who := s.auth.identify(r, s.clock.now())
	if who == nobody || who == staleNonce {
		return reply{status: http.StatusUnauthorized, unauthorized: true, stale: who == staleNonce}
	}
	return s.struck(r, func(fault Fault) reply { return s.perform(e, who, r, body, fault) })
}

// perform does what was asked for.
func (s *Server) perform(e endpoint, who caller, r *http.Request, body []byte, fault Fault) reply {
	pretty, _ := flag(r.URL.Query(), "pretty", false)
	if e.act == nil {
		return refused(notServed(r.Method, r.URL.Path), pretty)
	}
	version, ok := resolve(r.Header.Get("Accept"), e.versions, e.format())
	if !ok {
		return refused(notAcceptable(r.Header.Get("Accept")), pretty)
	}
	left, limited := s.limits.take(e.set, r.PathValue("groupId"), r.URL.Path, s.clock.now())
	var rep reply
	if limited != nil {
		rep = refused(limited, pretty)
	} else {
		rep = s.run(e, &call{s: s, r: r, body: body, version: version, base: s.BaseURL(), caller: who, fault: fault}, pretty)
	}
	rep.header.Set("RateLimit-Limit", strconv.Itoa(s.limits.of(e.set).capacity))
	rep.header.Set("RateLimit-Remaining", strconv.Itoa(left))
	return rep
}

// run runs the endpoint on the world and puts its result into an answer.
func (s *Server) run(e endpoint, c *call, pretty bool) reply {
	var (
		out    any
		err    error
		status = http.StatusOK
	)
	s.withWorld(func(w *world, now time.Time) {
		c.w, c.now = w, now
		if err = c.checkQuery(e); err == nil {
			out, err = e.act(c)
		}
		if made, is := out.(newly); is {
			out, status = object(made), http.StatusCreated
		}
		if _, file := out.(*logFile); err == nil && out != nil && !file {
			// Encoded here, while nobody can change what it shows.
			out = encode(c.envelope(out), pretty)
		}
	})
	if err != nil {
		var r *refusal
		if !errors.As(err, &r) {
			r = refuse(500, "UNEXPECTED_ERROR", "Unexpected error.")
		}
		return refused(r, pretty)
	}
	rep := reply{status: status, header: http.Header{}}
	rep.header.Set("Content-Type", mediaType(c.version, e.format()))
	if newest := e.versions[len(e.versions)-1]; c.version != newest {
		rep.header.Set("Deprecation", "Mon, 5 Aug 2024 00:00:00 GMT")
		rep.header.Set("Sunset", "Thu, 1 Jul 2027 00:00:00 GMT")
	}
	if out == nil {
		rep.status = http.StatusNoContent
		return rep
	}
	rep.body, _ = out.([]byte)
	rep.file, _ = out.(*logFile)
	return rep
}

// notForReaders are parts of the paths of what a role that only reads does not show.
var notForReaders = []string{"/restoreJobs", "/collectionRestoreJobs", "/logs/", "/snapshots/{snapshotId}/databases", "/search/indexes"}

// checkQuery refuses flags that are none, a project ID that is none, and what the caller
// may not do in that project.
func (c *call) checkQuery(e endpoint) error {
	for _, name := range []string{"pretty", "envelope"} {
		if _, err := flag(c.r.URL.Query(), name, false); err != nil {
			return err
		}
	}
	if !strings.Contains(e.pattern, "{groupId}") {
		return nil
	}
	p, err := c.project()
	if err != nil {
		return err
	}
	read := c.r.Method == http.MethodGet && !slices.ContainsFunc(notForReaders, func(part string) bool { return strings.Contains(e.pattern, part) })
	if p.Role == RoleNone || !read && !p.mayChange() {
		return refuse(403, "ACCESS_FORBIDDEN", "The caller lacks the role that this takes in project "+p.Name+".", p.Name)
	}
	return nil
}

// envelope wraps the answer for clients that cannot see its status.
func (c *call) envelope(v any) any {
	if wanted, _ := flag(c.r.URL.Query(), "envelope", false); !wanted {
		return v
	}
	if o, ok := v.(object); ok && o["results"] != nil { // a list is its own envelope
		o["status"] = http.StatusOK
		return o
	}
	return object{"status": http.StatusOK, "content": v}
}
