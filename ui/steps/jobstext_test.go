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
	got := JobsText([]JobLine{line("completed", "支払い", "orders-stg"), line("failed", "orders-prod", "b")}, nil, now, 0)
	want := `STATE      ASKED    DELIVERY                 OF           ONTO        JOB                       STARTED BY
completed  1 h ago  snapshot onto a cluster  支払い       orders-stg  6b0000000000000000000001  -
failed     1 h ago  snapshot onto a cluster  orders-prod  b           6b0000000000000000000001  -
`
	if got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	one := line("ready", "orders-prod", "")
	one.Fetched = &journal.Fetch{At: now, Dir: "/mnt/restore", Outcome: state.OutcomeDownloaded}
	if got := JobsText([]JobLine{one}, nil, now, 0); !strings.Contains(got, "FILES\n") || !strings.Contains(got, "downloaded to /mnt/restore, proven\n") {
		t.Errorf("%s", got)
	}
	if got := JobsText(nil, nil, now, 0); got != "There are no restore jobs.\n" {
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
		"jobs of this machine":      JobsText(MyLines([]journal.Submission{sub}, now), nil, now, 0),
		"jobs of a cluster":         JobsText(JobLines(state.Plan{}, []state.Job{{ID: id, DeliveryType: state.Download}}, nil, now), nil, now, 0),
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

// In a terminal that has no room for all columns a row goes on below itself: no cell is cut, none left out, and
// no line is as wide as would break it. State, cluster and job stand in the row as long as there is any room.
func TestJobsTextInATerminal(t *testing.T) {
	now := time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)
	const id, source, target = "6b0000000000000000000001", "orders-prod", "orders-prod-restore"
	line := JobLine{at: now.Add(-20 * time.Hour), StartedBy: "root@vm, as dyxvdsou", point: "22 Nov 18:20 UTC", JobResult: &JobResult{ID: id, DeliveryType: state.Automated, Status: "completed", SourceClusterName: source, TargetClusterName: target}}
	none := line
	none.JobResult = &JobResult{ID: id, DeliveryType: state.Download, Status: "expired", SourceClusterName: source}
	none.StartedBy = ""
	lines := []JobLine{line, none}
	piped := JobsText(lines, nil, now, 0)
	for w := 27; w < 150; w++ {
		got := JobsText(lines, nil, now, w)
		for _, said := range []string{"completed", "expired", "20 h ago", "snapshot onto a cluster", "download", source, line.point, target, id, line.StartedBy} {
			if strings.Count(got, said) < strings.Count(piped, said) && w > 38 {
				t.Errorf("%d cells: %q is not whole in\n%s", w, said, got)
			}
		}
		rows := 0
		for row := range strings.Lines(got) {
			row = strings.TrimRight(row, "\n")
			if len(row) > w && strings.Contains(strings.TrimSpace(row), "; ") || len(row) > w && w >= 38 {
				t.Errorf("%d cells: %q is wider", w, row)
			}
			if strings.HasPrefix(row, "completed") || strings.HasPrefix(row, "expired") {
				rows++
				if !strings.Contains(row, source) || !strings.Contains(row, id) {
					t.Errorf("%d cells: the row is %q", w, row)
				}
			}
		}
		if w >= 49 && rows != 2 {
			t.Errorf("%d cells:\n%s", w, got)
		}
		widest := 0
		for row := range strings.Lines(piped) {
			widest = max(widest, len(row)-1)
		}
		if (w >= widest) != (got == piped) {
			t.Errorf("%d cells:\n%s", w, got)
		}
	}
	want := `STATE      OF           JOB
completed  orders-prod  6b0000000000000000000001
  asked 20 h ago; delivery snapshot onto a cluster
  point 22 Nov 18:20 UTC; onto orders-prod-restore
  started by root@vm, as dyxvdsou
expired    orders-prod  6b0000000000000000000001
  asked 20 h ago; delivery download
  point 22 Nov 18:20 UTC
`
	if got := JobsText(lines, nil, now, 54); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

// A request that has no job is listed with its own id, under a head of its own: watch takes it. None of them
// that could not be typed behind watch is shown, and none where a job's id stands.
func TestJobsOfMineHaveTheIDsOfRequests(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)
	const job, unanswered, old = "6b0000000000000000000001", "7RR5AHEMKL7D6CXKNUPZS3ZPKU", "7RR5AHEMKL7D6CXKNUPZS3ZPKJ"
	of := func(id, job string, last journal.Event) journal.Submission {
		return journal.Submission{Entry: journal.Entry{ID: id, Time: now.Add(-time.Hour), ClusterName: "orders-prod", Body: state.Request{DeliveryType: state.Download, SnapshotID: "65f0c1d2e3a4b5c6d7e8f901"}}, JobID: job, Last: last}
	}
	lines := MyLines([]journal.Submission{of("s1\x1b[2J", "", journal.Unknown), of(old, job, journal.Created), of(unanswered, "", journal.Unknown)}, now)
	want := `STATE                ASKED    DELIVERY  OF           ONTO  JOB                       REQUEST                     STARTED BY
unknown              1 h ago  download  orders-prod  -     -                         7RR5AHEMKL7D6CXKNUPZS3ZPKU  -
not seen to its end  1 h ago  download  orders-prod  -     6b0000000000000000000001                              -
unknown              1 h ago  download  orders-prod  -     -                                                     -
`
	if got := JobsText(lines, nil, now, 0); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if got := JobsText(lines, nil, now, 80); strings.Count(got, "request "+unanswered) != 1 || strings.Count(got, "request") != 1 {
		t.Errorf("%s", got)
	}
	raw, err := JobsJSON(lines, nil)
	if err != nil || strings.Count(string(raw), `"requestId"`) != 1 || !strings.Contains(string(raw), `"requestId": "`+unanswered+`"`) {
		t.Errorf("%v\n%s", err, raw)
	}
}
