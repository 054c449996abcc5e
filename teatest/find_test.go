package teatest_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"atlas-restore/atlasclient/simulator"
	"atlas-restore/state"
	"atlas-restore/state/config"
	"atlas-restore/teatest"
	"atlas-restore/ui/steps"
)

// A cluster is found by its own name, by its project's name, and by both ids; enter on it
// answers project and cluster at once, and esc leads back to where it was chosen.
func TestFindAnything(t *testing.T) {
	t.Parallel()
	s := play(t, normal)
	find(s)
	s.Wait("23 of 26 clusters shown, in 7 projects")
	events := ""
	for _, p := range s.sim.World().Projects {
		for _, c := range p.Clusters {
			if c.Name == "events" {
				events = c.ID
			}
		}
	}
	for typed, want := range map[string]struct{ row, counts string }{
		"orders":                      {"orders-prod ", "3 clusters in 2 projects · 23 more"},
		"payments staging":            {"ledger-stg", "2 clusters in 1 project · 24 more"},
		s.sim.ProjectID("Storefront"): {"carts", "4 clusters in 1 project · 22 more"},
		events:                        {"events ", "1 cluster in 1 project · 25 more"},
	} {
		s.Press("ctrl+u")
		s.Type(typed)
		s.WaitFor("the row of "+want.row, func(screen string) bool {
			return strings.Contains(row(screen)+" ", want.row) && strings.Contains(screen, want.counts)
		})
	}
	s.Press("ctrl+u")
	s.Type("orders-stg")
	s.WaitFor("its row", func(screen string) bool { return strings.Contains(row(screen), "orders-stg") })
	s.Press("enter")
	s.Wait("which state of the data")
	s.Wait("Payments Staging › orders-stg")
	s.Press("esc")
	s.Wait("which cluster's data")
	s.WaitFor("what was typed, and the row", func(screen string) bool {
		return strings.Contains(screen, "› orders-stg") && strings.Contains(row(screen), "orders-stg")
	})
	s.WaitGone("backups on") // its project's own list tells more
	s.noPosts()
}

// Of a project whose cluster was chosen in the list of all clusters its dedicated clusters are
// known: they are not asked for again, and not taken for all that it has.
func TestHalfAListIsNotTheWhole(t *testing.T) {
	t.Parallel()
	s := play(t, normal)
	find(s)
	scratch := func() {
		s.WaitFor("its row", func(screen string) bool { return strings.Contains(row(screen), "scratch") })
		s.Press("enter")
		s.Wait("which state of the data")
		s.WaitFor("the snapshots", highlighted)
	}
	s.Type("scratch")
	scratch()
	s.Press("esc")
	s.Wait("which cluster's data")
	before := len(s.requests())
	scratch()
	if got := s.requests()[before:]; slices.Contains(got, "GET clusters") || slices.Contains(got, "GET flexClusters") {
		t.Errorf("what is known of it is asked again: %v", got)
	}
	s.Press("esc")
	s.Wait("which cluster's data")
	s.Press("tab")
	s.Wait("in which project")
	s.pick("Sandbox")
	s.Wait("guestbook") // which is flex
	s.noPosts()
}

// One project or cluster that cannot be read stands in its list with the reason, and the others
// can be chosen: as the source, and as the target.
func TestOneThatCannotBeReadStandsInItsList(t *testing.T) {
	t.Parallel()
	s := prepare(t)
	id := s.sim.ProjectID("Payments")
	const project = `{"id":"65f0c1d2e3a4b5c6d7e8f9ff","name":"Odd","orgId":7}`
	s.sim.Fail(simulator.Fault{PathEnds: "/groups", Times: -1, Body: `{"results":[` + project + `,{"id":"` + id + `","name":"Payments","clusterCount":2}],"totalCount":2}`})
	s.sim.Fail(simulator.Fault{PathEnds: id + "/clusters", Times: -1, Body: `{"results":[{"id":"65f0c1d2e3a4b5c6d7e8f9fe","name":"odd-prod","stateName":7},` +
		`{"id":"65f0c1d2e3a4b5c6d7e8f9fd","groupId":"` + id + `","name":"orders-prod","clusterType":"REPLICASET","stateName":"IDLE","backupEnabled":true,"mongoDBVersion":"8.0.29"}],"totalCount":2}`})
	s.start(roomy)
	toProjects(s)
	s.WaitFor("the project that cannot be read", func(screen string) bool { return strings.Contains(flat(screen), "✗ cannot be read") })
	s.pick("Payments")
	s.Wait("whose data")
	s.WaitFor("the cluster that cannot be read", func(screen string) bool {
		return strings.Contains(screen, "odd-prod") && strings.Contains(flat(screen), "✗ cannot be read")
	})
	s.pick("orders-prod")
	s.Wait("which state of the data")
	s.WaitFor("the snapshots", highlighted)
	s.Press("enter")
	s.toDelivery(state.Automated)
	s.Wait("Target project")
	s.WaitFor("the project that cannot be read", func(screen string) bool { return strings.Contains(flat(screen), "✗ cannot be read") })
	s.Press("enter")
	s.WaitFor("the cluster that cannot be read", func(screen string) bool {
		return strings.Contains(screen, "› Target cluster") && strings.Contains(screen, "odd-prod") && strings.Contains(flat(screen), "✗ cannot be read")
	})
	s.noPosts()
}

// What the one list of all clusters lacks is said, and is there once the project was opened.
func TestFindLacks(t *testing.T) {
	t.Parallel()
	s := play(t, normal)
	find(s)
	s.Type("guestbook")
	s.WaitFor("what the list lacks", func(screen string) bool {
		return strings.Contains(flat(screen), `No cluster matches "guestbook" in the list of all clusters, which lacks multi-cloud, flex and terminated clusters`)
	})
	s.Press("enter")
	s.Press("tab")
	s.Wait("in which project")
	s.pick("Sandbox")
	s.Wait("guestbook")
	s.Press("esc")
	s.Wait("in which project")
	s.Press("tab")
	s.WaitFor("the cluster", func(screen string) bool { return strings.Contains(row(screen), "guestbook") })
}

// Where the clusters of all projects cannot be listed, the projects go on to work, and it is
// said why; never that there are none.
func TestFindRefused(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]simulator.Fault{
		"refused": {Status: 403, ErrorCode: "ACCESS_FORBIDDEN", Detail: "The caller may not list clusters.", Times: -1},
		"damaged": {Status: 200, Body: `{"results":null}`, Times: -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, size := range []teatest.Size{narrow, normal} {
				s := prepare(t)
				f.Method, f.PathContains = http.MethodGet, "/v2/clusters"
				s.sim.Fail(f)
				s.start(size)
				s.Wait("! Loading the clusters of all projects failed")
				s.Wait("in which project")
				s.WithinSize()
				s.WaitFor("the projects", highlighted)
				if strings.Contains(s.Screen(), "no clusters here") {
					t.Errorf("it is told as empty:\n%s", s.Screen())
				}
				s.sim.Heal()
				s.pick("Payments")
				s.Wait("whose data")
			}
		})
	}
}

// Whoever is busy with the projects keeps them: no list changes under a hand.
func TestFindComesLate(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		keys  func(*stage)
		stays bool
	}{
		"nothing done":     {func(*stage) {}, false},
		"moved":            {func(s *stage) { s.Press("down") }, true},
		"a project typed":  {func(s *stage) { s.Type("pay"); s.Wait("2 of 7 projects") }, true},
		"no project typed": {func(s *stage) { s.Type("orders"); s.Wait("0 of 7 projects") }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := prepare(t)
			gate := make(chan struct{})
			s.sim.Fail(simulator.Fault{Method: http.MethodGet, PathContains: "/v2/clusters", Stall: gate, Times: -1})
			s.start(normal)
			s.Wait("in which project")
			s.WaitFor("the projects", highlighted)
			s.Wait("Loading the clusters of all projects")
			tc.keys(s)
			close(gate)
			s.WaitGone("Loading the clusters")
			s.Settled()
			if tc.stays != s.Shows("in which project") {
				t.Errorf("the list is another one:\n%s", s.Screen())
			}
			if !tc.stays && name != "nothing done" && !strings.Contains(s.Screen(), "› orders") {
				t.Errorf("what was typed is lost:\n%s", s.Screen())
			}
		})
	}
}

// A rate limit is told while it is waited out.
func TestFindLimited(t *testing.T) {
	t.Parallel()
	s := prepare(t)
	s.sim.Fail(simulator.Fault{Method: http.MethodGet, PathContains: "/v2/clusters", Status: 429, ErrorCode: "RATE_LIMITED_TOKEN_BUCKET", RetryAfter: 50, Times: 1})
	s.start(normal)
	find(s) // 50 s are 50 ms here
	all := 0
	for _, r := range s.sim.Requests() {
		if strings.HasSuffix(r.Path, "/v2/clusters") {
			all++
		}
	}
	if all != 2 {
		t.Errorf("asked %d times, want one more after the refusal", all)
	}
	for range 3 { // it is remembered
		s.Press("tab")
	}
	s.Settled()
	if n := len(s.sim.Requests()); n != all+len(slices.DeleteFunc(s.sim.Requests(), func(r simulator.Request) bool { return strings.HasSuffix(r.Path, "/v2/clusters") })) {
		t.Error("asked again")
	}
}

// A cluster's name alone is enough for flags, in every face: the restore is the same as with
// its project, the texts that guard it too.
func TestNameAlone(t *testing.T) {
	t.Parallel()
	given := flows[2].practised() // onto orders-prod-restore
	given.Project = ""
	t.Run("screen", func(t *testing.T) {
		t.Parallel()
		s := prepare(t)
		s.cfg.Given = given
		s.cfg.Given.Confirm = ""
		s.start(normal)
		s.Wait("Nothing has been submitted yet")
		s.Wait("PROD")
		s.AssertTarget("orders-prod-restore")
		s.noPosts()
		if got := s.requests(); !slices.Equal(got[:1], []string{"GET clusters"}) {
			t.Errorf("asked %v", got)
		}
		s.Confirm("orders-prod-restore")
		s.Wait("RUNNING")
	})
	t.Run("lines", func(t *testing.T) {
		t.Parallel()
		d := prepareTalk(t)
		d.cfg.Given = given
		d.cfg.Given.Confirm = ""
		d.start()
		d.Wait("Project: Payments.")
		d.Wait("Cluster: orders-prod, M30")
		d.answer(askName("orders-prod-restore"), "q")
		d.leave(state.OutcomeAborted)
		d.noPosts()
	})
	t.Run("unasked", func(t *testing.T) {
		t.Parallel()
		u := prepareTalk(t)
		u.cfg.Given, u.unasked = given, true
		u.start()
		u.await("the request", func() bool { return len(u.posts()) == 1 })
		// Nobody sees what was found: that no other project has such a cluster was asked.
		asked := 0
		for _, r := range u.sim.Requests() {
			if strings.HasSuffix(r.Path, "/clusters/orders-prod") {
				asked++
			}
		}
		if asked != len(u.sim.World().Projects)-1 {
			t.Errorf("%d projects were asked whether they have one too", asked)
		}
		u.Wait("RUNNING")
		u.sim.Advance(10 * time.Minute)
		u.leave(state.OutcomeCompleted)
	})
}

// A name that several projects have is none, and neither is one that no project has: it is
// said where they stand, with commands that run.
func TestNameAloneIsNotEnough(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		cluster string
		world   func(*simulator.Server)
		says    []string
	}{
		"several": {"orders-prod", func(s *simulator.Server) {
			s.SetCluster("Storefront", "carts", func(c *simulator.Cluster) { c.Name = "orders-prod" })
		}, []string{"clusters of that name stand in 2 projects", "--projectId", "Storefront: atlas-restore train --projectId"}},
		"one of them multi-cloud": {"orders-prod", func(s *simulator.Server) {
			s.SetCluster("Storefront", "carts", func(c *simulator.Cluster) { c.Name, c.AlsoOn = "orders-prod", "GCP" })
		}, []string{"clusters of that name stand in 2 projects"}},
		"none": {"orders-prd", func(*simulator.Server) {}, []string{"there is no such cluster in any project that this credential may read"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			given := flows[2].practised()
			given.Project, given.Cluster = "", tc.cluster
			u := prepareTalk(t)
			tc.world(u.sim)
			u.cfg.Given, u.unasked = given, true
			u.start()
			sum := u.leave(state.OutcomeError)
			u.noPosts()
			if !sum.Usage {
				t.Error("the exit code is not that of a wrong command line")
			}
			for _, text := range tc.says {
				if !strings.Contains(sum.Text(), text) {
					t.Errorf("it does not say %q:\n%s", text, sum.Text())
				}
			}
			if strings.Contains(sum.Text(), "--confirm") {
				t.Errorf("a command confirms what nobody has chosen:\n%s", sum.Text())
			}
			if name == "one of them multi-cloud" {
				return // who sees what was found sees its project
			}
			s := prepare(t)
			tc.world(s.sim)
			s.cfg.Given = given
			s.cfg.Given.Confirm = ""
			s.start(roomy)
			s.Wait("which cluster's data")
			s.WaitFor("why", func(screen string) bool { return strings.Contains(flat(screen), tc.says[0]) })
			s.noPosts()
		})
	}
	// A flex cluster, which the one list lacks, is found by its name.
	s := prepare(t)
	s.cfg.Given = state.Given{Cluster: "blog"}
	s.start(normal)
	s.Wait("Sandbox › blog")
	s.Wait("which state of the data")
}

// The line face finds a cluster by what is said instead of a project.
func TestFindInLines(t *testing.T) {
	t.Parallel()
	d := prepareTalk(t)
	d.start()
	d.answer("Project:", "orders")
	d.Wait("orders-prod")
	d.answer("Cluster:", "orders-prod")
	d.Wait("Project: Payments.")
	d.Wait("Cluster: orders-prod, M30")
	d.answer("Snapshot", "b")
	d.answer("Project", "clusters")
	d.Wait("Cluster: which cluster's data do you want back?")
	d.answer("Cluster", "q")
	d.leave(state.OutcomeAborted)
}

// Of the cluster on which the highlight rests its newest snapshot and its point in time are
// looked up; rows that are only passed ask for nothing. What was seen is not asked for again.
func TestGlance(t *testing.T) {
	t.Parallel()
	s := prepare(t)
	s.cfg.Rest = time.Millisecond
	s.start(normal)
	find(s)
	s.Type("orders-prod")
	s.WaitFor("what its backups offer", func(screen string) bool {
		return strings.Contains(row(screen), " orders-prod ") && strings.Contains(flat(screen), "Newest snapshot 23 Nov 12:20 UTC · any moment of the last 7 days")
	})
	if line := row(s.Screen()); !strings.Contains(line, "point in time") {
		t.Errorf("its row does not tell what was read: %s", line)
	}
	s.Settled()
	before := len(s.sim.Requests())
	s.Press("enter")
	s.Wait("which state of the data")
	s.WaitFor("the snapshots", highlighted)
	for _, r := range s.sim.Requests()[before:] {
		if strings.HasSuffix(r.Path, "lusters") {
			t.Errorf("asked again for %s", r.Path)
		}
	}
	s.noPosts()

	passed := prepare(t)
	passed.cfg.Rest = time.Hour
	passed.start(normal)
	find(passed)
	passed.Press("down", "down", "up")
	passed.Type("orders")
	passed.Settled()
	if got := passed.requests(); len(got) != 2 {
		t.Errorf("rows that are passed ask for %v", got)
	}
}

// A name that the one list of all clusters lacks is looked for in the projects' own lists once
// nobody types on, and is then there: a flex cluster, and a terminated one.
func TestFindLooksFurther(t *testing.T) {
	t.Parallel()
	s := prepare(t)
	s.cfg.Rest = time.Millisecond
	s.start(normal)
	find(s)
	s.Type("guestbook")
	s.WaitFor("the flex cluster", func(screen string) bool { return strings.Contains(row(screen), "guestbook") })
	s.Press("ctrl+u")
	s.Type("wishlists")
	s.WaitFor("the terminated one", func(screen string) bool {
		return strings.Contains(row(screen), "wishlists") && strings.Contains(screen, "terminated")
	})
	s.Press("ctrl+u")
	s.Type("no-such-cluster")
	s.Wait(`No cluster matches "no-such-cluster" in any project, terminated ones too.`)
	s.Press("ctrl+u")
	s.Type("orders-prd")
	s.WaitFor("the name that is meant", func(screen string) bool {
		return strings.Contains(flat(screen), `No cluster matches "orders-prd" in any project, terminated ones too. Did you mean orders-prod? Esc clears`)
	})
	s.Press("ctrl+u")
	s.Type("wishlists")
	s.WaitFor("its row", func(screen string) bool { return strings.Contains(row(screen), "wishlists") })
	s.Press("enter")
	s.Wait("which state of the data")
	s.noPosts()
}

// lateProjects tells of the projects only when it is let.
type lateProjects struct {
	steps.Atlas
	come chan struct{}
}

// Projects implements steps.Atlas.
func (l *lateProjects) Projects(ctx context.Context) ([]state.Project, error) {
	<-l.come
	return l.Atlas.Projects(ctx)
}

// A name that was typed before the projects have come is looked for in them all the same.
func TestFindLooksFurtherOnceThereAreProjects(t *testing.T) {
	t.Parallel()
	s := prepare(t)
	s.cfg.Rest = time.Millisecond
	late := &lateProjects{s.cfg.Atlas, make(chan struct{})}
	s.cfg.Atlas = late
	s.start(normal)
	find(s)
	s.Type("guestbook")
	s.Wait("No cluster matches")
	close(late.come)
	s.WaitFor("the flex cluster", func(screen string) bool { return strings.Contains(row(screen), "guestbook") })
	s.noPosts()
}

// Of a target that is not available it is said why, before anybody chooses it: the one list does not
// tell that it is being created.
func TestATargetThatIsCreatedSaysSo(t *testing.T) {
	t.Parallel()
	s := play(t, normal)
	s.toSnapshots("Payments", "orders-prod")
	s.Press("enter")
	s.toDelivery(state.Automated)
	s.WaitFor("the targets", listed.MatchString)
	s.WaitFor("what it is doing", func(screen string) bool {
		return strings.Contains(flat(screen), "loadtest unknown ✗ creating: wait until it is idle")
	})
	s.noPosts()
}

// A target that the one list lacks is looked for too, on both faces.
func TestTargetLooksFurther(t *testing.T) {
	t.Parallel()
	s := prepare(t)
	s.cfg.Rest = time.Millisecond
	s.start(roomy)
	s.toSnapshots("Payments", "orders-prod")
	s.Press("enter")
	s.toDelivery(state.Automated)
	s.WaitFor("the targets", listed.MatchString)
	s.Type("guestbook")
	s.WaitFor("the flex cluster, and why not", func(screen string) bool {
		return strings.Contains(screen, "guestbook  ") && strings.Contains(flat(screen), "✗")
	})
	s.Press("ctrl+u")
	s.Type("loadtest")
	s.WaitFor("what it is doing", func(screen string) bool {
		return strings.Contains(screen, "✗ ") && strings.Contains(screen, "creating: wait until it is idle")
	})
	s.Wait("ctrl+r load again") // it may have ended meanwhile
	s.Press("enter")
	s.noPosts()

	d := talk(t)
	d.toSnapshots("Payments", "orders-prod")
	d.Say("")
	d.answer(askDelivery, "automated")
	d.answer(askTargetProject, "guestbook")
	d.Wait("Target project: ")
	d.noPosts()
}

// Where nothing is written down of what names mean, the first page says where that is done, and in
// which words: as they stand they are a configuration.
func TestTheFirstPageSaysHowNamesGetBadges(t *testing.T) {
	t.Parallel()
	s := prepare(t)
	s.cfg.NamesFile = "/home/me/.config/atlas-restore/config.toml"
	s.start(roomy)
	find(s)
	s.WaitFor("the file", func(screen string) bool {
		return strings.Contains(flat(screen), `write environment = [{name = "STG", names = ["stg*"]}] into /home/me/.config/atlas-restore/config.toml`)
	})
	own, err := config.Parse("config.toml", []byte(`environment = [{name = "STG", names = ["stg*"]}]`))
	if err != nil || own.Patterns().Called("Payments Staging", "orders-stg").Name != "STG" {
		t.Errorf("%v, %+v", err, own)
	}
}
