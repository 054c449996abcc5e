package atlasclient

import (
	"context"

	"atlas-restore/state"
	"atlas-restore/state/text"
)

// wireName is a database or a collection of a snapshot: Atlas tells no more than its name. What is chosen
// is asked for by it: no two may look alike.
type wireName struct {
	Name string `json:"name"`
}

// SnapshotDatabases lists the names of the databases in a snapshot (Admin API, "Return All
// Databases in One Snapshot").
func (c *Client) SnapshotDatabases(ctx context.Context, cluster state.Cluster, snapshotID string) ([]string, error) {
	all, err := c.contents(ctx, backupPath(cluster, "snapshots", snapshotID, "databases"))
	return all, about("listing the databases of snapshot "+snapshotID, err)
}

// SnapshotCollections lists the names of the collections of a database in a snapshot (Admin API,
// "Return All Collections in One Database in One Snapshot").
func (c *Client) SnapshotCollections(ctx context.Context, cluster state.Cluster, snapshotID, database string) ([]string, error) {
	all, err := c.contents(ctx, backupPath(cluster, "snapshots", snapshotID, "databases", database, "collections"))
	return all, about("listing the collections of "+database+" in snapshot "+snapshotID, err)
}

func (c *Client) contents(ctx context.Context, path []string) ([]string, error) {
	return list(ctx, c, listing[wireName, string]{
		path: path, needs: state.RoleBackupManager, reads: "the names in a snapshot",
		id: func(w wireName) string { return w.Name }, own: func(w wireName) string { return text.Marked(w.Name) },
	})
}
