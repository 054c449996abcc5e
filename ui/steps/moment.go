package steps

import "atlas-restore/state"

// StepMoment is a step aside from the snapshots: it asks for the moment of which single collections
// are wanted. Its answer is that of the step of the snapshots.
const StepMoment = StepWhen + 1

// Moment asks for a moment in the place of a snapshot. Whoever wants single collections still does:
// a moment never makes a restore of the whole cluster of that.
func (s *Session) Moment() {
	switch {
	case s.Step() != state.StepSnapshot:
	case s.singles():
		s.path = append(s.path, StepMoment)
	default:
		s.Answered(s.Plan.WithMoment())
	}
}

// singles says whether single collections are wanted, by what was answered or given.
func (s *Session) singles() bool {
	return s.Plan.Delivery == state.Collections || s.Cfg.Given.Delivery == string(state.Collections)
}

// MomentFields is the plan for the field of that moment.
func (s *Session) MomentFields() state.Plan {
	plan := s.Fields()
	if plan.Draft.Moment == "" && plan.Draft.OplogTs == "" && plan.ByMoment() {
		plan.Draft = state.Draft{} // else the fields begin with what was typed, which is nothing
	}
	plan.Delivery = state.PointInTime
	return plan
}

// CanSingle says whether single collections can be restored in the place of a whole cluster.
func CanSingle(p state.Plan) bool {
	return p.Delivery == state.PointInTime && p.Cluster.Offers(state.Collections) == nil
}

// SingleOther is the way from the moment of a whole cluster to single collections of that moment.
func SingleOther() Other {
	return Other{Key: "f10", Word: string(state.Collections), Help: "single collections", Line: "restore single collections of that moment, and not the whole cluster"}
}

// Single goes on with single collections of the moment, in the place of the whole cluster. What was
// typed stays; without an instant the moment is asked for.
func (s *Session) Single(d state.Draft, i state.Instant) {
	if s.Step() != state.StepFields || !CanSingle(s.Plan) {
		return
	}
	s.Unguided()
	plan := s.Plan.WithPoint(i, d)
	s.path = append(s.way(state.StepSnapshot), StepMoment)
	if !i.IsZero() {
		s.Answered(plan)
		return
	}
	s.Plan, s.checks, s.accepted = plan, nil, nil
}
