package control

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"atlas-restore/atlasclient/simulator"
	"atlas-restore/teatest"
)

var start = time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)

// trainer is who stands at the control endpoint of a simulator.
type trainer struct {
	t   *testing.T
	sim *simulator.Server
}

func newTrainer(t *testing.T) *trainer {
	t.Helper()
	sim, err := simulator.Start(simulator.Options{Seed: 1, Start: start})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sim.Close() })
	mount(sim, nil)
	return &trainer{t, sim}
}

func (c *trainer) send(method, path, body string, change ...func(*http.Request)) (status int, content io.Reader) {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.sim.BaseURL()+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	if method == "POST" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, f := range change {
		f(r)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { _ = res.Body.Close() })
	return res.StatusCode, res.Body
}

// ask sends a request and gives its answer, which is an object.
func (c *trainer) ask(method, path, body string, change ...func(*http.Request)) (int, map[string]any) {
	c.t.Helper()
	status, content := c.send(method, path, body, change...)
	var out map[string]any
	if err := json.NewDecoder(content).Decode(&out); err != nil {
		c.t.Fatalf("%s %s: %d: %v", method, path, status, err)
	}
	return status, out
}

// want is ask for what must succeed.
func (c *trainer) want(method, path, body string) map[string]any {
	c.t.Helper()
	status, out := c.ask(method, path, body)
	if status != 200 {
		c.t.Fatalf("%s %s %s: %d %v", method, path, body, status, out)
	}
	return out
}

// trainee sends a request to Atlas, without a credential.
func (c *trainer) trainee(path string) {
	c.t.Helper()
	_, content := c.send("GET", path, "")
	_, _ = io.Copy(io.Discard, content)
}

// lines are the requests in the log.
func (c *trainer) lines(path string) []request {
	c.t.Helper()
	var out []request
	_, content := c.send("GET", path, "")
	d := json.NewDecoder(content)
	for {
		var x request
		if err := d.Decode(&x); err == io.EOF {
			return out
		} else if err != nil {
			c.t.Fatal(err)
		}
		out = append(out, x)
	}
}

func TestIndexSaysHowToSignIn(t *testing.T) {
	c := newTrainer(t)
	out, keys := c.want("GET", "/control", ""), c.sim.Keys()
	for name, want := range map[string]string{
		"baseUrl": c.sim.BaseURL(), "control": c.sim.BaseURL() + "/control", "publicKey": keys.PublicKey,
		"privateKey": keys.PrivateKey, "clientId": keys.ClientID, "clientSecret": keys.ClientSecret,
	} {
		if out[name] != want {
			t.Errorf("%s is %v, want %s", name, out[name], want)
		}
	}
	if n := len(out["endpoints"].([]any)); n != len(endpoints()) {
		t.Errorf("%d endpoints", n)
	}
	if len(c.sim.Requests()) != 0 {
		t.Error("Atlas's log has what was asked of the control endpoint")
	}
}

func TestRequestsAreListed(t *testing.T) {
	c := newTrainer(t)
	c.trainee("/api/atlas/v2/groups?pageNum=2")
	c.trainee("/delivery/restore-1/THETOKEN/x.tar.gz")
	all := c.lines("/control/requests")
	if len(all) != 2 || all[0].Number != 1 || all[0].Path != "/api/atlas/v2/groups" || all[0].Query != "pageNum=2" || all[0].Status != 401 ||
		all[0].ErrorCode != "UNEXPECTED_ERROR" || all[0].Method != "GET" || !all[0].At.Equal(start) {
		t.Fatalf("%+v", all)
	}
	if strings.Contains(all[1].Path, "THETOKEN") {
		t.Errorf("a link is shown: %s", all[1].Path)
	}
	if later := c.lines("/control/requests?after=1"); len(later) != 1 || later[0] != all[1] {
		t.Errorf("%+v", later)
	}
	if later := c.lines("/control/requests?after=2&follow=false"); len(later) != 0 {
		t.Errorf("%+v", later)
	}
}

// TestRequestsAreFollowed sees each request while the next one is not yet made.
func TestRequestsAreFollowed(t *testing.T) {
	c := newTrainer(t)
	c.trainee("/first")
	_, content := c.send("GET", "/control/requests?follow=true", "")
	body := bufio.NewScanner(content)
	for _, path := range []string{"/first", "/second", "/third"} {
		if path != "/first" {
			c.trainee(path)
		}
		if !body.Scan() || !strings.Contains(body.Text(), `"path":"`+path+`"`) {
			t.Fatalf("want %s, got %q", path, body.Text())
		}
	}
	_ = c.sim.Close()
	if body.Scan() {
		t.Errorf("after the end: %q", body.Text())
	}
}

func TestClockIsMoved(t *testing.T) {
	c := newTrainer(t)
	if out := c.want("GET", "/control/clock", ""); out["now"] != "2026-11-23T14:31:00Z" || out["speed"] != 0.0 {
		t.Errorf("%v", out)
	}
	if out := c.want("POST", "/control/advance", `{"by":"1h30m"}`); out["now"] != "2026-11-23T16:01:00Z" || !c.sim.Now().Equal(start.Add(90*time.Minute)) {
		t.Errorf("%v", out)
	}
}

func TestFaultsAreHealed(t *testing.T) {
	c := newTrainer(t)
	c.sim.Fail(simulator.Fault{Times: -1})
	if out := c.want("POST", "/control/heal", `{}`); out["faults"] != 0.0 || c.sim.Armed() != 0 {
		t.Errorf("%v", out)
	}
}

func TestSomethingHappens(t *testing.T) {
	c := newTrainer(t)
	if out := c.want("POST", "/control/inject", `{"fault":{"status":503,"times":2}}`); out["faults"] != 1.0 {
		t.Errorf("%v", out)
	}
	c.want("POST", "/control/inject", `{"cluster":{"cluster":"Payments/orders-prod-restore","paused":true}}`)
	for _, x := range c.sim.World().Projects[0].Clusters {
		if x.Paused != (x.Name == "orders-prod-restore") {
			t.Errorf("%s is paused: %t", x.Name, x.Paused)
		}
	}
	c.want("POST", "/control/inject", `{"say":{"who":"The boss","text":"How long?"}}`)
	if n := len(c.sim.Happened()); n != 3 {
		t.Errorf("%d things happened", n)
	}
}

func TestWorldIsMadeAnew(t *testing.T) {
	c := newTrainer(t)
	before := c.sim.ProjectID("Payments")
	c.sim.Advance(time.Hour)
	c.want("POST", "/control/reset", `{"seed":2}`)
	if c.sim.ProjectID("Payments") == before || !c.sim.Now().Equal(start) {
		t.Error("it is the old one")
	}
	c.want("POST", "/control/reset", `{"seed":1}`)
	if c.sim.ProjectID("Payments") != before {
		t.Error("the same seed gives another world")
	}
}

// TestControlRefuses holds that a wrong request says what is wrong, in Atlas's shape, and
// does nothing.
func TestControlRefuses(t *testing.T) {
	c := newTrainer(t)
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	host := func(name string) func(*http.Request) { return func(r *http.Request) { r.Host = name } }
	const advance = "/control/advance"
	world := c.sim.ProjectID("Payments")
	for name, row := range map[string]struct {
		method, path, body string
		change             func(*http.Request)
		status             int
		says               string
	}{
		"unknown path":        {"GET", "/control/everything", "", nil, 404, "GET /control says what there is"},
		"wrong method":        {"GET", advance, "", nil, 404, "GET /control/advance"},
		"a name":              {"GET", "/control", "", host("atlas.example.com"), 403, "by its address"},
		"localhost":           {"GET", "/control", "", host("localhost:80"), 403, "by its address"},
		"another address":     {"GET", "/control/requests", "", host("192.0.2.1:80"), 403, "by its address"},
		"a page":              {"POST", advance, `{"by":"1h"}`, header("Origin", "https://example.com"), 403, "browser"},
		"a page without name": {"GET", "/control", "", header("Origin", "null"), 403, "browser"},
		"an image of a page":  {"GET", "/control", "", header("Sec-Fetch-Site", "cross-site"), 403, "browser"},
		"a form":              {"POST", advance, `{"by":"1h"}`, header("Content-Type", "text/plain"), 415, "application/json"},
		"no type":             {"POST", "/control/heal", "", func(r *http.Request) { r.Header.Del("Content-Type") }, 415, "application/json"},
		"no body":             {"POST", "/control/heal", "", nil, 400, "there is none"},
		"half a body":         {"POST", advance, `{"by":`, nil, 400, "unexpected EOF"},
		"two bodies":          {"POST", advance, `{"by":"1h"} {}`, nil, 400, "goes on after its end"},
		"unknown member":      {"POST", advance, `{"by":"1h","for":"fun"}`, nil, 400, `unknown field "for"`},
		"a long body":         {"POST", advance, `{"by":"` + strings.Repeat("1", maxBody) + `"}`, nil, 413, "65536"},
		"no duration":         {"POST", advance, `{}`, nil, 400, `like "90s"`},
		"back":                {"POST", advance, `{"by":"-1s"}`, nil, 400, "forward"},
		"a century":           {"POST", advance, `{"by":"876000h"}`, nil, 400, "ten years"},
		"no seed":             {"POST", "/control/reset", `{}`, nil, 400, "seed"},
		"a seed below zero":   {"POST", "/control/reset", `{"seed":-1}`, nil, 400, "seed"},
		"nothing happens":     {"POST", "/control/inject", `{}`, nil, 400, "one part must be set"},
		"nobody knows it":     {"POST", "/control/inject", `{"cluster":{"cluster":"Payments/x","paused":true}}`, nil, 400, `no cluster "x"`},
		"a part of no inject": {"POST", "/control/inject", `{"weather":"bad"}`, nil, 400, `unknown field "weather"`},
		"a wrong duration":    {"POST", "/control/inject", `{"advance":"soon"}`, nil, 400, "like 90s"},
		"an inject's century": {"POST", "/control/inject", `{"advance":"876000h"}`, nil, 400, "ten years"},
		"an inject's past":    {"POST", "/control/inject", `{"advance":"-1h"}`, nil, 400, "negative"},
		"after nothing":       {"GET", "/control/requests?after=x", "", nil, 400, "after"},
		"after less":          {"GET", "/control/requests?after=-1", "", nil, 400, "after"},
		"follow maybe":        {"GET", "/control/requests?follow=maybe", "", nil, 400, "follow"},
	} {
		t.Run(name, func(t *testing.T) {
			d := *c
			d.t = t
			change := row.change
			if change == nil {
				change = func(*http.Request) {}
			}
			status, out := d.ask(row.method, row.path, row.body, change)
			detail, _ := out["detail"].(string)
			if status != row.status || out["error"] != float64(row.status) || !strings.Contains(detail, row.says) || out["errorCode"] == "" {
				t.Errorf("%d %v", status, out)
			}
		})
	}
	if !c.sim.Now().Equal(start) || c.sim.ProjectID("Payments") != world || len(c.sim.Happened()) != 0 {
		t.Error("something was done")
	}
}

// TestClockIsAwaited holds that who waits for a move of the clock hears of it, and of no
// other passing of time.
func TestClockIsAwaited(t *testing.T) {
	c := newTrainer(t)
	if v := c.want("GET", "/control/clock", ""); v["moves"] != 0.0 {
		t.Fatalf("%v", v)
	}
	told := make(chan map[string]any)
	go func() { _, v := c.ask("GET", "/control/clock?after=0", ""); told <- v }()
	c.want("POST", "/control/advance", `{"by":"10m"}`)
	if v := <-told; v["moves"] != 1.0 || v["now"] != "2026-11-23T14:41:00Z" {
		t.Errorf("%v", v)
	}
	if status, v := c.ask("GET", "/control/clock?after=x", ""); status != 400 {
		t.Errorf("%v", v)
	}
	ctx, over := context.WithCancel(t.Context())
	over()
	if moves := c.sim.AwaitMove(ctx, 1); moves != 1 {
		t.Errorf("%d moves", moves)
	}
}

// TestEndpointsAreListed holds that each operation that is listed is one that is served.
func TestEndpointsAreListed(t *testing.T) {
	c := newTrainer(t)
	all, _ := c.want("GET", "/control/endpoints", "")["endpoints"].([]any)
	k := c.sim.Keys()
	_, given := c.ask("POST", "/api/oauth/token", "grant_type=client_credentials", func(r *http.Request) {
		r.SetBasicAuth(k.ClientID, k.ClientSecret)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	})
	token, _ := given["access_token"].(string)
	if len(all) < 40 {
		t.Errorf("%d endpoints", len(all))
	}
	for _, e := range all {
		o := e.(map[string]any)
		if o["method"] != "GET" || !strings.HasPrefix(o["path"].(string), "/api/atlas/v2") {
			continue
		}
		path := strings.NewReplacer("{", "", "}", "").Replace(o["path"].(string))
		status, answer := c.ask("GET", path, "", func(r *http.Request) {
			r.Header.Set("Authorization", "Bearer "+token)
			r.Header.Set("Accept", "application/vnd.atlas.2025-03-12+json")
		})
		if detail, _ := answer["detail"].(string); status == 401 || strings.Contains(detail, "does not serve") {
			t.Errorf("%v: %d %s", o, status, detail)
		}
	}
}

// The help and the README name each fault of a file.
func TestEveryFaultOfAFileIsNamed(t *testing.T) {
	readme := teatest.Documents(t)
	var help string
	for _, c := range commands() {
		help += c.says + " " + c.does + "\n"
	}
	for _, name := range simulator.FileFaults() {
		if !strings.Contains(readme, "`"+name+"`") || !strings.Contains(help, name) {
			t.Errorf("%s is not named", name)
		}
	}
}
