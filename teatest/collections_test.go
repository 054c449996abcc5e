package teatest_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"atlas-restore/atlasclient/simulator"
	"atlas-restore/state"
	"atlas-restore/ui/steps"
)

// toCollections goes to the names of orders-prod's newest snapshot.
func (s *stage) toCollections() {
	s.t.Helper()
	s.toSnapshots("Payments", "orders-prod")
	s.Press("enter")
	s.toDelivery(state.Collections)
	s.Wait("which databases and collections?")
	s.Wait("shop ")
	s.WaitFor("a highlighted row", highlighted)
}

// toCollectionsReview goes to the review of a restore of shop.orders into the source itself; how
// is done while it is chosen.
func (s *stage) toCollectionsReview(how func()) {
	s.t.Helper()
	s.toOrders()
	s.Press("space")
	how()
	s.Press("enter")
	s.toTarget("Payments", "orders-prod")
	s.Wait("submitted yet")
}

// confirms types what the review of a restore of collections asks for.
func (s *stage) confirms(words string) {
	s.t.Helper()
	s.Wait("type: " + words)
	s.Type(words)
	s.Wait("Enter now")
	s.Press("enter")
}

// toOrders goes to the row of shop.orders among them.
func (s *stage) toOrders() {
	s.t.Helper()
	s.toCollections()
	s.Type("shop.orders")
	s.WaitFor("the collection", func(screen string) bool { return strings.Contains(row(screen), "shop.orders") })
}

// one is the body of a restore of shop.orders into orders-prod.
func (w *world) one(change func(map[string]any)) map[string]any {
	body := map[string]any{
		"targetGroupId": w.sim.ProjectID("Payments"), "targetClusterName": "orders-prod",
		"snapshotId": w.sim.NewestSnapshot("Payments", "orders-prod").ID, "writeStrategy": "CREATE_NEW", "indexStrategy": "ALL",
		"collections": []map[string]any{{"sourceNamespace": "shop.orders", "targetNamespace": "shop.orders"}},
	}
	change(body)
	return body
}

// One collection comes back beside the living one. Nothing is erased, so that a word confirms it.
// Nothing is asked of Atlas twice, and no database is opened that nobody has asked for.
func TestCollections(t *testing.T) {
	t.Parallel()
	s := play(t, normal)
	s.toOrders()
	s.Press("enter")
	s.Wait("into which cluster?")
	s.Wait("the source itself")
	s.Press("down")
	s.WaitFor("the source", func(screen string) bool { return strings.Contains(row(screen), "the source itself") })
	s.Wait("Nothing of it is erased.")
	if strings.Contains(row(s.Screen()), "!") {
		t.Errorf("a warning stands at the target that is mostly right:\n%s", s.Screen())
	}
	s.Press("enter")
	s.Wait("nothing is erased")
	s.Wait("type: collections")
	s.Wait("OK snapshot")
	s.Wait("shop.orders, if free: Atlas tells no collections of shop")
	s.Wait("ending, like shop.orders_1")
	if s.Shows("ERASED FIRST") || s.Shows("more: pgdn") {
		t.Errorf("the review erases, or does not fit:\n%s", s.Screen())
	}
	for _, wrong := range []string{"", "orders-prod", "download", "Collections"} {
		s.Type(wrong)
		s.Press("enter")
		s.Settled()
	}
	s.noPosts()
	s.confirms("collections")
	s.Wait("RUNNING")
	s.onePost(s.one(func(map[string]any) {}))
	s.sim.Advance(10 * time.Minute)
	s.Wait("shop.orders as shop.orders_1")
	s.Wait("the total is an")
	s.sim.Advance(40 * time.Minute)
	s.Wait("COMPLETED")
	s.Wait("Every collection is there")
	s.Wait("came back as shop.orders_1")
	sum := s.leave(state.OutcomeCompleted, "q")
	wantText(t, sum.Text(), "Restore of shop.orders of orders-prod into orders-prod", "shop.orders as shop.orders_1: restored")
	r := sum.Result()
	if len(r.Job.Collections) != 1 || r.Job.Collections[0].EffectiveTarget != "shop.orders_1" || r.Job.Collections[0].State != "SUCCESSFUL" {
		t.Errorf("the result has %+v", r.Job.Collections)
	}
	// It stands in the list of jobs too, where nobody has looked whether every collection came.
	source := state.Cluster{ProjectID: s.sim.ProjectID("Payments"), Name: "orders-prod", Type: state.ReplicaSet}
	jobs, untold, err := steps.AllJobs(t.Context(), s.cfg.Atlas, source)
	if err != nil || untold != nil {
		t.Fatal(err, untold)
	}
	text := steps.JobsText(steps.JobLines(sum.Plan, jobs, nil, s.cfg.Now()), nil, s.cfg.Now(), 0)
	if !strings.Contains(text, "ended") || !strings.Contains(text, "single collections into a cluster") {
		t.Errorf("the list is\n%s", text)
	}
	seen := map[string]int{}
	for _, q := range s.sim.Requests() {
		if q.Method == http.MethodGet && !strings.Contains(q.Path, "/collectionRestoreJobs/") && !strings.Contains(q.Path, "/collectionRestoreJobs") && !strings.HasSuffix(q.Path, "/restoreJobs") {
			seen[q.Path]++
		}
	}
	for path, n := range seen {
		if strings.Contains(path, "/databases/") && !strings.Contains(path, "/databases/shop/") {
			t.Errorf("%s was opened, which nobody has asked for", path)
		}
		if strings.Contains(path, "/databases") && n > 1 || n > 2 { // the review looks again at what may have changed
			t.Errorf("%s was asked for %d times", path, n)
		}
	}
}

// What overwrites is said so on each page, and takes the name of the cluster.
func TestCollectionsOverwrite(t *testing.T) {
	t.Parallel()
	s := play(t, normal)
	s.toCollectionsReview(func() {
		s.Press("f6")
		s.Wait("overwrite what has the name")
		s.Wait("is dropped")
	})
	s.Wait("shop.orders OVERWRITTEN")
	s.unsafe()
	s.Wait("type: overwrite train/orders-prod")
	for _, wrong := range []string{"collections", "orders-prod"} {
		s.Type(wrong)
		s.Press("enter")
		s.Settled()
	}
	s.noPosts()
	s.confirms("overwrite train/orders-prod")
	s.Wait("RUNNING")
	s.onePost(s.one(func(b map[string]any) { b["writeStrategy"] = "OVERWRITE_EXISTING" }))
	s.sim.Advance(time.Hour)
	s.Wait("COMPLETED")
	s.leave(state.OutcomeCompleted, "q")
}

// From what was lost to its restore alone: the second before, and nothing else of the cluster.
// It takes at most 16 keys beside what is typed.
func TestOnlyWhatWasLost(t *testing.T) {
	t.Parallel()
	s, _ := monitoredStage(t)
	s.start(normal)
	c := &counted{stage: s}
	find(c)
	c.Type("orders-prod")
	c.WaitFor("the row", func(screen string) bool { return strings.Contains(row(screen), " orders-prod ") })
	c.Press("enter")
	c.Wait("which state of the data")
	c.WaitFor("what can be restored", func(screen string) bool { return strings.Contains(screen, "━") })
	c.Press("ctrl+g")
	c.Wait("When was it lost?")
	c.Type("shop.orders")
	c.Press("enter")
	c.Wait("▶ Restore to 23 Nov 14:02:58 UTC")
	c.Wait("o restores shop.orders alone")
	c.Press("o")
	c.Wait("into which cluster?")
	c.Wait("the source itself")
	c.Press("down")
	c.WaitFor("the source", func(screen string) bool { return strings.Contains(row(screen), "the source itself") })
	c.Press("enter")
	c.Wait("type: collections")
	c.Wait("the second before")
	if c.keys > 16 {
		t.Errorf("%d keys lead to the review", c.keys)
	}
	// Also when the target is chosen, and when it was lost; the newest snapshot once more where a key
	// overtakes what was asked ahead.
	s.askedOnce("clusters", "databases", s.sim.NewestSnapshot("Payments", "orders-prod").ID)
	s.confirms("collections")
	s.Wait("RUNNING")
	at := time.Date(2026, 11, 23, 14, 2, 58, 0, time.UTC).Unix()
	s.onePost(s.one(func(b map[string]any) { delete(b, "snapshotId"); b["pointInTimeUtcSeconds"] = at }))
	s.sim.Advance(time.Hour)
	s.Wait("COMPLETED")
	s.leave(state.OutcomeCompleted, "q")
}

// Whoever goes back from the names comes to the page that gave the moment: no Enter takes an older
// snapshot for what stays marked. A moment that is left as it is keeps why it was proposed.
func TestBackFromWhatWasLost(t *testing.T) {
	t.Parallel()
	s, _ := monitoredStage(t)
	s.start(normal)
	s.toSnapshots("Payments", "orders-prod")
	s.Press("ctrl+g")
	s.Wait("When was it lost?")
	s.Type("shop.orders")
	s.Press("enter")
	s.Wait("o restores shop.orders alone")
	s.Press("o")
	s.Wait("into which cluster?")
	s.Press("esc")
	s.Wait("which databases and collections?")
	s.Press("esc")
	s.Wait("When was shop.orders lost?")
	s.Wait("▶ Restore to 23 Nov 14:02:58 UTC")
	s.Press("esc")
	s.Wait("which state of the data")
	s.Press("tab")
	s.Wait("which moment of the data do you want back?")
	s.Wait("✓ 23 Nov 14:02:58 UTC")
	s.Press("enter")
	s.Wait("which databases and collections?")
	s.Wait("[x]    shop.orders")
	s.Press("enter")
	s.toTarget("Payments", "orders-prod")
	s.Wait("type: collections")
	s.Wait("the second before")
	s.confirms("collections")
	s.Wait("RUNNING")
	at := time.Date(2026, 11, 23, 14, 2, 58, 0, time.UTC).Unix()
	s.onePost(s.one(func(b map[string]any) { delete(b, "snapshotId"); b["pointInTimeUtcSeconds"] = at }))
	s.sim.Advance(time.Hour)
	s.Wait("COMPLETED")
	s.leave(state.OutcomeCompleted, "q")
}

// An end in which a collection did not come back is no success, and names it.
func TestCollectionLeftOut(t *testing.T) {
	t.Parallel()
	s := play(t, normal)
	s.toCollectionsReview(func() {})
	if err := s.sim.Inject(simulator.Inject{NextCollections: &simulator.InjectNextCollections{Ends: "unsupported"}}); err != nil {
		t.Fatal(err)
	}
	s.confirms("collections")
	s.Wait("RUNNING")
	s.sim.Advance(time.Hour)
	s.Wait("FAILED")
	s.Wait("Not every collection came back")
	sum := s.leave(state.OutcomeFailed, "q")
	wantText(t, sum.Text(), "shop.orders: Atlas does not restore its kind")
}

// An answer that was lost is looked for among the collection restore jobs, and no second one is
// sent.
func TestCollectionsAnswerLost(t *testing.T) {
	t.Parallel()
	for name, acts := range map[string]int{"it was taken": 1, "it was not": 0} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := play(t, normal)
			s.toCollectionsReview(func() {})
			s.sim.Fail(simulator.Fault{Method: http.MethodPost, PathContains: "/collectionRestoreJobs", Status: 500, ErrorCode: "UNEXPECTED_ERROR", Acts: acts, Times: 1})
			s.confirms("collections")
			s.Wait("OUTCOME UNKNOWN")
			s.sim.Advance(3 * time.Minute)
			if acts == 0 {
				s.Wait("not found")
				s.leave(state.OutcomeUnknown, "ctrl+c")
			} else {
				s.Wait("RUNNING")
				s.sim.Advance(time.Hour)
				s.Wait("COMPLETED")
				s.leave(state.OutcomeCompleted, "q")
			}
			if p := s.posts(); len(p) != 1 {
				t.Errorf("%d jobs were asked for", len(p))
			}
		})
	}
}

// The line face walks the same steps to the same request.
func TestLinesCollections(t *testing.T) {
	t.Parallel()
	d := piped(t)
	d.start()
	d.toSnapshots("Payments", "orders-prod")
	d.Say("")
	d.answer(askDelivery, "collections")
	const ask = "Which databases and collections"
	d.Wait(ask)
	d.Say("shop.orders") // its database opens by itself
	d.Wait("Marked: shop.orders.")
	d.Say("r") // what is marked stays
	d.Wait("1 name marked")
	d.Say("suffix _restored")
	d.Wait("shop.orders as shop.orders_restored.")
	d.Say("indexes no-ttl")
	d.Wait("all but those that delete by themselves")
	d.Say("go")
	d.answer(askTargetProject, "Payments")
	d.answer(askTarget, "orders-prod")
	d.Wait("Nothing is erased. To restore shop.orders into orders-prod, type collections:")
	d.Say("collections")
	d.Wait("RUNNING")
	d.onePost(d.one(func(b map[string]any) {
		b["indexStrategy"] = "ALL_EXCEPT_TTL"
		b["collections"] = []map[string]any{{"sourceNamespace": "shop.orders", "targetNamespace": "shop.orders_restored"}}
	}))
	d.sim.Advance(time.Hour)
	d.leave(state.OutcomeCompleted)
}

// A run without questions restores collections, and is confirmed by the word where nothing is
// erased.
func TestLinesCollectionsByFlags(t *testing.T) {
	t.Parallel()
	given := func(d *speaker, change func(*state.Given)) state.Given {
		g := state.Given{
			Project: "Payments", Cluster: "orders-prod", Snapshot: state.Latest, Delivery: string(state.Collections),
			TargetProject: "Payments", TargetCluster: "orders-prod", Confirm: "collections",
			Only: &state.GivenOnly{Names: []string{"shop.orders"}},
		}
		change(&g)
		if err := g.Check(); err != nil {
			d.t.Fatal(err)
		}
		return g
	}
	for name, tc := range map[string]struct {
		change func(*state.Given)
		want   func(map[string]any)
	}{
		"a snapshot": {func(*state.Given) {}, func(map[string]any) {}},
		"a moment": {
			func(g *state.Given) { g.Snapshot, g.At = "", "2026-11-23T14:02:58Z" },
			func(b map[string]any) {
				delete(b, "snapshotId")
				b["pointInTimeUtcSeconds"] = time.Date(2026, 11, 23, 14, 2, 58, 0, time.UTC).Unix()
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := piped(t)
			d.cfg.Given, d.cfg.Unasked, d.cfg.Wanted = given(d, tc.change), true, true
			d.start()
			d.Wait("RUNNING")
			d.onePost(d.one(tc.want))
			d.sim.Advance(time.Hour)
			sum := d.leave(state.OutcomeCompleted)
			var r steps.Result
			if raw, err := sum.Result().JSON(); err != nil || json.Unmarshal(raw, &r) != nil || len(r.Job.Collections) != 1 {
				t.Errorf("%v, %+v", err, r.Job)
			}
			names := []string{}
			for _, c := range r.Checks {
				names = append(names, c.Name)
			}
			if len(r.Names) != 1 || r.Names[0].Target != "shop.orders" || r.Names[0].OnTarget != string(state.Untold) {
				t.Errorf("the names are %+v", r.Names)
			}
			if !slices.Contains(names, "names") || slices.Contains(names, "writes") {
				t.Errorf("the checks are %v", names)
			}
		})
	}
}

// In the smallest window too the collection that is dropped is told by the name that it has on the
// target, beside the words to type.
func TestSmallReviewNamesWhatIsDropped(t *testing.T) {
	t.Parallel()
	s := prepare(t)
	s.cfg.Given = state.Given{
		Project: "Payments", Cluster: "orders-prod", Snapshot: state.Latest, Delivery: string(state.Collections), TargetProject: "Payments", TargetCluster: "orders-prod",
		Only: &state.GivenOnly{Names: []string{"shop.orders"}, Renames: []string{"shop.orders=shop.stock"}, Overwrite: true},
	}
	s.start(narrow)
	s.unsafe()
	s.Wait("shop.stock OVERWRITTEN")
	s.Wait("overwrite train/orders-prod")
	s.Type("overwrite train/orders-prod")
	s.Wait("Enter now drops shop.stock")
	s.noPosts()
}

// Whoever goes back and comes again finds what was marked.
func TestMarkedStays(t *testing.T) {
	t.Parallel()
	s := play(t, normal)
	s.toOrders()
	s.Press("space", "f6", "esc", "esc")
	s.toDelivery(state.Collections)
	s.Wait("1 name: shop.orders")
	s.Wait("overwrite what has the name")
	s.noPosts()
}

// A restore that erases a cluster is held back while single collections are being restored into
// it, whoever has asked for that.
func TestWholeRestoreWaitsForCollections(t *testing.T) {
	t.Parallel()
	s := play(t, normal)
	if err := s.sim.Inject(simulator.Inject{Restore: &simulator.InjectColleague{
		Source: "Payments/orders-prod", Target: "Payments/orders-prod-restore", Namespaces: []string{"shop.stock"},
	}}); err != nil {
		t.Fatal(err)
	}
	s.toReview(state.Automated, "Payments", "orders-prod", "orders-prod-restore")
	s.Wait("BLOCK running: Collection restore job")
	s.Wait("runs already into orders-prod-restore")
	s.Wait("This cannot be submitted: running is a BLOCK")
	s.Type("train/orders-prod-restore")
	s.Press("enter")
	s.Settled()
	s.noPosts()
	s.sim.Advance(time.Hour)
	s.Press("ctrl+r")
	s.WaitFor("nothing in the way", func(screen string) bool {
		return !strings.Contains(screen, "BLOCK") && strings.Contains(screen, "type")
	})
	s.noPosts()
}

// An index that could not be built makes the end no good one, and is named on the page, in the
// summary and in the JSON.
func TestFailedIndexIsNamed(t *testing.T) {
	t.Parallel()
	s := play(t, normal)
	s.toCollectionsReview(func() {})
	if err := s.sim.Inject(simulator.Inject{NextCollections: &simulator.InjectNextCollections{Ends: "indexFailed"}}); err != nil {
		t.Fatal(err)
	}
	s.confirms("collections")
	s.Wait("RUNNING")
	s.sim.Advance(time.Hour)
	s.Wait("FAILED")
	s.Wait("number_1")
	sum := s.leave(state.OutcomeFailed, "q")
	wantText(t, sum.Text(), "documents are there, index number_1 is not: E11000")
	if all := sum.Result().Job.Collections; len(all) != 1 || !slices.Equal(all[0].FailedIndexes, []string{"number_1"}) || !strings.HasPrefix(all[0].IndexError, "E11000") {
		t.Errorf("the result has %+v", all)
	}
}

// A new name is taken back by the own one, which the page says where nothing is typed.
func TestANewNameIsTakenBack(t *testing.T) {
	t.Parallel()
	s := play(t, normal)
	s.toOrders()
	s.Press("f8")
	s.Wait("Only what is marked gets another name")
	s.Press("space", "f8")
	s.Wait("New name")
	s.Press("ctrl+u", "enter")
	s.Wait("Type shop.orders to keep its own name.")
	s.Type("shop.then")
	s.Press("enter")
	s.Wait("shop.orders as shop.then")
	s.Press("f8", "ctrl+u")
	s.Type("shop.orders")
	s.Press("enter")
	s.WaitGone("shop.then")
	s.noPosts()
}
