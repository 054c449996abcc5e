package state

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// Traffic is what the counters of a cluster's primaries tell of the last minutes.
type Traffic struct {
	Connections float64       // open at the last known point
	Writes      float64       // inserts, updates and deletes a second, on average
	Span        time.Duration // that is told of
}

// busy is from how many writes a second on a cluster is in use: a few are the servers' own.
const busy = 1

// lightly is a check that nobody has to accept: the name that is typed says already that all the
// target holds is erased, and a moment that is not there is refused by Atlas.
func lightly(c Check) Check {
	c.Harmless = true
	return c
}

// checkWrites looks whether somebody still writes to the cluster that is erased.
func checkWrites(f Facts) Check {
	target := f.Plan.Target.ClusterName
	t := f.Traffic
	switch {
	case f.TargetErr != nil:
		return Check{} // said once
	case f.Unwaited:
		return harmless("A run without questions does not wait for the counters of %s.", target)
	case f.Target.Family == Flex || f.Target.Provider == "TENANT":
		return harmless("Atlas keeps no counters of %s.", target)
	case f.TrafficErr != nil:
		return lightly(unseen("Whether "+target+" is still written to", f.TrafficErr))
	case t.Writes >= busy:
		return warn("%s to %s, %s.", PerSecond(t.Writes, "write"), target, Count(int(math.Round(t.Connections)), "connection"))
	}
	return fine("nobody writes to " + target)
}

// PerSecond is a rate as it is said: "3 writes a second", "4.2 writes a second", "380 writes a second".
func PerSecond(rate float64, noun string) string {
	if rate < 10 {
		return strings.TrimSuffix(fmt.Sprintf("%.1f", rate), ".0") + " " + noun + "s a second"
	}
	return fmt.Sprintf("%.0f %ss a second", rate, noun)
}

// checkLag looks whether Atlas is behind with the oplog of the source: then the newest part of the
// window is not there, whatever the schedule says.
func checkLag(f Facts) Check {
	source := f.Plan.Cluster.Name
	switch {
	case f.outside():
		return Check{}
	case f.LagErr != nil:
		return lightly(unseen("Whether Atlas is behind with the oplog of "+source, f.LagErr))
	case f.Behind.IsZero():
		return fine("Atlas is not behind with the oplog")
	case f.Plan.Instant.Time().Before(f.Behind):
		return fine("Atlas was not behind with the oplog yet")
	}
	return warn("Atlas is behind with the oplog of %s since %s, and has not caught up: this moment may not be there yet.", source, UTC(f.Behind, f.Now))
}
