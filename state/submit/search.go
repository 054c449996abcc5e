package submit

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/journal"
)

// Search looks for the job of a request whose answer was lost. Atlas takes no name and no
// key for a job, so that it is known by what it does, by when it was made, and by not
// having been there before. It is pure data; each look makes a new one of it.
type Search struct {
	Source state.Cluster
	Entry  journal.Entry // the intent
	Looks  int           // that were answered
	NextAt time.Time
	Found  []state.Job // what fits; more than one if it cannot be told which is ours
	Err    error       // of the last look
	done   bool        // the last look was made
}

// after are the looks, counted from the request: a job is listed within a second or two,
// mostly, and two minutes later for certain, as far as anybody knows.
var after = []time.Duration{
	2 * time.Second, 5 * time.Second, 10 * time.Second, 20 * time.Second, 40 * time.Second, 60 * time.Second, 90 * time.Second, 120 * time.Second,
}

// NewSearch begins to look for what became of an intent, in a source's jobs. One that is
// old, left by a process that ended, is looked for at once; so is one from the future, as
// this machine's clock may be off until Atlas's first answer has set it right.
func NewSearch(source state.Cluster, intent journal.Entry, now time.Time) Search {
	s := Search{Source: source, Entry: intent}
	if s.plan(now); now.Before(intent.Time) {
		s.NextAt = now
	}
	return s
}

// plan sets the time of the next look.
func (s *Search) plan(now time.Time) {
	for _, d := range after {
		if s.NextAt = s.Entry.Time.Add(d); s.NextAt.After(now) {
			return
		}
	}
	s.NextAt = now
	if s.Looks > 0 { // one that was planned has failed
		s.NextAt = now.Add(after[1])
	}
}

// Due says whether it is time for the next look.
func (s Search) Due(now time.Time) bool { return !s.Over() && !now.Before(s.NextAt) }

// Over says whether nothing more is looked for.
func (s Search) Over() bool { return len(s.Found) > 0 || s.done }

// Look lists the jobs once, and writes down what that settles.
func (s Search) Look(ctx context.Context, atlas Atlas, j Journal, now func() time.Time) Search {
	list := atlas.Jobs
	if s.Entry.Body.DeliveryType == state.Collections {
		list = atlas.CollectionJobs
	}
	jobs, err := list(ctx, s.Source)
	at := now()
	if s.Err = err; err != nil {
		s.NextAt = at.Add(after[1])
		return s
	}
	s.Looks++
	unread := 0 // that may be ours
	for _, job := range jobs {
		switch {
		case job.Unreadable == "" && Fits(s.Entry, job, at):
			s.Found = append(s.Found, job)
		case (job.Unreadable != "" || s.Entry.Body.DeliveryType.HasTarget() && job.Untargeted() != "") && fresh(s.Entry, job, at):
			unread++
		}
	}
	slices.SortFunc(s.Found, func(a, b state.Job) int { return cmp.Compare(a.ID, b.ID) })
	end := s.Entry
	end.Time, end.Before, end.Listed = at, nil, false
	switch {
	case len(s.Found) > 0:
		end.Event, end.JobID = journal.Found, s.Found[0].ID
		if len(s.Found) > 1 {
			end.Error = fmt.Sprintf("%d jobs fit", len(s.Found))
			for _, j := range s.Found[1:] {
				end.Others = append(end.Others, j.ID)
			}
		}
	case at.Before(s.Entry.Time.Add(after[len(after)-1])):
		s.plan(at)
		return s
	case unread > 0: // that it is not there was not seen
		s.Err = &state.UnreadableError{Why: state.Count(unread, "restore job") + " of " + s.Source.Name + " may be its job"}
		s.NextAt = at.Add(after[len(after)-1])
		return s
	default:
		s.done = true
		end.Event = journal.NotFound
	}
	if err := j.Append(end); err != nil {
		s.Err = fmt.Errorf("writing what was found to the journal: %w", err)
	}
	return s
}

// slack is how far the clocks may differ by which an intent and a job are dated, both
// Atlas's own, where nothing but those dates tells an old job from a new one.
const slack = 5 * time.Second

// skew is how far they may differ where something else tells it too: a job that did not stand in
// the list that was read right before the request is a new one, and an answer is to the request.
// Clocks are off by as much: Atlas's time is read off its answers, whose dates a gateway may set.
const skew = 10 * time.Minute

// recent says whether what was made then could be taken for the job of a request at this time, by
// clocks that are so far apart.
func recent(made, at time.Time, apart time.Duration) bool {
	return made.IsZero() || !made.Before(at.Add(-apart).Truncate(time.Second))
}

// fresh says whether a job can have come of an intent: it was not there before, and it was not made
// before, as far as the clocks tell.
func fresh(e journal.Entry, j state.Job, now time.Time) bool {
	apart := slack
	if e.Listed {
		apart = skew
	}
	return !slices.Contains(e.Before, j.ID) && recent(j.CreatedAt(), e.Time, apart) && !j.CreatedAt().After(now.Add(apart))
}

// Fits says whether a job can be the one that an intent has become: it was made since, was
// not there before, and does what was asked for.
func Fits(e journal.Entry, j state.Job, now time.Time) bool {
	return fresh(e, j, now) && does(e.Body, j)
}

// does says whether a job does what was asked for.
func does(b state.Request, j state.Job) bool {
	switch {
	case j.DeliveryType != b.DeliveryType:
		return false
	case b.Asked != nil && (j.Collections == nil || !b.Asked.Same(j.Collections.Asked)):
		return false
	case b.DeliveryType == state.PointInTime, b.SnapshotID == "":
		// The numbers that were sent; the snapshot, and the others, are Atlas's own choice.
		if b.PointInTimeUTCSeconds != 0 && j.PointInTimeUTCSeconds != b.PointInTimeUTCSeconds || b.OplogTs != 0 && (j.OplogTs != b.OplogTs || j.OplogInc != b.OplogInc) {
			return false
		}
	case j.SnapshotID != b.SnapshotID:
		return false
	}
	return !b.DeliveryType.HasTarget() || j.TargetProjectID == b.TargetProjectID && j.TargetClusterName == b.TargetClusterName
}
