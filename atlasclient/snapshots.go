package atlasclient

import (
	"cmp"
	"context"
	"fmt"
	"net/http"

	"atlas-restore/state"
)

// Snapshots lists the cluster's snapshots, newest first. Atlas documents no order, and
// an unfinished snapshot has no createdAt: see state.Snapshot.When.
func (c *Client) Snapshots(ctx context.Context, cluster state.Cluster) ([]state.Snapshot, error) {
	l := listing[wireSnapshot, state.Snapshot]{
		path: backupPath(cluster, "snapshots"), needs: state.RoleReadOnly,
		id: func(w wireSnapshot) string { return w.ID }, unread: unreadSnapshot,
		own: func(w wireSnapshot) state.Snapshot { return w.snapshot(cluster.Type.IsSharded()) }, order: snapshotOrder,
	}
	var snapshots []state.Snapshot
	var err error
	switch {
	case cluster.Family == state.Flex:
		snapshots, err = c.flexSnapshots(ctx, cluster)
	case cluster.Type.IsSharded():
		snapshots, err = c.shardedSnapshots(ctx, cluster, l)
	default:
		snapshots, err = list(ctx, c, l)
	}
	if err != nil {
		return nil, fmt.Errorf("listing the snapshots of cluster %s: %w", cluster.Name, err)
	}
	return snapshots, nil
}

// unreadSnapshot stands for one that cannot be read: it is listed, and cannot be chosen.
func unreadSnapshot(of named, _ error) wireSnapshot {
	return wireSnapshot{ID: of.ID, Status: notReadable}
}

// notReadable is the status of a snapshot that cannot be read: none of Atlas's.
const notReadable = "not readable"

// snapshotOrder is the newest first.
func snapshotOrder(a, b state.Snapshot) int {
	return cmp.Or(b.When().Compare(a.When()), cmp.Compare(b.ID, a.ID))
}

// shardedSnapshots lists those of a sharded cluster. The list has no pages: Atlas
// declares no parameter for them.
func (c *Client) shardedSnapshots(ctx context.Context, cluster state.Cluster, l listing[wireSnapshot, state.Snapshot]) ([]state.Snapshot, error) {
	p, err := one[wireSnapshot](ctx, c, call{method: http.MethodGet, path: backupPath(cluster, "snapshots", "shardedClusters"), needs: state.RoleReadOnly})
	if err != nil {
		return nil, err
	}
	m := merge[wireSnapshot, state.Snapshot]{id: l.id, own: l.own, unread: l.unread, seen: map[string]bool{}}
	_, err = m.add(p)
	return l.sorted(m.all()), err
}

// Snapshot reads one snapshot of the cluster.
func (c *Client) Snapshot(ctx context.Context, cluster state.Cluster, id string) (state.Snapshot, error) {
	if cluster.Family == state.Flex {
		s, err := c.flexSnapshot(ctx, cluster, id)
		return s, about(fmt.Sprintf("reading snapshot %s of cluster %s", id, cluster.Name), err)
	}
	path := backupPath(cluster, "snapshots", id)
	if cluster.Type.IsSharded() {
		path = backupPath(cluster, "snapshots", "shardedCluster", id) // singular, unlike the list
	}
	var w wireSnapshot
	if err := c.do(ctx, call{method: http.MethodGet, path: path, out: &w, needs: state.RoleReadOnly}); err != nil {
		return state.Snapshot{}, fmt.Errorf("reading snapshot %s of cluster %s: %w", id, cluster.Name, err)
	}
	return w.snapshot(cluster.Type.IsSharded()), nil
}

// TakeSnapshot takes an on-demand snapshot of a dedicated cluster. It is sent once. Atlas
// takes one at a time, else it answers 400 UNFINISHED_ON_DEMAND_SNAPSHOT.
func (c *Client) TakeSnapshot(ctx context.Context, cluster state.Cluster, description string, days int) (state.Snapshot, error) {
	body := struct {
		Description     string `json:"description"`
		RetentionInDays int    `json:"retentionInDays"`
	}{description, days}
	var w wireSnapshot
	err := c.do(ctx, call{method: http.MethodPost, path: backupPath(cluster, "snapshots"), body: body, out: &w, needs: state.RoleBackupCreator})
	if err == nil {
		if err = state.CheckID(w.ID); err != nil {
			err = fmt.Errorf("the answer holds no snapshot: %w", err)
		}
	}
	if err != nil {
		return state.Snapshot{}, fmt.Errorf("taking a snapshot of cluster %s: %w", cluster.Name, err)
	}
	return w.snapshot(cluster.Type.IsSharded()), nil
}
