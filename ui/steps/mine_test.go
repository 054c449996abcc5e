package steps

import (
	"testing"

	"atlas-restore/state"
	"atlas-restore/state/journal"
)

// What this machine has submitted is left to what is of a cluster or a project, or onto it; a name that
// nothing has is told, and what of the journal could not be read is not called nothing.
func TestMineIsOfWhatFlagsName(t *testing.T) {
	t.Parallel()
	of := func(id, project, cluster, target string) journal.Submission {
		return journal.Submission{Entry: journal.Entry{ID: id, ProjectID: "id-" + project, ProjectName: project, ClusterName: cluster, TargetProjectName: "Stage", Body: state.Request{TargetProjectID: "id-Stage", TargetClusterName: target}}}
	}
	all := []journal.Submission{of("a", "Payments", "orders-prod", "orders-stg"), of("b", "Payments", "ledger", ""), of("c", "Shop", "carts", "orders-prod")}
	for _, c := range []struct {
		given state.Given
		want  string
		none  string
	}{
		{state.Given{}, "abc", ""},
		{state.Given{Cluster: "orders-prod"}, "ac", ""},
		{state.Given{Cluster: "orders-prod", Project: "Payments"}, "a", ""},
		{state.Given{Cluster: "orders-prod", Project: "id-Stage"}, "c", ""},
		{state.Given{Project: "Stage"}, "ac", ""},
		{state.Given{Cluster: "order-prod"}, "", "No restore job that was submitted from this machine is of cluster order-prod, or onto it. Did you mean orders-prod?"},
		{state.Given{Cluster: "ledger", Project: "Shop"}, "", "No restore job that was submitted from this machine is of cluster ledger in project Shop, or onto it."},
	} {
		got := ""
		for _, h := range Mine(all, c.given) {
			got += h.ID
		}
		none := NoneOfMine(Config{History: all}, c.given)
		if got != c.want || c.none != "" && none != c.none {
			t.Errorf("%+v: %q, %q", c.given, got, none)
		}
	}
	if got := NoneOfMine(Config{}, state.Given{}); got != "No restore job was submitted from this machine." {
		t.Error(got)
	}
	if got := NoneOfMine(Config{HistoryErr: &journal.Damaged{}}, state.Given{}); got != "No restore job was submitted from this machine, as far as its journal could be read." {
		t.Error(got)
	}
}
