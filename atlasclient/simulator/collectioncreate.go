package simulator

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// pair is a database or a collection, and the name that it is to have.
type pair struct {
	from, to namespace
}

// collectionRequest is a body that has what a restore of collections needs.
type collectionRequest struct {
	targetGroup, targetCluster, snapshotID string
	write, indexes                         string
	seconds, oplogTs, oplogInc             int64
	databases, collections                 []pair
	databaseSuffix, collectionSuffix       string
	dataOf                                 time.Time // of when the data are: the snapshot's, or the instant
}

// newly is an object that was made by the request.
type newly object

// mostNames are the databases, and the collections, that can be listed.
const mostNames = 100

// createCollectionJob answers POST …/collectionRestoreJobs: it checks as Atlas does, and starts the
// job only when all is well. That a name is there is not checked: the job fails of that.
func createCollectionJob(c *call) (any, error) {
	source, err := c.backedUp()
	if err != nil {
		return nil, err
	}
	q, err := c.collectionRequest()
	if err != nil {
		return nil, err
	}
	if !source.BackupEnabled {
		return nil, noBackupJob(source)
	}
	var s *Snapshot
	if q.snapshotID == "" {
		q.dataOf = time.Unix(max(q.seconds, q.oplogTs), 0).UTC()
		s, err = c.baseOf(source, q.dataOf)
	} else if s, err = c.usableSnapshot(source, restoreRequest{delivery: automated, snapshotID: q.snapshotID}); err == nil {
		q.dataOf = s.Taken
	}
	if err != nil {
		return nil, err
	}
	target, err := c.collectionTarget(source, s, q)
	if err != nil {
		return nil, err
	}
	var j *collectionJob
	for range max(1, c.fault.Acts) {
		j = c.w.newCollectionJob(source, target, q, c.now.Add(c.fault.Late))
		j.caller = c.caller
	}
	return newly(c.collectionJob(j)), nil
}

// collectionTarget is the cluster that the request names, if it can take these collections. Of these
// refusals the documentation says that there are such; for most it names no code.
func (c *call) collectionTarget(source *cluster, s *Snapshot, q collectionRequest) (*cluster, error) {
	p := c.w.projectByID(q.targetGroup)
	if p == nil {
		return nil, noGroup(q.targetGroup)
	}
	if !p.mayChange() {
		return nil, noTargetRole(p)
	}
	t := p.cluster(q.targetCluster)
	switch {
	case t == nil:
		return nil, noCluster(q.targetCluster, p.ID)
	case t.flex():
		return nil, notInClusterAPI(t)
	case t.tenant():
		return nil, tooSmall(t)
	case t.Paused:
		return nil, refuse(400, "CLUSTER_PAUSED_CANNOT_RESTORE", "Cluster "+t.Name+" is paused.", t.Name)
	case nvme(source), nvme(t):
		return nil, refuse(409, "UNSUPPORTED_FEATURE", "Collections cannot be restored from or to a cluster with NVMe storage.", t.Name)
	case q.snapshotID != "" && s.Kind == "fallback":
		return nil, refuse(409, "UNSUPPORTED_FEATURE", fmt.Sprintf("Collections cannot be restored from the fallback snapshot %s.", s.ID), s.ID)
	case t.restoring(c.now):
		return nil, restoreInProgress(t)
	case t.collecting(c.now), source.collecting(c.now):
		return nil, refuse(409, "ATLAS_CLUSTER_RESTORE_IN_PROGRESS", "Another collection restore job of cluster "+source.Name+" or "+t.Name+" is in progress.", t.Name)
	case t.State != "IDLE":
		return nil, refuse(409, "RESTORE_INITIATION_FAILED", fmt.Sprintf("Cluster %s is %s.", t.Name, t.State), t.Name)
	case !takesVersion(source, s, t):
		return nil, refuse(409, "INVALID_RESTORE_PROCESS", fmt.Sprintf("Cannot restore to cluster %s: the snapshot is of MongoDB %s, the cluster runs %s.", t.Name, s.Version, t.MongoDBVersion), t.Name)
	}
	j := &collectionJob{source: source, target: t, asked: q, created: c.now}
	j.parts = c.w.partsOf(j)
	if used, need, room := c.w.disk(j, c.now); used+need > room && !growing(t) {
		return nil, refuse(409, "RESTORE_INITIATION_FAILED", fmt.Sprintf("The disk of cluster %s is too small: %.1f GB are free, and the collections take %.1f GB.", t.Name, (room-used)/1e9, need/1e9), t.Name)
	}
	return t, nil
}

func (c *call) collectionRequest() (q collectionRequest, err error) {
	a, err := c.attributes("targetGroupId", "targetClusterName", "snapshotId", "writeStrategy", "indexStrategy", "pointInTimeUtcSeconds", "oplogTs", "oplogInc", "databases", "collections", "databaseSuffix", "collectionSuffix")
	if err != nil {
		return q, err
	}
	for name, into := range map[string]*string{
		"targetGroupId": &q.targetGroup, "targetClusterName": &q.targetCluster, "snapshotId": &q.snapshotID,
		"writeStrategy": &q.write, "indexStrategy": &q.indexes, "databaseSuffix": &q.databaseSuffix, "collectionSuffix": &q.collectionSuffix,
	} {
		if *into, err = a.text(name); err != nil {
			return q, err
		}
	}
	for name, into := range map[string]*int64{"pointInTimeUtcSeconds": &q.seconds, "oplogTs": &q.oplogTs, "oplogInc": &q.oplogInc} {
		if *into, err = a.number(name); err != nil {
			return q, err
		}
	}
	if err := q.check(a); err != nil {
		return q, err
	}
	if q.databases, err = a.pairs("databases", q, database); err == nil {
		q.collections, err = a.pairs("collections", q, parseNamespace)
	}
	if err != nil {
		return q, err
	}
	return q, q.names()
}

// check looks at all but the names.
func (q collectionRequest) check(a attributes) error {
	required := []string{"indexStrategy", "targetClusterName", "targetGroupId", "writeStrategy"}
	if missing := slices.DeleteFunc(required, a.has); len(missing) > 0 {
		return missingAttribute(missing...)
	}
	for _, one := range []struct {
		value string
		of    []string
	}{{q.write, []string{"CREATE_NEW", "OVERWRITE_EXISTING"}}, {q.indexes, []string{"ALL", "NONE", "ALL_EXCEPT_TTL"}}} {
		if !slices.Contains(one.of, one.value) {
			return refuse(400, "INVALID_ENUM_VALUE", fmt.Sprintf("An invalid enumeration value %s was specified.", one.value), one.value)
		}
	}
	snapshot, seconds, ts, inc := a.has("snapshotId"), a.has("pointInTimeUtcSeconds"), a.has("oplogTs"), a.has("oplogInc")
	switch {
	case !objectID.MatchString(q.targetGroup):
		return invalidAttribute("targetGroupId", "it is not an ID")
	case !clusterName.MatchString(q.targetCluster):
		return invalidAttribute("targetClusterName", "it is not a cluster name")
	case snapshot && (seconds || ts || inc):
		return invalidAttribute("snapshotId", "it excludes a point in time")
	case snapshot && !objectID.MatchString(q.snapshotID):
		return invalidAttribute("snapshotId", "it is not an ID")
	case snapshot:
	case seconds && (ts || inc):
		return invalidAttribute("pointInTimeUtcSeconds", "it excludes oplogTs and oplogInc")
	case !seconds && !ts && !inc:
		return missingOneOf("snapshotId", "pointInTimeUtcSeconds", "oplogTs")
	case ts != inc:
		return missingAttribute(map[bool]string{true: "oplogInc", false: "oplogTs"}[ts])
	case max(q.seconds, q.oplogTs) < earliestInstant:
		return badInstant("The instant lies before 2008.")
	}
	if !a.has("databases") && !a.has("collections") {
		return missingOneOf("databases", "collections")
	}
	return nil
}

// database reads the name of one.
func database(s string) (namespace, bool) { return namespace{database: s}, s != "" }

// pairs reads a list of names. That a suffix does not go with a name of its own is documented
// nowhere; here it is refused, because a client that sends both is confused.
func (a attributes) pairs(name string, q collectionRequest, parse func(string) (namespace, bool)) ([]pair, error) {
	raw, ok := a[name]
	if !ok {
		return nil, nil
	}
	var all []map[string]*string
	if err := json.Unmarshal(raw, &all); err != nil {
		return nil, badAttribute(name, "a list of namespaces")
	}
	if len(all) > mostNames {
		return nil, invalidAttribute(name, fmt.Sprintf("it has %d elements, and 100 are the most", len(all)))
	}
	var out []pair
	for _, one := range all {
		for member := range one {
			if member != "sourceNamespace" && member != "targetNamespace" {
				return nil, invalidAttribute(name+"."+member, "there is no such attribute")
			}
		}
		if one["sourceNamespace"] == nil {
			return nil, missingAttribute(name + ".sourceNamespace")
		}
		from, good := parse(*one["sourceNamespace"])
		if !good || !from.proper() {
			return nil, invalidAttribute(name+".sourceNamespace", fmt.Sprintf("%q is no such name", *one["sourceNamespace"]))
		}
		to := from
		if t := one["targetNamespace"]; t != nil && *t != "" {
			if to, good = parse(*t); !good || !to.proper() {
				return nil, invalidAttribute(name+".targetNamespace", fmt.Sprintf("%q is no such name", *t))
			}
		}
		if to != from && q.databaseSuffix+q.collectionSuffix != "" {
			return nil, invalidAttribute(name+".targetNamespace", "it does not go with a suffix")
		}
		to.database += q.databaseSuffix
		if to.collection != "" {
			to.collection += q.collectionSuffix
		}
		if !to.proper() {
			return nil, invalidAttribute(name+".targetNamespace", fmt.Sprintf("%q is no such name", to))
		}
		out = append(out, pair{from, to})
	}
	return out, nil
}

// names refuses what names nothing, and two that would be one.
func (q collectionRequest) names() error {
	if len(q.databases)+len(q.collections) == 0 {
		return missingOneOf("databases", "collections")
	}
	seen := map[namespace]bool{}
	for _, p := range slices.Concat(q.databases, q.collections) {
		if seen[p.to] || seen[namespace{database: p.to.database}] {
			return invalidAttribute("targetNamespace", fmt.Sprintf("two are to be called %q", p.to))
		}
		seen[p.to] = true
	}
	return nil
}

// proper holds a name against MongoDB's rules.
func (n namespace) proper() bool {
	switch {
	case n.database == "" || len(n.database) > 63 || strings.ContainsAny(n.database, "/\\. \"$\x00"):
		return false
	case slices.Contains([]string{"admin", "config", "local"}, n.database):
		return false
	case strings.ContainsAny(n.collection, "$\x00") || strings.HasPrefix(n.collection, "system.") || strings.HasPrefix(n.collection, "."):
		return false
	}
	return len(n.String()) <= 255
}

// echo is what was asked for as Atlas tells it again.
func (q collectionRequest) echo() object {
	list := func(all []pair) []object {
		out := []object{}
		for _, p := range all {
			out = append(out, object{"sourceNamespace": p.from.String(), "targetNamespace": q.told(p)})
		}
		return out
	}
	out := object{
		"collectionSuffix":  q.collectionSuffix,
		"collections":       list(q.collections),
		"databaseSuffix":    q.databaseSuffix,
		"databases":         list(q.databases),
		"indexStrategy":     q.indexes,
		"targetClusterName": q.targetCluster,
		"targetGroupId":     q.targetGroup,
		"writeStrategy":     q.write,
	}
	switch {
	case q.snapshotID != "":
		out["snapshotId"] = q.snapshotID
	case q.seconds > 0:
		out["pointInTimeUtcSeconds"] = q.seconds
	default:
		out["oplogTs"], out["oplogInc"] = q.oplogTs, q.oplogInc
	}
	return out
}

// told is the target of a pair in an echo: a suffix stands beside it there.
func (q collectionRequest) told(p pair) string {
	if q.databaseSuffix+q.collectionSuffix != "" {
		return p.from.String()
	}
	return p.to.String()
}
