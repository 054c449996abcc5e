package teatest_test

import (
	"strings"
	"testing"
	"time"

	"atlas-restore/state"
)

// Staging is refreshed from production by typing the target's name: no project is asked for
// first. What no rule calls production is said to be unknown on the row, in the header, in the
// checks and in the line to type.
func TestTargetOfAnotherProject(t *testing.T) {
	t.Parallel()
	s := play(t, normal)
	s.toSnapshots("Payments", "orders-prod")
	s.Press("enter")
	s.toDelivery(state.Automated)
	s.Wait("› Target cluster")
	s.WaitFor("the targets", listed.MatchString)
	if highlighted(s.Screen()) {
		t.Errorf("a target is highlighted before anybody has moved:\n%s", s.Screen())
	}
	s.Wait("unknown: not known to be production (rule: prod*)")
	s.Type("orders-stg")
	s.WaitFor("the row", func(screen string) bool {
		return strings.Contains(row(screen), "orders-stg  unknown  Payments Staging")
	})
	s.Wait("onto orders-stg  env unknown  Payments Staging")
	s.Press("enter")
	s.Wait("5 of 5: is this what you want?")
	s.Wait("which is not known to be production (prod*)")
	s.Wait("To erase orders-stg (not known to be production), type:")
	if s.Shows("more: pgdn") {
		t.Errorf("the review is not whole:\n%s", s.Screen())
	}
	s.AssertTarget("orders-stg")
	s.Confirm("orders-stg")
	s.Wait("RUNNING")
	if p := s.posts(); len(p) != 1 || !strings.Contains(p[0], `"targetGroupId":"`+s.sim.ProjectID("Payments Staging")+`"`) {
		t.Errorf("the requests were %v", p)
	}
}

// Line by line the name of a cluster answers the question for the project too.
func TestLinesTargetByName(t *testing.T) {
	t.Parallel()
	d := talk(t)
	d.toSnapshots("Payments", "orders-prod")
	d.Say("")
	d.answer(askDelivery, "automated")
	d.answer(askTargetProject, "orders-stg")
	d.Wait("Target project: Payments Staging.")
	d.Wait("WARNING: All that is on the target cluster now is erased")
	d.Wait("Target cluster: orders-stg")
	d.Wait("not known to be production (prod*)")
	d.Wait("type train/orders-stg")
	d.noPosts()
}

// The delivery page begins on nothing: Enter says so, and chooses nothing.
func TestDeliveryBeginsOnNothing(t *testing.T) {
	t.Parallel()
	s := play(t, normal)
	s.toSnapshots("Payments", "orders-prod")
	s.Press("enter")
	s.Wait(moveFirst)
	s.Press("enter")
	s.Wait("Nothing is chosen yet")
	s.Press("down", "down", "enter")
	s.Wait("› Target cluster")
	s.Press("esc")
	s.WaitFor("what was chosen", func(screen string) bool { return strings.Contains(row(screen), "snapshot onto a cluster") })
	s.noPosts()
}

// A job that is done and leaves things to do stays in the line at the bottom until they are
// ticked off. The same keys begin another restore each time: no letter falls into a filter.
func TestWhatRemainsIsReachable(t *testing.T) {
	t.Parallel()
	s := play(t, roomy)
	s.toReview(state.Automated, "Payments", "orders-prod", "orders-prod-restore")
	s.AssertTarget("orders-prod-restore")
	s.Confirm("orders-prod-restore")
	s.Wait("RUNNING")
	s.sim.Advance(10 * time.Minute)
	s.Wait("COMPLETED")
	s.Press("n")
	s.Wait("What remains to be done after this job stays in the line at the bottom")
	s.Press("n")
	find(s)
	s.Wait("orders-prod-restore: restore COMPLETED")
	s.Wait("to do")
	s.Press("ctrl+o")
	s.Wait("Look at the data of orders-prod-restore")
	s.Press("n")
	s.Wait("Another restore is begun already: esc goes back to it.")
	for range 6 {
		s.Press("space", "down")
	}
	s.WaitGone("[ ]")
	s.Press("esc")
	s.Wait("which cluster's data")
	s.WaitGone("to do")
	if strings.Contains(s.Screen(), "› n") {
		t.Errorf("a key fell into the filter:\n%s", s.Screen())
	}
}

// Yesterday and the days of the week are found, the days before now have their names on the
// timeline, and its letters a legend in the usual window.
func TestYesterdayIsFound(t *testing.T) {
	t.Parallel()
	s := play(t, normal) // it is Monday, 23 Nov
	s.toSnapshots("Payments", "orders-prod")
	s.Wait("21 Nov")
	s.Wait("22 Nov")
	s.Wait("h hourly")
	s.Type("yesterday")
	s.Wait("5 of 57 snapshots")
	s.WaitFor("its row", func(screen string) bool { return strings.Contains(row(screen), "22 Nov") })
	s.Press("ctrl+u")
	s.Type("saturday")
	s.WaitFor("its row", func(screen string) bool { return strings.Contains(row(screen), "21 Nov") })
	s.noPosts()
}

// That nothing is terminated is said, and so is what was.
func TestTerminatedIsTold(t *testing.T) {
	t.Parallel()
	for project, want := range map[string]string{
		"Payments":   "Nothing is terminated: no cluster of Payments that is gone has kept its backups.",
		"Storefront": "Terminated, and listed now, as their backups were kept: carts, wishlists.",
	} {
		s := play(t, normal)
		toProjects(s)
		s.pick(project)
		s.Wait("whose data")
		s.WaitFor("a highlighted row", highlighted)
		s.Press("ctrl+t")
		s.WaitFor(want, func(screen string) bool { return strings.Contains(flat(screen), want) })
	}
}

// Whoever erases production is told so in the smallest window too, without a key: beside the words
// to type, and as the first warning.
func TestNarrowReviewSaysProduction(t *testing.T) {
	t.Parallel()
	s := play(t, narrow)
	s.toReview(state.Automated, "Payments", "orders-prod", "ledger-prod")
	s.Wait("To erase PRODUCTION, type:")
	s.WaitFor("the warning", func(screen string) bool {
		return strings.Contains(flat(screen), "WARN environment: ledger-prod is production")
	})
	s.noPosts()
}
