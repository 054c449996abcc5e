// Tests of state/watch. They stand here: each package with tests is one more program to link.

package state_test

import (
	"errors"
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/watch"
)

// A job whose looks were never answered is not known to run: left then, its outcome is unknown.
// An answer makes it what it says.
func TestNeverAnsweredIsUnknown(t *testing.T) {
	now := watchNoon
	for name, err := range map[string]error{"a reset": errors.New("reset"), "a 503": &state.AtlasError{Status: 503}, "garbage": &state.UnreadableError{Why: "no JSON"}} {
		f := watch.Resume(watchMade(0, 5), now)
		if got := f.Outcome(now); got != state.OutcomeUnknown {
			t.Errorf("%s: before the first look it is %s", name, got)
		}
		for range 5 {
			now = f.NextAt
			f.Failed(err, now)
			if got := f.Outcome(now); got != state.OutcomeUnknown || f.Over(now) {
				t.Fatalf("%s: never answered it is %s, over %v", name, got, f.Over(now))
			}
		}
		f.Saw(watchMade(0, 5), now)
		if got := f.Outcome(now); got != state.OutcomeRunning || f.RunningAt != now {
			t.Errorf("%s: seen to run it is %s, since %v", name, got, f.RunningAt)
		}
		if f.Failed(err, now); f.Outcome(now) != state.OutcomeRunning {
			t.Errorf("%s: what was seen to run is %s after one look that failed", name, f.Outcome(now))
		}
	}
}

// Jobs that are followed at the same time are looked at in turn: together no more often than one
// alone, whether they run or have links.
func TestLooksAreShared(t *testing.T) {
	ready := state.Job{ID: watchMade(0, 5).ID, DeliveryType: state.Download, Deliveries: []state.Delivery{{URL: state.NewSecret("https://x")}}}
	for name, job := range map[string]state.Job{"running": watchMade(0, 5), "ready": ready} {
		looks := func(jobs int) int {
			var all []*watch.Follow
			for range jobs {
				f := watch.New(job, watchNoon)
				f.Shares = jobs
				all = append(all, f)
			}
			n := 0
			for at := watchNoon; at.Before(watchNoon.Add(time.Hour)); at = at.Add(time.Second) {
				for _, f := range all {
					if f.Due(at) {
						n++
						f.Saw(job, at)
					}
				}
			}
			return n
		}
		alone := looks(1)
		for _, jobs := range []int{2, 3, 5} {
			if n := looks(jobs); n > alone+alone/5+2*jobs || n < alone/2 { // the waits differ by a tenth, and each job has a first look
				t.Errorf("%s: %d jobs are looked at %d times in an hour, one %d times", name, jobs, n, alone)
			}
		}
	}
}

// When the next look is due is known beforehand, so that nobody has to ask each second.
func TestDueAt(t *testing.T) {
	now := watchNoon
	f := watch.New(watchMade(0, 5), now)
	for range 40 {
		at := f.DueAt(now)
		if !at.After(now) || f.Due(at.Add(-time.Nanosecond)) || !f.Due(at) {
			t.Fatalf("at %v it is due at %v", now, at)
		}
		now = at
		f.Saw(watchMade(0, 5), now)
	}
	f.Saw(finished(watchMade(0, 5), time.Minute), now)
	if at := f.DueAt(now); !at.Equal(now) || !f.Over(now) {
		t.Errorf("whether Search came back is due at %v", at)
	}
	f.Took(watch.Sight{Alone: true, Search: &watch.Search{Asked: true, At: now}}, now)
	if at := f.DueAt(now); !at.IsZero() {
		t.Errorf("after the end it is due at %v", at)
	}
}
