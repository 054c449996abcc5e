package atlasclient

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"atlas-restore/state"
)

// Everywhere lists the clusters of every project that the credential may see, by project and
// name, as far as Atlas's one list of them goes: see state.Found. Its rate limit is the
// tightest of all (300 requests, and 100 more a minute, for all that one user does).
func (c *Client) Everywhere(ctx context.Context) ([]state.Found, error) {
	groups, err := list(ctx, c, listing[wireOrgGroup, []state.Found]{
		path: []string{"clusters"}, needs: state.RoleReadOnly,
		id: func(w wireOrgGroup) string { return w.GroupID }, own: wireOrgGroup.found,
		unread: func(of named, why error) wireOrgGroup {
			return wireOrgGroup{GroupID: of.ID, unread: clean(why.Error())}
		},
	})
	if err != nil {
		return nil, fmt.Errorf("listing the clusters of all projects: %w", err)
	}
	all := slices.Concat(groups...)
	slices.SortFunc(all, func(a, b state.Found) int {
		if n := byName(a.Project.Name, a.Project.ID, b.Project.Name, b.Project.ID); n != 0 {
			return n
		}
		return clusterOrder(a.Cluster, b.Cluster)
	})
	for _, f := range all {
		c.names.learn(f.Project)
	}
	return all, nil
}

// wireOrgGroup is Atlas's OrgGroup: a project with its clusters.
type wireOrgGroup struct {
	GroupID   string                      `json:"groupId"`
	GroupName string                      `json:"groupName"`
	OrgID     string                      `json:"orgId"`
	Clusters  []element[wireCloudCluster] `json:"clusters"` // without it nothing is told of them
	unread    string
}

// wireCloudCluster is Atlas's CloudCluster. It has words of its own for what other answers
// say too.
type wireCloudCluster struct {
	ClusterID     string   `json:"clusterId"`
	Name          string   `json:"name"`
	Type          string   `json:"type"`
	Availability  string   `json:"availability"`
	BackupEnabled *bool    `json:"backupEnabled"`
	Versions      []string `json:"versions"`
}

// found are the clusters of a project. What cannot be read of them stands among them.
func (w wireOrgGroup) found() []state.Found {
	p := state.Project{ID: clean(w.GroupID), Name: clean(w.GroupName), OrgID: clean(w.OrgID)}
	if p.Name == "" {
		p.Name = p.ID
	}
	odd := func(why string) state.Found { return state.Found{Project: p, Unreadable: why} }
	switch {
	case w.unread != "":
		return []state.Found{odd(w.unread)}
	case p.ID == "":
		return []state.Found{odd("Atlas does not say which project this is")}
	case w.Clusters == nil:
		return []state.Found{odd("Atlas does not tell its clusters")}
	}
	out := make([]state.Found, 0, len(w.Clusters))
	for _, e := range w.Clusters {
		switch f, err := e.value.found(p); {
		case e.err != nil:
			out = append(out, odd(clean(e.err.Error())))
		case err != nil:
			out = append(out, odd(err.Error()))
		default:
			out = append(out, f)
		}
	}
	return out
}

func (w wireCloudCluster) found(p state.Project) (state.Found, error) {
	c := state.Cluster{ID: clean(w.ClusterID), ProjectID: p.ID, Name: clean(w.Name), Type: listedType(clean(w.Type))}
	if c.Type == state.ReplicaSet {
		c.Shards = 1
	}
	if err := state.CheckClusterName(c.Name); err != nil {
		return state.Found{}, fmt.Errorf("one of its clusters: %w", err)
	}
	// Where it is not told whether backups are on, its project's own list says so later.
	c.BackupEnabled = w.BackupEnabled == nil || *w.BackupEnabled
	if len(w.Versions) > 0 { // several while it is upgraded
		c.MongoDBVersion = clean(w.Versions[0])
	}
	return state.Found{Project: p, Cluster: c, Availability: clean(w.Availability)}, nil
}

// listedType is the topology in the words of the other answers. This list tells a global
// cluster from no other sharded one.
func listedType(t string) state.ClusterType {
	switch t {
	case "REPLICA_SET":
		return state.ReplicaSet
	case "SHARDED_CLUSTER":
		return state.Sharded
	}
	return state.ClusterType(t)
}

// UnmarshalJSON implements json.Unmarshaler: a project of which anything cannot be read is
// known by its id at least, which has another name here than in other lists.
func (w *wireOrgGroup) UnmarshalJSON(raw []byte) error {
	type plain wireOrgGroup
	var p plain
	err := json.Unmarshal(raw, &p)
	if *w = wireOrgGroup(p); err != nil {
		w.unread = "its part of the answer cannot be read: " + clean(asDocumented(err).Error())
	}
	return nil
}
