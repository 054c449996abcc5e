package journal

import (
	"slices"
	"time"

	"atlas-restore/state"
)

// Submission is what the journal knows of one request: its intent, and what followed.
type Submission struct {
	Entry            // the intent
	Last   Event     // what is known of it
	JobID  string    // once it is known
	Sought time.Time // when its job was looked for last and not found; zero for never
	Status string    // of the job at its end; empty before
	EndAt  time.Time
	Files  *Fetch // how it stands with the files of a download; nil: nothing was fetched here
}

// Doubtful says whether a job may run that nobody has seen: nothing more may be submitted
// to that target before it was looked for.
func (s Submission) Doubtful() bool { return s.Last == Intent || s.Last == Unknown }

// Lost says whether its job was looked for lately and not found: it may come late.
func (s Submission) Lost(now time.Time) bool {
	return s.Last == NotFound && now.Sub(s.Sought) < 24*time.Hour
}

// Unfinished says whether a job was made whose end was not seen.
func (s Submission) Unfinished() bool { return s.JobID != "" && s.Status == "" }

// Open says whether somebody may still want to look at it. A job that was not looked at for
// days has ended long ago; a doubt does not end by itself.
func (s Submission) Open(now time.Time) bool {
	return s.Doubtful() || s.Lost(now) || s.Unfinished() && now.Sub(s.Time) < 3*24*time.Hour || s.Fetching(now)
}

// linksLast is for how long at most after its fetch was begun a download's links are of use.
const linksLast = 4 * time.Hour

// Fetching says whether its files were fetched, not to the end, and can still be gone on with.
func (s Submission) Fetching(now time.Time) bool {
	return s.Files.Left() && now.Sub(s.Files.At) < linksLast
}

// Onto says whether it writes into this cluster of that Atlas.
func (s Submission) Onto(endpoint, projectID, cluster string) bool {
	return state.CanonicalEndpoint(s.Endpoint) == state.CanonicalEndpoint(endpoint) && s.Body.DeliveryType.HasTarget() && s.Body.TargetProjectID == projectID && s.Body.TargetClusterName == cluster
}

// beside remembers jobs that were seen beside its own.
func (s *Submission) beside(others []string) {
	for _, id := range others {
		if !slices.Contains(s.Others, id) {
			s.Others = append(s.Others, id)
		}
	}
}

// Submissions are those of the entries, oldest first. An entry whose intent is not there any
// more stands for it: each but Ended repeats the request.
func Submissions(entries []Entry) []Submission {
	var out []Submission
	at := map[string]int{}
	for _, e := range entries {
		if e.Event.ofJob() {
			for i := range out {
				if out[i].JobID != e.JobID || e.JobID == "" {
					continue
				}
				out[i].beside(e.Others)
				if e.Event == Ended && out[i].Status == "" {
					out[i].Status, out[i].EndAt = e.Status, e.Time
				}
				if e.Fetch != nil && !out[i].Files.outlives(e.Fetch) {
					out[i].Files = e.Fetch
				}
			}
			continue
		}
		if !e.Event.known() {
			continue // it settles nothing
		}
		i, ok := at[e.ID]
		if !ok {
			i = len(out)
			at[e.ID] = i
			out = append(out, Submission{Entry: e, Last: Intent})
		}
		s := &out[i]
		switch {
		case e.Event == Intent: // again, or late, where it was carried over
			others, named := s.Others, s.Named
			s.Entry = e
			s.beside(others)
			s.Named = named
			continue
		case (s.Last == Created || s.Last == Found) && e.Event != Created && e.Event != Found:
			continue // a job that was seen is not unseen by what was carried over
		}
		s.Last, s.Error = e.Event, e.Error
		if len(e.Named) > 0 {
			s.Named = e.Named
		}
		s.beside(e.Others)
		if e.Event == NotFound {
			s.Sought = e.Time
		}
		if e.JobID != "" {
			s.JobID = e.JobID
		}
	}
	return out
}

// Took is how long jobs of one kind took.
type Took struct {
	Median, Shortest, Longest time.Duration
	Of                        int // jobs
}

// Usual is how long the jobs of that kind took that this machine has seen completed or
// ready.
func Usual(all []Submission, endpoint, cluster string, d state.DeliveryType) Took {
	var took []time.Duration
	for _, s := range all {
		if s.Endpoint != endpoint || s.ClusterName != cluster || s.Body.DeliveryType != d {
			continue
		}
		from := state.CreatedAt(s.JobID)
		if good := s.Status == "completed" || s.Status == "ready"; good && !from.IsZero() && s.EndAt.After(from) {
			took = append(took, s.EndAt.Sub(from))
		}
	}
	if len(took) == 0 {
		return Took{}
	}
	slices.Sort(took)
	return Took{took[len(took)/2], took[0], took[len(took)-1], len(took)}
}
