package steps

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/fetch"
)

// linkOf stands for all links to a file: they are used up together.
func linkOf(d state.Delivery) state.Secret {
	if d.URL.IsZero() && len(d.Private) > 0 {
		return d.Private[0].URL
	}
	return d.URL
}

// remember keeps which links gave nothing more: those of the job that was fetched, and of the other one
// that came in its place, if any did.
func (f *Fetching) remember(asked state.Job, d Download) {
	for i, file := range d.Files {
		if !file.gone {
			continue
		}
		for _, j := range []state.Job{asked, d.Job} {
			if i < len(j.Deliveries) {
				f.Gone = append(f.Gone, linkOf(j.Deliveries[i]))
			}
		}
	}
}

// LinkGone says whether the link of a file, counted from 0, was seen to give nothing more. Links that
// Atlas has put in the place of it since were not.
func (j Job) LinkGone(file int) bool {
	if j.Fetch == nil || file < 0 || file >= len(j.Job.Deliveries) {
		return false
	}
	link := linkOf(j.Job.Deliveries[file])
	return !link.IsZero() && slices.ContainsFunc(j.Fetch.Gone, func(s state.Secret) bool { return s.Reveal() == link.Reveal() })
}

// gone counts the files whose links were seen to give nothing more.
func (j Job) gone() (n int) {
	for i := range j.Job.Deliveries {
		if j.LinkGone(i) {
			n++
		}
	}
	return n
}

// LinksGone says whether nothing more comes of the links of a download although files are missing: each
// of these has a link that was seen to give nothing more.
func (j Job) LinksGone() bool {
	f := j.Fetch
	if f == nil || f.Busy || f.Done == nil || len(f.Done.Files) != len(j.Job.Deliveries) {
		return false
	}
	missing := 0
	for i, file := range f.Done.Files {
		if file.State != fetch.Kept && file.State != fetch.Untouched {
			continue
		}
		if missing++; !j.LinkGone(i) {
			return false
		}
	}
	return missing > 0
}

// State is that of the job in Atlas; but links that were seen to give nothing more are over, whatever
// their time says.
func (j Job) State(now time.Time) state.JobState {
	st := j.Follow.State(now)
	if st == state.Ready && j.LinksGone() {
		return state.Expired
	}
	return st
}

// terms are those of the links that may still give something.
func (j Job) terms(now time.Time) string {
	text, n, of := Terms(j.Job, now), j.gone(), len(j.Job.Deliveries)
	if n == 0 {
		return text
	}
	for _, lead := range []string{"Each link", "The link"} {
		if rest, ok := strings.CutPrefix(text, lead); ok {
			text = "Each other link" + rest
		}
	}
	return fmt.Sprintf("%d of %s gave nothing more. %s", n, state.Count(of, "link"), text)
}

// goodLinks are the links that may still give something, as the subject of a sentence.
func (j Job) goodLinks() string {
	if n := j.gone(); n > 0 {
		return fmt.Sprintf("%d of its %s gave nothing more, the others", n, state.Count(len(j.Job.Deliveries), "link"))
	}
	return "its links"
}

// Renews is the command that asks for another download of the same snapshot and goes on with what is
// there; empty where none can run.
func (j Job) Renews(cfg Config) string {
	if d := j.Fetch.Done; d != nil && d.Again != "" {
		return d.Again
	}
	again := cfg.Fetches(j)
	if again != "" {
		again += " --" + FlagRenew
	}
	return again
}
