package ui

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// side is one end of a picture: a cluster with its badge, and what is to be said of it.
type side struct {
	name, badge string // plain; the badge as it is drawn
	about       []string
	danger      string // what happens to it, if that is bad; drawn last, with its mark
	note        string // behind the danger
}

// head is the name with its badge.
func (d side) head(s styles) string {
	if d.badge == "" {
		return s.name.Render(d.name)
	}
	return s.name.Render(d.name) + " " + d.badge
}

// lines are a side's lines, the name first.
func (d side) lines(s styles) []string {
	out := append([]string{d.head(s)}, d.about...)
	if d.danger != "" {
		last := s.danger.Bold(true).Render(s.marks.wrong + " " + d.danger)
		if d.note != "" {
			last += s.dim.Render(" " + s.marks.between + " " + d.note)
		}
		out = append(out, last)
	}
	return out
}

// drawEnds draws what goes where: from on the left, an arrow, to on the right. Where that is
// too wide for w cells, or too high for room lines, the two stand beneath each other.
func drawEnds(s styles, from, to side, w, room int) []string {
	left, right := from.lines(s), to.lines(s)
	n := max(len(left), len(right))
	wide := 0
	for _, l := range left {
		wide = max(wide, ansi.StringWidth(l))
	}
	need := 0
	for _, l := range right {
		need = max(need, ansi.StringWidth(l))
	}
	arrow := strings.Repeat(s.marks.shaft, 4) + s.marks.head
	const beside = 4 // blanks on each side of the arrow
	if spare := w - need - 2*beside - ansi.StringWidth(arrow); wide > spare || n > room {
		return stacked(s, from, to, w)
	}
	wide = max(wide, min(w/2-2*beside, w-need-2*beside-ansi.StringWidth(arrow))) // the right side begins in the middle, where it fits
	out := make([]string, n)
	for i := range n {
		var l, r string
		if i < len(left) {
			l = left[i]
		}
		if i < len(right) {
			r = right[i]
		}
		between := strings.Repeat(" ", ansi.StringWidth(arrow))
		if i == n/2 {
			between = s.accent.Render(arrow)
		}
		out[i] = strings.TrimRight(l+strings.Repeat(" ", wide-ansi.StringWidth(l)+beside)+between+strings.Repeat(" ", beside)+r, " ")
	}
	return out
}

// stacked is the picture in a line for each side.
func stacked(s styles, from, to side, w int) []string {
	between := " " + s.marks.between + " "
	line := func(d side) string { return strings.Join(append([]string{d.head(s)}, d.about...), between) }
	second := s.accent.Render(s.marks.shaft+s.marks.head) + " " + to.head(s)
	if to.danger != "" {
		second += " " + s.danger.Bold(true).Render(s.marks.wrong+" "+to.danger)
	}
	second = strings.Join(append([]string{second}, to.about...), between)
	return []string{ansi.Truncate(line(from), w, s.marks.more), ansi.Truncate(second, w, s.marks.more)}
}
