package steps

import (
	"errors"
	"strings"
	"testing"
	"time"

	"atlas-restore/state"
)

// What is not known is drawn and said as not known: neither as what only snapshots can restore, nor
// as any second, nor as no moment. The axis is that of the window from the beginning.
func TestWhatATimelineLacks(t *testing.T) {
	t.Parallel()
	c := state.Cluster{ProjectID: project, Name: "orders", PITEnabled: true}
	onto := state.Job{ID: "6b020000c1d2e3a4b5c6d7e8", DeliveryType: state.Automated, TargetProjectID: project, TargetClusterName: "orders", FinishedAt: noon.Add(-39 * time.Hour)} // 21 Nov 20:33 UTC
	week := func() Past {
		return Past{Of: sourceName(c), Schedule: state.Schedule{RestoreWindowDays: 7}, Jobs: []state.Job{onto}}
	}
	some := []state.Snapshot{taken(day, "daily"), taken(3*day, "daily")}
	bad := errors.New("reset")
	for _, tc := range []struct {
		name      string
		past      func() *Past
		snapshots []state.Snapshot
		awaited   bool
		some      bool
		track     string
		legend    string
		words     string
	}{
		{"nothing has come", func() *Past { return nil }, nil, true, false, "?????????????????????????????", "? not loaded yet", "The restore window, the restores onto it and the snapshots are being loaded."},
		{"the snapshots alone", func() *Past { return nil }, some, true, false, "????????????????d???????d????", "? not loaded yet", "The restore window and the restores onto it are being loaded. 2 snapshots back to"},
		{"the schedule is refused", func() *Past { p := week(); p.ScheduleErr = bad; return &p }, some, false, false, "????????????????d????R??d????", "? not known", "The restore window could not be seen."},
		{"the restores are refused", func() *Past { p := week(); p.JobsErr, p.Jobs = bad, nil; return &p }, append(some, taken(8*day, "daily")), false, false, "????????????????d???????d????", "? not known", "The restores onto it could not be seen."},
		{"the snapshots are refused", func() *Past { p := week(); return &p }, nil, false, false, "?????????????????????R???????", "? not known", "The snapshots could not be seen."},
		{"a part of the snapshots", func() *Past { p := week(); return &p }, some, true, true, "????????????????d━━━━R??d━━━━", "? not loaded yet", "The other snapshots are being loaded."},
	} {
		seen := Nothing()
		seen.Past = tc.past()
		l := seen.TimelineOf(c, tc.snapshots, Ticks(tc.snapshots, noon), tc.awaited, noon)
		if tc.some {
			l.Lacks.Snapshots, l.Lacks.Some = Awaited, true
			l.Reach, l.Unknown = seen.Past.ReachOf(c, tc.snapshots, l.Lacks, noon)
		}
		track := l.Track(29)
		// A column is six hours wide, and the restores are in the way of none.
		if got := marks(track); got != tc.track {
			t.Errorf("%s:\n%s, want\n%s", tc.name, got, tc.track)
		}
		if from, to := l.Span(); to.Sub(from) != 7*day {
			t.Errorf("%s: shown are %v", tc.name, to.Sub(from))
		}
		if got := l.Legend(track, 200); !strings.Contains(got, tc.legend) || strings.Contains(got, "only snapshots") {
			t.Errorf("%s: %s", tc.name, got)
		}
		got := l.Words()
		if !strings.HasPrefix(got, tc.words) || strings.Contains(got, "Any second") || strings.Contains(got, "Only snapshots") || strings.Contains(got, "no snapshot") {
			t.Errorf("%s: %s", tc.name, got)
		}
	}
	seen := Nothing()
	p := week()
	seen.Past = &p
	known := append(some, taken(10*day, "weekly"))
	l := seen.TimelineOf(c, known, Ticks(known, noon), false, noon)
	if got := l.Words(); !strings.HasPrefix(got, "Any second from 16 Nov 12:00 UTC") || l.Lacks != (Lacks{}) || strings.ContainsRune(marks(l.Track(29)), '?') {
		t.Errorf("all of it is known: %s", got)
	}
}
