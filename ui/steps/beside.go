package steps

import (
	"cmp"
	"fmt"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/watch"
)

// OthersBrief says in one clause that more than one job was seen.
func OthersBrief(p state.Plan, others []state.Other) string {
	if !p.Delivery.Overwrites() {
		return fmt.Sprintf("%s fit the request, and which is ours cannot be told", state.Count(len(others)+1, "job"))
	}
	return fmt.Sprintf("%s beside this one, so that whose data %s holds is not certain", seen(len(others)), p.Target.ClusterName)
}

func seen(n int) string {
	if n == 1 {
		return "another restore job was seen"
	}
	return fmt.Sprintf("%d other restore jobs were seen", n)
}

// OthersWords say which jobs were seen beside ours and which came last, a sentence each; or
// why that could not be seen; nothing where nothing was.
func OthersWords(p state.Plan, ours state.Job, others []state.Other, unlisted error, now time.Time) []string {
	var out []string
	for _, o := range others {
		out = append(out, otherWords(p, ours, o, others, now))
	}
	if unlisted != nil {
		out = append(out, fmt.Sprintf("Whether another restore onto %s was made meanwhile could not be seen: %s Look at its restore jobs in Atlas.",
			p.Target.ClusterName, state.Why(unlisted)))
	}
	return out
}

func otherWords(p state.Plan, ours state.Job, o state.Other, others []state.Other, now time.Time) string {
	line := "ANOTHER JOB: restore job " + cmp.Or(o.ID, "without an id")
	if o.Source.Name != "" {
		line += " of " + o.Source.Name
	}
	if at := o.CreatedAt(); !at.IsZero() {
		line += ", asked " + state.UTCSecond(at, now)
	}
	target := p.Target.ClusterName
	switch {
	case !p.Delivery.Overwrites():
		return line + ", fits the same request: it may be somebody else's, or this one is."
	case o.Unreadable != "":
		return fmt.Sprintf("%s, cannot be read (%s): it may be onto %s too. Look at it in Atlas.", line, o.Unreadable, target)
	}
	return line + ", " + o.State(now).String() + ", is onto " + target + " too. " + cameWords(target, ours, o, others)
}

// cameWords say which of the two came later, and of the one that came last of all that it did: of
// several that were seen, one alone says so.
func cameWords(target string, ours state.Job, o state.Other, others []state.Other) string {
	look := fmt.Sprintf("look into %s before you trust its data.", target)
	last, later := state.NewestOther(ours, others)
	switch o.Last(ours) {
	case 1:
		switch o.CameLast(ours, others) {
		case 1:
			return fmt.Sprintf("It came last: %s holds its data, or will, or what it has left.", target)
		case -1:
			return fmt.Sprintf("It came after this one, and restore job %s after it.", last.ID)
		}
		return "It came after this one, and which came last cannot be told: " + look
	case -1:
		switch (state.Other{Job: ours}).CameLast(ours, others) {
		case 1:
			return "This job came last, while that one was not over: " + look
		case -1:
			return fmt.Sprintf("This job came after it, while it was not over, and restore job %s after both.", last.ID)
		}
		return "This job came after it, while it was not over, and which came last cannot be told: " + look
	}
	both := "Both were asked in the same second"
	if ours.CreatedAt().IsZero() || o.CreatedAt().IsZero() {
		both = "When both were asked is not known"
	}
	if later && o.CameLast(ours, others) < 0 {
		return fmt.Sprintf("%s, and restore job %s after them.", both, last.ID)
	}
	return both + ", and which came last cannot be told: " + look
}

// LookFailed is a look at the job that failed: why, what is known of the job, and what to do.
func LookFailed(cfg Config, f Job, err error) state.Problem {
	now, p := cfg.Now(), f.Plan
	out := state.Explain("Looking at restore job "+f.Job.ID, err)
	switch {
	case f.Gone:
		known := "It was never seen."
		if !f.Unseen {
			known = "It was last seen " + f.Job.State(f.LookedAt).String() + " at " + state.UTCSecond(f.LookedAt, now) + "."
		}
		where := "the restore jobs of " + p.Cluster.Name
		if p.Delivery.Overwrites() {
			where += ", and into " + p.Target.ClusterName + ","
		}
		out.Why += " " + known + " What has become of it is not known."
		out.Advice += fmt.Sprintf(" Look in Atlas at %s before you do anything else.", where)
		if again := cfg.Comeback(f); again != "" {
			out.Advice += " To look again: " + again
		}
	case !f.RefusedAt.IsZero():
		out.Advice = fmt.Sprintf("It is asked again until %s, as a single refusal may pass. ", state.UTCSecond(f.RefusedAt.Add(watch.Patience), now)) + out.Advice
	}
	return out
}
