package steps

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/collections"
	"atlas-restore/state/incident"
	"atlas-restore/state/submit"
)

// whole is a session on its review, come to by every step, whose target is listed.
func whole() *Session {
	s := onReview(Config{}, nil)
	s.Plan.Cluster.PITEnabled = true
	s.path = []state.Step{state.StepProject, state.StepCluster, state.StepSnapshot, state.StepDelivery, state.StepFields, state.StepReview}
	s.Seen.Clusters[project] = []state.Cluster{{ProjectID: project, Name: "orders-stg", State: "IDLE", BackupEnabled: true}}
	s.checks, s.accepted = []state.Check{{Name: "target", Verdict: state.Unknown}}, []string{"target"}
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
			if s.checks != nil || s.accepted != nil {
				t.Error("the checks of the plan before still stand")
			}
			if s.editing {
				t.Error("the next answer would lead to the review too")
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
	if !s.Back() || s.checks != nil || !slices.Equal(s.accepted, []string{"target"}) || s.editing || s.Step() != state.StepReview || !reflect.DeepEqual(s.Plan, before) || !slices.Equal(s.path, path) {
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

// A moment is changed where a moment is asked for, and one that is wanted instead of the
// snapshot is asked for even where another one was said before.
func TestEditMoment(t *testing.T) {
	s := whole()
	s.Plan.Instant = state.Instant{UTCSeconds: noon.Unix() - 60}
	s.Edit(state.StepSnapshot)
	s.Answered(s.Plan.WithMoment())
	if s.Step() != state.StepFields {
		t.Errorf("a moment instead of the snapshot: on step %d", s.Step())
	}
	s.Answered(s.Plan)
	s.Edit(state.StepSnapshot)
	if s.Step() != state.StepFields {
		t.Errorf("another moment: on step %d", s.Step())
	}
}

// Whatever a flag has said is used up once a line is changed by hand, and whoever goes back
// all the way comes to the page that was signed in on.
func TestEditForgetsFlags(t *testing.T) {
	s := whole()
	s.path = append([]state.Step{StepSignIn}, s.path...)
	s.Cfg.Given = state.Given{Confirm: "orders-stg", TargetCluster: "orders-stg"}
	s.Edit(state.StepSnapshot)
	if s.Cfg.Given != (state.Given{}) {
		t.Errorf("still given: %+v", s.Cfg.Given)
	}
	s.Answered(s.Plan)
	for s.Back() {
	}
	if s.Step() != StepSignIn {
		t.Errorf("the way back ends on step %d", s.Step())
	}
}

// A refusal is looked into: nothing that was seen before it counts any more.
func TestRefusedIsCheckedAnew(t *testing.T) {
	s := whole()
	s.Settle(Submitted{Verdict: submit.Refused, Err: errors.New("no")})
	if s.checks != nil || s.accepted != nil || s.Confirm("orders-stg") != nil {
		t.Error("the checks of before still stand")
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
	s.Asks(TakeRequest{})
	if verdict(s) != state.Unknown {
		t.Errorf("asked for and not there: %v", verdict(s))
	}
	s.Fails(errors.New("no room"))
	if verdict(s) != state.Unknown {
		t.Errorf("failed: %v", verdict(s))
	}
	s.checks, s.accepted = []state.Check{{Name: "safety", Verdict: state.Unknown}}, []string{"safety"}
	s.Took(state.Snapshot{ID: "x", Status: "completed"})
	if s.checks != nil || s.accepted != nil {
		t.Error("the checks of before the snapshot still stand")
	}
	if s.Step() != state.StepReview || verdict(s) != state.OK || !s.IsSafe() {
		t.Errorf("taken: on step %d, %v", s.Step(), verdict(s))
	}
	s.Edit(state.StepFields)
	s.Answered(s.Plan.WithFields(state.Instant{}, state.Target{Project: s.Plan.Project, ClusterName: "x"}, state.Draft{}))
	if s.IsSafe() {
		t.Error("the snapshot of another cluster counts")
	}
	s = whole()
	s.safety = state.Safety{Wanted: true, Snapshot: state.Snapshot{ID: "x"}}
	s.Edit(state.StepFields)
	s.Answered(s.Plan.WithFields(state.Instant{}, state.Target{Project: state.Project{ID: "65f0c1d2e3a4b5c6d7e8f90e"}, ClusterName: "orders-stg"}, state.Draft{}))
	if s.IsSafe() {
		t.Error("the snapshot of a namesake in another project counts")
	}
	if s.Target().Name != "" {
		t.Errorf("the target is %+v, which is in another project", s.Target())
	}
	for name, change := range map[string]func(*state.Cluster){
		"flex": func(c *state.Cluster) { c.Family = state.Flex }, "no backups": func(c *state.Cluster) { c.BackupEnabled = false },
		"paused": func(c *state.Cluster) { c.Paused = true }, "terminated": func(c *state.Cluster) { c.Terminated = true },
		"shared": func(c *state.Cluster) { c.Provider = "TENANT" }, "not listed": func(c *state.Cluster) { c.Name = "other" },
	} {
		s := whole()
		change(&s.Seen.Clusters[project][0])
		if s.Safe(); s.Step() == StepSafety {
			t.Errorf("%s: a snapshot is offered that cannot be had", name)
		}
	}
	s = whole()
	s.Plan.Delivery = state.Download
	if s.Safe(); s.Step() == StepSafety {
		t.Error("a snapshot is offered of what a download does not overwrite")
	}
}

// A dry run says that it would erase production, whatever the source is, and by which rule.
func TestDryRunSaysProduction(t *testing.T) {
	for target, want := range map[string]bool{"ledger-prod": true, "orders-stg": false} {
		s := whole()
		s.Cfg.DryRun = true
		s.Plan.Cluster.Name, s.Plan.Target.ClusterName = "orders-prod", target
		text := s.Summary().Text()
		if got := strings.Contains(text, "WARNING: it would erase "+target+", which is PRODUCTION: it is called prod*."); got != want {
			t.Errorf("%s: said %v, want %v:\n%s", target, got, want, text)
		}
	}
}

// Onto itself the snapshot of the target is due where somebody can be asked; declining it is
// an acceptance, which ends with the sight of the plan that it was said on.
func TestSafetyIsDueOntoItself(t *testing.T) {
	itself := func(change func(*Session)) *Session {
		s := whole()
		s.Plan.Target.ClusterName = s.Plan.Cluster.Name
		s.Seen.Clusters[project][0].Name = s.Plan.Cluster.Name
		s.accepted = nil
		if change != nil {
			change(s)
		}
		return s
	}
	for name, tc := range map[string]struct {
		change func(*Session)
		due    bool
		none   string
	}{
		"asked":            {nil, true, ""},
		"another target":   {func(s *Session) { s.Plan.Target.ClusterName = "other" }, false, ""},
		"nobody to ask":    {func(s *Session) { s.Cfg.Unasked = true }, false, "a run without questions takes none"},
		"declined by flag": {func(s *Session) { s.Cfg.Accept = []string{"safety"} }, false, "declined"},
		"it has none":      {func(s *Session) { s.Seen.Clusters[project][0].BackupEnabled = false }, false, "it can have none now"},
	} {
		if got := itself(tc.change).wantsSafety(); got.Due != tc.due || got.None != tc.none {
			t.Errorf("%s: %+v", name, got)
		}
	}
	s := itself(nil)
	s.checks = nil
	s.Gathered(state.Facts{Plan: s.Plan, Now: noon, Snapshot: state.Snapshot{Status: "completed"}, Target: s.Target()})
	if say := s.Accepting(state.SafetyCheck); s.SafetyIsDue() || !strings.Contains(say, "is lost for good") {
		t.Errorf("declined: due %v, %q", s.SafetyIsDue(), say)
	}
	if s.Recheck(); !s.SafetyIsDue() {
		t.Error("a new sight of the plan does not choose it again")
	}
}

// The checks tell of the newest snapshots as long as the page stands: of the list that was made when
// the snapshot was asked for, and with the time that has passed since.
func TestNewestSnapshotsAreTold(t *testing.T) {
	now := noon
	s := whole()
	s.Cfg.Now = func() time.Time { return now }
	s.Plan.Target.ClusterName = s.Plan.Cluster.Name
	s.Seen.Clusters[project][0].Name = s.Plan.Cluster.Name
	s.accepted, s.Cfg.Accept = nil, []string{"safety"}
	at := func(id string, ago time.Duration) state.Snapshot {
		return state.Snapshot{ID: id, Status: "completed", CreatedAt: noon.Add(-ago), Description: state.SafetyDescription}
	}
	s.Seen.Snapshots = []state.Snapshot{at("ab01", time.Hour)}
	s.Safe()
	s.Asks(TakeRequest{Before: []state.Snapshot{at("ab02", 10*time.Minute), at("ab01", time.Hour)}})
	s.Fails(errors.New("refused"))
	s.path, s.safety, s.checks = s.path[:len(s.path)-1], state.Safety{}, nil
	if len(s.Seen.Snapshots) != 2 {
		t.Fatalf("the list that was made meanwhile is not seen: %v", s.Seen.Snapshots)
	}
	s.Gathered(state.Facts{Plan: s.Plan, Now: now, Snapshot: s.Plan.Snapshot, Snapshots: s.Seen.Snapshots, Target: s.Target()})
	now = now.Add(5 * time.Minute)
	if i := slices.IndexFunc(s.told(), func(c state.Check) bool {
		return c.Name == state.SafetyCheck && strings.Contains(c.Why, "since 23 Nov 11:50 UTC, the last 15 min, is lost for good.")
	}); i < 0 {
		t.Errorf("told: %v", s.told())
	}
}

// What gave the moment of single collections is one step back from them, and not the snapshots, where
// an Enter takes an older state of the data: also after another line was changed. A snapshot that was
// looked at meanwhile does not take away why the moment was proposed.
func TestBackToWhatGaveTheMoment(t *testing.T) {
	back := func(s *Session, want ...state.Step) {
		t.Helper()
		for _, step := range want {
			if !s.Back() || s.Step() != step {
				t.Fatalf("on step %d of %v, want %d", s.Step(), s.path, step)
			}
		}
	}
	moment := state.Instant{UTCSeconds: noon.Unix() - 60}
	of := collections.Choice{}.With(collections.Name{Database: "shop", Collection: "orders"})
	found := state.Evidence{Why: "the second before", What: "drop", Namespace: "shop.orders"}

	typed := whole()
	typed.Plan.Cluster.Family, typed.path = state.Dedicated, typed.path[:3]
	typed.Plan = typed.Plan.WithDelivery(state.Collections)
	typed.Moment()
	typed.Answered(typed.Plan.WithPoint(moment, state.Draft{}))
	back(typed, StepMoment, state.StepSnapshot)
	typed.Moment()
	typed.Answered(typed.Plan.WithPoint(moment, state.Draft{}))
	typed.Answered(typed.Plan.WithOnly(of))
	typed.Answered(typed.Plan.WithFields(moment, state.Target{Project: typed.Plan.Project, ClusterName: "x"}, state.Draft{}))
	typed.Edit(state.StepCollections)
	typed.Answered(typed.Plan.WithOnly(of))
	if typed.Step() != state.StepReview {
		t.Fatalf("on step %d of %v", typed.Step(), typed.path)
	}
	back(typed, state.StepFields, state.StepCollections, StepMoment, state.StepSnapshot)

	s := whole()
	s.Plan.Cluster.Family, s.Plan.Target, s.path = state.Dedicated, state.Target{}, s.path[:3]
	s.Seen.Hunt = &Hunt{Of: sourceName(s.Plan.Cluster)}
	s.When()
	loss := Loss{Proposal: incident.Proposal{Moment: moment.Time()}, told: found}
	if !s.Only(loss) || s.Step() != state.StepFields || s.Plan.Evidence.IsZero() {
		t.Fatalf("on step %d of %v: %+v", s.Step(), s.path, s.Plan.Evidence)
	}
	back(s, state.StepCollections, StepWhen, state.StepSnapshot)
	why := s.Plan.Evidence
	s.Answered(s.Plan.WithSnapshot(state.Snapshot{ID: "65f0c1d2e3a4b5c6d7e8f90a"}))
	if !s.Plan.Evidence.IsZero() {
		t.Errorf("a snapshot that nobody proposed has %+v", s.Plan.Evidence)
	}
	for s.Step() != state.StepSnapshot {
		s.Back()
	}
	s.Moment()
	s.Answered(s.Plan.WithPoint(moment, state.Draft{}))
	if s.Plan.Evidence != why {
		t.Errorf("the same moment once more has %+v", s.Plan.Evidence)
	}
	back(s, StepWhen)
}
