package simulator

import (
	"sync"
	"time"
)

// clock is the simulated time: it runs at a multiple of the real one (or not at
// all) and can be moved forward by hand.
type clock struct {
	speed float64

	mu    sync.Mutex
	start time.Time // simulated
	real  time.Time // when it was started, with its monotonic reading
	moved time.Duration
}

func newClock(start time.Time, speed float64) *clock {
	return &clock{start: start, real: time.Now(), speed: speed}
}

// began is the simulated time at which it was started.
func (c *clock) began() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.start
}

// reset starts it anew.
func (c *clock) reset(start time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.start, c.real, c.moved = start, time.Now(), 0
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
