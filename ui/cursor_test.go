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

// While nothing is typed the cursor stands on the highlighted row, wherever that is moved to; what
// is typed has it, until the highlight is moved again.
func TestCursorIsOnTheHighlightedRow(t *testing.T) {
	r := snapshotScreen(30)
	on := func(what string) {
		t.Helper()
		view := r.View()
		lines := strings.Split(ansi.Strip(view.Content), "\n")
		if view.Cursor == nil || !strings.Contains(lines[view.Cursor.Y], what) {
			t.Errorf("the cursor is at %+v, want it on %q:\n%s", view.Cursor, what, strings.Join(lines, "\n"))
		}
	}
	for _, size := range []tea.WindowSizeMsg{{Width: 80, Height: 24}, {Width: 60, Height: 15}} {
		r.Update(size)
		on("▌")
		for range 12 {
			r.Update(tea.KeyPressMsg{Code: tea.KeyDown})
			on("▌")
		}
		r.typed("nov")
		on("› nov")
		p := r.page().(*snapshotsPage)
		r.Update(shownMsg{p.pick, p.pick.gen})
		on("› nov")
		r.Update(tea.KeyPressMsg{Code: tea.KeyDown})
		on("▌")
		r.Update(tea.KeyPressMsg{Code: tea.KeyEscape})
		r.Update(shownMsg{p.pick, p.pick.gen})
		on("▌")
		r.Update(tea.KeyPressMsg{Code: 'p', Mod: tea.ModCtrl})
		on("▌")
		r.Update(tea.KeyPressMsg{Code: tea.KeyDown})
		on("▌")
		r.Update(tea.KeyPressMsg{Code: tea.KeyEscape})
		r.Update(tea.KeyPressMsg{Code: tea.KeyHome})
	}
}

// A quiet terminal is told of no job, and what only says that something is under way stands.
func TestAQuietTerminal(t *testing.T) {
	r := snapshotScreen(3)
	r.run.Cfg.Quiet = true
	r.Update(tea.EnvMsg{"TERM=xterm-256color"})
	if r.signals.understood || r.signals.bar {
		t.Error("it is told of a job")
	}
	p := r.page().(*snapshotsPage)
	p.reload()
	before := r.View().Content
	for range 3 {
		r.Update(p.load.spin.Tick())
	}
	if r.View().Content != before {
		t.Error("something spins")
	}
	r.run.Cfg.Quiet = false
	r.Update(p.load.spin.Tick())
	if r.View().Content == before {
		t.Error("nothing spins where it may: this test sees nothing")
	}
}
