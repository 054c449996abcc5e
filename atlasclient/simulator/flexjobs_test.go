package simulator

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"
)

func TestFlexRestore(t *testing.T) {
	u := newUser(t)
	want := u.onto("blog", "Sandbox", "blog-restore")
	delete(want, "targetProjectId") // the source's, if it is not named
	want["instanceName"] = "blog"   // as the official command line sends it
	path, a := u.restoreFlex("blog", want)
	snapshot := u.s.NewestSnapshot("Sandbox", "blog")
	for name, want := range map[string]any{
		"deliveryType": "RESTORE", "status": "PENDING", "instanceName": "blog", "projectId": u.s.ProjectID("Sandbox"),
		"snapshotId": snapshot.ID, "snapshotFinishedDate": stamp(snapshot.Done), "restoreScheduledDate": stamp(start),
		"expirationDate":           stamp(start.Add(6 * time.Hour)),
		"targetDeploymentItemName": "blog-restore", "targetProjectId": u.s.ProjectID("Sandbox"),
	} {
		if a.json[name] != want {
			t.Errorf("%s: %v, want %v", name, a.json[name], want)
		}
	}
	for _, step := range []struct {
		after         time.Duration
		status, state string
	}{
		{0, "PENDING", "UPDATING"},
		{2 * time.Second, "QUEUED", "UPDATING"},
		{2 * time.Second, "RUNNING", "UPDATING"},
		{57 * time.Second, "RUNNING", "UPDATING"},
		{3 * time.Second, "COMPLETED", "IDLE"},
	} {
		u.s.Advance(step.after)
		if a = u.want(path); a.json["status"] != step.status {
			t.Errorf("%s, want %s", a.body, step.status)
		}
		if state := u.want(u.flex("blog-restore")).json["stateName"]; state != step.state {
			t.Errorf("%s: the target is %v", step.status, state)
		}
		absent(t, a, "snapshotUrl", "links")
		if step.status != "COMPLETED" {
			absent(t, a, "restoreFinishedDate")
		}
	}
	if took := at(t, a.json["restoreFinishedDate"]).Sub(start); took < 62*time.Second || took > 64*time.Second {
		t.Errorf("took %s", took)
	}
	if j := lastJob(u); j.ID != a.json["id"] || j.DeliveryType != "RESTORE" || j.State != "completed" || j.Cluster != "blog" || j.TargetCluster != "blog-restore" {
		t.Errorf("%+v", j)
	}
}

// TestFlexRestoreOntoReplicaSet crosses families and projects.
func TestFlexRestoreOntoReplicaSet(t *testing.T) {
	u := newUser(t)
	path, _ := u.restoreFlex("blog", u.onto("blog", "Payments", "orders-prod-restore"))
	back := body(u.automated("Payments", "orders-prod", "Payments", "orders-prod-restore"))
	if a := u.do("POST", u.jobs("Payments", "orders-prod"), back); a.code() != "ATLAS_CLUSTER_RESTORE_IN_PROGRESS" {
		t.Errorf("meanwhile: %d %s", a.status, a.body)
	}
	u.s.Advance(64 * time.Second)
	if a := u.want(path); a.json["status"] != "COMPLETED" {
		t.Errorf("%s", a.body)
	}
	if a := u.do("POST", u.jobs("Payments", "orders-prod"), back); a.status != 200 {
		t.Errorf("afterwards: %d %s", a.status, a.body)
	}
	u.restoreFlex("blog", u.onto("blog", "Sandbox", "blog")) // onto itself
}

func TestFlexJobs(t *testing.T) {
	u := newUser(t)
	path := u.flex("blog") + "/backup/restoreJobs"
	first, _ := u.restoreFlex("blog", u.onto("blog", "Sandbox", "blog-restore"))
	u.s.Advance(time.Hour - time.Second)
	second, _ := u.downloadFlex("blog")
	list := u.want(path)
	var last time.Time
	for i, x := range list.results() {
		scheduled := at(t, x["restoreScheduledDate"])
		if i > 0 && scheduled.After(last) || !idTime(t, x["id"].(string)).Equal(scheduled) {
			t.Errorf("number %d: %v", i, x)
		}
		last = scheduled
	}
	if r := list.results(); len(r) != 4 || path+"/"+r[0]["id"].(string) != second || path+"/"+r[1]["id"].(string) != first {
		t.Errorf("%s", list.body)
	}
	if r := u.want(path + "?itemsPerPage=1&pageNum=3").results(); len(r) != 1 || r[0]["id"] != list.results()[2]["id"] {
		t.Errorf("third page: %v", r)
	}
	if r := u.want(u.flex("blog-restore") + "/backup/restoreJobs").results(); len(r) != 0 {
		t.Errorf("jobs are listed under their target: %v", r)
	}
}

// TestFlexJobsLeaveOthersAlone holds that the IDs of dedicated jobs do not depend on
// what flex clusters do.
func TestFlexJobsLeaveOthersAlone(t *testing.T) {
	ids := [2]any{}
	for i := range ids {
		u := newUser(t)
		if i == 1 {
			u.downloadFlex("blog")
			u.restoreFlex("blog", u.onto("blog", "Sandbox", "blog-restore"))
		}
		_, a := u.restore("Payments", "orders-prod", u.automated("Payments", "orders-prod", "Payments", "orders-prod-restore"))
		ids[i] = a.json["id"]
	}
	if ids[0] != ids[1] {
		t.Errorf("%v", ids)
	}
}

func TestFlexDownload(t *testing.T) {
	u := newUser(t)
	path, a := u.downloadFlex("blog")
	id := u.s.NewestSnapshot("Sandbox", "blog").ID
	link, _ := a.json["snapshotUrl"].(string)
	if a.json["deliveryType"] != "DOWNLOAD" || a.json["status"] != "COMPLETED" || a.json["expirationDate"] != stamp(start.Add(4*time.Hour)) {
		t.Errorf("%s", a.body)
	}
	if !strings.HasPrefix(link, u.s.BaseURL()) || !strings.HasSuffix(link, "/"+id+".tgz") {
		t.Fatalf("link %q", link)
	}
	absent(t, a, "targetDeploymentItemName", "targetProjectId", "links")
	if got := u.want(path); got.json["snapshotUrl"] != link {
		t.Errorf("%s", got.body)
	}
	if wrong := u.send("GET", strings.Replace(link, "/"+id, "x/"+id, 1), "", nil); wrong.status != 404 {
		t.Errorf("with another token: %d", wrong.status)
	}
	if head := u.send("HEAD", link, "", nil); head.status != 200 || lastJob(u).Fetched {
		t.Errorf("HEAD %d", head.status)
	}
	u.s.Fail(Fault{PathContains: "/delivery/", Drop: AfterCommit})
	if _, err := u.try("GET", link, "", nil); !errors.Is(err, io.ErrUnexpectedEOF) || lastJob(u).Fetched {
		t.Errorf("cut: %v", err)
	}
	for range 2 { // the link is not spent
		got := u.send("GET", link, "", nil)
		if got.header.Get("Content-Type") != "application/gzip" || !strings.Contains(got.header.Get("Content-Disposition"), id+".tgz") {
			t.Errorf("%d %v", got.status, got.header)
		}
		if names := untar(t, got.body); names["WiredTiger"] == 0 {
			t.Errorf("%v", names)
		}
	}
	if j := lastJob(u); !j.Fetched || j.State != "ready" || j.DeliveryType != "DOWNLOAD" || j.TargetCluster != "" {
		t.Errorf("%+v", j)
	}
	u.s.Advance(4*time.Hour - time.Second)
	u.login()
	if got := u.send("GET", link, "", nil); got.status != 200 {
		t.Errorf("before its end: %d", got.status)
	}
	u.s.Advance(time.Second)
	if got := u.send("GET", link, "", nil); got.status != 410 {
		t.Errorf("after its end: %d", got.status)
	}
	a = u.want(path)
	absent(t, a, "snapshotUrl")
	if a.json["status"] != "COMPLETED" || lastJob(u).State != "expired" {
		t.Errorf("%s %s", lastJob(u).State, a.body)
	}
}

func TestExpireFlexJob(t *testing.T) {
	u := newUser(t)
	path, a := u.downloadFlex("blog")
	u.s.ExpireJob(a.json["id"].(string))
	if a = u.want(path); a.json["expirationDate"] != stamp(start) {
		t.Errorf("%s", a.body)
	}
	absent(t, a, "snapshotUrl")
}

func TestFailedFlexJob(t *testing.T) {
	u := newUser(t)
	u.s.FailNextJob()
	path, a := u.restoreFlex("blog", u.onto("blog", "Sandbox", "blog-restore"))
	if a.json["status"] != "PENDING" {
		t.Errorf("%s", a.body)
	}
	u.s.Advance(64 * time.Second)
	if a = u.want(path); a.json["status"] != "FAILED" || a.json["restoreFinishedDate"] == nil || lastJob(u).State != "failed" {
		t.Errorf("%s %s", lastJob(u).State, a.body)
	}
	u.s.FailNextJob()
	if path, a = u.downloadFlex("blog"); a.json["status"] != "FAILED" {
		t.Errorf("%s", a.body)
	}
	absent(t, u.want(path), "snapshotUrl")
	if _, a = u.downloadFlex("blog"); a.json["status"] != "COMPLETED" {
		t.Errorf("the one after it: %s", a.body)
	}
}

// lastJob is the job that was created last.
func lastJob(u *user) Job {
	jobs := u.s.Jobs()
	return jobs[len(jobs)-1]
}
