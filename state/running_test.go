package state_test

import (
	"strings"
	"testing"
	"time"

	"atlas-restore/state"
)

// Whether a restore runs onto the target is OK only where nothing speaks against it: not where the target is busy with
// what no list names, and not where Atlas has just refused a request for it, until a later look sees the target idle.
func TestRunningIsNotOKWhereItWasNotSeen(t *testing.T) {
	now := time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)
	refused := func(looked bool) state.Refusal { return state.Refusal{At: now.Add(-time.Second), Looked: looked} }
	denied := &state.AtlasError{Status: 403, Code: "USER_UNAUTHORIZED"}
	for _, tc := range []struct {
		name     string
		change   func(*state.Facts)
		want     state.Verdict
		harmless bool
		says     string
	}{
		{"idle", func(*state.Facts) {}, state.OK, false, "no other restore onto the target is running (jobs of orders and scratch)"},
		{"busy, and no job tells why", func(f *state.Facts) { f.Target.State = "UPDATING" }, state.Unknown, true, "whether a restore runs there: the jobs of orders and scratch do not tell why it is updating."},
		{"busy, and a job tells why", func(f *state.Facts) {
			f.Target.State = "UPDATING"
			f.Jobs = []state.Job{{ID: idAt(now.Add(-time.Minute)), DeliveryType: state.Automated, TargetProjectID: project, TargetClusterName: "scratch"}}
		}, state.Block, false, "runs already onto scratch"},
		{"the state is awaited", func(f *state.Facts) { f.Awaited = state.LookTarget }, state.Looking, false, ""},
		{"the state is hidden", func(f *state.Facts) { f.TargetErr = denied }, state.OK, false, "(jobs of orders and scratch)"},
		{"refused, and idle in the look that follows at once", func(f *state.Facts) { f.Refused = refused(false) }, state.Block, false, "Atlas refused a request, 23 Nov 14:30:59 UTC, as a restore runs there. Wait for its end, then check again."},
		{"refused, and the state is awaited", func(f *state.Facts) { f.Refused, f.Awaited = refused(false), state.LookTarget }, state.Block, false, "Atlas refused"},
		{"refused, and idle in a later look", func(f *state.Facts) { f.Refused = refused(true) }, state.OK, false, "no other restore"},
		{"refused, and busy in a later look", func(f *state.Facts) { f.Refused, f.Target.State = refused(true), "UPDATING" }, state.Block, false, "Atlas refused"},
		{"refused, and hidden in a later look", func(f *state.Facts) { f.Refused, f.TargetErr = refused(true), denied }, state.Block, false, "Atlas refused"},
	} {
		f := state.Facts{
			Now: now, Target: state.Cluster{ProjectID: project, Name: "scratch", State: "IDLE"},
			Others: []state.JobList{{ProjectID: project, Cluster: "scratch"}},
			Plan: state.Plan{
				Cluster: state.Cluster{ProjectID: project, Name: "orders"}, Delivery: state.Automated,
				Target: state.Target{Project: state.Project{ID: project, Name: "Sandbox"}, ClusterName: "scratch"},
			},
		}
		tc.change(&f)
		for _, c := range state.Checks(f) {
			if c.Name == state.RunningCheck && (c.Verdict != tc.want || c.Harmless != tc.harmless || !strings.Contains(c.Text(), tc.says)) {
				t.Errorf("%s: %+v, want %v that says %q", tc.name, c, tc.want, tc.says)
			}
		}
	}
}
