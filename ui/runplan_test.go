// Tests of ui/run. They stand here: each package with tests is one more program to link.

package ui_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"atlas-restore/state"
	"atlas-restore/state/planfile"
	"atlas-restore/ui/run"
)

// trainedAt is an embedded Atlas that is served at one address, and what time it is there.
type trainedAt struct {
	run.Embedded
	address string
	now     time.Time
}

func (e trainedAt) Served(_ context.Context, base, _ string) (run.Trainer, bool) {
	return clock{now: e.now}, base == e.address
}

type clock struct {
	run.Trainer
	now time.Time
}

func (c clock) Now() time.Time { return c.now }

// A plan is judged by the clock of its Atlas: that of a training is its embedded Atlas's, however late it
// is on this machine. Where nobody can tell the time there, that is told, and is no yes.
func TestPlanIsApprovedByTheClockOfItsAtlas(t *testing.T) {
	t.Setenv("SSH_AUTH_SOCK", "")
	t.Setenv("HOME", t.TempDir())
	t.Setenv("XDG_CONFIG_HOME", "")
	noon := planNoon
	for name, c := range map[string]struct {
		atlas    string
		training bool
		here     time.Time // this machine's clock
		there    time.Time // the embedded Atlas's
		expired  bool
	}{
		"good":                                {"https://cloud.mongodb.com", false, noon, noon.AddDate(0, 1, 0), false},
		"expired":                             {"https://cloud.mongodb.com", false, noon.AddDate(0, 0, 3), noon, true},
		"training, good on both clocks":       {"http://127.0.0.1:4711", true, noon, noon, false},
		"training, expired there":             {"http://127.0.0.1:4711", true, noon, noon.AddDate(0, 0, 3), true},
		"training, expired by this clock":     {"http://127.0.0.1:4711", true, noon.AddDate(1, 0, 0), noon, false},
		"training whose Atlas is not there":   {"http://127.0.0.1:4712", true, noon.AddDate(1, 0, 0), noon, false},
		"training, made later by this clock":  {"http://127.0.0.1:4711", true, noon.AddDate(-1, 0, 0), noon, false},
		"training, made later than it is now": {"http://127.0.0.1:4711", true, noon, noon.AddDate(-1, 0, 0), true},
	} {
		file := planFile(t, c.atlas, c.training)
		says, err := os.Create(file + ".says")
		if err != nil {
			t.Fatal(name, err)
		}
		nobody, err := os.Open(os.DevNull)
		if err != nil {
			t.Fatal(name, err)
		}
		code := run.Main([]string{"plan", "approve", file}, run.Streams{In: nobody, Out: says, Errs: says},
			run.Parts{Now: func() time.Time { return c.here }, Atlas: struct{ run.Atlas }{}, Embedded: trainedAt{address: "http://127.0.0.1:4711", now: c.there}})
		_ = nobody.Close()
		_ = says.Close()
		told, err := os.ReadFile(says.Name())
		want := "ssh-agent" // the next thing that is asked for
		if c.expired {
			want = "Nothing was approved. Have a new plan made"
		}
		if err != nil || code != state.OutcomeError.ExitCode() || !strings.Contains(string(told), want) || c.expired == strings.Contains(string(told), "ssh-agent") {
			t.Errorf("%s: %v, ends with %d and says\n%s", name, err, code, told)
		}
	}
}

// What an approver reads has the ages of now, by the clock of the plan's Atlas. Where nobody can tell the time
// there, they are called those of when the plan was made; so are the words of its checks, which stand in the file.
func TestThePlanIsReadWithTheAgesOfNow(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	t.Setenv("XDG_CONFIG_HOME", "")
	for name, c := range map[string]struct {
		atlas    string
		training bool
		later    time.Duration // of this machine's clock
		says     []string
		not      string
	}{
		"by this machine's clock":     {"https://cloud.mongodb.com", false, 2 * time.Hour, []string{"at 23 Nov 12:00 UTC, 2 h ago.", "the snapshot of 23 Nov 11:00 UTC, 3 h ago"}, "all ages below"},
		"by the training's clock":     {"http://127.0.0.1:4711", true, 0, []string{"at 23 Nov 12:00 UTC, 2 h ago.", "the snapshot of 23 Nov 11:00 UTC, 3 h ago"}, "all ages below"},
		"a training that nobody asks": {"http://127.0.0.1:4712", true, 2 * time.Hour, []string{"all ages below are those of when the plan was made.", "the snapshot of 23 Nov 11:00 UTC, 1 h ago"}, "3 h ago"},
	} {
		file := planFile(t, c.atlas, c.training)
		says := filepath.Join(t.TempDir(), "says")
		out, err := os.Create(says)
		if err != nil {
			t.Fatal(name, err)
		}
		code := run.Main([]string{"plan", "show", file}, run.Streams{In: os.Stdin, Out: out, Errs: out},
			run.Parts{Now: func() time.Time { return planNoon.Add(c.later) }, Atlas: struct{ run.Atlas }{}, Embedded: trainedAt{address: "http://127.0.0.1:4711", now: planNoon.Add(2 * time.Hour)}})
		_ = out.Close()
		raw, err := os.ReadFile(says)
		told := string(raw)
		if err != nil || code != 0 || strings.Contains(told, c.not) {
			t.Errorf("%s: %v, ends with %d and says\n%s", name, err, code, told)
		}
		then := strings.Index(told, "as they were when the plan was made, at 23 Nov 12:00 UTC: so are the ages in them")
		for _, want := range append(c.says, "Download orders-prod", "Checked: size: OK") {
			at := strings.Index(told, want)
			if at < 0 || (at > then) != strings.HasPrefix(want, "Checked") {
				t.Errorf("%s: %q is at %d, and the head of the checks at %d:\n%s", name, want, at, then, told)
			}
		}
	}
}

var planNoon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// planFile is a plan of maria's that was made at noon.
func planFile(t *testing.T, atlas string, training bool) string {
	t.Helper()
	id := func(n string) string { return "65f0c1d2e3a4b5c6d7e8f90" + n }
	p, err := planfile.New(state.Plan{
		Project: state.Project{ID: id("1"), Name: "Payments"}, Delivery: state.Download, Practice: training,
		Cluster:  state.Cluster{ProjectID: id("1"), ID: id("2"), Name: "orders-prod", Type: state.ReplicaSet, State: "IDLE", MongoDBVersion: "8.0.4", InstanceSize: "M30"},
		Snapshot: state.Snapshot{ID: id("4"), Status: "completed", CreatedAt: planNoon.Add(-time.Hour), ExpiresAt: planNoon.AddDate(0, 0, 3), MongoDBVersion: "8.0.4"},
	}, state.Names{}, state.Cluster{}, []state.Check{{Name: "size"}})
	if err != nil {
		t.Fatal(err)
	}
	p = p.By(planfile.Maker{User: "maria", Host: "ops-1", Credential: "mdb_sa_id_5f"}, "dev", atlas, planNoon)
	p.Training = training
	raw, err := p.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "orders.plan.json")
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// newKey is an SSH key that nobody has seen: its file, and its public half in one line.
func newKey(t *testing.T, name string) (file, public string) {
	t.Helper()
	half, secret, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(secret, name)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ssh.NewPublicKey(half)
	if err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	return file, string(ssh.MarshalAuthorizedKey(key))
}

// A signature that the allowed signers here do not let approve is made, as they may be others where the plan
// is run; but it is told as none that counts, and ends with no 0. In a training each key counts, and where
// there are no allowed signers, that nobody here knows is said.
func TestASignatureThatDoesNotCountIsNoApproval(t *testing.T) {
	t.Setenv("SSH_AUTH_SOCK", "")
	t.Setenv("HOME", t.TempDir())
	alice, line := newKey(t, "alice")
	bob, _ := newKey(t, "bob")
	signers := "alice@example.com " + line
	over := `alice@example.com valid-before="20260101Z" ` + line
	none := "# nobody yet\n"
	for name, c := range map[string]struct {
		key, signers, json string
		training           bool
		code               int
		outcome            string
		says               []string
	}{
		"one that is allowed":     {alice, signers, "-o json", false, 0, "approved", []string{`"by": "alice@example.com"`}},
		"an unknown one":          {bob, signers, "-o json", false, 1, "signed", []string{"NOT APPROVED by what is known here", "the key is not among the allowed signers", "It counts once ", `"counts": "no"`}},
		"an unknown one, in text": {bob, signers, "", false, 1, "", []string{"NOT APPROVED by what is known here", "the key is not among the allowed signers", "It counts once "}},
		"one that is over":        {alice, over, "-o json", false, 1, "signed", []string{"NOT APPROVED by what is known here", "the key was good until"}},
		"where nobody is allowed": {alice, none, "-o json", false, 1, "signed", []string{"NOT APPROVED by what is known here", "the key is not among the allowed signers"}},
		"where no list is named":  {alice, "", "-o json", false, 0, "signed", []string{`"counts": "unknown"`, `"note": "whether it counts is not known here`}},
		"no list, in text":        {alice, "", "", false, 0, "", []string{"\nSigned: plan ", "whether it counts is not known here"}},
		"in a training":           {bob, signers, "-o json", true, 0, "approved", []string{`"counts": "yes"`}},
	} {
		conf := filepath.Join(t.TempDir(), "atlas-restore")
		t.Setenv("XDG_CONFIG_HOME", filepath.Dir(conf))
		if err := os.MkdirAll(conf, 0o700); err != nil {
			t.Fatal(err)
		}
		if c.signers != "" {
			for file, text := range map[string]string{"config.toml": "require_approval = [\"prod*\"]\nallowed_signers = \"signers\"\n", "signers": c.signers} {
				if err := os.WriteFile(filepath.Join(conf, file), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
		atlas := map[bool]string{false: "https://cloud.mongodb.com", true: "http://127.0.0.1:4711"}[c.training]
		file := planFile(t, atlas, c.training)
		code, told := approves(t, append([]string{"plan", "approve", file, "--key", c.key}, strings.Fields(c.json)...)...)
		if code != c.code || c.outcome != "" && !strings.Contains(told, `"outcome": "`+c.outcome+`"`) || c.code == 0 && (strings.Contains(told, "NOT APPROVED by") || strings.Contains(told, "does not count")) || c.signers == "" && strings.Contains(told, "Approved:") {
			t.Errorf("%s: ends with %d and says\n%s", name, code, told)
		}
		for _, says := range c.says {
			if !strings.Contains(told, says) {
				t.Errorf("%s: it lacks %q:\n%s", name, says, told)
			}
		}
		if _, err := os.Stat(file + ".sig"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		_, told = approves(t, "plan", "show", file)
		if want := map[bool]string{true: "It is approved by ", false: "NOT APPROVED here: "}[c.code == 0 && c.signers != ""]; !strings.Contains(told, want) {
			t.Errorf("%s: plan show lacks %q:\n%s", name, want, told)
		}
	}
}

// approves runs a command at noon, with the words of approval as its input.
func approves(t *testing.T, args ...string) (code int, told string) {
	t.Helper()
	dir := t.TempDir()
	says, err := os.Create(filepath.Join(dir, "says"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = says.Close() }()
	if err := os.WriteFile(filepath.Join(dir, "in"), []byte("approve download\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	in, err := os.Open(filepath.Join(dir, "in"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close() }()
	code = run.Main(args, run.Streams{In: in, Out: says, Errs: says}, run.Parts{
		Now: func() time.Time { return planNoon.Add(time.Minute) }, Atlas: struct{ run.Atlas }{}, Embedded: trainedAt{address: "http://127.0.0.1:4711", now: planNoon},
	})
	raw, err := os.ReadFile(says.Name())
	if err != nil {
		t.Fatal(err)
	}
	return code, string(raw)
}
