package steps

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/incident"
	"atlas-restore/state/journal"
)

// meeting is an Atlas whose answers come once so many questions are asked at the same time,
// and that counts them.
type meeting struct {
	Atlas
	t       *testing.T
	mu      sync.Mutex
	missing int
	met     chan struct{}
	asked   map[string]int
}

func (m *meeting) meet(what string) {
	m.mu.Lock()
	m.asked[what]++
	if m.missing--; m.missing == 0 {
		close(m.met)
	}
	m.mu.Unlock()
	select {
	case <-m.met:
	case <-time.After(time.Minute):
		m.t.Errorf("%s is asked for by itself", what)
	}
}

func (m *meeting) Clusters(context.Context, string) ([]state.Cluster, error) {
	m.meet("clusters")
	return []state.Cluster{{ProjectID: project, Name: "orders-stg", State: "IDLE"}, {ProjectID: project, Name: "orders", State: "IDLE"}}, nil
}

func (m *meeting) Dedicated(ctx context.Context, projectID string) ([]state.Cluster, error) {
	return m.Clusters(ctx, projectID)
}

func (m *meeting) Jobs(_ context.Context, c state.Cluster) ([]state.Job, error) {
	m.meet("jobs of " + c.Name)
	return nil, nil
}

func (m *meeting) CollectionJobs(_ context.Context, c state.Cluster) ([]state.Job, error) {
	m.meet("collection jobs of " + c.Name)
	return nil, nil
}

func (m *meeting) Snapshot(context.Context, state.Cluster, string) (state.Snapshot, error) {
	m.meet("snapshot")
	return state.Snapshot{Status: "completed"}, nil
}

func (m *meeting) Roles(context.Context) (state.Roles, error) {
	m.meet("roles")
	return state.Roles{}, nil
}

func (m *meeting) Schedule(context.Context, state.Cluster) (state.Schedule, error) {
	m.meet("schedule")
	return state.Schedule{RestoreWindowDays: 7}, nil
}

func (m *meeting) BaseSnapshot(context.Context, state.Cluster, state.Instant) (state.Snapshot, error) {
	m.meet("base")
	return state.Snapshot{ID: "x"}, nil
}

func (m *meeting) Access(context.Context, string, string) (state.Access, error) {
	m.meet("access")
	return state.Access{}, nil
}

func (m *meeting) Members(context.Context, state.Cluster) ([]incident.Process, error) {
	m.meet("members")
	return nil, nil
}

func (m *meeting) Events(context.Context, string, string, time.Time, ...string) ([]incident.Noted, error) {
	m.meet("events")
	return nil, nil
}

// All that the review says is asked for at once, in one round trip, and nothing of it twice;
// what was seen on the way is not asked for again.
func TestFactsInOneRoundTrip(t *testing.T) {
	instant := state.Instant{UTCSeconds: noon.Unix() - 60}
	for name, tc := range map[string]struct {
		change func(*Session)
		asks   int
		looks  int
	}{
		// One is for whether the target is written to, and one look at collection restore jobs.
		"automated":   {func(*Session) {}, 8, 7},
		"onto itself": {func(s *Session) { s.Plan.Cluster.ProjectID, s.Plan.Target.ClusterName = project, "orders" }, 6, 6},
		"a moment":    {func(s *Session) { s.Plan.Delivery, s.Plan.Instant = state.PointInTime, instant }, 10, 9}, // and one for whether Atlas is behind
		"a moment, its window known": {func(s *Session) {
			s.Plan.Delivery, s.Plan.Instant = state.PointInTime, instant
			s.Seen.Past = &Past{Of: "/orders"}
		}, 9, 8},
		"a download": {func(s *Session) { s.Plan.Delivery = state.Download }, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := onReview(Config{}, nil)
			s.Seen.Snapshots = []state.Snapshot{{ID: "x"}}
			tc.change(s)
			m := &meeting{t: t, missing: tc.asks, met: make(chan struct{}), asked: map[string]int{}}
			s.Cfg.Atlas = m
			gather := s.Gather()
			if gather == nil {
				t.Fatal("nothing is looked at")
			}
			var parts []state.Facts
			s.Gathered(gather(state.WithPart(t.Context(), func(f state.Facts) { parts = append(parts, f) })))
			for what, n := range m.asked {
				if n != 1 {
					t.Errorf("%s was asked for %d times", what, n)
				}
			}
			if len(m.asked) != tc.asks || state.Awaited(s.checks) != nil {
				t.Errorf("asked for %v, checks %v", m.asked, s.checks)
			}
			if len(parts) < tc.looks {
				t.Errorf("%d parts of %d looks", len(parts), tc.looks)
			}
			if s.Gather() != nil {
				t.Error("all is looked at once more")
			}
		})
	}
}

// While anything is awaited nothing is confirmed, whatever is known already.
func TestAwaitedIsNotConfirmed(t *testing.T) {
	s := onReview(Config{Accept: []string{"all"}}, nil)
	s.Gathered(state.Facts{Plan: s.Plan, Now: noon, Awaited: state.LookJobs, Snapshot: state.Snapshot{ID: s.Plan.Snapshot.ID, Status: "completed"}, Target: state.Cluster{Name: "orders-stg", State: "IDLE", Type: state.ReplicaSet, MongoDBVersion: "8.0.29"}})
	if s.Confirm("orders-stg") != nil {
		t.Error("confirmed while a look is awaited")
	}
	if s.Gather() == nil {
		t.Error("what is awaited is not looked at")
	}
}

// world is an Atlas with one cluster of the same name in each of two projects. It keeps what
// it was asked for.
type world struct {
	Atlas
	err       error            // of every answer
	listing   error            // of the snapshots alone
	clusters  []string         // in every project, beside the source's namesake
	snapshots []state.Snapshot // of every cluster
	asked     []string
	now       time.Time
	mu        sync.Mutex
}

// ask notes a question, which takes a second.
func (w *world) ask(what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked = append(w.asked, what)
	w.now = w.now.Add(time.Second)
}

func (w *world) time() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) Clusters(_ context.Context, projectID string) ([]state.Cluster, error) {
	w.ask("clusters of " + projectID)
	out := []state.Cluster{{ProjectID: projectID, Name: "orders", State: "UPDATING"}}
	for _, name := range w.clusters {
		out = append(out, state.Cluster{ProjectID: projectID, Name: name, State: "IDLE"})
	}
	return out, w.err
}

func (w *world) Dedicated(ctx context.Context, projectID string) ([]state.Cluster, error) {
	return w.Clusters(ctx, projectID)
}

func (w *world) Jobs(_ context.Context, c state.Cluster) ([]state.Job, error) {
	w.ask("jobs of " + c.Name)
	return nil, w.err
}

func (w *world) CollectionJobs(_ context.Context, c state.Cluster) ([]state.Job, error) {
	w.ask("collection jobs of " + c.Name)
	return nil, w.err
}

func (w *world) Snapshot(_ context.Context, c state.Cluster, id string) (state.Snapshot, error) {
	w.ask("snapshot " + id + " of " + c.Name)
	return state.Snapshot{ID: "seen", Status: "completed"}, w.err
}

func (w *world) Snapshots(_ context.Context, c state.Cluster) ([]state.Snapshot, error) {
	w.ask("snapshots of " + c.Name)
	return w.snapshots, errors.Join(w.err, w.listing)
}

func (w *world) Members(_ context.Context, c state.Cluster) ([]incident.Process, error) {
	w.ask("members of " + c.Name)
	return nil, w.err
}

func (w *world) Events(_ context.Context, _, cluster string, _ time.Time, _ ...string) ([]incident.Noted, error) {
	w.ask("events of " + cluster)
	return nil, w.err
}

func (w *world) Roles(context.Context) (state.Roles, error) {
	w.ask("roles")
	return state.Roles{}, w.err
}

func (w *world) Schedule(_ context.Context, c state.Cluster) (state.Schedule, error) {
	w.ask("schedule of " + c.Name)
	return state.Schedule{RestoreWindowDays: 7}, w.err
}

func (w *world) BaseSnapshot(_ context.Context, c state.Cluster, _ state.Instant) (state.Snapshot, error) {
	w.ask("base of " + c.Name)
	return state.Snapshot{ID: "base"}, w.err
}

func (w *world) Access(_ context.Context, projectID, provider string) (state.Access, error) {
	w.ask("access to " + projectID + " with " + provider)
	return state.Access{}, w.err
}

// gatherIn gives what is gathered in a world for a plan of that delivery type.
func gatherIn(t *testing.T, w *world, d state.DeliveryType, change func(*Session)) state.Facts {
	t.Helper()
	s := onReview(Config{}, nil)
	w.now = noon
	s.Cfg.Atlas, s.Cfg.Now = w, w.time
	s.Plan.Cluster.ProjectID, s.Plan.Delivery, s.Plan.Snapshot.Provider = project, d, "AWS"
	s.Plan.Cluster.PITEnabled, s.Plan.Instant = true, state.Instant{UTCSeconds: noon.Unix() - 60}
	if change != nil {
		change(s)
	}
	return s.Gather()(t.Context())
}

// What could not be seen is in the facts as an error, whichever it is: no check takes it for
// fine.
func TestWhatFailsIsAFact(t *testing.T) {
	bad := errors.New("reset")
	a := gatherIn(t, &world{err: bad}, state.Automated, nil)
	p := gatherIn(t, &world{err: bad}, state.PointInTime, nil)
	d := gatherIn(t, &world{err: bad}, state.Download, nil)
	l := gatherIn(t, &world{listing: bad}, state.PointInTime, nil)
	for name, err := range map[string]error{
		"snapshot": a.SnapErr, "target": a.TargetErr, "jobs": a.JobsErr, "roles": a.RolesErr,
		"target of a moment": p.TargetErr, "jobs of a moment": p.JobsErr, "window": p.WindowErr, "base": p.BaseErr, "access": d.AccessErr,
		"only the snapshots": l.WindowErr,
	} {
		if !errors.Is(err, bad) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The looks are at what the plan names, and at no namesake of it.
func TestWhatIsGathered(t *testing.T) {
	const elsewhere = "65f0c1d2e3a4b5c6d7e8f90e"
	w := &world{clusters: []string{"orders-stg"}}
	names := state.Names{Protected: []string{"ledger"}}
	f := gatherIn(t, w, state.PointInTime, func(s *Session) {
		s.Plan.Target.Project.ID, s.Cfg.Names, s.safety = elsewhere, names, state.Safety{Wanted: true}
		s.Seen.Past = &Past{Of: "another/orders", Schedule: state.Schedule{RestoreWindowDays: 1}} // of a namesake
		s.Seen.Snapshots = []state.Snapshot{{ID: "x"}}
	})
	if f.Target.ProjectID != elsewhere || f.Target.Name != "orders-stg" || f.TargetErr != nil {
		t.Errorf("the target is %+v, %v", f.Target, f.TargetErr)
	}
	if f.Source.State != "" {
		t.Errorf("the target's neighbour is taken for the source: %+v", f.Source)
	}
	if !f.Window.From.Before(noon.Add(-6 * day)) {
		t.Errorf("the window is that of another cluster: %v", f.Window)
	}
	if !f.Safety.Wanted || !slices.Equal(f.Names.Protected, names.Protected) || len(f.Snapshots) != 1 {
		t.Errorf("lacks what the session knows: %+v", f)
	}
	if !f.Now.Equal(w.now) || f.Now.Equal(noon) {
		t.Errorf("it is %v, not %v", f.Now, w.now)
	}
	if f := gatherIn(t, &world{}, state.Automated, nil); f.TargetErr == nil || f.Source.State != "UPDATING" || f.Snapshot.ID != "seen" {
		t.Errorf("a target that is not there: %+v", f)
	}
	failed := &world{}
	gatherIn(t, failed, state.PointInTime, func(s *Session) {
		s.Seen.Past = &Past{Of: sourceName(s.Plan.Cluster), ScheduleErr: errors.New("reset")}
	})
	if !slices.Contains(failed.asked, "schedule of orders") {
		t.Errorf("what has failed before is not asked for again: %v", failed.asked)
	}
	d := &world{}
	gatherIn(t, d, state.Download, nil)
	if want := []string{"access to " + project + " with AWS"}; !slices.Equal(d.asked, want) {
		t.Errorf("a download asks for %v, want %v", d.asked, want)
	}
	sharded := &world{}
	gatherIn(t, sharded, state.Download, func(s *Session) {
		s.Plan.Snapshot.Provider, s.Plan.Snapshot.Members = "", []state.Member{{Provider: "GCP"}}
	})
	if want := []string{"access to " + project + " with GCP"}; !slices.Equal(sharded.asked, want) {
		t.Errorf("a sharded download asks for %v, want %v", sharded.asked, want)
	}
	s := onReview(Config{}, nil)
	s.Plan.Delivery, s.Plan.Cluster.Family = state.Download, state.Flex
	if f := s.Gather()(t.Context()); f.Awaited != 0 || f.AccessErr != nil {
		t.Errorf("the link of a flex cluster: %+v", f)
	}
}

// An earlier request counts against the target that it overwrites, and no other.
func TestDoubtsAreOfTheTarget(t *testing.T) {
	request := func(target string) state.Request {
		return state.Request{DeliveryType: state.Automated, TargetProjectID: project, TargetClusterName: target}
	}
	for name, tc := range map[string]struct {
		target      string
		event       journal.Event
		doubt, lost bool
	}{
		"without an answer": {"orders-stg", journal.Unknown, true, false},
		"not found":         {"orders-stg", journal.NotFound, false, true},
		"accepted":          {"orders-stg", journal.Created, false, false},
		"another's":         {"orders", journal.Unknown, false, false},
		"another's, lost":   {"orders", journal.NotFound, false, false},
	} {
		f := gatherIn(t, &world{}, state.Automated, func(s *Session) {
			at := noon.Add(-time.Hour)
			for _, e := range []journal.Event{journal.Intent, tc.event} {
				_ = s.Cfg.Journal.Append(journal.Entry{ID: "1", Time: at, Event: e, Body: request(tc.target)})
			}
		})
		if f.Doubt.IsZero() == tc.doubt || f.Lost.IsZero() == tc.lost {
			t.Errorf("%s: doubt %v, lost %v", name, f.Doubt, f.Lost)
		}
	}
}

// The restore jobs of the target are read beside the source's, and those of each source from
// which this machine has sent a job onto it that is not known to have ended.
func TestWhereRestoresAreLookedFor(t *testing.T) {
	w := &world{}
	f := gatherIn(t, w, state.Automated, func(s *Session) {
		for id, e := range map[string]journal.Entry{
			"1": {ClusterName: "ledger", JobID: "a"},
			"2": {ClusterName: "carts", JobID: "b"}, // has ended
			"3": {ClusterName: "orders", JobID: "c"},
			"4": {ClusterName: "events", JobID: "d", Body: state.Request{TargetClusterName: "another"}},
		} {
			e.ID, e.Time, e.Event, e.ProjectID = id, noon.Add(-time.Hour), journal.Created, project
			e.Body = state.Request{DeliveryType: state.Automated, TargetProjectID: project, TargetClusterName: cmp.Or(e.Body.TargetClusterName, "orders-stg")}
			_ = s.Cfg.Journal.Append(e)
		}
		_ = s.Cfg.Journal.Append(journal.Entry{JobID: "b", Event: journal.Ended, Status: "completed"})
	})
	slices.Sort(w.asked)
	want := []string{"jobs of ledger", "jobs of orders", "jobs of orders-stg"}
	if got := slices.DeleteFunc(w.asked, func(a string) bool { return !strings.HasPrefix(a, "jobs") }); !slices.Equal(got, want) || len(f.Others) != 2 || len(f.Sent) != 2 {
		t.Errorf("asked for %v, lists %v, sent %v", got, f.Others, f.Sent)
	}
}

// The snapshots of one cluster say nothing of another one, even where somebody goes on to a
// moment before those of that one have come.
func TestSnapshotsOfAnotherCluster(t *testing.T) {
	restored := state.Job{ID: "6b040000c1d2e3a4b5c6d7e8", DeliveryType: state.Automated, TargetProjectID: project, TargetClusterName: "ledger"} // 22 Nov 14:44 UTC
	of := func(cluster string) state.Cluster {
		return state.Cluster{ID: cluster, ProjectID: project, Name: cluster, PITEnabled: true}
	}
	s := onReview(Config{}, nil)
	s.path = []state.Step{state.StepProject, state.StepCluster}
	s.Answered(s.Plan.WithCluster(of("orders")))
	s.Seen.Snapshots = []state.Snapshot{{ID: "x", Status: "completed", CreatedAt: noon.Add(-time.Hour)}}
	s.Back()
	s.Answered(s.Plan.WithCluster(of("orders")))
	if len(s.Seen.Snapshots) != 1 {
		t.Error("those of the same one are forgotten")
	}
	s.Back()
	s.Answered(s.Plan.WithCluster(of("ledger")))
	s.Answered(s.Plan.WithMoment())
	s.Answered(s.Plan.WithFields(state.Instant{UTCSeconds: noon.Unix() - 60}, state.Target{Project: s.Plan.Project, ClusterName: "orders-stg"}, state.Draft{}))
	w := &world{now: noon, snapshots: []state.Snapshot{{ID: "y", Status: "completed", CreatedAt: noon.Add(-48 * time.Hour)}}}
	s.Cfg.Atlas = w
	f := s.Gather()(t.Context())
	f.Jobs = []state.Job{restored}
	for _, c := range state.Checks(f) {
		if c.Name == "hole" && c.Verdict != state.Block {
			t.Errorf("the hole of ledger is closed by a snapshot of orders: %s", c.Text())
		}
	}
	if !slices.Contains(w.asked, "snapshots of ledger") || len(f.Snapshots) != 1 || f.Snapshots[0].ID != "y" {
		t.Errorf("asked for %v, found %v", w.asked, f.Snapshots)
	}
}

// Only a review that is open, and of which nothing is being sent, takes the checks or loses
// them.
func TestChecksBelongToTheReview(t *testing.T) {
	s := onReview(Config{}, []state.Check{{Name: "target", Verdict: state.Unknown}})
	s.Accept("target")
	if s.Recheck(); s.checks != nil || s.accepted != nil {
		t.Error("what was accepted before stands for what is seen now")
	}
	s.checks = []state.Check{{Name: "target"}}
	if s.Confirm("orders-stg") == nil {
		t.Fatal("not confirmed")
	}
	if s.Recheck(); s.checks == nil {
		t.Error("checked anew while the request is under way")
	}
	s.Edit(state.StepCluster)
	if s.Step() != state.StepReview {
		t.Error("the plan is changed while its request is under way")
	}
	s.Seen.Clusters[project] = []state.Cluster{{ProjectID: project, Name: "orders-stg", State: "IDLE", BackupEnabled: true}}
	if s.Safe(); s.Step() != state.StepReview {
		t.Error("a snapshot is taken while the request is under way")
	}
	s = onReview(Config{}, nil)
	s.Plan.Delivery, s.Plan.Instant = state.PointInTime, state.Instant{UTCSeconds: noon.Unix() - 60}
	s.Gathered(state.Facts{Plan: s.Plan, Now: noon, Base: state.Snapshot{ID: "x", CreatedAt: noon.Add(-time.Hour)}})
	if !slices.ContainsFunc(s.Review(Ways{}), func(c Clause) bool {
		return c.Lead == "Base" && strings.Contains(c.Text, "23 Nov 11:00 UTC, then 59 min of oplog")
	}) {
		t.Errorf("nothing says what the moment begins with: %v", s.Review(Ways{}))
	}
	s = onReview(Config{}, nil)
	s.Edit(state.StepCluster)
	if s.Gathered(state.Facts{Plan: s.Plan, Now: noon}); s.checks != nil {
		t.Error("an answer that comes late is taken off the review")
	}
}
