package delivery

import (
	"sync"
	"time"
)

// Limit is how fast may be fetched, for all files of all runs that share it. It can be changed
// at any time. The zero value is no limit.
type Limit struct {
	mu   sync.Mutex
	rate int64     // bytes a second; 0: no limit
	free time.Time // when what was let through is paid for
}

// NewLimit is a limit of so many bytes a second; 0 is none.
func NewLimit(rate int64) *Limit { return &Limit{rate: max(0, rate)} }

// Set changes the limit.
func (l *Limit) Set(rate int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rate, l.free = max(0, rate), time.Time{}
}

// Rate is the limit in bytes a second; 0 is none.
func (l *Limit) Rate() int64 {
	if l == nil {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.rate
}

// most is how much of n bytes may be read at once, so that a slow line moves each tenth of a
// second.
func (l *Limit) most(n int) int {
	if rate := l.Rate(); rate > 0 {
		return int(min(int64(n), max(rate/10, 1)))
	}
	return n
}

// wait is how long to wait after n bytes that were read at now.
func (l *Limit) wait(n int, now time.Time) time.Duration {
	if l == nil {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.rate == 0 {
		return 0
	}
	if l.free.Before(now) {
		l.free = now
	}
	l.free = l.free.Add(time.Duration(float64(n) / float64(l.rate) * float64(time.Second)))
	return l.free.Sub(now)
}
