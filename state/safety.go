package state

import (
	"fmt"
	"slices"
	"time"
)

// Safety is the snapshot of the target as it is now, taken before it is overwritten. Onto
// itself a restore begins with one, unless somebody declines it.
type Safety struct {
	Due      bool     // it is chosen, and not asked for yet
	None     string   // onto itself: why there will be none, in a few words; empty where that is not so
	Wanted   bool     // it was asked for
	Snapshot Snapshot // that Atlas takes or has taken; no id while none is known
	Err      error    // why there is none, or it cannot be used
	Doubt    bool     // Atlas may take it all the same: Err is why no answer tells
	Looked   bool     // it was looked at, or for, since
	Unseen   error    // why that has shown nothing
}

// Kept is the snapshot that holds what a cluster held before it was overwritten; no id for none.
type Kept struct {
	ID        string    `json:"id"`
	CreatedAt time.Time `json:"createdAt,omitzero"`
	ExpiresAt time.Time `json:"expiresAt,omitzero"` // zero where Atlas does not tell
}

// Kept is the snapshot, where it can be restored.
func (s Safety) Kept(now time.Time) Kept {
	if s.Snapshot.ID == "" || s.Snapshot.Usable(now) != nil {
		return Kept{}
	}
	return Kept{s.Snapshot.ID, s.Snapshot.When().UTC(), s.Snapshot.ExpiresAt.UTC()}
}

// Holds says where what the cluster held before is; empty where no snapshot is known that is kept now.
func (k Kept) Holds(cluster string, now time.Time) string {
	if k.ID == "" || !k.ExpiresAt.IsZero() && !k.ExpiresAt.After(now) {
		return ""
	}
	return fmt.Sprintf("What %s held before is in the safety snapshot of %s, %s%s.", cluster, UTC(k.CreatedAt, now), k.ID, keptUntil(k.ExpiresAt, now))
}

// Open says whether the snapshot may still come or end, so that looking tells more.
func (s Safety) Open() bool {
	switch {
	case !s.Wanted:
		return false
	case s.Snapshot.ID == "":
		return s.Doubt || s.Err == nil
	}
	return !s.Snapshot.Ended()
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
	is := func(format string, a ...any) Check {
		return Check{Verdict: Unknown, Why: fmt.Sprintf("The safety snapshot of "+target+" "+format+".", a...) + s.looked()}
	}
	switch {
	case s.Snapshot.ID != "":
	case s.Doubt:
		return is("may be taken or not: Atlas was asked, and its answer was lost: %s", plainly(s.Err))
	case s.Err != nil:
		return is("failed: %s", plainly(s.Err))
	default:
		return is("was not waited for")
	}
	switch err := s.Snapshot.Usable(f.Now); {
	case err == nil:
		return fine(fmt.Sprintf("%s has the snapshot of %s to go back to%s: %s", target, UTC(s.Snapshot.When(), f.Now), keptUntil(s.Snapshot.ExpiresAt, f.Now), s.Snapshot.ID))
	case !s.Snapshot.Ended():
		return is("was not waited for and is %s", err)
	default:
		return is("is %s", err)
	}
}

// looked says what looking has shown of a snapshot that may still come or end, and what to do.
func (s Safety) looked() string {
	switch {
	case !s.Open():
		return ""
	case s.Unseen != nil:
		return fmt.Sprintf(" It could not be looked at: %s. Check again later.", plainly(s.Unseen))
	case s.Snapshot.ID != "":
		return " Checking again looks at it."
	case s.Looked:
		return " The list of snapshots does not show it. Checking again looks for it."
	}
	return ""
}

// keptUntil says behind a comma for how long a snapshot is kept; empty where Atlas does not tell.
func keptUntil(at, now time.Time) string {
	if at.IsZero() {
		return ""
	}
	return ", kept until " + UTC(at, now)
}

// unsaved says what cannot be had back if the target, which is the source, is overwritten as it is:
// what was written since its newest snapshot. Where none were listed, a later one may hold it.
func (f Facts) unsaved() string {
	at, unless := f.Plan.Snapshot.When(), ""
	if f.Plan.ByMoment() {
		at = f.Plan.Instant.Time()
	}
	if newest := newest(f.Snapshots, f.Now, anySnapshot); newest.When().After(at) {
		at = newest.When()
	}
	if f.Snapshots == nil {
		unless = ", unless a later snapshot holds it"
	}
	return fmt.Sprintf("What was written to it since %s, the last %s, is lost for good%s.", UTC(at, f.Now), Age(f.Now.Sub(at)), unless)
}

// newest is the newest snapshot of a list that is meant and can be restored; the zero value for none.
func newest(all []Snapshot, now time.Time, meant func(Snapshot) bool) (newest Snapshot) {
	for _, s := range all {
		if meant(s) && s.Usable(now) == nil && s.When().After(newest.When()) {
			newest = s
		}
	}
	return newest
}

func anySnapshot(Snapshot) bool { return true }

// Newest are the listed snapshots that say how far back is lost and what is newer than the plan's:
// the newest one, and the newest safety snapshot. Nil where none were listed.
func (f Facts) Newest() []Snapshot {
	if f.Snapshots == nil {
		return nil
	}
	few := []Snapshot{newest(f.Snapshots, f.Now, anySnapshot), newest(f.Snapshots, f.Now, Snapshot.IsSafety)}
	return slices.DeleteFunc(few, func(s Snapshot) bool { return s.ID == "" })
}

// newestSafety is the newest safety snapshot of the source that can be restored, the one that this
// run has taken of it among them; the zero value for none.
func (f Facts) newestSafety() Snapshot {
	last := newest(f.Snapshots, f.Now, Snapshot.IsSafety)
	taken := f.Safety.Snapshot
	if taken.ID != "" && f.Plan.OntoItself() && taken.Usable(f.Now) == nil && taken.When().After(last.When()) {
		return taken
	}
	return last
}
