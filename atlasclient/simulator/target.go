package simulator

import (
	"fmt"
	"slices"
)

// target is the cluster that the request names, if it can take this snapshot.
func (c *call) target(source *cluster, s *Snapshot, q restoreRequest) (*cluster, error) {
	p := c.w.projectByID(q.targetGroup)
	if p == nil {
		return nil, noGroup(q.targetGroup)
	}
	if !p.mayChange() {
		return nil, noTargetRole(p)
	}
	t := p.cluster(q.targetCluster)
	if t == nil {
		return nil, noCluster(q.targetCluster, p.ID)
	}
	switch {
	case t.flex(): // only flex snapshots go there, by the other API
		return nil, notInClusterAPI(t)
	case t.tenant():
		return nil, tooSmall(t)
	case t.Paused:
		return nil, refuse(400, "CLUSTER_PAUSED_CANNOT_RESTORE", "Cluster "+t.Name+" is paused.", t.Name)
	case t.LiveImport:
		return nil, refuse(400, "CANNOT_PERFORM_RESTORE_ON_CLUSTER_WITH_RUNNING_LIVE_IMPORT", "A live import into cluster "+t.Name+" is running.", t.Name)
	case t.restoring(c.now), t.collecting(c.now):
		return nil, restoreInProgress(t)
	case t.State != "IDLE": // no code of its own is documented
		return nil, refuse(409, "RESTORE_INITIATION_FAILED", fmt.Sprintf("Cluster %s is %s.", t.Name, t.State), t.Name)
	}
	if err := fits(source, s, t); err != nil {
		return nil, err
	}
	if s.MasterKey == "" != (t.Encryption == "NONE") || source.Encryption != t.Encryption {
		return nil, refuse(400, "INVALID_SNAPSHOT_RESTORE_ENCRYPTION",
			fmt.Sprintf("The encryption at rest of the snapshot (%s) is not that of cluster %s (%s).", source.Encryption, t.Name, t.Encryption), t.Name)
	}
	return t, nil
}

func noTargetRole(p *project) *refusal {
	return refuse(403, "CANNOT_RESTORE_TO_TARGET", "The caller lacks the role to restore to a cluster of project "+p.Name+".", p.Name)
}

func tooSmall(t *cluster) *refusal {
	return refuse(400, "INSUFFICIENT_INSTANCE_SIZE", "A cluster of size "+t.InstanceSize+" cannot take a restore.", t.InstanceSize)
}

func restoreInProgress(t *cluster) *refusal {
	return refuse(409, "ATLAS_CLUSTER_RESTORE_IN_PROGRESS", "A restore of cluster "+t.Name+" is in progress.", t.Name)
}

// fits refuses a target of another topology or an older version. Atlas documents
// the rules but no codes (those that name them are of tenant clusters), so all
// these carry the one that says no more than that this restore cannot be.
func fits(source *cluster, s *Snapshot, t *cluster) error {
	reason := ""
	switch {
	case source.sharded() && !t.sharded():
		reason = "a sharded cluster cannot be restored to a replica set"
	case !source.sharded() && t.sharded():
		reason = "a replica set cannot be restored to a sharded cluster"
	case source.sharded() && shardsOf(s) != t.Shards:
		reason = fmt.Sprintf("the snapshot has %d shards and the cluster %d", shardsOf(s), t.Shards)
	case source.sharded() && s.ConfigType != t.ConfigServerType:
		reason = fmt.Sprintf("the snapshot's config servers are %s, the cluster's %s", s.ConfigType, t.ConfigServerType)
	case !takesVersion(source, s, t):
		reason = fmt.Sprintf("the snapshot is of MongoDB %s, the cluster runs %s", s.Version, t.MongoDBVersion)
	default:
		return nil
	}
	return refuse(409, "INVALID_RESTORE_PROCESS", fmt.Sprintf("Cannot restore to cluster %s: %s.", t.Name, reason), t.Name)
}

// takesVersion is the rule for versions: the same major with no lower minor, or the next
// major; where the feature compatibility version of the data is pinned, its major alone.
func takesVersion(source *cluster, s *Snapshot, t *cluster) bool {
	data, runs := major(s.Version), major(t.MongoDBVersion)
	if pin := major(source.PinnedFCV); source.PinnedFCV != "" && slices.Compare(pin, data) <= 0 {
		return runs[0] == pin[0] && (pin[0] < data[0] || !older(t.MongoDBVersion, s.Version))
	}
	return !older(t.MongoDBVersion, s.Version) && runs[0] <= data[0]+1
}

// shardsOf counts the shards of a sharded snapshot: its members but dedicated
// config servers.
func shardsOf(s *Snapshot) int {
	if s.ConfigType == "DEDICATED" {
		return len(s.Members) - 1
	}
	return len(s.Members)
}
