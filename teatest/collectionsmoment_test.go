package teatest_test

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"atlas-restore/state"
)

// ofMoment is the body of a restore of shop.orders as it was at a second of that day.
func (w *world) ofMoment(clock string) map[string]any {
	at, err := time.Parse(time.DateTime, "2026-11-23 "+clock)
	if err != nil {
		panic(err)
	}
	return w.one(func(b map[string]any) { delete(b, "snapshotId"); b["pointInTimeUtcSeconds"] = at.Unix() })
}

// ordersOfMoment goes from the page of the names to the review.
func (s *stage) ordersOfMoment() {
	s.t.Helper()
	s.Wait("which databases and collections?")
	s.Wait("from before the moment")
	s.Wait("Names of 23 Nov 12:20 UTC: a name that came later can be typed.")
	s.Wait("shop ")
	s.Type("shop.orders")
	s.WaitFor("the collection", func(screen string) bool { return strings.Contains(row(screen), "shop.orders") })
	s.Press("enter")
	s.toTarget("Payments", "orders-prod")
	s.Wait("submitted yet")
}

// In the lowest window all fields stay in view while the moment is asked for, whatever is wrong with it: the timeline
// gives way to them.
func TestEachFieldOfAMomentIsInViewInALowWindow(t *testing.T) {
	t.Parallel()
	s := play(t, narrow)
	s.toSnapshots("Payments", "orders-prod")
	s.Press("tab")
	s.Wait("› Moment")
	s.Wait("any second from")
	for _, typed := range []string{"", "99:99", "2026-11-24 14:02", "2026-11-21 17:00", "2026-11-23 14:02:59"} {
		s.Press("ctrl+u")
		s.Type(typed)
		mark := map[string]string{"": "any second", "2026-11-23 14:02:59": "✓"}[typed]
		s.Wait(strings.TrimSpace("› Moment           " + typed))
		s.Wait(cmp.Or(mark, "✗"))
		s.AtRest()
		for _, want := range []string{"Restore to", "› Moment", typed, "Target project", "Target cluster", "enter go on", "━"} {
			if !s.Shows(want) {
				t.Errorf("%q: no %q:\n%s", typed, want, s.Screen())
			}
		}
	}
}

// Whoever wants single collections and then a moment in the place of the snapshot gets single
// collections of that moment, and never a whole cluster: on the way, and where the review is
// changed.
func TestMomentOfCollections(t *testing.T) {
	t.Parallel()
	s := play(t, normal)
	s.toCollections()
	s.Press("esc", "esc")
	s.Wait("2 of 6: which state of the data")
	s.Press("tab")
	s.Wait("which moment of the data do you want back?")
	if s.Shows("Target") || s.Shows("onto") {
		t.Errorf("the moment is asked for with a target:\n%s", s.Screen())
	}
	s.Type("23 Nov 27:00")
	s.Wait("✗")
	s.Press("ctrl+u")
	s.Type("2026-11-23 14:02:58")
	s.Wait("✓ 23 Nov 14:02:58 UTC")
	s.Press("enter")
	s.Wait("3 of 5: which databases and collections?")
	s.ordersOfMoment()
	s.Wait("5 of 5: is this what you want?")
	s.Wait("nothing is erased")
	s.Press("f7")
	s.Wait("which moment of the data do you want back?")
	s.Wait("2026-11-23 14:02:58")
	s.Press("ctrl+u")
	s.Type("2026-11-23 14:01:00")
	s.Press("enter")
	s.Wait("type: collections")
	if s.Shows("ERASED") {
		t.Errorf("another moment makes a restore of a whole cluster:\n%s", s.Screen())
	}
	s.confirms("collections")
	s.Wait("RUNNING")
	s.onePost(s.ofMoment("14:01:00"))
	s.sim.Advance(time.Hour)
	s.Wait("COMPLETED")
	s.leave(state.OutcomeCompleted, "q")
}

// ordersInsteadOfTheWhole goes from the moment of a whole cluster over to shop.orders, to the review.
func (s *stage) ordersInsteadOfTheWhole() {
	s.t.Helper()
	s.toSnapshots("Payments", "orders-prod")
	s.AtRest() // whoever goes on before all has come asks for the rest of it anew
	s.Press("tab")
	s.Wait("which moment, onto which cluster?")
	s.Type("2026-11-23 14:02:58")
	s.Wait("✓")
	s.AtRest()
	s.Press("f10")
	s.ordersOfMoment()
}

// From the moment of a whole cluster one key leads to single collections of it, with what was
// typed.
func TestCollectionsInsteadOfTheWhole(t *testing.T) {
	t.Parallel()
	s := play(t, normal)
	s.ordersInsteadOfTheWhole()
	s.Press("f7", "esc") // the snapshots are one step back from the moment
	s.Wait("2 of 5: which state of the data")
	s.WaitFor("a highlighted row", highlighted)
	s.Press("esc")
	s.Wait("Nothing has been submitted yet")
	s.Press("f7", "ctrl+g")
	s.Wait("When was it lost?")
	s.Press("esc", "esc")
	s.WaitFor("a highlighted row", highlighted)
	s.Press("enter") // a snapshot after all
	s.Wait("Nothing has been submitted yet")
	s.confirms("collections")
	s.Wait("RUNNING")
	s.onePost(s.one(func(map[string]any) {}))
	s.sim.Advance(time.Hour)
	s.Wait("COMPLETED")
	s.leave(state.OutcomeCompleted, "q")
}

// The line face does the same by words.
func TestLinesMomentOfCollections(t *testing.T) {
	t.Parallel()
	d := prepareTalk(t)
	d.start()
	d.toSnapshots("Payments", "orders-prod")
	d.Say("moment")
	d.answer("Restore to", "")
	d.answer(askMoment, "collections")
	d.Wait("Delivery: single collections")
	d.answer("Restore to", "")
	d.answer(askMoment, "14:02:58")
	d.answer("Which databases and collections", "shop.orders")
	d.Wait("Marked: shop.orders.")
	d.Say("go")
	d.answer(askTargetProject, "Payments")
	d.answer(askTarget, "orders-prod")
	d.answer("To restore shop.orders into orders-prod, type collections:", "moment")
	d.answer("Restore to", "")
	d.answer("Moment", "14:01:00")
	d.answer("To restore shop.orders into orders-prod, type collections:", "collections")
	d.Wait("RUNNING")
	d.onePost(d.ofMoment("14:01:00"))
	d.sim.Advance(time.Hour)
	d.leave(state.OutcomeCompleted)
}

// A walk to single collections asks nothing of Atlas twice, and opens no database that nobody has
// asked for: from a snapshot, and from a moment that is typed; on the screen and in the line face.
// What the review looks at again may have changed since it was listed.
func TestWhatCollectionsAskOfAtlas(t *testing.T) {
	t.Parallel()
	given := func(change func(*state.Given)) state.Given {
		g := state.Given{
			Project: "Payments", Cluster: "orders-prod", Snapshot: state.Latest, Delivery: string(state.Collections),
			TargetProject: "Payments", TargetCluster: "orders-prod", Only: &state.GivenOnly{Names: []string{"shop.orders"}},
		}
		change(&g)
		return g
	}
	t.Run("a snapshot", func(t *testing.T) {
		t.Parallel()
		s := play(t, normal)
		s.toCollectionsReview(func() {})
		s.Wait("type: collections")
		s.askedOnce()
	})
	t.Run("a moment", func(t *testing.T) {
		t.Parallel()
		s := play(t, normal)
		s.ordersInsteadOfTheWhole()
		s.Wait("type: collections")
		s.askedOnce()
	})
	for name, change := range map[string]func(*state.Given){
		"by lines, a snapshot": func(*state.Given) {},
		"by lines, a moment":   func(g *state.Given) { g.Snapshot, g.At = "", "2026-11-23T14:02:58Z" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := piped(t)
			d.cfg.Given = given(change)
			d.start()
			d.Wait("type collections:")
			d.askedOnce()
			d.HangUp()
		})
	}
}

// askedOnce asserts that nothing was asked of Atlas twice, but for what the review looks at again as
// it may have changed, and that no database was opened that nobody has asked for. What ends with one
// of again is looked at once more on the way.
func (w *world) askedOnce(again ...string) {
	w.t.Helper()
	once := []string{"databases", "collections", "collectionRestoreJobs", "processes", "schedule", "events", "v2", "groups"}
	seen := map[string]int{}
	for _, q := range w.sim.Requests() {
		if q.Method == http.MethodGet {
			seen[q.Path+"?"+q.Query]++
		}
		if strings.Contains(q.Path, "/snapshots/") && strings.Contains(q.Path, "/databases/") && !strings.Contains(q.Path, "/databases/shop/") {
			w.t.Errorf("%s was opened, which nobody has asked for", q.Path)
		}
	}
	for what, n := range seen {
		path, _, _ := strings.Cut(what, "?")
		most := 2 // as listed, and as it is when the review looks
		if slices.ContainsFunc(once, func(end string) bool { return strings.HasSuffix(path, "/"+end) }) {
			most = 1
		}
		if slices.ContainsFunc(again, func(end string) bool { return strings.HasSuffix(path, "/"+end) }) {
			most++
		}
		if n > most {
			w.t.Errorf("%s was asked for %d times", what, n)
		}
	}
}
