package simulator

import (
	"path"
	"slices"
	"strings"
	"sync"
	"time"
)

// Request is one request that the simulator received. The handshake of Digest
// authentication (a 401) and the token calls (/api/oauth/token) are there too.
type Request struct {
	Number              int // from 1 on, by when they were answered
	Method, Path, Query string
	Body                string // its first 16 KiB
	Status              int    // 0: the connection was cut before anything was done
	ErrorCode           string // Atlas's, of a refusal
	Dropped             bool   // the answer never left
	At                  time.Time
}

// Masked is the request without what would open something: a secret or token in a token
// call, and the link of a download.
func (r Request) Masked() Request {
	if strings.HasPrefix(r.Path, "/api/oauth/") {
		r.Query, r.Body = "", ""
	}
	if link, ok := strings.CutPrefix(r.Path, deliveryPath); ok {
		host, _, _ := strings.Cut(link, "/")
		r.Path = deliveryPath + host + "/***"
		if file := path.Base(link); strings.Contains(file, ".") { // no token has a dot
			r.Path += "/" + file
		}
	}
	return r
}

// size is about how many bytes the log keeps for a request.
func (r Request) size() int { return 200 + len(r.Path) + len(r.Query) + len(r.Body) }

// Requests are the requests so far, oldest first. A very long run keeps the last: tens of
// thousands, or fewer where they were large.
func (s *Server) Requests() []Request {
	// Not by RequestsAfter: its channel would belong to the bubble of a test that looks.
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	return slices.Clone(s.log.requests)
}

// RequestsAfter are the requests with a greater number that are kept, oldest first, and
// a channel that the next one closes.
func (s *Server) RequestsAfter(number int) (later []Request, next <-chan struct{}) {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	i, _ := slices.BinarySearchFunc(s.log.requests, number+1, func(r Request, n int) int { return r.Number - n })
	return slices.Clone(s.log.requests[i:]), s.log.next
}

const (
	keptRequests = 20_000   // after more than twice as many
	keptBytes    = 16 << 20 // of them all
	keptBody     = 16 << 10
	keptInjects  = 5_000 // after more than twice as many
)

type requestLog struct {
	mu       sync.Mutex
	requests []Request
	bytes    int           // of the requests that are kept
	injects  []Happening   // the last ones
	happens  int           // injects so far
	count    int           // of requests so far
	next     chan struct{} // closed by the next one
}

func (l *requestLog) add(r Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.bytes += r.size()
	if len(l.requests) >= 2*keptRequests || l.bytes > keptBytes {
		l.shorten()
	}
	l.count++
	r.Number = l.count
	l.requests = append(l.requests, r)
	if l.next != nil {
		close(l.next)
	}
	l.next = make(chan struct{}) // here, and not by who waits: it may be in a bubble of a test's own time
}

// shorten drops the oldest requests, so that neither their number nor their size is more
// than half of what may be kept.
func (l *requestLog) shorten() {
	drop := max(0, len(l.requests)-keptRequests)
	for i, r := range l.requests {
		if i >= drop && l.bytes <= keptBytes/2 {
			break
		}
		l.bytes -= r.size()
		drop = max(drop, i+1)
	}
	l.requests = slices.Clone(l.requests[drop:])
}

func (l *requestLog) clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.requests, l.bytes = nil, 0
}

func (l *requestLog) happened(h Happening) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.injects) >= 2*keptInjects {
		l.injects = slices.Clone(l.injects[keptInjects:])
	}
	l.happens++
	l.injects = append(l.injects, h)
}
