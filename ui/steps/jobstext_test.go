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
