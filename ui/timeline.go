package ui

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"atlas-restore/forms/ink"
	"atlas-restore/state"
	"atlas-restore/ui/steps"
)

// picture is what a timeline is drawn from, kept until something changes that it shows:
// there may be a hundred thousand snapshots, and a frame for each key.
type picture struct {
	of    []state.Snapshot // those that ticks and reach are of
	past  *steps.Past
	ticks []steps.Tick
	reach state.Reach
	lacks steps.Lacks
	blank []state.Window // of which nothing is known
	asOf  time.Time      // of reach

	track    []steps.Cell
	from, to time.Time // of track
}

// lasting is for how long a window that was computed is taken for the present one: it
// moves by a column of the track in minutes.
const lasting = 10 * time.Second

// timeline is that of a cluster with its snapshots, without a cursor.
func (d *picture) timeline(seen *steps.Seen, c state.Cluster, snapshots []state.Snapshot, lacks steps.Lacks, now time.Time) steps.Timeline {
	past := seen.PastOf(c)
	same := d.ticks != nil && len(d.of) == len(snapshots) && (len(snapshots) == 0 || &d.of[0] == &snapshots[0])
	if !same {
		d.of, d.ticks = snapshots, seen.TicksOf(snapshots, now)
	}
	if !same || d.past != past || d.lacks != lacks || now.Sub(d.asOf).Abs() >= lasting {
		d.past, d.lacks, d.asOf, d.track = past, lacks, now, nil
		d.reach, d.blank = past.ReachOf(c, snapshots, lacks, now)
	}
	return seen.TimelineWith(steps.Timeline{Now: now, Cluster: c, Reach: d.reach, Unknown: d.blank, Ticks: d.ticks, Lacks: lacks})
}

// trackOf is the track of t on w columns, of which it takes only so many.
func (d *picture) trackOf(t steps.Timeline, w int) []steps.Cell {
	w = min(w, readable+20)
	from, to := t.Span()
	if d.track == nil || len(d.track) != w || to.Sub(from) != d.to.Sub(d.from) || to.Sub(d.to).Abs() >= lasting {
		d.track, d.from, d.to = t.Track(w), from, to
	}
	return d.track
}

// timelineLines draws what can be had and where one is: the scale, the track, the cursor
// with its time, and a legend where lines are left for it.
func timelineLines(s styles, t steps.Timeline, track []steps.Cell, lines int) []string {
	w := len(track)
	out := []string{s.dim.Render(t.Scale(w)), drawTrack(s, track), cursorLine(s, t, w)}
	if lines > 3 {
		out = append(out, s.dim.Render(ansi.Truncate(t.Legend(track, w), w, s.marks.more)))
	}
	if lines < 3 {
		return out[1:]
	}
	return out
}

// drawTrack styles runs of one kind at once. Where the cursor is stands below it: a column
// that is marked here too would be drawn twice for each key. Snapshots have the colour of the
// moments between them: another one, told again for each of forty, is a second on a slow line.
func drawTrack(s styles, track []steps.Cell) string {
	style := map[steps.CellKind]ink.Ink{
		steps.CellNothing: s.dim, steps.CellMoment: s.accent, steps.CellHole: s.danger, steps.CellUnknown: s.dim,
		steps.CellSnapshot: s.accent.Bold(true), steps.CellRestore: s.danger.Bold(true), steps.CellLost: s.danger.Bold(true),
	}
	var b strings.Builder
	for i := 0; i < len(track); {
		var run strings.Builder
		kind := track[i].Kind
		for ; i < len(track) && track[i].Kind == kind; i++ {
			run.WriteRune(track[i].Mark)
		}
		b.WriteString(style[kind].Render(run.String()))
	}
	return b.String()
}

// cursorLine has the cursor's mark below its column, and its time beside it.
func cursorLine(s styles, t steps.Timeline, w int) string {
	if t.At.IsZero() {
		return ""
	}
	column := min(max(t.Column(t.At, w), 0), w-1)
	mark := s.selected.Render(s.marks.up)
	for _, said := range []string{state.UTCSecond(t.At, t.Now) + " " + s.marks.between + " " + state.FromNow(t.At, t.Now), state.UTC(t.At, t.Now)} {
		if room := ansi.StringWidth(said) + 2; column+room <= w {
			return strings.Repeat(" ", column) + mark + " " + said
		} else if column >= room {
			return strings.Repeat(" ", column-room+1) + said + " " + mark
		}
	}
	return strings.Repeat(" ", column) + mark
}

// jump is how far a key moves on the timeline: back is negative. Zero for other keys.
func jump(k tea.KeyPressMsg) time.Duration {
	switch k.String() {
	case "shift+left":
		return -time.Hour
	case "shift+right":
		return time.Hour
	case "ctrl+left":
		return -24 * time.Hour
	case "ctrl+right":
		return 24 * time.Hour
	}
	return 0
}

// jumpKeys are those of jump, for the footer.
func jumpKeys() []action {
	return []action{act("shift+←→", "an hour", "shift+left", "shift+right").moving(), act("ctrl+←→", "a day", "ctrl+left", "ctrl+right").moving()}
}
