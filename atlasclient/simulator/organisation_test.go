package simulator

import (
	"slices"
	"testing"
)

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

// TestAllClusters holds the list of all against those of the projects, with what Atlas leaves
// out of it: flex and terminated clusters, those of several clouds, and projects in which the
// caller has no role.
func TestAllClusters(t *testing.T) {
	u := newUser(t)
	u.s.SetCluster("Storefront", "catalog", func(c *Cluster) { c.AlsoOn = "AWS" })
	u.s.SetProject("Platform Shared", func(p *Project) { p.Role = RoleNone })
	a := u.want("/clusters")
	if a.header.Get("RateLimit-Limit") != "300" || len(a.results()) != len(u.s.World().Projects)-1 {
		t.Errorf("%d projects, %v", len(a.results()), a.header)
	}
	types, left := map[any]int{}, []any{}
	for _, p := range a.results() {
		if p["groupName"] == "Platform Shared" {
			t.Error("a project without a role is listed")
		}
		byID := map[any]map[string]any{}
		for _, x := range p["clusters"].([]any) {
			c := x.(map[string]any)
			byID[c["clusterId"]] = c
			types[c["type"]]++
		}
		for _, x := range u.want("/groups/" + p["groupId"].(string) + "/clusters?includeDeletedWithRetainedBackups=true").results() {
			c, ok := byID[x["id"]]
			switch {
			case !ok:
				left = append(left, x["name"])
			case c["backupEnabled"] != x["backupEnabled"] || c["name"] != x["name"]:
				t.Errorf("%v, and %v", c, x["name"])
			}
			delete(byID, x["id"])
		}
		if len(byID) > 0 {
			t.Errorf("%v lists %v by itself", p["groupName"], byID)
		}
	}
	if want := []any{"catalog", "wishlists", "carts"}; !slices.Equal(left, want) {
		t.Errorf("left out %v, want %v", left, want)
	}
	if types["REPLICA_SET"] == 0 || types["SHARDED_CLUSTER"] == 0 || len(types) != 2 {
		t.Errorf("%v", types)
	}
	if regions := u.want(u.group("Storefront") + "/clusters/catalog").json["replicationSpecs"].([]any)[0].(map[string]any)["regionConfigs"]; len(regions.([]any)) != 2 {
		t.Errorf("a multi-cloud cluster has the regions %v", regions)
	}
}
