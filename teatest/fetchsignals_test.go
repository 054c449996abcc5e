//go:build unix

package teatest_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"atlas-restore/atlasclient/simulator"
	"atlas-restore/teatest"
)

var goOn = regexp.MustCompile(`(?m)^To go on: (atlas-restore .*)$`)

// A signal in the middle of a fetch, in a run that nobody sees, ends it soon and keeps what is there: the
// command that it prints goes on by a range, is stopped the same way, and comes to the proven end. One
// confirmation has made one job.
func TestBinaryFetchIsSignalled(t *testing.T) {
	t.Parallel()
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP} {
		if !plain(sig.String(), "terminated") {
			continue
		}
		t.Run(sig.String(), func(t *testing.T) {
			t.Parallel()
			a := newAlone(t)
			jobs, dir := len(a.sim.Jobs()), filepath.Join(t.TempDir(), "it's out")
			for _, f := range []simulator.FileFault{simulator.FileCut, simulator.FileStalled, simulator.FileStalled} {
				a.sim.Fail(simulator.Fault{File: f}) // the server offers ranges from the first one on
			}
			args := append([]string{"--clusterName", "orders-prod-restore", "--snapshotId", "latest", "--deliveryType", "download", "--confirm", "download", "--accept", "all", "--out", dir}, a.args...)
			u := teatest.StartUnseen(t, teatest.Binary(t), args, a.env)
			u.Wait("RUNNING")
			a.sim.Advance(6 * time.Minute)
			const how = " --limit-rate 90M --at-once 1 --tight"
			again := ""
			for _, left := range []struct {
				sig  syscall.Signal
				code int
			}{{sig, 7}, {syscall.SIGINT, 130}} {
				u.Wait("going on at ")
				u.Signal(left.sig)
				code, out, errs := u.End()
				hint := goOn.FindStringSubmatch(out)
				if code != left.code || hint == nil || !strings.Contains(out, "a part of it is kept") || strings.Contains(errs, "Stopping: what is there is being kept.") != (code == 7) || strings.Contains(out+errs, "roven:") || strings.Contains(out, "ommand goes on") || strings.Contains(out+errs, "/delivery/") {
					t.Fatalf("after %v: exit code %d\n%s\n%s", left.sig, code, out, errs)
				}
				if again != "" && !strings.Contains(hint[1], strings.Replace(how, "90M", "90000000", 1)) {
					t.Errorf("it goes on otherwise than asked for: %s\nthan: %s", hint[1], again)
				}
				if again = hint[1]; left.code == 7 {
					again += how
				}
				if kept := there(t, dir); len(kept) != 2 || !strings.HasSuffix(kept[0], ".tar.gz.part") || !strings.HasSuffix(kept[1], ".tar.gz.part.json") {
					t.Errorf("after %v there is: %q", left.sig, kept)
				}
				a.sim.AwaitDeliveries() // until the server knows that nobody reads any more
				path := t.TempDir()
				if err := os.Symlink(teatest.Binary(t), filepath.Join(path, "atlas-restore")); err != nil {
					t.Fatal(err)
				}
				u = teatest.StartUnseen(t, "/bin/sh", []string{"-c", "exec " + again}, append(a.env, "PATH="+path+":"+os.Getenv("PATH")))
			}
			code, out, errs := u.End()
			if code != 0 || !strings.Contains(out, "Downloaded: 1 file of orders-prod-restore, whole and proven.") || !strings.Contains(errs, "going on at ") || len(there(t, dir)) != 4 {
				t.Errorf("exit code %d, %q\n%s\n%s", code, there(t, dir), out, errs)
			}
			if made := len(a.sim.Jobs()) - jobs; made != 1 {
				t.Errorf("%d jobs were made", made)
			}
			var ranges []int
			for _, r := range a.sim.Requests() {
				if strings.HasPrefix(r.Path, "/delivery/") {
					ranges = append(ranges, r.Status)
				}
			}
			if len(ranges) != 4 || ranges[1] != 206 || ranges[2] != 206 || ranges[3] != 206 {
				t.Errorf("the file is asked for with the answers %v", ranges)
			}
		})
	}
}

// there are the names in a directory.
func there(t *testing.T, dir string) (names []string) {
	t.Helper()
	all, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range all {
		names = append(names, e.Name())
	}
	return names
}
