package steps

import (
	"fmt"
	"strings"
	"time"

	"atlas-restore/state"
)

// Update is how a job stands, in one line fit for the channel of an incident: whoever reads it knows
// what is restored onto what, how far it is, and when more is known. It has no link in it.
func Update(cfg Config, j Job, now time.Time) string {
	where := ""
	if cfg.Mode == Training {
		where = "TRAINING, "
	}
	begin := fmt.Sprintf("%s%s %s", where, state.UTC(now, now), lowerFirst(JobTitle(j.Plan)))
	point := "the snapshot of " + SnapshotName(j.Plan.Snapshot, now)
	if j.Plan.ByMoment() {
		point = state.UTCSecond(j.Plan.Instant.Time(), now)
	}
	begin += " as of " + strings.TrimPrefix(point, "the snapshot of ")
	st := j.State(now)
	at := ""
	if end := j.Job.Finished(now); !end.IsZero() {
		at = " at " + state.UTC(end, now)
	}
	switch {
	case j.Unseen || j.Gone:
		return begin + ": how it stands is not known, no look at it was answered."
	case len(j.Others) > 0:
		return begin + ": " + st.String() + ", and " + OthersBrief(j.Plan, j.Others) + "."
	case st == state.Completed:
		return begin + ": completed" + at + ". The data still have to be looked at."
	case st == state.Ready && cfg.stale(j, now):
		return begin + ": " + whenSeen(j, now) + "."
	case st == state.Ready:
		return fmt.Sprintf("%s: ready to be fetched, for %s more.", begin, state.Age(j.Job.ExpiresAt.Sub(now)))
	case st.Ended():
		return begin + ": " + strings.ToUpper(st.String()) + at + "."
	}
	text := begin + ": running"
	if cfg.stale(j, now) {
		text = begin + ": " + whenSeen(j, now)
	} else if e, ok := ElapsedOf(cfg, j, now); ok {
		text += " for " + state.Age(e.For)
		if e.Usual.Of > 0 {
			text += ", usually " + state.Age(e.Usual.Median)
		}
	}
	if next := j.DueAt(now); next.After(now) {
		text += "; next look in " + state.Age(next.Sub(now))
	}
	return text + "."
}

// whenSeen says what was seen of a job last, and when: whoever reads it later cannot know how old it is.
func whenSeen(j Job, now time.Time) string {
	if !j.Answered() {
		return "asked for, and no look at it was answered yet"
	}
	return j.State(now).String() + " when last seen, at " + state.UTC(j.LookedAt, now)
}

func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }
