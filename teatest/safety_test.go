package teatest_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"atlas-restore/atlasclient/simulator"
	"atlas-restore/state"
	"atlas-restore/ui/steps"
)

// takes has somebody else ask for a snapshot of a cluster of Payments.
func (w *world) takes(cluster, description string) {
	w.t.Helper()
	c := state.Cluster{ProjectID: w.sim.ProjectID("Payments"), Name: cluster, Type: state.ReplicaSet}
	if _, err := w.cfg.Atlas.TakeSnapshot(w.t.Context(), c, description, 1); err != nil {
		w.t.Fatal(err)
	}
}

// fails has the newest snapshot of a cluster of Payments fail.
func (w *world) fails(cluster string) {
	w.sim.SetSnapshot("Payments", cluster, w.sim.Snapshots("Payments", cluster)[0].ID, func(x *simulator.Snapshot) { x.Failed = true })
	w.sim.Advance(5 * time.Minute)
}

// Onto itself a snapshot of the target is chosen already: Enter leads to it, and whatever is
// typed instead submits nothing. Taken, it stands, and the confirmation is asked for.
func TestSafetyIsChosenOntoItself(t *testing.T) {
	t.Parallel()
	s := play(t, normal)
	s.toReview(state.Automated, "Payments", "orders-prod", "orders-prod")
	s.AssertTarget("orders-prod")
	s.Wait("A snapshot first: enter takes it, ctrl+x goes on without.")
	if strings.Contains(s.Screen(), "overwrite train/") {
		t.Errorf("the line to type shows before the snapshot:\n%s", s.Screen())
	}
	s.Press("enter")
	s.Wait("› Description")
	s.Press("enter", "enter")
	s.Wait("is queued")
	s.sim.Advance(4 * time.Minute)
	s.Wait("orders-prod has the snapshot of")
	if n := len(s.taken()); n != 1 {
		t.Errorf("%d snapshots were asked for", n)
	}
	s.noPosts()
	s.Confirm("orders-prod")
	s.Wait("RUNNING")
}

// Line by line Enter takes it, and one word declines it, which says what is lost.
func TestSafetyIsChosenOntoItselfByWord(t *testing.T) {
	t.Parallel()
	d := talk(t)
	d.toReview(state.Automated, "Payments", "orders-prod", "orders-prod")
	d.AssertTarget("orders-prod")
	if strings.Contains(d.Heard(), "type overwrite") {
		t.Error("the line to type is said before the snapshot")
	}
	d.answer(askSafety, "overwrite orders-prod")
	d.answer(askSafety, "")
	d.answer("Description, enter takes before a restore with atlas-restore:", "b")
	d.answer(askSafety, "without")
	d.Wait("WARNING: orders-prod is erased without a snapshot of it first: declined. What was written to it since 23 Nov 12:20 UTC, the last 2 h 10 min, is lost for good.")
	d.Wait("To erase orders-prod, which is PRODUCTION, the source itself, and restore onto it, type overwrite train/orders-prod:")
	d.noPosts()
	d.Confirm("orders-prod")
	d.Wait("restore job ")
	if n := len(d.taken()); n != 0 {
		t.Errorf("%d snapshots were asked for", n)
	}
}

// A run without questions takes none, and says so and what is lost.
func TestSafetyWithoutAQuestion(t *testing.T) {
	t.Parallel()
	d := prepareTalk(t)
	d.cfg.Given, d.unasked = flow{project: "Payments", cluster: "orders-prod", delivery: state.Automated, targetProject: "Payments", target: "orders-prod"}.practised(), true
	d.start()
	d.Wait("WARNING: orders-prod is production: it is called prod*. It is the source itself.")
	d.Wait("WARNING: orders-prod is erased without a snapshot of it first: a run without questions takes none.")
	d.Wait("restore job ")
	if n := len(d.taken()); n != 0 {
		t.Errorf("%d snapshots were asked for", n)
	}
}

// safetyFails are the ways in which a snapshot of the target comes to nothing.
var safetyFails = map[string]struct {
	ask    simulator.Fault // what becomes of the request
	after  func(*world)    // once it is queued
	page   string          // what the page says of the request
	review string          // what the review says of the snapshot
}{
	"refused":     {ask: onTake(simulator.Fault{Status: http.StatusForbidden, ErrorCode: "USER_UNAUTHORIZED"}), page: "✗ Asking Atlas for a snapshot failed.", review: "failed"},
	"lost before": {ask: onTake(simulator.Fault{Drop: simulator.BeforeCommit}), page: "✗ OUTCOME UNKNOWN: Atlas was asked for a snapshot", review: "may be taken or not: Atlas was asked, and its answer was lost: the connection was closed before an answer came. The list of snapshots does not show it. Checking again looks for it."},
	"gone": {review: "failed", after: func(w *world) {
		w.sim.Fail(simulator.Fault{Method: http.MethodGet, PathContains: "/snapshots/", Status: http.StatusNotFound, ErrorCode: "SNAPSHOT_NOT_FOUND"})
		w.sim.Advance(time.Minute)
	}},
	"failed": {after: func(w *world) { w.fails("orders-prod-restore") }, review: "failed"},
}

// However a snapshot of the target has failed, the review says so and takes no confirmation
// before that is accepted.
func TestSafetySnapshotThatFails(t *testing.T) {
	t.Parallel()
	for name, tc := range safetyFails {
		if !plain(name, "refused", "failed") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := play(t, normal)
			s.toReview(state.Automated, "Payments", "orders-prod", "orders-prod-restore")
			s.Press("f3")
			s.Wait("› Description")
			if tc.after == nil {
				s.sim.Fail(tc.ask)
			}
			s.Type("\r\r")
			if tc.after == nil {
				s.Wait(tc.page)
			} else {
				s.Wait("is queued")
				tc.after(s.world)
			}
			s.WaitGone("is queued")
			s.WaitGone("Loading")
			s.Wait("Kept for days")
			s.Press("esc")
			said := "The safety snapshot of orders-prod-restore " + tc.review
			s.WaitFor(said, func(screen string) bool { return strings.Contains(flat(screen), said) })
			s.Wait("To go on, type first: accept safety")
			s.AssertTarget("orders-prod-restore")
			s.Confirm("orders-prod-restore")
			s.Wait("Nothing was submitted: safety is UNKNOWN.")
			s.noPosts()
		})
	}
}

// Line by line too.
func TestSafetySnapshotThatFailsByWord(t *testing.T) {
	t.Parallel()
	for name, tc := range safetyFails {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := prepareTalk(t)
			d.start()
			d.toReview(state.Automated, "Payments", "orders-prod", "orders-prod-restore")
			d.answer(askName("orders-prod-restore"), "safety")
			if tc.after == nil {
				d.sim.Fail(tc.ask)
			}
			d.answer("Description, enter takes before a restore with atlas-restore:", "")
			d.answer("Kept for days", "")
			if tc.after != nil {
				d.Wait("is queued")
				tc.after(d.world)
			}
			if name != "gone" { // which leads back by itself
				d.answer("Description, enter takes before a restore with atlas-restore:", "b")
			}
			d.Wait("UNKNOWN: The safety snapshot of orders-prod-restore " + tc.review)
			d.AssertTarget("orders-prod-restore")
			d.Confirm("orders-prod-restore")
			d.Wait("Nothing was submitted: safety is UNKNOWN.")
			d.noPosts()
		})
	}
}

// A snapshot of the target that is somebody else's is waited for, but is not the one that
// was wanted; nor is one that was wanted before an overwrite the one to be restored.
func TestSafetySnapshotOfSomebodyElse(t *testing.T) {
	t.Parallel()
	s := play(t, normal)
	s.toReview(state.Automated, "Payments", "orders-prod", "orders-prod-restore")
	s.takes("orders-prod-restore", "of a colleague")
	s.Press("f3")
	s.Wait(`The snapshot "of a colleague" is queued`)
	s.Wait("Atlas takes one on-demand snapshot")
	s.sim.Advance(5 * time.Minute)
	s.Wait("Now another one can be taken.")
	s.Press("esc")
	s.Wait("f3 snapshot first")
	s.takes("orders-prod", steps.SafetyDescription)
	s.Press("f7")
	s.Wait("which state of the data")
	s.WaitFor("a highlighted row", highlighted)
	s.Press("ctrl+n")
	s.Wait("Atlas takes one on-demand snapshot")
	s.sim.Advance(5 * time.Minute)
	s.Wait("another one can be taken.")
}

// Line by line too; and one that was left, and has failed meanwhile, is not taken for a
// snapshot.
func TestSafetySnapshotOfSomebodyElseByWord(t *testing.T) {
	t.Parallel()
	d := prepareTalk(t)
	d.start()
	d.toReview(state.Automated, "Payments", "orders-prod", "orders-prod-restore")
	d.takes("orders-prod-restore", "of a colleague")
	d.answer(askName("orders-prod-restore"), "safety")
	d.Wait(`The snapshot "of a colleague" is queued`)
	d.sim.Advance(5 * time.Minute)
	d.answer("Description, enter takes before a restore with atlas-restore:", "")
	d.answer("Kept for days", "")
	d.Wait(`The snapshot "before a restore with atlas-restore" is queued`)
	d.Say("b")
	d.answer("type accept safety:", "safety")
	d.Wait("b goes back; the snapshot goes on.")
	d.fails("orders-prod-restore")
	d.answer("Description, enter takes before a restore with atlas-restore:", "b")
	d.Wait("UNKNOWN: The safety snapshot of orders-prod-restore")
	d.takes("orders-prod", steps.SafetyDescription)
	d.answer("type accept safety:", "snapshot")
	d.answer("Snapshot, enter takes", "new")
	d.Wait(`The snapshot "before a restore with atlas-restore" is queued`)
	d.sim.Advance(5 * time.Minute)
	d.answer("Description, enter takes taken with atlas-restore:", "q")
	d.leave(state.OutcomeAborted)
	if n := strings.Count(strings.Join(d.taken(), " "), steps.SafetyDescription); n != 2 {
		t.Errorf("%d were asked for, want that of the target and the one of the source", n)
	}
	d.noPosts()
}

// A cluster may be called by a word that means something on the review: there it is its
// name.
func TestWordsThatAreNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"target", "safety", "snapshot", "r", "elsewhere", "b"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := prepareTalk(t)
			d.sim.SetCluster("Payments", "orders-prod-restore", func(c *simulator.Cluster) { c.Name = name })
			d.start()
			d.toSnapshots("Payments", "orders-prod")
			d.Say("")
			d.answer(askDelivery, "automated")
			d.answer(askTargetProject, "Payments")
			d.Wait(askTarget)
			number, _, _ := strings.Cut(linesOf(d.Heard(), ": "+name+", environment unknown")[0], " of ")
			d.Say(number) // there the word may mean something else
			d.Wait(askName(name))
			d.AssertTarget(name)
			d.Confirm(name)
			d.Wait("restore job ")
			if p := d.posts(); len(p) != 1 || !strings.Contains(p[0], `"targetClusterName":"`+name+`"`) {
				t.Errorf("restores %v", p)
			}
		})
	}
}

// What Enter takes, and what latest means, is no safety snapshot, though that is the newest.
func TestUsualSnapshotIsNoSafetySnapshot(t *testing.T) {
	t.Parallel()
	prepared := func(t *testing.T, w *world) string {
		t.Helper()
		usual := w.sim.NewestSnapshot("Payments", "orders-prod").ID
		w.takes("orders-prod", steps.SafetyDescription)
		w.sim.Advance(20 * time.Minute)
		if w.sim.NewestSnapshot("Payments", "orders-prod").ID == usual {
			t.Fatal("the safety snapshot is not the newest one")
		}
		return usual
	}
	want := func(t *testing.T, usual string, sum steps.Summary) {
		t.Helper()
		if got := sum.Plan.Snapshot.ID; got != usual {
			t.Errorf("took %s, want %s", got, usual)
		}
	}
	t.Run("enter line by line", func(t *testing.T) {
		t.Parallel()
		d := prepareTalk(t)
		usual := prepared(t, d.world)
		d.start()
		d.toReview(state.Download, "Payments", "orders-prod", "")
		d.Say("q")
		want(t, usual, d.leave(state.OutcomeAborted))
	})
	t.Run("latest", func(t *testing.T) {
		t.Parallel()
		d := prepareTalk(t)
		usual := prepared(t, d.world)
		d.cfg.Given = state.Given{Project: "Payments", Cluster: "orders-prod", Snapshot: state.Latest, Delivery: string(state.Download)}
		d.start()
		d.Wait(askDownload)
		d.Say("q")
		want(t, usual, d.leave(state.OutcomeAborted))
	})
	t.Run("enter on the screen", func(t *testing.T) {
		t.Parallel()
		s := prepare(t)
		usual := prepared(t, s.world)
		s.start(normal)
		s.toReview(state.Download, "Payments", "orders-prod", "")
		want(t, usual, s.root.Summary())
	})
}
