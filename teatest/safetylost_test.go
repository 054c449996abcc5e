package teatest_test

import (
	"strings"
	"testing"
	"time"

	"atlas-restore/atlasclient/simulator"
	"atlas-restore/state"
	"atlas-restore/ui/steps"
)

// safetyTaken are the ways in which Atlas takes a snapshot.
var safetyTaken = map[string]simulator.Fault{
	"answered":    {},
	"answer lost": onTake(simulator.Fault{Drop: simulator.AfterCommit}),
}

// A snapshot that Atlas takes counts, be the answer to its request lost or not, and be the page
// left before its end: the review looks at it, and once it is completed it is the one.
func TestSafetySnapshotThatIsLeft(t *testing.T) {
	t.Parallel()
	for name, fault := range safetyTaken {
		for way, press := range map[string]string{"checked again": "ctrl+r", "waited for again": "f3"} {
			t.Run(name+", "+way, func(t *testing.T) {
				t.Parallel()
				s := play(t, normal)
				s.toReview(state.Automated, "Payments", "orders-prod", "orders-prod")
				s.Wait("A snapshot first: enter takes it")
				s.Press("enter")
				s.Wait("› Description")
				if fault.Method != "" {
					s.sim.Fail(fault)
				}
				s.Press("enter", "enter")
				s.Wait("is queued")
				s.Press("esc")
				s.saysFlat("The safety snapshot of orders-prod was not waited for and is queued: not taken yet. Checking again looks at it.")
				s.saysFlat("With that you say that you have read it.") // keys count
				s.sim.Advance(4 * time.Minute)
				s.Press(press)
				s.Wait("orders-prod has the snapshot of")
				if strings.Contains(s.Screen(), "UNKNOWN safety") {
					t.Errorf("it does not count:\n%s", s.Screen())
				}
				if n := len(s.taken()); n != 1 {
					t.Errorf("%d snapshots were asked for", n)
				}
				s.noPosts()
				s.AssertTarget("orders-prod")
				s.Confirm("orders-prod")
				s.Wait("RUNNING")
			})
		}
	}
}

// saysFlat waits until the screen says text, however its lines are wrapped.
func (s *stage) saysFlat(text string) {
	s.t.Helper()
	s.WaitFor(text, func(screen string) bool { return strings.Contains(flat(screen), text) })
}

// Line by line too.
func TestSafetySnapshotThatIsLeftByWord(t *testing.T) {
	t.Parallel()
	for name, fault := range safetyTaken {
		for _, word := range []string{"r", "safety"} {
			t.Run(name+", "+word, func(t *testing.T) {
				t.Parallel()
				d := talk(t)
				d.toReview(state.Automated, "Payments", "orders-prod", "orders-prod")
				d.AssertTarget("orders-prod")
				d.answer(askSafety, "")
				if fault.Method != "" {
					d.sim.Fail(fault)
				}
				d.answer("Description, enter takes", "")
				d.answer("Kept for days", "")
				d.Wait("is queued")
				d.Say("b")
				d.Wait("UNKNOWN: The safety snapshot of orders-prod was not waited for and is queued: not taken yet.")
				d.Wait("the snapshot of orders-prod that Atlas takes now (say safety waits for it)")
				d.sim.Advance(4 * time.Minute)
				d.answer("type accept safety:", word)
				d.Wait("orders-prod has the snapshot of")
				if n := len(d.taken()); n != 1 {
					t.Errorf("%d snapshots were asked for", n)
				}
				d.noPosts()
				d.Confirm("orders-prod")
				d.Wait("restore job ")
			})
		}
	}
}

// Where the answer is lost and the list shows no snapshot, the outcome is not known: that is said,
// with what a second request may do and how to look. One that shows up late is found.
func TestSafetySnapshotThatNobodySaw(t *testing.T) {
	t.Parallel()
	s := play(t, normal)
	s.toReview(state.Automated, "Payments", "orders-prod", "orders-prod")
	s.Wait("A snapshot first: enter takes it")
	s.Press("enter")
	s.Wait("› Description")
	s.sim.Fail(onTake(simulator.Fault{Drop: simulator.BeforeCommit}))
	s.Press("enter", "enter")
	s.saysFlat("OUTCOME UNKNOWN: Atlas was asked for a snapshot, and may take it or not. The connection was closed before an answer came. The list of snapshots does not show it. It may come yet: ctrl+r looks again. Asking once more may make a second snapshot, which costs a little and harms nothing.")
	if strings.Contains(s.Screen(), "try again") {
		t.Errorf("it is told as if nothing could have been taken:\n%s", s.Screen())
	}
	s.takes("orders-prod", steps.SafetyDescription) // late
	s.Press("ctrl+r")
	s.Wait("is queued")
	s.Press("esc")
	s.saysFlat("The safety snapshot of orders-prod was not waited for and is queued: not taken yet.")
	s.Wait("f3 see the snapshot")
}
