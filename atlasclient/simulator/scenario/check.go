package scenario

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"atlas-restore/atlasclient/simulator"
	"atlas-restore/state/pattern"
)

var (
	scenarioName = pattern.New(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	clusterPlace = pattern.New(`^.+/[a-zA-Z0-9][a-zA-Z0-9-]*$`)
)

// check looks for what the types cannot say.
func (s Scenario) check(r *reader) {
	if !scenarioName.MatchString(s.Name) {
		r.at("name", "a name of lower case letters, digits and dashes is expected, like first-download")
	}
	r.oneOf("difficulty", s.Difficulty, "easy", "medium", "hard")
	for path, text := range map[string]string{
		"title": s.Title, "briefing.from": s.Briefing.From, "briefing.text": s.Briefing.Text, "hints.nudge": s.Hints.Nudge, "hints.where": s.Hints.Where,
		"debrief.better": s.Debrief.Better, "debrief.why": s.Debrief.Why, "debrief.source": s.Debrief.Source, "solution": s.Solution,
	} {
		r.needed(path, text)
	}
	switch {
	case s.Start.IsZero():
		r.at("start", "it is missing: a time like 2026-11-23T14:31:00Z")
	case s.Briefing.At.IsZero() || s.Briefing.At.After(s.Start):
		r.at("briefing.at", "a time that is not after the start is expected")
	}
	if s.Par <= 0 {
		r.at("par", "it is missing: a time span like 15m")
	}
	r.injects("world", s.World)
	for i, step := range s.Timeline {
		step.check(r, fmt.Sprintf("timeline[%d]", i))
	}
	if len(s.Goals) == 0 {
		r.at("goals", "at least one is needed")
	}
	ids := map[string]bool{}
	for i, g := range s.Goals {
		path := fmt.Sprintf("goals[%d]", i)
		g.check(r, path, ids)
		if g.Ends {
			r.at(path+".ends", "a goal ends nothing: that is for what is forbidden")
		}
	}
	for i, g := range s.Forbidden {
		path := fmt.Sprintf("forbidden[%d]", i)
		g.check(r, path, ids)
		if g.Within != 0 || g.Optional {
			r.at(path, "within and optional are for goals")
		}
	}
	for name, rules := range map[string][]string{"approval": s.Approval, "drills": s.Drills} {
		for i, p := range rules {
			if _, err := path.Match(p, ""); err != nil || p == "" {
				r.at(fmt.Sprintf("%s[%d]", name, i), "%q is no pattern, like prod*", p)
			}
		}
	}
	if s.Loss != (Loss{}) {
		r.place("loss.of", s.Loss.Of)
	}
	for i, t := range s.Targets {
		r.place(fmt.Sprintf("targets[%d]", i), t)
	}
}

func (g Goal) check(r *reader, path string, ids map[string]bool) {
	r.needed(path+".text", g.Text)
	switch {
	case !scenarioName.MatchString(g.ID):
		r.at(path+".id", "a name of lower case letters, digits and dashes is expected")
	case ids[g.ID]:
		r.at(path+".id", "%q is there already", g.ID)
	}
	ids[g.ID] = true
	if g.Points < 0 {
		r.at(path+".points", "they are not negative: what is forbidden costs them")
	}
	g.When.check(r, path+".when", false)
}

func (s Step) check(r *reader, path string) {
	switch {
	case s.When != nil && s.At != 0:
		r.at(path, "at and when exclude each other: after is for what comes later than when")
	case s.When == nil && s.After != 0:
		r.at(path+".after", "it needs when")
	case s.When != nil:
		s.When.check(r, path+".when", false)
	}
	if len(s.Do) == 0 {
		r.at(path+".do", "at least one thing has to happen")
	}
	r.injects(path+".do", s.Do)
}

func (r *reader) injects(path string, all []simulator.Inject) {
	for i, inject := range all {
		if err := inject.Check(); err != nil {
			r.at(fmt.Sprintf("%s[%d]", path, i), "%v", err)
		}
	}
}

// check looks at a condition. One that is not beside others cannot be a not: that would
// have come true before anything was done.
func (c Condition) check(r *reader, path string, beside bool) {
	var set []string
	for name, there := range map[string]bool{
		"job": c.Job != nil, "request": c.Request != nil, "event": c.Event != nil, "all": c.All != nil, "any": c.Any != nil, "not": c.Not != nil,
	} {
		if there {
			set = append(set, name)
		}
	}
	if len(set) != 1 {
		r.at(path, "exactly one of job, request, event, all, any, not is expected")
		return
	}
	switch {
	case c.Job != nil:
		c.Job.check(r, path+".job")
	case c.Request != nil:
		c.Request.check(r, path+".request")
	case c.Event != nil:
		r.oneOf(path+".event.kind", c.Event.Kind, kinds...)
	case c.Not != nil:
		if !beside {
			r.at(path, "not is true from the beginning: put it into all, beside what it goes with")
		}
		c.Not.check(r, path+".not", true)
	}
	for i, one := range c.All {
		one.check(r, fmt.Sprintf("%s.all[%d]", path, i), true)
	}
	for i, one := range c.Any {
		one.check(r, fmt.Sprintf("%s.any[%d]", path, i), false)
	}
}

func (c JobCondition) check(r *reader, path string) {
	for _, one := range []struct{ name, place string }{{".source", c.Source}, {".target", c.Target}} {
		if one.place != "" {
			r.place(path+one.name, one.place)
		}
	}
	for i, place := range c.SourceNot {
		r.place(fmt.Sprintf("%s.sourceNot[%d]", path, i), place)
	}
	for i, place := range c.TargetNot {
		r.place(fmt.Sprintf("%s.targetNot[%d]", path, i), place)
	}
	r.oneOf(path+".delivery", c.Delivery, "", automated, pointInTime, download, collections, overwriting)
	r.oneOf(path+".kind", c.Kind, "", "scheduled", "onDemand", "fallback")
	r.oneOf(path+".state", c.State, "", completed, partial, ready, failed, cancelled, expired, fetched)
	if !c.DataTo.IsZero() && c.DataTo.Before(c.DataFrom) {
		r.at(path+".dataTo", "it is before dataFrom")
	}
	if (c.Namespace+c.As != "" || c.Replaces) && c.Delivery != collections {
		r.at(path+".delivery", "namespace, as and replaces are for collections")
	}
	r.count(path, c.AtLeast)
}

func (c RequestCondition) check(r *reader, path string) {
	if c == (RequestCondition{AtLeast: c.AtLeast}) {
		r.at(path, "any request would do: say which")
	}
	if c.Cluster != "" {
		r.place(path+".cluster", c.Cluster)
	}
	r.count(path, c.AtLeast)
}

func (r *reader) count(path string, n int) {
	if n < 0 {
		r.at(path+".atLeast", "it is negative")
	}
}

func (r *reader) needed(path, text string) {
	if strings.TrimSpace(text) == "" {
		r.at(path, "it is missing")
	}
}

func (r *reader) oneOf(path, value string, allowed ...string) {
	if !slices.Contains(allowed, value) {
		r.at(path, "%q is none of %s", value, strings.Join(slices.DeleteFunc(slices.Clone(allowed), func(s string) bool { return s == "" }), ", "))
	}
}

func (r *reader) place(path, place string) {
	if !clusterPlace.MatchString(place) {
		r.at(path, "%q names no cluster: write it like Payments/orders-prod", place)
	}
}

// places are the clusters that are named in what is judged, and projects the projects.
func (s Scenario) places() (clusters, projects []string) {
	var walk func(c Condition)
	walk = func(c Condition) {
		if j := c.Job; j != nil {
			clusters = append(clusters, slices.Concat([]string{j.Source, j.Target}, j.SourceNot, j.TargetNot)...)
		}
		if c.Request != nil {
			clusters, projects = append(clusters, c.Request.Cluster), append(projects, c.Request.Project)
		}
		for _, one := range slices.Concat(c.All, c.Any) {
			walk(one)
		}
		if c.Not != nil {
			walk(*c.Not)
		}
	}
	for _, g := range slices.Concat(s.Goals, s.Forbidden) {
		walk(g.When)
	}
	for _, step := range s.Timeline {
		if step.When != nil {
			walk(*step.When)
		}
	}
	clusters = append(clusters, s.Loss.Of)
	return append(clusters, s.Targets...), projects
}

// span is a time span in words, to the second below ten minutes: 4 min 5 s, 1 h 43 min.
func span(d time.Duration) string {
	d = d.Round(time.Second)
	hours, minutes, seconds := int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60
	switch {
	case hours > 0:
		return fmt.Sprintf("%d h %d min", hours, minutes)
	case minutes >= 10 || minutes > 0 && seconds == 0:
		return fmt.Sprintf("%d min", minutes)
	case minutes > 0:
		return fmt.Sprintf("%d min %d s", minutes, seconds)
	}
	return fmt.Sprintf("%d s", seconds)
}
