// Tests of state/submit. They stand here: each package with tests is one more program to link.

package state_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/journal"
	"atlas-restore/state/submit"
)

// bySource is an Atlas that keeps each job under its source.
type bySource struct {
	fakeAtlas
	of      map[string][]state.Job
	refuses map[string]error
}

func (b *bySource) Jobs(_ context.Context, c state.Cluster) ([]state.Job, error) {
	return b.of[c.Name], b.refuses[c.Name]
}

// A job onto the target is listed under its own source: the target's list is read too, and
// those of the sources from which this machine has sent one whose end it has not seen. Without
// them nothing is sent, unless that was accepted on the review.
func TestOnceLooksBesideTheSource(t *testing.T) {
	t.Parallel()
	o := order()
	running, ended := jobOf(o, -time.Minute, 1), jobOf(o, -time.Minute, 1)
	ended.FinishedAt = submitNoon
	old := jobOf(o, -60*time.Hour, 2)
	refusal := &state.AtlasError{Status: 403, Code: "USER_UNAUTHORIZED"}
	sentAt := func(at time.Time) *time.Time { return &at }
	for name, tc := range map[string]struct {
		of      map[string][]state.Job
		refuses map[string]error
		sent    *time.Time // the job of ledger-prod, by this machine
		unseen  bool
		posts   bool
		is      any
	}{
		"nothing runs":                            {posts: true},
		"the target onto itself":                  {of: map[string][]state.Job{"orders-stg": {running}}, is: new(submit.RunningError)},
		"the target onto itself, ended":           {of: map[string][]state.Job{"orders-stg": {ended}}, posts: true},
		"an old one that never ended":             {of: map[string][]state.Job{"orders-stg": {old}}, is: new(submit.RunningError)},
		"an old one that never ended, accepted":   {of: map[string][]state.Job{"orders-stg": {old}}, unseen: true, posts: true},
		"the target's list is refused":            {refuses: map[string]error{"orders-stg": refusal}},
		"the target's list is refused, accepted":  {refuses: map[string]error{"orders-stg": refusal}, unseen: true, posts: true},
		"the target's list does not come":         {refuses: map[string]error{"orders-stg": errors.New("reset")}, unseen: true},
		"another source of this machine":          {of: map[string][]state.Job{"ledger-prod": {running}}, sent: sentAt(submitNoon.Add(-time.Minute)), is: new(submit.RunningError)},
		"another source of this machine, ended":   {of: map[string][]state.Job{"ledger-prod": {ended}}, sent: sentAt(submitNoon.Add(-time.Minute)), posts: true},
		"sent a moment ago, not listed":           {sent: sentAt(submitNoon.Add(-time.Minute)), unseen: true, is: new(submit.UnlistedError)},
		"sent an hour ago, not listed":            {sent: sentAt(submitNoon.Add(-time.Hour)), is: new(submit.UnlistedError)},
		"sent an hour ago, not listed, accepted":  {sent: sentAt(submitNoon.Add(-time.Hour)), unseen: true, posts: true},
		"sent days ago, its end seen by somebody": {sent: sentAt(submitNoon.Add(-4 * 24 * time.Hour)), posts: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, j := &bySource{fakeAtlas{job: jobOf(o, 0, 9)}, tc.of, tc.refuses}, &journal.InMemory{}
			if tc.sent != nil {
				e := journal.Entry{ID: "1", Time: *tc.sent, Event: journal.Created, Endpoint: o.Endpoint, ProjectID: submitProject, ClusterName: "ledger-prod", JobID: running.ID, Body: o.Body}
				if err := j.Append(e); err != nil {
					t.Fatal(err)
				}
			}
			o := o
			o.Unseen = tc.unseen
			r := submit.Once(t.Context(), a, j, o)
			if sent := a.posts == 1; sent != tc.posts || sent != (r.Verdict == submit.Created) {
				t.Errorf("%d posts, verdict %v, %v", a.posts, r.Verdict, r.Err)
			}
			switch is := tc.is.(type) {
			case *submit.RunningError:
				if !errors.As(r.Err, is) {
					t.Errorf("refused as %v", r.Err)
				}
			case *submit.UnlistedError:
				if !errors.As(r.Err, is) || is.Job.Cluster != "ledger-prod" {
					t.Errorf("refused as %v", r.Err)
				}
			}
		})
	}
}
