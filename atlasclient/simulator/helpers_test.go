package simulator

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"atlas-restore/teatest/schema"
)

// TestSchemaIsThere says so where the answers are not checked.
func TestSchemaIsThere(t *testing.T) { schema.Present(t) }

// start is the simulated time at which the tests begin.
var start = time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)

const newest = "application/vnd.atlas.2025-03-12+json"

// user is an Atlas user with a token. Every answer that it gets is held against
// the schema.
type user struct {
	t      *testing.T
	s      *Server
	token  string
	accept string
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
	json   map[string]any
}

func (a answer) code() string { s, _ := a.json["errorCode"].(string); return s }

func (a answer) results() []map[string]any {
	out := []map[string]any{}
	list, _ := a.json["results"].([]any)
	for _, x := range list {
		out = append(out, x.(map[string]any))
	}
	return out
}

func startServer(t *testing.T, o Options) *Server {
	t.Helper()
	if o.Start.IsZero() {
		o.Start = start
	}
	s, err := Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func newUser(t *testing.T) *user {
	t.Helper()
	u := &user{t: t, s: startServer(t, Options{Seed: 1}), accept: newest}
	u.login()
	return u
}

func (u *user) login() {
	u.t.Helper()
	k := u.s.Keys()
	basic := base64.StdEncoding.EncodeToString([]byte(k.ClientID + ":" + k.ClientSecret))
	a := u.send("POST", "/api/oauth/token", "grant_type=client_credentials", map[string]string{
		"Authorization": "Basic " + basic, "Content-Type": "application/x-www-form-urlencoded",
	})
	if a.status != 200 {
		u.t.Fatalf("login: %d %s", a.status, a.body)
	}
	u.token = a.json["access_token"].(string)
}

// do sends an authenticated request.
func (u *user) do(method, path, body string) answer {
	u.t.Helper()
	a := u.send(method, api+path, body, map[string]string{
		"Authorization": "Bearer " + u.token, "Accept": u.accept, "Content-Type": "application/json",
	})
	schema.Check(u.t, method, api+path, a.status, a.header, a.body)
	return a
}

func (u *user) get(path string) answer { u.t.Helper(); return u.do("GET", path, "") }

// want is get for what must succeed.
func (u *user) want(path string) answer {
	u.t.Helper()
	a := u.get(path)
	if a.status != 200 {
		u.t.Fatalf("GET %s: %d %s", path, a.status, a.body)
	}
	return a
}

// try sends a request that may lose its connection.
func (u *user) try(method, url, body string, header map[string]string) (answer, error) {
	u.t.Helper()
	if !strings.HasPrefix(url, "http") {
		url = u.s.BaseURL() + url
	}
	r, err := http.NewRequestWithContext(u.t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		u.t.Fatal(err)
	}
	for name, value := range header {
		r.Header.Set(name, value)
	}
	// A connection of its own: the client must not repeat what was cut.
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = res.Body.Close() }()
	a := answer{status: res.StatusCode, header: res.Header}
	if a.body, err = io.ReadAll(res.Body); err != nil {
		return a, err
	}
	if _, archive := strings.CutPrefix(r.URL.Path, deliveryPath); archive {
		u.s.AwaitDeliveries()
	}
	if bytes.HasPrefix(a.body, []byte("{")) {
		if err := json.Unmarshal(a.body, &a.json); err != nil {
			u.t.Fatalf("%s %s: %v in %s", method, url, err, a.body)
		}
	}
	return a, nil
}

func (u *user) send(method, url, body string, header map[string]string) answer {
	u.t.Helper()
	a, err := u.try(method, url, body, header)
	if err != nil {
		u.t.Fatal(err)
	}
	return a
}

func (u *user) group(project string) string { u.t.Helper(); return "/groups/" + u.s.ProjectID(project) }

func (u *user) cluster(project, name string) string {
	u.t.Helper()
	return u.group(project) + "/clusters/" + name
}

func (u *user) jobs(project, name string) string {
	u.t.Helper()
	return u.cluster(project, name) + "/backup/restoreJobs"
}

func body(members map[string]any) string {
	b, err := json.Marshal(members)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// restore creates a job that must be accepted and returns its path.
func (u *user) restore(project, name string, members map[string]any) (path string, a answer) {
	u.t.Helper()
	jobs := u.jobs(project, name)
	a = u.do("POST", jobs, body(members))
	if a.status != 200 {
		u.t.Fatalf("POST %s: %d %s", jobs, a.status, a.body)
	}
	return jobs + "/" + a.json["id"].(string), a
}

func (u *user) automated(project, name, targetProject, target string) map[string]any {
	u.t.Helper()
	return map[string]any{
		"deliveryType": automated, "snapshotId": u.s.NewestSnapshot(project, name).ID,
		"targetGroupId": u.s.ProjectID(targetProject), "targetClusterName": target,
	}
}
