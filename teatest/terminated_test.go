package teatest_test

import (
	"strings"
	"testing"

	"atlas-restore/state"
)

// A terminated cluster whose backups were kept is a source, once somebody asks for such,
// and never a target; one whose name another cluster bears now is shown with the reason.
func TestTerminatedCluster(t *testing.T) {
	t.Parallel()
	s := play(t, normal)
	toProjects(s)
	s.pick("Storefront")
	s.Wait("whose data")
	s.WaitFor("a highlighted row", highlighted)
	if strings.Contains(s.Screen(), "wishlists") {
		t.Error("a terminated cluster is listed among the living")
	}
	s.Press("ctrl+t")
	s.Wait("terminated, and another cluster bears")
	s.pick("wishlists")
	s.Wait("which state of the data")
	s.WaitFor("the snapshots", highlighted)
	if strings.Contains(s.Screen(), "a moment instead") || strings.Contains(s.Screen(), "a new snapshot") {
		t.Errorf("what a terminated cluster has not is offered:\n%s", s.Screen())
	}
	s.Press("enter")
	s.toDelivery(state.Automated)
	s.Wait("› Target cluster")
	s.Type("wishlists")
	s.Wait("terminated")
	s.Press("enter")
	s.Settled()
	s.Press("ctrl+u")
	s.Type("catalog")
	s.WaitFor("the target", func(screen string) bool { return strings.Contains(row(screen), "catalog ") })
	s.Press("enter")
	s.AssertTarget("catalog")
	s.Confirm("catalog")
	s.Wait("RUNNING")
	newest := s.sim.Jobs()[len(s.sim.Jobs())-1]
	if newest.Cluster != "wishlists" || newest.TargetCluster != "catalog" {
		t.Errorf("the job is %+v", newest)
	}
}

// The same line by line, and as a download.
func TestLinesTerminatedCluster(t *testing.T) {
	t.Parallel()
	d := talk(t)
	d.answer(askProject, "Storefront")
	d.answer(askCluster, "wishlists")
	d.Wait(`No cluster matches "wishlists".`)
	d.answer(askCluster, "terminated")
	d.answer("more: say more, or a part of the name. Cluster:", "more")
	d.Wait("wishlists, environment unknown, 8.0.29, M30")
	d.answer(askCluster, "wishlists")
	d.answer(askSnapshot, "")
	d.answer(askDelivery, "download")
	d.answer(askDownload, "download")
	d.Wait("RUNNING")
	if newest := d.sim.Jobs()[len(d.sim.Jobs())-1]; newest.Cluster != "wishlists" || len(d.posts()) != 1 {
		t.Errorf("the job is %+v", newest)
	}
}

// The terminated clusters are a key away, which the palette names; once they are listed it has
// nothing to show any more, and says so.
func TestKeyOfTheTerminated(t *testing.T) {
	t.Parallel()
	s := play(t, normal)
	toProjects(s)
	s.pick("Storefront")
	s.Wait("whose data")
	s.WaitFor("a highlighted row", highlighted)
	s.Press("ctrl+p")
	s.Wait("show terminated")
	s.Type("terminated")
	s.Press("enter")
	s.WaitFor("the list with them", func(screen string) bool { return strings.Contains(flat(screen), "Terminated, and listed now") })
	s.AtRest() // what a key does not do is said until something else is to be said
	s.Press("ctrl+t")
	s.Wait("ctrl+t does nothing here")
	if !strings.Contains(s.Screen(), "wishlists") {
		t.Error("the terminated clusters are gone again")
	}
}
