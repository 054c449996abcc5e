package simulator

import (
	"bytes"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestPaging(t *testing.T) {
	u := newUser(t)
	path := u.cluster("Payments", "orders-prod") + "/backup/snapshots"
	all := u.want(path + "?itemsPerPage=500")
	total := len(all.results())
	if all.json["totalCount"] != float64(total) {
		t.Errorf("totalCount %v of %d", all.json["totalCount"], total)
	}
	seen := []string{}
	for page, next := 1, path+"?itemsPerPage=20"; next != ""; page++ {
		a := u.want(next)
		for _, x := range a.results() {
			seen = append(seen, x["id"].(string))
		}
		links := map[string]string{}
		for _, l := range a.json["links"].([]any) {
			links[l.(map[string]any)["rel"].(string)] = l.(map[string]any)["href"].(string)
		}
		if (links["previous"] != "") != (page > 1) || links["self"] != u.s.BaseURL()+api+next {
			t.Errorf("page %d: %v", page, links)
		}
		next = strings.TrimPrefix(links["next"], u.s.BaseURL()+api)
		if next != "" {
			if parsed, err := url.Parse(next); err != nil || parsed.Query().Get("pageNum") != fmt.Sprint(page+1) {
				t.Errorf("next of page %d: %s %v", page, next, err)
			}
		}
	}
	if len(seen) != total {
		t.Errorf("%d on pages, %d in all", len(seen), total)
	}
	for i, x := range all.results() {
		if seen[i] != x["id"] {
			t.Fatalf("number %d is another on pages", i)
		}
	}
	for _, query := range []string{"?pageNum=99", "?pageNum=9223372036854775807&itemsPerPage=500"} {
		if a := u.want(path + query); len(a.results()) != 0 || a.json["results"] == nil {
			t.Errorf("%s: %s", query, a.body)
		}
	}
	absent(t, u.want(path+"?includeCount=false"), "totalCount")
	if a := u.want(u.group("Research Archive") + "/clusters"); a.json["totalCount"] != 0.0 || !bytes.Contains(a.body, []byte(`"results":[]`)) {
		t.Errorf("an empty list is %s", a.body)
	}
	if a := u.want(u.group("Payments") + "/flexClusters"); len(a.results()) != 0 {
		t.Errorf("flex: %s", a.body)
	}
}

func TestTenThousandSnapshots(t *testing.T) {
	u := newUser(t)
	path := u.cluster("Payments", "orders-prod") + "/backup/snapshots"
	before := u.want(path).json["totalCount"].(float64)
	u.s.AddSnapshots("Payments", "orders-prod", 10_000)
	a := u.want(path + "?itemsPerPage=500&pageNum=20")
	if a.json["totalCount"] != before+10_000 || len(a.results()) != 500 {
		t.Errorf("%v, %d on the page", a.json["totalCount"], len(a.results()))
	}
	ids := map[string]bool{}
	for _, x := range u.s.Snapshots("Payments", "orders-prod") {
		ids[x.ID] = true
	}
	if len(ids) != int(before)+10_000 {
		t.Errorf("%d ids", len(ids))
	}
}

func TestSnapshotBefore(t *testing.T) {
	u := newUser(t)
	path := u.cluster("Payments", "orders-prod") + "/backup/snapshots?"
	newestOne := u.s.NewestSnapshot("Payments", "orders-prod")
	for _, query := range []string{
		fmt.Sprintf("pointInTimeUtcSeconds=%d", newestOne.Taken.Unix()),
		fmt.Sprintf("oplogTs=%d&oplogInc=1", start.Unix()),
	} {
		if r := u.want(path + query).results(); len(r) != 1 || r[0]["id"] != newestOne.ID {
			t.Errorf("%s: %v", query, r)
		}
	}
	earlier := u.want(path + fmt.Sprintf("pointInTimeUtcSeconds=%d", newestOne.Taken.Unix()-1)).results()
	if len(earlier) != 1 || earlier[0]["id"] == newestOne.ID {
		t.Errorf("a second earlier: %v", earlier)
	}
	if r := u.want(path + "pointInTimeUtcSeconds=1600000000").results(); len(r) != 0 {
		t.Errorf("before all: %v", r)
	}
}

func TestShardedSnapshots(t *testing.T) {
	u := newUser(t)
	path := u.cluster("Analytics", "events") + "/backup/snapshots/shardedCluster"
	all := u.want(path + "s").results()
	if len(all) < 50 {
		t.Errorf("%d snapshots", len(all))
	}
	a := u.want(path + "/" + all[0]["id"].(string))
	if a.json["type"] != "shardedCluster" || a.json["configServerType"] != "EMBEDDED" || len(a.json["members"].([]any)) != 3 {
		t.Errorf("%s", a.body)
	}
	absent(t, a, "cloudProvider", "copyRegions", "replicaSetName")
	archive := u.want(u.cluster("Platform Shared", "audit-log") + "/backup/snapshots/shardedClusters").results()[0]
	if n := len(archive["snapshotIds"].([]any)); n != 4 {
		t.Errorf("%d members, with config servers", n)
	}
}

func TestVersions(t *testing.T) {
	u := newUser(t)
	events, orders := u.cluster("Analytics", "events"), u.cluster("Payments", "orders-prod")
	for _, row := range []struct{ accept, path, resolved string }{
		{"application/vnd.atlas.2024-05-30+json", events, "2023-02-01"},
		{"application/vnd.atlas.2024-05-30+json", u.group("Analytics") + "/clusters", "2023-02-01"},
		{"application/vnd.atlas.2023-01-01+json", events, "2023-01-01"},
		{"application/vnd.atlas.2024-08-05+json", events, "2024-08-05"},
		{newest, events, "2024-08-05"},
		{"application/json, " + newest, events, "2024-08-05"},
		{newest, orders + "/backup/schedule", "2024-08-05"},
		{"application/vnd.atlas.2024-05-30+json", orders + "/backup/schedule", "2023-01-01"},
		{"application/vnd.atlas.2024-05-30+json", orders + "/backup/restoreJobs", "2023-01-01"},
		{"", events, ""},
		{"application/json", events, ""},
		{"*/*", events, ""},
		{"application/vnd.atlas.2024-05-31+json", events, ""},
		{"application/vnd.atlas.preview+json", events, ""},
		{"application/vnd.atlas.2025-03-12+csv", events, ""},
		{"application/vnd.atlas.2024-05-30+json", u.group("Analytics") + "/flexClusters", ""},
	} {
		u.accept = row.accept
		a := u.get(row.path)
		if row.resolved == "" {
			if a.status != 406 {
				t.Errorf("%q %s: %d", row.accept, row.path, a.status)
			}
			continue
		}
		if got := a.header.Get("Content-Type"); a.status != 200 || got != mediaType(row.resolved, formatJSON) {
			t.Errorf("%q %s: %d %s", row.accept, row.path, a.status, got)
		}
		old := row.resolved < "2024-08-05" && !strings.HasSuffix(row.path, "Jobs")
		if (a.header.Get("Sunset") != "") != old || (a.header.Get("Deprecation") != "") != old {
			t.Errorf("%q %s: headers %v", row.accept, row.path, a.header)
		}
	}
	u.accept = "application/vnd.atlas.2024-05-30+json"
	a := u.want(events)
	spec := a.json["replicationSpecs"].([]any)
	if len(spec) != 1 || spec[0].(map[string]any)["numShards"] != 3.0 || a.json["diskSizeGB"] != 500.0 {
		t.Errorf("2023-02-01: %s", a.body)
	}
	u.accept = newest
	a = u.want(events)
	absent(t, a, "diskSizeGB")
	if spec := a.json["replicationSpecs"].([]any); len(spec) != 3 {
		t.Errorf("2024-08-05: %s", a.body)
	}
}

func TestEnvelopeAndPretty(t *testing.T) {
	u := newUser(t)
	if a := u.want("/groups?envelope=true"); a.json["status"] != 200.0 || len(a.results()) == 0 {
		t.Errorf("list: %s", a.body)
	}
	a := u.want(u.group("Payments") + "?envelope=true")
	content, _ := a.json["content"].(map[string]any)
	if a.json["status"] != 200.0 || content["name"] != "Payments" {
		t.Errorf("%s", a.body)
	}
	if a := u.want("/groups?pretty=true"); !bytes.Contains(a.body, []byte("\n  \"results\"")) {
		t.Errorf("%s", a.body)
	}
	if a := u.get("/groups/" + nowhere + "?pretty=true"); !bytes.Contains(a.body, []byte("\n  \"errorCode\"")) {
		t.Errorf("%s", a.body)
	}
}

func TestHeaders(t *testing.T) {
	u := newUser(t)
	u.s.Advance(90 * time.Second)
	a := u.want("/groups")
	if got := a.header.Get("Date"); got != "Mon, 23 Nov 2026 14:32:30 GMT" {
		t.Errorf("Date %s", got)
	}
	if a.header.Get("RateLimit-Limit") != "1200" || a.header.Get("RateLimit-Remaining") != "1199" {
		t.Errorf("%v", a.header)
	}
}

func TestRateLimit(t *testing.T) {
	u := newUser(t)
	path := u.cluster("Payments", "settings") + "/backup/snapshots" // a refusal costs a token too
	for range 1200 {
		if _, err := u.s.limits.take(setBackups, u.s.ProjectID("Payments"), "", u.s.Now()); err != nil {
			t.Fatal(err)
		}
	}
	u.s.Advance(20 * time.Second)
	a := u.get(path)
	if a.status != 429 || a.code() != "RATE_LIMITED_TOKEN_BUCKET" || a.header.Get("Retry-After") != "40" || a.header.Get("RateLimit-Remaining") != "0" {
		t.Fatalf("%d %s %v", a.status, a.body, a.header)
	}
	if p := a.json["parameters"].([]any); len(p) != 5 || p[0] != api+path || p[1] != 40.0 || p[2] != 1200.0 || p[3] != 500.0 || p[4] != 60.0 {
		t.Errorf("parameters %v", p)
	}
	u.want(u.cluster("Analytics", "reports") + "/backup/snapshots") // another project
	u.want(u.group("Payments") + "/clusters")                       // another set
	u.s.Advance(40 * time.Second)
	if a := u.get(path); a.status != 404 || a.header.Get("RateLimit-Remaining") != "499" {
		t.Errorf("%d %v", a.status, a.header)
	}
	u.s.Advance(time.Hour)
	u.login()
	if a := u.get(path); a.header.Get("RateLimit-Remaining") != "1199" {
		t.Errorf("%v", a.header)
	}
}

func TestUnlimited(t *testing.T) {
	l := limiter{each: Unlimited}
	for range 2000 {
		if _, err := l.take(setBackups, "x", "", start); err != nil {
			t.Fatal(err)
		}
	}
}

// TestRareShapes looks for what Atlas sends of some things and not of others: a client that
// knows only the usual shape must meet the rest somewhere.
func TestRareShapes(t *testing.T) {
	u := newUser(t)
	clusters := func(project string) (out []map[string]any) { return u.want(u.group(project) + "/clusters").results() }
	var all []map[string]any
	for _, p := range projectTemplates() {
		all = append(all, clusters(p.Name)...)
	}
	region := func(c map[string]any) map[string]any {
		spec := c["replicationSpecs"].([]any)[0].(map[string]any)
		return spec["regionConfigs"].([]any)[0].(map[string]any)
	}
	schedule := func(c map[string]any) map[string]any {
		return u.get("/groups/" + c["groupId"].(string) + "/clusters/" + c["name"].(string) + "/backup/schedule").json
	}
	for name, has := range map[string]func(c map[string]any) bool{
		"advanced configuration":     func(c map[string]any) bool { return c["advancedConfiguration"] != nil },
		"private connection strings": func(c map[string]any) bool { return c["connectionStrings"].(map[string]any)["privateSrv"] != nil },
		"private endpoints": func(c map[string]any) bool {
			return len(c["connectionStrings"].(map[string]any)["privateEndpoint"].([]any)) > 0
		},
		"analytics auto scaling": func(c map[string]any) bool { return region(c)["analyticsAutoScaling"] != nil },
		"bounds of auto scaling": func(c map[string]any) bool {
			scaling, _ := region(c)["autoScaling"].(map[string]any)
			return scaling != nil && scaling["compute"].(map[string]any)["maxInstanceSize"] != nil
		},
		"end of a pin":    func(c map[string]any) bool { return c["featureCompatibilityVersionExpirationDate"] != nil },
		"export settings": func(c map[string]any) bool { return schedule(c)["export"] != nil },
	} {
		some, without := slices.ContainsFunc(all, has), slices.ContainsFunc(all, func(c map[string]any) bool { return !has(c) })
		if !some || !without {
			t.Errorf("%s: some have it %t, some have it not %t", name, some, without)
		}
	}
	entries := u.want(u.group("Platform Shared") + "/accessList").results()
	for _, member := range []string{"awsSecurityGroup", "deleteAfterDate", "ipAddress"} {
		if !slices.ContainsFunc(entries, func(e map[string]any) bool { return e[member] != nil }) {
			t.Errorf("no entry of the access list has %s", member)
		}
	}
	u.s.Advance(29 * day)
	if slices.ContainsFunc(clusters("Analytics"), func(c map[string]any) bool { return c["featureCompatibilityVersionExpirationDate"] != nil }) {
		t.Error("a pin goes on after its end")
	}
	if n := len(u.want(u.group("Platform Shared") + "/accessList").results()); n != len(entries)-1 {
		t.Errorf("%d entries after one has ended", n)
	}
}
