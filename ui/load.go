package ui

import (
	"context"
	"errors"
	"time"

	"charm.land/bubbles/v2/spinner"
	tea "charm.land/bubbletea/v2"

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
	value   T
	err     error // of the last answer
	problem *state.Problem
	spin    spinner.Model
	waited  time.Duration
	since   time.Time
}

// loaded is the answer. owner and gen name the question.
type loaded[T any] struct {
	owner *load[T]
	gen   int
	value T
	err   error
}

// start asks. The command holds copies only: it runs beside Update.
func (l *load[T]) start(ctx context.Context, what string, ask func(context.Context) (T, error)) tea.Cmd {
	l.gen++
	l.what, l.busy, l.err, l.problem, l.waited, l.since = what, true, nil, nil, 0, time.Time{}
	l.spin = spinner.New(spinner.WithSpinner(spinner.MiniDot))
	gen := l.gen
	return tea.Batch(l.spin.Tick, func() tea.Msg {
		v, err := ask(ctx)
		return loaded[T]{l, gen, v, err}
	})
}

// take handles the answer and the spinner; done says that the answer has come.
func (l *load[T]) take(msg tea.Msg) (done bool, cmd tea.Cmd) {
	switch msg := msg.(type) {
	case loaded[T]:
		if msg.owner != l || msg.gen != l.gen || !l.busy || errors.Is(msg.err, context.Canceled) {
			return false, nil
		}
		l.busy, l.err = false, msg.err
		if msg.err != nil {
			p := state.Explain(l.what, msg.err)
			l.problem = &p
			return true, nil
		}
		l.value, l.have = msg.value, true
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

// stop forgets a question whose page is left, so that its answer is nobody's.
func (l *load[T]) stop() { l.gen++; l.busy = false }

// waiting is the line that says what is awaited, and since when once it takes long.
func (l *load[T]) waiting(s styles) string {
	line := s.accent.Render(l.spin.View()) + " " + l.what + "…"
	if l.waited >= time.Second {
		line += s.muted.Render(" " + state.Exactly(l.waited))
	}
	return line
}
