package steps_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"atlas-restore/forms/filter"
	"atlas-restore/state"
	"atlas-restore/state/collections"
	"atlas-restore/ui/steps"
)

// Whoever types a day finds the snapshots that were taken on it: not those that are kept until
// then, are of another day on the local clock, or have its number in an id, a size or a version.
func TestADayFindsItsSnapshotsOnly(t *testing.T) {
	now := time.Date(2026, 11, 28, 2, 31, 0, 0, time.UTC)
	cfg := steps.Config{Now: func() time.Time { return now }, Zone: time.FixedZone("CET", 3600)}
	var all []state.Snapshot
	for i := range 60 { // every four hours, back to 18 Nov; some are kept until the 27th of December
		at := now.Add(-time.Duration(i) * 4 * time.Hour)
		all = append(all, state.Snapshot{
			ID: fmt.Sprintf("%08x27270000000000%02x", at.Unix(), i), Status: "completed", Kind: "scheduled", Frequency: "hourly", CreatedAt: at,
			ExpiresAt: now.Add(27*time.Hour + time.Duration(i)*time.Minute), StorageSizeBytes: 27_000_000_000, MongoDBVersion: "8.0.27", Description: "before the deploy of 4.27 in Nov",
		})
	}
	l := steps.Snapshots(cfg, state.Plan{Cluster: state.Cluster{Name: "orders-prod"}}, &steps.Seen{Snapshots: all})
	var texts []filter.Text
	for _, r := range l.Rows(all) {
		texts = append(texts, r.Sought())
	}
	for _, day := range []string{"27 Nov", "27 nov", "nov 27", "20 Nov", "28 Nov"} {
		found := filter.Rows(texts, day)
		if len(found) == 0 {
			t.Errorf("%s finds none", day)
		}
		number := strings.Trim(day, " Nnov")
		for _, i := range found {
			if at := all[i].CreatedAt; fmt.Sprint(at.Day()) != number {
				t.Errorf("%s finds %s", day, at)
			}
		}
	}
	if found := filter.Rows(texts, "29 nov"); len(found) > 0 {
		t.Errorf("29 nov finds %d snapshots of other days", len(found))
	}
}

// What was taken right before a restore holds what that restore was to undo: whoever asks for
// the newest snapshot, also in a script, gets the newest of the others, and never another in silence.
func TestLatestIsNoSafetySnapshot(t *testing.T) {
	now := time.Date(2026, 11, 28, 2, 31, 0, 0, time.UTC)
	cfg := steps.Config{Now: func() time.Time { return now }, Given: state.Given{Snapshot: state.Latest}}
	safety := state.Snapshot{ID: "aa", Status: "completed", Kind: "onDemand", CreatedAt: now.Add(-time.Minute), Description: steps.SafetyDescription}
	failed := state.Snapshot{ID: "bb", Status: "failed", Kind: "scheduled", CreatedAt: now.Add(-2 * time.Minute)}
	whole := state.Snapshot{ID: "cc", Status: "completed", Kind: "scheduled", CreatedAt: now.Add(-time.Hour)}
	for name, tc := range map[string]struct {
		all  []state.Snapshot
		want int
		err  string
	}{
		"newer than the others": {[]state.Snapshot{safety, failed, whole}, 2, ""},
		"older than another":    {[]state.Snapshot{whole, safety}, 0, ""},
		"alone":                 {[]state.Snapshot{safety, failed}, -1, `--snapshotId "latest": no snapshot can be chosen but a safety snapshot, which is chosen by its id: aa`},
		"none at all":           {[]state.Snapshot{failed}, -1, `--snapshotId "latest": no snapshot can be chosen`},
	} {
		t.Run(name, func(t *testing.T) {
			l := steps.Snapshots(cfg, state.Plan{Cluster: state.Cluster{Name: "orders-prod"}}, &steps.Seen{Snapshots: tc.all})
			rows := steps.TableOf(l.Rows(tc.all))
			got, err := l.FindGiven(rows)
			if got != tc.want || err == nil != (tc.err == "") || err != nil && err.Error() != tc.err {
				t.Errorf("got row %d and %v, want %d and %q", got, err, tc.want, tc.err)
			}
			for i, s := range tc.all { // by its id each is found
				l.Given = s.ID
				if found, err := l.FindGiven(rows); s.Status == "completed" && (found != i || err != nil) {
					t.Errorf("%s: row %d, %v", s.ID, found, err)
				}
			}
		})
	}
}

// The number of a step is one more than that of the step before, whichever way it goes.
func TestStepsAreCountedWithoutAGap(t *testing.T) {
	for d, want := range map[state.DeliveryType][]string{
		state.Automated:   {"1 of 5", "2 of 5", "3 of 5", "4 of 5", "5 of 5"},
		state.PointInTime: {"1 of 5", "2 of 5", "", "3 of 4", "4 of 4"}, // the moment says how it is delivered
		state.Download:    {"1 of 5", "2 of 5", "3 of 5", "", "4 of 4"}, // there is no target
	} {
		for i, step := range []state.Step{state.StepCluster, state.StepSnapshot, state.StepDelivery, state.StepFields, state.StepReview} {
			var p state.Plan
			if step > state.StepDelivery {
				p.Delivery = d
			}
			if got := steps.Asked(step, "", p, time.Time{}); want[i] != "" && !strings.HasPrefix(got, want[i]+": ") {
				t.Errorf("%s: step %d is %q, want %s", d, step, got, want[i])
			}
		}
	}
}

// Of single collections the delivery is not asked for where a moment was asked for them, or a
// search has found what was lost: it is not counted then.
func TestStepsOfCollectionsAreCounted(t *testing.T) {
	n := collections.Name{Database: "shop", Collection: "orders"}
	p := state.Plan{Project: state.Project{ID: "x"}, Cluster: state.Cluster{Name: "orders"}, Snapshot: state.Snapshot{ID: "y"}}.WithDelivery(state.Collections)
	moment := p.WithPoint(state.Instant{UTCSeconds: state.MinInstant}, state.Draft{})
	for _, tc := range []struct {
		name string
		plan state.Plan
		want []string
	}{
		{"of a snapshot", p, []string{"4 of 6", "5 of 6", "6 of 6"}},
		{"of a moment", moment, []string{"3 of 5", "4 of 5", "5 of 5"}},
		{"of what was lost", p.WithEvidence(state.Evidence{Namespace: "shop.orders"}).WithOnly(collections.Choice{}.With(n)), []string{"3 of 5", "4 of 5", "5 of 5"}},
	} {
		for i, step := range []state.Step{state.StepCollections, state.StepFields, state.StepReview} {
			if got := steps.Asked(step, "", tc.plan, time.Time{}); !strings.HasPrefix(got, tc.want[i]+": ") {
				t.Errorf("%s: step %d is %q, want %s", tc.name, step, got, tc.want[i])
			}
		}
		if got := tc.plan.After(state.StepSnapshot); (got == state.StepDelivery) != (tc.name == "of a snapshot") {
			t.Errorf("%s: the snapshot is followed by step %d", tc.name, got)
		}
	}
}
