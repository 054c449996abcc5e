package teatest_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"atlas-restore/atlasclient"
	"atlas-restore/atlasclient/credentials"
	"atlas-restore/atlasclient/simulator"
	"atlas-restore/state"
	"atlas-restore/state/collections"
	"atlas-restore/state/journal"
	"atlas-restore/state/submit"
	"atlas-restore/teatest"
)

// desk is where one person submits to the embedded Atlas, over the real client and with a
// journal on disk. It counts what was confirmed.
type desk struct {
	*world
	atlas     *atlasclient.Client
	order     submit.Order
	had       int // jobs before the first confirmation
	confirmed int
	others    int // jobs that somebody else made, or Atlas of its own accord
	foreign   int // requests of somebody else
}

// The orders, one of each kind: what a job is known by differs.
var orderKinds = []string{"automated", "pointInTime", "download", "flex", "flex download", "collections", "collections of a moment"}

// newDesk is a desk whose machine's clock is off.
func newDesk(t *testing.T, kind string, off time.Duration) *desk {
	t.Helper()
	w := newWorld(t)
	d := &desk{world: w, had: len(w.sim.Jobs())}
	d.atlas = d.signIn(off)
	project, cluster, target := "Payments", "orders-prod", "orders-prod-restore"
	body := state.Request{DeliveryType: state.Automated}
	if strings.HasPrefix(kind, "flex") {
		project, cluster, target, body.Family = "Sandbox", "blog", "blog-restore", state.Flex
	}
	switch {
	case strings.HasSuffix(kind, "download"):
		body.DeliveryType = state.Download
	case strings.HasPrefix(kind, "collections"):
		body.DeliveryType, target = state.Collections, cluster
		body.Asked = &collections.Asked{
			Write: collections.CreateNew, Indexes: collections.AllIndexes,
			Databases: []collections.Namespace{{Source: "audit", Target: "audit_then"}}, Collections: []collections.Namespace{{Source: "shop.orders", Target: "shop.orders"}},
		}
		if kind == "collections of a moment" {
			body.PointInTimeUTCSeconds = monday.Add(-time.Hour).Unix()
		}
	case kind == "pointInTime":
		body.DeliveryType, body.PointInTimeUTCSeconds = state.PointInTime, monday.Add(-time.Hour).Unix()
	}
	id := w.sim.ProjectID(project)
	if body.DeliveryType.HasTarget() {
		body.TargetProjectID, body.TargetClusterName = id, target
	}
	if body.PointInTimeUTCSeconds == 0 {
		body.SnapshotID = w.sim.NewestSnapshot(project, cluster).ID
	}
	p := state.Project{ID: id, Name: project}
	d.order = submit.Order{
		Source:  state.Cluster{Family: body.Family, ProjectID: id, Name: cluster},
		Project: p, TargetProject: p, TargetFamily: body.Family, Body: body, Endpoint: w.cfg.Endpoint, Who: w.cfg.Who, Now: d.atlas.Now,
	}
	teatest.AtEnd(t, d.onceEach)
	return d
}

// signIn is a new client, as of a process that has just started.
func (d *desk) signIn(off time.Duration) *atlasclient.Client {
	k := d.sim.Keys()
	cred := credentials.Credential{Kind: credentials.ServiceAccount, Public: k.ClientID, Private: state.NewSecret(k.ClientSecret)}
	return client(d.t, d.sim.BaseURL(), cred, func() time.Time { return d.sim.Now().Add(off) })
}

// onceEach asserts that there was at most one request, and one job, for each confirmation.
func (d *desk) onceEach() {
	d.t.Helper()
	if n := len(d.posts()) - d.foreign; n > d.confirmed {
		d.t.Errorf("%d requests for %d confirmations", n, d.confirmed)
	}
	if n := d.made(); n > d.confirmed {
		d.t.Errorf("%d jobs for %d confirmations", n, d.confirmed)
	}
}

// made is how many jobs were made of what was confirmed here.
func (d *desk) made() int { return len(d.sim.Jobs()) - d.had - d.others }

// once confirms the order.
func (d *desk) once() submit.Result {
	d.confirmed++
	return submit.Once(d.t.Context(), d.atlas, journal.At(d.dir), d.order)
}

// seek makes every look when it is due, until the job is found or was looked for in full.
func (d *desk) seek(s submit.Search) submit.Search {
	d.t.Helper()
	for n := 0; !s.Over(); n++ {
		if n == 100 {
			d.t.Fatalf("it does not end: %+v", s)
		}
		s = d.look(s)
	}
	return s
}

// look makes the next look, when it is due.
func (d *desk) look(s submit.Search) submit.Search {
	d.t.Helper()
	if wait := s.NextAt.Sub(d.order.Now()); wait > 0 {
		d.sim.Advance(wait)
	}
	if !s.Due(d.order.Now()) {
		d.t.Fatalf("a look is not due at its time: %+v", s)
	}
	return s.Look(d.t.Context(), d.atlas, journal.At(d.dir), d.order.Now)
}

// left is what the journal knows of the newest submission, read as by a new process.
func (d *desk) left() journal.Submission {
	d.t.Helper()
	all := d.submissions()
	if len(all) == 0 {
		d.t.Fatal("the journal knows of no submission")
	}
	return all[len(all)-1]
}

func (d *desk) submissions() []journal.Submission {
	d.t.Helper()
	entries, err := journal.At(d.dir).Read()
	if err != nil {
		d.t.Fatal(err)
	}
	return journal.Submissions(entries)
}

// failPost arms a fault of the next request for a job.
func (d *desk) failPost(f simulator.Fault) {
	f.Method, f.PathContains = "POST", "/backup/"
	if d.order.Body.DeliveryType == state.Collections {
		f.PathContains = "/collectionRestoreJobs"
	}
	d.sim.Fail(f)
}

// newest is the job that was made last.
func (d *desk) newest() simulator.Job {
	jobs := d.sim.Jobs()
	return jobs[len(jobs)-1]
}

// allow asserts that the order can be confirmed anew, and becomes a job.
func (d *desk) allow() {
	d.t.Helper()
	if r := d.once(); r.Verdict != submit.Created || r.Err != nil {
		d.t.Errorf("a new confirmation: verdict %v, %v", r.Verdict, r.Err)
	}
}

// refuse asserts that the order is refused for this reason, and nothing is sent.
func (d *desk) refuse(is error) {
	d.t.Helper()
	posts := len(d.posts())
	r := d.once()
	d.confirmed-- // it counts for nothing
	running := errors.As(r.Err, new(submit.RunningError))
	if r.Verdict != submit.Refused || len(d.posts()) != posts || is != nil && !errors.Is(r.Err, is) || is == nil && !running {
		d.t.Errorf("verdict %v, %v, %d requests; want a refusal (%v) before any", r.Verdict, r.Err, len(d.posts())-posts, is)
	}
}

// oldJob is the answer about a job that was made long ago, and that has ended well.
const oldJob = `{"id":"65f0c1d2e3a4b5c6d7e8f903","deliveryType":"automated","finishedAt":"2024-03-12T21:20:00Z","targetClusterName":"orders-prod-restore","deliveryUrl":[]}`

// noLists are the answers to a question for the restore jobs that say nothing of them, and
// how often the client asks before it gives up.
var noLists = map[string]struct {
	fault simulator.Fault
	tries int
}{
	"503":           {simulator.Fault{Status: 503}, 5},
	"403":           {simulator.Fault{Status: 403, ErrorCode: "USER_UNAUTHORIZED"}, 1},
	"an address":    {simulator.Fault{Status: 403, ErrorCode: "IP_ADDRESS_NOT_ON_ACCESS_LIST"}, 1},
	"401":           {simulator.Fault{Status: 401, ErrorCode: "USER_UNAUTHORIZED"}, 1},
	"404":           {simulator.Fault{Status: 404, ErrorCode: "CLUSTER_NOT_FOUND"}, 1},
	"a page":        {simulator.Fault{Status: 200, HTML: true}, 1},
	"{}":            {simulator.Fault{Body: `{}`}, 1},
	"null":          {simulator.Fault{Body: `null`}, 1},
	"no results":    {simulator.Fault{Body: `{"links":[],"totalCount":0}`}, 1},
	"results of {}": {simulator.Fault{Body: `{"results":{}}`}, 1},
}

// failLists has the next n questions for the restore jobs go so.
func (d *desk) failLists(name string, n int) {
	l := noLists[name]
	l.fault.Method, l.fault.PathContains, l.fault.Times = "GET", "estoreJobs", n*l.tries
	d.sim.Fail(l.fault)
}
