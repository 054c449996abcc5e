package simulator

import (
	"context"
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
	moves int // so often it was moved by hand, or begun anew
	waits map[chan struct{}]bool
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
	c.wake()
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
	c.wake()
}

// wake tells whoever waits that the clock has moved other than by running. The lock is held.
func (c *clock) wake() {
	c.moves++
	for w := range c.waits {
		close(w)
	}
	c.waits = nil
}

// await waits until the clock was moved another number of times than is known, or the
// context ends, and says how often it was moved.
func (c *clock) await(ctx context.Context, known int) int {
	c.mu.Lock()
	if c.moves != known || ctx.Err() != nil {
		defer c.mu.Unlock()
		return c.moves
	}
	// Made by who waits, and not by who moves the clock: that may be in a bubble of a
	// test's own time.
	woken := make(chan struct{})
	if c.waits == nil {
		c.waits = map[chan struct{}]bool{}
	}
	c.waits[woken] = true
	c.mu.Unlock()
	select {
	case <-woken:
	case <-ctx.Done():
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.waits, woken)
	return c.moves
}

// stamp is how Atlas writes a date: RFC 3339 in UTC, whole seconds.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
