package ui

import (
	"context"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"atlas-restore/ui/steps"
)

// Opening is a wizard of which the first frame need not wait for what it is about.
type Opening struct {
	What string // "Starting the embedded Atlas": ASCII
	// Open makes what the wizard is about, after the first frame. It may take its time. With
	// an error it says what has to be known beside it.
	Open func(context.Context) (steps.Config, error)
	// Before is what is known until then: how a run ends that is left before.
	Before *steps.Config
}

// Ended is how a wizard ended, and what it was about. It is large, as is what it was about, and stays
// where it is made: to have them on the stack makes that grow, and be copied, before the first frame.
type Ended struct {
	Summary steps.Summary
	Config  steps.Config
}

// OpenError says why a wizard did not open.
type OpenError struct{ error }

// Unwrap gives Open's own error.
func (e OpenError) Unwrap() error { return e.error }

// opening is the wizard until it is open. Then it is a Root, which gets all that the
// terminal has told meanwhile; keys are not kept, as nobody has seen what they would mean.
type opening struct {
	Opening
	ctx   context.Context //nolint:containedctx // the program's life is this context
	start time.Time       // the terminal was asked then
	told  []tea.Msg
	heard bool // the terminal has answered
	ready func(*Root)
	err   error // why it does not open
	cfg   *steps.Config
}

// opened is what Open has made.
type opened struct {
	cfg *steps.Config
	err error
}

// Init implements tea.Model. The first frame comes with the renderer's first beat: what is
// made before it would delay it.
func (o *opening) Init() tea.Cmd {
	return tea.Batch(tea.RequestBackgroundColor, tea.Tick(wakeFor, func(time.Time) tea.Msg {
		cfg, err := o.Open(o.ctx)
		return opened{&cfg, err}
	}))
}

// Update implements tea.Model.
func (o *opening) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if _, ok := msg.(tea.BackgroundColorMsg); ok {
		o.heard = true
	}
	switch msg := msg.(type) {
	case opened:
		return o.opened(msg)
	case tea.KeyPressMsg:
		if keyLeave().has(msg) {
			return o, tea.Quit
		}
	case tea.KeyReleaseMsg, tea.PasteMsg:
	default:
		o.told = append(o.told, msg)
	}
	return o, nil
}

// opened is the wizard, or the end where there is none.
func (o *opening) opened(of opened) (tea.Model, tea.Cmd) {
	if o.cfg, o.err = of.cfg, of.err; o.err != nil {
		return o, tea.Quit
	}
	root := New(o.ctx, *of.cfg)
	root.asked, root.start = true, o.start
	o.ready(root)
	cmds := []tea.Cmd{root.Init()}
	for _, told := range o.told {
		_, cmd := root.Update(told)
		cmds = append(cmds, cmd)
	}
	return root, tea.Batch(cmds...)
}

// View implements tea.Model. It is ASCII on all terminals: for its first character beyond
// that the renderer makes a table of 2 MB, which the first frame would wait for.
func (o *opening) View() tea.View {
	v := tea.NewView("\n" + strings.Repeat(" ", 3) + o.What + "...")
	v.AltScreen = true
	return v
}
