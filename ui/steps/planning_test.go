package steps

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/planfile"
)

// planned is a session on a review whose plan can be saved.
func planned(cfg Config) *Session {
	s := onReview(cfg, []state.Check{{Name: "target"}, {Name: "disk", Verdict: state.Warn, Why: "Little room."}})
	s.Cfg.Maker, s.Cfg.Who, s.Cfg.Tool, s.Cfg.Endpoint = func() planfile.Maker { return planfile.Maker{User: "maria", Host: "ops-1"} }, "mdb_sa_id_5f", "dev", "https://cloud.mongodb.com"
	s.Plan.Project.Name, s.Plan.Target.Project.Name = "Payments", "Payments"
	s.Plan.Snapshot.CreatedAt = noon.Add(-time.Hour)
	s.facts = state.Facts{Plan: s.Plan, Target: state.Cluster{ID: "65f0c1d2e3a4b5c6d7e8f903", Name: "orders-stg", State: "IDLE"}, Now: noon}
	return s
}

// A plan is saved once all checks are made, and only of the review; what is read of it says what
// the review said, and who has made it.
func TestAReviewIsSavedAsAPlan(t *testing.T) {
	for name, change := range map[string]func(*Session){
		"before the checks":      func(s *Session) { s.checks = nil },
		"while one is looked at": func(s *Session) { s.checks[0].Verdict = state.Looking },
		"on another step":        func(s *Session) { s.path = []state.Step{state.StepFields} },
		"while it is sent":       func(s *Session) { s.sending = true },
	} {
		s := planned(Config{})
		change(s)
		if save, err := s.Save("x"); save != nil || err == nil {
			t.Errorf("%s: a plan is saved", name)
		}
	}
	s := planned(Config{Flags: " --profile 'a b'"})
	file := filepath.Join(t.TempDir(), "plan.json")
	save, err := s.Save(file)
	if err != nil {
		t.Fatal(err)
	}
	if said := s.Saved(save()); !strings.Contains(said, "good until 24 Nov 12:00 UTC. Nothing was submitted.") {
		t.Error(said)
	}
	p, _, err := planfile.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	text, err := ShownPlan{File: file, Plan: p, Now: noon.Add(5 * time.Minute)}.Text()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"Plan " + p.Short() + ", made by maria on ops-1, with the credential mdb_sa_id_5f, at 23 Nov 12:00 UTC, 5 min ago.", "It is good until 24 Nov 12:00 UTC.",
		"Restore orders (Payments), the snapshot of 23 Nov 11:00 UTC", "WARNING: Onto orders-stg (Payments), which is erased first.", "WARNING: Lost: all that orders-stg holds now",
		"WARNING: Little room.", "Checked: target: OK", `"targetClusterName": "orders-stg"`, "SHA-256 " + p.SHA256,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("lacks %q:\n%s", want, text)
		}
	}
	late, err := ShownPlan{File: file, Plan: p, Now: noon.Add(25 * time.Hour)}.Text()
	if err != nil || !strings.Contains(late, "EXPIRED: it was good until") {
		t.Errorf("%v\n%s", err, late)
	}
	for at, want := range map[time.Duration]string{0: "good", 25 * time.Hour: "expired", -time.Hour: "early"} {
		raw, err := ShownPlan{File: file, Plan: p, Now: noon.Add(at)}.JSON()
		var out struct {
			State string        `json:"state"`
			Plan  planfile.Plan `json:"plan"`
		}
		if err := errors.Join(err, json.Unmarshal(raw, &out)); err != nil || out.State != want || out.Plan.SHA256 != p.SHA256 {
			t.Errorf("%v later: %v %s", at, err, raw)
		}
	}
	practice := p
	practice.Training = true
	for _, tc := range []struct {
		of     planfile.Plan
		later  time.Duration
		signed PlanSignature
		want   string
		state  string
	}{
		{practice, 14 * time.Minute, PlanSignature{}, "at 23 Nov 12:00 UTC, 14 min ago by this machine's clock.", "good"},
		{practice, 25 * time.Hour, PlanSignature{}, "EXPIRED by this machine's clock: it was good until 24 Nov 12:00 UTC.", "expired"},
		{practice, -time.Hour, PlanSignature{}, "12:00 UTC, on the training's clock, which is ahead of this machine's.", "good"},
		{p, time.Minute, PlanSignature{}, "NOT APPROVED: no signature lies beside it.", "good"},
		{p, 5 * time.Minute, PlanSignature{"a.sig", "SHA256:x", "alice@example.com", noon.Add(time.Minute), ""}, "It is approved by alice@example.com, 4 min ago. It has the key SHA256:x.", "good"},
		{p, 5 * time.Minute, PlanSignature{"a.sig", "SHA256:x", "", time.Time{}, "the key is not among the allowed signers"}, "NOT APPROVED here: a.sig does not count: the key is not among the allowed signers. It has the key SHA256:x.", "good"},
	} {
		shown := ShownPlan{File: file, Plan: tc.of, Now: noon.Add(tc.later), Signed: tc.signed}
		text, err := shown.Text()
		raw, jsonErr := shown.JSON()
		if errors.Join(err, jsonErr) != nil || !strings.Contains(text, tc.want) || !strings.Contains(string(raw), `"state": "`+tc.state+`"`) || strings.Contains(string(raw), `"signature"`) == (tc.signed.File == "") {
			t.Errorf("%v later, lacks %q: %v %v\n%s%s", tc.later, tc.want, err, jsonErr, text, raw)
		}
	}
	for _, c := range []struct {
		done           Approved // what the text says of it, and the JSON
		text, says     string
		outcome, count string
	}{
		{Approved{Plan: p, Signers: "signers", By: "alice@example.com"}, "Approved: plan ", "alice@example.com", "approved", "yes"},
		{Approved{Plan: practice}, "Approved: plan ", "", "approved", "yes"},
		{Approved{Plan: p, Signers: "signers", Refused: "why not"}, "NOT APPROVED by what is known here: plan ", "does not count: why not.", "signed", "no"},
		{Approved{Plan: p}, "Signed: plan ", "whether it counts is not known here", "signed", "unknown"},
	} {
		if text := c.done.Text(); !strings.HasPrefix(text, c.text) || !strings.Contains(text, c.says) {
			t.Error(text)
		}
		raw, err := c.done.JSON()
		var out struct{ Outcome, Counts, By, Note string }
		if err := errors.Join(err, json.Unmarshal(raw, &out)); err != nil || out.Outcome != c.outcome || out.Counts != c.count || !strings.Contains(out.By+out.Note, c.says) || (out.Note == "") != (out.Outcome == "approved") {
			t.Errorf("%v, not %s, counts %s:\n%s", err, c.outcome, c.count, raw)
		}
	}
	sum := s.Summary()
	if text := sum.Text(); !strings.Contains(text, "atlas-restore --plan "+file+" --profile 'a b'") || !strings.Contains(text, "atlas-restore plan show "+file+"\n") {
		t.Errorf("the summary says nothing of it:\n%s", text)
	}
	if r := sum.Result(); r.Plan == nil || r.Plan.SHA256 != p.SHA256 || r.Plan.File != file || r.Plan.Until != "2026-11-24T12:00:00Z" {
		t.Errorf("%+v", r.Plan)
	}
}

// A run that was started to save a plan sends nothing, whatever is typed, and fails where the plan
// could not be saved.
func TestARunThatSavesAPlanSendsNothing(t *testing.T) {
	dir := t.TempDir()
	for file, want := range map[string]state.Outcome{filepath.Join(dir, "plan.json"): state.OutcomeDryRun, dir: state.OutcomeError} {
		s := planned(Config{SavePlan: file})
		if s.Confirm("orders-stg") != nil {
			t.Fatal("a restore is submitted")
		}
		save := s.Saving()
		if save == nil {
			t.Fatal("no plan is saved")
		}
		said := s.Saved(save())
		if sum := s.Summary(); sum.Outcome != want || (want == state.OutcomeDryRun) != (sum.ExitCode() == 0) {
			t.Errorf("%s: %s, and the run ends %v", file, said, sum.Outcome)
		}
		if want == state.OutcomeDryRun && s.Saving() != nil {
			t.Error("it is saved twice")
		}
	}
	if s := planned(Config{}); s.Saving() != nil {
		t.Error("a plan is saved that nobody wanted")
	}
}
