package teatest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"atlas-restore/atlasclient/simulator"
	"atlas-restore/state"
)

// Each line of the plan is a key away from the review, and the review follows.
func TestEveryLineIsAKeyAway(t *testing.T) {
	t.Parallel()
	s := play(t, normal)
	s.toReview(state.Automated, "Payments", "orders-prod", "orders-prod-restore")
	for _, line := range []struct{ key, asks string }{
		{"f5", "1 of 5"}, {"f6", "whose data"}, {"f7", "which state of the data"}, {"f8", "how is it delivered"}, {"f9", "onto which cluster"},
	} {
		s.Press(line.key)
		s.Wait(line.asks)
		s.Press("ctrl+u", "esc")
		s.Wait("Nothing has been submitted yet")
	}
	s.Press("f7")
	s.Wait("which state of the data")
	s.WaitFor("a highlighted row", highlighted)
	s.Press("down", "down", "enter")
	s.Wait("Nothing has been submitted yet") // delivery and target stand
	s.Wait("23 Nov 00:20 UTC · 39 GB")
	s.AssertTarget("orders-prod-restore")
	s.Press("f9")
	s.Wait("onto which cluster")
	s.Press("esc")
	s.Wait("Nothing has been submitted yet")
	s.Press("f8")
	s.WaitFor("the delivery types", func(screen string) bool { return strings.Contains(row(screen), "automated") })
	s.Press("down", "down", "enter")
	s.Wait("Files to fetch")
	s.noPosts()
}

// Going on by words does the same, line by line.
func TestEveryLineIsAWordAway(t *testing.T) {
	t.Parallel()
	d := prepareTalk(t)
	d.start()
	d.toReview(state.Automated, "Payments", "orders-prod", "orders-prod-restore")
	d.answer(askName("orders-prod-restore"), "snapshot")
	d.answer("Snapshot, enter takes 23 Nov 12:20 UTC:", "3")
	d.Wait("the snapshot of 23 Nov 00:20 UTC")
	d.answer(askName("orders-prod-restore"), "delivery")
	d.answer("Delivery", "download")
	d.Wait("Download orders-prod (Payments)")
	d.answer(askDownload, "q")
	d.leave(state.OutcomeAborted)
	d.noPosts()
}

// askName is the question for the name of a target.
func askName(target string) string {
	return fmt.Sprintf("restore onto it, type train/%s:", target)
}

// A snapshot of the target is taken before it is overwritten, where that is wanted; one that
// was left is waited for, and one that fails holds the restore back.
func TestSafetySnapshot(t *testing.T) {
	t.Parallel()
	s := play(t, normal)
	s.toReview(state.Automated, "Payments", "orders-prod", "orders-prod-restore")
	s.Wait("f3 snapshot first")
	s.Press("f3")
	s.Wait("› Description")
	s.Type("\r\r\r\r")
	s.Wait("is queued")
	s.Press("esc") // not waited for
	s.Wait("was not waited for")
	s.Wait("To go on, type first: accept safety")
	s.AssertTarget("orders-prod-restore")
	s.Confirm("orders-prod-restore")
	s.Wait("Nothing was submitted: safety is UNKNOWN.")
	s.noPosts()
	s.Press("f3")
	s.Wait("When it is completed the review follows") // it is not asked for twice
	s.sim.SetSnapshot("Payments", "orders-prod-restore", s.sim.Snapshots("Payments", "orders-prod-restore")[0].ID, func(x *simulator.Snapshot) { x.Failed = true })
	s.sim.Advance(4 * time.Minute)
	s.Wait("used; take another one")
	s.Press("esc")
	s.Wait("The safety snapshot of orders-prod-restore failed")
	s.Press("f3")
	s.Wait("› Description")
	s.Type("\r\r")
	s.Wait("is queued")
	s.sim.Advance(4 * time.Minute)
	s.Wait("orders-prod-restore has the snapshot of 23 Nov 14:")
	s.AssertTarget("orders-prod-restore")
	s.Confirm("orders-prod-restore")
	s.Wait("RUNNING")
	if n := len(s.taken()); n != 2 {
		t.Errorf("%d snapshots were asked for, want 2", n)
	}
	if p := s.posts(); len(p) != 1 {
		t.Errorf("restores %v", p)
	}
}

// Line by line too.
func TestSafetySnapshotByWord(t *testing.T) {
	t.Parallel()
	d := prepareTalk(t)
	d.start()
	d.toReview(state.Automated, "Payments", "orders-prod", "orders-prod-restore")
	d.answer(askName("orders-prod-restore"), "safety")
	d.answer("Description, enter takes before a restore with atlas-restore:", "")
	d.answer("Kept for days", "")
	d.Wait("is queued")
	d.sim.Advance(4 * time.Minute)
	d.Wait("Safer: orders-prod-restore has the snapshot of")
	d.AssertTarget("orders-prod-restore")
	d.Confirm("orders-prod-restore")
	d.Wait("restore job ")
	if p := d.posts(); len(p) != 1 {
		t.Errorf("restores %v", p)
	}
}

// The cursor of the timeline moves with the list, and jumps by days and hours; a moment is
// moved on it too.
func TestTimelineIsWalked(t *testing.T) {
	t.Parallel()
	s := play(t, normal)
	s.toSnapshots("Payments", "orders-prod")
	s.Wait("23 Nov 12:20:04 UTC · 2 h 10 min ago ▲")
	s.Press("down")
	s.Wait("23 Nov 06:20:04 UTC · 8 h 10 min ago ▲")
	s.Press("ctrl+left")
	s.Wait("22 Nov 06:20:04 UTC")
	if !strings.Contains(row(s.Screen()), "22 Nov 06:20 UTC") {
		t.Errorf("the list has not moved with it: %s", row(s.Screen()))
	}
	s.Press("shift+right")
	s.WaitFor("the next snapshot that can be used", func(screen string) bool { return strings.Contains(row(screen), "22 Nov 18:20 UTC") })
	s.Press("tab")
	s.Wait("› Moment")
	s.Wait("━") // until the window is known nothing keeps a moment in it
	s.Press("shift+left")
	s.Wait("✓ 23 Nov 13:31:00 UTC")
	s.Press("ctrl+left")
	s.Wait("✓ 22 Nov 13:31:00 UTC")
	s.Press("up")
	s.Wait("✓ 22 Nov 13:32:00 UTC")
	s.Press("ctrl+right", "ctrl+right", "ctrl+right") // never beyond now
	s.Wait("✓ 23 Nov 14:31:00 UTC")
	for range 9 { // never before the window
		s.Press("ctrl+left")
	}
	s.Wait("✓ 16 Nov 14:31:00 UTC")
}
