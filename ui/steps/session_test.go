package steps

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/journal"
	"atlas-restore/state/submit"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

const project = "65f0c1d2e3a4b5c6d7e8f901"

// silent is an Atlas that takes no request and lists no job.
type silent struct{ Atlas }

func (silent) CreateJob(context.Context, state.Cluster, state.Request) (state.Job, error) {
	return state.Job{}, errors.New("reset")
}

func (silent) CollectionJobs(context.Context, state.Cluster) ([]state.Job, error) { return nil, nil }

func (silent) Jobs(context.Context, state.Cluster) ([]state.Job, error) { return nil, nil }

// onReview is a session on its review, with these checks.
func onReview(cfg Config, checks []state.Check) *Session {
	cfg.Atlas, cfg.Journal, cfg.Now = silent{}, &journal.InMemory{}, func() time.Time { return noon }
	s := Begin(cfg)
	s.Plan = state.Plan{
		Project: state.Project{ID: project}, Cluster: state.Cluster{Name: "orders", Type: state.ReplicaSet, MongoDBVersion: "8.0.29"}, Delivery: state.Automated,
		Snapshot: state.Snapshot{ID: "65f0c1d2e3a4b5c6d7e8f902"}, Target: state.Target{Project: state.Project{ID: project}, ClusterName: "orders-stg"},
	}
	s.path = []state.Step{state.StepFields, state.StepReview}
	s.checks = checks
	return s
}

// The session itself lets nothing pass, whatever a face has made of a confirmation.
func TestConfirm(t *testing.T) {
	fine := []state.Check{{Name: "target"}, {Name: "disk", Verdict: state.Warn}}
	hidden := []state.Check{{Name: "target", Verdict: state.Unknown}}
	blocked := []state.Check{{Name: "target", Verdict: state.Block}}
	for name, tc := range map[string]struct {
		cfg    Config
		checks []state.Check
		typed  string
		accept string
		want   bool
	}{
		"the name":                     {Config{}, fine, "orders-stg", "", true},
		"another name":                 {Config{}, fine, "orders", "", false},
		"nothing":                      {Config{}, fine, "", "", false},
		"before the checks":            {Config{}, nil, "orders-stg", "", false},
		"a block":                      {Config{}, blocked, "orders-stg", "", false},
		"a block cannot be accepted":   {Config{}, blocked, "orders-stg", "target", false},
		"nor by its name in a flag":    {Config{Accept: []string{"target"}}, blocked, "orders-stg", "", false},
		"nor by a flag":                {Config{Accept: []string{"all"}}, blocked, "orders-stg", "", false},
		"unknown":                      {Config{}, hidden, "orders-stg", "", false},
		"unknown, another accepted":    {Config{}, hidden, "orders-stg", "disk", false},
		"unknown and accepted":         {Config{}, hidden, "orders-stg", "target", true},
		"unknown, accepted by a flag":  {Config{Accept: []string{"target"}}, hidden, "orders-stg", "", true},
		"unknown, all accepted by one": {Config{Accept: []string{"all"}}, hidden, "orders-stg", "", true},
		"a dry run":                    {Config{DryRun: true}, fine, "orders-stg", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			s := onReview(tc.cfg, tc.checks)
			if took := tc.accept != "" && s.Accept(tc.accept); took != (tc.accept == "target" && tc.checks[0].Verdict == state.Unknown) {
				t.Errorf("accepted: %v", took)
			}
			if got := s.Confirm(tc.typed) != nil; got != tc.want {
				t.Errorf("confirms %v, want %v: %+v", got, tc.want, s.Hindrance())
			}
			if s.Confirm(tc.typed) != nil {
				t.Error("a second request for one confirmation")
			}
		})
	}
}

// What is accepted is called what it is, and only what has to be accepted can be.
func TestAccepting(t *testing.T) {
	s := onReview(Config{}, []state.Check{{Name: "running", Verdict: state.Unknown}, {Name: "environment", Verdict: state.Warn, Ask: true}, {Name: "disk", Verdict: state.Warn}, {Name: "target", Verdict: state.Block}})
	for name, want := range map[string]string{
		"running": "Accepted: running stays unknown.", "environment": "Accepted: environment, a warning.",
		"disk": "No check of that name has to be accepted.", "target": "No check of that name has to be accepted.", "all": "No check of that name has to be accepted.",
	} {
		if got := s.Accepting(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

// While the job of a lost request is looked for nothing else is done; after it a new
// confirmation is a new one, of a plan that was checked anew.
func TestConfirmWhileSearching(t *testing.T) {
	s := onReview(Config{}, []state.Check{{Name: "target"}})
	now := noon
	s.Cfg.Now = func() time.Time { return now }
	done := s.Confirm("orders-stg")(t.Context())
	if done.Verdict != submit.Unknown {
		t.Fatalf("verdict %v, %v", done.Verdict, done.Err)
	}
	s.Settle(done)
	if s.Step() != StepSearch || s.CanGoBack() || s.Back() {
		t.Error("the looking can be left")
	}
	s.path = append(s.path, state.StepReview) // even if a face were there
	if s.checks = []state.Check{}; s.Confirm("orders-stg") != nil {
		t.Error("a second request while the first is looked for")
	}
	s.path = s.path[:len(s.path)-1]
	for n := 0; s.Searching(); n++ {
		if n == 20 {
			t.Fatal("it does not end")
		}
		now = s.Search().NextAt
		s.Sought(s.Look()(t.Context()))
	}
	if !s.Back() || s.Step() != state.StepReview || s.Checks() != nil || s.Doubt() == nil {
		t.Errorf("after it: step %v, checks %v, doubt %v", s.Step(), s.Checks(), s.Doubt())
	}
	s.Gathered(state.Facts{Plan: s.Plan, Now: now, Snapshot: state.Snapshot{ID: s.Plan.Snapshot.ID, Status: "completed"}, Target: state.Cluster{Name: "orders-stg", State: "IDLE", Type: state.ReplicaSet, MongoDBVersion: "8.0.29"}})
	if s.Confirm("orders-stg") == nil {
		t.Errorf("a new confirmation is not taken: %+v", s.Hindrance())
	}
}

// A request is stopped before it is sent, or not at all.
func TestStop(t *testing.T) {
	fine := []state.Check{{Name: "target"}}
	s := onReview(Config{}, fine)
	send := s.Confirm("orders-stg")
	if !s.Stop() || s.Sending() {
		t.Fatal("it cannot be stopped while it is prepared")
	}
	if done := send(t.Context()); done.Verdict != submit.Refused || !errors.Is(done.Err, submit.ErrNotSent) {
		t.Errorf("stopped, and then: %v, %v", done.Verdict, done.Err)
	}
	s = onReview(Config{}, fine)
	done := s.Confirm("orders-stg")(t.Context())
	if s.Stop() || !s.Sending() || done.Verdict != submit.Unknown {
		t.Errorf("what was sent was stopped: %v", done.Verdict)
	}
}

// stalled is an Atlas whose request hangs until its call is ended, and may have left this machine by then or not.
type stalled struct {
	silent
	asked chan struct{}
	left  bool
}

func (s stalled) CreateJob(ctx context.Context, _ state.Cluster, _ state.Request) (state.Job, error) {
	close(s.asked)
	<-ctx.Done()
	if s.left {
		return state.Job{}, ctx.Err()
	}
	return state.Job{}, fmt.Errorf("%w: asking Atlas for a login challenge: %w", submit.ErrNotSent, ctx.Err())
}

// A run that is left while its request is under way knows what became of it: one that never left this
// machine was refused by nobody and is no doubt.
func TestLeaveWhileItIsSent(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		left    bool
		outcome state.Outcome
		status  string
	}{
		"not sent": {false, state.OutcomeAborted, "not sent"},
		"sent":     {true, state.OutcomeUnknown, "unknown"},
	} {
		s := onReview(Config{}, []state.Check{{Name: "target"}})
		atlas := stalled{asked: make(chan struct{}), left: tc.left}
		s.Cfg.Atlas = atlas
		send := s.Confirm("orders-stg")
		ctx, cancel := context.WithCancel(t.Context())
		go send(ctx)
		<-atlas.asked
		cancel()
		s.Leave(time.Minute)
		sum := s.Summary()
		if sum.Outcome != tc.outcome || sum.Submitted() != tc.left || s.Sending() {
			t.Errorf("%s: %s\n%s", name, sum.Outcome, sum.Text())
		}
		entries, err := s.Cfg.Journal.Read()
		if lines := MyLines(journal.Submissions(entries), noon); err != nil || len(lines) != 1 || lines[0].Status != tc.status {
			t.Errorf("%s: %v, %+v", name, err, lines)
		}
	}
}
