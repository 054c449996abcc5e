package atlasclient

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"testing"

	"atlas-restore/state"
)

func TestNewChecksItsOptions(t *testing.T) {
	tests := []struct {
		name string
		o    Options
		says string // "" if it is fine
	}{
		{"default", Options{Credential: apiKey}, ""},
		{"trailing slash", Options{BaseURL: "https://cloud.mongodbgov.com/", Credential: apiKey}, ""},
		{"port", Options{BaseURL: "https://atlas.example.com:8443", Credential: apiKey}, ""},
		{"loopback", Options{BaseURL: "http://[::1]:80", Credential: apiKey}, ""},
		{"no credential", Options{}, "a credential is needed"},
		{"http", Options{BaseURL: "http://cloud.mongodb.com", Credential: apiKey}, "https only"},
		{"localhost by name", Options{BaseURL: "http://localhost:8080", Credential: apiKey}, "https only"},
		{"no scheme", Options{BaseURL: "cloud.mongodbgov.com", Credential: apiKey}, "it lacks its scheme: write https://cloud.mongodbgov.com"},
		{"no scheme, with a port", Options{BaseURL: "atlas.example.com:8443/api", Credential: apiKey}, "write https://atlas.example.com:8443"},
		{"no scheme, loopback", Options{BaseURL: "127.0.0.1:8080", Credential: apiKey}, "write http://127.0.0.1:8080"},
		{"no scheme, loopback of IPv6", Options{BaseURL: "[::1]:8080", Credential: apiKey}, "write http://[::1]:8080"},
		{"no scheme, a password", Options{BaseURL: "me:verysecret@atlas.example.com", Credential: apiKey}, "write https://atlas.example.com"},
		{"no scheme, nothing else", Options{BaseURL: "//", Credential: apiKey}, "write https://cloud.mongodb.com"},
		{"path", Options{BaseURL: "https://cloud.mongodb.com/api", Credential: apiKey}, "only scheme and host"},
		{"query", Options{BaseURL: "https://cloud.mongodb.com?a=b", Credential: apiKey}, "only scheme and host"},
		{"bare query", Options{BaseURL: "https://cloud.mongodb.com?", Credential: apiKey}, "only scheme and host"},
		{"fragment", Options{BaseURL: "https://cloud.mongodb.com#x", Credential: apiKey}, "only scheme and host"},
		{"user", Options{BaseURL: "https://me:verysecret@cloud.mongodb.com", Credential: apiKey}, "only scheme and host"},
		{"no URL", Options{BaseURL: "https://me:verysecret@%zz", Credential: apiKey}, "it is no URL"},
		{"media date", Options{MediaDate: "latest", Credential: apiKey}, "API version"},
		{"only a name", Options{OnlyAddress: "localhost:80", Credential: apiKey}, "literal loopback"},
		{"only elsewhere", Options{OnlyAddress: "10.0.0.1:80", Credential: apiKey}, "literal loopback"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := New(tt.o)
			if tt.says == "" && err != nil || tt.says != "" && (err == nil || !strings.Contains(err.Error(), tt.says)) {
				t.Errorf("got %v", err)
			}
			noSecrets(t, err)
		})
	}
	c, _ := New(Options{BaseURL: "https://cloud.mongodbgov.com/", Credential: apiKey})
	if c.BaseURL() != "https://cloud.mongodbgov.com" {
		t.Errorf("base URL %s", c.BaseURL())
	}
}

func TestOnlyAddress(t *testing.T) {
	s := newServer(t, always(200, `{"results":[]}`))
	elsewhere := newServer(t, always(200, `{"results":[]}`))
	address := strings.TrimPrefix(s.URL, "http://")
	if _, err := s.client(Options{OnlyAddress: address}).Projects(t.Context()); err != nil {
		t.Errorf("its own address: %v", err)
	}
	for _, o := range []Options{{Credential: apiKey}, {Credential: serviceAccount}} {
		o.OnlyAddress = address
		c := elsewhere.client(o)
		if _, err := c.Projects(t.Context()); err == nil || !strings.Contains(err.Error(), "refusing to reach") {
			t.Errorf("%s: a read went elsewhere: %v", o.Credential.Kind, err)
		}
		if _, err := c.CreateJob(t.Context(), rs, download); err == nil || !strings.Contains(err.Error(), "refusing to reach") {
			t.Errorf("%s: a write went elsewhere: %v", o.Credential.Kind, err)
		}
	}
	if len(elsewhere.requests()) != 0 || elsewhere.tokens != 0 {
		t.Errorf("requests: %v, %d tokens", elsewhere.requests(), elsewhere.tokens)
	}
	if w := newWires(&url.URL{}, address, "", "", nil); w.read.Proxy != nil || w.write.Proxy != nil {
		t.Error("a proxy may be used")
	}
}

// The client of a training goes nowhere else, not even where its own options send it.
func TestNewTraining(t *testing.T) {
	own, elsewhere := newServer(t, always(200, `{"results":[]}`)), newServer(t, always(200, `{"results":[]}`))
	address := strings.TrimPrefix(own.URL, "http://")
	o := Options{BaseURL: elsewhere.URL, OnlyAddress: strings.TrimPrefix(elsewhere.URL, "http://"), Credential: apiKey}
	c, err := NewTraining(address, o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Projects(t.Context()); err == nil || !strings.Contains(err.Error(), "refusing to reach") || len(elsewhere.requests()) != 0 {
		t.Errorf("it went elsewhere: %v", err)
	}
	if _, err := NewTraining("", o); err == nil {
		t.Error("a training that is tied to nothing")
	}
}

func TestRequestHeaders(t *testing.T) {
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		want := map[string]string{
			"Accept":          "application/vnd.atlas.2024-05-30+json",
			"User-Agent":      "atlas-restore/1.2.3 (" + runtime.GOOS + "; " + runtime.GOARCH + ")",
			"Content-Type":    "",
			"Idempotency-Key": "",
		}
		if r.Method == http.MethodPost {
			want["Content-Type"] = "application/json"
		}
		for name, value := range want {
			if got := r.Header.Get(name); got != value {
				t.Errorf("%s: %s is %q, want %q", r.Method, name, got, value)
			}
		}
		job(id1)(w, r)
	})
	c := s.client(Options{MediaDate: "2024-05-30", Version: "1.2.3"})
	_, _ = c.Job(t.Context(), rs, id1)
	_, _ = c.CreateJob(t.Context(), rs, download)
	_ = c.CancelJob(t.Context(), rs, id1)
	if len(s.requests()) != 3 {
		t.Errorf("requests: %v", s.requests())
	}
}

// TestConnections: reads share one, each write has its own.
func TestConnections(t *testing.T) {
	var mu sync.Mutex
	reads, writes := map[string]bool{}, map[string]bool{} // by the client's port
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		if isWrite(r.Method) {
			writes[r.RemoteAddr] = true
		} else {
			reads[r.RemoteAddr] = true
		}
		mu.Unlock()
		job(id1)(w, r)
	})
	c := s.client(Options{})
	for range 3 {
		_, _ = c.Job(t.Context(), rs, id1)
		_, _ = c.CreateJob(t.Context(), rs, download)
	}
	for port := range writes {
		if reads[port] {
			t.Error("a write used a kept connection")
		}
	}
	if len(reads) != 1 || len(writes) != 3 {
		t.Errorf("3 reads took %d connections, 3 writes %d", len(reads), len(writes))
	}
}

func TestEveryAddressIsEscaped(t *testing.T) {
	var path string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path = r.RequestURI
		answer(w, 401, unauthorized)
	}))
	defer s.Close()
	c, err := New(Options{BaseURL: s.URL, Credential: apiKey})
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]string{
		"demo":            "demo",
		"a/b":             "a%2Fb",
		"../../orgs":      "..%2F..%2Forgs",
		"x?envelope=true": "x%3Fenvelope=true",
		"a#b c%41\n":      "a%23b%20c%2541%0A",
	}
	for name, want := range tests {
		_, _ = c.Cluster(t.Context(), id1, name)
		if path != "/api/atlas/v2/groups/"+id1+"/clusters/"+want {
			t.Errorf("%q went to %s", name, path)
		}
	}
	for _, name := range []string{"", ".", ".."} {
		path = ""
		if _, err := c.Snapshot(t.Context(), rs, name); err == nil || path != "" {
			t.Errorf("%q went to %q: %v", name, path, err)
		}
	}
}

// TestEveryCallIsInTheSchema makes each call once, on both families: the server holds
// them against Atlas's schema.
func TestEveryCallIsInTheSchema(t *testing.T) {
	needSchema(t)
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodDelete {
			w.WriteHeader(204)
			return
		}
		answer(w, 200, `{"id":"`+id1+`","deliveryType":"download","state":"IN_PROGRESS","results":[]}`)
	})
	ctx, c := t.Context(), s.client(Options{})
	bodies := []state.Request{
		download,
		{DeliveryType: state.Automated, SnapshotID: id2, TargetProjectID: id1, TargetClusterName: "demo2"},
		{DeliveryType: state.PointInTime, PointInTimeUTCSeconds: 1786332505, TargetProjectID: id1, TargetClusterName: "demo2"},
		{DeliveryType: state.PointInTime, OplogTs: 1786332505, OplogInc: 1, TargetProjectID: id1, TargetClusterName: "demo2"},
	}
	var errs []error
	note := func(err error) { errs = append(errs, err) }
	_, err := c.Projects(ctx)
	note(err)
	_, err = c.Project(ctx, id1)
	note(err)
	_, err = c.Clusters(ctx, id1)
	note(err)
	for _, cluster := range []state.Cluster{rs, sharded} {
		_, err = c.Cluster(ctx, cluster.ProjectID, cluster.Name)
		note(err)
		_, err = c.Schedule(ctx, cluster)
		note(err)
		_, err = c.Snapshots(ctx, cluster)
		note(err)
		_, err = c.Snapshot(ctx, cluster, id1)
		note(err)
		_, err = c.Jobs(ctx, cluster)
		note(err)
		_, err = c.Job(ctx, cluster, id1)
		note(err)
		for _, b := range bodies {
			if err := b.Check(); err != nil {
				t.Fatal(err)
			}
			_, err = c.CreateJob(ctx, cluster, b)
			note(err)
		}
		note(c.CancelJob(ctx, cluster, id1))
		_, err = c.TakeSnapshot(ctx, cluster, "before deploy", 2)
		note(err)
	}
	_, err = c.Snapshots(ctx, flex)
	note(err)
	_, err = c.Jobs(ctx, flex)
	note(err)
	_, err = c.Job(ctx, flex, id1)
	note(err)
	for _, b := range bodies[:2] {
		b.Family = state.Flex
		_, err = c.CreateJob(ctx, flex, b)
		note(err)
	}
	for _, b := range collectionRequests {
		if err := b.Check(); err != nil {
			t.Fatal(err)
		}
		_, err = c.CreateJob(ctx, rs, b)
		note(err)
	}
	_, err = c.CollectionJobs(ctx, rs)
	note(err)
	_, err = c.CollectionJob(ctx, rs, id1)
	note(err)
	_, err = c.SnapshotDatabases(ctx, rs, id1)
	note(err)
	_, err = c.SnapshotCollections(ctx, rs, id1, "shop")
	note(err)
	for i, err := range errs {
		if err != nil {
			t.Errorf("call %d: %v", i, err)
		}
	}
	if len(s.requests()) != len(errs)+2 { // the clusters are two lists, and a collection restore job has one of its own
		t.Errorf("%d calls made %d requests", len(errs), len(s.requests()))
	}
}
