package simulator

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// watched is a user who looks at orders-prod, and the log of its primary.
func watched(t *testing.T, injects ...Inject) (u *user, primary string) {
	t.Helper()
	u = newUser(t)
	for _, i := range injects {
		u.inject(i)
	}
	return u, u.logs("Payments", "orders-prod", "REPLICA_PRIMARY")[0]
}

func (u *user) lastDay(path string) []logged {
	u.t.Helper()
	return u.log(path, time.Time{}, time.Time{})
}

func TestDroppedDatabase(t *testing.T) {
	t.Parallel()
	u, primary := watched(t, Inject{DropDatabase: &InjectDropDatabase{Cluster: orders, Database: "audit", Ago: ago("13:10:20.500")}})
	lines := u.lastDay(primary)
	begun, each, done := withID(lines, 20337), withID(lines, 20338), withID(lines, 20336)
	if len(begun) != 1 || begun[0].Attr.DB != "audit" || !begun[0].T.Date.Equal(atClock("13:10:20.500")) || len(each) != 2 || each[0].Attr.Namespace != "audit.changes" || len(done) != 1 || done[0].Attr.NumCollectionsDropped != 2 {
		t.Errorf("%+v %+v %+v", begun, each, done)
	}
	if u.holds("Payments", "orders-prod", "audit.changes") || !u.holds("Payments", "orders-prod", "shop.orders") {
		t.Error("another database is gone")
	}
	secondary := u.lastDay(u.logs("Payments", "orders-prod", "REPLICA_SECONDARY")[0])
	if got := withID(secondary, 20336); len(got) != 1 || got[0].Ctx != "OplogApplier-0" || got[0].Attr.NumCollectionsDropped != 0 {
		t.Errorf("%+v", got)
	}
	u.s.Advance(30 * time.Minute)
	databases := u.want(u.process("REPLICA_PRIMARY") + "/databases")
	var names []string
	for _, d := range databases.results() {
		names = append(names, d["databaseName"].(string))
	}
	if !slices.Equal(names, []string{"config", "local", "shop"}) {
		t.Errorf("%v", names)
	}
}

// process is the path of a process of orders-prod.
func (u *user) process(kind string) string {
	u.t.Helper()
	for _, p := range u.processes("Payments", "orders-prod") {
		if p["typeName"] == kind {
			return u.group("Payments") + "/processes/" + p["id"].(string)
		}
	}
	u.t.Fatalf("no %s", kind)
	return ""
}

func TestRenames(t *testing.T) {
	t.Parallel()
	u, primary := watched(t,
		Inject{NewCollection: &InjectNewCollection{Cluster: orders, Namespace: "shop.orders_new", Documents: 500, Ago: ago("13:00:00.000")}},
		Inject{Rename: &InjectRename{Cluster: orders, From: "shop.orders_new", To: "shop.orders", DropTarget: true, Ago: ago("13:20:00.250")}},
		Inject{Rename: &InjectRename{Cluster: orders, From: "shop.stock", To: "shop.stock_v2", Ago: ago("13:30:00.000")}},
	)
	got := withID(u.lastDay(primary), 20400)
	if len(got) != 2 || got[0].Attr.SourceNamespace != "shop.orders_new" || got[0].Attr.TargetNamespace != "shop.orders" || got[0].Attr.DropTarget != "yes" || got[1].Attr.DropTarget != "no" {
		t.Errorf("%+v", got)
	}
	for name, want := range map[string]bool{"shop.orders": true, "shop.orders_new": false, "shop.stock": false, "shop.stock_v2": true} {
		if u.holds("Payments", "orders-prod", name) != want {
			t.Errorf("%s: not %t", name, want)
		}
	}
	err := u.s.Inject(Inject{Rename: &InjectRename{Cluster: orders, From: "shop.orders", To: "shop.customers"}})
	if err == nil || !strings.Contains(err.Error(), "set dropTarget") {
		t.Errorf("%v", err)
	}
}

// counter is a counter, by the clock of each point; one that is not known is left out.
func (u *user) counter(path, name, grain string, from, until time.Time) map[string]float64 {
	u.t.Helper()
	a := u.want(fmt.Sprintf("%s/measurements?granularity=%s&m=%s&start=%s&end=%s", path, grain, name, from.Format(time.RFC3339), until.Format(time.RFC3339)))
	m := a.json["measurements"].([]any)[0].(map[string]any)
	out := map[string]float64{}
	for _, p := range m["dataPoints"].([]any) {
		if v, known := p.(map[string]any)["value"].(float64); known {
			out[p.(map[string]any)["timestamp"].(string)[11:16]] = v
		}
	}
	return out
}

func TestMassDeletes(t *testing.T) {
	t.Parallel()
	from, until := atClock("12:00:00.000"), atClock("14:31:00.000")
	for _, slow := range []bool{false, true} {
		u, primary := watched(t, Inject{MassDelete: &InjectMassDelete{Cluster: orders, Namespace: "shop.orders", Documents: 600_000, Takes: Duration(5 * time.Minute), Slow: slow, Ago: ago("13:40:00.000")}})
		logged := slices.DeleteFunc(withID(u.lastDay(primary), 51803), func(l logged) bool { return l.Attr.NDeleted == 0 })
		if slow != (len(logged) == 1) || slow && (logged[0].Attr.NDeleted != 600_000 || logged[0].Attr.DurationMillis != 300_000 || !logged[0].T.Date.Equal(atClock("13:45:00.000"))) {
			t.Errorf("slow %t: %+v", slow, logged)
		}
		process := u.process("REPLICA_PRIMARY")
		documents := u.counter(process, "DOCUMENT_METRICS_DELETED", "PT1M", from, until)
		usual, most := 0.0, 0.0
		for at, v := range documents {
			if at > "13:40" && at <= "13:45" {
				most = max(most, v)
				if v < 2000 || v > 2020 {
					t.Errorf("%s: %.0f a second", at, v)
				}
			} else {
				usual = max(usual, v)
			}
		}
		if _, first := documents["12:00"]; first || len(documents) != 151 || usual > 20 || most == 0 {
			t.Errorf("%d points, usually %.1f, then %.0f, first %t", len(documents), usual, most, first)
		}
		if got := u.counter(process, "OPCOUNTER_DELETE", "PT1M", from, until)["13:42"]; slow != (got < 20) {
			t.Errorf("slow %t: %.0f operations a second", slow, got)
		}
		if got := u.counter(u.process("REPLICA_SECONDARY"), "OPCOUNTER_REPL_DELETE", "PT1M", from, until)["13:42"]; got < 2000 {
			t.Errorf("a secondary repeats %.0f a second", got)
		}
		// The database has fewer documents, as Atlas sees it every twenty minutes.
		shop := u.counter(process+"/databases/shop", "DATABASE_OBJECT_COUNT", "PT1M", from, until)
		if len(shop) < 7 || len(shop) > 8 {
			t.Errorf("%d samples in two hours and a half", len(shop))
		}
		before, after := 0.0, 0.0
		for at, v := range shop {
			switch {
			case at < "13:40":
				before = max(before, v)
			case at > "13:45":
				after = v
			}
		}
		if lost := before - after; lost < 590_000 || lost > 610_000 {
			t.Errorf("%.0f documents before, %.0f after", before, after)
		}
	}
}

func TestCollectionCountsAreMeans(t *testing.T) {
	t.Parallel()
	u, _ := watched(t, Inject{Drop: &InjectDrop{Cluster: orders, Namespace: "shop.orders", Ago: ago("13:31:00.000")}})
	process := u.process("REPLICA_PRIMARY")
	counts := u.counter(process+"/databases/shop", "DATABASE_COLLECTION_COUNT", "PT1H", atClock("10:00:00.000"), start)
	if counts["13:00"] != 9 || counts["14:00"] <= 8 || counts["14:00"] >= 9 {
		t.Errorf("%v", counts)
	}
	for query, code := range map[string]string{
		"granularity=PT1M": "INVALID_QUERY_PARAMETER", "granularity=1m&period=PT1H": "INVALID_QUERY_PARAMETER",
		"granularity=PT1M&period=PT1H&start=2026-11-23T00:00:00Z": "INVALID_QUERY_PARAMETER",
		"granularity=PT1M&period=PT1H&m=NONSENSE":                 "INVALID_QUERY_PARAMETER",
	} {
		if a := u.get(process + "/measurements?" + query); a.status != 400 || a.code() != code {
			t.Errorf("%s: %d %s", query, a.status, a.body)
		}
	}
	if a := u.get(process + "/databases/nothing/measurements?granularity=PT1M&period=PT1H"); a.status != 404 {
		t.Errorf("%d %s", a.status, a.body)
	}
	if n := len(u.counter(process, "CONNECTIONS", "PT1M", start.AddDate(0, 0, -3), start.AddDate(0, 0, -2).Add(-time.Minute))); n != 0 {
		t.Errorf("%d points of more than two days ago", n)
	}
}

// TestTargetsAreIdle holds that a cluster that waits for a restore is not written to, and one
// that serves is.
func TestTargetsAreIdle(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	for name, idle := range map[string]bool{"orders-prod": false, "orders-prod-restore": true} {
		sum := 0.0
		for _, p := range u.processes("Payments", name) {
			for _, v := range u.counter(u.group("Payments")+"/processes/"+p["id"].(string), "OPCOUNTER_INSERT", "PT1M", start.Add(-10*time.Minute), start) {
				sum += v
			}
		}
		if idle != (sum == 0) {
			t.Errorf("%s: %.1f inserts", name, sum)
		}
	}
}

func TestNoiseOfOthers(t *testing.T) {
	t.Parallel()
	quiet, path := watched(t)
	before := len(quiet.log(path, atClock("13:00:00.000"), atClock("14:00:00.000")))
	u, primary := watched(t, Inject{Noise: &InjectNoise{Cluster: orders, Lines: 100, Ago: ago("13:00:00.000")}})
	lines := u.log(primary, atClock("13:00:00.000"), atClock("14:00:00.000"))
	if n := len(lines) - before; n < 6000 {
		t.Errorf("%d lines more", n)
	}
	drops := withID(lines, 518070)
	if len(drops) != 6 {
		t.Errorf("%d drops", len(drops))
	}
	for _, l := range drops {
		if !strings.HasPrefix(l.Attr.Namespace, "import.staging_") {
			t.Errorf("%+v", l)
		}
	}
}

func TestMembersThatAreUnlikeOthers(t *testing.T) {
	t.Parallel()
	drop := Inject{Drop: &InjectDrop{Cluster: orders, Namespace: "shop.orders", Ago: ago("14:02:59.812")}}
	u, primary := watched(t, drop, Inject{Member: &InjectMember{Cluster: orders, Primary: true, Log: "refused"}})
	if a := u.rawLog(primary, time.Time{}, time.Time{}); a.status != 403 {
		t.Errorf("%d %s", a.status, a.body)
	}
	u.lastDay(u.logs("Payments", "orders-prod", "REPLICA_SECONDARY")[0])
	u.inject(Inject{Member: &InjectMember{Cluster: orders, Primary: true, Log: "served", ClockAhead: Duration(90 * time.Second)}})
	if got := withID(u.lastDay(primary), 518070); len(got) != 1 || !got[0].T.Date.Equal(atClock("14:04:29.812")) {
		t.Errorf("%+v", got)
	}
	// The oplog has the primary's clock too: by it the second before is the last good one.
	for second, want := range map[string]bool{"14:04:28.000": true, "14:04:29.000": false} {
		u.restore("Payments", "orders-prod", map[string]any{
			"deliveryType": pointInTime, "pointInTimeUTCSeconds": atClock(second).Unix(),
			"targetGroupId": u.s.ProjectID("Payments"), "targetClusterName": "orders-prod-restore",
		})
		u.s.Advance(5 * time.Minute)
		if got := u.holds("Payments", "orders-prod-restore", "shop.orders"); got != want {
			t.Errorf("restored to %s: %t", second, got)
		}
	}
}

// TestElectedSince holds that a drop is in the log of who was primary then.
func TestElectedSince(t *testing.T) {
	t.Parallel()
	u, before := watched(t, Inject{Drop: &InjectDrop{Cluster: orders, Namespace: "shop.orders", Ago: ago("14:02:59.812")}})
	u.inject(Inject{Election: &InjectElection{Cluster: orders, Ago: ago("14:10:00.000")}})
	after := u.logs("Payments", "orders-prod", "REPLICA_PRIMARY")[0]
	if before == after || len(withID(u.lastDay(before), 518070)) != 1 || len(withID(u.lastDay(after), 518070)) != 0 {
		t.Errorf("%s, then %s", before, after)
	}
	if got := withID(u.lastDay(after), 21358); len(got) != 1 || got[0].Attr.NewState != "PRIMARY" {
		t.Errorf("%+v", got)
	}
}

func TestShardsDropOneAfterTheOther(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	u.inject(Inject{Drop: &InjectDrop{Cluster: "Analytics/events", Namespace: "analytics.clicks", Ago: ago("14:02:59.812")}})
	primaries := u.logs("Analytics", "events", "SHARD_PRIMARY")
	for i, path := range primaries {
		got := withID(u.lastDay(path), 518070)
		if len(got) != 1 || got[0].T.Date.Sub(atClock("14:02:59.812")) != time.Duration(7*i)*time.Millisecond {
			t.Errorf("%s: %+v", path, got)
		}
	}
	if len(primaries) != 3 {
		t.Errorf("%v", primaries)
	}
}

// events of a project, by their type.
func (u *user) events(project, query string) map[string][]map[string]any {
	u.t.Helper()
	out := map[string][]map[string]any{}
	for _, e := range u.want(u.group(project) + "/events?itemsPerPage=500&" + query).results() {
		out[e["eventTypeName"].(string)] = append(out[e["eventTypeName"].(string)], e)
	}
	return out
}

func TestEventsOfRestores(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	u.inject(Inject{Search: &InjectSearch{Cluster: "Payments/orders-prod-restore"}})
	u.inject(Inject{Restore: &InjectColleague{Source: orders, Target: "Payments/ledger-prd", Ago: Duration(time.Hour)}})
	u.restore("Payments", "orders-prod", u.automated("Payments", "orders-prod", "Payments", "orders-prod-restore"))
	u.s.Advance(10 * time.Minute)
	since := "minDate=" + start.Add(-2*time.Hour).Format(time.RFC3339)
	all := u.events("Payments", since)
	requested := u.events("Payments", since+"&eventType=CPS_RESTORE_REQUESTED_AUDIT&clusterNames=orders-prod-restore")
	mine := requested["CPS_RESTORE_REQUESTED_AUDIT"]
	if len(requested) != 1 || len(mine) != 1 || mine[0]["created"] != start.Format(time.RFC3339) || mine[0]["publicKey"] != u.s.Keys().ClientID || mine[0]["remoteAddress"] == nil {
		t.Errorf("%v", requested)
	}
	if got := u.events("Payments", since+"&eventType=CPS_RESTORE_REQUESTED_AUDIT&clusterNames=ledger-prd")["CPS_RESTORE_REQUESTED_AUDIT"]; len(got) != 1 || !strings.HasSuffix(got[0]["username"].(string), "@example.com") {
		t.Errorf("a colleague's: %v", got)
	}
	if len(all["FTS_INDEXES_RESTORED"]) != 1 || len(all["FTS_INDEXES_RESTORE_FAILED"]) != 0 || len(all["CPS_RESTORE_SUCCESSFUL"]) == 0 {
		t.Errorf("%v", all)
	}
	first := u.want(u.group("Payments") + "/events?itemsPerPage=1").results()
	for _, row := range all {
		for _, e := range row {
			if e["created"].(string) > first[0]["created"].(string) {
				t.Errorf("%v is newer than the first", e)
			}
		}
	}
	if a := u.get(u.group("Payments") + "/events?minDate=yesterday"); a.status != 400 && a.code() != "INVALID_QUERY_PARAMETER" {
		t.Errorf("%d %s", a.status, a.body)
	}
	u.inject(Inject{Search: &InjectSearch{Cluster: "Payments/orders-prod-restore", Fails: true}})
	if all := u.events("Payments", since); len(all["FTS_INDEXES_RESTORED"]) != 0 || len(all["FTS_INDEXES_RESTORE_FAILED"]) != 1 {
		t.Errorf("%v", all)
	}
}

func TestOplogThatIsBehind(t *testing.T) {
	t.Parallel()
	u, _ := watched(t, Inject{OplogBehind: &InjectOplogBehind{Cluster: orders, Ago: ago("14:00:00.000"), For: Duration(40 * time.Minute)}})
	ask := func(second string) answer {
		return u.do("POST", u.jobs("Payments", "orders-prod"), body(map[string]any{
			"deliveryType": pointInTime, "pointInTimeUTCSeconds": atClock(second).Unix(),
			"targetGroupId": u.s.ProjectID("Payments"), "targetClusterName": "orders-prod-restore",
		}))
	}
	if a := ask("14:02:58.000"); a.status != 409 || a.code() != "NO_CHECKPOINT_FOR_PIT_RESTORE" {
		t.Errorf("%d %s", a.status, a.body)
	}
	if got := u.events("Payments", "clusterNames=orders-prod"); len(got["CPS_OPLOG_BEHIND"]) != 1 || len(got["CPS_OPLOG_CAUGHT_UP"]) != 0 {
		t.Errorf("%v", got)
	}
	u.s.Advance(10 * time.Minute)
	if got := u.events("Payments", "clusterNames=orders-prod"); len(got["CPS_OPLOG_CAUGHT_UP"]) != 1 {
		t.Errorf("%v", got)
	}
	if a := ask("14:02:58.000"); a.status != 200 {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestIncidentsThatCannotBe(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	for says, i := range map[string]Inject{
		"write it like shop.orders":                      {Drop: &InjectDrop{Cluster: orders, Namespace: "orders"}},
		"has no collection shop.nothing then, but":       {Drop: &InjectDrop{Cluster: orders, Namespace: "shop.nothing"}},
		"write it like shop":                             {DropDatabase: &InjectDropDatabase{Cluster: orders, Database: "shop.orders"}},
		"has no database \"bank\" then, but audit, shop": {DropDatabase: &InjectDropDatabase{Cluster: orders, Database: "bank"}},
		"from and to are the same":                       {Rename: &InjectRename{Cluster: orders, From: "shop.orders", To: "shop.orders"}},
		"has a collection shop.orders already":           {NewCollection: &InjectNewCollection{Cluster: orders, Namespace: "shop.orders"}},
		"it is a shared one":                             {Drop: &InjectDrop{Cluster: "Sandbox/blog", Namespace: "app.items"}},
		"was not there then":                             {Drop: &InjectDrop{Cluster: orders, Namespace: "shop.orders", Ago: Duration(5000 * 24 * time.Hour / 2)}},
		"has no shard 1":                                 {Election: &InjectElection{Cluster: orders, Shard: 1}},
		"node and primary exclude each other":            {Member: &InjectMember{Cluster: orders, Node: 2, Primary: true, Log: "refused"}},
		"there is no cluster \"none\"":                   {Noise: &InjectNoise{Cluster: "Payments/none"}},
	} {
		if err := u.s.Inject(i); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
	}
	u.inject(Inject{Drop: &InjectDrop{Cluster: orders, Namespace: "shop.orders"}})
	if err := u.s.Inject(Inject{Drop: &InjectDrop{Cluster: orders, Namespace: "shop.orders"}}); err == nil {
		t.Error("it was dropped twice")
	}
}
