package teatest_test

import (
	"net/http"
	"strings"
	"testing"

	"atlas-restore/atlasclient/simulator"
	"atlas-restore/state"
)

// Whoever is faster than a list of the first page has it all the same, on the way and back on that
// page, and Atlas is asked for it once.
func TestWhoIsFasterThanAListHasItAllTheSame(t *testing.T) {
	t.Parallel()
	toTargets := func(s *stage) {
		s.Press("enter")
		s.Wait("which state of the data")
		s.WaitFor("a highlighted row", highlighted)
		s.Press("enter")
		s.toDelivery(state.Automated)
		s.Wait("Target cluster")
	}
	back := func(s *stage) {
		for !s.Shows("which cluster's data") && !s.Shows("in which project") {
			s.Press("esc")
			s.Settled()
		}
	}
	for name, tc := range map[string]struct {
		list string // that is late
		walk func(s *stage, come func())
	}{
		"projects, on the way": {"/v2/groups", func(s *stage, come func()) {
			find(s)
			s.Type("orders-prod")
			s.WaitFor("the row", func(screen string) bool { return strings.Contains(row(screen), " orders-prod ") })
			s.Press("enter")
			s.Wait("which state of the data")
			come()
			back(s)
			s.Wait("2 clusters in 1 project · 24 more") // of what the projects count
		}},
		"projects, at the target": {"/v2/groups", func(s *stage, come func()) {
			find(s)
			s.Type("orders-prod")
			s.WaitFor("the row", func(screen string) bool { return strings.Contains(row(screen), " orders-prod ") })
			toTargets(s)
			come()
			s.WaitFor("the targets", listed.MatchString)
			s.WaitGone("Loading")
			back(s)
		}},
		"clusters, on the way": {"/v2/clusters", func(s *stage, come func()) {
			s.Wait("in which project")
			s.pick("Payments")
			s.Wait("whose data")
			come()
			s.pick("orders-prod")
			s.Wait("which state of the data")
			back(s)
			s.Press("tab")
			find(s)
		}},
		"clusters, at the target": {"/v2/clusters", func(s *stage, come func()) {
			s.Wait("in which project")
			s.pick("Payments")
			s.Wait("whose data")
			s.WaitFor("a highlighted row", highlighted)
			s.Type("orders-prod")
			s.WaitFor("the row", func(screen string) bool { return strings.Contains(row(screen), "orders-prod") })
			toTargets(s)
			come()
			s.WaitGone("Loading the clusters of all projects")
			back(s)
			s.Press("tab")
			find(s)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := prepare(t)
			gate := make(chan struct{})
			s.sim.Fail(simulator.Fault{Method: http.MethodGet, PathEnds: tc.list, Stall: gate, Times: -1})
			s.start(normal)
			tc.walk(s, func() { close(gate) })
			s.Settled()
			asked := 0
			for _, r := range s.sim.Requests() {
				if r.Method == http.MethodGet && strings.HasSuffix(r.Path, tc.list) && !r.Dropped { // one that is held for too long is given up, and made again
					asked++
				}
			}
			if asked != 1 {
				t.Errorf("%s was asked for %d times", tc.list, asked)
			}
			s.noPosts()
		})
	}
}

// A name that is typed before the clusters of all projects have come is taken for none of the project
// that is proposed: nobody knows yet where it stands.
func TestANameWaitsForTheClustersOfAllProjects(t *testing.T) {
	t.Parallel()
	s := prepare(t)
	s.cfg.Given = state.Given{Project: "Payments", Cluster: "orders-prod", Snapshot: "latest", Delivery: "automated"}
	gate := make(chan struct{})
	s.sim.Fail(simulator.Fault{Method: http.MethodGet, PathEnds: "/v2/clusters", Stall: gate, Times: -1})
	s.start(normal)
	s.WaitFor("the targets of the project", listed.MatchString)
	s.Type("scratch")
	s.Wait("wait until the clusters of all projects are loaded")
	s.Press("enter")
	s.Settled()
	if text := s.Screen(); strings.Contains(text, "as typed") || strings.Contains(text, "onto scratch") || !strings.Contains(text, "onto which cluster") {
		t.Errorf("it is taken for one of the project:\n%s", text)
	}
	close(gate)
	s.WaitFor("the cluster, in its project", func(screen string) bool {
		return strings.Contains(row(screen), "scratch") && strings.Contains(row(screen), "Sandbox")
	})
	s.Press("enter")
	s.Wait("train/scratch")
	s.noPosts()
}

// What was chosen is said to be opened, while its project's list is on its way, and is not asked for again.
func TestWhatWasChosenIsNotAskedForAgain(t *testing.T) {
	t.Parallel()
	s := prepare(t)
	s.start(normal)
	find(s)
	gate := make(chan struct{})
	s.sim.Fail(simulator.Fault{Method: http.MethodGet, PathEnds: "/groups/" + s.sim.ProjectID("Payments") + "/clusters", Stall: gate, Times: -1})
	s.Type("orders-prod")
	s.WaitFor("the row", func(screen string) bool { return strings.Contains(row(screen), " orders-prod ") })
	s.Press("enter")
	s.Wait("orders-prod is being opened")
	if s.Shows("whose data do you want back") {
		t.Errorf("it is asked again:\n%s", s.Screen())
	}
	close(gate)
	s.Wait("which state of the data")
	s.noPosts()
}

// An enter on a target waits for its project's list, and the page says so.
func TestAnEnterThatWaitsSaysSo(t *testing.T) {
	t.Parallel()
	s := prepare(t)
	s.start(normal)
	s.toSnapshots("Payments", "orders-prod")
	s.Press("enter")
	s.toDelivery(state.Automated)
	s.WaitFor("the targets", listed.MatchString)
	s.WaitFor("what it is doing", func(screen string) bool { return strings.Contains(flat(screen), "creating: wait") })
	gate := make(chan struct{})
	s.sim.Fail(simulator.Fault{Method: http.MethodGet, PathEnds: "/groups/" + s.sim.ProjectID("Sandbox") + "/clusters", Stall: gate, Times: -1})
	s.Type("scratch")
	s.WaitFor("a target", func(screen string) bool { return strings.Contains(row(screen), "Sandbox") })
	s.Press("enter")
	s.Wait("is taken, and the plan is shown")
	close(gate)
	s.Wait("submitted yet")
	s.noPosts()
}
