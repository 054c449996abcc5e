package steps

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"atlas-restore/forms/columns"
	"atlas-restore/forms/fold"
	"atlas-restore/state"
	"atlas-restore/state/journal"
	"atlas-restore/state/submit"
	"atlas-restore/state/text"
)

// JobLine is one restore job of a list, for people and for programs.
type JobLine struct {
	*JobResult
	RequestID string         `json:"requestId,omitempty"` // of a request of this machine that has no job, as watch takes it
	StartedBy string         `json:"startedBy,omitempty"` // if this machine did
	Named     []string       `json:"namedJobs,omitempty"` // what Atlas told of after such a request: one of them may be its job
	Fetched   *journal.Fetch `json:"fetched,omitempty"`   // how it stands with its files, if this machine has fetched them
	point     string
	at        time.Time
	endpoint  string // of its Atlas; empty for that of the list
}

// AllJobs are the restore jobs of a source, those of single collections among them. That these
// could not be listed is told beside the others, which it does not hide.
func AllJobs(ctx context.Context, atlas Atlas, c state.Cluster) (all []state.Job, untold, err error) {
	var only []state.Job
	var both sync.WaitGroup
	if c.Family == state.Dedicated {
		both.Go(func() { only, untold = atlas.CollectionJobs(ctx, c) })
	}
	all, err = atlas.Jobs(ctx, c)
	both.Wait()
	return append(all, only...), untold, err //nolint:wrapcheck // it is explained
}

// JobLines are the jobs of a source cluster, the newest first.
func JobLines(source state.Plan, jobs []state.Job, history []journal.Submission, now time.Time) []JobLine {
	var out []JobLine
	for _, j := range jobs {
		plan := source
		plan.Delivery = j.DeliveryType
		s := Summary{Plan: plan, Job: j, Now: now}
		l := JobLine{JobResult: s.jobResult(), at: j.CreatedAt()}
		if j.Unreadable != "" {
			l.Status = "not readable"
		}
		switch {
		case j.OplogTs != 0 || j.PointInTimeUTCSeconds != 0:
			l.point = momentCell(state.Instant{UTCSeconds: j.PointInTimeUTCSeconds, OplogTs: j.OplogTs, OplogInc: j.OplogInc}, now)
		case !j.SnapshotAt.IsZero():
			l.point = state.UTC(j.SnapshotAt, now)
		}
		for _, h := range history {
			if h.JobID == j.ID {
				l.StartedBy, l.Fetched = startedBy(h), h.Files
				if l.Status == state.Over.String() && h.Status != "" { // a list does not tell what came of each collection
					l.Status = h.Status
				}
			}
		}
		out = append(out, l)
	}
	slices.SortStableFunc(out, func(a, b JobLine) int { return cmp.Or(b.at.Compare(a.at), cmp.Compare(b.ID, a.ID)) })
	return out
}

// momentCell is a moment in a cell of a list.
func momentCell(i state.Instant, now time.Time) string {
	text := state.UTCSecond(i.Time(), now)
	if i.ByOplog() {
		text += fmt.Sprintf(", entry %d", i.OplogInc)
	}
	return text
}

func startedBy(h journal.Submission) string {
	who := h.Who
	if h.User != "" {
		who = strings.TrimPrefix(h.User+"@"+h.Host+", as "+who, "@")
	}
	return who
}

// MyLines are what this machine has submitted, the newest first. What became of it is what
// was seen of it here.
func MyLines(history []journal.Submission, now time.Time) []JobLine {
	var out []JobLine
	for _, h := range slices.Backward(history) {
		status := h.Status
		switch {
		case status != "":
		case h.JobID != "":
			status = "not seen to its end"
		case h.Last == journal.NotSent, h.Last == journal.Refused && strings.HasPrefix(h.Error, submit.ErrNotSent.Error()): // as it was written before
			status = "not sent"
		case h.Last == journal.Refused:
			status = "refused"
		default:
			status = "unknown"
		}
		b := h.Body
		at := h.Time.UTC()
		l := JobLine{StartedBy: startedBy(h), Fetched: h.Files, at: at, endpoint: h.Endpoint, JobResult: &JobResult{
			ID: h.JobID, DeliveryType: b.DeliveryType, Status: status, SourceProjectID: h.ProjectID, SourceClusterName: h.ClusterName,
			SnapshotID: b.SnapshotID, TargetProjectID: b.TargetProjectID, TargetClusterName: b.TargetClusterName,
			PointInTimeUTCSeconds: b.PointInTimeUTCSeconds, OplogTs: b.OplogTs, OplogInc: b.OplogInc, CreatedAt: &at,
		}}
		if b.SnapshotID == "" {
			l.point = momentCell(state.Instant{UTCSeconds: b.PointInTimeUTCSeconds, OplogTs: b.OplogTs, OplogInc: b.OplogInc}, now)
		} else if h.SnapshotAt != nil {
			l.point = state.UTC(*h.SnapshotAt, now)
		}
		if h.JobID == "" && state.CheckRequest(h.ID) == nil {
			l.RequestID = h.ID
		}
		if h.JobID == "" {
			l.Named = h.Named
		}
		out = append(out, l)
	}
	return out
}

// JobsText is a list of jobs for people, for a terminal of w cells; 0 for none.
func JobsText(lines []JobLine, proven []ProvenAs, now time.Time, w int) string {
	below := ""
	for _, a := range proven {
		below += fold.Lines(a.Words(now)+"\n", w)
	}
	if len(lines) == 0 {
		return "There are no restore jobs.\n" + below
	}
	heads := []columns.Column{
		{Head: "STATE"},
		{Head: "ASKED", Rank: 2},
		{Head: "DELIVERY", Rank: 4},
		{Head: "OF"},
		{Head: "POINT", Rank: 3},
		{Head: "ONTO", Rank: 1},
		{Head: "JOB"},
		{Head: "REQUEST", Rank: 1},
		{Head: "STARTED BY", Rank: 6},
		{Head: "FILES", Rank: 5},
	}
	var rows [][]string
	for _, l := range lines {
		rows = append(rows, []string{
			l.Status, state.Ago(l.at, now), l.DeliveryType.Words(), l.SourceClusterName, l.point, cmp.Or(l.TargetClusterName, columns.None), l.job(), l.RequestID, cmp.Or(l.StartedBy, columns.None), filesWords(l.Fetched),
		})
	}
	if below != "" {
		below = "\n" + below
	}
	return columns.New(heads...).TextIn(rows, w) + below
}

// job is its id in a cell of a list. Of a request whose outcome is unknown it is what may be its job.
func (l JobLine) job() string {
	if l.ID == "" && len(l.Named) > 0 {
		return "maybe " + strings.Join(l.Named, ", ")
	}
	return cmp.Or(l.ID, columns.None)
}

// JobWords are the ids of the jobs that this machine has submitted of the source that flags name, if they do, and
// to the Atlas at an address, if it is given: those that wanted finds, the newest first. A request without a job
// has its own id. Each has behind a tab what it is.
func JobWords(history []journal.Submission, g state.Given, endpoint string, wanted func(journal.Submission) bool, now time.Time) []string {
	var out []string
	for _, h := range slices.Backward(history) {
		if !wanted(h) || !meant(h, g) || endpoint != "" && state.CanonicalEndpoint(endpoint) != state.CanonicalEndpoint(h.Endpoint) {
			continue
		}
		l := MyLines([]journal.Submission{h}, now)[0]
		id := cmp.Or(l.ID, l.RequestID)
		if id == "" {
			continue
		}
		about := fmt.Sprintf("%s, %s, of %s", l.Status, l.DeliveryType.Words(), l.SourceClusterName)
		if l.TargetClusterName != "" {
			about += " onto " + l.TargetClusterName
		}
		out = append(out, id+"\t"+text.Clean(about+", "+state.Ago(l.at, now)))
	}
	return out
}

// filesWords say how it stands with the files of a download, in a cell.
func filesWords(f *journal.Fetch) string {
	switch {
	case f == nil:
		return ""
	case f.Proven():
		return "downloaded to " + f.Dir + ", proven"
	case f.Left():
		return "not all fetched, in " + f.Dir
	}
	return "not downloaded, in " + f.Dir
}

// JobsJSON is a list of jobs for programs, with what is known of proven restores of their sources:
// {"jobs": […], "proven": […]}.
func JobsJSON(lines []JobLine, proven []ProvenAs) ([]byte, error) {
	if lines == nil {
		lines = []JobLine{}
	}
	results := make([]provenResult, 0, len(proven))
	for _, a := range proven {
		results = append(results, a.result())
	}
	raw, err := json.MarshalIndent(map[string]any{"jobs": lines, "proven": results}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encoding the jobs: %w", err)
	}
	return append(raw, '\n'), nil
}
