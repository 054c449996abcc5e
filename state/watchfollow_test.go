// Tests of state/watch. They stand here: each package with tests is one more program to link.

package state_test

import (
	"errors"
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/watch"
)

func TestFollow(t *testing.T) {
	now := time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)
	f := watch.New(state.Job{ID: "6925c1d2e3a4b5c6d7e8f903", DeliveryType: state.Automated}, now)
	if f.Due(now.Add(800*time.Millisecond)) || !f.Due(now.Add(time.Second)) {
		t.Error("the first look is not due after 1 s")
	}
	early := *f
	if early.Failed(&state.AtlasError{Status: 404}, now.Add(time.Second)); early.Due(now.Add(5*time.Second)) || !early.Due(now.Add(6*time.Second)) {
		t.Error("a job that is not listed yet is not looked at soon")
	}
	if early.Failed(&state.AtlasError{Status: 404}, now.Add(20*time.Second)); early.Due(now.Add(39 * time.Second)) {
		t.Error("one that is not listed for long is looked at as often")
	}
	now = now.Add(5 * time.Second)
	f.Failed(errors.New("reset"), now)
	if f.Over(now) || f.Due(now.Add(19*time.Second)) || !f.Due(now.Add(20*time.Second)) || f.Err == nil {
		t.Error("a look that failed is not repeated after 20 s")
	}
	now = now.Add(20 * time.Second)
	f.Saw(f.Job, now)
	if f.Err != nil || f.LookedAt != now || !f.EndedAt.IsZero() {
		t.Error("an answered look leaves the error of the one before, or an end")
	}
	done := f.Job
	done.FinishedAt = now.Add(-3 * time.Second)
	f.Saw(done, now)
	if !f.Over(now) || f.Due(now.Add(time.Hour)) || f.EndedAt != done.FinishedAt {
		t.Errorf("the end is not taken: over %v, ended at %v", f.Over(now), f.EndedAt)
	}
}

// A single refusal ends nothing: it is asked again for longer than a minute, and only one that
// stays is believed. What never answered a look is believed at once, unless it may pass.
func TestFollowGivesUp(t *testing.T) {
	start := time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)
	young, old := state.CreatedAt("6b044e24a152b97b386d62dd").Sub(start) < time.Minute, "6925c1d2e3a4b5c6d7e8f903"
	if !young {
		t.Fatal("that job is not of this minute")
	}
	for name, tc := range map[string]struct {
		err    error
		id     string
		unseen bool
		atOnce bool
	}{
		"a role":                 {&state.AtlasError{Status: 403, Code: "USER_UNAUTHORIZED"}, old, false, false},
		"a key":                  {&state.AtlasError{Status: 401}, old, false, false},
		"an address":             {&state.AtlasError{Status: 403, Code: "IP_ADDRESS_NOT_ON_ACCESS_LIST"}, old, false, false},
		"gone":                   {&state.AtlasError{Status: 404, Code: "RESTORE_JOB_NOT_FOUND"}, old, false, false},
		"a role, never seen":     {&state.AtlasError{Status: 403, Code: "USER_UNAUTHORIZED"}, old, true, true},
		"a key, never seen":      {&state.AtlasError{Status: 401}, old, true, true},
		"gone, never seen":       {&state.AtlasError{Status: 404}, old, true, true},
		"gone, just made":        {&state.AtlasError{Status: 404}, "6b044e24a152b97b386d62dd", true, false},
		"an address, never seen": {&state.AtlasError{Status: 403, Code: "IP_ADDRESS_NOT_ON_ACCESS_LIST"}, old, true, false},
	} {
		now := start
		job := state.Job{ID: tc.id, DeliveryType: state.Automated}
		f := watch.New(job, now)
		f.Unseen = tc.unseen
		for n := 0; !f.Over(now); n++ {
			if n == 100 {
				t.Fatalf("%s: it is looked at for ever", name)
			}
			now = f.NextAt
			f.Failed(tc.err, now)
			if n == 0 && f.Over(now) != tc.atOnce {
				t.Errorf("%s: after one refusal over %v", name, f.Over(now))
			}
		}
		if took := now.Sub(start); !tc.atOnce && took < time.Minute || f.State(now).Ended() || f.Outcome(now) != state.OutcomeUnknown {
			t.Errorf("%s: %v after %v", name, f.Outcome(now), took)
		}
		f.Saw(job, now) // somebody has asked anew, and it could be read
		if f.Over(now) || f.Outcome(now) != state.OutcomeRunning {
			t.Errorf("%s: an answer does not take the following up again", name)
		}
	}
	blind := watch.New(state.Job{ID: old, DeliveryType: state.Automated}, start)
	blind.Blind = true
	if blind.Failed(&state.AtlasError{Status: 403, Code: "USER_UNAUTHORIZED"}, start); !blind.Over(start) {
		t.Error("what was accepted as not to be seen is looked at again and again")
	}
	// Refusals with answers between them are single ones, however many there are.
	now := start
	f := watch.New(state.Job{ID: old, DeliveryType: state.Automated}, now)
	for n := range 60 {
		now = f.NextAt
		if n%2 == 0 {
			f.Failed(&state.AtlasError{Status: 403}, now)
		} else {
			f.Saw(f.Job, now)
		}
		if f.Over(now) {
			t.Fatalf("given up after %v", now.Sub(start))
		}
	}
}

// What is known of a job when its following begins is no end of it: that only a look sees.
func TestFollowBeginsWithoutAnEnd(t *testing.T) {
	now := time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)
	for _, job := range []state.Job{
		{DeliveryType: state.Automated, FinishedAt: now},
		{DeliveryType: state.Automated, Failed: true},
		{DeliveryType: state.Download, Deliveries: []state.Delivery{{URL: state.NewSecret("https://x")}}},
		{DeliveryType: state.Download, ExpiresAt: now},
	} {
		if f := watch.New(job, now); f.Over(now) || !f.Due(now) || f.Outcome(now) != state.OutcomeRunning {
			t.Errorf("%+v: over %v, due %v", job, f.Over(now), f.Due(now))
		}
	}
}

// The links of a ready download are looked at each minute: they may end before their time.
func TestFollowsReadyLinks(t *testing.T) {
	now := time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)
	job := state.Job{ID: "6925c1d2e3a4b5c6d7e8f903", DeliveryType: state.Download, ExpiresAt: now.Add(time.Hour), Deliveries: []state.Delivery{{URL: state.NewSecret("https://a.test/1")}}}
	f := watch.New(job, now)
	f.Saw(job, now)
	if f.Due(now.Add(59*time.Second)) || !f.Due(now.Add(time.Minute)) || !f.Over(now) {
		t.Error("ready links are not looked at after a minute")
	}
	job.Expired = true
	now = now.Add(time.Minute)
	f.Saw(job, now)
	if f.State(now) != state.Expired || f.Due(now.Add(time.Hour)) {
		t.Error("links that have ended are looked at")
	}
}
