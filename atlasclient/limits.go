package atlasclient

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// limits slow reads down while Atlas still lets them through, so that its 429 is not
// met. Atlas counts per set of endpoints and project (Admin API, "rate limits"), and
// says in every answer how much of the count is left.
type limits struct {
	mu   sync.Mutex
	left map[string]float64 // the part of a set's count that is left, from 0 to 1
}

// Below nearlyOut of its count a set is spared: each read of it waits, the longer the
// less is left. Atlas refills 500 in a minute, so that a second is more than enough.
const (
	nearlyOut   = 0.1
	longestSlow = time.Second
)

// observe reads the count of an answer; headers that are missing say nothing.
func (l *limits) observe(k call, h http.Header) {
	limit, errL := strconv.Atoi(h.Get("RateLimit-Limit"))
	left, errR := strconv.Atoi(h.Get("RateLimit-Remaining"))
	if errL != nil || errR != nil || limit <= 0 || left < 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.left[set(k)] = float64(left) / float64(limit)
}

// wait holds a read back while its set is nearly used up. A write is not held back: it
// is one, and was confirmed.
func (l *limits) wait(ctx context.Context, c *Client, k call) error {
	if isWrite(k.method) {
		return nil
	}
	l.mu.Lock()
	left, known := l.left[set(k)]
	l.mu.Unlock()
	if !known || left >= nearlyOut {
		return nil
	}
	return c.sleep(ctx, c.scaled(time.Duration((1-left/nearlyOut)*float64(longestSlow))))
}

// set names the count that a call is taken from: the kind of endpoint, and the project.
func set(k call) string {
	name := ""
	for i, e := range k.path {
		switch {
		case i == 1:
			name += "/" + e // the project's id
		case e == "groups", e == "clusters", e == "flexClusters", e == "backup", e == "processes", e == "events", e == "logs":
			name += "/" + e
		}
	}
	return name
}
