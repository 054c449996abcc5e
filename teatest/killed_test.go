//go:build unix

package teatest_test

import (
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"atlas-restore/atlasclient/simulator"
	"atlas-restore/state/journal"
	"atlas-restore/teatest"
)

// The built program is killed while its request is under way. Started again without any
// answer by flag, it offers first to look for the job; and it finds it, or says that it
// is not there, also where this machine's clock is off: at the first page no answer has
// set it right yet.
func TestBinaryKilledWhileItSends(t *testing.T) {
	t.Parallel()
	for i, tc := range []struct {
		taken int           // how often Atlas acts on the request
		ahead time.Duration // of this machine's clock, Atlas's
		line  bool
	}{
		{1, 0, false},
		{1, 10 * time.Minute, false},
		{1, -10 * time.Minute, true},
		{0, 0, true},
		{0, 10 * time.Minute, true},
		{0, -10 * time.Minute, false},
	} {
		if !few(i, 3) {
			continue
		}
		t.Run(fmt.Sprintf("taken %d, Atlas ahead by %v, line %v", tc.taken, tc.ahead, tc.line), func(t *testing.T) {
			t.Parallel()
			sim, err := simulator.Start(simulator.Options{Seed: 1, Start: time.Now().Add(tc.ahead)})
			if err != nil {
				t.Fatal(err)
			}
			teatest.AtEnd(t, func() { _ = sim.Close() })
			w := &world{t: t, sim: sim, dir: t.TempDir()}
			had := len(w.sim.Jobs())
			k := w.sim.Keys()
			env := []string{"MONGODB_ATLAS_CLIENT_ID=" + k.ClientID, "MONGODB_ATLAS_CLIENT_SECRET=" + k.ClientSecret}
			args := []string{"--base-url", w.sim.BaseURL(), "--state-dir", w.dir}
			if tc.line {
				args = append(args, "--line")
			}
			gate := make(chan struct{})
			w.sim.Fail(simulator.Fault{Method: "POST", PathContains: "/restoreJobs", Stall: gate, Acts: tc.taken})

			p := teatest.StartBinary(t, teatest.Binary(t), slices.Concat(args, flagsOf(flows[2].given())), env, roomy)
			w.await("the request", func() bool { return w.sim.Armed() == 0 && len(w.sim.Jobs()) == had+tc.taken })
			p.Signal(syscall.SIGKILL)
			if code := p.ExitCode(); code != -1 {
				t.Fatalf("it was not killed: exit code %d", code)
			}
			w.await("the end of its connection", func() bool { return len(w.posts()) == 1 })
			if got := w.events(); !slices.Equal(got, []string{"intent"}) {
				t.Fatalf("the journal has %v", got)
			}

			p = teatest.StartBinary(t, teatest.Binary(t), args, env, roomy)
			p.Wait("outcome unknown")
			if tc.line {
				p.Wait("enter takes Restore of orders-prod onto orders-prod-restore:")
			} else {
				p.WaitFor("the request on top", func(screen string) bool { return strings.Contains(row(screen), "onto orders-prod-restore") })
			}
			p.Press("enter")
			want := []string{"intent", "found"}
			if tc.taken == 0 {
				want[1] = "notFound"
				p.Wait("Looking for its job")
				w.sim.Advance(3 * time.Minute)
				p.Wait("its job was not found")
			} else {
				p.Wait("A restore job that fits the request was found")
				p.Wait("RUNNING")
			}
			entries, err := journal.At(w.dir).Read()
			if err != nil {
				t.Fatal(err)
			}
			all := journal.Submissions(entries)
			jobs := w.sim.Jobs()[had:]
			if tc.taken == 1 && (len(all) != 1 || len(jobs) != 1 || all[0].JobID != jobs[0].ID) {
				t.Errorf("found %v of %v", all, jobs)
			}
			if got := w.events(); !slices.Equal(got, want) {
				t.Errorf("the journal has %v, want %v", got, want)
			}
			if n := len(w.posts()); n != 1 || len(jobs) != tc.taken {
				t.Errorf("%d requests and %d jobs for one confirmation", n, len(jobs))
			}
		})
	}
}

// The built program is killed while it follows a job. The next start follows that job, and
// asks for no other.
func TestBinaryKilledWhileItFollows(t *testing.T) {
	t.Parallel()
	a := newAlone(t)
	p := a.restoring()
	p.Signal(syscall.SIGKILL)
	_ = p.ExitCode()
	a.sim.Advance(10 * time.Minute)
	p = a.open()
	p.Wait("end not seen")
	p.WaitFor("a highlighted row", highlighted)
	p.Press("enter")
	p.Wait("COMPLETED")
	p.Press("q")
	if code := p.ExitCode(); code != 0 || len(a.posts()) != 1 {
		t.Errorf("left with %d after %d requests", code, len(a.posts()))
	}
}
