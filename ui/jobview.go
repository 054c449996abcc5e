package ui

import (
	"fmt"
	"strings"
	"time"

	"atlas-restore/state"
)

// link is one delivery URL with the words that tell it from the others.
type link struct {
	label string
	url   state.Secret
}

// links are all delivery URLs of the job, in Atlas's order, private ones below the
// public one of their replica set.
func links(j state.Job) []link {
	var out []link
	private := func(of string, urls []state.PrivateURL) {
		for _, u := range urls {
			out = append(out, link{strings.TrimSpace(of + " over private endpoint " + u.EndpointID), u.URL})
		}
	}
	for _, d := range j.Deliveries {
		label := d.ReplicaSet
		if label == "" {
			label = "Link"
		}
		if !d.URL.IsZero() {
			out = append(out, link{label, d.URL})
		}
		private(d.ReplicaSet, d.Private)
	}
	private("", j.Private)
	return out
}

func (p *jobPage) links() []link {
	if p.state() != state.Ready {
		return nil // before, Atlas still prepares; after, a link is of no use
	}
	return links(p.job)
}

// View implements page.
func (p *jobPage) View(s styles, w, h int) string {
	body, from, to := p.body(s, w)
	top := p.head(s, w, false)
	if len(top)+to-from+2 > h { // a link is whole on the screen, whatever else gives way
		top = p.head(s, w, true)
	}
	room := max(1, h-len(top))
	// The highlighted link stays on the screen.
	start := min(max(0, to-room+1), from) // a line is left for the mark of more
	shown := body[start:min(len(body), start+room)]
	if start+room < len(body) && len(shown) > 0 {
		shown[len(shown)-1] = s.muted.Render(s.marks.more + " more: ↓")
	}
	return strings.Join(append(top, shown...), "\n")
}

// head is what the job is and what state it is in; brief leaves out what can be read
// elsewhere.
func (p *jobPage) head(s styles, w int, brief bool) []string {
	now := p.cfg.Now()
	st := p.state()
	word := strings.ToUpper(st.String())
	switch st {
	case state.Completed, state.Ready:
		word = s.fine.Bold(true).Render(s.marks.ok + " " + word)
	case state.InProgress:
		word = s.accent.Bold(true).Render(s.marks.now + " " + word)
	default:
		word = s.warn.Bold(true).Render(s.marks.wrong + " " + word)
	}
	between := " " + s.marks.between + " "
	line := "job " + p.job.ID
	if at := state.CreatedAt(p.job.ID); !at.IsZero() {
		line += between + "asked " + at.Format("15:04:05") + " UTC"
		switch {
		case p.endAt.IsZero():
			line += between + state.Ago(at, now)
		case st != state.Expired: // its links expired later than it ended
			line += fmt.Sprintf("%s%s after %s", between, st, state.Exactly(p.endAt.Sub(at)))
		}
	}
	out := []string{spread(s.title.Render(jobTitle(p.plan)), word, w)}
	if !brief {
		out = append(out, mutedLines(s, wrap(point(p.plan, now), w))...)
		out = append(out, mutedLines(s, wrap(line, w))...)
	}
	if st == state.Ready && !brief {
		out = append(out, "")
	}
	if st == state.Ready {
		out = append(out, p.terms(w)...)
	}
	return out
}

// terms say how the links may be used; they stay above the links when those scroll.
func (p *jobPage) terms(w int) []string {
	text := "The link works once"
	if len(links(p.job)) > 1 {
		text = "Each link works once"
	}
	if !p.job.ExpiresAt.IsZero() {
		text += ", for " + state.Exactly(p.job.ExpiresAt.Sub(p.cfg.Now())) + " more"
	}
	return wrap(text+", from addresses on the project's access list.", w)
}

// point says of what state of the data the job is, and whose.
func point(p state.Plan, now time.Time) string {
	text := "the snapshot of " + snapshotName(p.Snapshot, now)
	if n := p.Snapshot.StorageSizeBytes; n > 0 {
		text += ", " + size(n) + " on disk"
	}
	if p.Delivery == state.PointInTime {
		text = "as it was at " + state.UTCSecond(p.Instant.Time(), now)
	}
	if p.Delivery.Overwrites() && p.Target.Project.ID != p.Project.ID {
		text += ", onto project " + p.Target.Project.Name
	}
	return text
}

func mutedLines(s styles, lines []string) []string {
	for i := range lines {
		lines[i] = s.muted.Render(lines[i])
	}
	return lines
}

// jobTitle names the job by what it does, not by its id.
func jobTitle(p state.Plan) string {
	switch {
	case !p.Delivery.Overwrites():
		return "Download of " + p.Cluster.Name
	case p.OntoItself():
		return "Restore of " + p.Cluster.Name + " onto itself"
	}
	return "Restore of " + p.Cluster.Name + " onto " + p.Target.ClusterName
}

// body says what the state means and what to do next; from and to are the lines of
// the highlighted link.
func (p *jobPage) body(s styles, w int) (out []string, from, to int) {
	out = append(out, "")
	say := func(text string) { out = append(out, wrap(text, w)...) }
	target := p.plan.Target.ClusterName
	switch p.state() {
	case state.InProgress:
		if p.plan.Delivery.Overwrites() {
			say(fmt.Sprintf("Atlas is restoring %s, which is down meanwhile. This cannot be cancelled. A small cluster takes about 4 minutes, much data takes longer.", target))
		} else {
			say("Atlas is preparing the files. A small cluster takes about 4 minutes, much data takes longer. Atlas tells no progress.")
		}
	case state.Completed:
		say(fmt.Sprintf("Atlas has restored %s. Check the data before you let the application back in. Search indexes may still be building. It can be restored to a point in time again only after its next snapshot.", target))
	case state.Ready:
		return p.ready(s, w)
	case state.Failed:
		say("Atlas says that the job failed, and gives no reason. " + p.leftBehind() + "See the project's activity feed in Atlas.")
	case state.Cancelled:
		say("The job was cancelled. " + p.leftBehind())
	case state.Expired:
		say("The links have expired. Leave with q, start again, and ask for a new download of the same snapshot.")
	}
	out = append(out, "")
	out = append(out, p.looking(s, w)...)
	return out, 0, 0
}

func (p *jobPage) leftBehind() string {
	if p.plan.Delivery.Overwrites() {
		return p.plan.Target.ClusterName + " may be empty or incomplete: do not let the application back in. "
	}
	return "No cluster was touched. "
}

// looking says when the job was last looked at and when it will be again, or why a
// look failed.
func (p *jobPage) looking(s styles, w int) []string {
	now := p.cfg.Now()
	var out []string
	if p.look.problem != nil {
		out = problemLines(s, *p.look.problem, w)
	}
	if p.cancel.problem != nil {
		out = append(out, problemLines(s, *p.cancel.problem, w)...)
	}
	if p.cancel.busy {
		return append(out, p.cancel.waiting(s))
	}
	if p.state().Ended() || p.gone {
		return out
	}
	line := "Last answer " + state.Exactly(now.Sub(p.lookAt)) + " ago"
	switch {
	case p.look.busy:
		line += ", looking now" + s.marks.more
	case p.nextAt.After(now):
		line += ", next look in " + state.Exactly(p.nextAt.Sub(now)) + "."
	}
	return append(out, mutedLines(s, wrap(line, w))...)
}

func (p *jobPage) ready(s styles, w int) (out []string, from, to int) {
	all := links(p.job)
	out = []string{""}
	for i, l := range all {
		here := i == min(p.at, len(all)-1)
		mark, style := "  ", s.text
		if here {
			mark, style, from = s.selected.Render(s.marks.here)+" ", s.selected, len(out)
		}
		label := l.label
		if len(all) > 1 {
			label = fmt.Sprintf("%d/%d  %s", i+1, len(all), label)
		}
		out = append(out, mark+style.Render(label))
		for _, part := range fold(l.url.Reveal(), w-2) {
			out = append(out, "  "+part)
		}
		if here {
			to = len(out)
		}
	}
	return append(out, p.looking(s, w)...), from, to
}
