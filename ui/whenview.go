package ui

import (
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"atlas-restore/state"
	"atlas-restore/ui/steps"
)

// View implements page.
func (p *whenPage) View(s styles, w, h int) string {
	if p.asking {
		return strings.Join(p.question(s, w, h), "\n")
	}
	return strings.Join(p.answer(s, w, h), "\n")
}

// question are the two fields, and the names that may be meant.
func (p *whenPage) question(s styles, w, h int) []string {
	lines := []string{s.accent.Bold(true).Render("When was it lost?")}
	if h >= roomy-6 {
		lines = append(lines, "")
	}
	lines = append(lines, p.set.view(s, w, len(lines), true)...)
	switch {
	case p.wanted:
		lines = append(lines, p.past.waiting(s, w)...)
	case p.opening.busy:
		lines = append(lines, p.opening.waiting(s, w)...)
	case p.names.busy:
		lines = append(lines, p.names.waiting(s, w)...)
	case p.names.problem != nil:
		lines = append(lines, s.dim.Render(ansi.Truncate("Names cannot be suggested: "+p.names.problem.Why, w, s.marks.more)))
	case len(p.suggested) > 0:
		lines = append(lines, s.dim.Render(ansi.Truncate("names that are known:", w, s.marks.more)))
	}
	room := max(0, h-len(lines))
	from := max(0, min(p.at-room+1, len(p.suggested)-room))
	for i, name := range p.suggested[from:min(len(p.suggested), from+room)] {
		mark, style := "  ", s.text
		if from+i == p.at {
			mark, style = s.selected.Render(s.marks.here)+" ", s.selected
		}
		lines = append(lines, mark+style.Render(ansi.Truncate(name, w-2, s.marks.more)))
	}
	return lines
}

// answer is what was found: the question, the timeline, what to restore, the rows, and what was
// read and what not.
func (p *whenPage) answer(s styles, w, h int) []string {
	now := p.cfg.Instant()
	hunt := p.hunt()
	title := s.text.Render(hunt.Title()) // the proposal is what is seen first
	back := hunt.Back(now)
	backs := []string{back, back[strings.LastIndex(back, ", ")+1:], ""} // what is missing is not cut for how far back is looked
	if n := len(p.losses); n > 1 {
		backs = slices.Insert(backs, 0, state.Count(n, "event")+" "+back)
	}
	for len(backs) > 1 && ansi.StringWidth(title)+2+ansi.StringWidth(backs[0]) > w {
		backs = backs[1:]
	}
	lines := []string{spread(title, s.dim.Render(strings.TrimSpace(backs[0])), w)}
	most := 1 // lines of what could not be read
	if h >= 16 {
		most = max(2, h/5)
	}
	tail := p.tail(s, w, h, most, now)
	n := 2
	switch {
	case h >= 16:
		n = 4
	case h >= 12:
		n = 3
	}
	if h >= 22 {
		lines = append(lines, "")
	}
	t := p.timeline(now)
	lines = append(lines, timelineLines(s, t, p.drawn.trackOf(t, w), n)...)
	if h >= 17 {
		lines = append(lines, "")
	}
	lines = append(lines, p.proposal(s, w, h, now)...)
	lines = append(lines, p.whole(s, w, h)...)
	if h >= 20 {
		lines = append(lines, "")
	}
	p.top = len(lines)
	// The rows with their heads, as these say whose clock it is, go before the last of what was not read.
	for rows := min(3, len(p.losses)) + 1; rows > 1 && most > 2 && h-len(lines)-len(tail) < rows; {
		most--
		tail = p.tail(s, w, h, most, now)
	}
	room := max(1, h-len(lines)-len(tail))
	switch {
	case len(p.losses) > 0:
		rows := strings.Split(p.pick.view(s, w, room), "\n")
		lines = append(lines, rows...)
	default:
		p.pick.here = -1
	}
	if h >= 16 && len(tail) > 0 && len(lines)+len(tail) < h {
		lines = append(lines, "")
	}
	return append(lines, tail...)
}

// tellsWhole is how high a page is that has room for all that is known of the highlighted row.
const tellsWhole = 12

// proposal says what to restore because of the highlighted row: what the eye finds first.
func (p *whenPage) proposal(s styles, w, h int, now time.Time) []string {
	l, ok := p.here()
	if !ok {
		if text := p.hunt().Nothing(now); text != "" {
			lines := wrap(s.marks.unknown+" "+text, w)
			for i := range lines {
				lines[i] = s.caution.Render(lines[i])
			}
			return lines
		}
		return []string{""}
	}
	what, here, why := l.Restores(p.cfg)
	if h < tellsWhole && why == "the second before" {
		why += " this"
	}
	if what == "" {
		return []string{s.caution.Render(ansi.Truncate(s.marks.unknown+" "+why, w, s.marks.more))}
	}
	head := s.marks.head + " " + what
	if here != "" && ansi.StringWidth(head)+len(here)+5+ansi.StringWidth(why) <= w {
		head += " (" + here + ")"
	}
	if ansi.StringWidth(head)+2+ansi.StringWidth(why) <= w {
		return []string{s.selected.Render(head) + s.text.Render(", "+why)}
	}
	lines := []string{s.selected.Render(ansi.Truncate(head, w, s.marks.more))}
	for _, line := range wrap("  "+why, w) {
		lines = append(lines, s.text.Render(line))
	}
	return lines
}

// whole is what the highlighted row is about, in full: a row is cut.
func (p *whenPage) whole(s styles, w, h int) []string {
	l, ok := p.here()
	if !ok || h < tellsWhole {
		return nil
	}
	lines := wrap("  "+l.Whole(), w)
	if most := max(1, h/8); len(lines) > most {
		lines = append(lines[:most-1], ansi.Truncate(lines[most-1]+" "+strings.TrimSpace(lines[most]), w, s.marks.more))
	}
	for i := range lines {
		lines[i] = s.dim.Render(lines[i])
	}
	return lines
}

// tail is what is read now, what could not be read, and which snapshot is the last that has it.
// Of what could not be read it has so many lines at most.
func (p *whenPage) tail(s styles, w, h, most int, now time.Time) []string {
	hunt := p.hunt()
	var lines []string
	if text := hunt.HasWords(now); text != "" && h >= 16 {
		lines = append(lines, wrap(text, w)...)
	} else if text != "" {
		lines = append(lines, ansi.Truncate(text, w, s.marks.more))
	}
	unread := p.unread(s, w, hunt.UnreadWords(now))
	if len(unread) > most {
		unread = p.unread(s, w, hunt.UnreadBrief(now))
	}
	if len(unread) > most {
		last := unread[most-1]
		if rest, same := strings.CutPrefix(unread[most], "  "); same { // the sentence goes on
			last += " " + rest
		}
		unread = append(unread[:most-1], ansi.Truncate(last, w-1, "")+s.marks.more)
	}
	for _, line := range unread {
		lines = append(lines, s.caution.Render(line))
	}
	switch {
	case p.run.busy:
		lines = append(lines, p.progress(s, w, now))
	case hunt.WasRead() != "":
		word := "read: "
		if hunt.Findings().Stopped {
			word = "stopped; read: "
		}
		lines = append(lines, s.dim.Render(ansi.Truncate(s.marks.ok+" "+word+hunt.WasRead(), w, s.marks.more)))
	case hunt.Findings().Stopped:
		lines = append(lines, s.dim.Render(s.marks.warn+" stopped"))
	}
	return lines
}

// unread are sentences of what could not be read, each with its mark.
func (p *whenPage) unread(s styles, w int, all []string) []string {
	var out []string
	for _, text := range all {
		for i, line := range wrap(text, w-2) {
			mark := "  "
			if i == 0 {
				if mark = s.marks.warn + " "; strings.HasPrefix(text, steps.NotYet) { // as always: no failure
					mark = s.marks.now + " "
				}
			}
			out = append(out, mark+line)
		}
	}
	return out
}

// progress says what is being read, of which member, and how much.
func (p *whenPage) progress(s styles, w int, now time.Time) string {
	text := p.hunt().Reading(now)
	if text == "" {
		text = "asking Atlas"
	}
	return s.accent.Render(p.run.spin.View()) + " " + ansi.Truncate(text, w-2, s.marks.more)
}

// timeline has what was found as marks, and its cursor on what is proposed.
func (p *whenPage) timeline(now time.Time) steps.Timeline {
	t := p.drawn.timeline(p.seen, p.plan.Cluster, p.seen.Snapshots, p.seen.LacksOf(p.plan.Cluster, p.seen.Snapshots, p.past.busy), now)
	t.Since = p.hunt().From
	for _, l := range p.losses {
		if !l.At().IsZero() {
			t.Lost = append(t.Lost, l.At())
		}
	}
	if l, ok := p.here(); ok {
		t.At = l.Point()
	}
	return t
}

// Cursor implements page.
func (p *whenPage) Cursor() *tea.Cursor {
	if p.asking {
		return p.set.cursor
	}
	c := p.pick.cursor()
	if c != nil {
		c.Y += p.top
	}
	return c
}

// words are the timeline as a help page has it.
func (p *whenPage) words() string {
	if p.asking || p.hunt() == nil {
		return ""
	}
	return p.timeline(p.cfg.Instant()).Words()
}
