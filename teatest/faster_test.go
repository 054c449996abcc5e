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
			s.sim.Fail(simulator.Fault{Method: http.MethodGet, PathContains: tc.list, Stall: gate, Times: 1})
			s.start(normal)
			tc.walk(s, func() { close(gate) })
			s.Settled()
			asked := 0
			for _, r := range s.sim.Requests() {
				if r.Method == http.MethodGet && strings.HasSuffix(r.Path, tc.list) {
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
