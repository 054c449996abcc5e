package teatest_test

import (
	"context"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/incident"
	"atlas-restore/teatest"
	"atlas-restore/ui/steps"
)

// monitored is Atlas with what a test says that it tells of a loss: the logs of three members, no
// counters, and the names in snapshots.
type monitored struct {
	steps.Atlas

	lines   map[string][]string // by host, in the order of time
	refused map[string]error    // by host
	hold    chan struct{}       // a log comes once this is closed; nil for at once
	counted atomic.Bool         // counters have come
	lacks   time.Time           // snapshots since then do not have it
	deletes time.Time           // a minute in which the first member deleted far more than ever; zero for none
}

const (
	memberA = "atlas-3mu7hn-shard-00-00.zsv9js.mongodb.net"
	memberB = "atlas-3mu7hn-shard-00-01.zsv9js.mongodb.net"
	memberC = "atlas-3mu7hn-shard-00-02.zsv9js.mongodb.net"
)

func (m *monitored) Members(context.Context, state.Cluster) ([]incident.Process, error) {
	var out []incident.Process
	for i, host := range []string{memberA, memberB, memberC} {
		out = append(out, incident.Process{ID: host + ":27017", Host: host, Alias: host, ReplicaSet: "atlas-3mu7hn-shard-0", Type: []string{"REPLICA_PRIMARY", "REPLICA_SECONDARY", "REPLICA_SECONDARY"}[i]})
	}
	return out, nil
}

func (m *monitored) Log(ctx context.Context, _, host string, from, until time.Time) (io.ReadCloser, error) {
	if m.hold != nil {
		select {
		case <-m.hold:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	if err := m.refused[host]; err != nil {
		return nil, err
	}
	var out strings.Builder
	for _, line := range m.lines[host] {
		at, err := time.Parse(`{"t":{"$date":"2006-01-02T15:04:05.000-07:00"}`, line[:len(`{"t":{"$date":"2006-01-02T15:04:05.000-07:00"}`)])
		if err == nil && !at.Before(from) && at.Before(until) {
			out.WriteString(line + "\n")
		}
	}
	return io.NopCloser(strings.NewReader(out.String())), nil
}

func (m *monitored) Measurements(_ context.Context, _, process string, span incident.Span, counters ...string) ([]incident.Series, error) {
	var out []incident.Series
	for _, name := range counters {
		s := incident.Series{Name: name, Grain: span.Grain}
		for at := span.From; at.Before(span.Until); at = at.Add(span.Grain) {
			value := 1.0
			if at.Equal(m.deletes) && strings.HasPrefix(process, memberA) && name == "DOCUMENT_METRICS_DELETED" {
				value = 4000
			}
			s.Points = append(s.Points, incident.Point{At: at, Value: value, Known: true})
		}
		out = append(out, s)
	}
	m.counted.Store(true)
	return out, nil
}

func (m *monitored) DatabaseMeasurements(ctx context.Context, projectID, processID, _ string, span incident.Span, counters ...string) ([]incident.Series, error) {
	return m.Measurements(ctx, projectID, processID, span, counters...)
}

func (m *monitored) SnapshotDatabases(context.Context, state.Cluster, string) ([]string, error) {
	return []string{"admin", "config", "shop", "users"}, nil
}

func (m *monitored) SnapshotCollections(ctx context.Context, c state.Cluster, id, _ string) ([]string, error) {
	s, err := m.Snapshot(ctx, c, id)
	if err != nil || !m.lacks.IsZero() && s.When().After(m.lacks) {
		return []string{"carts"}, err
	}
	return []string{"carts", "orders", "orders.archive"}, nil
}

const theDrop = `{"t":{"$date":"2026-11-23T14:02:59.812+00:00"},"s":"I","c":"COMMAND","id":518070,"ctx":"conn4711","msg":"CMD: drop","attr":{"namespace":"shop.orders"}}`

func logsOfADrop() map[string][]string {
	return map[string][]string{memberA: {
		`{"t":{"$date":"2026-11-23T14:02:40.100+00:00"},"s":"I","c":"NETWORK","id":51800,"ctx":"conn4711","msg":"client metadata","attr":{"remote":"10.0.0.7:52414","client":"conn4711","doc":{"application":{"name":"mongosh 2.5.10"},"driver":{"name":"nodejs|mongosh","version":"6.19.0|2.5.10"}}}}`,
		theDrop,
		`{"t":{"$date":"2026-11-23T14:30:59.500+00:00"},"s":"I","c":"NETWORK","id":22944,"ctx":"conn4711","msg":"Connection ended","attr":{"connectionId":4711}}`,
	}}
}

// monitoredStage is the wizard before an Atlas whose logs tell of the drop of shop.orders.
func monitoredStage(t *testing.T) (*stage, *monitored) {
	t.Helper()
	s := prepare(t)
	return s, s.monitor()
}

// monitor has the logs of a stage tell of the drop of shop.orders.
func (s *stage) monitor() *monitored {
	m := &monitored{Atlas: s.cfg.Atlas, lines: logsOfADrop(), refused: map[string]error{}, lacks: time.Date(2026, 11, 23, 14, 2, 59, 0, time.UTC)}
	s.cfg.Atlas = m
	return m
}

const theRename = `{"t":{"$date":"2026-11-23T13:20:11.040+00:00"},"s":"I","c":"COMMAND","id":20400,"ctx":"conn4398","msg":"renameCollectionForCommand","attr":{"sourceNamespace":"shop.orders","targetNamespace":"shop.orders_old","dropTarget":"no"}}`

// monitorAll is monitor where more than the drop is told, and not all of it can be read: a rename,
// many deletes, and the log of a member that the credential may not see.
func (s *stage) monitorAll() {
	m := s.monitor()
	m.lines[memberA] = append([]string{theRename}, m.lines[memberA]...)
	m.refused[memberB] = &state.AtlasError{Status: 403, Code: "USER_CANNOT_ACCESS_GROUP", Needs: "Project Cluster Log Viewer"}
	m.deletes = time.Date(2026, 11, 23, 13, 41, 0, 0, time.UTC)
}

// whenPages are the faces of the search for when something was lost, and the review of what it found.
var whenPages = []place{
	{"when", func(s *stage) {
		s.toSnapshots("Payments", "orders-prod")
		s.Press("ctrl+g")
		s.Wait("When was it lost?")
		s.Type("shop.o")
		s.Wait("shop.orders.archive")
		s.Press("down")
	}},
	{"when-found", func(s *stage) { s.toFound() }},
	{"when-review", func(s *stage) {
		s.toFound()
		s.Press("enter")
		s.Wait("› Target project")
		s.Press("enter")
		takeTarget(s, "orders-prod-restore")
		s.Wait("submitted yet")
		s.AtRest()
	}},
}

// toFound is toWhen for shop.orders, and waits until all is read.
func (s *stage) toFound() {
	s.t.Helper()
	s.toWhen("shop.orders")
	s.WaitFor("all that can be read", func(screen string) bool {
		return strings.Contains(screen, "✓ read:") || strings.Contains(screen, "+ read:")
	})
	s.WaitFor("the proposal", func(screen string) bool { return strings.Contains(screen, " Restore to 23 Nov 14:02:58 UTC") })
	s.AtRest()
}

// stage is one on which the place can be walked to.
func (p place) stage(t *testing.T) *stage {
	t.Helper()
	s := prepare(t)
	if strings.HasPrefix(p.name, "when") {
		s.monitorAll()
	}
	p.scripted(s)
	return s
}

// What is said to be missing beforehand is looked for at once on the full screen, and Enter takes
// what was found; whoever goes back from it is at the snapshots.
func TestGivenNamespaceIsLookedFor(t *testing.T) {
	t.Parallel()
	s, m := monitoredStage(t)
	m.hold = make(chan struct{})
	s.cfg.Given = state.Given{Project: s.sim.ProjectID("Payments"), Cluster: "orders-prod", Namespace: "shop.orders"}
	s.start(normal)
	s.Wait("When was shop.orders lost?")
	s.Wait("reading ") // nobody has pressed a key
	close(m.hold)
	s.Wait("▶ Restore to 23 Nov 14:02:58 UTC")
	s.Press("esc")
	s.Wait("which state of the data")
	s.Press("ctrl+g")
	s.Wait("▶ Restore to 23 Nov 14:02:58 UTC")
	s.Press("enter")
	s.Wait("› Target project")
	s.Wait("2026-11-23 14:02:58 UTC")
	s.noPosts()
}

// toWhen goes from the snapshots of orders-prod to the search for what is typed.
func (s *stage) toWhen(missing string) {
	s.t.Helper()
	s.toSnapshots("Payments", "orders-prod")
	s.Press("ctrl+g")
	s.Wait("When was it lost?")
	s.Type(missing)
	s.Press("enter")
}

// A person says what is missing, and reads when it was dropped, by whom, and what to restore; Enter
// takes it, the target is asked next, and why it is that second stands on the review.
func TestWhenIsFound(t *testing.T) {
	t.Parallel()
	s, m := monitoredStage(t)
	m.refused[memberB] = &state.AtlasError{Status: 403, Code: "USER_CANNOT_ACCESS_GROUP", Needs: "Project Cluster Log Viewer"}
	s.start(normal)
	s.toWhen("shop.orders")
	s.Wait("✓ read:")
	s.Wait("▶ Restore to") // a row is highlighted once it has been on the screen
	for _, text := range []string{
		"When was shop.orders lost?", "since 23 Nov 08:31 UTC, the last 6 h",
		"▶ Restore to 23 Nov 14:02:58 UTC (15:02:58 CET), the second before",
		"▌ 23 Nov 14:02:59.812  dropped: shop.orders  mongosh 2.5.10", "shop.orders was dropped by mongosh 2.5.10 on conn4711",
		"The newest snapshot with the name is of 23 Nov 12:20 UTC.",
		"needs the role Project Cluster Log Viewer: the log of",
	} {
		if !strings.Contains(s.Screen(), text) {
			t.Errorf("the page does not say %q:\n%s", text, s.Screen())
		}
	}
	s.Press("enter")
	s.Wait("› Target project")
	s.Wait("2026-11-23 14:02:58 UTC")
	s.Press("enter")
	takeTarget(s, "orders-prod-restore")
	s.Wait("submitted yet")
	if strings.Contains(s.Screen(), "more: pgdn") {
		t.Errorf("the review has to be paged:\n%s", s.Screen())
	}
	for _, text := range []string{"the second before shop.orders was dropped at 14:02:59.812 UTC", "mongosh 2.5.10 on conn4711", "! WARN writes: 3 writes a second to orders-prod-restore, 1 connection."} {
		if !strings.Contains(s.Screen(), text) {
			t.Errorf("the review does not say %q:\n%s", text, s.Screen())
		}
	}
	s.AssertTarget("orders-prod-restore")
	s.Confirm("orders-prod-restore")
	s.Wait("RUNNING")
	sum := s.leave(state.OutcomeRunning, "ctrl+c")
	if e := sum.Result().Evidence; e == nil || e.What != "drop" || e.Namespace != "shop.orders" || !e.At.Equal(time.Date(2026, 11, 23, 14, 2, 59, 812e6, time.UTC)) || !strings.Contains(sum.Text(), "Chosen: the second before shop.orders") {
		t.Errorf("the summary has %+v:\n%s", e, sum.Text())
	}
}

// A name that nobody has is said to be none, and the names that it is a part of; a second enter
// looks for it all the same.
func TestWhenKnowsTheNames(t *testing.T) {
	t.Parallel()
	s, _ := monitoredStage(t)
	s.start(normal)
	s.toSnapshots("Payments", "orders-prod")
	s.Press("ctrl+g")
	s.Wait("When was it lost?")
	s.Type("shop.orders.arch")
	s.Wait("No collection is called shop.orders.arch in the snapshot")
	s.Wait("It is a part of")
	s.Press("enter")
	s.Wait("enter again looks for")
	s.Press("enter")
	s.Wait("When was shop.orders.arch lost?")
	s.noPosts()
}

// What was found for one name has its heads at 80 by 24, and the role that is lacking is whole in the
// smallest window.
func TestFoundRowsHaveHeadsAndRoles(t *testing.T) {
	t.Parallel()
	for _, size := range []teatest.Size{normal, narrow} {
		s := prepare(t)
		s.monitorAll()
		s.start(size)
		s.toFound()
		for _, text := range []string{"TIME (UTC)", "WHAT HAPPENED", "Project Cluster Log Viewer"} {
			if !strings.Contains(s.Screen(), text) {
				t.Errorf("%v: the page does not say %q:\n%s", size, text, s.Screen())
			}
		}
	}
}

// The search can be stopped with what was found kept, goes further back on demand, and is there
// again for whoever comes back.
func TestWhenIsStoppedAndGoesOn(t *testing.T) {
	t.Parallel()
	s, m := monitoredStage(t)
	m.hold = make(chan struct{})
	s.start(normal)
	s.toWhen("orders")
	s.Wait("reading ")
	s.WaitFor("the counters, which no log holds up", func(string) bool { return m.counted.Load() })
	s.Press("s")
	s.Wait("stopped")
	s.Wait("what was read before it was stopped") // not that nothing happened
	close(m.hold)
	s.Press("w")
	s.Wait("the last 24 h")
	s.Wait("shop.orders was dropped")
	s.Wait("✓ read:")
	s.Press("esc")
	s.Wait("which state of the data")
	s.Press("ctrl+g")
	s.Wait("▶ Restore to 23 Nov 14:02:58 UTC")
	s.Press("tab")
	s.Wait("What is missing orders")
	s.Wait("shop.orders.archive") // which is suggested
	s.Press("esc")
	s.Wait("▶ Restore to 23 Nov 14:02:58 UTC")
}

// From the moment that is asked for the search is one key away too, and comes back with it.
func TestWhenFromTheMoment(t *testing.T) {
	t.Parallel()
	s, _ := monitoredStage(t)
	s.start(normal)
	s.toSnapshots("Payments", "orders-prod")
	s.Press("tab")
	s.Wait("› Moment")
	s.Press("ctrl+g")
	s.Wait("When was it lost?")
	s.Wait("shop")
	s.Type("shop.o")
	s.Wait("shop.orders.archive")
	s.Press("down", "enter")
	s.Wait("▶ Restore to")
	s.Press("enter")
	s.Wait("› Target project")
	s.Wait("2026-11-23 14:02:58 UTC")
}

// From the first page to the review of the right second: at most 10 keys beside what is typed, and
// nobody has to know the second.
func TestFewKeysToTheMoment(t *testing.T) {
	t.Parallel()
	s, _ := monitoredStage(t)
	s.start(normal)
	c := &counted{stage: s}
	find(c)
	c.Type("orders-prod")
	c.WaitFor("the row", func(screen string) bool { return strings.Contains(row(screen), " orders-prod ") })
	c.Press("enter")
	c.Wait("which state of the data")
	c.WaitFor("the snapshots", highlighted)
	c.Press("ctrl+g")
	c.Wait("When was it lost?")
	c.Type("orders")
	c.Press("enter")
	c.Wait("▶ Restore to 23 Nov 14:02:58 UTC")
	c.Press("enter")
	c.Wait("› Target project")
	c.Press("enter")
	takeTarget(c, "orders-prod-restore")
	c.Wait("submitted yet")
	c.Wait("the second before shop.orders was dropped")
	if c.keys > 10 {
		t.Errorf("%d keys lead to the review of the second, want at most 10", c.keys)
	}
}
