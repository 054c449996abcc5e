package ui

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"atlas-restore/state"
	"atlas-restore/ui/steps"
)

// way is what was answered so far and the question of this page: in a line each where
// there is room, else in one. What was answered gives way from its start, an answer at a
// time: no name is cut in its middle.
func (r *Root) way(w int) []string {
	own := ""
	if p, ok := r.page().(interface{ Asks() string }); ok {
		own = p.Asks()
	}
	ask := r.question(own)
	var done []string
	here := r.step()
	if here == steps.StepMoment { // it is asked in the place of the snapshots
		here = state.StepSnapshot
	}
	for _, g := range steps.Ladder(r.run.Plan, r.run.Cfg.Instant()) {
		if g.Step >= here || g.Answer == "" {
			continue
		}
		part := r.s.text.Render(g.Answer)
		if g.Step == state.StepCluster {
			part = r.named(r.run.Plan.Project.Name, g.Answer)
		}
		done = append(done, part)
	}
	between := " " + r.s.dim.Render(r.s.marks.prompt) + " "
	if r.h >= roomy {
		if len(done) == 0 {
			return []string{ask}
		}
		return []string{foldLeft(done, between, r.s.marks.more, w), ask}
	}
	line := foldLeft(done, between, r.s.marks.more, w-ansi.StringWidth(ask)-3)
	if line != "" {
		line += between
	}
	return []string{ansi.Truncate(line+ask, w, r.s.marks.more)}
}

// question is what is asked on this page, or what the page asks in its place.
func (r *Root) question(own string) string {
	return r.s.accent.Bold(true).Render(steps.Asked(r.step(), own, r.run.Plan, r.run.Cfg.Instant()))
}

// named is the name of a cluster with the badge of its environment.
func (r *Root) named(project, cluster string) string {
	name := r.s.text.Render(cluster)
	if badge := r.badge(project, cluster); badge != "" {
		name += " " + badge
	}
	return name
}

// badge is the label of a cluster's environment; empty where its names say nothing.
func (r *Root) badge(project, cluster string) string {
	e := r.run.Cfg.Names.Called(project, cluster)
	if e.Name == "" {
		return ""
	}
	return r.s.environment(e.Environment).Render(e.Badge())
}

// foldLeft joins parts, and leaves out the first ones where all have no room in w cells.
func foldLeft(parts []string, between, more string, w int) string {
	for i := range parts {
		line := strings.Join(parts[i:], between)
		if i > 0 {
			line = more + between + line
		}
		if ansi.StringWidth(line) <= w {
			return line
		}
	}
	return ""
}
