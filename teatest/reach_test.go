package teatest_test

import (
	"net/http"
	"testing"

	"atlas-restore/atlasclient/simulator"
	"atlas-restore/state"
)

// What can be had is said, and held against what is typed, as soon as it is known, though it
// could not be seen at first.
func TestReachIsLearntLate(t *testing.T) {
	t.Parallel()
	s := prepare(t)
	stall := make(chan struct{})
	s.sim.Fail(simulator.Fault{Method: http.MethodGet, PathContains: "/schedule", Stall: stall, Times: -1})
	s.start(normal)
	s.toSnapshots("Payments", "orders-prod")
	s.Press("tab")
	s.Wait("› Moment")
	s.Type("2026-11-01 00:00")
	s.Wait("✓ 1 Nov 00:00:00 UTC")
	close(stall)
	s.Wait("✗ that is before the restore window")
	s.noPosts()
}

// Line by line too.
func TestLinesReach(t *testing.T) {
	t.Parallel()
	d := prepareTalk(t)
	d.sim.Fail(simulator.Fault{Method: http.MethodGet, PathContains: "/schedule", Status: http.StatusForbidden, ErrorCode: "USER_UNAUTHORIZED"})
	d.start()
	d.toSnapshots("Payments", "orders-prod")
	d.Say("moment")
	d.Wait("Loading the restore window of orders-prod failed")
	d.Wait("The restore window could not be seen.")
	d.answer("Restore to", "b")
	d.answer(askSnapshot, "moment")
	d.Wait("Any second from 16 Nov 14:31 UTC to now can be restored")
	d.answer("Restore to", "1")
	d.answer("Moment:", "2026-11-01 00:00")
	d.Wait("before the restore window")
	d.answer("Moment:", "q")
	d.leave(state.OutcomeAborted)
	d.noPosts()
}

// What a flag has confirmed is one request: if that is refused, the next one is confirmed by
// somebody who has read why.
func TestLinesFlagConfirmsOnce(t *testing.T) {
	t.Parallel()
	d := prepareTalk(t)
	d.cfg.Given = state.Given{Confirm: state.PracticePrefix + "orders-prod-restore"}
	d.sim.Fail(onePost(simulator.Fault{Status: http.StatusConflict, ErrorCode: "CANNOT_RESTORE_NOW"}))
	d.start()
	d.toSnapshots("Payments", "orders-prod")
	d.Say("")
	d.answer(askDelivery, "automated")
	d.answer(askTargetProject, "Payments")
	d.answer(askTarget, "orders-prod-restore")
	d.Wait("Confirmed by --confirm train/orders-prod-restore.")
	d.Wait("Nothing was submitted: the request was refused.")
	d.answer(askErase, "q")
	d.leave(state.OutcomeAborted)
	if p := d.posts(); len(p) != 1 {
		t.Errorf("%d requests for one flag: %v", len(p), p)
	}
}

// The keys that move a moment do so only where it is asked for; the timeline has it for its
// cursor.
func TestMomentIsMovedWhereItIsAskedFor(t *testing.T) {
	t.Parallel()
	s := play(t, normal)
	s.toSnapshots("Payments", "orders-prod")
	s.Press("tab")
	s.Wait("› Moment")
	s.Type("13:00")
	s.Wait("✓ 23 Nov 13:00:00 UTC")
	s.Wait("23 Nov 13:00:00 UTC · 1 h 31 min ago ▲")
	s.Press("enter")
	s.Wait("› Target cluster")
	s.Press("tab")
	s.Wait("› Target project")
	s.Press("shift+left", "ctrl+left", "up", "down", "enter")
	s.Wait("› Target cluster")
	s.Press("shift+left", "ctrl+right", "up", "down")
	typeTarget(s, "orders-prod-restore")
	s.Press("enter")
	s.Wait("23 Nov 13:00:00 UTC")
	s.noPosts()
}
