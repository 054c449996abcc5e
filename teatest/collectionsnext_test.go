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
