package ui

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
)

// ticking is a model that looks for the ticker of its own program.
type ticking struct {
	find  func() *time.Ticker
	found *bool
}

func (m ticking) Init() tea.Cmd { return func() tea.Msg { return tea.FocusMsg{} } }

func (m ticking) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if _, ok := msg.(tea.FocusMsg); ok {
		*m.found = m.find() != nil
		return m, tea.Quit
	}
	return m, nil
}

func (m ticking) View() tea.View { return tea.NewView("") }

// The version of Bubble Tea that is used has its ticker where it is looked for. If this
// fails after an upgrade, an idle page costs what Bubble Tea's own rate does.
func TestRendererTicker(t *testing.T) {
	m := &ticking{found: new(bool)}
	p := tea.NewProgram(m, tea.WithContext(t.Context()), tea.WithInput(nil), tea.WithOutput(&bytes.Buffer{}), tea.WithWindowSize(80, 24), tea.WithoutSignalHandler())
	m.find = func() *time.Ticker { return rendererTicker(p) }
	if m.find() != nil {
		t.Error("there is a ticker before the renderer runs")
	}
	if _, err := p.Run(); err != nil {
		t.Fatal(err)
	}
	if !*m.found {
		t.Error("the renderer's ticker is not found")
	}
}

// A beat looks at once when a message comes after a while, is fast from then on, and slow a
// while after the last one.
func TestBeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ticker := time.NewTicker(time.Hour)
		defer ticker.Stop()
		b := &beat{find: func() *time.Ticker { return ticker }}
		b.wake()
		<-ticker.C     // it would not come within an hour
		b.slow(ticker) // its time was up when the message came
		if !b.awake {
			t.Error("the frame of a message is not drawn")
		}
		b.last = b.last.Add(-calmAfter)
		b.slow(ticker)
		if b.awake {
			t.Error("it stays fast")
		}
		b.wake()
		<-ticker.C
		b.last = b.last.Add(-stillAfter)
		b.slow(ticker)
		b.next.Stop()
		if b.awake {
			t.Error("it never stands still")
		}
	})
}

// The frame of a message that comes after a while does not wait for a beat of the fastest
// rate: many beats come in the time of one.
func TestWokenBeatIsQuick(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ticker := time.NewTicker(time.Hour)
		defer ticker.Stop()
		b := &beat{find: func() *time.Ticker { return ticker }}
		b.wake()
		defer func() { b.next.Stop() }()
		start := <-ticker.C
		if next := <-ticker.C; next.Sub(start) >= time.Second/fastest {
			t.Errorf("the next beat comes %v after the first", next.Sub(start))
		}
	})
}

// While messages come, as those of a spinner, a key does not wait for the next beat of the rate;
// and keys that come faster than frames do not put them off.
func TestKeyHasItsFrameAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ticker := time.NewTicker(time.Hour)
		defer ticker.Stop()
		b := &beat{find: func() *time.Ticker { return ticker }}
		b.wake()
		defer func() { b.next.Stop() }()
		for at := range 200 { // milliseconds
			time.Sleep(time.Millisecond)
			b.wake()
			select {
			case <-ticker.C:
			default:
			}
			if at%30 != 29 {
				continue
			}
			time.Sleep(aFrame / 4)
			b.key()
			start := time.Now()
			if waited := (<-ticker.C).Sub(start); waited > wakeRate {
				t.Errorf("at %d ms a key waits for %s", at, waited)
			}
		}
		looks := 0
		for range 100 {
			time.Sleep(time.Millisecond)
			b.key()
			select {
			case <-ticker.C:
				looks++
			default:
			}
		}
		if looks < 10 {
			t.Errorf("100 keys in 100 ms have %d frames", looks)
		}
	})
}
