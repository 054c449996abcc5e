package steps

import (
	"strings"
	"testing"
	"time"

	"atlas-restore/state"
)

// A dry run of what could not be submitted says so at its end: its checks have scrolled away.
func TestDryRunSaysWhatStops(t *testing.T) {
	checks := checkResults([]state.Check{
		{Name: "disk", Verdict: state.Block, Why: "It does not fit."},
		{Name: "role", Verdict: state.Unknown, Why: "Atlas does not tell it."},
		{Name: "speed", Verdict: state.OK, Why: "as usual"},
	}, nil)
	for _, c := range []struct {
		accepted bool
		want     []string
		not      string
	}{
		{false, []string{"BLOCK disk: nothing can be submitted. It does not fit.", "UNKNOWN role: it has to be accepted first. Atlas does not tell it."}, "as usual"},
		{true, []string{"BLOCK disk"}, "UNKNOWN role"},
	} {
		checks[1].Accepted = c.accepted
		text := Summary{Outcome: state.OutcomeDryRun, Checks: checks}.Text()
		for _, want := range c.want {
			if !strings.Contains(text, want) {
				t.Errorf("accepted %v: %q is missing in:\n%s", c.accepted, want, text)
			}
		}
		if strings.Contains(text, c.not) {
			t.Errorf("accepted %v: %q stands in:\n%s", c.accepted, c.not, text)
		}
	}
}

// Who types a moment into the list of snapshots is told the way to the question for a moment.
func TestSnapshotsReadAMoment(t *testing.T) {
	now := time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)
	cfg := Config{Now: func() time.Time { return now }, Zone: time.UTC}
	way := func(o Other) string { return o.Key + " goes there" }
	for typed, want := range map[string]string{
		"14:02:59": "A moment can be restored too, 23 Nov 14:02:59 UTC: tab goes there.",
		"2h ago":   "A moment can be restored too, 23 Nov 12:31:00 UTC: tab goes there.",
		"17":       "", // a part of an id rather
		"now":      "",
		"orders":   "",
	} {
		plan := state.Plan{Cluster: state.Cluster{Name: "orders-prod", PITEnabled: true}}
		if got := Instead(Snapshots(cfg, plan, &Seen{}).Others, typed, way); got != want {
			t.Errorf("%q: %q, want %q", typed, got, want)
		}
		plan.Cluster.PITEnabled = false
		if got := Instead(Snapshots(cfg, plan, &Seen{}).Others, typed, way); got != "" {
			t.Errorf("without moments, %q: %q", typed, got)
		}
	}
}
