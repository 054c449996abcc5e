package state_test

import (
	"strings"
	"testing"
	"time"

	"atlas-restore/state"
)

func TestFieldRules(t *testing.T) {
	id := func(s string) error { return state.CheckID(s) }
	name := func(s string) error { return state.CheckClusterName(s) }
	ts := func(s string) error { _, err := state.ParseOplogTs(s); return err }
	inc := func(s string) error { _, err := state.ParseOplogInc(s); return err }
	for _, tc := range []struct {
		rule  string
		check func(string) error
		in    string
		says  string // part of the sentence; empty if the input is good
	}{
		{"id", id, "65f0c1d2e3a4b5c6d7e8f901", ""},
		{"id", id, "", "24 characters"},
		{"id", id, "65f0c1d2e3a4b5c6d7e8f90", "this has 23"},
		{"id", id, "65f0c1d2e3a4b5c6d7e8f9012", "this has 25"},
		{"id", id, "65F0C1D2E3A4B5C6D7E8F901", "lower case"},
		{"id", id, "65f0c1d2e3a4b5c6d7e8f90g", "only 0-9 and a-f"},
		{"id", id, "65f0c1d2e3a4b5c6d7e8f901\n", "only 0-9 and a-f"},
		{"name", name, "orders-prod", ""},
		{"name", name, "0", ""},
		{"name", name, "A-", ""},
		{"name", name, "", "needed"},
		{"name", name, "-a", "begins with"},
		{"name", name, "orders prod", "no spaces"},
		{"name", name, "orders_prod", "'_'"},
		{"name", name, "orders/prod", "'/'"},
		{"name", name, "bestände", "'ä'"},
		{"name", name, "a\n", "cannot stand in it"},
		{"ts", ts, "1199145600", ""},
		{"ts", ts, "2147483647", ""},
		{"ts", ts, "1199145599", "begins at 1199145600"},
		{"ts", ts, "2147483648", "ends at 2147483647"},
		{"ts", ts, "1795443779000", "milliseconds; in seconds it is 1795443779"},
		{"ts", ts, "", "in seconds"},
		{"ts", ts, "-1795443779", "in seconds"},
		{"ts", ts, "1.8e9", "in seconds"},
		{"ts", ts, strings.Repeat("9", 40), "ends at"},
		{"inc", inc, "1", ""},
		{"inc", inc, "2147483647", ""},
		{"inc", inc, "0", "begins at 1"},
		{"inc", inc, "2147483648", "ends at 2147483647"},
		{"inc", inc, "-1", "whole number"},
		{"inc", inc, "", "whole number"},
		{"inc", inc, " 1", "whole number"},
	} {
		err := tc.check(tc.in)
		switch {
		case tc.says == "" && err != nil:
			t.Errorf("%s %q: refused: %v", tc.rule, tc.in, err)
		case tc.says != "" && err == nil:
			t.Errorf("%s %q: taken, want a refusal that says %q", tc.rule, tc.in, tc.says)
		case tc.says != "" && !strings.Contains(err.Error(), tc.says):
			t.Errorf("%s %q: says %q, want %q in it", tc.rule, tc.in, err, tc.says)
		}
	}
}

func TestParseMoment(t *testing.T) {
	now := time.Date(2026, 11, 23, 14, 31, 8, 500, time.UTC)
	for _, tc := range []struct{ in, want, says string }{
		{"2026-11-23T14:02:59Z", "2026-11-23T14:02:59Z", ""},
		{"2026-11-23 14:02:59", "2026-11-23T14:02:59Z", ""},
		{"2026-11-23 14:02", "2026-11-23T14:02:00Z", ""},
		{"2026-11-23 4:02", "2026-11-23T04:02:00Z", ""},
		{"2026-11-23t14:02:59z", "2026-11-23T14:02:59Z", ""},
		{"2026-11-23 14:02:59 UTC", "2026-11-23T14:02:59Z", ""},
		{"2026-11-23 15:02:59+01:00", "2026-11-23T14:02:59Z", ""},
		{"2026-11-23 15:02:59 +0100", "2026-11-23T14:02:59Z", ""},
		{"2026-11-22T23:32:59-14:30", "2026-11-23T14:02:59Z", ""},
		{"  2026-11-23 14:02:59  ", "2026-11-23T14:02:59Z", ""},
		{"1795442579", "2026-11-23T14:02:59Z", ""},
		{"1199145600", "2008-01-01T00:00:00Z", ""},
		{"1795442579000", "", "milliseconds; in seconds it is 1795442579"},
		{"1199145599", "", "begin at 1199145600"},
		{"2147483648", "", "end at 2147483647"},
		{"99999999999999999999", "", "end at 2147483647"},
		{"", "", "a moment is needed"},
		{"yesterday", "", "write a date and a time"},
		{"14:03", "2026-11-23T14:03:00Z", ""},
		{"15:31:07", "2026-11-22T15:31:07Z", ""}, // not yet today
		{"15:03 +01:00", "2026-11-23T14:03:00Z", ""},
		{"00:15+0100", "2026-11-22T23:15:00Z", ""},
		{"23 Nov 14:03", "2026-11-23T14:03:00Z", ""},
		{"23 nov 14:03:59 UTC", "2026-11-23T14:03:59Z", ""},
		{"24 Dec 08:00 UTC", "2025-12-24T08:00:00Z", ""},
		{"31 Feb 08:00", "", "write a date and a time"},
		{"25:00", "", "write a date and a time"},
		{"23 Junk 10:00", "", "write a date and a time"},
		{"999999 days ago", "", "write a date and a time"},
		{"-15m", "2026-11-23T14:16:08Z", ""},
		{"- 15 min", "2026-11-23T14:16:08Z", ""},
		{"2h ago", "2026-11-23T12:31:08Z", ""},
		{"1 h 10 min ago", "2026-11-23T13:21:08Z", ""},
		{"1h10m ago", "2026-11-23T13:21:08Z", ""},
		{"3 days ago", "2026-11-20T14:31:08Z", ""},
		{"-90s", "2026-11-23T14:29:38Z", ""},
		{"15m", "", "write a date and a time"},
		{"-15m ago", "", "write a date and a time"},
		{"-15", "", "write a date and a time"},
		{"2 weeks ago", "", "write a date and a time"},
		{"2026", "", "write a date and a time"},
		{"30 min ago", "2026-11-23T14:01:08Z", ""},
		{"2026-11-23", "", "write a date and a time"},
		{"2026-02-30 10:00", "", "no such date"},
		{"2026-11-23 24:00", "", "no such date"},
		{"2026-11-23 14:02:60", "", "no such date"},
		{"2026-11-23 14:02:59.5", "", "whole seconds"},
		{"2026-11-23 15:02:59 CET", "", "can mean several zones"},
		{"23.11.2026 14:02", "", "write a date and a time"},
	} {
		got, err := state.ParseMoment(tc.in, now)
		switch {
		case tc.says != "" && (err == nil || !strings.Contains(err.Error(), tc.says)):
			t.Errorf("%q: got %v, error %v; want a refusal that says %q", tc.in, got, err, tc.says)
		case tc.says == "" && err != nil:
			t.Errorf("%q: refused: %v", tc.in, err)
		case tc.says == "" && got.Format(time.RFC3339) != tc.want:
			t.Errorf("%q: read as %s, want %s", tc.in, got.Format(time.RFC3339), tc.want)
		}
	}
}

// What is taken is a second that Atlas takes, whatever was typed.
func FuzzParseMoment(f *testing.F) {
	now := time.Date(2026, 11, 23, 14, 31, 8, 0, time.UTC)
	for _, s := range []string{"2026-11-23 14:02:59", "1795442579", "2026-11-23T14:02:59+01:00", "", "999999999999", "-15m", "1 h 10 min ago", "14:03", "23 Nov 14:03 +0100"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		at, err := state.ParseMoment(s, now)
		if err != nil {
			if err.Error() == "" {
				t.Fatal("a refusal without a reason")
			}
			return
		}
		if at.Nanosecond() != 0 || at.Location() != time.UTC {
			t.Fatalf("%q: read as %v: not a whole second in UTC", s, at)
		}
		again, err := state.ParseMoment(at.Format(time.RFC3339), now)
		if err != nil || !again.Equal(at) {
			t.Fatalf("%q: read as %v, which reads as %v (%v)", s, at, again, err)
		}
	})
}

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
		err := full.Check(tc.at, now)
		if (err == nil) != (tc.says == "") || err != nil && !strings.Contains(err.Error(), tc.says) {
			t.Errorf("%v: %v, want %q", tc.at, err, tc.says)
		}
	}
}

func TestEcho(t *testing.T) {
	now := time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)
	at := time.Date(2026, 11, 23, 23, 30, 0, 0, time.UTC).AddDate(0, 0, -1)
	berlin := time.FixedZone("CET", 3600)
	if got, want := state.Echo(at, now, berlin), "22 Nov 23:30:00 UTC · 23 Nov 00:30:00 CET · 15 h 1 min ago"; got != want {
		t.Errorf("echo %q, want %q", got, want)
	}
	if got := state.Echo(at, now, time.UTC); strings.Count(got, "23:30:00") != 1 {
		t.Errorf("echo %q says UTC twice", got)
	}
}
