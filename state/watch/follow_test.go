package watch_test

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
	if f.Due(now.Add(4*time.Second)) || !f.Due(now.Add(5*time.Second)) {
		t.Error("the first look is not due after 5 s")
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

func TestFollowGivesUp(t *testing.T) {
	now := time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)
	f := watch.New(state.Job{ID: "6925c1d2e3a4b5c6d7e8f903", DeliveryType: state.Automated}, now)
	f.Failed(&state.AtlasError{Status: 403}, now)
	if !f.Over(now) || f.Due(now.Add(time.Hour)) {
		t.Error("a job that may not be read is looked at for ever")
	}
	if f.State(now).Ended() {
		t.Error("a job that may not be read is called ended")
	}
	f.Saw(f.Job, now) // somebody has asked anew, and it could be read
	if f.Over(now) {
		t.Error("an answer does not take the following up again")
	}
}

// The links of a ready download are looked at each minute: they may end before their time.
func TestFollowsReadyLinks(t *testing.T) {
	now := time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)
	job := state.Job{ID: "6925c1d2e3a4b5c6d7e8f903", DeliveryType: state.Download, ExpiresAt: now.Add(time.Hour), Deliveries: []state.Delivery{{URL: state.NewSecret("https://a.test/1")}}}
	f := watch.New(job, now)
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
