package state_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"atlas-restore/state"
)

var now = time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)

func TestJobState(t *testing.T) {
	url := []state.Delivery{{URL: state.NewSecret("https://x")}}
	for _, tc := range []struct {
		name string
		job  state.Job
		want state.JobState
	}{
		{"just asked", state.Job{DeliveryType: state.Automated}, state.InProgress},
		{"finished", state.Job{DeliveryType: state.Automated, FinishedAt: now}, state.Completed},
		{"finished but failed", state.Job{DeliveryType: state.Automated, FinishedAt: now, Failed: true}, state.Failed},
		{"finished but cancelled", state.Job{DeliveryType: state.PointInTime, FinishedAt: now, Cancelled: true}, state.Cancelled},
		{"failed before cancelled", state.Job{Failed: true, Cancelled: true, Expired: true}, state.Failed},
		{"ready has no finishedAt", state.Job{DeliveryType: state.Download, Deliveries: url, ExpiresAt: now.Add(time.Hour)}, state.Ready},
		{"links expired by flag", state.Job{DeliveryType: state.Download, Deliveries: url, Expired: true}, state.Expired},
		{"links expired by clock", state.Job{DeliveryType: state.Download, Deliveries: url, ExpiresAt: now}, state.Expired},
		{"one shard without link", state.Job{DeliveryType: state.Download, Deliveries: append([]state.Delivery{{ReplicaSet: "b"}}, url...)}, state.InProgress},
		{"no links yet", state.Job{DeliveryType: state.Download}, state.InProgress},
		{"cancelled with links", state.Job{DeliveryType: state.Download, Deliveries: url, Cancelled: true}, state.Cancelled},
	} {
		if got := tc.job.State(now); got != tc.want {
			t.Errorf("%s: %v, want %v", tc.name, got, tc.want)
		}
	}
}

// For any fields the state is that of the documented order, and exit code 0 comes
// only with completed or ready.
func TestJobStateIsTheDocumentedOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		flag := func(name string) bool { return rapid.Bool().Draw(t, name) }
		j := state.Job{
			DeliveryType: rapid.SampledFrom(state.DeliveryTypes()).Draw(t, "type"),
			Failed:       flag("failed"), Cancelled: flag("cancelled"), Expired: flag("expired"),
		}
		if flag("finished") {
			j.FinishedAt = now
		}
		links, missing := rapid.IntRange(0, 3).Draw(t, "links"), 0
		for range links {
			d := state.Delivery{}
			if flag("has url") {
				d.URL = state.NewSecret("https://x")
			} else {
				missing++
			}
			j.Deliveries = append(j.Deliveries, d)
		}
		lapsed := false
		if flag("expires") {
			lapsed = flag("lapsed")
			j.ExpiresAt = now.Add(time.Minute)
			if lapsed {
				j.ExpiresAt = now.Add(-time.Minute)
			}
		}
		download := j.DeliveryType == state.Download
		want := state.InProgress
		switch {
		case j.Failed:
			want = state.Failed
		case j.Cancelled:
			want = state.Cancelled
		case j.Expired || download && lapsed:
			want = state.Expired
		case download && links > 0 && missing == 0:
			want = state.Ready
		case !j.FinishedAt.IsZero():
			want = state.Completed
		}
		got := j.State(now)
		if got != want {
			t.Fatalf("%+v: %v, want %v", j, got, want)
		}
		if ok := got == state.Completed || got == state.Ready; (got.Outcome().ExitCode() == 0) != ok {
			t.Fatalf("%v ends with %d", got, got.Outcome().ExitCode())
		}
	})
}

func TestExitCodes(t *testing.T) {
	for outcome, want := range map[state.Outcome]int{
		state.OutcomeCompleted: 0, state.OutcomeReady: 0, state.OutcomeError: 1, state.OutcomeFailed: 3, state.OutcomeCancelled: 4,
		state.OutcomeExpired: 5, state.OutcomeUnknown: 6, state.OutcomeRunning: 7, state.OutcomeAborted: 130, "": 1,
	} {
		if got := outcome.ExitCode(); got != want {
			t.Errorf("%q ends with %d, want %d", outcome, got, want)
		}
	}
}

func TestAcceptedTargets(t *testing.T) {
	rs := state.Cluster{Name: "a", Type: state.ReplicaSet, State: "IDLE", MongoDBVersion: "7.0.28", EncryptionProvider: "NONE", Shards: 1}
	sh := state.Cluster{Name: "s", Type: state.Sharded, State: "IDLE", MongoDBVersion: "8.0.29", Shards: 3, ConfigServerType: "EMBEDDED"}
	with := func(c state.Cluster, f func(*state.Cluster)) state.Cluster { f(&c); return c }
	for _, tc := range []struct {
		name           string
		source, target state.Cluster
		ok             bool
	}{
		{"itself", rs, rs, true},
		{"newer", rs, with(rs, func(c *state.Cluster) { c.MongoDBVersion = "8.0.1" }), true},
		{"older", rs, with(rs, func(c *state.Cluster) { c.MongoDBVersion = "6.0.26" }), false},
		{"older patch", rs, with(rs, func(c *state.Cluster) { c.MongoDBVersion = "7.0.1" }), true},
		{"paused", rs, with(rs, func(c *state.Cluster) { c.Paused = true }), false},
		{"updating", rs, with(rs, func(c *state.Cluster) { c.State = "UPDATING" }), false},
		{"M0", rs, with(rs, func(c *state.Cluster) { c.Provider = "TENANT" }), false},
		{"other key", rs, with(rs, func(c *state.Cluster) { c.EncryptionProvider = "AWS" }), false},
		{"onto sharded", rs, sh, false},
		{"from sharded", sh, rs, false},
		{"sharded", sh, sh, true},
		{"global", sh, with(sh, func(c *state.Cluster) { c.Type = state.GeoSharded }), true},
		{"fewer shards", sh, with(sh, func(c *state.Cluster) { c.Shards = 2 }), false},
		{"other config servers", sh, with(sh, func(c *state.Cluster) { c.ConfigServerType = "DEDICATED" }), false},
	} {
		p := state.Plan{Cluster: tc.source}
		if tc.source.Type.IsSharded() {
			p.Snapshot.Members, p.Snapshot.ConfigServerType = make([]state.Member, tc.source.Shards), tc.source.ConfigServerType
		}
		if err := p.Accepts(tc.target); (err == nil) != tc.ok {
			t.Errorf("%s: %v, want accepted %v", tc.name, err, tc.ok)
		}
	}
}
