package state_test

import (
	"strings"
	"testing"
	"time"

	"atlas-restore/state"
)

// What is lost for good is counted from the newest snapshot of the target, a safety snapshot among
// them; the newest safety snapshot is named, be it listed or taken by this run.
func TestNewestSnapshotCounts(t *testing.T) {
	now := time.Date(2026, 11, 23, 20, 15, 0, 0, time.UTC)
	at := func(id string, hour, minute int, description string) state.Snapshot {
		return state.Snapshot{ID: id, Status: "completed", CreatedAt: time.Date(2026, 11, 23, hour, minute, 0, 0, time.UTC), ExpiresAt: now.Add(48 * time.Hour), Description: description}
	}
	chosen, older, taken := at("ab1220", 12, 20, ""), at("ab1437", 14, 37, state.SafetyDescription), at("ab1956", 19, 56, state.SafetyDescription)
	unusable := at("ab2010", 20, 10, "")
	unusable.Status = "inProgress"
	project := state.Project{ID: "65f0c1d2e3a4b5c6d7e8f901", Name: "Shop"}
	facts := func(all ...state.Snapshot) state.Facts {
		return state.Facts{Now: now, Snapshot: chosen, Snapshots: all, Plan: state.Plan{
			Project: project, Cluster: state.Cluster{ProjectID: project.ID, Name: "orders"}, Snapshot: chosen, Delivery: state.Automated,
			Target: state.Target{Project: project, ClusterName: "orders"},
		}}
	}
	none := func(f state.Facts) state.Facts {
		f.Safety.None = "a run without questions takes none"
		return f
	}
	took := func(f state.Facts) state.Facts {
		f.Safety = state.Safety{Wanted: true, Snapshot: taken}
		return f
	}
	byMoment := func(f state.Facts) state.Facts {
		f.Plan = f.Plan.WithInstant(state.Instant{UTCSeconds: now.Add(-time.Hour).Unix()})
		f.Plan.Delivery = state.PointInTime
		return f
	}
	another := took(facts(older, chosen))
	another.Plan.Target.ClusterName = "orders-restore"
	for name, tc := range map[string]struct {
		facts       state.Facts
		check, says string
	}{
		"lost since the safety snapshot":  {none(facts(unusable, taken, older, chosen)), "safety", "What was written to it since 23 Nov 19:56 UTC, the last 19 min, is lost for good."},
		"lost since the chosen one":       {none(facts(unusable, chosen)), "safety", "What was written to it since 23 Nov 12:20 UTC, the last 7 h 55 min, is lost for good."},
		"lost since the moment":           {none(byMoment(facts(older, chosen))), "safety", "since 23 Nov 19:15 UTC, the last 1 h, is lost for good."},
		"lost, as far as nothing is seen": {none(facts()), "safety", "since 23 Nov 12:20 UTC, the last 7 h 55 min, is lost for good, unless a later snapshot holds it."},
		"newer is what this run took":     {took(facts(older, chosen)), "snapshot", "; the safety snapshot of 23 Nov 19:56 UTC is newer: ab1956"},
		"newer is what was listed":        {took(facts(at("ab2000", 20, 0, state.SafetyDescription), chosen)), "snapshot", "; the safety snapshot of 23 Nov 20:00 UTC is newer: ab2000"},
		"that of another cluster is none": {another, "snapshot", "; the safety snapshot of 23 Nov 14:37 UTC is newer: ab1437"},
		"taken, with its time and id":     {took(facts(chosen)), "safety", "orders has the snapshot of 23 Nov 19:56 UTC to go back to, kept until 25 Nov 20:15 UTC: ab1956"},
	} {
		text := ""
		for _, c := range state.Checks(tc.facts) {
			if c.Name == tc.check {
				text = c.Text()
			}
		}
		if !strings.Contains(text, tc.says) {
			t.Errorf("%s: %q, want %q", name, text, tc.says)
		}
	}
}

// What a cluster held before is told as long as its snapshot is kept, and no longer.
func TestKeptSnapshotIsTold(t *testing.T) {
	now := time.Date(2026, 11, 23, 20, 15, 0, 0, time.UTC)
	snap := state.Snapshot{ID: "ab1956", Status: "completed", CreatedAt: now.Add(-19 * time.Minute), ExpiresAt: now.Add(48 * time.Hour)}
	kept := state.Safety{Wanted: true, Snapshot: snap}.Kept(now)
	for _, tc := range []struct {
		at   time.Time
		kept state.Kept
		want string
	}{
		{now, kept, "What orders held before is in the safety snapshot of 23 Nov 19:56 UTC, ab1956, kept until 25 Nov 20:15 UTC."},
		{now, state.Kept{ID: "ab1956", CreatedAt: kept.CreatedAt}, "What orders held before is in the safety snapshot of 23 Nov 19:56 UTC, ab1956."},
		{now.Add(48 * time.Hour), kept, ""},
		{now, state.Kept{}, ""},
	} {
		if got := tc.kept.Holds("orders", tc.at); got != tc.want {
			t.Errorf("%q, want %q", got, tc.want)
		}
	}
	snap.Status = "failed"
	if got := (state.Safety{Wanted: true, Snapshot: snap}).Kept(now); got != (state.Kept{}) {
		t.Errorf("a failed one is told as kept: %+v", got)
	}
}
