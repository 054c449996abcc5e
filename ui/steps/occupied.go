package steps

import (
	"context"
	"errors"
	"slices"
	"strings"

	"atlas-restore/state"
	"atlas-restore/state/submit"
)

// Occupied is why a target cannot take a restore, as it is said where its state may be that of a restore: with
// the job that runs onto it.
func (c Config) Occupied(ctx context.Context, plan state.Plan, target state.Cluster, why error) error {
	if !errors.As(plan.Accepts(target), new(state.NotIdle)) {
		return why
	}
	return c.runsOnto(ctx, submit.Order{
		Source: plan.Cluster, TargetFamily: target.Family, Endpoint: c.Endpoint, Now: c.Now,
		Body: state.Request{DeliveryType: state.Automated, TargetProjectID: target.ProjectID, TargetClusterName: target.Name},
	}, why, "")
}

// runsOnto is an error that goes back to a restore that runs onto the target of an order, or may. The job is
// named, with the command that follows it, as far as the jobs can be read. advice is what is to be done where none is.
func (c Config) runsOnto(ctx context.Context, o submit.Order, err error, advice string) error {
	ctx, stop := context.WithTimeout(ctx, soonTold)
	defer stop()
	onto := o.Body.TargetClusterName
	out := &state.Advised{Err: err}
	var running submit.RunningError
	switch why := o.Running(ctx, c.Walk(), c.Journal); {
	case errors.As(why, &running):
		out.Advice, out.Jobs = c.runsThere(running), []string{running.Job.ID}
	case why != nil:
		out.Advice = strings.TrimSpace(advice + " Which restore job runs onto " + onto + ", if one does, could not be read: " + state.Why(why))
	default:
		read := []string{o.Source.Name, onto}
		out.Advice = strings.TrimSpace(advice + " No restore job of " + strings.Join(slices.Compact(read), " or ") + " is seen to run onto " + onto + ". One of another cluster may.")
	}
	return out
}

// runsThere says that a job runs onto the target, and what to do about it.
func (c Config) runsThere(r submit.RunningError) string {
	return upperFirst(sentenceOf(r)) + " " + c.waitsFor(r)
}

// waitsFor is what to do about a job that runs onto the target. The command is last: nothing behind it is taken
// for a part of it.
func (c Config) waitsFor(r submit.RunningError) string {
	advice := "Wait for its end, or choose another target."
	if command := c.WatchCommand(r.Job.ID, r.Source); command != "" {
		advice += " To follow it: " + command
	}
	return advice
}

// running is the job that the checks have seen run onto the target; false for none.
func (s *Session) running() (submit.RunningError, bool) {
	job, runs := s.facts.Running()
	if !runs || !s.Plan.Delivery.HasTarget() {
		return submit.RunningError{}, false
	}
	return submit.RunningIn(s.facts.AllLists(), job), true
}

// Hindered is Hindrance as an error, which names the job that runs onto the target where that is what hinders.
func (s *Session) Hindered(p state.Problem) error {
	err := errors.New(p.Text())
	running, runs := s.running()
	if c := s.InTheWay(); runs && c != nil && (c.Name == state.RunningCheck || c.Name == state.TargetCheck) {
		return &state.Advised{Err: err, Advice: p.Advice, Jobs: []string{running.Job.ID}}
	}
	return err
}
