// Package ui is what a person sees: the full-screen wizard. It draws the steps of
// package steps, and knows no HTTP.
package ui

import (
	"context"
	"io"
	"os"
	"runtime"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"atlas-restore/ui/steps"
)

// lastOutcome is for how long the outcome of a request is awaited whose call was ended.
const lastOutcome = 3 * time.Second

// Screen is the terminal that the wizard is shown on.
type Screen struct {
	In, Out *os.File
	NoColor bool // --no-color; NO_COLOR and TERM are heeded in any case
}

// Run shows the wizard until it is left, and says how it ended.
func Run(ctx context.Context, cfg steps.Config, on Screen) (steps.Summary, error) {
	quiet := keepQuiet(on.In)
	defer quiet.end()
	root := New(ctx, cfg)
	err := run(ctx, root, on, quiet)
	return root.left(on).Summary, err
}

// Open is Run for a wizard whose first frame comes before what it is about. What that is it
// also says: what is known before, where it was left too early. If it did not open the
// error is an OpenError.
func Open(ctx context.Context, o Opening, on Screen) (*Ended, error) {
	quiet := keepQuiet(on.In)
	defer quiet.end()
	var root *Root
	first := &opening{Opening: o, ctx: ctx, start: time.Now(), ready: func(r *Root) { root = r }}
	err := run(ctx, first, on, quiet)
	if root == nil {
		takeLateAnswers(on, first.heard)
	}
	switch {
	case first.err != nil:
		return &Ended{Config: *first.cfg}, OpenError{first.err}
	case root == nil:
		return leftBefore(ctx, o.Before), err
	}
	return root.left(on), err
}

// leftBefore is how a wizard ends that was left before it was open. What it needs for that would
// else be on the stack of Open from its beginning.
//
//go:noinline
func leftBefore(ctx context.Context, known *steps.Config) *Ended {
	return &Ended{Summary: New(ctx, *known).Summary(), Config: *known}
}

// run shows a model until it is left.
func run(ctx context.Context, first tea.Model, on Screen, quiet *quiet) error {
	stops := newStops()
	suspended := &suspension{stops: stops, quiet: quiet}
	opts := []tea.ProgramOption{tea.WithContext(ctx), tea.WithInput(input(on.In)), tea.WithOutput(wholeLinks{on.Out}), tea.WithFPS(fastest), tea.WithFilter(suspended.filter)}
	if on.NoColor {
		opts = append(opts, tea.WithColorProfile(colorprofile.ASCII))
	}
	pace := &beat{}
	program := tea.NewProgram(paced{first, pace}, opts...)
	suspended.program = program
	stops.listen(program.Send)
	defer stops.end()
	pace.find = func() *time.Ticker { return rendererTicker(program) }
	_, err := program.Run()
	return err //nolint:wrapcheck // the caller tells Bubble Tea's errors apart
}

// input is the terminal's, with escape sequences in one piece. A Windows console hands over keys.
func input(f *os.File) io.Reader {
	if runtime.GOOS == "windows" {
		return f
	}
	return newWholeKeys(f)
}

// left leaves the terminal as it was found, and says how the run ended. After a panic the
// model that Bubble Tea returns is nil; r is ours and always there.
func (r *Root) left(on Screen) *Ended {
	if r.working() {
		_, _ = io.WriteString(on.Out, ansi.ClearProgramStatus) // Bubble Tea leaves it; nobody looks at the job any more
	}
	// Whether all answers have come cannot be known: some questions are answered by some
	// terminals only.
	if r.askedLately() {
		takeLateAnswers(on, r.heard || r.answers)
	}
	for _, p := range r.jobs {
		p.settle() // no half file is left untold
	}
	if r.run.Sending() {
		if p, ok := r.page().(*reviewPage); ok && p.sent.leave != nil {
			p.sent.leave()
		}
		r.run.Leave(lastOutcome)
	}
	return &Ended{Summary: r.Summary(), Config: r.run.Cfg}
}
