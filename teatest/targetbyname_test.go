package teatest_test

import (
	"slices"
	"strings"
	"testing"

	"atlas-restore/atlasclient/simulator"
	"atlas-restore/state"
)

// listings is how often the projects were listed.
func (w *world) listings() int {
	n := 0
	for _, r := range w.requests() {
		if r == "GET groups" {
			n++
		}
	}
	return n
}

// ontoScratch has the source given by its name alone.
func ontoScratch(project, cluster string) state.Given {
	return state.Given{Cluster: "orders-prod", Snapshot: "latest", Delivery: string(state.Automated), TargetProject: project, TargetCluster: cluster}
}

// Where the source was found by its name alone, every other project can be named as the target's, in
// every face. The projects are listed once where a name is given or somebody chooses, and never for
// an id: the list of all clusters tells what that is called.
func TestTargetProjectByNameAfterSourceAlone(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name     string
		target   func(*world) state.Given
		keys     string
		listings int
	}{
		{"by name", func(*world) state.Given { return ontoScratch("Sandbox", "scratch") }, "", 1},
		{"by id", func(w *world) state.Given { return ontoScratch(w.sim.ProjectID("Sandbox"), "scratch") }, "", 0},
		{"typed", func(*world) state.Given { return ontoScratch("", "") }, "scratch", 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := prepare(t)
			s.cfg.Given = tc.target(s.world)
			s.start(roomy)
			if tc.keys != "" {
				s.Wait("onto which cluster")
				s.Type(tc.keys)
				s.WaitFor("its row", func(screen string) bool { return strings.Contains(row(screen), "Sandbox") })
				s.Settled()
				s.Press("enter")
			}
			s.Wait("Nothing has been submitted yet")
			head, _, _ := strings.Cut(s.Screen(), "\n")
			if id := s.sim.ProjectID("Sandbox"); !strings.Contains(head, "Sandbox") || strings.Contains(s.Screen(), id) {
				t.Errorf("the project is not called by its name:\n%s", s.Screen())
			}
			if n := s.listings(); n != tc.listings {
				t.Errorf("the projects were listed %d times, want %d", n, tc.listings)
			}
			s.noPosts()
		})
	}
	t.Run("unasked", func(t *testing.T) {
		t.Parallel()
		u := prepareTalk(t)
		u.cfg.Given, u.cfg.DryRun, u.unasked = ontoScratch("Sandbox", "scratch"), true, true
		u.start()
		sum := u.leave(state.OutcomeDryRun)
		if !strings.Contains(sum.Text(), u.sim.ProjectID("Sandbox")) {
			t.Errorf("another target:\n%s", sum.Text())
		}
		if n := u.listings(); n != 1 {
			t.Errorf("the projects were listed %d times", n)
		}
	})
	t.Run("lines", func(t *testing.T) {
		t.Parallel()
		d := prepareTalk(t)
		d.cfg.Given = ontoScratch("", "")
		d.start()
		d.Wait("Research Archive, no clusters")
		d.answer(askTargetProject, "Sandbox")
		d.Wait("Target project: Sandbox")
		d.answer(askTarget, "scratch")
		d.Wait("Target cluster: scratch")
		d.answer(askName("scratch"), "q")
		d.leave(state.OutcomeAborted)
		d.noPosts()
	})
}

// A name that two projects bear names neither, though one of them is the source's own: what is
// erased is never guessed. A wrong name is told as that of the project, and every project is listed then.
func TestTargetProjectIsNotGuessed(t *testing.T) {
	t.Parallel()
	twins := func(s *simulator.Server) {
		s.SetProject("Sandbox", func(p *simulator.Project) { p.Name = "Payments" })
	}
	for name, tc := range map[string]struct {
		world func(*simulator.Server)
		given state.Given
		says  string
	}{
		"two of a name": {twins, ontoScratch("Payments", "orders-prod-restore"), `--targetProjectId "Payments": 2 are called "Payments"`},
		"no such name":  {func(*simulator.Server) {}, ontoScratch("Sandbx", "scratch"), `--targetProjectId "Sandbx": there is no such project that this credential may read; did you mean Sandbox?`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := prepare(t)
			tc.world(s.sim)
			s.cfg.Given = tc.given
			s.start(roomy)
			s.WaitFor("what is wrong", func(screen string) bool { return strings.Contains(flat(screen), tc.says) })
			s.Press("ctrl+u")
			s.Wait("Research Archive")
			s.noPosts()
			u := prepareTalk(t)
			tc.world(u.sim)
			u.cfg.Given, u.unasked = tc.given, true
			u.start()
			if sum := u.leave(state.OutcomeError); !strings.Contains(sum.Text(), tc.says) {
				t.Errorf("it does not say %q:\n%s", tc.says, sum.Text())
			}
			if slices.Contains(u.requests(), "POST restoreJobs") {
				t.Error("something was submitted")
			}
		})
	}
}
