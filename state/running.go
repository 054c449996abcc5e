package state

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// JobList is the list of the restore jobs of one source, as far as it was read. Atlas keeps a
// job under the cluster that the data come from, so whether one runs onto a target stands in
// several lists: that of the source, that of the target, and those of other sources.
type JobList struct {
	ProjectID string // of the cluster
	Cluster   string // its name
	Jobs      []Job
	Err       error // why it was not read
}

// SentJob is a job onto the target that this machine has sent, and whose end it has not seen.
type SentJob struct {
	ID      string
	Cluster string // the source
	At      time.Time
}

// longest is for how long a job without an end is believed to run. Of an older one nobody
// knows.
const longest = 24 * time.Hour

// Running is the job of these lists that runs onto a cluster; false for none that is seen to.
func Running(lists []JobList, projectID, cluster string, now time.Time) (Job, bool) {
	for _, j := range onto(lists, projectID, cluster, now) {
		if runs(j, now) {
			return j, true
		}
	}
	return Job{}, false
}

// runs says whether a job without an end is believed to run.
func runs(j Job, now time.Time) bool {
	return now.Sub(j.CreatedAt()) < longest && j.State(now) != Doubtful
}

// Endless are the jobs of these lists onto a cluster that have no end and are older than
// restores are believed to run, or do not tell their age; and those whose end cannot be believed.
func Endless(lists []JobList, projectID, cluster string, now time.Time) []Job {
	return slices.DeleteFunc(onto(lists, projectID, cluster, now), func(j Job) bool { return runs(j, now) })
}

// onto are the jobs that write into a cluster and have no end.
func onto(lists []JobList, projectID, cluster string, now time.Time) []Job {
	var out []Job
	for _, l := range lists {
		for _, j := range l.Jobs {
			if j.Unreadable == "" && j.TargetProjectID == projectID && j.TargetClusterName == cluster && j.MayRun(now) {
				out = append(out, j)
			}
		}
	}
	return out
}

// Unlisted are the jobs that were sent and stand in none of the lists.
func Unlisted(lists []JobList, sent []SentJob) []SentJob {
	var out []SentJob
	for _, s := range sent {
		if !slices.ContainsFunc(lists, func(l JobList) bool {
			return slices.ContainsFunc(l.Jobs, func(j Job) bool { return j.ID == s.ID })
		}) {
			out = append(out, s)
		}
	}
	return out
}

// Asker is who has asked for a restore, as Atlas's events tell.
type Asker struct {
	Name    string // of the user, or the public key; empty where it is not known
	Address string // that the request came from; empty where it is not told
}

// words are for behind the job.
func (a Asker) words() string {
	switch {
	case a.Name == "":
		return ""
	case a.Address == "":
		return ", asked for by " + a.Name
	}
	return ", asked for by " + a.Name + " from " + a.Address
}

// lists are all that were looked at for a restore that runs.
func (f Facts) lists() []JobList {
	return append([]JobList{{f.Plan.Cluster.ProjectID, f.Plan.Cluster.Name, f.Jobs, f.JobsErr}}, f.Others...)
}

// single says of the collection restore jobs that may write into a cluster that is erased what is
// known, where that is not all; empty where none runs. Atlas refuses the restore while one does.
func (f Facts) single() string {
	for _, l := range f.Singles {
		if u := MayRunOnto(l.Jobs, f.Now); l.Err == nil && len(u) > 0 {
			l.Err = untoldJob("collection restore job", u[0], l.Cluster)
		}
		if l.Err != nil {
			return "whether single collections of " + l.Cluster + " are being restored there: " + plainly(l.Err)
		}
	}
	if e := Endless(f.Singles, f.Plan.Target.Project.ID, f.Plan.Target.ClusterName, f.Now); len(e) > 0 {
		return "whether collection restore job " + e[0].ID + " still runs there: " + cmp.Or(e[0].Doubt(f.Now), "it has no end")
	}
	return ""
}

// Running is the job that runs onto the target, as far as the lists were read; false for none
// that is seen to.
func (f Facts) Running() (Job, bool) {
	return Running(f.AllLists(), f.Plan.Target.Project.ID, f.Plan.Target.ClusterName, f.Now)
}

// AllLists are those in which a job was looked for that runs onto the target.
func (f Facts) AllLists() []JobList { return append(f.lists(), f.Singles...) }

// Refusal is Atlas's refusal of a request onto the target since a restore runs there.
type Refusal struct {
	At     time.Time // zero for none
	Looked bool      // all was looked at once since
}

// RestoreRuns says whether an error is Atlas's refusal of a request since a restore runs on the target.
func RestoreRuns(err error) bool {
	var atlas *AtlasError
	return errors.As(err, &atlas) && atlas.Code == "ATLAS_CLUSTER_RESTORE_IN_PROGRESS"
}

// RefusalStands says whether the refusal still tells that a restore runs. The looks that follow it at once may be
// behind Atlas itself; a later one that sees the target idle says otherwise.
func (f Facts) RefusalStands() bool {
	return !f.Refused.At.IsZero() && (!f.Refused.Looked || f.TargetErr != nil || f.Target.State != idle)
}

// idle is the state of a cluster on which nothing is under way, as Atlas calls it.
const idle = "IDLE"

// looksForRunning are those that tell whether a restore runs: one that is seen to run, and a refusal, do not wait for
// the state of the target.
func (f Facts) looksForRunning() Look {
	lists := LookJobs | LookOthers | LookSingles
	if _, runs := f.Running(); runs || !f.Refused.At.IsZero() && !f.Refused.Looked {
		return lists
	}
	return lists | LookTarget
}

// checkRunning looks at every list in which a restore onto the target was looked for. What
// was not read is not OK, and the lists that were read are named.
func checkRunning(f Facts) Check {
	t, lists := f.Plan.Target, f.lists()
	if j, runs := f.Running(); runs {
		job, into := "Restore job", "onto"
		if j.DeliveryType == Collections {
			job, into = "Collection restore job", "into"
		}
		return block("Wait for its end, or choose another target.", "%s %s runs already %s %s%s.", job, j.ID, into, t.ClusterName, f.RunningBy.words())
	}
	if f.RefusalStands() {
		return block("Wait for its end, then check again.", "Atlas refused a request, %s, as a restore runs there.", UTCSecond(f.Refused.At, f.Now))
	}
	var read []string
	for i, l := range lists {
		switch u := MayRunOnto(l.Jobs, f.Now); {
		case l.Err != nil && i == 0:
			return unseen("Whether a restore runs already", l.Err)
		case l.Err != nil:
			return unseen("Whether a restore onto "+l.Cluster+" runs already", l.Err)
		case len(u) > 0:
			return unseen("Whether a restore runs already", untoldJob("restore job", u[0], l.Cluster))
		}
		if !slices.Contains(read, l.Cluster) {
			read = append(read, l.Cluster)
		}
	}
	if u := Unlisted(lists, f.Sent); len(u) > 0 {
		s := u[0]
		return Check{Verdict: Unknown, Why: fmt.Sprintf("Restore job %s onto %s, which this machine has sent %s, does not stand in the list of %s: it may run.", s.ID, t.ClusterName, Ago(s.At, f.Now), s.Cluster)}
	}
	if e := Endless(lists, t.Project.ID, t.ClusterName, f.Now); len(e) > 0 {
		return Check{Verdict: Unknown, Why: endless(e[0], t.ClusterName, f.Now)}
	}
	if why := f.single(); why != "" {
		return Check{Verdict: Unknown, Why: why + "."}
	}
	if s := f.Target.State; f.TargetErr == nil && s != "" && s != idle { // the check of the target holds it back
		return harmless("whether a restore runs there: the jobs of %s do not tell why it is %s.", inARow(read), strings.ToLower(s))
	}
	if j, ok := f.lately(); ok {
		return warn("Restore job %s restored %s %s: this restore erases what it brought.", j.ID, t.ClusterName, Ago(j.FinishedAt, f.Now))
	}
	c := fine(fmt.Sprintf("no other restore onto the target is running (jobs of %s)", inARow(read)))
	c.Say, c.Short = true, NoRestoreSeen
	return c
}

// fresh is for how long what a restore has brought may be news to who restores the same cluster: somebody else
// may just be at work with it.
const fresh = time.Hour

// lately is the newest job that wrote into the target and was completed just now. A restore of single
// collections erases none of it.
func (f Facts) lately() (newest Job, ok bool) {
	if !f.Plan.Delivery.Overwrites() {
		return Job{}, false
	}
	for _, l := range append(f.lists(), f.Singles...) {
		for _, j := range l.Jobs {
			if j.TargetProjectID == f.Plan.Target.Project.ID && j.TargetClusterName == f.Plan.Target.ClusterName &&
				j.State(f.Now) == Completed && f.Now.Sub(j.FinishedAt) < fresh && j.FinishedAt.After(newest.FinishedAt) {
				newest, ok = j, true
			}
		}
	}
	return newest, ok
}

// inARow are names as they are said: "a, b and c".
func inARow(names []string) string {
	if n := len(names) - 1; n > 0 {
		return strings.Join(names[:n], ", ") + " and " + names[n]
	}
	return strings.Join(names, "")
}

// endless says why a job onto a cluster may still run of which no end is known.
func endless(j Job, onto string, now time.Time) string {
	if why := j.Doubt(now); why != "" {
		return fmt.Sprintf("Restore job %s onto %s may still run: %s.", j.ID, onto, why)
	}
	return fmt.Sprintf("Restore job %s onto %s%s has no end: it may still run.", j.ID, onto, madeOn(j, now))
}

// madeOn is when a job was made, behind a comma, where its id tells.
func madeOn(j Job, now time.Time) string {
	at := j.CreatedAt()
	if at.IsZero() {
		return ""
	}
	return ", of " + UTC(at, now) + ","
}
