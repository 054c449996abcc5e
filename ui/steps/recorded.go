package steps

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/fetch"
	"atlas-restore/state/journal"
	"atlas-restore/state/record"
)

// About is what a person says of a restore for its record, and what the machine knows of both.
type About struct {
	Ticket     string
	Purpose    string
	Declared   time.Time // when the incident was declared; zero where nobody said
	Objectives record.Objectives
	Operator   record.Person
	Tool       record.Tool
	Among      string               // what the command that shows a record of this run needs beside its number, with a blank before it
	Journal    []journal.Submission // with those of this run
	Before     []record.Kept        // the records that are there
}

// Recorded is a record that a run has written, or why it could not.
type Recorded struct {
	Number int           `json:"number,omitempty"` // 0: it was not written
	SHA256 string        `json:"sha256,omitempty"`
	Result record.Result `json:"result"`
	Why    string        `json:"why"`
	Missed []string      `json:"missed,omitempty"` // objectives that were not met, or cannot be judged, in sentences
	Lost   string        `json:"lost,omitempty"`   // what is wrong with the chain, or why it was not written
	Among  string        `json:"-"`                // what else the command that shows it needs, with a blank before it
}

// says tells of it, and how to see it.
func (r Recorded) says() string {
	var b strings.Builder
	why := strings.Join(append([]string{r.Why}, r.Missed...), " ")
	if r.Number > 0 {
		fmt.Fprintf(&b, "Record %d: %s. %s To see it: %s", r.Number, r.Result, why, state.Command(r.Among, "records", "show", strconv.Itoa(r.Number)))
	} else {
		fmt.Fprintf(&b, "NO RECORD of this restore was written. Its result is %s: %s", r.Result, why)
	}
	if r.Lost != "" {
		fmt.Fprintf(&b, "\n%s", r.Lost)
	}
	return b.String()
}

// Submitted says whether a run has asked Atlas for a restore, or followed one.
func (s Summary) Submitted() bool { return s.Job.ID != "" || len(s.Earlier) > 0 || len(s.Doubts) > 0 }

// Record writes the records of a run to the chain of this machine, and says what came of it. That one
// cannot be written is told, and changes nothing of the restore.
func (s Summary) Record(cfg Config, about About, book *record.Book) []Recorded {
	before, broken := book.Read()
	about.Before = before
	var out []Recorded
	for _, r := range s.Records(cfg, about) {
		kept, torn, err := book.Append(r)
		one := Recorded{Number: kept.Number, SHA256: kept.SHA256, Result: r.Result, Why: r.Why, Missed: r.Missed(), Lost: torn, Among: about.Among}
		switch {
		case err != nil:
			one.Lost = strings.TrimSpace(fmt.Sprintf("%s %v.", torn, err))
		case broken != nil && torn == "":
			one.Lost = fmt.Sprintf("The records before it do not hold: %v. To see what is wrong: %s", broken, state.Command(one.Among, "records", "verify"))
		}
		out = append(out, one)
	}
	return out
}

// Records are those of the restores that this machine has submitted and that a run knows, in their
// order: one each, whatever came of it. What was only asked for has none; nor has what another
// record says already.
func (s Summary) Records(cfg Config, about About) []record.Record {
	var out []record.Record
	var all []Summary
	for _, one := range append(slices.Clone(s.Earlier), s) {
		all = append(append(all, one.Replaced...), one)
	}
	for _, one := range all {
		if r, ok := one.recorded(cfg, about); ok && one.Job.ID != "" { // of what has none its doubt tells
			out = append(out, r.Judged())
		}
	}
	for _, p := range s.Doubts {
		lost := Summary{Outcome: state.OutcomeUnknown, Plan: p.Plan, Doubts: []Doubted{p}, Now: s.Now}
		if r, ok := lost.recorded(cfg, about); ok {
			out = append(out, r.Judged())
		}
	}
	return out
}

// recorded is the record of one restore; ok is false where there is none to be written.
func (s Summary) recorded(cfg Config, about About) (r record.Record, ok bool) {
	p := s.Plan
	sub, ours := s.submission(about.Journal)
	if s.Job.ID == "" && !ours && s.Outcome != state.OutcomeUnknown || s.Job.ID != "" && !ours && cfg.Resume != nil {
		return r, false // nothing was submitted, or by somebody else
	}
	var last record.Kept
	for _, of := range about.Before {
		if s.Job.ID != "" && of.JobID == s.Job.ID && of.Atlas == state.CanonicalEndpoint(cfg.Endpoint) {
			last = of
		}
	}
	r = record.Record{
		Brief: record.Brief{
			Kind: record.Restore, Training: cfg.Mode == Training, WrittenAt: *record.Time(s.Now), Ticket: about.Ticket, JobID: s.Job.ID,
			Atlas: state.CanonicalEndpoint(cfg.Endpoint), Source: recordedCluster(cfg.Names, p.Project, p.Cluster.Name), Only: onlyNames(p),
		},
		Purpose: about.Purpose, Operator: about.Operator, Tool: about.Tool, Delivery: string(p.Delivery), Status: string(s.reached()),
		Backup: recordedBackup(p), Objectives: about.Objectives,
		Times: record.Times{
			Declared: record.Time(about.Declared), Created: record.Time(s.Job.CreatedAt()), Running: record.Time(s.RunningAt), Finished: record.Time(s.Job.Finished(s.Now)),
		},
		After: s.after(last.Record),
	}
	switch {
	case s.Fetched != nil && s.Fetched.Outcome == state.OutcomeDownloaded:
		r.Times.Verified = record.Time(s.Now)
	case s.Drill != nil && s.Drill.Over && !s.Drill.Cut:
		r.Times.Verified = record.Time(s.Drill.At)
	}
	if p.Drill {
		r.Kind = record.Drill
	}
	switch {
	case s.Said.Asked:
		r.Ticket, r.Purpose = s.Said.Ticket, s.Said.Purpose
	case r.Ticket == "" && r.Purpose == "": // a run that was killed has said it
		r.Ticket, r.Purpose = sub.Ticket, sub.Purpose
	}
	r.Operator.Credential = cfg.Who
	if p.Delivery.HasTarget() {
		to := recordedCluster(cfg.Names, p.Target.Project, p.Target.ClusterName)
		r.Target = &to
	}
	if ours {
		r.Times.Decided, r.Times.Submitted = record.Time(sub.Time), record.Time(sub.Time)
		r.Approval = recordedApproval(sub.Entry)
	}
	var checks []record.Before // none where a job was only followed
	for _, c := range s.Checks {
		checks = append(checks, record.Before{Name: c.Name, Verdict: c.Verdict, Reason: c.Reason, Accepted: c.Accepted})
	}
	seen := r.Ended()
	r = r.Checked(checks).Behind(last)
	if r.Left = s.left(r); !seen && r.Ended() { // before
		r.Left = last.Left
	}
	return r, last.Number == 0 || !r.Repeats(last.Record)
}

// submission is that of the restore in the journal.
func (s Summary) submission(all []journal.Submission) (journal.Submission, bool) {
	for _, sub := range slices.Backward(all) {
		if s.Job.ID != "" && sub.JobID == s.Job.ID || s.Job.ID == "" && sub.Doubtful() && sub.ClusterName == s.Plan.Cluster.Name && sub.ProjectID == s.Plan.Project.ID {
			return sub, true
		}
	}
	return journal.Submission{}, false
}

// recordedApproval is who approved the plan of a request before it was sent, or why nobody did; nil
// where nobody had to.
func recordedApproval(e journal.Entry) *record.Approval {
	switch {
	case e.BreakGlass != "":
		out := &record.Approval{BreakGlass: e.BreakGlass}
		if e.Plan != nil {
			out.Plan = e.Plan.SHA256
		}
		return out
	case e.Plan != nil && e.Plan.ApprovedBy != "":
		return &record.Approval{By: e.Plan.ApprovedBy, Fingerprint: e.Plan.Key, At: e.Plan.ApprovedAt, Plan: e.Plan.SHA256}
	}
	return nil
}

func recordedCluster(names state.Names, project state.Project, cluster string) record.Cluster {
	called := names.Called(project.Name, cluster)
	return record.Cluster{ProjectID: project.ID, ProjectName: project.Name, Name: cluster, Environment: called.Name, Production: called.IsProduction()}
}

// onlyNames are the databases and collections that are restored alone; none where a cluster is.
func onlyNames(p state.Plan) []string {
	if p.Delivery != state.Collections {
		return nil
	}
	var out []string
	for _, n := range p.Only.Names {
		out = append(out, NameWords(n))
	}
	return out
}

func recordedBackup(p state.Plan) record.Backup {
	b := record.Backup{Evidence: p.Evidence.Why}
	if p.ByMoment() {
		b.Moment, b.OplogTs, b.OplogInc = record.Time(p.Instant.Time()), p.Instant.OplogTs, p.Instant.OplogInc
	} else {
		b.SnapshotID, b.SnapshotAt, b.Version = p.Snapshot.ID, record.Time(p.Snapshot.When()), p.Snapshot.MongoDBVersion
	}
	if p.Delivery == state.Collections {
		for _, n := range p.Only.Names {
			name := n.String()
			if to := p.Only.Target(n); to != n {
				name += " as " + to.String()
			}
			b.Collections = append(b.Collections, name)
		}
	}
	return b
}

// after are the checks of what came of it that this run has made. last is an earlier record of the same job, if there is one.
func (s Summary) after(last record.Record) []record.After {
	job, files := s.afterJob(last)
	out := append([]record.After{job}, files...)
	out = append(out, s.Fetched.after()...)
	if s.Plan.Delivery.Overwrites() && job.Finding == record.Passed {
		alone := record.After{Name: record.AloneCheck, Expected: "no other restore onto the target", Found: "none was seen", Finding: record.Passed, Source: "Atlas, the restore jobs of both clusters"}
		switch {
		case len(s.Others) > 0:
			alone.Found, alone.Finding = OthersBrief(s.Plan, s.Others), record.Failed
		case s.Unlisted != nil:
			alone.Found, alone.Finding = "it could not be read: "+state.Why(s.Unlisted), record.Unseen
		}
		out = append(out, alone)
	}
	if s.Drill != nil && job.Finding == record.Passed {
		out = append(out, s.afterDrill()...)
	} else if sr := s.Search; s.Plan.Delivery.Overwrites() && (!sr.At.IsZero() || sr.Err != nil) {
		search := record.After{Name: "search", Expected: "the search indexes are back", Found: searchBack(sr, s.Now), Finding: record.Passed, Source: "Atlas, the events of the target's project"}
		switch {
		case sr.At.IsZero():
			search.Finding = record.Unseen
		case sr.Failed:
			search.Finding = record.Failed
		}
		out = append(out, search)
	}
	for _, row := range PartRows(s.Job) {
		c := record.After{Name: "collection " + row.Name, Expected: "restored", Found: row.State, Finding: record.Unseen, Source: "Atlas, the collections of the restore job"}
		if row.Docs != "" {
			c.Found += ", " + row.Docs
		}
		switch row.Role {
		case Good:
			c.Finding = record.Passed
		case Danger:
			c.Finding = record.Failed
		default: // nobody has seen it end
		}
		out = append(out, c)
	}
	return out
}

// afterJob is the check that the job has ended well, and that of the files which its end kept from being fetched.
// A download that gave no links, or none any more, has restored and broken nothing: that is not seen, and no failure.
func (s Summary) afterJob(last record.Record) (job record.After, files []record.After) {
	download, reached := s.Plan.Delivery == state.Download, s.reached()
	if s.Fetched != nil { // the job is what is meant here, not its files
		if reached = s.Job.State(s.Now).Outcome(); reached == state.OutcomeRunning && len(s.Job.Deliveries) > 0 {
			reached = state.OutcomeReady // a link that it lacks is told by its file
		}
	}
	job = record.After{Name: record.JobCheck, Expected: "completed", Found: string(reached), Finding: record.Unseen, Source: "Atlas, the restore job"}
	if download {
		job.Expected = "ready"
	}
	end, once := "", "" // how it has ended without a file, and what was before
	switch {
	case s.Job.ID == "":
		job.Found = "no answer tells its outcome"
	case s.Gone || s.Unseen:
		job.Found = "it could not be looked at"
	case reached == state.OutcomeCompleted, reached == state.OutcomeReady, reached == state.OutcomeDownloaded:
		job.Finding = record.Passed
	case download && reached == state.OutcomeExpired:
		end, once = "the links of the download job have expired", "ready; its links have expired since"
	case download && reached == state.OutcomeCancelled:
		end, once = "the download job was cancelled", "ready; it was cancelled since"
	case reached == state.OutcomeFailed, reached == state.OutcomeCancelled, reached == state.OutcomeExpired:
		job.Finding = record.Failed
	}
	ready := slices.ContainsFunc(last.After, func(c record.After) bool { return c.Name == record.JobCheck && c.Finding == record.Passed })
	if once != "" && (ready || len(s.Job.Deliveries) > 0 || !s.Job.ExpiresAt.IsZero()) {
		job.Found, job.Finding = once, record.Passed
	}
	if end != "" && (s.Fetched == nil || len(s.Fetched.Files) == 0) {
		files = append(files, record.After{Name: record.FilesCheck, Expected: "fetched and proven", Found: end, Finding: record.Unseen, Source: "Atlas, the restore job", Data: true})
	}
	return job, files
}

// after are the checks of the files of a download: the proof of each is one of the data.
func (d *Download) after() []record.After {
	if d == nil {
		return nil
	}
	var out []record.After
	for _, f := range d.Files {
		c := record.After{
			Name: strings.TrimSpace("proof of the file " + f.ReplicaSetName), Expected: "every block that the snapshot reaches is as WiredTiger wrote it", Found: cmp.Or(f.Proof, f.Error, string(f.State)),
			Finding: record.Unseen, Source: "the file that was fetched, SHA-256 " + cmp.Or(f.SHA256, "not known"), Data: true,
		}
		switch {
		case f.State == fetch.Proven:
			c.Finding = record.Passed
		case f.State == fetch.Aside && d.Outcome == state.OutcomeFailed:
			c.Finding = record.Failed
		}
		out = append(out, c)
	}
	return out
}

// Summary is a download that was fetched by itself, as the end of a run.
func (d Download) Summary() Summary {
	return Summary{Outcome: d.Outcome, Plan: d.Plan, Job: d.Job, Fetched: &d, Now: d.Now}
}

// left is what somebody has to do still.
func (s Summary) left(r record.Record) []string {
	var out []string
	looked := false
	for _, c := range r.After {
		looked = looked || c.Data
	}
	switch reached := s.reached(); {
	case s.Fetched != nil && r.Looked() && (s.Fetched.Outcome == state.OutcomeDownloaded || len(s.Fetched.Files) == 0): // now, or before
		out = append(out, "Open the files with a mongod, and look at the documents: no proof of blocks does that.")
	case s.Fetched != nil:
		out = append(out, s.Fetched.left()...)
	case s.Job.ID == "":
		for _, d := range s.Doubts {
			if d.LookFor == "" {
				out = append(out, "Look for the job.")
			} else {
				out = append(out, "Look for the job: "+d.LookFor)
			}
		}
	case s.Gone || s.Unseen || reached == state.OutcomeRunning || reached == state.OutcomeUnknown:
		out = append(out, "See the end of the job: "+s.Watch)
	case reached == state.OutcomeReady:
		out = append(out, "Fetch the files and prove them, before the links end.")
	case s.Plan.Delivery == state.Download && reached != state.OutcomeDownloaded: // it gives no link, or none any more
		out = append(out, askAnother)
	case s.Drill != nil && reached == state.OutcomeCompleted && s.Drill.left():
		out = append(out, "Make the checks of the drill, which was left before: "+s.Watch)
	case s.Drill != nil && reached == state.OutcomeCompleted: // what was not seen is said by its check
	case !looked && reached == state.OutcomeCompleted:
		out = append(out, record.LookAtData)
	}
	return out
}

// askAnother is what is left to do of a download that gives no link.
const askAnother = "Ask for another download of the same snapshot, and fetch it."

// left is what somebody has to do still with the files of a download.
func (d Download) left() []string {
	if d.Again != "" {
		return []string{"Fetch what is missing, and prove it: " + d.Again}
	}
	return []string{askAnother}
}
