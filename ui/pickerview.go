package ui

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"atlas-restore/state"
	"atlas-restore/ui/steps"
)

// view draws the filter line and as many rows as fit.
func (p *picker) view(s styles, w, h int) string {
	lines := make([]string, 0, h)
	if !p.bare {
		lines = append(lines, p.filterLine(s, min(w, max(p.width()+2, 74))))
	}
	p.page = max(1, h-len(lines))
	if len(p.shown) == 0 {
		return strings.Join(append(lines, s.dim.Render(ansi.Truncate(p.nothing(), w, s.marks.more))), "\n")
	}
	p.scroll()
	var rows []steps.Row
	for _, at := range p.shown[p.top:min(p.top+p.page, len(p.shown))] {
		r := p.rows.Row(at)
		if at >= measured {
			p.measure(r)
		}
		rows = append(rows, r)
	}
	widths := p.layout(w - 2)
	for i, r := range rows {
		lines = append(lines, p.line(s, r, p.top+i == p.at && p.armed, widths, w))
	}
	return strings.Join(lines, "\n")
}

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
	case p.rows.Len() == 0:
		return "There are no " + p.noun + "s here."
	}
	return fmt.Sprintf("No %s matches %q. Esc clears the filter.", p.noun, p.filter.Value())
}

func (p *picker) filterLine(s styles, w int) string {
	count := state.Count(len(p.shown), p.noun)
	switch all := state.Count(p.rows.Len(), p.noun); {
	case p.searching():
		count = "searching " + all
	case len(p.shown) != p.rows.Len():
		count = fmt.Sprintf("%d of %s", len(p.shown), all)
	case p.order != "" && p.rows.Len() > 1:
		count += ", " + p.order
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

// cursor is the place of the terminal's cursor in the filter line.
func (p *picker) cursor() *tea.Cursor {
	c := p.filter.Cursor()
	if c == nil {
		return nil
	}
	c.X += 2
	return c
}

// width is that of all columns.
func (p *picker) width() int {
	total := 0
	for _, w := range p.widths {
		total += w + gap
	}
	return total
}

// layout is the width of each column in w cells; 0 leaves it out. A flexible column
// takes what the others leave.
func (p *picker) layout(w int) []int {
	widths := slices.Clone(p.widths)
	flex := -1
	for c, col := range p.columns {
		if col.Flex && widths[c] > leastFlex {
			flex, widths[c] = c, leastFlex
		}
	}
	for {
		total, worst := 0, -1
		for c, n := range widths {
			if n == 0 {
				continue
			}
			total += n + gap
			if p.columns[c].Rank > 0 && (worst < 0 || p.columns[c].Rank > p.columns[worst].Rank) {
				worst = c
			}
		}
		if spare := w - (total - gap); spare >= 0 || worst < 0 {
			if flex >= 0 && widths[flex] > 0 {
				widths[flex] = min(p.widths[flex], widths[flex]+max(0, spare))
			}
			return widths
		}
		widths[worst] = 0
	}
}

const (
	gap       = 2  // cells between columns
	leastFlex = 12 // below this a flexible column says nothing
)

func (p *picker) line(s styles, r steps.Row, here bool, widths []int, w int) string {
	tail := r.Barred
	if tail == "" && r.Warning != "" {
		tail = s.marks.warn + " " + r.Warning
	}
	text := ansi.Truncate(p.cells(r, widths, w-2, tail), w-2, s.marks.more)
	name := ansi.Truncate(text, p.nameWidth(widths), "")
	switch {
	case here && r.Barred != "":
		return s.selected.Render(s.marks.here) + " " + s.dim.Render(text)
	case here:
		// What names the row is highlighted: on a slow line the rest need not be drawn anew.
		return s.selected.Render(s.marks.here+" "+name) + s.text.Render(strings.TrimPrefix(text, name))
	case r.Barred != "":
		return "  " + s.dim.Render(text)
	}
	return "  " + s.text.Render(text)
}

// nameWidth is that of the columns that are always shown, which stand first.
func (p *picker) nameWidth(widths []int) int {
	total := 0
	for c, col := range p.columns {
		if col.Rank > 0 {
			break
		}
		total += widths[c] + gap
	}
	return max(0, total-gap)
}

// cells are the row's cells in their columns, with the tail behind them. The tail says
// why a row cannot be chosen or what is the matter with it, so that cells give way to
// it, the last ones first.
func (p *picker) cells(r steps.Row, widths []int, w int, tail string) string {
	var parts []string
	room := w - ansi.StringWidth(tail)
	for c, cell := range r.Cells {
		n := widths[c]
		if n == 0 {
			continue
		}
		if tail != "" && p.columns[c].Rank > 0 && room < n+gap {
			break
		}
		room -= n + gap
		if c == 0 && r.Age != nil {
			cell = r.Age()
		}
		cell = ansi.Truncate(cell, n, "…")
		blank := strings.Repeat(" ", n-ansi.StringWidth(cell))
		if p.columns[c].Right {
			parts = append(parts, blank+cell)
		} else {
			parts = append(parts, cell+blank)
		}
	}
	return strings.TrimRight(strings.Join(append(parts, tail), strings.Repeat(" ", gap)), " ")
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
