package atlasclient

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"atlas-restore/state"
)

// The snapshot before an instant is asked for by the filter that Atlas has for it, which is
// spelled unlike the restore job's.
func TestBaseSnapshot(t *testing.T) {
	for name, tc := range map[string]struct {
		cluster state.Cluster
		instant state.Instant
		query   string
		body    string
		want    string
	}{
		"a second":       {rs, state.Instant{UTCSeconds: 1795442579}, "pointInTimeUtcSeconds=1795442579", `{"results":[{"id":"` + id1 + `"}]}`, id1},
		"an oplog entry": {rs, state.Instant{OplogTs: 1795442579, OplogInc: 3}, "pointInTimeUtcSeconds=1795442579", `{"results":[{"id":"` + id1 + `"}]}`, id1},
		"none":           {rs, state.Instant{UTCSeconds: 1795442579}, "pointInTimeUtcSeconds", `{"results":[]}`, ""},
		"sharded, by all": {
			sharded, state.Instant{UTCSeconds: 1795442579}, "", `{"results":[
				{"id":"` + id1 + `","status":"completed","createdAt":"2026-11-23T14:02:59Z"},
				{"id":"` + id2 + `","status":"completed","createdAt":"2026-11-23T14:03:00Z"}]}`, id1,
		},
	} {
		s := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if !strings.Contains(r.URL.RawQuery, tc.query) || tc.query == "" && strings.Contains(r.URL.RawQuery, "pointInTime") {
				t.Errorf("%s: asked for %s", name, r.URL)
			}
			answer(w, 200, tc.body)
		})
		got, err := s.client(Options{}).BaseSnapshot(t.Context(), tc.cluster, tc.instant)
		if err != nil || got.ID != tc.want {
			t.Errorf("%s: %q, %v, want %q", name, got.ID, err, tc.want)
		}
	}
}

func TestRoles(t *testing.T) {
	for name, tc := range map[string]struct {
		body string
		want state.Roles
	}{
		"a service account": {`{"apiKey":null,"appName":"MongoDB Atlas"}`, state.Roles{}},
		"no roles member":   {`{"apiKey":{"publicKey":"abcdefgh"}}`, state.Roles{}},
		"none":              {`{"apiKey":{"roles":[]}}`, state.Roles{Told: true}},
		"two": {
			`{"apiKey":{"roles":[{"groupId":"` + id1 + `","roleName":"GROUP_\u001b[31mOWNER"},{"orgId":"` + id2 + `","roleName":"ORG_OWNER"}]}}`,
			state.Roles{Told: true, All: []state.Role{{Name: "GROUP_OWNER", ProjectID: id1}, {Name: "ORG_OWNER", OrgID: id2}}},
		},
	} {
		s := newServer(t, always(200, tc.body))
		got, err := s.client(Options{}).Roles(t.Context())
		if diff := cmp.Diff(tc.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", name, err, diff)
		}
	}
}

// Who may fetch a download is told by two lists, of which neither may be missing.
func TestAccess(t *testing.T) {
	none := []state.AccessEntry{} // seen to be empty
	for name, tc := range map[string]struct {
		list, endpoints string
		provider        string
		asked           int
		want            state.Access
		fails           bool
	}{
		"both": {
			`{"results":[{"cidrBlock":"203.0.113.0/24"},{"ipAddress":"198.51.100.1","deleteAfterDate":"2026-11-23T15:00:00Z"},{"awsSecurityGroup":"sg-1"}]}`,
			`[{"status":"AVAILABLE","interfaceEndpoints":["vpce-1"]},{"status":"FAILED","interfaceEndpoints":["vpce-2"]}]`, "AWS", 2,
			state.Access{
				Entries:   []state.AccessEntry{{Value: "203.0.113.0/24"}, {Value: "198.51.100.1", ExpiresAt: time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)}, {Value: "sg-1"}},
				Endpoints: []string{"vpce-1"},
			},
			false,
		},
		"Azure":              {`{"results":[]}`, `[{"status":"AVAILABLE","privateEndpoints":["/a/b"]}]`, "AZURE", 2, state.Access{Entries: none, Endpoints: []string{"/a/b"}}, false},
		"Google":             {`{"results":[]}`, `[{"status":"AVAILABLE","endpointGroupNames":["g-1"]}]`, "gcp", 2, state.Access{Entries: none, Endpoints: []string{"g-1"}}, false},
		"no provider":        {`{"results":[]}`, `[]`, "", 1, state.Access{Entries: none, Unasked: true}, false},
		"no list":            {"", `[]`, "AWS", 2, state.Access{}, true},
		"no endpoints":       {`{"results":[]}`, "", "GCP", 2, state.Access{}, true},
		"another thing once": {`[]`, `{}`, "GCP", 2, state.Access{}, true},
	} {
		s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
			body := tc.list
			if strings.Contains(r.URL.Path, "/privateEndpoint/") {
				body = tc.endpoints
			}
			if body == "" {
				answer(w, 403, `{"errorCode":"ACCESS_FORBIDDEN"}`)
				return
			}
			answer(w, 200, body)
		})
		got, err := s.client(Options{}).Access(t.Context(), id1, tc.provider)
		if diff := cmp.Diff(tc.want, got); (err != nil) != tc.fails || diff != "" {
			t.Errorf("%s: %v\n%s", name, err, diff)
		}
		if n := len(s.requests()); n != tc.asked {
			t.Errorf("%s: %d requests, want %d", name, n, tc.asked)
		}
	}
}
