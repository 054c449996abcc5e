package teatest_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"atlas-restore/atlasclient/simulator"
	"atlas-restore/state"
	"atlas-restore/state/journal"
	"atlas-restore/ui/steps"
)

// safely restores orders-prod onto itself with a safety snapshot before, up to the job that runs.
func (s *stage) safely() {
	s.t.Helper()
	s.toReview(state.Automated, "Payments", "orders-prod", "orders-prod")
	s.Wait("A snapshot first: enter takes it")
	s.Press("enter")
	s.Wait("› Description")
	s.Press("enter", "enter")
	s.Wait("is queued")
	s.sim.Advance(4 * time.Minute)
	s.Wait("orders-prod has the snapshot of")
	s.AssertTarget("orders-prod")
	s.Confirm("orders-prod")
	s.Wait("RUNNING")
}

// safetySnapshot is the one that was taken of orders-prod.
func (w *world) safetySnapshot() simulator.Snapshot {
	w.t.Helper()
	for _, s := range w.sim.Snapshots("Payments", "orders-prod") {
		if s.Description == steps.SafetyDescription {
			return s
		}
	}
	w.t.Fatal("no safety snapshot was taken")
	return simulator.Snapshot{}
}

// toldOf says what of the safety snapshot the summary and the result lack.
func (w *world) toldOf(sum steps.Summary, want string) {
	w.t.Helper()
	raw, err := sum.Result().JSON()
	if err != nil {
		w.t.Fatal(err)
	}
	var r struct {
		SafetySnapshot struct {
			ID                   string
			CreatedAt, ExpiresAt time.Time
		}
	}
	if err := json.Unmarshal(raw, &r); err != nil {
		w.t.Fatal(err)
	}
	if got := r.SafetySnapshot; got.ID != w.safetySnapshot().ID || got.CreatedAt.IsZero() || !got.ExpiresAt.After(got.CreatedAt) {
		w.t.Errorf("the result has %+v:\n%s", got, raw)
	}
	if text := sum.Text(); !strings.Contains(text, want) {
		w.t.Errorf("the summary lacks %q:\n%s", want, text)
	}
}

// Where the target was erased, the way back is said with the end of the job: on the page, in the text
// after leaving, and in the result; also where another run follows the job.
func TestSafetySnapshotIsTheWayBack(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		fails   bool
		says    string // on the page
		line    string // in texts
		outcome state.Outcome
	}{
		"completed": {false, "Wrong? What orders-prod held before is in the safety snapshot of 23 Nov 14:3", "\nWrong? What orders-prod held before is in the safety snapshot of 23 Nov 14:3", state.OutcomeCompleted},
		"failed":    {true, "What orders-prod held before is in the safety snapshot of 23 Nov 14:3", "\nWhat orders-prod held before is in the safety snapshot of 23 Nov 14:3", state.OutcomeFailed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := play(t, normal)
			if tc.fails {
				s.sim.FailNextJob()
			}
			s.safely()
			s.sim.Advance(10 * time.Minute)
			id := s.safetySnapshot().ID
			s.Press("ctrl+r")
			s.saysFlat(tc.says)
			s.saysFlat(id + ", kept until 25 Nov 14:3")
			s.toldOf(s.leave(tc.outcome, "q"), tc.line)

			entries, err := journal.At(s.dir).Read()
			if err != nil {
				t.Fatal(err)
			}
			d := &speaker{world: s.world, interrupt: make(chan struct{}), heartbeat: 50 * time.Millisecond}
			all := journal.Submissions(entries)
			d.cfg.Resume = &all[len(all)-1]
			d.start()
			d.Wait(strings.TrimPrefix(tc.line, "\n"))
			d.toldOf(d.leave(tc.outcome), tc.line)
		})
	}
}
