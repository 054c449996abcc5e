package simulator

import "testing"

func TestOrganisation(t *testing.T) {
	u := newUser(t)
	all := u.want("/orgs").results()
	if len(all) != 1 || all[0]["id"] != u.s.World().OrgID || len(u.want("/orgs?name=Another").results()) != 0 {
		t.Errorf("%v", all)
	}
	if id := u.want(u.group("Payments")).json["orgId"]; id != all[0]["id"] {
		t.Errorf("a project is of %v", id)
	}
}

// TestAllClusters holds the list of all against those of the projects.
func TestAllClusters(t *testing.T) {
	u := newUser(t)
	a := u.want("/clusters")
	if a.header.Get("RateLimit-Limit") != "300" || len(a.results()) != len(u.s.World().Projects) {
		t.Errorf("%d projects, %v", len(a.results()), a.header)
	}
	types := map[any]int{}
	for _, p := range a.results() {
		listed := u.want("/groups/" + p["groupId"].(string) + "/clusters").results()
		clusters := p["clusters"].([]any)
		if len(clusters) != len(listed) {
			t.Errorf("%v has %d clusters, and lists %d", p["groupName"], len(clusters), len(listed))
			continue
		}
		for i, x := range clusters {
			c := x.(map[string]any)
			if c["clusterId"] != listed[i]["id"] || c["backupEnabled"] != listed[i]["backupEnabled"] {
				t.Errorf("%v, and %v", c, listed[i]["name"])
			}
			types[c["type"]]++
		}
	}
	if types["REPLICA_SET"] == 0 || types["SHARDED_CLUSTER"] == 0 || len(types) != 2 {
		t.Errorf("%v", types)
	}
}
