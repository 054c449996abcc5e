//go:build unix

package teatest_test

import (
	"fmt"
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
	"atlas-restore/state"
	"atlas-restore/teatest"
)

var (
	signalText = regexp.MustCompile(`\x1b\]9;[^\x07\x1b]*|\x1b\]7501;[^\x07\x1b]*|\x1b\[\?1004h`)
	osc        = regexp.MustCompile(`\x1b\][^\x07\x1b]*(\x07|\x1b\\)`)
)

// signalsIn is what output has that is for a person who looks elsewhere, in its order: the
// progress bar, the program's status and the question for the focus.
func signalsIn(output string) []string {
	out := signalText.FindAllString(output, -1)
	for i := range out {
		out[i] = strings.TrimLeft(out[i], "\x1b][?")
	}
	return out
}

// of are the signals of one kind.
func of(kind string, signals []string) []string {
	return slices.DeleteFunc(signals, func(s string) bool { return !strings.HasPrefix(s, kind) })
}

// bells counts those that are no end of a sequence.
func bells(output string) int { return strings.Count(osc.ReplaceAllString(output, ""), "\a") }

// The texts of the signals.
const (
	runs      = "9;4;3"
	wrong     = "9;4;2;100"
	noBar     = "9;4;0"
	working   = "7501;state=working:app=atlas-restore"
	done      = "7501;state=done:app=atlas-restore"
	failed    = "7501;state=error:app=atlas-restore"
	focusAsk  = "1004h"
	focusIn   = "\x1b[I"
	focusOut  = "\x1b[O"
	noFocus   = "\x1b[?1004l"
	anyStatus = "7501;"
	anyBar    = "9;"
)

// wantSignals waits for the signals of one kind, which have to be these and no others.
func wantSignals(s *stage, kind string, want ...string) {
	s.t.Helper()
	s.WaitFor(fmt.Sprintf("the signals %q", want), func(string) bool { return len(of(kind, signalsIn(s.Output()))) >= len(want) })
	s.Settled()
	if got := of(kind, signalsIn(s.Output())); !slices.Equal(got, want) {
		s.t.Errorf("the signals are %q, want %q", got, want)
	}
}

// download submits a download and waits until it runs.
func (s *stage) download() {
	s.t.Helper()
	s.toReview(state.Download, "Payments", "orders-prod", "")
	if got := signalsIn(s.Output()); len(got) != 0 {
		s.t.Errorf("before there is a job it signals %q", got)
	}
	s.Press("tab", "enter")
	s.Wait("RUNNING")
}

// The terminal's own indicator goes with the job: it moves while it runs, is gone at a good
// end, and is an error's at a bad one. It is never left behind.
func TestProgressOfAJob(t *testing.T) {
	t.Parallel()
	t.Run("ready, then expired", func(t *testing.T) {
		t.Parallel()
		s := play(t, normal)
		s.download()
		wantSignals(s, anyBar, runs)
		wantSignals(s, anyStatus, working)
		s.sim.Advance(10 * time.Minute)
		s.Wait("READY")
		wantSignals(s, anyBar, runs, noBar)
		wantSignals(s, anyStatus, working, done)
		s.sim.Advance(time.Hour)
		s.Wait("EXPIRED")
		wantSignals(s, anyBar, runs, noBar, wrong)
		s.leave(state.OutcomeExpired, "q")
		if got := of(anyBar, signalsIn(s.Output())); got[len(got)-1] != noBar {
			t.Errorf("it is left with %q", got)
		}
	})
	t.Run("failed", func(t *testing.T) {
		t.Parallel()
		s := play(t, normal)
		s.sim.FailNextJob()
		s.download()
		s.sim.Advance(10 * time.Minute)
		s.Wait("FAILED")
		wantSignals(s, anyBar, runs, wrong)
		wantSignals(s, anyStatus, working, failed)
	})
	t.Run("cancelled", func(t *testing.T) {
		t.Parallel()
		s := play(t, normal)
		s.download()
		s.Press("x", "y")
		s.Wait("CANCELLED")
		wantSignals(s, anyBar, runs, noBar)
	})
	t.Run("gone", func(t *testing.T) {
		t.Parallel()
		s := play(t, normal)
		s.download()
		s.sim.Fail(simulator.Fault{PathContains: "/restoreJobs/", Status: http.StatusForbidden, Times: -1})
		s.refusedForLong(func() bool {
			return teatest.Reads(s.Screen(), "has stopped looking at it") || teatest.Reads(s.Screen(), "It was never seen")
		})
		s.Settled()
		wantSignals(s, anyBar, runs, noBar)
		wantSignals(s, anyStatus, working, "7501;state=clear")
	})
	t.Run("outcome unknown", func(t *testing.T) {
		t.Parallel()
		s := play(t, normal)
		s.toReview(state.Automated, "Payments", "orders-prod", "orders-prod-restore")
		s.sim.Fail(simulator.Fault{Method: http.MethodPost, PathContains: "/restoreJobs", Drop: simulator.AfterCommit})
		s.AssertTarget("orders-prod-restore")
		s.Confirm("orders-prod-restore")
		s.Wait("Looking for its job")
		wantSignals(s, anyBar, wrong)
		s.sim.Advance(3 * time.Second)
		s.Wait("RUNNING")
		wantSignals(s, anyBar, wrong, runs)
	})
	t.Run("in a window too small to draw", func(t *testing.T) {
		t.Parallel()
		s := play(t, normal)
		s.download()
		s.Resize(40, 10)
		s.sim.Advance(10 * time.Minute)
		wantSignals(s, anyBar, runs, noBar)
	})
}

// What a terminal does not understand it does not get, nor what it takes for something else.
func TestSignalsByTerminal(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		env      []string
		bar, any bool
	}{
		"xterm":                {[]string{"TERM=xterm"}, true, true},
		"tmux":                 {[]string{"TERM=tmux-256color"}, true, true},
		"linux":                {[]string{"TERM=linux"}, false, false},
		"linux-16color":        {[]string{"TERM=linux-16color"}, false, false},
		"vt100":                {[]string{"TERM=vt100"}, false, false},
		"vt220":                {[]string{"TERM=vt220"}, false, false},
		"dumb":                 {[]string{"TERM=dumb"}, false, false},
		"no name":              {[]string{"TERM="}, false, false},
		"Windows":              {[]string{"TERM=", "WT_SESSION=x"}, true, true},
		"an old iTerm2":        {[]string{"TERM_PROGRAM=iTerm.app", "TERM_FEATURES=T3CwLrMSc7UUw9Ts3BFGsSyHNoSxF"}, false, true},
		"a new iTerm2":         {[]string{"TERM_PROGRAM=iTerm.app", "TERM_FEATURES=T3CwLrMSc7UUw9Ts3BFGsSyHNoSxFP"}, true, true},
		"another feature":      {[]string{"TERM_PROGRAM=iTerm.app", "TERM_FEATURES=T3CwPxLr"}, false, true},
		"iTerm2 through a ssh": {[]string{"LC_TERMINAL=iTerm2"}, false, true},
	} {
		if !plain(name, "xterm", "dumb", "an old iTerm2", "a new iTerm2") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := play(t, normal, teatest.Env(tc.env...))
			s.download()
			s.Raw(focusOut) // whoever says so, unasked
			s.sim.Advance(10 * time.Minute)
			s.Wait("READY")
			s.leave(state.OutcomeReady, "q")
			got := signalsIn(s.Output())
			if bar := len(of(anyBar, slices.Clone(got))) > 0; bar != tc.bar {
				t.Errorf("a progress bar: %t, want %t: %q", bar, tc.bar, got)
			}
			if slices.Contains(got, focusAsk) != tc.any || slices.Contains(got, working) != tc.any {
				t.Errorf("it signals %q, want any: %t", got, tc.any)
			}
			if !tc.any && bells(s.Output()) > 0 {
				t.Error("it rings")
			}
		})
	}
}

// The bell rings once, at the end of the job, for somebody who looks elsewhere.
func TestBell(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		reports string
		rings   int
	}{
		"looks elsewhere":     {focusOut, 1},
		"elsewhere, and back": {focusOut + focusIn, 0},
		"elsewhere at last":   {focusOut + focusIn + focusOut, 1},
		"looks":               {focusIn, 0},
		"nobody says":         {"", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := play(t, normal)
			s.download()
			wantSignals(s, focusAsk, focusAsk)
			if tc.reports != "" {
				s.Type(tc.reports)
			}
			s.Settled()
			if n := bells(s.Output()); n != 0 {
				t.Errorf("it rings %d times before the end", n)
			}
			s.sim.Advance(10 * time.Minute)
			s.Wait("READY")
			s.WaitFor("its bell", func(string) bool { return bells(s.Output()) >= tc.rings })
			s.Settled()
			if n := bells(s.Output()); n != tc.rings {
				t.Errorf("it rings %d times at the end, want %d", n, tc.rings)
			}
			s.sim.Advance(time.Hour)
			s.Wait("EXPIRED")
			s.leave(state.OutcomeExpired, "q")
			if n := bells(s.Output()); n != tc.rings {
				t.Errorf("it rings %d times in all, want %d", n, tc.rings)
			}
			if !strings.Contains(s.Output(), noFocus) {
				t.Error("the terminal reports its focus for ever")
			}
		})
	}
}

// While the job runs, the built program leaves none of it in the terminal, however it is
// left.
func TestBinaryLeavesNoSignals(t *testing.T) {
	rare(t)
	t.Parallel()
	for name, leave := range map[string]func(*teatest.Process){
		"q": func(p *teatest.Process) { letGo(p) },
		"ctrl+c": func(p *teatest.Process) {
			p.Press("ctrl+c")
			p.Wait("This is what becomes of it")
			p.Press("ctrl+c")
		},
		"SIGINT":  func(p *teatest.Process) { p.Signal(syscall.SIGINT) },
		"SIGTERM": func(p *teatest.Process) { p.Signal(syscall.SIGTERM) },
		"SIGHUP":  func(p *teatest.Process) { p.Signal(syscall.SIGHUP) },
		"SIGQUIT": func(p *teatest.Process) { p.Signal(syscall.SIGQUIT) },
	} {
		if !thorough() && name != "q" && name != "SIGTERM" {
			continue // in the suite a key and a signal are met; see TestBinaryLeavesFromAnywhere
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := teatest.StartBinary(t, teatest.Binary(t), []string{"train"}, nil, normal)
			toRunning(p)
			leave(p)
			wantLeft(t, p, 7)
			got := signalsIn(p.Output())
			for _, want := range []string{runs, noBar, working, "7501;state=clear", focusAsk} {
				if !slices.Contains(got, want) {
					t.Errorf("the signals are %q, without %q", got, want)
				}
			}
		})
	}
}

// toRunning walks to a download that runs, and on until all its signals are out.
func toRunning(p *teatest.Process) {
	takeNewest(p, "Payments", "orders-prod")
	p.Press("up", "enter")
	p.Wait("Nothing has been submitted yet")
	p.Press("tab", "enter")
	p.Wait("RUNNING")
	p.WaitFor("the signals", func(string) bool { return slices.Contains(signalsIn(p.Output()), working) })
}

// Suspended, it leaves none of it to the shell; resumed, all of it is there again.
func TestBinarySuspendsItsSignals(t *testing.T) {
	rare(t)
	t.Parallel()
	p := suspendable(t)
	toRunning(p)
	before := len(signalsIn(p.Output()))
	p.Press("ctrl+z")
	waitStopped(t, p, "once")
	p.Type("\r")
	p.WaitFor("the signals again", func(string) bool {
		again := signalsIn(p.Output())[before:]
		return slices.Contains(again, runs) && slices.Contains(again, working) && slices.Contains(again, focusAsk)
	})
	p.Press("ctrl+c")
	p.Wait("This is what becomes of it")
	p.Press("ctrl+c")
	p.Wait("ended with 7")
	wantLeft(t, p, 0)
}

// settled is a home directory with our own configuration.
func settled(t *testing.T, config string) (env, path string) {
	t.Helper()
	dir := t.TempDir()
	path = filepath.Join(dir, "atlas-restore", "config.toml")
	if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	return "XDG_CONFIG_HOME=" + dir, path
}

// The end of a job that runs beside the screen rings too, where nobody looks.
func TestBellOfAJobBeside(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		reports string
		rings   int
	}{"looks elsewhere": {focusOut, 1}, "looks": {focusIn, 0}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := play(t, normal)
			s.download()
			wantSignals(s, focusAsk, focusAsk)
			s.Press("n")
			s.Wait("brings it back")
			s.Press("n")
			find(s)
			s.Type(tc.reports)
			s.Settled()
			s.sim.Advance(10 * time.Minute)
			s.Wait("READY")
			s.WaitFor("its bell", func(string) bool { return bells(s.Output()) >= tc.rings })
			s.Settled()
			if n := bells(s.Output()); n != tc.rings {
				t.Errorf("it rings %d times, want %d", n, tc.rings)
			}
		})
	}
}

// The line face rings once, when a job has ended, on a terminal that is not to be quiet.
func TestBinaryRingsLineByLine(t *testing.T) {
	rare(t)
	t.Parallel()
	for name, tc := range map[string]struct {
		flags []string
		rings int
	}{"as it is": {nil, 1}, "quiet": {[]string{"--quiet-terminal"}, 0}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := teatest.StartBinary(t, teatest.Binary(t), append([]string{"train", "--line", "--speed", brisk}, tc.flags...), nil, teatest.Size{W: 400, H: 24})
			downloadByLine(p)
			wantLeft(t, p, 0)
			if n := bells(p.Output()); n != tc.rings {
				t.Errorf("it rings %d times, want %d", n, tc.rings)
			}
		})
	}
}
