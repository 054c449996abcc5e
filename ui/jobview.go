package ui

import (
	"fmt"
	"strings"

	"atlas-restore/state"
	"atlas-restore/ui/steps"
)

func (p *jobPage) links() []steps.Link {
	if p.state() != state.Ready {
		return nil // before, Atlas still prepares; after, a link is of no use
	}
	return steps.Links(p.job.Job)
}

// View implements page.
func (p *jobPage) View(s styles, w, h int) string {
	body, from, to := p.body(s, w)
	top := p.head(s, w, false)
	if len(top)+to-from+2 > h { // a link is whole on the screen, whatever else gives way
		top = p.head(s, w, true)
	}
	room := max(1, h-len(top))
	// The highlighted link stays on the screen.
	start := min(max(0, to-room+1), from) // a line is left for the mark of more
	if to == 0 {
		p.scroll = min(p.scroll, max(0, len(body)-room))
		start = p.scroll
	}
	p.below = start+room < len(body)
	shown := body[start:min(len(body), start+room)]
	if p.below && len(shown) > 0 {
		shown[len(shown)-1] = s.dim.Render(s.marks.more + " more: ↓")
	}
	return strings.Join(append(top, shown...), "\n")
}

// head is what the job is and what state it is in; brief leaves out what can be read
// elsewhere.
func (p *jobPage) head(s styles, w int, brief bool) []string {
	now := p.cfg.Now()
	st := p.state()
	word := strings.ToUpper(st.String())
	switch {
	case p.job.Unseen && !p.job.Gone:
		word = s.running.Bold(true).Render(s.marks.now + " LOOKING")
	case p.job.Gone && st == state.InProgress:
		word = s.danger.Bold(true).Render(s.marks.wrong + " UNKNOWN")
	case p.job.Outcome(now) == state.OutcomeUnknown:
		word = s.danger.Bold(true).Render(s.marks.wrong + " " + word + ", AND ANOTHER JOB")
	case st == state.Completed, st == state.Ready:
		word = s.good.Bold(true).Render(s.marks.ok + " " + word)
	case st == state.InProgress:
		word = s.running.Bold(true).Render(s.marks.now + " " + word)
	default:
		word = s.danger.Bold(true).Render(s.marks.wrong + " " + word)
	}
	between := " " + s.marks.between + " "
	line := "job " + p.job.Job.ID
	if at := state.CreatedAt(p.job.Job.ID); !at.IsZero() {
		line += between + "asked " + at.Format("15:04:05") + " UTC"
		switch {
		case p.job.EndedAt.IsZero():
			line += between + state.Ago(at, now)
		case st != state.Expired: // its links expired later than it ended
			line += fmt.Sprintf("%s%s after %s", between, st, state.Exactly(p.job.EndedAt.Sub(at)))
		}
	}
	out := []string{spread(s.title.Render(steps.JobTitle(p.plan)), word, w)}
	if !brief {
		out = append(out, mutedLines(s, wrap(steps.Point(p.plan, now), w))...)
		out = append(out, mutedLines(s, wrap(line, w))...)
	}
	if st == state.Ready && !brief {
		out = append(out, "")
	}
	if st == state.Ready {
		out = append(out, wrap(steps.Terms(p.job.Job, now), w)...)
	}
	return out
}

func mutedLines(s styles, lines []string) []string {
	for i := range lines {
		lines[i] = s.dim.Render(lines[i])
	}
	return lines
}

// body says what the state means and what to do next; from and to are the lines of
// the highlighted link.
func (p *jobPage) body(s styles, w int) (out []string, from, to int) {
	st := p.state()
	if st == state.Ready {
		return p.ready(s, w)
	}
	if others := p.others(s, w); len(others) > 0 {
		out = append([]string{""}, others...)
	}
	switch {
	case p.job.Gone && st == state.InProgress:
		out = append(append(out, ""), wrap("It was last seen "+state.Ago(p.job.LookedAt, p.cfg.Now())+", and is not looked at any more; ctrl+r looks again.", w)...)
	case !p.job.Unseen:
		text := steps.JobMeaning(p.cfg, p.plan, st)
		if coming := steps.Coming(p.job.Job); coming != "" && st == state.InProgress {
			text = coming
		}
		out = append(append(out, ""), wrap(text, w)...)
	}
	if st == state.Completed && !p.job.Unseen {
		for _, todo := range steps.Afterwards(p.plan, p.target) {
			for i, line := range wrap(todo, w-3) {
				lead := " " + s.marks.dot + " "
				if i > 0 {
					lead = "   "
				}
				out = append(out, lead+line)
			}
		}
	}
	out = append(out, "")
	return append(out, p.looking(s, w)...), 0, 0
}

// others say which jobs were seen beside it.
func (p *jobPage) others(s styles, w int) []string {
	var out []string
	for _, words := range steps.OthersWords(p.plan, p.job.Job, p.job.Others, p.job.Unlisted, p.cfg.Now()) {
		for _, line := range wrap(words, w) {
			out = append(out, s.danger.Render(line))
		}
	}
	return out
}

// looking says when the job was last looked at and when it will be again, or why a
// look failed.
func (p *jobPage) looking(s styles, w int) []string {
	now := p.cfg.Now()
	var out []string
	if p.look.problem != nil {
		out = problemLines(s, *p.look.problem, w)
	}
	if p.cancel.problem != nil {
		out = append(out, problemLines(s, *p.cancel.problem, w)...)
	}
	if p.cancel.busy {
		return append(out, p.cancel.waiting(s, w)...)
	}
	if p.job.Over(now) {
		return out
	}
	line := "Last answer " + state.Exactly(now.Sub(p.job.LookedAt)) + " ago"
	switch {
	case p.look.busy:
		line += ", looking now" + s.marks.more
	case p.job.NextAt.After(now):
		line += ", next look in " + state.Exactly(p.job.NextAt.Sub(now)) + "."
	}
	return append(out, mutedLines(s, wrap(line, w))...)
}

func (p *jobPage) ready(s styles, w int) (out []string, from, to int) {
	all := steps.Links(p.job.Job)
	out = append(p.others(s, w), "")
	for i, l := range all {
		here := i == min(p.at, len(all)-1)
		mark, style := "  ", s.text
		if here {
			mark, style, from = s.selected.Render(s.marks.here)+" ", s.selected, len(out)
		}
		label := l.Label
		if n := steps.Files(p.job.Job); n > 1 && l.File > 0 {
			label = fmt.Sprintf("%d/%d  %s", l.File, n, label)
		}
		if p.copied[l.File] {
			label += " (copied)"
		}
		out = append(out, mark+style.Render(label))
		for _, part := range fold(l.URL.Reveal(), w-2) {
			out = append(out, "  "+part)
		}
		if here {
			to = len(out)
		}
	}
	return append(out, p.looking(s, w)...), from, to
}
