package atlasclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"atlas-restore/state"
)

// Clusters lists a project's clusters by name: the dedicated ones and M0, and from a list
// of their own the flex clusters. Both lists are asked for at once.
func (c *Client) Clusters(ctx context.Context, projectID string) ([]state.Cluster, error) {
	var flex []state.Cluster
	var flexErr error
	both := make(chan struct{})
	go func() {
		defer close(both)
		// Only of the other list, which is the longer one, a first part is reported.
		flex, flexErr = c.flexClusters(state.WithPart(ctx, func([]state.Cluster) {}), projectID)
	}()
	dedicated, err := c.Dedicated(ctx, projectID)
	<-both
	if err != nil {
		return nil, err
	}
	if flexErr != nil {
		return nil, fmt.Errorf("listing the clusters of project %s: %w", projectID, flexErr)
	}
	return merged(dedicated, flex), nil
}

// Dedicated lists a project's dedicated clusters and M0 by name, without its flex clusters: half
// of Clusters, for whoever looks for one that is not flex.
func (c *Client) Dedicated(ctx context.Context, projectID string) ([]state.Cluster, error) {
	all, err := list(ctx, c, listing[wireCluster, state.Cluster]{
		path: []string{"groups", projectID, "clusters"}, needs: state.RoleReadOnly,
		id: func(w wireCluster) string { return w.ID }, unread: unreadCluster,
		own: func(w wireCluster) state.Cluster { return w.cluster(projectID) }, order: clusterOrder,
	})
	if err != nil {
		return nil, fmt.Errorf("listing the clusters of project %s: %w", projectID, err)
	}
	return all, nil
}

// AllClusters lists the terminated clusters too whose backups were kept: sources of a
// restore, and no targets. Atlas does not say which they are (Admin API, "Return All
// Clusters in One Project", includeDeletedWithRetainedBackups): they are those that the
// other lists lack.
func (c *Client) AllClusters(ctx context.Context, projectID string) ([]state.Cluster, error) {
	ctx = state.WithPart(ctx, func([]state.Cluster) {}) // a part would not tell the two kinds apart
	living, err := c.Clusters(ctx, projectID)
	if err != nil {
		return nil, err
	}
	all, err := list(ctx, c, listing[wireCluster, state.Cluster]{
		path: []string{"groups", projectID, "clusters"}, needs: state.RoleReadOnly,
		query: url.Values{"includeDeletedWithRetainedBackups": {"true"}},
		id:    func(w wireCluster) string { return w.ID }, unread: unreadCluster,
		own: func(w wireCluster) state.Cluster { return w.cluster(projectID) }, order: clusterOrder,
	})
	if err != nil {
		return nil, fmt.Errorf("listing the terminated clusters of project %s: %w", projectID, err)
	}
	names := map[string]bool{}
	for _, l := range living {
		names[l.Name] = true
	}
	for _, t := range all {
		if slices.ContainsFunc(living, func(l state.Cluster) bool { return l.ID == t.ID }) {
			continue
		}
		t.Terminated, t.PITEnabled, t.Paused, t.Namesake = true, false, false, names[t.Name]
		living = append(living, t)
	}
	slices.SortFunc(living, clusterOrder)
	return living, nil
}

// merged puts the two lists together. A cluster that stands in both is flex: that list
// says so of all in it.
func merged(dedicated, flex []state.Cluster) []state.Cluster {
	all := slices.Clone(flex)
	for _, d := range dedicated {
		if d.ID == "" || !slices.ContainsFunc(flex, func(f state.Cluster) bool { return f.ID == d.ID }) {
			all = append(all, d)
		}
	}
	slices.SortFunc(all, clusterOrder)
	return all
}

func clusterOrder(a, b state.Cluster) int { return byName(a.Name, a.ID, b.Name, b.ID) }

// Cluster reads one dedicated cluster. For a flex cluster Atlas answers 400
// CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API.
func (c *Client) Cluster(ctx context.Context, projectID, name string) (state.Cluster, error) {
	var w wireCluster
	if err := c.do(ctx, call{method: http.MethodGet, path: clusterPath(projectID, name), out: &w, needs: state.RoleReadOnly}); err != nil {
		return state.Cluster{}, fmt.Errorf("reading cluster %s of project %s: %w", name, projectID, err)
	}
	return w.cluster(projectID), nil
}

// ClusterNamed looks for the cluster of a name in a project; false if it has none that lives.
// Of a flex cluster only its name and family are told.
func (c *Client) ClusterNamed(ctx context.Context, projectID, name string) (state.Cluster, bool, error) {
	found, err := c.Cluster(ctx, projectID, name)
	var atlas *state.AtlasError
	if !errors.As(err, &atlas) {
		return found, err == nil, err
	}
	switch atlas.Code {
	case "CLUSTER_NOT_FOUND", "GROUP_NOT_FOUND":
		return state.Cluster{}, false, nil
	case "CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API":
		return state.Cluster{Family: state.Flex, ProjectID: projectID, Name: name, Type: state.ReplicaSet, Shards: 1, BackupEnabled: true, InstanceSize: "Flex"}, true, nil
	}
	return state.Cluster{}, false, err
}

// Schedule reads the cluster's backup schedule. Its restore window is there even
// where point in time is off: see state.RestoreWindow.
func (c *Client) Schedule(ctx context.Context, cluster state.Cluster) (state.Schedule, error) {
	var w wireSchedule
	if err := c.do(ctx, call{method: http.MethodGet, path: backupPath(cluster, "schedule"), out: &w, needs: state.RoleReadOnly}); err != nil {
		return state.Schedule{}, fmt.Errorf("reading the backup schedule of cluster %s: %w", cluster.Name, err)
	}
	return w.schedule(), nil
}

func clusterPath(projectID, name string) []string {
	return []string{"groups", projectID, "clusters", name}
}

// backupPath is the way to what Atlas keeps under a cluster's backups.
func backupPath(c state.Cluster, elements ...string) []string {
	return slices.Concat(clusterPath(c.ProjectID, c.Name), []string{"backup"}, elements)
}
