package ui

import (
	"context"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"atlas-restore/forms"
	"atlas-restore/state"
	"atlas-restore/ui/steps"
)

// fieldsPage asks for what the delivery type needs besides a snapshot, with the form
// of that type. It feeds the form with what only Atlas knows: the clusters of the
// target project, and which moments can be had, which stand on a timeline above it.
type fieldsPage struct {
	cfg      steps.Config
	plan     state.Plan
	seen     *steps.Seen
	form     *forms.Form
	ctx      context.Context //nolint:containedctx // the page's life is this context
	past     load[steps.Past]
	drawn    picture
	zoom     time.Duration // of the timeline, by the last jump
	clusters load[[]state.Cluster]
	asked    string // project id of the last question for clusters
	projects load[[]state.Project]
	found    load[[]state.Found] // the clusters of all projects
	seek     seeker              // of a name that no list has
	settling bool                // the fields are filled in: what is awaited is the target's own list
	top      int                 // lines over the form in the last View
	alone    bool                // the moment is all that is asked
	guided   bool                // flags have said what the fields need: they are taken once it can be checked
	of       forms.Options
}

// guidedMsg has the fields looked at that flags have filled in.
type guidedMsg struct{}

func newFieldsPage(cfg steps.Config, plan state.Plan, seen *steps.Seen, point bool, s styles) *fieldsPage {
	g := cfg.Given
	p := &fieldsPage{cfg: cfg, plan: plan, seen: seen, seek: newSeeker(cfg, seen), guided: g.TargetProject != "" && g.TargetCluster != ""}
	return p.with(forms.Options{Finds: true, Point: point}, s)
}

// newMomentPage asks for the moment of which single collections are wanted, and for nothing else.
func newMomentPage(cfg steps.Config, plan state.Plan, seen *steps.Seen, s styles) *fieldsPage {
	p := &fieldsPage{cfg: cfg, plan: plan, seen: seen, seek: newSeeker(cfg, seen), alone: true}
	return p.with(forms.Options{Point: true, Alone: true}, s)
}

// with makes the form.
func (p *fieldsPage) with(o forms.Options, s styles) *fieldsPage {
	o.Plan, o.Now, o.Zone, o.Names = p.plan, p.cfg.Instant, p.cfg.Zone, p.cfg.Names
	o.Styles = formStyles(s, p.cfg.ASCII)
	p.of = o
	p.make()
	return p
}

// make makes the form of what is known by now.
func (p *fieldsPage) make() {
	p.of.Projects = p.seen.KnownProjects()
	p.form = forms.New(p.of)
	p.form.Await(p.found.busy && p.seen.Found == nil) // no command: it is yet to be shown
	if p.plan.Delivery == state.PointInTime {
		p.reach()
	}
}

// reach tells the form which moments can be had, as far as that was seen.
func (p *fieldsPage) reach() {
	p.form.SetReach(p.seen.PastOf(p.plan.Cluster).Reach(p.plan.Cluster, p.seen.Snapshots, p.cfg.Now()))
	p.form.SetUnsure(p.lacks().Words())
}

// lacks is what is not known of which moments can be had.
func (p *fieldsPage) lacks() steps.Lacks {
	return p.seen.LacksOf(p.plan.Cluster, p.seen.Snapshots, p.past.busy || p.ctx == nil)
}

// Init implements page.
func (p *fieldsPage) Init(ctx context.Context) tea.Cmd {
	p.ctx = ctx
	p.settling = false
	cmds := []tea.Cmd{p.form.Init()}
	if !p.alone {
		cmds = append(cmds, p.lists(), p.targets(), p.anywhere(), p.seek.inspect(ctx))
	}
	if p.guided {
		cmds = append(cmds, func() tea.Msg { return guidedMsg{} }) // in case that nothing has to be loaded
	}
	if past := p.seen.PastOf(p.plan.Cluster); p.plan.Delivery == state.PointInTime && (past == nil || !past.Whole() || p.seen.Snapshots == nil) {
		atlas, cluster, seen := p.cfg.Walk(), p.plan.Cluster, p.seen.Snapshots
		cmds = append(cmds, p.past.start(ctx, steps.LoadingPast(cluster), func(ctx context.Context) (steps.Past, error) {
			past, _ := steps.LoadPast(ctx, atlas, cluster, seen) // each part has its own error
			return past, ctx.Err()
		}))
		p.reach() // it is on its way
	}
	return tea.Batch(cmds...)
}

// learn takes what was seen of which moments can be had, and tells what was not.
func (p *fieldsPage) learn() {
	if p.past.problem == nil {
		p.seen.Learn(p.past.value)
		if err := p.past.value.Err(); err != nil {
			problem := state.Explain(p.past.what, err)
			p.past.err, p.past.problem = err, &problem
		}
	}
	p.reach()
}

// lists asks Atlas for the projects where they are not known and one of them is to be named: by a
// person, or by a flag that says no id.
func (p *fieldsPage) lists() tea.Cmd {
	given := ""
	if p.guided {
		given = p.cfg.Given.TargetProject
	}
	if p.projects.busy || !p.seen.WantsProjects(given) {
		return nil
	}
	return p.projects.start(p.ctx, steps.LoadingProjects, p.cfg.Walk().Projects)
}

// gotProjects hands the form the projects. What a flag has named is read anew among all of them.
func (p *fieldsPage) gotProjects() tea.Cmd {
	if p.projects.err != nil {
		return nil
	}
	p.seen.Projects = p.projects.value
	if p.guided {
		p.make()
		return tea.Batch(p.form.Init(), p.targets(), p.anywhere())
	}
	return tea.Batch(p.form.SetProjects(p.seen.KnownProjects()), p.targets())
}

// setFound hands the form the clusters of all projects, each with its project.
func (p *fieldsPage) setFound(all []state.Found) tea.Cmd {
	return tea.Batch(p.form.SetProjects(p.seen.KnownProjects()), p.form.SetFound(all))
}

// anywhere gives the form the clusters of all projects, and asks Atlas for them, once a run.
// Where flags have named the target nobody looks for it.
func (p *fieldsPage) anywhere() tea.Cmd {
	if all := p.seen.Everywhere(); all != nil {
		return p.setFound(all)
	}
	if p.guided || p.found.busy {
		return nil
	}
	return p.askAnywhere()
}

func (p *fieldsPage) askAnywhere() tea.Cmd {
	ask := p.found.start(p.ctx, "Loading the clusters of all projects", p.cfg.Walk().Everywhere)
	return tea.Batch(ask, p.form.Await(p.seen.Found == nil))
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
	atlas := p.cfg.Walk()
	return p.clusters.start(p.ctx, "Loading the clusters of "+project.Name, func(ctx context.Context) ([]state.Cluster, error) {
		return atlas.Clusters(ctx, project.ID)
	})
}

// Update implements page.
func (p *fieldsPage) Update(msg tea.Msg) (result, tea.Cmd) {
	if k, ok := msg.(tea.KeyPressMsg); ok {
		switch {
		case keyBack().has(k):
			draft := p.form.Draft()
			return back{&draft}, nil
		case keyReload().has(k) && !p.alone:
			return nil, p.reload()
		case keySingle().has(k) && p.single():
			draft := p.form.Draft()
			instant, _ := p.form.Point()
			return other{func(s *steps.Session) { s.Single(draft, instant) }}, nil
		case keyWhen().has(k) && p.form.Focus() == forms.FieldMoment:
			draft := p.form.Draft()
			return other{func(s *steps.Session) {
				s.Plan.Draft = draft
				s.When()
			}}, nil
		}
		if by := p.jump(k); by != 0 {
			p.form.Move(by)
			return nil, nil
		}
		p.zoom = 0
	}
	if done, taken, cmd := p.seek.take(p.ctx, msg); done {
		return nil, tea.Batch(cmd, p.anywhere())
	} else if taken {
		return nil, cmd
	}
	gotPast, cmd1 := p.past.take(msg)
	if gotPast {
		p.learn()
	}
	gotClusters, cmd2 := p.clusters.take(msg)
	gotFound, cmd3 := p.found.take(msg)
	gotProjects, cmd4 := p.projects.take(msg)
	cmds := []tea.Cmd{cmd1, cmd2, cmd3, cmd4}
	if gotProjects {
		cmds = append(cmds, p.gotProjects())
	}
	if gotClusters {
		cmds = append(cmds, p.gotTargets())
	}
	if gotFound && !p.found.busy {
		cmds = append(cmds, p.form.Await(false))
	}
	if gotFound && !p.found.busy && p.found.problem == nil {
		p.seen.Found = p.found.value
		cmds = append(cmds, p.anywhere(), p.seek.inspect(p.ctx))
	}
	if !gotPast && !gotClusters && !gotFound && !gotProjects {
		cmds = append(cmds, p.form.Update(msg))
		if !p.alone {
			cmds = append(cmds, p.targets(), p.seek.lacks(p.form.Lacking()))
		}
	}
	if p.guided && !p.past.busy && !p.clusters.busy && !p.projects.busy {
		p.guided = false
		if p.past.err == nil && p.clusters.err == nil && p.projects.err == nil {
			p.form.First()
			if err := p.form.AnswerAll(); err != nil {
				return unguided{err}, tea.Batch(append(cmds, p.lists())...) // somebody chooses now
			}
		}
	}
	if p.form.Completed() && p.alone {
		if instant, _, ok := p.form.Result(); ok {
			draft := p.form.Draft()
			return answered{func(plan state.Plan) state.Plan { return plan.WithPoint(instant, draft) }}, tea.Batch(cmds...)
		}
		p.form.Reopen()
	}
	if p.form.Completed() {
		if cmd, waits := p.settle(); waits {
			return nil, tea.Batch(append(cmds, cmd)...)
		}
		if instant, target, ok := p.form.Result(); ok {
			draft := p.form.Draft()
			return answered{func(plan state.Plan) state.Plan { return plan.WithFields(instant, target, draft) }}, tea.Batch(cmds...)
		}
		p.form.Reopen()
	}
	return nil, tea.Batch(cmds...)
}

// settle has the target's own list loaded before the fields are left, if a list told of it that
// does not tell all. Where it cannot be loaded the checks say so.
func (p *fieldsPage) settle() (cmd tea.Cmd, waits bool) {
	project, ok := p.form.TargetProject()
	if _, known := p.seen.Clusters[project.ID]; !ok || known {
		return nil, false
	}
	busy := p.clusters.busy && p.asked == project.ID
	switch {
	case busy:
		return nil, true
	case p.settling && p.asked == project.ID: // it has failed
		p.settling = false
		return nil, false
	}
	p.settling = true
	return p.askTargets(project), true
}

// gotTargets hands the form the answer. A list that came is remembered even if the
// form has meanwhile come to another project; a failure is not, so that naming the
// project again asks again.
func (p *fieldsPage) gotTargets() tea.Cmd {
	if p.clusters.err != nil {
		return p.form.SetClusters(p.asked, nil, p.clusters.err)
	}
	p.seen.Clusters[p.asked] = p.clusters.value
	cmd := p.form.SetClusters(p.asked, p.clusters.value, nil)
	if all := p.seen.Everywhere(); all != nil {
		cmd = tea.Batch(cmd, p.setFound(all))
	}
	return cmd
}

func (p *fieldsPage) reload() tea.Cmd {
	var cmds []tea.Cmd
	p.clusters.stop() // each may hang
	p.found.stop()
	p.projects.stop()
	if project, ok := p.form.TargetProject(); ok {
		cmds = append(cmds, p.askTargets(project))
	}
	return tea.Batch(append(cmds, p.askAnywhere(), p.lists())...)
}

// View implements page.
func (p *fieldsPage) View(s styles, w, h int) string {
	var notes []string
	for _, l := range []struct {
		busy    bool
		waiting func(styles, int) []string
		problem *state.Problem
	}{
		{p.past.busy, p.past.waiting, p.past.problem},
		{p.clusters.busy, p.clusters.waiting, p.clusters.problem},
		{p.projects.busy && !p.clusters.busy && !p.found.busy, p.projects.waiting, p.projects.problem},
		{p.found.busy && !p.clusters.busy, p.found.waiting, nil},
		{p.seek.load.busy, p.seek.load.waiting, nil},
	} {
		switch {
		case l.busy:
			notes = append(notes, l.waiting(s, w)...)
		case l.problem != nil:
			notes = append(notes, problemLines(s, *l.problem, w)...)
		}
	}
	if p.form.Completed() && p.clusters.busy {
		notes = append(notes, wrap("Then "+p.form.Draft().TargetCluster+" is taken, and the plan is shown.", w)...)
	}
	if p.found.problem != nil {
		notes = append(notes, goesOn(s, *p.found.problem, "Look by project: tab.", w)...)
	}
	p.top = 0
	var lines []string
	if n, gap := p.timelineHeight(h, h-len(notes)-p.form.Least()); n > 0 {
		t := p.timeline()
		lines = timelineLines(s, t, p.drawn.trackOf(t, w), n)
		if gap {
			lines = append(lines, "")
		}
		p.top = len(lines)
	}
	p.form.SetStyles(formStyles(s, p.cfg.ASCII))
	p.form.SetSize(w, max(6, h-len(notes)-len(lines)))
	return strings.Join(slices.Concat(lines, []string{p.form.View()}, notes), "\n")
}

// timelineHeight is what is left for the timeline while the moment is asked, and whether a line can stay empty
// below it. The fields come first: they leave it room, and all of them are in view whatever is wrong with one.
func (p *fieldsPage) timelineHeight(h, room int) (n int, gap bool) {
	switch f := p.form.Focus(); {
	case p.plan.Delivery != state.PointInTime || f == forms.FieldProject || f == forms.FieldCluster:
		return 0, false
	case h >= 18:
		n = 4
	case h >= 9:
		n = 3
	case h >= 8:
		n = 2
	}
	if n = min(n, room); n < 2 {
		return 0, false
	}
	return n, n > 2 && room > n
}

// timeline has the moment that is typed for its cursor.
func (p *fieldsPage) timeline() steps.Timeline {
	t := p.drawn.timeline(p.seen, p.plan.Cluster, p.seen.Snapshots, p.lacks(), p.cfg.Instant())
	t.At, _ = p.form.Moment()
	t.Close = p.zoom
	return t
}

// jump is how far a key moves the moment, while that is asked for: by minutes too, and on
// a timeline that shows so little.
func (p *fieldsPage) jump(k tea.KeyPressMsg) time.Duration {
	if p.form.Focus() != forms.FieldMoment {
		return 0
	}
	by, zoom := jump(k), 24*time.Hour
	_, valid := p.form.Moment()
	switch key := k.String(); {
	case !valid: // what is no moment yet cannot be moved a little
	case key == "up":
		by, zoom = time.Minute, 3*time.Hour
	case key == "down":
		by, zoom = -time.Minute, 3*time.Hour
	case key == "ctrl+up":
		by, zoom = time.Second, 3*time.Hour
	case key == "ctrl+down":
		by, zoom = -time.Second, 3*time.Hour
	}
	switch k.String() {
	case "ctrl+left", "ctrl+right":
		zoom = 0
	}
	if by != 0 {
		p.zoom = zoom
	}
	return by
}

// Cursor implements page.
func (p *fieldsPage) Cursor() *tea.Cursor {
	c := p.form.Cursor()
	if c != nil {
		c.Y += p.top
	}
	return c
}

// Meaning implements page.
func (p *fieldsPage) Meaning() said { return said{text: p.form.Meaning()} }

// Keys implements page.
func (p *fieldsPage) Keys() []action {
	if p.form.Focus() == forms.FieldMoment {
		keys := []action{act("enter", "go on", "enter")}
		if _, ok := p.form.Moment(); ok {
			keys = append(keys, act("↑↓", "a minute on, back", "up", "down").moving())
		}
		keys = append(keys, keyBack())
		if p.single() { // what erases nothing is in every window
			keys = append(keys, keySingle())
		}
		keys = append(append(keys, bound(p.form.ShortHelp()[1:]...)...), keyWhen())
		return append(append(keys, jumpKeys()...), act("ctrl+↑↓", "a second", "ctrl+up", "ctrl+down").moving(), keyReload().aside())
	}
	reload := keyReload().aside()
	if p.form.Barred() { // it may have ended meanwhile
		reload = keyReload()
	}
	keys := append(bound(p.form.ShortHelp()...), keyBack(), reload)
	if p.single() {
		keys = append(keys, keySingle().aside())
	}
	if _, says := find(keys, keyChoose().press()); !says {
		keys = append(keys, keyChoose().aside()) // the field says what has to be chosen first
	}
	return append(keys, moves()...)
}

// single says whether single collections can be chosen in the place of the whole cluster.
func (p *fieldsPage) single() bool { return !p.alone && steps.CanSingle(p.plan) }

func keySingle() action {
	o := steps.SingleOther()
	return act(o.Key, o.Help, o.Key)
}

// Writes implements page.
func (p *fieldsPage) Writes() bool { return true }

// words are the timeline as a help page has it.
func (p *fieldsPage) words() string {
	if p.plan.Delivery != state.PointInTime {
		return ""
	}
	return p.timeline().Words()
}
