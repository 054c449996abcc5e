package state_test

import (
	"testing"

	"atlas-restore/state"
)

func TestEnvironment(t *testing.T) {
	own := state.Names{
		Environments: []state.Environment{{Name: state.Production, Patterns: []string{"Live", "shop-?"}}, {Name: "staging", Patterns: []string{"stg*", "staging"}}},
		Protected:    []string{"orders-prod", "ledger*"},
	}
	for _, tc := range []struct {
		names            state.Names
		project, cluster string
		want             string
	}{
		{state.Names{}, "Shop", "prod", state.Production},
		{state.Names{}, "Shop", "orders-prod", state.Production},
		{state.Names{}, "Shop Production", "orders", state.Production},
		{state.Names{}, "prod_eu", "orders", state.Production},
		{state.Names{}, "Shop", "orders-prd", ""},
		{state.Names{}, "Shop", "product", state.Production},
		{state.Names{}, "Shop", "reprod", ""},
		{state.Names{}, "Shop (Prod)", "orders", state.Production},
		{state.Names{}, "Shop/prod", "orders", state.Production},
		{state.Names{}, "Shop", "ordersProd", state.Production},
		{state.Names{}, "Shop", "EUProd1", state.Production},
		{state.Names{}, "Shop", "REPROD", ""},
		{own, "Shop", "orders-LIVE", state.Production},
		{own, "Shop", "shop-a", state.Production},
		{own, "Shop", "shop-ab", ""},
		{own, "Shop", "orders-prod", ""},
		{own, "Live", "orders", state.Production},
		{own, "Live", "orders-stg", "staging"}, // the cluster's own name counts first
		{own, "Shop Staging", "orders", "staging"},
		{own, "Shop.Staging", "orders", "staging"},
	} {
		if got := tc.names.Called(tc.project, tc.cluster).Name; got != tc.want {
			t.Errorf("%s in %s is %q, want %q", tc.cluster, tc.project, got, tc.want)
		}
	}
	for name, want := range map[string]bool{"orders-prod": true, "Ledger-EU": true, "orders-prod-restore": false, "orders": false} {
		if own.IsProtected(name) != want {
			t.Errorf("%s is protected: %v", name, !want)
		}
	}
	if (state.Names{}).IsProtected("orders-prod") || state.CheckPattern("[") == nil || state.CheckPattern("") == nil || state.CheckPattern("a*") != nil {
		t.Error("patterns")
	}
}

// That no rule fits a cluster's names is said of it, never passed over: a row has the word, the
// legend says what that means, and a badge is told only where a rule fits.
func TestUnmatched(t *testing.T) {
	var usual state.Names
	own := state.Names{Environments: []state.Environment{{Name: "staging", Patterns: []string{"stg"}}}}
	for cluster, want := range map[string]string{"ledger-prd": "unknown", "ledger-prod": "PROD"} {
		if got := usual.Called("Payments", cluster).Mark(); got != want {
			t.Errorf("%s is marked %s, want %s", cluster, got, want)
		}
	}
	if got, want := usual.Legend(), "unknown: not known to be production (rule: prod*)"; got != want {
		t.Errorf("the legend is %q, want %q", got, want)
	}
	if got, want := own.Legend(), "unknown: not known to be production (no rule)"; got != want {
		t.Errorf("without a rule for production it is %q, want %q", got, want)
	}
}
