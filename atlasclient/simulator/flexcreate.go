package simulator

import (
	"fmt"
	"slices"

	"atlas-restore/state/pattern"
)

// createFlexJob answers POST …/flexClusters/{name}/backup/restoreJobs.
func createFlexJob(c *call) (any, error) {
	source, err := c.flexCluster()
	if err != nil {
		return nil, err
	}
	// The schema declares instanceName as read only; the official command line sends it.
	q, err := c.flexRequest("snapshotId", "targetDeploymentItemName", "targetProjectId", "instanceName")
	if err != nil {
		return nil, err
	}
	s, err := c.usableFlexSnapshot(source, q.snapshotID, "CANNOT_START_RESTORE_JOB_FOR_INCOMPLETE_CLUSTER_SNAPSHOT")
	if err != nil {
		return nil, err
	}
	if q.targetProject == "" {
		q.targetProject = source.project.ID
	}
	target, err := c.flexTarget(s, q)
	if err != nil {
		return nil, err
	}
	return c.newFlexJob(source, s, target), nil
}

// downloadFlex answers POST …/flexClusters/{name}/backup/download. Nothing says that
// a snapshot cannot be downloaded twice at a time here.
func downloadFlex(c *call) (any, error) {
	source, err := c.flexCluster()
	if err != nil {
		return nil, err
	}
	q, err := c.flexRequest("snapshotId")
	if err != nil {
		return nil, err
	}
	s, err := c.usableFlexSnapshot(source, q.snapshotID, "CANNOT_DOWNLOAD_INCOMPLETE_SNAPSHOT")
	if err != nil {
		return nil, err
	}
	return c.newFlexJob(source, s, nil), nil
}

func (c *call) newFlexJob(source *cluster, s *Snapshot, target *cluster) object {
	j := c.w.newFlexJob(source, s, target, c.now)
	j.caller = c.caller
	return c.flexJob(j)
}

// flexRequest is a body that has what its endpoint needs.
type flexRequest struct{ snapshotID, target, targetProject string }

// deploymentName is what the schema takes for the name of a target: more than can be
// the name of a cluster.
var deploymentName = pattern.New(`^[\p{L}\p{N}\-_.(),:&@+' ]{1,64}$`)

// flexRequest reads the body. Of the attributes that an endpoint knows it needs the
// snapshot and the target.
func (c *call) flexRequest(known ...string) (q flexRequest, err error) {
	a, err := c.attributes(known...)
	if err != nil {
		return q, err
	}
	for _, x := range []struct {
		name string
		into *string
	}{{"snapshotId", &q.snapshotID}, {"targetDeploymentItemName", &q.target}, {"targetProjectId", &q.targetProject}} {
		if *x.into, err = a.text(x.name); err != nil {
			return q, err
		}
	}
	missing := slices.DeleteFunc([]string{"snapshotId", "targetDeploymentItemName"}, func(name string) bool {
		return a.has(name) || !slices.Contains(known, name)
	})
	switch {
	case len(missing) > 0:
		return q, missingAttribute(missing...)
	case !objectID.MatchString(q.snapshotID):
		return q, invalidAttribute("snapshotId", "it is not an ID")
	case a.has("targetProjectId") && !objectID.MatchString(q.targetProject):
		return q, invalidAttribute("targetProjectId", "it is not an ID")
	case a.has("targetDeploymentItemName") && !deploymentName.MatchString(q.target):
		return q, invalidAttribute("targetDeploymentItemName", "it is not a name")
	}
	return q, nil
}

// usableFlexSnapshot is the snapshot with this ID, if it is complete. The codes for
// those that are not are the dedicated ones': this family has none of its own.
func (c *call) usableFlexSnapshot(source *cluster, id, incomplete string) (*Snapshot, error) {
	if !source.BackupEnabled {
		return nil, noBackupJob(source)
	}
	s, err := c.keptFlexSnapshot(source, id)
	if err == nil && !s.restorable(c.now) {
		return nil, refuse(409, incomplete, fmt.Sprintf("Snapshot %s is not complete.", s.ID), s.ID)
	}
	return s, err
}

// flexTarget is the cluster that the request names, if it can take this snapshot: a
// flex cluster or a replica set. The documentation says that no flex cluster can; it
// is recorded that one did.
func (c *call) flexTarget(s *Snapshot, q flexRequest) (*cluster, error) {
	p := c.w.projectByID(q.targetProject)
	if p == nil {
		return nil, noGroup(q.targetProject)
	}
	if !p.mayChange() {
		return nil, noTargetRole(p)
	}
	t := p.cluster(q.target)
	if t == nil {
		return nil, noCluster(q.target, p.ID)
	}
	switch {
	case t.tenant():
		return nil, tooSmall(t)
	case t.sharded():
		return nil, refuse(400, "TENANT_RESTORE_INCOMPATIBLE_TOPOLOGY", "A flex snapshot cannot be restored to sharded cluster "+t.Name+".", t.Name)
	case t.Encryption != "NONE":
		return nil, refuse(400, "TENANT_RESTORE_DESTINATION_ENCRYPTION",
			"A flex snapshot cannot be restored to cluster "+t.Name+", which has encryption at rest with a customer key.", t.Name)
	case t.Paused || t.state(c.now) != "IDLE": // a restore onto it makes it UPDATING
		return nil, refuse(400, "TENANT_RESTORE_DESTINATION_UNAVAILABLE", "Cluster "+t.Name+" is currently unavailable.", t.Name)
	case majorText(t.MongoDBVersion) != majorText(s.Version):
		return nil, refuse(400, "TENANT_RESTORE_VERSION_MISMATCH",
			fmt.Sprintf("The snapshot is of MongoDB %s, cluster %s runs %s.", s.Version, t.Name, t.MongoDBVersion), t.Name)
	}
	return t, nil
}
