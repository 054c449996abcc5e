package teatest_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/ui/steps"
)

// hanging never answers the first question of each kind, which its test waits for: what is stopped before it was
// asked is no question.
type hanging struct {
	steps.Atlas
	snapshots, roles, collections, jobs atomic.Bool
}

func hangs[T any](ctx context.Context, hung *atomic.Bool, ask func(context.Context) (T, error)) (T, error) {
	if !hung.Swap(true) {
		<-ctx.Done()
		var none T
		return none, ctx.Err()
	}
	return ask(ctx)
}

// Snapshots implements steps.Atlas.
func (h *hanging) Snapshots(ctx context.Context, c state.Cluster) ([]state.Snapshot, error) {
	return hangs(ctx, &h.snapshots, func(ctx context.Context) ([]state.Snapshot, error) { return h.Atlas.Snapshots(ctx, c) })
}

// Roles implements steps.Atlas: only the review asks for them.
func (h *hanging) Roles(ctx context.Context) (state.Roles, error) {
	return hangs(ctx, &h.roles, h.Atlas.Roles)
}

// SnapshotDatabases implements steps.Atlas.
func (h *hanging) SnapshotDatabases(ctx context.Context, c state.Cluster, id string) ([]string, error) {
	return hangs(ctx, &h.collections, func(ctx context.Context) ([]string, error) { return h.Atlas.SnapshotDatabases(ctx, c, id) })
}

// Job implements steps.Atlas.
func (h *hanging) Job(ctx context.Context, c state.Cluster, id string) (state.Job, error) {
	return hangs(ctx, &h.jobs, func(ctx context.Context) (state.Job, error) { return h.Atlas.Job(ctx, c, id) })
}

// So can a look at a job that hangs, and nothing is sent once more.
func TestALookThatHangsIsMadeAnew(t *testing.T) {
	t.Parallel()
	s := prepare(t)
	h := &hanging{Atlas: s.cfg.Atlas}
	h.snapshots.Store(true)
	h.roles.Store(true)
	s.cfg.Atlas = h
	s.start(normal)
	s.toReview(state.Automated, "Payments", "orders-prod", "orders-prod-restore")
	s.AssertTarget("orders-prod-restore")
	s.Confirm("orders-prod-restore")
	s.Wait("RUNNING")
	s.Press("ctrl+r")
	s.WaitFor("the look that hangs", func(string) bool { return h.jobs.Load() })
	s.sim.Advance(10 * time.Minute)
	s.Press("ctrl+r")
	s.Wait("COMPLETED")
	if sum := s.leave(state.OutcomeCompleted, "q"); len(s.posts()) != 1 || len(sum.Others) != 0 {
		t.Errorf("%d requests, %v", len(s.posts()), sum.Others)
	}
}

// A question that hangs can be asked anew, by the key for it and by going back and on: nobody has to
// wait until it is given up.
func TestWhatHangsIsAskedAnew(t *testing.T) {
	t.Parallel()
	hung := func(s *stage, question *atomic.Bool) {
		s.WaitFor("the question that hangs", func(string) bool { return question.Load() })
	}
	reload := func(s *stage, question *atomic.Bool) {
		hung(s, question)
		s.Press("ctrl+r")
	}
	for name, tc := range map[string]struct {
		back bool // in the list of snapshots
		then func(*stage, *hanging)
	}{
		"snapshots":              {},
		"snapshots, back and on": {back: true},
		"the names in a snapshot": {then: func(s *stage, h *hanging) {
			s.toDelivery(state.Collections)
			s.Wait("Loading the names")
			reload(s, &h.collections)
			s.WaitFor("the names", highlighted)
		}},
		"the checks": {then: func(s *stage, h *hanging) {
			s.toDelivery(state.Automated)
			takeTarget(s, "scratch")
			s.Wait("being checked: role")
			reload(s, &h.roles)
			s.Wait("train/scratch")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := prepare(t)
			h := &hanging{Atlas: s.cfg.Atlas}
			s.cfg.Atlas = h
			s.start(normal)
			find(s)
			s.Type("orders-prod")
			s.WaitFor("the row", func(screen string) bool { return strings.Contains(row(screen), " orders-prod ") })
			s.Press("enter")
			s.Wait("Loading the snapshots")
			if tc.back {
				hung(s, &h.snapshots)
				s.Press("esc")
				find(s)
				s.Press("enter")
			} else {
				reload(s, &h.snapshots)
			}
			s.Wait("57 snapshots")
			s.WaitFor("the snapshots", highlighted)
			if tc.then != nil {
				s.Press("enter")
				tc.then(s, h)
			}
			s.noPosts()
		})
	}
}
