package ui

import (
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"atlas-restore/state"
	"atlas-restore/ui/steps"
)

// timelineLines draws what can be had and where one is: the scale, the track, the cursor
// with its time, and a legend where lines are left for it.
func timelineLines(s styles, t steps.Timeline, w, lines int) []string {
	w = min(w, readable+20)
	track := t.Track(w)
	out := []string{s.muted.Render(t.Scale(w)), drawTrack(s, t, track), cursorLine(s, t, w)}
	if lines > 3 {
		out = append(out, s.muted.Render(ansi.Truncate(t.Legend(track), w, s.marks.more)))
	}
	if lines < 3 {
		return out[1:]
	}
	return out
}

// drawTrack styles runs of one kind at once.
func drawTrack(s styles, t steps.Timeline, track []steps.Cell) string {
	at := -1
	if !t.At.IsZero() {
		at = min(max(t.Column(t.At, len(track)), 0), len(track)-1)
	}
	style := map[steps.CellKind]lipgloss.Style{
		steps.CellNothing: s.muted, steps.CellMoment: s.accent, steps.CellHole: s.warn,
		steps.CellSnapshot: s.text.Bold(true), steps.CellRestore: s.warn.Bold(true),
	}
	var b strings.Builder
	for i := 0; i < len(track); {
		if i == at {
			b.WriteString(s.text.Reverse(true).Render(string(track[i].Mark)))
			i++
			continue
		}
		var run strings.Builder
		kind := track[i].Kind
		for ; i < len(track) && i != at && track[i].Kind == kind; i++ {
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
	for _, said := range []string{state.UTCSecond(t.At, t.Now) + " " + s.marks.between + " " + state.Ago(t.At, t.Now), state.UTC(t.At, t.Now)} {
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
func jumpKeys() []key.Binding {
	return []key.Binding{bind("shift+←→", "an hour"), bind("ctrl+←→", "a day")}
}
