package steps

import (
	"strings"
	"testing"

	"atlas-restore/state"
	"atlas-restore/state/collections"
)

// What was left out of the indexes, as it was chosen, is said once the job has ended: nobody else
// tells it.
func TestIndexesThatWereLeftOut(t *testing.T) {
	n := collections.Split("shop.orders")
	job := state.Job{Collections: &collections.Job{Parts: []collections.Part{{Source: n, Asked: n, Real: n, State: collections.Successful}}}}
	for indexes, want := range map[collections.Indexes]string{collections.AllButTTL: "(TTL) were left out", collections.NoIndexes: "No index was built", collections.AllIndexes: ""} {
		p := state.Plan{Delivery: state.Collections, Only: collections.Choice{Indexes: indexes}.With(n)}
		all := strings.Join(collectionsRemain(p, job), "\n")
		if want == "" && strings.Contains(all, "as you chose") || !strings.Contains(all, want) {
			t.Errorf("%s: %s", indexes, all)
		}
	}
}
