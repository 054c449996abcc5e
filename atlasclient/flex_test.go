package atlasclient

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/submit"
)

// On flex a download goes to the endpoint of downloads and a restore to that of restores,
// whatever else the request says; a point in time and a cancelling go nowhere.
func TestFlexDownloadIsNoRestore(t *testing.T) {
	var bodies []string
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		bodies = append(bodies, string(raw))
		answer(w, 200, `{"id":"`+id1+`","status":"PENDING"}`)
	})
	c := s.client(Options{})
	// Even a request that names a target, which no rule would let through.
	d := state.Request{Family: state.Flex, DeliveryType: state.Download, SnapshotID: id2, TargetProjectID: id1, TargetClusterName: "precious"}
	job, err := c.CreateJob(t.Context(), flex, d)
	if err != nil || job.DeliveryType != state.Download || job.Family != state.Flex {
		t.Errorf("%+v, %v", job, err)
	}
	a := state.Request{Family: state.Flex, DeliveryType: state.Automated, SnapshotID: id2, TargetProjectID: id1, TargetClusterName: "other"}
	if _, err := c.CreateJob(t.Context(), flex, a); err != nil {
		t.Error(err)
	}
	path := "/api/atlas/v2/groups/" + flex.ProjectID + "/flexClusters/small/backup/"
	if got := s.requests(); !slices.Equal(got, []string{"POST " + path + "download", "POST " + path + "restoreJobs"}) {
		t.Errorf("asked %v", got)
	}
	want := []string{`{"snapshotId":"` + id2 + `"}`, `{"snapshotId":"` + id2 + `","targetDeploymentItemName":"other","targetProjectId":"` + id1 + `"}`}
	if !slices.Equal(bodies, want) {
		t.Errorf("sent %v", bodies)
	}
	pit := state.Request{Family: state.Flex, DeliveryType: state.PointInTime, PointInTimeUTCSeconds: 1786332505, TargetProjectID: id1, TargetClusterName: "other"}
	if _, err := c.CreateJob(t.Context(), flex, pit); !errors.Is(err, submit.ErrNotSent) {
		t.Errorf("a point in time: %v", err)
	}
	if err := c.CancelJob(t.Context(), flex, id1); err == nil {
		t.Error("a flex job was cancelled")
	}
	if n := len(s.requests()); n != 2 {
		t.Errorf("%d requests", n)
	}
}

// The states of flex are told in the words of the others, and what cannot be known is no
// end.
func TestFlexStates(t *testing.T) {
	now := time.Date(2026, 8, 10, 4, 0, 0, 0, time.UTC)
	for name, tc := range map[string]struct {
		body string
		want state.JobState
		err  bool
	}{
		"pending":              {`"deliveryType":"RESTORE","status":"PENDING"`, state.InProgress, false},
		"running":              {`"deliveryType":"RESTORE","status":"RUNNING","expirationDate":"2026-08-10T03:00:00Z"`, state.InProgress, false},
		"completed":            {`"deliveryType":"RESTORE","status":"COMPLETED","restoreFinishedDate":"2026-08-10T03:04:32Z"`, state.Completed, false},
		"completed, no date":   {`"deliveryType":"RESTORE","status":"COMPLETED"`, state.InProgress, true},
		"failed":               {`"deliveryType":"RESTORE","status":"FAILED","restoreFinishedDate":"2026-08-10T03:04:32Z"`, state.Failed, false},
		"a download, not yet":  {`"deliveryType":"DOWNLOAD","status":"RUNNING"`, state.InProgress, false},
		"a download":           {`"deliveryType":"DOWNLOAD","status":"COMPLETED","snapshotUrl":"https://x.example/a.tgz","expirationDate":"2026-08-10T07:00:00Z"`, state.Ready, false},
		"a download, expired":  {`"deliveryType":"DOWNLOAD","status":"COMPLETED","snapshotUrl":"https://x.example/a.tgz","expirationDate":"2026-08-10T03:59:59Z"`, state.Expired, false},
		"a state of tomorrow":  {`"deliveryType":"RESTORE","status":"SLEEPING"`, state.Doubtful, false},
		"of tomorrow, dated":   {`"deliveryType":"RESTORE","status":"completed","restoreFinishedDate":"2026-08-10T03:04:32Z"`, state.Doubtful, false},
		"a download, no state": {`"deliveryType":"DOWNLOAD","snapshotUrl":"https://x.example/a.tgz"`, state.Doubtful, false},
		"nulls":                {`"deliveryType":null,"status":null,"snapshotUrl":null`, state.InProgress, false},
	} {
		var w wireFlexJob
		if err := json.Unmarshal([]byte(`{"id":"`+id1+`",`+tc.body+`}`), &w); err != nil {
			t.Fatal(err)
		}
		j, err := w.job()
		if got := j.State(now); got != tc.want || (err != nil) != tc.err || j.Cancellable(now) {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
	for wire, want := range map[string]string{"PENDING": "queued", "QUEUED": "queued", "RUNNING": "inProgress", "COMPLETED": "completed", "FAILED": "failed"} {
		s := wireFlexSnapshot{Status: wire}.snapshot()
		if s.Status != want || (s.Usable(now) == nil) != (wire == "COMPLETED") {
			t.Errorf("%s is %s, usable: %v", wire, s.Status, s.Usable(now))
		}
	}
}

// Both lists of clusters make one, by name; where Atlas has no flex there are none, but a
// list that may be incomplete is none.
func TestFlexIsMerged(t *testing.T) {
	both := func(flexStatus int, flexBody string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/flexClusters") {
				answer(w, flexStatus, flexBody)
				return
			}
			answer(w, 200, `{"results":[{"id":"`+id1+`","name":"zeta"},{"id":"`+id2+`","name":"Alpha"},{"id":"65f0c1d2e3a4b5c6d7e8f903","name":"mid"}]}`)
		}
	}
	for name, tc := range map[string]struct {
		status int
		body   string
		want   string
	}{
		"merged":            {200, `{"results":[{"id":"65f0c1d2e3a4b5c6d7e8f904","name":"beta","backupSettings":{"enabled":true}},{"id":"65f0c1d2e3a4b5c6d7e8f903","name":"mid"}]}`, "Alpha beta* mid* zeta"},
		"none":              {200, `{"results":[]}`, "Alpha mid zeta"},
		"not for gov":       {400, `{"errorCode":"FEATURE_UNSUPPORTED"}`, "Alpha mid zeta"},
		"not in that API":   {406, ``, "Alpha mid zeta"},
		"no such resource":  {404, `{"errorCode":"RESOURCE_NOT_FOUND"}`, "Alpha mid zeta"},
		"404 of a proxy":    {404, ``, ""},
		"no such project":   {404, `{"errorCode":"GROUP_NOT_FOUND"}`, ""},
		"a bad request":     {400, `{"errorCode":"INVALID_QUERY_PARAMETER"}`, ""},
		"may not be listed": {403, `{"errorCode":"ACCESS_FORBIDDEN"}`, ""},
		"broken":            {500, `{"errorCode":"UNEXPECTED_ERROR"}`, ""},
	} {
		all, err := newServer(t, both(tc.status, tc.body)).client(Options{}).Clusters(t.Context(), id1)
		var names []string
		for _, c := range all {
			n := c.Name
			if c.Family == state.Flex {
				n += "*"
			}
			names = append(names, n)
		}
		if got := strings.Join(names, " "); got != tc.want || (err != nil) != (tc.want == "") {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
}
