package simulator

import (
	"fmt"
	"slices"
)

// What is asked of the organisation as a whole, and who may reach a project.

const orgName = "Example Org"

func listOrgs(c *call) (any, error) {
	name := c.r.URL.Query().Get("name")
	n := 1
	if name != "" && name != orgName {
		n = 0
	}
	return c.list(n, func(int) object { return c.organisation() })
}

func getOrg(c *call) (any, error) {
	if err := c.ownOrg(); err != nil {
		return nil, err
	}
	return c.organisation(), nil
}

// listOrgGroups lists the projects of the organisation, by name if that is asked for.
func listOrgGroups(c *call) (any, error) {
	if err := c.ownOrg(); err != nil {
		return nil, err
	}
	projects := c.w.projects
	if name := c.r.URL.Query().Get("name"); name != "" {
		projects = slices.DeleteFunc(slices.Clone(projects), func(p *project) bool { return p.Name != name })
	}
	return c.listProjects(projects)
}

// ownOrg refuses a path that names another organisation than the one there is.
func (c *call) ownOrg() error {
	switch id := c.r.PathValue("orgId"); {
	case !objectID.MatchString(id):
		return badID("INVALID_ORG_ID", "organization", id)
	case id != c.w.org:
		return refuse(404, "RESOURCE_NOT_FOUND", fmt.Sprintf("No organization with ID %s exists.", id), id)
	}
	return nil
}

func (c *call) organisation() object {
	url := c.base + api + "/orgs/" + c.w.org
	return object{
		"id":                        c.w.org,
		"isDeleted":                 false,
		"links":                     []object{link(url, "self"), link(url+"/groups", cloudRel("groups"))},
		"name":                      orgName,
		"skipDefaultAlertsSettings": false,
	}
}

// listAllClusters lists the clusters of all projects in which the caller has a role, by
// project. It knows neither their state nor their size, has words of its own for their types,
// and leaves out those of several clouds, flex and terminated ones.
func listAllClusters(c *call) (any, error) {
	projects := slices.DeleteFunc(slices.Clone(c.w.projects), func(p *project) bool { return p.Role == RoleNone })
	return c.list(len(projects), func(i int) object {
		p, clusters := projects[i], []object{}
		for _, x := range p.family(false) {
			if x.AlsoOn != "" {
				continue
			}
			kind, availability := "REPLICA_SET", "available"
			if x.sharded() {
				kind = "SHARDED_CLUSTER"
			}
			if x.Paused || x.State == "CREATING" {
				availability = "unavailable"
			}
			clusters = append(clusters, object{
				"alertCount":    0,
				"authEnabled":   true,
				"availability":  availability,
				"backupEnabled": x.BackupEnabled,
				"clusterId":     x.ID,
				"dataSizeBytes": int64(x.DataGB * 1e9),
				"name":          x.Name,
				"nodeCount":     3 * x.Shards,
				"sslEnabled":    true,
				"type":          kind,
				"versions":      []string{x.MongoDBVersion},
			})
		}
		return object{
			"clusters":  clusters,
			"groupId":   p.ID,
			"groupName": p.Name,
			"orgId":     c.w.org,
			"orgName":   orgName,
			"planType":  "Atlas",
			"tags":      []string{},
		}
	})
}
