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

// A job that has no end and does not tell its target may run onto any cluster: that none runs was not seen then. Which
// job it is, and in whose list, is said; a download has no target, and one that has ended runs nowhere.
func TestRunningCountsWhatHidesItsTarget(t *testing.T) {
	now := time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)
	job := func(change func(*state.Job)) state.Job {
		j := state.Job{ID: idAt(now.Add(-time.Minute)), DeliveryType: state.Automated, TargetProjectID: project, TargetClusterName: "elsewhere"}
		change(&j)
		return j
	}
	nameless := func(j *state.Job) { j.TargetClusterName = "" }
	for _, tc := range []struct {
		name string
		job  state.Job
		want state.Verdict
		says string
	}{
		{"onto another cluster", job(func(*state.Job) {}), state.OK, ""},
		{"without a cluster", job(nameless), state.Unknown, "it does not tell onto which cluster it is"},
		{"without a project", job(func(j *state.Job) { j.TargetProjectID = "" }), state.Unknown, "it does not tell in which project its target elsewhere is"},
		{"without either, of a moment", job(func(j *state.Job) { nameless(j); j.TargetProjectID, j.DeliveryType = "", state.PointInTime }), state.Unknown, "it does not tell onto which cluster it is"},
		{"of a kind that nobody knows", job(func(j *state.Job) { nameless(j); j.DeliveryType = "new" }), state.Unknown, "it does not tell"},
		{"for days", job(func(j *state.Job) { nameless(j); j.ID = idAt(now.Add(-90 * time.Hour)) }), state.Unknown, "it does not tell"},
		{"ended", job(func(j *state.Job) { nameless(j); j.FinishedAt = now.Add(-time.Second) }), state.OK, ""},
		{"a download", job(func(j *state.Job) { nameless(j); j.TargetProjectID, j.DeliveryType = "", state.Download }), state.OK, ""},
	} {
		for _, where := range []string{"orders", "scratch"} {
			f := state.Facts{
				Now: now, Target: state.Cluster{ProjectID: project, Name: "scratch", State: "IDLE"},
				Others: []state.JobList{{ProjectID: project, Cluster: "scratch"}},
				Plan: state.Plan{
					Cluster: state.Cluster{ProjectID: project, Name: "orders"}, Delivery: state.Automated,
					Target: state.Target{Project: state.Project{ID: project, Name: "Sandbox"}, ClusterName: "scratch"},
				},
			}
			if where == "orders" {
				f.Jobs = []state.Job{tc.job}
			} else {
				f.Others[0].Jobs = []state.Job{tc.job}
			}
			for _, c := range state.Checks(f) {
				if c.Name != state.RunningCheck {
					continue
				}
				named := tc.says == "" || strings.Contains(c.Text(), "restore job "+tc.job.ID+" in the list of "+where+": "+tc.says)
				if c.Verdict != tc.want || c.Verdict == state.Unknown && !c.Asks() || !named {
					t.Errorf("%s, in the list of %s: %v %q", tc.name, where, c.Verdict, c.Text())
				}
			}
		}
	}
}

// A restore that does not tell its target may have been onto the source, and have left a hole, whether it has ended or not.
func TestHoleCountsWhatHidesItsTarget(t *testing.T) {
	now := time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)
	f := state.Facts{
		Now: now, Window: state.Window{From: now.Add(-48 * time.Hour), Until: now},
		Jobs: []state.Job{{ID: idAt(now.Add(-2 * time.Hour)), DeliveryType: state.Automated, FinishedAt: now.Add(-time.Hour)}},
		Plan: state.Plan{Cluster: state.Cluster{ProjectID: project, Name: "orders"}, Delivery: state.PointInTime, Instant: state.Instant{UTCSeconds: now.Add(-90 * time.Minute).Unix()}},
	}
	for _, c := range state.Checks(f) {
		if c.Name == "hole" && (c.Verdict != state.Unknown || !strings.Contains(c.Text(), f.Jobs[0].ID+" in the list of orders")) {
			t.Errorf("%v %q", c.Verdict, c.Text())
		}
	}
}
