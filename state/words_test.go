package state_test

import (
	"strings"
	"testing"
	"time"

	"atlas-restore/state"
)

// What has happened is never told as what is to come, however far the clock that has told its time is ahead of the
// one that is looked at. What ends one day is told both ways.
func TestAgoIsNeverToCome(t *testing.T) {
	now := time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)
	for _, c := range []struct {
		ahead        time.Duration
		ago, fromNow string
	}{
		{-50 * time.Hour, "2 d 2 h ago", "2 d 2 h ago"},
		{-7 * time.Minute, "7 min ago", "7 min ago"},
		{-2 * time.Second, "2 s ago", "2 s ago"},
		{0, "now", "now"},
		{900 * time.Millisecond, "now", "now"},
		{59 * time.Second, "now", "in 59 s"},
		{time.Minute, "at 23 Nov 14:32 UTC", "in 1 min"},
		{7*time.Minute + time.Second, "at 23 Nov 14:38 UTC", "in 7 min"},
		{60 * 24 * time.Hour, "at 22 Jan 2027 14:31 UTC", "in 60 d"},
	} {
		ago, fromNow := state.Ago(now.Add(c.ahead), now), state.FromNow(now.Add(c.ahead), now)
		if ago != c.ago || fromNow != c.fromNow || strings.HasPrefix(ago, "in ") {
			t.Errorf("%v ahead: %q and %q, want %q and %q", c.ahead, ago, fromNow, c.ago, c.fromNow)
		}
	}
}

// An age in few cells is its greatest unit; the time of another clock is no age.
func TestBriefly(t *testing.T) {
	for ago, want := range map[string]string{"2 d 2 h ago": "2 d", "23 h 59 min ago": "23 h", "7 min ago": "7 min", "now": "now", "at 23 Nov 14:32 UTC": ""} {
		if got := state.Briefly(ago); got != want {
			t.Errorf("%q: %q, want %q", ago, got, want)
		}
	}
}

// A span that lies ahead of a clock is no age of the same length, and the greatest one that can be held is told as
// no number.
func TestSpansOfOddTimes(t *testing.T) {
	now := time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)
	far, old := time.Date(2999, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct{ got, want string }{
		{state.Age(now.Sub(now.Add(27 * time.Hour))), "0 s"},
		{state.Exactly(now.Sub(now.Add(27 * time.Hour))), "0 s"},
		{state.Age(now.Sub(far)), "0 s"},
		{state.Exactly(now.Sub(far)), "0 s"},
		{state.Age(far.Sub(now)), "more than 100 years"},
		{state.Exactly(now.Sub(old)), "more than 100 years"},
		{state.FromNow(far, now), "in more than 100 years"},
		{state.FromNow(old, now), "more than 100 years ago"},
		{state.Age(36499 * 24 * time.Hour), "36499 d"},
	} {
		if tt.got != tt.want {
			t.Errorf("%q, want %q", tt.got, tt.want)
		}
	}
}
