package teatest_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"atlas-restore/atlasclient/simulator"
	"atlas-restore/state"
	"atlas-restore/state/journal"
	"atlas-restore/state/submit"
	"atlas-restore/ui/steps"
)

// Whatever becomes of the answer, the job is found if there is one and was made in time,
// and else the doubt is said to stay; meanwhile nothing more goes to the target.
func TestLostAnswer(t *testing.T) {
	t.Parallel()
	const late = 40 * time.Second
	for _, kind := range orderKinds {
		for name, tc := range map[string]struct {
			fault simulator.Fault
			found bool
			looks int
		}{
			"answer lost":        {simulator.Fault{Drop: simulator.AfterCommit}, true, 1},
			"request lost":       {simulator.Fault{Drop: simulator.BeforeCommit}, false, 8},
			"reset after":        {simulator.Fault{Drop: simulator.AfterCommit, Reset: true}, true, 1},
			"reset before":       {simulator.Fault{Drop: simulator.BeforeCommit, Reset: true}, false, 8},
			"502, taken":         {simulator.Fault{Status: 502, HTML: true, Acts: 1}, true, 1},
			"502":                {simulator.Fault{Status: 502, HTML: true}, false, 8},
			"page, taken":        {simulator.Fault{Status: 200, HTML: true, Acts: 1}, true, 1},
			"page":               {simulator.Fault{Status: 200, HTML: true}, false, 8},
			"408, taken":         {simulator.Fault{Status: 408, Acts: 1}, true, 1},
			"408":                {simulator.Fault{Status: 408}, false, 8},
			"500, taken":         {simulator.Fault{Status: 500, Acts: 1}, true, 1},
			"500":                {simulator.Fault{Status: 500}, false, 8},
			"403 page, taken":    {simulator.Fault{Status: 403, HTML: true, Acts: 1}, true, 1},
			"lost and late":      {simulator.Fault{Drop: simulator.AfterCommit, Late: late}, true, 5},
			"504 and late":       {simulator.Fault{Status: 504, HTML: true, Acts: 1, Late: late}, true, 5},
			"at the last look":   {simulator.Fault{Drop: simulator.AfterCommit, Late: 119 * time.Second}, true, 8},
			"after all of them":  {simulator.Fault{Drop: simulator.AfterCommit, Late: 3 * time.Minute}, false, 8},
			"cut while it waits": {simulator.Fault{Drop: simulator.AfterCommit, Acts: 1}, true, 1},
			"{}, taken":          {simulator.Fault{Body: `{}`, Acts: 1}, true, 1},
			"{}":                 {simulator.Fault{Body: `{}`}, false, 8},
			"null, taken":        {simulator.Fault{Body: `null`, Acts: 1}, true, 1},
			"null":               {simulator.Fault{Body: `null`}, false, 8},
			"a list, taken":      {simulator.Fault{Body: `{"results":[]}`, Acts: 1}, true, 1},
			"an old job, taken":  {simulator.Fault{Body: oldJob, Acts: 1}, true, 1},
			"an old job":         {simulator.Fault{Body: oldJob}, false, 8},
			"no type, taken":     {simulator.Fault{Body: `{"id":"6b042f1ec1d2e3a4b5c6d7e8"}`, Acts: 1}, true, 1},
		} {
			if !fewOf(kind+name, 4) {
				continue
			}
			if tc.fault.Late > 0 && strings.HasPrefix(kind, "flex") {
				continue // the embedded Atlas makes those at once only
			}
			t.Run(kind+"/"+name, func(t *testing.T) {
				t.Parallel()
				d := newDesk(t, kind, 0)
				d.failPost(tc.fault)
				r := d.once()
				if r.Verdict != submit.Unknown || r.Err == nil {
					t.Fatalf("verdict %v, %v", r.Verdict, r.Err)
				}
				if left := d.left(); left.Last != journal.Unknown || !left.Doubtful() {
					t.Errorf("the journal says %s", left.Last)
				}
				if d.order.Body.DeliveryType.HasTarget() {
					d.refuse(submit.ErrDoubt)
				}
				s := d.look(r.Search)
				if !s.Over() && d.order.Body.DeliveryType.HasTarget() {
					d.refuse(submit.ErrDoubt) // as long as it is looked for
				}
				s = d.seek(s)
				left := d.left()
				if s.Looks != tc.looks || s.Err != nil || left.Doubtful() {
					t.Errorf("%d looks, want %d; %v; the journal says %s", s.Looks, tc.looks, s.Err, left.Last)
				}
				if !tc.found {
					if len(s.Found) != 0 || left.Last != journal.NotFound || left.JobID != "" || d.made() != 0 {
						t.Errorf("found %v of %d jobs, the journal says %s", s.Found, d.made(), left.Last)
					}
					if tc.fault.Late > 0 { // it comes after all: the list that precedes every request has it
						d.sim.Advance(tc.fault.Late)
						if d.order.Body.DeliveryType.HasTarget() {
							d.refuse(nil)
						}
						return
					}
					d.allow()
					return
				}
				if len(s.Found) != 1 || d.made() != 1 || s.Found[0].ID != d.newest().ID || left.Last != journal.Found || left.JobID != d.newest().ID {
					t.Errorf("found %v of %d jobs, the journal says %s %s", s.Found, d.made(), left.Last, left.JobID)
				}
				if tc.fault.Late > 0 && !state.CreatedAt(s.Found[0].ID).Equal(monday.Add(tc.fault.Late)) {
					t.Errorf("made at %v", state.CreatedAt(s.Found[0].ID))
				}
				if d.order.Body.DeliveryType.HasTarget() {
					d.refuse(nil) // it runs
				}
			})
		}
	}
}

// A request that Atlas has taken twice: both jobs are told, and the earliest is followed.
func TestTwoJobsFit(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"automated", "pointInTime", "download", "collections"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, kind, 0)
			d.failPost(simulator.Fault{Drop: simulator.AfterCommit, Acts: 2})
			r := d.once()
			d.others++
			s := d.seek(r.Search)
			if len(s.Found) != 2 || s.Found[0].ID >= s.Found[1].ID || d.made() != 1 {
				t.Fatalf("found %v", s.Found)
			}
			if left := d.left(); left.Last != journal.Found || left.JobID != s.Found[0].ID || left.Error != "2 jobs fit" {
				t.Errorf("the journal says %s %s %q", left.Last, left.JobID, left.Error)
			}
			if words := steps.FoundWords(s.Found); !strings.Contains(words, s.Found[0].ID+", "+s.Found[1].ID) || !strings.Contains(words, "AMBIGUOUS") {
				t.Errorf("it says %q", words)
			}
		})
	}
}

// meanwhile is an Atlas in which something happens between the list and the request.
type meanwhile struct {
	submit.Atlas
	before func()
}

func (m meanwhile) CreateJob(ctx context.Context, c state.Cluster, body state.Request) (state.Job, error) {
	m.before()
	return m.Atlas.CreateJob(ctx, c, body)
}

// Somebody else asks for the same in the same second. What was there before our list is
// never taken for ours; of what came later nobody can tell, and both are told.
func TestAnotherOperatorsJob(t *testing.T) {
	t.Parallel()
	const before, between, after = "before our list", "before our request", "after our request"
	for _, tc := range []struct {
		kind, theirs string
		fault        simulator.Fault
		verdict      submit.Verdict
		ours, found  int
	}{
		{"download", before, simulator.Fault{Drop: simulator.AfterCommit}, submit.Unknown, 1, 1},
		{"download", before, simulator.Fault{Drop: simulator.BeforeCommit}, submit.Unknown, 0, 0},
		{"download", between, simulator.Fault{Drop: simulator.AfterCommit}, submit.Unknown, 1, 2},
		{"download", after, simulator.Fault{Drop: simulator.AfterCommit}, submit.Unknown, 1, 2},
		{"automated", before, simulator.Fault{}, submit.Refused, 0, 0},
		{"automated", between, simulator.Fault{}, submit.Unknown, 0, 1}, // Atlas itself says that one runs; that it is not ours nothing tells
	} {
		lost := [...]string{"answered", "request lost", "answer lost"}[tc.fault.Drop]
		t.Run(tc.kind+"/"+tc.theirs+"/"+lost, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, tc.kind, 0)
			other, cancelled := d.signIn(0), func(id string) {
				if tc.kind != "download" {
					return
				}
				// Atlas prepares one download of a snapshot at a time.
				if err := d.atlas.CancelJob(t.Context(), d.order.Source, id); err != nil {
					t.Fatal(err)
				}
			}
			var theirs state.Job
			ask := func() {
				d.others++
				d.foreign++
				var err error
				if theirs, err = other.CreateJob(t.Context(), d.order.Source, d.order.Body); err != nil {
					t.Fatal(err)
				}
			}
			hasty := meanwhile{d.atlas, func() {
				if tc.theirs == between {
					ask()
					cancelled(theirs.ID)
				}
				d.failPost(tc.fault)
			}}
			if tc.theirs == before {
				ask()
				cancelled(theirs.ID)
			}
			d.confirmed++
			r := submit.Once(t.Context(), hasty, journal.At(d.dir), d.order)
			if r.Verdict != tc.verdict || d.made() != tc.ours {
				t.Fatalf("verdict %v, %v, %d jobs", r.Verdict, r.Err, d.made())
			}
			if r.Verdict != submit.Unknown {
				return
			}
			if tc.theirs == after {
				cancelled(d.newest().ID)
				ask()
			}
			s := d.seek(r.Search)
			has := slices.ContainsFunc(s.Found, func(j state.Job) bool { return j.ID == theirs.ID })
			if len(s.Found) != tc.found || has != (tc.theirs != before) || !d.newest().CreatedAt.Equal(monday) {
				t.Errorf("found %v, theirs is %s", s.Found, theirs.ID)
			}
		})
	}
}

// A list that fails, or is none, is no look: it is looked for until lists come.
func TestListsThatFail(t *testing.T) {
	t.Parallel()
	for name := range noLists {
		for _, kind := range []string{"automated", "flex"} {
			t.Run(kind+"/"+name, func(t *testing.T) {
				t.Parallel()
				d := newDesk(t, kind, 0)
				d.failPost(simulator.Fault{Drop: simulator.AfterCommit})
				r := d.once()
				d.failLists(name, 10)
				s := r.Search
				for range 10 {
					if s = d.look(s); s.Looks != 0 || s.Over() || s.Err == nil {
						t.Fatalf("a list that failed is taken for a look: %+v", s)
					}
					d.refuse(submit.ErrDoubt)
				}
				if n := d.sim.Armed(); n != 0 {
					t.Fatal("the lists did not fail")
				}
				d.sim.Advance(2 * time.Minute) // longer than any look was planned
				if s = d.seek(s); s.Looks != 1 || len(s.Found) != 1 || s.Err != nil || d.left().JobID != d.newest().ID {
					t.Errorf("found %v in %d looks, %v", s.Found, s.Looks, s.Err)
				}
			})
		}
	}
}

// While somebody else's restore runs onto the target, a last look that brings no list sends
// nothing, unless the same was seen on the review and accepted there.
func TestLastLookBringsNoList(t *testing.T) {
	t.Parallel()
	for name := range noLists {
		for _, kind := range []string{"automated", "pointInTime", "flex", "collections"} {
			t.Run(kind+"/"+name, func(t *testing.T) {
				t.Parallel()
				d := newDesk(t, kind, 0)
				d.others++
				d.foreign++
				if _, err := d.signIn(0).CreateJob(t.Context(), d.order.Source, d.order.Body); err != nil {
					t.Fatal(err)
				}
				posts := len(d.posts())
				d.failLists(name, 1)
				if r := d.once(); r.Verdict != submit.Refused || !errors.Is(r.Err, submit.ErrNotSent) || len(d.posts()) != posts || len(d.submissions()) != 0 {
					t.Errorf("verdict %v, %v, %d requests", r.Verdict, r.Err, len(d.posts())-posts)
				}
				if n := d.sim.Armed(); n != 0 {
					t.Error("the list did not fail")
				}
				d.refuse(nil) // it can be seen now
				d.order.Unseen = true
				d.refuse(nil) // which was accepted only where it cannot be seen
			})
		}
	}
}

// A machine whose clock is ten minutes off dates by Atlas's: even if the request is the
// first thing that it asks of Atlas, and if another process takes up the search.
func TestClockIsOff(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		fault simulator.Fault
		found bool
	}{
		"taken": {simulator.Fault{Drop: simulator.AfterCommit}, true},
		"lost":  {simulator.Fault{Drop: simulator.BeforeCommit}, false},
	} {
		for _, off := range []time.Duration{-10 * time.Minute, 10 * time.Minute} {
			for what, pause := range map[string]time.Duration{"same process": -1, "restarted at once": 0, "restarted later": 3 * time.Minute} {
				t.Run(name+"/"+off.String()+"/"+what, func(t *testing.T) {
					t.Parallel()
					d := newDesk(t, "automated", off)
					d.failPost(tc.fault)
					r := d.once()
					s := r.Search
					if at := d.left().Time; at.Sub(monday).Abs() > 2*time.Second {
						t.Errorf("the intent is dated %v", at)
					}
					if pause >= 0 {
						d.sim.Advance(pause)
						d.atlas = d.signIn(off)
						d.order.Now = d.atlas.Now // no answer has set it right yet
						s = submit.NewSearch(d.order.Source, d.left().Entry, d.order.Now())
						if !s.Due(d.order.Now()) {
							t.Errorf("what another process has left is looked for %v later", s.NextAt.Sub(d.order.Now()))
						}
					}
					begun := d.sim.Now()
					s = d.seek(s)
					took := d.sim.Now().Sub(begun)
					if found := len(s.Found) == 1; found != tc.found || took > 2*time.Minute+2*time.Second || pause > 0 && s.Looks != 1 {
						t.Errorf("found %v in %d looks, after %v", s.Found, s.Looks, took)
					}
				})
			}
		}
	}
}

// dying ends the goroutine that submits, as the end of its process would, at a step.
type dying struct {
	submit.Atlas
	submit.Journal
	at string
}

func (d dying) Append(e journal.Entry) error {
	d.dieAt("before " + string(e.Event))
	err := d.Journal.Append(e)
	d.dieAt("after " + string(e.Event))
	return err //nolint:wrapcheck // as it came
}

func (d dying) CreateJob(ctx context.Context, c state.Cluster, body state.Request) (state.Job, error) {
	d.dieAt("before the request")
	job, err := d.Atlas.CreateJob(ctx, c, body)
	d.dieAt("after the request")
	return job, err //nolint:wrapcheck // as it came
}

func (d dying) dieAt(step string) {
	if d.at == step {
		runtime.Goexit()
	}
}

// Wherever the process ends, the next one knows what to look for, and finds it if it is
// there.
func TestKilledAtEveryStep(t *testing.T) {
	t.Parallel()
	lost := simulator.Fault{Drop: simulator.AfterCommit}
	for _, tc := range []struct {
		at    string
		fault simulator.Fault
		last  journal.Event // what the journal knows; empty for nothing
		jobs  int
		found bool
	}{
		{"before intent", simulator.Fault{}, "", 0, false},
		{"after intent", simulator.Fault{}, journal.Intent, 0, false},
		{"before the request", simulator.Fault{}, journal.Intent, 0, false},
		{"after the request", simulator.Fault{}, journal.Intent, 1, true},
		{"after the request", lost, journal.Intent, 1, true},
		{"before created", simulator.Fault{}, journal.Intent, 1, true},
		{"after created", simulator.Fault{}, journal.Created, 1, false},
		{"before unknown", lost, journal.Intent, 1, true},
		{"after unknown", lost, journal.Unknown, 1, true},
		{"after unknown", simulator.Fault{Drop: simulator.BeforeCommit}, journal.Unknown, 0, false},
		{"before refused", simulator.Fault{Status: 409}, journal.Intent, 0, false},
		{"after refused", simulator.Fault{Status: 409}, journal.Refused, 0, false},
	} {
		for _, kind := range orderKinds {
			if !fewOf(kind+tc.at, 3) {
				continue
			}
			t.Run(kind+"/"+tc.at+"/"+[...]string{"", "request lost", "answer lost"}[tc.fault.Drop], func(t *testing.T) {
				t.Parallel()
				d := newDesk(t, kind, 0)
				d.failPost(tc.fault)
				d.confirmed++
				over := make(chan bool)
				go func() {
					defer close(over)
					mortal := dying{d.atlas, journal.At(d.dir), tc.at}
					_ = submit.Once(t.Context(), mortal, mortal, d.order)
					over <- true
				}()
				if <-over {
					t.Fatalf("it outlived %q", tc.at)
				}
				d.sim.Heal()
				if d.made() != tc.jobs {
					t.Fatalf("%d jobs, want %d", d.made(), tc.jobs)
				}
				if tc.last == "" {
					if all := d.submissions(); len(all) != 0 {
						t.Errorf("the journal knows of %v", all)
					}
					d.allow()
					return
				}
				left := d.left()
				unsettled := tc.last == journal.Intent || tc.last == journal.Unknown
				if left.Last != tc.last || left.Doubtful() != unsettled {
					t.Fatalf("the journal says %s", left.Last)
				}
				if !unsettled {
					if tc.last == journal.Created && (left.JobID != d.newest().ID || !left.Unfinished()) {
						t.Errorf("the job is %s, the journal says %s", d.newest().ID, left.JobID)
					}
					return
				}
				if d.order.Body.DeliveryType.HasTarget() {
					d.refuse(submit.ErrDoubt)
				}
				d.sim.Advance(time.Hour)
				d.atlas = d.signIn(0)
				d.order.Now = d.atlas.Now
				source := steps.PlanOf(left).Cluster // all that a new process has
				s := submit.NewSearch(source, left.Entry, d.order.Now())
				for name := range noLists { // none of which settles it
					d.failLists(name, 1)
					if s = d.look(s); s.Over() || s.Looks != 0 || !d.left().Doubtful() {
						t.Fatalf("%s is taken for a look: %+v", name, s)
					}
				}
				s = d.seek(s)
				last := d.left()
				if !tc.found {
					if len(s.Found) != 0 || last.Last != journal.NotFound || s.Looks != 1 {
						t.Errorf("found %v in %d looks, the journal says %s", s.Found, s.Looks, last.Last)
					}
					d.allow()
					return
				}
				if len(s.Found) != 1 || s.Found[0].ID != d.newest().ID || last.Last != journal.Found || last.JobID != d.newest().ID || !last.Unfinished() {
					t.Errorf("found %v, the journal says %s %s", s.Found, last.Last, last.JobID)
				}
			})
		}
	}
}

// What cannot be written down is not sent, however the journal is broken.
func TestUnwritableJournal(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(dir string) (string, error){
		"its directory is a file": func(dir string) (string, error) {
			path := filepath.Join(dir, "state")
			return path, os.WriteFile(path, nil, 0o600)
		},
		"its directory is below a file": func(dir string) (string, error) {
			path := filepath.Join(dir, "state")
			return filepath.Join(path, "atlas-restore"), os.WriteFile(path, nil, 0o600)
		},
		"it is a directory": func(dir string) (string, error) {
			return dir, os.Mkdir(filepath.Join(dir, "journal.jsonl"), 0o700)
		},
		"it leads nowhere": func(dir string) (string, error) {
			return dir, os.Symlink(filepath.Join(dir, "gone", "journal.jsonl"), filepath.Join(dir, "journal.jsonl"))
		},
	} {
		for _, kind := range orderKinds {
			t.Run(kind+"/"+name, func(t *testing.T) {
				t.Parallel()
				d := newDesk(t, kind, 0)
				var err error
				if d.dir, err = spoil(d.dir); err != nil {
					t.Fatal(err)
				}
				if r := d.once(); r.Verdict != submit.Refused || r.Err == nil || errors.Is(r.Err, submit.ErrDoubt) {
					t.Errorf("verdict %v, %v", r.Verdict, r.Err)
				}
				d.noPosts()
			})
		}
	}
}

// Two wizards of one machine at the same target: while one sends, the other is refused.
func TestTwoAtOnce(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"automated", "pointInTime", "flex", "collections"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, kind, 0)
			gate := make(chan struct{})
			d.failPost(simulator.Fault{Stall: gate})
			first := make(chan submit.Result)
			d.confirmed++
			go func() { first <- submit.Once(t.Context(), d.atlas, journal.At(d.dir), d.order) }()
			d.await("the first request", func() bool { return d.sim.Armed() == 0 })
			d.refuse(journal.ErrBusy)
			close(gate)
			if r := <-first; r.Verdict != submit.Created || r.Err != nil {
				t.Errorf("the first: verdict %v, %v", r.Verdict, r.Err)
			}
			d.refuse(nil) // its job runs
			if n := len(d.posts()); n != 1 || d.made() != 1 {
				t.Errorf("%d requests, %d jobs", n, d.made())
			}
		})
	}
}
