package scenario

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"atlas-restore/atlasclient/simulator"
)

// creates says whether a request asks for a restore job.
func creates(q simulator.Request) bool {
	return q.Method == "POST" && (strings.HasSuffix(q.Path, "/backup/restoreJobs") || strings.HasSuffix(q.Path, "/collectionRestoreJobs") || strings.HasSuffix(q.Path, "/backup/download"))
}

// timeline is what happened, of both sides, by its time.
func (r *Run) timeline(f facts) []Line {
	lines := []Line{}
	add := func(at time.Time, format string, args ...any) {
		lines = append(lines, Line{at, fmt.Sprintf(format, args...)})
	}
	for _, h := range r.since() {
		if text := happening(h.Inject); text != "" {
			add(h.At, "%s", text)
		}
	}
	for _, x := range r.refused {
		add(x.at, "Did not happen: %v", x.why)
	}
	for _, q := range f.requests {
		switch {
		case creates(q) && q.Dropped:
			add(q.At, "A restore job was asked for; the answer was lost.")
		case creates(q) && q.Status >= 300:
			add(q.At, "A restore job was asked for, and refused: %d %s.", q.Status, q.ErrorCode)
		}
	}
	for _, e := range f.events { // before the jobs: what was confirmed in a second made the job of that second
		add(e.At, "%s", noted(e))
	}
	for _, j := range f.jobs {
		add(j.CreatedAt, "Job %s: %s.", j.ID, does(j))
		if !f.now.Before(j.EndsAt) && j.State != cancelled {
			state := j.State
			if state == expired {
				state = ready
			}
			add(j.EndsAt, "Job %s is %s.", j.ID, state)
			for _, name := range slices.Sorted(maps.Keys(j.As)) {
				if as := j.As[name]; as != name {
					add(j.EndsAt, "%s came as %s.", name, as)
				}
			}
		}
		if at, ok := f.reached(j, fetched); ok {
			add(at, "Every file of job %s was fetched.", j.ID)
		}
		if at, ok := f.reached(j, expired); ok {
			add(at, "The links of job %s have expired.", j.ID)
		}
	}
	for i, g := range r.scenario.Goals {
		if at := r.verdict.goals[i]; !at.IsZero() {
			add(at, "Goal met: %s", g.Text)
		}
	}
	for i, g := range r.scenario.Forbidden {
		if at := r.verdict.broken[i]; !at.IsZero() {
			add(at, "Not to be done: %s", g.Text)
		}
	}
	slices.SortStableFunc(lines, func(a, b Line) int { return a.At.Compare(b.At) })
	return lines
}

// does says what a job does to what.
func does(j simulator.Job) string {
	switch delivery(j) {
	case collections:
		how := "beside what is there"
		if j.Overwrites {
			how = "in the place of what is there"
		}
		return fmt.Sprintf("%s of %s, data of %s, into %s, %s", strings.Join(j.Namespaces, ", "), source(j), stamp(j.DataOf), target(j), how)
	case download:
		return fmt.Sprintf("download of %s, data of %s", source(j), stamp(j.DataOf))
	case pointInTime:
		return fmt.Sprintf("%s to the moment %s, onto %s", source(j), stamp(j.DataOf), target(j))
	}
	return fmt.Sprintf("snapshot of %s, data of %s, onto %s", source(j), stamp(j.DataOf), target(j))
}

func noted(e Event) string {
	switch e.Kind {
	case Warning, Blocked:
		return fmt.Sprintf("The review said %s: %s.", map[string]string{Warning: "WARN", Blocked: "BLOCK"}[e.Kind], e.Name)
	case Accepted:
		return "Accepted by name: " + e.Name + "."
	case Review:
		return "The review was opened."
	case Confirmed:
		return "The review was confirmed."
	case Saved:
		return "The plan was saved."
	case Approved:
		return "The review said that a second person has approved the plan."
	case Drilled:
		return "The checks of the drill came to " + e.Name + "."
	case HintTaken:
		return "Hint " + e.Name + " was taken."
	}
	return "The trainee left."
}

// filesCome says how a file comes with which something is wrong, or its link.
func filesCome() map[simulator.FileFault]string {
	return map[simulator.FileFault]string{
		simulator.FileTruncated: "short, as if that were all of it", simulator.FileDamaged: "with a block that is damaged",
		simulator.FileCut: "to its half, where the line breaks", simulator.FileStalled: "to its half, and no further", simulator.FileSlow: "very slowly",
		simulator.FilePage: "as a page of text in its place", simulator.LinkExpired: "not at all, as if the link were over",
		simulator.LinkUsed: "not at all, as if the link were used up", simulator.LinkNotFound: "not at all, as if nothing were there",
	}
}

// happening is what was let happen, for those who look back; empty for what only sets
// the stage.
func happening(i simulator.Inject) string {
	switch {
	case i.Say != nil:
		return i.Say.Who + ": " + i.Say.Text
	case i.Fault != nil && i.Fault.File != "":
		return "Prepared: a file is to come " + filesCome()[simulator.FileFault(i.Fault.File)] + "."
	case i.Fault != nil && i.Fault.Drop == "after":
		return "Prepared: an answer is to be lost on its way."
	case i.Fault != nil && i.Fault.Drop == "before":
		return "Prepared: a connection is to break."
	case i.Fault != nil:
		return "Prepared: Atlas is to answer with an error."
	case i.Heal:
		return "Connections are whole again."
	case i.Restore != nil && len(i.Restore.Namespaces) > 0:
		return fmt.Sprintf("A colleague restores %s of %s into %s.", strings.Join(i.Restore.Namespaces, ", "), i.Restore.Source, i.Restore.Target)
	case i.Restore != nil && i.Restore.Target != "":
		return fmt.Sprintf("A colleague restores %s onto %s.", i.Restore.Source, i.Restore.Target)
	case i.Restore != nil:
		return fmt.Sprintf("A colleague downloads %s.", i.Restore.Source)
	case i.Links != nil && i.Links.Expire:
		return fmt.Sprintf("The links of %s have expired.", i.Links.Cluster)
	case i.Links != nil:
		return fmt.Sprintf("A link of %s is missing.", i.Links.Cluster)
	case i.NextCollections != nil:
		return "The next restore of collections is going to end otherwise than was hoped for."
	case i.FailNextJob:
		return "The next job is going to fail."
	case i.Advance > 0:
		return fmt.Sprintf("The clock leaps forward by %s.", span(time.Duration(i.Advance)))
	case i.Project != nil:
		return "What may be done in " + i.Project.Project + " has changed."
	case i.Cluster != nil:
		return i.Cluster.Cluster + " has changed."
	case i.Snapshot != nil:
		return "A snapshot of " + i.Snapshot.Cluster + " has changed."
	case i.OplogBehind != nil:
		return "Atlas is behind with the oplog of " + i.OplogBehind.Cluster + "."
	case i.Election != nil:
		return "Another server of " + i.Election.Cluster + " becomes primary."
	}
	return befell(i)
}

// befell is what a client did to the data of a cluster; empty for what else sets the stage.
func befell(i simulator.Inject) string {
	switch {
	case i.Drop != nil:
		return fmt.Sprintf("%s is dropped on %s.", i.Drop.Namespace, i.Drop.Cluster)
	case i.DropDatabase != nil:
		return fmt.Sprintf("The database %s is dropped on %s.", i.DropDatabase.Database, i.DropDatabase.Cluster)
	case i.Rename != nil:
		return fmt.Sprintf("%s is renamed to %s on %s.", i.Rename.From, i.Rename.To, i.Rename.Cluster)
	case i.NewCollection != nil:
		return fmt.Sprintf("%s is made on %s.", i.NewCollection.Namespace, i.NewCollection.Cluster)
	case i.MassDelete != nil:
		return fmt.Sprintf("Documents of %s are deleted on %s.", i.MassDelete.Namespace, i.MassDelete.Cluster)
	}
	return ""
}
