package simulator

import (
	"slices"
	"sync"
	"time"
)

// Request is one request that the simulator received. The handshake of Digest
// authentication (a 401) and the token calls (/api/oauth/token) are there too.
type Request struct {
	Method, Path, Query string
	Body                string
	Status              int    // 0: the connection was cut before anything was done
	ErrorCode           string // Atlas's, of a refusal
	Dropped             bool   // the answer never left
	At                  time.Time
}

// Requests are the requests so far, oldest first. A very long run keeps the last.
func (s *Server) Requests() []Request {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	return slices.Clone(s.log.requests)
}

const keptRequests = 50_000

type requestLog struct {
	mu       sync.Mutex
	requests []Request
	injects  []Happening
}

func (l *requestLog) add(r Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.requests) >= 2*keptRequests {
		l.requests = slices.Clone(l.requests[keptRequests:])
	}
	l.requests = append(l.requests, r)
}

func (l *requestLog) happened(h Happening) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.injects = append(l.injects, h)
}
