package teatest_test

import (
	"testing"
	"time"

	"atlas-restore/atlasclient/simulator"
	"atlas-restore/state"
	"atlas-restore/ui/steps"
)

// By ear: from the collection that is gone to the review of the second before, which carries what
// was found. The moment is not asked for.
func TestLinesFindTheMoment(t *testing.T) {
	t.Parallel()
	d := talk(t)
	at := d.sim.Now().Add(-29 * time.Minute).Truncate(time.Millisecond)
	if err := d.sim.Inject(simulator.Inject{Drop: &simulator.InjectDrop{Cluster: "Payments/orders-prod", Namespace: "shop.orders", Ago: simulator.Duration(29 * time.Minute)}}); err != nil {
		t.Fatal(err)
	}
	second := at.Truncate(time.Second).Add(-time.Second).UTC()
	d.toSnapshots("Payments", "orders-prod")
	d.Wait("Say when to find out when something was lost.")
	d.Say("when")
	d.Wait("This only reads: nothing is changed by it.")
	d.answer(steps.WhenMissing, "shop.orders")
	d.Wait("Looked for is the collection shop.orders, by this very name.")
	d.answer(steps.WhenSince, "since lunch")
	d.Wait("since when: write a date and a time")
	d.answer(steps.WhenMissing, "")
	d.answer(steps.WhenSince, "2h")
	d.Wait("When was shop.orders lost? Looking since ")
	d.Wait("shop.orders was dropped, ")
	d.Wait("The newest minutes of a log always come late.")
	d.Wait("Restore to " + second.Format("2 Jan 15:04:05") + " UTC")
	d.answer("Which", "shop.orders was dropped")
	d.Wait("the second before.")
	d.answer(askTargetProject, "")
	d.answer(askTarget, "orders-prod-restore")
	d.Wait("the second before shop.orders was dropped at " + at.UTC().Format("15:04:05.000") + " UTC")
	d.noPosts()
}

// What was not found can be looked for further back, or as something else; and the way leads back
// to where it was left, also from the moment.
func TestLinesFindNoMoment(t *testing.T) {
	t.Parallel()
	d := talk(t)
	d.toSnapshots("Payments", "orders-prod")
	d.Say("moment")
	d.answer("Restore to, enter takes moment:", "")
	d.answer(askMoment, "when")
	d.answer(steps.WhenMissing, "shop.orders")
	d.answer(steps.WhenSince, "1h")
	d.Wait("Nothing was found about shop.orders since ")
	d.answer("further looks further back, other looks for something else, b goes back:", "further")
	d.Wait("Nothing was found about shop.orders since ")
	d.answer("further looks further back, other looks for something else, b goes back:", "other")
	d.answer(steps.WhenMissing, "b")
	d.Wait("One step back.")
	d.answer("Restore to, enter takes moment:", "")
	d.answer(askMoment, "40m")
	d.answer(askTargetProject, "")
	d.noPosts()
}

// A search that takes long can be stopped: what was found stands, and what was not read is said.
func TestLinesStopTheSearch(t *testing.T) {
	t.Parallel()
	d := talk(t)
	if err := d.sim.Inject(simulator.Inject{Drop: &simulator.InjectDrop{Cluster: "Payments/orders-prod", Namespace: "shop.orders", Ago: simulator.Duration(29 * time.Minute)}}); err != nil {
		t.Fatal(err)
	}
	stall := make(chan struct{})
	t.Cleanup(func() { close(stall) })
	d.sim.Fail(simulator.Fault{PathContains: "/measurements", Stall: stall, Times: -1})
	d.toSnapshots("Payments", "orders-prod")
	d.Say("when")
	d.answer(steps.WhenMissing, "shop.orders")
	d.answer(steps.WhenSince, "2h")
	d.Wait("Found: ")
	d.Say("nonsense")
	d.Wait("means nothing here. stop ends the search")
	d.Say("stop")
	d.Wait("The search was stopped before.")
	d.answer("Which", "b")
	d.Wait(askSnapshot)
	d.noPosts()
}

// A flag that says what is missing begins with when that was lost.
func TestLinesLookForWhatAFlagSays(t *testing.T) {
	t.Parallel()
	d := prepareTalk(t)
	d.cfg.Given = state.Given{Project: "Payments", Cluster: "orders-prod", Namespace: "shop.orders"}
	if err := d.sim.Inject(simulator.Inject{Drop: &simulator.InjectDrop{Cluster: "Payments/orders-prod", Namespace: "shop.orders", Ago: simulator.Duration(29 * time.Minute)}}); err != nil {
		t.Fatal(err)
	}
	d.start()
	d.Wait("When was shop.orders lost? Looking since ")
	d.answer("Which", "other")
	d.answer(steps.WhenMissing, "b")
	d.Wait(askSnapshot)
	d.noPosts()
}
