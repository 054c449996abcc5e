package teatest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"atlas-restore/atlasclient/simulator"
	"atlas-restore/state"
	"atlas-restore/state/collections"
	"atlas-restore/state/submit"
	"atlas-restore/state/watch"
)

// followed follows a job through the real client until it is over, and says in which states it was
// seen.
func (d *desk) followed(job state.Job) (*watch.Follow, []collections.State) {
	d.t.Helper()
	f := watch.New(job, d.sim.Now())
	var seen []collections.State
	for n := 0; !f.Over(d.sim.Now()); n++ {
		if n == 400 {
			d.t.Fatalf("it does not end: %+v, %v", f.Job, f.Err)
		}
		if !f.Due(d.sim.Now()) {
			d.sim.Advance(15 * time.Second)
			continue
		}
		f.Took(f.Look(d.t.Context(), d.atlas, d.order.Source, d.sim.Now), d.sim.Now())
		if c := f.Job.Collections; c != nil && f.Err == nil && !slices.Contains(seen, c.State) {
			seen = append(seen, c.State)
			if c.State == collections.Initializing && len(c.Parts) > 0 {
				d.t.Errorf("%d collections are told while it is initialised", len(c.Parts))
			}
		}
	}
	return f, seen
}

// A restore of collections is asked for, found in the list, and followed to its end, whatever that
// is: only what came whole is good, and what did not is named.
func TestCollectionsAreFollowed(t *testing.T) {
	t.Parallel()
	whole := []collections.State{collections.Initializing, collections.InProgress, collections.Finalizing, collections.Successful}
	broken := func(end collections.State) []collections.State {
		return []collections.State{collections.Initializing, collections.InProgress, end}
	}
	for ends, tc := range map[string]struct {
		outcome state.Outcome
		seen    []collections.State
		bad     string // the states of those that did not come, by their names
		why     string
	}{
		"":            {state.OutcomeCompleted, whole, "", ""},
		"indexFailed": {state.OutcomeFailed, whole, "shop.orders INDEX_BUILD_FAILED", ""},
		"unsupported": {state.OutcomeFailed, whole, "shop.orders UNSUPPORTED", ""},
		"failed":      {state.OutcomeFailed, []collections.State{collections.Initializing, collections.InProgress, collections.Finalizing, collections.Failed}, "audit.changes ROLLBACK, audit.logins ROLLBACK, shop.orders FAILED", "unexpected error"},
		"notFound":    {state.OutcomeFailed, broken(collections.Failed), "audit.changes ROLLBACK, audit.logins ROLLBACK, shop.orders NOT_FOUND", "collection was not found"},
		"diskFull":    {state.OutcomeFailed, broken(collections.Failed), "audit.changes ROLLBACK, audit.logins ROLLBACK, shop.orders ROLLBACK", "95 %"},
		"canceled":    {state.OutcomeCancelled, broken(collections.Canceled), "audit.changes NOT_RESTORED, audit.logins NOT_RESTORED, shop.orders NOT_RESTORED", "canceled"},
	} {
		for _, kind := range []string{"collections", "collections of a moment"} {
			if !fewOf(kind+ends, 2) {
				continue
			}
			t.Run(kind+"/"+ends, func(t *testing.T) {
				t.Parallel()
				d := newDesk(t, kind, 0)
				if ends != "" {
					next := simulator.InjectNextCollections{Ends: ends, Namespace: "shop.orders"}
					if err := d.sim.Inject(simulator.Inject{NextCollections: &next}); err != nil {
						t.Fatal(err)
					}
				}
				r := d.once()
				if r.Verdict != submit.Created {
					t.Fatalf("%v, %v", r.Verdict, r.Err)
				}
				list, err := d.atlas.CollectionJobs(t.Context(), d.order.Source)
				if err != nil || len(list) != 1 || list[0].ID != r.Job.ID || !list[0].Collections.Asked.Same(*d.order.Body.Asked) || list[0].Collections.Parts != nil {
					t.Errorf("listed: %+v, %v", list, err)
				}
				f, seen := d.followed(r.Job)
				if f.Outcome(d.sim.Now()) != tc.outcome || !slices.Equal(seen, tc.seen) {
					t.Errorf("%v, seen %v", f.Outcome(d.sim.Now()), seen)
				}
				job := f.Job.Collections
				var bad []string
				for _, p := range job.End().Bad {
					bad = append(bad, fmt.Sprintf("%s %s", p.Source, p.State))
				}
				slices.Sort(bad)
				if got := strings.Join(bad, ", "); got != tc.bad || !strings.Contains(job.Why, tc.why) || (job.Why == "") != (tc.why == "") {
					t.Errorf("did not come: %s; %q", got, job.Why)
				}
				for _, p := range job.Parts {
					if ends == "" && (p.Source.Database == "audit") == p.Renamed() {
						t.Errorf("%s was to be %s and is %s", p.Source, p.Asked, p.Real)
					}
				}
				if share, ok := job.Documents.Share(); ends == "" && (!ok || share != 1) {
					t.Errorf("at its end %v of the documents are there", share)
				}
			})
		}
	}
}

// What a snapshot holds is told name by name, what came is in the next one, and a role that may
// not look is told from one that may.
func TestNamesOfASnapshot(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "collections", 0)
	names := func() []string {
		t.Helper()
		id := d.sim.NewestSnapshot("Payments", "orders-prod").ID
		databases, err := d.atlas.SnapshotDatabases(t.Context(), d.order.Source, id)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, db := range databases {
			all, err := d.atlas.SnapshotCollections(t.Context(), d.order.Source, id, db)
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range all {
				out = append(out, db+"."+name)
			}
		}
		return out
	}
	before := names()
	d.followed(d.once().Job)
	if err := d.sim.Inject(simulator.Inject{NewSnapshot: &simulator.InjectTaking{Cluster: "Payments/orders-prod"}}); err != nil {
		t.Fatal(err)
	}
	d.sim.Advance(5 * time.Minute)
	var more []string
	for _, name := range names() {
		if !slices.Contains(before, name) {
			more = append(more, name)
		}
	}
	if !slices.Equal(more, []string{"audit_then.changes", "audit_then.logins", "shop.orders_1"}) || !slices.Contains(before, "shop.orders") {
		t.Errorf("%v, and then %v more", before, more)
	}
	d.sim.SetProject("Payments", func(p *simulator.Project) { p.Role = simulator.RoleReadOnly })
	if _, err := d.atlas.CollectionJobs(t.Context(), d.order.Source); err == nil || !strings.Contains(err.Error(), "403") {
		t.Errorf("%v", err)
	}
}
