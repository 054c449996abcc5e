package state

import (
	"fmt"
	"strings"
)

// Safety is the snapshot of the target as it is now, taken before it is overwritten. Onto
// itself a restore begins with one, unless somebody declines it.
type Safety struct {
	Due      bool     // it is chosen, and not asked for yet
	None     string   // onto itself: why there will be none, in a few words; empty where that is not so
	Wanted   bool     // it was asked for
	Snapshot Snapshot // that was taken; no id while there is none
	Err      error    // why there is none, or it cannot be used
}

// SafetyCheck is the name of the check that holds a restore back until the snapshot of its
// target is there. Accepting it is declining that snapshot.
const SafetyCheck = "safety"

// checkSafety holds the restore back until the snapshot that was wanted of the target is
// completed, or somebody says that it may go on without. What is lost without one is said.
func checkSafety(f Facts) Check {
	s, target := f.Safety, f.Plan.Target.ClusterName
	switch {
	case s.Wanted:
	case s.Due:
		c := warn("A snapshot of %s as it is now is taken first.", target)
		c.Ask = true
		return c
	case s.None != "":
		what := target + " is erased"
		if f.Plan.Delivery == Collections {
			what = "What is chosen of " + target + " is dropped"
		}
		return warn("%s without a snapshot of it first: %s. %s", what, s.None, f.unsaved())
	default:
		return Check{}
	}
	switch {
	case s.Err != nil:
		return Check{Verdict: Unknown, Why: fmt.Sprintf("The safety snapshot of %s failed: %s.", target, strings.TrimRight(s.Err.Error(), "."))}
	case s.Snapshot.ID == "":
		return Check{Verdict: Unknown, Why: fmt.Sprintf("The safety snapshot of %s was not waited for.", target)}
	}
	if err := s.Snapshot.Usable(f.Now); err != nil {
		return Check{Verdict: Unknown, Why: fmt.Sprintf("The safety snapshot of %s is %s.", target, err)}
	}
	return fine(target + " has a snapshot of before")
}

// unsaved says what cannot be had back if the target is overwritten as it is.
func (f Facts) unsaved() string {
	at := f.Plan.Snapshot.When()
	if f.Plan.ByMoment() {
		at = f.Plan.Instant.Time()
	}
	return fmt.Sprintf("What was written to it since %s, the last %s, is lost for good.", UTC(at, f.Now), Age(f.Now.Sub(at)))
}
