package simulator

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Which collections a restore job is of, where they come to be, and what ends it.

// partsOf are the collections of a job: those that are asked for, and all of each database that is.
func (w *world) partsOf(j *collectionJob) []collectionPart {
	held := w.wanted(j)
	var out []collectionPart
	add := func(from, to namespace) {
		p := collectionPart{source: from, target: to, end: notFound}
		if i := find(held, from); i >= 0 {
			p.end, p.kind = successful, held[i].kind
			p.documents, p.size = float64(int64(w.documents(held[i], j.asked.dataOf))), held[i].size
			if p.kind != plain {
				p.end, p.documents = unsupported, 0
			}
		}
		out = append(out, p)
	}
	for _, d := range j.asked.databases {
		for _, k := range held {
			if k.database == d.from.database {
				add(k.namespace, namespace{d.to.database, k.collection + j.asked.collectionSuffix})
			}
		}
	}
	for _, k := range j.asked.collections {
		add(k.from, k.to)
	}
	taken := map[namespace]bool{}
	for _, k := range w.data(j.target, j.created) {
		taken[k.namespace] = true
	}
	for i, p := range out {
		if p.end != successful {
			continue
		}
		out[i].effective, out[i].replaces = p.target, taken[p.target]
		if j.asked.write == "CREATE_NEW" {
			// That Atlas gives another name by a suffix is documented, what it is like is not.
			for n := 1; taken[out[i].effective]; n++ {
				out[i].effective.collection = fmt.Sprintf("%s_%d", p.target.collection, n)
			}
			out[i].replaces = false
		}
		taken[out[i].effective] = true
	}
	return out
}

// wanted is what the source held at the time of which the data are. A second brings all that
// happened in it, as with any restore to a point in time.
func (w *world) wanted(j *collectionJob) []collection {
	if j.asked.snapshotID != "" {
		return w.data(j.source, j.asked.dataOf)
	}
	return w.held(j.source, j.asked.dataOf.Add(time.Second-1), (*change).inOplog)
}

// missing is a database that is asked for and of which there is nothing; empty for none.
func (j *collectionJob) missing() string {
	for _, d := range j.asked.databases {
		if !slices.ContainsFunc(j.parts, func(p collectionPart) bool { return p.source.database == d.from.database }) {
			return d.from.database
		}
	}
	return ""
}

// fullAt is which share of a disk ends a restore where the disk does not grow.
const fullAt = 0.95

// decide settles how a job ends: what is not there ends it, and a full disk; else what was let
// happen to the next one. All is taken back then, or nothing.
func (w *world) decide(j *collectionJob) {
	fate := InjectNextCollections{}
	if w.failNext > 0 {
		fate.Ends, w.failNext = endsFailed, w.failNext-1
	} else if len(w.collectionFates) > 0 {
		fate, w.collectionFates = w.collectionFates[0], w.collectionFates[1:]
	}
	of := slices.IndexFunc(j.parts, func(p collectionPart) bool {
		return p.end == successful && (fate.Namespace == "" || p.source.String() == fate.Namespace)
	})
	lost := slices.IndexFunc(j.parts, func(p collectionPart) bool { return p.end == notFound })
	used, need, room := w.disk(j, j.created)
	switch {
	case lost >= 0:
		w.loses(j, lost)
	case j.missing() != "":
		j.breaks(failed, 0.2, "Database "+j.missing()+": collection was not found.")
	case used+need > fullAt*room && !growing(j.target) || fate.Ends == endsDisk:
		j.breaks(failed, 0.6, fmt.Sprintf("The disk of cluster %s is filled to 95 %%: what was restored was rolled back.", j.target.Name))
	case fate.Ends == endsCanceled:
		j.breaks(canceled, 0.5, "The restore job was canceled.")
	case of < 0: // there is nothing to happen to
	case fate.Ends == endsNotFound:
		w.loses(j, of)
	case fate.Ends == endsFailed:
		j.end, j.why, j.parts[of].end = failed, "An unexpected error occurred while "+j.parts[of].source.String()+" was restored.", failed
	case fate.Ends == endsIndex && j.asked.indexes != "NONE":
		j.parts[of].end = indexBuildFailed
	case fate.Ends == endsUnsupported:
		j.parts[of].end, j.parts[of].effective, j.parts[of].documents = unsupported, namespace{}, 0
	}
	if j.end == successful {
		return
	}
	for i, p := range j.parts {
		switch {
		case p.end != successful:
		case j.end == canceled:
			j.parts[i].end = notRestored
		default:
			j.parts[i].end = rolledBack
		}
	}
}

// loses ends a job by a collection that is not there.
func (w *world) loses(j *collectionJob, i int) {
	p := &j.parts[i]
	p.end, p.effective, p.documents = notFound, namespace{}, 0
	j.breaks(failed, 0.2, p.source.String()+": collection was not found.")
}

// breaks ends a job when that share of its documents is there.
func (j *collectionJob) breaks(end string, share float64, why string) {
	j.end, j.why = end, why
	j.done = j.begun.Add(time.Duration(share * float64(j.copied.Sub(j.begun)))).Truncate(time.Second)
}

// disk is how many bytes the target holds, a restore brings, and there is room for.
func (w *world) disk(j *collectionJob, at time.Time) (used, need, room float64) {
	for _, p := range j.parts {
		if p.end == successful {
			need += p.documents * p.size
		}
	}
	return float64(w.bytes(j.target, at)), need, j.target.DiskSizeGB * 1e9 * float64(j.target.Shards)
}

// growing says whether a cluster's disk grows by itself.
func growing(x *cluster) bool {
	on, _ := autoScaling(x)["diskGB"].(object)["enabled"].(bool)
	return on
}

// land has what a job brings be on the target from its end on.
func (w *world) land(j *collectionJob) {
	x := &change{what: restoredInto, at: j.done, takes: j.copied.Sub(j.begun), c: j.target, leads: w.primary(j.target, 0, j.done), job: j}
	x.who = w.client(j.target, x, InjectClient{Application: "MongoDB Automation Agent v13.31.0", Driver: "mongo-go-driver v1.17.2", Connected: Duration(j.done.Sub(j.begun))})
	j.target.changes = append(j.target.changes, x)
	slices.SortStableFunc(j.target.changes, func(a, b *change) int { return a.at.Compare(b.at) })
}

// landed are the collections that have come to be at the end of a job.
func (j *collectionJob) landed() []collectionPart {
	return slices.DeleteFunc(slices.Clone(j.parts), func(p collectionPart) bool {
		return p.end != successful && p.end != indexBuildFailed
	})
}

// befalls is what is left of what there was, with what a job brings. Nobody writes to that.
func (j *collectionJob) befalls(all []collection) []collection {
	parts := j.landed()
	names := make(map[namespace]bool, len(parts))
	for _, p := range parts {
		names[p.effective] = true
	}
	all = slices.DeleteFunc(all, func(k collection) bool { return names[k.namespace] })
	for _, p := range parts {
		all = append(all, collection{namespace: p.effective, size: p.size, less: -p.documents})
	}
	return all
}

// insertedBy is how many documents a job had brought by a time.
func (j *collectionJob) insertedBy(at time.Time) float64 {
	sum := 0.0
	if at.Before(j.begun) {
		return 0
	}
	for i, t := range j.tell(earlier(at, j.done)) {
		if j.parts[i].comes() {
			sum += float64(t.restored)
		}
	}
	return sum
}

// writes adds what the primary writes into its log of what a job brings.
func (j *collectionJob) writes(to *journal, at time.Time, ctx string) {
	for i, p := range j.landed() {
		now := at.Add(time.Duration(3*i) * time.Millisecond)
		name := quote(p.effective.String())
		if p.replaces {
			to.tells(now, "COMMAND", 518070, ctx, "CMD: drop", fmt.Sprintf(`{"namespace":%s}`, name))
		}
		to.tells(now.Add(time.Millisecond), "STORAGE", 20320, ctx, "createCollection", fmt.Sprintf(`{"namespace":%s,"uuidDisposition":"generated","options":{}}`, name))
	}
}

// nvme says whether a cluster's disks are local ones.
func nvme(x *cluster) bool { return strings.Contains(x.InstanceSize, "NVME") }
