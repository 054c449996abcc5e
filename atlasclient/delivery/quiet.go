package delivery

import (
	"sync"
	"time"

	"atlas-restore/state/fetch"
)

// silence is for how long nothing comes until that is told.
const silence = 3 * time.Second

// quiet tells an event once where nothing has come for a while. What was told before, with its speed,
// would stand there until the connection is given up.
type quiet struct {
	mu    sync.Mutex
	e     fetch.Event
	waits bool
	timer *time.Timer
}

// begin tells e after a while, unless end comes before.
func (q *quiet) begin(tell func(fetch.Event), e fetch.Event) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.e, q.waits = e, true
	if q.timer != nil {
		q.timer.Reset(silence)
		return
	}
	q.timer = time.AfterFunc(silence, func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		if q.waits {
			tell(q.e)
		}
	})
}

// end says that something has come, or that nothing more will: nothing is told from then on.
func (q *quiet) end() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waits = false
	q.timer.Stop()
}
