package simulator

import (
	"fmt"
	"slices"
	"time"
)

// createJob answers POST …/backup/restoreJobs: it checks as Atlas does, and starts
// the job only when all is well.
func createJob(c *call) (any, error) {
	source, err := c.backedUp()
	if err != nil {
		return nil, err
	}
	q, err := c.restoreRequest()
	if err != nil {
		return nil, err
	}
	if !source.BackupEnabled {
		return nil, noBackupJob(source)
	}
	var s *Snapshot
	if q.delivery == pointInTime {
		if s, err = c.baseOf(source, q.instant()); err != nil {
			return nil, err
		}
	} else if s, err = c.usableSnapshot(source, q); err != nil {
		return nil, err
	}
	var target *cluster
	if q.delivery == download {
		if err := c.downloadable(source, s); err != nil {
			return nil, err
		}
	} else if target, err = c.target(source, s, q); err != nil {
		return nil, err
	}
	var j *job
	for range max(1, c.fault.Acts) {
		j = c.w.newJob(source, s, target, q.delivery, c.now.Add(c.fault.Late))
		j.caller = c.caller
		j.seconds, j.oplogTs, j.oplogInc = q.seconds, q.oplogTs, q.oplogInc
	}
	return c.job(j), nil
}

// restoreRequest is a body that has what its delivery type needs, and nothing else.
type restoreRequest struct {
	delivery, snapshotID, targetGroup, targetCluster string
	seconds, oplogTs, oplogInc                       int64
}

func (q restoreRequest) instant() time.Time { return time.Unix(max(q.seconds, q.oplogTs), 0) }

// earliestInstant is the least that Atlas takes for a point in time: 2008-01-01.
const earliestInstant = 1199145600

func (c *call) restoreRequest() (q restoreRequest, err error) {
	a, err := c.attributes("deliveryType", "snapshotId", "targetClusterName", "targetGroupId", "pointInTimeUTCSeconds", "oplogTs", "oplogInc")
	if err != nil {
		return q, err
	}
	for _, x := range []struct {
		name string
		into *string
	}{{"deliveryType", &q.delivery}, {"snapshotId", &q.snapshotID}, {"targetGroupId", &q.targetGroup}, {"targetClusterName", &q.targetCluster}} {
		if *x.into, err = a.text(x.name); err != nil {
			return q, err
		}
	}
	for _, x := range []struct {
		name string
		into *int64
	}{{"pointInTimeUTCSeconds", &q.seconds}, {"oplogTs", &q.oplogTs}, {"oplogInc", &q.oplogInc}} {
		if *x.into, err = a.number(x.name); err != nil {
			return q, err
		}
	}
	if err := a.fit(q.delivery); err != nil {
		return q, err
	}
	return q, q.check(a)
}

// fit refuses attributes that a delivery type lacks or does not take.
func (a attributes) fit(delivery string) error {
	instants := []string{"pointInTimeUTCSeconds", "oplogTs", "oplogInc"}
	targets := []string{"targetGroupId", "targetClusterName"}
	var needs, refuses []string
	switch delivery {
	case automated:
		needs, refuses = append([]string{"snapshotId"}, targets...), instants
	case download:
		needs, refuses = []string{"snapshotId"}, append(targets, instants...)
	case pointInTime:
		needs, refuses = targets, []string{"snapshotId"}
	case "":
		return missingAttribute("deliveryType")
	default:
		return refuse(400, "INVALID_ENUM_VALUE", fmt.Sprintf("An invalid enumeration value %s was specified.", delivery), delivery)
	}
	// That attributes of another delivery type are refused is documented nowhere
	// ("omit"); here they are, because a client that sends them is confused.
	for _, name := range refuses {
		if a.has(name) {
			return invalidAttribute(name, "it does not go with the delivery type "+delivery)
		}
	}
	if missing := slices.DeleteFunc(needs, a.has); len(missing) > 0 {
		return missingAttribute(missing...)
	}
	if delivery != pointInTime {
		return nil
	}
	switch seconds, ts, inc := a.has(instants[0]), a.has(instants[1]), a.has(instants[2]); {
	case seconds && (ts || inc):
		return invalidAttribute("pointInTimeUTCSeconds", "it excludes oplogTs and oplogInc")
	case !seconds && !ts && !inc:
		return missingOneOf("pointInTimeUTCSeconds", "oplogTs")
	case ts && !inc:
		return missingAttribute("oplogInc")
	case inc && !ts:
		return missingAttribute("oplogTs")
	}
	return nil
}

// check looks at the values, in the attributes that are there.
func (q restoreRequest) check(a attributes) error {
	switch {
	case a.has("snapshotId") && !objectID.MatchString(q.snapshotID):
		return invalidAttribute("snapshotId", "it is not an ID")
	case a.has("targetGroupId") && !objectID.MatchString(q.targetGroup):
		return invalidAttribute("targetGroupId", "it is not an ID")
	case a.has("targetClusterName") && !clusterName.MatchString(q.targetCluster):
		return invalidAttribute("targetClusterName", "it is not a cluster name")
	case q.delivery == pointInTime && max(q.seconds, q.oplogTs) < earliestInstant:
		return badInstant("The instant lies before 2008.")
	}
	return nil
}

func noBackupJob(x *cluster) *refusal {
	return refuse(400, "BACKUP_JOB_NOT_FOUND", "Cloud Backups are not enabled for cluster "+x.Name+".", x.Name)
}

func badInstant(detail string) *refusal { return refuse(400, "INVALID_PIT_RESTORE_TIME", detail) }

// usableSnapshot is the snapshot that the request names, if it can be restored.
func (c *call) usableSnapshot(source *cluster, q restoreRequest) (*Snapshot, error) {
	s := source.find(q.snapshotID)
	if s == nil {
		return nil, c.notASnapshot(source, q.snapshotID)
	}
	suffix := "SNAPSHOT"
	if source.sharded() {
		suffix = "CLUSTER_SNAPSHOT"
	}
	switch {
	case !s.listed(c.now): // an expired one is deleted, sooner or later
		return nil, refuse(409, "CANNOT_START_RESTORE_JOB_FOR_DELETED_"+suffix, fmt.Sprintf("Snapshot %s has been deleted.", s.ID), s.ID)
	case s.restorable(c.now):
		return s, nil
	case q.delivery == download:
		return nil, refuse(409, "CANNOT_DOWNLOAD_INCOMPLETE_SNAPSHOT", fmt.Sprintf("Snapshot %s is not complete.", s.ID), s.ID)
	}
	// The catalogue has this code for sharded snapshots only; it is the nearest for
	// those of replica sets.
	return nil, refuse(409, "CANNOT_START_RESTORE_JOB_FOR_INCOMPLETE_CLUSTER_SNAPSHOT", fmt.Sprintf("Snapshot %s is not complete.", s.ID), s.ID)
}

// notASnapshot tells the part of a sharded snapshot from an ID that is unknown.
func (c *call) notASnapshot(source *cluster, id string) *refusal {
	if s := source.whole(id); s != nil {
		return refuse(400, "AUTOMATED_RESTORE_OF_SHARD_NOT_ALLOWED", fmt.Sprintf("Snapshot %s is one shard's part of snapshot %s.", id, s.ID), id)
	}
	return noSnapshot(id, source.Name)
}

// downloadable refuses a second download of a snapshot while one is prepared.
func (c *call) downloadable(source *cluster, s *Snapshot) error {
	for _, j := range source.made(c.now) {
		if j.delivery == download && j.snapshot == s && !j.ended(c.now) {
			return refuse(400, "CANNOT_DOWNLOAD_SNAPSHOT_CONCURRENTLY", fmt.Sprintf("Snapshot %s is already being prepared for download.", s.ID), s.ID)
		}
	}
	return nil
}

// baseOf is the snapshot from which an instant is restored, if it can be.
func (c *call) baseOf(source *cluster, instant time.Time) (*Snapshot, error) {
	if !source.PITEnabled {
		// No code is documented for a cluster without Continuous Cloud Backup.
		return nil, refuse(409, "UNSUPPORTED_FEATURE", "Continuous Cloud Backup is not enabled for cluster "+source.Name+".", source.Name)
	}
	if instant.After(c.now) {
		return nil, badInstant("The instant lies in the future.")
	}
	base := source.newest(c.now, instant)
	if base == nil {
		return nil, refuse(404, "UNABLE_T0_FIND_SNAPSHOT_PRIOR_TO_PIT_RESTORE_OPTIME", "No snapshot was taken before that instant.")
	}
	if window := daysOf(int64(source.RestoreWindowDays)); instant.Before(c.now.Add(-window)) {
		return nil, badInstant(fmt.Sprintf("The instant lies before the restore window of %d days.", source.RestoreWindowDays))
	}
	if source.behind(instant, c.now) {
		return nil, refuse(409, "NO_CHECKPOINT_FOR_PIT_RESTORE", "The oplog of that instant is not there yet: its backup is behind.")
	}
	if source.inHole(instant, c.now) {
		// Also undocumented: there is no oplog from which to go on to that instant.
		return nil, refuse(409, "NO_CHECKPOINT_FOR_PIT_RESTORE", "The oplog has a gap at that instant: a restore onto the cluster ran.")
	}
	return base, nil
}

// inHole says whether an instant lies between the start of a restore onto the
// cluster and the first snapshot after it: there is no oplog for that time.
func (c *cluster) inHole(instant, now time.Time) bool {
	return slices.ContainsFunc(c.restored, func(j *job) bool {
		if instant.Before(j.created) || j.created.After(now) {
			return false
		}
		return !slices.ContainsFunc(c.snapshots, func(s *Snapshot) bool {
			return s.Status(now) == "completed" && s.Taken.After(j.done) && !s.Taken.After(instant)
		})
	})
}

func daysOf(n int64) time.Duration { return time.Duration(n) * day }
