package ui

import (
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"atlas-restore/state"
	"atlas-restore/ui/steps"
)

// The least size in which every page can be read and used.
const (
	minWidth  = 60
	minHeight = 15
	roomy     = 20 // from this height on, blank lines set the parts apart
)

func (r *Root) small() bool { return r.w < minWidth || r.h < minHeight }

// View implements tea.Model: header, the plan so far, the page, what it means, keys.
func (r *Root) View() tea.View {
	v := tea.NewView("")
	v.AltScreen = true
	v.WindowTitle = r.plain(r.title())
	r.signal(&v)
	if r.w == 0 {
		return v // the size is not known yet
	}
	if r.small() {
		v.SetContent(r.plain(strings.Join(clip(strings.Join(wrap("atlas-restore needs a window of at least 60×15. Nothing is lost: make it larger to go on.", r.w), "\n"), r.w, r.h), "\n")))
		return v
	}
	indent := 1
	if r.w >= 80 {
		indent = 3
	}
	width := r.w - 2*indent
	top := r.top(indent)
	room := r.h - len(top) - r.footHeight()
	var body string
	if r.help.open {
		body = r.help.view(r.helpLines(min(width, readable)), room)
	} else {
		body = r.page().View(r.s, width, room)
	}
	foot := r.foot(width) // after the page: its keys depend on what it could show
	pad := strings.Repeat(" ", indent)
	lines := append(top, indented(pad, clip(body, width, room))...)
	lines = append(lines, indented(pad, foot)...)
	v.SetContent(r.plain(strings.Join(lines, "\n")))
	if c := r.page().Cursor(); c != nil && !r.help.open && c.Y < room {
		c.Color, c.Blink = nil, false // the colour is the user's own; a blinking one would be left behind
		c.X, c.Y = min(c.X+indent, r.w-1), c.Y+len(top)
		v.Cursor = c
	}
	return v
}

// plain is text as this terminal can show it.
func (r *Root) plain(text string) string {
	if r.look.ascii {
		return steps.ASCII(text)
	}
	return text
}

func indented(pad string, lines []string) []string {
	for i := range lines {
		lines[i] = pad + lines[i]
	}
	return lines
}

func (r *Root) title() string {
	t := "atlas-restore"
	if r.run.Cfg.Mode == steps.Training {
		t += " TRAINING"
	}
	if f := r.run.Follow; f != nil {
		return t + ": " + strings.ToLower(steps.JobTitle(r.run.Plan)) + ", " + f.State(r.run.Cfg.Now()).String()
	}
	if r.run.Plan.Cluster.Name != "" {
		t += ": " + r.run.Plan.Cluster.Name
	}
	return t
}

// top is the header and the plan so far: as a ladder where there is room and a list
// to choose from, else as one line.
func (r *Root) top(indent int) []string {
	lines := []string{r.header()}
	switch {
	case r.coach.news != "":
		lines = append(lines, strings.Repeat(" ", indent)+r.coachNews(r.w-2*indent))
	case r.h >= roomy:
		lines = append(lines, "")
	}
	if r.step() == steps.StepBriefing {
		return lines // nothing is planned yet, and there is much to read
	}
	if r.h >= 24 && r.step() < state.StepReview {
		return append(append(lines, indented(strings.Repeat(" ", indent), r.ladder(r.w-2*indent))...), "")
	}
	if r.step() < state.StepReview {
		lines = append(lines, strings.Repeat(" ", indent)+r.crumbs(r.w-2*indent))
		if r.h >= roomy {
			lines = append(lines, "")
		}
	}
	return lines
}

// header says whether this is real, where one is, and as whom.
func (r *Root) header() string {
	label := r.s.live
	if r.run.Cfg.Mode == steps.Training {
		label = r.s.training
	}
	left := " " + label.Render(string(r.run.Cfg.Mode))
	left += r.place(r.w - ansi.StringWidth(left) - 1)
	who := []string{}
	for _, part := range []string{r.run.Cfg.Who, r.run.Cfg.Source, r.run.Cfg.Host} {
		if part != "" {
			who = append(who, part)
		}
	}
	right := strings.Join(who, " "+r.s.marks.between+" ")
	if r.run.Cfg.Coach != nil {
		right = r.coachHeader(r.w - ansi.StringWidth(left) - 3)
	}
	// The place comes first: the credential gives way to it, from its start.
	if room := r.w - ansi.StringWidth(left) - 3; ansi.StringWidth(right) > room {
		right = ansi.Truncate(right, max(0, room), r.s.marks.more)
	}
	return spread(left, r.s.muted.Render(right)+" ", r.w)
}

// place is where one is, in at most w cells: the source, or from the target's step on the
// cluster that the present page can hurt. Its badge is that cluster's own, and is never cut
// off by a long name.
func (r *Root) place(w int) string {
	p := r.run.Plan
	of, name, in := r.run.Cfg.Names.Called(p.Project.Name, p.Cluster.Name), p.Project.Name, ""
	if p.Cluster.Name != "" {
		name += " / " + p.Cluster.Name
	}
	switch target, chosen := r.onto(); {
	case chosen:
		of, name, in = r.run.Cfg.Names.CalledTarget(target), "onto "+target.ClusterName, target.Project.Name
	case r.run.CanHurt():
		of, name = state.Called{}, "from "+name // no target yet: the source's badge would be taken for one
	}
	if name == "" {
		return ""
	}
	badge := ""
	if of.Name != "" {
		badge = "  " + r.s.environment(of.Environment).Render(of.Label())
	}
	room := max(0, w-2-ansi.StringWidth(badge))
	out := "  " + r.s.title.Render(ansi.Truncate(name, room, r.s.marks.more)) + badge
	if room = w - ansi.StringWidth(out) - 2; in != "" && room > 3 {
		out += "  " + r.s.muted.Render(ansi.Truncate(in, room, r.s.marks.more))
	}
	return out
}

// onto is the target of the present page: that which it points at, or that of the plan.
func (r *Root) onto() (state.Target, bool) {
	if p, ok := r.page().(*fieldsPage); ok {
		return p.form.Aim()
	}
	return r.run.Plan.Target, r.run.CanHurt() && !r.run.Plan.Target.IsZero()
}

// rungs are the plan so far, with the signing in while it is under way.
func (r *Root) rungs() []steps.Rung {
	ladder := steps.Ladder(r.run.Plan, r.run.Cfg.Now())
	if step := r.step(); step < state.StepProject { // what stands before the plan
		ladder = append([]steps.Rung{steps.Question(step, r.run.Plan, r.run.Cfg.Now())}, ladder...)
	}
	return ladder
}

func (r *Root) ladder(w int) []string {
	var lines []string
	for _, g := range r.rungs() {
		name := g.Name + strings.Repeat(" ", 11-len(g.Name))
		var line string
		switch {
		case g.Step == r.step():
			line = r.s.accent.Bold(true).Render(r.s.marks.now+" "+name) + r.s.text.Render(g.Ask)
		case g.Step < r.step() && g.Answer != "":
			answer := strings.Join(append([]string{g.Answer}, g.More...), " "+r.s.marks.between+" ")
			line = r.s.fine.Render(r.s.marks.done) + " " + r.s.muted.Render(name) + r.s.text.Render(answer)
		default:
			line = r.s.muted.Render("  " + g.Name)
		}
		lines = append(lines, ansi.Truncate(line, w, r.s.marks.more))
	}
	return lines
}

// crumbs are the ladder in one line.
func (r *Root) crumbs(w int) string {
	done, ask := "", ""
	for _, g := range r.rungs() {
		if g.Step < r.step() && g.Answer != "" {
			done += g.Answer + " " + r.s.marks.prompt + " "
		}
		if g.Step == r.step() {
			ask = g.Name + ": " + g.Ask
		}
	}
	// The question is what matters; what was answered gives way from its start.
	if room := w - ansi.StringWidth(ask) - 1; ansi.StringWidth(done) > room {
		done = ansi.TruncateLeft(done, ansi.StringWidth(done)-max(0, room), r.s.marks.more)
	}
	return r.s.muted.Render(done) + r.s.accent.Bold(true).Render(ask)
}

// footHeight is the lines of the foot: always the same, so that no page jumps.
func (r *Root) footHeight() int {
	if r.h >= roomy {
		return meaningLines + 3
	}
	return meaningLines + 1
}

const meaningLines = 2

// foot is what the page means, and its keys.
func (r *Root) foot(w int) []string {
	say := r.page().Meaning()
	if r.told != "" {
		say = said{r.told, true}
	}
	if r.help.open {
		say = said{}
	}
	if r.help.coach {
		say = said{r.coach.failed, true}
	}
	if len(r.help.same) > 0 {
		say = said{text: r.told} // what was copied
	}
	style := r.s.muted
	if say.wrong {
		style = r.s.warn
	}
	lines := []string{}
	if r.h >= roomy {
		lines = append(lines, "")
	}
	text := wrap(say.text, w)
	if len(text) > meaningLines {
		text = append(text[:meaningLines-1], ansi.Truncate(strings.Join(text[meaningLines-1:], " "), w, r.s.marks.more))
	}
	for len(text) < meaningLines {
		text = append(text, "")
	}
	for _, t := range text {
		lines = append(lines, style.Render(t))
	}
	if r.h >= roomy {
		lines = append(lines, "")
	}
	return append(lines, r.keyLine(w))
}

// keyLine shows as many keys as fit, help always.
func (r *Root) keyLine(w int) string {
	help := r.keyText(keyHelp())
	used := ansi.StringWidth(help)
	line := ""
	keys := r.page().Keys()
	if r.help.open {
		help, used, keys = "", 0, r.help.keys()
		if r.help.coach {
			keys = append(append(r.coachHelpKeys(), bind("esc", "close")), keys[:len(keys)-1]...)
		}
	}
	for _, b := range keys {
		t := r.keyText(b) + "   "
		if used+ansi.StringWidth(t) > w {
			continue // a shorter one may still fit
		}
		used += ansi.StringWidth(t)
		line += t
	}
	return line + help
}

func (r *Root) keyText(b key.Binding) string {
	return r.s.key.Render(b.Help().Key) + " " + r.s.muted.Render(b.Help().Desc)
}
