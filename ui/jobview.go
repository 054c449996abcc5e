package ui

import (
	"fmt"
	"strings"

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
	top := p.head(s, w)
	body, from, to := p.body(s, w)
	room := max(1, h-len(top))
	// The highlighted link stays on the screen.
	start := min(max(0, to-room+1), from) // a line is left for the mark of more
	shown := body[start:min(len(body), start+room)]
	if start+room < len(body) && len(shown) > 0 {
		shown[len(shown)-1] = s.muted.Render(s.marks.more + " more: ↓")
	}
	return strings.Join(append(top, shown...), "\n")
}

func (p *jobPage) head(s styles, w int) []string {
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
	out := []string{spread(s.title.Render(jobTitle(p.plan)), word, w)}
	line := "job " + p.job.ID
	if at := state.CreatedAt(p.job.ID); !at.IsZero() {
		line += " · asked " + at.Format("15:04:05") + " UTC"
		if p.endAt.IsZero() {
			line += " · " + state.Exactly(now.Sub(at)) + " ago"
		} else {
			line += fmt.Sprintf(" · %s after %s", st, state.Exactly(p.endAt.Sub(at)))
		}
	}
	return append(out, mutedLines(s, wrap(line, w))...)
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
		say(fmt.Sprintf("Atlas has restored %s. Check the data before you let the application back in. Search indexes may still be building, and a new snapshot reopens point in time for it.", target))
	case state.Ready:
		return p.ready(s, w)
	case state.Failed:
		say("Atlas says that the job failed, and gives no reason. " + p.leftBehind() + "See the project's activity feed in Atlas.")
	case state.Cancelled:
		say("The job was cancelled. " + p.leftBehind())
	case state.Expired:
		say("The links have expired. Ask for a new download of the same snapshot.")
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
	left := p.job.ExpiresAt.Sub(p.cfg.Now())
	all := links(p.job)
	each := "The link works once"
	if len(all) > 1 {
		each = "Each link works once"
	}
	if !p.job.ExpiresAt.IsZero() {
		each += ", for " + state.Exactly(left) + " more"
	}
	out = append(append([]string{""}, wrap(each+", from addresses on the project's access list.", w)...), "")
	for i, l := range all {
		here := i == min(p.at, len(all)-1)
		mark, style := "  ", s.text
		if here {
			mark, style, from = s.selected.Render(s.marks.here)+" ", s.selected, len(out)
		}
		out = append(out, mark+style.Render(l.label))
		for _, part := range fold(l.url.Reveal(), w-2) {
			out = append(out, "  "+part)
		}
		if here {
			to = len(out)
		}
	}
	return append(out, p.looking(s, w)...), from, to
}
