//go:build unix

package teatest_test

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"atlas-restore/atlasclient/simulator"
	"atlas-restore/teatest"
)

// pasted runs a command as it was printed, by a shell that finds the program.
func pasted(t *testing.T, command string, env []string) (code int, out, errs string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.Symlink(teatest.Binary(t), filepath.Join(dir, "atlas-restore")); err != nil {
		t.Fatal(err)
	}
	return teatest.RunBinary(t, "/bin/sh", []string{"-c", command}, append(slices.Clone(env), "PATH="+dir+":"+os.Getenv("PATH")), "")
}

var followIt = regexp.MustCompile(`To follow it: (atlas-restore .*)`)

// What is told to follow a job by runs as printed: for a job of this machine, and for one that
// it knows nothing of, which needs its project and cluster.
func TestBinaryHintsRunAsPrinted(t *testing.T) {
	t.Parallel()
	w := newWorldAt(t, time.Now().UTC())
	args, env := w.live("")
	p := teatest.StartBinary(t, teatest.Binary(t), args, env, teatest.Size{W: 400, H: 24})
	toRunning(p)
	p.Signal(syscall.SIGTERM)
	wantLeft(t, p, 7)
	mine := followIt.FindStringSubmatch(p.Transcript())
	if mine == nil {
		t.Fatalf("no hint in %q", p.Transcript())
	}
	others := slices.Clone(args)
	others[len(others)-1] = filepath.Join(t.TempDir(), "a b") // the state of another machine
	p = teatest.StartBinary(t, teatest.Binary(t), append([]string{"watch", w.newest(), "--projectId", "Payments", "--clusterName", "orders-prod"}, others...), env, teatest.Size{W: 400, H: 24})
	p.Wait("RUNNING")
	p.Signal(syscall.SIGTERM)
	wantLeft(t, p, 7)
	foreign := followIt.FindStringSubmatch(p.Transcript())
	if foreign == nil {
		t.Fatalf("no hint in %q", p.Transcript())
	}
	w.sim.Advance(10 * time.Minute)
	for _, hint := range []string{strings.TrimSpace(mine[1]), strings.TrimSpace(foreign[1])} {
		if code, out, errs := pasted(t, hint, env); code != 0 {
			t.Errorf("%s: exit code %d\n%s\n%s", hint, code, out, errs)
		}
	}
}

// A run that cannot ask is told the flag by which a check is accepted, and that flag is taken.
func TestBinaryTellsTheFlagThatAccepts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	args, env := w.live("")
	w.passes()
	w.sim.Fail(simulator.Fault{Method: http.MethodGet, PathContains: "/backup/restoreJobs", Status: 403, ErrorCode: "USER_UNAUTHORIZED", Times: -1})
	run := append([]string{
		"--projectId", "Payments", "--clusterName", "orders-prod", "--snapshotId", "latest", "--deliveryType", "automated",
		"--targetProjectId", "Payments", "--targetClusterName", "orders-prod-restore", "--confirm", "orders-prod-restore",
	}, args...)
	told := regexp.MustCompile(`Nothing was submitted: running is UNKNOWN\. To go on all the same: (\S+ [a-z]+)\.`)
	code, out, errs := teatest.RunBinary(t, teatest.Binary(t), run, env, "")
	hint := told.FindStringSubmatch(errs)
	if code != 1 || hint == nil || hint[1] != "--accept running" || strings.Contains(errs, "same: accept") {
		t.Fatalf("exit code %d\n%s\n%s", code, out, errs)
	}
	had := len(w.sim.Jobs())
	run = append(run, strings.Fields(hint[1])...)
	if code, out, errs := teatest.RunBinary(t, teatest.Binary(t), run, env, ""); len(w.sim.Jobs()) != had+1 || told.MatchString(errs) || code == 2 {
		t.Errorf("with it: exit code %d\n%s\n%s", code, out, errs)
	}
}

var named = regexp.MustCompile(`: (atlas-restore .*)`)

// hint is the last command that an output names.
func hint(t *testing.T, output string) string {
	t.Helper()
	all := named.FindAllStringSubmatch(output, -1)
	if len(all) == 0 {
		t.Fatalf("no command is named in %q", output)
	}
	return strings.TrimSpace(all[len(all)-1][1])
}

// onTerminal runs a command as it was printed, by a shell that finds the program, on a terminal.
func onTerminal(t *testing.T, command string) *teatest.Process {
	t.Helper()
	dir := t.TempDir()
	if err := os.Symlink(teatest.Binary(t), filepath.Join(dir, "atlas-restore")); err != nil {
		t.Fatal(err)
	}
	return teatest.StartBinary(t, "/bin/sh", []string{"-c", "exec " + command}, []string{"PATH=" + dir + ":" + os.Getenv("PATH")}, teatest.Size{W: 120, H: 30})
}

// Whoever has no credential, no simulator or a progress that cannot be read is told a command, and
// it runs as printed and mends that.
func TestBinaryNamesCommandsThatRun(t *testing.T) {
	t.Parallel()
	t.Run("no credentials", func(t *testing.T) {
		t.Parallel()
		code, _, errs := teatest.RunBinary(t, teatest.Binary(t), []string{"jobs", "--projectId", "Payments", "--clusterName", "orders-prod", "--state-dir", t.TempDir()}, nil, "")
		if code != 1 {
			t.Fatalf("exit code %d: %s", code, errs)
		}
		p := onTerminal(t, hint(t, errs))
		p.Wait("TRAINING")
		p.Press("ctrl+c")
		wantLeft(t, p, 130)
	})
	t.Run("nothing is served", func(t *testing.T) {
		t.Parallel()
		address := teatest.Vacant(t)
		code, _, errs := teatest.RunBinary(t, teatest.Binary(t), []string{"train", "--line", "--join", "http://" + address}, nil, "")
		if code != 1 {
			t.Fatalf("exit code %d: %s", code, errs)
		}
		p := onTerminal(t, hint(t, errs))
		p.Wait(`"baseUrl":"http://` + address)
		p.Press("ctrl+c")
		wantLeft(t, p, 0)
	})
	t.Run("the progress of training", func(t *testing.T) {
		t.Parallel()
		dir := filepath.Join(t.TempDir(), "a b")
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "training.json"), []byte("{"), 0o600); err != nil {
			t.Fatal(err)
		}
		list := []string{"train", "--list", "--state-dir", dir}
		code, _, errs := teatest.RunBinary(t, teatest.Binary(t), list, nil, "")
		if code != 1 {
			t.Fatalf("exit code %d: %s", code, errs)
		}
		if code, out, errs := pasted(t, hint(t, errs), nil); code != 0 {
			t.Fatalf("exit code %d: %s%s", code, out, errs)
		}
		code, out, errs := teatest.RunBinary(t, teatest.Binary(t), list, nil, "")
		if code != 0 {
			t.Fatalf("the list is not readable after it: %d %s", code, errs)
		}
		p := onTerminal(t, hint(t, out))
		p.Wait("The clock runs.")
		p.Press("ctrl+c")
		wantLeft(t, p, 1)
	})
}

// A plan that was left and cannot be read is told, and the run goes on without it.
func TestBinaryTellsOfAPlanThatCannotBeRead(t *testing.T) {
	t.Parallel()
	a := newAlone(t)
	if err := os.WriteFile(filepath.Join(a.dir, "plan.json"), []byte(`{"time":`), 0o600); err != nil {
		t.Fatal(err)
	}
	p := a.open("--line")
	p.Wait("A plan that was left before it was submitted is not offered")
	p.Wait("1 of 7: Analytics")
	p.Press("ctrl+c")
	wantLeft(t, p, 130)
	if code, _, errs := a.run("jobs", "--mine"); code != 0 || strings.Contains(errs, "plan") {
		t.Errorf("a command that offers no plan ends with %d and says %q", code, errs)
	}
}

// jobs and watch find a cluster as the wizard does: by its name where one project only has it, else
// they say in which, with commands that run; and jobs by the id of a job of this machine.
func TestBinaryFindsTheJobsOfAName(t *testing.T) {
	rare(t)
	t.Parallel()
	a := newAlone(t)
	if err := a.sim.Inject(simulator.Inject{Restore: &simulator.InjectColleague{Source: "Payments/orders-prod", Target: "Payments/orders-prod-restore"}}); err != nil {
		t.Fatal(err)
	}
	job := a.newest()
	code, out, errs := a.run("jobs", "--clusterName", "orders-prod", "-o", "json")
	if code != 0 || !strings.Contains(out, job) {
		t.Fatalf("exit code %d\n%s%s", code, out, errs)
	}
	a.sim.Advance(time.Hour)
	if code, _, errs := a.run("watch", job, "--clusterName", "orders-prod"); code != 0 {
		t.Errorf("watching it ends with %d\n%s", code, errs)
	}
	if code, _, errs := a.run("watch", job); code == 0 || !strings.Contains(errs, "--clusterName says of which cluster") {
		t.Errorf("watching a job that nobody knows ends with %d\n%s", code, errs)
	}
	if code, _, errs := a.run("jobs", job); code != 1 || !strings.Contains(errs, "was not submitted from this machine") {
		t.Errorf("the jobs beside one that nobody knows: %d\n%s", code, errs)
	}
	for _, of := range [][]string{{"jobs"}, {"watch", job}, {"download", job}, {"when"}, {"runbook"}} { // wrong with a project too, and by itself
		for _, flags := range [][]string{{"--projectId", "Payments"}, nil} {
			code, _, errs := a.run(slices.Concat(of, []string{"--clusterName", "orders-prd"}, flags)...)
			if code != 1 || !strings.Contains(errs, `--clusterName "orders-prd": there is no such cluster in `) || !strings.Contains(errs, "; did you mean orders-prod?") {
				t.Errorf("%s %s of a cluster that is not there: %d\n%s", of, flags, code, errs)
			}
		}
	}
	a.sim.SetCluster("Storefront", "carts", func(c *simulator.Cluster) { c.Name = "orders-prod" })
	for _, command := range [][]string{{"jobs"}, {"watch", job}} {
		code, _, errs := a.run(append(command, "--clusterName", "orders-prod")...)
		if code != 1 || !strings.Contains(errs, "clusters of that name stand in 2 projects") {
			t.Fatalf("%s ends with %d\n%s", command, code, errs)
		}
		hint := regexp.MustCompile(`Payments: (atlas-restore ` + command[0] + ` .*)`).FindStringSubmatch(errs)
		if hint == nil {
			t.Fatalf("no command for the one in Payments: %s", errs)
		}
		if code, out, errs := pasted(t, hint[1], a.env); code != 0 || !strings.Contains(out+errs, job) {
			t.Errorf("%s: %d\n%s%s", hint[1], code, out, errs)
		}
	}
}
