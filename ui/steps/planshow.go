package steps

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/planfile"
)

// ShownPlan is a plan file as somebody reads it who was not there when it was made.
type ShownPlan struct {
	File  string
	Plan  planfile.Plan
	Now   time.Time
	Names state.Names    // as this machine's configuration has them
	Zone  *time.Location // the reader's
	ASCII bool
}

// Text is the plan in sentences, to be read aloud. It is made of what the plan's request does,
// and repeats nothing that its maker could have written beside it, but for what the checks said.
func (p ShownPlan) Text() (string, error) {
	answers, err := p.Plan.Answers()
	if err != nil {
		return "", fmt.Errorf("reading the plan: %w", err)
	}
	answers.Practice = p.Plan.Training
	var b strings.Builder
	say := func(format string, a ...any) { fmt.Fprintf(&b, format+"\n", a...) }
	m, now := p.Plan.Made, p.Now
	if p.Plan.Training { // whose clock is another one
		now = m.At
		say("TRAINING: this plan was made in a training. Nothing of it is real.")
	}
	say("Plan %s, made by %s, with the credential %s, at %s, %s.", p.Plan.Short(), m.Name(), m.Credential, state.UTC(m.At, now), state.Ago(m.At, now))
	say("%s", p.good(now))
	say("Atlas is at %s.", strings.TrimPrefix(strings.TrimPrefix(p.Plan.Atlas, "https://"), "http://"))
	say("")
	run := &Session{Cfg: Config{Names: p.Names, Zone: p.Zone, Now: func() time.Time { return now }, Mode: Live}, errand: &errand{Plan: answers, checks: p.Plan.Found()}, Seen: Nothing()}
	if p.Plan.Training {
		run.Cfg.Mode = Training
	}
	run.facts = state.Facts{Plan: answers, Names: p.Names, Now: now, Awaited: -1} // nothing was looked at here
	for _, c := range run.Review(Ways{}) {
		line := c.Line()
		switch {
		case c.Lead == "Warning":
			line = "WARNING: " + c.Text
		case c.Warn && c.Lead != "BLOCK" && c.Lead != "UNKNOWN":
			line = "WARNING: " + line
		}
		say("%s", line)
	}
	say("")
	say("The checks are those of %s. They are all made again when the plan is run.", state.UTC(m.At, now))
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
	say("The request, to Atlas's restore jobs of %s:\n%s", p.Plan.Source.Name, pretty.String())
	say("SHA-256 %s", p.Plan.SHA256)
	if p.ASCII {
		return ASCII(b.String()), nil
	}
	return b.String(), nil
}

// good says until when the plan may be run.
func (p ShownPlan) good(now time.Time) string {
	until := p.Plan.Made.Until
	switch err := p.Plan.Good(now); {
	case errors.Is(err, planfile.ErrExpired):
		return fmt.Sprintf("EXPIRED: it was good until %s. Nobody can run it.", state.UTC(until, now))
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

// JSON is the plan as one object: file, state (good, expired or early), and plan, as its file has
// it.
func (p ShownPlan) JSON() ([]byte, error) {
	is := "good"
	switch err := p.Plan.Good(p.Now); {
	case p.Plan.Training:
	case errors.Is(err, planfile.ErrExpired):
		is = "expired"
	case err != nil:
		is = "early"
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(struct {
		File  string        `json:"file"`
		State string        `json:"state"`
		Plan  planfile.Plan `json:"plan"`
	}{p.File, is, p.Plan}); err != nil {
		return nil, fmt.Errorf("encoding the plan: %w", err)
	}
	return b.Bytes(), nil
}
