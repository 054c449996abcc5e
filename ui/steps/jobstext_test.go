package steps

import (
	"strings"
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/journal"
)

// The list of jobs stands in columns under their heads, as wide as what is widest on the screen; a
// column in which nothing stands is left out.
func TestJobsTextInColumns(t *testing.T) {
	now := time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)
	line := func(status, source, target string) JobLine {
		return JobLine{at: now.Add(-time.Hour), JobResult: &JobResult{ID: "6b0000000000000000000001", DeliveryType: state.Automated, Status: status, SourceClusterName: source, TargetClusterName: target}}
	}
	got := JobsText([]JobLine{line("completed", "支払い", "orders-stg"), line("failed", "orders-prod", "b")}, nil, now)
	want := `STATE      ASKED    DELIVERY                 OF           ONTO        JOB                       STARTED BY
completed  1 h ago  snapshot onto a cluster  支払い       orders-stg  6b0000000000000000000001  -
failed     1 h ago  snapshot onto a cluster  orders-prod  b           6b0000000000000000000001  -
`
	if got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	one := line("ready", "orders-prod", "")
	one.Fetched = &journal.Fetch{At: now, Dir: "/mnt/restore", Outcome: state.OutcomeDownloaded}
	if got := JobsText([]JobLine{one}, nil, now); !strings.Contains(got, "FILES\n") || !strings.Contains(got, "downloaded to /mnt/restore, proven\n") {
		t.Errorf("%s", got)
	}
	if got := JobsText(nil, nil, now); got != "There are no restore jobs.\n" {
		t.Errorf("none: %q", got)
	}
}

// A time that Atlas's clock has told can be ahead of this machine's: what has happened is never said to come.
func TestWhatHasHappenedIsNotToCome(t *testing.T) {
	now := time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)
	at := now.Add(7 * time.Minute)
	cfg := Config{Now: func() time.Time { return now }}
	sub := journal.Submission{Entry: journal.Entry{ID: "s1", Time: at, ClusterName: "orders-prod"}, JobID: "j1", Last: journal.Created}
	id := "6b0450cba152b97b386d62dd" // of 23 Nov 14:42
	for name, text := range map[string]string{
		"jobs of this machine":      JobsText(MyLines([]journal.Submission{sub}, now), nil, now),
		"jobs of a cluster":         JobsText(JobLines(state.Plan{}, []state.Job{{ID: id, DeliveryType: state.Download}}, nil, now), nil, now),
		"what was left":             Leftover{Submission: sub}.told(cfg),
		"the row of it":             strings.Join(unfinishedRow(Leftover{Submission: sub}, cfg).Cells, " "),
		"a snapshot":                strings.Join(snapshotRow(state.Snapshot{ID: id, Status: "completed", CreatedAt: at}, cfg).Cells, " "),
		"a snapshot that is coming": TakeWords(state.Snapshot{ID: id, Status: "queued"}, now),
		"an approval":               state.Approval{By: "alice", At: at}.Said(now),
		"a proven restore":          days(at.Add(3*time.Hour), now),
	} {
		if strings.Contains(text, "in 7 min") || strings.Contains(text, "in 11 min") || strings.Contains(text, "just now") || !strings.Contains(text, "at 23 Nov 14:38 UTC") && !strings.Contains(text, "at 23 Nov 14:42 UTC") && !strings.Contains(text, "at 23 Nov 17:38 UTC") {
			t.Errorf("%s: %s", name, text)
		}
	}
}
