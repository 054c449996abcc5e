package watch

import (
	"math/rand/v2"
	"time"

	"atlas-restore/state"
)

// Follow is a restore job that is followed to its end: what is known of it, and when
// to look again. It is pure data, so that every face looks at the same times and
// stops for the same reasons; whoever holds it makes the looks.
type Follow struct {
	Job      state.Job
	LookedAt time.Time // of the last answer, or of the start
	NextAt   time.Time // of the next look
	EndedAt  time.Time // when the end was seen, or Atlas says it was; zero while the job runs
	Gone     bool      // no further look makes sense
	Unseen   bool      // it was taken up again, and no look was answered yet
	Err      error     // of the last look; nil if it was answered
	looks    int
}

// New follows job, which has just been created or seen.
func New(job state.Job, now time.Time) *Follow {
	f := &Follow{Job: job, LookedAt: now, NextAt: now.Add(jittered(Delay(0)))}
	f.note(now)
	return f
}

// Resume follows a job that was left: it is looked at at once.
func Resume(job state.Job, now time.Time) *Follow {
	f := New(job, now)
	f.NextAt, f.Unseen = now, true
	return f
}

// State is what the job's fields say of it now.
func (f *Follow) State(now time.Time) state.JobState { return f.Job.State(now) }

// Over says whether nothing that Atlas could answer is awaited any more.
func (f *Follow) Over(now time.Time) bool { return f.Gone || f.State(now).Ended() }

// Due says whether it is time for the next look.
//
// The links of a ready download are looked at now and then too: they may end before their time.
func (f *Follow) Due(now time.Time) bool {
	if !f.Gone && f.State(now) == state.Ready {
		return now.Sub(f.LookedAt) >= readyDelay && !now.Before(f.NextAt)
	}
	return !f.Over(now) && !now.Before(f.NextAt)
}

// Saw takes the answer of a look.
func (f *Follow) Saw(job state.Job, now time.Time) {
	f.Job, f.LookedAt, f.Gone, f.Err = job, now, false, nil
	f.Unseen = false
	f.looks++
	f.note(now)
	f.NextAt = now.Add(jittered(Delay(f.looks)))
}

// jittered is up to a tenth less than d: many who follow do not all ask in one second.
func jittered(d time.Duration) time.Duration {
	return d - rand.N(d/10) //nolint:gosec // nobody gains by guessing it
}

// Failed takes a look that was not answered. The following goes on where a later look
// may succeed.
func (f *Follow) Failed(err error, now time.Time) {
	f.Err, f.Gone = err, Final(err)
	f.NextAt = now.Add(AfterError(err))
}

// note remembers when the end was first seen.
func (f *Follow) note(now time.Time) {
	if f.EndedAt.IsZero() && f.State(now).Ended() {
		f.EndedAt = now
		if !f.Job.FinishedAt.IsZero() {
			f.EndedAt = f.Job.FinishedAt
		}
	}
}
