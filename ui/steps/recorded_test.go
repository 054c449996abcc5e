package steps

import (
	"errors"
	"strings"
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/fetch"
	"atlas-restore/state/journal"
	"atlas-restore/state/record"
	"atlas-restore/state/watch"
)

// ended is a run whose restore has ended so, and what is known of it.
func ended(o state.Outcome, change func(*Summary)) (Summary, Config, About) {
	now := time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)
	p := state.Plan{
		Project: state.Project{ID: "p1", Name: "Payments"}, Cluster: state.Cluster{Name: "orders-prod"}, Delivery: state.Automated,
		Snapshot: state.Snapshot{ID: "s1", CreatedAt: now.Add(-2 * time.Hour)}, Target: state.Target{Project: state.Project{ID: "p2", Name: "Payments Staging"}, ClusterName: "orders-prod-b"},
	}
	s := Summary{Outcome: o, Plan: p, Now: now, Job: state.Job{ID: "j1", DeliveryType: state.Automated, FinishedAt: now.Add(-time.Minute)}, Watch: "atlas-restore watch j1", LookFor: "atlas-restore watch"}
	if change != nil {
		change(&s)
	}
	sub := journal.Submission{Entry: journal.Entry{Time: now.Add(-11 * time.Minute), ProjectID: "p1", ClusterName: "orders-prod"}, JobID: s.Job.ID, Last: journal.Created}
	if s.Job.ID == "" {
		sub.Last = journal.Unknown
	}
	return s, Config{Endpoint: "https://cloud.mongodb.com/", Who: "mdb_sa_id_5f"}, About{Ticket: "OPS-1", Journal: []journal.Submission{sub}}
}

// Each end of a restore has its record, and none is better than what was seen.
func TestRecordOfEachEnd(t *testing.T) {
	for name, c := range map[string]struct {
		out    state.Outcome
		change func(*Summary)
		want   record.Result
		left   string
	}{
		"completed":                          {state.OutcomeCompleted, nil, record.Incomplete, "records check"},
		"failed":                             {state.OutcomeFailed, nil, record.Fail, ""},
		"cancelled":                          {state.OutcomeCancelled, nil, record.Fail, ""},
		"expired":                            {state.OutcomeExpired, nil, record.Fail, ""},
		"running":                            {state.OutcomeRunning, nil, record.Incomplete, "watch j1"},
		"ready":                              {state.OutcomeReady, func(s *Summary) { s.Plan.Delivery = state.Download }, record.Incomplete, "Fetch the files"},
		"not seen":                           {state.OutcomeUnknown, func(s *Summary) { s.Unseen = true }, record.Incomplete, "watch j1"},
		"gone":                               {state.OutcomeUnknown, func(s *Summary) { s.Gone = true }, record.Incomplete, "watch j1"},
		"another restore was seen beside it": {state.OutcomeUnknown, func(s *Summary) { s.Others = []state.Other{{Job: state.Job{ID: "j2"}}} }, record.Fail, ""},
		"whether there are others could not be read": {state.OutcomeCompleted, func(s *Summary) { s.Unlisted = errors.New("no answer") }, record.Incomplete, ""},
		"search is lost":     {state.OutcomeCompleted, func(s *Summary) { s.Search = watch.Search{At: s.Now, Failed: true} }, record.Fail, ""},
		"search is not read": {state.OutcomeCompleted, func(s *Summary) { s.Search = watch.Search{Err: errors.New("no answer")} }, record.Incomplete, ""},
	} {
		s, cfg, about := ended(c.out, c.change)
		all := s.Records(cfg, about)
		if len(all) != 1 {
			t.Fatalf("%s: %d records", name, len(all))
		}
		r := all[0]
		if r.Result != c.want || !strings.Contains(strings.Join(r.Left, "\n"), c.left) {
			t.Errorf("%s: %s, %s, left %q; want %s, left %q", name, r.Result, r.Why, r.Left, c.want, c.left)
		}
		if r.Ticket != "OPS-1" || r.JobID != "j1" || r.Times.Submitted == nil || r.Source.Production != true || r.Operator.Credential != "mdb_sa_id_5f" {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

// What was fetched and proven is a check of the data: of each file, and none is better than its proof.
func TestRecordOfFiles(t *testing.T) {
	for name, c := range map[string]struct {
		out   state.Outcome
		files []FileResult
		want  record.Result
	}{
		"proven":           {state.OutcomeDownloaded, []FileResult{{State: fetch.Proven, Proof: "3 of 3 tables"}}, record.Pass},
		"one is damaged":   {state.OutcomeFailed, []FileResult{{State: fetch.Proven}, {State: fetch.Aside, Error: "table orders is damaged"}}, record.Fail},
		"one is unchecked": {state.OutcomeUnknown, []FileResult{{State: fetch.Proven}, {State: fetch.Aside, Error: "2 tables are encrypted"}}, record.Incomplete},
		"one is missing":   {state.OutcomeError, []FileResult{{State: fetch.Proven}, {State: fetch.Untouched}}, record.Incomplete},
		"a part is there":  {state.OutcomeAborted, []FileResult{{State: fetch.Kept}}, record.Incomplete},
		"none":             {state.OutcomeDownloaded, nil, record.Incomplete},
	} {
		s, cfg, about := ended(c.out, func(s *Summary) {
			s.Plan.Delivery, s.Job.Deliveries = state.Download, []state.Delivery{{}}
			s.Fetched = &Download{Outcome: c.out, Files: c.files, Job: s.Job, Plan: s.Plan}
		})
		all := s.Records(cfg, about)
		if len(all) != 1 || all[0].Result != c.want {
			t.Errorf("%s: %+v, want %s", name, all, c.want)
		}
	}
}

// A request whose answer was lost has a record too; what was never submitted, or by somebody else,
// has none.
func TestRecordOfWhatWasSubmitted(t *testing.T) {
	s, cfg, about := ended(state.OutcomeUnknown, func(s *Summary) { s.Job = state.Job{}; s.Doubts = []state.Plan{s.Plan} })
	all := s.Records(cfg, about)
	if len(all) != 1 || all[0].Result != record.Incomplete || !strings.Contains(all[0].Left[0], "Look for the job") {
		t.Errorf("a lost answer: %+v", all)
	}
	for _, o := range []state.Outcome{state.OutcomeDryRun, state.OutcomeAborted, state.OutcomeError} {
		s, cfg, about := ended(o, func(s *Summary) { s.Job = state.Job{} })
		about.Journal = nil
		if all := s.Records(cfg, about); len(all) > 0 || s.Submitted() {
			t.Errorf("%s: %+v", o, all)
		}
	}
	s, cfg, about = ended(state.OutcomeCompleted, nil)
	cfg.Resume, about.Journal = &journal.Submission{JobID: "j1"}, nil
	if all := s.Records(cfg, about); len(all) > 0 {
		t.Errorf("a job of somebody else: %+v", all)
	}
}

// Who comes back to a job writes one more record in the place of the first, with what that knew; who
// only looks again writes none.
func TestRecordOfWhoComesBack(t *testing.T) {
	book := record.At(t.TempDir())
	s, cfg, about := ended(state.OutcomeRunning, func(s *Summary) {
		s.Checks = []CheckResult{{Name: "role", Verdict: "unknown", Reason: "Atlas does not tell it.", Asks: true, Accepted: true}}
	})
	if got := s.Record(cfg, about, book); len(got) != 1 || got[0].Number != 1 || got[0].Result != record.Incomplete || got[0].Lost != "" {
		t.Fatalf("%+v", got)
	}
	back, cfg, again := ended(state.OutcomeCompleted, nil)
	cfg.Resume, again.Ticket = &again.Journal[0], ""
	if got := back.Record(cfg, again, book); len(got) != 1 || got[0].Number != 2 {
		t.Fatalf("%+v", got)
	}
	if got := back.Record(cfg, again, book); len(got) != 0 {
		t.Errorf("looked again: %+v", got)
	}
	all, err := book.Read()
	if err != nil || len(all) != 2 {
		t.Fatal(len(all), err)
	}
	last := all[1]
	if last.Replaces != all[0].SHA256 || last.Ticket != "OPS-1" || len(last.Before) != 1 || len(last.Deviations) != 1 {
		t.Errorf("what the first knew is lost: %+v", last)
	}
}

// A record that cannot be written is told, and so is a chain that does not hold.
func TestRecordThatCannotBeWritten(t *testing.T) {
	s, cfg, about := ended(state.OutcomeCompleted, nil)
	s.Recorded = s.Record(cfg, about, record.At("/dev/null/records"))
	if text := s.Text(); !strings.Contains(text, "NO RECORD of this restore was written") {
		t.Errorf("%s", text)
	}
}

// What somebody has said while the job ran goes into the record, over what flags said; what is no line
// of plain letters is refused, and leaves what was said.
func TestRecordHasWhatWasSaidMeanwhile(t *testing.T) {
	s, cfg, about := ended(state.OutcomeCompleted, nil)
	said := saidOf(about)
	if !said.Asked || said.Ticket != "OPS-1" {
		t.Fatalf("flags have said it: %+v", said)
	}
	for _, bad := range []string{"a\x1b[31mb", "a\nb", "\u202eevil", strings.Repeat("x", 201)} {
		if err := said.Answer("OPS-2", bad); err == nil || said.Ticket != "OPS-1" {
			t.Errorf("%q: %v, %+v", bad, err, said)
		}
	}
	if err := said.Answer(" OPS-2 ", "orders were dropped"); err != nil {
		t.Fatal(err)
	}
	s.Said = *said
	if r := s.Records(cfg, about)[0]; r.Ticket != "OPS-2" || r.Purpose != "orders were dropped" {
		t.Errorf("%q, %q", r.Ticket, r.Purpose)
	}
	if next := said.further(); next.Ticket != "OPS-2" || next == said {
		t.Errorf("another restore of the run: %+v", next)
	}
}
