package state_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"atlas-restore/state"
)

// What is run from a plan file is held against it: another restore is stopped, and whatever else
// has changed is told and has to be accepted.
func TestCheckPlan(t *testing.T) {
	now := time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)
	const project, id, target, other = "65f0c1d2e3a4b5c6d7e8f901", "65f0c1d2e3a4b5c6d7e8f902", "65f0c1d2e3a4b5c6d7e8f903", "65f0c1d2e3a4b5c6d7e8f909"
	good := func() state.Facts {
		source := state.Cluster{ProjectID: project, ID: id, Name: "orders", Type: state.ReplicaSet, State: "IDLE", MongoDBVersion: "8.0.29", Shards: 1}
		onto := state.Cluster{ProjectID: project, ID: target, Name: "orders-restore", Type: state.ReplicaSet, State: "IDLE", MongoDBVersion: "8.0.29", Shards: 1}
		snapshot := state.Snapshot{ID: "65f0c1d2e3a4b5c6d7e8f904", Status: "completed", CreatedAt: now.Add(-time.Hour), ExpiresAt: now.Add(time.Hour), MongoDBVersion: "8.0.29"}
		f := state.Facts{
			Now: now, Source: source, Target: onto, Snapshot: snapshot, Endpoint: "https://Cloud.mongodb.com/",
			Plan: state.Plan{
				Project: state.Project{ID: project, Name: "Shop"}, Cluster: source, Snapshot: snapshot, Delivery: state.Automated,
				Target: state.Target{Project: state.Project{ID: project, Name: "Shop"}, ClusterName: "orders-restore"},
			},
		}
		was := slices.Clone(state.Checks(f))
		f.Agreed = &state.Agreed{
			Hash: "3f9a1c02", Atlas: "https://cloud.mongodb.com", At: now.Add(-3 * time.Minute), Until: now.Add(time.Hour), By: "maria on ops-1", Plan: f.Plan, Target: onto, Checks: was,
		}
		return f
	}
	loads := func(then, now bool) func(*state.Facts) { // another download of the snapshot, as it was seen
		return func(f *state.Facts) {
			other := []state.Job{{ID: id, DeliveryType: state.Download, SnapshotID: f.Plan.Snapshot.ID}}
			agreed := *f.Agreed
			f.Plan.Delivery, f.Plan.Target, f.Agreed = state.Download, state.Target{}, nil
			if then {
				f.Jobs = other
			}
			agreed.Plan, agreed.Target, agreed.Checks = f.Plan, state.Cluster{}, state.Checks(*f)
			if f.Agreed, f.Jobs = &agreed, nil; now {
				f.Jobs = other
			}
		}
	}
	for _, tc := range []struct {
		name   string
		change func(*state.Facts)
		want   state.Verdict
		asks   bool
		says   string
	}{
		{"another download was under way", loads(true, false), state.OK, false, ""},
		{"another download is under way", loads(false, true), state.OK, false, ""},
		{"as it was", func(*state.Facts) {}, state.OK, false, "nothing has changed since the plan of 23 Nov 14:28 UTC (3 min ago)"},
		{"awaited", func(f *state.Facts) { f.Awaited = state.LookRoles }, state.Looking, false, ""},
		{"no longer good", func(f *state.Facts) { f.Now = now.Add(2 * time.Hour) }, state.Block, false, "The plan was good until 23 Nov 15:31 UTC"},
		{"another Atlas", func(f *state.Facts) { f.Endpoint = "https://cloud.mongodbgov.com" }, state.Block, false, "another Atlas: cloud.mongodb.com"},
		{"of a training", func(f *state.Facts) { f.Agreed.Training = true }, state.Block, false, "made in a training, and this is real"},
		{"in a training", func(f *state.Facts) { f.Plan.Practice = true }, state.Block, false, "a real one, and this is a training"},
		{"both of a training", func(f *state.Facts) {
			f.Plan.Practice, f.Agreed.Training, f.Endpoint = true, true, "http://127.0.0.1:1"
		}, state.OK, false, ""},
		{"another source", func(f *state.Facts) { f.Plan.Cluster.Name = "users" }, state.Block, false, "The source is not that of the plan: users, not orders"},
		{"a source of the same name", func(f *state.Facts) { f.Source.ID = other }, state.Block, false, "The source orders is another cluster of the same name: the plan's had the id " + id},
		{"a target of the same name", func(f *state.Facts) { f.Target.ID = other }, state.Block, false, "The target orders-restore is another cluster of the same name"},
		{"another snapshot", func(f *state.Facts) { f.Plan.Snapshot.ID = other }, state.Block, false, "The request is not that of the plan"},
		{"another target", func(f *state.Facts) { f.Plan.Target.ClusterName, f.Target.Name = "users", "users" }, state.Block, false, "The request is not that of the plan"},
		{"the target is busy", func(f *state.Facts) { f.Target.State = "UPDATING" }, state.Warn, true, "3 things have changed: the state of the target was IDLE and is UPDATING; target was OK and is BLOCK; running was OK and is UNKNOWN"},
		{"another version", func(f *state.Facts) { f.Target.MongoDBVersion = "8.0.30" }, state.Warn, true, "the version of MongoDB of the target was 8.0.29 and is 8.0.30"},
		{"the snapshot is gone", func(f *state.Facts) { f.SnapErr = &state.AtlasError{Status: 404} }, state.Warn, true, "snapshot was WARN and is UNKNOWN"},
		{"the target is not seen", func(f *state.Facts) { f.TargetErr = errors.New("cut off") }, state.Warn, true, "target was OK and is UNKNOWN"},
		{"its id is not told", func(f *state.Facts) { f.Target.ID = "" }, state.Warn, true, "nobody knows whether it is the same cluster"},
		{"it was not seen then", func(f *state.Facts) { f.Agreed.Target = state.Cluster{Name: "orders-restore"} }, state.Warn, true, "was not seen then"},
		{"paused", func(f *state.Facts) { f.Source.Paused = true }, state.Warn, true, "one thing has changed: the pause of the source was not paused and is paused"},
		{"told now", func(f *state.Facts) {
			f.Agreed.Checks[0] = state.Check{Name: f.Agreed.Checks[0].Name, Verdict: state.Unknown, Harmless: true}
			f.Snapshot.ExpiresAt = now.Add(99 * time.Hour)
		}, state.OK, false, ""},
		{"a check that is new", func(f *state.Facts) { f.Names.Protected = []string{"users"} }, state.Warn, true, "protected was not made and is OK"},
		{"a snapshot of the target before", func(f *state.Facts) { f.Safety.Due = true }, state.OK, false, ""},
	} {
		f := good()
		tc.change(&f)
		all := state.Checks(f)
		c := all[len(all)-1]
		if c.Name != state.PlanCheck || c.Verdict != tc.want || (c.Asks() && c.Verdict != state.Block) != tc.asks || !strings.Contains(c.Text(), tc.says) {
			t.Errorf("%s: %+v, want %v that says %q", tc.name, c, tc.want, tc.says)
		}
	}
}
