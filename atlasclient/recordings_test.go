package atlasclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"atlas-restore/state"
)

// recording is one exchange with a real Atlas.
type recording struct {
	Kind, Method, Path string
	Status             int
	Headers            map[string]string
	Body               json.RawMessage
}

func loadRecordings(t *testing.T) map[string]recording {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(recordings, "*.json"))
	if len(files) == 0 {
		t.Skip("the recordings of Atlas are absent: " + recordings)
	}
	out := map[string]recording{}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var r recording
		if err := json.Unmarshal(raw, &r); err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		out[filepath.Base(f)] = r
	}
	return out
}

// at walks into decoded JSON: keys and indices, nil where there is nothing.
func at(v any, path ...any) any {
	for _, step := range path {
		switch k := step.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[k]
		case int:
			l, _ := v.([]any)
			if k >= len(l) {
				return nil
			}
			v = l[k]
		}
	}
	return v
}

// same says whether a field of a state type is what the raw JSON says: zero for what
// is null or absent.
func same(got, raw any) bool {
	switch g := got.(type) {
	case time.Time:
		s, _ := raw.(string)
		want, _ := time.Parse(time.RFC3339, s)
		return g.Equal(want)
	case state.Secret:
		s, _ := raw.(string)
		return g.Reveal() == s
	}
	v := reflect.ValueOf(got)
	if raw == nil {
		return v.IsZero()
	}
	return fmt.Sprint(got) == fmt.Sprint(raw)
}

// compare holds fields (by name) of a state value against paths in the raw JSON, and
// fails for a field of the type that the table forgets.
func compare(t *testing.T, got, raw any, fields map[string][]any) {
	t.Helper()
	v := reflect.ValueOf(got)
	for i := range v.NumField() {
		name := v.Type().Field(i).Name
		path, ok := fields[name]
		switch {
		case !ok:
			t.Errorf("no rule for %s.%s", v.Type(), name)
		case path == nil: // compared by the caller
		case !same(v.Field(i).Interface(), at(raw, path...)):
			t.Errorf("%s.%s is %v, Atlas says %v", v.Type(), name, v.Field(i).Interface(), at(raw, path...))
		}
	}
}

var (
	projectFields  = map[string][]any{"ID": {"id"}, "Name": {"name"}, "OrgID": {"orgId"}, "ClusterCount": {"clusterCount"}, "Unreadable": {"-"}, "Uncounted": {"-"}}
	scheduleFields = map[string][]any{"RestoreWindowDays": {"restoreWindowDays"}, "NextSnapshot": {"nextSnapshot"}}
	clusterFields  = map[string][]any{
		"Family": nil, "ID": {"id"}, "ProjectID": {"groupId"}, "Name": {"name"}, "Type": {"clusterType"}, "State": {"stateName"}, "Paused": {"paused"},
		"Terminated": nil, "Namesake": nil, "PinnedFCV": nil, // no answer says so
		"BackupEnabled": {"backupEnabled"}, "PITEnabled": {"pitEnabled"}, "MongoDBVersion": {"mongoDBVersion"},
		"EncryptionProvider": {"encryptionAtRestProvider"}, "ConfigServerType": {"configServerType"}, "Shards": nil,
		"InstanceSize": {"replicationSpecs", 0, "regionConfigs", 0, "electableSpecs", "instanceSize"},
		"Provider":     {"replicationSpecs", 0, "regionConfigs", 0, "providerName"},
		"Region":       {"replicationSpecs", 0, "regionConfigs", 0, "regionName"},
		"DiskSizeGB":   nil, "MultiCloud": nil, "Unreadable": {"-"},
	}
	snapshotFields = map[string][]any{
		"ID": {"id"}, "Status": {"status"}, "Kind": {"snapshotType"}, "Frequency": {"frequencyType"}, "Description": {"description"},
		"CreatedAt": {"createdAt"}, "ExpiresAt": {"expiresAt"}, "StorageSizeBytes": nil, "MongoDBVersion": {"mongodVersion"},
		"Provider": {"cloudProvider"}, "Sharded": nil, "Members": nil, "ConfigServerType": {"configServerType"},
	}
	jobFields = map[string][]any{
		"ID": {"id"}, "Family": nil, "DeliveryType": {"deliveryType"}, "SnapshotID": {"snapshotId"}, "SnapshotAt": {"timestamp"},
		"TargetProjectID": {"targetGroupId"}, "TargetClusterName": {"targetClusterName"},
		"PointInTimeUTCSeconds": {"pointInTimeUTCSeconds"}, "OplogTs": {"oplogTs"}, "OplogInc": {"oplogInc"},
		"FinishedAt": {"finishedAt"}, "ExpiresAt": {"expiresAt"}, "Cancelled": {"cancelled"}, "Expired": {"expired"}, "Failed": {"failed"},
		"Deliveries": nil, "Private": nil, "Unreadable": nil, "Unsure": {"-"}, "Collections": {"-"},
	}
	flexFields = map[string][]any{
		"Family": nil, "ID": {"id"}, "ProjectID": {"groupId"}, "Name": {"name"}, "Type": {"clusterType"}, "State": {"stateName"},
		"BackupEnabled": {"backupSettings", "enabled"}, "MongoDBVersion": {"mongoDBVersion"}, "Provider": {"providerSettings", "backingProviderName"},
		"Region": {"providerSettings", "regionName"}, "DiskSizeGB": {"providerSettings", "diskSizeGB"}, "InstanceSize": nil, "Shards": nil,
		"Terminated": {"-"}, "Namesake": {"-"}, "Paused": {"-"}, "PITEnabled": {"-"}, "EncryptionProvider": {"-"}, "ConfigServerType": {"-"}, "MultiCloud": {"-"}, "PinnedFCV": {"-"}, "Unreadable": {"-"}, // it has none of them
	}
	flexJobFields = map[string][]any{
		"ID": {"id"}, "Family": nil, "DeliveryType": nil, "SnapshotID": {"snapshotId"}, "SnapshotAt": {"snapshotFinishedDate"},
		"TargetProjectID": {"targetProjectId"}, "TargetClusterName": {"targetDeploymentItemName"}, "FinishedAt": {"restoreFinishedDate"},
		"PointInTimeUTCSeconds": {"-"}, "OplogTs": {"-"}, "OplogInc": {"-"}, "ExpiresAt": {"-"}, "Cancelled": {"-"}, "Expired": {"-"}, "Failed": {"-"},
		"Deliveries": nil, "Private": nil, "Unreadable": nil, "Unsure": {"-"}, "Collections": {"-"},
	}
)

func compareCluster(t *testing.T, c state.Cluster, raw any) {
	t.Helper()
	compare(t, c, raw, clusterFields)
	shards, specs := 0, at(raw, "replicationSpecs").([]any)
	for _, s := range specs {
		n, old := at(s, "numShards").(float64) // 2023-02-01
		if !old {
			n = 1
		}
		shards += int(n)
	}
	if c.Shards != shards {
		t.Errorf("Shards is %d, Atlas has %d", c.Shards, shards)
	}
	disk := at(raw, "replicationSpecs", 0, "regionConfigs", 0, "electableSpecs", "diskSizeGB")
	if disk == nil {
		disk = at(raw, "diskSizeGB") // 2023-02-01
	}
	if !same(c.DiskSizeGB, disk) {
		t.Errorf("DiskSizeGB is %v, Atlas says %v", c.DiskSizeGB, disk)
	}
}

func compareSnapshot(t *testing.T, s state.Snapshot, raw any) {
	t.Helper()
	compare(t, s, raw, snapshotFields)
	if size, _ := at(raw, "storageSizeBytes").(float64); s.StorageSizeBytes != int64(size) {
		t.Errorf("StorageSizeBytes is %d, Atlas says %v", s.StorageSizeBytes, size)
	}
	if s.Sharded || len(s.Members) > 0 {
		t.Errorf("a replica set's snapshot is sharded: %+v", s)
	}
}

func compareJob(t *testing.T, j state.Job, raw any) {
	t.Helper()
	compare(t, j, raw, jobFields)
	urls, _ := at(raw, "deliveryUrl").([]any)
	if len(urls) != len(j.Deliveries) {
		t.Fatalf("%d deliveries, Atlas lists %d", len(j.Deliveries), len(urls))
	}
	for i, u := range urls {
		if j.Deliveries[i].URL.Reveal() != u {
			t.Errorf("delivery %d is %s, Atlas says %v", i, j.Deliveries[i].URL.Reveal(), u)
		}
	}
}

// notAsked are the kinds of recordings of calls that the client does not make. A kind that
// is neither here nor known to play fails.
var notAsked = map[string]bool{
	"groups-create": true, "snapshots-create": true, "flex-snapshots-get": true, "dbAccessHistory": true,
	"process-get": true, "logs-get-mongos": true, "logs-get-audit": true,
}

// TestRecordings serves every recording to the client at the address where it was
// recorded, and compares what comes out field by field.
func TestRecordings(t *testing.T) {
	used := map[string]int{}
	for file, rec := range loadRecordings(t) {
		used[strings.Split(rec.Kind, "-")[0]]++
		t.Run(file, func(t *testing.T) {
			if notAsked[rec.Kind] {
				t.Skipf("the client does not ask for what %s recordings hold", rec.Kind)
			}
			s := newRecordingServer(t, rec)
			c := s.client(Options{})
			var raw any
			if err := json.Unmarshal(rec.Body, &raw); err != nil {
				t.Fatal(err)
			}
			if rec.Status > 299 {
				checkRefusal(t, c, rec, raw)
				return
			}
			play(t, c, rec, raw)
			got := slices.DeleteFunc(s.requests(), func(r string) bool { return r == besides(rec) })
			if len(got) != 1 || got[0] != rec.Method+" "+rec.Path {
				t.Errorf("the client asked %v, recorded was %s %s", got, rec.Method, rec.Path)
			}
		})
	}
	for _, kind := range []string{"groups", "clusters", "snapshots", "restoreJobs", "schedule", "error", "flex", "processes", "process", "databases", "database", "events", "logs"} {
		if used[kind] == 0 {
			t.Errorf("no recording of %s was used", kind)
		}
	}
}

func newRecordingServer(t *testing.T, rec recording) *server {
	t.Helper()
	return newServer(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method+" "+r.URL.Path == besides(rec) {
			answer(w, 200, `{"results":[]}`)
			return
		}
		for k, v := range rec.Headers {
			if k != "Content-Length" { // the file has the body in another layout
				w.Header().Set(k, v)
			}
		}
		w.WriteHeader(rec.Status)
		if rec.Headers["Content-Length"] != "0" {
			_, _ = w.Write(rec.Body)
		}
	})
}

// besides is the other list that is asked for with one of the two lists of clusters.
func besides(rec recording) string {
	switch rec.Kind {
	case "clusters-list":
		return "GET " + strings.Replace(rec.Path, "/clusters", "/flexClusters", 1)
	case "flex-clusters-list":
		return "GET " + strings.Replace(rec.Path, "/flexClusters", "/clusters", 1)
	}
	return ""
}

// play calls the method that reads what was recorded, and compares.
func play(t *testing.T, c *Client, rec recording, raw any) {
	t.Helper()
	ctx, e := context.Background(), strings.Split(strings.TrimPrefix(rec.Path, "/api/atlas/v2/"), "/")
	element := func(i int) string { return append(e, make([]string, 8)...)[i] }
	cluster := state.Cluster{ProjectID: element(1), Name: element(3), Type: state.ReplicaSet}
	results, _ := at(raw, "results").([]any)
	var err error
	switch rec.Kind {
	case "processes-list", "process-measurements", "process-measurements-all", "databases-list", "database-measurements", "events-list", "logs-get-mongodb":
		err = playMonitoring(ctx, t, c, rec.Kind, e, raw)
	case "groups-list":
		var got []state.Project
		got, err = c.Projects(ctx)
		compareAll(t, got, results, func(p state.Project) string { return p.ID }, func(p state.Project, raw any) { compare(t, p, raw, projectFields) })
	case "groups-get":
		var got state.Project
		got, err = c.Project(ctx, element(1))
		compare(t, got, raw, projectFields)
	case "clusters-list":
		var got []state.Cluster
		got, err = c.Clusters(ctx, element(1))
		compareAll(t, got, results, func(c state.Cluster) string { return c.ID }, func(c state.Cluster, raw any) { compareCluster(t, c, raw) })
	case "clusters-get", "clusters-get-logs":
		var got state.Cluster
		got, err = c.Cluster(ctx, element(1), element(3))
		compareCluster(t, got, raw)
	case "schedule-get":
		var got state.Schedule
		got, err = c.Schedule(ctx, cluster)
		compare(t, got, raw, scheduleFields)
	case "snapshots-list":
		var got []state.Snapshot
		got, err = c.Snapshots(ctx, cluster)
		compareAll(t, got, results, func(s state.Snapshot) string { return s.ID }, func(s state.Snapshot, raw any) { compareSnapshot(t, s, raw) })
	case "snapshots-get":
		var got state.Snapshot
		got, err = c.Snapshot(ctx, cluster, element(6))
		compareSnapshot(t, got, raw)
	case "restoreJobs-list":
		var got []state.Job
		got, err = c.Jobs(ctx, cluster)
		compareAll(t, got, results, func(j state.Job) string { return j.ID }, func(j state.Job, raw any) { compareJob(t, j, raw) })
	case "restoreJobs-get":
		var got state.Job
		got, err = c.Job(ctx, cluster, element(6))
		compareJob(t, got, raw)
	case "restoreJobs-create":
		var got state.Job
		got, err = c.CreateJob(ctx, cluster, state.Request{DeliveryType: state.Download, SnapshotID: id1})
		compareJob(t, got, raw)
	case "flex-clusters-list":
		var got []state.Cluster
		got, err = c.Clusters(ctx, element(1))
		compareAll(t, got, results, func(c state.Cluster) string { return c.ID }, func(c state.Cluster, raw any) {
			compare(t, c, raw, flexFields)
			if c.Family != state.Flex {
				t.Errorf("%s is not flex", c.Name)
			}
		})
	case "flex-clusters-get":
		var w wireFlex
		err = c.do(ctx, call{method: http.MethodGet, path: e, out: &w})
		compare(t, w.cluster(""), raw, flexFields)
	case "flex-restoreJobs-get":
		var got state.Job
		cluster.Family = state.Flex
		got, err = c.Job(ctx, cluster, element(6))
		compareFlexJob(t, got, raw)
	case "flex-restoreJobs-create":
		var got state.Job
		cluster.Family = state.Flex
		got, err = c.CreateJob(ctx, cluster, state.Request{
			Family: state.Flex, DeliveryType: state.Automated, SnapshotID: id1, TargetProjectID: id1, TargetClusterName: "demo",
		})
		compareFlexJob(t, got, raw)
	default:
		t.Fatalf("no rule for recordings of %s", rec.Kind)
	}
	if err != nil {
		t.Error(err)
	}
}

func compareFlexJob(t *testing.T, j state.Job, raw any) {
	t.Helper()
	compare(t, j, raw, flexJobFields)
	now, _ := time.Parse(time.RFC3339, "2026-08-10T04:00:00Z")
	want := state.InProgress
	if at(raw, "status") == "COMPLETED" {
		want = state.Completed
	}
	if j.Family != state.Flex || j.DeliveryType != state.Automated || j.State(now) != want || j.Cancellable(now) {
		t.Errorf("Atlas says %v, the job is %s: %+v", at(raw, "status"), j.State(now), j)
	}
}

// compareAll pairs what was decoded with the raw elements by id.
func compareAll[T any](t *testing.T, got []T, raw []any, id func(T) string, compare func(T, any)) {
	t.Helper()
	if len(got) != len(raw) {
		t.Errorf("%d elements, Atlas lists %d", len(got), len(raw))
	}
	byID := map[any]any{}
	for _, r := range raw {
		byID[at(r, "id")] = r
	}
	for _, g := range got {
		compare(g, byID[id(g)])
	}
}

// checkRefusal wants a recorded error as Atlas said it, whatever was asked.
func checkRefusal(t *testing.T, c *Client, rec recording, raw any) {
	t.Helper()
	_, err := c.Cluster(context.Background(), id1, "demo")
	var got *state.AtlasError
	if !errors.As(err, &got) {
		t.Fatalf("no *state.AtlasError: %v", err)
	}
	want := &state.AtlasError{
		Status: rec.Status, Code: at(raw, "errorCode").(string), Detail: at(raw, "detail").(string), Reason: at(raw, "reason").(string),
	}
	if params, _ := at(raw, "parameters").([]any); params != nil {
		for _, p := range params {
			want.Parameters = append(want.Parameters, fmt.Sprint(p))
		}
	}
	if rec.Status == http.StatusUnauthorized || rec.Status == http.StatusForbidden {
		want.Needs, want.Project, want.Credential = state.RoleReadOnly, id1, signsAs // of the call that was made
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
