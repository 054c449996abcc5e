package atlasclient

import (
	"net/http"
	"sync"
	"time"
)

// tolerance is how far the local clock may be from Atlas's before it is set right:
// the Date header has whole seconds and is as old as the answer's way.
const tolerance = 2 * time.Second

// clock is the local clock with the offset that the newest answer showed.
type clock struct {
	local func() time.Time

	mu     sync.Mutex
	offset time.Duration
	told   time.Time // the latest that an answer has told
}

// observe reads an answer's Date header; what is no date is ignored.
func (c *clock) observe(header http.Header) {
	date, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return
	}
	offset := date.Sub(c.local())
	if offset.Abs() <= tolerance {
		offset = 0
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset = offset
	if date.After(c.told) {
		c.told = date
	}
}

// NeverBefore is a clock that is not behind what Atlas's answers have told. In training
// Atlas's clock can run so fast that it is seconds ahead once it was read: a job that was
// just made would seem to be of the future.
func (c *Client) NeverBefore(clock func() time.Time) func() time.Time {
	return func() time.Time {
		now := clock()
		c.clock.mu.Lock()
		defer c.clock.mu.Unlock()
		if c.clock.told.After(now) {
			return c.clock.told
		}
		return now
	}
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.local().Add(c.offset)
}
