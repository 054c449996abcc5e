package ui

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"atlas-restore/forms/columns"
	"atlas-restore/forms/ink"
	"atlas-restore/state"
	"atlas-restore/ui/steps"
)

// view draws the filter line and as many rows as fit.
func (p *picker) view(s styles, w, h int) string {
	lines := make([]string, 0, h)
	p.here = -1
	if !p.bare {
		lines = append(lines, p.filterLine(s, min(w, max(p.grid.Width()+2, 74))))
	}
	// A filter leaves what stands under the list where it is.
	whole := len(lines) + 1 + p.rows.Len()
	if p.legend != "" {
		whole++
	}
	if p.hint != "" {
		whole += len(wrap(p.hint, w))
	}
	if len(p.shown) == 0 {
		p.page = max(1, h-len(lines))
		for _, line := range wrap(p.nothing(), w) {
			lines = append(lines, s.dim.Render(line))
		}
		return filled(lines[:min(len(lines), max(1, h))], min(h, whole))
	}
	room := h - len(lines)
	headed := p.grid.Headed() && (room >= leastHeaded || p.bare && (room >= leastHeaded-1 || room > len(p.shown)))
	if headed {
		lines = append(lines, "")
	}
	legend := p.legend != "" && h-len(lines) >= leastLegend
	var hint []string
	if p.page = max(1, h-len(lines)); legend {
		p.page--
		if p.hint != "" {
			hint = wrap(p.hint, w)
		}
		if p.page-len(hint) < min(len(p.shown), 2*leastLegend) {
			hint = nil
		}
		p.page -= len(hint)
	}
	p.scroll()
	var rows []steps.Row
	for _, at := range p.shown[p.top:min(p.top+p.page, len(p.shown))] {
		r := p.rows.Row(at)
		p.measure(r) // it may lie behind those that were measured, or tell more by now
		rows = append(rows, r)
	}
	as := p.grid.Fit(w - 2)
	if headed {
		lines[len(lines)-1] = "  " + s.dim.Render(as.Heads())
	}
	for i, r := range rows {
		if p.top+i == p.at && p.armed {
			p.here = len(lines)
		}
		lines = append(lines, p.line(s, r, p.top+i == p.at && p.armed, as))
	}
	if legend {
		lines = append(lines, s.dim.Render(ansi.Truncate(p.legend, w, s.marks.more)))
	}
	for _, line := range hint {
		lines = append(lines, s.dim.Render(line))
	}
	if p.note != "" && len(p.shown) <= p.page-1 {
		lines = append(lines, s.dim.Render(ansi.Truncate(p.note, w, s.marks.more)))
	}
	return filled(lines, min(h, whole))
}

// filled are lines, and blank ones up to h.
func filled(lines []string, h int) string {
	return strings.Join(lines, "\n") + strings.Repeat("\n", max(0, h-len(lines)))
}

// rowMark is the cells before a row.
const rowMark = 2

// leastHeaded is the least lines of a list in which one is spent on the heads.
const leastHeaded = 4

// leastLegend is the least lines of a list in which one is spent on what the badges mean.
const leastLegend = 8

// scroll moves the first row on screen so that the highlight stays inside: by a whole page
// where it leaves by a row, so that the rows do not crawl, and to the middle of the screen
// where it goes further.
func (p *picker) scroll() {
	at, last := max(p.at, 0), max(0, len(p.shown)-p.page)
	switch {
	case at >= p.top && at < p.top+p.page:
	case at == p.top+p.page:
		p.top = at
	case at == p.top-1:
		p.top = at - p.page + 1
	default:
		p.top = at - p.page/2
	}
	p.top = min(max(p.top, 0), last)
}

func (p *picker) nothing() string {
	switch {
	case p.searching():
		return "Searching."
	case p.partly() != (part{}):
		return p.nothingOf(p.partly())
	case p.rows.Len() == 0:
		return "There are no " + p.noun + "s here."
	}
	in := "."
	if p.lacks != "" {
		in = " in " + p.lacks
	}
	return fmt.Sprintf("No %s matches %q%s%s%s Esc clears the filter.", p.noun, p.filter.Value(), in, p.instead(), p.near)
}

// partly is which part of what there is the rows are.
func (p *picker) partly() part {
	if p.part == nil {
		return part{}
	}
	return p.part()
}

// instead says what a text that matches nothing may be instead, after a space.
func (p *picker) instead() string {
	if p.reads != nil {
		if instead := p.reads(p.filter.Value()); instead != "" {
			return " " + instead
		}
	}
	return ""
}

// nothingOf is nothing where the rows are a part of what there is: whatever was not seen may match.
func (p *picker) nothingOf(of part) string {
	typed := p.filter.Value()
	rest := "more are on their way."
	if of.lost {
		rest = "the others could not be loaded."
	}
	switch {
	case (of.none || p.rows.Len() == 0) && of.lost:
		return "The " + p.noun + "s could not be loaded."
	case of.none && typed == "":
		return "" // what is awaited stands above
	case of.none || p.rows.Len() == 0:
		return "The " + p.noun + "s are being loaded."
	case typed == "":
		return "None of the " + state.Count(p.rows.Len(), p.noun) + " is shown; " + rest
	}
	return fmt.Sprintf("None of the %s that have come matches %q; %s%s Esc clears the filter.", state.Count(p.rows.Len(), p.noun), typed, rest, p.instead())
}

func (p *picker) filterLine(s styles, w int) string {
	count := state.Count(len(p.shown), p.noun)
	switch all := state.Count(p.rows.Len(), p.noun); {
	case p.searching():
		count = "searching " + all
	case len(p.shown) != p.rows.Len():
		count = fmt.Sprintf("%d of %s shown", len(p.shown), all)
	case p.order != "" && p.rows.Len() > 1 && p.partly() == (part{}):
		count += ", " + p.order
	}
	if p.counts != nil && !p.searching() {
		count = p.counts(p.shown)
	}
	switch of := p.partly(); {
	case of.none: // it says so itself
	case of.comes && !p.searching():
		count = strings.TrimSuffix(count, " shown") + " so far"
	case of.lost && !p.searching():
		count = strings.TrimSuffix(count, " shown") + ", not all"
	}
	typed := p.filter.Value()
	left := s.accent.Render(s.marks.prompt) + " "
	if typed == "" {
		left += s.dim.Render("type to filter")
	} else {
		left += ansi.Truncate(typed, max(8, w-ansi.StringWidth(count)-5), s.marks.more)
	}
	return spread(left, s.dim.Render(count), w)
}

// cursor is the place of the terminal's cursor: on the highlighted row, or in the filter line
// while that is typed in. A braille line and a screen reader follow it.
func (p *picker) cursor() *tea.Cursor {
	if p.here >= 0 && !p.typing {
		return tea.NewCursor(rowMark, p.here)
	}
	if p.bare {
		return nil
	}
	c := p.filter.Cursor()
	if c == nil {
		return nil
	}
	c.X += 2
	return c
}

// line is a row. What names it is highlighted where one is: on a slow line the rest need not
// be drawn anew.
func (p *picker) line(s styles, r steps.Row, here bool, as columns.Layout) string {
	mark, name, rest := "  ", s.text, s.text
	if r.Barred != "" {
		name, rest = s.dim, s.dim
	}
	if here {
		mark = s.selected.Render(s.marks.here) + " "
		if r.Barred == "" {
			mark, name = s.selected.Render(s.marks.here+" "), s.selected
		}
	}
	if r.Age != nil {
		r.Cells = slices.Clone(r.Cells)
		r.Cells[r.AgeAt] = r.Age()
		if as.Short(r.AgeAt) {
			r.Cells[r.AgeAt] = state.Briefly(r.Cells[r.AgeAt])
		}
	}
	note, style := s.note(r)
	cells, room := as.Row(r.Cells, ansi.StringWidth(note))
	line := mark + columns.Line(cells, func(c columns.Cell) string {
		switch {
		case c.Role == columns.Badge:
			return s.environment(r.Environment).Render(c.Text)
		case c.Role == columns.Dim:
			return s.dim.Render(c.Text)
		case c.Head:
			return name.Render(c.Text)
		}
		return rest.Render(c.Text)
	})
	if note != "" {
		line += style.Render(ansi.Truncate(note, room, s.marks.more))
	}
	return line
}

// note is why a row cannot be chosen, or what is the matter with it, as its last column has
// it.
func (s styles) note(r steps.Row) (text string, style ink.Ink) {
	switch {
	case r.Failed:
		return s.marks.wrong + " " + r.Barred, s.danger
	case r.Barred != "":
		return s.marks.wrong + " " + r.Barred, s.dim
	case r.Warning != "":
		return s.marks.warn + " " + r.Warning, s.caution
	}
	return "", s.dim
}

// spread puts left and right at the two ends of w cells; left gives way.
func spread(left, right string, w int) string {
	room := w - ansi.StringWidth(right)
	if room < 8 {
		return ansi.Truncate(left, w, "…")
	}
	left = ansi.Truncate(left, room-1, "…")
	return left + strings.Repeat(" ", room-ansi.StringWidth(left)) + right
}
