package steps

import (
	"fmt"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/journal"
	"atlas-restore/state/planfile"
)

// Replay is a plan file that a run is made from.
type Replay struct {
	File   string
	Plan   planfile.Plan
	Raw    []byte      // the bytes of the file: what is approved
	Given  state.Given // its answers
	Agreed *state.Agreed
}

// NewReplay reads the plan file of a run. Whether it is still good is for the review to say.
func NewReplay(file string) (*Replay, error) {
	p, raw, err := planfile.Read(file)
	if err != nil {
		return nil, err //nolint:wrapcheck // it names the file
	}
	given, err := p.Given()
	if err != nil {
		return nil, fmt.Errorf("reading the plan %s: %w", file, err)
	}
	agreed, err := p.Agreed()
	if err != nil {
		return nil, fmt.Errorf("reading the plan %s: %w", file, err)
	}
	return &Replay{File: file, Plan: p, Raw: raw, Given: given, Agreed: agreed}, nil
}

// planClause says which plan the present restore is run from; nothing where it is run from none.
func (s *Session) planClause() Clause {
	if s.replay == nil {
		return Clause{}
	}
	p, now, by := s.replay.Plan, s.Cfg.Instant(), ""
	if said := s.facts.Approval.Said(now); said != "" {
		by = ", " + said
	}
	return Clause{Lead: "Plan", Text: fmt.Sprintf("%s%s; made by %s at %s, %s; good until %s; the whole hash: %s",
		p.Short(), by, p.Made.Name(), state.UTC(p.Made.At, now), state.Ago(p.Made.At, now), state.UTC(p.Made.Until, now), p.SHA256)}
}

// agreed is what the checks hold the review against; nil where it is run from no plan.
func (s *Session) agreed() *state.Agreed {
	if s.replay == nil {
		return nil
	}
	return s.replay.Agreed
}

// planned is what the journal keeps of the plan that a request is made from.
func (s *Session) planned() *journal.Planned {
	if s.replay == nil {
		return nil
	}
	a := s.facts.Approval
	return &journal.Planned{SHA256: s.replay.Plan.SHA256, MadeBy: s.replay.Plan.Made.Name(), ApprovedBy: a.By, Key: a.Key, ApprovedAt: known(a.At)}
}

// glass is the reason for which the present restore is gone on with although a second person's
// approval is needed and is not there; empty where that is not so.
func (s *Session) glass() string {
	if !s.facts.BreaksGlass() {
		return ""
	}
	return s.facts.Approval.Glass
}

// approval looks whether a second person has approved the plan that is run. It reads files.
func (c Config) approval(of *Replay, now time.Time) state.Approval {
	a := state.Approval{}
	if of != nil && c.Approved != nil {
		a = c.Approved(of, now)
		a.Command = state.Command("", "plan", "approve", of.File)
	}
	a.Glass = c.BreakGlass
	return a
}

// result is the plan of a run, for programs.
func (r *Replay) result(a state.Approval) *PlanResult {
	out := &PlanResult{File: r.File, SHA256: r.Plan.SHA256, Until: r.Plan.Made.Until.Format(rfc3339), MadeBy: r.Plan.Made.Name()}
	if a.By != "" {
		out.ApprovedBy, out.ApprovedKey = a.By, a.Key
		if !a.At.IsZero() {
			out.ApprovedAt = a.At.UTC().Format(rfc3339)
		}
	}
	return out
}

// sayPlan says which plan a restore was run from.
func (s Summary) sayPlan(say func(string, ...any)) {
	if s.Replay != nil {
		say("Plan: %s, made by %s. SHA-256 %s.", s.Replay.Plan.Short(), s.Replay.Plan.Made.Name(), s.Replay.Plan.SHA256)
		if a := s.Approval; a.By != "" {
			say("Approved by %s with the key %s.", a.By, a.Key)
		}
	}
	if s.Glass != "" {
		say("No second person has approved it. Break glass: %q.", s.Glass)
	}
}
