package state_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"atlas-restore/state"
	"atlas-restore/state/collections"
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
		{"a download is not done by its date", state.Job{DeliveryType: state.Download, FinishedAt: now}, state.InProgress},
		{"nor with a link missing", state.Job{DeliveryType: state.Download, FinishedAt: now, Deliveries: []state.Delivery{{ReplicaSet: "b"}}}, state.InProgress},
		{"of no known type", state.Job{FinishedAt: now}, state.InProgress},
		{"unreadable", state.Job{DeliveryType: state.Automated, FinishedAt: now, Unreadable: "a wrong date"}, state.InProgress},
		{"cancelled with links", state.Job{DeliveryType: state.Download, Deliveries: url, Cancelled: true}, state.Cancelled},
	} {
		if got := tc.job.State(now); got != tc.want {
			t.Errorf("%s: %v, want %v", tc.name, got, tc.want)
		}
	}
}

// The time that a job tells of its end is believed where it can be: not before the job was made, nor after now, but
// for what the clocks of several machines differ. Such a job has not ended, for whoever asks what may run.
func TestEndsThatCannotBe(t *testing.T) {
	id := fmt.Sprintf("%08x0000000000000001", now.Add(-time.Hour).Unix())
	done := collections.Job{State: collections.Successful, Parts: []collections.Part{{Source: collections.Split("a.b"), State: collections.Successful}}}
	for _, tc := range []struct {
		name string
		at   time.Time
		want state.JobState // of one that is called neither failed nor cancelled
	}{
		{"as it should be", now.Add(-time.Minute), state.Completed},
		{"a clock is ahead", now.Add(4 * time.Minute), state.Completed},
		{"a clock is behind", now.Add(-64 * time.Minute), state.Completed},
		{"to come", now.Add(6 * time.Minute), state.Doubtful},
		{"far to come", time.Date(2999, 1, 1, 0, 0, 0, 0, time.UTC), state.Doubtful},
		{"before it was made", now.Add(-66 * time.Minute), state.Doubtful},
		{"long before", time.Date(1969, 1, 1, 0, 0, 0, 0, time.UTC), state.Doubtful},
	} {
		for _, j := range []state.Job{
			{ID: id, DeliveryType: state.Automated, FinishedAt: tc.at},
			{ID: id, DeliveryType: state.PointInTime, FinishedAt: tc.at},
			{ID: id, DeliveryType: state.Collections, FinishedAt: tc.at, Collections: &done},
		} {
			got := j.State(now)
			if got != tc.want || j.MayRun(now) != (tc.want == state.Doubtful) || (j.Doubt(now) != "") != (tc.want == state.Doubtful) || j.Finished(now).IsZero() != (tc.want == state.Doubtful) {
				t.Errorf("%s, %s: %v, want %v: %q, finished %v", j.DeliveryType, tc.name, got, tc.want, j.Doubt(now), j.Finished(now))
			}
			if (got.Outcome().ExitCode() == 0) != (tc.want == state.Completed) {
				t.Errorf("%s: %v ends with %d", tc.name, got, got.Outcome().ExitCode())
			}
			if j.Failed = true; j.State(now) != state.Failed || j.MayRun(now) || j.Doubt(now) != "" {
				t.Errorf("%s: one that failed is %v", tc.name, j.State(now))
			}
		}
	}
}

// For any fields the state is that of the documented order, and exit code 0 comes
// only with completed or ready.
func TestJobStateIsTheDocumentedOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		flag := func(name string) bool { return rapid.Bool().Draw(t, name) }
		j := state.Job{
			DeliveryType: rapid.SampledFrom([]state.DeliveryType{state.Download, state.Automated, state.PointInTime}).Draw(t, "type"),
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
		case !download && !j.FinishedAt.IsZero():
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

// A sharded download is whole only with a link for each replica set of its snapshot.
func TestWhole(t *testing.T) {
	members := []state.Member{{ReplicaSet: "a"}, {ReplicaSet: "b"}}
	link := func(of string) state.Delivery {
		return state.Delivery{ReplicaSet: of, URL: state.NewSecret("https://x/" + of)}
	}
	for name, tc := range map[string]struct {
		has  []state.Delivery
		want state.JobState
		sets string
	}{
		"none":                  {nil, state.InProgress, ""},
		"one of two":            {[]state.Delivery{link("b")}, state.InProgress, "b a"},
		"one of two, no name":   {[]state.Delivery{link("")}, state.InProgress, " a"},
		"two":                   {[]state.Delivery{link("b"), link("a")}, state.Ready, "b a"},
		"two without names":     {[]state.Delivery{link(""), link("")}, state.Ready, " "},
		"more than were known":  {[]state.Delivery{link("a"), link("b"), link("c")}, state.Ready, "a b c"},
		"one listed, no link":   {[]state.Delivery{link("a"), {ReplicaSet: "b"}}, state.InProgress, "a b"},
		"another one's instead": {[]state.Delivery{link("c")}, state.InProgress, "c a"},
	} {
		j := state.Job{DeliveryType: state.Download, Deliveries: tc.has}.Whole(members)
		var sets []string
		for _, d := range j.Deliveries {
			sets = append(sets, d.ReplicaSet)
		}
		if got := j.State(now); got != tc.want || strings.Join(sets, " ") != tc.sets {
			t.Errorf("%s: %v of %q, want %v of %q", name, got, sets, tc.want, tc.sets)
		}
	}
	if j := (state.Job{DeliveryType: state.Download, Deliveries: []state.Delivery{link("")}}).Whole(nil); j.State(now) != state.Ready {
		t.Error("a replica set's download waits for more")
	}
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
