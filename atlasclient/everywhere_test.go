package atlasclient

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"atlas-restore/state"
)

const orgGroups = `{"results":[
 {"groupId":"` + "aaaaaaaaaaaaaaaaaaaaaaaa" + `","groupName":"Payments","orgId":"bbbbbbbbbbbbbbbbbbbbbbbb","orgName":"Org","planType":"Atlas","tags":[],"clusters":[
  {"clusterId":"cccccccccccccccccccccccc","name":"orders-prod","type":"REPLICA_SET","availability":"available","backupEnabled":true,"versions":["8.0.29"],"nodeCount":3,"dataSizeBytes":39000000000,"alertCount":0,"authEnabled":true,"sslEnabled":true},
  {"clusterId":"dddddddddddddddddddddddd","name":"events","type":"SHARDED_CLUSTER","availability":"dead","backupEnabled":false,"versions":[]}]},
 {"groupId":"eeeeeeeeeeeeeeeeeeeeeeee","groupName":"Empty","clusters":[]}],"totalCount":2}`

// The one list of all clusters is asked for once, in the words of the other answers; what it
// does not tell is not made up.
func TestEverywhere(t *testing.T) {
	s := newServer(t, func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, orgGroups) })
	got, err := s.client(Options{}).Everywhere(t.Context())
	if err != nil || len(got) != 2 {
		t.Fatalf("%+v, %v", got, err)
	}
	p := state.Project{ID: "aaaaaaaaaaaaaaaaaaaaaaaa", Name: "Payments", OrgID: "bbbbbbbbbbbbbbbbbbbbbbbb"}
	want := []state.Found{
		{Project: p, Availability: "dead", Cluster: state.Cluster{ID: "dddddddddddddddddddddddd", ProjectID: p.ID, Name: "events", Type: state.Sharded}},
		{Project: p, Availability: "available", Cluster: state.Cluster{ID: "cccccccccccccccccccccccc", ProjectID: p.ID, Name: "orders-prod", Type: state.ReplicaSet, Shards: 1, BackupEnabled: true, MongoDBVersion: "8.0.29"}},
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%+v, want %+v", got[i], want[i])
		}
	}
	if n := s.requests(); len(n) != 1 || !strings.Contains(n[0], "/api/atlas/v2/clusters") {
		t.Errorf("asked %v", n)
	}
}

// What cannot be read of the list stands in it, and is never taken for a project without
// clusters.
func TestEverywhereUnread(t *testing.T) {
	for name, tc := range map[string]struct {
		group   string
		project string
	}{
		"no clusters told":      {`{"groupId":"` + id1 + `","groupName":"Odd"}`, "Odd"},
		"null":                  {`{"groupId":"` + id1 + `","groupName":"Odd","clusters":null}`, "Odd"},
		"no list":               {`{"groupId":"` + id1 + `","groupName":"Odd","clusters":"many"}`, "Odd"},
		"a cluster without one": {`{"groupId":"` + id1 + `","groupName":"Odd","clusters":[{}]}`, "Odd"},
		"a cluster that is odd": {`{"groupId":"` + id1 + `","groupName":"Odd","clusters":[{"name":7}]}`, "Odd"},
		"a name that is none":   {`{"groupId":"` + id1 + `","groupName":"Odd","clusters":[{"name":"a b"}]}`, "Odd"},
		"no id":                 {`{"groupName":"Odd","clusters":[]}`, "Odd"},
		"no project":            {`7`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := answering(t, `{"results":[`+tc.group+`,`+strings.SplitN(strings.SplitN(orgGroups, "[\n", 2)[1], "\n {\"groupId\":\"e", 2)[0]+`{"groupId":"eeeeeeeeeeeeeeeeeeeeeeee","groupName":"Empty","clusters":[]}]}`).Everywhere(t.Context())
			if err != nil || len(got) != 3 {
				t.Fatalf("%+v, %v", got, err)
			}
			odd := 0
			for _, f := range got {
				if f.Unreadable != "" && f.Project.Name == tc.project && f.Cluster.Name == "" {
					odd++
				}
			}
			if odd != 1 {
				t.Errorf("%+v", got)
			}
		})
	}
	for _, body := range []string{`{}`, `null`, `{"results":null}`, `{"detail":"busy"}`} {
		if got, err := answering(t, body).Everywhere(t.Context()); len(got) != 0 || !errors.As(err, new(*state.UnreadableError)) {
			t.Errorf("%s: %v, %v", body, got, err)
		}
	}
}

// A 429 is told and waited out; a refusal is an error and never an empty list.
func TestEverywhereRefused(t *testing.T) {
	n := 0
	s := newServer(t, func(w http.ResponseWriter, _ *http.Request) {
		if n++; n == 1 {
			w.Header().Set("Retry-After", "2")
			answer(w, 429, `{"error":429,"errorCode":"RATE_LIMITED_TOKEN_BUCKET","detail":"Rate limit exceeded.","reason":"Too Many Requests"}`)
			return
		}
		answer(w, 200, orgGroups)
	})
	var told []state.Attempt
	ctx := state.WithAttempts(t.Context(), func(a state.Attempt) { told = append(told, a) })
	c := s.client(Options{Pace: 1000})
	got, err := c.Everywhere(ctx)
	if err != nil || len(got) != 2 || len(told) != 1 || told[0].In < 2*time.Millisecond {
		t.Errorf("%v, %v, told %+v", got, err, told)
	}
	refusing := newServer(t, func(w http.ResponseWriter, _ *http.Request) {
		answer(w, 403, `{"error":403,"errorCode":"USER_UNAUTHORIZED","detail":"No.","reason":"Forbidden"}`)
	})
	if got, err := refusing.client(Options{}).Everywhere(t.Context()); err == nil || len(got) != 0 {
		t.Errorf("%v, %v", got, err)
	}
}
