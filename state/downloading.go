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
	return fmt.Sprintf("its links are there, and end %s, %s", UTC(j.ExpiresAt, now), Ago(j.ExpiresAt, now))
}
