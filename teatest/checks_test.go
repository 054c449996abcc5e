package teatest_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"atlas-restore/atlasclient/simulator"
	"atlas-restore/state"
	"atlas-restore/teatest"
)

// fixture is a world in which one check has one thing to say.
type fixture struct {
	name    string // the check and its verdict
	onto    string // "project/cluster"; empty: a download
	from    string // "project/cluster"; empty: Payments/orders-prod
	at      string // a moment; empty: the newest snapshot
	prepare func(*stage)
	late    func(*stage) // when all was listed, before the review
	says    string
	stops   string // what the confirmation is answered with; empty where it would be taken
}

const (
	orders  = "orders-prod"
	restore = "Payments/orders-prod-restore"
)

func fixtures() []fixture {
	newest := func(f func(*simulator.Snapshot)) func(*stage) {
		return func(s *stage) {
			s.sim.SetSnapshot("Payments", orders, s.sim.NewestSnapshot("Payments", orders).ID, f)
		}
	}
	every := func(f func(*simulator.Snapshot)) func(*stage) {
		return func(s *stage) {
			for _, x := range s.sim.Snapshots("Payments", orders) {
				s.sim.SetSnapshot("Payments", orders, x.ID, f)
			}
		}
	}
	target := func(f func(*simulator.Cluster)) func(*stage) {
		return func(s *stage) { s.sim.SetCluster("Payments", "orders-prod-restore", f) }
	}
	fail := func(f simulator.Fault) func(*stage) {
		return func(s *stage) {
			f.Method, f.Status, f.ErrorCode = http.MethodGet, http.StatusForbidden, "USER_UNAUTHORIZED"
			s.sim.Fail(f)
		}
	}
	heal := func(s *stage) { s.sim.Heal() }
	list := func(entries ...simulator.AccessEntry) func(*stage) {
		return func(s *stage) {
			s.sim.SetProject("Payments", func(p *simulator.Project) { p.AccessList, p.Unlisted = entries, true })
		}
	}
	return []fixture{
		{name: "snapshot-block-failed", onto: restore, late: newest(func(s *simulator.Snapshot) { s.Failed = true }), says: "The snapshot is failed", stops: "snapshot is a BLOCK"},
		{name: "snapshot-block-gone", onto: restore, late: newest(func(s *simulator.Snapshot) { s.Deleted = true }), says: "Atlas finds no such snapshot", stops: "snapshot is a BLOCK"},
		{name: "snapshot-warn-expires", onto: restore, late: newest(func(s *simulator.Snapshot) { s.ExpiresAt = s.Asked.Add(8 * time.Hour) }), says: "The snapshot expires in"},
		{name: "snapshot-warn-fallback", onto: restore, prepare: newest(func(s *simulator.Snapshot) { s.Kind = "fallback" }), says: "a last resort"},
		{name: "snapshot-unknown", onto: restore, late: fail(simulator.Fault{PathContains: "/snapshots/", Times: -1}), says: "The snapshot could not be seen", stops: "snapshot is UNKNOWN"},
		{name: "size-warn", onto: restore, prepare: newest(func(s *simulator.Snapshot) { s.Bytes /= 10 }), says: "data may have been lost"},
		{name: "window-unknown", onto: restore, at: "-40m", prepare: fail(simulator.Fault{PathContains: "/schedule", Times: -1}), says: "The restore window could not be seen", stops: "window is UNKNOWN"},
		{name: "hole-block", onto: restore, at: "hole", prepare: fail(simulator.Fault{PathContains: "/orders-prod/backup/restoreJobs", Times: -1}), late: heal, says: "No moment can be restored from the restore of", stops: "hole is a BLOCK"},
		{name: "hole-unknown", onto: restore, at: "-40m", prepare: fail(simulator.Fault{PathContains: "/restoreJobs", Times: -1}), says: "Earlier restores onto the source could", stops: "hole is UNKNOWN"},
		{name: "base-ok", onto: restore, at: "-40m", says: "h 30 min of oplog"},
		{name: "base-block", onto: restore, at: "-40m", late: every(func(s *simulator.Snapshot) { s.Deleted = true }), says: "No snapshot was taken before that moment", stops: "base is a BLOCK"},
		{name: "base-warn-upgraded", onto: restore, at: "-40m", late: every(func(s *simulator.Snapshot) { s.Version = "7.0.28" }), says: "was upgraded from MongoDB 7.0 to 8.0"},
		{name: "base-unknown", onto: restore, at: "-40m", prepare: fail(simulator.Fault{QueryContains: "pointInTimeUtcSeconds", Times: -1}), says: "The snapshot that the moment begins with", stops: "base is UNKNOWN"},
		{name: "backups-block", onto: restore, at: "-40m", late: func(s *stage) {
			s.sim.SetCluster("Payments", orders, func(c *simulator.Cluster) { c.PITEnabled = false })
		}, says: "Continuous cloud backup is off for orders-prod", stops: "backups is a BLOCK"},
		{name: "target-block-paused", onto: restore, late: target(func(c *simulator.Cluster) { c.Paused = true }), says: "is paused", stops: "target is a BLOCK"},
		{name: "target-block-updating", onto: restore, late: target(func(c *simulator.Cluster) { c.State = "UPDATING" }), says: "is updating", stops: "target is a BLOCK"},
		{name: "target-unknown", onto: restore, late: fail(simulator.Fault{PathEnds: "/clusters", Times: -1}), says: "The state of orders-prod-restore could", stops: "target is UNKNOWN"},
		{name: "fit-block", onto: restore, late: target(func(c *simulator.Cluster) { c.MongoDBVersion = "7.0.28" }), says: "older than the data", stops: "fit is a BLOCK"},
		{name: "fit-warn-newer", onto: restore, late: target(func(c *simulator.Cluster) { c.MongoDBVersion = "8.2.1" }), says: "runs 8.2, the data come from 8.0"},
		{name: "disk-warn", onto: restore, late: target(func(c *simulator.Cluster) { c.DiskSizeGB = 20 }), says: "larger than the disk"},
		{name: "speed-warn", onto: restore, late: target(func(c *simulator.Cluster) { c.InstanceSize = "M40_NVME" }), says: "It may be slow: orders-prod-restore has NVMe"},
		{name: "fit-unknown", onto: restore, late: target(func(c *simulator.Cluster) { c.MongoDBVersion = "" }), says: "Atlas does not tell the MongoDB version of", stops: "fit is UNKNOWN"},
		{name: "fit-block-far", onto: restore, late: target(func(c *simulator.Cluster) { c.MongoDBVersion = "10.0.1" }), says: "too far ahead of the data", stops: "fit is a BLOCK"},
		{name: "running-block", onto: restore, late: func(s *stage) {
			p := state.Cluster{ProjectID: s.sim.ProjectID("Payments"), Name: orders, Type: state.ReplicaSet}
			if _, err := s.cfg.Atlas.CreateJob(context.Background(), p, state.Request{
				DeliveryType: state.Automated, SnapshotID: s.sim.NewestSnapshot("Payments", orders).ID, TargetProjectID: p.ProjectID, TargetClusterName: "orders-prod-restore",
			}); err != nil {
				s.t.Fatal(err)
			}
		}, says: "runs already onto", stops: "is a BLOCK"},
		{name: "running-block-itself", onto: restore, late: func(s *stage) {
			p := state.Cluster{ProjectID: s.sim.ProjectID("Payments"), Name: "orders-prod-restore", Type: state.ReplicaSet}
			if _, err := s.cfg.Atlas.CreateJob(context.Background(), p, state.Request{
				DeliveryType: state.Automated, SnapshotID: s.sim.NewestSnapshot("Payments", p.Name).ID, TargetProjectID: p.ProjectID, TargetClusterName: p.Name,
			}); err != nil {
				s.t.Fatal(err)
			}
		}, says: "runs already onto", stops: "is a BLOCK"},
		{name: "running-unknown-target", onto: restore, late: fail(simulator.Fault{PathContains: "/orders-prod-restore/backup/restoreJobs", Times: -1}), says: "Whether a restore onto orders-prod-restore", stops: "running is UNKNOWN"},
		{name: "running-unknown", onto: restore, late: fail(simulator.Fault{PathContains: "/restoreJobs", Times: -1}), says: "Whether a restore runs already could not", stops: "running is UNKNOWN"},
		{name: "role-ok", onto: restore, prepare: func(s *stage) { s.withAPIKeys() }, says: "speed, writes, role; running: no other"},
		{name: "role-warn", onto: restore, prepare: func(s *stage) {
			s.withAPIKeys()
			s.sim.SetProject("Payments", func(p *simulator.Project) { p.Role = simulator.RoleReadOnly })
		}, says: "No role of this key is known to allow", stops: "running is UNKNOWN"},
		{name: "environment-warn-leaves", onto: "Payments Staging/orders-stg", says: "This copies production data to orders-stg"},
		{name: "environment-ask-onto-production", from: "Payments Staging/orders-stg", onto: "Payments/orders-prod", says: "orders-prod is production: it is called", stops: "environment is WARN"},
		{name: "environment-warn-production", onto: "Payments/ledger-prod", says: "ledger-prod is production: it is called"},
		{name: "protected-block", onto: restore, prepare: func(s *stage) { s.cfg.Names.Protected = []string{"orders-*"} }, says: "is protected by the configuration", stops: "protected is a BLOCK"},
		{name: "access-ok", prepare: list(simulator.AccessEntry{CIDR: "0.0.0.0/0"}), says: "snapshot, size, access"},
		{name: "access-not-told", prepare: list(simulator.AccessEntry{CIDR: "198.51.100.17/32"}), says: "UNKNOWN access: whether your address is allowed. Allowed: 198.51.100.17/32"},
		{name: "access-warn-empty", prepare: list(), says: "The IP access list of Payments is empty"},
		{name: "running-warn-download", prepare: func(s *stage) {
			if _, err := s.cfg.Atlas.CreateJob(context.Background(), state.Cluster{ProjectID: s.sim.ProjectID("Payments"), Name: orders}, state.Request{
				DeliveryType: state.Download, SnapshotID: s.sim.NewestSnapshot("Payments", orders).ID,
			}); err != nil {
				s.t.Fatal(err)
			}
		}, says: "downloads this snapshot already: Atlas still prepares its links."},
		{name: "running-not-seen-download", prepare: fail(simulator.Fault{PathContains: "/restoreJobs", Times: -1}), says: "UNKNOWN running: whether the snapshot is being downloaded already could not be read"},
		{name: "access-not-seen", prepare: fail(simulator.Fault{PathContains: "/accessList", Times: -1}), says: "The IP access list"},
	}
}

// walk goes to the review of a fixture.
func (f fixture) walk(s *stage) {
	project, cluster := "Payments", orders
	if f.from != "" {
		project, cluster, _ = strings.Cut(f.from, "/")
	}
	s.toSnapshots(project, cluster)
	s.AtRest() // of the restores so far a download's review says what was seen on the way
	d := state.Automated
	if f.onto == "" {
		d = state.Download
	}
	if f.at == "" {
		s.Press("enter")
		s.toDelivery(d)
	} else {
		s.Press("tab")
		s.Wait("› Moment")
		s.Type(f.moment(s))
		s.Wait("ago")
		s.Press("enter")
	}
	if f.onto == "" {
		s.reviewed()
		return
	}
	project, cluster, _ = strings.Cut(f.onto, "/")
	s.Wait("› Target cluster")
	s.Press("tab")
	s.Wait("› Target project")
	s.Type(project)
	s.WaitFor("the row of the project", func(screen string) bool { return strings.Contains(row(screen), project) })
	s.Press("enter")
	s.Wait("› Target cluster")
	typeTarget(s, cluster)
	s.AtRest() // a row that comes between a look and a key would make it another key
	for range 3 {
		if at := row(s.Screen()); !strings.Contains(at+" ", " "+cluster+" ") {
			s.Press("down")
			s.WaitFor("another row", func(screen string) bool { return row(screen) != at })
		}
	}
	if f.late != nil {
		f.late(s)
	}
	s.Press("enter")
	s.reviewed()
}

// reviewed waits for a review with all its checks.
func (s *stage) reviewed() {
	s.t.Helper()
	s.Wait("Nothing has been submitted yet")
	s.AtRest()
}

// moment is what is typed for one: the hole of a restore lies ten minutes after it.
func (f fixture) moment(s *stage) string {
	if f.at != "hole" {
		return f.at
	}
	for _, j := range s.sim.Jobs() {
		if j.TargetCluster == orders {
			return j.CreatedAt.Add(10 * time.Minute).Format(time.DateTime)
		}
	}
	s.t.Fatal("no restore onto " + orders)
	return ""
}

// Each check with each verdict that a world can bring about, as it is read.
func TestEachCheckIsRead(t *testing.T) {
	t.Parallel()
	for i, f := range fixtures() {
		if !few(i, 5) {
			continue
		}
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			sizes := suited(i, narrow, normal)
			s := prepare(t)
			if f.prepare != nil {
				f.prepare(s)
			}
			s.start(sizes[0])
			f.walk(s)
			for _, size := range sizes {
				s.resizeTo(size)
				s.Golden(fmt.Sprintf("checks/%dx%d/%s", size.W, size.H, f.name))
				s.WithinSize()
			}
			s.resizeTo(normal)
			for range 6 { // what is not worst may have to be read on
				if teatest.Reads(s.Screen(), f.says) {
					break
				}
				s.Press("pgdown")
				s.Settled()
			}
			if !teatest.Reads(s.Screen(), f.says) {
				t.Errorf("nothing says %q:\n%s", f.says, s.Screen())
			}
			f.stopped(s)
		})
	}
}

// stopped asserts that the plan is not submitted by Enter alone, nor by its confirmation if
// a check stands in the way.
func (f fixture) stopped(s *stage) {
	before := len(s.posts())
	s.Press("enter")
	s.Settled()
	if len(s.posts()) != before {
		s.t.Fatal("Enter alone has submitted something")
	}
	if f.stops == "" {
		return
	}
	_, cluster, _ := strings.Cut(f.onto, "/")
	s.AssertTarget(cluster)
	s.Confirm(cluster)
	s.WaitFor("the refusal", func(screen string) bool {
		return strings.Contains(strings.Join(strings.Fields(screen), " "), f.stops)
	})
	if len(s.posts()) != before {
		s.t.Fatal("it was submitted all the same")
	}
}

// What is known of the checks is read while others are awaited; nothing is confirmed before
// the last.
func TestChecksAppearWhenKnown(t *testing.T) {
	t.Parallel()
	s := play(t, teatest.Size{W: 120, H: 40})
	s.toSnapshots("Payments", orders)
	s.Press("enter")
	s.toDelivery(state.Automated)
	s.Wait("› Target cluster")
	pointAt(s, "orders-prod-restore")
	stall := make(chan struct{})
	s.sim.Fail(simulator.Fault{Method: http.MethodGet, PathContains: "/restoreJobs", Stall: stall, Times: -1})
	s.Press("enter")
	s.Wait("fit, disk, speed")
	s.Wait("being checked: running")
	s.Type("orders-prod-restore\r")
	s.Settled()
	s.noPosts()
	close(stall)
	s.Wait("type: train/")
	s.WaitGone("being looked at")
	s.noPosts()
	s.AssertTarget("orders-prod-restore")
	s.Confirm("orders-prod-restore")
	s.Wait("RUNNING")
}
