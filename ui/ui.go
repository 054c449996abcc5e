// Package ui is what a person sees: the full-screen wizard. It draws the steps of
// package steps, and knows no HTTP.
package ui

import (
	"context"
	"io"
	"os"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"atlas-restore/ui/steps"
)

// Screen is the terminal that the wizard is shown on.
type Screen struct {
	In, Out *os.File
	NoColor bool // --no-color; NO_COLOR and TERM are heeded in any case
}

// Run shows the wizard until it is left, and says how it ended.
func Run(ctx context.Context, cfg steps.Config, on Screen) (steps.Summary, error) {
	root := New(ctx, cfg)
	opts := []tea.ProgramOption{tea.WithContext(ctx), tea.WithInput(on.In), tea.WithOutput(on.Out), tea.WithFPS(fastest)}
	if on.NoColor {
		opts = append(opts, tea.WithColorProfile(colorprofile.ASCII))
	}
	pace := &beat{}
	program := tea.NewProgram(paced{root, pace}, opts...)
	pace.find = func() *time.Ticker { return rendererTicker(program) }
	_, err := program.Run()
	if root.working() {
		_, _ = io.WriteString(on.Out, ansi.ClearProgramStatus) // Bubble Tea leaves it; nobody looks at the job any more
	}
	// Whether all answers have come cannot be known: some questions are answered by some
	// terminals only.
	if root.askedLately() {
		takeLateAnswers(on, root.heard)
	}
	// After a panic the returned model is nil; root is ours and always there.
	return root.Summary(), err
}
