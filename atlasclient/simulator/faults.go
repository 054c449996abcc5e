package simulator

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// DropKind says when a fault cuts the connection.
type DropKind int

// The moments at which a connection can be cut.
const (
	None         DropKind = iota
	BeforeCommit          // nothing has happened: the request was never acted upon
	AfterCommit           // it was acted upon, and the answer is lost (a download: half of it)
)

// Fault makes requests go wrong. It strikes after authentication, so that a Digest
// handshake does not use it up; token calls and downloads, which have none, are
// struck at once. What is left zero does not apply; a Fault with a Stall alone is
// a slow answer.
type Fault struct {
	Method        string // empty: any
	PathContains  string // empty: any
	PathEnds      string // empty: any
	QueryContains string // empty: any
	Times         int    // how many requests it strikes; 0 counts as 1, negative is for ever

	Status            int    // answer with this status instead of acting
	ErrorCode, Detail string // … and this error (ApiError)
	RetryAfter        int    // … and this Retry-After, in seconds
	HTML              bool   // … but as a page of some proxy in between
	Body              string // answer 200 with this JSON instead of acting

	// Acts has the request acted upon before the Stall, whatever is answered then. A
	// restore job of a dedicated cluster is made so often, though the first of them would
	// keep Atlas from making a second.
	Acts int
	Late time.Duration // such a job is made so much later by the simulated clock, and is nowhere before

	// What strikes downloads alone. HEAD is never struck by it.
	File     FileFault // what is wrong with the file
	NoLength bool      // … and the answer does not say how long it is: the connection's end is all there is
	Cluster  string    // of whose download, as PROJECT/CLUSTER; empty: any
	Nth      int       // the file of its replica set 1, 2, …; 0: any

	Drop  DropKind
	Reset bool          // the cut is a reset of the connection, not its end
	Stall chan struct{} // go on only when it is closed
}

// Fail arms a fault. Several are tried in the order in which they were armed.
func (s *Server) Fail(f Fault) {
	if f.Times == 0 {
		f.Times = 1
	}
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.armed = append(s.faults.armed, &f)
}

// Armed is how many faults have not struck as often as they are to.
func (s *Server) Armed() int {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	return len(s.faults.armed)
}

// Heal disarms all faults.
func (s *Server) Heal() {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.armed = nil
	for _, w := range s.faults.waits {
		close(w)
	}
	s.faults.waits = nil
}

type faults struct {
	mu    sync.Mutex
	armed []*Fault
	waits []chan struct{} // closed when all faults end
}

// healed is closed when all faults end.
func (fs *faults) healed() <-chan struct{} {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	w := make(chan struct{})
	fs.waits = append(fs.waits, w)
	return w
}

// take finds the fault that strikes this request, for this file if it asks for one; one that does
// nothing if none does.
func (fs *faults) take(r *http.Request, of file) Fault {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	for i, f := range fs.armed {
		if f.Method != "" && f.Method != r.Method || !strings.Contains(r.URL.Path, f.PathContains) || !strings.HasSuffix(r.URL.Path, f.PathEnds) || !strings.Contains(r.URL.RawQuery, f.QueryContains) || !f.hits(r, of) {
			continue
		}
		if f.Times > 0 {
			if f.Times--; f.Times == 0 {
				fs.armed = append(fs.armed[:i:i], fs.armed[i+1:]...)
			}
		}
		return *f
	}
	return Fault{}
}

// wait holds the request back until the fault lets it go, or the client leaves.
func (f Fault) wait(r *http.Request) (left bool) {
	if f.Stall == nil {
		return false
	}
	select {
	case <-f.Stall:
		return false
	case <-r.Context().Done():
		return true
	}
}

// instead is the answer of a fault that keeps the request from being acted upon.
func (f Fault) instead() (reply, bool) {
	switch {
	case f.Drop == BeforeCommit:
		return reply{drop: true, reset: f.Reset}, true
	case f.HTML:
		status := f.Status
		if status == 0 {
			status = http.StatusBadGateway
		}
		rep := reply{status: status, header: http.Header{}, body: []byte(
			"<!DOCTYPE html>\n<html><head><title>Gateway</title></head><body><h1>The gateway could not complete your request</h1></body></html>\n")}
		rep.header.Set("Content-Type", "text/html; charset=utf-8")
		return f.retryHeader(rep), true
	case f.Body != "":
		rep := reply{status: http.StatusOK, header: http.Header{}, body: []byte(f.Body)}
		rep.header.Set("Content-Type", "application/json")
		return rep, true
	case f.Status == http.StatusUnauthorized && f.ErrorCode == "":
		return reply{status: f.Status, unauthorized: true}, true
	case f.Status != 0:
		code, detail := f.ErrorCode, f.Detail
		if code == "" {
			code = defaultCode(f.Status)
		}
		if detail == "" {
			detail = "An injected fault."
		}
		return f.retryHeader(refused(refuse(f.Status, code, detail), false)), true
	}
	return reply{}, false
}

func (f Fault) retryHeader(rep reply) reply {
	if f.RetryAfter > 0 {
		rep.header.Set("Retry-After", strconv.Itoa(f.RetryAfter))
	}
	return rep
}

func defaultCode(status int) string {
	switch status {
	case http.StatusTooManyRequests:
		return "RATE_LIMITED_TOKEN_BUCKET"
	case http.StatusServiceUnavailable:
		return "SERVICE_UNAVAILABLE"
	case http.StatusForbidden:
		return "ACCESS_FORBIDDEN"
	}
	return "UNEXPECTED_ERROR"
}
