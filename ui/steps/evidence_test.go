package steps

import (
	"slices"
	"strings"
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/journal"
)

// Why it is that second stands on the review, in the summary, in the JSON and in what the journal
// gives back.
func TestEvidenceIsCarried(t *testing.T) {
	const id = "5f0000000000000000000001"
	found := state.Evidence{Why: "the second before shop.orders was dropped at 14:02:59.812 by mongosh on conn4711", What: "drop"}
	now := time.Date(2026, 11, 23, 16, 0, 0, 0, time.UTC)
	plan := state.Plan{
		Project: state.Project{ID: id, Name: "Payments"}, Cluster: state.Cluster{Name: "orders-prod", PITEnabled: true},
		Target: state.Target{Project: state.Project{ID: id, Name: "Payments"}, ClusterName: "orders-stg"},
	}.WithInstant(state.Instant{UTCSeconds: 1795442578}).WithEvidence(found)
	s := Begin(Config{Now: func() time.Time { return now }, Zone: time.UTC})
	s.Plan = plan
	if all := s.Review(Ways{}); !slices.Contains(all, Clause{"Chosen", found.Why, false}) {
		t.Errorf("the review says %+v", all)
	}
	sum := Summary{Outcome: state.OutcomeDryRun, Plan: plan, Now: now}
	if text := sum.Text(); !strings.Contains(text, "Chosen: "+found.Why+".") {
		t.Errorf("the summary says %s", text)
	}
	if e := sum.Result().Evidence; e == nil || *e != found {
		t.Errorf("the JSON has %+v", e)
	}
	body, err := plan.Request()
	if err != nil {
		t.Fatal(err)
	}
	if again := PlanOf(journal.Submission{Entry: journal.Entry{Body: body, Evidence: found}}); again.Evidence != found {
		t.Errorf("the journal gives back %+v", again.Evidence)
	}
}
