package ui

import (
	"context"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"atlas-restore/state"
	"atlas-restore/ui/steps"
)

// jobDrill is what a job's page does once the job of a drill has ended well: it makes the checks.
type jobDrill struct {
	run  load[steps.Drilling]
	stop context.CancelFunc  // leaves them; nil: none are made
	end  chan steps.Drilling // what has come of them, where nobody takes messages any more
}

// checks makes the checks of a drill if they are due. Leaving the page ends nothing.
func (p *jobPage) checks() tea.Cmd {
	if !p.job.Drills(p.cfg.Now()) {
		return nil
	}
	ctx, stop := context.WithCancel(p.ctx)
	end := make(chan steps.Drilling, 1)
	p.drill.stop, p.drill.end, p.drill.run.still = stop, end, true
	p.scroll = 0
	do := steps.Drill(p.cfg, p.apart())
	p.job.Drill.Busy = true
	return p.drill.run.start(ctx, "Making the checks of the drill", func(ctx context.Context) (steps.Drilling, error) {
		d := do(ctx, func(d steps.Drilling) { state.ReportPart(ctx, d) })
		end <- d
		return d, nil
	})
}

// checked takes how it stands with the checks.
func (p *jobPage) checked() {
	*p.job.Drill = p.drill.run.value
	if !p.drill.run.busy {
		p.drill.stop()
		p.drill.stop = nil
	}
}

// settleDrill leaves the checks that are being made, and waits until what they have started has ended.
func (p *jobPage) settleDrill() {
	if p.drill.stop == nil {
		return
	}
	p.drill.stop()
	late := time.NewTimer(settles)
	defer late.Stop()
	select {
	case d := <-p.drill.end:
		*p.job.Drill = d
	case <-late.C:
	}
}

// roomOfDrill is how many lines there have to be for more than the checks.
const roomOfDrill = 13

// drillLines are the checks of a drill, below what they come to.
func (p *jobPage) drillLines(s styles, w, room int) []string {
	now := p.cfg.Instant()
	rows := steps.DrillRows(p.job, now)
	out := wrap(steps.DrillWords(p.cfg, p.job, now), w)
	if len(rows) > 0 && room >= roomOfDrill {
		out = append(out, "")
	}
	name, word := 0, 0
	for _, r := range rows {
		name, word = max(name, ansi.StringWidth(r.Name)), max(word, ansi.StringWidth(r.Word))
	}
	lead := 2 + name + 2 + word + 2
	for _, r := range rows {
		mark, style := s.role(r.Role)
		head := style.Render(mark) + " " + s.name.Render(r.Name) + strings.Repeat(" ", name-ansi.StringWidth(r.Name)+2) +
			style.Render(r.Word) + strings.Repeat(" ", word-ansi.StringWidth(r.Word)+2)
		for i, line := range wrap(r.Text, max(16, w-lead)) {
			if i > 0 {
				head = strings.Repeat(" ", min(lead, max(0, w-16)))
			}
			out = append(out, head+s.text.Render(line))
		}
	}
	return out
}
