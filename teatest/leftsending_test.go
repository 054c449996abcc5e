//go:build unix

package teatest_test

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"atlas-restore/atlasclient/simulator"
	"atlas-restore/teatest"
)

// The terminal is closed right after a confirmation, before the request has left: nothing is submitted, and the
// next start offers the plan as it does where nothing was confirmed.
func TestBinaryClosedBeforeTheRequestHasLeft(t *testing.T) {
	t.Parallel()
	for name, line := range map[string]bool{"full screen": false, "line by line": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAlone(t)
			face := slices.Clone(overwriting)
			if line {
				face = append(face, "--line")
			}
			p := a.open(face...)
			p.Wait("type its name")
			hold := make(chan struct{})
			teatest.AtEnd(t, func() { close(hold) })
			a.sim.Fail(simulator.Fault{Method: http.MethodGet, PathEnds: "/restoreJobs", Stall: hold, Times: -1})
			if line {
				p.Type("orders-prod-restore\r")
			} else {
				p.AssertTarget("orders-prod-restore")
				p.Confirm("orders-prod-restore")
			}
			p.Wait("ooking once more")
			p.HangUp()
			_ = p.ExitCode() // the terminal is gone: it is that of the signal, or its own
			if got := a.events(); len(got) != 0 {
				t.Errorf("the journal has %v", got)
			}
			a.sim.Heal()
			p = a.open()
			p.Wait("the plan: orders-prod onto orders-prod-restore")
			p.Press("ctrl+c")
			_ = p.ExitCode()
			if n := len(a.posts()); n != 0 {
				t.Errorf("%d requests were sent", n)
			}
		})
	}
}

// That a request is sent is not said before it is: not where its intent cannot be written.
func TestBinarySaysNoSendingThatIsNone(t *testing.T) {
	t.Parallel()
	a := newAlone(t)
	none := filepath.Join(t.TempDir(), "none")
	if err := os.Symlink(none+"where", none); err != nil { // no directory can be made in its place
		t.Fatal(err)
	}
	a.args = []string{"--base-url", a.sim.BaseURL(), "--state-dir", none}
	run := []string{"--projectId", "Payments", "--clusterName", "orders-prod", "--snapshotId", "latest", "--deliveryType", "download", "--confirm", "download"}
	code, out, errs := a.run(run...)
	if code != 1 || strings.Contains(errs, "Sending the request") || !strings.Contains(errs, "Nothing was submitted") || len(a.posts()) != 0 {
		t.Errorf("exit code %d\n%s\n%s", code, out, errs)
	}
}
