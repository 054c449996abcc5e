package simulator

import (
	"fmt"
	"maps"
	"slices"
)

// systemStatus answers GET /api/atlas/v2, the cheapest authenticated request.
func systemStatus(c *call) (any, error) {
	out := object{
		"apiKey":     nil, // a service account has none
		"appName":    "MongoDB Atlas",
		"build":      c.w.dice.text(hexes, 32, "build"),
		"links":      []object{link(c.self(), "self"), link(c.base+api+"/groups", cloudRel("groups"))},
		"throttling": false,
	}
	if c.caller == apiKey {
		out["apiKey"] = object{
			"accessList": []object{},
			"id":         c.w.dice.id(c.w.start.AddDate(-1, 0, 0), "api key"),
			"publicKey":  c.s.keys.PublicKey,
			"roles":      c.roles(),
		}
	}
	return out, nil
}

// roles are those of the API key: that of the organisation's owner, unless it may less in
// some project.
func (c *call) roles() []object {
	names := map[string]string{"": "GROUP_OWNER", RoleOwner: "GROUP_OWNER", RoleReadOnly: "GROUP_READ_ONLY"}
	out, all := []object{}, true
	for _, p := range c.w.projects {
		if name := names[p.Role]; name != "" {
			out = append(out, object{"groupId": p.ID, "roleName": name})
		}
		all = all && p.mayChange()
	}
	if all {
		return []object{{"orgId": c.w.org, "roleName": "ORG_OWNER"}}
	}
	return out
}

func listGroups(c *call) (any, error) { return c.listProjects(c.w.projects) }

func (c *call) listProjects(projects []*project) (any, error) {
	return c.list(len(projects), func(i int) object {
		return c.group(projects[i], link(c.groupURL(projects[i]), "self"))
	})
}

func getGroup(c *call) (any, error) {
	p, err := c.project()
	if err != nil {
		return nil, err
	}
	return c.wholeGroup(p), nil
}

// getGroupByName answers GET …/groups/byName/{groupName}.
func getGroupByName(c *call) (any, error) {
	name := c.r.PathValue("groupName")
	p := c.w.projectByName(name)
	if p == nil {
		return nil, refuse(404, "GROUP_NAME_NOT_FOUND", fmt.Sprintf("No group with name %q exists.", name), name)
	}
	return c.wholeGroup(p), nil
}

// wholeGroup is a project with the links that it has when it is asked for alone.
func (c *call) wholeGroup(p *project) object {
	url := c.groupURL(p)
	links := []object{link(url, "self")}
	for _, what := range []string{"containers", "clusters", "databaseUsers", "peers", "processes", "whitelist"} {
		links = append(links, link(url+"/"+what, cloudRel(what)))
	}
	return c.group(p, links...)
}

func (c *call) groupURL(p *project) string { return c.base + api + "/groups/" + p.ID }

func (c *call) group(p *project, links ...object) object {
	tags := []object{}
	for _, key := range slices.Sorted(maps.Keys(p.Tags)) {
		tags = append(tags, object{"key": key, "value": p.Tags[key]})
	}
	return object{
		"clusterCount":              len(p.clusters),
		"created":                   stamp(p.Created),
		"id":                        p.ID,
		"links":                     links,
		"name":                      p.Name,
		"orgId":                     c.w.org,
		"tags":                      tags,
		"withDefaultAlertsSettings": true,
	}
}
