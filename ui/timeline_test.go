package ui

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"atlas-restore/state"
	"atlas-restore/ui/steps"
)

// The cursor is where its time is, below the track, and its time is beside it on the side
// that has room.
func TestTimelineCursor(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	s := newStyles(look{})
	const w = 85 // two hours each
	for ago, want := range map[time.Duration]int{0: 84, 84 * time.Hour: 42, 7 * 24 * time.Hour: 0} {
		l := steps.Timeline{Now: now, Reach: state.Reach{Window: state.Window{From: now.AddDate(0, 0, -7), Until: now}}, At: now.Add(-ago)}
		lines := timelineLines(s, l, l.Track(w), 4)
		below := ansi.Strip(lines[2])
		before, after, _ := strings.Cut(below, s.marks.up)
		if got := ansi.StringWidth(before); got != want || ansi.StringWidth(below) > w || !strings.Contains(before+after, state.UTCSecond(l.At, now)) {
			t.Errorf("%v before now: the mark is in column %d, want %d: %q", ago, got, want, below)
		}
	}
	l := steps.Timeline{Now: now, At: now.Add(-84 * time.Hour)}
	if got := ansi.Strip(cursorLine(s, l, 21)); got != strings.Repeat(" ", 10)+s.marks.up {
		t.Errorf("where nothing else has room: %q", got)
	}
}
