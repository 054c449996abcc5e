package ui

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"charm.land/bubbles/v2/spinner"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"atlas-restore/state"
)

// load is one answer of Atlas that a page awaits. It belongs to that page: an answer
// to an earlier question, or to a page that was left, is known by its generation and
// changes nothing.
type load[T any] struct {
	what    string // "Loading the clusters of Payments": also the start of a problem
	gen     int
	busy    bool
	have    bool // a value has come
	whole   bool // and it is all of it
	value   T
	err     error // of the last answer
	problem *state.Problem
	spin    spinner.Model
	waited  time.Duration
	since   time.Time
	leave   context.CancelFunc             // ends the last question
	still   bool                           // nothing of it spins: it goes on for long, and tells by itself how it stands
	says    func() string                  // what is awaited, where that changes; nil for what
	tried   *atomic.Pointer[state.Attempt] // the last try that failed; written by whoever asks
}

// loaded is the answer. owner and gen name the question.
type loaded[T any] struct {
	owner *load[T]
	gen   int
	value T
	err   error
	left  bool // nobody waits for it any more
}

// came is a part of an answer that comes first, while the rest is on its way.
type came[T any] struct {
	owner *load[T]
	gen   int
	part  T
	next  tea.Cmd // waits for the part after it
}

// start asks. The commands hold copies only: they run beside Update.
func (l *load[T]) start(ctx context.Context, what string, ask func(context.Context) (T, error)) tea.Cmd {
	l.gen++
	ctx, l.leave = context.WithCancel(ctx) //nolint:gosec // stop calls it, or the page's own end does
	l.what, l.busy, l.err, l.problem, l.waited, l.since = what, true, nil, nil, 0, time.Time{}
	l.spin = spinner.New(spinner.WithSpinner(spinner.MiniDot))
	l.tried = new(atomic.Pointer[state.Attempt])
	gen, tried, parts := l.gen, l.tried, make(chan T, 1)
	ctx = state.WithAttempts(ctx, func(a state.Attempt) { tried.Store(&a) })
	ctx = state.WithPart(ctx, func(part T) {
		select {
		case <-parts: // nobody has taken the part before: this one says more
		default:
		}
		parts <- part
	})
	var next tea.Cmd
	next = func() tea.Msg {
		part, ok := <-parts
		if !ok {
			return nil
		}
		return came[T]{l, gen, part, next}
	}
	answer := func() tea.Msg {
		defer close(parts)
		v, err := ask(ctx)
		return loaded[T]{l, gen, v, err, ctx.Err() != nil}
	}
	if l.still {
		return tea.Batch(answer, next)
	}
	return tea.Batch(l.spin.Tick, answer, next)
}

// take handles the answer and the spinner; done says that the answer has come, or while
// it is still busy a part of it, with the command that waits for the next one.
func (l *load[T]) take(msg tea.Msg) (done bool, cmd tea.Cmd) {
	switch msg := msg.(type) {
	case came[T]:
		if msg.owner == l && msg.gen == l.gen && l.busy {
			l.value, l.have, l.whole = msg.part, true, false
			return true, msg.next
		}
		return false, nil
	case loaded[T]:
		if msg.owner != l || msg.gen != l.gen || !l.busy || msg.left && errors.Is(msg.err, context.Canceled) {
			return false, nil
		}
		l.busy, l.err = false, msg.err
		if msg.err != nil {
			p := state.Explain(l.what, msg.err)
			l.problem = &p
			return true, nil
		}
		l.value, l.have, l.whole = msg.value, true, true
		return true, nil
	case spinner.TickMsg:
		if !l.busy {
			return false, nil // the ticks end here, or the screen would redraw for ever
		}
		if l.since.IsZero() {
			l.since = msg.Time
		}
		l.waited = msg.Time.Sub(l.since)
		l.spin, cmd = l.spin.Update(msg)
		return false, cmd
	}
	return false, nil
}

// part is which part of the answer is there.
func (l *load[T]) part() part {
	if l.whole || !l.have {
		return part{}
	}
	return part{comes: l.busy, lost: !l.busy}
}

// stop leaves a question that is on its way: its answer is nobody's. Never one that changes something.
func (l *load[T]) stop() {
	l.gen++
	if l.busy = false; l.leave != nil {
		l.leave()
	}
}

// waiting are the lines that say what is awaited, since when once it takes long, and
// that a try has failed.
func (l *load[T]) waiting(s styles, w int) []string {
	what := l.what
	if l.says != nil {
		what = l.says()
	}
	line := s.accent.Render(l.spin.View()) + " " + what + s.marks.more
	if l.waited >= time.Second {
		line += s.dim.Render(" " + state.Exactly(l.waited))
	}
	lines := []string{ansi.Truncate(line, w, s.marks.more)}
	if a := l.tried.Load(); a != nil {
		for _, line := range atMost(2, wrap(a.Text(time.Now()), w-2), w-2, s.marks.more) {
			lines = append(lines, "  "+s.danger.Render(line))
		}
	}
	return lines
}
