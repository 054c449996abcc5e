package ui

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"atlas-restore/state"
)

// The terminal's cursor stands in the line that is typed into, below whatever is drawn above
// it: a braille line and a screen reader follow it.
func TestCursorIsWhereOneTypes(t *testing.T) {
	r := snapshotScreen(30)
	for _, size := range []tea.WindowSizeMsg{{Width: 80, Height: 24}, {Width: 60, Height: 15}, {Width: 200, Height: 60}} {
		r.Update(size)
		for _, on := range []struct{ what, text string }{{"the filter", "nov 12"}, {"the moment", "2026-11-2"}} {
			if on.what == "the moment" {
				r.take(answered{state.Plan.WithMoment})
			}
			r.typed(on.text)
			view := r.View()
			lines := strings.Split(ansi.Strip(view.Content), "\n")
			if view.Cursor == nil || !strings.Contains(lines[view.Cursor.Y], on.text) {
				t.Errorf("%v, %s: the cursor is at %+v of\n%s", size, on.what, view.Cursor, strings.Join(lines, "\n"))
			}
		}
		r.take(back{})
		r.Update(tea.KeyPressMsg{Code: tea.KeyEscape}) // the filter
	}
}
