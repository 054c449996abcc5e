// Tests of state/submit. They stand here: each package with tests is one more program to link.

package state_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/journal"
	"atlas-restore/state/submit"
)

type fakeAtlas struct {
	posts   int
	job     state.Job
	err     error
	jobs    []state.Job
	listing error

	collections []state.Job // and their list, whose error is the same
}

func (f *fakeAtlas) CreateJob(context.Context, state.Cluster, state.Request) (state.Job, error) {
	f.posts++
	return f.job, f.err
}

func (f *fakeAtlas) Jobs(context.Context, state.Cluster) ([]state.Job, error) {
	return f.jobs, f.listing
}

func (f *fakeAtlas) CollectionJobs(context.Context, state.Cluster) ([]state.Job, error) {
	return f.collections, f.listing
}

type fakeJournal struct {
	journal.InMemory
	events []journal.Event
	fail   journal.Event
	busy   bool
}

func (f *fakeJournal) Lock(string) (func(), error) {
	if f.busy {
		return nil, journal.ErrBusy
	}
	return func() {}, nil
}

func (f *fakeJournal) Append(e journal.Entry) error {
	if e.Event == f.fail {
		return errors.New("disk full")
	}
	f.events = append(f.events, e.Event)
	return f.InMemory.Append(e)
}

func TestOnce(t *testing.T) {
	job := jobOf(order(), 0, 9)
	with := func(f func(*state.Job)) state.Job { j := job; f(&j); return j }
	listed := jobOf(order(), -time.Minute, 9)
	listed.FinishedAt = submitNoon.Add(-time.Second)
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
		{"nothing", state.Job{}, nil, submit.Unknown, journal.Unknown},
		{"an old job's id", listed, nil, submit.Unknown, journal.Unknown},
		{"an id of no date", with(func(j *state.Job) { j.ID = strings.Repeat("0", 24) }), nil, submit.Unknown, journal.Unknown},
		{"another target", with(func(j *state.Job) { j.TargetClusterName = "orders-dev" }), nil, submit.Unknown, journal.Unknown},
		{"another target's project", with(func(j *state.Job) { j.TargetProjectID = submitSnapshot }), nil, submit.Unknown, journal.Unknown},
		{"another snapshot", with(func(j *state.Job) { j.SnapshotID = submitProject }), nil, submit.Unknown, journal.Unknown},
		{"another type", with(func(j *state.Job) { j.DeliveryType = state.Download }), nil, submit.Unknown, journal.Unknown},
		{"not readable", state.Job{}, &state.UnreadableError{Why: "no job"}, submit.Unknown, journal.Unknown},
		{"400", state.Job{}, atlas(400, "INVALID_ATTRIBUTE"), submit.Refused, journal.Refused},
		{"409", state.Job{}, atlas(409, "ATLAS_CLUSTER_RESTORE_IN_PROGRESS"), submit.Refused, journal.Refused},
		{"429", state.Job{}, atlas(429, "RATE_LIMITED"), submit.Refused, journal.Refused},
		{"408 proves nothing", state.Job{}, atlas(408, "TIMEOUT"), submit.Unknown, journal.Unknown},
		{"403 of a proxy", state.Job{}, atlas(403, ""), submit.Unknown, journal.Unknown},
		{"500", state.Job{}, atlas(500, "UNEXPECTED_ERROR"), submit.Unknown, journal.Unknown},
		{"reset", state.Job{}, errors.New("connection reset"), submit.Unknown, journal.Unknown},
		{"cancelled", state.Job{}, context.Canceled, submit.Unknown, journal.Unknown},
		{"not sent", state.Job{}, fmt.Errorf("login: %w", submit.ErrNotSent), submit.Refused, journal.NotSent},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a, j := &fakeAtlas{job: tc.job, err: tc.err, jobs: []state.Job{listed}}, &fakeJournal{}
			r := submit.Once(t.Context(), a, j, order())
			got, err := r.Verdict, r.Err
			if got != tc.want || a.posts != 1 {
				t.Errorf("verdict %v after %d posts, want %v after 1", got, a.posts, tc.want)
			}
			if want := []journal.Event{journal.Intent, tc.end}; !slices.Equal(j.events, want) {
				t.Errorf("journal %v, want %v", j.events, want)
			}
			if tc.want != submit.Created && (err == nil || r.Job.ID != "") {
				t.Errorf("what is not created has job %q and %v", r.Job.ID, err)
			}
			if last := journal.Submissions(entries(t, j)); tc.want != submit.Created && last[0].JobID != "" {
				t.Errorf("the journal has job %s", last[0].JobID)
			}
		})
	}
}

// What cannot be written down is not sent.
func TestOnceWithoutJournal(t *testing.T) {
	a := &fakeAtlas{}
	if r := submit.Once(t.Context(), a, &fakeJournal{fail: journal.Intent}, order()); r.Verdict != submit.Refused || r.Err == nil || a.posts != 0 {
		t.Errorf("verdict %v, error %v, %d posts: want a refusal before any", r.Verdict, r.Err, a.posts)
	}
}

// A job whose record fails is still a job.
func TestOnceWithoutOutcome(t *testing.T) {
	a := &fakeAtlas{job: jobOf(order(), 0, 9)}
	if r := submit.Once(t.Context(), a, &fakeJournal{fail: journal.Created}, order()); r.Verdict != submit.Created || r.Err == nil || r.Job.ID == "" {
		t.Errorf("verdict %v, job %q, error %v: want the job and the error", r.Verdict, r.Job.ID, r.Err)
	}
}

func entries(t *testing.T, j *fakeJournal) []journal.Entry {
	t.Helper()
	all, err := j.Read()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestOnceChecksTheBody(t *testing.T) {
	o, a := order(), &fakeAtlas{}
	o.Body.TargetClusterName = "a b"
	if r := submit.Once(t.Context(), a, &fakeJournal{}, o); r.Verdict != submit.Refused || a.posts != 0 {
		t.Errorf("a bad body: verdict %v, %d posts", r.Verdict, a.posts)
	}
}

var submitNoon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

const (
	submitProject  = "65f0c1d2e3a4b5c6d7e8f901"
	submitSnapshot = "65f0c1d2e3a4b5c6d7e8f902"
)

func order() submit.Order {
	return submit.Order{
		Source: state.Cluster{Name: "orders-prod"}, Project: state.Project{ID: submitProject}, Endpoint: "https://atlas.test", Now: func() time.Time { return submitNoon },
		Body: state.Request{DeliveryType: state.Automated, SnapshotID: submitSnapshot, TargetProjectID: submitProject, TargetClusterName: "orders-stg"},
	}
}

// jobOf is a job that such an order has become, made so long after noon.
func jobOf(o submit.Order, after time.Duration, n int) state.Job {
	b := o.Body
	return state.Job{
		ID: fmt.Sprintf("%08x%016x", submitNoon.Add(after).Unix(), n), DeliveryType: b.DeliveryType, SnapshotID: b.SnapshotID,
		TargetProjectID: b.TargetProjectID, TargetClusterName: b.TargetClusterName,
		PointInTimeUTCSeconds: b.PointInTimeUTCSeconds, OplogTs: b.OplogTs, OplogInc: b.OplogInc,
	}
}

// aimless is a job that does not tell its target.
func aimless(j state.Job) state.Job {
	j.TargetProjectID, j.TargetClusterName = "", ""
	return j
}

// Nothing is sent while an earlier request to the target is in doubt, while another job
// runs onto it, or while somebody else of this machine is at it.
func TestOncePreparesWell(t *testing.T) {
	o := order()
	ended := jobOf(o, -time.Hour, 1)
	ended.FinishedAt = submitNoon.Add(-50 * time.Minute)
	elsewhere := jobOf(o, -time.Minute, 2)
	elsewhere.TargetClusterName = "orders-dev"
	unread, old := state.Job{ID: jobOf(o, -time.Minute, 4).ID, Unreadable: "a wrong date"}, state.Job{ID: jobOf(o, -50*time.Hour, 5).ID, Unreadable: "a wrong date"}
	refused := func(status int, code string) error {
		return fmt.Errorf("listing: %w", &state.AtlasError{Status: status, Code: code})
	}
	for name, tc := range map[string]struct {
		jobs    []state.Job
		listing error
		before  []journal.Event // of an earlier submission to the same target
		busy    bool
		unseen  bool // that is what was accepted
		sent    bool
		is      error
	}{
		"nothing in the way":     {jobs: []state.Job{ended, elsewhere}, sent: true},
		"one runs already":       {jobs: []state.Job{jobOf(o, -time.Minute, 3)}},
		"they cannot be listed":  {listing: errors.New("reset")},
		"refused":                {listing: refused(403, "USER_UNAUTHORIZED")},
		"refused for a moment":   {listing: refused(403, "IP_ADDRESS_NOT_ON_ACCESS_LIST")},
		"a missing role as 401":  {listing: refused(401, "USER_UNAUTHORIZED")},
		"no list":                {listing: &state.UnreadableError{Why: "no list"}},
		"refused, as accepted":   {listing: refused(403, "USER_UNAUTHORIZED"), unseen: true, sent: true},
		"401, as accepted":       {listing: refused(401, "USER_UNAUTHORIZED"), unseen: true, sent: true},
		"no list, as accepted":   {listing: &state.UnreadableError{Why: "no list"}, unseen: true, sent: true},
		"no network, accepted":   {listing: errors.New("reset"), unseen: true},
		"runs after all":         {jobs: []state.Job{jobOf(o, -time.Minute, 3)}, unseen: true},
		"one cannot be read":     {jobs: []state.Job{unread}},
		"one without an id":      {jobs: []state.Job{{Unreadable: "null"}}},
		"one cannot, accepted":   {jobs: []state.Job{unread}, unseen: true, sent: true},
		"an old one cannot":      {jobs: []state.Job{old}, sent: true},
		"onto nobody knows what": {jobs: []state.Job{aimless(jobOf(o, -time.Minute, 3))}},
		"that one, as accepted":  {jobs: []state.Job{aimless(jobOf(o, -time.Minute, 3))}, unseen: true, sent: true},
		"that one, for days":     {jobs: []state.Job{aimless(jobOf(o, -50*time.Hour, 3))}},
		"that one, ended":        {jobs: []state.Job{aimless(ended)}, sent: true},
		"an intent without end":  {before: []journal.Event{journal.Intent}, is: submit.ErrDoubt},
		"an unknown outcome":     {before: []journal.Event{journal.Intent, journal.Unknown}, is: submit.ErrDoubt},
		"looked for in vain":     {before: []journal.Event{journal.Intent, journal.Unknown, journal.NotFound}, sent: true},
		"found":                  {before: []journal.Event{journal.Intent, journal.Unknown, journal.Found}, sent: true},
		"somebody else is at it": {busy: true, is: journal.ErrBusy},
	} {
		t.Run(name, func(t *testing.T) {
			a, j := &fakeAtlas{job: jobOf(o, 0, 9), jobs: tc.jobs, listing: tc.listing}, &fakeJournal{busy: tc.busy}
			for _, e := range tc.before {
				_ = j.Append(journal.Entry{Event: e, ID: "earlier", Endpoint: o.Endpoint, Body: o.Body})
			}
			o := o
			o.Unseen = tc.unseen
			r := submit.Once(t.Context(), a, j, o)
			if sent := a.posts == 1; sent != tc.sent || sent != (r.Verdict == submit.Created) || tc.is != nil && !errors.Is(r.Err, tc.is) {
				t.Errorf("%d posts, verdict %v, %v", a.posts, r.Verdict, r.Err)
			}
		})
	}
}

// A download erases nothing: who may only ask for it need not be able to list the jobs; but
// what may pass is waited for.
func TestOnceDownloadUnseen(t *testing.T) {
	o := order()
	o.Body.DeliveryType, o.Body.TargetProjectID, o.Body.TargetClusterName = state.Download, "", ""
	for code, sent := range map[string]int{"USER_UNAUTHORIZED": 1, "IP_ADDRESS_NOT_ON_ACCESS_LIST": 0} {
		a := &fakeAtlas{job: jobOf(o, 0, 9), listing: &state.AtlasError{Status: 403, Code: code}}
		if r := submit.Once(t.Context(), a, &fakeJournal{}, o); a.posts != sent {
			t.Errorf("%s: %d posts, %v", code, a.posts, r.Err)
		}
	}
}

// That a job is not there was not seen while one of those that may be it cannot be read.
func TestSearchAmongUnreadable(t *testing.T) {
	now := submitNoon
	o := order()
	o.Now = func() time.Time { return now }
	a, j := &fakeAtlas{err: errors.New("reset")}, &fakeJournal{}
	s := submit.Once(t.Context(), a, j, o).Search
	a.jobs = []state.Job{{ID: jobOf(o, time.Second, 2).ID, Unreadable: "a wrong date"}, {ID: jobOf(o, -time.Hour, 1).ID, Unreadable: "a wrong date"}}
	for range 12 {
		now = s.NextAt
		s = s.Look(t.Context(), a, j, o.Now)
	}
	if s.Over() || s.Err == nil || !now.After(submitNoon.Add(2*time.Minute)) || slices.Contains(j.events, journal.NotFound) {
		t.Fatalf("after %v: %+v, %v", now.Sub(submitNoon), s, j.events)
	}
	a.jobs[0] = jobOf(o, time.Second, 2) // now it can be
	now = s.NextAt
	if s = s.Look(t.Context(), a, j, o.Now); len(s.Found) != 1 || s.Err != nil {
		t.Errorf("found %v, %v", s.Found, s.Err)
	}
}

// The job of a lost request is known by what it does, by when it was made, and by not
// having been there before.
func TestSearch(t *testing.T) {
	pit := order()
	pit.Body = state.Request{DeliveryType: state.PointInTime, OplogTs: 1795442579, OplogInc: 3, TargetProjectID: submitProject, TargetClusterName: "orders-stg"}
	change := func(o submit.Order, after time.Duration, f func(*state.Job)) state.Job {
		j := jobOf(o, after, 5)
		f(&j)
		return j
	}
	for name, tc := range map[string]struct {
		order submit.Order
		job   state.Job
		found bool
	}{
		"it":                     {order(), jobOf(order(), 2*time.Second, 5), true},
		"by a clock that lags":   {order(), jobOf(order(), -4*time.Second, 5), true},
		"older":                  {order(), jobOf(order(), -time.Hour, 5), false},
		"from the future":        {order(), jobOf(order(), time.Hour, 5), false},
		"another snapshot":       {order(), change(order(), 0, func(j *state.Job) { j.SnapshotID = submitProject }), false},
		"another target":         {order(), change(order(), 0, func(j *state.Job) { j.TargetClusterName = "orders-dev" }), false},
		"another target project": {order(), change(order(), 0, func(j *state.Job) { j.TargetProjectID = submitSnapshot }), false},
		"another type":           {order(), change(order(), 0, func(j *state.Job) { j.DeliveryType = state.Download }), false},
		"a point in time": {pit, change(pit, 0, func(j *state.Job) {
			j.SnapshotID, j.PointInTimeUTCSeconds = submitSnapshot, 1795442579 // Atlas's own additions
		}), true},
		"another increment": {pit, change(pit, 0, func(j *state.Job) { j.OplogInc = 4 }), false},
	} {
		t.Run(name, func(t *testing.T) {
			o, now := tc.order, submitNoon
			o.Now = func() time.Time { return now }
			a, j := &fakeAtlas{err: errors.New("reset")}, &fakeJournal{}
			r := submit.Once(t.Context(), a, j, o)
			if r.Verdict != submit.Unknown {
				t.Fatalf("verdict %v, %v", r.Verdict, r.Err)
			}
			a.jobs = []state.Job{tc.job}
			s := look(t, r.Search, a, j, &now)
			if found := len(s.Found) == 1; found != tc.found {
				t.Errorf("found: %v", s.Found)
			}
			want := journal.NotFound
			if tc.found {
				want = journal.Found
			}
			if last := j.events[len(j.events)-1]; last != want {
				t.Errorf("the journal ends with %s", last)
			}
		})
	}
}

// look makes every look that is planned, when it is due.
func look(t *testing.T, s submit.Search, a *fakeAtlas, j *fakeJournal, now *time.Time) submit.Search {
	t.Helper()
	begun := *now
	for n := 0; !s.Over(); n++ {
		if n == 100 {
			t.Fatal("it does not end")
		}
		*now = s.NextAt
		if !s.Due(*now) {
			t.Fatalf("a look is not due at its time: %+v", s)
		}
		s = s.Look(t.Context(), a, j, func() time.Time { return *now })
	}
	if took := now.Sub(begun); len(s.Found) == 0 && (took < 2*time.Minute || s.Looks != 8) {
		t.Errorf("given up after %v and %d looks", took, s.Looks)
	}
	return s
}

// What was listed before is not ours, even if it fits and is of the same second; a second
// job that fits is told; lists that fail are no looks.
func TestSearchAmongOthers(t *testing.T) {
	now := submitNoon
	o := order()
	o.Now = func() time.Time { return now }
	o.Body.DeliveryType, o.Body.TargetProjectID, o.Body.TargetClusterName = state.Download, "", ""
	before := jobOf(o, 0, 1)
	a, j := &fakeAtlas{err: errors.New("reset"), jobs: []state.Job{before}}, &fakeJournal{}
	r := submit.Once(t.Context(), a, j, o)
	a.listing = &state.AtlasError{Status: 503}
	s := r.Search
	for range 10 {
		now = s.NextAt
		s = s.Look(t.Context(), a, j, o.Now)
	}
	if s.Over() || s.Looks != 0 || s.Err == nil {
		t.Fatalf("lists that fail are taken for looks: %+v", s)
	}
	a.listing = nil
	ours, other := jobOf(o, time.Second, 2), jobOf(o, time.Second, 3)
	a.jobs = []state.Job{other, before, ours}
	s = look(t, s, a, j, &now)
	if len(s.Found) != 2 || s.Found[0].ID != ours.ID || s.Found[1].ID != other.ID {
		t.Errorf("found %+v", s.Found)
	}
}

// What a process has left that ended is looked for at once, in one look.
func TestSearchOfAnEarlierRun(t *testing.T) {
	o := order()
	intent := journal.Entry{Time: submitNoon, Event: journal.Intent, ID: "x", Body: o.Body}
	now := submitNoon.Add(time.Hour)
	s := submit.NewSearch(o.Source, intent, now)
	if !s.Due(now) {
		t.Fatal("it is not looked for at once")
	}
	j := &fakeJournal{}
	s = s.Look(t.Context(), &fakeAtlas{}, j, func() time.Time { return now })
	if !s.Over() || len(s.Found) != 0 || j.events[0] != journal.NotFound {
		t.Errorf("after one look: %+v, %v", s, j.events)
	}
}

// A clock that is off is set right by the first answer: an intent from the future is
// looked for at once, and only Atlas's clock says when it was looked for long enough.
func TestSearchByAWrongClock(t *testing.T) {
	o := order()
	intent := journal.Entry{Time: submitNoon, Event: journal.Intent, ID: "x", Body: o.Body}
	for _, off := range []time.Duration{-10 * time.Minute, 10 * time.Minute} {
		s := submit.NewSearch(o.Source, intent, submitNoon.Add(off))
		if !s.Due(submitNoon.Add(off)) {
			t.Errorf("%v off: it is not looked for at once", off)
		}
		j, now := &fakeJournal{}, submitNoon.Add(3*time.Second)
		at := func() time.Time { return now }
		if s = s.Look(t.Context(), &fakeAtlas{}, j, at); s.Over() || !s.NextAt.Equal(submitNoon.Add(5*time.Second)) {
			t.Errorf("%v off: after the first look %+v", off, s)
		}
		now = submitNoon.Add(2 * time.Minute)
		if s = s.Look(t.Context(), &fakeAtlas{}, j, at); !s.Over() {
			t.Errorf("%v off: it does not end: %+v", off, s)
		}
	}
}

// What was not sent says so once.
func TestNotSentIsSaidOnce(t *testing.T) {
	r := submit.Once(t.Context(), nil, nil, submit.Order{})
	if !errors.Is(r.Err, submit.ErrNotSent) || strings.Contains(r.Err.Error(), "not sent") || !strings.Contains(r.Err.Error(), "nothing was submitted") {
		t.Error(r.Err)
	}
}
