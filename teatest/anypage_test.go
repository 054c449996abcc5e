package teatest_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"atlas-restore/atlasclient/simulator"
	"atlas-restore/teatest"
)

// An answer to a page that was left changes nothing, be it late or wrong.
func TestStaleAnswer(t *testing.T) {
	t.Parallel()
	s := play(t, normal)
	toProjects(s)
	gate := make(chan struct{})
	s.sim.Fail(simulator.Fault{Method: http.MethodGet, PathContains: s.sim.ProjectID("Analytics") + "/clusters", Stall: gate, Times: -1})
	s.pick("Analytics")
	s.Wait("Loading the clusters of Analytics")
	s.Press("esc")
	s.Wait("in which project")
	s.Press("esc") // clears the filter
	s.pick("Storefront")
	s.Wait("catalog")
	close(gate)
	s.Settled()
	if s.Shows("events") || !s.Shows("catalog") {
		t.Errorf("the answer to a question that was left is on the screen:\n%s", s.Screen())
	}
	s.Press("esc")
	s.Wait("in which project")
	s.Press("esc")
	s.pick("Analytics")
	s.Wait("events")
}

// A burst of filter text and Enter takes what the filter leaves on top, and the rest of
// the burst cannot choose from a list that has not been seen.
func TestBurst(t *testing.T) {
	t.Parallel()
	s := play(t, normal)
	toProjects(s)
	s.Type("storefront\rcat\r\r\r")
	s.Wait("whose data")
	s.Settled()
	if !s.Shows("Storefront") || s.Shows("which state of the data") {
		t.Errorf("the burst went astray:\n%s", s.Screen())
	}
	s.Wait("› cat")
	s.WaitFor("a highlighted row", highlighted)
	s.Press("enter")
	s.Wait("which state of the data")
}

// Resizing at any time loses nothing and keeps within the screen.
func TestResizeAnyPage(t *testing.T) {
	t.Parallel()
	for i, p := range places {
		if !few(i, 2) {
			continue
		}
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			s := play(t, normal)
			p.walk(s)
			s.AtRest()
			before := s.Screen()
			for _, size := range []teatest.Size{{W: 60, H: 15}, {W: 61, H: 17}, {W: 200, H: 60}, {W: 30, H: 8}, {W: 1, H: 1}, {W: 100, H: 20}, {W: 80, H: 24}} {
				s.Resize(size.W, size.H)
				s.WithinSize()
			}
			s.Settled()
			if s.Screen() != before {
				t.Errorf("after resizing there and back the screen is\n%s\nit was\n%s", s.Screen(), before)
			}
			s.noPosts()
		})
	}
}

// In a window that is too small nothing can be read, so no key chooses anything.
func TestTooSmall(t *testing.T) {
	t.Parallel()
	s := play(t, normal)
	find(s)
	s.Resize(59, 15)
	s.Wait("at least 60×15")
	s.Press("enter")
	s.Resize(80, 24)
	s.Wait("which cluster's data")
	s.Settled()
	if s.Shows("which state") {
		t.Error("a key chose what could not be read")
	}
}

// counts says of a page that something goes on there by itself: it follows a job, counts the time
// that is left of a link, or asks for ten minutes whether Search came back.
func (p place) counts() bool {
	switch p.name {
	case "job-running", "job-beside", "job-preparing", "collections-running", "search", "job-completed", "job-ticked":
		return true
	}
	return strings.HasPrefix(p.name, "job-ready") || strings.HasPrefix(p.name, "fetch")
}

// While nothing happens nothing is under way: no timer ticks, nothing is drawn or asked. Of the
// pages of moments TestGoldens holds it.
func TestIdlePages(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(*testing.T) *stage{
		"sign in": func(t *testing.T) *stage {
			t.Helper()
			s := prepare(t)
			s.signedOut()
			s.start(normal)
			s.Wait("No credentials were found")
			return s
		},
		"a cluster that was looked up": func(t *testing.T) *stage {
			t.Helper()
			s := prepare(t)
			s.cfg.Rest = time.Millisecond
			s.start(normal)
			find(s)
			s.Type("orders-prod")
			s.WaitFor("what its backups offer", func(screen string) bool { return strings.Contains(flat(screen), "Newest snapshot") })
			return s
		},
		"the actions": func(t *testing.T) *stage {
			t.Helper()
			s := play(t, normal)
			find(s)
			s.Press("ctrl+p")
			s.Type("r")
			return s
		},
		"a new snapshot": func(t *testing.T) *stage {
			t.Helper()
			s := play(t, normal)
			s.toSnapshots("Payments", "orders-prod")
			s.Press("ctrl+n")
			s.Wait("› Description")
			return s
		},
		"when it was lost": func(t *testing.T) *stage {
			t.Helper()
			s, _ := monitoredStage(t)
			s.start(normal)
			s.toWhen("shop.orders")
			s.Wait("▶ Restore to")
			return s
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			open(t).rests()
		})
	}
}

// rests asserts that nothing is under way, and that nothing is written or asked from then on: what
// would wake the program is over.
func (s *stage) rests() {
	s.t.Helper()
	s.AtRest()
	written, asked, came := len(s.Output()), len(s.sim.Requests()), s.Messages()
	s.AtRest()
	if n := len(s.Output()) - written; n != 0 {
		s.t.Errorf("at rest %d bytes are written", n)
	}
	if n := len(s.sim.Requests()) - asked; n != 0 {
		s.t.Errorf("at rest Atlas is asked %d times", n)
	}
	if n := s.Messages() - came; n != 0 {
		s.t.Errorf("at rest %d messages come", n)
	}
}
