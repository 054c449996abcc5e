package steps

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/journal"
	"atlas-restore/state/submit"
)

// mostNamed is how many downloads of one snapshot are named at most.
const mostNamed = 3

// soonTold is for how long whoever was refused waits to hear which job stands in the way.
const soonTold = 15 * time.Second

// downloadedBy is the error of an order that Atlas has refused. Where it says that the snapshot is being
// downloaded already, which Atlas does not tell more of, the jobs that do so are named, with the command
// that fetches their files. They mostly stand in the list that was read before the request; else that is
// read once more.
func (c Config) downloadedBy(ctx context.Context, o submit.Order, done submit.Result, fetches func(id string) string) error {
	var atlas *state.AtlasError
	if !errors.As(done.Err, &atlas) || atlas.Code != state.DownloadedAlready {
		return done.Err
	}
	jobs, err, id := done.Listed.Jobs, done.Listed.Err, o.Body.SnapshotID
	if err == nil && len(state.Downloads(jobs, id, c.Now())) == 0 { // it has come since
		ctx, stop := context.WithTimeout(ctx, soonTold)
		defer stop()
		jobs, err = c.Atlas.Jobs(ctx, o.Source)
	}
	now := c.Now()
	found := state.Downloads(jobs, id, now)
	if u := state.Unreadable(jobs, now.Add(-24*time.Hour)); err == nil && len(found) == 0 && len(u) > 0 {
		err = &state.UnreadableError{Why: "restore job " + cmp.Or(u[0].ID, "without an id") + ": " + u[0].Unreadable}
	}
	out := &state.Advised{Err: done.Err}
	switch {
	case err != nil:
		out.Advice = state.Explain("", atlas).Advice + " Which restore job of " + o.Source.Name + " that is could not be read: " + strings.TrimRight(state.Why(err), ".") + "."
	case len(found) == 0:
		out.Advice = state.Explain("", atlas).Advice + " Atlas lists no restore job of " + o.Source.Name + " that does so."
	default:
		out.Advice = c.fetchedBy(found, fetches, now)
		for _, j := range found {
			out.Jobs = append(out.Jobs, j.ID)
		}
	}
	return out
}

// fetchedBy says which downloads those are, how it stands with them, and how the files of the first are
// fetched. The command is last: nothing behind it is taken for a part of it.
func (c Config) fetchedBy(found []state.Job, fetches func(id string) string, now time.Time) string {
	var by []string
	for i, j := range found {
		if i == mostNamed {
			by = append(by, state.Count(len(found)-i, "other job"))
			break
		}
		by = append(by, "restore job "+j.ID+" ("+j.Stands(now)+")")
	}
	text, first := "This snapshot is already being downloaded: "+strings.Join(by, "; ")+".", found[0]
	switch command := fetches(first.ID); {
	case command != "" && len(found) > 1:
		return text + " To fetch the files of the first: " + command
	case command != "":
		return text + " To fetch its files: " + command
	case c.asked(first):
		return text + " Its page, in this run, fetches the files."
	}
	return text + " Its links end with the training."
}

// asked says whether this machine has asked for a job, as far as the journal tells.
func (c Config) asked(j state.Job) bool {
	entries, err := c.Journal.Read()
	return err == nil && slices.ContainsFunc(journal.Submissions(entries), func(s journal.Submission) bool { return s.JobID == j.ID })
}
