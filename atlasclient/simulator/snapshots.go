package simulator

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"
)

// listSnapshots lists the snapshots of a cluster, newest first, or finds the one from
// which an instant would be restored. It is meant for replica sets, and answers for sharded
// clusters too, as its neighbours below do.
func listSnapshots(c *call) (any, error) {
	x, err := c.backedUp()
	if err != nil {
		return nil, err
	}
	instant, asked, refused := c.instant()
	if refused != nil {
		return nil, refused
	}
	var listed []*Snapshot
	if asked {
		if s := x.newest(c.now, instant); s != nil {
			listed = append(listed, s)
		}
	} else {
		listed = x.listed(c.now)
	}
	return c.list(len(listed), func(i int) object { return c.replicaSetShape(x, listed[i]) })
}

// listShardedSnapshots lists all snapshots of a sharded cluster at once: this list
// alone has no pages.
func listShardedSnapshots(c *call) (any, error) {
	x, err := c.shardedCluster()
	if err != nil {
		return nil, err
	}
	results := []object{}
	for _, s := range x.listed(c.now) {
		results = append(results, c.snapshot(x, s))
	}
	return object{"links": []object{link(c.self(), "self")}, "results": results, "totalCount": len(results)}, nil
}

// listed are the snapshots that Atlas shows, newest first.
func (c *cluster) listed(now time.Time) []*Snapshot {
	out := make([]*Snapshot, 0, len(c.snapshots))
	for _, s := range slices.Backward(c.snapshots) {
		if s.listed(now) {
			out = append(out, s)
		}
	}
	return out
}

func getSnapshot(c *call) (any, error) {
	x, s, err := c.pathSnapshot()
	if err != nil {
		return nil, err
	}
	return c.replicaSetShape(x, s), nil
}

func getShardedSnapshot(c *call) (any, error) {
	x, s, err := c.pathSnapshot()
	if err != nil {
		return nil, err
	}
	return c.shardedShape(x, s), nil
}

// replicaSetShape and shardedShape are a snapshot in the shape that an endpoint has,
// whatever the cluster is: what the shape of the other kind has of its own is left out.
func (c *call) replicaSetShape(x *cluster, s *Snapshot) object {
	return without(c.snapshot(x, s), "members", "snapshotIds", "configServerType")
}

func (c *call) shardedShape(x *cluster, s *Snapshot) object {
	return without(c.snapshot(x, s), "replicaSetName", "copyRegions", "cloudProvider")
}

func without(o object, names ...string) object {
	for _, name := range names {
		delete(o, name)
	}
	return o
}

// deleteSnapshot deletes a snapshot, of either kind.
func deleteSnapshot(c *call) (any, error) { return nil, c.drop() }

func (c *call) drop() error {
	x, err := c.backedUp()
	if err != nil {
		return err
	}
	if id := c.r.PathValue("snapshotId"); x.whole(id) != nil {
		return refuse(403, "CANNOT_DELETE_FROM_CLUSTER_SNAPSHOT", fmt.Sprintf("Snapshot %s is one shard's part of snapshot %s.", id, x.whole(id).ID), id)
	}
	_, s, err := c.pathSnapshot()
	if err != nil {
		return err
	}
	if x.project.Compliance {
		return refuse(400, "CANNOT_DELETE_SNAPSHOT_WITH_BACKUP_COMPLIANCE_POLICY",
			fmt.Sprintf("Snapshot %s cannot be deleted: project %s has a backup compliance policy.", s.ID, x.project.Name), s.ID)
	}
	if status := s.Status(c.now); status == "queued" || status == "inProgress" {
		return refuse(400, "CANNOT_DELETE_IN_PROGRESS_SNAPSHOT", fmt.Sprintf("Snapshot %s is %s and cannot be deleted.", s.ID, status), s.ID)
	}
	s.Deleted = true
	return nil
}

// pathSnapshot is the snapshot that the path names.
func (c *call) pathSnapshot() (*cluster, *Snapshot, error) {
	x, err := c.backedUp()
	if err != nil {
		return nil, nil, err
	}
	id := c.r.PathValue("snapshotId")
	if !objectID.MatchString(id) {
		return nil, nil, badID("INVALID_SNAPSHOT_ID", "snapshot", id)
	}
	if s := x.find(id); s != nil && s.listed(c.now) {
		return x, s, nil
	}
	return nil, nil, noSnapshot(id, x.Name)
}

// shardedCluster is the cluster that the path names, if it is sharded: the list of sharded
// snapshots alone is not for others.
func (c *call) shardedCluster() (*cluster, error) {
	x, err := c.backedUp()
	if err == nil && !x.sharded() {
		return nil, refuse(400, "INCORRECT_BACKUP_API_ENDPOINT",
			fmt.Sprintf("Cluster %s is a replica set: use the snapshot endpoints for those.", x.Name), x.Name)
	}
	return x, err
}

// instant reads the filter of the list: seconds, or both halves of an oplog time.
func (c *call) instant() (at time.Time, asked bool, err *refusal) {
	const seconds, ts, inc = "pointInTimeUtcSeconds", "oplogTs", "oplogInc"
	q := c.r.URL.Query()
	switch {
	case !q.Has(seconds) && !q.Has(ts) && !q.Has(inc):
		return time.Time{}, false, nil
	case q.Has(seconds) && (q.Has(ts) || q.Has(inc)):
		return time.Time{}, false, refuse(400, "MUTUALLY_EXCLUSIVE_QUERY_PARAMETERS",
			fmt.Sprintf("The query parameters %s and %s exclude each other.", seconds, ts), seconds, ts)
	case q.Has(ts) != q.Has(inc): // no code for a missing partner is documented
		return time.Time{}, false, invalidQuery(ts, q.Get(ts))
	}
	name := seconds
	if q.Has(ts) {
		name = ts
		if n, e := strconv.ParseInt(q.Get(inc), 10, 64); e != nil || n < 1 {
			return time.Time{}, false, invalidQuery(inc, q.Get(inc))
		}
	}
	n, e := strconv.ParseInt(q.Get(name), 10, 64)
	if e != nil || n < 0 || n > math.MaxUint32 {
		return time.Time{}, false, invalidQuery(name, q.Get(name))
	}
	return time.Unix(n, 0), true, nil
}

// snapshot is a snapshot as Atlas shows it now: an unfinished one lacks what is not
// known yet.
func (c *call) snapshot(x *cluster, s *Snapshot) object {
	status := s.Status(c.now)
	url := c.clusterURL(x)
	self := url + "/backup/snapshots/" + s.ID
	if x.sharded() {
		self = url + "/backup/snapshots/shardedCluster/" + s.ID
	}
	out := object{
		"expiresAt":        stamp(s.ExpiresAt),
		"frequencyType":    s.Frequency,
		"id":               s.ID,
		"links":            []object{link(self, "self"), link(url, cloudRel("cluster"))},
		"policyItems":      c.policyItems(x, s),
		"snapshotType":     s.Kind,
		"status":           status,
		"storageSizeBytes": 0,
		"type":             "replicaSet",
	}
	if s.Kind == "onDemand" {
		out["description"] = s.Description
	}
	if status == "completed" {
		out["createdAt"] = stamp(s.Taken)
		out["storageSizeBytes"] = s.Bytes
	} else {
		// Until it is completed its retention counts from the request.
		out["expiresAt"] = stamp(s.ExpiresAt.Add(s.Asked.Sub(s.Done)))
	}
	if !s.Failed && !c.now.Before(s.Begun.Add(20*time.Second)) {
		out["mongodVersion"] = s.Version
	}
	if s.MasterKey != "" {
		out["masterKeyUUID"] = s.MasterKey
	}
	if x.sharded() {
		c.shardedMembers(s, out)
		return out
	}
	out["replicaSetName"] = x.Name // so it is recorded; not the set's own name
	out["copyRegions"] = append([]string{}, x.CopyRegions...)
	if !s.Failed && !c.now.Before(s.Taken) {
		out["cloudProvider"] = s.Provider
	}
	return out
}

func (c *call) shardedMembers(s *Snapshot, out object) {
	members, ids := []object{}, []string{}
	for _, m := range s.Members {
		members = append(members, object{"cloudProvider": s.Provider, "id": m.ID, "replicaSetName": m.ReplicaSet})
		ids = append(ids, m.ID)
	}
	out["type"] = "shardedCluster"
	out["members"], out["snapshotIds"] = members, ids
	out["configServerType"] = s.ConfigType
}
