package steps

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/journal"
)

// Gather gives the looks that the checks of the review need, made all at once; nil where
// they were made already. A download overwrites nothing: what was listed is enough for it.
// Whoever calls what it gives has to hand the answer to Gathered.
func (s *Session) Gather() func(context.Context) state.Facts {
	if s.Step() != state.StepReview || s.checks != nil {
		return nil
	}
	cfg, plan := s.Cfg, s.Plan
	f := state.Facts{Plan: plan, Names: cfg.Names, Snapshot: plan.Snapshot, Snapshots: s.Seen.Snapshots}
	return func(ctx context.Context) state.Facts {
		var all sync.WaitGroup
		if plan.Delivery.Overwrites() {
			all.Go(func() { f.Target, f.TargetErr = target(ctx, cfg.Atlas, plan.Target) })
			all.Go(func() { f.Jobs, f.JobsErr = cfg.Atlas.Jobs(ctx, plan.Cluster) })
		}
		switch plan.Delivery {
		case state.Automated:
			all.Go(func() {
				now, err := cfg.Atlas.Snapshot(ctx, plan.Cluster, plan.Snapshot.ID)
				if f.SnapErr = err; err == nil {
					f.Snapshot = now
				}
			})
		case state.PointInTime:
			all.Go(func() { f.Window, f.WindowErr = window(ctx, cfg, plan.Cluster, &f.Snapshots) })
		case state.Download:
		}
		all.Wait()
		f.Now = cfg.Now()
		f.Doubt, f.Lost = doubts(cfg, plan, f.Now)
		return f
	}
}

// doubts are the times of earlier requests to the target whose outcome is not known, and
// whose job was looked for in vain. What cannot be read stops the submission itself.
func doubts(cfg Config, plan state.Plan, now time.Time) (doubt, lost time.Time) {
	if !plan.Delivery.Overwrites() {
		return doubt, lost
	}
	entries, err := cfg.Journal.Read()
	if err != nil {
		return doubt, lost
	}
	for _, s := range journal.Submissions(entries) {
		switch {
		case !s.Onto(cfg.Endpoint, plan.Target.Project.ID, plan.Target.ClusterName):
		case s.Doubtful():
			doubt = s.Time
		case s.Lost(now):
			lost = s.Time
		}
	}
	return doubt, lost
}

// target is the cluster that is overwritten, as it is now.
func target(ctx context.Context, atlas Atlas, t state.Target) (state.Cluster, error) {
	all, err := atlas.Clusters(ctx, t.Project.ID)
	if err != nil {
		return state.Cluster{}, err //nolint:wrapcheck // it says what was listed
	}
	for _, c := range all {
		if c.Name == t.ClusterName {
			return c, nil
		}
	}
	return state.Cluster{}, &state.AtlasError{Status: 404, Code: "CLUSTER_NOT_FOUND"}
}

// window is the restore window, and the snapshots that it depends on where they were not
// seen on the way.
func window(ctx context.Context, cfg Config, c state.Cluster, seen *[]state.Snapshot) (state.Window, error) {
	var all sync.WaitGroup
	var schedule state.Schedule
	var err, listing error
	all.Go(func() { schedule, err = cfg.Atlas.Schedule(ctx, c) })
	if *seen == nil {
		all.Go(func() { *seen, listing = cfg.Atlas.Snapshots(ctx, c) })
	}
	all.Wait()
	if err == nil {
		err = listing
	}
	if err != nil {
		return state.Window{}, err //nolint:wrapcheck // it says what was read
	}
	return state.RestoreWindow(c, schedule, *seen, cfg.Now()), nil
}

// Gathered takes what was seen, and makes the checks.
func (s *Session) Gathered(f state.Facts) {
	if s.Step() == state.StepReview {
		s.checks = state.Checks(f)
		if s.checks == nil {
			s.checks = []state.Check{}
		}
	}
}

// Checks are those of the review; nil while they are not made.
func (s *Session) Checks() []state.Check { return s.checks }

// Accept takes an unknown for what it is; false if name is none.
func (s *Session) Accept(name string) bool {
	if !slices.ContainsFunc(s.checks, func(c state.Check) bool { return c.Name == name && c.Verdict == state.Unknown }) {
		return false
	}
	s.accepted = append(s.accepted, name)
	return true
}

// Hindrance is what keeps the restore from being confirmed: a check that blocks it, one that
// is unknown and was not accepted, or that the checks are not made; nil for nothing.
func (s *Session) Hindrance() *state.Problem {
	if s.checks == nil {
		return &state.Problem{What: "Nothing was submitted: the checks are not made yet."}
	}
	if c := state.Blocked(s.checks); c != nil {
		return &state.Problem{What: "Nothing was submitted: " + c.Name + " is a BLOCK.", Why: c.Why, Advice: c.Lift}
	}
	if c := state.Unaccepted(s.checks, slices.Concat(s.accepted, s.Cfg.Accept)); c != nil {
		return &state.Problem{What: "Nothing was submitted: " + c.Name + " is UNKNOWN. To go on all the same: " + Acceptance + c.Name + ".", Why: c.Why}
	}
	return nil
}

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
func checkClauses(all []state.Check) (told []Clause, fine string) {
	for _, of := range []struct {
		verdict state.Verdict
		lead    string
	}{{state.Block, "BLOCK"}, {state.Unknown, "UNKNOWN"}, {state.Warn, "Warning"}} {
		for _, c := range all {
			if c.Verdict != of.verdict {
				continue
			}
			text := c.Text()
			if of.verdict == state.Unknown {
				text += " To go on all the same: " + Acceptance + c.Name
			}
			told = append(told, Clause{of.lead, text, true})
		}
	}
	var good []string
	for _, c := range all {
		if c.Verdict == state.OK {
			good = append(good, c.Name)
		}
	}
	if len(good) == 0 {
		return told, ""
	}
	return told, strings.Join(good, ", ") + ": OK"
}
