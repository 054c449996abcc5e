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
