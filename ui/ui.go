// Package ui is what a person sees: the full-screen wizard. It draws the steps of
// package steps, and knows no HTTP.
package ui

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"atlas-restore/ui/steps"
)

// Run shows the wizard until it is left, and says how it ended.
func Run(ctx context.Context, cfg steps.Config, opts ...tea.ProgramOption) (steps.Summary, error) {
	root := New(ctx, cfg)
	_, err := tea.NewProgram(root, opts...).Run()
	// After a panic the returned model is nil; root is ours and always there.
	return root.Summary(), err
}
