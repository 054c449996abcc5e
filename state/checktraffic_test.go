package state

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// Who erases a cluster is told that it is written to, with figures; what could not be read is
// never taken for silence, and a download has no such check.
func TestWritesAndLag(t *testing.T) {
	now := time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)
	plan := Plan{Cluster: Cluster{Name: "orders-prod"}, Delivery: PointInTime, Instant: Instant{UTCSeconds: now.Add(-time.Minute).Unix()}, Target: Target{ClusterName: "orders-stg"}}
	base := Facts{Plan: plan, Now: now}
	for name, c := range map[string]struct {
		check string
		make  func(*Facts)
		want  Verdict
		says  string
	}{
		"in use":          {"writes", func(f *Facts) { f.Traffic = Traffic{Connections: 41.7, Writes: 380.2, Span: 9 * time.Minute} }, Warn, "380 writes a second to orders-stg, 42 connections."},
		"hardly":          {"writes", func(f *Facts) { f.Traffic = Traffic{Connections: 12, Writes: 0.2, Span: 9 * time.Minute} }, OK, ""},
		"not read":        {"writes", func(f *Facts) { f.TrafficErr = errors.New("no answer") }, Unknown, "could not be seen"},
		"not waited for":  {"writes", func(f *Facts) { f.Unwaited = true }, Unknown, "without questions"},
		"flex":            {"writes", func(f *Facts) { f.Target.Family = Flex }, Unknown, "keeps no counters"},
		"not behind":      {"lag", func(*Facts) {}, OK, ""},
		"behind":          {"lag", func(f *Facts) { f.Behind = now.Add(-time.Hour) }, Warn, "behind with the oplog of orders-prod since 23 Nov 13:31 UTC"},
		"behind later on": {"lag", func(f *Facts) { f.Behind = now.Add(-time.Second) }, OK, ""},
		"events not read": {"lag", func(f *Facts) { f.LagErr = errors.New("no answer") }, Unknown, "could not be seen"},
	} {
		f := base
		c.make(&f)
		found := false
		for _, got := range Checks(f) {
			if got.Name != c.check {
				continue
			}
			if found = true; got.Verdict != c.want || got.Asks() || !strings.Contains(got.Text(), c.says) {
				t.Errorf("%s: %s, %q", name, got.Verdict, got.Text())
			}
		}
		if !found {
			t.Errorf("%s: there is no check %s", name, c.check)
		}
	}
	f := base
	f.Window, f.Plan.Instant.UTCSeconds = Window{From: now.Add(-time.Hour), Until: now}, now.Add(-2*time.Hour).Unix()
	if _, ok := named(f, "window"); !ok || Blocked(Checks(f)).Name != "window" {
		t.Fatal("the moment does not lie outside the window")
	}
	for _, name := range []string{"hole", "lag"} {
		if c, ok := named(f, name); ok {
			t.Errorf("of a moment outside the window %s says %s, %q", name, c.Verdict, c.Text())
		}
	}
	for _, d := range []DeliveryType{Download, Automated} {
		f := base
		f.Plan.Delivery = d
		for _, got := range Checks(f) {
			if got.Name == "lag" || got.Name == "writes" && d == Download {
				t.Errorf("%s has the check %s", d, got.Name)
			}
		}
	}
}

// named is the check of that name.
func named(f Facts, name string) (c Check, ok bool) {
	for _, c := range Checks(f) {
		if c.Name == name {
			return c, true
		}
	}
	return Check{}, false
}
