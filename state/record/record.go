// Package record is the evidence of restores: what was restored, by whom, when, what was found
// afterwards, and whether that is a PASS. Records are kept in a chain on disk, each with the hash of
// the one before, so that a changed or a missing one is seen. What SOC 2 A1.3, ISO 27001 A.8.13 and
// DORA Art. 12 ask of a restore test stands in one record.
//
// A record holds no secret, no link and no document.
package record

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/text"
)

// Kind is what a record is of.
type Kind string

// The kinds of records.
const (
	Restore Kind = "restore"
	Drill   Kind = "drill"
)

// Result is what a record comes to.
type Result string

// The results. What was not seen is INCOMPLETE, never PASS.
const (
	Pass       Result = "PASS"
	Fail       Result = "FAIL"
	Incomplete Result = "INCOMPLETE"
)

// Finding is what a check of afterwards has come to.
type Finding string

// The findings.
const (
	Passed Finding = "passed"
	Failed Finding = "failed"
	Unseen Finding = "unseen" // it could not be looked at, or nobody did
)

// Brief is what a list shows of a record. It stands first in its line, so that a list of thousands
// reads no more of each.
type Brief struct {
	Kind      Kind      `json:"kind"`
	Training  bool      `json:"training,omitempty"` // nothing of it was real
	Result    Result    `json:"result"`
	WrittenAt time.Time `json:"writtenAt"`
	Replaces  string    `json:"replaces,omitempty"` // hash of an earlier record of the same job
	Ticket    string    `json:"ticket,omitempty"`   // or incident
	JobID     string    `json:"jobId,omitempty"`    // absent where no answer told it
	Atlas     string    `json:"atlas"`              // base URL
	Source    Cluster   `json:"source"`
	Target    *Cluster  `json:"target,omitempty"` // absent for a download
	Only      []string  `json:"only,omitempty"`   // where single collections were restored: their names
}

// Record is the evidence of one restore or drill. Times are in UTC, spans in whole seconds; what is
// not known is absent.
type Record struct {
	Brief
	Why      string    `json:"why"` // the result, in a sentence
	Purpose  string    `json:"purpose,omitempty"`
	Operator Person    `json:"operator"`
	Approval *Approval `json:"approval,omitempty"`
	Tool     Tool      `json:"tool"`

	Backup     Backup     `json:"backup"`
	Delivery   string     `json:"deliveryType"`
	Status     string     `json:"status"` // of the job, as it was seen last
	Objectives Objectives `json:"objectives,omitzero"`
	Times      Times      `json:"times"`
	Measured   Measured   `json:"measured,omitzero"`

	Before     []Before `json:"checksBefore"` // of the review
	After      []After  `json:"checksAfter"`
	Deviations []string `json:"deviations"`
	Left       []string `json:"left"`
}

// Person is who did it, as far as this machine knows.
type Person struct {
	User       string `json:"user,omitempty"` // of the machine
	Host       string `json:"host,omitempty"`
	Credential string `json:"credential,omitempty"` // its public part
}

// Name is who that is, in a few words.
func (p Person) Name() string {
	out := cmp.Or(p.User, "somebody")
	if p.Host != "" {
		out += " on " + p.Host
	}
	if p.Credential != "" {
		out += ", signed in as " + p.Credential
	}
	return out
}

// Approval is who said yes before, or why nobody did.
type Approval struct {
	By          string     `json:"by,omitempty"`          // name of the key
	Fingerprint string     `json:"fingerprint,omitempty"` // of the key: SHA256:…
	At          *time.Time `json:"at,omitempty"`          // when it was signed; absent where that is not known
	Plan        string     `json:"plan,omitempty"`        // SHA-256 of the plan
	BreakGlass  string     `json:"breakGlass,omitempty"`
}

// Tool is the program that did it.
type Tool struct {
	Version string `json:"version"`
	SHA256  string `json:"sha256,omitempty"` // of the program's file
}

// Cluster is one end of a restore.
type Cluster struct {
	ProjectID   string `json:"projectId"`
	ProjectName string `json:"projectName,omitempty"`
	Name        string `json:"clusterName"`
	Environment string `json:"environment,omitempty"`
	Production  bool   `json:"production"` // by the configuration of the operator
}

// Title is the cluster with its project.
func (c Cluster) Title() string { return cmp.Or(c.ProjectName, c.ProjectID) + " / " + c.Name }

// Backup is what was restored.
type Backup struct {
	SnapshotID  string     `json:"snapshotId,omitempty"`
	SnapshotAt  *time.Time `json:"snapshotAt,omitempty"`
	Moment      *time.Time `json:"moment,omitempty"` // of a restore by a moment
	OplogTs     int64      `json:"oplogTs,omitempty"`
	OplogInc    int64      `json:"oplogInc,omitempty"`
	Version     string     `json:"mongoDBVersion,omitempty"`
	Collections []string   `json:"collections,omitempty"` // where only these came back: "shop.orders as shop.orders_old"
	Evidence    string     `json:"evidence,omitempty"`    // why it is that one, where a search proposed it
}

// At is the state of the data that came back; zero where it is not known.
func (b Backup) At() time.Time {
	switch {
	case b.Moment != nil:
		return *b.Moment
	case b.SnapshotAt != nil:
		return *b.SnapshotAt
	}
	return time.Time{}
}

// Objectives are what the operator's side has promised, in seconds; 0 for none.
type Objectives struct {
	RTO int64 `json:"rtoSeconds,omitempty"`
	RPO int64 `json:"rpoSeconds,omitempty"`
}

// Times are when what was seen to happen. A time that was not seen is absent.
type Times struct {
	Declared  *time.Time `json:"declared,omitempty"` // the incident, by the operator
	Decided   *time.Time `json:"decided,omitempty"`  // it was confirmed
	Submitted *time.Time `json:"submitted,omitempty"`
	Created   *time.Time `json:"created,omitempty"` // by Atlas
	Running   *time.Time `json:"running,omitempty"` // first seen to run
	Finished  *time.Time `json:"finished,omitempty"`
	Verified  *time.Time `json:"verified,omitempty"` // the last check of the data
}

// Measured are spans in seconds; absent where an end of one was not seen.
type Measured struct {
	RTO  *int64 `json:"rtoSeconds,omitempty"`
	From string `json:"from,omitempty"` // what RTO runs from: declared, or decided
	RPO  *int64 `json:"rpoSeconds,omitempty"`
}

// Before is a check of the review.
type Before struct {
	Name     string `json:"name"`
	Verdict  string `json:"verdict"` // ok, warn, unknown or block
	Reason   string `json:"reason"`
	Accepted bool   `json:"accepted,omitempty"`
}

// After is a check of what came of it.
type After struct {
	Name     string  `json:"name"`
	Expected string  `json:"expected"`
	Found    string  `json:"found"`
	Finding  Finding `json:"finding"`
	Source   string  `json:"source"`         // where that was read
	Data     bool    `json:"data,omitempty"` // it looked at the data, not only at the job
}

// Time is a time as a record has it: in UTC, to the second, nil where it is not known.
func Time(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC().Truncate(time.Second)
	return &t
}

// Judged is the record with what it measures and what it comes to. It never says PASS for what was
// not seen: that takes the end of the job, a check of the data, and all checks passed.
func (r Record) Judged() Record {
	r.Measured = r.measure()
	r.Deviations = slices.Concat(r.Deviations, r.Missed())
	r.Result, r.Why = r.judge()
	for _, list := range []*[]string{&r.Deviations, &r.Left} {
		if *list == nil {
			*list = []string{} // "none" is said, and not left out
		}
	}
	if r.Before == nil {
		r.Before = []Before{}
	}
	return r
}

func (r Record) judge() (Result, string) {
	var failed, unseen []string
	var data []string
	why := "" // what kept the data from being seen
	for _, c := range r.After {
		switch c.Finding {
		case Passed:
			if c.Data {
				data = append(data, c.Name)
			}
		case Failed:
			failed = append(failed, c.Name)
		default: // a finding that nobody knows was not seen either
			name := c.Name
			switch {
			case c.Name == FilesCheck:
				why = c.Found
			case c.Name == JobCheck && c.Found == string(state.OutcomeRunning): // which was seen, but for its end
				name = "the end of the job"
			}
			unseen = append(unseen, name)
		}
	}
	switch {
	case len(failed) > 0:
		return Fail, fmt.Sprintf("Failed: %s.", strings.Join(failed, ", "))
	case why != "":
		return Incomplete, fmt.Sprintf("Not downloaded: %s. Nothing was fetched.", why)
	case len(unseen) > 0:
		return Incomplete, fmt.Sprintf("Not seen: %s.", strings.Join(unseen, ", "))
	case !slices.ContainsFunc(r.After, func(c After) bool { return c.Name == JobCheck }):
		return Incomplete, "Nobody has seen the end of the job."
	case len(data) == 0:
		return Incomplete, "The job has ended well. Nobody has looked at the data."
	}
	return Pass, fmt.Sprintf("The job has ended well, and %s of the data passed: %s.", state.Count(len(data), "check"), strings.Join(data, ", "))
}

// Behind is a record that takes the place of an earlier one of the same job, and what that knows and
// this one does not: what was said once is not asked for again, and a check of the review is made once.
// A last without a number is none.
func (r Record) Behind(last Kept) Record {
	if last.Number == 0 {
		return r
	}
	r.Replaces = last.SHA256
	r.Ticket, r.Purpose = cmp.Or(r.Ticket, last.Ticket), cmp.Or(r.Purpose, last.Purpose)
	r.Times.Declared = cmp.Or(r.Times.Declared, last.Times.Declared)
	r.Times.Running = cmp.Or(last.Times.Running, r.Times.Running)
	r.Times.Created, r.Times.Finished = cmp.Or(r.Times.Created, last.Times.Created), cmp.Or(r.Times.Finished, last.Times.Finished)
	if r.Objectives == (Objectives{}) {
		r.Objectives = last.Objectives
	}
	if r.Approval == nil {
		r.Approval = last.Approval
	}
	if r.Backup.SnapshotID == last.Backup.SnapshotID {
		r.Backup.Version, r.Backup.Evidence = cmp.Or(r.Backup.Version, last.Backup.Version), cmp.Or(r.Backup.Evidence, last.Backup.Evidence)
	}
	r = r.keeping(last)
	if len(r.Before) == 0 {
		return r.Checked(last.Before)
	}
	return r
}

// keeping is the record with what an earlier one has seen, and this one has not: whoever looks at a job later sees less of
// it, and what was seen stays seen. Each check of the data of a drill is made anew.
func (r Record) keeping(last Kept) Record {
	data := false
	after := slices.Clone(r.After)
	for _, c := range last.After {
		if c.Name == FilesCheck {
			continue
		}
		at := slices.IndexFunc(after, func(now After) bool { return now.Name == c.Name && now.Data == c.Data })
		switch {
		case at < 0 && (c.Data || c.Finding != Unseen):
			after = append(after, c)
		case at >= 0 && after[at].Finding == Unseen && c.Finding != Unseen && (!c.Data || r.Kind != Drill),
			at >= 0 && c.Name == AloneCheck && c.Finding == Passed && last.Ended(): // what came onto the target later is another restore
			after[at] = c
		default:
			continue
		}
		if c.Name == JobCheck {
			r.Status = last.Status
		}
		data = data || c.Data
	}
	r.After = after
	if data {
		r.After = slices.DeleteFunc(after, func(c After) bool { return c.Name == FilesCheck }) // they were fetched
		r.Times.Verified = cmp.Or(r.Times.Verified, last.Times.Verified)
	}
	return r
}

// Ended says whether the end of the job was seen.
func (r Record) Ended() bool {
	return slices.ContainsFunc(r.After, func(c After) bool { return c.Name == JobCheck && c.Finding != Unseen })
}

// Looked says whether the data were looked at, and all that was found is good.
func (r Record) Looked() bool {
	data := 0
	for _, c := range r.After {
		if c.Data {
			data++
		}
		if c.Data && c.Finding != Passed {
			return false
		}
	}
	return data > 0
}

// Checked is the record with the checks of its review. One that was gone past is a deviation.
func (r Record) Checked(all []Before) Record {
	r.Before = all
	for _, c := range all {
		if c.Accepted {
			r.Deviations = append(r.Deviations, fmt.Sprintf("The check %s was not OK, and was accepted: %s", c.Name, c.Reason))
		}
	}
	return r
}

// With is a record with a check of the data that somebody has made after it, as they tell it. It takes
// the place of the one before.
func (k Kept) With(c After, by Person, now time.Time) Record {
	r := k.Record
	c.Data = true
	c.Source = "told by " + by.Name()
	r.After = append(slices.Clone(r.After), c)
	r.Replaces, r.WrittenAt, r.Times.Verified = k.SHA256, *Time(now), Time(now)
	r.Left = slices.DeleteFunc(slices.Clone(r.Left), func(s string) bool { return s == LookAtData })
	missed := r.Missed() // they are said again, of the longer time
	r.Deviations = slices.DeleteFunc(slices.Clone(r.Deviations), func(s string) bool { return slices.Contains(missed, s) })
	return r.Judged()
}

// LookAtData is what is left to do of a restore whose data nobody has looked at.
// The page of a record has the command as it runs.
const LookAtData = lookAtData + state.Program + " records check"

const lookAtData = "Look at the data, and write down what was found: "

// Repeats says whether a record says nothing that an earlier one of the same job does not.
func (r Record) Repeats(of Record) bool {
	return r.Status == of.Status && r.Ticket == of.Ticket && r.Purpose == of.Purpose && r.Objectives == of.Objectives && slices.Equal(r.After, of.After)
}

// JobCheck is the name of the check that a job has ended well.
const JobCheck = "job"

// AloneCheck is the name of the check that no other restore was seen onto the target.
const AloneCheck = "alone"

// FilesCheck is the name of the check that the files of a download were fetched, where none was: what kept
// them from it is what it found.
const FilesCheck = "files"

// measure are the spans of which both ends were seen.
func (r Record) measure() Measured {
	var m Measured
	from := r.Times.Declared
	m.From = "declared"
	if from == nil {
		from, m.From = r.Times.Decided, "decided"
	}
	until := r.Times.Verified
	if until == nil || r.Kind == Drill { // the wait for Atlas's counters is no part of a recovery
		until = r.Times.Finished
	}
	if from == nil {
		m.From = ""
		return m
	}
	if until != nil && !until.Before(*from) {
		m.RTO = span(until.Sub(*from))
	}
	if at := r.Backup.At(); !at.IsZero() && !from.Before(at) {
		m.RPO = span(from.Sub(at))
	}
	return m
}

func span(d time.Duration) *int64 {
	s := int64(d / time.Second)
	return &s
}

// Missed says in sentences which objective was not met, or cannot be judged; empty for none.
func (r Record) Missed() []string {
	var out []string
	for _, o := range []struct {
		name string
		want int64
		got  *int64
	}{{"RTO", r.Objectives.RTO, r.Measured.RTO}, {"RPO", r.Objectives.RPO, r.Measured.RPO}} {
		switch {
		case o.want == 0:
		case o.got == nil:
			out = append(out, o.name+" is not known: an end of it was not seen.")
		case *o.got > o.want:
			out = append(out, fmt.Sprintf("%s was missed: %s, not %s.", o.name, seconds(*o.got), seconds(o.want)))
		}
	}
	return out
}

// MaxWords is how many bytes a text of a record that somebody types may have.
const MaxWords = 200

// Words is what somebody says for a record, as it is kept. Its error says what is taken.
func Words(said string) (string, error) {
	said = strings.TrimSpace(said)
	if text.CleanLong(said) != said || len(said) > MaxWords {
		return "", fmt.Errorf("one line of at most %d plain letters", MaxWords)
	}
	return said, nil
}

// Span reads a span that was promised, like 4h, 90m or 1d.
func Span(s string) (time.Duration, error) {
	s = strings.ToLower(strings.TrimSpace(s))
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.Atoi(days)
		if err == nil && n > 0 && n <= 3650 {
			return time.Duration(n) * 24 * time.Hour, nil
		}
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < time.Second || d > 3650*24*time.Hour {
		return 0, errors.New("it takes a span, like 15m, 4h or 1d")
	}
	return d.Truncate(time.Second), nil
}

// seconds is a span in words.
func seconds(s int64) string { return state.Exactly(time.Duration(s) * time.Second) }

// Title is what a record is of, in a line.
func (r Brief) Title() string {
	to := "download"
	if r.Target != nil {
		to = "onto " + r.Target.Title()
	}
	of := r.Source.Title()
	if len(r.Only) > 0 && r.Target != nil {
		to = "into " + r.Target.Title()
		of = strings.Join(r.Only[:min(3, len(r.Only))], ", ")
		if more := len(r.Only) - 3; more > 0 {
			of += fmt.Sprintf(" and %d more", more)
		}
		of += " of " + r.Source.Title()
	}
	kind := string(r.Kind)
	if r.Training {
		kind = "TRAINING, " + kind
	}
	return fmt.Sprintf("%s of %s, %s", kind, of, to)
}
