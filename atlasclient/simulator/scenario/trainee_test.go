package scenario

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"atlas-restore/atlasclient/simulator"
	"atlas-restore/teatest/schema"
)

const (
	api     = "/api/atlas/v2"
	version = "application/vnd.atlas.2025-03-12+json"
)

// trainee plays a scenario with raw requests. Every answer that it gets is held against
// the schema, and everything is written down.
type trainee struct {
	t     *testing.T
	sim   *simulator.Server
	run   *Run
	token string
	log   strings.Builder // all that was asked and answered
}

func start(t *testing.T, s Scenario) *trainee {
	t.Helper()
	sim, err := simulator.Start(s.Options())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sim.Close() })
	run, err := Start(sim, s)
	if err != nil {
		t.Fatal(err)
	}
	return &trainee{t: t, sim: sim, run: run}
}

func load(t *testing.T, name string) Scenario {
	t.Helper()
	s, err := Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// answer is what came back; status 0: the connection was cut.
type answer struct {
	status int
	json   map[string]any
}

func (u *trainee) send(method, url, body string, header map[string]string) answer {
	u.t.Helper()
	path := strings.TrimPrefix(url, u.sim.BaseURL())
	r, err := http.NewRequestWithContext(u.t.Context(), method, u.sim.BaseURL()+path, strings.NewReader(body))
	if err != nil {
		u.t.Fatal(err)
	}
	for name, value := range header {
		r.Header.Set(name, value)
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // it must not repeat what was cut
	fmt.Fprintln(&u.log, method, path, body)
	res, err := client.Do(r)
	if err != nil {
		fmt.Fprintln(&u.log, "cut")
		return answer{}
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		fmt.Fprintln(&u.log, res.StatusCode, "cut at", len(raw))
		return answer{}
	}
	if path != "/api/oauth/token" { // a token has the real time in it
		fmt.Fprintln(&u.log, res.StatusCode, strings.ReplaceAll(string(raw), u.sim.BaseURL(), ""))
	}
	a := answer{status: res.StatusCode}
	if strings.HasPrefix(path, api) && !strings.Contains(path, "/logs/") { // which is no JSON
		schema.Check(u.t, method, path, res.StatusCode, res.Header, raw)
	}
	if strings.HasPrefix(string(raw), "{") {
		if err := json.Unmarshal(raw, &a.json); err != nil {
			u.t.Fatal(err)
		}
	}
	return a
}

// do sends an authenticated request.
func (u *trainee) do(method, path string, body any) answer {
	u.t.Helper()
	if u.token == "" {
		u.login()
	}
	text := ""
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			u.t.Fatal(err)
		}
		text = string(raw)
	}
	ask := func() answer {
		return u.send(method, api+path, text, map[string]string{
			"Authorization": "Bearer " + u.token, "Accept": version, "Content-Type": "application/json",
		})
	}
	a := ask()
	if a.status == http.StatusUnauthorized { // the token has expired
		u.login()
		a = ask()
	}
	return a
}

func (u *trainee) login() {
	u.t.Helper()
	k := u.sim.Keys()
	a := u.send("POST", "/api/oauth/token", "grant_type=client_credentials", map[string]string{
		"Authorization": "Basic " + base64.StdEncoding.EncodeToString([]byte(k.ClientID+":"+k.ClientSecret)),
		"Content-Type":  "application/x-www-form-urlencoded",
	})
	u.token, _ = a.json["access_token"].(string)
}

func (u *trainee) cluster(place string) string {
	i := strings.LastIndex(place, "/")
	return "/groups/" + u.sim.ProjectID(place[:i]) + "/clusters/" + place[i+1:]
}

// at is a time of the scenario's day: 14:02:59.
func (u *trainee) at(clock string) time.Time {
	u.t.Helper()
	t, err := time.Parse(time.RFC3339, u.run.start.Format("2006-01-02T")+clock+"Z")
	if err != nil {
		u.t.Fatal(err)
	}
	return t
}

// snapshot finds the snapshot of a time of the day: 12:20.
func (u *trainee) snapshot(source, clock string) string {
	u.t.Helper()
	for _, path := range []string{"/backup/snapshots", "/backup/snapshots/shardedClusters"} {
		list, _ := u.do("GET", u.cluster(source)+path, nil).json["results"].([]any)
		for _, x := range list {
			s := x.(map[string]any)
			if created, _ := s["createdAt"].(string); strings.HasPrefix(created, u.run.start.Format("2006-01-02T")+clock) {
				return s["id"].(string)
			}
		}
		if len(list) > 0 {
			break
		}
	}
	u.t.Fatalf("no snapshot of %s at %s", source, clock)
	return ""
}

func (u *trainee) create(source string, body map[string]any) (job string, a answer) {
	u.t.Helper()
	path := u.cluster(source) + "/backup/restoreJobs"
	a = u.do("POST", path, body)
	if id, ok := a.json["id"].(string); ok {
		return path + "/" + id, a
	}
	return "", a
}

func (u *trainee) onto(target string, body map[string]any) map[string]any {
	i := strings.LastIndex(target, "/")
	body["targetGroupId"], body["targetClusterName"] = u.sim.ProjectID(target[:i]), target[i+1:]
	return body
}

// restore asks for an automated restore of the snapshot of a time of the day.
func (u *trainee) restore(source, clock, target string) (string, answer) {
	u.t.Helper()
	return u.create(source, u.onto(target, map[string]any{"deliveryType": "automated", "snapshotId": u.snapshot(source, clock)}))
}

// moment asks for a restore to a time of the day.
func (u *trainee) moment(source, clock, target string) (string, answer) {
	u.t.Helper()
	return u.create(source, u.onto(target, map[string]any{"deliveryType": "pointInTime", "pointInTimeUTCSeconds": u.at(clock).Unix()}))
}

// chosen asks for collections of the snapshot of a time of the day, or, to the second, of a moment.
func (u *trainee) chosen(source, clock, target, write string, names ...string) string {
	u.t.Helper()
	body := u.onto(target, map[string]any{"writeStrategy": write, "indexStrategy": "ALL"})
	if strings.Count(clock, ":") == 2 {
		body["pointInTimeUtcSeconds"] = u.at(clock).Unix()
	} else {
		body["snapshotId"] = u.snapshot(source, clock)
	}
	var all []map[string]string
	for _, name := range names {
		all = append(all, map[string]string{"sourceNamespace": name})
	}
	body["collections"] = all
	path := u.cluster(source) + "/collectionRestoreJobs"
	a := u.do("POST", path, body)
	if a.status != http.StatusCreated {
		u.t.Fatalf("%d %v", a.status, a.json)
	}
	return path + "/" + a.json["id"].(string)
}

// endCollections waits for the end of a job of collections, and looks at it and at what came.
func (u *trainee) endCollections(job string) {
	u.t.Helper()
	for range 3 {
		u.wait(10 * time.Minute)
	}
	for _, path := range []string{job, job + "/collections"} {
		if a := u.do("GET", path, nil); a.status != http.StatusOK {
			u.t.Errorf("GET %s: %d", path, a.status)
		}
	}
}

func (u *trainee) download(source, clock string) string {
	u.t.Helper()
	job, a := u.create(source, map[string]any{"deliveryType": "download", "snapshotId": u.snapshot(source, clock)})
	if a.status != 200 {
		u.t.Fatalf("download: %d %v", a.status, a.json)
	}
	return job
}

// links are those that a job shows now.
func (u *trainee) links(job string) (out []string) {
	u.t.Helper()
	urls, _ := u.do("GET", job, nil).json["deliveryUrl"].([]any)
	for _, url := range urls {
		out = append(out, url.(string))
	}
	return out
}

// fetch fetches links, and says what came of each.
func (u *trainee) fetch(links ...string) (out []int) {
	u.t.Helper()
	for _, link := range links {
		out = append(out, u.send("GET", link, "", nil).status)
		u.sim.AwaitDeliveries()
	}
	return out
}

// wait lets the simulated time pass, and the coach look.
func (u *trainee) wait(d time.Duration) {
	u.sim.Advance(d)
	u.run.Look()
}

// end waits for the end of a job, and looks at it.
func (u *trainee) end(job string) {
	u.t.Helper()
	u.wait(5 * time.Minute)
	if job == "" || u.do("GET", job, nil).status != 200 {
		u.t.Errorf("the end of %q was not seen", job)
	}
}

// readLogs reads the log of each server of a cluster's project.
func (u *trainee) readLogs(source string) {
	u.t.Helper()
	for _, host := range u.hosts(source) {
		a := u.send("GET", api+u.group(source)+"/clusters/"+host+"/logs/mongodb.gz", "", map[string]string{"Authorization": "Bearer " + u.token, "Accept": "application/vnd.atlas.2023-02-01+gzip"})
		if a.status != http.StatusOK {
			u.t.Errorf("the log of %s: %d", host, a.status)
		}
	}
}

// measured reads a counter of each server of a cluster's project.
func (u *trainee) measured(source, counter string) {
	u.t.Helper()
	for _, host := range u.hosts(source) {
		if a := u.do("GET", u.group(source)+"/processes/"+host+":27017/measurements?granularity=PT1M&period=PT6H&m="+counter, nil); a.status != http.StatusOK {
			u.t.Errorf("the counter of %s: %d", host, a.status)
		}
	}
}

func (u *trainee) group(place string) string {
	return "/groups/" + u.sim.ProjectID(place[:strings.LastIndex(place, "/")])
}

// hosts are those of a cluster's replica set.
func (u *trainee) hosts(source string) (out []string) {
	u.t.Helper()
	list, _ := u.do("GET", u.group(source)+"/processes", nil).json["results"].([]any)
	for _, x := range list {
		p := x.(map[string]any)
		if alias, _ := p["userAlias"].(string); strings.HasPrefix(alias, source[strings.LastIndex(source, "/")+1:]+"-shard-") {
			out = append(out, p["hostname"].(string))
		}
	}
	if len(out) != 3 {
		u.t.Fatalf("%v", out)
	}
	return out
}

func schemaIsThere(t *testing.T) { t.Helper(); schema.Present(t) }

func (u *trainee) leave() {
	u.t.Helper()
	u.note(Left, "")
}

// note is what the wizard tells the coach.
func (u *trainee) note(kind, name string) {
	u.t.Helper()
	if err := u.run.Note(Event{Kind: kind, Name: name}); err != nil {
		u.t.Error(err)
	}
}
