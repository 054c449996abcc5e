package watch

import (
	"errors"
	"math/rand/v2"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/collections"
)

// Follow is a restore job that is followed to its end: what is known of it, and when
// to look again. It is pure data, so that every face looks at the same times and
// stops for the same reasons; whoever holds it makes the looks.
type Follow struct {
	Job       state.Job
	LookedAt  time.Time // of the last answer, or of the start
	NextAt    time.Time // of the next look
	RunningAt time.Time // of the first look that saw it run
	EndedAt   time.Time // when the end was seen, or Atlas says it was; zero while the job runs
	SeenLate  bool      // Atlas gives no time for the end, and it may have come long before it was seen
	Gone      bool      // no further look makes sense
	Unseen    bool      // it was taken up again, and no look was answered yet: its state is not known
	Err       error     // of the last look; nil if it was answered

	Others   []state.Other  // jobs that were seen beside it
	Unlisted error          // why it could not be seen at its end whether there are others
	Target   state.Cluster  // whose own jobs may be onto it too; zero where it is not known
	Members  []state.Member // of the snapshot that a sharded download delivers

	Search Search // whether Search came back on the target

	Shares int // how many jobs are followed at the same time, this one among them: they are looked at in turn

	Blind     bool      // that its looks are refused was seen and accepted before it was made
	RefusedAt time.Time // the first refusal since the last answer; zero for none
	held      time.Time // since when its end is held back
	unended   time.Time // when Atlas was last asked and told no end; zero where nobody has seen it without one
	looks     int
}

// New follows job, which has just been created or seen. Whatever is known of it, its end is
// only what a look at it has seen: that may be due at once.
func New(job state.Job, now time.Time) *Follow {
	f := &Follow{Job: job, LookedAt: now, NextAt: now.Add(jittered(Delay(0)))}
	f.unended = now
	if job.State(now).Ended() {
		f.NextAt, f.unended = now, time.Time{}
		f.Job.FinishedAt, f.Job.Failed, f.Job.Cancelled, f.Job.Expired, f.Job.Deliveries = time.Time{}, false, false, false, nil
		f.Job.ExpiresAt, f.Job.Unsure = time.Time{}, ""
		if c := f.Job.Collections; c != nil {
			f.Job.Collections = &collections.Job{Asked: c.Asked, CreatedAt: c.CreatedAt}
		}
	}
	return f
}

// Resume follows a job that was left: it is looked at at once.
func Resume(job state.Job, now time.Time) *Follow {
	f := New(job, now)
	f.NextAt, f.Unseen, f.unended = now, true, time.Time{}
	return f
}

// State is what the job's fields say of it now.
func (f *Follow) State(now time.Time) state.JobState { return f.Job.State(now) }

// Over says whether nothing that Atlas could answer is awaited any more.
func (f *Follow) Over(now time.Time) bool { return f.Gone || f.State(now).Ended() }

// Stale says whether the state that was seen may not hold any more: the last look was not answered, or
// one is due for longer than an answer takes. What has ended stays as it was seen, but for the links of
// a download: they may end before their time.
func (f *Follow) Stale(now time.Time, takes time.Duration) bool {
	switch st := f.State(now); {
	case f.Unseen, st.Ended() && st != state.Ready:
		return false
	case f.Gone:
		return true
	}
	at := f.DueAt(now)
	return f.Err != nil || !at.IsZero() && now.Sub(at) > takes
}

// Answered says whether any look was answered.
func (f *Follow) Answered() bool { return f.looks > 0 }

// Outcome is the run's outcome if it were left now. Done is only what can be said of the
// target alone: where another job was seen beside it, whose data are there is not known.
// Running is only what was seen to run.
func (f *Follow) Outcome(now time.Time) state.Outcome {
	out := f.State(now).Outcome()
	good := out == state.OutcomeCompleted || out == state.OutcomeReady
	if (f.Gone || f.Unseen) && out == state.OutcomeRunning || good && len(f.Others) > 0 {
		return state.OutcomeUnknown
	}
	return out
}

// Due says whether it is time for the next look.
func (f *Follow) Due(now time.Time) bool {
	at := f.DueAt(now)
	return !at.IsZero() && !now.Before(at)
}

// DueAt is when it is time for the next look; zero for never.
//
// The links of a ready download are looked at now and then too: they may end before their time.
// After a restore it is asked for some minutes whether Search came back.
func (f *Follow) DueAt(now time.Time) time.Time {
	switch {
	case !f.Gone && f.State(now) == state.Ready:
		if at := f.LookedAt.Add(f.inTurn(readyDelay)); at.After(f.NextAt) {
			return at
		}
	case f.Over(now):
		return f.searchAt(now)
	}
	return f.NextAt
}

// Took takes what a look has brought.
func (f *Follow) Took(s Sight, now time.Time) {
	if s.Search != nil {
		f.tookSearch(*s.Search, now)
	}
	if s.Alone {
		return
	}
	f.Others = state.Beside(f.Others, s.Others)
	if s.Err != nil {
		f.Failed(s.Err, now)
		return
	}
	f.Unlisted = s.Unlisted
	asked := s.AskedAt
	if asked.IsZero() {
		asked = now
	}
	f.saw(s.Job, asked, now)
}

// Saw takes the answer of a look that was made now.
func (f *Follow) Saw(job state.Job, now time.Time) { f.saw(job, now, now) }

// saw takes the answer of a look, which may tell what was so when it was asked for.
func (f *Follow) saw(job state.Job, asked, now time.Time) {
	f.Job, f.LookedAt, f.Gone, f.Err = job, now, false, nil
	f.Unseen, f.RefusedAt, f.held = false, time.Time{}, time.Time{}
	f.looks++
	if f.RunningAt.IsZero() && !f.State(now).Ended() {
		f.RunningAt = now
	}
	f.note(now)
	if f.EndedAt.IsZero() {
		f.unended = asked
	}
	f.NextAt = now.Add(jittered(f.inTurn(Delay(f.looks))))
}

// inTurn is a wait where others are looked at in it too.
func (f *Follow) inTurn(d time.Duration) time.Duration { return d * time.Duration(max(1, f.Shares)) }

// jittered is up to a tenth less than d: many who follow do not all ask in one second.
func jittered(d time.Duration) time.Duration {
	return d - rand.N(d/10) //nolint:gosec // nobody gains by guessing it
}

// Failed takes a look that was not answered. The following goes on where a later look
// may succeed: a refusal is final only where it stays for a while, as single ones pass and a
// job that was just made may not be found yet.
func (f *Follow) Failed(err error, now time.Time) {
	f.Err = err
	wait := AfterError(err)
	if f.looks == 0 && notFound(err) && now.Sub(f.LookedAt) < maxDelay { // it may not be listed yet
		wait = earlyDelay
	}
	f.NextAt = now.Add(f.inTurn(wait))
	if errors.As(err, new(*heldBack)) && f.held.IsZero() {
		f.held = now
	}
	if !Final(err) {
		f.Gone, f.RefusedAt = false, time.Time{}
		return
	}
	if f.RefusedAt.IsZero() {
		f.RefusedAt = now
	}
	f.Gone = (f.Unseen || f.Blind && f.looks == 0) && !f.mayPass(err, now) || now.Sub(f.RefusedAt) >= Patience
}

func notFound(err error) bool {
	var atlas *state.AtlasError
	return errors.As(err, &atlas) && atlas.Status == 404
}

// mayPass says whether a refusal may pass although no look was answered before.
func (f *Follow) mayPass(err error, now time.Time) bool {
	var atlas *state.AtlasError
	if !errors.As(err, &atlas) {
		return true
	}
	switch atlas.Status {
	case 403:
		return !atlas.LacksRole() // but this machine's address
	case 404:
		return now.Sub(f.Job.CreatedAt()) < Patience
	}
	return false
}

// note remembers when the end was first seen.
func (f *Follow) note(now time.Time) {
	if st := f.State(now); f.EndedAt.IsZero() && st.Ended() && st != state.Doubtful {
		f.EndedAt = now
		since := f.unended
		if since.IsZero() {
			since = f.Job.CreatedAt()
		}
		if f.SeenLate = now.Sub(since) > soon; !f.Job.Finished(now).IsZero() {
			f.EndedAt, f.SeenLate = f.Job.Finished(now), false
		}
	}
}

// soon is how long after a look that told no end the one may come that tells it, for the time of that one to be told as
// the end's.
const soon = time.Minute

// After says behind the state of a job that has ended how long it took, or after how long the end was seen; empty where
// nobody knows.
func (f *Follow) After() string {
	at := f.Job.CreatedAt()
	switch {
	case at.IsZero() || f.EndedAt.IsZero():
		return ""
	case f.SeenLate:
		return ", seen after " + state.Exactly(f.EndedAt.Sub(at))
	}
	return " after " + state.Exactly(f.EndedAt.Sub(at))
}
