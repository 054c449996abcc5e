package ui

import (
	"cmp"
	"slices"
	"strings"

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

// View implements tea.Model: header, the way, the page, what it means, keys. All that a frame
// tells of time is told by one clock.
func (r *Root) View() (v tea.View) {
	r.frame.Draw(r.run.Cfg.Now(), func() { v = r.draw() })
	return v
}

// bleeder is a page that wants all columns of the terminal.
type bleeder interface{ bleeds() bool }

func (r *Root) draw() tea.View {
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
	room := r.h - len(top) - r.footHeight(width)
	var body string
	pad := strings.Repeat(" ", indent)
	if p, ok := r.page().(bleeder); ok && p.bleeds() && !r.help.open && !r.palette.open {
		body, pad = r.page().View(r.s, r.w, room), ""
	} else if r.help.open {
		body = r.help.view(r.s, r.helpLines(min(width, readable)), room)
	} else if r.palette.open {
		body = r.palette.view(r.s, width, room)
	} else {
		body = r.page().View(r.s, width, room)
	}
	foot := r.foot(width) // after the page: its keys depend on what it could show
	if r.h >= roomy {
		room = min(room, strings.Count(body, "\n")+1) // the keys stand next to the work
	}
	lines := append(top, indented(pad, clip(body, r.w-2*len(pad), room))...)
	lines = append(lines, indented(strings.Repeat(" ", indent), foot)...)
	v.SetContent(r.plain(strings.Join(lines, "\n")))
	c := r.page().Cursor()
	if r.palette.open {
		c = r.palette.cursor()
	}
	if c != nil && !r.help.open && c.Y < room {
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
	if j, ok := r.run.Job(); ok {
		word, _ := steps.Standing(r.run.Cfg, j, r.run.Cfg.Instant())
		return t + ": " + strings.ToLower(steps.JobTitle(r.run.Plan)+", "+word)
	}
	if r.run.Plan.Cluster.Name != "" && r.step() > state.StepCluster {
		t += ": " + r.run.Plan.Cluster.Name
	}
	return t
}

// top is the header, what was answered so far, and the question.
func (r *Root) top(indent int) []string {
	lines := []string{r.header()}
	pad := strings.Repeat(" ", indent)
	switch {
	case r.coach.news != "":
		lines = append(lines, pad+r.coachNews(r.w-2*indent))
	case r.h >= roomy:
		lines = append(lines, "")
	}
	if r.step() == state.StepReview && r.h >= roomy { // a picture shows the way
		if r.coach.news == "" {
			lines = lines[:1]
		}
		return append(lines, pad+r.question(""))
	}
	if r.step() == steps.StepBriefing || r.step() >= state.StepReview && r.step() != steps.StepMoment {
		return lines // there is much to read, and a picture shows the way
	}
	lines = append(lines, indented(pad, r.way(r.w-2*indent))...)
	if r.h >= roomy {
		lines = append(lines, "")
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
	right := r.who(r.w - ansi.StringWidth(left) - 3)
	if r.run.Cfg.Coach != nil {
		right = r.coachHeader(r.w - ansi.StringWidth(left) - 3)
	}
	// The place comes first: the credential gives way to it, from its start.
	if room := r.w - ansi.StringWidth(left) - 3; ansi.StringWidth(right) > room {
		right = ansi.Truncate(right, max(0, room), r.s.marks.more)
	}
	return spread(left, r.s.dim.Render(right)+" ", r.w)
}

// who says as whom one is there, and which Atlas that is where it is not the usual one, in about w
// cells: its address is the last to give way.
func (r *Root) who(w int) string {
	c, line := r.run.Cfg, ""
	for _, parts := range [][]string{{c.Who, c.Source, c.Host}, {c.Who, c.Host}, {cmp.Or(c.Host, c.Who)}} {
		parts = slices.DeleteFunc(parts, func(part string) bool { return part == "" })
		if line = strings.Join(parts, " "+r.s.marks.between+" "); ansi.StringWidth(line) <= w {
			break
		}
	}
	return line
}

// roomForWho is what whoever is signed in needs in the header, with the blanks between.
const roomForWho = 36

// place is where one is, in at most w cells: the source, or from the target's step on the
// cluster that the present page can hurt. Its badge is that cluster's own, and is never cut
// off by a long name.
func (r *Root) place(w int) string {
	p := r.run.Plan
	switch r.step() { // what is asked now is not where one is
	case state.StepProject:
		p.Project, p.Cluster = state.Project{}, state.Cluster{}
	case state.StepCluster:
		p.Cluster = state.Cluster{}
	default:
	}
	of, name, in := r.run.Cfg.Names.Called(p.Project.Name, p.Cluster.Name), p.Project.Name, ""
	if p.Cluster.Name != "" {
		name += " / " + p.Cluster.Name
	}
	onto, target := r.onto()
	switch {
	case target:
		of, name, in = r.run.Cfg.Names.CalledTarget(onto), p.Toward()+" "+onto.ClusterName, onto.Project.Name
	case r.run.CanHurt():
		of, name = state.Called{}, "from "+name // no target yet: the source's badge would be taken for one
	}
	if p.Drill { // said on every page: it is none of the restores that bring something back
		name = strings.TrimSpace("drill " + strings.TrimPrefix(name, "from "))
	}
	if name == "" {
		return ""
	}
	badge := ""
	switch {
	case of.Name != "":
		badge = "  " + r.s.environment(of.Environment).Render(of.Label())
	case target && w >= ansi.StringWidth(name+in)+len(state.NotKnown)+roomForWho: // whoever erases it is told what is not known
		badge = "  " + r.s.dim.Render(state.NotKnown)
	case target:
		badge = "  " + r.s.dim.Render("env "+state.Unmatched)
	}
	room := max(0, w-2-ansi.StringWidth(badge))
	out := "  " + r.s.title.Render(ansi.Truncate(name, room, r.s.marks.more)) + badge
	if room = w - ansi.StringWidth(out) - 2; in != "" && room > 3 {
		out += "  " + r.s.dim.Render(ansi.Truncate(in, room, r.s.marks.more))
	}
	return out
}

// onto is the target of the present page: that which it points at, or that of the plan.
func (r *Root) onto() (state.Target, bool) {
	if p, ok := r.page().(*fieldsPage); ok && !p.alone {
		return p.form.Aim()
	}
	return r.run.Plan.Target, r.run.CanHurt() && !r.run.Plan.Target.IsZero()
}

// footHeight is the lines of the foot: mostly the same, so that no page jumps.
func (r *Root) footHeight(w int) int {
	text, _ := r.meaning(w)
	n := len(text) + 1
	n += len(r.besides(w))
	if r.h >= roomy {
		return n + 2
	}
	return n
}

// What the page means has two lines, and more where it does not fit: a command that is told
// there is of no use in part.
const meaningLines, mostMeaning = 2, 5

// meaning are the lines that say what the page means, or what was wrong with the last key.
func (r *Root) meaning(w int) (lines []string, wrong bool) {
	if r.parting.asks() {
		return r.parting.lines(r.s, w), false
	}
	say := r.page().Meaning()
	switch {
	case r.told != "":
		say = said{r.told, true}
	case r.idle != "" && say == r.meant:
		say = said{r.idle, true}
	}
	if r.help.open || r.palette.open {
		say = said{}
	}
	if r.help.coach {
		say = said{r.coach.failed, true}
	}
	if len(r.help.same) > 0 {
		say = said{text: r.told} // what was copied
	}
	lines = wrap(say.text, w)
	most := mostMeaning
	if r.told != "" {
		most = max(most, r.h/2) // it stands there until the next key only, and is said once
	}
	if len(lines) > most {
		lines = append(lines[:most-1], ansi.Truncate(strings.Join(lines[most-1:], " "), w, r.s.marks.more))
	}
	for len(lines) < meaningLines {
		lines = append(lines, "")
	}
	return lines, say.wrong
}

// foot is what the page means, and its keys.
func (r *Root) foot(w int) []string {
	text, wrong := r.meaning(w)
	style := r.s.dim
	if wrong {
		style = r.s.caution
	}
	lines := []string{}
	if r.h >= roomy {
		lines = append(lines, "")
	}
	for _, t := range text {
		if !r.parting.asks() { // which has colours of its own
			t = style.Render(t)
		}
		lines = append(lines, t)
	}
	if r.h >= roomy {
		lines = append(lines, "")
	}
	lines = append(lines, r.keyLine(w))
	return append(lines, r.besides(w)...)
}

// keyLine shows as many actions as fit, in their order; those that every page has stand
// last, and help always.
func (r *Root) keyLine(w int) string {
	all := r.actions()
	switch {
	case r.parting.asks():
		all = r.parting.keys()
	case r.palette.open:
		all = r.palette.keys()
	case r.help.coach:
		keys := r.help.keys()
		all = append(append(r.coachHelpKeys(), act("esc", "close")), keys[:len(keys)-1]...)
	case r.help.open:
		all = r.help.keys()
	}
	last, line, used := "", "", 0
	if !r.help.open && !r.palette.open {
		last, used = r.keyText(keyHelp()), keyHelp().width()
	}
	all = slices.DeleteFunc(slices.Clone(all), func(a action) bool { return a.apart || a.shown == keyHelp().shown })
	for _, a := range fitting(all, w-used) {
		line += r.keyText(a) + "   "
	}
	return line + last
}

// fitting are the actions that a footer of so many cells has room for, in their order. An action comes
// before the words of another one: all are said in fewer words first, and what room is left then has
// the whole ones.
func fitting(all []action, room int) []action {
	const gap = 3
	var fit []action
	for _, a := range all {
		a.name, a.brief = cmp.Or(a.brief, a.name), a.name
		if a.width()+gap > room {
			continue // a shorter one may still fit
		}
		room -= a.width() + gap
		fit = append(fit, a)
	}
	for i, a := range fit {
		a.name, a.brief = a.brief, a.name
		if more := a.width() - fit[i].width(); more <= room {
			room -= more
			fit[i] = a
		}
	}
	return fit
}

// width is the cells of what keyText says.
func (a action) width() int { return ansi.StringWidth(a.shown) + 1 + ansi.StringWidth(a.name) }

func (r *Root) keyText(a action) string {
	return r.s.key.Render(a.shown) + " " + r.s.dim.Render(a.name)
}
