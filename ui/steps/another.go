package steps

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/journal"
	"atlas-restore/state/watch"
)

// Another is what came of asking for another download of the same snapshot, in the place of one whose
// links are over.
type Another struct {
	Job   state.Job // that stands in its place: a new one, or the same with other links; no id: none does
	Said  []string  // what was done, a sentence each
	Doubt error     // whether there is one is not known, because of this
	Err   error     // why there is none; nil if there is
}

// AsksAnother says whether another download of the same snapshot can be asked for: files are missing, and
// nothing more comes of the links.
func (c Config) AsksAnother(j Job, now time.Time) bool {
	f := j.Fetch
	return c.Fetcher != nil && c.Journal != nil && f != nil && !f.Busy && !f.Asks && !f.settled() && !j.Unseen && j.Job.SnapshotID != "" &&
		(j.State(now) == state.Expired || j.refused())
}

// refused says whether nothing more came of a link as it was asked, whichever the reason: mostly it is
// used up or over.
func (j Job) refused() bool {
	return j.Fetch.Done != nil && slices.ContainsFunc(j.Fetch.Done.Files, func(f FileResult) bool { return f.stale })
}

// AnotherQuestion is what is consented to. Where files of the snapshot were proven already comes first:
// whoever knows that may want no other download.
func AnotherQuestion(cfg Config, j Job) string {
	return j.Fetch.provenBefore() + renewQuestion(j.Plan, j.Job, cfg.Now())
}

// AskAnother makes what asks Atlas for another download of the same snapshot, once, after somebody has
// consented to it. What this machine has asked for already is taken, and a job whose answer was lost is
// looked for. It may run beside everything; said hears what is done, and must not block.
func AskAnother(cfg Config, j Job) func(ctx context.Context, said func([]string)) Another {
	members, dir := j.Members, j.Fetch.Where()
	d := Download{Plan: j.Plan, Job: j.Job.Whole(members)}
	return func(ctx context.Context, said func([]string)) Another {
		var a Another
		d.Renewal = Renewal{Consent: Once(), Fetches: func(id string) string { return cfg.fetchesOf(id, d.Plan.Cluster, dir) }, Say: func(text string) {
			a.Said = append(a.Said, text)
			said(slices.Clone(a.Said))
		}}
		job, found, err := d.listed(ctx, cfg, members)
		if err == nil && !found {
			job, err = d.Renewal.order(ctx, cfg, d.Plan, d.Job, members)
		}
		if a.Doubt = d.Renewal.Doubt; err != nil {
			a.Err = err
			return a
		}
		a.Job = job.Whole(members)
		if dir != "" && job.ID != d.Job.ID { // a later run goes on there
			_ = (&Download{Plan: d.Plan, Job: job}).write(cfg, journal.Fetching, journal.Fetch{Dir: dir}) // the job itself is written down
		}
		return a
	}
}

// TookAnother takes what came of it: the job that is followed is the other one from then on, and the one
// before keeps a record.
func (j Job) TookAnother(cfg Config, a Another) {
	f := j.Fetch
	f.Asks, f.Doubt = false, a.Doubt
	if a.Job.ID == "" {
		return
	}
	now := cfg.Now()
	next := Fetching{Before: f.Before, Gone: f.Gone, Then: f.Where(), Past: f.Past, Limit: f.Limit, Proved: f.provenIn(), Tight: f.Tight}
	if done := f.fetch(); done != nil {
		next.Before = done
	}
	if a.Job.ID != j.Job.ID {
		old := Summary{Outcome: j.Outcome(now), Mode: cfg.Mode, Plan: j.Plan, Job: j.Job, RunningAt: j.RunningAt, Fetched: f.Done, Said: *j.Said.further(), Now: now}
		next.Past = append(slices.Clone(f.Past), old)
	}
	other := watch.New(a.Job, now)
	other.Members, other.Shares, other.Target, other.Blind = j.Members, j.Shares, j.Follow.Target, j.Blind
	*j.Follow, *f = *other, next
}

// TakeThen is the directory into which the files are fetched once their links are there, since somebody
// has wanted that; empty for none. It is taken once.
func (f *Fetching) TakeThen() string {
	if f == nil {
		return ""
	}
	dir := f.Then
	f.Then = ""
	return dir
}

// AnotherMeaning says what is known of another download that was asked for; empty where that needs no
// word.
func (j Job) AnotherMeaning(now time.Time) string {
	f := j.Fetch
	switch {
	case f == nil:
	case f.Asks:
		return "Atlas is asked for another download of the same snapshot: a moment."
	case f.Doubt != nil:
		return fullStop(upperFirst(f.Doubt.Error())) + " a looks for it first, and asks for another only where it is not there."
	case f.Then != "" && j.State(now) == state.InProgress:
		return "Once its links are there the files are fetched into " + f.Then + "."
	}
	return ""
}

var errUnanswered = errors.New(unknownRenew + ": the run was left before the answer")

// doubted is why it is not known whether there is another download; nil where it is.
func (f *Fetching) doubted() error {
	switch {
	case f == nil:
		return nil
	case f.Asks:
		return errUnanswered
	}
	return f.Doubt
}

// inDoubt is what became of the files where that is so; d is what did before, nil for nothing.
func (j Job) inDoubt(cfg Config, d *Download) *Download {
	out := Download{Plan: j.Plan, Job: j.Job, Training: cfg.Mode == Training, Again: cfg.Fetches(j), Now: cfg.Now()}
	if d != nil {
		out = *d
	}
	out.Outcome, out.Err, out.Advice = state.OutcomeUnknown, j.Fetch.doubted(), adviceInDoubt
	if out.Again != "" && !strings.Contains(out.Again, "--"+FlagRenew) {
		out.Again += " --" + FlagRenew
	}
	return &out
}

// leftAsking says what becomes of a request for another download that is left.
func (s *Session) leftAsking(j Job) string {
	again := s.Cfg.Fetches(j)
	if again == "" {
		return "another download of its snapshot is being asked for. It ends with the training."
	}
	return "another download of its snapshot is being asked for, and leaving does not take that back. This looks for it first: " + again + " --" + FlagRenew
}
