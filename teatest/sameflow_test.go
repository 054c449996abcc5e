package teatest_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"atlas-restore/atlasclient/simulator"
	"atlas-restore/state"
)

func everyGet(path string, status int) simulator.Fault {
	return simulator.Fault{Method: http.MethodGet, PathContains: path, Times: -1, Status: status}
}

func onePost(f simulator.Fault) simulator.Fault {
	f.Method, f.PathContains = http.MethodPost, "/restoreJobs"
	return f
}

// flow is a restore as somebody has it in mind.
type flow struct {
	name, project, cluster string
	delivery               state.DeliveryType
	moment                 string // empty: the newest snapshot
	oplogTs, oplogInc      string
	targetProject, target  string
	apiKeys                bool
}

var flows = []flow{
	{name: "download", project: "Payments", cluster: "orders-prod", delivery: state.Download},
	{name: "download of shards", project: "Analytics", cluster: "events", delivery: state.Download},
	{name: "automated", project: "Payments", cluster: "orders-prod", delivery: state.Automated, targetProject: "Payments", target: "orders-prod-restore"},
	{name: "automated with API keys", project: "Payments", cluster: "orders-prod", delivery: state.Automated, targetProject: "Payments", target: "orders-prod-restore", apiKeys: true},
	{name: "onto itself", project: "Payments", cluster: "orders-prod", delivery: state.Automated, targetProject: "Payments", target: "orders-prod"},
	{name: "onto another project", project: "Payments", cluster: "orders-prod", delivery: state.Automated, targetProject: "Payments Staging", target: "orders-stg"},
	{name: "shards", project: "Analytics", cluster: "events", delivery: state.Automated, targetProject: "Analytics", target: "events-restore"},
	{name: "download of flex", project: "Sandbox", cluster: "blog", delivery: state.Download},
	{name: "flex", project: "Sandbox", cluster: "blog", delivery: state.Automated, targetProject: "Sandbox", target: "blog-restore"},
	{name: "date and time", project: "Payments", cluster: "orders-prod", delivery: state.PointInTime, moment: "2026-11-23 14:02:59", targetProject: "Payments", target: "orders-prod-restore"},
	{name: "epoch", project: "Payments", cluster: "orders-prod", delivery: state.PointInTime, moment: "1795442579", targetProject: "Payments", target: "orders-prod-restore"},
	{name: "oplog", project: "Payments", cluster: "orders-prod", delivery: state.PointInTime, oplogTs: "1795442579", oplogInc: "7", targetProject: "Payments", target: "orders-prod-restore"},
}

// inSuite says whether the built program plays the flow in the suite: each delivery, and each
// family of clusters, once. The faces play more of them there, and all at the gate.
func (f flow) inSuite() bool {
	return thorough() || slices.Contains([]string{"download of shards", "automated", "flex", "oplog"}, f.name)
}

// onScreen walks the flow on the full screen, up to its confirmation.
func (f flow) onScreen(s *stage) {
	s.toSnapshots(f.project, f.cluster)
	switch {
	case f.delivery != state.PointInTime:
		s.Press("enter")
		s.toDelivery(f.delivery)
	case f.moment != "":
		s.Press("tab")
		s.Wait("› Moment")
		s.Type(f.moment)
		s.Press("enter")
	default:
		s.Press("tab")
		s.Wait("› Moment")
		s.Press("shift+tab", "right", "tab")
		s.Type(f.oplogTs + "\r" + f.oplogInc)
		s.Press("enter")
	}
	if f.delivery == state.Download {
		s.Press("tab", "enter")
		return
	}
	s.toTarget(f.targetProject, f.target)
	s.AssertTarget(f.target)
	if f.target == f.cluster {
		s.unsafe()
	}
	s.Confirm(f.target)
}

// inLines walks it line by line, up to its confirmation.
func (f flow) inLines(d *speaker) {
	d.toSnapshots(f.project, f.cluster)
	switch {
	case f.delivery != state.PointInTime:
		d.Say("")
		d.answer(askDelivery, string(f.delivery))
	case f.moment != "":
		d.Say("moment")
		d.answer("Restore to, enter takes moment:", "")
		d.answer(askMoment, f.moment)
	default:
		d.Say("moment")
		d.answer("Restore to, enter takes moment:", "oplog")
		d.answer("Oplog timestamp:", f.oplogTs)
		d.answer("Oplog increment:", f.oplogInc)
	}
	if f.delivery == state.Download {
		d.answer(askDownload, "download")
		return
	}
	d.toTarget(f.targetProject, f.target)
	d.AssertTarget(f.target)
	if f.target == f.cluster {
		d.answer(askSafety, "without")
		d.Wait(askErase)
	}
	d.Confirm(f.target)
}

// given is the flow as flags.
func (f flow) given() state.Given {
	g := state.Given{
		Project: f.project, Cluster: f.cluster, Delivery: string(f.delivery), At: f.moment, OplogTs: f.oplogTs, OplogInc: f.oplogInc,
		TargetProject: f.targetProject, TargetCluster: f.target, Confirm: f.target,
	}
	if f.delivery == state.Download {
		g.Confirm = "download"
	}
	if f.target == f.cluster {
		g.Confirm = state.Overwrite(f.target)
	}
	if f.delivery != state.PointInTime {
		g.Snapshot = state.Latest
	}
	return g
}

// practised is given in a training.
func (f flow) practised() state.Given {
	g, train := f.given(), f
	if f.delivery.Overwrites() {
		train.target = state.PracticePrefix + f.target
		g.Confirm = train.target
	}
	if f.target == f.cluster {
		g.Confirm = state.Overwrite(train.target)
	}
	return g
}

// Every flow ends in the same request, whichever face it is walked in, and is followed to
// the same end.
func TestSameRequestInEveryFace(t *testing.T) {
	t.Parallel()
	for i, f := range flows {
		if !few(i, 2) && !f.inSuite() {
			continue
		}
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			end := state.OutcomeCompleted
			if f.delivery == state.Download {
				end = state.OutcomeReady
			}
			s := prepare(t)
			if f.apiKeys {
				s.withAPIKeys()
			}
			s.start(normal)
			f.onScreen(s)
			s.Wait("job " + created(s)) // that of a flex download is ready at once

			d := prepareTalk(t)
			if f.apiKeys {
				d.withAPIKeys()
			}
			d.start()
			f.inLines(d)
			d.Wait("restore job ")
			d.CloseInput()
			d.sim.Advance(15 * time.Minute)
			spoken := d.leave(end)

			u := prepareTalk(t)
			if f.apiKeys {
				u.withAPIKeys()
			}
			u.cfg.Given, u.unasked = f.practised(), true
			if err := u.cfg.Given.Check(); err != nil {
				t.Fatal(err)
			}
			u.start()
			u.Wait("restore job ")
			u.sim.Advance(15 * time.Minute)
			u.leave(end)

			screen, line, flags := s.posts(), d.posts(), u.posts()
			if len(screen) != 1 || !slices.Equal(screen, line) || !slices.Equal(screen, flags) {
				t.Errorf("the full screen sent %s\nthe line face %s\nflags %s", screen, line, flags)
			}
			var body map[string]any
			if err := json.Unmarshal([]byte(line[0]), &body); err != nil || f.cluster != "blog" && body["deliveryType"] != string(f.delivery) {
				t.Errorf("asked for %s", line[0])
			}
			if f.delivery == state.Download && (body["targetClusterName"] != nil || body["targetDeploymentItemName"] != nil) {
				t.Errorf("a download has a target: %s", line[0])
			}
			if f.delivery != state.Download {
				return
			}
			want := 1
			if f.cluster == "events" { // a shard has a link, and one over a private endpoint
				want = 3
			}
			if n := strings.Count(spoken.Text(), "http://127.0.0.1:"); n < want {
				t.Errorf("the summary has %d links, want at least %d:\n%s", n, want, spoken.Text())
			}
		})
	}
}

// created is the id of the job that was created last.
func created(s *stage) string {
	s.t.Helper()
	before := len(newWorld(s.t).sim.Jobs())
	s.await("a job", func() bool { return len(s.sim.Jobs()) > before })
	jobs := s.sim.Jobs()
	return jobs[len(jobs)-1].ID
}
