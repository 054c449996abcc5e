package state_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"atlas-restore/state"
)

// Where the configuration wants a second person's approval, nothing is written to a target without
// one: by the name of the cluster, of its project, or of what it is for. A broken glass is told, and
// is one only where it was in the way.
func TestCheckApproval(t *testing.T) {
	now := time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)
	alice := state.Approval{By: "alice@example.com", Key: "SHA256:x", At: now.Add(-4 * time.Minute), Command: "atlas-restore plan approve p"}
	for _, tc := range []struct {
		name    string
		rules   []string
		target  string
		project string
		change  func(*state.Facts)
		want    state.Verdict // -1: the check is not made
		says    string
		glass   bool
	}{
		{"no rule", nil, "orders-prod", "Shop", nil, -1, "", false},
		{"another target", []string{"prod*"}, "orders-stg", "Shop", nil, -1, "", false},
		{"by the cluster", []string{"prod*"}, "orders-prod", "Shop", nil, state.Block, "orders-prod needs a second person's approval (require_approval prod*). Save the plan, have somebody approve it, and run it with --plan FILE.", false},
		{"by the project", []string{"shop"}, "orders-stg", "Shop", nil, state.Block, "require_approval shop", false},
		{"by what it is for", []string{"staging"}, "orders-stg", "Shop", func(f *state.Facts) {
			f.Names.Environments = []state.Environment{{Name: "staging", Patterns: []string{"stg"}}}
		}, state.Block, "require_approval staging", false},
		{"a download", []string{"prod*"}, "orders-prod", "Shop", func(f *state.Facts) { f.Plan.Delivery = state.Download }, -1, "", false},
		{"single collections", []string{"prod*"}, "orders-prod", "Shop", func(f *state.Facts) { f.Plan.Delivery = state.Collections }, state.Block, "", false},
		{"a plan without one", []string{"prod*"}, "orders-prod", "Shop", func(f *state.Facts) { f.Approval.Command = "atlas-restore plan approve p" }, state.Block, "this plan has none. A second person approves it with: atlas-restore plan approve p", false},
		{"one that does not count", []string{"prod*"}, "orders-prod", "Shop", func(f *state.Facts) { f.Approval = state.Approval{Command: "x", Refused: "the key is unknown."} }, state.Block, "does not count: the key is unknown. ", false},
		{"approved", []string{"prod*"}, "orders-prod", "Shop", func(f *state.Facts) { f.Approval = alice }, state.OK, "approved by alice@example.com, 4 min ago", false},
		{"approved, and nobody knows when", []string{"prod*"}, "orders-prod", "Shop", func(f *state.Facts) { f.Approval = alice; f.Approval.At = time.Time{} }, state.OK, "approved by alice@example.com (when it was signed is not known)", false},
		{"approved, though nobody has to", nil, "orders-prod", "Shop", func(f *state.Facts) { f.Approval = alice }, state.OK, "approved by alice@example.com", false},
		{"approved, and a glass", []string{"prod*"}, "orders-prod", "Shop", func(f *state.Facts) { f.Approval = alice; f.Approval.Glass = "all are asleep" }, state.OK, "", false},
		{"one that does not count, and nobody has to", nil, "orders-prod", "Shop", func(f *state.Facts) { f.Approval.Refused = "the key is unknown" }, state.Warn, "does not count", false},
		{"a broken glass", []string{"prod*"}, "orders-prod", "Shop", func(f *state.Facts) { f.Approval.Glass = "all are asleep" }, state.Warn, `Break glass: "all are asleep". The journal keeps that.`, true},
		{"a glass that was in nobody's way", nil, "orders-prod", "Shop", func(f *state.Facts) { f.Approval.Glass = "all are asleep" }, -1, "", false},
	} {
		f := state.Facts{Now: now, Names: state.Names{Approval: tc.rules}, Awaited: -1, Plan: state.Plan{
			Delivery: state.Automated, Target: state.Target{ClusterName: tc.target, Project: state.Project{Name: tc.project}},
		}}
		if tc.change != nil {
			tc.change(&f)
		}
		all := state.Checks(f)
		i := slices.IndexFunc(all, func(c state.Check) bool { return c.Name == state.ApprovalCheck })
		got, text := state.Verdict(-1), ""
		if i >= 0 {
			got, text = all[i].Verdict, all[i].Text()
		}
		if got != tc.want || !strings.Contains(text, tc.says) || f.BreaksGlass() != tc.glass {
			t.Errorf("%s: %v %q, glass %v", tc.name, got, text, f.BreaksGlass())
		}
		if got == state.Block && state.Unaccepted(all, []string{"all"}) != nil {
			t.Errorf("%s: a BLOCK is to be accepted", tc.name)
		}
	}
}
