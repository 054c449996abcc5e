package simulator

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestNextRestoreLeavesOut holds that a restore that lacks something is called successful all the
// same, that the counters of its target show what is missing, and that the next one is whole again.
func TestNextRestoreLeavesOut(t *testing.T) {
	t.Parallel()
	for lacks, tc := range map[string]struct {
		what        InjectNextRestore
		collections float64 // fewer in shop
		some        bool    // documents are missing in shop
	}{
		"collection": {InjectNextRestore{Lacks: lacksCollection, Namespace: "shop.refunds"}, 1, true},
		"documents":  {InjectNextRestore{Lacks: lacksDocuments, Namespace: "shop.orders"}, 0, true},
		"so many":    {InjectNextRestore{Lacks: lacksDocuments, Namespace: "shop.orders", Documents: 1_000_000}, 0, true},
		"database":   {InjectNextRestore{Lacks: lacksDatabase, Namespace: "audit"}, 0, false},
	} {
		t.Run(lacks, func(t *testing.T) {
			t.Parallel()
			u := newUser(t)
			u.inject(Inject{NewCluster: &InjectCreation{Cluster: "Payments/drill-orders", Like: "Payments/orders-prod-restore"}})
			u.inject(Inject{NextRestore: &tc.what})
			whole := u.counted("orders-prod")
			for i := range 2 {
				path, _ := u.restore("Payments", "orders-prod", u.automated("Payments", "orders-prod", "Payments", "drill-orders"))
				u.s.Advance(30 * time.Minute)
				if a := u.want(path); a.json["failed"] != false || a.json["finishedAt"] == nil {
					t.Fatalf("%s", a.body)
				}
				got := u.counted("drill-orders")
				off := tc.what
				if i == 1 { // that was for the next one alone
					off, tc.collections, tc.some = InjectNextRestore{}, 0, false
				}
				if lost := whole["shop"].collections - got["shop"].collections; lost != tc.collections {
					t.Errorf("%+v: %v collections are missing", off, lost)
				}
				if lost := whole["shop"].documents - got["shop"].documents; (lost > whole["shop"].documents/1000) != tc.some {
					t.Errorf("%+v: %v documents are missing", off, lost)
				}
				if _, there := got["audit"]; there == (off.Lacks == lacksDatabase) {
					t.Errorf("%+v: audit is there: %v", off, there)
				}
			}
		})
	}
}

// counted is what the primary of a cluster of Payments has in its databases, as Atlas counts it.
func (u *user) counted(cluster string) map[string]holding {
	u.t.Helper()
	out := map[string]holding{}
	for _, p := range u.processes("Payments", cluster) {
		if p["typeName"] != "REPLICA_PRIMARY" {
			continue
		}
		path := fmt.Sprintf("%s/processes/%s/databases", u.group("Payments"), p["id"])
		for _, d := range u.want(path).results() {
			name := d["databaseName"].(string)
			a := u.want(path + "/" + name + "/measurements?granularity=PT1M&period=PT25M&m=DATABASE_COLLECTION_COUNT&m=DATABASE_OBJECT_COUNT")
			last := func(i int) (value float64) {
				for _, p := range a.json["measurements"].([]any)[i].(map[string]any)["dataPoints"].([]any) {
					if v, known := p.(map[string]any)["value"].(float64); known {
						value = v
					}
				}
				return value
			}
			out[name] = holding{collections: last(0), documents: last(1)}
		}
	}
	return out
}

// TestSearchIndexes holds that a search index comes with a restore, and is built then.
func TestSearchIndexes(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	u.inject(Inject{NewCluster: &InjectCreation{Cluster: "Payments/drill-orders", Like: "Payments/orders-prod-restore"}})
	status := func(cluster string) string {
		a := u.want(u.cluster("Payments", cluster) + "/search/indexes")
		for _, s := range []string{"READY", "BUILDING", "FAILED"} {
			if string(a.body) != "[]" && strings.Contains(string(a.body), s) {
				return s
			}
		}
		return string(a.body)
	}
	if got := status("orders-prod"); got != "[]" && got != "[]\n" {
		t.Errorf("%q without any", got)
	}
	u.inject(Inject{Search: &InjectSearch{Cluster: "Payments/orders-prod", Takes: Duration(10 * time.Minute)}})
	u.restore("Payments", "orders-prod", u.automated("Payments", "orders-prod", "Payments", "drill-orders"))
	u.s.Advance(6 * time.Minute)
	if a, b := status("orders-prod"), status("drill-orders"); a != "READY" || b != "BUILDING" {
		t.Errorf("%s, %s", a, b)
	}
	u.s.Advance(10 * time.Minute)
	if got := status("drill-orders"); got != "READY" {
		t.Error(got)
	}
	u.inject(Inject{Project: &InjectProject{Project: "Payments", Role: RoleReadOnly}})
	if a := u.get(u.cluster("Payments", "orders-prod") + "/search/indexes"); a.status != 403 {
		t.Errorf("a role that only reads gets %d", a.status)
	}
}
