package simulator

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

func (u *user) collectionJobs(project, name string) string {
	u.t.Helper()
	return u.cluster(project, name) + "/collectionRestoreJobs"
}

// chosen is a request of collections of the newest snapshot, onto the source itself.
func (u *user) chosen(project, name string, names ...string) map[string]any {
	u.t.Helper()
	m := map[string]any{
		"snapshotId": u.s.NewestSnapshot(project, name).ID, "targetGroupId": u.s.ProjectID(project), "targetClusterName": name,
		"writeStrategy": "CREATE_NEW", "indexStrategy": "ALL",
	}
	var databases, collections []map[string]string
	for _, n := range names {
		from, to, _ := strings.Cut(n, "=")
		one := map[string]string{"sourceNamespace": from}
		if to != "" {
			one["targetNamespace"] = to
		}
		if strings.Contains(from, ".") {
			collections = append(collections, one)
		} else {
			databases = append(databases, one)
		}
	}
	if databases != nil {
		m["databases"] = databases
	}
	if collections != nil {
		m["collections"] = collections
	}
	return m
}

func with(m map[string]any, name string, v any) map[string]any { m[name] = v; return m }

// collect makes a job that must be accepted and returns its path.
func (u *user) collect(project, name string, members map[string]any) (path string, a answer) {
	u.t.Helper()
	jobs := u.collectionJobs(project, name)
	a = u.do("POST", jobs, body(members))
	if a.status != 201 {
		u.t.Fatalf("POST %s: %d %s", jobs, a.status, a.body)
	}
	return jobs + "/" + a.json["id"].(string), a
}

// states are those of a job's collections, by their names.
func (u *user) states(path string) map[string]string {
	u.t.Helper()
	out := map[string]string{}
	for _, c := range u.want(path + "/collections?itemsPerPage=500").results() {
		as, _ := c["effectiveTargetNamespace"].(string)
		out[c["sourceNamespace"].(string)] = strings.TrimSpace(c["state"].(string) + " " + as)
	}
	return out
}

func count(a answer, name string) float64 { n, _ := a.json[name].(float64); return n }

// TestCollectionJobLife goes through the life of a job onto a cluster where the names are taken.
func TestCollectionJobLife(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	asked := u.chosen("Payments", "orders-prod", "audit", "shop.orders", "shop.carts2=shop.x")
	asked["collections"] = asked["collections"].([]map[string]string)[:1]
	path, a := u.collect("Payments", "orders-prod", asked)
	for name, want := range map[string]any{
		"state": "INITIALIZING", "snapshotId": asked["snapshotId"], "targetClusterName": "orders-prod", "writeStrategy": "CREATE_NEW",
		"indexStrategy": "ALL", "createdAt": stamp(start), "restoredDocuments": 0.0, "totalDocuments": 0.0, "databaseSuffix": "", "collectionSuffix": "",
	} {
		if a.json[name] != want {
			t.Errorf("%s: %v, want %v", name, a.json[name], want)
		}
	}
	absent(t, a, "finishedAt", "errorMessage", "pointInTimeUtcSeconds", "oplogTs")
	if !idTime(t, a.json["id"].(string)).Equal(start) || fmt.Sprint(a.json["databases"]) != "[map[sourceNamespace:audit targetNamespace:audit]]" {
		t.Errorf("%s", a.body)
	}
	if n := len(u.want(path + "/collections").results()); n != 0 {
		t.Errorf("while it is initialised %d collections are told", n)
	}
	if state := u.want(u.cluster("Payments", "orders-prod")).json["stateName"]; state != "IDLE" {
		t.Errorf("the target is %v: it lives on", state)
	}
	var seen []string
	totals, restored, beyond := map[float64]bool{}, 0.0, 0
	for ; u.s.Now().Before(start.Add(time.Hour)); u.s.Advance(20 * time.Second) {
		now := u.want(path)
		state := now.json["state"].(string)
		if !slices.Contains(seen, state) {
			seen = append(seen, state)
		}
		if state == "IN_PROGRESS" {
			totals[count(now, "totalDocuments")] = true
			for _, is := range u.states(path) {
				if is, _, _ := strings.Cut(is, " "); !slices.Contains([]string{"NOT_STARTED", "IN_PROGRESS", "FINALIZING"}, is) {
					t.Fatalf("a collection is %s while documents come", is)
				}
			}
		}
		if r := count(now, "restoredDocuments"); r < restored {
			t.Errorf("%v documents, and then %v", restored, r)
		} else if restored = r; r > count(now, "totalDocuments") {
			beyond++
		}
		if state == "SUCCESSFUL" {
			break
		}
		absent(t, now, "finishedAt")
	}
	if !slices.Equal(seen, []string{"INITIALIZING", "IN_PROGRESS", "FINALIZING", "SUCCESSFUL"}) || len(totals) < 4 {
		t.Errorf("seen %v, the totals %v", seen, totals)
	}
	done := u.want(path)
	end := at(t, done.json["finishedAt"])
	if took := end.Sub(start); took < 26*time.Minute || took > 28*time.Minute {
		t.Errorf("it took %s", took)
	}
	if restored == 0 || count(done, "restoredDocuments") != count(done, "totalDocuments") || fmt.Sprint(done.json["indexStatus"]) != "map[failedCollectionCount:0 state:SUCCESSFUL]" {
		t.Errorf("%s", done.body)
	}
	want := map[string]string{
		"shop.orders": "SUCCESSFUL shop.orders_1", "audit.changes": "SUCCESSFUL audit.changes_1", "audit.logins": "SUCCESSFUL audit.logins_1",
	}
	if got := u.states(path); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v", got)
	}
	if a := u.do("DELETE", path, ""); a.status != 405 {
		t.Errorf("cancelled: %d", a.status)
	}
	one := u.want(path + "/collections/" + url.PathEscape("shop.orders"))
	if one.json["targetNamespace"] != "shop.orders" || one.json["effectiveTargetNamespace"] != "shop.orders_1" {
		t.Errorf("%s", one.body)
	}
	if n := len(u.want(path + "/collections?state=SUCCESSFUL&sourceNamespace=audit.logins").results()); n != 1 {
		t.Errorf("%d are found", n)
	}
	if n := len(u.want(path + "/collections?state=FAILED").results()); n != 0 {
		t.Errorf("%d are found", n)
	}
	for _, wrong := range []string{path + "/collections/shop.none", u.collectionJobs("Payments", "orders-prod") + "/" + strings.Repeat("0", 24), u.collectionJobs("Payments", "ledger-prod") + "/" + done.json["id"].(string)} {
		if a := u.get(wrong); a.status != 404 {
			t.Errorf("%s: %d", wrong, a.status)
		}
	}
}

// TestCollectionsOnTheTarget holds that what came is on the target, for whatever looks there: its
// databases, their counters, its log, the snapshots since, and the project's events.
func TestCollectionsOnTheTarget(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	u.s.limits.each = Unlimited
	inject(t, u.s, Inject{Drop: &InjectDrop{Cluster: orders, Namespace: "shop.orders", Ago: Duration(20 * time.Minute)}})
	if u.holds("Payments", "orders-prod", "shop.orders") {
		t.Fatal("it is there")
	}
	taken := u.s.NewestSnapshot("Payments", "orders-prod").Taken
	path, _ := u.collect("Payments", "orders-prod", u.chosen("Payments", "orders-prod", "shop.orders", "shop.stock", "shop=crm"))
	u.s.Advance(20 * time.Minute)
	if u.holds("Payments", "orders-prod", "shop.orders") || u.holds("Payments", "orders-prod", "crm.stock") {
		t.Error("it is there before it is done")
	}
	u.s.Advance(9 * time.Minute)
	for _, name := range []string{"shop.orders", "shop.stock", "shop.stock_1", "crm.orders", "crm.stock"} {
		if !u.holds("Payments", "orders-prod", name) {
			t.Errorf("%s is not there", name)
		}
	}
	if got := u.states(path)["shop.orders"]; got != "SUCCESSFUL crm.orders" && got != "SUCCESSFUL shop.orders" {
		t.Errorf("%s", got)
	}
	u.s.withWorld(func(w *world, now time.Time) {
		c := w.mustCluster("Payments", "orders-prod")
		all := w.data(c, taken)
		want := int(w.documents(all[find(all, namespace{"shop", "stock"})], taken))
		all = w.data(c, now)
		if got := int(w.documents(all[find(all, namespace{"shop", "stock_1"})], now)); got != want {
			t.Errorf("shop.stock_1 has %d documents, want %d", got, want)
		}
	})
	var kinds []string
	for _, e := range u.want(u.group("Payments") + "/events?clusterNames=orders-prod").results() {
		if what := e["eventTypeName"].(string); strings.HasPrefix(what, "CPS_COLLECTION") {
			kinds = append(kinds, what)
		}
	}
	if !slices.Equal(kinds, []string{"CPS_COLLECTION_RESTORE_SUCCESSFUL", "CPS_COLLECTION_RESTORE_REQUESTED_AUDIT"}) {
		t.Errorf("%v", kinds)
	}
}

// TestOverwritingDrops holds that overwriting leaves nothing of what had the name.
func TestOverwritingDrops(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	path, _ := u.collect("Payments", "orders-prod", with(u.chosen("Payments", "orders-prod", "shop.orders"), "writeStrategy", "OVERWRITE_EXISTING"))
	inject(t, u.s, Inject{MassDelete: &InjectMassDelete{Cluster: orders, Namespace: "shop.orders"}})
	u.s.Advance(30 * time.Minute)
	if got := u.states(path); got["shop.orders"] != "SUCCESSFUL shop.orders" {
		t.Errorf("%v", got)
	}
	u.s.withWorld(func(w *world, now time.Time) {
		c := w.mustCluster("Payments", "orders-prod")
		all := w.data(c, now)
		i, again := find(all, namespace{"shop", "orders"}), find(all, namespace{"shop", "orders_1"})
		if i < 0 || again >= 0 || w.documents(all[i], now) < 1e6 {
			t.Errorf("after it was overwritten: %s", names(all))
		}
	})
}

// TestCollectionJobEnds goes through what ends a job otherwise than was hoped for.
func TestCollectionJobEnds(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		cluster string
		names   []string
		before  []Inject
		state   string
		why     string
		ends    map[string]string
		event   string
		index   string
	}{
		"not there":                    {"Payments/orders-prod", []string{"shop.orders", "shop.nothing"}, nil, "FAILED", "collection was not found", map[string]string{"shop.orders": "ROLLBACK", "shop.nothing": "NOT_FOUND"}, "FAILED", "NOT_RESTORED"},
		"a database that is not there": {"Payments/orders-prod", []string{"shop.orders", "nowhere"}, nil, "FAILED", "nowhere: collection was not found", map[string]string{"shop.orders": "ROLLBACK"}, "FAILED", "NOT_RESTORED"},
		"kinds that are not restored": {"Storefront/catalog", []string{"catalog"}, nil, "SUCCESSFUL", "", map[string]string{
			"catalog.products": "SUCCESSFUL catalog.products_1", "catalog.prices": "SUCCESSFUL catalog.prices_1", "catalog.images": "SUCCESSFUL catalog.images_1", "catalog.translations": "SUCCESSFUL catalog.translations_1", "catalog.categories": "SUCCESSFUL catalog.categories_1",
			"catalog.price_history": "UNSUPPORTED", "catalog.products_public": "UNSUPPORTED",
		}, "PARTIAL_SUCCESS", "SUCCESSFUL"},
		"queryable encryption": {"Storefront/carts", []string{"shop.card_tokens", "shop.carts"}, nil, "SUCCESSFUL", "", map[string]string{"shop.carts": "SUCCESSFUL shop.carts_1", "shop.card_tokens": "UNSUPPORTED"}, "PARTIAL_SUCCESS", "SUCCESSFUL"},
		"a view that was made": {"Payments/orders-prod", []string{"shop.orders", "shop.open_orders"}, []Inject{
			{NewCollection: &InjectNewCollection{Cluster: orders, Namespace: "shop.open_orders", Kind: "view", Ago: Duration(300 * time.Hour)}},
		}, "SUCCESSFUL", "", map[string]string{"shop.orders": "SUCCESSFUL shop.orders_1", "shop.open_orders": "UNSUPPORTED"}, "PARTIAL_SUCCESS", "SUCCESSFUL"},
		"failed":       {"Storefront/carts", []string{"shop.carts", "shop.coupons"}, []Inject{{NextCollections: &InjectNextCollections{Ends: "failed", Namespace: "shop.coupons"}}}, "FAILED", "unexpected error", map[string]string{"shop.carts": "ROLLBACK", "shop.coupons": "FAILED"}, "FAILED", "NOT_RESTORED"},
		"failNextJob":  {"Payments/orders-prod", []string{"shop.orders"}, []Inject{{FailNextJob: true}}, "FAILED", "unexpected error", map[string]string{"shop.orders": "FAILED"}, "FAILED", "NOT_RESTORED"},
		"the disk":     {"Payments/orders-prod", []string{"shop.orders"}, []Inject{{NextCollections: &InjectNextCollections{Ends: "diskFull"}}}, "FAILED", "95 %", map[string]string{"shop.orders": "ROLLBACK"}, "FAILED", "NOT_RESTORED"},
		"a small disk": {"Platform Shared/settings", []string{"app.items"}, []Inject{{Cluster: &InjectCluster{Cluster: "Platform Shared/settings", DiskSizeGB: 3.1}}}, "FAILED", "95 %", map[string]string{"app.items": "ROLLBACK"}, "FAILED", "NOT_RESTORED"},
		"canceled":     {"Payments/orders-prod", []string{"shop.orders"}, []Inject{{NextCollections: &InjectNextCollections{Ends: "canceled"}}}, "CANCELED", "canceled", map[string]string{"shop.orders": "NOT_RESTORED"}, "CANCELED", "NOT_RESTORED"},
		"lost":         {"Storefront/carts", []string{"shop.carts", "shop.coupons"}, []Inject{{NextCollections: &InjectNextCollections{Ends: "notFound"}}}, "FAILED", "shop.carts: collection was not found", map[string]string{"shop.carts": "NOT_FOUND", "shop.coupons": "ROLLBACK"}, "FAILED", "NOT_RESTORED"},
		"left out":     {"Storefront/carts", []string{"shop.carts", "shop.coupons"}, []Inject{{NextCollections: &InjectNextCollections{Ends: "unsupported"}}}, "SUCCESSFUL", "", map[string]string{"shop.carts": "UNSUPPORTED", "shop.coupons": "SUCCESSFUL shop.coupons_1"}, "PARTIAL_SUCCESS", "SUCCESSFUL"},
		"an index":     {"Storefront/carts", []string{"shop.carts", "shop.coupons"}, []Inject{{NextCollections: &InjectNextCollections{Ends: "indexFailed", Namespace: "shop.coupons"}}}, "SUCCESSFUL", "", map[string]string{"shop.carts": "SUCCESSFUL shop.carts_1", "shop.coupons": "INDEX_BUILD_FAILED shop.coupons_1"}, "PARTIAL_SUCCESS", "FAILED"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := newUser(t)
			inject(t, u.s, tc.before...)
			project, cluster, _ := strings.Cut(tc.cluster, "/")
			path, _ := u.collect(project, cluster, u.chosen(project, cluster, tc.names...))
			for range 30 { // each of its answers is held against the schema
				u.s.Advance(time.Minute)
				u.want(path)
				u.states(path)
			}
			a := u.want(path)
			why, _ := a.json["errorMessage"].(string)
			if a.json["state"] != tc.state || !strings.Contains(why, tc.why) || (why == "") != (tc.why == "") || a.json["finishedAt"] == nil || a.json["indexStatus"].(map[string]any)["state"] != tc.index {
				t.Errorf("%s", a.body)
			}
			if got := u.states(path); fmt.Sprint(got) != fmt.Sprint(tc.ends) {
				t.Errorf("%v", got)
			}
			if tc.state != "SUCCESSFUL" && count(a, "restoredDocuments") != 0 {
				t.Errorf("something is there: %s", a.body)
			}
			if n := len(u.want(u.group(project) + "/events?eventType=CPS_COLLECTION_RESTORE_" + tc.event).results()); n != 1 {
				t.Errorf("%d events", n)
			}
			if tc.state != "SUCCESSFUL" {
				u.s.withWorld(func(w *world, now time.Time) {
					if c := w.mustCluster(project, cluster); len(c.changes) > 0 {
						t.Errorf("something was left on the target")
					}
				})
			}
		})
	}
}

// TestCollectionRefusals goes through what Atlas refuses.
func TestCollectionRefusals(t *testing.T) {
	t.Parallel()
	set := func(project, cluster string, f func(*Cluster)) func(*Server) {
		return func(s *Server) { s.SetCluster(project, cluster, f) }
	}
	many := func(n int) []map[string]string {
		var out []map[string]string
		for i := range n {
			out = append(out, map[string]string{"sourceNamespace": fmt.Sprintf("shop.c%d", i)})
		}
		return out
	}
	collections := func(pairs ...string) any {
		var out []map[string]string
		for i := 0; i < len(pairs); i += 2 {
			out = append(out, map[string]string{"sourceNamespace": pairs[i], "targetNamespace": pairs[i+1]})
		}
		return out
	}
	type change map[string]any
	for name, tc := range map[string]struct {
		source string // Payments/orders-prod if empty
		before func(*Server)
		change change // of a good request; nil values are left out
		status int
		code   string
	}{
		"flex":                     {"Sandbox/blog", nil, nil, 400, ""},
		"M0":                       {"Sandbox/playground", nil, nil, 400, "INSUFFICIENT_INSTANCE_SIZE"},
		"no backups":               {"Platform Shared/mail-queue", nil, nil, 400, "BACKUP_JOB_NOT_FOUND"},
		"no such cluster":          {"Payments/nothing", nil, nil, 404, "CLUSTER_NOT_FOUND"},
		"no target":                {"", nil, change{"targetClusterName": nil}, 400, "MISSING_ATTRIBUTE"},
		"no such target":           {"", nil, change{"targetClusterName": "nothing"}, 404, "CLUSTER_NOT_FOUND"},
		"no such project":          {"", nil, change{"targetGroupId": strings.Repeat("0", 24)}, 404, "GROUP_NOT_FOUND"},
		"no ID":                    {"", nil, change{"targetGroupId": "x"}, 400, "INVALID_ATTRIBUTE"},
		"no way to write":          {"", nil, change{"writeStrategy": "MERGE"}, 400, "INVALID_ENUM_VALUE"},
		"no indexes":               {"", nil, change{"indexStrategy": nil}, 400, "MISSING_ATTRIBUTE"},
		"a misspelt moment":        {"", nil, change{"snapshotId": nil, "pointInTimeUTCSeconds": start.Unix() - 3600}, 400, "INVALID_ATTRIBUTE"},
		"both":                     {"", nil, change{"pointInTimeUtcSeconds": start.Unix() - 3600}, 400, "INVALID_ATTRIBUTE"},
		"neither":                  {"", nil, change{"snapshotId": nil}, 400, "MISSING_ONE_OF_ATTRIBUTES"},
		"half an oplog entry":      {"", nil, change{"snapshotId": nil, "oplogTs": start.Unix() - 3600}, 400, "MISSING_ATTRIBUTE"},
		"the future":               {"", nil, change{"snapshotId": nil, "pointInTimeUtcSeconds": start.Unix() + 3600}, 400, "INVALID_PIT_RESTORE_TIME"},
		"before the window":        {"", nil, change{"snapshotId": nil, "pointInTimeUtcSeconds": start.Unix() - 9*86400}, 400, "INVALID_PIT_RESTORE_TIME"},
		"no point in time":         {"", set("Payments", "orders-prod", func(c *Cluster) { c.PITEnabled = false }), change{"snapshotId": nil, "pointInTimeUtcSeconds": start.Unix() - 3600}, 409, "UNSUPPORTED_FEATURE"},
		"no such snapshot":         {"", nil, change{"snapshotId": strings.Repeat("0", 24)}, 404, "SNAPSHOT_NOT_FOUND"},
		"nothing":                  {"", nil, change{"collections": nil}, 400, "MISSING_ONE_OF_ATTRIBUTES"},
		"an empty list":            {"", nil, change{"collections": []any{}}, 400, "MISSING_ONE_OF_ATTRIBUTES"},
		"101":                      {"", nil, change{"collections": many(101)}, 400, "INVALID_ATTRIBUTE"},
		"a database's name":        {"", nil, change{"collections": collections("shop", "")}, 400, "INVALID_ATTRIBUTE"},
		"a name with $":            {"", nil, change{"collections": collections("shop.or$ders", "")}, 400, "INVALID_ATTRIBUTE"},
		"a target of the server":   {"", nil, change{"collections": collections("shop.orders", "admin.orders")}, 400, "INVALID_ATTRIBUTE"},
		"two with one name":        {"", nil, change{"collections": collections("shop.orders", "shop.x", "shop.stock", "shop.x")}, 400, "INVALID_ATTRIBUTE"},
		"a name and a suffix":      {"", nil, change{"collections": collections("shop.orders", "shop.x"), "collectionSuffix": "_restored"}, 400, "INVALID_ATTRIBUTE"},
		"no list":                  {"", nil, change{"collections": "shop.orders"}, 400, "INVALID_JSON_ATTRIBUTE"},
		"paused":                   {"", nil, change{"targetProject": "Analytics", "targetClusterName": "reports"}, 400, "CLUSTER_PAUSED_CANNOT_RESTORE"},
		"not idle":                 {"", nil, change{"targetProject": "Payments Staging", "targetClusterName": "ledger-stg"}, 409, "RESTORE_INITIATION_FAILED"},
		"onto flex":                {"", nil, change{"targetProject": "Sandbox", "targetClusterName": "blog"}, 400, ""},
		"onto M0":                  {"", nil, change{"targetProject": "Sandbox", "targetClusterName": "playground"}, 400, "INSUFFICIENT_INSTANCE_SIZE"},
		"an older version":         {"", nil, change{"targetProject": "Storefront", "targetClusterName": "carts"}, 409, "INVALID_RESTORE_PROCESS"},
		"NVMe":                     {"", set("Payments", "orders-prod", func(c *Cluster) { c.InstanceSize = "M40_NVME" }), nil, 409, "UNSUPPORTED_FEATURE"},
		"onto NVMe":                {"", set("Payments", "orders-prod-restore", func(c *Cluster) { c.InstanceSize = "M40_NVME" }), change{"targetClusterName": "orders-prod-restore"}, 409, "UNSUPPORTED_FEATURE"},
		"a disk that is too small": {"", set("Platform Shared", "settings", func(c *Cluster) { c.DiskSizeGB = 16 }), change{"targetProject": "Platform Shared", "targetClusterName": "settings"}, 409, "RESTORE_INITIATION_FAILED"},
		"no role":                  {"", func(s *Server) { s.SetProject("Payments", func(p *Project) { p.Role = RoleReadOnly }) }, nil, 403, "ACCESS_FORBIDDEN"},
		"no role at the target":    {"", func(s *Server) { s.SetProject("Payments Staging", func(p *Project) { p.Role = RoleReadOnly }) }, change{"targetProject": "Payments Staging", "targetClusterName": "orders-stg"}, 403, "CANNOT_RESTORE_TO_TARGET"},
		"a fallback snapshot":      {"", func(s *Server) { must(s.Inject(Inject{Snapshot: &InjectSnapshot{Cluster: orders, Fallback: true}})) }, nil, 409, "UNSUPPORTED_FEATURE"},
		"a restore onto it":        {"", func(s *Server) { must(s.Inject(Inject{Restore: &InjectColleague{Source: orders, Target: orders}})) }, nil, 409, "ATLAS_CLUSTER_RESTORE_IN_PROGRESS"},
		"another of collections": {"", func(s *Server) {
			must(s.Inject(Inject{Restore: &InjectColleague{Source: orders, Target: orders, Namespaces: []string{"shop.stock", "audit"}}}))
		}, nil, 409, "ATLAS_CLUSTER_RESTORE_IN_PROGRESS"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := newUser(t)
			id := u.s.NewestSnapshot("Payments", "orders-prod").ID
			if tc.before != nil {
				tc.before(u.s)
			}
			project, cluster := "Payments", "orders-prod"
			if tc.source != "" {
				project, cluster, _ = strings.Cut(tc.source, "/")
			}
			request := map[string]any{
				"snapshotId": id, "targetGroupId": u.s.ProjectID("Payments"), "targetClusterName": "orders-prod",
				"writeStrategy": "CREATE_NEW", "indexStrategy": "ALL", "collections": collections("shop.orders", ""),
			}
			for k, v := range tc.change {
				switch {
				case k == "targetProject":
					request["targetGroupId"] = u.s.ProjectID(v.(string))
				case v == nil:
					delete(request, k)
				default:
					request[k] = v
				}
			}
			before := len(u.s.Jobs())
			a := u.do("POST", u.collectionJobs(project, cluster), body(request))
			if a.status != tc.status || tc.code != "" && a.code() != tc.code {
				t.Errorf("%d %s", a.status, a.body)
			}
			if n := len(u.s.Jobs()); n != before {
				t.Error("a job was made")
			}
		})
	}
}

// TestWholeRestoreDuringCollections holds that a cluster is not erased under a restore of collections.
func TestWholeRestoreDuringCollections(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	u.collect("Payments", "orders-prod", u.chosen("Payments", "orders-prod", "shop.orders"))
	a := u.do("POST", u.jobs("Payments", "orders-prod"), body(u.automated("Payments", "orders-prod", "Payments", "orders-prod")))
	if a.code() != "ATLAS_CLUSTER_RESTORE_IN_PROGRESS" {
		t.Errorf("%d %s", a.status, a.body)
	}
	u.s.Advance(30 * time.Minute)
	u.restore("Payments", "orders-prod", u.automated("Payments", "orders-prod", "Payments", "orders-prod"))
}

// TestCollectionsOfAMoment holds that the data are those of the moment, and what suffixes do.
func TestCollectionsOfAMoment(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	inject(t, u.s, Inject{Drop: &InjectDrop{Cluster: orders, Namespace: "shop.orders", Ago: Duration(20 * time.Minute)}})
	for ago, want := range map[time.Duration]string{21 * time.Minute: "SUCCESSFUL shop_pit.orders_restored", 19 * time.Minute: "NOT_FOUND"} {
		request := with(u.chosen("Payments", "orders-prod", "shop.orders"), "pointInTimeUtcSeconds", start.Add(-ago).Unix())
		delete(request, "snapshotId")
		request["databaseSuffix"], request["collectionSuffix"] = "_pit", "_restored"
		path, a := u.collect("Payments", "orders-prod", request)
		absent(t, a, "snapshotId", "oplogTs")
		u.s.Advance(30 * time.Minute)
		if got := u.states(path); got["shop.orders"] != want {
			t.Errorf("%s before: %v", ago, got)
		}
	}
}

// TestCollectionJobIsMadeDespiteA500 has Atlas answer with an error, with the job and without it.
func TestCollectionJobIsMadeDespiteA500(t *testing.T) {
	t.Parallel()
	for _, acts := range []bool{false, true} {
		u := newUser(t)
		inject(t, u.s, Inject{Fault: &InjectFault{Method: "POST", PathContains: "/collectionRestoreJobs", Status: 500, Acts: acts}})
		a := u.do("POST", u.collectionJobs("Payments", "orders-prod"), body(u.chosen("Payments", "orders-prod", "shop.orders")))
		list := u.want(u.collectionJobs("Payments", "orders-prod")).results()
		if a.status != 500 || a.code() != "UNEXPECTED_ERROR" || (len(list) == 1) != acts {
			t.Errorf("%d %s, %v", a.status, a.body, list)
		}
	}
}

// TestCollectionJobsOfAColleague are listed as any other.
func TestCollectionJobsOfAColleague(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	inject(t, u.s,
		Inject{NextCollections: &InjectNextCollections{Ends: "failed"}},
		Inject{Restore: &InjectColleague{Source: orders, Target: "Payments/orders-prod-restore", Namespaces: []string{"shop.stock"}, Ago: Duration(3 * time.Hour)}},
		Inject{Restore: &InjectColleague{Source: orders, Target: orders, Namespaces: []string{"audit"}, Ago: Duration(2 * time.Hour), InstantAgo: Duration(5 * time.Hour)}})
	jobs := u.want(u.collectionJobs("Payments", "orders-prod")).results()
	if len(jobs) != 2 || jobs[0]["state"] != "SUCCESSFUL" || jobs[0]["pointInTimeUtcSeconds"] == nil || jobs[1]["targetClusterName"] != "orders-prod-restore" {
		t.Fatalf("%v", jobs)
	}
	if !u.holds("Payments", "orders-prod", "audit.logins_1") {
		t.Error("it did not land")
	}
	path, _ := u.collect("Payments", "orders-prod", u.chosen("Payments", "orders-prod", "shop.orders"))
	u.s.Advance(30 * time.Minute)
	if a := u.want(path); a.json["state"] != "FAILED" {
		t.Errorf("its fate was taken by a colleague: %s", a.body)
	}
	view := slices.DeleteFunc(u.s.Jobs(), func(j Job) bool { return j.DeliveryType != "collections" })
	if len(view) != 3 || !view[1].Colleague || view[1].As["audit.logins"] != "audit.logins_1" || view[1].State != "completed" || view[2].Colleague || view[2].State != "failed" || len(view[2].As) != 0 {
		t.Errorf("%+v", view)
	}
}
