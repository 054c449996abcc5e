package fetch

import (
	"slices"
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

// Most is how much of n bytes may be read at once, so that a slow line moves each tenth of a
// second.
func (l *Limit) Most(n int) int {
	if rate := l.Rate(); rate > 0 {
		return int(min(int64(n), max(rate/10, 1)))
	}
	return n
}

// longestWait is how long a change of the limit may go unheeded: what was read before it is not paid
// for in full.
const longestWait = 2 * time.Second

// Wait is how long to wait after n bytes that were read at now.
func (l *Limit) Wait(n int, now time.Time) time.Duration {
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
	if latest := now.Add(longestWait); l.free.After(latest) {
		l.free = latest
	}
	return l.free.Sub(now)
}

// steps are the limits that Slower and Faster lead to, in bytes a second.
var steps = []int64{1e5, 2e5, 5e5, 1e6, 2e6, 5e6, 1e7, 2e7, 5e7, 1e8, 2e8, 5e8, 1e9}

// unmeasured is the first limit where nothing is known of the speed.
const unmeasured = 1e7

// Slower sets the limit a step lower: below the speed that there is, in bytes a second, where there was
// no limit or one that was not felt. It gives the new limit.
func (l *Limit) Slower(speed float64) int64 {
	rate := l.Rate()
	from := float64(rate)
	switch {
	case speed > 0 && (rate == 0 || speed < from/2):
		from = speed
	case rate == 0:
		from = unmeasured + 1
	}
	next := steps[0]
	for _, s := range steps {
		if float64(s) < from {
			next = s
		}
	}
	if rate > 0 && next > rate { // it never gets faster by it
		next = rate
	}
	l.Set(next)
	return next
}

// Faster sets the limit a step higher; behind the last step there is none. It gives the new limit, 0 for
// none.
func (l *Limit) Faster() int64 {
	rate := l.Rate()
	next := int64(0)
	if i := slices.IndexFunc(steps, func(s int64) bool { return s > rate }); rate > 0 && i >= 0 {
		next = steps[i]
	}
	l.Set(next)
	return next
}
