package steps

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/journal"
	"atlas-restore/state/record"
	"atlas-restore/state/submit"
)

// taking is an Atlas that makes a job of each request.
type taking struct{ silent }

func (taking) CreateJob(_ context.Context, _ state.Cluster, r state.Request) (state.Job, error) {
	return state.Job{ID: fmt.Sprintf("%08xd4e5f60718293a4b", noon.Unix()), DeliveryType: r.DeliveryType, SnapshotID: r.SnapshotID, TargetProjectID: r.TargetProjectID, TargetClusterName: r.TargetClusterName}, nil
}

// replayed is a session on the review of a run that is made from a plan file.
func replayed(t *testing.T) (*Session, *Replay) {
	t.Helper()
	maker := planned(Config{})
	save, err := maker.Save(filepath.Join(t.TempDir(), "plan.json"))
	if err != nil {
		t.Fatal(err)
	}
	of, err := NewReplay(save().File)
	if err != nil {
		t.Fatal(err)
	}
	s := planned(Config{Replay: of})
	s.checks = nil
	return s, of
}

// look is what the checks of the review see; the last check is the one that holds the plan.
func (s *Session) look(change func(*state.Facts)) state.Check {
	f := planned(Config{}).facts
	f.Agreed, f.Endpoint, f.Plan = s.agreed(), s.Cfg.Endpoint, s.Plan
	change(&f)
	s.checks = nil
	s.Gathered(f)
	return s.checks[slices.IndexFunc(s.checks, func(c state.Check) bool { return c.Name == state.PlanCheck })]
}

// What has changed since a plan was made is accepted as what is UNKNOWN is; what makes it another
// restore is not. The request that follows is noted with the plan's hash.
func TestAPlanIsRun(t *testing.T) {
	s, of := replayed(t)
	if want := (state.Given{Project: project, Cluster: "orders", Snapshot: s.Plan.Snapshot.ID, Delivery: "automated", TargetProject: project, TargetCluster: "orders-stg"}); of.Given != want {
		t.Errorf("the answers are %+v", of.Given)
	}
	if c := s.look(func(f *state.Facts) { f.Target.ID = "65f0c1d2e3a4b5c6d7e8f909" }); c.Verdict != state.Block || s.Accept(state.PlanCheck) || s.Confirm("orders-stg") != nil {
		t.Errorf("onto another cluster of the same name: %+v", c)
	}
	s.Cfg.Accept = []string{"all"}
	if s.Confirm("orders-stg") != nil {
		t.Error("a BLOCK is accepted with all others")
	}
	s.Cfg.Accept = nil
	if c := s.look(func(f *state.Facts) { f.Target.State = "UPDATING" }); c.Verdict != state.Warn || !strings.Contains(c.Why, "the state of the target was IDLE and is UPDATING") {
		t.Errorf("onto a cluster that has changed: %+v", c)
	}
	s.checks = []state.Check{{Name: state.PlanCheck, Verdict: state.Warn, Ask: true}}
	if s.Confirm("orders-stg") != nil || !s.Accept(state.PlanCheck) {
		t.Error("what has changed is not to be accepted")
	}
	s.facts.Approval = state.Approval{By: "alice@example.com", Key: "SHA256:x", At: noon}
	text := ""
	for _, c := range s.Review(Ways{}) {
		text += c.Line() + "\n"
	}
	if !strings.Contains(text, "Plan: "+of.Plan.Short()+", approved by alice@example.com, now; made by maria on ops-1 at 23 Nov 12:00 UTC") || !strings.Contains(text, "the whole hash: "+of.Plan.SHA256) {
		t.Errorf("the review does not name the plan:\n%s", text)
	}
	kept := &journal.InMemory{}
	s.Cfg.Atlas, s.Cfg.Journal = taking{}, kept
	send := s.Confirm("orders-stg")
	if send == nil {
		t.Fatal("nothing can be sent")
	}
	done := send(t.Context())
	if done.Verdict == submit.Refused {
		t.Fatal(done.Err)
	}
	entries, err := kept.Read()
	if err != nil || len(entries) == 0 {
		t.Fatal(entries, err)
	}
	for _, e := range entries {
		if e.Plan == nil || e.Plan.SHA256 != of.Plan.SHA256 || e.Plan.MadeBy != "maria on ops-1" || e.Plan.ApprovedBy != "alice@example.com" || e.Plan.Key != "SHA256:x" || e.BreakGlass != "" {
			t.Errorf("%s is noted without its plan: %+v", e.Event, e.Plan)
		}
	}
	s.Settle(done)
	sum := s.Summary()
	if all := sum.Records(s.Cfg, About{Journal: journal.Submissions(entries)}); len(all) != 1 || all[0].Approval == nil ||
		all[0].Approval.By != "alice@example.com" || all[0].Approval.Fingerprint != "SHA256:x" || all[0].Approval.Plan != of.Plan.SHA256 || all[0].Approval.At == nil || !all[0].Approval.At.Equal(noon) {
		t.Errorf("the record does not name who approved: %+v", all)
	}
	if r := sum.Result(); r.Plan == nil || r.Plan.SHA256 != of.Plan.SHA256 || r.Plan.File != of.File || r.Plan.ApprovedBy != "alice@example.com" || r.Plan.ApprovedAt != "2026-11-23T12:00:00Z" {
		t.Errorf("%+v", r.Plan)
	}
	sum.Approval.At = time.Time{} // nobody knows when
	for i := range entries {
		entries[i].Plan.ApprovedAt = nil
	}
	if r := sum.Result(); r.Plan.ApprovedBy != "alice@example.com" || r.Plan.ApprovedAt != "" {
		t.Errorf("a time that nobody knows is told: %+v", r.Plan)
	}
	if all := sum.Records(s.Cfg, About{Journal: journal.Submissions(entries)}); len(all) != 1 || all[0].Approval == nil || all[0].Approval.At != nil ||
		!strings.Contains(record.Kept{Record: all[0]}.Markdown(""), "alice@example.com, key SHA256:x, when it was signed is not known, plan "+of.Plan.SHA256) {
		t.Errorf("the record does not say that the time of the approval is not known: %+v", all)
	}
	if text := sum.Text(); !strings.Contains(text, "Plan: "+of.Plan.Short()) || !strings.Contains(text, "Approved by alice@example.com with the key SHA256:x.") {
		t.Errorf("the summary does not name the plan:\n%s", text)
	}
	if s.Step() == StepJob && (!s.Again() || s.agreed() != nil) {
		t.Error("another restore of the run is held against the plan of the first")
	}
}

// A broken glass is told and noted with its reason, and only where an approval was in the way.
func TestABrokenGlassIsNoted(t *testing.T) {
	for rule, want := range map[string]string{"orders*": "all are asleep", "prod*": ""} {
		kept := &journal.InMemory{}
		s := planned(Config{BreakGlass: "all are asleep", Names: state.Names{Approval: []string{rule}}})
		s.Cfg.Atlas, s.Cfg.Journal = taking{}, kept
		f := s.facts
		f.Names, f.Approval = s.Cfg.Names, s.Cfg.approval(nil, noon)
		s.Gathered(f)
		s.Cfg.Accept = []string{"all"}
		s.checks = slices.DeleteFunc(s.checks, func(c state.Check) bool { return c.Verdict == state.Block && c.Name != state.ApprovalCheck })
		send := s.Confirm("orders-stg")
		if send == nil {
			t.Fatal(s.Hindrance())
		}
		s.Settle(send(t.Context()))
		entries, err := kept.Read()
		if err != nil || len(entries) == 0 || entries[0].BreakGlass != want {
			t.Errorf("%s: noted is %+v, %v", rule, entries, err)
		}
		if all := s.Summary().Records(s.Cfg, About{Journal: journal.Submissions(entries)}); len(all) != 1 || (all[0].Approval != nil) != (want != "") || want != "" && all[0].Approval.BreakGlass != want {
			t.Errorf("%s: recorded is %+v", rule, all)
		}
		if sum := s.Summary(); sum.Result().BreakGlass != want || strings.Contains(sum.Text(), "all are asleep") != (want != "") {
			t.Errorf("%s: %s", rule, sum.Text())
		}
	}
}

// What a restore is for is noted before it is sent: where the run is killed, the record of whoever comes
// back has it.
func TestWhatItIsForOutlivesTheRun(t *testing.T) {
	kept := &journal.InMemory{}
	s := planned(Config{About: About{Ticket: "OPS-7", Purpose: "orders were dropped"}})
	s.Cfg.Atlas, s.Cfg.Journal = taking{}, kept
	s.Gathered(s.facts)
	s.Cfg.Accept = []string{"all"}
	s.checks = slices.DeleteFunc(s.checks, func(c state.Check) bool { return c.Verdict == state.Block })
	send := s.Confirm("orders-stg")
	if send == nil {
		t.Fatal(s.Hindrance())
	}
	s.Settle(send(t.Context()))
	entries, err := kept.Read()
	if err != nil || len(entries) == 0 || entries[0].Ticket != "OPS-7" {
		t.Fatalf("noted is %+v, %v", entries, err)
	}
	later := s.Summary()
	later.Said = Said{} // another run, which nobody has told
	if all := later.Records(s.Cfg, About{Journal: journal.Submissions(entries)}); len(all) != 1 || all[0].Ticket != "OPS-7" || all[0].Purpose != "orders were dropped" {
		t.Errorf("recorded is %+v", all)
	}
}

// Where an approval is needed, a session without one submits nothing, whatever is typed or accepted.
func TestNothingIsSubmittedWithoutItsApproval(t *testing.T) {
	for name, a := range map[string]state.Approval{"none": {}, "one that does not count": {Refused: "the key is unknown"}} {
		s := planned(Config{Accept: []string{"all"}})
		f := s.facts
		f.Names.Approval, f.Approval = []string{"orders*"}, a
		s.Gathered(f)
		if s.Accept(state.ApprovalCheck) || s.Confirm("orders-stg") != nil || !strings.Contains(s.Hindrance().Text(), "second person's approval") {
			t.Errorf("%s: %v", name, s.Hindrance())
		}
	}
}

// A plan that is no longer good stops the review, whatever else is as it was.
func TestAnExpiredPlanIsNotRun(t *testing.T) {
	s, _ := replayed(t)
	late := noon.Add(25 * time.Hour)
	s.Cfg.Now = func() time.Time { return late }
	if c := s.look(func(f *state.Facts) { f.Now = late }); c.Verdict != state.Block || !strings.Contains(c.Why, "was good until") || s.Confirm("orders-stg") != nil {
		t.Errorf("%+v", c)
	}
}

// No line of the plan is offered to be changed for what only another plan, or a second person, can
// mend.
func TestNoLineMendsAPlan(t *testing.T) {
	for _, name := range []string{state.PlanCheck, state.ApprovalCheck} {
		if l, ok := LineOf(planned(Config{}).Plan, name); ok {
			t.Errorf("%s is to be mended by %s", name, l.Word)
		}
	}
}
