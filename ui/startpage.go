package ui

import (
	"context"
	"strings"

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
	seen     *steps.Seen
	given    string          // the cluster that a flag names; empty for none
	top      int             // lines over the projects in the last View
	front    bool            // the clusters are shown
	asked    bool            // for the clusters, in this life of the page
	chosen   bool            // somebody has said which of both is wanted, or is busy with one
	ctx      context.Context //nolint:containedctx // the page's life is this context
}

func newStartPage(cfg steps.Config, plan state.Plan, seen *steps.Seen) *startPage {
	given := cfg.Given
	if given.Project != "" {
		given.Cluster = "" // it is looked for there
	}
	of := cfg
	of.Given = given
	p := &startPage{projects: newListPage(steps.Projects(cfg, plan, seen)), clusters: newListPage(steps.Find(of, plan, seen)), seen: seen, given: given.Cluster}
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
	p.ctx = ctx
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

// Update implements page.
func (p *startPage) Update(msg tea.Msg) (result, tea.Cmd) {
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
		lines := wrap(s.marks.warn+" "+l.problem.What+" "+l.problem.Why+" The projects can be chosen all the same.", w)
		if len(lines) > 2 {
			lines = append(lines[:1], ansi.Truncate(strings.Join(lines[1:], " "), w, s.marks.more))
		}
		for i := range lines {
			lines[i] = s.caution.Render(lines[i])
		}
		return lines
	}
	return nil
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
