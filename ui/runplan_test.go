// Tests of ui/run. They stand here: each package with tests is one more program to link.

package ui_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

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
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	id := func(n string) string { return "65f0c1d2e3a4b5c6d7e8f90" + n }
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
		p, err := planfile.New(state.Plan{
			Project: state.Project{ID: id("1"), Name: "Payments"}, Delivery: state.Download, Practice: c.training,
			Cluster:  state.Cluster{ProjectID: id("1"), ID: id("2"), Name: "orders-prod", Type: state.ReplicaSet, State: "IDLE", MongoDBVersion: "8.0.4", InstanceSize: "M30"},
			Snapshot: state.Snapshot{ID: id("4"), Status: "completed", CreatedAt: noon.Add(-time.Hour), ExpiresAt: noon.AddDate(0, 0, 3), MongoDBVersion: "8.0.4"},
		}, state.Names{}, state.Cluster{}, nil)
		if err != nil {
			t.Fatal(name, err)
		}
		p = p.By(planfile.Maker{User: "maria", Host: "ops-1", Credential: "mdb_sa_id_5f"}, "dev", c.atlas, noon)
		p.Training = c.training
		raw, err := p.Bytes()
		if err != nil {
			t.Fatal(name, err)
		}
		file := filepath.Join(t.TempDir(), "orders.plan.json")
		if err := os.WriteFile(file, raw, 0o600); err != nil {
			t.Fatal(err)
		}
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
