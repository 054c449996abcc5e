package simulator

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// The states of a collection restore job, and those that its collections have beside them.
const (
	initializing     = "INITIALIZING"
	inProgress       = "IN_PROGRESS"
	finalizing       = "FINALIZING"
	successful       = "SUCCESSFUL"
	canceled         = "CANCELED"
	failed           = "FAILED"
	notStarted       = "NOT_STARTED"
	notFound         = "NOT_FOUND"
	unsupported      = "UNSUPPORTED"
	rolledBack       = "ROLLBACK"
	notRestored      = "NOT_RESTORED"
	indexBuildFailed = "INDEX_BUILD_FAILED"
)

// collectionJob is a restore of single databases and collections into a cluster that lives on.
// What it is like at a time follows from its times, and from how it is going to end.
type collectionJob struct {
	id             string
	source, target *cluster
	asked          collectionRequest
	parts          []collectionPart
	created        time.Time
	begun          time.Time // its collections are known
	copied         time.Time // all documents are there: indexes are built
	done           time.Time // before copied: it broke off
	end, why       string
	misjudged      float64 // by which share of the documents their number is first estimated wrong
	caller         caller  // who asked for it; nobody: a colleague
}

// collectionPart is one collection of a job.
type collectionPart struct {
	source, target  namespace
	effective       namespace // where it comes to be; zero: nowhere
	replaces        bool      // what has that name
	end             string
	kind            kind
	documents, size float64
}

// comes says whether documents of it are on their way.
func (p collectionPart) comes() bool { return p.end != notFound && p.end != unsupported }

// newCollectionJob starts a job at a time. It takes 26 to 28 minutes, whatever is in it: it is not
// faster than a restore of the whole cluster.
func (w *world) newCollectionJob(source, target *cluster, q collectionRequest, at time.Time) *collectionJob {
	w.collectionJobs++
	j := &collectionJob{id: w.dice.id(at, "collection job", w.collectionJobs), source: source, target: target, asked: q, created: at, end: successful}
	j.begun = at.Add(2*time.Minute + time.Duration(w.dice.below(40, "begins", j.id))*time.Second)
	j.copied = at.Add(21 * time.Minute)
	j.done = at.Add(26*time.Minute + time.Duration(w.dice.below(120, "length", j.id))*time.Second)
	j.misjudged = float64(w.dice.below(200, "estimate", j.id)-120) / 1000
	j.parts = w.partsOf(j)
	w.decide(j)
	source.collectionJobs = append(source.collectionJobs, j)
	target.collected = append(target.collected, j)
	if j.end == successful {
		w.land(j)
	}
	return j
}

func (j *collectionJob) ended(now time.Time) bool { return !now.Before(j.done) }

func (j *collectionJob) state(now time.Time) string {
	switch {
	case j.ended(now):
		return j.end
	case now.Before(j.begun):
		return initializing
	case now.Before(j.copied):
		return inProgress
	}
	return finalizing
}

// partial says whether a job that is called successful left something out.
func (j *collectionJob) partial() bool {
	return j.end == successful && slices.ContainsFunc(j.parts, func(p collectionPart) bool { return p.end != successful })
}

// collecting says whether a restore of collections onto this cluster, or of its own, runs: there is
// one at a time.
func (c *cluster) collecting(at time.Time) bool {
	return slices.ContainsFunc(slices.Concat(c.collected, c.collectionJobs), func(j *collectionJob) bool {
		return !at.Before(j.created) && at.Before(j.done)
	})
}

// told is a collection of a job as it is told at a time.
type told struct {
	state, index    string
	restored, total int64
}

// tell says how far each collection is. One comes after the other, and so are their indexes built.
func (j *collectionJob) tell(now time.Time) []told {
	out := make([]told, len(j.parts))
	all, coming := 0.0, 0.0
	for _, p := range j.parts {
		if p.comes() {
			all += p.documents + 1 // an empty one takes its time too
			coming++
		}
	}
	share := 1.0
	if now.Before(j.copied) {
		share = max(0, float64(now.Sub(j.begun))/float64(j.copied.Sub(j.begun)))
	}
	before, built := 0.0, 0.0
	for i, p := range j.parts {
		t := told{state: p.end, index: notRestored}
		if p.comes() {
			mine := min(p.documents+1, max(0, share*all-before))
			before += p.documents + 1
			built++
			indexed := j.copied.Add(time.Duration(float64(j.done.Sub(j.copied)) * built / (coming + 1)))
			t = j.partly(p, t, mine, now, indexed)
		}
		out[i] = t
	}
	return out
}

// partly is a collection of which so many documents have come.
func (j *collectionJob) partly(p collectionPart, t told, mine float64, now, indexed time.Time) told {
	restored := math.Floor(min(mine, p.documents))
	// It is estimated anew after each quarter: in between more may have come than was expected.
	quarters := 1.0
	if p.documents > 0 {
		quarters = math.Floor(4*restored/p.documents) / 4
	}
	t.restored, t.total = int64(restored), int64(p.documents*(1+j.misjudged*(1-quarters)))
	good := p.end == successful || p.end == indexBuildFailed
	over := j.ended(now)
	switch {
	case over && !good:
		t.restored = 0
	case over || good && j.end == successful && !now.Before(indexed):
	case mine >= p.documents+1:
		t.state = finalizing
	case mine > 0:
		t.state = inProgress
	default:
		t.state = notStarted
	}
	switch {
	case j.asked.indexes == "NONE" || over && !good:
	case t.state == indexBuildFailed:
		t.index = failed
	case t.state == successful:
		t.index = successful
	case t.state == finalizing:
		t.index = inProgress
	default:
		t.index = notStarted
	}
	return t
}

func listCollectionJobs(c *call) (any, error) {
	x, err := c.backedUp()
	if err != nil {
		return nil, err
	}
	jobs := x.collects(c.now)
	n := len(jobs)
	return c.list(n, func(i int) object { return c.collectionJob(jobs[n-1-i]) })
}

// collects are the restores of this cluster's collections but for those that a fault makes later.
func (c *cluster) collects(now time.Time) []*collectionJob {
	return slices.DeleteFunc(slices.Clone(c.collectionJobs), func(j *collectionJob) bool { return j.created.After(now) })
}

func getCollectionJob(c *call) (any, error) {
	j, err := c.pathCollectionJob()
	if err != nil {
		return nil, err
	}
	return c.collectionJob(j), nil
}

// cancelCollectionJob says that nothing cancels one, although there is a state for it.
func cancelCollectionJob(*call) (any, error) {
	return nil, refuse(405, "METHOD_NOT_ALLOWED", "A collection restore job cannot be cancelled.")
}

// listCollectionStates lists the collections of a job: none while it is initialised.
func listCollectionStates(c *call) (any, error) {
	j, err := c.pathCollectionJob()
	if err != nil {
		return nil, err
	}
	q := c.r.URL.Query()
	all := slices.DeleteFunc(c.parts(j), func(o object) bool {
		for _, name := range []string{"state", "sourceNamespace", "targetNamespace"} {
			if q.Has(name) && o[name] != q.Get(name) {
				return true
			}
		}
		return false
	})
	return c.list(len(all), func(i int) object { return all[i] })
}

func getCollectionState(c *call) (any, error) {
	j, err := c.pathCollectionJob()
	if err != nil {
		return nil, err
	}
	name := c.r.PathValue("sourceNamespace")
	for _, o := range c.parts(j) {
		if o["sourceNamespace"] == name {
			return o, nil
		}
	}
	return nil, refuse(404, "RESOURCE_NOT_FOUND", fmt.Sprintf("No collection named %s is in restore job %s.", name, j.id), name)
}

// pathCollectionJob is the job that the path names. Jobs belong to the source cluster.
func (c *call) pathCollectionJob() (*collectionJob, error) {
	x, err := c.backedUp()
	if err != nil {
		return nil, err
	}
	id := c.r.PathValue("jobId")
	if !objectID.MatchString(id) {
		return nil, badID("INVALID_JOB_ID", "restore job", id)
	}
	jobs := x.collects(c.now)
	i := slices.IndexFunc(jobs, func(j *collectionJob) bool { return j.id == id })
	if i < 0 {
		return nil, noJob(id, x.Name)
	}
	return jobs[i], nil
}

// collectionJob is a job as Atlas shows it now: what was asked for, and how far it is.
func (c *call) collectionJob(j *collectionJob) object {
	out := j.asked.echo()
	out["createdAt"], out["id"], out["state"] = stamp(j.created), j.id, j.state(c.now)
	if j.ended(c.now) {
		out["finishedAt"] = stamp(j.done)
		if j.why != "" {
			out["errorMessage"] = j.why
		}
	}
	restored, total, bad, index := int64(0), int64(0), 0, notStarted
	if !c.now.Before(j.begun) {
		for i, t := range j.tell(c.now) {
			if !j.parts[i].comes() {
				continue
			}
			restored, total = restored+t.restored, total+t.total
			if t.index == failed {
				bad++
			}
			if t.index != notStarted {
				index = inProgress
			}
		}
	}
	switch {
	case j.asked.indexes == "NONE" || j.ended(c.now) && j.end != successful:
		index = notRestored
	case j.ended(c.now) && bad > 0:
		index = failed
	case j.ended(c.now):
		index = successful
	}
	out["indexStatus"] = object{"failedCollectionCount": bad, "state": index}
	out["restoredDocuments"], out["totalDocuments"] = restored, total
	return out
}

// parts are a job's collections as Atlas shows them now.
func (c *call) parts(j *collectionJob) []object {
	if c.now.Before(j.begun) {
		return nil
	}
	var out []object
	for i, t := range j.tell(c.now) {
		p := j.parts[i]
		o := object{
			"indexStatus":       object{"state": t.index},
			"restoredDocuments": t.restored,
			"sourceNamespace":   p.source.String(),
			"state":             t.state,
			"targetNamespace":   p.target.String(),
			"totalDocuments":    t.total,
		}
		if p.effective != (namespace{}) && t.state != rolledBack && t.state != notRestored && t.state != failed {
			o["effectiveTargetNamespace"] = p.effective.String()
		}
		if t.index == failed {
			o["indexStatus"] = object{
				"state": failed, "errorMessage": "E11000 duplicate key error collection: " + p.effective.String() + " index: number_1",
				"failedIndexes": []object{{"name": "number_1", "key": object{"number": 1}, "unique": true}},
			}
		}
		out = append(out, o)
	}
	return out
}
