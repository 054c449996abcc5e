package state_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"atlas-restore/state"
)

// Each check with each of its verdicts, one thing changed at a time from a plan of which
// nothing is to be said.
func TestChecks(t *testing.T) {
	now := time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)
	const project, elsewhere = "65f0c1d2e3a4b5c6d7e8f901", "65f0c1d2e3a4b5c6d7e8f902"
	snapshot := func(id string, ago time.Duration, gb int64) state.Snapshot {
		return state.Snapshot{ID: id, Status: "completed", Kind: "scheduled", CreatedAt: now.Add(-ago), ExpiresAt: now.Add(72 * time.Hour), StorageSizeBytes: gb << 30, MongoDBVersion: "8.0.29"}
	}
	source := state.Cluster{ProjectID: project, Name: "orders", Type: state.ReplicaSet, Shards: 1, MongoDBVersion: "8.0.29", PITEnabled: true}
	good := func() state.Facts {
		all := []state.Snapshot{snapshot("a", time.Hour, 40), snapshot("b", 7*time.Hour, 40), snapshot("c", 13*time.Hour, 39), snapshot("d", 19*time.Hour, 38)}
		return state.Facts{
			Now: now, Snapshot: all[0], Snapshots: all,
			Target: state.Cluster{ProjectID: project, Name: "orders-restore", State: "IDLE", Type: state.ReplicaSet, Shards: 1, MongoDBVersion: "8.0.29", DiskSizeGB: 60},
			Window: state.Window{From: now.Add(-72 * time.Hour), Until: now},
			Plan: state.Plan{
				Project: state.Project{ID: project, Name: "Shop"}, Cluster: source, Snapshot: all[0], Delivery: state.Automated,
				Instant: state.Instant{UTCSeconds: now.Add(-time.Hour).Unix()},
				Target:  state.Target{Project: state.Project{ID: project, Name: "Shop"}, ClusterName: "orders-restore"},
			},
		}
	}
	denied := &state.AtlasError{Status: 403, Code: "USER_UNAUTHORIZED"}
	onto := func(project, cluster string, ago time.Duration) state.Job {
		return state.Job{ID: idAt(now.Add(-ago)), DeliveryType: state.Automated, TargetProjectID: project, TargetClusterName: cluster}
	}
	pit := func(f *state.Facts) { f.Plan.Delivery = state.PointInTime }
	for _, tc := range []struct {
		name, check string
		change      func(*state.Facts)
		want        state.Verdict
		says        string
	}{
		{"completed", "snapshot", func(*state.Facts) {}, state.OK, ""},
		{"failed since", "snapshot", func(f *state.Facts) { f.Snapshot.Status = "failed" }, state.Block, "Choose another one."},
		{"expired", "snapshot", func(f *state.Facts) { f.Snapshot.ExpiresAt = now }, state.Block, "expired"},
		{"expires soon", "snapshot", func(f *state.Facts) { f.Snapshot.ExpiresAt = now.Add(5 * time.Hour) }, state.Warn, "expires in 5 h"},
		{"fallback", "snapshot", func(f *state.Facts) { f.Snapshot.Kind = "fallback" }, state.Warn, "inconsistent"},
		{"not seen", "snapshot", func(f *state.Facts) { f.SnapErr = denied }, state.Unknown, "403 USER_UNAUTHORIZED"},
		{"a tenth", "size", func(f *state.Facts) { f.Plan.Snapshot.StorageSizeBytes /= 10 }, state.Warn, "10% of what the others of orders hold"},
		{"like the others", "size", func(*state.Facts) {}, state.OK, ""},
		{"nothing to compare with", "size", func(f *state.Facts) { f.Snapshots = f.Snapshots[:2] }, -1, ""},
		{"idle", "target", func(*state.Facts) {}, state.OK, ""},
		{"paused", "target", func(f *state.Facts) { f.Target.Paused = true }, state.Block, "Resume it first."},
		{"updating", "target", func(f *state.Facts) { f.Target.State = "UPDATING" }, state.Block, "is updating. Wait"},
		{"missing", "target", func(f *state.Facts) { f.TargetErr = &state.AtlasError{Status: 404, Code: "CLUSTER_NOT_FOUND"} }, state.Block, "There is no cluster orders-restore in Shop."},
		{"its project is hidden", "target", func(f *state.Facts) { f.TargetErr = &state.AtlasError{Status: 404, Code: "GROUP_NOT_FOUND"} }, state.Unknown, "could not be seen"},
		{"no way to Atlas", "target", func(f *state.Facts) { f.TargetErr = errors.New("reset") }, state.Unknown, "reset"},
		{"fits", "fit", func(*state.Facts) {}, state.OK, ""},
		{"an older version", "fit", func(f *state.Facts) { f.Target.MongoDBVersion = "7.0.28" }, state.Block, "older than the data"},
		{"a newer version", "fit", func(f *state.Facts) { f.Target.MongoDBVersion = "8.2.1" }, state.Warn, "runs 8.2, the data come from 8.0"},
		{"another topology", "fit", func(f *state.Facts) { f.Target.Type = state.Sharded }, state.Block, "sharded"},
		{"another key", "fit", func(f *state.Facts) { f.Target.EncryptionProvider = "AWS" }, state.Block, "encryption differs"},
		{"large enough", "disk", func(*state.Facts) {}, state.OK, ""},
		{"too small", "disk", func(f *state.Facts) { f.Target.DiskSizeGB = 20 }, state.Warn, "40 GB onto 20 GB"},
		{"nothing runs", "running", func(f *state.Facts) { f.Jobs = []state.Job{onto(project, "other", time.Minute)} }, state.OK, ""},
		{"one runs", "running", func(f *state.Facts) { f.Jobs = []state.Job{onto(project, "orders-restore", time.Minute)} }, state.Block, "runs already onto orders-restore"},
		{"one ran long ago, its end was never told", "running", func(f *state.Facts) { f.Jobs = []state.Job{onto(project, "orders-restore", 60*time.Hour)} }, state.OK, ""},
		{"jobs are hidden", "running", func(f *state.Facts) { f.JobsErr = denied }, state.Unknown, "could not be seen"},
		{"one project", "environment", func(*state.Facts) {}, state.OK, ""},
		{"production leaves", "environment", func(f *state.Facts) {
			f.Plan.Cluster.Name, f.Plan.Target.Project = "orders-prod", state.Project{ID: elsewhere, Name: "Dev"}
		}, state.Warn, "Production data go to"},
		{"another project", "environment", func(f *state.Facts) { f.Plan.Target.Project = state.Project{ID: elsewhere, Name: "Dev"} }, state.Warn, "in another project"},
		{"onto itself", "environment", func(f *state.Facts) { f.Plan.Target.ClusterName = "orders" }, state.Warn, "the source itself"},
		{"onto production", "environment", func(f *state.Facts) { f.Plan.Target.ClusterName = "shop-production" }, state.Warn, "is called production, the source is not"},
		{"nothing before", "doubt", func(*state.Facts) {}, -1, ""},
		{"an outcome that is not known", "doubt", func(f *state.Facts) { f.Doubt = now.Add(-time.Minute) }, state.Block, "Look for it first"},
		{"a job that was not found", "doubt", func(f *state.Facts) { f.Lost = now.Add(-time.Hour) }, state.Warn, "this may be a second one"},
		{"not protected", "protected", func(f *state.Facts) { f.Names.Protected = []string{"ledger"} }, state.OK, ""},
		{"protected", "protected", func(f *state.Facts) { f.Names.Protected = []string{"orders-restore"} }, state.Block, "Take it out of protected"},
		{"production by another name", "environment", func(f *state.Facts) {
			f.Names.Production = []string{"shop"}
			f.Plan.Target.Project = state.Project{ID: elsewhere, Name: "Dev"}
		}, state.Warn, "Production data go to"},
		{"within the window", "window", pit, state.OK, ""},
		{"before it", "window", func(f *state.Facts) { pit(f); f.Window.From = now.Add(-time.Minute) }, state.Block, "before the restore window"},
		{"in the future", "window", func(f *state.Facts) { pit(f); f.Plan.Instant.UTCSeconds = now.Unix() + 60 }, state.Block, "in the future"},
		{"not known", "window", func(f *state.Facts) { pit(f); f.Window = state.Window{} }, state.Unknown, "not known"},
		{"not seen", "window", func(f *state.Facts) { pit(f); f.WindowErr = denied }, state.Unknown, "403"},
		{"no hole", "hole", pit, state.OK, ""},
		{"in a hole that was closed", "hole", func(f *state.Facts) {
			pit(f)
			f.Jobs = []state.Job{onto(project, "orders", 5*time.Hour)}
			f.Plan.Instant.UTCSeconds = now.Add(-2 * time.Hour).Unix()
		}, state.Block, "The last good moment before is 23 Nov 09:30:59 UTC, the first after it 23 Nov 13:31:00 UTC."},
		{"after it", "hole", func(f *state.Facts) { pit(f); f.Jobs = []state.Job{onto(project, "orders", 5*time.Hour)} }, state.OK, ""},
		{"in a hole that is open", "hole", func(f *state.Facts) {
			pit(f)
			f.Jobs = []state.Job{onto(project, "orders", 30*time.Minute)}
			f.Plan.Instant.UTCSeconds = now.Add(-10 * time.Minute).Unix()
		}, state.Block, "The last good moment before is 23 Nov 14:00:59 UTC."},
	} {
		t.Run(tc.check+"/"+tc.name, func(t *testing.T) {
			f := good()
			tc.change(&f)
			got := state.Verdict(-1)
			var text string
			all := state.Checks(f)
			for _, c := range all {
				if c.Name == tc.check {
					got, text = c.Verdict, c.Text()
				}
			}
			if got != tc.want || !strings.Contains(text, tc.says) {
				t.Errorf("%v: %s, want %v that says %q\n%+v", got, text, tc.want, tc.says, all)
			}
			if (state.Blocked(all) != nil) != (tc.want == state.Block) {
				t.Errorf("blocked: %+v", state.Blocked(all))
			}
			if hidden := state.Unaccepted(all, nil) != nil; hidden != (tc.want == state.Unknown) || state.Unaccepted(all, []string{tc.check}) != nil || state.Unaccepted(all, []string{"all"}) != nil {
				t.Errorf("unaccepted: %v", hidden)
			}
		})
	}
}

func TestIsProduction(t *testing.T) {
	for name, want := range map[string]bool{"prod": true, "orders-prod": true, "Shop Production": true, "prod_eu": true, "orders-prd": false, "product": true, "reprod": false, "orders": false} {
		if (state.Names{}).IsProduction(name) != want {
			t.Errorf("%s: %v", name, !want)
		}
	}
	own := state.Names{Production: []string{"live", "shop-?"}, Protected: []string{"orders-prod", "ledger*"}}
	for name, want := range map[string]bool{"orders-LIVE": true, "shop-a": true, "shop-ab": false, "prod": false} {
		if own.IsProduction(name) != want {
			t.Errorf("%s by patterns of its own: %v", name, !want)
		}
	}
	for name, want := range map[string]bool{"orders-prod": true, "Ledger-EU": true, "orders-prod-restore": false, "orders": false} {
		if own.IsProtected(name) != want {
			t.Errorf("%s is protected: %v", name, !want)
		}
	}
	if (state.Names{}).IsProtected("orders-prod") || state.CheckPattern("[") == nil || state.CheckPattern("") == nil || state.CheckPattern("a*") != nil {
		t.Error("patterns")
	}
}

// idAt is an object id made at this time.
func idAt(at time.Time) string {
	const hex = "0123456789abcdef"
	sec := uint32(at.Unix())
	var b strings.Builder
	for i := 28; i >= 0; i -= 4 {
		b.WriteByte(hex[sec>>i&15])
	}
	return b.String() + "c1d2e3a4b5c6d7e8"
}
