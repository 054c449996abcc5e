package simulator

import (
	"fmt"
	"slices"
	"time"
)

// The delivery types of a restore job of a dedicated cluster.
const (
	automated   = "automated"
	download    = "download"
	pointInTime = "pointInTime"
)

// linkLife is how long a download can be fetched once it is ready.
const linkLife = time.Hour

// job is a restore job, of either family. What it is like at a time follows from its
// times.
type job struct {
	id, delivery string
	source       *cluster
	snapshot     *Snapshot
	target       *cluster // nil: a download
	created      time.Time
	done         time.Time // completed, failed, or ready
	failed       bool      // at the end of it
	cancelled    time.Time // zero: never
	expires      time.Time // of a download's links
	leavesOut    *InjectNextRestore
	colleague    bool   // somebody else made it
	caller       caller // who asked for it; nobody: somebody of before, or a colleague

	seconds, oplogTs, oplogInc int64 // the instant, of a point in time

	archives []*archive // what a download delivers
}

// archive is the delivery of one replica set.
type archive struct {
	replicaSet string
	snapshot   string // ID of the snapshot, or of its member
	token      string
	flex       bool      // another name, and a link that is not spent
	taken      bool      // it is on its way
	fetched    time.Time // when a client had read it to its last byte; zero: none has
	spent      bool      // its link is used up: all that was sent of it was read, be it the file or not
	struck     FileFault // what is wrong with its link for good
	lost       time.Time // when its link was no good any more though nobody had the file; zero: never
	hidden     time.Time // its link is missing until then
}

// newJob starts a job at a time. It takes about four minutes, as a small one of
// Atlas does.
func (w *world) newJob(source *cluster, s *Snapshot, target *cluster, delivery string, at time.Time) *job {
	w.jobs++
	j := &job{
		id:       w.dice.id(at, "job", w.jobs),
		delivery: delivery, source: source, snapshot: s, target: target,
		created: at,
	}
	w.begin(j)
	j.done = at.Add(3*time.Minute + 45*time.Second + time.Duration(w.dice.below(35, "length", j.id))*time.Second)
	if target != nil {
		return j
	}
	j.expires = j.done.Add(linkLife)
	if !source.sharded() {
		j.archives = []*archive{{snapshot: s.ID, token: w.dice.text(alphabet, 24, "token", j.id)}}
	}
	for _, m := range s.Members {
		j.archives = append(j.archives, &archive{replicaSet: m.ReplicaSet, snapshot: m.ID, token: w.dice.text(alphabet, 24, "token", j.id, m.ID)})
	}
	return j
}

// begin gives a new job its fate, and enters it at both ends.
func (w *world) begin(j *job) {
	j.failed = w.failNext > 0
	w.failNext = max(0, w.failNext-1)
	j.source.jobs = append(j.source.jobs, j)
	if j.target != nil {
		j.target.restored = append(j.target.restored, j)
		j.leavesOut = w.takeRestoreFate()
	}
}

// downloads says whether the job delivers its snapshot to the caller.
func (j *job) downloads() bool { return j.target == nil }

func (j *job) isCancelled(now time.Time) bool {
	return !j.cancelled.IsZero() && !now.Before(j.cancelled)
}

// ended says whether preparing or restoring is over.
func (j *job) ended(now time.Time) bool { return !now.Before(j.done) || j.isCancelled(now) }

// ready says whether a download can be fetched.
func (j *job) ready(now time.Time) bool {
	return j.downloads() && j.ended(now) && !j.failed && !j.isCancelled(now) && now.Before(j.expires)
}

func (j *job) expired(now time.Time) bool {
	return j.downloads() && !j.failed && !j.isCancelled(now) && !now.Before(j.expires)
}

func listJobs(c *call) (any, error) {
	x, err := c.backedUp()
	if err != nil {
		return nil, err
	}
	jobs := x.made(c.now)
	n := len(jobs)
	return c.list(n, func(i int) object { return c.job(jobs[n-1-i]) })
}

// made are the cluster's jobs but for those that a fault makes later.
func (c *cluster) made(now time.Time) []*job {
	return slices.DeleteFunc(slices.Clone(c.jobs), func(j *job) bool { return j.created.After(now) })
}

func getJob(c *call) (any, error) {
	j, err := c.pathJob()
	if err != nil {
		return nil, err
	}
	return c.job(j), nil
}

// cancelJob cancels a download. Cancelling one that is over changes nothing.
func cancelJob(c *call) (any, error) {
	j, err := c.pathJob()
	if err != nil {
		return nil, err
	}
	if j.delivery != download {
		return nil, refuse(400, "CANNOT_CANCEL_AUTOMATED_RESTORE", fmt.Sprintf("Restore job %s is automated and cannot be cancelled.", j.id), j.id)
	}
	if !j.ended(c.now) || j.ready(c.now) {
		j.cancelled = c.now
	}
	return nil, nil
}

// pathJob is the job that the path names. Jobs belong to the source cluster.
func (c *call) pathJob() (*job, error) {
	x, err := c.backedUp()
	if err != nil {
		return nil, err
	}
	id := c.r.PathValue("restoreJobId")
	if !objectID.MatchString(id) {
		return nil, badID("INVALID_JOB_ID", "restore job", id)
	}
	jobs := x.made(c.now)
	i := slices.IndexFunc(jobs, func(j *job) bool { return j.id == id })
	if i < 0 {
		return nil, noJob(id, x.Name)
	}
	return jobs[i], nil
}

// job is a job as Atlas shows it now. There is no status in it: clients derive one.
func (c *call) job(j *job) object {
	url := c.clusterURL(j.source)
	snapshots := url + "/backup/snapshots/"
	if j.source.sharded() {
		snapshots += "shardedCluster/"
	}
	out := object{
		"cancelled":        j.isCancelled(c.now),
		"deliveryType":     j.delivery,
		"deliveryUrl":      []string{},
		"desiredTimestamp": object{"date": nil, "increment": nil, "time": nil},
		"expired":          j.expired(c.now),
		"failed":           j.failed && j.ended(c.now) && !j.isCancelled(c.now),
		"id":               j.id,
		"links": []object{
			link(url+"/backup/restoreJobs/"+j.id, "self"),
			link(snapshots+j.snapshot.ID, cloudRel("snapshot")),
			link(url, cloudRel("cluster")),
			link(c.groupURL(j.source.project), cloudRel("group")),
		},
		"snapshotId": j.snapshot.ID,
		"timestamp":  stamp(j.snapshot.Taken),
	}
	if j.target != nil {
		out["targetClusterName"] = j.target.Name
		out["targetDeploymentItemName"] = j.target.Deployment
		out["targetGroupId"] = j.target.project.ID
		if j.ended(c.now) {
			out["finishedAt"] = stamp(j.done)
		}
	}
	if j.delivery == pointInTime {
		j.instant(out)
	}
	if j.delivery == download && j.ended(c.now) && !j.failed && !j.isCancelled(c.now) {
		out["expiresAt"] = stamp(j.expires) // and no finishedAt
	}
	if j.ready(c.now) {
		c.deliveries(j, out)
	}
	return out
}

// instant adds the instant of a point in time. No such job is recorded; the members
// are the schema's.
func (j *job) instant(out object) {
	at, increment := j.seconds, any(nil)
	if j.oplogTs > 0 {
		at, increment = j.oplogTs, j.oplogInc
		out["oplogTs"], out["oplogInc"] = j.oplogTs, j.oplogInc
	} else {
		out["pointInTimeUTCSeconds"] = j.seconds
	}
	out["desiredTimestamp"] = object{"date": stamp(time.Unix(at, 0)), "increment": increment, "time": at}
}

// deliveries adds the links of a ready download: one for each replica set. Which is
// which only the components say, and only sharded clusters have them.
func (c *call) deliveries(j *job, out object) {
	urls, components := []string{}, []object{}
	for _, a := range j.archives {
		if c.now.Before(a.hidden) {
			components = append(components, object{"replicaSetName": a.replicaSet})
			continue
		}
		public := c.base + a.path(j, "")
		urls = append(urls, public)
		private := []object{}
		if p := j.source.project; p.Endpoint != "" && p.EndpointRegion == j.source.Region && j.source.Provider == "AWS" {
			private = append(private, object{"deliveryUrl": c.base + a.path(j, p.Endpoint), "endpointId": p.Endpoint})
		}
		if !j.source.sharded() {
			if len(private) > 0 {
				out["privateDownloadDeliveryUrls"] = private
			}
			continue
		}
		component := object{"replicaSetName": a.replicaSet, "downloadUrl": public}
		if len(private) > 0 {
			component["privateDownloadDeliveryUrls"] = private
		}
		components = append(components, component)
	}
	out["deliveryUrl"] = urls
	if j.source.sharded() {
		out["components"] = components
	}
}
