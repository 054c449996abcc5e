package steps

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"atlas-restore/forms/fold"
	"atlas-restore/state"
	"atlas-restore/state/planfile"
)

// ShownPlan is a plan file as somebody reads it who was not there when it was made.
type ShownPlan struct {
	File   string
	Plan   planfile.Plan
	Signed PlanSignature
	Now    time.Time // on this machine's clock, or on that of its Atlas
	// OwnClock says that Now is that of the plan's Atlas: a training has another one than this machine.
	OwnClock bool
	Names    state.Names    // as this machine's configuration has them
	Zone     *time.Location // the reader's
	ASCII    bool
}

// PlanSignature is what lies beside a plan file, as this machine's allowed signers have it.
type PlanSignature struct {
	File    string    // empty where nothing lies there
	Key     string    // the fingerprint; empty where it is no signature
	By      string    // as the allowed signers call the holder of the key; empty where they do not
	At      time.Time // when it was signed; zero where that is not known
	Refused string    // why it does not count; empty where it does
}

// text says whether the plan is approved.
func (s PlanSignature) text(now time.Time) string {
	key := ""
	if s.Key != "" {
		key = " It has the key " + s.Key + "."
	}
	switch {
	case s.File == "":
		return "NOT APPROVED: no signature lies beside it."
	case s.Refused != "":
		return "NOT APPROVED here: " + s.File + " does not count: " + strings.TrimRight(s.Refused, ".") + "." + key
	}
	said := state.Approval{By: s.By, At: s.At}.Said(now)
	return "It is " + said + "." + key
}

// Text is the plan in sentences, to be read aloud. It is made of what the plan's request does,
// and repeats nothing that its maker could have written beside it, but for what the checks said.
func (p ShownPlan) Text() (string, error) { return p.TextIn(0) }

// TextIn is Text for a terminal of w cells, as fold.Lines breaks it.
func (p ShownPlan) TextIn(w int) (string, error) {
	answers, err := p.Plan.Answers()
	if err != nil {
		return "", fmt.Errorf("reading the plan: %w", err)
	}
	answers.Practice = p.Plan.Training
	var b strings.Builder
	say := func(format string, a ...any) { fmt.Fprintf(&b, format+"\n", a...) }
	m, now := p.Plan.Made, p.Now
	if p.Plan.Training {
		say("TRAINING: this plan was made in a training. Nothing of it is real.")
	}
	say("Plan %s, made by %s, with the credential %s, at %s, %s.", p.Plan.Short(), m.Name(), m.Credential, state.UTC(m.At, p.Now), p.age())
	say("%s", p.good())
	say("%s", p.Signed.text(p.Now))
	say("Atlas is at %s.", strings.TrimPrefix(strings.TrimPrefix(p.Plan.Atlas, "https://"), "http://"))
	if p.Plan.Training && !p.OwnClock {
		now = m.At
		say("What time it is in the training is not known: all ages below are those of when the plan was made.")
	}
	say("")
	run := &Session{Cfg: Config{Names: p.Names, Zone: p.Zone, Now: func() time.Time { return now }, Mode: Live}, errand: &errand{Plan: answers, checks: p.Plan.Found()}, Seen: Nothing()}
	if p.Plan.Training {
		run.Cfg.Mode = Training
	}
	run.facts = state.Facts{Plan: answers, Names: p.Names, Now: now, Awaited: -1} // nothing was looked at here
	var checks []string
	for _, c := range run.Review(Ways{}) {
		line := c.Line()
		switch {
		case c.Lead == "Warning":
			line = "WARNING: " + c.Text
		case c.Warn && c.Lead != "BLOCK" && c.Lead != "UNKNOWN":
			line = "WARNING: " + line
		}
		if c.ofCheck() {
			checks = append(checks, line)
			continue
		}
		say("%s", line)
	}
	say("")
	say("The checks are told as they were when the plan was made, at %s: so are the ages in them. They are all made again when it is run.", state.UTC(m.At, now))
	for _, line := range checks { // their words are the plan's own, and no clock moves them
		say("%s", line)
	}
	say("")
	for _, of := range []struct {
		what string
		is   *planfile.Cluster
	}{{"source", &p.Plan.Source}, {"target", p.Plan.Target}} {
		if of.is != nil {
			say("The %s is %s", of.what, clusterWords(*of.is))
		}
	}
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, p.Plan.Request, "", "  "); err != nil {
		return "", fmt.Errorf("reading the plan: %w", err)
	}
	say("The request, to Atlas's restore jobs of %s:\n%s", p.Plan.Source.Name, fold.Whole(pretty.String()))
	say("SHA-256 %s", p.Plan.SHA256)
	text := fold.Lines(b.String(), w)
	if p.ASCII {
		return ASCII(text), nil
	}
	return text, nil
}

// age says how old the plan is. The clock of a training can be another one than this machine's.
func (p ShownPlan) age() string {
	at := p.Plan.Made.At
	switch {
	case !p.Plan.Training || p.OwnClock:
		return state.Ago(at, p.Now)
	case at.After(p.Now):
		return "on the training's clock, which is ahead of this machine's"
	}
	return state.Ago(at, p.Now) + " by this machine's clock"
}

// good says until when the plan may be run.
func (p ShownPlan) good() string {
	until, now := p.Plan.Made.Until, p.Now
	switch err := p.Plan.Good(now); {
	case errors.Is(err, planfile.ErrExpired) && p.Plan.Training && !p.OwnClock:
		return fmt.Sprintf("EXPIRED by this machine's clock: it was good until %s. Only a training whose clock is behind can run it.", state.UTC(until, now))
	case errors.Is(err, planfile.ErrExpired):
		return fmt.Sprintf("EXPIRED: it was good until %s. Nobody can run it.", state.UTC(until, now))
	case p.Plan.Training:
		return fmt.Sprintf("It is good until %s on the training's clock.", state.UTC(until, now))
	case err != nil:
		return "WARNING: " + sentenceOf(err)
	}
	return fmt.Sprintf("It is good until %s.", state.UTC(until, now))
}

// clusterWords is a cluster as it was when the plan was made.
func clusterWords(c planfile.Cluster) string {
	text := fmt.Sprintf("%s in the project %s (%s)", c.Name, c.ProjectName, c.ProjectID)
	if c.ID == "" {
		return text + ". It could not be seen."
	}
	text += ", cluster " + c.ID
	for _, part := range []string{c.State, c.Size, c.Version} {
		if part != "" {
			text += ", " + part
		}
	}
	if c.Paused {
		text += ", paused"
	}
	return text + "."
}

// JSON is the plan as one object: file, state (good, expired or early), signature where one lies
// beside it, and plan, as its file has it.
func (p ShownPlan) JSON() ([]byte, error) {
	is := "good"
	switch err := p.Plan.Good(p.Now); {
	case errors.Is(err, planfile.ErrExpired):
		is = "expired"
	case err != nil && (!p.Plan.Training || p.OwnClock): // else its clock can be ahead
		is = "early"
	}
	type signature struct {
		File    string     `json:"file"`
		Key     string     `json:"key,omitempty"`
		By      string     `json:"by,omitempty"`
		At      *time.Time `json:"at,omitempty"`
		Refused string     `json:"refused,omitempty"`
	}
	var signed *signature
	if s := p.Signed; s.File != "" {
		signed = &signature{s.File, s.Key, s.By, known(s.At), s.Refused}
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(struct {
		File      string        `json:"file"`
		State     string        `json:"state"`
		Signature *signature    `json:"signature,omitempty"`
		Plan      planfile.Plan `json:"plan"`
	}{p.File, is, signed, p.Plan}); err != nil {
		return nil, fmt.Errorf("encoding the plan: %w", err)
	}
	return b.Bytes(), nil
}
