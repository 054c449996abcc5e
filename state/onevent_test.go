//go:build unix

// Tests of state/onevent. They stand here: each package with tests is one more program to link.

package state_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/onevent"
)

var end = state.JobEvent{
	What: state.JobDone, Outcome: state.OutcomeCompleted, JobID: "6925c1d2e3a4b5c6d7e8f903", DeliveryType: state.Automated, Cluster: "orders-prod", Target: "orders; rm -rf *",
}

// oneventWritten is what a script has written to the file OUT.
func oneventWritten(t *testing.T, script string, environ ...string) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "out")
	c := onevent.OnDone([]string{"/bin/sh", "-c", script}, append([]string{"PATH=" + os.Getenv("PATH"), "OUT=" + out}, environ...))
	c.Start(end)
	if err := c.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestOneventEnvironment(t *testing.T) {
	t.Parallel()
	got := strings.Split(strings.TrimSpace(oneventWritten(t, `env >"$OUT"`,
		"HOME=/home/x", "NO_PROXY=.corp", "MY_MONGODB_ATLAS_NOTE=kept", "ATLAS_RESTORE_TARGET=of another run", "ATLAS_RESTORE_X=of another run",
		"MONGODB_ATLAS_CLIENT_ID=a", "MONGODB_ATLAS_CLIENT_SECRET=a", "MONGODB_ATLAS_PUBLIC_API_KEY=a", "MONGODB_ATLAS_PRIVATE_API_KEY=a",
		"MONGODB_ATLAS_PUBLIC_KEY=a", "MONGODB_ATLAS_PRIVATE_KEY=a", "MONGODB_ATLAS_ACCESS_TOKEN=a", "MONGODB_ATLAS_OPS_MANAGER_URL=a",
		"MCLI_PRIVATE_API_KEY=a", "HTTPS_PROXY=http://u:p@x", "https_proxy=http://u:p@x", "HTTP_PROXY=a", "ALL_PROXY=a")), "\n")
	got = slices.DeleteFunc(got, func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return slices.Contains([]string{"PATH", "OUT", "PWD", "SHLVL", "_"}, name) // ours and the shell's
	})
	want := []string{
		"ATLAS_RESTORE_CLUSTER=orders-prod", "ATLAS_RESTORE_DELIVERY_TYPE=automated", "ATLAS_RESTORE_EVENT=done", "ATLAS_RESTORE_JOB_ID=6925c1d2e3a4b5c6d7e8f903",
		"ATLAS_RESTORE_OUTCOME=completed", "ATLAS_RESTORE_TARGET=orders; rm -rf *", "HOME=/home/x", "MY_MONGODB_ATLAS_NOTE=kept", "NO_PROXY=.corp",
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("its environment is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// It gets no input and no terminal, and nobody reads what it writes.
func TestStreams(t *testing.T) {
	t.Parallel()
	got := oneventWritten(t, `echo noise; echo noise >&2; (cat; (: </dev/tty) 2>/dev/null || echo no terminal) >"$OUT"`)
	if got != "no terminal\n" {
		t.Errorf("it read %q", got)
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		argv []string
		says string
	}{
		"not there":         {[]string{"/nonexistent/say", "sword-fish"}, `running on_done, "/nonexistent/say": `},
		"a shell's words":   {[]string{"echo sword-fish"}, `running on_done, "echo sword-fish": `},
		"an exit code":      {[]string{"/bin/sh", "-c", "exit 3; sword-fish"}, `running on_done, "/bin/sh": exit status 3`},
		"too long":          {[]string{"/bin/sh", "-c", "sleep 60; sword-fish"}, `it was stopped after 100ms`},
		"too long a child":  {[]string{"/bin/sh", "-c", "sleep 60 & wait; sword-fish"}, `it was stopped after 100ms`},
		"it heeds no TERM":  {[]string{"/bin/sh", "-c", "trap '' TERM INT HUP; sleep 60; sword-fish"}, `it was stopped after 100ms`},
		"all is well":       {[]string{"/bin/sh", "-c", "exit 0"}, ""},
		"no argument is it": {[]string{"true", "sword-fish"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			limit := 100 * time.Millisecond
			if !strings.Contains(tc.says, limit.String()) {
				limit = onevent.Limit
			}
			c := onevent.OnDone(tc.argv, []string{"PATH=" + os.Getenv("PATH")}).Within(limit, time.Minute)
			c.Start(end)
			err := c.Wait(t.Context())
			if tc.says == "" && err != nil || tc.says != "" && (err == nil || !strings.Contains(err.Error(), tc.says)) {
				t.Errorf("%v, want %q", err, tc.says)
			}
			if err != nil && name != "a shell's words" && strings.Contains(err.Error(), "sword-fish") {
				t.Errorf("an argument is said: %v", err)
			}
		})
	}
}

// Who does not want to wait takes the command along.
func TestWaitIsLeft(t *testing.T) {
	t.Parallel()
	c := onevent.OnDone([]string{"/bin/sh", "-c", "sleep 600"}, nil).Within(time.Hour, 0)
	c.Start(end)
	c.Start(end)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Wait(ctx); err == nil || strings.Count(err.Error(), "it was stopped") != 2 {
		t.Errorf("%v", err)
	}
	if err := c.Wait(t.Context()); err != nil {
		t.Errorf("it is said again: %v", err)
	}
}

// What the kernel does not let be killed does not keep the wizard.
func TestWaitEnds(t *testing.T) {
	t.Parallel()
	c := onevent.OnDone([]string{"x"}, nil).Within(50*time.Millisecond, 0)
	c.Add(make(chan error), func() {})
	if err := c.Wait(t.Context()); err == nil || !strings.Contains(err.Error(), "it does not end") || errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// on_event hears of each event, on_done of ends alone; both may be there.
func TestWhichEventsAreHeard(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	script := func(file string) []string {
		return []string{"/bin/sh", "-c", "echo $ATLAS_RESTORE_EVENT >" + filepath.Join(dir, file) + ".$ATLAS_RESTORE_EVENT"}
	}
	var c onevent.Commands
	if c.Of(nil, nil, nil) != nil || c.Names() != "" || c.Wait(t.Context()) != nil {
		t.Error("there are commands where none is named")
	}
	tell := c.Of(script("each"), script("end"), []string{"PATH=" + os.Getenv("PATH")})
	for _, what := range []state.Happened{state.JobSubmitted, state.JobRunning, state.JobDone, state.JobFailed, state.JobUnknown} {
		tell(state.JobEvent{What: what})
	}
	if err := c.Wait(t.Context()); err != nil || c.Names() != "on_event and on_done" {
		t.Fatal(c.Names(), err)
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range files {
		got = append(got, f.Name())
	}
	if want := []string{"each.done", "each.failed", "each.running", "each.submitted", "each.unknown", "end.done", "end.failed", "end.unknown"}; !slices.Equal(got, want) {
		t.Errorf("heard: %q, want %q", got, want)
	}
}
