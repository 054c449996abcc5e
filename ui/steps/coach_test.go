package steps

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/journal"
	"atlas-restore/state/watch"
)

// pad is a coach on which is written what it is told.
type pad struct {
	Coach
	notes []string
}

func (p *pad) Note(kind, name string) {
	p.notes = append(p.notes, strings.TrimSpace(kind+" "+name))
}

// What is new is said once: what was said before, was met before or is still open is none.
func TestCoachNews(t *testing.T) {
	noon := state.Message{At: noon, Who: "Rosa", Text: "Is it back?"}
	later := state.Message{At: noon.At.Add(time.Minute), Who: "Rosa", Text: "And now?"}
	open := []state.Goal{{Text: "It is back."}, {Text: "Nobody has asked."}}
	met := []state.Goal{{Text: "It is back.", Met: true}, {Text: "Nobody has asked."}}
	for name, tc := range map[string]struct {
		before, now state.Coaching
		want        string
	}{
		"nothing":              {state.Coaching{}, state.Coaching{}, ""},
		"the first message":    {state.Coaching{}, state.Coaching{Messages: []state.Message{noon}}, "12:00 Rosa: Is it back?"},
		"another one":          {state.Coaching{Messages: []state.Message{noon}}, state.Coaching{Messages: []state.Message{noon, later}}, "12:01 Rosa: And now?"},
		"none since":           {state.Coaching{Messages: []state.Message{noon}}, state.Coaching{Messages: []state.Message{noon}}, ""},
		"fewer, after a reset": {state.Coaching{Messages: []state.Message{noon, later}}, state.Coaching{Messages: []state.Message{noon}}, ""},
		"a goal":               {state.Coaching{Goals: open}, state.Coaching{Goals: met}, "Goal met: It is back."},
		"a goal of before":     {state.Coaching{Goals: met}, state.Coaching{Goals: met}, ""},
		"the end":              {state.Coaching{Goals: open}, state.Coaching{Goals: open, Over: true}, "The scenario is over: leave, and the debrief follows."},
		"the end of before":    {state.Coaching{Over: true}, state.Coaching{Over: true}, ""},
	} {
		if got := CoachNews(tc.before, tc.now); got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}

// Each sight of a review is noted once, when nothing of it is awaited any more; what stands
// in the way and what was accepted are noted by their names.
func TestWhatIsNoted(t *testing.T) {
	p := &pad{}
	s := onReview(Config{Mode: Training, Coach: p}, nil)
	at := func(target state.Cluster) state.Facts {
		return state.Facts{Plan: s.Plan, Now: noon, Snapshot: state.Snapshot{Status: "completed"}, Target: target}
	}
	awaited := at(state.Cluster{})
	awaited.Awaited = state.LookSnapshot
	s.Gathered(awaited)
	if len(p.notes) != 0 {
		t.Errorf("of a review that is not there yet: %v", p.notes)
	}
	s.Gathered(at(state.Cluster{Name: "orders-stg", State: "UPDATING"}))
	if !slices.Contains(p.notes, "blocked target") || p.notes[0] != "review" || slices.Index(p.notes[1:], "review") >= 0 {
		t.Errorf("of one sight: %v", p.notes)
	}
	p.notes, s.checks = nil, []state.Check{{Name: "running", Verdict: state.Unknown}}
	if !s.Accept("running") || s.Accept("target") || !slices.Equal(p.notes, []string{"accepted running"}) {
		t.Errorf("of what was accepted: %v", p.notes)
	}
}

// Another restore is begun after one that was submitted; nothing of the one before is taken for
// the next, but that it is a training.
func TestAgain(t *testing.T) {
	begun := func(cfg Config) *Session {
		cfg.Mode = Training
		s := onReview(cfg, []state.Check{{Name: "running", Verdict: state.Unknown}})
		s.Plan.Practice = true
		s.Accept("running")
		s.Seen.Clusters["p"] = []state.Cluster{{Name: "orders"}}
		return s
	}
	follow := func(s *Session) { s.follow(watch.New(state.Job{ID: "65f0c1d2e3a4b5c6d7e8f909"}, noon)) }
	s := begun(Config{})
	if s.Again() || s.Step() != state.StepReview {
		t.Error("another restore before there was one")
	}
	if follow(s); !s.Again() || s.Step() != state.StepProject || s.CanGoBack() {
		t.Fatalf("it is at step %v", s.Step())
	}
	want := state.Plan{Project: state.Project{ID: project}, Practice: true}
	if !reflect.DeepEqual(s.Plan, want) || s.Follow != nil || s.Checks() != nil || len(s.accepted) != 0 || len(s.Seen.Clusters) != 0 {
		t.Errorf("of the one before stays %+v, %v, %v, %v", s.Plan, s.Checks(), s.accepted, s.Seen.Clusters)
	}
	if text := s.Summary().Text(); !strings.Contains(text, "65f0c1d2e3a4b5c6d7e8f909") || strings.Contains(text, "Nothing was submitted") {
		t.Errorf("left now:\n%s", text)
	}
}

// What a run on an embedded Atlas has left is taken up as the training that it is: the name
// of a real cluster confirms nothing after it either.
func TestLeftoverOfATraining(t *testing.T) {
	for _, mode := range []Mode{Training, Live} {
		s := onReview(Config{Mode: mode}, nil)
		of := journal.Submission{Entry: journal.Entry{ClusterName: "orders", ProjectID: project, Body: state.Request{
			DeliveryType: state.Automated, SnapshotID: "65f0c1d2e3a4b5c6d7e8f902", TargetProjectID: project, TargetClusterName: "orders-stg",
		}}}
		s.Resume(of)
		if s.Plan.Confirms("orders-stg") != (mode == Live) || s.Plan.Confirms("train/orders-stg") != (mode == Training) {
			t.Errorf("%s: it is confirmed by %q", mode, s.Plan.Phrase())
		}
	}
}
