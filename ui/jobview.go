package ui

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"atlas-restore/forms/columns"
	"atlas-restore/forms/ink"
	"atlas-restore/state"
	"atlas-restore/ui/steps"
)

// View implements page.
func (p *jobPage) View(s styles, w, h int) string {
	p.here = 0
	if p.bleeds() {
		if p.command() != "" {
			return strings.Join(p.commandLines(s, w), "\n")
		}
		return strings.Join(p.linkLines(s, w, h), "\n")
	}
	top := p.head(s, w, h)
	body, from, to := p.body(s, w, h-len(top))
	room := max(1, h-len(top))
	// The highlighted row stays on the screen; a line is left for the mark of more.
	start := max(0, min(to-room+1, from))
	p.scroll = min(p.scroll, max(0, len(body)-room-start)) // what is below it is read on from there
	start += p.scroll
	if to > 0 {
		p.here = len(top) + max(0, from-start)
	}
	p.page = max(1, room-1)
	p.below = start+room < len(body)
	shown := body[start:min(len(body), start+room)]
	if p.below && len(shown) > 0 {
		shown[len(shown)-1] = s.dim.Render(s.marks.more + " more: ↓")
	}
	return strings.Join(append(top, shown...), "\n")
}

// head is how the job stands and what it does: what is to be seen first.
func (p *jobPage) head(s styles, w, h int) []string {
	now := p.cfg.Instant()
	word, role := steps.Standing(p.cfg, p.job, now)
	mark, style := s.role(role)
	plan := p.job.Plan
	from := p.named(s, plan.Project.Name, plan.Cluster.Name)
	onto, did := s.title.Render("files to fetch"), " to fetch"
	if p.job.Fetch.Begun() || p.job.Fetch.Downloaded() {
		onto, did = s.title.Render("files"), ""
	}
	if plan.Delivery.HasTarget() {
		onto = p.named(s, plan.Target.Project.Name, plan.Target.ClusterName)
	} else if n := steps.Files(p.job.Job); n > 0 {
		onto = s.title.Render(state.Count(n, "file") + did)
	}
	head := style.Bold(true).Render(mark+" "+word+steps.LastSeen(p.cfg, p.job, now)) + p.took(s)
	arrow := s.accent.Render(strings.Repeat(s.marks.shaft, 2) + s.marks.head)
	picture := from + " " + arrow + " " + onto
	lines := []string{head + "   " + picture}
	if ansi.StringWidth(lines[0]) > w {
		lines = []string{head, ansi.Truncate(picture, w, s.marks.more)}
	}
	if h < lowFetch && (p.asksDir() || p.job.Fetch.Begun()) {
		return lines // the files come first
	}
	return append(lines, mutedLines(s, wrap(steps.AboutJob(p.job, now), w))...)
}

// took is how long a job took that has ended.
func (p *jobPage) took(s styles) string {
	after := p.job.After()
	if st := p.state(); steps.LastSeen(p.cfg, p.job, p.cfg.Instant()) != "" || p.job.Fetch.Begun() || !st.Ended() || st == state.Expired || after == "" { // its links expired later than it ended
		return ""
	}
	if p.job.Drill != nil && !p.job.SeenLate {
		after = strings.Replace(after, "after", "restored in", 1)
	}
	return s.dim.Render(after)
}

// role is how a role is shown.
func (s styles) role(r steps.Role) (mark string, style ink.Ink) {
	switch r {
	case steps.Good:
		return s.marks.ok, s.good
	case steps.Danger:
		return s.marks.wrong, s.danger
	case steps.Running:
		return s.marks.now, s.running
	case steps.Caution:
		return s.marks.warn, s.caution
	case steps.Plain:
	}
	return s.marks.dot, s.dim
}

// named is the name of a cluster with the badge of its environment.
func (p *jobPage) named(s styles, project, cluster string) string {
	name := s.title.Render(cluster)
	if of := p.cfg.Names.Called(project, cluster); of.Name != "" {
		name += " " + s.environment(of.Environment).Render(of.Badge())
	}
	return name
}

func mutedLines(s styles, lines []string) []string {
	for i := range lines {
		lines[i] = s.dim.Render(lines[i])
	}
	return lines
}

// body is what the state means and what to do next; from and to are the lines of what is
// highlighted. In a low window no line sets the parts apart.
func (p *jobPage) body(s styles, w, room int) (out []string, from, to int) {
	apart := func() {
		if room >= 10 && (room >= lowFetch || !p.asksDir() && !p.job.Fetch.Begun()) {
			out = append(out, "")
		}
	}
	apart()
	if p.said.asks {
		lines, at := p.saidLines(s, w)
		return append(out, lines...), len(out) + at, len(out) + at + 1
	}
	if p.asksDir() {
		from = len(out) + typedAt
		return append(out, p.dirLines(s, w)...), from, from + 1
	}
	if p.job.Fetch.Begun() {
		lines, first, last := p.fetchLines(s, w, room)
		from, to = len(out)+first, len(out)+last
		return append(append(out, lines...), p.looking(s, w)...), from, to
	}
	out = append(out, p.elapsed(s, w)...)
	if low := p.job.Drill != nil && p.state() == state.Completed && room < roomOfDrill; !low { // its checks come first
		out = append(out, p.stations(s, w)...)
		apart()
	}
	out = append(out, p.parts(s, w, room)...)
	out = append(out, p.others(s, w)...)
	switch files, todo := p.files(), p.todo(); {
	case len(files) > 0:
		if !p.usedUp(files) {
			out = append(out, wrap(steps.Terms(p.job.Job, p.cfg.Instant()), w)...)
			apart()
		}
		rows := p.fileRows(s, files, w)
		from = len(out) + 1 + min(p.at, len(files)-1)
		out, to = append(out, rows...), from+1
		out = append(out, p.looking(s, w)...)
	case p.job.Drill != nil && p.state() == state.Completed && !p.job.Unseen:
		out = append(out, p.drillLines(s, w, room)...)
	case len(todo) > 0:
		out = append(out, wrap(steps.JobMeaning(p.cfg, p.job.Plan, state.Completed), w)...)
		for i, t := range todo {
			at := len(out)
			out = append(out, p.todoLines(s, i, t, w)...)
			if i == min(p.at, len(todo)-1) {
				from, to = at, len(out)
			}
		}
	default:
		out = append(out, p.meant(s, w)...)
	}
	back := p.back(w)
	if len(back) > 0 && to > 0 && len(out)+len(back) < room { // else it stands without a line between
		apart()
	}
	out = append(out, back...)
	more := p.saidClause(s, w)
	if (to > 0 || p.state().Ended()) && len(more) > 0 {
		more = append([]string{""}, more...)
	}
	if len(out)+len(more) <= room { // all else comes first
		out = append(out, more...)
	}
	return out, from, to
}

// back says where what the target held before is, once the job has ended.
func (p *jobPage) back(w int) []string {
	c := steps.WayBack(p.job, p.cfg.Instant())
	if c.Text == "" {
		return nil
	}
	return wrap(c.Line(), w)
}

// usedUp says whether no file has a link that is not used: how they work is told no more.
func (p *jobPage) usedUp(files []steps.File) bool {
	for i := range files {
		if p.use[i] < steps.Used {
			return p.job.Fetch.Downloaded()
		}
	}
	return true
}

// elapsed is the bar of a job that runs, against what is usual here. Without anything to measure
// by, or past it, there is no bar.
func (p *jobPage) elapsed(s styles, w int) []string {
	now := p.cfg.Instant()
	e, ok := steps.ElapsedOf(p.cfg, p.job, now)
	if _, role := steps.Standing(p.cfg, p.job, now); role == steps.Caution {
		return nil // for how long it has run is not known
	}
	if !ok || p.job.Over(now) || p.job.Unseen {
		return nil
	}
	words := e.Words()
	part, ok := e.Part()
	if !ok {
		style := s.text
		if e.Past() {
			words, style = s.marks.warn+" "+words, s.caution
		}
		lines := wrap(words, w)
		for i := range lines {
			lines[i] = style.Render(lines[i])
		}
		return lines
	}
	const most, least = 30, 10
	n := min(most, w-ansi.StringWidth(words)-2)
	beside := n >= least
	if !beside {
		n = min(most, w)
	}
	full := min(n, int(part*float64(n)))
	bar := s.running.Render(strings.Repeat(s.marks.shaft, full)) + s.dim.Render(strings.Repeat(s.marks.rail, n-full))
	if beside {
		return []string{bar + "  " + words}
	}
	return append([]string{bar}, wrap(words, w)...)
}

// stations are the ones of the job's way, with their times.
func (p *jobPage) stations(s styles, w int) []string {
	now := p.cfg.Instant()
	if p.job.Unseen && !p.job.Gone {
		return nil
	}
	all := steps.Stations(p.job.Follow, now)
	_, role := steps.Standing(p.cfg, p.job, now)
	if p.job.Drill != nil && p.state() == state.Completed {
		role = steps.Good // of the job; what its checks have found is said by them
	}
	between := " " + s.dim.Render(s.marks.now) + " "
	var parts []string
	for i, st := range all {
		text := st.Name
		if !st.At.IsZero() && st.Seen {
			text += " " + st.At.UTC().Format("15:04:05")
			if i == 0 {
				text += " UTC"
			}
		}
		switch {
		case !st.Seen:
			parts = append(parts, s.dim.Render(text))
		case i == len(all)-1 && role == steps.Danger:
			parts = append(parts, s.danger.Render(s.marks.wrong+" "+text))
		default:
			parts = append(parts, s.good.Render(s.marks.ok)+" "+text)
		}
	}
	line := strings.Join(parts, between)
	if ansi.StringWidth(line) <= w {
		return []string{line}
	}
	lines := make([]string, len(parts)) // one below the other
	copy(lines, parts)
	return lines
}

// parts are the collections of a job, a row each, as many as have room.
func (p *jobPage) parts(s styles, w, room int) []string {
	rows := steps.PartRows(p.job.Job)
	if len(rows) == 0 {
		return nil
	}
	name := 0
	for _, r := range rows {
		name = max(name, ansi.StringWidth(r.Name))
	}
	name = min(name, max(12, w-26))
	most := min(len(rows), max(3, room/3))
	var out []string
	for _, r := range rows[:most] {
		mark, style := s.role(r.Role)
		label := ansi.Truncate(r.Name, name, s.marks.more)
		line := style.Render(mark) + " " + s.name.Render(label) + strings.Repeat(" ", name-ansi.StringWidth(label)+2)
		words := r.State
		if r.Docs != "" {
			words += ", " + r.Docs
		}
		out = append(out, line+style.Render(ansi.Truncate(words, max(8, w-name-4), s.marks.more)))
	}
	if more := len(rows) - most; more > 0 {
		out = append(out, s.dim.Render(fmt.Sprintf("  and %d more", more)))
	}
	return append(out, "")
}

// meant are the clauses of a page on which nothing can be highlighted.
func (p *jobPage) meant(s styles, w int) []string {
	var out []string
	for _, prob := range []*state.Problem{p.look.problem, p.cancel.problem, p.fetch.other.problem} {
		if prob != nil {
			out = append(out, problemLines(s, *prob, w)...)
		}
	}
	if p.fetch.other.busy {
		out = append(out, p.fetch.other.waiting(s, w)...)
	}
	if p.cancel.busy {
		out = append(out, p.cancel.waiting(s, w)...)
	}
	for _, c := range steps.JobClauses(p.cfg, p.job, p.look.busy, p.cfg.Instant()) {
		style := s.text
		if c.Warn {
			style = s.danger
		}
		if c.Lead == "" {
			for _, line := range wrap(c.Text, w) {
				out = append(out, style.Render(line))
			}
			continue
		}
		out = append(out, hanging(s.dim.Render(fmt.Sprintf("%-*s", lead, c.Lead)), lead, style, c.Text, w)...)
	}
	return out
}

// others say which jobs were seen beside it.
func (p *jobPage) others(s styles, w int) []string {
	var out []string
	for _, words := range steps.OthersWords(p.job.Plan, p.job.Job, p.job.Others, p.job.Unlisted, p.cfg.Instant()) {
		for _, line := range wrap(words, w) {
			out = append(out, s.danger.Render(line))
		}
	}
	return out
}

// looking says why a look at a download that is ready failed, and how its cancelling stands.
func (p *jobPage) looking(s styles, w int) []string {
	var out []string
	for _, prob := range []*state.Problem{p.look.problem, p.cancel.problem, p.fetch.other.problem} {
		if prob != nil {
			out = append(append(out, ""), problemLines(s, *prob, w)...)
		}
	}
	if p.fetch.other.busy {
		out = append(append(out, ""), p.fetch.other.waiting(s, w)...)
	}
	if p.cancel.busy {
		out = append(append(out, ""), p.cancel.waiting(s, w)...)
	}
	return out
}

// fileColumns are those of the files of a download. The private endpoint gives way first.
func fileColumns() *columns.Grid {
	g := columns.New(columns.Column{Head: "FILE", Flex: true}, columns.Column{Head: "LINK", Rank: 1},
		columns.Column{Head: "EXPIRES", Rank: 1}, columns.Column{Rank: 3, Role: columns.Dim})
	g.Least(1, len(steps.Unused.String())+2) // no column moves by a tick
	return g
}

// fileRows are the files of a download, a row each, below their heads.
func (p *jobPage) fileRows(s styles, files []steps.File, w int) []string {
	now := p.cfg.Instant()
	const lead, private = 2, 3
	var rows [][]string
	var as columns.Layout
	for _, words := range []string{"private endpoint too", "private too"} {
		grid := fileColumns()
		rows = rows[:0]
		for i, f := range files {
			word, expires := f.Standing(p.job.Job, p.use[i], now)
			if p.use[i] == steps.Fetched {
				word = s.marks.ok + " " + word
			}
			row := []string{f.Name, word, expires, ""}
			if f.Private() {
				row[private] = words
			}
			grid.Measure(row...)
			rows = append(rows, row)
		}
		if as = grid.Fit(w - lead); as.Shows(private) {
			break
		}
	}
	out := []string{"  " + s.dim.Render(as.Heads())}
	for i, f := range files {
		mark, name, stands := "  ", s.text, s.caution // it can be lost by waiting
		if p.use[i] == steps.Fetched {
			stands = s.good
		}
		if i == min(p.at, len(files)-1) {
			mark, name = s.selected.Render(s.marks.here)+" ", s.selected
		}
		cells, _ := as.Row(rows[i], 0)
		out = append(out, mark+columns.Line(cells, func(c columns.Cell) string {
			switch {
			case c.Head:
				return name.Render(c.Text)
			case c.Role == columns.Dim:
				return s.dim.Render(c.Text)
			}
			return stands.Render(c.Text)
		}))
		for _, l := range f.Links {
			if l.Open != "" {
				out = append(out, "  "+s.danger.Render(ansi.Truncate(s.marks.wrong+l.Open, w-lead, s.marks.more)))
				break
			}
		}
	}
	return out
}

// todoLines are one thing that remains to be done.
func (p *jobPage) todoLines(s styles, i int, text string, w int) []string {
	box, style := "[ ] ", s.text
	if p.ticked[text] {
		box, style = "["+s.marks.ok+"] ", s.dim
	}
	mark := "  "
	if i == min(p.at, len(p.todo())-1) {
		mark = s.selected.Render(s.marks.here) + " "
		if !p.ticked[text] {
			style = s.selected
		}
	}
	var out []string
	words, command := inMongosh(text)
	lines := wrap(words, w-6)
	switch last := len(lines) - 1; {
	case command == "":
	case ansi.StringWidth(lines[last]+" "+command) <= w-6:
		lines[last] += " " + command
	default: // on lines of its own: it is broken only where it is wider than the window
		lines = append(lines, atEdge(command, w-6)...)
	}
	for n, line := range lines {
		if n > 0 {
			mark, box = "  ", "    "
		}
		out = append(out, mark+style.Render(box+line))
	}
	return out
}

// commandLines show a command whole, from edge to edge, so that the terminal alone folds it and it is
// copied as one line.
func (p *jobPage) commandLines(s styles, w int) []string {
	words, command := inMongosh(p.todo()[p.at])
	out := []string{}
	for _, line := range wrap(words, w-3) {
		out = append(out, "   "+s.dim.Render(line))
	}
	return append(append(out, ""), atEdge(command, w)...)
}

// inMongosh parts what is said from the command for mongosh at its end; it is empty where there is none.
func inMongosh(text string) (words, command string) {
	if i := strings.Index(text, " "+mongoshWord); i >= 0 {
		return text[:i], text[i+1:]
	}
	return text, ""
}

// mongoshWord is how each command for mongosh begins.
const mongoshWord = "db."

// linkLines show one link whole, and the command that fetches it. Each stands on a line of its
// own from edge to edge, so that the terminal alone folds it and it is copied as one line. The
// command gives way where both have no room.
func (p *jobPage) linkLines(s styles, w, h int) []string {
	f := p.file()
	p.link = min(p.link, len(f.Links))
	l := f.Links[p.link-1]
	now, pad := p.cfg.Instant(), "   "
	head := s.title.Render(f.Name)
	if len(f.Links) > 1 {
		head += s.dim.Render(fmt.Sprintf("  link %d of %d, %s", p.link, len(f.Links), l.Where()))
	} else {
		head += s.dim.Render("  " + l.Where())
	}
	stands := f.Line(p.job.Job, p.use[p.at], now)
	link, curl := atEdge(l.URL.Reveal(), w), atEdge(steps.Curl, w)
	out := []string{pad + ansi.Truncate(head, w-2*len(pad), s.marks.more), pad + s.caution.Render(ansi.Truncate(stands, w-2*len(pad), s.marks.more))}
	if len(out)+len(link)+len(curl)+2 <= h {
		out = append(append(out, ""), link...)
		return append(append(out, ""), curl...)
	}
	if len(out)+len(link)+len(curl) <= h {
		return append(append(out, link...), curl...)
	}
	return append(out, link...)
}
