package steps

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/progress"
)

// A scenario that was never played has no result, and no time in the year 1.
func TestLessonsJSONLeavesOut(t *testing.T) {
	played := state.TrainingResult{Scenario: "b", Score: 3, Of: 4, When: time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)}
	raw, err := LessonsJSON([]Lesson{{Name: "a"}, {Name: "b", Record: progress.Record{Tries: 1, Best: played, Last: played}}})
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Scenarios []struct {
			Name   string
			Record map[string]any
		}
	}
	if err := json.Unmarshal(raw, &got); err != nil || len(got.Scenarios) != 2 {
		t.Fatalf("%v in %s", err, raw)
	}
	if strings.Contains(string(raw), "0001-") {
		t.Errorf("a time in the year 1: %s", raw)
	}
	if r := got.Scenarios[0].Record; r["tries"] != 0.0 || r["best"] != nil || r["last"] != nil {
		t.Errorf("never played, and %v", r)
	}
	if r := got.Scenarios[1].Record; r["best"] == nil || r["last"] == nil {
		t.Errorf("played, and %v", r)
	}
}

// The job stands in the summary as it does in the debrief below it, which is of a later moment
// than the last look.
func TestSummaryStandsAsItsDebrief(t *testing.T) {
	job := state.Job{ID: "6b0000000000000000000001", DeliveryType: state.Automated}
	for name, tc := range map[string]struct {
		seen  state.Outcome
		stood map[string]state.JobState
		want  state.Outcome
	}{
		"ended since":         {state.OutcomeRunning, map[string]state.JobState{job.ID: state.Completed}, state.OutcomeCompleted},
		"failed since":        {state.OutcomeRunning, map[string]state.JobState{job.ID: state.Failed}, state.OutcomeFailed},
		"still running":       {state.OutcomeRunning, map[string]state.JobState{job.ID: state.InProgress}, state.OutcomeRunning},
		"links expired since": {state.OutcomeReady, map[string]state.JobState{job.ID: state.Expired}, state.OutcomeExpired},
		"not the trainee's":   {state.OutcomeRunning, map[string]state.JobState{"other": state.Completed}, state.OutcomeRunning},
		"never seen":          {state.OutcomeUnknown, map[string]state.JobState{job.ID: state.Completed}, state.OutcomeUnknown},
	} {
		s := Summary{Mode: Training, Outcome: tc.seen, Job: job, Now: time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)}
		s.Debriefed(state.Debriefing{JSON: []byte(`{}`), Jobs: tc.stood})
		r := s.Result()
		if r.Outcome != tc.want || tc.want != state.OutcomeUnknown && r.Job.Status != string(tc.want) {
			t.Errorf("%s: outcome %s, status %s, want %s", name, r.Outcome, r.Job.Status, tc.want)
		}
		if tc.want != state.OutcomeUnknown && !strings.Contains(s.Text(), ": "+string(tc.want)+".") {
			t.Errorf("%s: it says\n%s", name, s.Text())
		}
	}
}

// One snapshot has one size, and is called small by the list if it is by the review.
func TestOneSizeOfASnapshot(t *testing.T) {
	now := time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)
	cfg := Config{Now: func() time.Time { return now }}
	snap := func(id string, bytes int64) state.Snapshot {
		return state.Snapshot{ID: id, Status: "completed", CreatedAt: now.Add(-time.Hour), StorageSizeBytes: bytes}
	}
	const gb = 1_000_000_000
	for name, sizes := range map[string][]int64{
		"too few others":       {10 * gb, 100 * gb, 100 * gb},
		"three others":         {10 * gb, 100 * gb, 100 * gb, 100 * gb},
		"of all it is half":    {49 * gb, 60 * gb, 98 * gb, 99 * gb, 100 * gb},
		"two have become less": {10 * gb, 11 * gb, 12 * gb, 100 * gb, 100 * gb},
		"just half":            {50 * gb, 100 * gb, 100 * gb, 100 * gb},
	} {
		var all []state.Snapshot
		for i, n := range sizes {
			all = append(all, snap(string(rune('a'+i)), n))
		}
		row := rowOf(cfg, &Seen{Snapshots: all}, &usual{})
		for _, s := range all {
			marked := strings.Contains(row(s).Warning, "of usual size")
			plan := state.Plan{Snapshot: s, Delivery: state.Automated, Cluster: state.Cluster{Name: "orders"}}
			target := state.Cluster{Name: "small", DiskSizeGB: 9}
			for _, c := range state.Checks(state.Facts{Plan: plan, Now: now, Snapshot: s, Snapshots: all, Target: target}) {
				if c.Name == "size" && (c.Verdict == state.Warn) != marked {
					t.Errorf("%s: the list marks %s: %t, the review says %q", name, s.ID, marked, c.Why)
				}
				if c.Name == "disk" && !strings.Contains(c.Why, ": "+row(s).Cells[4]+" onto 9 GB") {
					t.Errorf("%s: the list says %s, the review %q", name, row(s).Cells[4], c.Why)
				}
			}
			if marked && len(all) < 4 {
				t.Errorf("%s: %s is marked, among too few", name, s.ID)
			}
		}
	}
}
