package state_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"atlas-restore/state"
)

func TestWindow(t *testing.T) {
	now := time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)
	c := state.Cluster{PITEnabled: true}
	snap := func(daysAgo int) state.Snapshot {
		return state.Snapshot{Status: "completed", CreatedAt: now.AddDate(0, 0, -daysAgo), ExpiresAt: now.AddDate(1, 0, 0)}
	}
	full := state.RestoreWindow(c, state.Schedule{RestoreWindowDays: 7}, []state.Snapshot{snap(1), snap(30)}, now)
	if want := now.AddDate(0, 0, -7); !full.From.Equal(want) || !full.Until.Equal(now) {
		t.Errorf("window %v, want from %v until now", full, want)
	}
	young := state.RestoreWindow(c, state.Schedule{RestoreWindowDays: 7}, []state.Snapshot{snap(1), snap(3)}, now)
	if want := now.AddDate(0, 0, -3); !young.From.Equal(want) {
		t.Errorf("a window begins %v, before the oldest snapshot of %v", young.From, want)
	}
	if off := state.RestoreWindow(state.Cluster{}, state.Schedule{RestoreWindowDays: 7}, nil, now); !off.IsZero() {
		t.Errorf("a window %v although point in time is off (Atlas sends the days all the same)", off)
	}
	for _, tc := range []struct {
		at   time.Time
		says string
	}{
		{now, ""},
		{full.From, ""},
		{full.From.Add(-time.Second), "before the restore window"},
		{now.Add(time.Second), "in the future"},
		{time.Unix(state.MinInstant-1, 0), "before 2008"},
	} {
		err := (state.Reach{Window: full}).Check(tc.at, now)
		if (err == nil) != (tc.says == "") || err != nil && !strings.Contains(err.Error(), tc.says) {
			t.Errorf("%v: %v, want %q", tc.at, err, tc.says)
		}
	}
}

// A moment that cannot be had is refused with those next to it that can.
func TestReachNamesTheNearest(t *testing.T) {
	now := time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)
	clock := func(s string) time.Time {
		at, err := time.Parse("2 Jan 2006 15:04:05", s+":00")
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	reach := state.Reach{Window: state.Window{From: clock("20 Nov 2026 00:00"), Until: now}, Holes: []state.Window{
		{From: clock("21 Nov 2026 10:00"), Until: clock("21 Nov 2026 12:00")},
		{From: clock("21 Nov 2026 12:00"), Until: clock("21 Nov 2026 13:00")}, // begins where the other ends
		{From: clock("23 Nov 2026 14:00")},
	}}
	for _, tc := range []struct{ at, says string }{
		{"21 Nov 2026 09:59", ""},
		{"21 Nov 2026 10:00", "the last good before is 21 Nov 09:59:59 UTC, the first after is 21 Nov 13:00:00 UTC"},
		{"21 Nov 2026 12:30", "the last good before is 21 Nov 09:59:59 UTC, the first after is 21 Nov 13:00:00 UTC"},
		{"21 Nov 2026 13:00", ""},
		{"23 Nov 2026 14:30", "the last good before is 23 Nov 13:59:59 UTC"},
		{"19 Nov 2026 00:00", "the earliest moment is 20 Nov 00:00:00 UTC"},
		{"23 Nov 2026 14:32", "in the future, in 1 min; it is now 23 Nov 14:31:00 UTC"},
	} {
		err := reach.Check(clock(tc.at), now)
		if (err == nil) != (tc.says == "") || err != nil && !strings.Contains(err.Error(), tc.says) {
			t.Errorf("%s: %v, want %q", tc.at, err, tc.says)
		}
	}
}

// What is called the nearest good moment is good, and none lies between.
func TestNearestIsGood(t *testing.T) {
	now := time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		ago := func(what string) time.Time {
			return now.Add(-time.Duration(rapid.IntRange(0, 300).Draw(t, what)) * time.Second)
		}
		reach := state.Reach{Window: state.Window{From: now.Add(-250 * time.Second), Until: now}}
		for i := range rapid.IntRange(0, 4).Draw(t, "holes") {
			h := state.Window{From: ago(fmt.Sprint("from", i))}
			if rapid.Bool().Draw(t, "closed") {
				h.Until = h.From.Add(time.Duration(rapid.IntRange(1, 60).Draw(t, "length")) * time.Second)
			}
			reach.Holes = append(reach.Holes, h)
		}
		at := ago("at").Add(20 * time.Second)
		before, after := reach.Nearest(at, now)
		for at := at; !before.IsZero() && at.After(before); at = at.Add(-time.Second) {
			if reach.Check(at, now) == nil {
				t.Fatalf("%v is good, and nearer than %v", at, before)
			}
		}
		for at := at; !after.IsZero() && at.Before(after); at = at.Add(time.Second) {
			if reach.Check(at, now) == nil {
				t.Fatalf("%v is good, and nearer than %v", at, after)
			}
		}
		for _, near := range []time.Time{before, after} {
			if err := reach.Check(near, now); !near.IsZero() && err != nil {
				t.Fatalf("%v is called good: %v", near, err)
			}
		}
	})
}
