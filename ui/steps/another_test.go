package steps

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/fetch"
	"atlas-restore/state/journal"
	"atlas-restore/state/watch"
)

// over is a download of this run whose links gave nothing more while its file came.
func over(a *renewing) Job {
	c := state.Cluster{ProjectID: "5f0000000000000000000001", Name: "orders-prod", Type: state.ReplicaSet, Family: state.Dedicated}
	old, _ := a.Job(context.Background(), c, oldJob)
	f := watch.New(old, time.Now())
	f.Saw(old, time.Now())
	done := Download{Job: old, Outcome: state.OutcomeExpired, Err: errors.New("gone"), Again: "atlas-restore download " + oldJob, Now: time.Now()}
	done.Files = []FileResult{fileResult(fetch.Fetched{State: fetch.Kept, Bytes: 300, Err: &fetch.Error{Problem: fetch.Stale, Status: 410}})}
	return Job{
		Follow: f, Plan: state.Plan{Delivery: state.Download, Project: state.Project{ID: c.ProjectID, Name: "Payments"}, Cluster: c}, Said: &Said{},
		Fetch: &Fetching{Dir: "/mnt/restore", Done: &done},
	}
}

func another(ctx context.Context, a *renewing, j Job, kept *journal.InMemory) (Another, Config) {
	cfg := Config{Atlas: a, Journal: kept, Now: time.Now, Pace: 1, Endpoint: "https://cloud.mongodb.com", Fetcher: asks{1}}
	out := AskAnother(cfg, j)(ctx, func([]string) {})
	j.TookAnother(cfg, out)
	return out, cfg
}

// One yes makes one job at most, whatever becomes of the answer; the next yes takes what is there. The
// job that is followed is the other one from then on, and goes on into the same directory.
func TestAnotherDownloadInPlace(t *testing.T) {
	t.Parallel()
	lost := errors.New("the connection ended")
	for name, c := range map[string]struct {
		a            *renewing
		first, then  int  // requests after the first yes, and after a second one
		known, after bool // the other job is followed
	}{
		"made":                         {&renewing{makes: true, seen: true}, 1, 1, true, true},
		"answer lost, and listed":      {&renewing{makes: true, seen: true, answer: lost}, 1, 1, true, true},
		"answer lost, and found later": {&renewing{makes: true, answer: lost}, 1, 1, false, true},
		"answer lost, and never made":  {&renewing{answer: lost}, 1, 2, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				j, kept := over(c.a), &journal.InMemory{}
				out, cfg := another(t.Context(), c.a, j, kept)
				if !cfg.AsksAnother(over(c.a), time.Now()) {
					t.Error("it is not offered")
				}
				if c.a.posts != c.first || (j.Job.ID == idAt(c.a.made)) != c.known || (out.Doubt == nil) != c.known || c.known != (j.Fetch.Then == "/mnt/restore") {
					t.Fatalf("%d posts, job %s, %+v", c.a.posts, j.Job.ID, out)
				}
				if got, want := j.Outcome(time.Now()), map[bool]state.Outcome{true: state.OutcomeRunning, false: state.OutcomeUnknown}[c.known]; got != want {
					t.Errorf("the outcome is %s", got)
				}
				if c.known && (len(j.Fetch.Past) != 1 || j.Fetch.Past[0].Job.ID != oldJob || j.Fetch.Past[0].Outcome != state.OutcomeExpired || cfg.AsksAnother(j, time.Now())) {
					t.Errorf("the one before is lost, or yet another is offered: %+v", j.Fetch)
				}
				if !c.known && (j.Job.ID != oldJob || !cfg.AsksAnother(j, time.Now()) || !strings.Contains(FetchMeaning(cfg, j), "is not known") || j.inDoubt(cfg, j.Fetch.Done).Outcome.ExitCode() != 6) {
					t.Errorf("the doubt is not told: %q", FetchMeaning(cfg, j))
				}
				c.a.answer, c.a.makes, c.a.seen = nil, true, true
				if !c.known {
					again := j
					out, _ = another(t.Context(), c.a, again, kept)
				} else {
					j = over(c.a) // as in a later run
					out, _ = another(t.Context(), c.a, j, kept)
				}
				if c.a.posts != c.then || (j.Job.ID == idAt(c.a.made)) != c.after || out.Doubt != nil || out.Err != nil {
					t.Errorf("the second yes: %d posts, job %s, %+v", c.a.posts, j.Job.ID, out)
				}
			})
		})
	}
}

// The question for another download names each directory in which files of the snapshot were proven already:
// by this fetch, by one of this run into another directory, and by an earlier run. Nothing else is named.
func TestAnotherQuestionNamesWhatWasProven(t *testing.T) {
	t.Parallel()
	fetched := func(states ...fetch.State) (out []FileResult) {
		for _, s := range states {
			out = append(out, FileResult{State: s})
		}
		return out
	}
	before := &journal.Fetch{Dir: "/mnt/before", Outcome: state.OutcomeExpired, Files: []journal.FetchedFile{{State: fetch.Proven}, {State: fetch.Untouched}}}
	for name, c := range map[string]struct {
		before *journal.Fetch
		first  []FileResult // into /mnt/first
		now    []FileResult // into /mnt/restore
		want   string
	}{
		"nothing":       {nil, nil, fetched(fetch.Kept, fetch.Untouched), ""},
		"here":          {nil, nil, fetched(fetch.Proven, fetch.Kept), "Proven already: 1 of 2 files in /mnt/restore. "},
		"in all places": {before, fetched(fetch.Kept, fetch.Proven), fetched(fetch.Proven, fetch.Kept), "Proven already: 1 of 2 files in /mnt/before; 1 of 2 files in /mnt/first; 1 of 2 files in /mnt/restore. "},
		"and refused":   {before, fetched(fetch.Proven, fetch.Kept), nil, "Proven already: 1 of 2 files in /mnt/before; 1 of 2 files in /mnt/first. "},
		"all":           {&journal.Fetch{Dir: "/mnt/before", Outcome: state.OutcomeDownloaded}, nil, fetched(fetch.Kept), "Proven already: all files in /mnt/before. "},
		"a part":        {&journal.Fetch{Dir: "/mnt/before", Files: []journal.FetchedFile{{State: fetch.Kept}}}, nil, fetched(fetch.Kept), ""},
	} {
		j := over(&renewing{})
		cfg := Config{Now: time.Now, Journal: &journal.InMemory{}}
		j.Fetch.Before, j.Fetch.Dir, j.Fetch.Done.Files = c.before, "/mnt/first", c.first
		if c.first == nil {
			j.Fetch.Dir, j.Fetch.Done = "", nil
		}
		f := FetchHere(cfg, j, "bad\x00", false, nil)(t.Context(), func(Fetching) {}) // it comes to no file
		f.Dir, f.Done.Files = "/mnt/restore", c.now
		j.Fetch = &f
		if got := AnotherQuestion(cfg, j); got != c.want+renewQuestion(j.Plan, j.Job, time.Now()) {
			t.Errorf("%s: %s", name, got)
		}
		was := j.Fetch.provenBefore()
		j.TookAnother(cfg, Another{Job: state.Job{ID: "6b0000000000000000000009", DeliveryType: state.Download}})
		if got := j.Fetch.provenBefore(); got != was || j.Fetch.Downloaded() || j.Fetch.Where() != "/mnt/restore" {
			t.Errorf("%s: with the other download it is forgotten: %q, %+v", name, got, j.Fetch)
		}
	}
}

// Where Atlas gives other links for the job, or refuses, no other job is made, and what is told is that.
func TestAnotherDownloadIsNotNeeded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &renewing{renews: true}
		j := over(a)
		if out, _ := another(t.Context(), a, j, &journal.InMemory{}); a.posts != 0 || out.Err != nil || j.Job.ID != oldJob || !j.Due(time.Now()) || len(j.Fetch.Past) > 0 || j.Fetch.Then != "/mnt/restore" {
			t.Errorf("%d posts, %+v, %+v", a.posts, out, j.Fetch)
		}
		refused := &renewing{answer: &state.AtlasError{Status: 403, Code: "USER_UNAUTHORIZED"}}
		j = over(refused)
		if out, _ := another(t.Context(), refused, j, &journal.InMemory{}); refused.posts != 1 || out.Err == nil || out.Doubt != nil || j.Job.ID != oldJob || j.Outcome(time.Now()) != state.OutcomeExpired {
			t.Errorf("%d posts, %+v", refused.posts, out)
		}
	})
}

// Whoever leaves before the answer is told that it is not known, and how it is looked for.
func TestAnotherDownloadIsLeft(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &renewing{makes: true, answer: errors.New("the connection ended")}
		j := over(a)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		out, cfg := another(ctx, a, j, &journal.InMemory{})
		d := j.inDoubt(cfg, j.Fetch.Done)
		if a.posts != 1 || out.Doubt == nil || d.Outcome != state.OutcomeUnknown || d.Again != "atlas-restore download "+oldJob+" --renew" {
			t.Errorf("%d posts, %+v, %+v", a.posts, out, d)
		}
		j.Fetch.Doubt, j.Fetch.Asks = nil, true // no answer was awaited
		if d := j.inDoubt(cfg, nil); j.Outcome(time.Now()) != state.OutcomeUnknown || d.Err == nil || !strings.Contains(d.Err.Error(), "before the answer") {
			t.Errorf("%+v", d)
		}
	})
}

// The download in whose place another stands has a record of its own, and its checks are those of the
// review: the other one was not reviewed.
func TestRecordOfWhatWasReplaced(t *testing.T) {
	old, cfg, about := ended(state.OutcomeExpired, func(s *Summary) {
		s.Plan.Delivery = state.Download
		s.Checks = []CheckResult{{Name: "role", Verdict: "ok"}}
	})
	s := old
	s.Job.ID, s.Outcome, s.Checks, s.Replaced = "j2", state.OutcomeRunning, nil, []Summary{old}
	also := about.Journal[0]
	also.JobID = "j2"
	about.Journal = append(about.Journal, also)
	all := s.Records(cfg, about)
	if len(all) != 2 || all[0].JobID != "j1" || all[1].JobID != "j2" || len(all[0].Before) != 1 || len(all[1].Before) != 0 || all[0].Status != string(state.OutcomeExpired) {
		t.Errorf("%+v", all)
	}
}
