package journal

import (
	"slices"
	"time"

	"atlas-restore/state"
)

// Submission is what the journal knows of one request: its intent, and what followed.
type Submission struct {
	Entry         // the intent
	Last   Event  // what is known of it
	JobID  string // once it is known
	Status string // of the job at its end; empty before
	EndAt  time.Time
}

// Doubtful says whether a job may run that nobody has seen: nothing more may be submitted
// to that target before it was looked for.
func (s Submission) Doubtful() bool { return s.Last == Intent || s.Last == Unknown }

// Lost says whether its job was looked for lately and not found: it may come late.
func (s Submission) Lost(now time.Time) bool {
	return s.Last == NotFound && now.Sub(s.Time) < 24*time.Hour
}

// Unfinished says whether a job was made whose end was not seen.
func (s Submission) Unfinished() bool { return s.JobID != "" && s.Status == "" }

// Onto says whether it overwrites this cluster of that Atlas.
func (s Submission) Onto(endpoint, projectID, cluster string) bool {
	return s.Endpoint == endpoint && s.Body.DeliveryType.Overwrites() && s.Body.TargetProjectID == projectID && s.Body.TargetClusterName == cluster
}

// Submissions are those of the entries, oldest first.
func Submissions(entries []Entry) []Submission {
	var out []Submission
	at := map[string]int{}
	for _, e := range entries {
		switch e.Event {
		case Intent:
			at[e.ID] = len(out)
			out = append(out, Submission{Entry: e, Last: Intent})
		case Ended:
			for i := range out {
				if out[i].JobID == e.JobID && e.JobID != "" && out[i].Status == "" {
					out[i].Status, out[i].EndAt = e.Status, e.Time
				}
			}
		default:
			if i, ok := at[e.ID]; ok {
				out[i].Last, out[i].Error = e.Event, e.Error
				if e.JobID != "" {
					out[i].JobID = e.JobID
				}
			}
		}
	}
	return out
}

// Usual is how long the jobs of that kind took that this machine has seen completed or
// ready: the median, and of how many. It is a guess at the next one.
func Usual(all []Submission, endpoint, cluster string, d state.DeliveryType) (median time.Duration, of int) {
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
		return 0, 0
	}
	slices.Sort(took)
	return took[len(took)/2], len(took)
}
