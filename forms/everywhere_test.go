package forms

import (
	"strings"
	"testing"

	"atlas-restore/state"
)

// everywhere is the form of the full screen: the clusters of all projects are known, those of the
// source's own project whole.
func everywhere(d state.DeliveryType) *Form {
	o := options(plan(d))
	o.Finds = true
	f := New(o)
	f.SetSize(80, 24)
	all := []state.Found{
		{Project: o.Projects[0], Cluster: state.Cluster{ID: "65f0c1d2e3a4b5c6d7e8fa01", Name: "orders-stg", Type: state.ReplicaSet, MongoDBVersion: "8.0.29"}},
		{Project: o.Projects[2], Cluster: state.Cluster{ID: "65f0c1d2e3a4b5c6d7e8fa02", Name: "orders-a", Type: state.ReplicaSet, MongoDBVersion: "8.0.29"}},
		{Project: o.Projects[2], Cluster: state.Cluster{ID: "65f0c1d2e3a4b5c6d7e8fa03", Name: "orders-old", Type: state.ReplicaSet, MongoDBVersion: "7.0.28"}},
		{Project: o.Projects[2], Unreadable: "its part of the answer cannot be read"},
	}
	for _, c := range ours() {
		all = append(all, state.Found{Project: state.Project{ID: payments, Name: "Payments"}, Cluster: c, Whole: true})
	}
	f.SetClusters(payments, ours(), nil)
	f.SetFound(all)
	return f
}

// The target is found by the name of its cluster or of its project, or by an id, whatever project
// is named; taking it names its project. Nothing is highlighted before somebody moves or types,
// and what cannot take the restore stands last.
func TestTargetIsFoundEverywhere(t *testing.T) {
	for _, tt := range []struct{ keys, project, cluster, want string }{
		{"", "", "", "  Target project   any"},
		{"<enter>", "", "", "nothing is chosen yet"},
		{"orders-a<enter>", staging, "orders-a", ""},
		{"fa02<enter>", staging, "orders-a", ""},
		{"payments staging<enter>", staging, "orders-a", ""},
		{"orders-stg<enter>", payments, "orders-stg", ""}, // of two of one name that of the source's project
		{"orders-stg<down><enter>", "65f0c1d2e3a4b5c6d7e8f903", "orders-stg", ""},
		{"orders-old<enter>", "", "", "✗ orders-old cannot take it: 7.0.28 is older than the data,"},
		{"brand-new", "", "", `▌ use "brand-new" as typed in Payments`},
		{"orders-a", "", "", "▌ orders-a  unknown  Payments Staging  8.0.29"},
		{"<tab>Analytics<enter>orders", "", "", "the clusters of Analytics are not listed yet"}, // one project is named: only its own
	} {
		f := everywhere(state.Automated)
		send(f, tt.keys)
		_, target, _ := f.Result()
		if f.Completed() != (tt.cluster != "") || f.Completed() && (target.Project.ID != tt.project || target.ClusterName != tt.cluster) {
			t.Errorf("%q: completed %v with %v", tt.keys, f.Completed(), target)
		}
		if !strings.Contains(view(f), tt.want) {
			t.Errorf("%q: no %q in\n%s", tt.keys, tt.want, view(f))
		}
	}
	f := everywhere(state.Automated)
	if got, want := names(f.cluster), "orders-restore orders-stg orders-stg orders-a zeta orders-prod orders-old alpha Payments Staging"; got != want {
		t.Errorf("the order is %s, want %s", got, want)
	}
	if strings.Contains(view(f), "▌") || !strings.Contains(view(f), "unknown: not known to be production (rule: prod*)") {
		t.Errorf("a row is highlighted, or no legend:\n%s", view(f))
	}
}

// A moment is followed by the clusters at once, and tab leads to the list of the projects.
func TestProjectsAreAKeyAway(t *testing.T) {
	f := everywhere(state.PointInTime)
	send(f, "2026-11-22 10:00<enter>")
	if f.Focus() != FieldCluster {
		t.Errorf("after the moment %s is asked", f.Focus())
	}
	send(f, "<tab>")
	if f.Focus() != FieldProject {
		t.Errorf("tab leads to %s", f.Focus())
	}
	send(f, "<tab>")
	if f.Focus() != FieldCluster {
		t.Errorf("tab leads on to %s", f.Focus())
	}
}

// While nobody knows why a cluster is not available, its row says that this is being looked at.
func TestUnavailableTargetsAreLookedAt(t *testing.T) {
	f := everywhere(state.Automated)
	f.SetFound([]state.Found{{Project: state.Project{ID: staging, Name: "Payments Staging"}, Cluster: state.Cluster{ID: "1", Name: "orders-new", Type: state.ReplicaSet, MongoDBVersion: "8.0.29"}, Availability: "unavailable"}})
	f.SetSize(120, 24)
	send(f, "orders-new")
	if v := view(f); !strings.Contains(v, "! unavailable: its state is being looked at") {
		t.Errorf("it looks like a good one:\n%s", v)
	}
}

// Rows that come answer no key: what an Enter was told while they came stands there until the next
// key, as long as it is true.
func TestWhatEnterWasToldOutlivesNewRows(t *testing.T) {
	const says = "nothing is chosen yet"
	f := everywhere(state.Automated)
	more := state.Found{Project: state.Project{ID: staging, Name: "Payments Staging"}, Cluster: state.Cluster{ID: "9", Name: "late", Type: state.ReplicaSet, MongoDBVersion: "8.0.29"}}
	send(f, "<enter>")
	f.SetFound([]state.Found{more})
	if v := view(f); !strings.Contains(v, says) {
		t.Errorf("it is gone:\n%s", v)
	}
	send(f, "<down>")
	if v := view(f); strings.Contains(v, says) {
		t.Errorf("one is chosen now:\n%s", v)
	}
}

// Projects that come after the form was made can be named, and change nothing of what was named: not
// when one of them bears the same name, nor when only the id was known.
func TestProjectsThatComeLater(t *testing.T) {
	twin := state.Project{ID: "65f0c1d2e3a4b5c6d7e8f90a", Name: "Payments Staging"}
	for _, tt := range []struct {
		keys, typed, id string
		later           []state.Project
	}{
		{"<tab>Payments Staging<enter>", "Payments Staging", twin.ID, []state.Project{twin}}, // refused until it was there
		{"<tab>" + staging + "<enter>", "Payments Staging", staging, []state.Project{{ID: staging, Name: "Payments Staging"}}},
		{"<tab>" + staging + "<enter>", staging, staging, []state.Project{{ID: staging, Name: "Payments Staging"}, twin}},
		{"<tab>Payments Sta", "Payments Sta", "", []state.Project{{ID: staging, Name: "Payments Staging"}}},
	} {
		o := options(plan(state.Automated))
		o.Finds, o.Projects = true, nil
		f := New(o)
		f.SetSize(80, 24)
		send(f, tt.keys)
		f.SetProjects(tt.later)
		if tt.id == "" {
			if p, ok := f.TargetProject(); ok {
				t.Errorf("%q: %v was named by nobody", tt.keys, p)
			}
			if !strings.Contains(view(f), "Payments Staging") {
				t.Errorf("%q: it is not listed:\n%s", tt.keys, view(f))
			}
			continue
		}
		if p, _ := f.TargetProject(); p.ID != tt.id || p.Name != "Payments Staging" || f.Draft().TargetProject != tt.typed {
			t.Errorf("%q: %v, %q stands in the field", tt.keys, p, f.Draft().TargetProject)
		}
	}
	f := everywhere(state.Automated)
	send(f, "<tab>Payments Staging<enter>")
	o := options(plan(state.Automated))
	f.SetProjects(append(o.Projects, twin))
	if p, _ := f.TargetProject(); p.ID != staging || f.Draft().TargetProject != staging {
		t.Errorf("another project came, and now it is %v, as %q", p, f.Draft().TargetProject)
	}
}
