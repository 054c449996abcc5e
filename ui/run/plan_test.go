package run

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/planfile"
	"atlas-restore/ui/command"
	"atlas-restore/ui/steps"
)

// trainedAt is an embedded Atlas that is served at one address, and what time it is there.
type trainedAt struct {
	Embedded
	address string
	now     time.Time
}

func (e trainedAt) Served(_ context.Context, base, _ string) (Trainer, bool) {
	return clock{now: e.now}, base == e.address
}

type clock struct {
	Trainer
	now time.Time
}

func (c clock) Now() time.Time { return c.now }

// A plan is judged by the clock of its Atlas: that of a training is its embedded Atlas's, however late it
// is on this machine. Where nobody can tell the time there, that is told, and is no yes.
func TestPlanIsApprovedByTheClockOfItsAtlas(t *testing.T) {
	t.Setenv("SSH_AUTH_SOCK", "")
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
		code := 0
		r := runner{Parts: Parts{Now: func() time.Time { return c.here }, Embedded: trainedAt{address: "http://127.0.0.1:4711", now: c.there}}, out: io.Discard, errs: io.Discard, exit: &code}
		err = r.planApprove(t.Context(), command.Settings{}, file, "")
		var told *steps.RunError
		if !errors.As(err, &told) || errors.Is(err, planfile.ErrExpired) || errors.Is(err, planfile.ErrEarly) {
			if !c.expired || told == nil || !strings.Contains(told.Advice, "Have a new plan made") {
				t.Errorf("%s: %v", name, err)
			}
		} else if c.expired || !strings.Contains(err.Error(), "ssh-agent") { // the next thing that is asked for
			t.Errorf("%s: %v", name, err)
		}
	}
}
