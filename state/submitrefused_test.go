package state_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/journal"
	"atlas-restore/state/submit"
)

// relayed is an Atlas behind something that sends a request on and answers by itself.
type relayed struct {
	fakeAtlas
	comes []state.Job  // is listed once the request was sent
	after error        // of the list from then on
	looks atomic.Int64 // at a list since; the lists before are asked for side by side
}

func (r *relayed) CreateJob(ctx context.Context, c state.Cluster, b state.Request) (state.Job, error) {
	r.jobs = append(slices.Clone(r.jobs), r.comes...)
	r.collections = append(slices.Clone(r.collections), r.comes...)
	r.listing = r.after
	return r.fakeAtlas.CreateJob(ctx, c, b)
}

func (r *relayed) Jobs(ctx context.Context, c state.Cluster) ([]state.Job, error) {
	r.looks.Add(int64(r.posts))
	return r.fakeAtlas.Jobs(ctx, c)
}

func (r *relayed) CollectionJobs(ctx context.Context, c state.Cluster) ([]state.Job, error) {
	r.looks.Add(int64(r.posts))
	return r.fakeAtlas.CollectionJobs(ctx, c)
}

// The answer to a request is about its job, whatever the clocks say, where the list that was read right before does
// not have it. A job whose answer was lost is found by clocks that are off as real ones are.
func TestOnceByClocksThatDiffer(t *testing.T) {
	for _, o := range []submit.Order{order(), collectionOrder()} {
		for _, off := range []time.Duration{-7 * 24 * time.Hour, -time.Hour, -time.Minute, -8 * time.Second, 8 * time.Second, time.Minute, time.Hour, 7 * 24 * time.Hour} {
			job := jobOf(o, off, 9)
			if o.Body.Asked != nil {
				job = collectionJobOf(o, off, 9)
			}
			a, j := &fakeAtlas{job: job}, &fakeJournal{}
			if r := submit.Once(t.Context(), a, j, o); r.Verdict != submit.Created || r.Job.ID != job.ID || r.Err != nil {
				t.Errorf("%s, made %v from now: %v, %q, %v", o.Body.DeliveryType, off, r.Verdict, r.Job.ID, r.Err)
			}
			lost := &relayed{fakeAtlas: fakeAtlas{err: errors.New("reset")}, comes: []state.Job{job}}
			j, now := &fakeJournal{}, submitNoon
			r := submit.Once(t.Context(), lost, j, o)
			s := look(t, r.Search, &lost.fakeAtlas, j, &now)
			if found := len(s.Found) == 1; found != (off.Abs() <= time.Minute) {
				t.Errorf("%s, lost, made %v from now: found %v", o.Body.DeliveryType, off, s.Found)
			}
		}
	}
}

// Where the list could not be read before, the clocks alone tell an old job from a new one.
func TestOnceByTheClocksAlone(t *testing.T) {
	o := order()
	o.Unseen = true
	refused := &state.AtlasError{Status: 403, Code: "USER_UNAUTHORIZED"}
	for off, want := range map[time.Duration]submit.Verdict{-time.Hour: submit.Unknown, -time.Minute: submit.Created, time.Minute: submit.Created} {
		a := &fakeAtlas{job: jobOf(o, off, 9), listing: refused}
		if r := submit.Once(t.Context(), a, &fakeJournal{}, o); r.Verdict != want {
			t.Errorf("made %v from now: %v, %v", off, r.Verdict, r.Err)
		}
	}
	for off, found := range map[time.Duration]bool{-time.Minute: false, -4 * time.Second: true, time.Minute: true} {
		a, j, now := &fakeAtlas{err: errors.New("reset"), listing: refused}, &fakeJournal{}, submitNoon
		r := submit.Once(t.Context(), a, j, o)
		a.listing, a.jobs = nil, []state.Job{jobOf(o, off, 9)}
		if s := look(t, r.Search, a, j, &now); (len(s.Found) == 1) != found {
			t.Errorf("lost, made %v from now: found %v", off, s.Found)
		}
	}
}

// An answer about another job is not ours; the job that it names is told and kept, so that it can be looked at.
func TestOnceKeepsTheJobOfAnAnswer(t *testing.T) {
	o := order()
	other, old := jobOf(o, 0, 9), jobOf(o, -time.Minute, 8)
	other.TargetClusterName = "orders-dev"
	old.FinishedAt = submitNoon
	for words, job := range map[string]state.Job{"which is not what was asked for": other, "which was there before the request": old} {
		j := &fakeJournal{}
		r := submit.Once(t.Context(), &fakeAtlas{job: job, jobs: []state.Job{old}}, j, o)
		if r.Verdict != submit.Unknown || !strings.Contains(fmt.Sprint(r.Err), job.ID) || !strings.Contains(fmt.Sprint(r.Err), words) || !slices.Equal(r.Search.Entry.Named, []string{job.ID}) {
			t.Errorf("%v, %v, %+v", r.Verdict, r.Err, r.Search.Entry)
		}
		if s := journal.Submissions(entries(t, j)); s[0].JobID != "" || !s[0].Doubtful() || !slices.Equal(s[0].Named, []string{job.ID}) {
			t.Errorf("the journal has %+v", s)
		}
	}
}

// A refusal is no proof: what stands before Atlas may have sent the request on twice, or refuse what it has sent on. The
// jobs are looked at once more, and one that has come since and fits is never told as nothing.
func TestOnceRefusedAndMade(t *testing.T) {
	o, alone := order(), collectionOrder()
	old := jobOf(o, -time.Hour, 1)
	old.FinishedAt = submitNoon.Add(-50 * time.Minute)
	other, snapshot := jobOf(o, 0, 3), jobOf(o, 0, 4)
	other.TargetClusterName, snapshot.SnapshotID = "orders-dev", submitProject
	down := errors.New("reset")
	for name, tc := range map[string]struct {
		order  submit.Order
		status int
		code   string
		comes  []state.Job
		after  error
		want   submit.Verdict
	}{
		"sent twice":            {o, 409, "ATLAS_CLUSTER_RESTORE_IN_PROGRESS", []state.Job{jobOf(o, 0, 9)}, nil, submit.Unknown},
		"by a clock far off":    {o, 409, "ATLAS_CLUSTER_RESTORE_IN_PROGRESS", []state.Job{jobOf(o, -7*24*time.Hour, 9)}, nil, submit.Unknown},
		"400":                   {o, 400, "INVALID_ATTRIBUTE", []state.Job{jobOf(o, 0, 9)}, nil, submit.Unknown},
		"404":                   {o, 404, "CLUSTER_NOT_FOUND", []state.Job{jobOf(o, 0, 9)}, nil, submit.Unknown},
		"429":                   {o, 429, "RATE_LIMITED", []state.Job{jobOf(o, time.Second, 9)}, nil, submit.Unknown},
		"403":                   {o, 403, "IP_ADDRESS_NOT_ON_ACCESS_LIST", []state.Job{jobOf(o, 0, 9)}, nil, submit.Unknown},
		"two have come":         {o, 429, "RATE_LIMITED", []state.Job{jobOf(o, 0, 9), jobOf(o, 0, 8)}, nil, submit.Unknown},
		"collections":           {alone, 409, "X", []state.Job{collectionJobOf(alone, 0, 9)}, nil, submit.Unknown},
		"nothing has come":      {o, 429, "RATE_LIMITED", nil, nil, submit.Refused},
		"onto another one":      {o, 409, "ATLAS_CLUSTER_RESTORE_IN_PROGRESS", []state.Job{other}, nil, submit.Refused},
		"of another snapshot":   {o, 409, "ATLAS_CLUSTER_RESTORE_IN_PROGRESS", []state.Job{snapshot}, nil, submit.Refused},
		"one cannot be read":    {o, 429, "RATE_LIMITED", []state.Job{{ID: jobOf(o, 0, 9).ID, Unreadable: "a wrong date"}}, nil, submit.Unknown},
		"nobody knows, busy":    {o, 409, "ATLAS_CLUSTER_RESTORE_IN_PROGRESS", nil, down, submit.Unknown},
		"nobody knows, 429":     {o, 429, "RATE_LIMITED", nil, down, submit.Unknown},
		"nobody knows, a code":  {o, 400, "BAD", nil, down, submit.Unknown},
		"nobody knows, address": {o, 403, "IP_ADDRESS_NOT_ON_ACCESS_LIST", nil, down, submit.Unknown},
		"Atlas has judged it":   {o, 400, "INVALID_ATTRIBUTE", nil, down, submit.Refused},
		"Atlas has, a role":     {o, 403, "ACCESS_FORBIDDEN", nil, down, submit.Refused},
	} {
		t.Run(name, func(t *testing.T) {
			a := &relayed{fakeAtlas: fakeAtlas{err: &state.AtlasError{Status: tc.status, Code: tc.code}, jobs: []state.Job{old}}, comes: tc.comes, after: tc.after}
			j := &fakeJournal{}
			r := submit.Once(t.Context(), a, j, tc.order)
			if r.Verdict != tc.want || r.Err == nil || r.Job.ID != "" || a.posts != 1 || a.looks.Load() != 1 {
				t.Fatalf("%v, job %q, %v after %d posts and %d looks", r.Verdict, r.Job.ID, r.Err, a.posts, a.looks.Load())
			}
			if s := journal.Submissions(entries(t, j)); s[0].Doubtful() != (tc.want == submit.Unknown) || tc.want == submit.Unknown && name != "one cannot be read" && len(s[0].Named) != len(tc.comes) {
				t.Errorf("the journal has %+v", s[0])
			}
			if tc.want == submit.Refused {
				return
			}
			for _, c := range tc.comes {
				if !strings.Contains(r.Err.Error(), c.ID) {
					t.Errorf("%v does not name %s", r.Err, c.ID)
				}
			}
			if !strings.Contains(r.Err.Error(), tc.code) || state.Why(r.Err) == state.Why(a.err) {
				t.Errorf("it says %q", state.Why(r.Err))
			}
			if len(tc.comes) > 0 && tc.comes[0].Unreadable == "" && tc.comes[0].CreatedAt().After(submitNoon.Add(-time.Minute)) {
				now := submitNoon
				if s := look(t, r.Search, &a.fakeAtlas, j, &now); len(s.Found) != len(tc.comes) {
					t.Errorf("found %v", s.Found)
				}
			}
		})
	}
}

// Where the jobs could not be listed before, no job is new by its list; by the clocks one may be.
func TestOnceRefusedUnseen(t *testing.T) {
	o := order()
	o.Unseen = true
	for off, want := range map[time.Duration]submit.Verdict{-time.Minute: submit.Refused, 0: submit.Unknown} {
		a := &relayed{fakeAtlas: fakeAtlas{err: &state.AtlasError{Status: 429, Code: "RATE_LIMITED"}, listing: &state.AtlasError{Status: 403, Code: "USER_UNAUTHORIZED"}}, comes: []state.Job{jobOf(o, off, 9)}}
		if r := submit.Once(t.Context(), a, &fakeJournal{}, o); r.Verdict != want || a.posts != 1 {
			t.Errorf("made %v from now: %v, %v", off, r.Verdict, r.Err)
		}
	}
}
