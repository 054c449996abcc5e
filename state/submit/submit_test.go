package submit_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"atlas-restore/state"
	"atlas-restore/state/journal"
	"atlas-restore/state/submit"
)

type fakeAtlas struct {
	posts int
	job   state.Job
	err   error
}

func (f *fakeAtlas) CreateJob(context.Context, state.Cluster, state.Request) (state.Job, error) {
	f.posts++
	return f.job, f.err
}

type fakeJournal struct {
	events []journal.Event
	fail   journal.Event
}

func (f *fakeJournal) Append(e journal.Entry) error {
	if e.Event == f.fail {
		return errors.New("disk full")
	}
	f.events = append(f.events, e.Event)
	return nil
}

func TestOnce(t *testing.T) {
	job := state.Job{ID: "6925c1d2e3a4b5c6d7e8f903"}
	atlas := func(status int, code string) error {
		return fmt.Errorf("creating: %w", &state.AtlasError{Status: status, Code: code})
	}
	for _, tc := range []struct {
		name string
		job  state.Job
		err  error
		want submit.Verdict
		end  journal.Event
	}{
		{"accepted", job, nil, submit.Created, journal.Created},
		{"no readable id", state.Job{ID: "x"}, nil, submit.Unknown, journal.Unknown},
		{"400", state.Job{}, atlas(400, "INVALID_ATTRIBUTE"), submit.Refused, journal.Refused},
		{"409", state.Job{}, atlas(409, "ATLAS_CLUSTER_RESTORE_IN_PROGRESS"), submit.Refused, journal.Refused},
		{"429", state.Job{}, atlas(429, "RATE_LIMITED"), submit.Refused, journal.Refused},
		{"408 proves nothing", state.Job{}, atlas(408, "TIMEOUT"), submit.Unknown, journal.Unknown},
		{"403 of a proxy", state.Job{}, atlas(403, ""), submit.Unknown, journal.Unknown},
		{"500", state.Job{}, atlas(500, "UNEXPECTED_ERROR"), submit.Unknown, journal.Unknown},
		{"reset", state.Job{}, errors.New("connection reset"), submit.Unknown, journal.Unknown},
		{"cancelled", state.Job{}, context.Canceled, submit.Unknown, journal.Unknown},
		{"not sent", state.Job{}, fmt.Errorf("login: %w", submit.ErrNotSent), submit.Refused, journal.Refused},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a, j := &fakeAtlas{job: tc.job, err: tc.err}, &fakeJournal{}
			_, got, err := submit.Once(t.Context(), a, j, order())
			if got != tc.want || a.posts != 1 {
				t.Errorf("verdict %v after %d posts, want %v after 1", got, a.posts, tc.want)
			}
			if want := []journal.Event{journal.Intent, tc.end}; !slices.Equal(j.events, want) {
				t.Errorf("journal %v, want %v", j.events, want)
			}
			if tc.want != submit.Created && err == nil && tc.job.ID == "" {
				t.Error("no error for what is not created")
			}
		})
	}
}

// What cannot be written down is not sent.
func TestOnceWithoutJournal(t *testing.T) {
	a := &fakeAtlas{}
	if _, got, err := submit.Once(t.Context(), a, &fakeJournal{fail: journal.Intent}, order()); got != submit.Refused || err == nil || a.posts != 0 {
		t.Errorf("verdict %v, error %v, %d posts: want a refusal before any", got, err, a.posts)
	}
}

// A job whose record fails is still a job.
func TestOnceWithoutOutcome(t *testing.T) {
	a := &fakeAtlas{job: state.Job{ID: "6925c1d2e3a4b5c6d7e8f903"}}
	if job, got, err := submit.Once(t.Context(), a, &fakeJournal{fail: journal.Created}, order()); got != submit.Created || err == nil || job.ID == "" {
		t.Errorf("verdict %v, job %q, error %v: want the job and the error", got, job.ID, err)
	}
}

func TestOnceChecksTheBody(t *testing.T) {
	o, a := order(), &fakeAtlas{}
	o.Body.TargetClusterName = "a b"
	if _, got, _ := submit.Once(t.Context(), a, &fakeJournal{}, o); got != submit.Refused || a.posts != 0 {
		t.Errorf("a bad body: verdict %v, %d posts", got, a.posts)
	}
}

func order() submit.Order {
	return submit.Order{Body: state.Request{
		DeliveryType: state.Automated, SnapshotID: "6925c1d2e3a4b5c6d7e8f903",
		TargetProjectID: "65f0c1d2e3a4b5c6d7e8f902", TargetClusterName: "orders-stg",
	}}
}
