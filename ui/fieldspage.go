package ui

import (
	"context"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"atlas-restore/forms"
	"atlas-restore/state"
	"atlas-restore/ui/steps"
)

// fieldsPage asks for what the delivery type needs besides a snapshot, with the form
// of that type. It feeds the form with what only Atlas knows: the clusters of the
// target project, and how far back point in time reaches.
type fieldsPage struct {
	cfg      steps.Config
	plan     state.Plan
	seen     *steps.Seen
	form     *forms.Form
	ctx      context.Context //nolint:containedctx // the page's life is this context
	schedule load[state.Schedule]
	clusters load[[]state.Cluster]
	asked    string // project id of the last question for clusters
	guided   bool   // flags have said what the fields need: they are taken once it can be checked
}

// guidedMsg has the fields looked at that flags have filled in.
type guidedMsg struct{}

func newFieldsPage(cfg steps.Config, plan state.Plan, seen *steps.Seen, s styles) *fieldsPage {
	g := cfg.Given
	return &fieldsPage{cfg: cfg, plan: plan, seen: seen, guided: g.TargetProject != "" && g.TargetCluster != "", form: forms.New(forms.Options{
		Plan: plan, Now: cfg.Now, Zone: cfg.Zone, Projects: ownFirst(seen.Projects, plan.Project), Styles: formStyles(s, cfg.ASCII),
	})}
}

// ownFirst puts the source's own project on top: the usual target.
func ownFirst(all []state.Project, own state.Project) []state.Project {
	rest := slices.DeleteFunc(slices.Clone(all), func(p state.Project) bool { return p.ID == own.ID })
	return append([]state.Project{own}, rest...)
}

// Init implements page.
func (p *fieldsPage) Init(ctx context.Context) tea.Cmd {
	p.ctx = ctx
	cmds := []tea.Cmd{p.form.Init(), p.targets()}
	if p.guided {
		cmds = append(cmds, func() tea.Msg { return guidedMsg{} }) // in case that nothing has to be loaded
	}
	if p.plan.Delivery == state.PointInTime {
		atlas, cluster := p.cfg.Atlas, p.plan.Cluster
		cmds = append(cmds, p.schedule.start(ctx, "Loading the backup schedule of "+cluster.Name, func(ctx context.Context) (state.Schedule, error) {
			return atlas.Schedule(ctx, cluster)
		}))
	}
	return tea.Batch(cmds...)
}

// targets gives the form the clusters of the target project that is now named, and
// asks Atlas for them where they are not known yet.
func (p *fieldsPage) targets() tea.Cmd {
	project, ok := p.form.TargetProject()
	if !ok || p.form.ClustersFor() == project.ID {
		return nil
	}
	if known, ok := p.seen.Clusters[project.ID]; ok {
		return p.form.SetClusters(project.ID, known, nil)
	}
	if p.clusters.busy && p.asked == project.ID {
		return nil
	}
	return p.askTargets(project)
}

func (p *fieldsPage) askTargets(project state.Project) tea.Cmd {
	p.asked = project.ID
	atlas := p.cfg.Atlas
	return p.clusters.start(p.ctx, "Loading the clusters of "+project.Name, func(ctx context.Context) ([]state.Cluster, error) {
		return atlas.Clusters(ctx, project.ID)
	})
}

// Update implements page.
func (p *fieldsPage) Update(msg tea.Msg) (result, tea.Cmd) {
	if k, ok := msg.(tea.KeyPressMsg); ok {
		switch {
		case key.Matches(k, keyBack()):
			draft := p.form.Draft()
			return back{&draft}, nil
		case key.Matches(k, keyReload()):
			return nil, p.reload()
		}
	}
	gotSchedule, cmd1 := p.schedule.take(msg)
	if gotSchedule && p.schedule.problem == nil {
		p.form.SetWindow(state.RestoreWindow(p.plan.Cluster, p.schedule.value, p.seen.Snapshots, p.cfg.Now()))
	}
	gotClusters, cmd2 := p.clusters.take(msg)
	cmds := []tea.Cmd{cmd1, cmd2}
	if gotClusters {
		cmds = append(cmds, p.gotTargets())
	}
	if !gotSchedule && !gotClusters {
		cmds = append(cmds, p.form.Update(msg), p.targets())
	}
	if p.guided && !p.schedule.busy && !p.clusters.busy {
		p.guided = false
		if p.schedule.err == nil && p.clusters.err == nil {
			if err := p.form.AnswerAll(); err != nil {
				return unguided{err}, tea.Batch(cmds...)
			}
		}
	}
	if p.form.Completed() {
		if instant, target, ok := p.form.Result(); ok {
			draft := p.form.Draft()
			return answered{func(plan state.Plan) state.Plan { return plan.WithFields(instant, target, draft) }}, tea.Batch(cmds...)
		}
		p.form.Reopen()
	}
	return nil, tea.Batch(cmds...)
}

// gotTargets hands the form the answer. A list that came is remembered even if the
// form has meanwhile come to another project; a failure is not, so that naming the
// project again asks again.
func (p *fieldsPage) gotTargets() tea.Cmd {
	if p.clusters.err != nil {
		return p.form.SetClusters(p.asked, nil, p.clusters.err)
	}
	p.seen.Clusters[p.asked] = p.clusters.value
	return p.form.SetClusters(p.asked, p.clusters.value, nil)
}

func (p *fieldsPage) reload() tea.Cmd {
	project, ok := p.form.TargetProject()
	if !ok || p.clusters.busy {
		return nil
	}
	return p.askTargets(project)
}

// View implements page.
func (p *fieldsPage) View(s styles, w, h int) string {
	var notes []string
	for _, l := range []struct {
		busy    bool
		waiting func(styles, int) []string
		problem *state.Problem
	}{
		{p.schedule.busy, p.schedule.waiting, p.schedule.problem},
		{p.clusters.busy, p.clusters.waiting, p.clusters.problem},
	} {
		switch {
		case l.busy:
			notes = append(notes, l.waiting(s, w)...)
		case l.problem != nil:
			notes = append(notes, problemLines(s, *l.problem, w)...)
		}
	}
	p.form.SetStyles(formStyles(s, p.cfg.ASCII))
	p.form.SetSize(w, max(6, h-len(notes)))
	return strings.Join(append([]string{p.form.View()}, notes...), "\n")
}

// Cursor implements page.
func (p *fieldsPage) Cursor() *tea.Cursor { return p.form.Cursor() }

// Meaning implements page.
func (p *fieldsPage) Meaning() said { return said{text: p.form.Meaning()} }

// Keys implements page.
func (p *fieldsPage) Keys() []key.Binding {
	return append(append([]key.Binding{}, p.form.ShortHelp()...), keyBack(), keyReload())
}
