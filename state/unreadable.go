package state

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Unreadable are the jobs that cannot be read and may still run: those made since, and those
// that do not even tell when they were made.
func Unreadable(jobs []Job, since time.Time) []Job {
	return slices.DeleteFunc(Untargeted(jobs, since), func(j Job) bool { return j.Unreadable == "" })
}

// Untargeted are the jobs of which nobody can tell what they write into: see Job.Untargeted. They were made
// since, or do not even tell when they were made.
func Untargeted(jobs []Job, since time.Time) []Job {
	var out []Job
	for _, j := range jobs {
		if made := CreatedAt(j.ID); j.Untargeted() != "" && (made.IsZero() || !made.Before(since)) {
			out = append(out, j)
		}
	}
	return out
}

// MayRunOnto are the jobs that may run onto any cluster, as nobody can tell what they write into: those
// that have no end, and of those that cannot be read the ones that are not older than restores are
// believed to run.
func MayRunOnto(jobs []Job, now time.Time) []Job {
	return slices.DeleteFunc(Untargeted(jobs, time.Time{}), func(j Job) bool {
		made := CreatedAt(j.ID)
		return j.State(now).Ended() || j.Unreadable != "" && !made.IsZero() && made.Before(now.Add(-longest))
	})
}

// Untargeted is why nobody can tell which cluster the job writes into; empty where it tells that, and
// for a download. Atlas tells it of every job that has a target, so what is missing is not "none".
func (j Job) Untargeted() string {
	switch {
	case j.Unreadable != "":
		return j.Unreadable
	case j.DeliveryType == Download, j.TargetProjectID != "" && j.TargetClusterName != "":
		return ""
	case j.TargetClusterName == "":
		return "it does not tell onto which cluster it is"
	}
	return "it does not tell in which project its target " + j.TargetClusterName + " is"
}

// untoldJob is the error about a job of a cluster's list of which nobody can tell what it writes into.
func untoldJob(what string, j Job, cluster string) error {
	return &UnreadableError{Why: fmt.Sprintf("%s %s in the list of %s: %s", what, cmp.Or(j.ID, "without an id"), cluster, j.Untargeted())}
}
