package state_test

import (
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the zones of a machine that has none

	"pgregory.net/rapid"

	"atlas-restore/state"
)

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
		{"yesterday", "", "yesterday has many moments: write which, like yesterday 14:02"},
		{"14:03", "2026-11-23T14:03:00Z", ""},
		{"15:31:07", "2026-11-22T15:31:07Z", ""}, // not yet today
		{"15:03 +01:00", "2026-11-23T14:03:00Z", ""},
		{"00:15+0100", "2026-11-22T23:15:00Z", ""},
		{"23 Nov 14:03", "2026-11-23T14:03:00Z", ""},
		{"23 nov 14:03:59 UTC", "2026-11-23T14:03:59Z", ""},
		{"24 Dec 08:00 UTC", "2025-12-24T08:00:00Z", ""},
		{"31 Feb 08:00", "", "no such date"},
		{"25:00", "", "no such date"},
		{"23 Junk 10:00", "", "write a date and a time"},
		{"999999 days ago", "", "write a date and a time"},
		{"-15m", "2026-11-23T14:16:08Z", ""},
		{"- 15 min", "2026-11-23T14:16:08Z", ""},
		{"2h ago", "2026-11-23T12:31:08Z", ""},
		{"1 h 10 min ago", "2026-11-23T13:21:08Z", ""},
		{"1h10m ago", "2026-11-23T13:21:08Z", ""},
		{"3 days ago", "2026-11-20T14:31:08Z", ""},
		{"-90s", "2026-11-23T14:29:38Z", ""},
		{"15m", "2026-11-23T14:16:08Z", ""},
		{"40m", "2026-11-23T13:51:08Z", ""},
		{"40 min", "2026-11-23T13:51:08Z", ""},
		{"40 MINUTES", "2026-11-23T13:51:08Z", ""},
		{"1h 10m", "2026-11-23T13:21:08Z", ""},
		{"an hour ago", "2026-11-23T13:31:08Z", ""},
		{"An hour", "2026-11-23T13:31:08Z", ""},
		{"a minute ago", "2026-11-23T14:30:08Z", ""},
		{"half an hour ago", "2026-11-23T14:01:08Z", ""},
		{"a day ago", "2026-11-22T14:31:08Z", ""},
		{"2 weeks ago", "2026-11-09T14:31:08Z", ""},
		{"40 mon", "", "write a date and a time"},
		{"40", "", "write a date and a time"},
		{"1.5 h", "", "write a date and a time"},
		{"in 40 min", "", "that is in the future"},
		{"+2h", "", "that is in the future"},
		{"an hour from now", "", "that is in the future"},
		{"tomorrow", "", "tomorrow is in the future"},
		{"tomorrow 14:02", "", "tomorrow is in the future"},
		{"now", "2026-11-23T14:31:08Z", ""},
		{" NOW ", "2026-11-23T14:31:08Z", ""},
		{"today 14:02", "2026-11-23T14:02:00Z", ""},
		{"today 23:00", "2026-11-23T23:00:00Z", ""}, // still to come: the window refuses it
		{"today 15:02:59 local", "2026-11-23T14:02:59Z", ""},
		{"today 00:15 +01:00", "2026-11-22T23:15:00Z", ""},
		{"today 14:60", "", "no such date"},
		{"today", "", "today has many moments: write which, like today 14:02"},
		{"yesterday 14:02", "2026-11-22T14:02:00Z", ""},
		{"Yesterday, at 14:02 UTC", "2026-11-22T14:02:00Z", ""},
		{"yesterday 4:02 CET", "2026-11-22T03:02:00Z", ""},
		{"yesterday 14:02 Berlin", "", "write the zone as UTC"},
		{"yesterday 2pm", "", "24 hours"},
		{"-15m ago", "", "write a date and a time"},
		{"-15", "", "write a date and a time"},
		{"2026", "", "write a date and a time"},
		{"30 min ago", "2026-11-23T14:01:08Z", ""},
		{"2026-11-23", "", "write a date and a time"},
		{"2026-02-30 10:00", "", "no such date"},
		{"2026-11-23 24:00", "", "no such date"},
		{"2026-11-23 14:02:60", "", "no such date"},
		{"2026-11-23 14:02:59.5", "", "whole seconds"},
		{"23.11.2026 14:02", "", "write a date and a time"},
		{"14:03 local", "2026-11-23T13:03:00Z", ""},
		{"14:03 CET", "2026-11-23T13:03:00Z", ""},
		{"15:45 CET", "2026-11-22T14:45:00Z", ""}, // not yet today
		{"14:03 CEST", "", "can mean several zones"},
		{"14:03 PST", "", "can mean several zones"},
		{"2026-11-23 15:02:59 CET", "2026-11-23T14:02:59Z", ""},
		{"2026-07-01 15:02:59 CEST", "2026-07-01T13:02:59Z", ""},
		{"2026-07-01 15:02:59 local", "2026-07-01T13:02:59Z", ""},
		{"2026-07-01 15:02:59 CET", "", "can mean several zones"},
		{"2026-11-23 15:02:59 EST", "", "can mean several zones"},
		{"24 Dec 2025 08:00:00 UTC", "2025-12-24T08:00:00Z", ""},
		{"24 Nov 2026 08:00", "2026-11-24T08:00:00Z", ""}, // the year that is written counts, though it is the future
		{"24 December 2025 08:00", "2025-12-24T08:00:00Z", ""},
		{"29 Feb 08:00", "", "no such date"}, // not in this year
		{"2024-02-29 08:00", "2024-02-29T08:00:00Z", ""},
		// Clocks go forward on 29 March 2026 at 01:00 UTC, and back on 25 October.
		{"2026-03-29 01:59:59 local", "2026-03-29T00:59:59Z", ""},
		{"2026-03-29 02:30 local", "", "never showed 2:30 that day: they went from 01:59:59 CET to 03:00 CEST at 2026-03-29 01:00:00 UTC"},
		{"2026-03-29 03:00 local", "2026-03-29T01:00:00Z", ""},
		{"2026-03-29 02:30", "2026-03-29T02:30:00Z", ""}, // UTC has no such hour
		{"2026-10-25 02:30 local", "", "twice that day: write 2026-10-25 00:30:00 UTC for the first time, 2026-10-25 01:30:00 UTC for the second"},
		{"2026-10-25 02:30 CEST", "2026-10-25T00:30:00Z", ""},
		{"2026-10-25 02:30 CET", "2026-10-25T01:30:00Z", ""},
		{"2026-10-25 02:30 +02:00", "2026-10-25T00:30:00Z", ""},
		{"2026-10-25 03:00 local", "2026-10-25T02:00:00Z", ""},
		{"23 Nov 14:02:59 UTC · 15:02:59 CET · 28 min ago", "2026-11-23T14:02:59Z", ""},
		{"2026-11-23 14:02:59 +25:00", "", "write the zone as UTC, as local, or as an offset"},
		{"2026-11-23 14:02:59 Europe/Berlin", "", "write the zone as UTC, as local, or as an offset"},
		{"14:20 Berlin", "", "write the zone as UTC"},
		{"6:05pm", "", "24 hours, like 18:05"},
		{"6:05 p.m.", "", "24 hours"},
		{"2026-11-23 14:02:59,5", "", "whole seconds"},
		{"2026-13-01 10:00", "", "no such date"},
		{"14:60", "", "no such date"},
		{"14:03:61", "", "no such date"},
		{"-", "", "write a date and a time"},
		{"ago", "", "write a date and a time"},
		{"\x1b[31m14:03", "", "write a date and a time"},
		{"١٤:٠٣", "", "write a date and a time"},
	} {
		got, err := state.ParseMoment(tc.in, now, berlin(t))
		switch {
		case tc.says != "" && (err == nil || !strings.Contains(err.Error(), tc.says)):
			t.Errorf("%q: got %v, error %v; want a refusal that says %q", tc.in, got, err, tc.says)
		case tc.says == "" && err != nil:
			t.Errorf("%q: refused: %v", tc.in, err)
		case tc.says == "" && got.Format(time.RFC3339Nano) != tc.want:
			t.Errorf("%q: read as %s, want %s", tc.in, got.Format(time.RFC3339Nano), tc.want)
		}
	}
}

// The day before the first of a month is in another one, and clocks change elsewhere too.
func TestParseMomentElsewhere(t *testing.T) {
	newYork, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		in, now    string
		zone       *time.Location
		want, says string
	}{
		{"yesterday 23:00", "2026-12-01T00:10:00Z", time.UTC, "2026-11-30T23:00:00Z", ""},
		{"yesterday 22:00 local", "2026-11-24T02:00:00Z", newYork, "2026-11-23T03:00:00Z", ""}, // it is still the 23rd there
		{"today 20:00 local", "2026-11-24T02:00:00Z", newYork, "2026-11-24T01:00:00Z", ""},
		{"today 02:30 local", "2026-03-08T20:00:00Z", newYork, "", "they went from 01:59:59 EST to 03:00 EDT at 2026-03-08 07:00:00 UTC"},
		{"yesterday 01:30 local", "2026-11-02T20:00:00Z", newYork, "", "write 2026-11-01 05:30:00 UTC for the first time, 2026-11-01 06:30:00 UTC for the second"},
		{"23:00", "2026-12-01T00:10:00Z", time.UTC, "2026-11-30T23:00:00Z", ""},
		{"23:00", "2026-01-01T00:10:00Z", time.UTC, "2025-12-31T23:00:00Z", ""},
		{"14:03 GMT", "2026-11-23T14:31:00Z", time.UTC, "2026-11-23T14:03:00Z", ""},
		{"22:00 local", "2026-11-24T02:00:00Z", newYork, "2026-11-23T03:00:00Z", ""}, // it is still the 23rd there, at 21:00
		{"20:00 EST", "2026-11-24T02:00:00Z", newYork, "2026-11-24T01:00:00Z", ""},
		{"2026-03-08 02:30 local", "2026-11-24T02:00:00Z", newYork, "", "they went from 01:59:59 EST to 03:00 EDT at 2026-03-08 07:00:00 UTC"},
		{"2026-11-01 01:30 local", "2026-11-24T02:00:00Z", newYork, "", "write 2026-11-01 05:30:00 UTC for the first time, 2026-11-01 06:30:00 UTC for the second"},
	} {
		now, err := time.Parse(time.RFC3339, tc.now)
		if err != nil {
			t.Fatal(err)
		}
		got, err := state.ParseMoment(tc.in, now, tc.zone)
		if tc.says == "" && (err != nil || got.Format(time.RFC3339) != tc.want) || tc.says != "" && (err == nil || !strings.Contains(err.Error(), tc.says)) {
			t.Errorf("%q in %s: %v, %v, want %s%s", tc.in, tc.zone, got, err, tc.want, tc.says)
		}
	}
}

func berlin(t interface{ Fatal(...any) }) *time.Location {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func TestParseInstant(t *testing.T) {
	now := time.Date(2026, 11, 23, 14, 31, 8, 0, time.UTC)
	oplog := state.Instant{OplogTs: 1795442579, OplogInc: 12}
	for _, tc := range []struct {
		in   string
		want state.Instant
		says string
	}{
		{"14:02:59", state.Instant{UTCSeconds: 1795442579}, ""},
		{"1795442579", state.Instant{UTCSeconds: 1795442579}, ""},
		{"1795442579:12", oplog, ""},
		{"1795442579, 12", oplog, ""},
		{"Timestamp(1795442579, 12)", oplog, ""},
		{"timestamp(1795442579:12)", oplog, ""},
		{`{"t":1795442579,"i":12}`, oplog, ""},
		{`{ "$timestamp": { "t": 1795442579, "i": 12 } }`, oplog, ""},
		{"{ t: 1795442579, i: 12 }", oplog, ""},
		{"1795442579:0", state.Instant{}, "begins at 1"},
		{"1795442579:99999999999", state.Instant{}, "ends at 2147483647"},
		{"1199145599:1", state.Instant{}, "begins at 1199145600"},
		{"2147483648:1", state.Instant{}, "ends at 2147483647"},
		{"1795442579:", state.Instant{}, "write a date and a time"},
		{"1795442579000:1", state.Instant{}, "write a date and a time"},
	} {
		got, err := state.ParseInstant(tc.in, now, time.UTC)
		switch {
		case tc.says != "" && (err == nil || !strings.Contains(err.Error(), tc.says)):
			t.Errorf("%q: got %v, error %v; want a refusal that says %q", tc.in, got, err, tc.says)
		case tc.says == "" && (err != nil || got != tc.want):
			t.Errorf("%q: read as %v (%v), want %v", tc.in, got, err, tc.want)
		}
	}
}

// What is echoed reads as the same second, whatever the zone and the time of year.
func TestEchoReadsBack(t *testing.T) {
	zones := []*time.Location{time.UTC, berlin(t), time.FixedZone("", -9*3600-1800)}
	for _, name := range []string{"America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		zones = append(zones, zone)
	}
	rapid.Check(t, func(t *rapid.T) {
		now := time.Unix(rapid.Int64Range(state.MinInstant+86400, state.MaxInstant).Draw(t, "now"), 0).UTC()
		at := time.Unix(rapid.Int64Range(state.MinInstant, now.Unix()).Draw(t, "at"), 0).UTC()
		zone := rapid.SampledFrom(zones).Draw(t, "zone")
		for _, text := range []string{state.Echo(at, now, zone), state.UTCSecond(at, now), at.Format(time.DateTime), at.In(zone).Format(time.RFC3339)} {
			if got, err := state.ParseMoment(text, now, zone); err != nil || !got.Equal(at) {
				t.Fatalf("%s in %s is said as %q, which reads as %v (%v)", at, zone, text, got, err)
			}
		}
	})
}

// A wall clock, read in its zone, shows what was typed, or there is no such time.
func TestLocalTimeIsWhatTheWallShows(t *testing.T) {
	zone := berlin(t)
	rapid.Check(t, func(t *rapid.T) {
		wall := time.Unix(rapid.Int64Range(state.MinInstant+86400, state.MaxInstant-86400).Draw(t, "wall")/60*60, 0).UTC().Format("2006-01-02 15:04")
		got, err := state.ParseMoment(wall+" local", time.Unix(state.MaxInstant, 0), zone)
		if err == nil && got.In(zone).Format("2006-01-02 15:04") != wall {
			t.Fatalf("%q reads as %v, when the wall shows %v", wall, got, got.In(zone))
		}
		if err != nil && !strings.Contains(err.Error(), "clocks") {
			t.Fatalf("%q is refused: %v", wall, err)
		}
	})
}

// What is taken is a second that Atlas takes, whatever was typed.
func FuzzParseMoment(f *testing.F) {
	now, zone := time.Date(2026, 11, 23, 14, 31, 8, 0, time.UTC), berlin(f)
	for _, s := range []string{"2026-11-23 14:02:59", "1795442579", "2026-11-23T14:02:59+01:00", "", "999999999999", "-15m", "1 h 10 min ago", "14:03", "23 Nov 14:03 +0100", "2026-10-25 02:30 CEST", "14:03 local"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		at, err := state.ParseMoment(s, now, zone)
		if err != nil {
			if err.Error() == "" {
				t.Fatal("a refusal without a reason")
			}
			return
		}
		if at.Nanosecond() != 0 || at.Location() != time.UTC {
			t.Fatalf("%q: read as %v: not a whole second in UTC", s, at)
		}
		again, err := state.ParseMoment(at.Format(time.RFC3339), now, time.UTC)
		if err != nil || !again.Equal(at) {
			t.Fatalf("%q: read as %v, which reads as %v (%v)", s, at, again, err)
		}
	})
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
