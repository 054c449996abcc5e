package teatest_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"atlas-restore/atlasclient"
	"atlas-restore/atlasclient/credentials"
	"atlas-restore/atlasclient/simulator"
	"atlas-restore/state"
)

// Every error of Atlas is shown on the page where it happens, with what failed, on
// what, why, and what to do next; ctrl+r then goes on, and nothing typed is lost.
func TestErrorsWhereTheyHappen(t *testing.T) {
	t.Parallel()
	faults := []struct {
		fault  simulator.Fault
		why    string
		advice string
	}{
		{simulator.Fault{Status: 400, ErrorCode: "INVALID_ATTRIBUTE"}, "400 INVALID_ATTRIBUTE", "Go back and change"},
		{simulator.Fault{Status: 401, ErrorCode: "UNAUTHORIZED", Times: 2}, "401 UNAUTHORIZED", "wrong, expired"},
		{simulator.Fault{Status: 401, ErrorCode: "USER_UNAUTHORIZED", Times: 2}, "401 USER_UNAUTHORIZED", "lacks a role"},
		{simulator.Fault{Status: 403, ErrorCode: "ACCESS_FORBIDDEN"}, "403 ACCESS_FORBIDDEN", "lacks a role"},
		{simulator.Fault{Status: 404, ErrorCode: "RESOURCE_NOT_FOUND"}, "404 RESOURCE_NOT_FOUND", "Load the list again"},
		{simulator.Fault{Status: 409, ErrorCode: "OUT_OF_CAPACITY"}, "409 OUT_OF_CAPACITY", "no room for this"},
		{simulator.Fault{Status: 429, ErrorCode: "RATE_LIMITED", RetryAfter: 17, Times: -1}, "429 RATE_LIMITED", "Wait 17 s"},
		{simulator.Fault{Status: 500, ErrorCode: "UNEXPECTED_ERROR", Times: -1}, "500 UNEXPECTED_ERROR", "Atlas's side"},
		{simulator.Fault{Status: 503, HTML: true, Times: -1}, "503", ""},
		{simulator.Fault{Status: 200, HTML: true}, "200 text/html; charset=utf-8, no JSON", ""},
		{simulator.Fault{Drop: simulator.BeforeCommit, Times: -1}, "The connection was closed before an answer came", "Check the network"},
	}
	pages := []struct {
		name, path, what string
		walk             func(*stage)
		good             string
	}{
		{"projects", "/v2/groups", "Loading the projects failed", func(s *stage) { s.Wait("which cluster's data"); s.Press("tab") }, "Storefront"},
		{"clusters", "PAYMENTS/clusters", "Loading the clusters of Payments failed", func(s *stage) { toProjects(s); s.pick("Payments") }, "orders-prod"},
		{"snapshots", "/snapshots", "Loading the snapshots of orders-prod failed", func(s *stage) {
			toProjects(s)
			s.pick("Payments")
			s.Wait("whose data")
			s.pick("orders-prod")
		}, "UTC"},
	}
	for i, p := range pages {
		for j, f := range faults {
			if !few(i+j, 3) {
				continue // in the suite each fault meets one page
			}
			t.Run(p.name+"/"+f.why, func(t *testing.T) {
				t.Parallel()
				s := playFaulty(t, p.path, f.fault)
				p.walk(s)
				s.Wait(p.what)
				for _, said := range []string{f.why, f.advice} {
					if !strings.Contains(flat(s.Screen()), said) {
						t.Errorf("the screen does not say %q:\n%s", said, s.Screen())
					}
				}
				s.sim.Heal()
				s.Press("ctrl+r")
				s.Wait(p.good)
				s.WaitGone("failed.")
			})
		}
	}
}

func playFaulty(t *testing.T, path string, f simulator.Fault) *stage {
	t.Helper()
	s := prepare(t)
	f.Method, f.PathContains = http.MethodGet, strings.Replace(path, "PAYMENTS", s.sim.ProjectID("Payments"), 1)
	s.sim.Fail(f)
	s.start(normal)
	return s
}

// flat is the screen as one line, with its folds undone.
func flat(screen string) string { return strings.Join(strings.Fields(screen), " ") }

// What was typed into the fields is there again after any error, and after going back
// and coming again.
func TestNothingTypedIsLost(t *testing.T) {
	t.Parallel()
	s := play(t, normal)
	s.toSnapshots("Payments", "orders-prod")
	s.Press("tab")
	s.Wait("› Moment")
	s.Type("2026-11-23 14:02")
	s.Press("tab", "tab")
	s.Type("orders-res")
	s.Press("esc")
	s.Wait("which state of the data")
	s.Press("esc")
	s.Wait("whose data")
	if !strings.Contains(row(s.Screen()), "orders-prod") || !s.Shows("› orders-prod") {
		t.Errorf("the cluster that was chosen is not highlighted, or the filter is gone:\n%s", s.Screen())
	}
	s.Press("enter")
	s.Wait("which state of the data")
	s.Press("tab")
	s.Wait("2026-11-23 14:02")
	s.Wait("orders-res")
	// A refusal of Atlas on the review page keeps all answers too.
	s.Press("enter")
	s.Wait("› Target cluster")
	s.Press("ctrl+u")
	s.toTarget("Payments", "orders-prod-restore")
	s.sim.Fail(simulator.Fault{Method: http.MethodPost, Status: 400, ErrorCode: "INVALID_PIT_RESTORE_TIME"})
	s.AssertTarget("orders-prod-restore")
	s.Confirm("orders-prod-restore")
	s.Wait("INVALID_PIT_RESTORE_TIME")
	s.Press("esc")
	s.Wait("2026-11-23 14:02")
	s.Wait("orders-prod-restore")
}

// Another earlier answer drops what depended on it; the same one keeps it.
func TestChangedAnswers(t *testing.T) {
	t.Parallel()
	s := play(t, normal)
	s.toReview(state.Automated, "Payments", "orders-prod", "orders-prod-restore")
	s.Press("esc", "esc", "esc", "esc")
	s.Wait("whose data")
	s.Press("esc") // the filter
	s.pick("ledger-prod")
	s.Wait("which state of the data")
	s.WaitFor("the snapshots of another cluster", func(screen string) bool { return strings.Contains(screen, "ledger-prod") && highlighted(screen) })
	s.Press("enter")
	s.Wait("how is it delivered")
	if !strings.Contains(row(s.Screen()), "automated") {
		s.WaitFor("the delivery type of before", func(screen string) bool { return strings.Contains(row(screen), "automated") })
	}
	s.Press("enter")
	s.Wait("Target project")
	s.Wait("orders-prod-restore") // what was typed is kept, and asked again
	s.noPosts()
}

// What cannot be chosen is on the screen with its reason, and Enter gets nothing of it.
func TestBarredRows(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ project, cluster, reason string }{
		{"Platform Shared", "mail-queue", "backups are off"},
		{"Sandbox", "playground", "M0 has no backups"},
		{"Sandbox", "loadtest", "still being created"},
	} {
		t.Run(tc.cluster, func(t *testing.T) {
			t.Parallel()
			s := play(t, narrow)
			toProjects(s)
			s.pick(tc.project)
			s.Wait("whose data")
			s.WaitFor("rows", highlighted)
			s.Type(tc.cluster)
			s.Wait(tc.reason)
			s.Press("enter")
			s.Wait("cannot be chosen")
			if s.Shows("which state") {
				t.Error("it was chosen")
			}
		})
	}
	t.Run("failed snapshot", func(t *testing.T) {
		t.Parallel()
		s := play(t, normal)
		s.toSnapshots("Payments", "orders-prod")
		s.Type("failed")
		s.Wait("failed: not usable")
		s.Press("enter")
		s.Wait("cannot be chosen")
	})
	t.Run("point in time off", func(t *testing.T) {
		t.Parallel()
		s := play(t, normal)
		s.toSnapshots("Payments", "ledger-prd")
		s.Press("tab")
		s.Settled()
		if s.Shows("Moment") {
			t.Error("a moment can be chosen without continuous backup")
		}
		s.Press("enter")
		s.Wait("continuous cloud backup is off")
	})
}

// What Atlas refuses at the last moment is said on the review page.
func TestAtlasRefuses(t *testing.T) {
	t.Parallel()
	s := play(t, normal)
	s.toReview(state.Automated, "Payments", "orders-prod", "orders-prod-restore")
	s.sim.SetCluster("Payments", "orders-prod-restore", func(c *simulator.Cluster) { c.Paused = true })
	s.AssertTarget("orders-prod-restore")
	s.Confirm("orders-prod-restore")
	s.Wait("CLUSTER_PAUSED_CANNOT_RESTORE")
	s.Wait("Resume the target cluster")
	s.leave(state.OutcomeAborted, "ctrl+c")
}

// Where the target project's clusters cannot be listed, the page says so, a name can be
// typed all the same, and ctrl+r asks again.
func TestTargetClustersCannotBeListed(t *testing.T) {
	t.Parallel()
	s := play(t, normal)
	s.toSnapshots("Payments", "orders-prod")
	s.Press("enter")
	s.toDelivery(state.Automated)
	s.Wait("› Target cluster")
	s.Press("tab")
	s.Wait("› Target project")
	staging := s.sim.ProjectID("Payments Staging")
	s.sim.Fail(simulator.Fault{Method: http.MethodGet, PathContains: staging + "/clusters", Status: 403, ErrorCode: "ACCESS_FORBIDDEN"})
	s.Type("staging")
	s.WaitFor("the row of the project", func(screen string) bool { return strings.Contains(row(screen), "Payments Staging") })
	s.Press("enter")
	s.Wait("Loading the clusters of Payments Staging failed")
	s.Wait("403 ACCESS_FORBIDDEN")
	s.Type("orders-stg")
	s.Wait("orders-stg")
	s.Press("ctrl+r")
	s.Wait("8.0.29   M20")
	s.WaitGone("failed.")
	s.WaitFor("the row of orders-stg", func(screen string) bool { return strings.Contains(row(screen), "orders-stg") })
	s.Press("enter")
	s.AssertTarget("orders-stg")
	s.Confirm("orders-stg")
	s.Wait("RUNNING")
	s.onePost(map[string]any{
		"deliveryType": "automated", "snapshotId": s.sim.NewestSnapshot("Payments", "orders-prod").ID,
		"targetClusterName": "orders-stg", "targetGroupId": staging,
	})
}

// What passes by itself is made again, and the screen says what, which try and when.
func TestReadsAreMadeAgain(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]simulator.Fault{
		"503 three times":    {Status: 503, ErrorCode: "SERVICE_UNAVAILABLE", Times: 3},
		"429, asked to wait": {Status: 429, ErrorCode: "RATE_LIMITED", RetryAfter: 2},
		"cut three times":    {Drop: simulator.BeforeCommit, Times: 4},
		"a proxy's page":     {Status: 502, HTML: true, Times: 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := playFaulty(t, "/v2/clusters", f)
			s.Wait("orders-prod")
			s.WaitGone("of at most")
			d := prepareTalk(t)
			f.Method, f.PathContains = http.MethodGet, "/groups"
			d.sim.Fail(f)
			d.start()
			d.Wait("Loading the projects failed. Try 2 of at most 5 ")
			d.Wait(askProject)
		})
	}
}

// nextTry says in how many seconds the next try comes: a third one would begin too late.
var nextTry = regexp.MustCompile(`Try 2 of at most 2 comes in \d+ s`)

// A wait that Atlas has asked for stands on the screen while it lasts.
func TestTryingAgainIsSaid(t *testing.T) {
	t.Parallel()
	s := prepare(t)
	k := s.sim.Keys()
	c, err := atlasclient.New(atlasclient.Options{
		BaseURL: s.sim.BaseURL(), Now: s.sim.Now, // at its real pace
		Credential: credentials.Credential{Kind: credentials.ServiceAccount, Public: k.ClientID, Private: state.NewSecret(k.ClientSecret)},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.cfg.Atlas = c
	s.sim.Fail(simulator.Fault{Method: http.MethodGet, PathContains: "/groups", Status: 429, ErrorCode: "RATE_LIMITED", RetryAfter: 50, Times: -1})
	s.start(narrow)
	find(s)
	s.Press("tab")
	s.WaitFor("the next try", func(screen string) bool { return nextTry.MatchString(screen) })
	s.Wait("Atlas answered 429")
	s.WithinSize()
	s.leave(state.OutcomeAborted, "ctrl+c") // nobody has to wait for it
}

// The first page of a long list is on the screen before the rest has come, and stays
// what it is when the rest comes.
func TestFirstPageAtOnce(t *testing.T) {
	t.Parallel()
	s := prepare(t)
	s.sim.AddSnapshots("Payments", "orders-prod", 2000)
	s.start(normal)
	gate := make(chan struct{})
	toProjects(s)
	s.pick("Payments")
	s.Wait("whose data")
	s.WaitFor("the clusters", highlighted)
	s.sim.Fail(simulator.Fault{Method: http.MethodGet, PathContains: "/snapshots", QueryContains: "pageNum=2", Stall: gate, Times: -1})
	s.pick("orders-prod")
	s.Wait("500 snapshots")
	s.Wait("Loading the snapshots of orders-prod")
	close(gate)
	s.Wait("2057 snapshots")
	s.WaitGone("Loading")
	s.WaitFor("the newest one highlighted", func(screen string) bool { return strings.Contains(row(screen), "23 Nov 12:20 UTC") })
}

// Esc that is pressed twice at once comes as one escape after the other, which is what a terminal
// makes of alt+esc: it goes back all the same, from a page and from what lies over it. Alt with
// another key stays what it is.
func TestEscPressedTwiceIsEsc(t *testing.T) {
	t.Parallel()
	s := play(t, normal)
	s.toSnapshots("Payments", "orders-prod")
	s.Press("f1")
	s.Wait("Keys of this page")
	s.Press("alt+esc")
	s.WaitGone("Keys of this page")
	s.Press("alt+esc")
	s.Wait("whose data")
	s.Press("ctrl+u")
	s.Type("ledger prod")
	s.Press("alt+b")
	s.Type("x")
	s.Wait("› ledger xprod")
	s.Press("alt+esc")
	s.WaitGone("› ledger")
	s.Press("alt+z")
	s.Wait("alt+z does nothing here")
}
