package state_test

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/collections"
)

// Each check with each of its verdicts, one thing changed at a time from a plan of which
// nothing is to be said.
func TestChecks(t *testing.T) {
	now := time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)
	const project, elsewhere = "65f0c1d2e3a4b5c6d7e8f901", "65f0c1d2e3a4b5c6d7e8f902"
	snapshot := func(id string, ago time.Duration, gb int64) state.Snapshot {
		return state.Snapshot{ID: id, Status: "completed", Kind: "scheduled", CreatedAt: now.Add(-ago), ExpiresAt: now.Add(72 * time.Hour), StorageSizeBytes: gb << 30, MongoDBVersion: "8.0.29"}
	}
	source := state.Cluster{ProjectID: project, Name: "orders", Type: state.ReplicaSet, Shards: 1, MongoDBVersion: "8.0.29", BackupEnabled: true, PITEnabled: true, Provider: "AWS", Region: "US_EAST_1", DiskSizeGB: 60}
	good := func() state.Facts {
		all := []state.Snapshot{snapshot("a", time.Hour, 40), snapshot("b", 7*time.Hour, 40), snapshot("c", 13*time.Hour, 39), snapshot("d", 19*time.Hour, 38)}
		return state.Facts{
			Now: now, Snapshot: all[0], Snapshots: all, Source: source,
			Target: state.Cluster{ProjectID: project, Name: "orders-restore", State: "IDLE", Type: state.ReplicaSet, Shards: 1, MongoDBVersion: "8.0.29", Provider: "AWS", Region: "US_EAST_1", DiskSizeGB: 60},
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
	restored := func(ago time.Duration) state.Job {
		j := onto(project, "orders", ago)
		j.FinishedAt = now.Add(4*time.Minute - ago)
		return j
	}
	pit := func(f *state.Facts) { f.Plan.Delivery = state.PointInTime }
	sharded := func(f *state.Facts, n int) {
		for _, c := range []*state.Cluster{&f.Plan.Cluster, &f.Target} {
			c.Type, c.Shards, c.ConfigServerType = state.Sharded, n, "EMBEDDED"
		}
		f.Plan.Snapshot.Members, f.Plan.Snapshot.ConfigServerType = make([]state.Member, n), "EMBEDDED"
	}
	versions := func(f *state.Facts, data, target string) {
		f.Plan.Snapshot.MongoDBVersion, f.Target.MongoDBVersion = data, target
	}
	moment := func(f *state.Facts, shards int) { // that begins with a snapshot of so many
		pit(f)
		f.Base = f.Snapshots[1]
		f.Base.Members, f.Base.ConfigServerType = make([]state.Member, shards), "EMBEDDED"
	}
	roles := func(f *state.Facts, all ...state.Role) {
		f.Plan.Project.OrgID, f.Plan.Target.Project.OrgID = "o", "o"
		f.Roles = state.Roles{Told: true, All: all}
	}
	access := func(f *state.Facts, from ...string) {
		f.Plan.Delivery = state.Download
		for _, e := range from {
			f.Access.Entries = append(f.Access.Entries, state.AccessEntry{Value: e})
		}
	}
	loads := func(f *state.Facts, jobs ...string) { // other downloads
		f.Plan.Delivery, f.Fetches = state.Download, func(id string) string { return "fetch " + id }
		for _, id := range jobs {
			j := state.Job{ID: id, DeliveryType: state.Download, SnapshotID: f.Plan.Snapshot.ID}
			switch id {
			case "other":
				j.SnapshotID = "another"
			case "over":
				j.Expired = true
			case "ready":
				j.ExpiresAt, j.Deliveries = now.Add(40*time.Minute), []state.Delivery{{URL: state.NewSecret("https://files.example.net/x")}}
			case "unread":
				j.Unreadable = "it has no delivery type"
			}
			f.Jobs = append(f.Jobs, j)
		}
	}
	only := func(f *state.Facts, names ...string) { // collections of the snapshot
		f.Plan.Delivery, f.Plan.Instant = state.Collections, state.Instant{}
		for _, n := range names {
			f.Plan.Only = f.Plan.Only.With(collections.Split(n))
		}
	}
	only1 := func(f *state.Facts) { only(f, "shop.orders") }
	over := func(f *state.Facts) { only1(f); f.Plan.Only.Write = collections.OverwriteExisting }
	ofMoment := func(f *state.Facts) {
		only1(f)
		f.Plan.Snapshot, f.Plan.Instant, f.Contents.Of = state.Snapshot{}, state.Instant{UTCSeconds: now.Add(-time.Hour).Unix()}, f.Snapshots[1]
	}
	lacks := func(f *state.Facts, names ...string) {
		for _, n := range names {
			f.Contents.Lacks = append(f.Contents.Lacks, collections.Split(n))
		}
	}
	const ask = state.Verdict(100)  // a warning that has to be accepted
	const mild = state.Verdict(101) // an unknown that has not
	for _, tc := range []struct {
		name, check string
		change      func(*state.Facts)
		want        state.Verdict
		says        string
	}{
		{"completed", "snapshot", func(*state.Facts) {}, state.OK, ""},
		{"all there", "names", only1, state.OK, "the snapshot has all"},
		{"one is not", "names", func(f *state.Facts) { only1(f); lacks(f, "shop.orders") }, state.Block, "shop.orders is not in the snapshot: Atlas would fail the whole job. Leave it out"},
		{"four are not", "names", func(f *state.Facts) { only1(f); lacks(f, "a.b", "c.d", "e.f", "g.h") }, state.Block, "a.b, c.d and 2 more are not"},
		{"not before the moment", "names", func(f *state.Facts) { ofMoment(f); lacks(f, "shop.orders") }, ask, "not in the newest snapshot before that moment, of 23 Nov 07:31"},
		{"hidden", "names", func(f *state.Facts) { only1(f); f.ContentsErr = denied }, state.Unknown, "Whether the data have all that was chosen could not be seen"},
		{"beside it", "place", func(f *state.Facts) { only1(f); f.Contents.Living = []string{"shop", "crm"} }, state.OK, "nothing is erased of what orders-restore has"},
		{"hidden", "place", func(f *state.Facts) { only1(f); f.LivingErr = denied }, mild, "could not be seen"},
		{"overwriting", "place", over, state.Warn, "is dropped, with all that is written there"},
		{"in its way", "environment", func(f *state.Facts) {
			over(f)
			f.Names.Environments = []state.Environment{{Name: "production", Patterns: []string{"orders-restore"}}}
		}, ask, "production"},
		{"beside it", "environment", func(f *state.Facts) {
			only1(f)
			f.Names.Environments = []state.Environment{{Name: "production", Patterns: []string{"orders-restore"}}}
		}, state.Warn, "Nothing of it is erased."},
		{"of collections", "room", only1, mild, "If not, Atlas undoes the job."},
		{"of nobody's", "key", only1, -1, ""},
		{"of their own", "key", func(f *state.Facts) { only1(f); f.Target.EncryptionProvider = "AWS" }, mild, "lets in known addresses only: then orders-restore needs a private endpoint"},
		{"not the faster way", "pace", only1, state.Warn, "slower than a whole restore"},
		{"while nothing is erased", "writes", only1, -1, ""},
		{"while it is overwritten", "writes", func(f *state.Facts) { over(f); f.Traffic.Writes = 5 }, state.Warn, "5 writes a second"},
		{"fallback, for collections", "snapshot", func(f *state.Facts) { only1(f); f.Snapshot.Kind = "fallback" }, state.Block, "no single collections"},
		{"another of collections", "running", func(f *state.Facts) {
			only1(f)
			j := onto(project, "orders-restore", 0)
			j.ID, j.DeliveryType = "000000000000000000000009", state.Collections
			j.Collections = &collections.Job{State: collections.InProgress, CreatedAt: now.Add(-time.Minute)}
			f.Others = append(f.Others, state.JobList{Cluster: "orders", Jobs: []state.Job{j}})
		}, state.Block, "runs already into orders-restore"},
		{"single collections into what is erased", "running", func(f *state.Facts) {
			j := onto(project, "orders-restore", 0)
			j.ID, j.DeliveryType = "000000000000000000000009", state.Collections
			j.Collections = &collections.Job{State: collections.InProgress, CreatedAt: now.Add(-time.Minute)}
			f.Singles = []state.JobList{{Cluster: "orders-restore", Jobs: []state.Job{j}}}
		}, state.Block, "Collection restore job 000000000000000000000009 runs already into orders-restore"},
		{"single collections hidden", "running", func(f *state.Facts) { f.Singles = []state.JobList{{Cluster: "orders", Err: denied}} }, state.Unknown, "whether single collections of orders are being restored there"},
		{"no single collections", "running", func(f *state.Facts) { f.Singles = []state.JobList{{Cluster: "orders"}} }, state.OK, "no other restore"},
		{"failed since", "snapshot", func(f *state.Facts) { f.Snapshot.Status = "failed" }, state.Block, "Choose another one."},
		{"expired", "snapshot", func(f *state.Facts) { f.Snapshot.ExpiresAt = now }, state.Block, "expired"},
		{"expires soon", "snapshot", func(f *state.Facts) { f.Snapshot.ExpiresAt = now.Add(5 * time.Hour) }, state.Warn, "expires in 5 h"},
		{"expires in a day", "snapshot", func(f *state.Facts) { f.Snapshot.ExpiresAt = now.Add(24 * time.Hour) }, state.OK, ""},
		{"fallback", "snapshot", func(f *state.Facts) { f.Snapshot.Kind = "fallback" }, state.Warn, "inconsistent"},
		{"a safety snapshot", "snapshot", func(f *state.Facts) { f.Snapshot.Description = state.SafetyDescription }, state.Warn, "taken before a restore"},
		{"newer is a safety snapshot", "snapshot", func(f *state.Facts) {
			f.Snapshots = append([]state.Snapshot{{ID: "5a", Status: "completed", CreatedAt: now.Add(-time.Minute), Description: state.SafetyDescription}}, f.Snapshots...)
		}, state.OK, "; the safety snapshot of 23 Nov 14:30 UTC is newer: 5a"},
		{"a newer safety snapshot has failed", "snapshot", func(f *state.Facts) {
			f.Snapshots = append([]state.Snapshot{{ID: "5a", Status: "failed", CreatedAt: now.Add(-time.Minute), Description: state.SafetyDescription}}, f.Snapshots...)
		}, state.OK, "does not expire soon"},
		{"an older safety snapshot", "snapshot", func(f *state.Facts) {
			f.Snapshots = append(f.Snapshots, state.Snapshot{ID: "5a", Status: "completed", CreatedAt: now.Add(-999 * time.Hour), Description: state.SafetyDescription})
		}, state.OK, "does not expire soon"},
		{"not seen", "snapshot", func(f *state.Facts) { f.SnapErr = denied }, state.Unknown, "403 USER_UNAUTHORIZED"},
		{"a tenth", "size", func(f *state.Facts) { f.Plan.Snapshot.StorageSizeBytes /= 10 }, state.Warn, "10% of what the others of orders hold"},
		{"like the others", "size", func(*state.Facts) {}, state.OK, ""},
		{"hardly half", "size", func(f *state.Facts) { f.Plan.Snapshot.StorageSizeBytes = 19 << 30 }, state.Warn, "48% of what"},
		{"half", "size", func(f *state.Facts) { f.Plan.Snapshot.StorageSizeBytes = 20 << 30 }, state.OK, ""},
		{"nothing to compare with", "size", func(f *state.Facts) { f.Snapshots = f.Snapshots[:3] }, -1, ""}, // it is one of them
		{"what failed is no measure", "size", func(f *state.Facts) { f.Snapshots[1].Status = "failed" }, -1, ""},
		{"idle", "target", func(*state.Facts) {}, state.OK, ""},
		{"paused", "target", func(f *state.Facts) { f.Target.Paused = true }, state.Block, "Resume it first."},
		{"updating", "target", func(f *state.Facts) { f.Target.State = "UPDATING" }, state.Block, "is updating. Wait"},
		{"missing", "target", func(f *state.Facts) { f.TargetErr = &state.AtlasError{Status: 404, Code: "CLUSTER_NOT_FOUND"} }, state.Block, "There is no cluster orders-restore in Shop."},
		{"its project is hidden", "target", func(f *state.Facts) { f.TargetErr = &state.AtlasError{Status: 404, Code: "GROUP_NOT_FOUND"} }, state.Unknown, "could not be seen"},
		{"no way to Atlas", "target", func(f *state.Facts) { f.TargetErr = errors.New("reset") }, state.Unknown, "reset"},
		{"fits", "fit", func(*state.Facts) {}, state.OK, ""},
		{"fits, though it is not idle", "fit", func(f *state.Facts) { f.Target.State, f.Target.Paused = "UPDATING", true }, state.OK, ""},
		{"an older version", "fit", func(f *state.Facts) { f.Target.MongoDBVersion = "7.0.28" }, state.Block, "older than the data"},
		{"a newer version", "fit", func(f *state.Facts) { f.Target.MongoDBVersion = "8.2.1" }, state.Warn, "runs 8.2, the data come from 8.0"},
		{"the next major", "fit", func(f *state.Facts) { f.Target.MongoDBVersion = "9.0.1" }, state.Warn, "runs 9.0, the data come from 8.0"},
		{"two majors on", "fit", func(f *state.Facts) { versions(f, "7.0.28", "9.0.1") }, state.Block, "9.0.1 is too far ahead of the data, 7.0.28: only MongoDB 7 and 8 take them"},
		{"a lower minor", "fit", func(f *state.Facts) { versions(f, "8.2.1", "8.0.29") }, state.Block, "8.0.29 is older than the data, 8.2.1"},
		{"pinned, its major", "fit", func(f *state.Facts) { f.Plan.Cluster.PinnedFCV = "8.0" }, state.OK, ""},
		{"pinned, the next major", "fit", func(f *state.Facts) { f.Plan.Cluster.PinnedFCV, f.Target.MongoDBVersion = "8.0", "9.0.1" }, state.Block, "the feature compatibility version of orders is pinned to 8.0, so only MongoDB 8 takes the data"},
		{"pinned to the major before", "fit", func(f *state.Facts) { f.Plan.Cluster.PinnedFCV, f.Target.MongoDBVersion = "7.0", "7.0.28" }, state.OK, ""},
		{"pinned to the major before, onto its own", "fit", func(f *state.Facts) { f.Plan.Cluster.PinnedFCV = "7.0" }, state.Block, "so only MongoDB 7 takes the data"},
		{"pinned after the snapshot", "fit", func(f *state.Facts) { f.Plan.Cluster.PinnedFCV = "8.0"; versions(f, "7.0.28", "7.0.28") }, state.OK, ""},
		{"no version", "fit", func(f *state.Facts) { f.Target.MongoDBVersion = "" }, state.Unknown, "Atlas does not tell the MongoDB version of orders-restore"},
		{"no version of the data", "fit", func(f *state.Facts) { f.Plan.Snapshot.MongoDBVersion, f.Plan.Cluster.MongoDBVersion = "", "" }, state.Unknown, "the MongoDB version of the data"},
		{"no topology", "fit", func(f *state.Facts) { f.Target.Type = "" }, state.Unknown, "Atlas does not tell the topology of orders-restore"},
		{"an odd topology", "fit", func(f *state.Facts) { f.Target.Type = "RING" }, state.Unknown, "orders-restore is a RING, a topology that this program does not know"},
		{"an odd topology of the source", "fit", func(f *state.Facts) { f.Plan.Cluster.Type = "RING" }, state.Unknown, "orders is a RING"},
		{"no state", "target", func(f *state.Facts) { f.Target.State = "" }, state.Unknown, "does not say whether orders-restore is idle"},
		{"another snapshot answered", "snapshot", func(f *state.Facts) { f.Snapshot = f.Snapshots[1] }, state.Unknown, "asked for a and answered with b"},
		{"no snapshot answered", "snapshot", func(f *state.Facts) { f.Snapshot = state.Snapshot{} }, state.Unknown, "answered with none"},
		{"another topology", "fit", func(f *state.Facts) { f.Target.Type = state.Sharded }, state.Block, "sharded"},
		{"another key", "fit", func(f *state.Facts) { f.Target.EncryptionProvider = "AWS" }, state.Block, "encryption differs"},
		{"large enough", "disk", func(*state.Facts) {}, state.OK, ""},
		{"too small", "disk", func(f *state.Facts) { f.Target.DiskSizeGB = 20 }, state.Warn, "43 GB onto 20 GB"},
		{"of a moment no size is known", "disk", func(f *state.Facts) { pit(f); f.Target.DiskSizeGB = 20 }, -1, ""},
		{"nothing runs", "running", func(f *state.Facts) { f.Jobs = []state.Job{onto(project, "other", time.Minute)} }, state.OK, ""},
		{"one runs", "running", func(f *state.Facts) { f.Jobs = []state.Job{onto(project, "orders-restore", time.Minute)} }, state.Block, "runs already onto orders-restore"},
		{"one ran long ago, its end was never told", "running", func(f *state.Facts) { f.Jobs = []state.Job{onto(project, "orders-restore", 60*time.Hour)} }, state.Unknown, "of 21 Nov 02:31 UTC, has no end: it may still run"},
		{"one that ends in days to come", "running", func(f *state.Facts) {
			j := onto(project, "orders-restore", time.Minute)
			j.FinishedAt = now.Add(1000 * time.Hour)
			f.Jobs = []state.Job{j}
		}, state.Unknown, "may still run: Atlas tells that it ended 4 Jan 2027 06:31 UTC, which is still to come."},
		{"a snapshot of tomorrow", "snapshot", func(f *state.Facts) { f.Snapshot.CreatedAt = now.Add(24 * time.Hour) }, state.Block, "dated 24 Nov 14:31 UTC, which is still to come"},
		{"a snapshot by a clock that is ahead", "snapshot", func(f *state.Facts) { f.Snapshot.CreatedAt = now.Add(time.Minute) }, state.OK, ""},
		{"one of no age", "running", func(f *state.Facts) {
			j := onto(project, "orders-restore", 0)
			j.ID = "restore-7"
			f.Jobs = []state.Job{j}
		}, state.Unknown, "Restore job restore-7 onto orders-restore has no end"},
		{"the target's own, onto itself", "running", func(f *state.Facts) {
			f.Others = []state.JobList{{Cluster: "orders-restore", Jobs: []state.Job{onto(project, "orders-restore", time.Minute)}}}
		}, state.Block, "runs already onto orders-restore"},
		{"the target's own are hidden", "running", func(f *state.Facts) { f.Others = []state.JobList{{Cluster: "orders-restore", Err: denied}} }, state.Unknown, "Whether a restore onto orders-restore runs already could not be seen"},
		{"one runs, though others are hidden", "running", func(f *state.Facts) {
			f.JobsErr, f.Others = denied, []state.JobList{{Cluster: "ledger", Jobs: []state.Job{onto(project, "orders-restore", time.Minute)}}}
		}, state.Block, "runs already onto orders-restore"},
		{"one of this machine has ended", "running", func(f *state.Facts) {
			j := onto(project, "orders-restore", time.Hour)
			j.FinishedAt = now.Add(-time.Minute)
			f.Others, f.Sent = []state.JobList{{Cluster: "ledger", Jobs: []state.Job{j}}}, []state.SentJob{{ID: j.ID, Cluster: "ledger", At: now.Add(-time.Hour)}}
		}, state.Warn, "restored orders-restore 1 min ago: this restore erases what it brought."},
		{"the newest of those that were completed just now", "running", func(f *state.Facts) {
			older, j, failed := onto(project, "orders-restore", time.Hour), onto(project, "orders-restore", time.Hour), onto(project, "orders-restore", time.Hour)
			older.FinishedAt, j.FinishedAt, failed.FinishedAt = now.Add(-20*time.Minute), now.Add(-6*time.Minute), now.Add(-time.Minute)
			j.ID, failed.Failed = "restore-6", true
			f.Jobs, f.Others = []state.Job{older, j}, []state.JobList{{Cluster: "ledger", Jobs: []state.Job{failed}}}
		}, state.Warn, "Restore job restore-6 restored orders-restore 6 min ago"},
		{"one was completed an hour ago", "running", func(f *state.Facts) {
			j := onto(project, "orders-restore", 2*time.Hour)
			j.FinishedAt = now.Add(-time.Hour)
			f.Jobs = []state.Job{j}
		}, state.OK, "no other restore"},
		{"one was completed just now, and single collections erase nothing", "running", func(f *state.Facts) {
			j := onto(project, "orders-restore", time.Hour)
			j.FinishedAt = now.Add(-time.Minute)
			f.Jobs, f.Plan.Delivery = []state.Job{j}, state.Collections
		}, state.OK, "no other restore"},
		{"one of this machine is not listed", "running", func(f *state.Facts) {
			f.Others, f.Sent = []state.JobList{{Cluster: "ledger"}}, []state.SentJob{{ID: "6b01", Cluster: "ledger", At: now.Add(-time.Minute)}}
		}, state.Unknown, "which this machine has sent 1 min ago, does not stand in the list of ledger"},
		{"one may run since yesterday", "running", func(f *state.Facts) { f.Jobs = []state.Job{onto(project, "orders-restore", 23*time.Hour)} }, state.Block, "runs already"},
		{"one runs onto its namesake", "running", func(f *state.Facts) { f.Jobs = []state.Job{onto(elsewhere, "orders-restore", time.Minute)} }, state.OK, ""},
		{"jobs are hidden", "running", func(f *state.Facts) { f.JobsErr = denied }, state.Unknown, "could not be seen"},
		{"no rule fits", "environment", func(*state.Facts) {}, mild, "orders-restore is not known to be production (prod*)."},
		{"one environment", "environment", func(f *state.Facts) {
			f.Names.Environments = []state.Environment{{Name: "shop", Patterns: []string{"orders"}}}
		}, state.OK, ""},
		{"production leaves", "environment", func(f *state.Facts) {
			f.Plan.Cluster.Name, f.Plan.Target.Project = "orders-prod", state.Project{ID: elsewhere, Name: "Dev"}
		}, state.Warn, "This copies production data to"},
		{"another project", "environment", func(f *state.Facts) { f.Plan.Target.Project = state.Project{ID: elsewhere, Name: "Dev"} }, state.Warn, "in another project than the source: Dev, not Shop. orders-restore is not known to be production (prod*)."},
		{"onto itself", "environment", func(f *state.Facts) { f.Plan.Target.ClusterName = "orders" }, state.Warn, "the source itself. orders is not known to be production (prod*)."},
		{"onto production", "environment", func(f *state.Facts) { f.Plan.Target.ClusterName = "shop-production" }, ask, "shop-production is production: it is called prod*. It is overwritten with data of orders, which is not known to be production (prod*)."},
		{"production onto other production", "environment", func(f *state.Facts) {
			f.Plan.Cluster.Name, f.Plan.Target.ClusterName = "orders-prod", "ledger-prod"
		}, state.Warn, "ledger-prod is production: it is called prod*. It is not the source, orders-prod, and all that it holds is erased."},
		{"production onto production of another project", "environment", func(f *state.Facts) {
			f.Plan.Cluster.Name, f.Plan.Target = "orders-prod", state.Target{Project: state.Project{ID: elsewhere, Name: "Ledger (Prod)"}, ClusterName: "main"}
		}, state.Warn, "main is production: its project, Ledger (Prod), is called prod*. It is not the source, orders-prod, and all that it holds is erased. It is in another project"},
		{"production onto itself", "environment", func(f *state.Facts) {
			f.Plan.Cluster.Name, f.Plan.Target.ClusterName = "orders-prod", "orders-prod"
		}, state.Warn, "orders-prod is production: it is called prod*. It is the source itself."},
		{"production by a word of one's own", "environment", func(f *state.Facts) {
			f.Names.Environments = []state.Environment{{Name: state.Production, Patterns: []string{"prod*", "prd*"}}}
			f.Plan.Cluster.Name, f.Plan.Target.ClusterName = "orders-prod", "ledger-prd"
		}, state.Warn, "ledger-prd is production: it is called prd* (config.toml)."},
		{"production leaves for what is called otherwise", "environment", func(f *state.Facts) {
			f.Plan.Cluster.Name, f.Plan.Target.ClusterName = "orders-prod", "orders-stg"
			f.Names.Environments = []state.Environment{{Name: state.Production, Patterns: []string{"prod"}}, {Name: "staging", Patterns: []string{"stg"}}}
		}, state.Warn, "This copies production data to orders-stg in Shop, which is staging"},
		{"another project of that name", "environment", func(f *state.Facts) { f.Plan.Target.Project.ID = elsewhere }, state.Warn, "in another project"},
		{"nothing before", "doubt", func(*state.Facts) {}, -1, ""},
		{"an outcome that is not known", "doubt", func(f *state.Facts) { f.Doubt, f.LookFor = now.Add(-time.Minute), "Look for it first." }, state.Block, "Look for it first"},
		{"a job that was not found", "doubt", func(f *state.Facts) { f.Lost = now.Add(-time.Hour) }, state.Warn, "this may be a second one"},
		{"a journal that cannot be read", "doubt", func(f *state.Facts) { f.DoubtErr = errors.New("line 7") }, state.Block, "then mend the file"},
		{"both", "doubt", func(f *state.Facts) {
			f.Doubt, f.Lost, f.LookFor = now.Add(-time.Minute), now.Add(-time.Hour), "Look for it first."
		}, state.Block, "Look for it first"},
		{"not protected", "protected", func(f *state.Facts) { f.Names.Protected = []string{"ledger"} }, state.OK, ""},
		{"protected", "protected", func(f *state.Facts) { f.Names.Protected = []string{"orders-restore"} }, state.Block, "Take it out of protected"},
		{"production by another name", "environment", func(f *state.Facts) {
			f.Names.Environments = []state.Environment{{Name: state.Production, Patterns: []string{"shop"}}}
			f.Plan.Target.Project = state.Project{ID: elsewhere, Name: "Dev"}
		}, state.Warn, "This copies production data to"},
		{"from one environment to another", "environment", func(f *state.Facts) {
			f.Names.Environments = []state.Environment{{Name: "staging", Patterns: []string{"stg"}}}
			f.Plan.Target.ClusterName = "orders-stg"
		}, state.Warn, "orders-stg is staging, the source not known to be production."},
		{"of another cluster", "snapshot", func(f *state.Facts) { f.SnapErr = &state.AtlasError{Status: 404, Code: "SNAPSHOT_NOT_FOUND"} }, state.Block, "no such snapshot of orders: it is gone, or of another cluster"},
		{"on the way", "snapshot", func(f *state.Facts) { f.Awaited = state.LookSnapshot }, state.Looking, ""},
		{"a shard was added since", "fit", func(f *state.Facts) {
			sharded(f, 3)
			f.Target.Shards = 3
			f.Plan.Snapshot.Members = f.Plan.Snapshot.Members[:2]
		}, state.Block, "3 shards, the data have 2"},
		{"as many shards", "fit", func(f *state.Facts) { sharded(f, 3) }, state.OK, ""},
		{"7.0 onto embedded config servers", "fit", func(f *state.Facts) {
			sharded(f, 2)
			f.Plan.Snapshot.MongoDBVersion, f.Plan.Snapshot.ConfigServerType, f.Target.ConfigServerType = "7.0.9", "DEDICATED", "EMBEDDED"
			f.Plan.Snapshot.Members = make([]state.Member, 3)
		}, state.Block, "need dedicated ones"},
		{"7.0 of three shards too", "fit", func(f *state.Facts) {
			sharded(f, 3)
			f.Plan.Snapshot.MongoDBVersion, f.Plan.Snapshot.ConfigServerType = "7.0.9", "DEDICATED"
			f.Plan.Snapshot.Members = make([]state.Member, 4)
		}, state.Block, "need dedicated ones"},
		{"7.0 of more", "fit", func(f *state.Facts) {
			sharded(f, 4)
			f.Plan.Snapshot.MongoDBVersion, f.Plan.Snapshot.ConfigServerType = "7.0.9", "DEDICATED"
			f.Plan.Snapshot.Members = make([]state.Member, 5)
		}, state.Block, "config servers are embedded, those of the data dedicated"},
		{"config servers as they were then", "fit", func(f *state.Facts) {
			sharded(f, 2)
			f.Plan.Snapshot.ConfigServerType, f.Target.ConfigServerType = "DEDICATED", "DEDICATED"
			f.Plan.Snapshot.Members = make([]state.Member, 3)
		}, state.OK, ""},
		{"a moment, of the base and not of a snapshot chosen before", "fit", func(f *state.Facts) {
			sharded(f, 3)
			moment(f, 3)
			f.Plan.Snapshot.Members, f.Plan.Snapshot.ConfigServerType = make([]state.Member, 3), "DEDICATED"
		}, state.OK, ""},
		{"a moment, a shard was added since", "base", func(f *state.Facts) { sharded(f, 3); moment(f, 2) }, state.Warn, "orders went from 2 shards to 3"},
		{"a moment, other config servers since", "base", func(f *state.Facts) { sharded(f, 2); moment(f, 2); f.Plan.Cluster.ConfigServerType = "DEDICATED" }, state.Warn, "orders went from config servers that are embedded to dedicated"},
		{"a moment, a shard was added since, onto as many as then", "fit", func(f *state.Facts) { sharded(f, 3); moment(f, 2); f.Target.Shards = 2 }, state.OK, ""},
		{"a moment, a shard was added since, onto as many as now", "fit", func(f *state.Facts) { sharded(f, 3); moment(f, 2) }, state.OK, ""},
		{"a moment, a shard was added since, onto others", "fit", func(f *state.Facts) { sharded(f, 3); moment(f, 2); f.Target.Shards = 4 }, state.Block, "4 shards, the data have 2 or 3"},
		{"a moment, its base not seen", "fit", func(f *state.Facts) { sharded(f, 3); pit(f); f.BaseErr = denied }, state.Unknown, "how many shards the data have"},
		{"a moment, its base on the way", "fit", func(f *state.Facts) { sharded(f, 3); pit(f); f.Awaited = state.LookBase }, state.Looking, ""},
		{"a sharded snapshot without members", "fit", func(f *state.Facts) { sharded(f, 3); f.Plan.Snapshot.Members = nil }, state.Unknown, "how many shards the data have"},
		{"other config servers", "fit", func(f *state.Facts) { sharded(f, 2); f.Target.ConfigServerType = "DEDICATED" }, state.Block, "config servers are dedicated"},
		{"nothing slow", "speed", func(*state.Facts) {}, state.OK, ""},
		{"NVMe", "speed", func(f *state.Facts) { f.Target.InstanceSize = "M40_NVME" }, state.Warn, "has NVMe disks"},
		{"another region", "speed", func(f *state.Facts) { f.Target.Region = "EU_WEST_1" }, state.Warn, "the snapshot is in US_EAST_1, orders-restore in EU_WEST_1"},
		{"another provider", "speed", func(f *state.Facts) { f.Target.Provider = "GCP" }, state.Warn, "with AWS, orders-restore with GCP"},
		{"several providers", "speed", func(f *state.Facts) { f.Target.MultiCloud = true }, state.Warn, "several cloud providers"},
		{"a global cluster", "speed", func(f *state.Facts) { sharded(f, 2); f.Target.Type = state.GeoSharded }, state.Warn, "is a global cluster"},
		{"no region", "speed", func(f *state.Facts) { f.Target.Region = "" }, mild, "where both clusters run"},
		{"another disk", "speed", func(f *state.Facts) { f.Target.DiskSizeGB = 80 }, state.Warn, "60 GB and 80 GB"},
		{"a service account", "role", func(*state.Facts) {}, mild, "whether yours may do this. Atlas does not tell it"},
		{"not seen", "role", func(f *state.Facts) { f.RolesErr = denied }, mild, "could not be read"},
		{"its owner", "role", func(f *state.Facts) { roles(f, state.Role{Name: "ORG_OWNER", OrgID: "o"}) }, state.OK, ""},
		{"a backup manager", "role", func(f *state.Facts) { roles(f, state.Role{Name: "GROUP_BACKUP_MANAGER", ProjectID: project}) }, state.OK, ""},
		{"a reader", "role", func(f *state.Facts) { roles(f, state.Role{Name: "GROUP_READ_ONLY", ProjectID: project}) }, state.Warn, "restore in Shop"},
		{"only at the source", "role", func(f *state.Facts) {
			roles(f, state.Role{Name: "GROUP_OWNER", ProjectID: project})
			f.Plan.Target.Project = state.Project{ID: elsewhere, Name: "Dev"}
		}, state.Warn, "restore in Dev"},
		{"not wanted", "safety", func(*state.Facts) {}, -1, ""},
		{"taken", "safety", func(f *state.Facts) { f.Safety = state.Safety{Wanted: true, Snapshot: f.Snapshot} }, state.OK, ""},
		{"failed", "safety", func(f *state.Facts) { f.Safety = state.Safety{Wanted: true, Err: errors.New("no room")} }, state.Unknown, "of orders-restore failed: no room"},
		{"not waited for", "safety", func(f *state.Facts) { f.Safety = state.Safety{Wanted: true} }, state.Unknown, "was not waited for"},
		{"not usable", "safety", func(f *state.Facts) {
			f.Safety = state.Safety{Wanted: true, Snapshot: f.Snapshot}
			f.Safety.Snapshot.Status = "failed"
		}, state.Unknown, "failed: not usable"},
		{"a base", "base", func(f *state.Facts) { pit(f); f.Base = f.Snapshots[1] }, state.OK, ""},
		{"none", "base", pit, state.Block, "No snapshot was taken before that moment. Choose a later one."},
		{"upgraded since", "base", func(f *state.Facts) { pit(f); f.Base = f.Snapshots[1]; f.Base.MongoDBVersion = "7.0.28" }, state.Warn, "from MongoDB 7.0 to 8.0"},
		{"its version is not told", "base", func(f *state.Facts) { pit(f); f.Base = f.Snapshots[1]; f.Base.MongoDBVersion = "" }, state.Unknown, "Whether orders was upgraded"},
		{"it is in progress", "base", func(f *state.Facts) { pit(f); f.Base = f.Snapshots[1]; f.Base.Status = "inProgress" }, state.Block, "cannot be used: in progress"},
		{"it is of after the moment", "base", func(f *state.Facts) {
			pit(f)
			f.Base = f.Snapshots[1]
			f.Base.CreatedAt = f.Plan.Instant.Time().Add(time.Second)
		}, state.Block, "is of after that moment"},
		{"it is of after the oplog entry", "base", func(f *state.Facts) {
			pit(f)
			f.Base = f.Snapshots[1]
			f.Plan.Instant = state.Instant{OplogTs: f.Base.CreatedAt.Unix() - 1, OplogInc: 1}
		}, state.Block, "is of after that moment"},
		{"not seen", "base", func(f *state.Facts) { pit(f); f.BaseErr = denied }, state.Unknown, "403"},
		{"on", "backups", pit, state.OK, ""},
		{"off", "backups", func(f *state.Facts) { pit(f); f.Source.BackupEnabled = false }, state.Block, "backups of orders are off"},
		{"no point in time any more", "backups", func(f *state.Facts) { pit(f); f.Source.PITEnabled = false }, state.Block, "Take a snapshot instead."},
		{"from everywhere", "access", func(f *state.Facts) { access(f, "10.0.0.1/32", "0.0.0.0/0") }, state.OK, ""},
		{"from every IPv6 address", "access", func(f *state.Facts) { access(f, "::/0") }, mild, "whether your address is allowed. Allowed: ::/0"},
		{"from nowhere", "access", func(f *state.Facts) { access(f) }, state.Warn, "access list of Shop is empty"},
		{"from some", "access", func(f *state.Facts) { access(f, "10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "sg-1") }, mild, "whether your address is allowed. Allowed: 10.0.0.1, 10.0.0.2, 10.0.0.3, 2 more"},
		{"by a private endpoint", "access", func(f *state.Facts) { access(f); f.Access.Endpoints = []string{"vpce-1"} }, mild, "private endpoint vpce-1"},
		{"not for long", "access", func(f *state.Facts) { access(f, "10.0.0.1"); f.Access.Entries[0].ExpiresAt = now.Add(time.Hour) }, state.Warn, "end within 1 h 30 min"},
		{"not for as long as a link may last", "access", func(f *state.Facts) {
			access(f, "0.0.0.0/0")
			f.Access.Entries[0].ExpiresAt = now.Add(90 * time.Minute)
		}, state.Warn, "end within 1 h 30 min"},
		{"not for long, but by a private endpoint", "access", func(f *state.Facts) {
			access(f, "10.0.0.1")
			f.Access.Entries[0].ExpiresAt, f.Access.Endpoints = now.Add(time.Hour), []string{"vpce-1"}
		}, mild, "whether your address is allowed. Allowed: private endpoint vpce-1"},
		{"not seen", "access", func(f *state.Facts) { access(f); f.AccessErr = denied }, mild, "could not be read"},
		{"a flex link, for which nothing was read", "access", func(f *state.Facts) { access(f); f.Plan.Cluster.Family = state.Flex }, state.OK, ""},
		{"from nowhere, but nobody asked for private endpoints", "access", func(f *state.Facts) { access(f); f.Access.Unasked = true }, mild, "private endpoints could not be read"},
		{"no other download", "running", func(f *state.Facts) { loads(f) }, -1, ""},
		{"downloads of other snapshots, and one that is over", "running", func(f *state.Facts) { loads(f, "other", "over") }, -1, ""},
		{"a download that is prepared", "running", func(f *state.Facts) { loads(f, "other", "prepared") }, state.Warn, "downloads this snapshot already: Atlas still prepares its links. fetch prepared fetches its files. Atlas may refuse another download of it."},
		{"a download whose links are there", "running", func(f *state.Facts) { loads(f, "ready") }, state.Warn, "in 40 min. fetch ready fetches its files."},
		{"a download, where no command fetches it", "running", func(f *state.Facts) { loads(f, "prepared"); f.Fetches = func(string) string { return "" } }, state.Warn, "Atlas still prepares its links. Atlas may refuse"},
		{"jobs that are not seen, of a download", "running", func(f *state.Facts) { loads(f); f.JobsErr = denied }, mild, "already could not be read: Atlas answered 403"},
		{"a job that cannot be read, of a download", "running", func(f *state.Facts) { loads(f, "unread") }, mild, "whether restore job unread downloads the snapshot already: it cannot be read"},
		{"within the window", "window", pit, state.OK, ""},
		{"before it", "window", func(f *state.Facts) { pit(f); f.Window.From = now.Add(-time.Minute) }, state.Block, "before the restore window"},
		{"in the future", "window", func(f *state.Facts) { pit(f); f.Plan.Instant.UTCSeconds = now.Unix() + 60 }, state.Block, "in the future"},
		{"not known", "window", func(f *state.Facts) { pit(f); f.Window = state.Window{} }, state.Unknown, "not known"},
		{"not seen", "window", func(f *state.Facts) { pit(f); f.WindowErr = denied }, state.Unknown, "403"},
		{"no hole", "hole", pit, state.OK, ""},
		{"jobs are hidden", "hole", func(f *state.Facts) { pit(f); f.JobsErr = denied }, state.Unknown, "Earlier restores onto the source could not be seen"},
		{"snapshots are hidden", "hole", func(f *state.Facts) { pit(f); f.WindowErr, f.Snapshots = denied, nil }, state.Unknown, "The ends of earlier restores' holes could not be seen"},
		{"only the schedule is hidden", "hole", func(f *state.Facts) { pit(f); f.WindowErr = denied }, state.OK, ""},
		{"with nothing before it in the window", "hole", func(f *state.Facts) {
			pit(f)
			f.Window.From = now.Add(-4 * time.Hour)
			f.Jobs = []state.Job{restored(5 * time.Hour)}
			f.Plan.Instant.UTCSeconds = now.Add(-2 * time.Hour).Unix()
		}, state.Block, "next snapshot. The first after is 23 Nov 13:31:00 UTC."},
		{"in a hole that was closed", "hole", func(f *state.Facts) {
			pit(f)
			f.Jobs = []state.Job{restored(5 * time.Hour)}
			f.Plan.Instant.UTCSeconds = now.Add(-2 * time.Hour).Unix()
		}, state.Block, "The last good before is 23 Nov 09:30:59 UTC, the first after is 23 Nov 13:31:00 UTC."},
		{"after it", "hole", func(f *state.Facts) { pit(f); f.Jobs = []state.Job{restored(5 * time.Hour)} }, state.OK, ""},
		{"in a hole that is open", "hole", func(f *state.Facts) {
			pit(f)
			f.Jobs = []state.Job{restored(30 * time.Minute)}
			f.Plan.Instant.UTCSeconds = now.Add(-10 * time.Minute).Unix()
		}, state.Block, "The last good before is 23 Nov 14:00:59 UTC."},
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
				if c.Name == tc.check && c.Harmless && c.Verdict == state.Unknown {
					got = mild
				}
				if c.Name == tc.check && c.Ask {
					got = ask
				}
				if c.Verdict == state.OK && caution.MatchString(c.Text()) {
					t.Errorf("%s is OK, and warns: %s", c.Name, c.Text())
				}
				if c.Name == "snapshot" && c.Say != strings.Contains(tc.says, "is newer") {
					t.Errorf("said in full: %v, %s", c.Say, c.Why)
				}
				if !slices.Contains(state.CheckNames(), c.Name) {
					t.Errorf("no flag can name %s", c.Name)
				}
			}
			if got != tc.want || !strings.Contains(text, tc.says) {
				t.Errorf("%v: %s, want %v that says %q\n%+v", got, text, tc.want, tc.says, all)
			}
			all = slices.DeleteFunc(all, func(c state.Check) bool { return c.Name != tc.check })
			if (state.Blocked(all) != nil) != (tc.want == state.Block) || (state.Awaited(all) != nil) != (tc.want == state.Looking) {
				t.Errorf("blocked: %+v", state.Blocked(all))
			}
			if hidden := state.Unaccepted(all, nil) != nil; hidden != (tc.want == state.Unknown || tc.want == ask) || state.Unaccepted(all, []string{tc.check}) != nil || state.Unaccepted(all, []string{"all"}) != nil {
				t.Errorf("unaccepted: %v", hidden)
			}
		})
	}
}

// caution is what no check says that is OK: what it says of has to be a warning.
var caution = regexp.MustCompile(`(?i)\b(may|might|could|longer|slower|unless|but|lost|public|warn\w*|careful\w*)\b`)

// An OK that nothing runs names the lists that were read: a restore from a cluster that is not
// among them is not seen.
func TestRunningNamesItsLists(t *testing.T) {
	f := state.Facts{Plan: state.Plan{Cluster: state.Cluster{Name: "orders"}, Delivery: state.Automated}, Others: []state.JobList{{Cluster: "orders-restore"}, {Cluster: "ledger"}}}
	for _, c := range state.Checks(f) {
		if c.Name == "running" && (c.Verdict != state.OK || !c.Say || c.Why != "no other restore onto the target is running (jobs of orders, orders-restore and ledger)") {
			t.Errorf("%v: %q", c.Verdict, c.Why)
		}
	}
}

// What needs a look is not said before its answer has come, and is then awaited by whoever
// would confirm.
func TestWhatIsAwaited(t *testing.T) {
	for _, tc := range []struct {
		delivery state.DeliveryType
		look     state.Look
		want     string
	}{
		{state.Automated, state.LookSnapshot, "snapshot"},
		{state.Automated, state.LookTarget, "target fit disk speed writes running"},
		{state.Automated, state.LookTraffic, "writes"},
		{state.Automated, state.LookJobs, "running"},
		{state.Automated, state.LookOthers, "running"},
		{state.Automated, state.LookRoles, "role"},
		{state.PointInTime, state.LookWindow, "window hole lag"},
		{state.PointInTime, state.LookJobs, "hole running"},
		{state.PointInTime, state.LookBase, "base"}, // and fit, where the source is sharded
		{state.PointInTime, state.LookTarget, "backups target fit disk speed writes running"},
		{state.PointInTime, state.LookLag, "lag"},
		{state.Download, state.LookAccess, "access"},
	} {
		var got []string
		for _, c := range state.Checks(state.Facts{Plan: state.Plan{Delivery: tc.delivery}, Awaited: tc.look}) {
			if c.Verdict == state.Looking {
				got = append(got, c.Name)
			}
		}
		if strings.Join(got, " ") != tc.want {
			t.Errorf("%s: with look %b awaited are %v, want %s", tc.delivery, tc.look, got, tc.want)
		}
	}
}

// A moment begins with the newest snapshot before it that can be used.
func TestBaseOf(t *testing.T) {
	now := time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)
	at := now.Add(-time.Hour)
	taken := func(id, status string, ago time.Duration) state.Snapshot {
		return state.Snapshot{ID: id, Status: status, CreatedAt: at.Add(-ago)}
	}
	after, same, failed, older, oldest := taken("after", "completed", -time.Second), taken("same", "completed", 0), taken("failed", "failed", time.Minute), taken("older", "completed", time.Hour), taken("oldest", "completed", 7*time.Hour)
	for _, tc := range []struct {
		all  []state.Snapshot
		want string
	}{
		{nil, ""},
		{[]state.Snapshot{after}, ""},
		{[]state.Snapshot{after, same, older}, "same"},
		{[]state.Snapshot{after, failed, older, oldest}, "older"},
		{[]state.Snapshot{oldest, older, failed, after}, "older"},
	} {
		if got := state.BaseOf(tc.all, state.Instant{UTCSeconds: at.Unix()}, now).ID; got != tc.want {
			t.Errorf("%q of %v, want %q", got, tc.all, tc.want)
		}
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
