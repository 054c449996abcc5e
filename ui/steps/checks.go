package steps

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/journal"
	"atlas-restore/state/submit"
)

// Gather gives the looks that the checks of the review need, made all at once; nil where
// they were made already. Whatever is known while others are still awaited is reported as a
// part. A download overwrites nothing: what was listed is enough for it, but for who may
// fetch it. Whoever calls what it gives has to hand each answer to Gathered.
func (s *Session) Gather() func(context.Context) state.Facts {
	if s.Step() != state.StepReview || s.checks != nil && state.Awaited(s.checks) == nil {
		return nil
	}
	cfg, plan := s.Cfg, s.Plan
	f := state.Facts{Plan: plan, Names: cfg.Names, Now: cfg.Now(), Snapshot: plan.Snapshot, Snapshots: s.Seen.Snapshots, Source: plan.Cluster, Safety: s.wantsSafety(), Agreed: s.agreed(), Endpoint: cfg.Endpoint}
	f.Refused = s.refusedOnto(plan.Target)
	f.Fetches = func(id string) string { return cfg.fetchesOf(id, plan.Cluster, cfg.Out) }
	past, onto, names := s.Seen.PastOf(plan.Cluster), s.target(), s.Seen.Names
	replay := s.replay
	return func(ctx context.Context) state.Facts {
		f.Approval = cfg.approval(replay, f.Now)
		g := gathering{facts: f, ctx: ctx, atlas: cfg.Walk()}
		switch {
		case plan.Delivery != state.Download && !plan.ByMoment():
			g.look(state.LookSnapshot, func() func(*state.Facts) {
				now, err := cfg.Walk().Snapshot(ctx, plan.Cluster, plan.Snapshot.ID)
				return func(f *state.Facts) {
					if f.SnapErr = err; err == nil {
						f.Snapshot = now
					}
				}
			})
		case plan.ByMoment():
			g.look(state.LookWindow, func() func(*state.Facts) { return window(ctx, cfg, plan.Cluster, past, f.Snapshots) })
			g.look(state.LookBase, func() func(*state.Facts) {
				base, err := cfg.Walk().BaseSnapshot(ctx, plan.Cluster, plan.Instant)
				return func(f *state.Facts) { f.Base, f.BaseErr = base, err }
			})
			g.look(state.LookLag, func() func(*state.Facts) {
				noted, err := cfg.lag(ctx, plan.Cluster)
				return func(f *state.Facts) { f.Behind, f.LagErr = behind(noted), err }
			})
		default:
			if plan.Cluster.Family == state.Dedicated { // flex links are reached from everywhere
				g.look(state.LookAccess, func() func(*state.Facts) {
					access, err := cfg.Walk().Access(ctx, plan.Project.ID, plan.Snapshot.CloudProvider())
					return func(f *state.Facts) { f.Access, f.AccessErr = access, err }
				})
			}
			if past != nil { // the request itself looks once more
				g.facts.Jobs, g.facts.JobsErr = past.Jobs, past.JobsErr
			}
		}
		if plan.Delivery == state.Collections {
			g.look(state.LookContents, func() func(*state.Facts) {
				newest, _ := NewestOf(f.Snapshots, f.Now)
				c, err := contents(ctx, cfg.Walk(), plan, names, newest)
				return func(f *state.Facts) {
					c.Living = f.Contents.Living // which is looked at beside it
					f.Contents, f.ContentsErr = c, err
				}
			})
			g.look(state.LookLiving, func() func(*state.Facts) {
				names, err := living(ctx, cfg.Walk(), onto)
				return func(f *state.Facts) { f.Contents.Living, f.LivingErr = names, err }
			})
		}
		if plan.Delivery.HasTarget() {
			history, err := cfg.Journal.Read()
			sent := journal.Submissions(history)
			g.facts.Doubt, g.facts.LookFor, g.facts.Lost = doubts(cfg, plan, sent, f.Now)
			g.facts.DoubtErr = err
			var others []state.Cluster
			others, g.facts.Sent = submit.Others(plan.Cluster, onto, cfg.Endpoint, sent, f.Now)
			if len(others) > 0 || plan.Delivery == state.Collections {
				g.look(state.LookOthers, func() func(*state.Facts) {
					lists := submit.Lists(ctx, cfg.Walk(), others)
					if plan.Delivery == state.Collections {
						lists = append(lists, submit.CollectionLists(ctx, cfg.Walk(), append([]state.Cluster{plan.Cluster}, others...))...)
					}
					return func(f *state.Facts) { f.Others = lists }
				})
			}
			if plan.Delivery.Overwrites() && plan.Cluster.Family == state.Dedicated {
				g.look(state.LookSingles, func() func(*state.Facts) {
					lists := submit.CollectionLists(ctx, cfg.Walk(), ends(plan.Cluster, onto))
					return func(f *state.Facts) { f.Singles = lists }
				})
			}
			g.look(state.LookTarget, func() func(*state.Facts) { return target(ctx, cfg.Walk(), plan) })
			g.look(state.LookJobs, func() func(*state.Facts) {
				jobs, err := cfg.Walk().Jobs(ctx, plan.Cluster)
				return func(f *state.Facts) { f.Jobs, f.JobsErr = jobs, err }
			})
			if g.facts.Unwaited = cfg.Unasked; !cfg.Unasked && onto.Family == state.Dedicated && plan.Erases() {
				g.look(state.LookTraffic, func() func(*state.Facts) {
					t, err := traffic(ctx, cfg.Walk(), onto, cfg.Now())
					return func(f *state.Facts) { f.Traffic, f.TrafficErr = t, err }
				})
			}
			if to, _ := s.CanBeSafe(); s.safety.Open() && plan.Erases() && to.Name != "" {
				asked := s.asked
				g.look(state.LookSafety, func() func(*state.Facts) { return lookSafety(ctx, cfg.Walk(), to, asked) })
			}
			g.look(state.LookRoles, func() func(*state.Facts) {
				roles, err := cfg.Walk().Roles(ctx)
				return func(f *state.Facts) { f.Roles, f.RolesErr = roles, err }
			})
		}
		return g.all(cfg.Now)
	}
}

// ends are the source and the target, once where they are the same.
func ends(source, target state.Cluster) []state.Cluster {
	if source.ProjectID == target.ProjectID && source.Name == target.Name {
		return []state.Cluster{source}
	}
	return []state.Cluster{source, target}
}

// gathering makes looks beside each other.
type gathering struct {
	ctx   context.Context //nolint:containedctx // it lives as long as the one call that makes it
	atlas Atlas
	looks []func()
	mu    sync.Mutex
	facts state.Facts
}

// look has something looked at: ask gives what it has found.
func (g *gathering) look(what state.Look, ask func() func(*state.Facts)) {
	g.facts.Awaited |= what
	g.looks = append(g.looks, func() {
		found := ask()
		g.mu.Lock()
		defer g.mu.Unlock()
		found(&g.facts)
		if g.facts.Awaited &^= what; g.facts.Awaited != 0 {
			state.ReportPart(g.ctx, g.facts)
		}
	})
}

// all makes the looks.
func (g *gathering) all(now func() time.Time) state.Facts {
	var wait sync.WaitGroup
	if len(g.looks) > 0 {
		state.ReportPart(g.ctx, g.facts)
	}
	for _, l := range g.looks {
		wait.Go(l)
	}
	wait.Wait()
	g.facts.Now = now()
	if _, runs := g.facts.Running(); runs && g.facts.Plan.Delivery.HasTarget() {
		state.ReportPart(g.ctx, g.facts) // the block does not wait for a name
		g.facts.RunningBy = whoAsked(g.ctx, g.atlas, g.facts)
	}
	return g.facts
}

// doubts are the times of earlier requests to the target whose outcome is not known, with what to do
// about it, and whose job was looked for in vain.
func doubts(cfg Config, plan state.Plan, sent []journal.Submission, now time.Time) (doubt time.Time, lookFor string, lost time.Time) {
	for _, s := range sent {
		switch {
		case !s.Onto(cfg.Endpoint, plan.Target.Project.ID, plan.Target.ClusterName):
		case s.Doubtful():
			doubt, lookFor = s.Time, cfg.lookFor(s.ID)
		case s.Lost(now):
			lost = s.Time
		}
	}
	return doubt, lookFor, lost
}

// target looks at the cluster that is overwritten, and at the source where it is listed with
// it.
func target(ctx context.Context, atlas Atlas, plan state.Plan) func(*state.Facts) {
	t, ask := plan.Target, atlas.Clusters
	if plan.Cluster.Family == state.Dedicated {
		ask = atlas.Dedicated
	}
	all, err := ask(ctx, t.Project.ID)
	if plan.Cluster.Family == state.Dedicated && err == nil && !slices.ContainsFunc(all, func(c state.Cluster) bool { return c.Name == t.ClusterName }) {
		all, err = atlas.Clusters(ctx, t.Project.ID) // it may be a flex cluster, which is no target
	}
	return func(f *state.Facts) {
		if f.TargetErr = err; err != nil {
			return
		}
		f.TargetErr = &state.AtlasError{Status: 404, Code: "CLUSTER_NOT_FOUND"}
		for _, c := range all {
			if c.Name == t.ClusterName {
				f.Target, f.TargetErr = c, nil
			}
			if c.Name == t.ClusterName && c.Unreadable != "" {
				f.TargetErr = &state.UnreadableError{Why: c.Unreadable}
			}
			if c.Unreadable == "" && c.ProjectID == plan.Cluster.ProjectID && c.Name == plan.Cluster.Name {
				f.Source = c
			}
		}
	}
}

// window looks at the restore window, and at the snapshots that it depends on where they
// were not seen on the way.
func window(ctx context.Context, cfg Config, c state.Cluster, past *Past, seen []state.Snapshot) func(*state.Facts) {
	var all sync.WaitGroup
	var schedule state.Schedule
	var err, listing error
	if past != nil && past.ScheduleErr == nil {
		schedule = past.Schedule // nothing is asked twice
	} else {
		all.Go(func() { schedule, err = cfg.Walk().Schedule(ctx, c) })
	}
	if seen == nil {
		all.Go(func() { seen, listing = cfg.Walk().Snapshots(ctx, c) })
	}
	all.Wait()
	if err == nil {
		err = listing
	}
	return func(f *state.Facts) {
		f.Snapshots, f.WindowErr = seen, err
		if err == nil {
			f.Window = state.RestoreWindow(c, schedule, seen, cfg.Now())
		}
	}
}

// Gathered takes what was seen, be it all or a part, and makes the checks.
func (s *Session) Gathered(f state.Facts) {
	if s.Step() == state.StepReview {
		s.facts, s.base = f, f.Base
		s.lookedAtSafety(f.Safety)
		s.reconsider()
		s.lookedSince(f)
		s.noteReview()
	}
}

// reconsider makes the checks of what was seen, and of what was decided since.
func (s *Session) reconsider() {
	f := s.facts
	f.Safety, s.newest = s.wantsSafety(), f.Newest()
	if s.checks = state.Checks(f); s.checks == nil {
		s.checks = []state.Check{}
	}
	s.judged, s.judgedAs = s.checks, s.accepted
}

// Recheck has the checks made anew: what stood in the way may be gone.
func (s *Session) Recheck() {
	if s.Step() == state.StepReview && !s.sending {
		s.checks, s.accepted = nil, nil
	}
}

// Checks are those of the review; nil while they are not made.
func (s *Session) Checks() []state.Check { return s.checks }

// told are the checks as they are said now: what was judged stays, and what they say of time is
// as true as all else on the page. The snapshots of a list are many: but for the newest ones, a check
// that needs them stays as it was made.
func (s *Session) told() []state.Check {
	f := s.facts
	f.Snapshots, f.Safety = s.newest, s.wantsSafety()
	before := state.Checks(f)
	f.Now = s.Cfg.Instant()
	now := state.Checks(f)
	out := slices.Clone(s.checks)
	for i := range min(len(before), len(now)) {
		if at := slices.Index(out, before[i]); at >= 0 && now[i].Name == before[i].Name && now[i].Verdict == before[i].Verdict {
			out[at] = now[i]
		}
	}
	return out
}

// Accept takes a check for what it is; false if name is none that has to be accepted.
func (s *Session) Accept(name string) bool {
	if !slices.ContainsFunc(s.checks, func(c state.Check) bool { return c.Name == name && c.Asks() }) {
		return false
	}
	declines := name == state.SafetyCheck && s.SafetyIsDue()
	s.accepted = append(s.accepted, name)
	s.judgedAs = s.accepted
	s.note(state.NoteAccepted, name)
	if declines {
		s.reconsider()
	}
	return true
}

// Accepting takes a check for what it is, if it has to be accepted, and says so.
func (s *Session) Accepting(name string) string {
	declines := name == state.SafetyCheck && s.SafetyIsDue()
	if !s.Accept(name) {
		return "No check of that name has to be accepted."
	}
	if declines {
		return s.declined()
	}
	for _, c := range s.checks {
		if c.Name == name && c.Verdict != state.Unknown {
			return "Accepted: " + name + ", a warning."
		}
	}
	return "Accepted: " + name + " stays unknown."
}

// declined says what it means that no snapshot of the target is taken first.
func (s *Session) declined() string {
	for _, c := range s.checks {
		if c.Name == state.SafetyCheck {
			return c.Text()
		}
	}
	return ""
}

// Hindrance is what keeps the restore from being confirmed: a check that blocks it, one that
// is unknown and was not accepted, or that the checks are not made; nil for nothing.
func (s *Session) Hindrance() *state.Problem {
	if s.checks == nil || state.Awaited(s.checks) != nil {
		return &state.Problem{What: s.Nothing() + ": the checks are not made yet."}
	}
	switch c := s.InTheWay(); {
	case c == nil && s.replay != nil && s.replay.Plan.Good(s.Cfg.Now()) != nil && !s.replay.Plan.Training: // it was good when the checks were made
		return &state.Problem{What: s.Nothing() + ": " + sentenceOf(s.replay.Plan.Good(s.Cfg.Now())), Advice: "Have a new plan made."}
	case c == nil:
		return nil
	case c.Verdict == state.Block:
		p := &state.Problem{What: s.Nothing() + ": " + c.Name + " is a BLOCK.", Why: c.Why, Advice: c.Lift}
		if running, runs := s.running(); runs && c.Name == state.RunningCheck {
			p.Advice = s.Cfg.waitsFor(running)
		} else if runs && c.Name == state.TargetCheck {
			p.Advice += " " + s.Cfg.runsThere(running)
		}
		return p
	case s.isDue(c):
		return &state.Problem{What: s.Nothing() + ": a snapshot of " + s.Plan.Target.ClusterName + " first is chosen.", Why: "Take it, or say that you go on without it: " + s.Cfg.accepting(c.Name)}
	default:
		return &state.Problem{What: fmt.Sprintf("%s: %s is %s. To go on all the same: %s.", s.Nothing(), c.Name, c.Verdict, s.Cfg.accepting(c.Name)), Why: c.Why}
	}
}

// InTheWay is the first check that blocks the restore, or else that has to be accepted and
// was not; nil for none.
func (s *Session) InTheWay() *state.Check {
	if c := state.Blocked(s.checks); c != nil {
		return c
	}
	return state.Unaccepted(s.checks, slices.Concat(s.accepted, s.Cfg.Accept))
}

// runningUnseen says whether the review could not see if a restore runs already: whoever
// confirms has accepted that, as Hindrance holds back what was not accepted.
func (s *Session) runningUnseen() bool {
	return slices.ContainsFunc(s.checks, func(c state.Check) bool {
		return c.Name == state.RunningCheck && c.Verdict == state.Unknown && !c.Harmless
	})
}

// isDue says whether a check is about the snapshot that is chosen and not taken yet.
func (s *Session) isDue(c *state.Check) bool {
	return c != nil && c.Name == state.SafetyCheck && s.SafetyIsDue()
}

// SafetyFirst says whether the snapshot of the target that is chosen is what comes next:
// nothing else has to be accepted before.
func (s *Session) SafetyFirst() bool { return s.isDue(s.InTheWay()) }

// Acceptance is what stands before the name of an unknown check that is accepted.
const Acceptance = "accept "

// Accepted is the name that typed accepts; empty if it accepts none.
func Accepted(typed string) string {
	name, ok := strings.CutPrefix(strings.TrimSpace(typed), Acceptance)
	if !ok {
		return ""
	}
	return strings.TrimSpace(name)
}

// checkClauses are the checks as the review says them: each that is not OK by itself, what
// is worst first, and the others together.
func checkClauses(cfg Config, all []state.Check) (told []Clause, fine string) {
	for _, of := range []struct {
		verdict state.Verdict
		lead    string
	}{{state.Block, "BLOCK"}, {state.Unknown, "UNKNOWN"}, {state.Warn, "Warning"}} {
		for _, c := range all {
			if c.Verdict != of.verdict || c.Harmless {
				continue
			}
			text := c.Text()
			if c.Asks() && (c.Name != state.SafetyCheck || c.Verdict != state.Warn) { // the safer ways say how that is declined
				text += " To go on all the same: " + cfg.accepting(c.Name)
			}
			told = append(told, Clause{of.lead, text, true})
		}
	}
	var parts []string
	for _, of := range []struct {
		verdict state.Verdict
		behind  string
	}{{state.OK, "OK"}, {state.Looking, "being looked at"}} {
		if names := checked(all, of.verdict); len(names) > 0 {
			parts = append(parts, strings.Join(names, ", ")+": "+of.behind)
		}
	}
	for _, c := range all {
		if c.Verdict == state.OK && c.Say {
			parts = append(parts, c.Name+": OK, "+c.Why)
		}
	}
	for _, c := range all { // last, so that none that is OK is read as one of them
		if c.Harmless {
			parts = append(parts, "UNKNOWN "+c.Name+": "+strings.TrimSuffix(c.Why, "."))
		}
	}
	return told, strings.Join(parts, "; ")
}

// checked are the names of the checks of that verdict that are told without a reason.
func checked(all []state.Check, v state.Verdict) []string {
	var out []string
	for _, c := range all {
		if c.Verdict == v && !c.Say {
			out = append(out, c.Name)
		}
	}
	return out
}
