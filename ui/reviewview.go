package ui

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"atlas-restore/forms/fold"
	"atlas-restore/state"
	"atlas-restore/ui/steps"
)

// lead is the cells of the words that begin what follows from the plan.
const lead = 11

// View implements page. What goes where is drawn on top, always; the confirmation stands at
// the bottom, always; between them what follows and what was checked, a sentence at a time:
// none is shown without its beginning.
func (p *reviewPage) View(s styles, w, h int) string {
	foot := p.foot(s, w)
	room := max(1, h-len(foot))
	top := p.picture(s, w, room)
	top = top[:min(len(top), max(0, room-1))]
	blocks := p.blocks(s, w, room < 12, false)
	if heightOf(blocks) > room-len(top) { // what is said comes before how it looks
		blocks = dense(blocks)
		if heightOf(blocks) > room-len(top) {
			blocks = dense(p.blocks(s, w, room < 12, true))
		}
		if n := len(top) - 1; n > 0 && top[n] == "" && heightOf(blocks) > room-len(top) {
			top = top[:n]
		}
		if len(foot) > 1 && foot[0] == "" && p.shown && heightOf(blocks) > room-len(top) {
			foot, room = foot[1:], room+1
			if p.cursor != nil {
				p.cursor.Y--
			}
		}
	}
	if p.unproven != "" { // last, and not what makes the rest scroll
		last := hanging("", 0, s.dim, p.unproven, w)
		if n := heightOf(blocks) - (room - len(top)); n > 0 || n+len(last) <= 0 {
			blocks = append(blocks, last)
		}
	}
	lines := p.fit(s, blocks, room-len(top), w)
	if p.cursor != nil {
		p.cursor.Y += len(top) + len(lines)
	}
	return strings.Join(append(append(top, lines...), foot...), "\n")
}

// picture draws where the data come from and where they go.
func (p *reviewPage) picture(s styles, w, room int) []string {
	from, to := p.run.Ends()
	left := side{name: from.Cluster, badge: p.badge(s, from), about: from.About}
	right := side{name: "Files to fetch", about: to.About}
	if to.Cluster != "" {
		right = side{name: to.Cluster, badge: p.badge(s, to), about: to.About, danger: to.Overwritten}
		if to.Erased {
			right.danger = "ERASED FIRST"
		}
	}
	draw := func(left side) []string {
		if room < 12 {
			return stacked(s, left, right, w)
		}
		return drawEnds(s, left, right, w, room)
	}
	at := 0 // where it is said when the source was last proven: behind its project
	if room < 12 {
		left.about = left.about[1:] // the header has the projects
		right.about = nil
		at = len(left.about) - 1
	}
	out := draw(left)
	if p.unproven = p.run.ProvenWords(); p.unproven != "" {
		left.about = slices.Clone(left.about)
		left.about[at] += " " + s.marks.between + " " + p.run.ProvenBrief()
		if with := draw(left); len(with) == len(out) && !strings.Contains(with[0], s.marks.more) {
			out, p.unproven = with, "" // else it has no room
		}
	}
	if room < 12 {
		return out
	}
	return append(out, "")
}

func (p *reviewPage) badge(s styles, e steps.End) string {
	of := p.run.Cfg.Names.Called(e.Project, e.Cluster)
	if of.Name == "" {
		return ""
	}
	return s.environment(of.Environment).Render(of.Badge())
}

// blocks are what follows and what was checked, a block for each sentence. What stands in the
// way comes first; in a low window all that was found does.
func (p *reviewPage) blocks(s styles, w int, low, short bool) [][]string {
	var first, stops, follows, found [][]string
	for _, pr := range []*state.Problem{p.refuse, p.lost} {
		if pr != nil {
			first = append(first, problemLines(s, *pr, w))
		}
	}
	for _, c := range p.run.Follows(steps.Ways{}) {
		follows = append(follows, hanging(s.dim.Render(fmt.Sprintf("%-*s", lead, c.Lead)), lead, clauseStyled(s, c), c.Text, w))
	}
	told, fine, looking := p.run.Found(short)
	for _, c := range told {
		mark, word, style := s.verdict(c.Verdict)
		if c.Harmless {
			style = s.dim
		}
		head := mark + " " + word + " " + c.Name + ": "
		block := hanging(style.Bold(true).Render(mark+" "+word)+" "+s.name.Render(c.Name)+": ", ansi.StringWidth(head), s.text, c.Text(), w)
		if c.Verdict == state.Block || c.Asks() {
			stops = append(stops, block)
		} else {
			found = append(found, block)
		}
	}
	if len(fine) > 0 {
		mark, word, style := s.verdict(state.OK)
		head := mark + " " + word + " "
		found = append(found, hanging(style.Render(head), ansi.StringWidth(head), s.dim, strings.Join(fine, "; "), w))
	}
	if len(looking) > 0 {
		head := s.marks.now + " being checked: "
		found = append(found, hanging(s.running.Render(head), ansi.StringWidth(head), s.dim, strings.Join(looking, ", "), w))
	}
	switch {
	case low:
		return slices.Concat(first, stops, found, follows)
	case len(found) > 0:
		follows = append(follows, []string{""})
	}
	return slices.Concat(first, stops, follows, found)
}

func clauseStyled(s styles, c steps.Clause) (style interface{ Render(...string) string }) {
	if c.Lead == "Lost" && c.Warn {
		return s.danger
	}
	return s.text
}

// hanging is a text behind a head, its further lines below its first word, or two cells in
// where the head is long.
func hanging(head string, width int, style interface{ Render(...string) string }, text string, w int) []string {
	indent := width
	if indent > lead {
		indent = 2
	}
	first := fold.Text(strings.Repeat("\u00a0", width-indent)+text, max(8, w-indent))
	out := make([]string, len(first))
	for i, part := range first {
		if i == 0 {
			out[i] = head + style.Render(strings.TrimLeft(part, "\u00a0"))
			continue
		}
		out[i] = strings.Repeat(" ", indent) + style.Render(strings.TrimSpace(part))
	}
	return out
}

// heightOf is how many lines blocks have.
func heightOf(blocks [][]string) int {
	n := 0
	for _, b := range blocks {
		n += len(b)
	}
	return n
}

// dense are blocks without the blank ones.
func dense(blocks [][]string) [][]string {
	return slices.DeleteFunc(slices.Clone(blocks), func(b []string) bool { return len(b) == 1 && b[0] == "" })
}

// fit is as many whole blocks as have room, from the one that was scrolled to on.
func (p *reviewPage) fit(s styles, blocks [][]string, room, w int) []string {
	height := func(from int) int { return heightOf(blocks[from:]) }
	p.scroll = min(p.scroll, max(0, len(blocks)-1))
	for p.scroll > 0 && height(p.scroll-1) <= room {
		p.scroll-- // nothing stays hidden above while there is room below
	}
	p.more = height(p.scroll) > room
	if p.more {
		room-- // for the line that says so
	}
	var out []string
	p.page = 0
	for i, b := range blocks[p.scroll:] {
		if len(out)+len(b) > room {
			if i == 0 { // longer than the window
				out = append(out, b[:max(0, room)]...)
			}
			break
		}
		out = append(out, b...)
		p.page++
	}
	if p.more {
		out = append(out, s.dim.Render(ansi.Truncate(s.marks.more+" more: pgdn", w, s.marks.more)))
	}
	return out
}

// foot is the confirmation, or what is under way instead of it.
func (p *reviewPage) foot(s styles, w int) []string {
	p.cursor = nil
	if p.sent.busy {
		return append([]string{""}, p.sent.waiting(s, w)...)
	}
	if !p.shown {
		foot := make([]string, p.footHeight())
		if p.look.busy {
			copy(foot[1:], p.look.waiting(s, w))
		}
		return foot
	}
	if !p.body.DeliveryType.HasTarget() && !p.blocked() {
		no, yes := "  [ Not yet ]", "  [ "+requestButton+" ]"
		if p.yes {
			yes = s.selected.Render(s.marks.here + yes[1:])
		} else {
			no = s.selected.Render(s.marks.here + no[1:])
		}
		return []string{"", no + "  " + yes}
	}
	if p.blocked() { // there is nothing to type
		p.cursor = tea.NewCursor(0, 1)
		foot := []string{"", s.danger.Bold(true).Render(ansi.Truncate(p.ask(w), w, s.marks.more)), ""}
		return foot[:p.footHeight()]
	}
	// On a line of its own, so that the whole name has room in every window.
	prompt := s.marks.prompt + " "
	shown := p.typed.Value()
	if room := w - ansi.StringWidth(prompt) - 1; ansi.StringWidth(shown) > room {
		shown = ansi.TruncateLeft(shown, ansi.StringWidth(shown)-room+1, s.marks.more)
	}
	p.cursor = tea.NewCursor(ansi.StringWidth(prompt)+ansi.StringWidth(shown), 2)
	ask, style := p.ask(w), s.name
	if p.stop() == nil {
		style = s.danger.Bold(true)
	}
	return []string{"", style.Render(ansi.Truncate(ask, w, s.marks.more)), s.accent.Render(prompt) + shown}
}

// ask is what has to be typed, in at most w cells as far as the words to type allow.
func (p *reviewPage) ask(w int) string {
	c := p.stop()
	switch {
	case c == nil:
	case p.due():
		return "A snapshot first: enter takes it, ctrl+x goes on without."
	case c.Verdict == state.Block:
		so := c.Name + " is a BLOCK. " + p.wayOut(*c)
		if whole := "This cannot be submitted: " + so; ansi.StringWidth(whole) <= w {
			return whole
		}
		return so // the way out is not what is cut off
	default:
		return "To go on, type first: " + steps.Acceptance + c.Name
	}
	what := "type its name:"
	if p.plan.OntoItself() || p.plan.Practice {
		what = "type: " + p.plan.Phrase()
	}
	target := p.plan.Target.ClusterName
	if p.plan.Delivery == state.Collections {
		return p.askCollections(w)
	}
	if to := p.called(); to.IsProduction() {
		if danger := "To erase " + target + ", which is " + to.Label() + ", " + what; ansi.StringWidth(danger) <= w {
			return danger
		}
		// The words to type name it: in a narrow window that it is production comes first.
		return "To erase " + to.Label() + ", type: " + p.plan.Phrase()
	} else if to.Name == "" {
		if ask := "To erase " + target + " (" + state.NotKnown + "), " + what; ansi.StringWidth(ask) <= w {
			return ask
		}
	}
	if ask := "To erase " + target + ", " + what; ansi.StringWidth(ask) <= w {
		return ask
	}
	return "To erase it, " + what
}

// askCollections is ask for single collections: what erases nothing takes a word.
func (p *reviewPage) askCollections(w int) string {
	n := state.Count(len(p.plan.Only.Names), "name")
	if p.plan.Erases() { // what is dropped is told by its name, in every window
		n = steps.ChosenTargets(p.plan.Only, 1)
	}
	target := p.plan.Target.ClusterName
	if !p.plan.Erases() {
		if ask := "To restore " + n + " into " + target + ", type: " + p.plan.Phrase(); ansi.StringWidth(ask) <= w {
			return ask
		}
		return "To restore " + n + ", type: " + p.plan.Phrase()
	}
	of := target
	if to := p.called(); to.IsProduction() {
		of += ", which is " + to.Label()
	} else if to.Name == "" {
		of += " (" + state.NotKnown + ")"
	}
	if ask := "To overwrite " + n + " of " + of + ", type: " + p.plan.Phrase(); ansi.StringWidth(ask) <= w {
		return ask
	}
	if ask := "To overwrite " + n + ", type: " + p.plan.Phrase(); ansi.StringWidth(ask) <= w {
		return ask
	}
	return "Type: " + p.plan.Phrase() // the picture above names what is overwritten
}
