package simulator

import (
	"net/http"
	"testing"
	"time"
)

func TestAutomatedRestore(t *testing.T) {
	u := newUser(t)
	path, a := u.restore("Payments", "orders-prod", u.automated("Payments", "orders-prod", "Payments Staging", "orders-stg"))
	snapshot := u.s.NewestSnapshot("Payments", "orders-prod")
	for name, want := range map[string]any{
		"deliveryType": "automated", "cancelled": false, "expired": false, "failed": false, "snapshotId": snapshot.ID,
		"targetClusterName": "orders-stg", "targetGroupId": u.s.ProjectID("Payments Staging"), "timestamp": stamp(snapshot.Taken),
	} {
		if a.json[name] != want {
			t.Errorf("%s: %v, want %v", name, a.json[name], want)
		}
	}
	if urls, ok := a.json["deliveryUrl"].([]any); !ok || len(urls) != 0 {
		t.Errorf("deliveryUrl %v", a.json["deliveryUrl"])
	}
	if !idTime(t, a.json["id"].(string)).Equal(start) {
		t.Error("the id does not hold the time of creation")
	}
	absent(t, a, "finishedAt", "expiresAt", "components", "privateDownloadDeliveryUrls", "oplogTs", "pointInTimeUTCSeconds")

	target := u.cluster("Payments Staging", "orders-stg")
	if state := u.want(target).json["stateName"]; state != "UPDATING" {
		t.Errorf("the target is %v", state)
	}
	u.s.Advance(3 * time.Minute)
	absent(t, u.want(path), "finishedAt")
	u.s.Advance(90 * time.Second)
	done := u.want(path)
	end, err := time.Parse(time.RFC3339, done.json["finishedAt"].(string))
	if took := end.Sub(start); err != nil || took < 200*time.Second || took > 270*time.Second {
		t.Errorf("took %s: %v", took, err)
	}
	if state := u.want(target).json["stateName"]; state != "IDLE" {
		t.Errorf("the target is %v", state)
	}
	if list := u.want(u.jobs("Payments", "orders-prod")).results(); list[0]["id"] != done.json["id"] {
		t.Error("the newest job is not the first of the list")
	}
	for _, j := range u.want(u.jobs("Payments Staging", "orders-stg")).results() {
		if j["id"] == done.json["id"] {
			t.Error("the job is listed under its target")
		}
	}
}

func TestPointInTime(t *testing.T) {
	u := newUser(t)
	at := start.Add(-28 * time.Minute).Unix()
	to := map[string]any{"deliveryType": pointInTime, "targetGroupId": u.s.ProjectID("Payments"), "targetClusterName": "orders-prod-restore"}
	to["pointInTimeUTCSeconds"] = at
	path, a := u.restore("Payments", "orders-prod", to)
	if a.json["pointInTimeUTCSeconds"] != float64(at) || a.json["snapshotId"] != u.s.NewestSnapshot("Payments", "orders-prod").ID {
		t.Errorf("%s", a.body)
	}
	absent(t, a, "oplogTs", "oplogInc")
	u.s.Advance(5 * time.Minute)
	if u.want(path).json["finishedAt"] == nil {
		t.Error("not finished")
	}
	delete(to, "pointInTimeUTCSeconds")
	to["oplogTs"], to["oplogInc"] = at, 4
	_, a = u.restore("Payments", "orders-prod", to)
	if a.json["oplogTs"] != float64(at) || a.json["oplogInc"] != 4.0 {
		t.Errorf("%s", a.body)
	}
	absent(t, a, "pointInTimeUTCSeconds")
}

// TestHole walks through the hole that a restore makes in the target's own window.
func TestHole(t *testing.T) {
	u := newUser(t)
	try := func(at time.Time) string {
		t.Helper()
		a := u.do("POST", u.jobs("Payments Staging", "orders-stg"), body(map[string]any{
			"deliveryType": pointInTime, "pointInTimeUTCSeconds": at.Unix(),
			"targetGroupId": u.s.ProjectID("Payments"), "targetClusterName": "orders-prod-restore",
		}))
		if a.status == 200 {
			u.s.Advance(5 * time.Minute)
		}
		return a.code()
	}
	u.restore("Payments", "orders-prod", u.automated("Payments", "orders-prod", "Payments Staging", "orders-stg"))
	u.s.Advance(10 * time.Minute)
	if code := try(start.Add(9 * time.Minute)); code != "NO_CHECKPOINT_FOR_PIT_RESTORE" {
		t.Errorf("after the restore: %q", code)
	}
	if code := try(start.Add(-time.Second)); code != "" {
		t.Errorf("before the restore: %q", code)
	}
	u.s.Advance(6 * time.Hour)
	u.login()
	if code := try(start.Add(9 * time.Minute)); code != "NO_CHECKPOINT_FOR_PIT_RESTORE" {
		t.Errorf("in the hole, later: %q", code)
	}
	if code := try(u.s.NewestSnapshot("Payments Staging", "orders-stg").Taken); code != "" {
		t.Errorf("after the first snapshot: %q", code)
	}
}

func TestFailedJob(t *testing.T) {
	u := newUser(t)
	u.s.FailNextJob()
	path, a := u.restore("Payments", "orders-prod", u.automated("Payments", "orders-prod", "Payments", "orders-prod-restore"))
	if a.json["failed"] != false {
		t.Error("failed at once")
	}
	u.s.Advance(5 * time.Minute)
	if a = u.want(path); a.json["failed"] != true || a.json["finishedAt"] == nil {
		t.Errorf("%s", a.body)
	}
	path, _ = u.restore("Payments", "orders-prod", u.automated("Payments", "orders-prod", "Payments", "orders-prod-restore"))
	u.s.Advance(5 * time.Minute)
	if a = u.want(path); a.json["failed"] != false {
		t.Error("the job after it failed too")
	}
	u.s.FailNextJob()
	path, _ = u.restore("Payments", "orders-prod", map[string]any{"deliveryType": download, "snapshotId": u.s.NewestSnapshot("Payments", "orders-prod").ID})
	u.s.Advance(5 * time.Minute)
	if a = u.want(path); a.json["failed"] != true || len(a.json["deliveryUrl"].([]any)) != 0 {
		t.Errorf("%s", a.body)
	}
}

func TestCancelDownload(t *testing.T) {
	u := newUser(t)
	want := map[string]any{"deliveryType": download, "snapshotId": u.s.NewestSnapshot("Payments", "orders-prod").ID}
	path, _ := u.restore("Payments", "orders-prod", want)
	a := u.do("DELETE", path, "")
	if a.status != http.StatusNoContent || a.header.Get("Content-Type") != mediaType("2023-01-01", formatJSON) {
		t.Errorf("cancel: %d %v", a.status, a.header)
	}
	u.s.Advance(5 * time.Minute)
	if a = u.want(path); a.json["cancelled"] != true || len(a.json["deliveryUrl"].([]any)) != 0 {
		t.Errorf("%s", a.body)
	}
	absent(t, a, "expiresAt", "finishedAt")

	path, _ = u.restore("Payments", "orders-prod", want)
	u.s.Advance(5 * time.Minute)
	link := u.want(path).json["deliveryUrl"].([]any)[0].(string)
	u.do("DELETE", path, "")
	if a := u.send("GET", link, "", nil); a.status != http.StatusGone {
		t.Errorf("a cancelled link gives %d", a.status)
	}
	if jobs := u.s.Jobs(); jobs[len(jobs)-1].State != "cancelled" {
		t.Errorf("%+v", jobs[len(jobs)-1])
	}
}

func TestOnDemandSnapshot(t *testing.T) {
	u := newUser(t)
	path := u.cluster("Payments", "orders-prod") + "/backup/snapshots"
	a := u.do("POST", path, `{"description":"before the drill","retentionInDays":2}`)
	if a.status != 200 || a.json["status"] != "queued" || a.json["expiresAt"] != stamp(start.Add(48*time.Hour)) || a.json["storageSizeBytes"] != 0.0 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	absent(t, a, "createdAt", "mongodVersion", "cloudProvider")
	path += "/" + a.json["id"].(string)
	for _, step := range []struct {
		after  time.Duration
		status string
		has    []string
		lacks  []string
	}{
		{7 * time.Second, "inProgress", nil, []string{"mongodVersion", "cloudProvider", "createdAt"}},
		{22 * time.Second, "inProgress", []string{"mongodVersion"}, []string{"cloudProvider", "createdAt"}},
		{67 * time.Second, "inProgress", []string{"mongodVersion", "cloudProvider"}, []string{"createdAt"}},
		{2 * time.Minute, "completed", []string{"mongodVersion", "cloudProvider", "createdAt"}, nil},
	} {
		u.s.Advance(step.after)
		a = u.want(path)
		if a.json["status"] != step.status {
			t.Errorf("%v, want %s", a.json["status"], step.status)
		}
		absent(t, a, step.lacks...)
		for _, name := range step.has {
			if a.json[name] == nil {
				t.Errorf("%s: no %s", step.status, name)
			}
		}
	}
	if end, err := time.Parse(time.RFC3339, a.json["expiresAt"].(string)); err != nil || !end.After(start.Add(48*time.Hour)) {
		t.Errorf("expiresAt %s did not move: %v", end, err)
	}
	if a := u.do("DELETE", path, ""); a.status != 204 {
		t.Errorf("delete: %d", a.status)
	}
	if a := u.get(path); a.code() != "SNAPSHOT_NOT_FOUND" {
		t.Errorf("deleted: %s", a.body)
	}
	sharded := u.cluster("Analytics", "events") + "/backup/snapshots"
	if a = u.do("POST", sharded, `{"description":"x"}`); a.json["type"] != "shardedCluster" {
		t.Fatalf("%s", a.body)
	}
	u.s.Advance(5 * time.Minute)
	if a := u.do("DELETE", sharded+"/shardedCluster/"+a.json["id"].(string), ""); a.status != 204 {
		t.Errorf("delete: %d %s", a.status, a.body)
	}
}

func absent(t *testing.T, a answer, names ...string) {
	t.Helper()
	for _, name := range names {
		if v, has := a.json[name]; has {
			t.Errorf("%s is there: %v", name, v)
		}
	}
}
