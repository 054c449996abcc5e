package state_test

import (
	"strings"
	"testing"

	"atlas-restore/state"
)

// A drill goes onto a cluster that is named for it and onto no other, whatever else is accepted.
func TestDrillTarget(t *testing.T) {
	t.Parallel()
	home, away := state.Project{ID: "65f0c1d2e3a4b5c6d7e8f901", Name: "Payments"}, state.Project{ID: "65f0c1d2e3a4b5c6d7e8f902", Name: "Payments Prod"}
	for name, tc := range map[string]struct {
		target  string
		project state.Project
		drills  []string
		says    string // empty: it may
	}{
		"one that is named":         {"drill-1", home, []string{"drill-*"}, ""},
		"in other letters":          {"Drill-1", home, []string{"dRill-*"}, ""},
		"not named":                 {"orders-stg", home, []string{"drill-*"}, "not named for drills"},
		"a word of its name":        {"orders-drill-1", home, []string{"drill*"}, "not named for drills"},
		"the source itself":         {"orders", home, []string{"*"}, "the source itself"},
		"its namesake elsewhere":    {"orders", state.Project{ID: "65f0c1d2e3a4b5c6d7e8f903", Name: "Tests"}, []string{"*"}, ""},
		"production by its name":    {"drill-prod", home, []string{"drill-*"}, "it is production: it is called prod*"},
		"production by its project": {"drill-1", away, []string{"drill-*"}, "it is production: its project"},
		"where nothing is named":    {"drill-1", home, nil, "no cluster is named for drills"},
		"where the list is empty":   {"drill-1", home, []string{}, "no cluster is named for drills"},
	} {
		p := state.Plan{Drill: true, Delivery: state.Automated, Project: home, Cluster: state.Cluster{Name: "orders"}, Target: state.Target{Project: tc.project, ClusterName: tc.target}}
		f := state.Facts{Plan: p, Names: state.Names{Drills: tc.drills}}
		all := state.Checks(f)
		if c := all[0]; c.Name != state.DrillCheck || (tc.says == "") != (c.Verdict == state.OK) || tc.says != "" && (c.Verdict != state.Block || !strings.Contains(c.Why, tc.says) || !strings.Contains(c.Why, tc.target) || c.Lift == "") {
			t.Errorf("%s: %+v", name, c)
		}
		if err := f.Names.BarsDrill(p, p.Target); (err == nil) != (tc.says == "") {
			t.Errorf("%s: %v", name, err)
		}
		if f.Plan.Drill = false; state.Checks(f)[0].Name == state.DrillCheck || f.Names.BarsDrill(f.Plan, p.Target) != nil {
			t.Errorf("%s: it is asked of what is no drill", name)
		}
	}
	p := state.Plan{Drill: true, Delivery: state.Collections, Project: home, Cluster: state.Cluster{Name: "orders"}, Target: state.Target{Project: home, ClusterName: "drill-1"}}
	if c := state.Checks(state.Facts{Plan: p, Names: state.Names{Drills: []string{"drill-*"}}})[0]; c.Verdict != state.Block {
		t.Errorf("single collections: %+v", c)
	}
}
