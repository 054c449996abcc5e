package atlasclient

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"atlas-restore/state"
	"atlas-restore/state/incident"
)

var anHour = incident.Span{From: time.Date(2026, 11, 23, 13, 0, 0, 0, time.UTC), Until: time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC), Grain: time.Minute}

// playMonitoring reads what was recorded of servers, counters, events and logs, and compares.
func playMonitoring(ctx context.Context, t *testing.T, c *Client, kind string, path []string, raw any) error {
	t.Helper()
	results, _ := at(raw, "results").([]any)
	switch kind {
	case "processes-list":
		got, err := c.Processes(ctx, path[1])
		compareAll(t, got, results, func(p incident.Process) string { return p.ID }, func(p incident.Process, raw any) {
			compare(t, p, raw, map[string][]any{"ID": {"id"}, "Host": {"hostname"}, "Alias": {"userAlias"}, "ReplicaSet": {"replicaSetName"}, "Type": {"typeName"}, "Version": {"version"}})
		})
		return err
	case "events-list":
		got, err := c.Events(ctx, path[1], "", time.Time{}.AddDate(2026, 0, 0))
		compareAll(t, got, results, func(n incident.Noted) string { return n.ID }, func(n incident.Noted, raw any) {
			compare(t, n, raw, map[string][]any{"ID": {"id"}, "Type": {"eventTypeName"}, "Cluster": {"clusterName"}, "At": {"created"}, "By": nil, "Remote": {"remoteAddress"}})
		})
		return err
	case "databases-list":
		got, err := c.Databases(ctx, path[1], path[3])
		if len(got) != len(results) || len(got) == 0 || got[0] != at(results[0], "databaseName") {
			t.Errorf("%v, Atlas says %v", got, results)
		}
		return err
	case "logs-get-mongodb":
		body, err := c.Log(ctx, path[1], path[3], anHour.From, anHour.Until)
		if err != nil {
			return err
		}
		defer body.Close()
		tally, err := incident.NewLog(path[3], 0).Read(ctx, body, func(e incident.Event) { t.Errorf("%v of an empty log", e) })
		if tally != (incident.Tally{}) {
			t.Errorf("%+v of an empty log", tally)
		}
		return err //nolint:wrapcheck // a test's
	}
	var got []incident.Series
	var err error
	if kind == "database-measurements" {
		got, err = c.DatabaseMeasurements(ctx, path[1], path[3], path[5], anHour)
	} else {
		got, err = c.Measurements(ctx, path[1], path[3], anHour)
	}
	want, _ := at(raw, "measurements").([]any)
	if len(got) != len(want) || len(got) == 0 {
		t.Errorf("%d series, Atlas says %d", len(got), len(want))
		return err
	}
	for i, s := range got {
		points, _ := at(want[i], "dataPoints").([]any)
		if s.Name != at(want[i], "name") || s.Grain != 30*time.Minute || len(s.Points) != len(points) {
			t.Errorf("%+v, Atlas says %v", s, want[i])
			continue
		}
		if len(points) == 0 { // nothing is known of it
			continue
		}
		value := at(want[i], "dataPoints", 0, "value")
		if p := s.Points[0]; p.Known != (value != nil) || p.Known && p.Value != value || !same(p.At, at(want[i], "dataPoints", 0, "timestamp")) {
			t.Errorf("%s: %+v, Atlas says %v", s.Name, p, value)
		}
	}
	return err
}

// The members of a cluster are those whom its connection string names, and not those of a
// cluster whose name begins with its own.
func TestMembersOfACluster(t *testing.T) {
	t.Parallel()
	process := func(alias, kind string) string {
		return fmt.Sprintf(`{"id":"x-%[1]s:27017","hostname":"x-%[1]s","userAlias":"%[1]s.mongodb.net","replicaSetName":"rs","typeName":"%[2]s","version":"8.0.29"}`, alias, kind)
	}
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/processes") {
			answer(w, 200, `{"results":[`+strings.Join([]string{process("demo-shard-00-00.a", "REPLICA_SECONDARY"), process("demo-shard-00-01.a", "REPLICA_PRIMARY"), process("demo-shard-00-00.ab", "REPLICA_PRIMARY"), process("old-demo-shard-00-00.a", "REPLICA_PRIMARY"), process("demo2-shard-00-00.a", "NO_DATA")}, ",")+`]}`)
			return
		}
		name := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
		answer(w, 200, `{"name":"`+name+`","connectionStrings":{"standard":"mongodb://`+name+`-shard-00-00.a.mongodb.net:27017,`+name+`-shard-00-01.a.mongodb.net:27017/?ssl=true"}}`)
	})
	got, err := s.client(Options{}).Members(t.Context(), rs)
	var hosts []string
	for _, p := range got {
		hosts = append(hosts, p.Host)
	}
	if diff := cmp.Diff([]string{"x-demo-shard-00-01.a", "x-demo-shard-00-00.a"}, hosts); diff != "" || err != nil {
		t.Errorf("%v, -want +got:\n%s", err, diff)
	}
	none := rs
	none.Name = "other"
	if got, err := s.client(Options{}).Members(t.Context(), none); err == nil || !errors.As(err, new(*state.UnreadableError)) {
		t.Errorf("a cluster without members: %v, %v", got, err)
	}
}

// A log comes as a stream: what the server has sent is read before the rest is there, in the
// range that was asked for, in seconds.
func TestLogIsStreamed(t *testing.T) {
	t.Parallel()
	rest := make(chan struct{})
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		if q := r.URL.Query(); q.Get("startDate") != "1795438800" || q.Get("endDate") != "1795442400" || r.Header.Get("Accept") != logMedia {
			t.Errorf("asked for %v as %s", q, r.Header.Get("Accept"))
		}
		w.Header().Set("Content-Type", logMedia)
		_, _ = w.Write([]byte{0x1f, 0x8b})
		w.(http.Flusher).Flush()
		<-rest
		_, _ = io.WriteString(w, "more")
	})
	body, err := s.client(Options{}).Log(t.Context(), rs.ProjectID, "demo-shard-00-00.a.mongodb.net", anHour.From, anHour.Until)
	if err != nil {
		t.Fatal(err)
	}
	first := make([]byte, 2)
	if _, err := io.ReadFull(body, first); err != nil || first[0] != 0x1f {
		t.Errorf("%v, %v", first, err)
	}
	close(rest)
	if all, err := io.ReadAll(body); err != nil || string(all) != "more" {
		t.Errorf("%q, %v", all, err)
	}
	if err := body.Close(); err != nil {
		t.Error(err)
	}
}

// A log that cannot be had, or breaks off, says so, and what came is kept.
func TestLogThatFails(t *testing.T) {
	t.Parallel()
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	for i := range 20000 {
		fmt.Fprintf(z, `{"t":{"$date":"2026-11-23T14:02:59.812+00:00"},"s":"I",  "c":"COMMAND",  "id":518070,  "ctx":"conn%d","msg":"CMD: drop","attr":{"namespace":"shop.c%d"}}`+"\n", i, i*7919)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	open := func(handle http.HandlerFunc) (io.ReadCloser, int, error) {
		s := newServer(t, handle)
		body, err := s.client(Options{}).Log(t.Context(), rs.ProjectID, "demo-shard-00-00.a.mongodb.net", anHour.From, anHour.Until)
		return body, len(s.requests()), err
	}
	body, _, err := open(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", logMedia)
		w.Header().Set("Content-Length", fmt.Sprint(packed.Len()))
		_, _ = w.Write(packed.Bytes()[:packed.Len()*3/4])
	})
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	_, err = incident.NewLog("demo-shard-00-00", 0).Read(t.Context(), body, func(incident.Event) { found++ })
	if found < 1000 || found > 19000 || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%d found in a stream that broke off: %v", found, err)
	}
	_ = body.Close()

	_, _, err = open(func(w http.ResponseWriter, _ *http.Request) {
		answer(w, 403, `{"error":403,"errorCode":"USER_UNAUTHORIZED","detail":"no","reason":"Forbidden"}`)
	})
	var refused *state.AtlasError
	if !errors.As(err, &refused) || refused.Needs != "Project Cluster Log Viewer" {
		t.Errorf("refused: %v", err)
	}
	if _, n, err := open(func(w http.ResponseWriter, _ *http.Request) { answer(w, 503, `{"error":503,"errorCode":"X"}`) }); err == nil || n != maxTries {
		t.Errorf("%d tries: %v", n, err)
	}
	if _, _, err := open(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "sign in")
	}); err == nil || !errors.As(err, new(*foreignAnswer)) {
		t.Errorf("a proxy's page: %v", err)
	}
}

// A point without a value is not known; a grain or a time that is missing is not guessed.
func TestMeasurements(t *testing.T) {
	t.Parallel()
	body := `{"granularity":"PT1M","measurements":[{"name":"OPCOUNTER_DELETE","units":"MEGABYTES","dataPoints":[{"timestamp":"2026-11-23T14:02:00Z","value":null},{"timestamp":"2026-11-23T14:03:00Z","value":0.0},{"timestamp":"2026-11-23T14:04:00Z","value":12.5}]}]}`
	get := func(body string) ([]incident.Series, error) {
		s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
			if q := r.URL.Query(); q.Get("granularity") != "PT1M" || q.Get("start") != "2026-11-23T13:00:00Z" || !slices.Equal(q["m"], []string{"OPCOUNTER_DELETE", "CONNECTIONS"}) {
				t.Errorf("asked for %v", q)
			}
			answer(w, 200, body)
		})
		return s.client(Options{}).Measurements(t.Context(), rs.ProjectID, "demo-shard-00-00.a.mongodb.net:27017", anHour, "OPCOUNTER_DELETE", "CONNECTIONS")
	}
	got, err := get(body)
	point := func(minute int, v float64, known bool) incident.Point {
		return incident.Point{At: time.Date(2026, 11, 23, 14, minute, 0, 0, time.UTC), Value: v, Known: known}
	}
	want := []incident.Series{{Name: "OPCOUNTER_DELETE", Grain: time.Minute, Points: []incident.Point{point(2, 0, false), point(3, 0, true), point(4, 12.5, true)}}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v, -want +got:\n%s", err, diff)
	}
	for _, bad := range []string{strings.Replace(body, "PT1M", "now and then", 1), strings.Replace(body, "PT1M", "PT0M", 1), strings.Replace(body, `"timestamp":"2026-11-23T14:03:00Z",`, "", 1), `{"granularity":"PT1M"}`} {
		if got, err := get(bad); err == nil {
			t.Errorf("%s: %v", bad, got)
		}
	}
	for s, want := range map[string]time.Duration{"PT10S": 10 * time.Second, "PT5M": 5 * time.Minute, "PT1H": time.Hour, "P1D": 24 * time.Hour, "P1M": 0, "1M": 0, "": 0} {
		if got, ok := grainOf(s); got != want || ok != (want > 0) {
			t.Errorf("%q is %s", s, got)
		}
	}
}

// Events say what, when, of which cluster and by whom; they are asked for by type.
func TestEvents(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		if q := r.URL.Query(); !slices.Equal(q["eventType"], []string{"CPS_RESTORE_REQUESTED_AUDIT"}) || q.Get("clusterNames") != "demo" || q.Get("minDate") != "2026-11-23T13:00:00Z" {
			t.Errorf("asked for %v", q)
		}
		answer(w, 200, `{"results":[{"id":"1","eventTypeName":"CPS_RESTORE_REQUESTED_AUDIT","clusterName":"demo","created":"2026-11-23T13:10:00Z","publicKey":"abcdefgh","remoteAddress":"203.0.113.1"},{"id":"2","eventTypeName":"CPS_RESTORE_REQUESTED_AUDIT","clusterName":"demo","created":"2026-11-23T13:20:00Z","username":"\u001b[31mann@example.com"}]}`)
	})
	got, err := s.client(Options{}).Events(t.Context(), rs.ProjectID, "demo", anHour.From, "CPS_RESTORE_REQUESTED_AUDIT")
	want := []incident.Noted{
		{ID: "2", Type: "CPS_RESTORE_REQUESTED_AUDIT", Cluster: "demo", At: anHour.From.Add(20 * time.Minute), By: "ann@example.com"},
		{ID: "1", Type: "CPS_RESTORE_REQUESTED_AUDIT", Cluster: "demo", At: anHour.From.Add(10 * time.Minute), By: "abcdefgh", Remote: "203.0.113.1"},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v, -want +got:\n%s", err, diff)
	}
}
