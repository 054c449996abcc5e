//go:build unix

package teatest_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"atlas-restore/teatest"
)

// practice runs the built program's train with a state directory of its own.
type practice struct {
	t   *testing.T
	dir string
}

func (p practice) run(env []string, args ...string) (code int, out, errs string) {
	p.t.Helper()
	return teatest.RunBinary(p.t, teatest.Binary(p.t), append([]string{"train", "--state-dir", p.dir}, args...), env, "")
}

// lesson is what is told of a scenario that was played.
type lesson struct {
	Outcome  string `json:"outcome"`
	Training bool   `json:"training"`
	Debrief  struct {
		Scenario    string `json:"scenario"`
		Passed      bool   `json:"passed"`
		MinutesLost *int   `json:"minutesLost"`
	} `json:"debrief"`
}

// A scenario is played with every answer given: right, and wrong. The debrief tells the
// difference, as does the exit code; what came of it is kept, listed and forgotten.
func TestBinaryTrainsAScenario(t *testing.T) {
	t.Parallel()
	p := practice{t, t.TempDir()}
	right := []string{
		"--projectId", "Payments", "--clusterName", "orders-prod", "--at", "2026-11-23 14:02:59", "--targetProjectId", "Payments",
		"--targetClusterName", "orders-prod-restore", "--confirm", "train/orders-prod-restore",
	}
	wrong := []string{
		"--projectId", "Payments", "--clusterName", "orders-prod", "--snapshotId", "latest", "--deliveryType", "automated", "--targetProjectId", "Payments",
		"--targetClusterName", "orders-prod-restore", "--confirm", "train/orders-prod-restore",
	}
	play := func(answers []string) (int, lesson) {
		code, out, errs := p.run(nil, append([]string{"dropped-collection", "--speed", "600", "-o", "json"}, answers...)...)
		var l lesson
		if err := json.Unmarshal([]byte(out), &l); err != nil {
			t.Fatalf("%v in\n%s\n%s", err, out, errs)
		}
		if !l.Training || l.Debrief.Scenario != "dropped-collection" || l.Outcome != "completed" || !strings.Contains(errs, "What a better run does") && !strings.Contains(errs, "restore job ") {
			t.Errorf("%+v\n%s", l, errs)
		}
		return code, l
	}
	if _, out, _ := p.run(nil, "--list"); !strings.Contains(out, "0 of 24 passed") || strings.Count(out, "not played yet") != 24 {
		t.Errorf("before anything was played:\n%s", out)
	}
	if code, l := play(wrong); code != 1 || l.Debrief.Passed || l.Debrief.MinutesLost == nil || *l.Debrief.MinutesLost < 60 {
		t.Errorf("the wrong way: exit code %d, %+v", code, l.Debrief)
	}
	if _, out, _ := p.run(nil, "--list"); !strings.Contains(out, "tried once, best 0 of 40 points") {
		t.Errorf("after a try:\n%s", out)
	}
	if code, l := play(right); code != 0 || !l.Debrief.Passed || l.Debrief.MinutesLost == nil || *l.Debrief.MinutesLost != 0 {
		t.Errorf("the right way: exit code %d, %+v", code, l.Debrief)
	}
	code, out, _ := p.run(nil, "--list", "-o", "json")
	var all struct {
		Scenarios []struct {
			Name   string `json:"name"`
			Record struct {
				Tries, Passed int
			} `json:"record"`
		} `json:"scenarios"`
	}
	if err := json.Unmarshal([]byte(out), &all); err != nil || code != 0 || len(all.Scenarios) != 24 {
		t.Fatalf("%v, exit code %d\n%s", err, code, out)
	}
	for _, s := range all.Scenarios {
		if want := s.Name == "dropped-collection"; (s.Record.Tries == 2) != want || (s.Record.Passed == 1) != want {
			t.Errorf("%s: %+v", s.Name, s.Record)
		}
	}
	if info, err := os.Stat(filepath.Join(p.dir, "training.json")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the progress: %v, %v", info, err)
	}
	if _, out, _ := p.run(nil, "time-zone", "--reset"); !strings.Contains(out, "What came of time-zone is forgotten.") {
		t.Errorf("reset of one: %s", out)
	}
	if _, out, _ := p.run(nil, "--list"); !strings.Contains(out, "1 of 24 passed") {
		t.Errorf("after a reset of another one:\n%s", out)
	}
	if code, _, errs := p.run(nil, "nope", "--reset"); code != 2 {
		t.Errorf("reset of none: exit code %d\n%s", code, errs)
	}
	if code, _, _ := p.run(nil, "--reset"); code != 0 {
		t.Errorf("reset: exit code %d", code)
	}
	if _, out, _ := p.run(nil, "--list"); !strings.Contains(out, "0 of 24 passed") {
		t.Errorf("after a reset:\n%s", out)
	}
}

// On a terminal, as a trainee: briefing, restore, debrief in the scrollback.
func TestBinaryTrainsOnATerminal(t *testing.T) {
	t.Parallel()
	p := teatest.StartBinary(t, teatest.Binary(t), []string{"train", "restore-to-scratch", "--state-dir", t.TempDir()}, nil, normal)
	p.Wait("enter begin")
	p.Press("enter")
	takeNewest(p, "Payments", "orders-prod")
	p.Press("down", "down", "enter")
	p.Wait("› Target cluster")
	pointAt(p, "orders-prod-restore")
	p.Press("enter")
	p.AssertTarget("orders-prod-restore")
	p.Confirm("orders-prod-restore")
	p.Wait("RUNNING")
	p.Press("f4", "t") // ten minutes pass at once
	p.Wait("It is over")
	p.Press("esc")
	p.Wait("COMPLETED")
	p.Press("q")
	code := p.ExitCode()
	left := p.Transcript()
	for _, want := range []string{"TRAINING: nothing here was real", "PASSED", "What a better run does", "Where this comes from"} {
		if !strings.Contains(left, want) {
			t.Errorf("the terminal keeps no %q:\n%s", want, left)
		}
	}
	if code != 0 {
		t.Errorf("the exit code is %d, want 0", code)
	}
}

// A scenario that does not exist, one that is no scenario, and flags that do not go
// together are refused before anything is shown.
func TestBinaryTrainIsStrict(t *testing.T) {
	t.Parallel()
	p := practice{t, t.TempDir()}
	file := filepath.Join(t.TempDir(), "own.yaml")
	if err := os.WriteFile(file, []byte("name: own\ntitel: x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for i, tc := range []struct {
		args []string
		says string
	}{
		{[]string{"no-such"}, "no-such"},
		{[]string{"--scenario", file}, "own.yaml:2: the file has no field"},
		{[]string{"--scenario", file, "first-download"}, "given twice"},
		{[]string{"first-download", "--seed", "3"}, "a world of its own"},
		{[]string{"first-download", "--join", "http://127.0.0.1:1"}, "--join plays what is served there"},
		{[]string{"--join", "https://cloud.mongodb.com"}, "is not on a loopback address"},
		{[]string{"--join", "http://10.0.0.1:8080"}, "is not on a loopback address"},
		{[]string{"first-download", "--speed", "-1"}, "must go forward"},
		{[]string{"first-download", "--speed", "100001"}, "no faster than"},
		{[]string{"first-download", "--speed", "NaN"}, "must go forward"},
		{[]string{"a", "b"}, "accepts at most 1 arg"},
		{[]string{"first-download", "--list"}, "no name goes with it"},
		{[]string{
			"dropped-collection", "--projectId", "Payments", "--clusterName", "orders-prod", "--snapshotId", "latest", "--deliveryType", "automated",
			"--targetProjectId", "Payments", "--targetClusterName", "orders-prod-restore", "--confirm", "orders-prod-restore",
		}, "in a training the name has train/ before it"},
	} {
		if !few(i, 4) {
			continue
		}
		code, out, errs := p.run(nil, append(tc.args, "--line")...)
		if code != 2 || !strings.Contains(errs, tc.says) || out != "" {
			t.Errorf("%v: exit code %d, want 2 and %q\n%s%s", tc.args, code, tc.says, out, errs)
		}
	}
}

// The example that is printed is a scenario that can be played.
func TestBinaryTrainExample(t *testing.T) {
	t.Parallel()
	p := practice{t, t.TempDir()}
	code, out, errs := p.run(nil, "--example")
	file := filepath.Join(t.TempDir(), "own.yaml")
	if err := os.WriteFile(file, []byte(out), 0o600); err != nil || code != 0 {
		t.Fatalf("%v, exit code %d\n%s", err, code, errs)
	}
	if code, out, errs = p.run(nil, "--scenario", file, "--line", "--dry-run"); code != 2 && code != 130 && code != 1 || !strings.Contains(errs, "From ") {
		t.Errorf("exit code %d\n%s\n%s", code, out, errs)
	}
}

// Training reads no credential and no proxy, and reaches nothing but its own Atlas, however
// real what stands in the environment looks.
func TestBinaryTrainingIsAlone(t *testing.T) {
	t.Parallel()
	trap := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("%s %s came out of a training", r.Method, r.URL)
	}))
	defer trap.Close()
	env := []string{
		"MONGODB_ATLAS_CLIENT_ID=mdb_sa_id_65f0c1d2e3a4b5c6d7e8f901", "MONGODB_ATLAS_CLIENT_SECRET=mdb_sa_sk_real",
		"MONGODB_ATLAS_PUBLIC_API_KEY=abcdefgh", "MONGODB_ATLAS_PRIVATE_API_KEY=11111111-2222-3333-4444-555555555555",
		"MONGODB_ATLAS_OPS_MANAGER_URL=" + trap.URL + "/", "MONGODB_ATLAS_PROFILE=real", "MONGODB_ATLAS_PROJECT_ID=65f0c1d2e3a4b5c6d7e8f901",
		"HTTP_PROXY=" + trap.URL, "HTTPS_PROXY=" + trap.URL, "ALL_PROXY=" + trap.URL, "http_proxy=" + trap.URL,
	}
	p := practice{t, t.TempDir()}
	code, out, errs := p.run(env, "first-download", "--speed", brisk, "--projectId", "Payments", "--clusterName", "orders-prod", "--snapshotId", "latest", "--deliveryType", "download", "--confirm", "download", "-o", "json")
	if code > 1 || !strings.Contains(out, `"outcome": "ready"`) || strings.Contains(out+errs, "mdb_sa_sk_real") {
		t.Errorf("exit code %d\n%s\n%s", code, out, errs)
	}
}

// What is served in one terminal is practised on in another; the instructor's word is heard
// there, and a live run that is pointed at it says that it is none.
func TestBinaryJoinsAnInstructor(t *testing.T) {
	t.Parallel()
	s := serve(t, "--scenario", "dropped-collection", "--speed", "600")
	p := teatest.StartBinary(t, teatest.Binary(t), []string{"train", "--join", s.BaseURL, "--state-dir", t.TempDir()}, nil, normal)
	p.Wait("CRITICAL orders-prod")
	p.Press("enter")
	p.Wait("which cluster's data")
	s.sh(`curl -sf "$C/inject" -H 'Content-Type: application/json' -d '{"say":{"who":"Rosa","text":"Is it back?"}}'`, "C="+s.Control)
	p.Press("f4") // all that was said, whatever came last
	p.Wait("Is it back?")
	p.Press("ctrl+c")
	if code := p.ExitCode(); code != 1 {
		t.Errorf("left without a restore: exit code %d", code)
	}
	for tries := 1; ; tries++ {
		live := teatest.StartBinary(t, teatest.Binary(t), []string{"--base-url", s.BaseURL, "--state-dir", t.TempDir()}, []string{
			"MONGODB_ATLAS_CLIENT_ID=" + s.ClientID, "MONGODB_ATLAS_CLIENT_SECRET=" + s.ClientSecret,
		}, normal)
		live.Wait("which cluster's data")
		screen := live.Screen()
		live.Press("ctrl+c")
		live.ExitCode()
		if strings.Contains(screen, "TRAINING") && !strings.Contains(screen, "LIVE") {
			break
		}
		if tries == 20 { // on a busy machine the embedded Atlas may not say in a second what it is
			t.Fatalf("a live run on an embedded Atlas:\n%s", screen)
		}
	}
	if code, _ := s.end(syscall.SIGTERM); code != 0 {
		t.Errorf("sim: exit code %d", code)
	}
}
