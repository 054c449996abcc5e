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
	fraction := snap(3)
	fraction.CreatedAt = fraction.CreatedAt.Add(time.Millisecond)
	if young := state.RestoreWindow(c, state.Schedule{RestoreWindowDays: 7}, []state.Snapshot{fraction}, now); !young.From.Equal(now.AddDate(0, 0, -3).Add(time.Second)) {
		t.Errorf("a window begins %v, which is no moment after the snapshot", young.From)
	}
	gone, failed := snap(6), snap(5)
	gone.ExpiresAt, failed.Status = now, "failed"
	if young := state.RestoreWindow(c, state.Schedule{RestoreWindowDays: 7}, []state.Snapshot{snap(3), gone, failed}, now); !young.From.Equal(now.AddDate(0, 0, -3)) {
		t.Errorf("a window begins %v, with a snapshot that cannot be used", young.From)
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

// A hole begins with a restore onto the cluster itself, and ends with the first snapshot
// that was completed after the restore's end.
func TestHoles(t *testing.T) {
	now := time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)
	ago := func(hours int) time.Time { return now.Add(-time.Duration(hours) * time.Hour) }
	orders := state.Cluster{ProjectID: "p", Name: "orders"}
	job := state.Job{ID: idAt(ago(10)), FinishedAt: ago(8), DeliveryType: state.Automated, TargetProjectID: "p", TargetClusterName: "orders"}
	change := func(f func(*state.Job)) state.Job { j := job; f(&j); return j }
	taken := func(status string, hours int) state.Snapshot {
		return state.Snapshot{Status: status, CreatedAt: ago(hours)}
	}
	for name, tc := range map[string]struct {
		job       state.Job
		snapshots []state.Snapshot
		none      bool
		until     time.Time
	}{
		"open":                        {job, []state.Snapshot{taken("completed", 11)}, false, time.Time{}},
		"the first after it":          {job, []state.Snapshot{taken("completed", 2), taken("completed", 5), taken("completed", 11)}, false, ago(5)},
		"in whatever order":           {job, []state.Snapshot{taken("completed", 11), taken("completed", 5), taken("completed", 2)}, false, ago(5)},
		"by a fraction of a second":   {job, []state.Snapshot{{Status: "completed", CreatedAt: ago(5).Add(time.Millisecond)}}, false, ago(5).Add(time.Second)},
		"one while it ran":            {job, []state.Snapshot{taken("completed", 5), taken("completed", 9)}, false, ago(5)},
		"one as it ended":             {job, []state.Snapshot{taken("completed", 8)}, false, time.Time{}},
		"one that failed":             {job, []state.Snapshot{taken("failed", 7), taken("inProgress", 6), taken("Completed", 5)}, false, ago(5)},
		"while it runs":               {change(func(j *state.Job) { j.FinishedAt = time.Time{} }), []state.Snapshot{taken("completed", 9)}, false, time.Time{}},
		"a failed one":                {change(func(j *state.Job) { j.FinishedAt, j.Failed = time.Time{}, true }), []state.Snapshot{taken("completed", 9)}, false, ago(9)},
		"a moment":                    {change(func(j *state.Job) { j.DeliveryType = state.PointInTime }), nil, false, time.Time{}},
		"a download":                  {change(func(j *state.Job) { j.DeliveryType = state.Download }), nil, true, time.Time{}},
		"another cluster":             {change(func(j *state.Job) { j.TargetClusterName = "orders-stg" }), nil, true, time.Time{}},
		"its namesake somewhere else": {change(func(j *state.Job) { j.TargetProjectID = "q" }), nil, true, time.Time{}},
	} {
		got := state.Holes(orders, []state.Job{tc.job}, tc.snapshots)
		if len(got) == 0 != tc.none || len(got) == 1 && (!got[0].From.Equal(ago(10)) || !got[0].Until.Equal(tc.until)) {
			t.Errorf("%s: %v, want one until %v", name, got, tc.until)
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
	now := time.Date(2026, 11, 23, 14, 31, 0, 500, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		ago := func(what string) time.Time {
			return now.Add(-time.Duration(rapid.IntRange(0, 300).Draw(t, what)) * time.Second).Truncate(time.Second)
		}
		reach := state.Reach{Window: state.Window{From: now.Add(-250 * time.Second).Truncate(time.Second), Until: now}}
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
			if err := reach.Check(near, now); !near.IsZero() && (err != nil || near.Nanosecond() != 0) {
				t.Fatalf("%v is called good: %v", near, err)
			}
		}
	})
	first := time.Unix(state.MinInstant, 0)
	if before, _ := (state.Reach{Holes: []state.Window{{From: first}}}).Nearest(first.Add(time.Hour), now); !before.IsZero() {
		t.Errorf("%v is called good, which Atlas does not take", before)
	}
}
