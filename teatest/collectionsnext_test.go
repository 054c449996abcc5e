package teatest_test

import (
	"strings"
	"testing"
	"time"

	"atlas-restore/atlasclient/simulator"
	"atlas-restore/state"
)

// nextOfCollections goes from a job to the names of the same source for another restore.
func (s *stage) nextOfCollections() {
	s.t.Helper()
	s.Press("n", "n")
	s.Wait("which cluster's data")
	s.pick("orders-prod")
	s.Wait("which state of the data")
	s.WaitFor("a highlighted row", highlighted)
	s.Press("enter")
	s.toDelivery(state.Collections)
	s.Wait("which databases and collections?")
}

// What one restore overwrote is not overwritten by the next for all that: it begins with nothing
// marked, and with what erases nothing.
func TestNextRestoreBeginsWithNothing(t *testing.T) {
	t.Parallel()
	s := play(t, normal)
	s.toCollectionsReview(func() { s.Press("f6") })
	s.Press("ctrl+x") // no snapshot of it first
	s.confirms("overwrite train/orders-prod")
	s.Wait("RUNNING")
	s.nextOfCollections()
	s.Wait("Chosen    nothing yet")
	s.Wait("create new, beside what is there")
}

// A BLOCK by a restore of this run is lifted when that has ended, and nobody has to ask.
func TestBlockOfAnEndedRestoreIsLifted(t *testing.T) {
	t.Parallel()
	s := play(t, normal)
	s.toCollectionsReview(func() {})
	s.confirms("collections")
	s.Wait("RUNNING")
	s.nextOfCollections()
	s.Wait("shop ")
	s.Type("shop.orders")
	s.WaitFor("the collection", func(screen string) bool { return strings.Contains(row(screen), "shop.orders") })
	s.Press("space", "enter")
	s.toTarget("Payments", "orders-prod")
	s.Wait("BLOCK running")
	s.sim.Advance(time.Hour)
	s.WaitFor("nothing in the way", func(screen string) bool {
		return !strings.Contains(screen, "BLOCK") && strings.Contains(screen, "type: collections")
	})
}

// A collection is found by its own name: what nothing in the list matches has a few databases opened.
func TestCollectionIsFoundByItsName(t *testing.T) {
	t.Parallel()
	s := play(t, normal)
	s.toCollections()
	s.Type("orders")
	s.WaitFor("the collection", func(screen string) bool { return strings.Contains(row(screen), "shop.orders") })
	s.Press("space")
	s.Wait("Chosen    1 name: shop.orders")
	s.Press("esc")
	s.Type("nowhere")
	s.Wait(`No name matches "nowhere" in the databases that were opened.`)
}

// Names that cannot be read are asked for once for a key, and not again and again.
func TestUnreadNamesAreNotAskedForWithoutEnd(t *testing.T) {
	t.Parallel()
	s := play(t, normal)
	s.toCollections()
	s.sim.Fail(simulator.Fault{PathContains: "/databases/shop", Status: 403, ErrorCode: "USER_UNAUTHORIZED", Times: -1})
	s.Type("shop.orders")
	s.Wait("USER_UNAUTHORIZED")
	s.Settled()
	asked := 0
	for _, q := range s.sim.Requests() {
		if strings.Contains(q.Path, "/databases/shop") {
			asked++
		}
	}
	if asked == 0 || asked > len("orders")+1 {
		t.Errorf("they were asked for %d times", asked)
	}
}

// Whoever leaves the list of the names and comes back finds it as it was: what is marked, what is open, and the highlight,
// also where that is on a row that is not marked. Back means from the page before and from the next one, and by way of a
// moment in the place of the snapshot, whose names are the same.
func TestTheListOfNamesIsFoundAsItWasLeft(t *testing.T) {
	t.Parallel()
	s := play(t, normal)
	s.toOrders()
	s.Press("space")
	s.Wait("1 name: shop.orders")
	s.Press("esc") // out of the filter
	s.WaitFor("the list with all names", func(screen string) bool { return strings.Contains(screen, "type to filter") })
	key := "up"
	for _, name := range []string{"audit", "shop.orders", "shop.payments"} {
		for n := 0; n < 12 && !strings.Contains(row(s.Screen()), name); n++ {
			s.Press(key)
			s.Settled()
		}
		key = "down"
		if !strings.Contains(row(s.Screen()), name) {
			t.Fatalf("no way to %s:\n%s", name, s.Screen())
		}
		as := func(way string) {
			t.Helper()
			s.Wait("which databases and collections?")
			s.Wait("1 name: shop.orders")
			s.Wait("shop.payments")
			s.AtRest()
			if !strings.Contains(row(s.Screen()), name) {
				t.Errorf("%s: the highlight was on %s, and is on %q:\n%s", way, name, row(s.Screen()), s.Screen())
			}
		}
		s.Press("enter")
		s.Wait("into which cluster?")
		s.Press("esc")
		as("from the next page")
		s.Press("esc")
		s.toDelivery(state.Collections)
		as("from the page before")
	}
	s.Press("esc", "esc")
	s.Wait("which state of the data")
	s.Press("tab")
	s.Wait("which moment of the data do you want back?")
	s.Type("2026-11-23 14:02:58")
	s.Wait("✓ 23 Nov 14:02:58 UTC")
	s.Press("enter")
	s.Wait("a name that came later can be typed")
	s.Wait("shop.payments")
	s.AtRest()
	if !strings.Contains(row(s.Screen()), "shop.payments") {
		t.Errorf("by way of a moment: %s", s.Screen())
	}
}
