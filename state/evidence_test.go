package state

import (
	"reflect"
	"testing"
	"time"
)

// What was found is of one moment, or of one snapshot: whatever else is chosen drops it, and what
// leaves the moment as it is keeps it.
func TestEvidenceIsOfItsMoment(t *testing.T) {
	found := Evidence{Why: "the second before shop.orders was dropped at 14:02:59.812 by mongosh on conn4711", What: "drop"}
	moment := Instant{UTCSeconds: 1795442578}
	a, b := Snapshot{ID: "5f0000000000000000000001"}, Snapshot{ID: "5f0000000000000000000002"}
	target := Target{Project: Project{ID: "p"}, ClusterName: "orders-stg"}
	of := Plan{Project: Project{ID: "p"}, Cluster: Cluster{ID: "c", Name: "orders-prod", PITEnabled: true}}
	at := of.WithInstant(moment).WithEvidence(found)
	then := of.WithSnapshot(a).WithEvidence(found)
	if at.Next() != StepFields || at.Draft.Moment != moment.Time().Format(time.DateTime)+" UTC" {
		t.Errorf("after the moment comes step %d, with %q in its field", at.Next(), at.Draft.Moment)
	}
	for name, c := range map[string]struct {
		plan Plan
		kept bool
	}{
		"its moment":             {at, true},
		"a target for it":        {at.WithFields(moment, target, at.Draft), true},
		"a moment again":         {at.WithMoment(), true},
		"its own cluster":        {at.WithCluster(at.Cluster), true},
		"another second":         {at.WithFields(Instant{UTCSeconds: 1795442579}, target, at.Draft), false},
		"an entry of the second": {at.WithFields(Instant{OplogTs: 1795442578, OplogInc: 1}, target, at.Draft), false},
		"a snapshot instead":     {at.WithSnapshot(a), false},
		"another delivery":       {at.WithDelivery(Automated), false},
		"another cluster":        {at.WithCluster(Cluster{ID: "d", Name: "users"}), false},
		"another project":        {at.WithProject(Project{ID: "q"}), false},
		"no cluster":             {at.WithoutCluster(), false},
		"its snapshot":           {then, true},
		"a delivery of it":       {then.WithDelivery(Automated).WithFields(Instant{}, target, Draft{}), true},
		"another snapshot":       {then.WithSnapshot(b), false},
		"a moment instead":       {then.WithMoment(), false},
	} {
		if got := !c.plan.Evidence.IsZero(); got != c.kept {
			t.Errorf("%s: the evidence is kept: %v", name, got)
		}
	}
}

// Nothing of it is asked of Atlas, and a plan that is left and taken up again has it.
func TestEvidenceIsNoPartOfTheRequest(t *testing.T) {
	found := Evidence{Why: "the second before"}
	plan := Plan{
		Project: Project{ID: "5f0000000000000000000001"}, Cluster: Cluster{Name: "orders-prod"},
		Target: Target{Project: Project{ID: "5f0000000000000000000001"}, ClusterName: "orders-stg"},
	}.WithInstant(Instant{UTCSeconds: 1795442578})
	with, err := plan.WithEvidence(found).Request()
	if without, _ := plan.Request(); err != nil || !reflect.DeepEqual(with, without) {
		t.Errorf("the request is %+v, without evidence %+v: %v", with, without, err)
	}
	g := Answers(plan.WithEvidence(found))
	if again := g.Evident(plan, time.Now(), time.UTC); again.Evidence != found {
		t.Errorf("what was left comes back with %+v", again.Evidence)
	}
	if other := g.Evident(plan.WithFields(Instant{UTCSeconds: 1795442579}, plan.Target, plan.Draft), time.Now(), time.UTC); !other.Evidence.IsZero() {
		t.Errorf("another moment has it: %+v", other.Evidence)
	}
}
