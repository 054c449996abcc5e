package steps

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/record"
	"atlas-restore/state/submit"
)

// Result is the one object that -o json prints at the end of a run. Absent parts are
// left out. Unlike everything else it holds the delivery URLs in the clear: this is
// where a program looks for them.
type Result struct {
	Outcome  state.Outcome `json:"outcome"`
	Training bool          `json:"training,omitempty"` // nothing of it was real
	Job      *JobResult    `json:"job,omitempty"`
	// Others are restore jobs that were seen beside it. Whose data the target holds is not
	// known then, and the outcome is never completed or ready.
	Others     []OtherResult    `json:"others,omitempty"`
	Deliveries []DeliveryResult `json:"deliveries,omitempty"`
	// Files are the archives that were fetched, or were to be.
	Files []FileResult `json:"files,omitempty"`
	// Manifest is the path of the file that tells what the files of a download are.
	Manifest string `json:"manifest,omitempty"`
	// Search is whether Search came back on a cluster that was restored onto; absent where nobody has
	// asked.
	Search *SearchResult `json:"search,omitempty"`
	// Drill is what the checks of a drill have come to; absent for other restores, and where its job has
	// not ended well.
	Drill *DrillResult `json:"drill,omitempty"`
	// SafetySnapshot is the snapshot of the target that was taken before it was overwritten; absent for
	// none, and where it is not known.
	SafetySnapshot *state.Kept `json:"safetySnapshot,omitempty"`
	Request        any         `json:"request,omitempty"` // the body that was sent, or would be
	// Records are the evidence that the run has written: of each restore that it submitted.
	Records []Recorded `json:"records,omitempty"`
	// Checks are those of the last review, in the order in which they are made; absent where none was
	// reached.
	Checks []CheckResult `json:"checks,omitempty"`
	// Names are the chosen collections on the target, as they stood at the last review; absent for other
	// restores, and where none was reached.
	Names []NameResult `json:"names,omitempty"`
	// Plan is the plan file that it was run from, or that was saved; absent for none.
	Plan *PlanResult `json:"plan,omitempty"`
	// BreakGlass is why it was gone on with although a second person's approval is needed.
	BreakGlass string `json:"breakGlass,omitempty"`
	// Evidence is why it is that moment, or that snapshot, where a search has proposed it.
	Evidence *state.Evidence `json:"evidence,omitempty"`
	// Elsewhere is how other programs make the request; of a dry run only.
	Elsewhere []state.Elsewhere `json:"elsewhere,omitempty"`
	Debrief   json.RawMessage   `json:"debrief,omitempty"` // of a training scenario
	Error     *ErrorResult      `json:"error,omitempty"`
	// Earlier are the other jobs of the same run. The outcome of the run is the worst of all;
	// each of these has its own.
	Earlier []Result `json:"earlier,omitempty"`
}

// CheckResult is one check of the review. The names and the verdicts are stable; a reason is a
// text for people, and may change.
type CheckResult struct {
	Name     string `json:"name"`               // as --accept takes it
	Verdict  string `json:"verdict"`            // ok, warn, unknown or block
	Reason   string `json:"reason"`             // in words
	Asks     bool   `json:"asks,omitempty"`     // nothing was to be submitted before it was accepted
	Accepted bool   `json:"accepted,omitempty"` // it was: by what was typed, or by --accept
}

// stops says that nothing acknowledges it.
func (c CheckResult) stops() bool { return c.Verdict == strings.ToLower(state.Block.String()) }

// NameResult is one of the chosen databases and collections, and whether its name is taken on the
// target.
type NameResult struct {
	Source   string `json:"sourceNamespace"`
	Target   string `json:"targetNamespace"`       // that it is to have
	OnTarget string `json:"onTarget"`              // free, gone, untold or unread: see state.Presence
	Why      string `json:"why,omitempty"`         // how it was seen that it is gone, or why nothing could be read
	Count    int    `json:"collections,omitempty"` // of a whole database that is overwritten, as of the snapshot
}

// nameResults are those of a review.
func nameResults(places []state.Place) []NameResult {
	var out []NameResult
	for _, p := range places {
		out = append(out, NameResult{p.Name.String(), p.Target.String(), string(p.Is), p.Why, p.Count})
	}
	return out
}

// checkResults are the checks of an errand.
func checkResults(all []state.Check, accepted []string) []CheckResult {
	var out []CheckResult
	for _, c := range all {
		if c.Verdict == state.Looking {
			continue // the run has ended before its answer
		}
		took := c.Asks() && (slices.Contains(accepted, c.Name) || slices.Contains(accepted, "all"))
		out = append(out, CheckResult{c.Name, strings.ToLower(c.Verdict.String()), c.Text(), c.Asks(), took})
	}
	return out
}

// JobResult is the restore job, in the words of Atlas's API; times are RFC 3339 in UTC.
type JobResult struct {
	ID                    string             `json:"id"`
	DeliveryType          state.DeliveryType `json:"deliveryType"`
	Status                string             `json:"status"` // running, completed, ready, failed, cancelled, expired; unknown where no look was answered, or its end cannot be believed; in a list also "ended", of collections, and "not readable"
	SourceProjectID       string             `json:"sourceProjectId"`
	SourceClusterName     string             `json:"sourceClusterName"`
	SnapshotID            string             `json:"snapshotId,omitempty"`
	TargetProjectID       string             `json:"targetProjectId,omitempty"`
	TargetClusterName     string             `json:"targetClusterName,omitempty"`
	PointInTimeUTCSeconds int64              `json:"pointInTimeUTCSeconds,omitempty"`
	OplogTs               int64              `json:"oplogTs,omitempty"`
	OplogInc              int64              `json:"oplogInc,omitempty"`
	CreatedAt             *time.Time         `json:"createdAt,omitempty"`
	FinishedAt            *time.Time         `json:"finishedAt,omitempty"`
	ExpiresAt             *time.Time         `json:"expiresAt,omitempty"`
	LastSeenAt            *time.Time         `json:"lastSeenAt,omitempty"` // when the status was seen, where a later look was not answered
	// Of a collection restore: documents so far, of how many as Atlas estimates, and each collection.
	RestoredDocuments int64        `json:"restoredDocuments,omitempty"`
	TotalDocuments    int64        `json:"totalDocuments,omitempty"`
	Collections       []PartResult `json:"collections,omitempty"`
}

// PartResult is one collection of a collection restore.
type PartResult struct {
	Source          string `json:"sourceNamespace"`
	Target          string `json:"targetNamespace"`                    // as it was asked for
	EffectiveTarget string `json:"effectiveTargetNamespace,omitempty"` // as it is called there; absent while that is not told
	State           string `json:"state"`                              // Atlas's word
	Reason          string `json:"reason"`                             // what that means, for people
	// FailedIndexes are those that could not be built, by name or by key; absent where none is told.
	FailedIndexes     []string `json:"failedIndexes,omitempty"`
	IndexError        string   `json:"indexError,omitempty"` // why, in Atlas's words
	RestoredDocuments int64    `json:"restoredDocuments,omitempty"`
	TotalDocuments    int64    `json:"totalDocuments,omitempty"`
}

// parts adds what a collection restore has beside the others.
func (r *JobResult) parts(j state.Job) *JobResult {
	if j.Collections == nil {
		return r
	}
	r.RestoredDocuments, r.TotalDocuments = j.Collections.Documents.Restored, j.Collections.Documents.Total
	for _, p := range j.Collections.Parts {
		r.Collections = append(r.Collections, PartResult{
			Source: p.Source.String(), Target: p.Asked.String(), EffectiveTarget: p.Real.String(), State: string(p.State), Reason: p.Reason(),
			FailedIndexes: p.Indexes.Lost, IndexError: p.Indexes.Why, RestoredDocuments: p.Documents.Restored, TotalDocuments: p.Documents.Total,
		})
	}
	return r
}

// OtherResult is a restore job that was seen beside the one that was followed.
type OtherResult struct {
	*JobResult
	CameLast *bool `json:"cameLast,omitempty"` // it was asked for after ours and every other; absent where that cannot be told
}

// DeliveryResult is what a download delivers for one replica set.
type DeliveryResult struct {
	ReplicaSetName string             `json:"replicaSetName,omitempty"`
	URL            string             `json:"url,omitempty"`
	Warning        string             `json:"warning,omitempty"` // what is wrong with a link
	PrivateURLs    []PrivateURLResult `json:"privateUrls,omitempty"`
}

// PrivateURLResult is a link that works over one private endpoint only.
type PrivateURLResult struct {
	EndpointID string `json:"endpointId"`
	URL        string `json:"url"`
	Warning    string `json:"warning,omitempty"`
}

// SearchResult is whether the search indexes came back after a restore, as Atlas's events tell it.
type SearchResult struct {
	Status string       `json:"status"` // back, failed, untold (no event tells yet, or there are no indexes), unread
	At     *time.Time   `json:"at,omitempty"`
	Error  *ErrorResult `json:"error,omitempty"` // why the events could not be read
}

// searchResult is what is known of Search at the end; nil for any job but a restore onto a cluster
// that is completed.
func (s Summary) searchResult() *SearchResult {
	if !s.Search.Asked || s.Job.ID == "" || !s.Job.DeliveryType.Overwrites() || s.reached() != state.OutcomeCompleted {
		return nil
	}
	out := &SearchResult{Status: "untold", At: known(s.Search.At)}
	switch {
	case !s.Search.At.IsZero() && s.Search.Failed:
		out.Status = "failed"
	case !s.Search.At.IsZero():
		out.Status = "back"
	case s.Search.Err != nil:
		out.Status, out.Error = "unread", Failure(s.Search.Err)
	}
	return out
}

// DrillResult is what a drill has come to: PASS, FAIL or INCOMPLETE.
type DrillResult struct {
	Result record.Result  `json:"result,omitempty"` // none where nothing was drilled
	Why    string         `json:"why"`
	Checks []record.After `json:"checks"`
	// NotDue says that nothing was drilled, as a restore was proven not long ago, at ProvenAt.
	NotDue   bool       `json:"notDue,omitempty"`
	ProvenAt *time.Time `json:"provenAt,omitempty"`
}

// drillResult is that of a drill; nil for others.
func (s Summary) drillResult() *DrillResult {
	r, ok := s.drilled()
	if !ok {
		return nil
	}
	return &DrillResult{Result: r.Result, Why: r.Why, Checks: s.afterDrill()}
}

// ErrorResult says what went wrong. Status and code are Atlas's, where it answered.
type ErrorResult struct {
	Status    int    `json:"status,omitempty"`
	ErrorCode string `json:"errorCode,omitempty"`
	Detail    string `json:"detail"`
	Advice    string `json:"advice,omitempty"`
	// Jobs are the ids of the restore jobs that stand in the way, as far as they are known.
	Jobs []string `json:"jobs,omitempty"`
}

// Result is the summary for programs. Where the last restore of the run has come to no job, the
// one before it stands in its place.
func (s Summary) Result() Result {
	first, rest := s, s.Earlier
	if n := len(rest) - 1; n >= 0 && s.Job.ID == "" && (s.Outcome == state.OutcomeAborted || s.Outcome == state.OutcomeError) {
		first, rest = rest[n], rest[:n]
		first.Mode, first.Debrief = s.Mode, s.Debrief
		if s.Err != nil {
			first.Err, first.Problem = s.Err, s.Problem
		}
	}
	r := first.result()
	r.Outcome = s.Overall()
	for _, e := range rest {
		r.Earlier = append(r.Earlier, e.result())
	}
	return r
}

func (s Summary) result() Result {
	r := Result{Outcome: s.outcome(), Drill: s.drillResult(), Training: s.Mode == Training, Elsewhere: s.Elsewhere, Checks: s.Checks, Names: s.Names}
	if s.Debrief != nil {
		r.Debrief = s.Debrief.JSON
	}
	r.BreakGlass = s.Glass
	switch {
	case s.Replay != nil:
		r.Plan = s.Replay.result(s.Approval)
	case s.Saved != nil:
		r.Plan = s.Saved.result()
	}
	if s.Job.ID != "" {
		r.Job = s.jobResult()
	}
	if s.Kept.ID != "" {
		r.SafetySnapshot = &s.Kept
	}
	r.Records = s.Recorded
	for _, o := range s.Others {
		r.Others = append(r.Others, s.otherResult(o))
	}
	if s.Job.ID != "" && s.delivers() && !s.OnlyFiles {
		r.Deliveries = deliveries(s.Job)
	}
	if s.Fetched != nil {
		r.Files = s.Fetched.Files
	}
	r.Search = s.searchResult()
	if body, err := s.Plan.Request(); err == nil {
		r.Request = body.Body()
		if e := s.Plan.Evidence; !e.IsZero() {
			r.Evidence = &e
		}
	}
	switch words := OthersWords(s.Plan, s.Job, s.Others, s.Unlisted, s.Now); {
	case s.Fetched != nil && s.Fetched.Err != nil:
		r.Error = s.Fetched.failure()
	case s.Err != nil:
		r.Error = Failure(s.Err)
		if s.Problem != nil {
			r.Error.Advice = s.Problem.Advice
		}
	case len(words) > 0:
		r.Error = &ErrorResult{Detail: strings.Join(words, " ")}
	}
	return r
}

func (s Summary) otherResult(o state.Other) OtherResult {
	of := s
	of.Last = ""
	of.Job, of.Plan.Project.ID, of.Plan.Cluster.Name = o.Job, o.Source.ProjectID, o.Source.Name
	out := OtherResult{JobResult: of.jobResult()}
	if o.Unreadable != "" {
		out.Status = "not readable"
	}
	if last := o.CameLast(s.Job, s.Others); last != 0 {
		came := last > 0
		out.CameLast = &came
	}
	return out
}

// Failure is an error as -o json tells it.
func Failure(err error) *ErrorResult {
	out := &ErrorResult{Detail: err.Error()}
	var plain *state.Plain
	if errors.As(err, &plain) && plain.Why != "" { // a library's own text is for the log
		out.Detail = strings.Replace(out.Detail, plain.Error(), plain.Why, 1)
	}
	var atlas *state.AtlasError
	if errors.As(err, &atlas) {
		out.Status, out.ErrorCode = atlas.Status, atlas.Code
		if atlas.Detail != "" {
			out.Detail = atlas.Detail
		}
		out.Advice = state.Explain("", err).Advice
	}
	var advised *state.Advised
	var running submit.RunningError
	var refuted *submit.RefutedError
	switch {
	case errors.As(err, &advised):
		out.Jobs = advised.Jobs
	case errors.As(err, &refuted):
		out.Jobs = refuted.Jobs
	case errors.As(err, &running):
		out.Jobs = []string{running.Job.ID}
	}
	return out
}

func (s Summary) jobResult() *JobResult {
	j, st := s.Job, s.standing()
	status := st.String()
	if s.Unseen {
		status = string(state.OutcomeUnknown)
	}
	var seen time.Time
	if s.old() {
		seen = s.SeenAt
	}
	return (&JobResult{
		ID: j.ID, DeliveryType: j.DeliveryType, Status: status,
		SourceProjectID: s.Plan.Project.ID, SourceClusterName: s.Plan.Cluster.Name, SnapshotID: j.SnapshotID,
		TargetProjectID: j.TargetProjectID, TargetClusterName: j.TargetClusterName,
		PointInTimeUTCSeconds: j.PointInTimeUTCSeconds, OplogTs: j.OplogTs, OplogInc: j.OplogInc,
		CreatedAt: known(j.CreatedAt()), FinishedAt: known(j.Finished(s.Now)), ExpiresAt: known(j.ExpiresAt), LastSeenAt: known(seen),
	}).parts(j)
}

func known(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func deliveries(j state.Job) []DeliveryResult {
	var out []DeliveryResult
	for _, d := range j.Deliveries {
		out = append(out, DeliveryResult{d.ReplicaSet, d.URL.Reveal(), warning(d.URL), privateURLs(d.Private)})
	}
	if len(j.Private) == 0 {
		return out
	}
	if len(out) != 1 { // links of the whole job belong to none of several replica sets
		return append(out, DeliveryResult{PrivateURLs: privateURLs(j.Private)})
	}
	out[0].PrivateURLs = append(out[0].PrivateURLs, privateURLs(j.Private)...)
	return out
}

func warning(link state.Secret) string {
	if link.IsZero() || openly(link) == "" {
		return ""
	}
	return NotHTTPS
}

func privateURLs(urls []state.PrivateURL) []PrivateURLResult {
	var out []PrivateURLResult
	for _, u := range urls {
		out = append(out, PrivateURLResult{u.EndpointID, u.URL.Reveal(), warning(u.URL)})
	}
	return out
}

// JSON is the result as text, ending in a newline.
func (r Result) JSON() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // a link is read by people too
	enc.SetIndent("", "  ")
	if err := enc.Encode(r); err != nil {
		return nil, fmt.Errorf("encoding the result: %w", err)
	}
	return b.Bytes(), nil
}
