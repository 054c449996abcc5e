package steps

import (
	"errors"
	"reflect"
	"slices"
	"testing"

	"atlas-restore/state"
)

// whole is a session on its review, come to by every step, whose target is listed.
func whole() *Session {
	s := onReview(Config{}, nil)
	s.Plan.Cluster.PITEnabled = true
	s.path = []state.Step{state.StepProject, state.StepCluster, state.StepSnapshot, state.StepDelivery, state.StepFields, state.StepReview}
	s.Seen.Clusters[project] = []state.Cluster{{ProjectID: project, Name: "orders-stg", State: "IDLE", BackupEnabled: true}}
	return s
}

// A line of the plan is changed from the review, and the review follows: at once where
// nothing else depends on it, else after what has become open.
func TestEdit(t *testing.T) {
	other := state.Cluster{ID: "other", Name: "ledger"}
	for _, tc := range []struct {
		name   string
		step   state.Step
		answer func(state.Plan) state.Plan
		then   []state.Step // what is asked until the review
	}{
		{"the same snapshot", state.StepSnapshot, func(p state.Plan) state.Plan { return p }, nil},
		{"another snapshot", state.StepSnapshot, func(p state.Plan) state.Plan { return p.WithSnapshot(state.Snapshot{ID: "65f0c1d2e3a4b5c6d7e8f90a"}) }, nil},
		{"a download", state.StepDelivery, func(p state.Plan) state.Plan { return p.WithDelivery(state.Download) }, nil},
		{"another target", state.StepFields, func(p state.Plan) state.Plan {
			return p.WithFields(state.Instant{}, state.Target{Project: p.Project, ClusterName: "x"}, state.Draft{})
		}, nil},
		{"a moment instead", state.StepSnapshot, state.Plan.WithMoment, []state.Step{state.StepFields}},
		{"another cluster", state.StepCluster, func(p state.Plan) state.Plan { return p.WithCluster(other) }, []state.Step{state.StepSnapshot, state.StepFields}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := whole()
			s.Edit(tc.step)
			if s.Step() != tc.step {
				t.Fatalf("on step %d", s.Step())
			}
			s.Answered(tc.answer(s.Plan))
			for _, want := range tc.then {
				if s.Step() != want {
					t.Fatalf("on step %d, want %d", s.Step(), want)
				}
				switch want {
				case state.StepSnapshot:
					s.Answered(s.Plan.WithSnapshot(state.Snapshot{ID: "65f0c1d2e3a4b5c6d7e8f90b"}))
				default:
					s.Answered(s.Plan.WithFields(state.Instant{UTCSeconds: noon.Unix() - 60}, state.Target{Project: s.Plan.Project, ClusterName: "x"}, state.Draft{}))
				}
			}
			if s.Step() != state.StepReview {
				t.Fatalf("on step %d, want the review", s.Step())
			}
			if s.checks != nil {
				t.Error("the checks of the plan before still stand")
			}
			for i := 1; i < len(s.path); i++ {
				if s.path[i] <= s.path[i-1] {
					t.Errorf("the way back is %v", s.path)
				}
			}
		})
	}
}

// Who goes back from a line without an answer is on the review again, with the same plan.
func TestEditAndBack(t *testing.T) {
	s := whole()
	before, path := s.Plan, slices.Clone(s.path)
	s.Edit(state.StepCluster)
	if !s.Back() || s.Step() != state.StepReview || !reflect.DeepEqual(s.Plan, before) || !slices.Equal(s.path, path) {
		t.Errorf("on step %d of %v, plan %+v", s.Step(), s.path, s.Plan)
	}
	s.Edit(state.StepCluster)
	s.Answered(s.Plan.WithCluster(state.Cluster{ID: "other", Name: "ledger"}))
	for s.Back() { // through what is left of the plan: never onto a review of half of it
		if s.Step() == state.StepReview {
			t.Fatal("a review of an incomplete plan")
		}
	}
}

// The snapshot that is wanted of the target holds the restore back until it is there.
func TestSafety(t *testing.T) {
	verdict := func(s *Session) state.Verdict {
		for _, c := range state.Checks(state.Facts{Plan: s.Plan, Safety: s.safety, Now: noon}) {
			if c.Name == "safety" {
				return c.Verdict
			}
		}
		return -1
	}
	s := whole()
	s.Safe()
	if s.Step() != StepSafety || s.TakenFrom().Name != "orders-stg" {
		t.Fatalf("on step %d, of %s", s.Step(), s.TakenFrom().Name)
	}
	s.Back()
	if verdict(s) != -1 {
		t.Error("looking at the page has asked for a snapshot")
	}
	s.Safe()
	s.Taking(nil)
	if verdict(s) != state.Unknown {
		t.Errorf("asked for and not there: %v", verdict(s))
	}
	s.Taking(errors.New("no room"))
	if verdict(s) != state.Unknown {
		t.Errorf("failed: %v", verdict(s))
	}
	s.Took(state.Snapshot{ID: "x", Status: "completed"})
	if s.Step() != state.StepReview || verdict(s) != state.OK || !s.IsSafe() {
		t.Errorf("taken: on step %d, %v", s.Step(), verdict(s))
	}
	s.Edit(state.StepFields)
	s.Answered(s.Plan.WithFields(state.Instant{}, state.Target{Project: s.Plan.Project, ClusterName: "x"}, state.Draft{}))
	if s.IsSafe() {
		t.Error("the snapshot of another cluster counts")
	}
	for name, change := range map[string]func(*state.Cluster){
		"flex": func(c *state.Cluster) { c.Family = state.Flex }, "no backups": func(c *state.Cluster) { c.BackupEnabled = false },
		"paused": func(c *state.Cluster) { c.Paused = true }, "not listed": func(c *state.Cluster) { c.Name = "other" },
	} {
		s := whole()
		change(&s.Seen.Clusters[project][0])
		if s.Safe(); s.Step() == StepSafety {
			t.Errorf("%s: a snapshot is offered that cannot be had", name)
		}
	}
}
