package teatest_test

import (
	"net/http"
	"strings"
	"testing"

	"atlas-restore/atlasclient/simulator"
	"atlas-restore/state"
)

// never fails where the screen tells one of texts.
func (s *stage) never(texts ...string) {
	s.t.Helper()
	s.Settled()
	for _, text := range texts {
		if strings.Contains(flat(s.Screen()), text) {
			s.t.Errorf("%q is told:\n%s", text, s.Screen())
		}
	}
}

// toCluster chooses a cluster, whatever comes of its snapshots.
func (s *stage) toCluster(project, cluster string) {
	s.t.Helper()
	toProjects(s)
	s.pick(project)
	s.Wait("whose data")
	s.pick(cluster)
	s.Wait("which state of the data")
}

// Names that have not come are not no names: neither a count of them is told nor that there are none,
// and nobody is sent to a row. Once they have come they are counted.
func TestNamesThatHaveNotCome(t *testing.T) {
	t.Parallel()
	s := prepare(t)
	stall := make(chan struct{})
	s.sim.Fail(simulator.Fault{Method: http.MethodGet, PathContains: "/databases", Stall: stall, Times: -1})
	s.start(normal)
	s.toSnapshots("Payments", "orders-prod")
	s.Press("enter")
	s.toDelivery(state.Collections)
	s.Wait("Loading the names in the snapshot of")
	s.Wait("names not loaded yet")
	s.never("0 names", "no names", "could not be read")
	s.Press("enter")
	s.Wait("Nothing is marked yet: the names are still being loaded.")
	s.Type("sho")
	s.Wait("The names are being loaded.")
	s.never("No name matches")
	s.Press("ctrl+u")
	close(stall)
	s.Wait("names, snapshot of")
	s.Wait("shop ")
	s.never("not loaded yet")
	s.noPosts()
}

// Names that could not be read are not no names either, nor those of before a moment. One is typed
// then, or they are asked for again.
func TestNamesThatCouldNotBeRead(t *testing.T) {
	t.Parallel()
	s := prepare(t)
	s.sim.Fail(simulator.Fault{Method: http.MethodGet, PathContains: "/databases", Status: http.StatusForbidden, ErrorCode: "USER_UNAUTHORIZED", Times: 1})
	s.start(normal)
	s.toSnapshots("Payments", "orders-prod")
	s.Press("enter")
	s.toDelivery(state.Collections)
	s.Wait("Loading the names in the snapshot of 23 Nov 12:20 UTC failed")
	s.Wait("names not known")
	s.Wait("The names could not be read: type them, like shop.orders.")
	s.never("0 names", "no names", "before the moment")
	s.Press("enter")
	s.Wait("Nothing is marked yet: type a name with its database, like shop.orders.")
	s.Type("shop.later")
	s.Wait("Space marks shop.later as it is typed.")
	s.never("No name matches")
	s.Press("space")
	s.WaitFor("its row", func(screen string) bool { return strings.Contains(flat(screen), "[x] shop.later") })
	s.never("not in this snapshot")
	s.Wait("ctrl+r load again")
	s.Press("ctrl+r")
	s.Wait("names, snapshot of")
	s.WaitFor("its row", func(screen string) bool {
		return strings.Contains(flat(screen), "[x] shop.later") && strings.Contains(screen, "not in this snapshot")
	})
	s.noPosts()
}

// A snapshot before a moment that could not be looked for is not none.
func TestNamesOfAMomentThatCouldNotBeRead(t *testing.T) {
	t.Parallel()
	s := prepare(t)
	s.sim.Fail(simulator.Fault{Method: http.MethodGet, PathEnds: "/snapshots", Status: http.StatusForbidden, ErrorCode: "USER_UNAUTHORIZED", Times: -1})
	s.start(normal)
	s.toCluster("Payments", "orders-prod")
	s.Wait("Loading the snapshots of orders-prod failed")
	s.Press("tab")
	s.Wait("› Moment")
	s.Type("14:02:58")
	s.Wait("✓ 23 Nov 14:02:58 UTC")
	s.Press("f10")
	s.Wait("which databases and collections?")
	s.Wait("Looking for the snapshot before that moment failed")
	s.Wait("names not known")
	s.Wait("The names could not be read: type them, like shop.orders.")
	s.never("0 names", "no names", "No snapshot was taken")
	s.noPosts()
}

// Line by line too: whose names these are is told of names that were read.
func TestLinesNamesThatCouldNotBeRead(t *testing.T) {
	t.Parallel()
	d := prepareTalk(t)
	d.sim.Fail(simulator.Fault{Method: http.MethodGet, PathContains: "/databases", Status: http.StatusForbidden, ErrorCode: "USER_UNAUTHORIZED"})
	d.start()
	d.toSnapshots("Payments", "orders-prod")
	d.Say("")
	d.answer(askDelivery, "collections")
	d.Wait("The names could not be read: type them, like shop.orders.")
	if strings.Contains(d.Output(), "These are the names") {
		t.Errorf("names are told that were not read")
	}
	d.answer("Which databases and collections", "q")
	d.leave(state.OutcomeAborted)
	d.noPosts()
}

// The first part of a list is told as a part: what it lacks may be in the rest. That is so where the
// rest is on its way, and where it could not be loaded.
func TestAPartOfAListIsNotTheWhole(t *testing.T) {
	t.Parallel()
	s := prepare(t)
	s.sim.AddSnapshots("Payments", "orders-prod", 1200)
	stall := make(chan struct{})
	s.sim.Fail(simulator.Fault{Method: http.MethodGet, PathEnds: "/snapshots", QueryContains: "pageNum=2", Stall: stall, Times: -1})
	s.start(normal)
	s.toCluster("Payments", "orders-prod")
	s.Wait("500 snapshots so far")
	s.never("newest first")
	s.Type("25990")
	s.Wait(`None of the 500 snapshots that have come matches "25990"; more are on their way.`)
	s.Wait("0 of 500 snapshots so far")
	s.never("No snapshot matches")
	close(stall)
	s.Wait(`No snapshot matches "25990".`)
	s.never("so far", "that have come")
	s.Press("ctrl+u")
	s.Wait("snapshots, newest first")
	s.sim.Heal()
	refused := make(chan struct{}) // once the first part is there
	s.sim.Fail(simulator.Fault{Method: http.MethodGet, PathEnds: "/snapshots", QueryContains: "pageNum=2", Status: http.StatusForbidden, ErrorCode: "USER_UNAUTHORIZED", Stall: refused, Times: -1})
	s.Press("ctrl+r")
	s.Wait("500 snapshots so far")
	close(refused)
	s.Wait("Loading the snapshots of orders-prod failed")
	s.Wait("500 snapshots, not all")
	s.Type("25990")
	s.Wait(`None of the 500 snapshots that have come matches "25990"; the others could not be loaded.`)
	s.noPosts()
}

// Which moments can be had is not known while the schedule is on its way: that is neither told as only
// snapshots, nor where only a part of the snapshots has come as no moment.
func TestTimelineBeforeItIsKnown(t *testing.T) {
	t.Parallel()
	s := prepare(t)
	s.sim.AddSnapshots("Payments", "orders-prod", 1200)
	schedule, rest := make(chan struct{}), make(chan struct{})
	s.sim.Fail(simulator.Fault{Method: http.MethodGet, PathContains: "/schedule", Stall: schedule, Times: -1})
	s.sim.Fail(simulator.Fault{Method: http.MethodGet, PathEnds: "/snapshots", QueryContains: "pageNum=2", Stall: rest, Times: -1})
	s.start(roomy)
	s.toCluster("Payments", "orders-prod")
	s.Wait("500 snapshots so far")
	s.Wait("? not loaded yet")
	s.never("only snapshots", "no moment", "any second")
	close(schedule)
	s.Wait("the other snapshots are being loaded")
	s.never("only snapshots")
	if n := strings.Count(s.Screen(), "░"); n > 2 { // right behind the restore, and in the legend
		t.Errorf("moments are told as none that may be some:\n%s", s.Screen())
	}
	close(rest)
	s.WaitGone("being loaded")
	s.Wait("━ any second")
	s.never("not loaded yet")
	s.noPosts()
}

// A moment is not told as one that can be had while the snapshots are not known, on their way or
// refused; once they have come it is.
func TestMomentWithoutSnapshots(t *testing.T) {
	t.Parallel()
	s := prepare(t)
	stall := make(chan struct{})
	s.sim.Fail(simulator.Fault{Method: http.MethodGet, PathEnds: "/snapshots", Stall: stall, Times: -1})
	s.start(roomy)
	s.toCluster("Payments", "orders-prod")
	s.Wait("Loading the snapshots of orders-prod")
	s.Press("tab")
	s.Wait("› Moment")
	s.Wait("? not loaded yet")
	s.never("━", "any second")
	s.Type("14:02:58")
	s.Wait("Not checked:")
	close(stall)
	s.Wait("━ any second")
	s.never("Not checked", "not loaded yet")
	s.noPosts()
}

// Snapshots that are refused leave it not known, and what failed is said.
func TestMomentWhereSnapshotsAreRefused(t *testing.T) {
	t.Parallel()
	s := prepare(t)
	s.sim.Fail(simulator.Fault{Method: http.MethodGet, PathEnds: "/snapshots", Status: http.StatusForbidden, ErrorCode: "USER_UNAUTHORIZED", Times: -1})
	s.start(roomy)
	s.toCluster("Payments", "orders-prod")
	s.Wait("Loading the snapshots of orders-prod failed")
	s.Press("tab")
	s.Wait("› Moment")
	s.Wait("Loading the restore window of orders-prod failed")
	s.Wait("(the snapshots could not be seen)")
	s.Wait("? not known")
	s.never("━", "any second")
	s.Type("14:02:58")
	s.Wait("Not checked: the snapshots could not be seen")
	s.noPosts()
}
