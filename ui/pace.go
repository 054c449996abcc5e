package ui

import (
	"reflect"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"
)

// Bubble Tea looks for a new frame at a fixed rate for as long as it runs, also while
// nothing happens. A page that waits for a key then wakes the processor 60 times a second
// for hours, and the key waits for the next look. Here the rate follows what happens. A
// message that comes after a while has its frame at once, and so has a key, also while other
// messages come. From then on it is the fastest rate that Bubble Tea takes, a slow one once
// nothing has come for a while, for what a busy machine had no time to draw, and then next to
// none.
const (
	wakeRate   = 200 * time.Microsecond
	wakeFor    = 5 * time.Millisecond // then the frame is out, but on a busy machine
	fastest    = 120                  // frames a second
	aFrame     = time.Second / fastest
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
	switch msg.(type) {
	case tea.KeyPressMsg, tea.PasteMsg:
		p.beat.key()
	default:
		p.beat.wake()
	}
	var cmd tea.Cmd
	p.Model, cmd = p.Model.Update(msg)
	return p, cmd
}

// beat is the renderer's ticker.
type beat struct {
	find func() *time.Ticker // nil before the renderer runs, or where it cannot be found

	mu    sync.Mutex
	awake bool      // it was woken, and is not yet calm
	last  time.Time // a message came then
	woken time.Time // it was last told to look at once
	next  *time.Timer
}

// wake has the renderer look at once, and then fast for a while. If it is awake already its
// rate is left alone: one that began anew with each message would never come to its end.
func (b *beat) wake() { b.woke(false) }

// key is wake for what a person waits for: it has its frame at once in any case. Keys that come
// faster than frames are left to the rate.
func (b *beat) key() { b.woke(true) }

func (b *beat) woke(atOnce bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	ticker := b.find()
	if ticker == nil {
		return
	}
	b.last = time.Now()
	if b.awake && (!atOnce || b.last.Sub(b.woken) < aFrame) {
		return
	}
	b.awake, b.woken = true, b.last
	ticker.Reset(wakeRate)
	if b.next == nil {
		b.next = time.AfterFunc(wakeFor, func() { b.slow(ticker) })
		return
	}
	b.next.Reset(wakeFor)
}

// slow has the renderer look less often, and in the end no more.
func (b *beat) slow(ticker *time.Ticker) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch since := time.Since(b.last); {
	case since < calmAfter:
		ticker.Reset(aFrame)
		b.next.Reset(calmAfter - since)
	case since < stillAfter:
		b.awake = false
		ticker.Reset(calmRate)
		b.next.Reset(stillAfter - since)
	default:
		b.awake = false
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
