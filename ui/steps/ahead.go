package steps

import (
	"cmp"
	"context"
	"slices"

	"atlas-restore/state"
	"atlas-restore/state/incident"
	"atlas-restore/state/submit"
)

// Ahead asks Atlas now for what the rest of the way will need, as far as the answers that
// flags have given tell it already, so that it comes with one trip: the steps then find it
// asked. Only what is certainly used is asked for; what a later answer makes useless is
// stopped. A cluster that no list has shown yet is taken for what it was when this machine
// restored from it last, or else for a replica set.
func (s *Session) Ahead(ctx context.Context) {
	w, ok := s.Cfg.Walk().(*walk)
	step := s.Step()
	if !ok || s.Cfg.Resume != nil || step == state.StepReview { // which comes for what it needs
		return
	}
	f := foreseen{w: w}
	if step >= state.StepProject && step < state.StepReview {
		s.foresee(&f, step)
	}
	if cluster := s.Plan.Cluster; (step == state.StepSnapshot || step == StepWhen || step == StepMoment) && cluster.PITEnabled {
		f.by(true, func() { // what a step aside leaves there is come for here
			f.past(cluster)
			f.schedule(cluster)
			f.jobs(cluster)
		})
	}
	s.goOn(&f)
	w.only(ctx, f.names)
	if f.confirmed {
		s.Cfg.expectWrite(ctx)
	}
	for _, ask := range f.asks {
		ask(ctx)
	}
}

// ReadsAhead is about how many reads will be made beside each other on a way for which flags
// give these answers.
func ReadsAhead(g state.Given) int {
	missing := g.Missing()
	switch {
	case len(missing) == 0 || slices.Equal(missing, []string{state.FlagConfirm}):
		return 10
	case g.Project != "" && g.Cluster != "":
		return 4
	}
	return 1
}

// goOn has the lists of the first page go on that was left before they came: a target is named from
// both.
func (s *Session) goOn(f *foreseen) {
	if s.Plan.Delivery == state.Download || s.Step() == StepJob {
		return
	}
	g := s.Cfg.Given
	f.by(true, func() {
		if s.Seen.WantsProjects(g.TargetProject) {
			foresee(f, projectsName, f.w.Atlas.Projects)
		}
		if s.Seen.Found == nil && (g.TargetProject == "" || g.TargetCluster == "") {
			foresee(f, foundName, f.w.Atlas.Everywhere)
		}
	})
}

// foreseen are the questions that will be asked.
type foreseen struct {
	w         *walk
	names     []string
	asks      []func(context.Context)
	confirmed bool // so is the request
}

func foresee[T any](f *foreseen, name string, call func(context.Context) (T, error)) {
	if slices.Contains(f.names, name) {
		return
	}
	f.names = append(f.names, name)
	f.asks = append(f.asks, func(ctx context.Context) { ahead(ctx, f.w, name, call) })
}

// by has something foreseen. What the open step asks by itself is not asked for it, and goes on
// if it is on its way.
func (f *foreseen) by(itself bool, foresee func()) {
	n := len(f.asks)
	if foresee(); itself {
		f.asks = f.asks[:n]
	}
}

func (f *foreseen) clusters(projectID string) {
	foresee(f, clustersOf(projectID), func(ctx context.Context) ([]state.Cluster, error) { return f.w.Atlas.Clusters(ctx, projectID) })
}

func (f *foreseen) snapshots(c state.Cluster) {
	foresee(f, snapshotsOf(c), func(ctx context.Context) ([]state.Snapshot, error) { return f.w.Atlas.Snapshots(ctx, c) })
}

func (f *foreseen) schedule(c state.Cluster) {
	foresee(f, scheduleOf(c), func(ctx context.Context) (state.Schedule, error) { return f.w.Atlas.Schedule(ctx, c) })
}

// past is what a page asks as one, of which the parts are foreseen by themselves.
func (f *foreseen) past(c state.Cluster) {
	for _, snapshots := range []bool{true, false} {
		foresee(f, pastOf(c, snapshots), func(ctx context.Context) (Past, error) { return LoadPast(ctx, f.w, c, nil) })
	}
}

func (f *foreseen) jobs(c state.Cluster) {
	foresee(f, jobsOf(c), func(ctx context.Context) ([]state.Job, error) { return f.w.Atlas.Jobs(ctx, c) })
}

func (f *foreseen) collectionJobs(of state.Family, c state.Cluster) {
	if of == state.Dedicated { // a flex cluster has none, and comes onto no other
		foresee(f, collectionJobsOf(c), func(ctx context.Context) ([]state.Job, error) { return f.w.Atlas.CollectionJobs(ctx, c) })
	}
}

func (f *foreseen) base(c state.Cluster, i state.Instant) {
	if c.Family == state.Dedicated && !c.Type.IsSharded() { // else it is found among the snapshots
		foresee(f, baseOf(c, i), func(ctx context.Context) (state.Snapshot, error) { return f.w.Atlas.BaseSnapshot(ctx, c, i) })
	}
}

func (f *foreseen) lag(cfg Config, c state.Cluster) {
	foresee(f, lagOf(c), func(ctx context.Context) ([]incident.Noted, error) { return lagged(ctx, f.w.Atlas, c, cfg.Now()) })
}

// foresee says what will be asked from this step on.
func (s *Session) foresee(f *foreseen, step state.Step) {
	g, p := s.Cfg.Given, s.Plan
	delivery := state.DeliveryType(g.Delivery)
	if step > state.StepDelivery {
		delivery = p.Delivery
	}
	byMoment := s.byMoment(delivery)
	all := s.answersAll(step, delivery) // nobody is asked anything before the review
	if all && delivery.HasTarget() {
		foresee(f, "roles", f.w.Atlas.Roles)
	}
	f.confirmed = all && g.Confirm != "" && !s.Cfg.sendsNothing()
	project := p.Project.ID
	if step == state.StepProject {
		if project = s.idOf(g.Project); project == "" {
			return // its name has to be looked up first
		}
	}
	if step <= state.StepCluster && s.Seen.Clusters[project] == nil && !s.Seen.All[project] {
		f.by(step == state.StepCluster, func() { f.clusters(project) })
	}
	source := p.Cluster
	if step <= state.StepCluster {
		if g.Cluster == "" {
			return
		}
		source = s.supposed(project, g.Cluster)
	}
	switch past := s.Seen.PastOf(source); {
	case byMoment && step <= state.StepFields && (past == nil || !past.Whole()):
		f.by(true, func() { f.past(source) })
		f.by(step == state.StepFields, func() {
			f.schedule(source)
			f.jobs(source)
			if s.Seen.Snapshots == nil {
				f.snapshots(source)
			}
		})
	case !byMoment && step <= state.StepSnapshot:
		f.by(step == state.StepSnapshot, func() { f.snapshots(source) })
	}
	if !all {
		return
	}
	if f.confirmed || delivery.HasTarget() {
		f.jobs(source)
	}
	if delivery.HasTarget() {
		s.foreseeTarget(f, source)
	}
	if i, ok := g.Instant(s.Cfg.Now(), s.Cfg.Zone); ok && byMoment {
		f.base(source, i)
		f.lag(s.Cfg, source)
	}
}

// foreseeTarget says what will be asked of the cluster that is overwritten.
func (s *Session) foreseeTarget(f *foreseen, source state.Cluster) {
	project := source.ProjectID
	if s.Cfg.Given.TargetProject != s.Cfg.Given.Project {
		project = s.idOf(s.Cfg.Given.TargetProject)
	}
	if project == "" {
		if s.Seen.WantsProjects(s.Cfg.Given.TargetProject) {
			foresee(f, projectsName, f.w.Atlas.Projects)
		}
		return
	}
	if s.Seen.Clusters[project] == nil {
		f.clusters(project)
	}
	target := s.supposed(project, s.Cfg.Given.TargetCluster)
	others, _ := submit.Others(source, target, s.Cfg.Endpoint, s.Cfg.History, s.Cfg.Now())
	for _, c := range others {
		f.jobs(c)
	}
	for _, c := range ends(source, target) {
		f.collectionJobs(source.Family, c)
	}
}

// answersAll says whether flags answer all that is asked from a step on to the review.
func (s *Session) answersAll(step state.Step, d state.DeliveryType) bool {
	g := s.Cfg.Given
	has := func(until state.Step, answers ...string) bool {
		return step > until || !slices.Contains(answers, "")
	}
	if !has(state.StepProject, g.Project) || !has(state.StepCluster, g.Cluster) || d == "" {
		return false
	}
	if !s.byMoment(d) && !has(state.StepSnapshot, g.Snapshot) {
		return false
	}
	if d == state.Collections && s.Plan.Only.IsZero() && (g.Only == nil || len(g.Only.Names) == 0) {
		return false
	}
	if s.byMoment(d) && !s.Plan.ByMoment() && !has(state.StepFields, cmp.Or(g.At, g.UTCSeconds, g.OplogTs)) {
		return false
	}
	return d == state.Download || has(state.StepFields, g.TargetProject, g.TargetCluster)
}

// byMoment says whether the data of a delivery are of a moment, by what was answered and given.
func (s *Session) byMoment(d state.DeliveryType) bool {
	return d == state.PointInTime || d == state.Collections && (s.Plan.ByMoment() || s.Cfg.Given.HasMoment())
}

// idOf is the id of a project that a flag names, as far as it is known; empty if it is not.
func (s *Session) idOf(given string) string {
	if state.CheckID(given) == nil {
		return given
	}
	id := ""
	for _, p := range s.Seen.Projects {
		if p.Name == given && id != "" {
			return "" // which one is not known
		}
		if p.Name == given {
			id = p.ID
		}
	}
	return id
}

// supposed is a cluster that flags name: as it was listed, or as this machine has met it last.
func (s *Session) supposed(projectID, name string) state.Cluster {
	for _, c := range s.Seen.Clusters[projectID] {
		if c.Name == name {
			return c
		}
	}
	for _, f := range s.Seen.Found {
		if f.Project.ID == projectID && f.Cluster.Name == name {
			return f.Cluster
		}
	}
	c := state.Cluster{ProjectID: projectID, Name: name, Type: state.ReplicaSet}
	for _, h := range s.Cfg.History {
		if h.Endpoint != s.Cfg.Endpoint {
			continue
		}
		switch at := h.Body; {
		case h.ProjectID == projectID && h.ClusterName == name:
			c.Family, c.Type = at.Family, state.ReplicaSet
			if len(h.ReplicaSets) > 1 {
				c.Type = state.Sharded
			}
		case at.TargetProjectID == projectID && at.TargetClusterName == name:
			c.Family = at.Family
		}
	}
	return c
}

// Heard says that somebody was heard: what Atlas has answered before may have changed since. Lists
// that stay known for the run are kept all the same.
func (s *Session) Heard() {
	w, ok := s.Cfg.Walk().(*walk)
	if !ok {
		return
	}
	gone := w.heard()
	keep(gone, projectsName, &s.Seen.Projects)
	keep(gone, foundName, &s.Seen.Found)
	for _, snapshots := range []bool{true, false} {
		q, ok := gone[pastOf(s.Plan.Cluster, snapshots)].(*asking[Past])
		if known := s.Seen.PastOf(s.Plan.Cluster); ok && q.err == nil && (known == nil || !known.Whole()) {
			s.Seen.Learn(q.value)
		}
	}
}

// Anew says that somebody wants asked anew what is on its way.
func (s *Session) Anew() {
	if w, ok := s.Cfg.Walk().(*walk); ok {
		w.anew()
	}
}

// expectWrite gets ready what the request needs that is about to be confirmed, where Atlas is
// reached in a way that can be got ready.
func (c Config) expectWrite(ctx context.Context) {
	w, ok := c.Atlas.(*witness)
	if !ok {
		return
	}
	if r, ok := w.client.(interface{ ExpectWrite(ctx context.Context) }); ok {
		r.ExpectWrite(ctx)
	}
}
