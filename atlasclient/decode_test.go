package atlasclient

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"atlas-restore/state"
)

// revealed compares secrets by what they hide.
var revealed = cmp.Comparer(func(a, b state.Secret) bool { return a.Reveal() == b.Reveal() })

func decode[T any](t *testing.T, text string) (w T) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &w); err != nil {
		t.Fatal(err)
	}
	return w
}

// The feature compatibility version binds a restore only where it is pinned.
func TestPinnedFCV(t *testing.T) {
	for wire, want := range map[string]string{
		`{"featureCompatibilityVersion":"8.0"}`: "",
		`{"featureCompatibilityVersion":"7.0","featureCompatibilityVersionExpirationDate":"2026-12-20T00:00:00Z"}`: "7.0",
	} {
		if got := decode[wireCluster](t, wire).cluster(id1).PinnedFCV; got != want {
			t.Errorf("%s: pinned to %q, want %q", wire, got, want)
		}
	}
}

func TestDecodeClusters(t *testing.T) {
	region := func(provider, region, size string, priority int, disk string) string {
		return fmt.Sprintf(`{"providerName":%q,"regionName":%q,"priority":%d,"electableSpecs":{"instanceSize":%q%s}}`, provider, region, priority, size, disk)
	}
	tests := []struct {
		name, json string
		want       state.Cluster
	}{
		{
			"2024-08-05, replica set over regions, the preferred one second",
			`{"clusterType":"REPLICASET","replicationSpecs":[{"regionConfigs":[` + region("AZURE", "EUROPE_WEST", "M30", 6, `,"diskSizeGB":30.0`) + `,` + region("AWS", "US_EAST_1", "M40", 7, `,"diskSizeGB":80.5`) + `]}],"biConnector":{"readPreference":"secondary"},"adaptiveCapacity":null,"unknown":[{}]}`,
			state.Cluster{Type: state.ReplicaSet, Shards: 1, Provider: "AWS", Region: "US_EAST_1", InstanceSize: "M40", DiskSizeGB: 80.5, MultiCloud: true},
		},
		{
			"2024-08-05, sharded: one element a shard",
			`{"clusterType":"SHARDED","configServerType":"EMBEDDED","replicationSpecs":[{"regionConfigs":[` + region("AWS", "US_EAST_1", "M30", 7, `,"diskSizeGB":40`) + `]},{"regionConfigs":[` + region("AWS", "US_EAST_1", "M50", 7, "") + `]},{"regionConfigs":[]}]}`,
			state.Cluster{Type: state.Sharded, ConfigServerType: "EMBEDDED", Shards: 3, Provider: "AWS", Region: "US_EAST_1", InstanceSize: "M30", DiskSizeGB: 40},
		},
		{
			"2023-02-01, global: numShards a zone, disk on top",
			`{"clusterType":"GEOSHARDED","diskSizeGB":160.0,"replicationSpecs":[{"numShards":2,"regionConfigs":[` + region("GCP", "CENTRAL_US", "M40", 7, "") + `]},{"numShards":3,"regionConfigs":[]}]}`,
			state.Cluster{Type: state.GeoSharded, Shards: 5, Provider: "GCP", Region: "CENTRAL_US", InstanceSize: "M40", DiskSizeGB: 160},
		},
		{
			"M0",
			`{"clusterType":"REPLICASET","backupEnabled":false,"replicationSpecs":[{"regionConfigs":[{"backingProviderName":"AWS","providerName":"TENANT","regionName":"US_EAST_1","priority":7,"electableSpecs":{"effectiveInstanceSize":"M0","instanceSize":"M0"}}]}]}`,
			state.Cluster{Type: state.ReplicaSet, Shards: 1, Provider: "TENANT", Region: "US_EAST_1", InstanceSize: "M0"},
		},
		{
			"all null or absent",
			`{"id":null,"name":null,"clusterType":"REPLICASET","paused":null,"replicationSpecs":null,"diskSizeGB":null,"mongoDBVersion":null}`,
			state.Cluster{Type: state.ReplicaSet, Shards: 1},
		},
		{
			"nulls inside",
			`{"clusterType":"REPLICASET","replicationSpecs":[{"numShards":null,"regionConfigs":[{"priority":null,"providerName":"AWS","electableSpecs":null}]}]}`,
			state.Cluster{Type: state.ReplicaSet, Shards: 1, Provider: "AWS"},
		},
		{
			"deleting: backups off, point in time still on",
			`{"clusterType":"REPLICASET","stateName":"DELETING","backupEnabled":false,"pitEnabled":true,"name":"a\u202eb\u001b]0;x\u0007"}`,
			state.Cluster{Type: state.ReplicaSet, Shards: 1, State: "DELETING", PITEnabled: true, Name: "ab"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.want.ProjectID = id1 // which the answer does not bear
			if diff := cmp.Diff(tt.want, decode[wireCluster](t, tt.json).cluster(id1)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDecodeSnapshots(t *testing.T) {
	got := decode[wireSnapshot](t, `{"id":"`+id1+`","type":"shardedCluster","status":"completed","snapshotType":"fallback","frequencyType":"ondemand","configServerType":"EMBEDDED",
		"createdAt":"2026-08-10T03:35:05Z","expiresAt":null,"members":[{"cloudProvider":"AWS","id":"`+id2+`","replicaSetName":"atlas-abc123-shard-0"},{"cloudProvider":"GCP","replicaSetName":"config-0\n"}],"snapshotIds":["x"],"mongodVersion":"8.0.29","storageSizeBytes":9007199254740993}`).snapshot(true)
	want := state.Snapshot{
		ID: id1, Status: "completed", Kind: "fallback", Frequency: "ondemand", ConfigServerType: "EMBEDDED", Sharded: true,
		CreatedAt: time.Date(2026, 8, 10, 3, 35, 5, 0, time.UTC), MongoDBVersion: "8.0.29", StorageSizeBytes: 9007199254740993,
		Members: []state.Member{{ID: id2, ReplicaSet: "atlas-abc123-shard-0", Provider: "AWS"}, {ReplicaSet: "config-0 ", Provider: "GCP"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestDecodeDeliveries(t *testing.T) {
	type ds = []state.Delivery
	u := state.NewSecret
	private := func(id, url string) []state.PrivateURL { return []state.PrivateURL{{EndpointID: id, URL: u(url)}} }
	tests := []struct {
		name, json string
		deliveries ds
		private    []state.PrivateURL
	}{
		{"not ready", `{"deliveryUrl":[]}`, nil, nil},
		{"null", `{"deliveryUrl":null,"components":null,"privateDownloadDeliveryUrls":null}`, nil, nil},
		{"absent", `{}`, nil, nil},
		{"replica set", `{"deliveryUrl":["https://a"]}`, ds{{URL: u("https://a")}}, nil},
		{
			"replica set with private links", `{"deliveryUrl":["https://a"],"privateDownloadDeliveryUrls":[{"deliveryUrl":"https://p","endpointId":"vpce-1"}]}`,
			ds{{URL: u("https://a"), Private: private("vpce-1", "https://p")}},
			nil,
		},
		{"private links before the public one", `{"deliveryUrl":[],"privateDownloadDeliveryUrls":[{"deliveryUrl":"https://p","endpointId":"e"}]}`, nil, private("e", "https://p")},
		{
			"sharded", `{"deliveryUrl":["https://a","https://b"],"components":[{"replicaSetName":"s0","downloadUrl":"https://a","privateDownloadDeliveryUrls":[{"deliveryUrl":"https://pa","endpointId":"e"}]},{"replicaSetName":"s1","downloadUrl":"https://b"}]}`,
			ds{{ReplicaSet: "s0", URL: u("https://a"), Private: private("e", "https://pa")}, {ReplicaSet: "s1", URL: u("https://b")}},
			nil,
		},
		{
			"sharded, one link missing", `{"components":[{"replicaSetName":"s0","downloadUrl":"https://a"},{"replicaSetName":"s1","downloadUrl":null}]}`,
			ds{{ReplicaSet: "s0", URL: u("https://a")}, {ReplicaSet: "s1"}},
			nil,
		},
		{
			"sharded, a link that no component has", `{"deliveryUrl":["https://a","https://c"],"components":[{"replicaSetName":"s0","downloadUrl":"https://a"}]}`,
			ds{{ReplicaSet: "s0", URL: u("https://a")}, {URL: u("https://c")}},
			nil,
		},
		{
			"sharded without components", `{"deliveryUrl":["https://a","https://b"],"privateDownloadDeliveryUrls":[{"deliveryUrl":"https://p","endpointId":"e"}]}`,
			ds{{URL: u("https://a")}, {URL: u("https://b")}},
			private("e", "https://p"),
		},
		{
			"one shard, links on top", `{"components":[{"replicaSetName":"s0","downloadUrl":"https://a"}],"privateDownloadDeliveryUrls":[{"deliveryUrl":"https://p","endpointId":"e"}]}`,
			ds{{ReplicaSet: "s0", URL: u("https://a")}},
			private("e", "https://p"),
		},
		{"empty entries", `{"deliveryUrl":["",null,"https://a"]}`, ds{{URL: u("https://a")}}, nil},
		{"dirty", `{"deliveryUrl":["https://a\u001b[2J\u202e"]}`, ds{{URL: u("https://a")}}, nil},
		{"long", `{"deliveryUrl":["https://` + strings.Repeat("x", 3000) + `"]}`, ds{{URL: u("https://" + strings.Repeat("x", 3000))}}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			j := decode[wireJob](t, tt.json).told()
			if diff := cmp.Diff(tt.deliveries, j.Deliveries, revealed); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(tt.private, j.Private, revealed); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDecodePointInTimeJob(t *testing.T) {
	j := decode[wireJob](t, `{"id":"`+id1+`","deliveryType":"pointInTime","oplogTs":1786332505,"oplogInc":2,"pointInTimeUTCSeconds":1786332506,"desiredTimestamp":{"increment":1,"date":"never","time":7},
		"finishedAt":"2026-08-10T05:40:10+02:00","failed":true,"cancelled":null,"expired":true,"targetDeploymentItemName":"x"}`).told()
	want := state.Job{
		ID: id1, DeliveryType: state.PointInTime, OplogTs: 1786332505, OplogInc: 2, PointInTimeUTCSeconds: 1786332506,
		FinishedAt: time.Date(2026, 8, 10, 3, 40, 10, 0, time.UTC), Failed: true, Expired: true,
	}
	if diff := cmp.Diff(want, j, revealed); diff != "" {
		t.Error(diff)
	}
}

// A date, or a link, is a success only beside the three flags, which Atlas tells of every job. A flag that is set is
// believed without the others.
func TestAJobWithoutItsFlags(t *testing.T) {
	const all = `"failed":false,"cancelled":false,"expired":false`
	ends := map[string]state.JobState{
		`"deliveryType":"automated","finishedAt":"2026-08-10T03:40:10Z"`:  state.Completed,
		`"deliveryType":"download","deliveryUrl":["https://a.example/x"]`: state.Ready,
		`"deliveryType":"automated"`:                                      state.InProgress,
		`"deliveryType":"download","deliveryUrl":[]`:                      state.InProgress,
	}
	for end, good := range ends {
		doubtful := state.Doubtful
		if good == state.InProgress {
			doubtful = good
		}
		for flags, want := range map[string]state.JobState{
			all: good, `"failed":true`: state.Failed, `"cancelled":true,"failed":null`: state.Cancelled, `"x":1`: doubtful,
			strings.Replace(all, `"failed":false`, `"failed":null`, 1): doubtful, strings.Replace(all, `"cancelled":false,`, "", 1): doubtful,
			strings.Replace(all, `"expired":false`, `"expired":null`, 1): doubtful,
		} {
			j := decode[wireJob](t, `{"id":"`+id1+`",`+end+`,`+flags+`}`).job()
			got := j.State(time.Date(2026, 8, 10, 4, 0, 0, 0, time.UTC))
			if got != want || (j.Unsure != "") != (want == state.Doubtful) {
				t.Errorf("%s, %s: %v, want %v; %q", end, flags, got, want, j.Unsure)
			}
		}
	}
}

// paged serves n projects in pages as Atlas does. Its count is always 7, but for none: where fewer have
// come one more page is looked at.
func paged(n int, element func(i int) string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var number, size int
		_, _ = fmt.Sscan(r.URL.Query().Get("pageNum"), &number)
		_, _ = fmt.Sscan(r.URL.Query().Get("itemsPerPage"), &size)
		from := min((number-1)*size, n)
		to := min(from+size, n)
		results := []string{}
		for i := from; i < to; i++ {
			results = append(results, element(i))
		}
		links := `[{"rel":"self","href":"x"}]`
		if to < n {
			links = `[{"rel":"self"},{"rel":"next","href":"https://elsewhere.example.com/?pageNum=99"}]`
		}
		answer(w, 200, `{"links":`+links+`,"totalCount":`+strconv.Itoa(min(7, n*7))+`,"results":[`+strings.Join(results, ",")+`]}`)
	}
}

func TestPages(t *testing.T) {
	for _, tt := range []struct{ elements, requests int }{{0, 1}, {1, 2}, {499, 1}, {500, 1}, {501, 2}, {1000, 2}, {1234, 3}} {
		s := newServer(t, paged(tt.elements, func(i int) string { return fmt.Sprintf(`{"id":"%024x","name":"p%05d"}`, i, tt.elements-i) }))
		got, err := s.client(Options{}).Projects(t.Context())
		if err != nil || len(got) != tt.elements || len(s.requests()) != tt.requests {
			t.Errorf("%d elements: got %d with %d requests, %v", tt.elements, len(got), len(s.requests()), err)
		}
		if got == nil && tt.elements > 0 {
			t.Error("no list")
		}
	}
}

func TestPagesThatShift(t *testing.T) {
	// A job made meanwhile pushes each element one further: one comes twice.
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		shift := 0
		if r.URL.Query().Get("pageNum") == "2" {
			shift = 1
		}
		paged(700, func(i int) string { return fmt.Sprintf(`{"id":"%024x"}`, i-shift) })(w, r)
	})
	got, err := s.client(Options{}).Jobs(t.Context(), rs)
	if err != nil || len(got) != 699 {
		t.Errorf("%d jobs, %v", len(got), err)
	}
	if got[0].ID < got[len(got)-1].ID {
		t.Error("the oldest comes first")
	}
}

func TestPagesThatNeverEnd(t *testing.T) {
	s := newServer(t, always(200, `{"links":[{"rel":"next"}],"results":[{"id":"`+id1+`"}]}`))
	if got, err := s.client(Options{}).Projects(t.Context()); err != nil || len(got) != 1 || len(s.requests()) != 2 {
		t.Errorf("%d projects with %d requests, %v", len(got), len(s.requests()), err)
	}
}

func TestLaterPageFails(t *testing.T) {
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("pageNum") == "2" {
			answer(w, 500, `{"errorCode":"UNEXPECTED_ERROR"}`)
			return
		}
		paged(700, func(i int) string { return fmt.Sprintf(`{"id":"%024x"}`, i) })(w, r)
	})
	if got, err := s.client(Options{}).Snapshots(t.Context(), rs); err == nil || got != nil {
		t.Errorf("half a list passes for a whole one: %d, %v", len(got), err)
	}
}

func TestOrder(t *testing.T) {
	list := func(elements ...string) string { return `{"results":[` + strings.Join(elements, ",") + `]}` }
	tests := []struct {
		name, json string
		call       func(*Client) ([]string, error)
		want       string
	}{
		{
			"projects by name, then id", list(`{"id":"2","name":"beta"}`, `{"id":"3","name":"alpha"}`, `{"id":"1","name":"Beta"}`, `{"id":"4","name":"Zeta"}`),
			func(c *Client) ([]string, error) {
				l, err := c.Projects(t.Context())
				return ids(l, func(p state.Project) string { return p.ID }), err
			}, "3 1 2 4",
		},
		{
			"clusters by name", list(`{"id":"2","name":"b"}`, `{"id":"1","name":"a"}`, `{"id":"3","name":"A1"}`),
			func(c *Client) ([]string, error) {
				l, err := c.Clusters(t.Context(), id1)
				return ids(l, func(c state.Cluster) string { return c.ID }), err
			}, "1 3 2",
		},
		{
			"snapshots newest first, unfinished ones by their id", list(
				`{"id":"6a79468a2c88faeba59de489","createdAt":"2026-08-10T03:35:05Z"}`, // completed 03:35
				`{"id":"6a7a00000000000000000000","status":"queued"}`,                  // begun later than that
				`{"id":"6a79468a2c88faeba59de48a","createdAt":"2026-08-10T03:35:05Z"}`, // the same second
				`{"id":"6a7000000000000000000000","createdAt":"2026-08-11T03:35:05Z"}`),
			func(c *Client) ([]string, error) {
				l, err := c.Snapshots(t.Context(), rs)
				return ids(l, func(s state.Snapshot) string { return s.ID[:8] + s.ID[23:] }), err
			}, "6a7000000 6a7a00000 6a79468aa 6a79468a9",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer(t, always(200, tt.json))
			got, err := tt.call(s.client(Options{}))
			if err != nil || strings.Join(got, " ") != tt.want {
				t.Errorf("got %v, %v, want %s", got, err, tt.want)
			}
		})
	}
}

func ids[T any](list []T, id func(T) string) (out []string) {
	for _, e := range list {
		out = append(out, id(e))
	}
	return out
}

func TestSnapshotFamilies(t *testing.T) {
	for _, tt := range []struct {
		kind      state.ClusterType
		list, one string
		paged     bool
	}{
		{state.ReplicaSet, "", "", true},
		{state.Sharded, "/shardedClusters", "/shardedCluster", false},
		{state.GeoSharded, "/shardedClusters", "/shardedCluster", false},
	} {
		var query url.Values
		s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
			query = r.URL.Query()
			answer(w, 200, `{"id":"`+id1+`","results":[{"id":"`+id1+`"}]}`)
		})
		c, cluster := s.client(Options{}), rs
		cluster.Type = tt.kind
		all, err := c.Snapshots(t.Context(), cluster)
		if err != nil || len(all) != 1 || all[0].Sharded != tt.kind.IsSharded() || query.Has("pageNum") != tt.paged {
			t.Errorf("%s: %+v, %v, query %v", tt.kind, all, err, query)
		}
		if _, err := c.Snapshot(t.Context(), cluster, id2); err != nil {
			t.Error(err)
		}
		base := "GET /api/atlas/v2/groups/aaaaaaaaaaaaaaaaaaaaaaaa/clusters/demo/backup/snapshots"
		if diff := cmp.Diff([]string{base + tt.list, base + tt.one + "/" + id2}, s.requests()); diff != "" {
			t.Error(diff)
		}
	}
}
