package ui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"atlas-restore/ui/steps"
)

// due is a page's one timer: for its next look at Atlas. What the page shows meanwhile of the time
// that passes is for moving to draw.
type due struct{ gen int }

// dueMsg says that it is time for the look that a timer was set for.
type dueMsg struct {
	of  *due
	gen int
}

// nudgeMsg says that the clock may have jumped: what is due is due now.
type nudgeMsg struct{}

// at sets the timer, in the place of the one before; for no time at all, none.
func (d *due) at(cfg steps.Config, at time.Time) tea.Cmd {
	d.gen++
	if at.IsZero() {
		return nil
	}
	gen := d.gen
	return tea.Tick(cfg.Every(at.Sub(cfg.Now())), func(time.Time) tea.Msg { return dueMsg{d, gen} })
}

// is says whether a message is of this timer, as it was set last, or says that the clock jumped.
func (d *due) is(msg tea.Msg) bool {
	switch msg := msg.(type) {
	case nudgeMsg:
		return true
	case dueMsg:
		return msg.of == d && msg.gen == d.gen
	}
	return false
}
