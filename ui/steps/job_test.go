package steps

import (
	"strings"
	"testing"

	"atlas-restore/state"
)

// Which links have come is told from the first to the last but one.
func TestComing(t *testing.T) {
	link := state.NewSecret("https://a.test/1")
	for name, tc := range map[string]struct {
		all  []state.Delivery
		says string
	}{
		"nothing yet": {nil, ""},
		"none":        {[]state.Delivery{{ReplicaSet: "shard-0"}, {ReplicaSet: "config-0"}}, ""},
		"some": {
			[]state.Delivery{{ReplicaSet: "shard-0", URL: link}, {ReplicaSet: "shard-1"}, {ReplicaSet: "config-0"}, {}},
			"1 of 4 links have come; there is none yet for shard-1, config-0, another. The files are of use only together.",
		},
		"all": {[]state.Delivery{{ReplicaSet: "shard-0", URL: link}, {ReplicaSet: "config-0", URL: link}}, ""},
	} {
		if got := Coming(state.Job{Deliveries: tc.all}); got != tc.says {
			t.Errorf("%s: %q, want %q", name, got, tc.says)
		}
	}
}

// A restore into another project names both, so that neither is taken for the other.
func TestSubjectNamesTheProjects(t *testing.T) {
	p := state.Plan{Project: state.Project{ID: "p", Name: "Payments"}, Cluster: state.Cluster{Name: "orders"}, Delivery: state.Automated}
	p.Target.ClusterName = "orders-stg"
	for _, tc := range []struct {
		onto         state.Project
		says, ending string
	}{
		{p.Project, "Restore of orders onto orders-stg (project Payments), ", ""},
		{state.Project{ID: "q", Name: "Staging"}, "Restore of orders onto orders-stg (from project Payments), ", ", onto project Staging"},
	} {
		p.Target.Project = tc.onto
		if got := (Summary{}).subject(p); !strings.HasPrefix(got, tc.says) || !strings.HasSuffix(got, tc.ending) {
			t.Errorf("%q", got)
		}
	}
}
