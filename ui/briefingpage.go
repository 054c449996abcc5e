package ui

import (
	"context"
	"strings"

	tea "charm.land/bubbletea/v2"

	"atlas-restore/state"
	"atlas-restore/ui/steps"
)

// briefingPage is the page that wakes the trainee: what has happened, and what is wanted.
type briefingPage struct {
	now    func() state.Coaching // how the scenario stands
	cfg    steps.Config
	scroll int
	more   bool // lines below the last View
}

func newBriefingPage(cfg steps.Config, now func() state.Coaching) *briefingPage {
	return &briefingPage{cfg: cfg, now: now}
}

// Init implements page.
func (p *briefingPage) Init(context.Context) tea.Cmd { return nil }

// Update implements page.
func (p *briefingPage) Update(msg tea.Msg) (result, tea.Cmd) {
	k, ok := msg.(tea.KeyPressMsg)
	switch {
	case !ok:
	case keyChoose().has(k):
		return other{(*steps.Session).Briefed}, nil
	case keyDown().has(k) || k.String() == "pgdown":
		if p.more {
			p.scroll++
		}
	case keyUp().has(k) || k.String() == "pgup":
		p.scroll = max(0, p.scroll-1)
	}
	return nil, nil
}

// View implements page.
func (p *briefingPage) View(s styles, w, h int) string {
	lines := coachLines(s, p.now(), p.cfg, min(w, readable))
	p.scroll = min(p.scroll, max(0, len(lines)-h))
	p.more = p.scroll+h < len(lines)
	lines = lines[p.scroll:min(len(lines), p.scroll+h)]
	if p.more {
		lines[len(lines)-1] = s.dim.Render(s.marks.more + " more: ↓")
	}
	return strings.Join(lines, "\n")
}

// coachLines are what the coach has to say.
func coachLines(s styles, c state.Coaching, cfg steps.Config, w int) []string {
	var out []string
	for i, part := range steps.CoachParts(c, cfg.Instant()) {
		if i > 0 {
			out = append(out, "")
		}
		out = append(out, s.title.Render(part.Title))
		for _, text := range part.Texts {
			out = append(out, wrap(text, w)...)
		}
	}
	return out
}

// Cursor implements page: on the first line that is shown, from where one reads.
func (p *briefingPage) Cursor() *tea.Cursor { return tea.NewCursor(0, 0) }

// Meaning implements page.
func (p *briefingPage) Meaning() said {
	return said{text: "The clock runs. F4 shows this again at any time, lets time pass, and gives hints. Nothing here is real."}
}

// Keys implements page.
func (p *briefingPage) Keys() []action {
	keys := []action{act("enter", "begin", "enter")}
	if p.more || p.scroll > 0 {
		keys = append(keys, act("↑↓", "read on", "up", "down", "pgup", "pgdown").moving())
	}
	return keys
}

// Writes implements page.
func (p *briefingPage) Writes() bool { return false }
