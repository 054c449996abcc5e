package ui

import (
	"reflect"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"
)

// Bubble Tea looks for a new frame at a fixed rate for as long as it runs, also while
// nothing happens. A page that waits for a key then wakes the processor 60 times a second
// for hours. Here the rate follows what happens: the fastest one from a message on, a slow
// one once nothing has come for a while, for what a busy machine had no time to draw, and
// then next to none.
const (
	fastest    = 120 // frames a second: the most that Bubble Tea takes
	calmAfter  = 250 * time.Millisecond
	calmRate   = time.Second
	stillAfter = 5 * time.Second
	stillRate  = time.Hour
)

// paced is the wizard with the renderer's rate in its hand. Each message wakes the renderer
// before the frame that follows it.
type paced struct {
	tea.Model
	beat *beat
}

// Update implements tea.Model.
func (p paced) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	p.beat.wake()
	var cmd tea.Cmd
	p.Model, cmd = p.Model.Update(msg)
	return p, cmd
}

// beat is the renderer's ticker.
type beat struct {
	find func() *time.Ticker // nil before the renderer runs, or where it cannot be found

	mu   sync.Mutex
	fast bool
	last time.Time // that it was woken
	calm *time.Timer
}

// wake has the renderer look at its fastest rate for a while. A rate that is already fast
// is left alone: one that began anew with each message would never come to its end.
func (b *beat) wake() {
	b.mu.Lock()
	defer b.mu.Unlock()
	ticker := b.find()
	if ticker == nil {
		return
	}
	b.last = time.Now()
	if !b.fast {
		b.fast = true
		ticker.Reset(time.Second / fastest)
	}
	if b.calm == nil {
		b.calm = time.AfterFunc(calmAfter, func() { b.slow(ticker) })
		return
	}
	b.calm.Reset(calmAfter)
}

// slow has the renderer look seldom, and in the end no more. A message may have come since
// its time was up: then it is for later.
func (b *beat) slow(ticker *time.Ticker) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch since := time.Since(b.last); {
	case since < calmAfter:
		b.calm.Reset(calmAfter - since)
	case since < stillAfter:
		b.fast = false
		ticker.Reset(calmRate)
		b.calm.Reset(stillAfter - since)
	default:
		b.fast = false
		ticker.Reset(stillRate)
	}
}

// rendererTicker is the ticker of a program's renderer; nil before that runs. Bubble Tea
// has no way to ask for it, and none to change its rate: it is read out of the program. If
// a later version calls it otherwise it is not found, and the rate stays what it is. It is
// to be called where the program calls its model: the program writes it there.
func rendererTicker(p *tea.Program) *time.Ticker {
	field := reflect.ValueOf(p).Elem().FieldByName("ticker")
	if !field.IsValid() || field.Type() != reflect.TypeFor[*time.Ticker]() {
		return nil
	}
	return *(**time.Ticker)(field.Addr().UnsafePointer())
}
