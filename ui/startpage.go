package ui

import (
	"cmp"
	"context"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"atlas-restore/state"
	"atlas-restore/ui/steps"
)

// startPage is the first page: the clusters of all projects, of which one answers two steps at
// once. The projects alone are a key away, and are what shows until the clusters are known, or
// where they cannot be listed.
type startPage struct {
	projects *listPage[state.Project]
	clusters *listPage[state.Found]
	cfg      steps.Config
	seen     *steps.Seen
	glances  map[string]steps.Glance // what was looked up, by steps.GlanceOf
	rests    string                  // on what the highlight rests
	gen      int                     // of that
	seek     seeker                  // of a name that no list has
	leave    context.CancelFunc      // of what is looked up
	given    string                  // the cluster that a flag names; empty for none
	top      int                     // lines over the projects in the last View
	front    bool                    // the clusters are shown
	asked    bool                    // for the clusters, in this life of the page
	chosen   bool                    // somebody has said which of both is wanted, or is busy with one
	ctx      context.Context         //nolint:containedctx // the page's life is this context
}

func newStartPage(cfg steps.Config, plan state.Plan, seen *steps.Seen) *startPage {
	given := cfg.Given
	if given.Project != "" {
		given.Cluster = "" // it is looked for there
	}
	of := cfg
	of.Given = given
	p := &startPage{projects: newListPage(steps.Projects(cfg, plan, seen)), clusters: newListPage(steps.Find(of, plan, seen)), cfg: cfg, seen: seen, given: given.Cluster, glances: map[string]steps.Glance{}, leave: func() {}, seek: newSeeker(cfg, seen)}
	p.clusters.list.Meaning = p.means(p.clusters.list.Meaning)
	p.front = given.Project == "" && (given.Cluster != "" || p.clusters.load.whole)
	return p
}

// shown is the list in front.
func (p *startPage) shown() page {
	if p.front {
		return p.clusters
	}
	return p.projects
}

// Init implements page. Where a flag has named the project nothing is asked beside it.
func (p *startPage) Init(ctx context.Context) tea.Cmd {
	p.ctx, p.rests = ctx, ""
	p.asked = false
	if p.projects.list.Given != "" {
		return p.projects.Init(ctx)
	}
	if p.clusters.list.Given != "" {
		return p.find()
	}
	return tea.Batch(p.projects.Init(ctx), p.clusters.renew(p.seen.Everywhere()), p.find())
}

// find asks for the clusters of all projects, once for a run.
func (p *startPage) find() tea.Cmd {
	p.asked = true
	return p.clusters.Init(p.ctx)
}

// restedMsg says that the highlight has rested for a while, if it still does.
type restedMsg struct {
	owner *startPage
	gen   int
}

// glancedMsg is what was looked up of the cluster on which it rests.
type glancedMsg struct {
	owner  *startPage
	glance steps.Glance
}

// lacked is a name that nothing matches; empty while something does.
func (p *startPage) lacked() string {
	if pick := p.clusters.pick; p.front && p.clusters.load.part() == (part{}) && pick.sets > 0 && len(pick.shown) == 0 && !pick.searching() {
		return pick.filter.Value()
	}
	return ""
}

// foundOut shows what has come of looking for it.
func (p *startPage) foundOut() tea.Cmd {
	if p.seek.everywhere() {
		p.clusters.pick.lacks = "any project, terminated ones too."
	}
	return p.clusters.renew(p.seen.Everywhere())
}

// Update implements page.
func (p *startPage) Update(msg tea.Msg) (result, tea.Cmd) {
	if done, taken, cmd := p.seek.take(p.ctx, msg); done {
		return nil, tea.Batch(cmd, p.foundOut())
	} else if taken {
		return nil, cmd
	}
	switch msg := msg.(type) {
	case restedMsg:
		if msg.owner == p && msg.gen == p.gen {
			return nil, p.look()
		}
		return nil, nil
	case glancedMsg:
		if msg.owner == p {
			return nil, p.glanced(msg.glance)
		}
		return nil, nil
	}
	res, cmd := p.update(msg)
	if res != nil {
		return res, cmd
	}
	return nil, tea.Batch(cmd, p.rest(), p.seek.lacks(p.lacked()))
}

// rest begins to wait where the highlight has come to another cluster.
func (p *startPage) rest() tea.Cmd {
	f, of := p.current(), ""
	if f != nil {
		of = steps.GlanceOf(*f)
	}
	if of == p.rests {
		return nil
	}
	p.rests = of
	p.gen++
	p.leave() // nobody waits for it any more
	_, known := p.glances[of]
	if f == nil || f.Unreadable != "" || f.Cluster.Restorable() != nil || known || p.cfg.Rest < 0 {
		return nil
	}
	msg := restedMsg{p, p.gen}
	return tea.Tick(cmp.Or(p.cfg.Rest, steps.Rest), func(time.Time) tea.Msg { return msg })
}

// current is the cluster that is highlighted; nil for none.
func (p *startPage) current() *state.Found {
	if i, ok := p.clusters.pick.current(); ok && p.front {
		return &p.clusters.load.value[i]
	}
	return nil
}

// look looks up the cluster on which the highlight rests.
func (p *startPage) look() tea.Cmd {
	f := p.current()
	if f == nil {
		return nil
	}
	cfg, of, known := p.cfg, *f, p.seen.Clusters[f.Project.ID]
	if known == nil && f.Whole {
		known = p.seen.Dedicated[f.Project.ID]
	}
	ctx, leave := context.WithCancel(p.ctx)
	p.leave = leave
	return func() tea.Msg {
		g := steps.LoadGlance(ctx, cfg, of, known)
		if ctx.Err() != nil {
			return nil
		}
		return glancedMsg{p, g}
	}
}

// glanced keeps what was looked up. What its project's list tells of other clusters is shown
// in their rows.
func (p *startPage) glanced(g steps.Glance) tea.Cmd {
	p.glances[g.Of] = g
	if g.Clusters == nil {
		return nil
	}
	id, _, _ := strings.Cut(g.Of, "/")
	if _, known := p.seen.Clusters[id]; !known {
		p.seen.Clusters[id] = g.Clusters
	}
	return p.clusters.renew(p.seen.Everywhere())
}

// means is what a row means, with what was looked up of it.
func (p *startPage) means(usual func(state.Found, bool) string) func(state.Found, bool) string {
	return func(f state.Found, ok bool) string {
		if g, known := p.glances[steps.GlanceOf(f)]; ok && known {
			return p.cfg.ProvenBehind(g.Words(p.cfg.Now()), f.Project, f.Cluster.Name)
		}
		return usual(f, ok)
	}
}

func (p *startPage) update(msg tea.Msg) (result, tea.Cmd) {
	if k, ok := msg.(tea.KeyPressMsg); ok {
		if keyTurn().has(k) {
			return nil, p.turn()
		}
		res, cmd := p.shown().Update(k)
		if !p.front && keyReload().has(k) && p.clusters.load.problem != nil {
			cmd = tea.Batch(cmd, p.clusters.reload())
		}
		return res, cmd
	}
	if _, ok := msg.(tea.PasteMsg); ok {
		return p.shown().Update(msg)
	}
	waiting := p.clusters.pick.sets == 0
	res, cmd := p.projects.Update(msg)
	found, more := p.clusters.Update(msg)
	if res == nil {
		res = found
	}
	cmd = tea.Batch(cmd, more)
	if waiting && p.clusters.pick.sets > 0 {
		cmd = tea.Batch(cmd, p.known())
	}
	if _, cannot := found.(unguided); cannot {
		cmd = tea.Batch(cmd, p.projects.Init(p.ctx), p.alike())
	}
	if l := &p.clusters.load; p.front && l.problem != nil && !l.have {
		p.front = false
		if !p.projects.load.have && !p.projects.load.busy {
			cmd = tea.Batch(cmd, p.projects.Init(p.ctx))
		}
	}
	return res, cmd
}

// alike shows the clusters of the name that a flag says, where there are several.
func (p *startPage) alike() tea.Cmd {
	for _, f := range p.clusters.load.value {
		if f.Cluster.Name == p.given {
			return p.clusters.pick.retype(p.given)
		}
	}
	return nil
}

// known brings the clusters to the front once they are, unless somebody is busy with the
// projects: no list changes under a hand.
func (p *startPage) known() tea.Cmd {
	typed := p.projects.pick.filter.Value()
	if p.chosen || p.projects.pick.moved || typed != "" && len(p.projects.pick.shown) > 0 || p.projects.list.Given != "" {
		return nil
	}
	p.front = true
	if typed == "" {
		return nil
	}
	p.projects.pick.clear()
	return p.clusters.pick.retype(typed)
}

// turn shows the other list.
func (p *startPage) turn() tea.Cmd {
	p.chosen = true
	p.front = !p.front
	switch {
	case p.front && !p.asked:
		return p.find()
	case !p.front && !p.projects.load.have && !p.projects.load.busy && p.projects.load.problem == nil:
		return p.projects.Init(p.ctx)
	case p.front:
		return p.clusters.pick.show()
	}
	return p.projects.pick.show()
}

// View implements page. Over the projects stands what becomes of the clusters.
func (p *startPage) View(s styles, w, h int) string {
	if p.front && p.seek.load.busy {
		top := p.seek.load.waiting(s, w)
		return strings.Join(append([]string{p.clusters.View(s, w, max(2, h-len(top)))}, top...), "\n")
	}
	if p.front {
		return p.clusters.View(s, w, h)
	}
	top := p.beside(s, w)
	p.top = len(top)
	return strings.Join(append(top, p.projects.View(s, w, max(2, h-len(top)))), "\n")
}

// beside says what becomes of the clusters while the projects are shown.
func (p *startPage) beside(s styles, w int) []string {
	l := &p.clusters.load
	switch {
	case p.projects.load.busy || p.projects.load.problem != nil:
		return nil // one thing at a time
	case l.busy:
		return l.waiting(s, w)
	case l.problem != nil:
		return goesOn(s, *l.problem, "The projects can be chosen all the same.", w)
	}
	return nil
}

// goesOn says in two lines what failed, and how one goes on without it.
func goesOn(s styles, p state.Problem, how string, w int) []string {
	lines := wrap(s.marks.warn+" "+p.What+" "+p.Why+" "+how, w)
	if len(lines) > 2 {
		lines = append(lines[:1], ansi.Truncate(strings.Join(lines[1:], " "), w, s.marks.more))
	}
	for i := range lines {
		lines[i] = s.caution.Render(lines[i])
	}
	return lines
}

// Cursor implements page.
func (p *startPage) Cursor() *tea.Cursor {
	c := p.shown().Cursor()
	if c != nil && !p.front {
		c.Y += p.top
	}
	return c
}

// Meaning implements page.
func (p *startPage) Meaning() said { return p.shown().Meaning() }

// Keys implements page.
func (p *startPage) Keys() []action {
	turn := keyTurn()
	turn.name = "find a cluster"
	if p.front {
		turn.name = "projects only"
	}
	keys := p.shown().Keys()
	if !p.front && p.projects.load.problem != nil {
		return append(keys, turn) // the ways out come first
	}
	for i, a := range keys {
		if a.shown == "esc" {
			return append(append(append([]action{}, keys[:i]...), turn), keys[i:]...)
		}
	}
	return append(keys, turn)
}

// Writes implements page.
func (p *startPage) Writes() bool { return p.shown().Writes() }

// Asks implements asking: the question depends on the list that is shown.
func (p *startPage) Asks() string {
	if p.front {
		return p.clusters.list.Ask
	}
	return ""
}
