package scenario

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"atlas-restore/atlasclient/simulator"
)

// TestLookingChangesNothing plays the same with a coach that looks all the time, and with
// one that never does: what is due happens at its time all the same, and once.
func TestLookingChangesNothing(t *testing.T) {
	var shown []string
	for _, step := range []time.Duration{10 * time.Minute, time.Second, 7 * time.Second} {
		u := start(t, load(t, "dropped-collection"))
		u.moment(prod, "14:02:59", scratch)
		for range 10 * time.Minute / step {
			u.wait(step)
		}
		u.sim.Advance(10*time.Minute - 10*time.Minute/step*step)
		v := u.run.View()
		if len(v.Messages) != 2 || !v.Messages[0].At.Equal(u.at("14:32:00")) || !v.Messages[1].At.Equal(u.at("14:33:00")) {
			t.Errorf("every %s: %+v", step, v.Messages)
		}
		v.Version = 0
		raw, err := json.Marshal([]any{v, u.run.Debrief()})
		if err != nil {
			t.Fatal(err)
		}
		shown = append(shown, string(raw))
	}
	if shown[0] != shown[1] || shown[0] != shown[2] {
		t.Errorf("who looks more often sees something else:\n%s\n%s\n%s", shown[0], shown[1], shown[2])
	}
}

// TestHappensOnce lets an inject be due through many looks and requests.
func TestHappensOnce(t *testing.T) {
	s := load(t, "restore-to-scratch")
	s.Timeline = []Step{
		{At: simulator.Duration(time.Minute), Do: []simulator.Inject{{Fault: &simulator.InjectFault{Method: "GET", PathContains: "/backup/snapshots", Status: 500}}}},
		{When: &Condition{Request: &RequestCondition{Status: 500}}, Do: []simulator.Inject{
			{Restore: &simulator.InjectColleague{Source: prod, Target: scratch}},
			{Restore: &simulator.InjectColleague{Source: prod, Target: scratch}},
			{Say: &simulator.InjectMessage{Who: "Ben", Text: "went on"}},
		}},
	}
	u := start(t, s)
	snapshots := u.cluster(prod) + "/backup/snapshots"
	before := len(u.sim.Jobs())
	u.wait(2 * time.Minute)
	for i, want := range []int{500, 200, 200} {
		if a := u.do("GET", snapshots, nil); a.status != want {
			t.Errorf("%d: %d, want %d", i, a.status, want)
		}
		u.run.Look()
	}
	if n := len(u.sim.Jobs()) - before; n != 1 {
		t.Errorf("%d jobs of a colleague", n)
	}
	u.wait(5 * time.Minute)
	if u.run.View().Goals[0].Met {
		t.Error("a colleague's restore is taken for the trainee's")
	}
	v, d := u.run.View(), u.run.Debrief()
	if len(v.Messages) != 1 || v.Messages[0].Text != "went on" {
		t.Errorf("%+v", v.Messages)
	}
	if text := d.Text(); strings.Count(text, "A colleague restores") != 1 || strings.Count(text, "Did not happen: injecting restore: a restore onto") != 1 {
		t.Errorf("what the world refused is not told:\n%s", text)
	}
}

// TestBeforeTheRequest holds that a request meets what was due before it, though nobody
// has looked.
func TestBeforeTheRequest(t *testing.T) {
	s := load(t, "restore-to-scratch")
	s.Timeline = []Step{{At: simulator.Duration(time.Minute), Do: []simulator.Inject{{Project: &simulator.InjectProject{Project: "Payments", Role: simulator.RoleNone}}}}}
	u := start(t, s)
	if a := u.do("GET", u.cluster(prod), nil); a.status != 200 {
		t.Errorf("%d before", a.status)
	}
	u.sim.Advance(time.Minute)
	if a := u.do("GET", u.cluster(prod), nil); a.status != 403 {
		t.Errorf("%d after", a.status)
	}
}

// TestInOrder has things happen by their time, whatever their order in the file.
func TestInOrder(t *testing.T) {
	s := load(t, "restore-to-scratch")
	role := func(at time.Duration, role string) Step {
		return Step{At: simulator.Duration(at), Do: []simulator.Inject{{Project: &simulator.InjectProject{Project: "Payments", Role: role}}}}
	}
	s.Timeline = []Step{role(2*time.Minute, simulator.RoleOwner), role(time.Minute, simulator.RoleNone)}
	u := start(t, s)
	u.sim.Advance(3 * time.Minute)
	if a := u.do("GET", u.cluster(prod), nil); a.status != 200 {
		t.Errorf("%d", a.status)
	}
}

// TestEnds holds that after harm that ends a run nothing happens any more, though it is
// noticed late.
func TestEnds(t *testing.T) {
	u := start(t, load(t, "restore-to-scratch"))
	u.restore(prod, "10:00", scratch)
	u.restore(prod, "10:00", staging)
	u.sim.Advance(10 * time.Minute)
	if v := u.run.View(); !v.Over || v.Passed || len(v.Messages) != 0 || !v.Goals[0].Met {
		t.Errorf("%+v", v)
	}
}

// TestFailedJob holds that a job that failed has lost nothing, and that what is asked for
// again is no second one.
func TestFailedJob(t *testing.T) {
	s := load(t, "dropped-collection")
	s.World = append(s.World, simulator.Inject{FailNextJob: true})
	u := start(t, s)
	u.end(u.download(prod, "12:20"))
	if d := u.run.Debrief(); d.MinutesLost != nil || d.Duplicates != 0 {
		t.Errorf("%s", d.Text())
	}
	u.end(u.download(prod, "12:20"))
	if d := u.run.Debrief(); *d.MinutesLost != 103 || d.Duplicates != 0 {
		t.Errorf("%s", d.Text())
	}
	u.end(u.download(prod, "12:20"))
	if d := u.run.Debrief(); d.Duplicates != 1 {
		t.Errorf("%s", d.Text())
	}
	u.end(u.download(prod, "06:20")) // other data
	u.wait(2 * time.Hour)            // the links of all have expired
	u.end(u.download(prod, "12:20"))
	if d := u.run.Debrief(); d.Duplicates != 1 {
		t.Errorf("%s", d.Text())
	}
}

func TestHints(t *testing.T) {
	s := load(t, "first-download")
	u := start(t, s)
	if v := u.run.View(); len(v.Hints) != 0 || v.HintsLeft != 3 {
		t.Errorf("%+v", v)
	}
	for i, want := range []string{s.Hints.Nudge, s.Hints.Where, s.Solution, s.Solution} {
		level, text := u.run.Hint()
		if level != min(i+1, 3) || text != want {
			t.Errorf("%d: level %d, %q", i, level, text)
		}
	}
	v := u.run.View()
	if !slices.Equal(v.Hints, []string{s.Hints.Nudge, s.Hints.Where, s.Solution}) || v.HintsLeft != 0 {
		t.Errorf("%+v", v)
	}
	u.end(u.download(prod, "07:30"))
	if d := u.run.Debrief(); d.Hints != 3 || d.Score != 20-3*hintCosts || !d.Passed || strings.Count(d.Text(), "Hint") != 3 || !strings.Contains(d.Text(), "Points that are not in it: 5 for a goal that is open, 6 for 3 hints.") {
		t.Errorf("%s", d.Text())
	}
}

func TestNotes(t *testing.T) {
	u := start(t, load(t, "restore-to-scratch"))
	for _, kind := range []string{"", "hint", "cheered"} {
		if err := u.run.Note(Event{Kind: kind}); err == nil {
			t.Errorf("%q was noted", kind)
		}
	}
	note := func(kind, name string) {
		t.Helper()
		if err := u.run.Note(Event{Kind: kind, Name: name}); err != nil {
			t.Fatal(err)
		}
	}
	note(Warning, "size")
	if d := u.run.Debrief(); len(d.Warnings) != 0 || d.ToDecide != nil || !strings.Contains(d.Text(), "Nothing was submitted") {
		t.Errorf("nothing was confirmed: %+v", d)
	}
	u.wait(90 * time.Second)
	note(Review, "")
	note(Warning, "environment")
	note(Warning, "environment")
	note(Accepted, "hole")
	note(Blocked, "target")
	u.wait(30 * time.Second)
	note(Confirmed, "")
	u.restore(prod, "10:00", scratch)
	u.wait(5 * time.Minute)
	note(Review, "") // of another restore, which is not confirmed
	note(Warning, "speed")
	d := u.run.Debrief()
	if !slices.Equal(d.Warnings, []string{"environment"}) || !slices.Equal(d.Accepted, []string{"hole"}) || !slices.Equal(d.Blocked, []string{"target"}) {
		t.Errorf("%+v", d)
	}
	if time.Duration(*d.ToDecide) != 90*time.Second || time.Duration(*d.ToSubmit) != 2*time.Minute || *d.ToDone <= *d.ToSubmit {
		t.Errorf("decided %v, submitted %v, done %v", *d.ToDecide, *d.ToSubmit, *d.ToDone)
	}
	if text := d.Text(); !strings.Contains(text, "First review after 1 min 30 s, submitted after 2 min, done after") || !strings.Contains(text, "confirmed review had: environment.") || !strings.Contains(text, "What was brought back is of 2026-11-23 10:00:00 UTC.\n") {
		t.Errorf("%s", text)
	}
	when := time.Date(2027, 1, 2, 3, 4, 5, 0, time.UTC)
	if r := d.Result(when); r.Scenario != "restore-to-scratch" || !r.Passed || !r.When.Equal(when) || r.MinutesLost != nil || r.Score != 20 || r.Of != 20 {
		t.Errorf("%+v", r)
	}
}

// TestLeft holds that nothing happens after the trainee has left, but that harm is harm.
func TestLeft(t *testing.T) {
	u := start(t, load(t, "restore-to-scratch"))
	u.leave()
	u.wait(10 * time.Minute)
	job, _ := u.restore(prod, "10:00", scratch)
	u.end(job)
	if v := u.run.View(); !v.Over || v.Passed || len(v.Messages) != 0 || v.Goals[0].Met {
		t.Errorf("%+v", v)
	}
	u.restore(prod, "10:00", staging)
	if v := u.run.View(); !v.Forbidden[0].Met {
		t.Errorf("%+v", v)
	}
}

// TestVersion holds that a view has a new number when, and only when, something else than
// the clock has changed.
func TestVersion(t *testing.T) {
	u := start(t, load(t, "restore-to-scratch"))
	last := u.run.View().Version
	for _, row := range []struct {
		what    string
		do      func()
		changes bool
	}{
		{"nothing", func() {}, false},
		{"time", func() { u.wait(20 * time.Second) }, false},
		{"a message", func() { u.wait(30 * time.Second) }, true},
		{"a request", func() { u.do("GET", u.cluster(prod), nil) }, false},
		{"an instructor", func() {
			if err := u.sim.Inject(simulator.Inject{Say: &simulator.InjectMessage{Who: "Instructor", Text: "Go on."}}); err != nil {
				t.Error(err)
			}
		}, true},
		{"a hint", func() { u.run.Hint() }, true},
		{"harm", func() { u.restore(prod, "10:00", staging) }, true},
	} {
		row.do()
		v := u.run.View().Version
		if (v > last) != row.changes || v < last {
			t.Errorf("%s: from %d to %d", row.what, last, v)
		}
		last = v
	}
}

func TestStartRefuses(t *testing.T) {
	for want, change := range map[string]func(*Scenario){
		"the simulator's clock says 2026-11-23 13:00:00 UTC, and it begins at 2026-11-23 13:00:01 UTC": func(s *Scenario) { s.Start = s.Start.Add(time.Second) },
		"it begins at 2026-11-23 11:00:00 UTC":                                                         func(s *Scenario) { s.Start = s.Start.Add(-2 * time.Hour) },
		`world[1]: injecting cluster: there is no cluster "x"`: func(s *Scenario) {
			s.World = append(s.World, simulator.Inject{Cluster: &simulator.InjectCluster{Cluster: "Payments/x", DataGB: 1}})
		},
		`there is no cluster "Payments/other"`:  func(s *Scenario) { s.Goals[0].When.Job.Target = "Payments/other" },
		`there is no cluster "Payments/target"`: func(s *Scenario) { s.Targets = []string{"Payments/target"} },
		`there is no cluster "Payments/lost"`:   func(s *Scenario) { s.Loss.Of = "Payments/lost" },
		`there is no cluster "Nowhere/x"`: func(s *Scenario) {
			s.Timeline[1].When = &Condition{Any: []Condition{{Request: &RequestCondition{Cluster: "Nowhere/x"}}}}
		},
		`there is no project "Nowhere"`: func(s *Scenario) {
			s.Forbidden[0].When = Condition{All: []Condition{{Not: &Condition{Request: &RequestCondition{Project: "Nowhere"}}}}}
		},
	} {
		s := load(t, "restore-to-scratch")
		sim, err := simulator.Start(s.Options())
		if err != nil {
			t.Fatal(err)
		}
		change(&s)
		if _, err := Start(sim, s); err == nil || !strings.HasPrefix(err.Error(), "starting scenario restore-to-scratch: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
		_ = sim.Close()
	}
	if _, err := Load("nonsense"); err == nil || !strings.Contains(err.Error(), "one of first-download, restore-to-scratch,") {
		t.Errorf("%v", err)
	}
	if _, err := Read(t.TempDir() + "/none.yaml"); err == nil {
		t.Error("read a file that is not there")
	}
}

// TestConditions holds conditions against what was made for them.
func TestConditions(t *testing.T) {
	zero := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	at := func(minutes int) time.Time { return zero.Add(time.Duration(minutes) * time.Minute) }
	f := facts{
		now:      at(60),
		projects: map[string]string{"P": "abc", "Q": "abcd", "R": "ab"},
		jobs: []simulator.Job{
			{ID: "1", State: "completed", Project: "P", Cluster: "c", TargetProject: "P", TargetCluster: "t", CreatedAt: at(1), EndsAt: at(5), DataOf: at(-9), SnapshotKind: "fallback"},
			{ID: "2", State: "expired", Project: "P", Cluster: "c", CreatedAt: at(2), EndsAt: at(6), ExpiresAt: at(30), DataOf: at(-5), SnapshotKind: "onDemand"},
			{ID: "3", State: "failed", Project: "P", Cluster: "d", TargetProject: "Q", TargetCluster: "t", CreatedAt: at(3), EndsAt: at(7), PointInTimeUTCSeconds: 1, DataOf: at(-1)},
			{ID: "4", State: "cancelled", Project: "P", Cluster: "d", CreatedAt: at(4), EndsAt: at(8)},
			{ID: "5", State: "inProgress", Project: "P", Cluster: "e", TargetProject: "P", TargetCluster: "u", CreatedAt: at(58), EndsAt: at(62)},
			{ID: "6", State: "ready", Project: "P", Cluster: "e", CreatedAt: at(20), EndsAt: at(24), ExpiresAt: at(84), FetchedFiles: []time.Time{at(27)}},
			{ID: "7", DeliveryType: "collections", State: "completed", Project: "P", Cluster: "g", TargetProject: "P", TargetCluster: "g", CreatedAt: at(31), EndsAt: at(34), DataOf: at(-99), Namespaces: []string{"shop"}, As: map[string]string{"shop.a": "shop.a_1", "shop.b": "shop.b"}},
			{ID: "8", DeliveryType: "collections", State: "partial", Project: "P", Cluster: "g", TargetProject: "P", TargetCluster: "g", CreatedAt: at(36), EndsAt: at(38), DataOf: at(-99), Namespaces: []string{"shop.b", "shop.v"}, Overwrites: true, As: map[string]string{"shop.b": "shop.b"}},
		},
		requests: []simulator.Request{
			{Method: "GET", Path: "/api/atlas/v2/groups/abc/clusters/c/backup/restoreJobs", Status: 200, At: at(4)},
			{Method: "DELETE", Path: "/api/atlas/v2/groups/abc/clusters/d/backup/restoreJobs/4", Status: 204, At: at(9)},
			{Method: "GET", Path: "/api/atlas/v2/groups/abc/clusters/c/backup/restoreJobs/1", Status: 500, At: at(10)},
			{Method: "GET", Path: "/api/atlas/v2/groups/abc/clusters/c/backup/restoreJobs/12", Status: 200, At: at(11)},
			{Method: "GET", Path: "/api/atlas/v2/groups/abc/clusters/c/backup/restoreJobs/1", Status: 200, At: at(12)},
			{Method: "GET", Path: "/api/atlas/v2/groups/abc/flexClusters/f/backup/snapshots", Status: 403, ErrorCode: "X", At: at(13)},
			{Method: "GET", Path: "/delivery/restore-6/t/f", Status: 200, Dropped: true, At: at(25)},
			{Method: "GET", Path: "/delivery/restore-6/t/f", Status: 200, At: at(26)},
			{Method: "GET", Path: "/delivery/restore-6/t/f", Status: 410, At: at(27)},
			{Method: "GET", Path: "/api/atlas/v2/groups/abc/clusters/g/backup/restoreJobs", Status: 200, At: at(39)},
			{Method: "GET", Path: "/api/atlas/v2/groups/abc/clusters/g/collectionRestoreJobs/7", Status: 200, At: at(40)},
		},
		events: []Event{{at(15), Warning, "size"}, {at(16), Left, ""}},
	}
	job := func(c JobCondition) Condition { return Condition{Job: &c} }
	request := func(c RequestCondition) Condition { return Condition{Request: &c} }
	event := func(kind, name string) Condition { return Condition{Event: &EventCondition{Kind: kind, Name: name}} }
	for i, row := range []struct {
		c    Condition
		want int // minutes after zero; -1: it has not come true
	}{
		{job(JobCondition{}), 1},
		{job(JobCondition{AtLeast: 3}), 3},
		{job(JobCondition{AtLeast: 9}), -1},
		{job(JobCondition{Source: "P/d"}), 3},
		{job(JobCondition{SourceNot: []string{"P/c"}}), 3},
		{job(JobCondition{Target: "Q/t"}), 3},
		{job(JobCondition{TargetNot: []string{"P/t"}}), 3},
		{job(JobCondition{TargetNot: []string{"P/t", "Q/t", "P/u"}}), 36}, // not what came beside the living
		{job(JobCondition{TargetNot: []string{"P/t", "Q/t", "P/u", "P/g"}}), -1},
		{job(JobCondition{Delivery: "collections"}), 31},
		{job(JobCondition{Delivery: "collections", Target: "P/g", AtLeast: 2}), 36},
		{job(JobCondition{Delivery: "collections", State: "completed"}), 34},
		{job(JobCondition{Delivery: "collections", State: "completed", AtLeast: 2}), -1},
		{job(JobCondition{Delivery: "collections", State: "completed", Seen: true}), 40},
		{job(JobCondition{State: "partial"}), 38},
		{job(JobCondition{Delivery: "collections", Namespace: "shop.a"}), 31},
		{job(JobCondition{Delivery: "collections", Namespace: "shop.a", As: "shop.b"}), -1},
		{job(JobCondition{Delivery: "collections", Namespace: "shop.b", As: "shop.b", AtLeast: 2}), 36},
		{job(JobCondition{Delivery: "collections", As: "shop.a_1"}), 31},
		{job(JobCondition{Delivery: "collections", Namespace: "shop.v"}), -1},
		{job(JobCondition{Delivery: "collections", Replaces: true}), 36},
		{job(JobCondition{Delivery: "download"}), 2},
		{job(JobCondition{Delivery: "pointInTime"}), 3},
		{job(JobCondition{Delivery: "automated"}), 1},
		{job(JobCondition{Delivery: "overwriting", AtLeast: 4}), -1},
		{job(JobCondition{Kind: "fallback"}), 1},
		{job(JobCondition{DataFrom: at(-5)}), 2},
		{job(JobCondition{DataFrom: at(-5), DataTo: at(-4), Delivery: "overwriting"}), -1},
		{job(JobCondition{State: "completed"}), 5},
		{job(JobCondition{State: "completed", AtLeast: 2}), 34},
		{job(JobCondition{State: "completed", AtLeast: 3}), -1},
		{job(JobCondition{State: "completed", Seen: true}), 12},
		{job(JobCondition{State: "ready"}), 6},
		{job(JobCondition{State: "ready", AtLeast: 2}), 24},
		{job(JobCondition{State: "ready", AtLeast: 3}), -1},
		{job(JobCondition{State: "failed"}), 7},
		{job(JobCondition{State: "cancelled"}), 9},
		{job(JobCondition{State: "expired"}), 30},
		{job(JobCondition{State: "fetched"}), 27},
		{job(JobCondition{Source: "P/e", Delivery: "overwriting", State: "completed"}), -1},
		{request(RequestCondition{Method: "DELETE"}), 9},
		{request(RequestCondition{Status: 410}), 27},
		{request(RequestCondition{ErrorCode: "X"}), 13},
		{request(RequestCondition{Dropped: true}), 25},
		{request(RequestCondition{Project: "P", AtLeast: 6}), 13},
		{request(RequestCondition{Project: "Q"}), -1},
		{request(RequestCondition{Project: "R"}), -1},
		{request(RequestCondition{Cluster: "P/f"}), 13},
		{request(RequestCondition{Cluster: "P/c", AtLeast: 5}), -1},
		{request(RequestCondition{PathContains: "/delivery/", AtLeast: 3}), 27},
		{event(Warning, ""), 15},
		{event(Warning, "size"), 15},
		{event(Warning, "hole"), -1},
		{event(Review, ""), -1},
		{Condition{Any: []Condition{event(Left, ""), event(Warning, ""), event(Review, "")}}, 15},
		{Condition{Any: []Condition{event(Review, "")}}, -1},
		{Condition{All: []Condition{event(Left, ""), event(Warning, "")}}, 16},
		{Condition{All: []Condition{event(Left, ""), event(Review, "")}}, -1},
		{Condition{All: []Condition{event(Left, ""), {Not: &Condition{Event: &EventCondition{Kind: Review, Name: ""}}}}}, 16},
		{Condition{All: []Condition{event(Left, ""), {Not: &Condition{Job: &JobCondition{}}}}}, -1},
	} {
		got := -1
		if t, ok := f.met(row.c); ok {
			got = int(t.Sub(zero) / time.Minute)
		}
		if got != row.want {
			t.Errorf("%d: %d, want %d", i, got, row.want)
		}
	}
}

// TestTextIsCleaned has somebody say what a terminal would obey.
func TestTextIsCleaned(t *testing.T) {
	u := start(t, load(t, "restore-to-scratch"))
	if err := u.sim.Inject(simulator.Inject{Say: &simulator.InjectMessage{Who: "Eve", Text: "\x1b]52;c;eA==\x07red \x1b[31m" + strings.Repeat("word ", 40) + "\u009b2J\r\nend"}}); err != nil {
		t.Fatal(err)
	}
	text := u.run.Debrief().Text()
	if strings.ContainsAny(text, "\x1b\a\r\u009b") || !strings.Contains(text, "Eve: red word") {
		t.Errorf("%q", text)
	}
}

// TestFold holds that lines break between words only, not in the name of a cluster, and
// that what does not fit in stays whole.
func TestFold(t *testing.T) {
	a, long := strings.Repeat("a", 65), strings.Repeat("https://", 12)
	got := fold(width, "met   ", a+" orders-prod-restore is\n full "+long+" end")
	want := "met   " + a + "\n      orders-prod-restore is full\n      " + long + "\n      end\n"
	if got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestMany plays from many goroutines, for the race detector.
func TestMany(t *testing.T) {
	u := start(t, load(t, "restore-to-scratch"))
	u.login()
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			one := &trainee{t: t, sim: u.sim, run: u.run, token: u.token}
			for range 5 {
				one.do("GET", one.cluster(prod), nil)
				one.wait(time.Second)
				one.run.View()
				one.run.Hint()
				_ = one.run.Debrief().Text()
			}
		})
	}
	all.Wait()
	if v := u.run.View(); len(v.Hints) != 3 {
		t.Errorf("%d hints", len(v.Hints))
	}
}

// What came from one download of a snapshot need not come again from the next: together they are
// fetched, and those of another snapshot are not.
func TestFetchedFromTwoDownloads(t *testing.T) {
	zero := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	at := func(minutes int) time.Time { return zero.Add(time.Duration(minutes) * time.Minute) }
	f := facts{jobs: []simulator.Job{
		{ID: "1", Project: "P", Cluster: "s", SnapshotID: "x", CreatedAt: at(2), FetchedFiles: []time.Time{at(12), {}}},
		{ID: "2", Project: "P", Cluster: "s", SnapshotID: "x", CreatedAt: at(20), FetchedFiles: []time.Time{{}, at(28)}},
		{ID: "3", Project: "P", Cluster: "s", SnapshotID: "y", CreatedAt: at(30), FetchedFiles: []time.Time{{}, at(38)}},
		{ID: "4", Project: "P", Cluster: "s", SnapshotID: "z", CreatedAt: at(40)},
	}}
	if all := f.jobTimes(JobCondition{State: fetched}); len(all) != 1 || !all[0].Equal(at(28)) {
		t.Errorf("%v", all)
	}
}

// A debrief tells of each fault of a file what came.
func TestEachFaultOfAFileIsTold(t *testing.T) {
	told := map[string]bool{}
	for _, name := range simulator.FileFaults() {
		text := happening(simulator.Inject{Fault: &simulator.InjectFault{File: name}})
		if told[text] || strings.HasSuffix(text, "come .") || !strings.HasPrefix(text, "Prepared: a file is to come ") {
			t.Errorf("%s: %s", name, text)
		}
		told[text] = true
	}
}

// Who asks again because a link went without its file has not asked twice.
func TestAskedAgainIsNotTwice(t *testing.T) {
	at := func(minutes int) time.Time { return time.Date(2026, 11, 23, 12, minutes, 0, 0, time.UTC) }
	before := simulator.Job{Project: "P", Cluster: "c", State: ready, ExpiresAt: at(59)}
	for lost, twice := range map[int]bool{0: true, 5: false, 15: true} {
		if lost > 0 {
			before.LostAt = at(lost)
		}
		if same(before, simulator.Job{Project: "P", Cluster: "c", CreatedAt: at(10)}) != twice {
			t.Errorf("lost after %d minutes", lost)
		}
		before.LostAt = time.Time{}
	}
}

// What is enough is told of the way that was taken: a collection by itself takes longer than a whole cluster, and
// who brought it back so has not dawdled.
func TestEnoughIsOfTheWayThatWasTaken(t *testing.T) {
	t.Parallel()
	for name, way := range map[string]func(*trainee){
		"the cluster":    func(u *trainee) { job, _ := u.moment(prod, "14:02:59", "Payments/orders-prod-restore"); u.end(job) },
		"the collection": func(u *trainee) { u.endCollections(u.chosen(prod, "14:02:59", prod, "CREATE_NEW", "shop.orders")) },
	} {
		s := load(t, "dropped-collection")
		u := start(t, s)
		way(u)
		d := u.run.Debrief()
		want := s.Par
		if name == "the collection" {
			want = s.ParCollections
		}
		if !d.Passed || d.Par != want || d.ToDone == nil || *d.ToDone > want {
			t.Errorf("%s: %s", name, d.Text())
		}
	}
}
