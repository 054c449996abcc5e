// Tests of state/watch. They stand here: each package with tests is one more program to link.

package state_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/collections"
	"atlas-restore/state/watch"
)

var (
	watchNoon   = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	watchSource = state.Cluster{ProjectID: "65f0c1d2e3a4b5c6d7e8f901", Name: "orders-prod"}
	watchTarget = state.Cluster{ProjectID: "65f0c1d2e3a4b5c6d7e8f901", Name: "orders-stg"}
)

// watchMade is a job onto the target that was made so long after noon.
func watchMade(after time.Duration, n int) state.Job {
	return state.Job{
		ID: fmt.Sprintf("%08x%016x", watchNoon.Add(after).Unix(), n), DeliveryType: state.Automated, SnapshotID: "65f0c1d2e3a4b5c6d7e8f902",
		TargetProjectID: watchTarget.ProjectID, TargetClusterName: watchTarget.Name,
	}
}

func finished(j state.Job, after time.Duration) state.Job {
	j.FinishedAt = watchNoon.Add(after)
	return j
}

// fake is an Atlas whose answers are set.
type fake struct {
	job     state.Job
	err     error
	jobs    map[string][]state.Job // by cluster
	listing error
	lists   int
}

func (f *fake) Job(context.Context, state.Cluster, string) (state.Job, error) { return f.job, f.err }

// CollectionJob implements watch.Atlas.
func (f *fake) CollectionJob(context.Context, state.Cluster, string) (state.Job, error) {
	return f.job, f.err
}

func (f *fake) Jobs(_ context.Context, c state.Cluster) ([]state.Job, error) {
	f.lists++
	return f.jobs[c.Name], f.listing
}

// looked follows a job over one look at this time.
func looked(t *testing.T, f *watch.Follow, a *fake, now time.Time) {
	t.Helper()
	f.Took(f.Look(t.Context(), a, watchSource, func() time.Time { return now }), now)
}

// Whatever was seen beside the job, in whichever list, keeps its end from being called done;
// what was over before it was made, or is of another target, does not.
func TestOthers(t *testing.T) {
	ours := watchMade(0, 5)
	elsewhere := watchMade(time.Second, 6)
	elsewhere.TargetClusterName = "orders-dev"
	unread := func(after time.Duration) state.Job {
		return state.Job{ID: watchMade(after, 9).ID, Unreadable: "a wrong date"}
	}
	download := state.Job{ID: watchMade(time.Second, 7).ID, DeliveryType: state.Download}
	failed := watchMade(-time.Minute, 8)
	failed.Failed = true
	late := watchMade(time.Minute, 8)
	late.Failed = true
	for name, tc := range map[string]struct {
		other state.Job
		seen  bool
		last  int
	}{
		"made later, runs":            {watchMade(time.Minute, 1), true, 1},
		"made later, ended":           {finished(watchMade(time.Minute, 1), 2*time.Minute), true, 1},
		"made later, failed":          {late, true, 1},
		"in the same second":          {watchMade(0, 1), true, 0},
		"made before, runs":           {watchMade(-time.Minute, 1), true, -1},
		"made before, ended after":    {finished(watchMade(-time.Minute, 1), time.Minute), true, -1},
		"made before, ended before":   {finished(watchMade(-time.Hour, 1), -time.Minute), false, 0},
		"made before, failed":         {failed, false, 0},
		"another target":              {elsewhere, false, 0},
		"a download":                  {download, false, 0},
		"one that cannot be read":     {unread(time.Minute), true, 1},
		"an old one that cannot":      {unread(-time.Minute), false, 0},
		"one that has not even an id": {state.Job{Unreadable: "null"}, true, 0},
	} {
		for _, list := range []string{watchSource.Name, watchTarget.Name} {
			f := watch.New(ours, watchNoon)
			f.Target = watchTarget
			end := finished(ours, 4*time.Minute)
			a := &fake{job: end, jobs: map[string][]state.Job{watchSource.Name: {end}}}
			a.jobs[list] = append(a.jobs[list], tc.other)
			now := watchNoon.Add(5 * time.Minute)
			looked(t, f, a, now)
			want := state.OutcomeCompleted
			if tc.seen {
				want = state.OutcomeUnknown
			}
			if got := f.Outcome(now); got != want || (len(f.Others) == 1) != tc.seen || !f.Over(now) || f.State(now) != state.Completed {
				t.Errorf("%s, in the list of %s: %v, %+v", name, list, got, f.Others)
			}
			if tc.seen && (f.Others[0].Last(ours) != tc.last || f.Others[0].Source.Name != list) {
				t.Errorf("%s: last %d, of %s", name, f.Others[0].Last(ours), f.Others[0].Source.Name)
			}
		}
	}
}

// What was seen once stays, though the list has it no more; and a restore that failed is
// failed.
func TestOthersStay(t *testing.T) {
	ours := watchMade(0, 5)
	f := watch.New(ours, watchNoon)
	a := &fake{job: ours, jobs: map[string][]state.Job{watchSource.Name: {watchMade(time.Second, 1)}}}
	looked(t, f, a, watchNoon.Add(5*time.Second))
	if len(f.Others) != 1 || f.Outcome(watchNoon.Add(5*time.Second)) != state.OutcomeRunning {
		t.Fatalf("%+v", f.Others)
	}
	a.jobs = nil
	for _, tc := range []struct {
		end  state.Job
		want state.Outcome
	}{{finished(ours, time.Minute), state.OutcomeUnknown}, {func() state.Job { j := ours; j.Failed = true; return j }(), state.OutcomeFailed}} {
		a.job = tc.end
		g := *f
		looked(t, &g, a, watchNoon.Add(5*time.Minute))
		if got := g.Outcome(watchNoon.Add(5 * time.Minute)); got != tc.want || len(g.Others) != 1 {
			t.Errorf("%v, %+v", got, g.Others)
		}
	}
}

// An end is not called done before the lists were seen. If they cannot be for long, it is
// said that they could not.
func TestEndIsHeldBack(t *testing.T) {
	ours := watchMade(0, 5)
	for _, listing := range []error{errors.New("reset"), &state.AtlasError{Status: 403, Code: "IP_ADDRESS_NOT_ON_ACCESS_LIST"}, &state.UnreadableError{Why: "no list"}} {
		f := watch.New(ours, watchNoon)
		a := &fake{job: finished(ours, time.Minute), listing: listing}
		now := watchNoon.Add(2 * time.Minute)
		looked(t, f, a, now)
		if f.Over(now) || f.Outcome(now) != state.OutcomeRunning || f.Err == nil {
			t.Fatalf("%v: over %v, %v", listing, f.Over(now), f.Outcome(now))
		}
		again := *f
		begun := now
		for n := 0; !f.Over(now); n++ {
			if n == 100 {
				t.Fatalf("%v: it is held back for ever", listing)
			}
			now = f.NextAt
			looked(t, f, a, now)
		}
		if took := now.Sub(begun); took < time.Minute || f.Unlisted == nil || f.State(now) != state.Completed {
			t.Errorf("%v: after %v %v, %v", listing, took, f.State(now), f.Unlisted)
		}
		a.listing = nil // it passes
		now = again.NextAt
		if looked(t, &again, a, now); !again.Over(now) || again.Outcome(now) != state.OutcomeCompleted || again.Unlisted != nil {
			t.Errorf("%v passes: %v, %v", listing, again.Outcome(now), again.Unlisted)
		}
	}
}

// An answer is about the job that is followed, else nothing was answered, and its id stays.
func TestAnswerAboutAnother(t *testing.T) {
	ours := watchMade(0, 5)
	change := func(f func(*state.Job)) state.Job { j := finished(ours, time.Minute); f(&j); return j }
	for name, job := range map[string]state.Job{
		"nothing":          {},
		"another id":       change(func(j *state.Job) { j.ID = watchMade(0, 6).ID }),
		"another type":     change(func(j *state.Job) { j.DeliveryType = state.Download }),
		"no type":          change(func(j *state.Job) { j.DeliveryType = "" }),
		"another target":   change(func(j *state.Job) { j.TargetClusterName = "orders-dev" }),
		"another project":  change(func(j *state.Job) { j.TargetProjectID = "65f0c1d2e3a4b5c6d7e8f9ff" }),
		"another snapshot": change(func(j *state.Job) { j.SnapshotID = "65f0c1d2e3a4b5c6d7e8f9ff" }),
	} {
		f := watch.New(ours, watchNoon)
		now := watchNoon.Add(5 * time.Second)
		looked(t, f, &fake{job: job}, now)
		if !errors.As(f.Err, new(*state.UnreadableError)) || f.Over(now) || f.Job.ID != ours.ID || f.Outcome(now) != state.OutcomeRunning {
			t.Errorf("%s: %v, over %v, %+v", name, f.Err, f.Over(now), f.Job)
		}
	}
}

// A sharded download is done with a link for each replica set, a restore looks at lists now
// and then, and a download at none.
func TestShardedDownload(t *testing.T) {
	job := state.Job{ID: watchMade(0, 5).ID, DeliveryType: state.Download, Deliveries: []state.Delivery{{ReplicaSet: "a", URL: state.NewSecret("https://x")}}}
	f := watch.New(state.Job{ID: job.ID, DeliveryType: state.Download}, watchNoon)
	f.Members = []state.Member{{ReplicaSet: "a"}, {ReplicaSet: "b"}}
	a := &fake{job: job}
	now := watchNoon.Add(time.Minute)
	if looked(t, f, a, now); f.Over(now) || f.Outcome(now) != state.OutcomeRunning || a.lists != 0 {
		t.Errorf("one of two links: %v, %d lists", f.Outcome(now), a.lists)
	}
	a.job.Deliveries = append(a.job.Deliveries, state.Delivery{ReplicaSet: "b", URL: state.NewSecret("https://y")})
	if looked(t, f, a, now); f.Outcome(now) != state.OutcomeReady {
		t.Errorf("two of two links: %v", f.Outcome(now))
	}
	r, b := watch.New(watchMade(0, 5), watchNoon), &fake{job: watchMade(0, 5)}
	for range 30 {
		looked(t, r, b, watchNoon.Add(time.Minute))
	}
	if b.lists != 10 {
		t.Errorf("%d lists in 30 looks", b.lists)
	}
	if strings.Contains(fmt.Sprint(f.Job.Deliveries), "https") {
		t.Error("a link is printed")
	}
}

// The end of a collection restore is told once every collection was seen. What is missing may come
// late; where it does not, the outcome is not known, and never good.
func TestCollectionsAreAwaited(t *testing.T) {
	part := func(name string) collections.Part {
		return collections.Part{Source: collections.Split(name), State: collections.Successful}
	}
	job := func(parts ...collections.Part) state.Job {
		j := watchMade(0, 1)
		j.DeliveryType, j.FinishedAt = state.Collections, watchNoon
		j.Collections = &collections.Job{
			State: collections.Successful, CreatedAt: watchNoon, Parts: parts,
			Asked: collections.Asked{Collections: []collections.Namespace{{Source: "shop.orders"}, {Source: "shop.carts"}}},
		}
		return j
	}
	both := []collections.Part{part("shop.orders"), part("shop.carts")}
	for name, late := range map[string]bool{"it comes late": true, "it never comes": false} {
		now := watchNoon.Add(time.Minute)
		a := &fake{job: job(both[:1]...)}
		f := watch.New(job(), now)
		looked(t, f, a, now)
		if f.Over(now) || f.Err == nil {
			t.Errorf("%s: the end is told although one collection is missing: %v", name, f.Outcome(now))
		}
		if late {
			a.job = job(both...)
		}
		now = now.Add(watch.Patience + time.Second)
		looked(t, f, a, now)
		if want := map[bool]state.Outcome{true: state.OutcomeCompleted, false: state.OutcomeUnknown}[late]; !f.Over(now) || f.Outcome(now) != want {
			t.Errorf("%s: over %v, %v, want %v", name, f.Over(now), f.Outcome(now), want)
		}
	}
}

// An end that cannot be believed is held back for a while, as Atlas may still tell another one. Then the outcome is not
// known, and never good; how long the job took is not told.
func TestAnEndInDoubt(t *testing.T) {
	for name, j := range map[string]state.Job{
		"to come":            finished(watchMade(0, 1), 1000*time.Hour),
		"before it was made": finished(watchMade(0, 1), -time.Hour),
		"without flags":      func() state.Job { j := finished(watchMade(0, 1), time.Minute); j.Unsure = "no flags"; return j }(),
	} {
		for _, mends := range []bool{true, false} {
			now := watchNoon.Add(2 * time.Minute)
			a, f := &fake{job: j}, watch.New(watchMade(0, 1), watchNoon)
			looked(t, f, a, now)
			if f.Over(now) || f.Err == nil || !strings.Contains(f.Err.Error(), j.Doubt(now)) {
				t.Errorf("%s: over %v, %v", name, f.Over(now), f.Err)
			}
			if advice := state.Explain("Looking", f.Err).Advice; strings.Contains(advice, "network") {
				t.Errorf("%s: an answer came, and the advice is %q", name, advice)
			}
			if mends {
				a.job = finished(watchMade(0, 1), time.Minute)
			}
			now = now.Add(watch.Patience + time.Second)
			looked(t, f, a, now)
			want := map[bool]state.Outcome{true: state.OutcomeCompleted, false: state.OutcomeUnknown}[mends]
			if !f.Over(now) || f.Outcome(now) != want || (f.After() != "") != mends {
				t.Errorf("%s, mends %v: over %v, %v%s, want %v", name, mends, f.Over(now), f.Outcome(now), f.After(), want)
			}
		}
	}
}
