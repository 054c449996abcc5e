// Tests of state/submit. They stand here: each package with tests is one more program to link.

package state_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/collections"
	"atlas-restore/state/journal"
	"atlas-restore/state/submit"
)

// collectionOrder restores shop.orders beside the living one.
func collectionOrder() submit.Order {
	o := order()
	o.Body.DeliveryType = state.Collections
	o.Body.Asked = &collections.Asked{
		Write: collections.CreateNew, Indexes: collections.AllIndexes,
		Collections: []collections.Namespace{{Source: "shop.orders", Target: "shop.orders"}},
	}
	return o
}

// collectionJobOf is a job that such an order has become. Its id tells no time: Atlas's own date
// does.
func collectionJobOf(o submit.Order, after time.Duration, n int) state.Job {
	j := jobOf(o, 0, n)
	j.ID = fmt.Sprintf("%024x", n)
	j.Collections = &collections.Job{Asked: *o.Body.Asked, State: collections.InProgress, CreatedAt: submitNoon.Add(after)}
	return j
}

// A restore of collections is sent at most once too: what is answered must be what was asked,
// name by name, and a job that runs onto the target holds it back.
func TestOnceWithCollections(t *testing.T) {
	o := collectionOrder()
	good := collectionJobOf(o, 0, 9)
	with := func(f func(*collections.Job)) state.Job {
		j := good
		c := *j.Collections
		f(&c)
		j.Collections = &c
		return j
	}
	old := collectionJobOf(o, -time.Minute, 9)
	old.Collections.State = collections.Successful
	for name, tc := range map[string]struct {
		answer      state.Job
		err         error
		jobs        []state.Job
		collections []state.Job
		want        submit.Verdict
		posts       int
	}{
		"accepted":      {answer: good, want: submit.Created, posts: 1},
		"another name":  {answer: with(func(j *collections.Job) { j.Asked.Collections = []collections.Namespace{{Source: "shop.carts"}} }), want: submit.Unknown, posts: 1},
		"overwriting":   {answer: with(func(j *collections.Job) { j.Asked.Write = collections.OverwriteExisting }), want: submit.Unknown, posts: 1},
		"a suffix":      {answer: with(func(j *collections.Job) { j.Asked.CollectionSuffix = "_x" }), want: submit.Unknown, posts: 1},
		"an old job":    {answer: old, collections: []state.Job{old}, want: submit.Unknown, posts: 1},
		"500":           {err: &state.AtlasError{Status: 500, Code: "UNEXPECTED_ERROR"}, want: submit.Unknown, posts: 1},
		"409":           {err: &state.AtlasError{Status: 409, Code: "X"}, want: submit.Refused, posts: 1},
		"one runs":      {answer: good, collections: []state.Job{collectionJobOf(o, -time.Minute, 3)}, want: submit.Refused},
		"a whole one":   {answer: good, jobs: []state.Job{jobOf(order(), -time.Minute, 3)}, want: submit.Refused},
		"a day old one": {answer: good, collections: []state.Job{collectionJobOf(o, -25*time.Hour, 3)}, want: submit.Refused}, // it may run
		"one has ended": {answer: good, collections: []state.Job{func() state.Job {
			j := collectionJobOf(o, -time.Hour, 3)
			j.Collections.State = collections.Successful
			return j
		}()}, want: submit.Created, posts: 1},
	} {
		t.Run(name, func(t *testing.T) {
			a, j := &fakeAtlas{job: tc.answer, err: tc.err, jobs: tc.jobs, collections: tc.collections}, &fakeJournal{}
			r := submit.Once(t.Context(), a, j, o)
			if r.Verdict != tc.want || a.posts != tc.posts {
				t.Errorf("%v after %d posts, %v", r.Verdict, a.posts, r.Err)
			}
			if tc.posts == 0 {
				return
			}
			// The journal can be read again, and holds the names.
			subs := journal.Submissions(entries(t, j))
			if len(subs) != 1 || subs[0].Body.Asked == nil || subs[0].Body.Asked.Collections[0].Source != "shop.orders" || !subs[0].Onto(o.Endpoint, submitProject, "orders-stg") {
				t.Errorf("the journal has %+v", subs)
			}
			if doubt := tc.want == submit.Unknown; subs[0].Doubtful() != doubt {
				t.Errorf("doubtful: %v", !doubt)
			}
		})
	}
}

// A job whose answer was lost is found among the collection restore jobs by what it does and by
// Atlas's date, and never among others.
func TestSearchForCollections(t *testing.T) {
	o := collectionOrder()
	other := collectionJobOf(o, time.Second, 8)
	other.Collections.Asked.Collections = []collections.Namespace{{Source: "shop.carts"}}
	ours := collectionJobOf(o, time.Second, 9)
	for _, listed := range []bool{true, false} {
		a, j, now := &fakeAtlas{err: errors.New("reset")}, &fakeJournal{}, submitNoon
		r := submit.Once(t.Context(), a, j, o)
		a.jobs, a.collections = []state.Job{jobOf(order(), time.Second, 7)}, []state.Job{other}
		if listed {
			a.collections = append(a.collections, ours)
		}
		s := look(t, r.Search, a, j, &now)
		if found := len(s.Found) == 1 && s.Found[0].ID == ours.ID; found != listed || len(s.Found) > 1 || a.posts != 1 {
			t.Errorf("listed %v: found %+v, %d posts", listed, s.Found, a.posts)
		}
	}
}
