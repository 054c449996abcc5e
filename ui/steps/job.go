package steps

import (
	"cmp"
	"fmt"
	"net/url"
	"strings"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/journal"
	"atlas-restore/state/watch"
)

// Link is one delivery URL with the words that tell it from the others. A file may have
// several: fetched by one of them it is used up.
type Link struct {
	Label    string
	URL      state.Secret
	File     int    // which of the job's files it leads to, from 1 on; 0: Atlas does not tell
	Endpoint string // the private endpoint that it leads over; empty for none
	Open     string // what is wrong with the link, in brackets
}

// Files counts the files of a ready download.
func Files(j state.Job) int { return len(j.Deliveries) }

// Links are all delivery URLs of the job, in Atlas's order, private ones below the
// public one of their replica set.
func Links(j state.Job) []Link {
	var out []Link
	private := func(of string, file int, urls []state.PrivateURL) {
		for _, u := range urls {
			open := openly(u.URL)
			out = append(out, Link{strings.TrimSpace(of+" over private endpoint "+u.EndpointID) + open, u.URL, file, u.EndpointID, open})
		}
	}
	for i, d := range j.Deliveries {
		label := d.ReplicaSet
		if label == "" {
			label = "Link"
		}
		if !d.URL.IsZero() {
			open := openly(d.URL)
			out = append(out, Link{label + open, d.URL, i + 1, "", open})
		}
		private(d.ReplicaSet, i+1, d.Private)
	}
	private("", 0, j.Private)
	return out
}

// NotHTTPS is what is told of a link that is none of https.
const NotHTTPS = "NOT https: whoever listens on the way can read and change what it delivers"

// openly says so of such a link. A literal loopback address has no way on which to listen.
func openly(link state.Secret) string {
	u, err := url.Parse(link.Reveal())
	if err == nil && state.CheckBaseURL(u.Scheme, u.Hostname()) == nil {
		return ""
	}
	return " (" + NotHTTPS + ")"
}

// JobTitle names the job by what it does, not by its id.
func JobTitle(p state.Plan) string {
	switch {
	case p.Delivery == state.Collections:
		return "Restore of " + ChosenNames(p.Only, 1) + " of " + p.Cluster.Name + " into " + p.Target.ClusterName
	case !p.Delivery.Overwrites():
		return "Download of " + p.Cluster.Name
	case p.Drill:
		return "Drill of " + p.Cluster.Name + " onto " + p.Target.ClusterName
	case p.OntoItself():
		return "Restore of " + p.Cluster.Name + " onto itself"
	}
	return "Restore of " + p.Cluster.Name + " onto " + p.Target.ClusterName
}

// AboutJob says which job it is, and what it restores. Single collections are named while no rows of
// their own name them.
func AboutJob(j Job, now time.Time) string {
	what := Point(j.Plan, now)
	if names := ChosenNames(j.Plan.Only, 3); j.Plan.Delivery == state.Collections && names != "" && len(PartRows(j.Job)) == 0 {
		what = names + ", " + what
	}
	if j.Plan.Drill {
		return "Drill, restore job " + j.Job.ID + ": " + what + "."
	}
	return "Restore job " + j.Job.ID + ": " + what + "."
}

// Point says of what state of the data the job is, and whose.
func Point(p state.Plan, now time.Time) string {
	text := "the snapshot of " + SnapshotName(p.Snapshot, now)
	if n := p.Snapshot.StorageSizeBytes; n > 0 && p.Delivery != state.Collections {
		text += ", " + state.Size(n) + " on disk"
	}
	if p.ByMoment() {
		text = AsItWas(p.Instant, now)
	}
	if p.Delivery.HasTarget() && p.Target.Project.ID != p.Project.ID {
		text += ", " + p.Toward() + " project " + p.Target.Project.Name
	}
	return text
}

// Terms say how the links of a ready download may be used.
func Terms(j state.Job, now time.Time) string {
	if j.Family == state.Flex {
		if j.ExpiresAt.IsZero() {
			return linkLife(j.Family)
		}
		return "The link works for " + state.Age(j.ExpiresAt.Sub(now)) + " more."
	}
	text := "The link works once"
	switch links := len(Links(j)); {
	case links > Files(j):
		text = fmt.Sprintf("%s, each by one of its links, once", state.Count(Files(j), "file"))
	case links > 1:
		text = "Each link works once"
	}
	if !j.ExpiresAt.IsZero() {
		text += ", for " + state.Age(j.ExpiresAt.Sub(now)) + " more"
	}
	return text + ", from addresses on the project's access list."
}

// Coming says which replica sets of a download have no link yet while others have one;
// empty while none has, and as soon as all have.
func Coming(j state.Job) string {
	var missing []string
	for _, d := range j.Deliveries {
		if d.URL.IsZero() {
			missing = append(missing, cmp.Or(d.ReplicaSet, "another"))
		}
	}
	if len(missing) == 0 || len(missing) == len(j.Deliveries) {
		return ""
	}
	return fmt.Sprintf("%d of %d links have come; there is none yet for %s. The files are of use only together.",
		len(j.Deliveries)-len(missing), len(j.Deliveries), strings.Join(missing, ", "))
}

// normal says how long such a job takes: as it did on this machine, else the order of
// magnitude that Atlas's documentation tells. It is a guess, and is called one.
func normal(cfg Config, p state.Plan) string {
	took := Usual(cfg, p)
	if took.Of == 0 {
		return KnownToTake(p)
	}
	return fmt.Sprintf("Before, it took about %s here (an estimate, from %s).", state.Age(took.Median), state.Count(took.Of, "job"))
}

// KnownToTake says how long such a job takes where none was seen on this machine.
func KnownToTake(p state.Plan) string {
	if p.Delivery == state.Collections {
		return "About half an hour is usual, much data takes longer."
	}
	return "A small cluster takes about 4 minutes, much data takes longer."
}

// usually is normal in few words, for the review.
func usually(cfg Config, p state.Plan) string {
	took := Usual(cfg, p)
	if took.Of == 0 {
		return "about 4 minutes, longer with much data"
	}
	return fmt.Sprintf("about %s, as before (an estimate, from %s)", state.Age(took.Median), state.Count(took.Of, "job"))
}

// Usual is how long jobs like the plan's took on this machine.
func Usual(cfg Config, p state.Plan) journal.Took {
	return journal.Usual(cfg.History, cfg.Endpoint, p.Cluster.Name, p.Delivery)
}

// JobMeaning says what a state of the job means, and what to do next.
func JobMeaning(cfg Config, p state.Plan, st state.JobState) string {
	if p.Delivery == state.Collections {
		return collectionsMeaning(p, st)
	}
	target := p.Target.ClusterName
	switch st {
	case state.InProgress:
		if p.Delivery.Overwrites() {
			return fmt.Sprintf("Atlas is restoring %s, which is down meanwhile. This cannot be cancelled. %s", target, normal(cfg, p))
		}
		return "Atlas is preparing the files. " + normal(cfg, p) + " Atlas reports no progress."
	case state.Completed:
		return fmt.Sprintf("Atlas has restored %s. What remains is yours:", target)
	case state.Ready:
		return "A link that answers 410 Gone has been used. Atlas does not report use."
	case state.Failed:
		return "Atlas says that the job failed, and gives no reason. " + leftBehind(p) + "See the project's activity feed in Atlas; then " + nextTry(p) + "."
	case state.Cancelled:
		return strings.TrimSpace("The job was cancelled. " + leftBehind(p))
	case state.Expired:
		if p.Delivery.Overwrites() {
			return fmt.Sprintf("Atlas calls the job expired, which says nothing of a restore. %s may be as it was, empty or incomplete. Look at it, and at the job in Atlas, before anything writes to it; then %s.", target, nextTry(p))
		}
		return "The links have expired. Start again, and ask for a new download of the same snapshot."
	case state.Doubtful:
		return endInDoubt(p)
	case state.Over: // of collections
	}
	return ""
}

// endInDoubt says what to do about a job of which nobody knows how it ended, and whether it did.
func endInDoubt(p state.Plan) string {
	if p.Delivery.HasTarget() {
		return "How it ended, and whether it still runs, is not known. Look at the job in Atlas, and at " + p.Target.ClusterName + ", before anything writes to it."
	}
	return "How it ended is not known. Look at the job in Atlas."
}

// nextTry is what can be done after a job that came to nothing.
func nextTry(p state.Plan) string {
	if p.Delivery.Overwrites() {
		return "restore again onto " + p.Target.ClusterName + ", or onto another cluster"
	}
	return "ask for a new download"
}

// Afterwards are what remains to be done after a restore, fitted to what was restored
// (Atlas: "restore from a snapshot" and "restore from continuous cloud backup").
func Afterwards(p state.Plan, names state.Names, target state.Cluster, search watch.Search, now time.Time) []string {
	return afterwards(p, names, target, searchBack(search, now))
}

// afterwards says it with what is known of Search.
func afterwards(p state.Plan, names state.Names, target state.Cluster, search string) []string {
	if !p.Delivery.Overwrites() {
		return nil
	}
	name := p.Target.ClusterName
	out := []string{"Look at the data of " + name + " before anything writes to it."}
	if p.OntoItself() {
		out = append(out, "Then let the application back in: restart it, so that it drops old sessions and caches.")
	} else if refreshes(p, names) {
		out = append(out, fmt.Sprintf("Then let the users of %s in again: restart what reads it, so that it drops old sessions and caches.", name))
	} else {
		out = append(out, fmt.Sprintf("Then point the application at %s, or copy what was lost back to %s.", name, p.Cluster.Name))
	}
	out = append(out, search)
	if p.Delivery == state.PointInTime {
		out = append(out, "Atlas may send an alert about a host rollback. You can ignore it.")
	}
	if target.PITEnabled || p.OntoItself() && p.Cluster.PITEnabled {
		out = append(out, fmt.Sprintf("Take a new snapshot of %s: no moment from now to its next snapshot can be restored.", name))
	}
	if !p.OntoItself() && p.Target.Project.ID != p.Project.ID {
		what := "mind who may read it, and delete it when it is not needed"
		if refreshes(p, names) {
			what = "mask or delete what its users must not read"
		}
		out = append(out, fmt.Sprintf("%s now holds the data of %s: %s.", name, p.Cluster.Name, what))
	}
	return out
}

// refreshes says whether a cluster was given newer data, and nothing lost was brought back: it is of
// another environment than the source, or where no rule names its own, of another project.
func refreshes(p state.Plan, names state.Names) bool {
	if p.OntoItself() || !p.Evidence.IsZero() {
		return false
	}
	to := names.CalledTarget(p.Target)
	if to.Name == "" {
		return p.Target.Project.ID != p.Project.ID
	}
	return !to.IsProduction() && to.Name != names.Called(p.Project.Name, p.Cluster.Name).Name
}

func leftBehind(p state.Plan) string {
	if p.Delivery.Overwrites() {
		return p.Target.ClusterName + " may be empty or incomplete: do not let the application back in. "
	}
	return "No cluster was touched. "
}

// JobClauses are what is to be said of a job of which there is nothing to choose: it runs, or
// has come to no good. busy says that it is being looked at.
func JobClauses(cfg Config, j Job, busy bool, now time.Time) []Clause {
	p, st := j.Plan, j.State(now)
	if p.Delivery == state.Collections {
		return collectionClauses(cfg, j, busy, now)
	}
	var out []Clause
	switch {
	case j.Gone && !st.Ended():
		out = append(out, Clause{"", "The program has stopped looking at it; ctrl+r looks again.", false})
	case st.Ended():
		if why := j.Job.Doubt(now); why != "" {
			out = append(out, Clause{"", state.Sentence(why), true})
		}
		for _, text := range WhatNow(p, st) {
			out = append(out, Clause{"", text, false})
		}
		if cfg.AsksAnother(j, now) {
			out[len(out)-1].Text = "a asks for another download of the same snapshot: it erases nothing."
		}
		out[0].Warn = st == state.Failed || p.Delivery.Overwrites()
		return out
	case j.Unseen:
		out = append(out, Clause{"", "Its state is not known before the first answer.", false})
	case cfg.stale(j, now):
		out = append(out, unseenNow(j))
	case p.Delivery.Overwrites():
		out = append(out, Clause{"Down", p.Target.ClusterName + ", until Atlas has finished. This cannot be cancelled.", true})
	case Coming(j.Job) != "":
		out = append(out, Clause{"Files", Coming(j.Job), false})
	default:
		out = append(out, Clause{"Files", "Atlas is preparing the files. Nothing is down. Atlas reports no progress.", false})
	}
	if f := j.Fetch; f != nil && f.Then != "" {
		out = append(out, Clause{"Then", "They are fetched into " + f.Then + "; what is there is used if it is the same file.", false})
	}
	return append(out, followed(cfg, j, busy, now)...)
}

// unseenNow says what may be down, or made, by a job that was not seen anew for long.
func unseenNow(j Job) Clause {
	target := j.Plan.Target.ClusterName
	switch over := j.Plan.Delivery.Overwrites(); {
	case over && j.Answered():
		return Clause{"Down", target + ", as it was last seen. Whether it is back is not known. This cannot be cancelled.", true}
	case over:
		return Clause{"Down", target + " may be down, or back: no look at the job was answered yet. This cannot be cancelled.", true}
	case j.Answered():
		return Clause{"Files", "When the job was last seen, Atlas was preparing them. Nothing is down.", false}
	}
	return Clause{"Files", "Atlas was asked for them, and no look at the job was answered yet. Nothing is down.", false}
}

// followed says when a job is looked at, and how one comes back to it.
func followed(cfg Config, j Job, busy bool, now time.Time) []Clause {
	var out []Clause
	if look := nextLook(j, busy, now); look != "" {
		out = append(out, Clause{"Look", look, false})
	}
	back := cfg.Comeback(j)
	switch {
	case j.Over(now):
	case back == "":
		out = append(out, Clause{"Leave", "Leaving ends the training, and this job with it.", false})
	default:
		out = append(out, Clause{"Leave", "You may leave: the job goes on in Atlas. This comes back to it:", false}, Clause{"", back, false})
	}
	return out
}

// nextLook says when the job was last looked at and when it will be again.
func nextLook(j Job, busy bool, now time.Time) string {
	if j.Over(now) {
		return ""
	}
	line := "Last answer " + state.Exactly(now.Sub(j.LookedAt)) + " ago"
	if j.Unseen {
		line = "No answer yet"
	}
	switch {
	case busy:
		line += ", looking now"
	case j.NextAt.After(now):
		line += ", " + lookIn(j.NextAt.Sub(now))
	}
	return line + "."
}

// lookIn says when a look is due. What is less than a second away is told as now: nobody waits
// for 0 s.
func lookIn(d time.Duration) string {
	if d < time.Second {
		return "looking now"
	}
	return "next look in " + state.Exactly(d)
}

// WhatNow says what the end of a job that has brought nothing means, and what to do, a sentence
// for each step.
func WhatNow(p state.Plan, st state.JobState) []string {
	target := p.Target.ClusterName
	if p.Delivery == state.Collections {
		return []string{collectionsMeaning(p, st)}
	}
	switch {
	case st == state.Failed && p.Delivery.Overwrites():
		return []string{
			target + " may be empty or incomplete: do not let the application back in.",
			"Atlas says that the job failed, and gives no reason. The project's activity feed in Atlas may have one.",
			"Then " + nextTry(p) + ".",
		}
	case st == state.Failed:
		return []string{
			"Atlas says that the job failed, and gives no reason. No cluster was touched.",
			"See the project's activity feed in Atlas. Then " + nextTry(p) + ".",
		}
	case st == state.Cancelled && p.Delivery.Overwrites():
		return []string{"The job was cancelled. " + target + " may be empty or incomplete: do not let the application back in.", "Then " + nextTry(p) + "."}
	case st == state.Cancelled:
		return []string{"The job was cancelled. No cluster was touched."}
	case st == state.Expired && p.Delivery.Overwrites():
		return []string{
			target + " may be as it was, empty or incomplete. Look at it, and at the job in Atlas, before anything writes to it.",
			"Atlas calls the job expired, which says nothing of a restore. Then " + nextTry(p) + ".",
		}
	case st == state.Doubtful:
		return []string{endInDoubt(p)}
	case st == state.Expired:
		return []string{"The links have expired: none of them can be used any more.", "Ask for a new download of the same snapshot."}
	}
	return []string{strings.ToUpper(st.String()) + "."}
}
