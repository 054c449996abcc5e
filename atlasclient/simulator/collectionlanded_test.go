package simulator

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// landed is a user in whose world shop.orders was dropped and came back, beside shop.stock that is
// there, and over audit.logins.
func landed(t *testing.T) (u *user, primary string) {
	t.Helper()
	u, primary = watched(t, Inject{Drop: &InjectDrop{Cluster: orders, Namespace: "shop.orders", Ago: ago("14:02:59.812")}})
	u.s.limits.each = Unlimited
	u.collect("Payments", "orders-prod", u.chosen("Payments", "orders-prod", "shop.orders", "shop.stock"))
	u.s.Advance(40 * time.Minute)
	u.collect("Payments", "orders-prod", with(u.chosen("Payments", "orders-prod", "audit.logins"), "writeStrategy", "OVERWRITE_EXISTING"))
	u.s.Advance(40 * time.Minute)
	return u, primary
}

// TestLandedIsLogged holds that the primary's log tells of each collection that came, by whom, and
// of what was overwritten.
func TestLandedIsLogged(t *testing.T) {
	t.Parallel()
	u, primary := landed(t)
	lines := u.log(primary, start, start.Add(2*time.Hour))
	var made []string
	for _, l := range withID(lines, 20320) {
		if took := l.T.Date.Sub(start); took < 26*time.Minute {
			t.Errorf("%s came after %s", l.Attr.Namespace, took)
		}
		made = append(made, l.Attr.Namespace)
	}
	drops := withID(lines, 518070)
	if !slices.Equal(made, []string{"shop.orders", "shop.stock_1", "audit.logins"}) || len(drops) != 1 || drops[0].Attr.Namespace != "audit.logins" {
		t.Errorf("made %v, dropped %+v", made, drops)
	}
	agents := slices.DeleteFunc(withID(lines, 51800), func(l logged) bool {
		return !strings.HasPrefix(l.Attr.Doc.Application.Name, "MongoDB Automation Agent") || l.Ctx != drops[0].Ctx
	})
	if len(agents) != 1 {
		t.Errorf("%d of Atlas's agents have the connection %s", len(agents), drops[0].Ctx)
	}
	if other := u.log(u.logs("Payments", "orders-prod", "REPLICA_SECONDARY")[0], start, start.Add(2*time.Hour)); len(withID(other, 20320)) != 0 {
		t.Error("a secondary tells of it too")
	}
}

// TestLandedIsCounted holds that the counters of the servers and databases know of what came.
func TestLandedIsCounted(t *testing.T) {
	t.Parallel()
	u, _ := landed(t)
	process := u.process("REPLICA_PRIMARY")
	inserted := u.counter(process, "DOCUMENT_METRICS_INSERTED", "PT1M", start, start.Add(45*time.Minute))
	if before, during, after := inserted["14:32"], inserted["14:45"], inserted["15:05"]; during < 100*(before+after) {
		t.Errorf("%.0f a second before, %.0f while documents come, %.0f after", before, during, after)
	}
	counts := u.counter(process+"/databases/shop", "DATABASE_COLLECTION_COUNT", "PT1M", start, start.Add(75*time.Minute))
	first, last := "", ""
	for at := range counts {
		if first == "" || at < first {
			first = at
		}
		last = max(last, at)
	}
	if counts[last] != counts[first]+2 { // shop.orders and shop.stock_1
		t.Errorf("%v collections at %s, %v at %s", counts[first], first, counts[last], last)
	}
}

// TestLandedIsInSnapshots holds that a snapshot since has what came, and one of before has not.
func TestLandedIsInSnapshots(t *testing.T) {
	t.Parallel()
	u, _ := landed(t)
	of := func() (out []string) {
		snapshot := u.cluster("Payments", "orders-prod") + "/backup/snapshots/" + u.s.NewestSnapshot("Payments", "orders-prod").ID
		for _, k := range u.want(snapshot + "/databases/shop/collections").results() {
			out = append(out, k["name"].(string))
		}
		return out
	}
	if all := of(); slices.Contains(all, "stock_1") {
		t.Errorf("the snapshot of before has %v", all)
	}
	inject(t, u.s, Inject{NewSnapshot: &InjectTaking{Cluster: orders, Ago: Duration(10 * time.Minute)}})
	if all := of(); !slices.Contains(all, "stock_1") || !slices.Contains(all, "orders") {
		t.Errorf("the snapshot since has %v", all)
	}
}

// TestViewsAreNoCollections holds that a database counts its views apart.
func TestViewsAreNoCollections(t *testing.T) {
	t.Parallel()
	u, n := newUser(t), 0
	for _, p := range u.processes("Storefront", "catalog") {
		if p["typeName"] != "REPLICA_PRIMARY" {
			continue
		}
		of := u.group("Storefront") + "/processes/" + p["id"].(string) + "/databases/catalog"
		for name, want := range map[string]float64{"DATABASE_VIEW_COUNT": 1, "DATABASE_COLLECTION_COUNT": 6} {
			for at, v := range u.counter(of, name, "PT1H", start.Add(-3*time.Hour), start) {
				if n++; v != want {
					t.Errorf("%s is %v at %s", name, v, at)
				}
			}
		}
	}
	if n == 0 {
		t.Error("nothing is counted")
	}
}

// TestManyCollections holds that names are in order however many there are, and come page by page.
func TestManyCollections(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	u.s.AddCollections("Payments", "orders-prod", 500, 40)
	of := u.cluster("Payments", "orders-prod") + "/backup/snapshots/" + u.s.NewestSnapshot("Payments", "orders-prod").ID + "/databases"
	var names []string
	for page := 1; page <= 2; page++ {
		for _, d := range u.want(of + "?itemsPerPage=500&pageNum=" + strconv.Itoa(page)).results() {
			names = append(names, d["name"].(string))
		}
	}
	if len(names) != 502 || !slices.IsSorted(names) || names[0] != "audit" || names[501] != "tenant_0500" {
		t.Errorf("%d databases: %v", len(names), names)
	}
	if n := len(u.want(of + "/tenant_0250/collections?itemsPerPage=500").results()); n != 40 {
		t.Errorf("%d collections", n)
	}
	path, _ := u.collect("Payments", "orders-prod", u.chosen("Payments", "orders-prod", "tenant_0001", "tenant_0002=new"))
	u.s.Advance(30 * time.Minute)
	if got := u.states(path); len(got) != 80 || got["tenant_0001.part_0001"] != "SUCCESSFUL tenant_0001.part_0001_1" || got["tenant_0002.part_0040"] != "SUCCESSFUL new.part_0040" {
		t.Errorf("%d came", len(got))
	}
}

// TestNamesInOrder holds that names are compared as they are written.
func TestNamesInOrder(t *testing.T) {
	t.Parallel()
	all := []namespace{{"a", "z"}, {"a-b", "a"}, {"a", "b"}, {"ab", "a"}, {"b", "a"}, {"a", "b.c"}}
	for _, x := range all {
		for _, y := range all {
			if x.compare(y) != strings.Compare(x.String(), y.String()) {
				t.Errorf("%s and %s: %d", x, y, x.compare(y))
			}
		}
	}
}
