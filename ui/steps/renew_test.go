package steps

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/fetch"
	"atlas-restore/state/journal"
	"atlas-restore/state/watch"
)

// Where another's file has the place of one, the same command goes on only once that is moved away.
func TestAPlaceThatIsTakenIsSaidToBe(t *testing.T) {
	for problem, want := range map[fetch.Problem]string{
		fetch.Exists: "Once it is moved away: atlas-restore download X --out /x", fetch.Foreign: "Once it is moved away: ", fetch.Cut: "To go on: atlas-restore download X --out /x",
	} {
		err := fetch.Result{{Name: "a", Err: &fetch.Error{Problem: problem, Why: "a file is there"}}}.Err()
		if text := (Download{Err: err, Again: "atlas-restore download X --out /x"}).Text(); !strings.Contains(text, "\n"+want) {
			t.Errorf("%s:\n%s", problem, text)
		}
	}
}

// renewing is an Atlas with a download whose links are over. Another one is made by a request, whose
// answer may be lost.
type renewing struct {
	Atlas

	posts  int
	answer error // in the place of the job
	makes  bool  // the job is made
	seen   bool  // … and listed
	ends   string
	made   time.Time
	looks  int
	renews bool // Atlas itself gives the old job other links, from the second look on
}

const (
	oldJob   = "386d35700000000000000001" // of an hour before the clock of these tests begins
	snapshot = "6925c1d2e3a4b5c6d7e8f903"
)

func idAt(t time.Time) string { return fmt.Sprintf("%08x%016x", t.Unix(), 7) }

func (a *renewing) job(at time.Time, ready bool) state.Job {
	j := state.Job{ID: idAt(at), Family: state.Dedicated, DeliveryType: state.Download, SnapshotID: snapshot}
	if ready {
		j.ExpiresAt, j.Deliveries = at.Add(time.Hour+4*time.Minute), []state.Delivery{{URL: state.NewSecret("https://files.example.net:27017/new")}}
	}
	j.Failed = a.ends == "failed" && ready
	return j
}

func (a *renewing) CreateJob(ctx context.Context, _ state.Cluster, b state.Request) (state.Job, error) {
	a.posts++
	if b.DeliveryType != state.Download || b.SnapshotID != snapshot || b.TargetClusterName != "" {
		panic("another request")
	}
	if a.makes {
		a.made = time.Now()
	}
	if a.answer != nil {
		return state.Job{}, a.answer
	}
	return a.job(a.made, false), ctx.Err()
}

func (a *renewing) Jobs(context.Context, state.Cluster) ([]state.Job, error) {
	if a.made.IsZero() || !a.seen {
		return nil, nil
	}
	return []state.Job{a.job(a.made, false)}, nil
}

func (a *renewing) CollectionJobs(context.Context, state.Cluster) ([]state.Job, error) {
	return nil, nil
}

func (a *renewing) Snapshot(context.Context, state.Cluster, string) (state.Snapshot, error) {
	return state.Snapshot{ID: snapshot}, nil
}

func (a *renewing) Job(_ context.Context, _ state.Cluster, id string) (state.Job, error) {
	if id != oldJob {
		return a.job(a.made, time.Since(a.made) > 4*time.Minute), nil
	}
	a.looks++
	j := state.Job{ID: oldJob, Family: state.Dedicated, DeliveryType: state.Download, SnapshotID: snapshot, Expired: true, ExpiresAt: time.Now().Add(-time.Minute)}
	if a.renews && a.looks > 1 {
		j.Expired, j.ExpiresAt, j.Deliveries = false, time.Now().Add(time.Hour), []state.Delivery{{URL: state.NewSecret("https://files.example.net:27017/new")}}
	}
	return j, nil
}

// asks is a fetcher of so many files, whose links are all over.
type asks struct{ files int }

func (asks) Room(string) fetch.Room { return fetch.Room{Free: 1e9} }

func (a asks) Fetch(ctx context.Context, o fetch.Order, how fetch.How) (fetch.Result, error) {
	var r fetch.Result
	next, err := o, errors.New("not asked yet")
	for range a.files {
		if err != nil {
			next, err = how.Renew(ctx, o)
		}
		f := fetch.Fetched{Name: "orders.tar.gz", State: fetch.Proven, Total: -1, Verdict: fetch.Verdict{Proven: true}}
		switch {
		case ctx.Err() != nil:
			f.State, f.Err = fetch.Kept, &fetch.Error{Problem: fetch.Left, Why: "left"}
		case err != nil:
			f.State, f.Err = fetch.Kept, &fetch.Error{Problem: fetch.Stale, Why: err.Error(), Advice: "Ask for another."}
		case next.Files[0].Link.Reveal() != "https://files.example.net:27017/new":
			f.State, f.Err = fetch.Kept, &fetch.Error{Problem: fetch.BadLink, Why: next.Files[0].Link.Reveal()}
		}
		r = append(r, f)
	}
	return r, r.Err()
}

// renewed fetches with links that are over. Before is what the journal holds.
func renewed(ctx context.Context, a *renewing, j *journal.InMemory, consent func(context.Context, string) bool, files int) (d Download, said string) {
	c := state.Cluster{ProjectID: "5f0000000000000000000001", Name: "orders-prod", Type: state.ReplicaSet, Family: state.Dedicated}
	cfg := Config{Atlas: a, Journal: j, Now: time.Now, Pace: 1, Endpoint: "https://cloud.mongodb.com"}
	old, _ := a.Job(ctx, c, oldJob)
	d = Download{
		Plan: state.Plan{Project: state.Project{ID: c.ProjectID, Name: "Payments"}, Cluster: c}, Job: old, Again: "atlas-restore download " + oldJob,
		Renewal: Renewal{Consent: consent, Say: func(text string) { said += text + "\n" }},
	}
	d.Fetch(ctx, cfg, asks{files}, fetch.Order{Dir: "/x", Job: oldJob, Snapshot: snapshot}, fetch.How{}, nil, func(string) {})
	return d, said
}

// Where the links are over, and Atlas gives no others, a yes makes one other download of the same
// snapshot, for all files together. Without a yes there is none, and nobody is asked twice.
func TestRenewalNeedsAYes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, questions, yes := &renewing{makes: true}, []string{}, false
		ask := func(_ context.Context, q string) bool { questions = append(questions, q); return yes }
		d, _ := renewed(t.Context(), a, &journal.InMemory{}, ask, 2)
		if a.posts != 0 || len(questions) != 1 || d.Outcome != state.OutcomeExpired || d.Again != "atlas-restore download "+oldJob+" --renew" {
			t.Errorf("no: %d posts, %q, %+v", a.posts, questions, d)
		}
		if !strings.Contains(questions[0], "orders-prod") || !strings.Contains(questions[0], "It erases nothing") {
			t.Error(questions)
		}
		if d, _ = renewed(t.Context(), a, &journal.InMemory{}, nil, 2); a.posts != 0 || d.Outcome != state.OutcomeExpired || d.Err == nil {
			t.Errorf("nobody: %d posts, %+v", a.posts, d)
		}
		yes = true
		d, said := renewed(t.Context(), a, &journal.InMemory{}, ask, 1)
		if a.posts != 1 || len(questions) != 2 || d.Outcome != state.OutcomeDownloaded || d.Job.ID != idAt(a.made) || !strings.Contains(said, "job "+d.Job.ID) {
			t.Errorf("yes: %d posts, %q, %+v\n%s", a.posts, questions, d, said)
		}
	})
}

// Where the files of the job were proven in another directory, that is named before another download is
// asked about; and that they are stays told, whatever comes of the later fetch.
func TestProvenFilesAreNamedBeforeAnotherDownload(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j, order := &journal.InMemory{}, ""
		for _, e := range []journal.Entry{
			{Event: journal.Created, ID: "x", JobID: oldJob},
			{Event: journal.Fetched, JobID: oldJob, Fetch: &journal.Fetch{At: time.Now(), Dir: "/mnt/first", Outcome: state.OutcomeDownloaded}},
		} {
			_ = j.Append(e)
		}
		ask := func(context.Context, string) bool { order += "asked"; return false }
		for _, consent := range []func(context.Context, string) bool{ask, nil} {
			a := &renewing{makes: true}
			_, said := renewed(t.Context(), a, j, consent, 2)
			if strings.Count(said, "are there already. Downloaded to /mnt/first, proven") != 1 {
				t.Errorf("the directory is not named once:\n%s", said)
			}
			entries, _ := j.Read()
			if s := journal.Submissions(entries)[0]; !s.Files.Proven() || s.Files.Dir != "/mnt/first" {
				t.Errorf("what was proven is forgotten: %+v", s.Files)
			}
		}
		if order != "asked" {
			t.Errorf("asked: %q", order)
		}
		// In the same directory the newest counts, and so does a newer proof.
		for dir, proven := range map[string]bool{"/mnt/first": false, "/mnt/again": true} {
			all := []journal.Entry{{Event: journal.Created, ID: "x", JobID: oldJob}, {Event: journal.Fetched, JobID: oldJob, Fetch: &journal.Fetch{Dir: "/mnt/first", Outcome: state.OutcomeDownloaded}}}
			later := &journal.Fetch{Dir: dir, Outcome: state.OutcomeFailed}
			if proven {
				later.Outcome = state.OutcomeDownloaded
			}
			if s := journal.Submissions(append(all, journal.Entry{Event: journal.Fetched, JobID: oldJob, Fetch: later}))[0]; s.Files != later {
				t.Errorf("%s: %+v", dir, s.Files)
			}
		}
	})
}

// A consent that was given beforehand is good for one job.
func TestRenewalOncePerConsent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &renewing{makes: true, ends: "failed"}
		j := &journal.InMemory{}
		d, _ := renewed(t.Context(), a, j, Once(), 3)
		if a.posts != 1 || d.Outcome != state.OutcomeExpired || d.Job.ID != idAt(a.made) || !strings.Contains(d.Err.Error(), "the other download has no links") {
			t.Errorf("%d posts, %+v", a.posts, d)
		}
		if !strings.HasPrefix(d.Again, "atlas-restore download "+idAt(a.made)) {
			t.Error(d.Again)
		}
	})
}

// A request whose answer is lost is never sent again: its job is looked for, in this run and in the
// next, and what is not known is told as that.
func TestRenewalAnswerLost(t *testing.T) {
	t.Parallel()
	lost := errors.New("the connection ended")
	for name, c := range map[string]struct {
		makes, seen bool
		posts       int // after the next run too
		first, then state.Outcome
	}{
		"made, and listed":       {true, true, 1, state.OutcomeDownloaded, state.OutcomeDownloaded},
		"made, and listed later": {true, false, 1, state.OutcomeUnknown, state.OutcomeDownloaded},
		"never made":             {false, false, 2, state.OutcomeUnknown, state.OutcomeDownloaded},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a, j := &renewing{answer: lost, makes: c.makes, seen: c.seen}, &journal.InMemory{}
				d, said := renewed(t.Context(), a, j, Once(), 2)
				if a.posts != 1 || d.Outcome != c.first || !strings.Contains(said, "nothing is asked for again") {
					t.Errorf("%d posts, %s: %v\n%s", a.posts, d.Outcome, d.Err, said)
				}
				if c.first == state.OutcomeUnknown && (d.Outcome.ExitCode() != 6 || !strings.Contains(d.Err.Error(), "is not known")) {
					t.Errorf("%v", d.Err)
				}
				a.answer, a.makes, a.seen = nil, true, true
				d, said = renewed(t.Context(), a, j, Once(), 1)
				if a.posts != c.posts || d.Outcome != c.then || d.Job.ID != idAt(a.made) {
					t.Errorf("the next run: %d posts, %s: %v\n%s", a.posts, d.Outcome, d.Err, said)
				}
			})
		})
	}
}

// Whoever leaves while the other download is made, or before its job was found, is told that something
// was submitted; the next run takes that job.
func TestRenewalIsLeft(t *testing.T) {
	t.Parallel()
	for name, lost := range map[string]error{"made": nil, "in doubt": errors.New("the connection ended")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a, j := &renewing{answer: lost, makes: true, seen: true}, &journal.InMemory{}
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				d, _ := renewed(ctx, a, j, Once(), 1)
				if want := map[bool]state.Outcome{true: state.OutcomeRunning, false: state.OutcomeUnknown}[lost == nil]; a.posts != 1 || d.Outcome != want {
					t.Errorf("%d posts, %s: %v", a.posts, d.Outcome, d.Err)
				}
				d, said := renewed(t.Context(), a, j, nil, 1)
				if a.posts != 1 || d.Outcome != state.OutcomeDownloaded || d.Job.ID != idAt(a.made) {
					t.Errorf("the next run: %d posts, %s: %v\n%s", a.posts, d.Outcome, d.Err, said)
				}
			})
		})
	}
}

// A job whose links are renewed by Atlas itself needs no other.
func TestRenewalByAtlas(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &renewing{renews: true}
		d, _ := renewed(t.Context(), a, &journal.InMemory{}, func(context.Context, string) bool { t.Error("somebody is asked"); return true }, 1)
		if a.posts != 0 || d.Outcome != state.OutcomeDownloaded || d.Job.ID != oldJob {
			t.Errorf("%d posts, %+v", a.posts, d)
		}
	})
}

// Where a link is over, no key and no command is named that would only be refused again.
func TestALinkThatIsOverIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	for problem, says := range map[fetch.Problem]string{fetch.Stale: "These links give nothing more. a asks for another download of the same snapshot and goes on, and so does: atlas-restore download X --renew", fetch.Cut: "d tries again"} {
		now := time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)
		job := state.Job{ID: oldJob, DeliveryType: state.Download, Deliveries: []state.Delivery{{URL: state.NewSecret("https://files.example.net:27017/a")}}}
		f := watch.New(job, now)
		f.Saw(job, now)
		j := Job{Follow: f, Plan: state.Plan{Delivery: state.Download, Project: state.Project{ID: "p"}, Cluster: state.Cluster{Name: "orders-prod"}}, Fetch: &Fetching{Dir: "/x", Done: &Download{
			Outcome: state.OutcomeExpired, Err: &fetch.Error{Problem: problem}, Again: "atlas-restore download X --renew",
		}}}
		done := j.Fetch.Done
		done.Files = []FileResult{fileResult(fetch.Fetched{State: fetch.Kept, Err: &fetch.Error{Problem: problem}})}
		j.Fetch.remember(job, *done)
		if got := FetchMeaning(Config{Mode: Live, Now: func() time.Time { return now }}, j); !strings.HasPrefix(got, says) {
			t.Errorf("%s: %s", problem, got)
		}
	}
}
