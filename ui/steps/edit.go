package steps

import "atlas-restore/state"

// Line is a line of the plan that can be changed from the review.
type Line struct {
	Step state.Step
	Word string // in the line face, and what the key's help says
	Key  string // on the full screen
}

// Lines are those of a plan.
func Lines(p state.Plan) []Line {
	point := "snapshot"
	if p.ByMoment() {
		point = "moment"
	}
	out := []Line{
		{state.StepProject, "project", "f5"},
		{state.StepCluster, "cluster", "f6"},
		{state.StepSnapshot, point, "f7"},
		{state.StepDelivery, "delivery", "f8"},
	}
	if p.Delivery == state.Collections {
		out = append(out, Line{state.StepCollections, "collections", "f10"})
	}
	if p.Delivery.HasTarget() {
		out = append(out, Line{state.StepFields, "target", "f9"})
	}
	return out
}

// LineOf is the line of a plan that a check is about; false where the plan has none.
func LineOf(p state.Plan, check string) (Line, bool) {
	about := state.StepFields
	switch check {
	case "snapshot", "size", "window", "hole", "base", "backups", "lag":
		about = state.StepSnapshot
	case state.PlanCheck, state.ApprovalCheck:
		return Line{}, false // another line would make it another plan
	case "names", "place":
		about = state.StepCollections
	}
	for _, l := range Lines(p) {
		if l.Step == about {
			return l, true
		}
	}
	return Line{}, false
}

// Edit goes from the review to one line of the plan. Once the plan is whole again the
// review follows, with all that it then says.
func (s *Session) Edit(step state.Step) {
	if s.Step() != state.StepReview || s.sending {
		return
	}
	s.Unguided()
	s.editing = true
	s.point = step == state.StepSnapshot && s.Plan.Delivery == state.PointInTime
	if s.point {
		step = state.StepFields // where a moment is asked for
	}
	s.path = append(s.path, step)
	if step == state.StepSnapshot && s.Plan.ByMoment() { // of single collections; one step back are the snapshots
		s.path = append(s.path, StepMoment)
	}
	s.checks = nil
}

// AsksPoint says whether of the fields the moment is what is to be changed.
func (s *Session) AsksPoint() bool { return s.editing && s.point }

// edited is the step that follows one that was answered anew: the first that is open now.
func (s *Session) edited(step state.Step) state.Step {
	next := s.Plan.Next()
	if step == state.StepSnapshot && s.Plan.Delivery == state.PointInTime && s.Plan.Evidence.IsZero() {
		next = state.StepFields // "a moment" says that another one is wanted
	}
	s.editing = next != state.StepReview
	return next
}

// way is the path on which a step is come to when all is answered in turn.
func (s *Session) way(to state.Step) []state.Step {
	var path []state.Step
	for _, step := range s.path {
		if step < state.StepProject {
			path = append(path, step)
		}
	}
	for step := state.StepProject; step < to; step = s.Plan.After(step) {
		if step == state.StepCluster && s.direct {
			continue // it was answered with the project
		}
		path = append(append(path, step), s.gave(step)...)
	}
	return append(path, to)
}

// gave is the step aside that has answered a step in its place: what single collections are of was
// said by a moment, or found by a search. Whoever goes back comes there first, and not to the
// snapshots, where an Enter takes an older state of the data for the same collections.
func (s *Session) gave(step state.Step) []state.Step {
	switch {
	case step != state.StepSnapshot || !s.Plan.Singled():
		return nil
	case !s.Plan.Evidence.IsZero() && s.Seen.HuntOf(s.Plan.Cluster) != nil:
		return []state.Step{StepWhen}
	case s.Plan.ByMoment():
		return []state.Step{StepMoment}
	}
	return nil
}
