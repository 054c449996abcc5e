package teatest_test

import (
	"slices"
	"strings"
	"testing"

	"atlas-restore/state"
)

// What flags answer is not asked on the full screen, and asks Atlas for nothing twice.
func TestGivenIsNotAsked(t *testing.T) {
	t.Parallel()
	s := prepare(t)
	s.cfg.Given = state.Given{Project: s.sim.ProjectID("Payments"), Cluster: "orders-prod"}
	s.start(normal)
	s.Wait("which state of the data")
	s.WaitFor("the snapshots", highlighted)
	s.Wait("━") // the restore window
	got := s.requests()
	slices.Sort(got) // which of what is asked together comes first is chance
	if !slices.Equal(got, []string{"GET clusters", "GET flexClusters", "GET groups", "GET restoreJobs", "GET schedule", "GET snapshots"}) {
		t.Errorf("asked Atlas for %v", got)
	}
	s.Press("esc") // whoever goes back is asked
	s.Wait("whose data")
	s.WaitFor("the cluster that was given", func(screen string) bool { return strings.Contains(row(screen), "orders-prod") })
}

// Every answer but the confirmation leads to the review, and no further.
func TestGivenLeadsToTheReview(t *testing.T) {
	t.Parallel()
	for i, f := range flows {
		if f.apiKeys {
			continue
		}
		if !few(i, 2) {
			continue
		}
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			s := prepare(t)
			s.cfg.Given = f.practised()
			s.cfg.Given.Confirm = ""
			if f.delivery == state.PointInTime {
				s.cfg.Given.Delivery = "" // a moment says it
			}
			s.start(normal)
			if f.delivery == state.Download {
				s.Wait("Nothing has been submitted yet")
				s.Press("enter", "enter")
				s.Settled()
				s.noPosts()
				s.Press("tab", "enter")
			} else {
				s.Wait("Nothing has been submitted yet")
				if f.target == f.cluster && f.targetProject == f.project {
					s.unsafe() // else enter asks for the snapshot that is due first
				}
				s.Type("\r\r\r\r\r\r")
				s.Settled()
				s.noPosts()
				s.AssertTarget(f.target)
				s.Confirm(f.target)
			}
			told := 2
			if f.name == "download of flex" {
				told = 3 // it ends at once
			}
			s.await("the job", func() bool { return len(s.events()) >= told })
			if n := len(s.posts()); n != 1 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

// What a flag says and Atlas does not have is said, and asked; what other flags say of
// later steps is then left aside, for it was meant for something else.
func TestGivenThatIsNotThere(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		change func(*state.Given)
		says   string
		asks   string
	}{
		"project":          {func(g *state.Given) { g.Project = "Paymnts" }, `--projectId "Paymnts": there is no such project that this credential may read; did you mean Payments?`, "in which project"},
		"cluster":          {func(g *state.Given) { g.Cluster = "orders-prd" }, `--clusterName "orders-prd": there is no such cluster in Payments; did you mean orders-prod?`, "whose data"},
		"barred":           {func(g *state.Given) { g.Project, g.Cluster = "Platform Shared", "mail-queue" }, "backups are off", "whose data"},
		"snapshot":         {func(g *state.Given) { g.Snapshot = "65f0c1d2e3a4b5c6d7e8f901" }, "there is no such snapshot here", "which state of the data"},
		"target":           {func(g *state.Given) { g.TargetCluster = "orders-prod-restor" }, `--targetClusterName "orders-prod-restor": there is no such cluster in Payments; one of another project needs --targetProjectId; did you mean orders-prod-restore?`, "onto which cluster"},
		"target's project": {func(g *state.Given) { g.TargetProject = "Paymnts" }, `--targetProjectId "Paymnts": there is no such project that this credential may read; did you mean Payments?`, "onto which cluster"},
		"moment off": {
			func(g *state.Given) {
				g.Cluster, g.Snapshot, g.Delivery, g.At = "ledger-prd", "", "", "2026-11-23 14:02:59"
			},
			"continuous cloud backup is off", "which state of the data",
		},
	} {
		if !plain(name, "cluster", "barred", "moment off", "target", "target's project") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			given := flows[2].practised() // onto orders-prod-restore
			given.Confirm = ""
			tc.change(&given)
			s := prepare(t)
			s.cfg.Given = given
			s.start(normal)
			s.Wait(tc.asks)
			s.WaitFor("what is wrong", func(screen string) bool { return strings.Contains(flat(screen), tc.says) })
			s.Settled()
			s.noPosts()

			// Line by line the same is said; where nobody can be asked it ends the run.
			d := prepareTalk(t)
			d.cfg.Given = given
			d.start()
			d.WaitFor("what is wrong", func(heard string) bool { return strings.Contains(heard, tc.says) })
			d.WaitFor("a question", func(heard string) bool { return strings.HasSuffix(heard, ": ") })

			u := prepareTalk(t)
			u.cfg.Given, u.unasked = given, true
			u.cfg.Given.Confirm = given.TargetCluster
			u.start()
			sum := u.leave(state.OutcomeError)
			u.noPosts()
			if sum.Outcome.ExitCode() != 1 || !strings.Contains(sum.Text(), "Nothing was submitted.") || sum.Result().Error == nil || !strings.Contains(sum.Text(), tc.says) {
				t.Errorf("exit code %d:\n%s", sum.Outcome.ExitCode(), sum.Text())
			}
		})
	}
}

// A fault of Atlas ends a run that nobody can be asked in, without a job.
func TestGivenAndAtlasFails(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/groups", "/clusters", "/snapshots"} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			u := prepareTalk(t)
			u.sim.Fail(everyGet(path, 403))
			u.cfg.Given, u.unasked = flows[2].practised(), true
			u.start()
			sum := u.leave(state.OutcomeError)
			u.noPosts()
			if e := sum.Result().Error; e == nil || e.Status != 403 || e.ErrorCode != "ACCESS_FORBIDDEN" || !strings.Contains(e.Advice, "role") {
				t.Errorf("the error is %+v", e)
			}
		})
	}
}
