package state

import (
	"fmt"
	"strings"

	"atlas-restore/state/collections"
)

// Contents is what is known of the names that a restore of collections is about.
type Contents struct {
	Of     Snapshot           // whose names were looked at: the chosen snapshot, or the one before the moment
	Lacks  []collections.Name // of those chosen: what it does not hold
	Living []string           // the databases that the target has now
	// Counts are how many collections the databases have that are overwritten whole, as of that snapshot.
	Counts map[collections.Name]int
	// Newest is the newest snapshot of the source, where that is the target and the data are older;
	// without an id where nobody has looked. NewestLacks are the names on the target that it lacks.
	Newest      Snapshot
	NewestLacks []collections.Name
}

// checkNames looks whether the data have what was chosen. Atlas takes a name that is not there,
// and then fails the whole job for it.
func checkNames(f Facts) Check {
	p := f.Plan
	switch {
	case f.ContentsErr != nil:
		return unseen("Whether the data have all that was chosen", f.ContentsErr)
	case len(f.Contents.Lacks) > 0 && p.ByMoment():
		c := warn("%s not in the newest snapshot before that moment, of %s. If it is not in the data of the moment either, nothing is restored.", are(f.Contents.Lacks), UTC(f.Contents.Of.When(), f.Now))
		c.Ask = true
		return c
	case len(f.Contents.Lacks) > 0:
		return block("Leave it out, or choose another snapshot.", "%s not in the snapshot: Atlas would fail the whole job.", are(f.Contents.Lacks))
	case p.ByMoment():
		return fine("the snapshot before that moment has all that was chosen")
	}
	return fine("the snapshot has all that was chosen")
}

// are is a list of names with its verb: "shop.orders is", "shop.orders and 2 more are".
func are(names []collections.Name) string {
	const most = 2
	var said []string
	for _, n := range names[:min(most, len(names))] {
		said = append(said, n.String())
	}
	if more := len(names) - most; more > 0 {
		said = append(said, fmt.Sprintf("%d more", more))
	}
	if len(said) == 1 {
		return said[0] + " is"
	}
	return inARow(said) + " are"
}

// checkPlace says what becomes of what has these names on the target. Atlas tells the databases
// of a living cluster, and not its collections.
func checkPlace(f Facts) Check {
	p := f.Plan
	target := p.Target.ClusterName
	if p.Erases() {
		return warn("What %s has under the chosen names is dropped, with all that is written there until the end.", target)
	}
	if f.LivingErr != nil {
		return lightly(unseen("What "+target+" has under the chosen names", f.LivingErr))
	}
	return fine("nothing is erased of what " + target + " has")
}

// checkRoom says what Atlas does where the disk is too small, which is at 95 % of one that does not
// grow by itself. How large single collections are is told by nobody.
func checkRoom(f Facts) Check {
	return harmless("whether the target has room. If not, Atlas undoes the job.")
}

// checkKey is about a key management that lets in known addresses only (Atlas: "restore
// collections", considerations). Which keys a cluster is encrypted with Atlas tells with it; whom
// their management lets in it does not.
func checkKey(f Facts) Check {
	for _, c := range []Cluster{f.Plan.Cluster, f.Target} {
		if e := c.EncryptionProvider; e != "" && e != "NONE" {
			return harmless("whether your key management at %s lets in known addresses only: then %s needs a private endpoint for this.", e, c.Name)
		}
	}
	return Check{}
}

// checkPace warns that it is not the faster way, and which way the data go.
func checkPace(f Facts) Check {
	if f.TargetErr != nil {
		return Check{} // said once
	}
	return warn("May be slower than a whole restore, over the public internet.")
}

// loses says what of the target is erased, as the end of a sentence.
func (p Plan) loses() string {
	if p.Delivery == Collections {
		names := make([]string, 0, len(p.Only.Names))
		for _, n := range p.Only.Names {
			names = append(names, p.Only.Target(n).String())
		}
		if len(names) > 3 {
			return fmt.Sprintf("what it has under the %d chosen names is erased", len(names))
		}
		return "what it has as " + strings.Join(names, ", ") + " is erased"
	}
	return "all that it holds is erased"
}
