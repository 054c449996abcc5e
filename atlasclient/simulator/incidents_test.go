package simulator

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// logged is a line of a log, as far as the tests look.
type logged struct {
	T   struct{ Date time.Time }
	ID  int
	Ctx string
	Msg string
	// Of those that the tests read.
	Attr struct {
		Namespace, SourceNamespace, TargetNamespace, DropTarget, DB, NS, Remote, NewState string
		NumCollectionsDropped, NDeleted, DurationMillis                                   int
		Doc                                                                               struct{ Application struct{ Name string } }
	}
}

// log downloads a log. Each line is JSON, and they are in the order of time.
func (u *user) log(path string, from, until time.Time) []logged {
	u.t.Helper()
	a := u.rawLog(path, from, until)
	if a.status != 200 {
		u.t.Fatalf("GET %s: %d %s", path, a.status, a.body)
	}
	return u.lines(a)
}

func (u *user) rawLog(path string, from, until time.Time) answer {
	u.t.Helper()
	q := url.Values{}
	if !from.IsZero() {
		q.Set("startDate", seconds(from))
	}
	if !until.IsZero() {
		q.Set("endDate", seconds(until))
	}
	return u.send("GET", api+path+"?"+q.Encode(), "", map[string]string{"Authorization": "Bearer " + u.token, "Accept": "application/vnd.atlas.2023-02-01+gzip"})
}

func seconds(t time.Time) string { b, _ := json.Marshal(t.Unix()); return string(b) }

func (u *user) lines(a answer) []logged {
	u.t.Helper()
	if len(a.body) == 0 {
		return nil
	}
	z, err := gzip.NewReader(bytes.NewReader(a.body))
	if err != nil {
		u.t.Fatal(err)
	}
	raw, err := io.ReadAll(z)
	if err != nil {
		u.t.Fatal(err)
	}
	out := make([]logged, 0, bytes.Count(raw, []byte("\n")))
	for line := range bytes.Lines(raw) {
		var l struct {
			T struct {
				Date time.Time `json:"$date"`
			}
			logged
		}
		if err := json.Unmarshal(line, &l); err != nil {
			u.t.Fatalf("%v in %s", err, line)
		}
		l.logged.T.Date = l.T.Date
		if n := len(out); n > 0 && l.T.Date.Before(out[n-1].T.Date) {
			u.t.Errorf("%s is after %v", line, out[n-1].T.Date)
		}
		out = append(out, l.logged)
	}
	return out
}

func withID(lines []logged, id int) (out []logged) {
	for i := range lines {
		if lines[i].ID == id {
			out = append(out, lines[i])
		}
	}
	return out
}

// processes are those of a cluster, found as a client finds them: by its connection string.
func (u *user) processes(project, cluster string) []map[string]any {
	u.t.Helper()
	c := u.want(u.cluster(project, cluster)).json
	standard, _ := c["connectionStrings"].(map[string]any)["standard"].(string)
	var out []map[string]any
	for _, p := range u.want(u.group(project) + "/processes?itemsPerPage=500").results() {
		if strings.Contains(standard, "/"+p["userAlias"].(string)+":") || strings.Contains(standard, ","+p["userAlias"].(string)+":") {
			out = append(out, p)
		}
	}
	return out
}

// logs is the path of the log of each member with a type, in their order.
func (u *user) logs(project, cluster, kind string) []string {
	u.t.Helper()
	var out []string
	for _, p := range u.processes(project, cluster) {
		if p["typeName"] == kind {
			out = append(out, u.group(project)+"/clusters/"+p["hostname"].(string)+"/logs/mongodb.gz")
		}
	}
	return out
}

func (u *user) inject(i Inject) {
	u.t.Helper()
	if err := u.s.Inject(i); err != nil {
		u.t.Fatal(err)
	}
}

func atClock(s string) time.Time {
	t, err := time.Parse("15:04:05.000", s)
	if err != nil {
		panic(err)
	}
	return start.Truncate(24 * time.Hour).Add(t.Sub(t.Truncate(24 * time.Hour)))
}

func ago(s string) Duration { return Duration(start.Sub(atClock(s))) }

func TestMembersAreFoundByTheConnectionString(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	for cluster, want := range map[string]map[string]int{
		"Payments/orders-prod":         {"REPLICA_PRIMARY": 1, "REPLICA_SECONDARY": 2},
		"Payments/orders-prod-restore": {"REPLICA_PRIMARY": 1, "REPLICA_SECONDARY": 2},
		"Analytics/events":             {"SHARD_PRIMARY": 3, "SHARD_SECONDARY": 6, "SHARD_MONGOS": 9},
		"Platform Shared/audit-log":    {"SHARD_PRIMARY": 3, "SHARD_SECONDARY": 6, "SHARD_MONGOS": 9},
		"Analytics/reports":            {}, // it is paused
	} {
		project, name, _ := strings.Cut(cluster, "/")
		got := map[string]int{}
		for _, p := range u.processes(project, name) {
			got[p["typeName"].(string)]++
			if p["userAlias"] == p["hostname"] || p["id"] != u.want(u.group(project) + "/processes/" + p["id"].(string)).json["id"] {
				t.Errorf("%v", p)
			}
		}
		if !maps.Equal(got, want) {
			t.Errorf("%s: %v, want %v", cluster, got, want)
		}
	}
	config := 0
	for _, p := range u.want(u.group("Platform Shared") + "/processes").results() {
		if p["typeName"] == "SHARD_CONFIG" {
			config++
		}
	}
	if config != 3 {
		t.Errorf("%d config servers", config)
	}
}

func TestDropLeavesItsTraces(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	const day = 24 * time.Hour
	u.inject(Inject{Cluster: &InjectCluster{Cluster: "Payments/orders-prod", LastSnapshot: Duration(131 * time.Minute)}})
	u.inject(Inject{NewSnapshot: &InjectTaking{Cluster: "Payments/orders-prod", Ago: Duration(10 * time.Minute)}})
	whole := u.s.NewestSnapshot("Payments", "orders-prod").Bytes
	u.inject(Inject{Drop: &InjectDrop{Cluster: "Payments/orders-prod", Namespace: "shop.orders", Ago: ago("14:02:59.812"), By: InjectClient{Application: "cleanup.py", Driver: "PyMongo 4.10.1"}}})
	primary := u.logs("Payments", "orders-prod", "REPLICA_PRIMARY")[0]
	drops := withID(u.log(primary, start.Add(-day), start), 518070)
	if len(drops) != 1 || drops[0].Attr.Namespace != "shop.orders" || !drops[0].T.Date.Equal(atClock("14:02:59.812")) || drops[0].Msg != "CMD: drop" {
		t.Fatalf("%+v", drops)
	}
	for _, l := range withID(u.log(primary, atClock("14:02:00.000"), atClock("14:03:00.000")), 51800) {
		if l.Ctx == drops[0].Ctx && l.Attr.Doc.Application.Name != "cleanup.py" {
			t.Errorf("%+v", l)
		}
	}
	for _, path := range u.logs("Payments", "orders-prod", "REPLICA_SECONDARY") {
		if drops := withID(u.log(path, start.Add(-day), start), 518070); len(drops) > 0 {
			t.Errorf("%s: %+v", path, drops)
		}
	}
	// The snapshot of before has it, the one of after does not, and is smaller.
	snapshots := u.s.Snapshots("Payments", "orders-prod")
	for i, want := range []bool{false, true} {
		contents := u.cluster("Payments", "orders-prod") + "/backup/snapshots/" + snapshots[i].ID + "/databases"
		if got := u.want(contents).results(); len(got) != 2 || got[0]["name"] != "audit" || got[1]["name"] != "shop" {
			t.Errorf("%v", got)
		}
		var names []string
		for _, k := range u.want(contents + "/shop/collections").results() {
			names = append(names, k["name"].(string))
		}
		if slices.Contains(names, "orders") != want || !slices.Contains(names, "customers") {
			t.Errorf("%s: %v", snapshots[i].Taken, names)
		}
		if one := u.get(contents + "/shop/collections/orders"); (one.status == 200) != want {
			t.Errorf("%d %s", one.status, one.body)
		}
	}
	if after := u.s.NewestSnapshot("Payments", "orders-prod").Bytes; float64(after) > 0.7*float64(whole) {
		t.Errorf("%d bytes of %d after the drop", after, whole)
	}
	// A restore brings it back.
	u.restore("Payments", "orders-prod", map[string]any{
		"deliveryType": pointInTime, "pointInTimeUTCSeconds": atClock("14:02:58.000").Unix(),
		"targetGroupId": u.s.ProjectID("Payments"), "targetClusterName": "orders-prod",
	})
	u.s.Advance(5 * time.Minute)
	if !u.holds("Payments", "orders-prod", "shop.orders") {
		t.Error("it is not back")
	}
	if n := len(u.log(primary, start.Add(4*time.Minute), start.Add(time.Hour))); n != 0 {
		t.Errorf("the newest chunk is there: %d lines", n)
	}
	u.s.Advance(5 * time.Minute)
	if lines := withID(u.log(primary, start, start.Add(time.Hour)), 4615611); len(lines) != 1 {
		t.Errorf("the server was not started anew: %+v", lines)
	}
}

// holds says whether a cluster has a collection now.
func (u *user) holds(project, cluster, name string) (yes bool) {
	u.t.Helper()
	n, _ := parseNamespace(name)
	u.s.withWorld(func(w *world, now time.Time) { yes = find(w.data(w.mustCluster(project, cluster), now), n) >= 0 })
	return yes
}

// TestRestoreToTheSecondOfTheDrop holds that a restore to the second of a drop brings the loss
// along, and one to the second before does not.
func TestRestoreToTheSecondOfTheDrop(t *testing.T) {
	t.Parallel()
	for second, want := range map[string]bool{"14:02:58.000": true, "14:02:59.000": false} {
		u := newUser(t)
		u.inject(Inject{Drop: &InjectDrop{Cluster: "Payments/orders-prod", Namespace: "shop.orders", Ago: ago("14:02:59.812")}})
		u.restore("Payments", "orders-prod", map[string]any{
			"deliveryType": pointInTime, "pointInTimeUTCSeconds": atClock(second).Unix(),
			"targetGroupId": u.s.ProjectID("Payments"), "targetClusterName": "orders-prod-restore",
		})
		u.s.Advance(5 * time.Minute)
		if got := u.holds("Payments", "orders-prod-restore", "shop.orders"); got != want {
			t.Errorf("restored to %s: %t", second, got)
		}
	}
}

func TestLogsAreThoseOfAtlas(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	path := u.logs("Payments", "orders-prod", "REPLICA_PRIMARY")[0]
	whole := u.rawLog(path, time.Time{}, time.Time{})
	lines := u.lines(whole)
	if n := len(lines); n < 5000 || lines[0].T.Date.Before(start.Add(-24*time.Hour)) || lines[n-1].T.Date.After(atClock("14:30:00.000")) || lines[n-1].T.Date.Before(atClock("14:29:00.000")) {
		t.Errorf("%d lines from %v to %v", n, lines[0].T.Date, lines[n-1].T.Date)
	}
	if again := u.rawLog(path, time.Time{}, time.Time{}); !bytes.Equal(whole.body, again.body) {
		t.Error("the same log is not the same")
	}
	span := u.log(path, atClock("11:00:00.000"), atClock("11:10:00.000"))
	if n := len(span); n == 0 || span[0].T.Date.Before(atClock("11:00:00.000")) || span[n-1].T.Date.After(atClock("11:10:00.000")) {
		t.Errorf("%d lines", n)
	}
	late := u.rawLog(path, atClock("14:30:00.000"), atClock("14:31:00.000"))
	if late.status != 200 || len(late.body) != 0 {
		t.Errorf("the newest chunk: %d, %d bytes", late.status, len(late.body))
	}
	want := recordedHeader(t, "logs-get-mongodb-1-e1868e5d")
	for name, value := range want {
		got := late.header.Get(name)
		switch name {
		case "Date", "Ratelimit-Remaining":
			continue
		case "Content-Disposition":
			shape := regexpDigits.ReplaceAllString(value[strings.Index(value, "_"):], "0")
			if got := regexpDigits.ReplaceAllString(got[strings.Index(got, "_"):], "0"); got != shape || !strings.HasPrefix(late.header.Get(name), `attachment; filename="`+strings.Split(path, "/")[4]) {
				t.Errorf("%s: %s, Atlas says %s", name, late.header.Get(name), value)
			}
			continue
		}
		if got != value {
			t.Errorf("%s: %q, Atlas says %q", name, got, value)
		}
	}
	for _, row := range []struct {
		path, query, code string
		status            int
	}{
		{path, "?startDate=1", "INVALID_QUERY_PARAMETER", 400},
		{path, "?startDate=x", "INVALID_QUERY_PARAMETER", 400},
		{path, "?startDate=1795000000&endDate=1794000000", "INVALID_QUERY_PARAMETER", 400},
		{strings.Replace(path, "mongodb.gz", "postgres.gz", 1), "", "INVALID_PATH_PARAMETER", 400},
		{strings.Replace(path, "-00-0", "-07-0", 1), "", "HOST_NOT_FOUND", 404},
	} {
		a := u.send("GET", api+row.path+row.query, "", map[string]string{"Authorization": "Bearer " + u.token, "Accept": "application/vnd.atlas.2023-02-01+gzip"})
		if a.status != row.status || a.code() != row.code {
			t.Errorf("%s%s: %d %s", row.path, row.query, a.status, a.body)
		}
	}
	if a := u.get(path); a.status != 406 {
		t.Errorf("as JSON: %d", a.status)
	}
	u.s.SetProject("Payments", func(p *Project) { p.Role = RoleReadOnly })
	if a := u.rawLog(path, time.Time{}, time.Time{}); a.status != 403 {
		t.Errorf("for who may only read: %d", a.status)
	}
}

func TestLogThatBreaksOff(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	path := u.logs("Payments", "orders-prod", "REPLICA_PRIMARY")[0]
	u.s.Fail(Fault{PathContains: "/logs/", Drop: AfterCommit})
	a, err := u.try("GET", api+path, "", map[string]string{"Authorization": "Bearer " + u.token, "Accept": "application/vnd.atlas.2023-02-01+gzip"})
	if err == nil || len(a.body) == 0 {
		t.Fatalf("%d bytes, %v", len(a.body), err)
	}
	z, err := gzip.NewReader(bytes.NewReader(a.body))
	if err != nil {
		t.Fatal(err)
	}
	if raw, err := io.ReadAll(z); err == nil || bytes.Count(raw, []byte("\n")) < 1000 {
		t.Errorf("%d lines, %v", bytes.Count(raw, []byte("\n")), err)
	}
}

// TestLogsReachBackAMonth holds that each server has a log for each day of a month, and none from
// before its cluster was made.
func TestLogsReachBackAMonth(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	u.s.limits.each = Unlimited
	for _, p := range u.want(u.group("Payments") + "/processes").results() {
		path := u.group("Payments") + "/clusters/" + p["hostname"].(string) + "/logs/mongodb.gz"
		for days := 1; days < 30; days += 7 {
			from := start.AddDate(0, 0, -days)
			if a := u.rawLog(path, from, from.Add(12*time.Minute)); a.status != 200 || len(a.body) == 0 {
				t.Fatalf("%s, %d days ago: %d, %d bytes", p["id"], days, a.status, len(a.body))
			}
		}
		if a := u.rawLog(path, start.AddDate(0, 0, -40), start.AddDate(0, 0, -31)); a.status != 200 || len(a.body) != 0 {
			t.Errorf("%s: %d, %d bytes of what is kept no more", p["id"], a.status, len(a.body))
		}
	}
}
