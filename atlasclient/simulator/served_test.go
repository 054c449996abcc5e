package simulator

import (
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
)

// thorough says whether every case is tried. The gate does, by THOROUGH=1.
func thorough() bool { return os.Getenv("THOROUGH") == "1" }

// TestLinksAreServed follows every link that an answer has, from the root on, and every
// answer that comes of it is held against the schema.
func TestLinksAreServed(t *testing.T) {
	u := newUser(t)
	u.s.limits.each = Unlimited
	queue := []string{"", "/orgs", "/groups", "/clusters", "/rateLimits"}
	seen, kinds, most, least := map[string]bool{}, map[string]int{}, 1, 60
	if thorough() {
		most, least = 2, 100
	}
	for _, p := range projectTemplates() {
		queue = append(queue, u.group(p.Name)+"/clusters", u.group(p.Name)+"/flexClusters", u.group(p.Name)+"/accessList", u.group(p.Name)+"/alerts")
	}
	for _, c := range [][2]string{{"Payments", "orders-prod"}, {"Analytics", "events"}} {
		queue = append(queue, u.cluster(c[0], c[1])+"/backup/schedule", u.cluster(c[0], c[1])+"/status", u.cluster(c[0], c[1])+"/backup/snapshots/"+u.s.NewestSnapshot(c[0], c[1]).ID+"/databases")
	}
	id := regexp.MustCompile(`[0-9a-f]{24}$`)
	for len(queue) > 0 {
		path := queue[0]
		queue = queue[1:]
		kind := id.ReplaceAllString(path, "ID")
		if seen[path] || kinds[kind] == most {
			continue
		}
		seen[path] = true
		kinds[kind]++ // of many snapshots two will do, and one in the suite
		a := u.get(path)
		if strings.Contains(path, "playground") && a.code() == "INSUFFICIENT_INSTANCE_SIZE" {
			continue // as Atlas links to the backups of a cluster that can have none
		}
		if a.status != 200 {
			t.Errorf("GET %s: %d %s", path, a.status, a.body)
		}
		for _, href := range hrefs(a.json) {
			to, err := url.Parse(href)
			if err != nil || !strings.HasPrefix(href, u.s.BaseURL()+api) {
				t.Fatalf("%s links to %q: %v", path, href, err)
			}
			next := strings.TrimPrefix(to.EscapedPath(), api)
			if to.RawQuery != "" {
				next += "?" + to.RawQuery
			}
			queue = append(queue, next)
		}
	}
	if len(seen) < least {
		t.Errorf("only %d links were followed", len(seen))
	}
}

// hrefs are the targets of all links in an answer.
func hrefs(v any) (out []string) {
	switch v := v.(type) {
	case map[string]any:
		for name, x := range v {
			if href, ok := x.(string); ok && name == "href" {
				out = append(out, href)
			} else {
				out = append(out, hrefs(x)...)
			}
		}
	case []any:
		for _, x := range v {
			out = append(out, hrefs(x)...)
		}
	}
	return out
}

// TestSnapshotsOfTheOtherKind asks each snapshot endpoint for a cluster of the other kind:
// it answers in its own shape, and says which kind the snapshot is.
func TestSnapshotsOfTheOtherKind(t *testing.T) {
	u := newUser(t)
	events, orders := u.cluster("Analytics", "events")+"/backup/snapshots", u.cluster("Payments", "orders-prod")+"/backup/snapshots"
	list := u.want(events + "?itemsPerPage=2")
	first := list.results()[0]
	if len(list.results()) != 2 || first["type"] != "shardedCluster" || first["id"] != u.want(events + "/shardedClusters").results()[0]["id"] {
		t.Errorf("%s", list.body)
	}
	id := first["id"].(string)
	if one := u.want(events + "/" + id); one.json["type"] != "shardedCluster" || one.json["id"] != id || one.json["members"] != nil {
		t.Errorf("%s", one.body)
	}
	if a := u.do("DELETE", events+"/"+id, ""); a.status != 204 {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := u.get(events + "/shardedCluster/" + id); a.status != 404 {
		t.Errorf("it is there after it was deleted: %d", a.status)
	}
	id = u.s.NewestSnapshot("Payments", "orders-prod").ID
	if one := u.want(orders + "/shardedCluster/" + id); one.json["type"] != "replicaSet" || one.json["id"] != id || one.json["replicaSetName"] != nil {
		t.Errorf("%s", one.body)
	}
	if a := u.do("DELETE", orders+"/shardedCluster/"+id, ""); a.status != 204 {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// TestWhatIsNotServedSaysSo holds that whoever uses more of the Admin API learns that it is
// not his own mistake.
func TestWhatIsNotServedSaysSo(t *testing.T) {
	u := newUser(t)
	for _, row := range [][2]string{
		{"POST", u.group("Sandbox") + "/flexClusters"},
		{"PATCH", u.cluster("Payments", "orders-prod")},
		{"GET", u.group("Sandbox") + "/serverless"},
		{"DELETE", "/groups/byName/Sandbox"},
	} {
		a := u.do(row[0], row[1], "{}")
		if detail, _ := a.json["detail"].(string); a.status != 404 || a.code() != "RESOURCE_NOT_FOUND" ||
			!strings.Contains(detail, "does not serve "+row[0]) || !strings.Contains(detail, "/control/endpoints") {
			t.Errorf("%s %s: %d %s", row[0], row[1], a.status, a.body)
		}
	}
}
