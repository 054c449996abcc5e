package steps

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"atlas-restore/state"
)

// Rung is one line of the plan so far.
type Rung struct {
	Step   state.Step
	Name   string
	Answer string   // in short; empty while it is open
	More   []string // about the answer
	Ask    string   // the question, while it is asked
}

// Ladder is the plan so far, one rung a step up to the review.
func Ladder(p state.Plan, now time.Time) []Rung {
	cluster := Rung{Step: state.StepCluster, Name: "Cluster", Answer: p.Cluster.Name, Ask: "whose data do you want back?"}
	if p.Cluster.Name != "" {
		for _, part := range []string{p.Cluster.InstanceSize, p.Cluster.MongoDBVersion, topology(p.Cluster)} {
			if part != "" {
				cluster.More = append(cluster.More, part)
			}
		}
	}
	snapshot := Rung{Step: state.StepSnapshot, Name: "Snapshot", Ask: "which state of the data do you want back?"}
	switch {
	case p.Delivery == state.PointInTime && p.Instant.IsZero(): // the moment is open still; the delivery says that one is wanted
	case p.ByMoment():
		snapshot.Answer = state.UTCSecond(p.Instant.Time(), now)
	case p.Snapshot.ID != "":
		snapshot.Answer = SnapshotName(p.Snapshot, now)
		snapshot.More = []string{state.Ago(p.Snapshot.When(), now)}
	}
	target := Rung{Step: state.StepFields, Name: "Target", Ask: "onto which cluster?"}
	if p.Delivery == state.PointInTime {
		target.Ask = "which moment, onto which cluster?"
	}
	if p.Delivery == state.Collections {
		target.Ask = "into which cluster?"
	}
	if p.Delivery.HasTarget() && !p.Target.IsZero() {
		target.Answer = p.Target.ClusterName + " (" + p.Target.Project.Name + ")"
	}
	ladder := []Rung{
		{Step: state.StepProject, Name: "Project", Answer: p.Project.Name, Ask: "in which project is the cluster?"},
		cluster,
		snapshot,
		{Step: state.StepDelivery, Name: "Delivery", Answer: p.Delivery.Words(), Ask: "how is it delivered?"},
	}
	if p.Delivery == state.Collections {
		ladder = append(ladder, Rung{Step: state.StepCollections, Name: "Collections", Answer: ChosenNames(p.Only, 1), Ask: "which databases and collections?"})
	}
	if p.Delivery != state.Download {
		ladder = append(ladder, target)
	}
	return ladder
}

// Question is the rung of a step that is asked.
func Question(step state.Step, p state.Plan, now time.Time) Rung {
	if step == StepTake {
		return Rung{Step: step, Name: "Snapshot", Ask: "a new one, of the data as they are now"}
	}
	if step == StepSafety {
		return Rung{Step: step, Name: "Snapshot", Ask: "one of the target, before it is overwritten"}
	}
	if step == StepMoment {
		return Rung{Step: step, Name: "Moment", Ask: "which moment of the data do you want back?"}
	}
	if step == StepWhen {
		return Rung{Step: step, Name: "Moment", Ask: "when was it lost?"}
	}
	if step == state.StepReview {
		r := Rung{Step: step, Name: "Review", Ask: "is this what you want?"}
		if p.Delivery == state.Download {
			r.Ask = "are these the files that you want?"
		}
		return r
	}
	if step == StepSearch {
		return Rung{Step: step, Name: "Outcome", Ask: "did Atlas take the request?"}
	}
	if step == StepResume {
		return Rung{Step: step, Name: "Unfinished", Ask: "what do you want to go on with?"}
	}
	if step == StepBriefing {
		return Rung{Step: step, Name: "Briefing", Ask: "what has happened?"}
	}
	if step == StepSignIn {
		return Rung{Step: step, Name: "Sign in", Ask: "as whom?"}
	}
	for _, r := range Ladder(p, now) {
		if r.Step == step {
			return r
		}
	}
	return Rung{Step: step}
}

// Asked is the question of a step, or what is asked in its place, with its number among those
// of this delivery type.
func Asked(step state.Step, own string, p state.Plan, now time.Time) string {
	ask := cmp.Or(own, Question(step, p, now).Ask)
	n, of := 0, 5
	if p.Delivery == state.Download || p.Delivery == state.PointInTime {
		of = 4 // there is no target, or the moment says how it is delivered
	}
	if p.Delivery == state.Collections && !p.Singled() {
		of = 6 // which of them is asked too
	}
	switch step {
	case state.StepProject, state.StepCluster:
		n = 1
	case state.StepSnapshot, StepMoment:
		n = 2
	case state.StepDelivery:
		n, of = 3, 5 // it is answered here which way it goes
	case state.StepCollections:
		n = of - 2
	case state.StepFields:
		n = of - 1
	case state.StepReview:
		n = of
	default:
		return strings.ToUpper(ask[:min(1, len(ask))]) + ask[min(1, len(ask)):]
	}
	return fmt.Sprintf("%d of %d: %s", n, of, ask)
}
