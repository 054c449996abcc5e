package state

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// The names of the checks that a plan file brings along.
const (
	PlanCheck     = "plan"
	ApprovalCheck = "approval"
)

// Agreed is what a plan file says that was reviewed: what is run of it is held against that.
type Agreed struct {
	Hash      string // SHA-256 of the plan, in hex
	Atlas     string // base URL, in its canonical form
	Training  bool   // it was made in a training
	At, Until time.Time
	By        string  // who has made it
	Plan      Plan    // its answers
	Target    Cluster // as it was; no id where it could not be seen
	Checks    []Check // as they were
}

// checkPlan holds what is reviewed against the plan that it is run from. Another request, another
// cluster of the same name and a plan that is no longer good stop it. Whatever else has changed
// since is told, and has to be accepted.
func checkPlan(f Facts, now []Check) Check {
	a := f.Agreed
	if a == nil {
		return Check{}
	}
	const another = "Have a new plan made, with --save-plan."
	switch why := a.differs(f); {
	case f.Now.After(a.Until):
		return block(another, "The plan was good until %s.", UTC(a.Until, f.Now))
	case why != "":
		return block(another, "%s", why)
	}
	made := fmt.Sprintf("the plan of %s (%s)", UTC(a.At, f.Now), Ago(a.At, f.Now))
	changed := append(a.moved(f), changedChecks(a.Checks, now)...)
	if len(changed) == 0 {
		return Check{Why: "nothing has changed since " + made, Say: true}
	}
	c := warn("Since %s %s changed: %s.", made, have(len(changed)), strings.Join(changed, "; "))
	c.Ask = true
	return c
}

func have(n int) string {
	if n == 1 {
		return "one thing has"
	}
	return fmt.Sprintf("%d things have", n)
}

// differs says what makes this another restore than the one that was agreed on; empty for nothing.
// Ids decide: a cluster can be deleted, and another one be made that bears its name.
func (a *Agreed) differs(f Facts) string {
	p := f.Plan
	switch {
	case a.Training && !p.Practice:
		return "The plan was made in a training, and this is real."
	case !a.Training && p.Practice:
		return "The plan is a real one, and this is a training."
	case !a.Training && a.Atlas != CanonicalEndpoint(f.Endpoint):
		return fmt.Sprintf("The plan is for another Atlas: %s.", strings.TrimPrefix(strings.TrimPrefix(a.Atlas, "https://"), "http://"))
	case a.Plan.Project.ID != p.Project.ID || a.Plan.Cluster.Name != p.Cluster.Name:
		return fmt.Sprintf("The source is not that of the plan: %s, not %s.", p.Cluster.Name, a.Plan.Cluster.Name)
	case otherID(a.Plan.Cluster, f.Source):
		return fmt.Sprintf("The source %s is another cluster of the same name: the plan's had the id %s, this one has %s.", p.Cluster.Name, a.Plan.Cluster.ID, f.Source.ID)
	case p.Delivery.HasTarget() && f.TargetErr == nil && otherID(a.Target, f.Target):
		return fmt.Sprintf("The target %s is another cluster of the same name: the plan's had the id %s, this one has %s.", p.Target.ClusterName, a.Target.ID, f.Target.ID)
	case bodyOf(a.Plan) != bodyOf(p):
		return "The request is not that of the plan: an answer was changed."
	}
	return ""
}

// otherID says whether both are known and differ.
func otherID(was, is Cluster) bool { return was.ID != "" && is.ID != "" && was.ID != is.ID }

// bodyOf is the request that a plan makes, as text.
func bodyOf(p Plan) string {
	r, err := p.Request()
	if err != nil {
		return err.Error()
	}
	raw, err := json.Marshal(r.Body())
	if err != nil {
		return err.Error()
	}
	return string(raw)
}

// moved says what is no longer as it was of the clusters of a plan.
func (a *Agreed) moved(f Facts) []string {
	out := unlike("the source", a.Plan.Cluster, f.Source)
	if !f.Plan.Delivery.HasTarget() || f.TargetErr != nil { // that it cannot be seen, the check of the target says
		return out
	}
	return append(out, unlike("the target", a.Target, f.Target)...)
}

func unlike(who string, was, is Cluster) []string {
	var out []string
	if was.ID == "" && is.ID != "" {
		return []string{who + " was not seen then, and has the id " + is.ID + " now"}
	}
	if was.ID != "" && is.ID == "" {
		return []string{"the id of " + who + " is not told now, so that nobody knows whether it is the same cluster"}
	}
	for _, of := range []struct{ what, was, is string }{
		{"state", was.State, is.State},
		{"version of MongoDB", was.MongoDBVersion, is.MongoDBVersion},
		{"size", was.InstanceSize, is.InstanceSize},
		{"type", string(was.Type), string(is.Type)},
		{"pause", pausedWord(was), pausedWord(is)},
	} {
		if of.was != of.is {
			out = append(out, fmt.Sprintf("the %s of %s was %s and is %s", of.what, who, orNone(of.was), orNone(of.is)))
		}
	}
	return out
}

func pausedWord(c Cluster) string {
	if c.Paused {
		return "paused"
	}
	return "not paused"
}

func orNone(s string) string {
	if s == "" {
		return "not told"
	}
	return s
}

// aside says of the check "running" that it holds nothing back: of a download it is made where jobs were listed
// on the way, and only of what was seen.
func aside(c *Check) bool { return c == nil || c.Harmless || c.Verdict == Warn && !c.Ask }

// changedChecks says which verdicts are others now. The snapshot of the target before is a matter
// of whoever runs the plan. What nobody could tell then, and harmed nothing, and is fine now, has
// not changed as far as anybody knows.
func changedChecks(was, now []Check) []string {
	find := func(all []Check, name string) *Check {
		return first(all, func(c Check) bool { return c.Name == name })
	}
	verdict := func(c *Check) string {
		if c == nil {
			return "not made"
		}
		return c.Verdict.String()
	}
	var out []string
	var names []string
	for _, c := range slices.Concat(was, now) {
		if slices.Contains(names, c.Name) || slices.Contains([]string{SafetyCheck, PlanCheck, ApprovalCheck}, c.Name) {
			continue
		}
		names = append(names, c.Name)
		before, after := find(was, c.Name), find(now, c.Name)
		if before != nil && after != nil && before.Harmless && after.Verdict == OK {
			continue
		}
		if c.Name == "running" && aside(before) && aside(after) { // of a download: it stands on the review
			continue
		}
		if verdict(before) != verdict(after) {
			out = append(out, fmt.Sprintf("%s was %s and is %s", c.Name, verdict(before), verdict(after)))
		}
	}
	return out
}
