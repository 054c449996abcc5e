package teatest_test

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"atlas-restore/atlasclient/simulator"
	"atlas-restore/state"
	"atlas-restore/teatest"
)

// alone is the built program against an embedded Atlas of its own.
type alone struct {
	*world
	args, env []string
}

func newAlone(t *testing.T) *alone {
	t.Helper()
	return aloneIn(t, newWorldAt(t, time.Now()))
}

func aloneIn(t *testing.T, w *world) *alone {
	t.Helper()
	k := w.sim.Keys()
	return &alone{
		world: w, args: []string{"--base-url", w.sim.BaseURL(), "--state-dir", w.dir},
		env: []string{"MONGODB_ATLAS_CLIENT_ID=" + k.ClientID, "MONGODB_ATLAS_CLIENT_SECRET=" + k.ClientSecret},
	}
}

// run runs it without a terminal, to its end.
func (a *alone) run(args ...string) (code int, out, errs string) {
	a.t.Helper()
	return teatest.RunBinary(a.t, teatest.Binary(a.t), append(args, a.args...), a.env, "")
}

// open starts it on a terminal.
func (a *alone) open(args ...string) *teatest.Process {
	a.t.Helper()
	return teatest.StartBinary(a.t, teatest.Binary(a.t), append(args, a.args...), a.env, normal)
}

// restoring starts it and has it restore, up to the job that runs.
func (a *alone) restoring() *teatest.Process {
	a.t.Helper()
	p := a.open(overwriting...)
	p.AssertTarget("orders-prod-restore")
	p.Confirm("orders-prod-restore")
	p.Wait("RUNNING")
	return p
}

var overwriting = []string{
	"--projectId", "Payments", "--clusterName", "orders-prod", "--snapshotId", "latest", "--deliveryType", "automated",
	"--targetProjectId", "Payments", "--targetClusterName", "orders-prod-restore",
}

// What was left running is followed at the next start, or by watch, and its end told.
func TestBinaryComesBack(t *testing.T) {
	t.Parallel()
	a := newAlone(t)
	p := a.restoring()
	letGo(p)
	if code := p.ExitCode(); code != 7 {
		t.Fatalf("left with %d", code)
	}
	id := a.sim.Jobs()[len(a.sim.Jobs())-1].ID
	wantText(t, p.Transcript(), "orders-prod-restore is down until it ends", "atlas-restore watch "+id)

	p = a.open()
	p.Wait("Restore of orders-prod onto orders-prod-restore")
	p.Wait("end not seen")
	p.WaitFor("a highlighted row", highlighted)
	p.Press("enter")
	p.Wait("RUNNING")
	p.Wait("RUNNING")
	letGo(p)
	if code := p.ExitCode(); code != 7 {
		t.Errorf("left again with %d", code)
	}

	wantText(t, p.Output(), "\natlas-restore watch "+id+" --base-url "+a.sim.BaseURL()+" --state-dir "+a.dir+"\r\n") // what can be pasted: one line, however wide the terminal is
	if code, _, errs := a.run("watch", "--clusterName", "ledger-prod"); code != 1 || !strings.Contains(errs, "knows of none") {
		t.Errorf("another cluster's job was followed: exit code %d\n%s", code, errs)
	}
	if code, _, errs := a.run("watch", id, "--projectId", "Payments", "--clusterName", "ledger-prod"); code != 1 || !strings.Contains(errs, "404") {
		t.Errorf("a job was found where it is not: exit code %d\n%s", code, errs)
	}
	a.sim.Advance(10 * time.Minute)
	for _, args := range [][]string{{"watch"}, {"watch", id, "-o", "json"}, {"watch", id, "--line"}} {
		code, out, errs := a.run(args...)
		if code != 0 || !strings.Contains(out, "completed") {
			t.Errorf("%q: exit code %d\n%s%s", args, code, out, errs)
		}
		if args[0] == "watch" && len(args) == 1 { // its end was seen now
			code, _, errs = a.run("watch")
			if code != 1 || !strings.Contains(errs, "knows of none") {
				t.Errorf("nothing is left, exit code %d\n%s", code, errs)
			}
		}
	}
	if n := len(a.posts()); n != 1 {
		t.Errorf("%d requests", n)
	}
}

// A plan that was left is taken up again where it was left, and confirmed anew.
func TestBinaryTakesUpThePlan(t *testing.T) {
	rare(t)
	t.Parallel()
	a := newAlone(t)
	p := a.open(overwriting...)
	p.AssertTarget("orders-prod-restore")
	p.Wait("type its name")
	p.Press("ctrl+c")
	if code := p.ExitCode(); code != 130 {
		t.Fatalf("left with %d", code)
	}
	p = a.open()
	p.Wait("the plan: orders-prod onto orders-prod-restore")
	p.WaitFor("a highlighted row", highlighted)
	p.Press("enter")
	p.AssertTarget("orders-prod-restore")
	p.Confirm("orders-prod-restore")
	p.Wait("RUNNING")
	letGo(p)
	if code := p.ExitCode(); code != 7 {
		t.Errorf("left with %d", code)
	}
	if _, err := os.Stat(filepath.Join(a.dir, "plan.json")); err == nil {
		t.Error("a plan that was submitted is offered again")
	}
}

// Watch says so where it may not look, and does not end well; what passes it survives.
func TestBinaryWatchIsHonest(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		fault simulator.Fault
		code  int
		says  string
	}{
		"401":          {simulator.Fault{Status: 401, ErrorCode: "USER_UNAUTHORIZED", Times: -1}, 6, "401"},
		"403":          {simulator.Fault{Status: 403, ErrorCode: "USER_UNAUTHORIZED", Times: -1}, 6, "403"},
		"404":          {simulator.Fault{Status: 404, ErrorCode: "RESTORE_JOB_NOT_FOUND", Times: -1}, 6, "404"},
		"503 one time": {simulator.Fault{Status: 503, Times: 1}, 0, "503"},
	} {
		if !plain(name, "401", "503 one time") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAlone(t)
			p := a.restoring()
			letGo(p)
			_ = p.ExitCode()
			a.sim.Advance(10 * time.Minute)
			tc.fault.Method, tc.fault.PathContains = http.MethodGet, "/restoreJobs/"
			a.sim.Fail(tc.fault)
			code, out, errs := a.run("watch", "-o", "json")
			if code != tc.code || !strings.Contains(errs, tc.says) {
				t.Errorf("exit code %d\n%s\n%s", code, out, errs)
			}
			if r := result(t, out); tc.code == 6 && r.Outcome != state.OutcomeUnknown {
				t.Errorf("the outcome is %s", r.Outcome)
			}
		})
	}
}

// Jobs lists those of a cluster, whoever started them, and says which are this machine's;
// with --mine it asks Atlas nothing.
func TestBinaryJobs(t *testing.T) {
	t.Parallel()
	a := newAlone(t)
	p := a.restoring()
	letGo(p)
	_ = p.ExitCode()
	source := []string{"jobs", "--projectId", "Payments", "--clusterName", "orders-prod"}
	code, out, errs := a.run(source...)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if code != 0 || len(lines) < 3 || !strings.HasPrefix(lines[0], "STATE") || !strings.HasPrefix(lines[1], "running") || !strings.Contains(lines[1], "orders-prod-restore") {
		t.Fatalf("exit code %d\n%s\n%s", code, out, errs)
	}
	if !strings.Contains(lines[1], ", as mdb_sa_id_") || strings.Contains(lines[2], ", as mdb_sa_id_") {
		t.Errorf("whose jobs these are cannot be told:\n%s", out)
	}
	code, out, _ = a.run(append(source, "-o", "json")...)
	if code != 0 || !strings.Contains(out, `"startedBy": `) || !strings.Contains(out, `"status": "running"`) {
		t.Errorf("exit code %d\n%s", code, out)
	}
	before := len(a.sim.Requests())
	code, out, _ = a.run("jobs", "--mine")
	if code != 0 || !strings.Contains(out, "not seen to its end") || len(a.sim.Requests()) != before {
		t.Errorf("exit code %d, %d requests\n%s", code, len(a.sim.Requests())-before, out)
	}
	if code, _, errs = a.run("jobs"); code != state.ExitUsage {
		t.Errorf("exit code %d\n%s", code, errs)
	}
}

// What the config protects is not overwritten, whatever is confirmed.
func TestBinaryProtectedTarget(t *testing.T) {
	t.Parallel()
	a := newAlone(t)
	home := t.TempDir()
	if err := os.MkdirAll(filepath.Join(home, "atlas-restore"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(home, "atlas-restore", "config.toml"), []byte("protected = [\"orders-*\"]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	a.env = append(a.env, "XDG_CONFIG_HOME="+home)
	code, _, errs := a.run(append(slices.Clone(overwriting), "--confirm", "orders-prod-restore")...)
	if code != 1 || !strings.Contains(errs, "orders-prod-restore is protected by the configuration.") {
		t.Errorf("exit code %d\n%s", code, errs)
	}
	a.noPosts()
}

// Without a question, a BLOCK ends with 1 and no request, and so does what is unknown,
// unless it is accepted by name.
func TestBinaryChecksWithoutAQuestion(t *testing.T) {
	t.Parallel()
	a := newAlone(t)
	all := append(slices.Clone(overwriting), "--confirm", "orders-prod-restore")
	a.sim.SetCluster("Payments", "orders-prod-restore", func(c *simulator.Cluster) { c.State = "UPDATING" })
	code, _, errs := a.run(all...)
	if code != 1 || !strings.Contains(errs, "target is a BLOCK") && !strings.Contains(errs, "wait until it is idle") {
		t.Errorf("exit code %d\n%s", code, errs)
	}
	a.sim.SetCluster("Payments", "orders-prod-restore", func(c *simulator.Cluster) { c.State = "IDLE" })
	a.sim.Fail(everyGet("/restoreJobs", http.StatusForbidden))
	if code, _, errs = a.run(all...); code != 1 || !strings.Contains(errs, "running is UNKNOWN") {
		t.Errorf("exit code %d\n%s", code, errs)
	}
	if code, _, errs = a.run(append(all, "--accept", "disk")...); code != 1 || !strings.Contains(errs, "running is UNKNOWN") {
		t.Errorf("another one accepted: exit code %d\n%s", code, errs)
	}
	a.noPosts()
	if code, _, errs = a.run(append(all, "--accept", "running")...); code != 6 || len(a.posts()) != 1 { // nor may its job be looked at
		t.Errorf("accepted: exit code %d, %d requests\n%s", code, len(a.posts()), errs)
	}
}

// A request whose job was looked for in vain is not forgotten: the next start offers to
// look again, and a new review of the same target warns of it.
func TestBinaryLostIsNotForgotten(t *testing.T) {
	t.Parallel()
	a := newAlone(t)
	a.sim.Fail(onePost(simulator.Fault{Drop: simulator.BeforeCommit}))
	p := a.open(overwriting...)
	p.AssertTarget("orders-prod-restore")
	p.Confirm("orders-prod-restore")
	p.Wait("Looking for its job")
	a.sim.Advance(3 * time.Minute)
	p.Wait("its job was not found")
	p.Press("q")
	if code := p.ExitCode(); code != 6 {
		t.Fatalf("left with %d", code)
	}
	p = a.open("--projectId", "Payments") // whoever knows what is wanted is told
	p.WaitFor("how it is looked for", func(screen string) bool {
		return strings.Contains(flat(screen), "its outcome is unknown. atlas-restore watch ")
	})
	p.Press("ctrl+c")
	_ = p.ExitCode()
	p = a.open(overwriting...)
	p.Wait("never answered and its job not found")
	p.Press("ctrl+c")
	_ = p.ExitCode()
	// A project that is only the usual one, of the environment or a profile, hides nothing.
	a.env = append(a.env, "MONGODB_ATLAS_PROJECT_ID="+a.sim.ProjectID("Payments"))
	p = a.open()
	p.Wait("outcome unknown")
	p.WaitFor("a highlighted row", highlighted)
	p.Press("enter")
	p.Wait("its job was not found")
	p.Press("q")
	if code := p.ExitCode(); code != 6 {
		t.Errorf("left with %d", code)
	}
	// What the list of this machine says of it can be typed behind watch.
	_, list, _ := a.run("jobs", "--mine")
	head, row, _ := strings.Cut(list, "\n")
	id, _, _ := strings.Cut(row[max(0, strings.Index(head, "REQUEST")):], " ")
	if code, out, errs := a.run("watch", id); code != 6 || state.CheckRequest(id) != nil {
		t.Errorf("watch %q: exit code %d\n%s%s%s", id, code, list, out, errs)
	}
	if n := len(a.posts()); n != 1 {
		t.Errorf("%d requests", n)
	}
}
