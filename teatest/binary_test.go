//go:build unix

package teatest_test

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"atlas-restore/teatest"
)

// train is the built program in training, fast.
func train(t *testing.T, size teatest.Size, env ...string) *teatest.Process {
	t.Helper()
	return teatest.StartBinary(t, teatest.Binary(t), []string{"train", "--speed", brisk}, env, size)
}

// The whole of it, once, as a new user would: the built binary on a real terminal, from
// the first key to the link in the scrollback.
func TestBinaryTrainsADownload(t *testing.T) {
	rare(t)
	t.Parallel()
	p := train(t, normal)
	takeNewest(p, "Payments", "orders-prod")
	p.Press("up", "enter")
	p.Wait("Nothing has been submitted yet")
	p.Press("tab", "enter")
	p.Wait("READY")
	letGo(p)
	if code := p.ExitCode(); code != 0 {
		t.Errorf("the exit code is %d, want 0", code)
	}
	left := p.Transcript()
	for _, want := range []string{"TRAINING: nothing here was real", "Download of orders-prod", "ready", "http://127.0.0.1:"} {
		if !strings.Contains(left, want) {
			t.Errorf("the terminal keeps no %q:\n%s", want, left)
		}
	}
}

func TestBinaryTrainsAnOverwrite(t *testing.T) {
	rare(t)
	t.Parallel()
	p := train(t, narrow)
	takeNewest(p, "Payments", "orders-prod")
	p.Press("down", "down", "enter")
	p.Wait("› Target cluster")
	takeTarget(p, "orders-prod-restore")
	p.AssertTarget("orders-prod-restore")
	p.Confirm("orders-prod-restore")
	p.Wait("COMPLETED")
	p.Press("q")
	if code := p.ExitCode(); code != 0 {
		t.Errorf("the exit code is %d, want 0", code)
	}
}

// However the program is ended, the terminal is as it was before, and the exit code says
// what is known.
func TestBinaryLeaves(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		leave func(*teatest.Process)
		code  int
	}{
		"ctrl+c":  {func(p *teatest.Process) { p.Press("ctrl+c") }, 130},
		"SIGTERM": {func(p *teatest.Process) { p.Signal(syscall.SIGTERM) }, 130},
		"SIGINT":  {func(p *teatest.Process) { p.Signal(syscall.SIGINT) }, 130},
		"SIGHUP":  {func(p *teatest.Process) { p.Signal(syscall.SIGHUP) }, 130},
		"SIGQUIT": {func(p *teatest.Process) { p.Signal(syscall.SIGQUIT) }, 130},
	} {
		if !plain(name, "ctrl+c", "SIGTERM", "SIGHUP") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := train(t, normal)
			p.WaitFor("the projects", highlighted)
			tc.leave(p)
			if code := p.ExitCode(); code != tc.code {
				t.Errorf("the exit code is %d, want %d", code, tc.code)
			}
			if p.AltScreen() {
				t.Error("the full screen was not left")
			}
			if left := p.Transcript(); !strings.Contains(left, "Nothing was submitted.") {
				t.Errorf("the terminal keeps %q", left)
			}
		})
	}
}

// A line that drops while nothing was confirmed ends the program too.
func TestBinaryHangUp(t *testing.T) {
	t.Parallel()
	p := train(t, normal)
	p.WaitFor("the projects", highlighted)
	p.HangUp()
	if code := p.ExitCode(); code == 0 {
		t.Error("a hang-up is called a success")
	}
}

// What the command line refuses by itself, and what it only tells, is held in ui/command.
func TestBinaryWithoutATerminal(t *testing.T) {
	t.Parallel()
	keys := []string{"MONGODB_ATLAS_PUBLIC_API_KEY=abcdefgh", "MONGODB_ATLAS_PRIVATE_API_KEY=sword-fish"}
	for name, tc := range map[string]struct {
		env  []string
		args []string
		code int
		out  string
		errs string
	}{
		"no credentials":        {nil, nil, 1, "", "    MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET"},
		"half a credential":     {keys[:1], nil, 1, "", "MONGODB_ATLAS_PRIVATE_API_KEY"},
		"no terminal":           {keys, nil, 2, "", "needs a terminal"},
		"training, no terminal": {nil, []string{"train"}, 2, "", "needs a terminal"},
		"plain http":            {keys, []string{"--base-url", "http://atlas.example.com"}, 1, "", "https only"},
		"answers are missing":   {nil, []string{"--projectId", "Payments"}, 2, "", "--clusterName, --deliveryType, --snapshotId and --confirm are missing"},
		"error as JSON":         {nil, []string{"-o", "json"}, 1, `"outcome": "error"`, "no credentials"},
		"usage as JSON":         {nil, []string{"--yes", "-o", "json"}, 2, `"detail": "unknown flag: --yes"`, "unknown flag"},
		"version":               {nil, []string{"--version"}, 0, "\nplatform  " + runtime.GOOS + "/" + runtime.GOARCH, ""},
	} {
		if !plain(name, "no credentials", "no terminal", "error as JSON", "version") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, out, errs := teatest.RunBinary(t, teatest.Binary(t), tc.args, tc.env, "")
			if code != tc.code || !strings.Contains(out, tc.out) || !strings.Contains(errs, tc.errs) {
				t.Errorf("exit code %d, want %d\nstdout %s\nstderr %s", code, tc.code, out, errs)
			}
			if strings.Contains(out+errs, "sword-fish") {
				t.Error("the private key is printed")
			}
		})
	}
}

// Training reads no credential: neither a wrong one nor an unreadable state changes it.
func TestBinaryTrainsWhateverTheEnvironment(t *testing.T) {
	t.Parallel()
	p := train(t, normal, "MONGODB_ATLAS_PUBLIC_API_KEY=real-looking", "MONGODB_ATLAS_CLIENT_ID=half",
		"MONGODB_ATLAS_OPS_MANAGER_URL=http://192.0.2.1", "HTTPS_PROXY=http://192.0.2.1:3128", "HTTP_PROXY=http://192.0.2.1:3128",
		"XDG_STATE_HOME=/nonexistent", "XDG_CONFIG_HOME=/nonexistent")
	p.Wait("Payments Staging")
	p.Press("ctrl+c")
	if code := p.ExitCode(); code != 130 {
		t.Errorf("the exit code is %d, want 130", code)
	}
}

// A submission whose end was never seen is said at the next start.
func TestBinarySaysDoubts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	intent := `{"time":"2026-11-23T14:31:00Z","event":"intent","id":"x","endpoint":"http://127.0.0.1:1","clusterName":"orders-prod","request":{"deliveryType":"automated","targetClusterName":"orders-stg"}}` + "\n"
	if err := os.WriteFile(filepath.Join(dir, "journal.jsonl"), []byte(intent), 0o600); err != nil {
		t.Fatal(err)
	}
	p := teatest.StartBinary(t, teatest.Binary(t), []string{"--base-url", "http://127.0.0.1:1", "--state-dir", dir},
		[]string{"MONGODB_ATLAS_PUBLIC_API_KEY=abcdefgh", "MONGODB_ATLAS_PRIVATE_API_KEY=sword-fish"}, normal)
	p.Wait("Restore of orders-prod onto orders-stg")
	p.Wait("outcome unknown")
	p.WaitFor("a highlighted row", highlighted)
	p.Press("down", "enter")
	p.Wait("Loading the projects failed")
	p.Wait("LIVE")
	p.Wait("abcdefgh · environment · 127.0.0.1:1")
	p.Press("ctrl+c")
	if code := p.ExitCode(); code != 130 {
		t.Errorf("the exit code is %d, want 130", code)
	}
}

// Without a credential the built program asks for one on the terminal, in both faces, and
// never shows its secret.
func TestBinarySignsIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.sim.Keys()
	args := []string{"--base-url", w.sim.BaseURL(), "--state-dir", t.TempDir()}
	t.Run("full screen", func(t *testing.T) {
		t.Parallel()
		p := teatest.StartBinary(t, teatest.Binary(t), args, nil, normal)
		p.Wait("No credentials were found")
		p.Press("enter")
		p.Type(k.ClientID)
		p.Press("tab")
		p.Type(k.ClientSecret)
		p.Press("enter")
		p.Wait("which cluster's data")
		p.Wait("typed")
		p.Press("ctrl+c")
		if code := p.ExitCode(); code != 130 || strings.Contains(p.Output(), k.ClientSecret) {
			t.Errorf("exit code %d, or the secret was shown", code)
		}
		if left := p.Residue(); len(left) > 0 {
			t.Errorf("it leaves %v", left)
		}
	})
	t.Run("line by line", func(t *testing.T) {
		t.Parallel()
		p := teatest.StartBinary(t, teatest.Binary(t), append(slices.Clone(args), "--line"), nil, normal)
		p.Wait("Kind of credential, enter takes service account:")
		p.Type("\r")
		p.Wait("Client ID:")
		p.Type(k.ClientID + "\r")
		p.Wait("(it is not shown)")
		p.Type(k.ClientSecret + "\r")
		p.Wait("Signed in as")
		p.Wait("Project:")
		p.Type("q\r")
		if code := p.ExitCode(); code != 130 || strings.Contains(p.Output(), k.ClientSecret) {
			t.Errorf("exit code %d, or the secret was shown", code)
		}
		if left := p.Residue(); len(left) > 0 {
			t.Errorf("it leaves %v", left)
		}
	})
}
