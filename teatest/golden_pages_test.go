package teatest_test

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"atlas-restore/atlasclient/simulator"
	"atlas-restore/state"
	"atlas-restore/teatest"
)

// moments are the pages of places, and what becomes of them: all that a golden is
// taken of.
func moments() []place {
	job := func(d state.DeliveryType, project, cluster, target string, then func(*stage)) func(*stage) {
		return func(s *stage) {
			s.toReview(d, project, cluster, target)
			if d == state.Download {
				s.Press("tab", "enter")
			} else {
				s.AssertTarget(target)
				s.Confirm(target)
			}
			then(s)
		}
	}
	done := func(word string) func(*stage) {
		return func(s *stage) {
			s.Wait("RUNNING")
			s.sim.Advance(10 * time.Minute)
			s.Wait(word)
		}
	}
	running := func(s *stage) { s.Wait("RUNNING") }
	lost := func(f simulator.Fault, said string) func(*stage) {
		return func(s *stage) {
			s.toReview(state.Automated, "Payments", "orders-prod", "orders-prod-restore")
			f.Method, f.PathContains = http.MethodPost, "/restoreJobs"
			s.sim.Fail(f)
			s.AssertTarget("orders-prod-restore")
			s.Confirm("orders-prod-restore")
			s.Wait(said)
		}
	}
	return slices.Concat([]place{
		{"filter", func(s *stage) {
			toProjects(s)
			s.pick("Payments")
			s.Wait("whose data")
			s.WaitFor("a highlighted row", highlighted)
			s.Type("restore")
		}},
		{"filter-nothing", func(s *stage) {
			find(s)
			s.Type("no-such-cluster")
		}},
		{"error", func(s *stage) {
			toProjects(s)
			s.sim.Fail(simulator.Fault{Method: http.MethodGet, PathContains: "/groups", Status: 403, ErrorCode: "ACCESS_FORBIDDEN", Detail: "The credential may not list projects."})
			s.Press("ctrl+r")
			s.Wait("failed.")
		}},
		{"moment-wrong", func(s *stage) {
			s.toSnapshots("Payments", "orders-prod")
			s.Press("tab")
			s.Wait("› Moment")
			s.Type("2026-11-23 15:31")
		}},
		{"moment-right", func(s *stage) {
			s.toSnapshots("Payments", "orders-prod")
			s.Press("tab")
			s.Wait("› Moment")
			s.Type("2026-11-23 14:02:59")
			s.Press("tab")
			s.Press("tab")
		}},
		{"review-itself", func(s *stage) { s.toReview(state.Automated, "Payments", "orders-prod", "orders-prod") }},
		{"review-refused", func(s *stage) {
			lost(simulator.Fault{Status: 409, ErrorCode: "ATLAS_CLUSTER_RESTORE_IN_PROGRESS", Detail: "A restore of the cluster is in progress."}, "Nothing was submitted")(s)
			s.Wait("Nothing has been submitted yet") // once it was checked anew
		}},
		{"search", lost(simulator.Fault{Status: 500, ErrorCode: "UNEXPECTED_ERROR", Detail: "Something went wrong."}, "OUTCOME UNKNOWN")},
		{"review-unknown", func(s *stage) {
			lost(simulator.Fault{Status: 500, ErrorCode: "UNEXPECTED_ERROR", Detail: "Something went wrong."}, "OUTCOME UNKNOWN")(s)
			s.sim.Advance(3 * time.Minute)
			s.Wait("not found")
			s.Press("esc")
			s.Wait("may have been taken")
		}},
		{"collections", func(s *stage) {
			s.toOrders()
			s.Press("space", "esc")
			s.Wait("Enter goes on")
			s.AtRest()
		}},
		{"collections-review", func(s *stage) {
			s.toCollectionsReview(func() {})
			s.AtRest()
		}},
		{"collections-overwrite", func(s *stage) {
			s.toCollectionsReview(func() { s.Press("f6"); s.Wait("overwrite what has the name") })
			s.AtRest()
		}},
		{"collections-running", func(s *stage) {
			s.toCollectionsReview(func() {})
			s.confirms("collections")
			s.Wait("RUNNING")
			s.sim.Advance(10 * time.Minute)
			s.Wait("shop.orders as shop.orders_1")
		}},
		{"collections-completed", func(s *stage) {
			s.toCollectionsReview(func() {})
			s.confirms("collections")
			s.Wait("RUNNING")
			s.sim.Advance(time.Hour)
			s.Wait("COMPLETED")
		}},
		{"elsewhere", func(s *stage) {
			s.toReview(state.Automated, "Payments", "orders-prod", "orders-prod-restore")
			s.Press("f2")
			s.Wait("1  Atlas CLI")
		}},
		{"job-running", job(state.Automated, "Payments", "orders-prod", "orders-prod-restore", running)},
		{"job-completed", job(state.Automated, "Payments", "orders-prod", "orders-prod-restore", done("COMPLETED"))},
		{"job-ticked", func(s *stage) {
			job(state.Automated, "Payments", "orders-prod", "orders-prod-restore", done("COMPLETED"))(s)
			s.Press("space", "down", "space", "down", "space", "space")
			s.Settled()
		}},
		{"job-beside", func(s *stage) {
			job(state.Automated, "Payments", "orders-prod", "orders-prod-restore", running)(s)
			s.Press("n")
			s.Wait("brings it back")
			s.Press("n")
			toProjects(s)
		}},
		{"job-failed", func(s *stage) {
			s.sim.FailNextJob()
			job(state.Automated, "Payments", "orders-prod", "orders-prod-restore", done("FAILED"))(s)
		}},
		{"job-preparing", job(state.Download, "Payments", "orders-prod", "", running)},
		{"job-ready", job(state.Download, "Payments", "orders-prod", "", done("READY"))},
		{"job-ready-sharded", job(state.Download, "Analytics", "events", "", done("READY"))},
		{"help", func(s *stage) {
			s.toSnapshots("Payments", "orders-prod")
			s.Press("?")
			s.Wait("Keys of this page")
		}},
	}, places, whenPages, fetchPages)
}

// open goes to a page, and waits for all that comes there by itself.
func (p place) open(s *stage) {
	s.t.Helper()
	p.walk(s)
	if !p.counts() {
		s.AtRest()
	}
}

// port is what no two runs share.
var port = regexp.MustCompile(`127\.0\.0\.1:\d{5}`)

// A page is walked to at one size, each at another, and looked at in all: what it shows is a
// matter of the window as it is now, not of the one that it was reached in. While nothing
// happens nothing is under way on it, and its actions are at hand.
func TestGoldens(t *testing.T) {
	t.Parallel()
	for i, m := range moments() {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			sizes := from(i, narrow, normal, roomy, wide)
			if !thorough() {
				sizes = sizes[:1]
			}
			s := m.stage(t)
			s.start(sizes[0], teatest.Masked(port, "127.0.0.1:00000"))
			m.open(s)
			for _, size := range sizes {
				s.resizeTo(size)
				s.Golden(fmt.Sprintf("pages/%dx%d/%s", size.W, size.H, m.name))
				s.WithinSize()
				s.colours(fmt.Sprintf("pages/%dx%d/%s", size.W, size.H, m.name))
			}
			s.resizeTo(normal)
			if !m.counts() {
				s.rests()
			}
			if strings.HasPrefix(m.name, "help") || m.name == "elsewhere" {
				s.Press("esc") // what lies over the page goes first
			}
			s.listsActions()
		})
	}
}

// from are values in their order, from the i-th on and then those before it.
func from[T any](i int, values ...T) []T {
	i %= len(values)
	return append(slices.Clone(values[i:]), values[:i]...)
}

// resizeTo makes the terminal that large, if it is not.
func (s *stage) resizeTo(size teatest.Size) {
	s.t.Helper()
	if s.Size() != size {
		s.Resize(size.W, size.H)
		s.Settled()
	}
}

// colour is an escape sequence that sets a colour.
var colour = regexp.MustCompile(`\x1b\[[0-9;:]*(3[0-8]|4[0-8]|9[0-7]|10[0-7])[0-9;:]*m`)

// Without colour every page says the same, in words and shapes. In the suite that is seen of
// some pages; TestASCII holds of all of them that no colour is sent.
func TestMonochrome(t *testing.T) {
	t.Parallel()
	for i, m := range moments() {
		if !few(i, 16) {
			continue
		}
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			s := m.stage(t)
			s.start(normal, teatest.Monochrome(), teatest.Masked(port, "127.0.0.1:00000"))
			m.open(s)
			s.Golden("pages/80x24/" + m.name) // the very same cells
			if c := colour.FindString(s.Output()); c != "" {
				t.Errorf("a colour reached the terminal: %q", c)
			}
		})
	}
}

// On a light background other colours are chosen, and the same is said.
func TestLight(t *testing.T) {
	t.Parallel()
	dark, light := play(t, normal), play(t, normal, teatest.Light())
	for _, s := range []*stage{dark, light} {
		s.toSnapshots("Payments", "orders-prod")
		s.Settled()
	}
	light.WaitFor("the words that a dark background has", func(screen string) bool { return screen == dark.Screen() })
	if dark.Styled() == light.Styled() {
		t.Error("a light background changes no colour")
	}
	if !strings.Contains(light.Styled(), "\x1b[") {
		t.Error("no colour at all")
	}
}

// Without UTF-8 every page says the same in ASCII, cell for cell where it can.
func TestASCII(t *testing.T) {
	t.Parallel()
	for i, m := range moments() {
		if !few(i+1, 6) {
			continue
		}
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			sizes := suited(i, normal, narrow)
			s := m.stage(t)
			s.cfg.ASCII = true
			s.start(sizes[0], teatest.Monochrome(), teatest.Masked(port, "127.0.0.1:00000"))
			m.open(s)
			for _, size := range sizes {
				s.resizeTo(size)
				s.Golden(fmt.Sprintf("ascii/%dx%d/%s", size.W, size.H, m.name))
				s.WithinSize()
			}
			if c := colour.FindString(s.Output()); c != "" {
				t.Errorf("a colour reached the terminal: %q", c)
			}
			for i, r := range s.Output() {
				if r > '~' && r != 0xfffd {
					t.Fatalf("byte %d of the output is %q", i, r)
				}
			}
		})
	}
}
