package state

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// realistic is how long a restore may take before a snapshot that expires meanwhile is a
// danger to it.
const realistic = 24 * time.Hour

// SafetyDescription is what a snapshot is called that is taken before a restore, where nothing else is said.
const SafetyDescription = "before a restore with atlas-restore"

func checkUsable(f Facts) Check {
	var atlas *AtlasError
	switch {
	case errors.As(f.SnapErr, &atlas) && atlas.Code == "SNAPSHOT_NOT_FOUND":
		return block("Choose another one.", "Atlas finds no such snapshot of %s: it is gone, or of another cluster.", f.Plan.Cluster.Name)
	case f.SnapErr != nil:
		return unseen("The snapshot", f.SnapErr)
	}
	s := f.Snapshot
	if s.ID != f.Plan.Snapshot.ID {
		return Check{Verdict: Unknown, Why: fmt.Sprintf("The snapshot could not be seen: Atlas was asked for %s and answered with %s.", f.Plan.Snapshot.ID, cmp.Or(s.ID, "none"))}
	}
	switch err := s.Usable(f.Now); {
	case err != nil:
		return block("Choose another one.", "The snapshot is %s.", err)
	case s.Fallback() && f.Plan.Delivery == Collections:
		return block("Choose another one.", "The snapshot is a fallback, a last resort: Atlas restores no single collections from it.")
	case s.Fallback():
		return warn("The snapshot is a fallback, a last resort: its data may be inconsistent.")
	case !s.ExpiresAt.IsZero() && s.ExpiresAt.Sub(f.Now) < realistic:
		return warn("The snapshot expires %s: a restore that takes long may not end.", FromNow(s.ExpiresAt, f.Now))
	case s.IsSafety(): // also where somebody asks for the newest one again
		return warn("The snapshot was taken before a restore with this program: it holds what was there before that restore, not what that restore brought.")
	}
	c := fine("the snapshot is completed and does not expire soon")
	if newer := f.newestSafety(); newer.When().After(s.When()) { // which nobody takes by the word latest
		c.Say, c.Short = true, "snapshot (a safety one is newer)"
		c.Why += fmt.Sprintf("; the safety snapshot of %s is newer: %s", UTC(newer.When(), f.Now), newer.ID)
	}
	return c
}

// checkSize compares with the snapshots around: what has become small suddenly was
// deleted, or is damaged.
func checkSize(f Facts) Check {
	percent, small, known := SizesOf(f.Snapshots, f.Now).Small(f.Plan.Snapshot)
	if !known {
		return Check{}
	}
	if small {
		return warn("The snapshot holds %d%% of what the others of %s hold: data may have been lost before it was taken.", percent, f.Plan.Cluster.Name)
	}
	return fine("its size is like that of the others")
}

// Sizes are those of a cluster's usable snapshots.
type Sizes struct {
	all    []Snapshot
	now    time.Time
	sorted []int64 // of those of all that count
}

// SizesOf are the sizes of those of all that are known and can be restored.
func SizesOf(all []Snapshot, now time.Time) Sizes {
	z := Sizes{all: all, now: now, sorted: make([]int64, 0, len(all))}
	for _, s := range all {
		if z.counts(s) {
			z.sorted = append(z.sorted, s.StorageSizeBytes)
		}
	}
	slices.Sort(z.sorted)
	return z
}

// counts says whether a snapshot is one of which the size is usual.
func (z Sizes) counts(s Snapshot) bool { return s.StorageSizeBytes > 0 && s.Usable(z.now) == nil }

// place is where the size of a snapshot stands; not listed if it is none of them. Which of
// those of one size it is makes no difference to the middle of the others. One whose size is
// no longer what the list says is looked for by its id.
func (z Sizes) place(s Snapshot) (i int, listed bool) {
	if i, listed = slices.BinarySearch(z.sorted, s.StorageSizeBytes); listed {
		return i, z.counts(s)
	}
	if at := slices.IndexFunc(z.all, func(of Snapshot) bool { return of.ID == s.ID && z.counts(of) }); at >= 0 {
		return slices.BinarySearch(z.sorted, z.all[at].StorageSizeBytes)
	}
	return 0, false
}

// Small says whether a snapshot holds less than half of what is usual, which is the size in
// the middle of those of the others, and how much; not known where there are too few to tell.
// The list and the review both go by it.
func (z Sizes) Small(s Snapshot) (percent int64, small, known bool) {
	others := len(z.sorted)
	i, listed := z.place(s)
	if listed {
		others--
	}
	if others < 3 || s.StorageSizeBytes <= 0 {
		return 0, false, false
	}
	middle := others / 2
	if listed && i <= middle { // it is none of the others
		middle++
	}
	percent = int64(float64(s.StorageSizeBytes) / float64(z.sorted[middle]) * 100)
	return percent, percent < 50, true
}

func checkWindow(f Facts) Check {
	if f.WindowErr != nil {
		return unseen("The restore window", f.WindowErr)
	}
	if err := (Reach{Window: f.Window}).Check(f.Plan.Instant.Time(), f.Now); err != nil {
		return block("Choose another one.", "The moment cannot be restored: %s.", err)
	}
	if f.Window.IsZero() {
		return Check{Verdict: Unknown, Why: "It is not known how far back moments can be restored."}
	}
	return fine("the moment lies within the restore window")
}

// outside says that the moment is known to lie outside the restore window, which checkWindow
// tells: what else could be said of such a moment means nothing.
func (f Facts) outside() bool {
	return f.WindowErr == nil && Reach{Window: f.Window}.Check(f.Plan.Instant.Time(), f.Now) != nil
}

// checkHole looks whether the moment lies in the hole that a restore onto the source has
// left: see Holes.
func checkHole(f Facts) Check {
	if f.outside() {
		return Check{}
	}
	if f.JobsErr != nil {
		return unseen("Earlier restores onto the source", f.JobsErr)
	}
	if f.WindowErr != nil && f.Snapshots == nil {
		return unseen("The ends of earlier restores' holes", f.WindowErr)
	}
	if u := Untargeted(f.Jobs, f.Window.From); len(u) > 0 {
		return unseen("Earlier restores onto the source", untoldJob("restore job", u[0], f.Plan.Cluster.Name))
	}
	at := f.Plan.Instant.Time()
	reach := Reach{Window: f.Window, Holes: Holes(f.Plan.Cluster, f.Jobs, f.Snapshots)}
	if h, in := reach.hole(at); in {
		near := reach.nearest(at, f.Now)
		return block(strings.ToUpper(near[:1])+near[1:]+".", "No moment can be restored from the restore of %s to the next snapshot.", UTCSecond(h.From, f.Now))
	}
	return fine("no restore has left a hole there")
}

// checkBase looks at the snapshot that Atlas begins with, and says how much is replayed on
// it. It is completed and lies before the moment. What has changed since is a known hazard
// (Ops Manager: "restore from a point in time").
func checkBase(f Facts) Check {
	if f.BaseErr != nil {
		return unseen("The snapshot that the moment begins with", f.BaseErr)
	}
	if f.Base.ID == "" {
		return block("Choose a later one.", "No snapshot was taken before that moment.")
	}
	if err := f.Base.Usable(f.Now); err != nil {
		return block("Choose another moment.", "The snapshot that Atlas would begin with cannot be used: %s.", err)
	}
	if f.Base.When().After(f.Plan.Instant.Time()) {
		return block("Choose another moment.", "The snapshot that Atlas would begin with is of after that moment: %s.", UTCSecond(f.Base.When(), f.Now))
	}
	if changed := f.changedSince(); len(changed) > 0 {
		return warn("%s %s since the snapshot that the moment begins with: that can fail.", f.Plan.Cluster.Name, strings.Join(changed, " and "))
	}
	_, was := major(f.Base.MongoDBVersion)
	if _, is := major(f.Plan.Cluster.MongoDBVersion); !was || !is {
		return Check{Verdict: Unknown, Why: fmt.Sprintf("Whether %s was upgraded since the snapshot that the moment begins with is not known.", f.Plan.Cluster.Name)}
	}
	return fine("there is a snapshot to begin with")
}

// changedSince is what the source has become other in since the base of a moment: Ops
// Manager restores no moment across such a change, and Atlas does not say.
func (f Facts) changedSince() []string {
	var out []string
	c, base := f.Plan.Cluster, f.Base
	switch was, is := base.MongoDBVersion, c.MongoDBVersion; {
	case newer(is, was):
		out = append(out, fmt.Sprintf("was upgraded from MongoDB %s to %s", majorOf(was), majorOf(is)))
	case older(is, was):
		out = append(out, fmt.Sprintf("went back from MongoDB %s to %s", majorOf(was), majorOf(is)))
	}
	if !c.Type.IsSharded() {
		return out
	}
	if was := base.Shards(); was != 0 && was != c.Shards {
		out = append(out, fmt.Sprintf("went from %s to %d", Count(was, "shard"), c.Shards))
	}
	if was, is := base.ConfigServerType, c.ConfigServerType; was != "" && is != "" && was != is {
		out = append(out, fmt.Sprintf("went from config servers that are %s to %s", strings.ToLower(was), strings.ToLower(is)))
	}
	return out
}

// FromBase says what Atlas does to get to a moment: "the snapshot of 23 Nov 12:19 UTC, then
// 1 h 43 min of oplog"; empty where the snapshot is not known.
func FromBase(base Snapshot, i Instant, now time.Time) string {
	if base.ID == "" || base.When().After(i.Time()) {
		return ""
	}
	return fmt.Sprintf("the snapshot of %s, then %s of oplog", UTC(base.When(), now), Age(i.Time().Sub(base.When())))
}

// BaseOf is the newest usable snapshot before an instant, among those that were listed.
func BaseOf(all []Snapshot, i Instant, now time.Time) (base Snapshot) {
	for _, s := range all {
		if s.Usable(now) == nil && !s.When().After(i.Time()) && (base.ID == "" || s.When().After(base.When())) {
			base = s
		}
	}
	return base
}

func checkBackups(f Facts) Check {
	switch {
	case f.Source.Name == "":
		return Check{}
	case !f.Source.BackupEnabled:
		return block("Take a snapshot instead.", "The backups of %s are off.", f.Source.Name)
	case !f.Source.PITEnabled:
		return block("Take a snapshot instead.", "Continuous cloud backup is off for %s: no moment can be restored.", f.Source.Name)
	}
	return fine("backups and point in time are on")
}
