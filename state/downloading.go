package state

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Downloads are the downloads of a snapshot, among the restore jobs of its cluster, that are not over: first
// those that Atlas still prepares, and the newest of them first.
func Downloads(jobs []Job, snapshotID string, now time.Time) []Job {
	var out []Job
	for _, j := range jobs {
		st := j.State(now)
		if j.Unreadable == "" && j.DeliveryType == Download && j.SnapshotID == snapshotID && snapshotID != "" && (st == InProgress || st == Ready) {
			out = append(out, j)
		}
	}
	slices.SortStableFunc(out, func(a, b Job) int {
		return cmp.Or(cmp.Compare(a.State(now), b.State(now)), b.CreatedAt().Compare(a.CreatedAt()))
	})
	return out
}

// Stands says in a clause how it stands with a download that is not over, and when its links end.
func (j Job) Stands(now time.Time) string {
	switch {
	case j.State(now) == InProgress:
		return "Atlas still prepares its links"
	case j.ExpiresAt.IsZero():
		return "its links are there, and Atlas does not say when they end"
	}
	return fmt.Sprintf("its links are there, and end %s, %s", UTC(j.ExpiresAt, now), FromNow(j.ExpiresAt, now))
}

// checkDownloads says that the snapshot is being downloaded already, where that was seen on the way: Atlas may
// refuse another download of it, and the links of that one may be all that is wanted. Nothing is lost by another,
// so that nothing is held back, and nothing more is asked for. That none was seen is no news: one may have come since.
func checkDownloads(f Facts) Check {
	if f.JobsErr != nil {
		return harmless("whether the snapshot is being downloaded already could not be read: %s", plainly(f.JobsErr))
	}
	found := Downloads(f.Jobs, f.Plan.Snapshot.ID, f.Now)
	if len(found) == 0 {
		if u := Unreadable(f.Jobs, f.Now.Add(-longest)); len(u) > 0 {
			return harmless("whether restore job %s downloads the snapshot already: it cannot be read", cmp.Or(u[0].ID, "without an id"))
		}
		return Check{}
	}
	text := fmt.Sprintf("Restore job %s downloads this snapshot already: %s.", found[0].ID, found[0].Stands(f.Now))
	if f.Fetches != nil && f.Fetches(found[0].ID) != "" {
		text += " " + f.Fetches(found[0].ID) + " fetches its files."
	}
	return warn("%s Atlas may refuse another download of it.", text)
}
