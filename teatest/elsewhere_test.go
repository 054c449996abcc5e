package teatest_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"atlas-restore/state"
	"atlas-restore/ui/steps"
)

// A dry run prints the request as the wizard and as other programs make it, writes
// nothing, and ends well; it takes no confirmation.
func TestBinaryDryRun(t *testing.T) {
	t.Parallel()
	for _, f := range flows {
		if f.apiKeys || !f.inSuite() {
			continue
		}
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			a := aloneIn(t, newWorld(t)) // the moments are of that day
			g := f.given()
			g.Confirm = ""
			code, out, errs := a.run(append([]string{"--dry-run", "-o", "json"}, flagsOf(g)...)...)
			if code != 0 {
				t.Fatalf("exit code %d\n%s%s", code, out, errs)
			}
			r := result(t, out)
			if len(r.Checks) == 0 || slices.ContainsFunc(r.Checks, func(c steps.CheckResult) bool { return !slices.Contains(state.CheckNames(), c.Name) }) {
				t.Errorf("the checks of the review are %+v", r.Checks)
			}
			if r.Outcome != state.OutcomeDryRun || r.Request == nil || len(r.Elsewhere) < 2 {
				t.Fatalf("the result is %s", out)
			}
			a.noPosts()
			if _, err := os.Stat(a.dir + "/journal.jsonl"); err == nil {
				t.Error("something was written down")
			}
			a.wantTheSame(r.Request, r.Elsewhere)
		})
	}
}

// The review shows them, and copies one with a key; nothing is confirmed by that.
func TestElsewhereOnTheReview(t *testing.T) {
	t.Parallel()
	s := play(t, normal)
	s.toReview(state.Automated, "Payments", "orders-prod", "orders-prod-restore")
	s.Press("f2")
	s.Wait("atlas backups restores")
	want := state.InOtherWords(s.root.Summary().Plan, s.cfg.Endpoint)
	for i, e := range want {
		s.Press(strconv.Itoa(i + 1))
		s.Wait(e.Name + " was sent to the clipboard")
		s.WaitFor("it on the clipboard", func(string) bool { return s.Clipboard() == e.Text })
	}
	s.Press("enter") // closes it
	s.Wait("type: train/")
	s.Settled()
	s.noPosts()
}

// wantTheSame asserts that every other way makes the very same request.
func (a *alone) wantTheSame(request any, all []state.Elsewhere) {
	a.t.Helper()
	want := canonical(a.t, request)
	k := a.sim.Keys()
	env := append(os.Environ(), "MONGODB_ATLAS_ACCESS_TOKEN="+a.token(),
		"MONGODB_ATLAS_PUBLIC_API_KEY="+k.PublicKey, "MONGODB_ATLAS_PRIVATE_API_KEY="+k.PrivateKey)
	for _, e := range all {
		for _, secret := range []string{k.PrivateKey, k.ClientSecret} {
			if strings.Contains(e.Text, secret) {
				a.t.Errorf("%s has a secret:\n%s", e.Name, e.Text)
			}
		}
		switch {
		case strings.HasPrefix(e.Name, "curl"):
			if _, err := exec.LookPath("curl"); err != nil {
				continue // its words are held against the request below, by the shell alone
			}
			before := len(a.posts())
			cmd := exec.CommandContext(a.t.Context(), "/bin/sh", "-c", e.Text)
			cmd.Env = env
			out, err := cmd.Output()
			posts := a.posts()
			if err != nil || len(posts) != before+1 && !strings.Contains(e.Text, "--digest") {
				a.t.Fatalf("%s: %v, %d requests\n%s\n%s", e.Name, err, len(posts)-before, e.Text, out)
			}
			var got any
			if err := json.Unmarshal([]byte(posts[len(posts)-1]), &got); err != nil || canonical(a.t, got) != want {
				a.t.Errorf("%s asked for %s, want %s", e.Name, posts[len(posts)-1], want)
			}
			a.sim.Advance(20 * 60e9) // the next one finds the target idle
		default: // their words are held in state
			if !strings.Contains(e.Text, a.sim.BaseURL()) {
				a.t.Errorf("%s would go to another Atlas:\n%s", e.Name, e.Text)
			}
			for _, v := range values(request) {
				if !strings.Contains(e.Text, strings.Trim(v, `"`)) {
					a.t.Errorf("%s lacks %s:\n%s", e.Name, v, e.Text)
				}
			}
		}
	}
}

func canonical(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// values are those of a request, as JSON.
func values(request any) []string {
	var out []string
	m, _ := request.(map[string]any)
	for _, v := range m {
		raw, _ := json.Marshal(v)
		out = append(out, string(raw))
	}
	return out
}
