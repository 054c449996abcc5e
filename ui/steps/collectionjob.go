package steps

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/collections"
)

// PartRow is one collection of a job, as it is told.
type PartRow struct {
	Name  string // as it was chosen, and as what it came back where that is another name
	State string // in words
	Docs  string // how many documents, in words; empty where nobody knows
	Role  Role
}

// PartRows are the collections of a job, as far as Atlas tells them: those that came to no good
// first.
func PartRows(j state.Job) []PartRow {
	if j.Collections == nil {
		return nil
	}
	var bad, rest []PartRow
	for _, p := range j.Collections.Parts {
		row := PartRow{Name: p.Source.String(), State: p.Reason(), Docs: documents(p.Documents), Role: Running}
		if p.Real != (collections.Name{}) && p.Real != p.Source {
			row.Name += " as " + p.Real.String()
		}
		switch {
		case p.State == collections.Successful && !p.Good():
			p.State = collections.IndexBuildFailed
		case p.State == collections.Successful:
			row.Role = Good
		}
		switch p.State {
		case collections.Successful:
		case collections.NotStarted:
			row.Role = Plain
		case collections.InProgress, collections.Finalizing, collections.Initializing:
			if row.Docs != "" && p.State == collections.InProgress {
				row.State = "coming"
			}
		default:
			if row.Role = Danger; !p.Bad() {
				row.Role = Caution // it is not known to have failed
			}
			if why := p.Indexes.Why; why != "" {
				row.State += ": " + why
			}
			bad = append(bad, row)
			continue
		}
		rest = append(rest, row)
	}
	return append(bad, rest...)
}

// documents says how many documents have come: "4,583,187 of about 10,919,185 documents". The total
// is an estimate, which more may come than.
func documents(p collections.Progress) string {
	switch share, ok := p.Share(); {
	case p.Restored == 0 && p.Total == 0:
		return ""
	case ok && share < 1:
		return grouped(p.Restored) + " of about " + grouped(p.Total) + " documents"
	case p.Total > 0 && p.Restored > p.Total:
		return grouped(p.Restored) + " documents, more than the estimate"
	}
	return grouped(p.Restored) + " documents"
}

// grouped is a number as people read it: 1,234,567.
func grouped(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// collectionProgress says how far a job is.
func collectionProgress(j state.Job) string {
	c := j.Collections
	switch {
	case c == nil:
		return ""
	case c.State == collections.Initializing:
		return "Atlas makes ready; it tells no collection yet."
	case c.State == collections.Finalizing:
		return "The documents are there; indexes are being built."
	}
	came := c.Came()
	text := documents(came)
	if text == "" {
		return ""
	}
	if share, ok := came.Share(); ok && share < 1 {
		text += fmt.Sprintf(", %d%%; the total is an estimate, and changes", int(share*100))
	}
	return text + "."
}

// collectionsMeaning is JobMeaning for single collections.
func collectionsMeaning(p state.Plan, st state.JobState) string {
	target := p.Target.ClusterName
	switch st {
	case state.InProgress:
		return fmt.Sprintf("Atlas restores into %s, which stays up. About half an hour is usual, longer with much data. This cannot be cancelled.", target)
	case state.Completed:
		return fmt.Sprintf("Every collection is there, in %s. What remains is yours:", target)
	case state.Failed:
		return "Not every collection came back: see each of them. " + collectionsLeft(p) + "See the project's activity feed in Atlas; then restore again what is missing."
	case state.Over:
		return fmt.Sprintf("Atlas calls the job successful, and whether every collection came back was not seen. Look into %s.", target)
	case state.Doubtful:
		return endInDoubt(p)
	case state.Cancelled:
		return "The job was cancelled. " + collectionsLeft(p)
	case state.Ready, state.Expired: // of downloads
	}
	return strings.ToUpper(st.String()) + "."
}

// collectionsLeft is what is left of the names where a job came to no good.
func collectionsLeft(p state.Plan) string {
	if p.Erases() {
		return fmt.Sprintf("What %s had under these names may be gone or incomplete: look before anything writes there. ", p.Target.ClusterName)
	}
	return "What was there before is untouched. "
}

// collectionClauses is JobClauses for single collections.
func collectionClauses(cfg Config, j Job, busy bool, now time.Time) []Clause {
	p, st := j.Plan, j.State(now)
	var out []Clause
	switch {
	case j.Gone && !st.Ended():
		out = append(out, Clause{"", "The program has stopped looking at it; ctrl+r looks again.", false})
	case st.Ended():
		if why := j.Job.Doubt(now); why != "" {
			out = append(out, Clause{"", state.Sentence(why), true})
		}
		if j.Job.Collections != nil && j.Job.Collections.Why != "" {
			out = append(out, Clause{"Atlas", j.Job.Collections.Why, true})
		}
		return append(out, Clause{"", collectionsMeaning(p, st), true})
	case j.Unseen:
		out = append(out, Clause{"", "Its state is not known before the first answer.", false})
	default:
		if text := collectionProgress(j.Job); text != "" {
			out = append(out, Clause{"So far", text, false})
		}
		out = append(out, Clause{"Up", p.Target.ClusterName + " stays up. This cannot be cancelled.", false})
	}
	return append(out, followed(cfg, j, busy, now)...)
}

// Remaining is what remains to be done after a job that has ended well.
func Remaining(cfg Config, j Job, now time.Time) []string {
	if j.Drill != nil {
		return nil // its checks are
	}
	if j.Plan.Delivery == state.Collections {
		return collectionsRemain(j.Plan, j.Job)
	}
	return Afterwards(j.Plan, cfg.Names, j.Target, j.Search, now)
}

// mostRemains is of how many collections it is told one by one what remains.
const mostRemains = 4

// collectionsRemain are the steps that put what was restored to use. Commands are shown, and never
// run.
func collectionsRemain(p state.Plan, j state.Job) []string {
	if j.Collections == nil {
		return nil
	}
	var out []string
	parts := j.Collections.Parts
	for _, part := range parts[:min(mostRemains, len(parts))] {
		name := part.Real
		if name == (collections.Name{}) {
			name = part.Asked
		}
		text := "Count what came back, in mongosh: " + name.Counts()
		if name != part.Source {
			text = fmt.Sprintf("%s came back as %s. Count it, in mongosh: %s", part.Source, name, name.Counts())
		}
		out = append(out, text)
		if part.Renamed() { // what was asked for under a name of its own is to have it
			for i, command := range part.InPlace() {
				out = append(out, []string{
					"Copy what is missing from there. Only if it is to take the place of the living one: stop what writes to it, move that aside, ",
					"then give it the name, ",
				}[i]+command)
			}
		}
	}
	if more := len(parts) - mostRemains; more > 0 {
		out = append(out, fmt.Sprintf("Look at the other %s in the same way.", state.Count(more, "collection")))
	}
	switch p.Only.Indexes {
	case collections.AllButTTL:
		out = append(out, "The indexes that delete by themselves (TTL) were left out, as you chose: build them again once you have what you need.")
	case collections.NoIndexes:
		out = append(out, "No index was built, as you chose, but that of _id: build those that you need.")
	case collections.AllIndexes:
	}
	out = append(out, "Build the search indexes of these collections again: they are not restored.")
	if p.Erases() {
		out = append(out, "Then let the application back in.")
	}
	return out
}
