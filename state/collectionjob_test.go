package state_test

import (
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/collections"
)

// The end of a collection restore is good only where every collection was seen to be restored.
func TestEndOfACollectionJob(t *testing.T) {
	part := func(name string, s collections.State) collections.Part {
		return collections.Part{Source: collections.Split(name), State: s}
	}
	asked := collections.Asked{Collections: []collections.Namespace{{Source: "shop.orders"}, {Source: "shop.carts"}}}
	both := []collections.Part{part("shop.orders", collections.Successful), part("shop.carts", collections.Successful)}
	for name, tc := range map[string]struct {
		is      collections.State
		parts   []collections.Part
		failed  bool
		want    state.JobState
		outcome state.Outcome
	}{
		"runs":                         {collections.InProgress, both, false, state.InProgress, state.OutcomeRunning},
		"all came":                     {collections.Successful, both, false, state.Completed, state.OutcomeCompleted},
		"its parts not read":           {collections.Successful, nil, false, state.Over, state.OutcomeUnknown},
		"no parts told":                {collections.Successful, []collections.Part{}, false, state.Over, state.OutcomeUnknown},
		"one is not told":              {collections.Successful, both[:1], false, state.Over, state.OutcomeUnknown},
		"one did not come":             {collections.Successful, []collections.Part{both[0], part("shop.carts", collections.Unsupported)}, false, state.Failed, state.OutcomeFailed},
		"an unknown end of one":        {collections.Successful, []collections.Part{both[0], part("shop.carts", "HALF")}, false, state.Over, state.OutcomeUnknown},
		"one has no state":             {collections.Successful, []collections.Part{both[0], part("shop.carts", "")}, false, state.Over, state.OutcomeUnknown},
		"one goes on":                  {collections.Successful, []collections.Part{both[0], part("shop.carts", collections.Finalizing)}, false, state.Over, state.OutcomeUnknown},
		"one failed, one is not known": {collections.Successful, []collections.Part{part("shop.orders", collections.Failed), part("shop.carts", "HALF")}, false, state.Failed, state.OutcomeFailed},
		"failed":                       {collections.Failed, both, true, state.Failed, state.OutcomeFailed},
	} {
		j := state.Job{DeliveryType: state.Collections, Failed: tc.failed, FinishedAt: time.Now(), Collections: &collections.Job{Asked: asked, State: tc.is, Parts: tc.parts}}
		if got := j.State(time.Now()); got != tc.want || got.Outcome() != tc.outcome {
			t.Errorf("%s: %v, %v", name, got, got.Outcome())
		}
	}
}
