package steps

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/fetch"
)

// FetchTeller says in lines what happens to the archives: where each begins, each quarter, what goes
// wrong, and its end.
type FetchTeller struct {
	to io.Writer

	mu       sync.Mutex
	said     time.Time
	quarters []int64
}

// NewFetchTeller tells it of so many files.
func NewFetchTeller(to io.Writer, files int) *FetchTeller {
	return &FetchTeller{to: to, quarters: make([]int64, files)}
}

// seldom is how long nothing may be said of a transfer that goes on.
const seldom = 30 * time.Second

// Tell says an event, if there is a line to be said about it.
func (t *FetchTeller) Tell(e fetch.Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	text := t.line(e)
	if text == "" {
		return
	}
	t.said = time.Now()
	if e.Name != "" {
		text = e.Name + ": " + text
	}
	fmt.Fprintln(t.to, text)
}

func (t *FetchTeller) line(e fetch.Event) string {
	switch e.Kind {
	case fetch.Host:
		if e.Private {
			return "from " + e.Host + ", over a private endpoint"
		}
		return "from " + e.Host
	case fetch.Began:
		t.quarters[e.Index] = quarter(e)
		of := "; the server does not say of how many"
		if e.Total >= 0 {
			of = " of " + state.Size(e.Total)
		}
		if e.NoRanges {
			of += "; " + lowerFirst(noMiddle) + ": once stopped, it is fetched from the first byte on"
		}
		if e.Done == 0 {
			return "fetching" + strings.Replace(of, " of", "", 1)
		}
		return "going on at " + state.Size(e.Done) + of
	case fetch.Moved:
		if q := quarter(e); q > t.quarters[e.Index] && q < 4 || time.Since(t.said) >= seldom {
			t.quarters[e.Index] = max(q, t.quarters[e.Index])
			return moved(e)
		}
	case fetch.Again:
		return fmt.Sprintf("%s. Try %d of %d follows in %s.", e.Err.Why, e.Try, e.Of, state.Exactly(max(e.In, time.Second)))
	case fetch.Anew:
		return fmt.Sprintf("from the first byte on, since %s. %s were given up.", e.Text, state.Size(e.Done))
	case fetch.Renew:
		return e.Err.Why + ". The job is asked for other links."
	case fetch.Note:
		if of, ok := strings.CutPrefix(e.Text, e.Name+" "); ok && e.Name != "" { // the name stands before it
			return "NOTE: it " + of
		}
		return "NOTE: " + e.Text
	case fetch.Judged:
		return "all bytes are there; the proof reads the last of them"
	case fetch.Ended:
		if e.Err != nil {
			return e.Err.Why
		}
		return "proven: " + e.Text
	case fetch.Told: // the end says it
	}
	return ""
}

// quarter is how many quarters of a file are there.
func quarter(e fetch.Event) int64 {
	if e.Total <= 0 {
		return 0
	}
	return e.Done * 4 / e.Total
}

func moved(e fetch.Event) string {
	text := state.Size(e.Done)
	if e.Total > 0 {
		text += fmt.Sprintf(" of %s (%d%%)", state.Size(e.Total), e.Done*100/e.Total)
	}
	if e.Speed > 0 {
		text += ", " + state.Size(int64(e.Speed)) + " a second"
	}
	if e.Left >= 0 {
		text += ", about " + state.Exactly(max(e.Left, time.Second)) + " left"
	}
	return text
}
