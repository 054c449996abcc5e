//go:build linux

package teatest_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"atlas-restore/teatest"
)

// A training does not look for a credential: where the Atlas CLI keeps its profiles stands a
// pipe, on which whoever reads it waits for ever. Nor does it keep a journal of its jobs.
func TestBinaryTrainingReadsNoProfile(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	if err := os.MkdirAll(filepath.Join(home, "atlascli"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(home, "atlascli", "config.toml"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := practice{t, t.TempDir()}
	code, out, errs := p.run([]string{"XDG_CONFIG_HOME=" + home},
		"first-download", "--speed", brisk, "--projectId", "Payments", "--clusterName", "orders-prod", "--snapshotId", "latest", "--deliveryType", "download", "--confirm", "download", "-o", "json")
	if code > 1 || !strings.Contains(out, `"outcome": "ready"`) {
		t.Errorf("exit code %d\n%s\n%s", code, out, errs)
	}
	files, err := os.ReadDir(p.dir)
	for _, f := range files {
		if name := f.Name(); name != "training.json" && name != "training" { // its progress, and its records
			t.Errorf("it has kept %s", name)
		}
	}
	if err != nil || len(files) == 0 {
		t.Errorf("it has kept %v, %v", files, err)
	}
}

// Who leaves a scenario in which nothing was to be restored has passed it, and the exit code
// says so; where the progress cannot be kept, the debrief is told all the same.
func TestBinaryLeavesAScenario(t *testing.T) {
	rare(t)
	t.Parallel()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "training.json", "in the way"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, in := range []string{t.TempDir(), dir} {
		p := teatest.StartBinary(t, teatest.Binary(t), []string{"train", "empty-dashboard", "--state-dir", in}, nil, normal)
		p.Wait("enter begin")
		p.Press("enter")
		takeNewest(p, "Payments", "fraud-scores")
		p.Press("ctrl+c")
		code := p.ExitCode()
		if left := p.Transcript(); code != 0 || !strings.Contains(left, ": PASSED") || strings.Contains(left, "NOTE: keeping the progress of training") != (in == dir) {
			t.Errorf("exit code %d\n%s", code, left)
		}
	}
}

// An embedded Atlas that has gone silent keeps nobody in the training: who leaves is told
// that there is no debrief, and nothing is called a success.
func TestBinaryJoinsASilentInstructor(t *testing.T) {
	t.Parallel()
	s := serve(t, "--scenario", "dropped-collection")
	p := teatest.StartBinary(t, teatest.Binary(t), []string{"train", "--join", s.BaseURL, "--state-dir", t.TempDir()}, nil, normal)
	p.Wait("CRITICAL orders-prod")
	p.Press("enter")
	p.Wait("which cluster's data")
	if err := s.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	p.Wait("The coach cannot be heard any more")
	p.Press("ctrl+c")
	if code, left := p.ExitCode(), p.Transcript(); code != 130 || !strings.Contains(left, "NOTE: there is no debrief") || strings.Contains(left, "PASSED") {
		t.Errorf("exit code %d\n%s", code, left)
	}
}

// What is joined goes on without the trainee, and what is said of its job leads to no other
// Atlas.
func TestBinaryLeavesWhatIsJoined(t *testing.T) {
	rare(t)
	t.Parallel()
	s := serve(t, "--scenario", "dropped-collection")
	p := teatest.StartBinary(t, teatest.Binary(t), []string{"train", "--join", s.BaseURL, "--state-dir", t.TempDir()}, nil, wide)
	p.Wait("CRITICAL orders-prod")
	p.Press("enter")
	takeNewest(p, "Payments", "orders-prod")
	p.Press("up", "enter")
	p.Wait("Request the download")
	p.Press("tab", "enter")
	p.Wait("RUNNING")
	letGo(p)
	_ = p.ExitCode()
	left := p.Transcript()
	if !strings.Contains(left, "TRAINING: nothing here was real.") || strings.Contains(left, "have ended with it") {
		t.Errorf("left behind:\n%s", left)
	}
	if strings.Contains(left, "To follow it: atlas-restore watch") && !strings.Contains(left, "--base-url "+s.BaseURL) {
		t.Errorf("it leads elsewhere:\n%s", left)
	}
}

// A live run says that it is none wherever the address of the embedded Atlas comes from; on
// any other loopback address it is one, as the real Atlas may be reached through a tunnel.
func TestBinaryKnowsAnEmbeddedAtlas(t *testing.T) {
	t.Parallel()
	s := serve(t)
	other := newWorldAt(t, time.Now())
	keys := other.sim.Keys()
	for name, tc := range map[string]struct {
		env          []string
		says, denies string
	}{
		"served": {[]string{"MONGODB_ATLAS_OPS_MANAGER_URL=" + s.BaseURL + "/", "MONGODB_ATLAS_CLIENT_ID=" + s.ClientID, "MONGODB_ATLAS_CLIENT_SECRET=" + s.ClientSecret}, "TRAINING", "LIVE"},
		"another": {[]string{
			"MONGODB_ATLAS_OPS_MANAGER_URL=" + other.sim.BaseURL() + "/", "MONGODB_ATLAS_CLIENT_ID=" + keys.ClientID, "MONGODB_ATLAS_CLIENT_SECRET=" + keys.ClientSecret,
		}, "LIVE", "TRAINING"},
	} {
		for tries := 1; ; tries++ {
			p := teatest.StartBinary(t, teatest.Binary(t), []string{"--state-dir", t.TempDir()}, tc.env, normal)
			p.Wait("which cluster's data")
			screen := p.Screen()
			p.Press("ctrl+c")
			_ = p.ExitCode()
			if left := p.Transcript(); strings.Contains(left, "have ended with it") {
				t.Errorf("%s: it was not of this run:\n%s", name, left)
			}
			if strings.Contains(screen, tc.says) && !strings.Contains(screen, tc.denies) {
				break
			}
			if name == "another" || tries == 20 { // on a busy machine the served one may not say in a second what it is
				t.Fatalf("%s:\n%s", name, screen)
			}
		}
	}
}

// What came of the scenarios and cannot be read is said to be, with what helps.
func TestBinaryTrainListsNothingBroken(t *testing.T) {
	t.Parallel()
	p := practice{t, t.TempDir()}
	if err := os.WriteFile(filepath.Join(p.dir, "training.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, errs := p.run(nil, "--list")
	if code != 1 || out != "" || !strings.Contains(errs, "train --reset --state-dir ") {
		t.Errorf("exit code %d\n%s%s", code, out, errs)
	}
	if code, _, errs := p.run(nil, "--reset"); code != 0 {
		t.Errorf("reset: exit code %d\n%s", code, errs)
	}
	if code, out, errs := p.run(nil, "--list"); code != 0 || !strings.Contains(out, "0 of 24 passed") {
		t.Errorf("after it: exit code %d\n%s%s", code, out, errs)
	}
}

// The same seed gives the same world, another one another.
func TestBinaryTrainsOnTheSeed(t *testing.T) {
	t.Parallel()
	p := practice{t, t.TempDir()}
	project := regexp.MustCompile(`--projectId [0-9a-f]{24}`)
	in := func(seed string) string {
		_, out, errs := p.run(nil, "--seed", seed, "--dry-run", "--projectId", "Payments", "--clusterName", "orders-prod", "--snapshotId", "latest", "--deliveryType", "download")
		found := project.FindString(out)
		if found == "" {
			t.Fatalf("no project in\n%s%s", out, errs)
		}
		return found[len("--projectId 12345678"):] // an id begins with a time, which has gone on
	}
	if one := in("1"); one != in("1") || one == in("2") {
		t.Errorf("seed 1 gives %s, then %s, and seed 2 %s", one, in("1"), in("2"))
	}
}
