package simulator

import (
	"sync"
	"time"
)

// clock is the simulated time: it runs at a multiple of the real one (or not at
// all) and can be moved forward by hand.
type clock struct {
	start time.Time // simulated
	real  time.Time // when it was started, with its monotonic reading
	speed float64

	mu    sync.Mutex
	moved time.Duration
}

func newClock(start time.Time, speed float64) *clock {
	return &clock{start: start, real: time.Now(), speed: speed}
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	ran := time.Duration(float64(time.Since(c.real)) * c.speed)
	return c.start.Add(c.moved + ran)
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.moved += d
}

// stamp is how Atlas writes a date: RFC 3339 in UTC, whole seconds.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
