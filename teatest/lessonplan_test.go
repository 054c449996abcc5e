package teatest_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"

	"atlas-restore/atlasclient/coach"
	"atlas-restore/state"
	"atlas-restore/state/approval"
	"atlas-restore/state/planfile"
	"atlas-restore/ui/steps"
)

// coached has the wizard tell the scenario what is done in it, and know its rule, as train --join does.
func (s solver) coached() {
	s.t.Helper()
	trainer := coach.New(s.sim.Address()).Patient(time.Minute)
	if _, err := trainer.Hello(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	c, err := trainer.Coaching(s.t.Context(), -1)
	if err != nil {
		s.t.Fatal(err)
	}
	s.cfg.Coach, s.cfg.Coaching, s.cfg.Briefed, s.cfg.Served, s.cfg.Names.Approval = trainer, c, true, true, c.Approval
	s.cfg.Drill, s.cfg.Names.Drills = len(c.Drills) > 0, c.Drills
	s.cfg.Approved = func(of *steps.Replay, now time.Time) state.Approval {
		switch a, err := approval.ReadPractice(of.File, of.Raw, of.Plan, now); {
		case errors.Is(err, approval.ErrNone):
			return state.Approval{}
		case err != nil:
			return state.Approval{Refused: err.Error()}
		default:
			return state.Approval{By: a.By, Key: a.Key}
		}
	}
}

// arrived waits until the scenario knows what was done.
func (s solver) arrived() {
	s.t.Helper()
	if _, err := s.cfg.Coach.Debrief(s.t.Context(), 80); err != nil {
		s.t.Fatal(err)
	}
}

// planned has the plan of a wizard saved, and sends nothing.
func (s solver) planned(a answers) (file string) {
	s.t.Helper()
	file = filepath.Join(s.t.TempDir(), "orders.plan.json")
	g := a.practised()
	if g.Confirm = ""; a.snapshot != "" {
		g.Snapshot = s.snapshotAt(a.project, a.cluster, a.snapshot)
	}
	s.cfg.SavePlan = file
	s.begin(g).leave(state.OutcomeDryRun)
	s.cfg.SavePlan = ""
	s.arrived()
	return file
}

// replays runs a plan, confirmed as such a restore is.
func (s solver) replays(file string, a answers) *speaker {
	s.t.Helper()
	of, err := steps.NewReplay(file)
	if err != nil {
		s.t.Fatal(err)
	}
	s.cfg.Replay = of
	g := of.Given
	g.Confirm = a.practised().Confirm
	return s.begin(g)
}

// signed has a second person approve a plan.
func (s solver) signed(file string) {
	s.t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		s.t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(private, "sam")
	if err != nil {
		s.t.Fatal(err)
	}
	path := filepath.Join(s.t.TempDir(), "sam")
	if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
		s.t.Fatal(err)
	}
	key, err := approval.KeyFile(path, nil, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	_, raw, err := planfile.Read(file)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := approval.Sign(file, raw, key); err != nil {
		s.t.Fatal(err)
	}
}

// withASecondPerson has a plan that nobody else has approved refused. Approved by somebody else, it is.
func (s solver) withASecondPerson() {
	s.t.Helper()
	s.coached()
	a := fromMoment("Payments", "orders-prod", "2026-11-23 13:49:59", "Payments", "orders-prod-restore")
	file := s.planned(a)
	d := s.replays(file, a)
	if sum := d.leave(state.OutcomeError); !strings.Contains(sum.Text()+d.Output(), "approval is a BLOCK") {
		s.t.Errorf("it is run alone:\n%s\n%s", d.Output(), sum.Text())
	}
	s.signed(file)
	d = s.replays(file, a)
	d.Wait("restore job ")
	s.leap(5 * time.Minute)
	d.leave(state.OutcomeCompleted)
	s.arrived()
}

// afterTheChange meets what has changed since a plan was made, and makes another restore.
func (s solver) afterTheChange() {
	s.t.Helper()
	s.coached()
	a := fromSnapshot("Payments", "orders-prod", "12:20", "Payments", "orders-prod-restore")
	file := s.planned(a)
	s.leap(3 * time.Minute)
	d := s.replays(file, a)
	if sum := d.leave(state.OutcomeError); !strings.Contains(sum.Text()+d.Output(), "8.2.3") {
		s.t.Errorf("it does not say what has changed:\n%s\n%s", d.Output(), sum.Text())
	}
	s.arrived()
	s.leap(2 * time.Minute)
	s.cfg.Replay = nil
	s.restore(fromSnapshot("Payments", "orders-prod", "12:20", "Payments Staging", "orders-stg"))
	s.arrived()
}

// drillsTwice has a drill fail whose restore lacks a collection, and makes another.
func (s solver) drillsTwice() {
	s.t.Helper()
	s.coached()
	for _, want := range []string{"DRILL: FAIL.", "DRILL: PASS."} { // each after a job that is completed
		d := s.wizard(fromSnapshot("Payments", "orders-prod", "12:20", "Payments", "drill-orders"))
		d.Wait("restore job ")
		s.leap(5 * time.Minute)
		d.Wait("is looked at")
		s.leap(46 * time.Minute)
		if sum := d.leave(state.OutcomeCompleted); !strings.Contains(d.Output()+sum.Text(), want) {
			s.t.Errorf("it does not say %q:\n%s\n%s", want, d.Output(), sum.Text())
		}
		s.arrived()
	}
}
