// Tests of state/collections. They stand here: each package with tests is one more program to link.

package state_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"atlas-restore/state/collections"
)

func name(t *testing.T, s string) collections.Name {
	t.Helper()
	n, err := collections.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func choice(t *testing.T, names ...string) collections.Choice {
	t.Helper()
	var c collections.Choice
	for _, s := range names {
		c = c.With(name(t, s))
	}
	return c
}

// TestNames holds names against MongoDB's rules.
func TestNames(t *testing.T) {
	long := strings.Repeat("ü", 31) // 62 bytes
	for _, tt := range []struct{ in, why string }{
		{"shop", ""},
		{"shop.orders", ""},
		{"shop.orders.2026", ""},
		{"läden.bestellungen", ""},
		{`shop.it's "quoted" here`, ""},
		{long + "x", ""},
		{long + "xx", "at most 63 bytes"},
		{"s." + strings.Repeat("c", 253), ""},
		{"s." + strings.Repeat("c", 254), "at most 255 bytes"},
		{"", "missing"},
		{".orders", "missing"},
		{"shop.", "ends with a dot"},
		{"shop.orders.", "ends with a dot"},
		{"shop.or\uFFFDders", "a character that cannot be shown"},
		{"sh\uFFFDop", "a character that cannot be shown"},
		{"shop..orders", "begins or ends with a dot"},
		{"my shop.orders", "does not take"},
		{`my\shop`, "does not take"},
		{"my$shop", "does not take"},
		{"shop.or$ders", "does not take"},
		{"shop.or\x00ders", "does not take"},
		{"shop.system.views", "of the server itself"},
		{"admin", "of the server itself"},
		{"local.oplog.rs", "of the server itself"},
	} {
		n, err := collections.Parse(tt.in)
		switch {
		case tt.why == "" && (err != nil || n.String() != tt.in):
			t.Errorf("%q is read as %q: %v", tt.in, n, err)
		case tt.why != "" && (err == nil || !strings.Contains(err.Error(), tt.why)):
			t.Errorf("%q: %v, want: %s", tt.in, err, tt.why)
		}
	}
}

// TestChoosing says what is chosen after several steps.
func TestChoosing(t *testing.T) {
	c := choice(t, "shop.orders", "shop.carts", "crm.people")
	if !c.Has(name(t, "shop.orders")) || c.Has(name(t, "shop")) || c.Has(name(t, "shop.orders2")) {
		t.Errorf("wrong ones are chosen: %v", c.Names)
	}
	whole := c.With(name(t, "shop"))
	if got := whole.Names; !slices.Equal(got, []collections.Name{name(t, "crm.people"), name(t, "shop")}) {
		t.Errorf("a database did not take the place of its collections: %v", got)
	}
	if !whole.Has(name(t, "shop.never-chosen")) {
		t.Error("a database has not all that is in it")
	}
	if again := whole.With(name(t, "shop.orders")); len(again.Names) != 2 {
		t.Errorf("a collection stands beside its database: %v", again.Names)
	}
	renamed := c.Renamed(name(t, "shop.orders"), name(t, "shop.old"))
	if got := renamed.Without(name(t, "shop.orders")); len(got.To) != 0 || got.Has(name(t, "shop.orders")) {
		t.Errorf("what is left out keeps its new name: %+v", got)
	}
	if len(c.Names) != 3 || len(c.To) != 0 || len(renamed.To) != 1 {
		t.Error("a choice changed under the hand that holds it")
	}
}

// TestChoices says which choices Atlas and MongoDB take.
func TestChoices(t *testing.T) {
	suffixed := choice(t, "shop.orders", "crm")
	suffixed.Suffix = "_restored"
	many := func(n int, of string) (c collections.Choice) {
		for i := range n {
			c.Names = append(c.Names, name(t, fmt.Sprintf("%s%03d", of, i)))
		}
		return c
	}
	to := func(c collections.Choice, from, as string) collections.Choice {
		n, _ := collections.Parse(as)
		return c.Renamed(name(t, from), n)
	}
	odd := choice(t, "shop")
	odd.Write = "MERGE"
	for _, tt := range []struct {
		name string
		c    collections.Choice
		why  string
	}{
		{"one collection", choice(t, "shop.orders"), ""},
		{"a suffix", suffixed, ""},
		{"100 and 100", collections.Choice{Names: append(many(100, "d").Names, many(100, "shop.").Names...)}, ""},
		{"nothing", collections.Choice{}, "choose"},
		{"101 collections", many(101, "shop."), "at most 100"},
		{"two to one name", to(choice(t, "shop.a", "shop.b"), "shop.a", "shop.b"), "both be restored as shop.b"},
		{"into a whole database", to(choice(t, "shop", "crm.people"), "crm.people", "shop.people"), "where the whole database shop"},
		{"letters of two cases", to(choice(t, "shop.a", "crm.b"), "crm.b", "Shop.b"), "differ only in the case"},
		{"a database as a collection", to(choice(t, "shop"), "shop", "shop.orders"), "stays a database"},
		{"a target that is none", to(choice(t, "shop.a"), "shop.a", "shop.system.a"), "of the server itself"},
		{"a way to write that is none", odd, "no way to write"},
		{"a collection beside its database", collections.Choice{Names: []collections.Name{{Database: "shop"}, {Database: "shop", Collection: "a"}}}, "chosen already with shop"},
	} {
		err := tt.c.Check()
		if tt.why == "" && err != nil || tt.why != "" && (err == nil || !strings.Contains(err.Error(), tt.why)) {
			t.Errorf("%s: %v, want: %q", tt.name, err, tt.why)
		}
	}
}

// TestRequest compares the body with Atlas's schema by hand: names, spelling, what is left out.
func TestRequest(t *testing.T) {
	c := choice(t, "shop.orders", "crm")
	c.Suffix = "_restored"
	c = c.Renamed(name(t, "crm"), name(t, "people"))
	r, err := c.Request(collections.Point{UTCSeconds: 1795788178}, "64f000000000000000000001", "orders-prod")
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"targetGroupId":"64f000000000000000000001","targetClusterName":"orders-prod",` +
		`"pointInTimeUtcSeconds":1795788178,"writeStrategy":"CREATE_NEW","indexStrategy":"ALL","databases":[{"sourceNamespace":"crm","targetNamespace":"people"}],"collections":[{"sourceNamespace":"shop.orders","targetNamespace":"shop.orders_restored"}]}`
	if diff := cmp.Diff(want, string(body)); diff != "" {
		t.Error(diff)
	}
	for _, p := range []collections.Point{{}, {SnapshotID: "a", UTCSeconds: 1}, {OplogTs: 1}, {UTCSeconds: 1, OplogTs: 1, OplogInc: 1}} {
		if _, err := c.Request(p, "p", "c"); err == nil {
			t.Errorf("%+v was taken", p)
		}
	}
}

// TestAsks says which echo is one of the request: no other job is ever taken for ours.
func TestAsks(t *testing.T) {
	c := choice(t, "shop.orders", "shop.carts")
	mine, err := c.Request(collections.Point{SnapshotID: "s1"}, "p", "c")
	if err != nil {
		t.Fatal(err)
	}
	other := func(change func(*collections.Request)) collections.Request {
		r := mine
		r.Collections = slices.Clone(mine.Collections)
		change(&r)
		return r
	}
	for what, same := range map[string]collections.Request{
		"another order": other(func(r *collections.Request) { slices.Reverse(r.Collections) }),
		"a name that stays is left out": other(func(r *collections.Request) {
			r.Collections[0].Target = ""
		}),
	} {
		if !mine.Asks(same) {
			t.Errorf("%s: taken for another request", what)
		}
	}
	for what, not := range map[string]collections.Request{
		"overwriting":     other(func(r *collections.Request) { r.Write = collections.OverwriteExisting }),
		"other indexes":   other(func(r *collections.Request) { r.Indexes = collections.NoIndexes }),
		"another cluster": other(func(r *collections.Request) { r.TargetClusterName = "d" }),
		"another point":   other(func(r *collections.Request) { r.SnapshotID = "s2" }),
		"one more": other(func(r *collections.Request) {
			r.Collections = append(r.Collections, collections.Namespace{Source: "a.b", Target: "a.b"})
		}),
		"another name": other(func(r *collections.Request) { r.Collections[0].Target = "shop.else" }),
	} {
		if mine.Asks(not) {
			t.Errorf("%s: taken for the same request", what)
		}
	}
}

// TestEnds says which end is good: only one of which all was seen.
func TestEnds(t *testing.T) {
	orders, carts := name(t, "shop.orders"), name(t, "shop.carts")
	part := func(n collections.Name, s collections.State) collections.Part {
		return collections.Part{Source: n, Asked: n, Real: n, State: s}
	}
	done := collections.Job{State: collections.Successful}
	for _, tt := range []struct {
		name   string
		job    collections.Job
		chosen []collections.Name
		parts  []collections.Part
		good   bool
		bad    int
		untold int
	}{
		{"all", done, []collections.Name{orders, carts}, []collections.Part{part(orders, collections.Successful), part(carts, collections.Successful)}, true, 0, 0},
		{"a whole database", done, []collections.Name{name(t, "shop")}, []collections.Part{part(orders, collections.Successful)}, true, 0, 0},
		{"one left out", done, []collections.Name{orders, carts}, []collections.Part{part(orders, collections.Successful), part(carts, collections.Unsupported)}, false, 1, 0},
		{"one never told of", done, []collections.Name{orders, carts}, []collections.Part{part(orders, collections.Successful)}, false, 0, 1},
		{"an empty list", done, []collections.Name{orders}, nil, false, 0, 1},
		{"a state that is not known", done, []collections.Name{orders}, []collections.Part{part(orders, "HALF_DONE")}, false, 0, 0},
		{"no state", done, []collections.Name{orders}, []collections.Part{part(orders, "")}, false, 0, 0},
		{"one that goes on", done, []collections.Name{orders}, []collections.Part{part(orders, collections.Finalizing)}, false, 0, 0},
		{"an index", done, []collections.Name{orders}, []collections.Part{part(orders, collections.IndexBuildFailed)}, false, 1, 0},
		{"an index of one that is called successful", done, []collections.Name{orders}, []collections.Part{func() collections.Part {
			p := part(orders, collections.Successful)
			p.Indexes = collections.IndexBuild{State: collections.Successful, Lost: []string{"number_1"}}
			return p
		}()}, false, 1, 0},
		{"indexes of the job", collections.Job{State: collections.Successful, Indexes: collections.IndexBuild{State: collections.Failed, Failed: 1}}, []collections.Name{orders}, []collections.Part{part(orders, collections.Successful)}, false, 0, 0},
		{"no indexes, as it was asked", collections.Job{State: collections.Successful, Indexes: collections.IndexBuild{State: collections.NotRestored}}, []collections.Name{orders}, []collections.Part{part(orders, collections.Successful)}, true, 0, 0},
		{"failed", collections.Job{State: collections.Failed}, []collections.Name{orders}, []collections.Part{part(orders, collections.Successful)}, false, 0, 0},
		{"cancelled", collections.Job{State: collections.Canceled}, []collections.Name{orders}, []collections.Part{part(orders, collections.Successful)}, false, 0, 0},
	} {
		tt.job.Parts = tt.parts
		for _, n := range tt.chosen {
			tt.job.Asked.Collections = append(tt.job.Asked.Collections, collections.Namespace{Source: n.String()})
		}
		if got := tt.job.End(); got.Good != tt.good || len(got.Bad) != tt.bad || len(got.Untold) != tt.untold {
			t.Errorf("%s: %+v", tt.name, got)
		}
	}
	for _, s := range []collections.State{collections.Initializing, collections.InProgress, collections.Finalizing, "", "PAUSED"} {
		if s.Ended() {
			t.Errorf("a job that is %q has not ended", s)
		}
	}
}

// TestShare says no share that is not known.
func TestShare(t *testing.T) {
	for _, tt := range []struct {
		p    collections.Progress
		want float64
		ok   bool
	}{
		{collections.Progress{Restored: 5, Total: 10}, 0.5, true},
		{collections.Progress{}, 0, false},
		{collections.Progress{Restored: 11, Total: 10}, 0, false},
		{collections.Progress{Restored: 10, Total: 10}, 1, true},
	} {
		if got, ok := tt.p.Share(); got != tt.want || ok != tt.ok {
			t.Errorf("%+v is %v, %v", tt.p, got, ok)
		}
	}
}

// TestInPlace shows the commands with names that are words of JavaScript only when quoted.
func TestInPlace(t *testing.T) {
	p := collections.Part{Source: name(t, `shop.it's "here"`), Asked: name(t, `shop.it's "here"`), Real: name(t, "shop.back"), State: collections.Successful}
	want := []string{
		`db.adminCommand({renameCollection:"shop.it's \"here\"",to:"shop.it's \"here\"_before_restore"})`,
		`db.adminCommand({renameCollection:"shop.back",to:"shop.it's \"here\""})`,
	}
	if diff := cmp.Diff(want, p.InPlace()); diff != "" {
		t.Error(diff)
	}
	if p.Real = p.Source; p.InPlace() != nil {
		t.Error("what has its name already is to be renamed")
	}
	if p.Real, p.State = name(t, "shop.back"), collections.Rollback; p.InPlace() != nil {
		t.Error("what was taken back is to be renamed")
	}
	if got, want := name(t, "shop.orders").Counts(), `db.getSiblingDB("shop").getCollection("orders").countDocuments({})`; got != want {
		t.Errorf("%s", got)
	}
}
