//go:build unix

package teatest_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"atlas-restore/atlasclient/simulator"
	"atlas-restore/teatest"
)

// A live run is on the screen before its files are read: from a pipe that nobody writes to
// they are never read. What is wrong with them is told as without a screen, on a terminal
// that is left as it was found.
func TestLiveRunIsOnTheScreenBeforeItsFiles(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		args         []string
		says, writes string
		then         string // on the screen
		left         string // in the scrollback; the run ends with 1
	}{
		"goes on":       {nil, "Looking for credentials", "", "which cluster's data", ""},
		"does not open": {nil, "Looking for credentials", "on_end = 1\n", "", "there is no key"},
		"watch":         {[]string{"watch"}, "Looking for the restore job", "", "", "this machine knows of none"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim, err := simulator.Start(simulator.Options{Seed: 1})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = sim.Close() })
			k, dir := sim.Keys(), t.TempDir()
			file := filepath.Join(dir, "atlas-restore", "config.toml")
			if len(tc.args) > 0 {
				file = filepath.Join(dir, "journal.jsonl") // which is read first, and then there is no job
			}
			if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := syscall.Mkfifo(file, 0o600); err != nil {
				t.Skip("no named pipe can be made: " + err.Error())
			}
			p := teatest.StartBinary(t, teatest.Binary(t), append(tc.args, "--base-url", sim.BaseURL(), "--state-dir", dir),
				[]string{"MONGODB_ATLAS_CLIENT_ID=" + k.ClientID, "MONGODB_ATLAS_CLIENT_SECRET=" + k.ClientSecret, "XDG_CONFIG_HOME=" + dir}, normal)
			p.Wait(tc.says)
			f, err := os.OpenFile(file, os.O_WRONLY, 0)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := f.WriteString(tc.writes); err != nil {
				t.Fatal(err)
			}
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
			if tc.then != "" {
				p.Wait(tc.then)
				p.Press("ctrl+c")
				p.ExitCode()
				return
			}
			if code := p.ExitCode(); code != 1 {
				t.Errorf("the exit code is %d, want 1", code)
			}
			if left := p.Transcript(); !strings.Contains(left, "Error: ") || !strings.Contains(left, tc.left) {
				t.Errorf("the terminal keeps no %q:\n%s", tc.left, left)
			}
		})
	}
}
