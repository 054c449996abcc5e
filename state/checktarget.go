package state

import (
	"errors"
	"fmt"
	"strings"
)

func checkTargetState(f Facts) Check {
	var atlas *AtlasError
	target := f.Plan.Target.ClusterName
	switch {
	case errors.As(f.TargetErr, &atlas) && atlas.Code == "CLUSTER_NOT_FOUND": // not: a project that may not be seen
		return block("Check the name.", "There is no cluster %s in %s.", target, f.Plan.Target.Project.Name)
	case f.TargetErr != nil:
		return unseen("The state of "+target, f.TargetErr)
	case f.Target.Paused:
		return block("Resume it first.", "%s is paused.", target)
	case f.Target.State == "":
		return Check{Verdict: Unknown, Why: fmt.Sprintf("Atlas does not say whether %s is idle.", target)}
	case f.Target.State != idle:
		return block("Wait until it is idle.", "%s is %s.", target, strings.ToLower(f.Target.State))
	}
	return fine(target + " is idle")
}

func checkFit(f Facts) Check {
	if f.TargetErr != nil {
		return Check{} // said once
	}
	target, data := f.Target, f.Plan.topology(f.Base)
	target.State, target.Paused = idle, false // that is another check's
	if err := f.Plan.accepts(target, data); err != nil {
		return block("Choose another target.", "%s cannot take it: %s.", target.Name, err)
	}
	if what := f.Plan.untold(target, data); what != "" {
		return Check{Verdict: Unknown, Why: fmt.Sprintf("Whether %s can take it is not known: %s.", target.Name, what)}
	}
	if newer(target.MongoDBVersion, f.Plan.version()) {
		return warn("%s runs %s, the data come from %s.", target.Name, majorOf(target.MongoDBVersion), majorOf(f.Plan.version()))
	}
	return fine("version, topology and encryption fit")
}

// untold is what Atlas does not tell and the rules need, in a few words; empty where all is
// told.
func (p Plan) untold(target Cluster, data topology) string {
	for _, c := range []Cluster{target, p.Cluster} {
		switch {
		case c.Type == "":
			return "Atlas does not tell the topology of " + c.Name
		case !c.Type.Known():
			return fmt.Sprintf("%s is a %s, a topology that this program does not know", c.Name, c.Type)
		}
	}
	if _, told := major(target.MongoDBVersion); !told {
		return "Atlas does not tell the MongoDB version of " + target.Name
	}
	if _, told := major(p.version()); !told {
		return "Atlas does not tell the MongoDB version of the data"
	}
	if !p.Cluster.Type.IsSharded() {
		return ""
	}
	switch {
	case len(data.shards) == 0:
		return "Atlas does not tell how many shards the data have"
	case target.Shards == 0:
		return "Atlas does not tell how many shards " + target.Name + " has"
	case (len(data.configServers) == 0) != (target.ConfigServerType == ""): // neither: of before there were two kinds
		return "Atlas does not tell both kinds of config servers, those of the data and those of " + target.Name
	}
	return ""
}

func checkDisk(f Facts) Check {
	n, disk := f.Plan.Snapshot.StorageSizeBytes, f.Target.DiskSizeGB
	if f.Plan.Delivery != Automated || f.TargetErr != nil || n <= 0 || disk <= 0 {
		return Check{}
	}
	if room := GB(disk); n > room {
		by := ""
		if Size(n) == Size(room) {
			by = ", " + Size(n-room) + " too much"
		}
		return warn("The snapshot is larger than the disk of %s: %s onto %s%s.", f.Target.Name, Size(n), Size(room), by)
	}
	return fine("its disk is large enough")
}

// checkSpeed names what makes a restore slow (Atlas: "restore optimization considerations").
func checkSpeed(f Facts) Check {
	if f.TargetErr != nil || f.Plan.Cluster.Family == Flex {
		return Check{}
	}
	source, target := f.Plan.Cluster, f.Target
	var slow []string
	add := func(is bool, format string, a ...any) {
		if is {
			slow = append(slow, fmt.Sprintf(format, a...))
		}
	}
	add(target.NVMe(), "%s has NVMe disks", target.Name)
	add(target.Type == GeoSharded, "%s is a global cluster", target.Name)
	add(target.MultiCloud, "%s spans several cloud providers", target.Name)
	switch {
	case source.Provider != target.Provider:
		add(source.Provider != "" && target.Provider != "", "the snapshot is with %s, %s with %s", source.Provider, target.Name, target.Provider)
	case source.Region != target.Region:
		add(source.Region != "" && target.Region != "", "the snapshot is in %s, %s in %s", source.Region, target.Name, target.Region)
	}
	add(source.DiskSizeGB > 0 && target.DiskSizeGB > 0 && source.DiskSizeGB != target.DiskSizeGB, "the disks differ: %s and %s", Size(GB(source.DiskSizeGB)), Size(GB(target.DiskSizeGB)))
	if len(slow) > 0 {
		return warn("It may be slow: %s.", strings.Join(slow, "; "))
	}
	if source.Provider == "" || target.Provider == "" || source.Region == "" || target.Region == "" {
		return harmless("whether anything makes it slow. Atlas does not tell where both clusters run.")
	}
	return fine("nothing makes it slow")
}

// MendJournal is what to do where the journal cannot be read.
const MendJournal = "What cannot be read may tell of a request: look at the target's restore jobs in Atlas, then mend the file. A line that nobody can read is taken out."

// checkDoubt looks at what this machine has sent before to the same target.
func checkDoubt(f Facts) Check {
	target := f.Plan.Target.ClusterName
	switch {
	case f.DoubtErr != nil:
		return block(MendJournal, "Whether an earlier request to %s is in doubt cannot be seen. %s.", target, f.DoubtErr)
	case !f.Doubt.IsZero():
		return block(f.LookFor, "The outcome of an earlier request to %s, %s, is not known.", target, UTCSecond(f.Doubt, f.Now))
	case !f.Lost.IsZero():
		return warn("An earlier request to %s, %s, was never answered and its job not found: this may be a second one.", target, UTCSecond(f.Lost, f.Now))
	}
	return Check{}
}
