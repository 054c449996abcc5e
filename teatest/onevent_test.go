//go:build unix

package teatest_test

import (
	"fmt"
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

// live are the arguments and the environment of the built program against this world.
func (w *world) live(config string) (args, env []string) {
	w.t.Helper()
	k := w.sim.Keys()
	home, _ := settled(w.t, config)
	return []string{"--base-url", w.sim.BaseURL(), "--state-dir", w.t.TempDir()},
		[]string{"MONGODB_ATLAS_CLIENT_ID=" + k.ClientID, "MONGODB_ATLAS_CLIENT_SECRET=" + k.ClientSecret, "NO_PROXY=127.0.0.1", home}
}

// passes moves the clock of the embedded Atlas until the test ends.
func (w *world) passes() {
	over, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-over:
				return
			case <-time.After(20 * time.Millisecond):
				w.sim.Advance(2 * time.Second)
			}
		}
	}()
	teatest.AtEnd(w.t, func() { close(over); <-ended })
}

// toEnd moves the clock to the end of the job on the screen of the built program.
func (w *world) toEnd(p *teatest.Process) {
	w.t.Helper()
	w.sim.Advance(10 * time.Minute)
	p.Press("ctrl+r")
	p.Wait("READY")
}

// newest is the id of the job that was made last.
func (w *world) newest() string {
	return slices.MaxFunc(w.sim.Jobs(), func(a, b simulator.Job) int { return strings.Compare(a.ID, b.ID) }).ID
}

// heard waits for what a command has written, whole.
func (w *world) heard(path string) string {
	w.t.Helper()
	w.await("the command", func() bool {
		raw, err := os.ReadFile(path)
		return err == nil && strings.HasSuffix(string(raw), "over\n")
	})
	raw, err := os.ReadFile(path)
	if err != nil {
		w.t.Fatal(err)
	}
	return string(raw)
}

// The command of on_done runs once, with what it has to know and no secret, while the job
// is still on the screen; left at once, or without any screen, it is waited for.
func TestBinaryRunsOnDone(t *testing.T) {
	t.Parallel()
	script := func(out, more string) string {
		return fmt.Sprintf("on_done = ['/bin/sh', '-c', '''%s; env | grep -v ^PATH= >>%q; cat >>%q; echo noise; echo over >>%q''', 'sword-fish']\n", more, out, out, out)
	}
	check := func(t *testing.T, w *world, said string) {
		t.Helper()
		wantText(t, said, "ATLAS_RESTORE_OUTCOME=ready\n", "ATLAS_RESTORE_JOB_ID="+w.newest()+"\n", "ATLAS_RESTORE_DELIVERY_TYPE=download\n",
			"ATLAS_RESTORE_CLUSTER=orders-prod\n", "ATLAS_RESTORE_TARGET=\n", "HOME=")
		k := w.sim.Keys()
		for _, secret := range []string{k.ClientID, k.ClientSecret, "MONGODB_ATLAS", "http", "PROXY=x"} {
			if strings.Contains(said, secret) {
				t.Errorf("the command gets %q:\n%s", secret, said)
			}
		}
		if n := strings.Count(said, "over\n"); n != 1 {
			t.Errorf("it ran %d times", n)
		}
	}
	t.Run("full screen", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		out := filepath.Join(t.TempDir(), "out")
		args, env := w.live(script(out, "sleep 0.1"))
		p := teatest.StartBinary(t, teatest.Binary(t), args, append(env, "HTTPS_PROXY=x"), normal)
		toRunning(p)
		w.toEnd(p)
		said := w.heard(out) // nobody has left yet
		letGo(p)
		wantLeft(t, p, 0)
		check(t, w, said)
		if text := p.Output(); strings.Contains(text, "noise") || strings.Contains(text, "on_done") {
			t.Errorf("its command is heard on the screen: %q", text)
		}
	})
	t.Run("without a question", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		out := filepath.Join(t.TempDir(), "out")
		args, env := w.live(script(out, "sleep 0.5"))
		w.passes()
		args = append(args, "--projectId", "Payments", "--clusterName", "orders-prod", "--snapshotId", "latest", "--deliveryType", "download", "--confirm", "download")
		code, stdout, errs := teatest.RunBinary(t, teatest.Binary(t), args, env, "")
		said, err := os.ReadFile(out) // it was waited for
		if code != 0 || err != nil || strings.Contains(stdout+errs, "noise") {
			t.Fatalf("exit code %d, %v\n%s\n%s", code, err, stdout, errs)
		}
		check(t, w, string(said))
	})
	t.Run("by ctrl+c at the end", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		dir := t.TempDir()
		out, on := filepath.Join(dir, "out"), filepath.Join(dir, "on")
		args, env := w.live(script(out, fmt.Sprintf("until [ -e %q ]; do sleep 0.05; done", on)))
		p := teatest.StartBinary(t, teatest.Binary(t), args, env, normal)
		toRunning(p)
		w.toEnd(p)
		p.Press("ctrl+c")
		p.Wait("This is what becomes of it")
		p.Press("ctrl+c")
		p.WaitFor("it to wait for the command", func(string) bool {
			return strings.Contains(p.Output(), "Waiting for the command of on_done, 30s at most")
		})
		if err := os.WriteFile(on, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		wantLeft(t, p, 0)
		said, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		check(t, w, string(said))
	})
}

// A command that fails, or that nobody wants to wait for, is said, and changes nothing else.
func TestBinaryOnDoneFails(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ config, says string }{
		"an exit code": {"on_done = ['/bin/sh', '-c', 'exit 3', 'sword-fish']\n", `NOTE: running on_done, "/bin/sh": exit status 3`},
		"no program":   {"on_done = ['/nonexistent/say', 'sword-fish']\n", `NOTE: running on_done, "/nonexistent/say": `},
	} {
		if !plain(name, "an exit code") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			args, env := w.live(tc.config)
			w.passes()
			args = append(args, "--projectId", "Payments", "--clusterName", "orders-prod", "--snapshotId", "latest", "--deliveryType", "download", "--confirm", "download", "-o", "json")
			code, out, errs := teatest.RunBinary(t, teatest.Binary(t), args, env, "")
			if code != 0 || !strings.Contains(errs, tc.says) || strings.Contains(out+errs, "sword-fish") {
				t.Errorf("exit code %d\n%s\n%s", code, out, errs)
			}
			if r := result(t, out); r.Outcome != state.OutcomeReady {
				t.Errorf("the outcome is %s", r.Outcome)
			}
		})
	}
	t.Run("ctrl+c stops it", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		args, env := w.live("on_done = ['/bin/sh', '-c', 'sleep 60']\n")
		p := teatest.StartBinary(t, teatest.Binary(t), args, env, normal)
		toRunning(p)
		w.toEnd(p)
		letGo(p)
		waitSaid(p, "ctrl+c stops it.")
		p.Press("ctrl+c")
		wantLeft(t, p, 0)
		wantText(t, p.Transcript(), `NOTE: running on_done, "/bin/sh": it was stopped`)
	})
}

// A configuration that is not understood ends the run before anything is asked of Atlas;
// training reads none, and nobody's command hears of a training.
func TestBinaryReadsItsConfiguration(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ text, says string }{
		"an unknown key": {"# mine\non_dome = ['x']\n", `line 2: there is no key "on_dome"`},
		"no TOML":        {"on_done = [sword-fish]\n", "line 1: it is no TOML"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env, path := settled(t, tc.text)
			env2 := []string{env, "MONGODB_ATLAS_ACCESS_TOKEN=sword-fish"}
			code, out, errs := teatest.RunBinary(t, teatest.Binary(t), []string{"--line", "--state-dir", t.TempDir()}, env2, "")
			if code != 1 || !strings.Contains(errs, "reading the configuration: "+path+", "+tc.says) || strings.Contains(out+errs, "sword-fish") {
				t.Errorf("exit code %d\n%s\n%s", code, out, errs)
			}
		})
	}
	t.Run("training", func(t *testing.T) {
		t.Parallel()
		out := filepath.Join(t.TempDir(), "out")
		for _, text := range []string{"no TOML", fmt.Sprintf("on_done = ['/bin/sh', '-c', 'echo over >%q']\n", out)} {
			env, _ := settled(t, text)
			args := []string{"train", "--speed", brisk, "--projectId", "Payments", "--clusterName", "orders-prod", "--snapshotId", "latest", "--deliveryType", "download", "--confirm", "download"}
			if code, _, errs := teatest.RunBinary(t, teatest.Binary(t), args, []string{env}, ""); code != 0 {
				t.Errorf("exit code %d: %s", code, errs)
			}
		}
		if _, err := os.Stat(out); err == nil {
			t.Error("a command was run for a training")
		}
	})
}

// A flex cluster's download is ready when it is made, and is never looked at: its end is
// told and written down all the same.
func TestEventsOfAJobMadeReady(t *testing.T) {
	t.Parallel()
	s := prepare(t)
	heard := make(chan state.JobEvent, 10)
	s.cfg.OnEvent = func(e state.JobEvent) { heard <- e }
	s.start(normal)
	s.toReview(state.Download, "Sandbox", "blog", "")
	s.Press("tab", "enter")
	s.Wait("READY")
	sum := s.leave(state.OutcomeReady, "q")
	for _, want := range []state.JobEvent{{What: state.JobSubmitted, Outcome: state.OutcomeRunning}, {What: state.JobDone, Outcome: state.OutcomeReady}} {
		want.JobID, want.DeliveryType, want.Cluster = sum.Job.ID, state.Download, "blog"
		if len(heard) == 0 {
			t.Fatalf("%s was not told", want.What)
		}
		if got := <-heard; got != want {
			t.Errorf("told was %+v, want %+v", got, want)
		}
	}
	if got := s.events(); !slices.Equal(got, []string{"intent", "created", "ended"}) {
		t.Errorf("the journal has %v", got)
	}
}

// The end is told once, whichever way it is first seen: by a look at the job, or with a job
// that had ended when it was found.
func TestEachEventIsToldOnce(t *testing.T) {
	t.Parallel()
	for name, lost := range map[string]bool{"followed": false, "found when it was over": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := prepare(t)
			heard := make(chan state.JobEvent, 10)
			s.cfg.OnEvent = func(e state.JobEvent) { heard <- e }
			s.start(normal)
			s.toReview(state.Automated, "Payments", "orders-prod", "orders-prod-restore")
			if lost {
				s.sim.Fail(simulator.Fault{Method: http.MethodPost, PathContains: "/restoreJobs", Drop: simulator.AfterCommit})
			}
			s.AssertTarget("orders-prod-restore")
			s.Confirm("orders-prod-restore")
			if lost {
				s.Wait("Looking for its job")
			} else {
				s.Wait("RUNNING")
				s.Press("ctrl+r")
				s.Wait("✓ seen running") // else its answer may be one of before the clock moves, told after
			}
			s.sim.Advance(10 * time.Minute)
			s.Wait("COMPLETED")
			happened := []state.JobEvent{{What: state.JobSubmitted, Outcome: state.OutcomeRunning}, {What: state.JobRunning, Outcome: state.OutcomeRunning}, {What: state.JobDone, Outcome: state.OutcomeCompleted}}
			if lost {
				happened = []state.JobEvent{{What: state.JobUnknown, Outcome: state.OutcomeUnknown}, {What: state.JobDone, Outcome: state.OutcomeCompleted}}
			}
			for _, want := range happened {
				if want.JobID = s.newest(); want.What == state.JobUnknown {
					want.JobID = ""
				}
				want.DeliveryType, want.Cluster, want.Target = state.Automated, "orders-prod", "orders-prod-restore"
				if len(heard) == 0 { // it is told before it is shown
					t.Fatalf("%s was not told", want.What)
				}
				if got := <-heard; got != want {
					t.Errorf("told was %+v, want %+v", got, want)
				}
			}
			s.Press("ctrl+r")
			s.Settled()
			s.leave(state.OutcomeCompleted, "q")
			if n := len(heard); n != 0 {
				t.Errorf("it was told %d times more", n)
			}
			if got := s.events(); got[len(got)-1] != "ended" || strings.Count(strings.Join(got, " "), "ended") != 1 {
				t.Errorf("the journal has %v", got)
			}
		})
	}
}
