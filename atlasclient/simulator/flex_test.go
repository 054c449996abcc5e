package simulator

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// flex is the path of a flex cluster. All of them are in one project.
func (u *user) flex(name string) string {
	u.t.Helper()
	return u.group("Sandbox") + "/flexClusters/" + name
}

// onto is the body of a restore of a flex cluster's newest snapshot.
func (u *user) onto(name, targetProject, target string) map[string]any {
	u.t.Helper()
	return map[string]any{
		"snapshotId":      u.s.NewestSnapshot("Sandbox", name).ID,
		"targetProjectId": u.s.ProjectID(targetProject), "targetDeploymentItemName": target,
	}
}

// restoreFlex creates a flex job that must be accepted and returns its path.
func (u *user) restoreFlex(name string, members map[string]any) (path string, a answer) {
	u.t.Helper()
	return u.postFlex(name, "restoreJobs", members)
}

// downloadFlex does the same for a download of the newest snapshot.
func (u *user) downloadFlex(name string) (path string, a answer) {
	u.t.Helper()
	return u.postFlex(name, "download", map[string]any{"snapshotId": u.s.NewestSnapshot("Sandbox", name).ID})
}

func (u *user) postFlex(name, endpoint string, members map[string]any) (path string, a answer) {
	u.t.Helper()
	backup := u.flex(name) + "/backup/"
	a = u.do("POST", backup+endpoint, body(members))
	if a.status != 200 {
		u.t.Fatalf("POST %s%s: %d %s", backup, endpoint, a.status, a.body)
	}
	return backup + "restoreJobs/" + a.json["id"].(string), a
}

func TestFlexClusters(t *testing.T) {
	u := newUser(t)
	var flex, dedicated []string
	for _, c := range u.want(u.group("Sandbox") + "/flexClusters").results() {
		name := c["name"].(string)
		flex = append(flex, name)
		provider := c["providerSettings"].(map[string]any)
		if provider["providerName"] != "FLEX" || provider["backingProviderName"] != "AWS" || provider["diskSizeGB"] != 5.0 {
			t.Errorf("%s: %v", name, provider)
		}
		if c["groupId"] != u.s.ProjectID("Sandbox") || !strings.HasPrefix(c["mongoDBVersion"].(string), "8.0.") {
			t.Errorf("%v", c)
		}
		links := c["connectionStrings"].(map[string]any)
		if _, has := links["standard"]; links["standardSrv"] == nil || has == (c["stateName"] == "CREATING") {
			t.Errorf("%s is %s, with %v", name, c["stateName"], links)
		}
		if got := u.want(u.flex(name)); got.json["id"] != c["id"] {
			t.Errorf("%s: %s", name, got.body)
		}
	}
	for _, c := range u.want(u.group("Sandbox") + "/clusters").results() {
		dedicated = append(dedicated, c["name"].(string))
	}
	if !slices.Equal(flex, []string{"blog", "blog-restore", "guestbook"}) || !slices.Equal(dedicated, []string{"playground", "scratch", "loadtest"}) {
		t.Errorf("flex %v, dedicated %v", flex, dedicated)
	}
	second := u.want(u.group("Sandbox") + "/flexClusters?itemsPerPage=1&pageNum=2")
	if r := second.results(); len(r) != 1 || r[0]["name"] != "blog-restore" || second.json["totalCount"] != 3.0 {
		t.Errorf("second page: %s", second.body)
	}
	for _, p := range u.s.World().Projects {
		for _, c := range p.Clusters {
			if c.Provider == "FLEX" && p.Name != "Sandbox" {
				t.Errorf("%s is in %s", c.Name, p.Name)
			}
		}
	}
}

func TestFlexSnapshots(t *testing.T) {
	u := newUser(t)
	path := u.flex("blog") + "/backup/snapshots"
	seen := map[any]int{}
	var last time.Time
	for i, x := range u.want(path).results() {
		due := at(t, x["scheduledTime"])
		if i > 0 && due.Sub(last) != day {
			t.Errorf("number %d comes %s after the one before it", i, due.Sub(last))
		}
		last = due
		if at(t, x["expiration"]).Sub(due) != 8*day || !at(t, x["startTime"]).After(due) || !at(t, x["finishTime"]).After(at(t, x["startTime"])) {
			t.Errorf("%v", x)
		}
		if got := u.want(path + "/" + x["id"].(string)); got.json["scheduledTime"] != x["scheduledTime"] {
			t.Errorf("%s", got.body)
		}
		seen[x["status"]]++
	}
	if seen["COMPLETED"] != 7 || seen["FAILED"] != 1 {
		t.Errorf("%v", seen)
	}
	if newest := u.s.NewestSnapshot("Sandbox", "blog"); !newest.Asked.Equal(last) {
		t.Errorf("the newest is of %s, not %s", newest.Asked, last)
	}
	if n := len(u.want(u.flex("guestbook") + "/backup/snapshots").results()); n != 0 {
		t.Errorf("a cluster that is created has %d snapshots", n)
	}
	u.s.AddSnapshots("Sandbox", "blog", 200)
	if a := u.want(path + "?pageNum=2"); len(a.results()) != 100 || a.json["totalCount"] != 208.0 {
		t.Errorf("%d of %v", len(a.results()), a.json["totalCount"])
	}
}

// TestFlexScheduleGoesOn follows one snapshot from when it is due until it is gone.
func TestFlexScheduleGoesOn(t *testing.T) {
	u := newUser(t)
	path := u.flex("blog") + "/backup/snapshots"
	due := u.s.NewestSnapshot("Sandbox", "blog").Asked.Add(day)
	u.s.Advance(due.Sub(start) - time.Second)
	u.login()
	before := u.want(path).results()
	id := ""
	for _, step := range []struct {
		after  time.Duration
		status string
		lacks  []string
	}{
		{time.Second, "QUEUED", []string{"startTime", "finishTime", "mongoDBVersion"}},
		{26 * time.Second, "QUEUED", []string{"startTime", "finishTime", "mongoDBVersion"}},
		{time.Second, "RUNNING", []string{"finishTime"}},
		{69 * time.Second, "RUNNING", []string{"finishTime"}},
		{21 * time.Second, "COMPLETED", nil},
	} {
		u.s.Advance(step.after)
		all := u.want(path).results()
		if len(all) != 8 || all[0]["id"] != before[1]["id"] {
			t.Fatalf("%d snapshots, from %v", len(all), all[0])
		}
		id = all[7]["id"].(string)
		a := u.want(path + "/" + id)
		if a.json["status"] != step.status || !idTime(t, id).Equal(due) {
			t.Errorf("%s, want %s", a.body, step.status)
		}
		absent(t, a, step.lacks...)
	}
	if got := u.get(path + "/" + before[0]["id"].(string)); got.code() != "TENANT_SNAPSHOT_NOT_FOUND" {
		t.Errorf("the oldest: %s", got.body)
	}
	u.s.Advance(200 * day)
	u.login()
	if n := len(u.want(path).results()); n != 8 {
		t.Errorf("%d snapshots after 200 days", n)
	}
	if got := u.get(path + "/" + id); got.status != 404 {
		t.Errorf("after 200 days: %s", got.body)
	}
}

// TestFlexRateLimits holds that each of the three sets counts for itself.
func TestFlexRateLimits(t *testing.T) {
	u := newUser(t)
	for _, row := range [][2]string{
		{u.flex("blog"), "1199"},
		{u.group("Sandbox") + "/flexClusters", "1198"},
		{u.flex("blog") + "/backup/snapshots", "1199"},
		{u.flex("blog") + "/backup/restoreJobs", "1199"},
		{u.cluster("Sandbox", "scratch") + "/backup/snapshots", "1199"},
	} {
		if a := u.want(row[0]); a.header.Get("RateLimit-Limit") != "1200" || a.header.Get("RateLimit-Remaining") != row[1] {
			t.Errorf("%s: %v", row[0], a.header)
		}
	}
	u.downloadFlex("blog")
	if a := u.want(u.flex("blog") + "/backup/snapshots"); a.header.Get("RateLimit-Remaining") != "1197" {
		t.Errorf("a download counts with the snapshots: %v", a.header)
	}
}

// at reads a date.
func at(t *testing.T, v any) time.Time {
	t.Helper()
	out, err := time.Parse(time.RFC3339, v.(string))
	if err != nil {
		t.Fatal(err)
	}
	return out
}
