package steps

import (
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/planfile"
)

// SavedPlan is what became of writing a plan file.
type SavedPlan struct {
	File string
	Plan planfile.Plan // as it stands there
	Err  error
}

// SavesPlan is the action of the review that writes its plan file: the word of the line face, and
// what the key's help says.
const SavesPlan = "save"

// sendsNothing says whether the review is the end of the run.
func (c Config) sendsNothing() bool { return c.DryRun || c.SavePlan != "" }

// Save gives what writes the plan of the review to a file; an empty name takes one that says what
// it is. An error says why there is no plan yet. Whoever calls what it gives hands the answer to
// Saved.
func (s *Session) Save(file string) (func() SavedPlan, error) {
	if s.Step() != state.StepReview || s.sending || s.checks == nil || state.Awaited(s.checks) != nil {
		return nil, fmt.Errorf("no plan is saved yet: the checks are not made")
	}
	if s.Plan.Drill {
		return nil, fmt.Errorf("no plan is saved: a drill is run as it is asked for")
	}
	var target state.Cluster
	if s.facts.TargetErr == nil {
		target = s.facts.Target
	}
	p, err := planfile.New(s.Plan, s.Cfg.Names, target, s.checks)
	if err != nil {
		return nil, fmt.Errorf("making the plan: %w", err)
	}
	cfg, at := s.Cfg, s.Cfg.Now()
	p.Training = cfg.Mode == Training
	if file == "" {
		file = planName(p, at)
	}
	return func() SavedPlan {
		maker := planfile.Maker{}
		if cfg.Maker != nil {
			maker = cfg.Maker()
		}
		maker.Credential = cfg.Who
		written, err := p.By(maker, cfg.Tool, cfg.Endpoint, at).Write(file)
		return SavedPlan{file, written, err}
	}, nil
}

// Saving is Save where the run was started for it; nil where it was not, or that is done.
func (s *Session) Saving() func() SavedPlan {
	if s.Cfg.SavePlan == "" || s.saved != nil {
		return nil
	}
	save, err := s.Save(s.Cfg.SavePlan)
	if err != nil {
		return nil // the checks are still being made
	}
	return save
}

// Saved takes what became of writing the plan, and says it.
func (s *Session) Saved(done SavedPlan) string {
	if done.Err != nil {
		if s.Cfg.SavePlan != "" {
			s.Fail(state.Problem{What: "The plan was not saved.", Why: sentenceOf(done.Err), Advice: "Give --save-plan another file."}, done.Err)
		}
		return "The plan was not saved: " + sentenceOf(done.Err)
	}
	s.saved = &done
	s.note(state.NoteSaved, "")
	said := fmt.Sprintf("Saved as %s: plan %s, good until %s. Nothing was submitted.", done.File, done.Plan.Short(), state.UTC(done.Plan.Made.Until, s.Cfg.Instant()))
	if approve := s.Cfg.planCommand(done.File, "plan", "approve"); approve != "" && slices.ContainsFunc(s.checks, state.Check.WantsPlan) {
		said += " A second person runs: " + approve + " and you then run: " + s.Cfg.planCommand(done.File, "--plan")
	}
	return said
}

func sentenceOf(err error) string { return state.Sentence(err.Error()) }

// planName says what a plan file is about, so that it is found again.
func planName(p planfile.Plan, at time.Time) string {
	about := p.Source.Name
	if p.Target != nil {
		about = p.Target.Name
	}
	return about + "-" + at.UTC().Format("20060102-150405") + ".plan.json"
}

// planCommand is a command about a plan file; empty where the plan can be of no use to anybody.
func (c Config) planCommand(file string, words ...string) string {
	if c.EndsWithUs() {
		return ""
	}
	flags := c.Flags
	if words[0] == "plan" {
		flags = "" // it asks Atlas nothing
	}
	return state.Command(flags, append(words, file)...)
}

// PlanResult is a plan file, for programs.
type PlanResult struct {
	File   string `json:"file,omitempty"` // that was written, or that was run
	SHA256 string `json:"sha256"`
	Until  string `json:"goodUntil"` // RFC 3339
	MadeBy string `json:"madeBy,omitempty"`
	// Who has approved it, as the allowed signers call them, with the fingerprint of their key, and
	// when (RFC 3339, as far as the signature's file tells); absent where nobody has. The time alone
	// is absent where it is not known.
	ApprovedBy  string `json:"approvedBy,omitempty"`
	ApprovedKey string `json:"approvedKey,omitempty"`
	ApprovedAt  string `json:"approvedAt,omitempty"`
}

const rfc3339 = "2006-01-02T15:04:05Z07:00"

// planResult is that of a plan that was saved.
func (d SavedPlan) result() *PlanResult {
	return &PlanResult{File: d.File, SHA256: d.Plan.SHA256, Until: d.Plan.Made.Until.Format(rfc3339), MadeBy: d.Plan.Made.Name()}
}

// saySaved says of a plan that was saved what can be done with it.
func (s Summary) saySaved(say func(string, ...any)) {
	if s.Saved == nil {
		return
	}
	p := s.Saved.Plan
	say("\nPLAN %s: %s", p.Short(), s.Saved.File)
	say("SHA-256 %s, good until %s.", p.SHA256, state.UTC(p.Made.Until, s.Now))
	for _, c := range s.PlanCommands {
		say("%s", c)
	}
}

// planCommands say what can be done with a plan that was saved, from another directory too.
func (c Config) planCommands(file string) []string {
	var out []string
	if whole, err := filepath.Abs(file); err == nil {
		file = whole
	}
	for _, of := range []struct {
		what  string
		words []string
	}{{"To read it", []string{"plan", "show"}}, {"To approve it, as a second person", []string{"plan", "approve"}}, {"To run it", []string{"--plan"}}} {
		if command := c.planCommand(file, of.words...); command != "" {
			out = append(out, of.what+": "+command)
		}
	}
	return out
}
