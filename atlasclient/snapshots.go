package atlasclient

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"

	"atlas-restore/state"
)

// Snapshots lists the cluster's snapshots, newest first. Atlas documents no order, and
// an unfinished snapshot has no createdAt: see state.Snapshot.When.
func (c *Client) Snapshots(ctx context.Context, cluster state.Cluster) ([]state.Snapshot, error) {
	wires, err := c.wireSnapshots(ctx, cluster)
	if err != nil {
		return nil, fmt.Errorf("listing the snapshots of cluster %s: %w", cluster.Name, err)
	}
	snapshots := make([]state.Snapshot, len(wires))
	for i, w := range wires {
		snapshots[i] = w.snapshot(cluster.Type.IsSharded())
	}
	slices.SortFunc(snapshots, func(a, b state.Snapshot) int {
		return cmp.Or(b.When().Compare(a.When()), cmp.Compare(b.ID, a.ID))
	})
	return snapshots, nil
}

// wireSnapshots asks the family that the cluster belongs to. The sharded list has no
// pages: Atlas declares no parameter for them.
func (c *Client) wireSnapshots(ctx context.Context, cluster state.Cluster) ([]wireSnapshot, error) {
	if !cluster.Type.IsSharded() {
		return list(ctx, c, func(w wireSnapshot) string { return w.ID }, backupPath(cluster, "snapshots")...)
	}
	var p page[wireSnapshot]
	err := c.do(ctx, call{method: http.MethodGet, path: backupPath(cluster, "snapshots", "shardedClusters"), out: &p})
	return p.Results, err
}

// Snapshot reads one snapshot of the cluster.
func (c *Client) Snapshot(ctx context.Context, cluster state.Cluster, id string) (state.Snapshot, error) {
	path := backupPath(cluster, "snapshots", id)
	if cluster.Type.IsSharded() {
		path = backupPath(cluster, "snapshots", "shardedCluster", id) // singular, unlike the list
	}
	var w wireSnapshot
	if err := c.do(ctx, call{method: http.MethodGet, path: path, out: &w}); err != nil {
		return state.Snapshot{}, fmt.Errorf("reading snapshot %s of cluster %s: %w", id, cluster.Name, err)
	}
	return w.snapshot(cluster.Type.IsSharded()), nil
}
