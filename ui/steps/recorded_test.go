package steps

import (
	"errors"
	"slices"
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
	s := Summary{Outcome: o, Plan: p, Now: now, Job: state.Job{ID: "j1", DeliveryType: state.Automated, FinishedAt: now.Add(-time.Minute)}, Watch: "atlas-restore watch j1"}
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

// A download has its record at each end, whoever looked at the job: the wizard and watch, or the command that fetches. A
// FAIL takes something that has failed. Links that have expired and a job that was cancelled are told as that, and as
// nothing fetched.
func TestRecordOfEachEndOfADownload(t *testing.T) {
	const another = "Ask for another download of the same snapshot, and fetch it."
	gave := []state.Delivery{{ReplicaSet: "rs0", URL: state.NewSecret("https://host/a.tar.gz")}}
	expired := "Not downloaded: the links of the download job have expired. Nothing was fetched."
	cancelled := "Not downloaded: the download job was cancelled. Nothing was fetched."
	untouched := []FileResult{{State: fetch.Untouched, Error: "the link has expired"}}
	for name, c := range map[string]struct {
		job   func(*state.Job)
		files []FileResult
		out   state.Outcome // of the fetch; empty where it is that of the job
		want  record.Result
		why   string
		found string // of the check of the job
		left  string
	}{
		"running":                      {func(j *state.Job) {}, nil, "", record.Incomplete, "Not seen: the end of the job.", "running", "See the end of the job: atlas-restore watch j1"},
		"ready":                        {func(j *state.Job) { j.Deliveries = gave }, nil, "", record.Incomplete, "The job has ended well. Nobody has looked at the data.", "ready", "Fetch the files and prove them, before the links end."},
		"expired by its time":          {func(j *state.Job) { j.Deliveries, j.ExpiresAt = gave, j.FinishedAt }, nil, "", record.Incomplete, expired, "ready; its links have expired since", another},
		"expired, and Atlas says so":   {func(j *state.Job) { j.Expired = true }, nil, "", record.Incomplete, expired, "expired", another},
		"cancelled":                    {func(j *state.Job) { j.Cancelled = true }, nil, "", record.Incomplete, cancelled, "cancelled", another},
		"cancelled when it was ready":  {func(j *state.Job) { j.Cancelled, j.Deliveries = true, gave }, nil, "", record.Incomplete, cancelled, "ready; it was cancelled since", another},
		"failed":                       {func(j *state.Job) { j.Failed = true }, nil, "", record.Fail, "Failed: job.", "failed", another},
		"proven":                       {func(j *state.Job) { j.Deliveries = gave }, []FileResult{{State: fetch.Proven}}, state.OutcomeDownloaded, record.Pass, "The job has ended well, and 1 check of the data passed: proof of the file.", "ready", "Open the files"},
		"proven, and expired since":    {func(j *state.Job) { j.Deliveries, j.Expired = gave, true }, []FileResult{{State: fetch.Proven}}, state.OutcomeDownloaded, record.Pass, "The job has ended well, and 1 check of the data passed: proof of the file.", "ready; its links have expired since", "Open the files"},
		"expired before the first":     {func(j *state.Job) { j.Deliveries, j.Expired = gave, true }, untouched, state.OutcomeExpired, record.Incomplete, "Not seen: proof of the file.", "ready; its links have expired since", another},
		"expired in the middle":        {func(j *state.Job) { j.Deliveries, j.Expired = gave, true }, []FileResult{{State: fetch.Proven}, {State: fetch.Kept}}, state.OutcomeExpired, record.Incomplete, "Not seen: proof of the file.", "ready; its links have expired since", another},
		"a link is missing":            {func(j *state.Job) { j.Deliveries = []state.Delivery{{}} }, untouched, state.OutcomeExpired, record.Incomplete, "Not seen: proof of the file.", "ready", another},
		"left":                         {func(j *state.Job) { j.Deliveries = gave }, []FileResult{{State: fetch.Kept}}, state.OutcomeAborted, record.Incomplete, "Not seen: proof of the file.", "ready", another},
		"unreachable":                  {func(j *state.Job) { j.Deliveries = gave }, untouched, state.OutcomeError, record.Incomplete, "Not seen: proof of the file.", "ready", another},
		"damaged":                      {func(j *state.Job) { j.Deliveries = gave }, []FileResult{{State: fetch.Aside}}, state.OutcomeFailed, record.Fail, "Failed: proof of the file.", "ready", another},
		"damaged, and expired since":   {func(j *state.Job) { j.Deliveries, j.Expired = gave, true }, []FileResult{{State: fetch.Aside}}, state.OutcomeFailed, record.Fail, "Failed: proof of the file.", "ready; its links have expired since", another},
		"not all of it can be checked": {func(j *state.Job) { j.Deliveries = gave }, []FileResult{{State: fetch.Aside}}, state.OutcomeUnknown, record.Incomplete, "Not seen: proof of the file.", "ready", another},
	} {
		job := state.Job{ID: "j1", DeliveryType: state.Download, SnapshotID: "s1"}
		s, cfg, about := ended("", func(s *Summary) {
			job.FinishedAt = s.Now.Add(-time.Minute)
			c.job(&job)
			s.Plan.Delivery, s.Job = state.Download, job
		})
		s.Outcome = job.State(s.Now).Outcome()
		ends := map[string]Summary{}
		if c.files == nil {
			d := Download{Plan: s.Plan, Job: job, Now: s.Now}
			d.Ended()
			ends["followed"] = s
			if st := job.State(s.Now); st.Ended() && st != state.Ready {
				ends["fetching"] = d.Summary()
			}
		} else {
			ends["fetching"] = Download{Plan: s.Plan, Job: job, Now: s.Now, Outcome: c.out, Files: c.files}.Summary()
		}
		for by, s := range ends {
			all := s.Records(cfg, about)
			if len(all) != 1 {
				t.Fatalf("%s, %s: %d records", name, by, len(all))
			}
			r := all[0]
			if r.Result != c.want || r.Why != c.why || r.After[0].Found != c.found || r.After[0].Expected != "ready" || !strings.HasPrefix(strings.Join(r.Left, "\n"), c.left) {
				t.Errorf("%s, %s: %s, %q, job %+v, left %q\nwant %s, %q, job %s, left %q", name, by, r.Result, r.Why, r.After[0], r.Left, c.want, c.why, c.found, c.left)
			}
		}
	}
}

// A request whose answer was lost has a record too; what was never submitted, or by somebody else,
// has none.
func TestRecordOfWhatWasSubmitted(t *testing.T) {
	s, cfg, about := ended(state.OutcomeUnknown, func(s *Summary) {
		s.Job = state.Job{}
		s.Doubts = []Doubted{{Plan: s.Plan, LookFor: "atlas-restore watch"}}
	})
	all := s.Records(cfg, about)
	if len(all) != 1 || all[0].Result != record.Incomplete || all[0].Left[0] != "Look for the job: atlas-restore watch" {
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

// What was seen of a restore stays in its record, whatever a later look cannot see, and whatever came onto the target
// later: the end of the job and its time, that it was alone, and that search is back.
func TestALaterLookTakesNothingAway(t *testing.T) {
	first := func(s *Summary) { s.Search = watch.Search{At: s.Now} }
	for name, c := range map[string]struct {
		first func(*Summary)
		out   state.Outcome
		later func(*Summary)
		want  record.Result
	}{
		"it cannot be looked at": {first, state.OutcomeUnknown, func(s *Summary) { s.Unseen, s.Job.FinishedAt = true, time.Time{} }, record.Incomplete},
		"it is gone":             {first, state.OutcomeUnknown, func(s *Summary) { s.Gone = true }, record.Incomplete},
		"it was not looked at":   {first, state.OutcomeRunning, func(s *Summary) { s.Job.FinishedAt = time.Time{} }, record.Incomplete},
		"others came later":      {first, state.OutcomeUnknown, func(s *Summary) { s.Others = []state.Other{{Job: state.Job{ID: "j2"}}} }, record.Incomplete},
		"lists cannot be read":   {first, state.OutcomeCompleted, func(s *Summary) { s.Unlisted = errors.New("no answer") }, record.Incomplete},
		"it had failed":          {nil, state.OutcomeUnknown, func(s *Summary) { s.Unseen, s.Job.FinishedAt = true, time.Time{} }, record.Fail},
	} {
		book := record.At(t.TempDir())
		is := state.OutcomeCompleted
		if c.first == nil {
			is = state.OutcomeFailed
		}
		s, cfg, about := ended(is, c.first)
		s.Record(cfg, about, book)
		later, cfg, about := ended(c.out, c.later)
		about.Ticket = ""
		if got := later.Record(cfg, about, book); len(got) != 0 {
			t.Errorf("%s: another record: %+v", name, got)
		}
		about.Ticket = "OPS-2"
		later.Record(cfg, about, book)
		all, err := book.Read()
		if err != nil || len(all) != 2 {
			t.Fatalf("%s: %d records, %v", name, len(all), err)
		}
		was, r := all[0], all[1]
		if r.Result != c.want || r.Why != was.Why || r.Status != was.Status || r.Times.Finished == nil || !r.Times.Finished.Equal(*was.Times.Finished) || !slices.Equal(r.Left, was.Left) {
			t.Errorf("%s: %s, %s, %s, finished %v, left %q", name, r.Result, r.Why, r.Status, r.Times.Finished, r.Left)
		}
	}
}

// What was proven once, and what somebody has found, stays in the record of whoever looks at the job later and sees less:
// its links have expired, or it is only followed. A file that was not proven stays that too.
func TestRecordKeepsWhatWasSeenOfTheData(t *testing.T) {
	for name, c := range map[string]struct {
		files []FileResult // of the first run
		want  record.Result
	}{
		"all are proven":    {[]FileResult{{ReplicaSetName: "rs0", State: fetch.Proven}, {ReplicaSetName: "rs1", State: fetch.Proven}}, record.Pass},
		"one is not there":  {[]FileResult{{ReplicaSetName: "rs0", State: fetch.Proven}, {ReplicaSetName: "rs1", State: fetch.Untouched}}, record.Incomplete},
		"one is damaged":    {[]FileResult{{ReplicaSetName: "rs0", State: fetch.Proven}, {ReplicaSetName: "rs1", State: fetch.Aside}}, record.Fail},
		"nothing was there": {nil, record.Incomplete},
	} {
		book := record.At(t.TempDir())
		s, cfg, about := ended(state.OutcomeReady, func(s *Summary) {
			s.Plan.Delivery, s.Plan.Snapshot.MongoDBVersion = state.Download, "8.0.29"
			s.Job.DeliveryType, s.Job.Deliveries = state.Download, []state.Delivery{{URL: state.NewSecret("https://host/a.tar.gz")}}
		})
		first := s
		first.Fetched = &Download{Plan: s.Plan, Job: s.Job, Now: s.Now, Outcome: map[record.Result]state.Outcome{record.Pass: state.OutcomeDownloaded, record.Fail: state.OutcomeFailed}[c.want], Files: c.files}
		if got := first.Record(cfg, about, book); len(got) != 1 || got[0].Result != c.want {
			t.Fatalf("%s: %+v", name, got)
		}
		before, err := book.Read()
		if err != nil {
			t.Fatal(err)
		}
		checked, _, err := book.Append(before[0].With(record.After{Name: "orders", Expected: "9", Found: "9", Finding: record.Passed}, record.Person{User: "ann"}, s.Now))
		if err != nil {
			t.Fatal(err)
		}
		later := s
		later.Job.Deliveries, later.Job.Expired, later.Plan.Snapshot.MongoDBVersion = nil, true, ""
		again := Download{Plan: later.Plan, Job: later.Job, Now: s.Now}
		again.Ended()
		later.Outcome = state.OutcomeExpired
		for by, s := range map[string]Summary{"followed": later, "fetching": again.Summary()} {
			about.Before = append(before, checked)
			all := s.Records(cfg, about)
			if len(all) != 1 {
				t.Fatalf("%s, %s: %d records", name, by, len(all))
			}
			r := all[0]
			data := 0
			for _, c := range r.After {
				if c.Data && c.Name != record.FilesCheck {
					data++
				}
			}
			want := c.want
			if c.files == nil { // what somebody has found is of some data all the same
				want = record.Pass
			}
			if r.Result != want || data != len(c.files)+1 || r.Backup.Version != "8.0.29" || r.Times.Verified == nil {
				t.Errorf("%s, %s: %s, %s, %+v", name, by, r.Result, r.Why, r)
			}
		}
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
