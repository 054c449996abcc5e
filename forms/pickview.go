package forms

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	"github.com/charmbracelet/x/ansi"

	"atlas-restore/forms/columns"
)

// View implements huh.Model.
func (p *pick) View() string {
	typed, _ := p.line(p.valueWidth())
	value := p.styles.Text.Render(typed) + p.styles.Muted.Render(p.hint())
	if p.instead != nil && !p.focused && p.instead() != "" {
		value = p.styles.Muted.Render(p.instead())
	}
	return strings.Join(append([]string{p.head(value)}, p.details(p.room)...), "\n")
}

// hint says beside the value what typing would do, where that is not plain.
func (p *pick) hint() string {
	switch {
	case !p.focused || len(p.rows) < 2:
		return ""
	case p.whole:
		return "  type to choose another"
	case p.input.Value() == "":
		return "  type to filter"
	}
	return ""
}

// KeyBinds implements huh.Field.
func (p *pick) KeyBinds() []key.Binding {
	if _, ok := p.current(); !ok && p.byHand && len(p.shown) > 0 {
		return []key.Binding{bind("↑/↓", "choose a target", "up", "down")}
	}
	keys := []key.Binding{bind("enter", "choose", "enter")}
	if len(p.shown) > 1 {
		keys = append(keys, bind("↑/↓", "move", "up", "down"))
	}
	return keys
}

func (p *pick) details(room int) []string {
	if !p.focused {
		return p.message(room)
	}
	// In a low window the message and the highlighted row come first.
	p.here = 0
	told := p.message(max(room-min(len(p.shown), 2), min(room, 1)))
	if len(p.shown) > 0 && room == 1 && p.refused == "" && !p.failing() {
		told = nil
	}
	rows := p.list(room - len(told))
	if p.here > 0 {
		p.here += len(told)
	}
	return append(told, rows...)
}

// cursor stands on the highlighted row while nothing is typed: a braille line and a screen reader
// follow it.
func (p *pick) cursor() (x, y int, shown bool) {
	if typing := p.value() != "" && !p.taken && !p.moved; p.here > 0 && !typing {
		return p.rowIndent() + markColumn, p.here, true
	}
	return p.entry.cursor()
}

// failing says whether there is an error to be shown.
func (p *pick) failing() bool {
	if p.err == nil || !p.touched {
		return false
	}
	return !errors.As(p.err, new(notTaken)) || !p.focused || len(p.shown) == 0
}

func (p *pick) message(room int) []string {
	if p.refused != "" && p.focused {
		return p.note(wrong, p.refused, room)
	}
	if p.failing() {
		return p.note(wrong, p.err.Error(), room)
	}
	if !p.focused && p.value() == "" {
		return nil // a hint is for the field that one is in
	}
	k, words := p.remark(p.value(), p.err)
	return p.note(k, words, room)
}

// meaning is about the highlighted row, where it means something of its own: what is
// usual would be untrue of a row that cannot be taken. Of a list that has only just
// come no row is highlighted yet.
func (p *pick) meaning() string {
	r, ok := p.current()
	switch {
	case !ok || !p.armed:
		return p.means
	case r.barred != "":
		return refusal(r.name, r.barred) + "."
	}
	return cmp.Or(p.tells(r), p.means)
}

// span is the part of the rows that is shown in n lines, with one line for what is
// hidden on a side. Scrolled or not the lines are as many, so that nothing beneath the
// list moves; and no line is spent on counting a single row that could stand there.
// In two or three lines both sides are counted in one.
func (p *pick) span(n int) (top, rows int) {
	all := len(p.shown)
	if all <= min(n, mostRows) {
		return 0, all
	}
	n = min(n, mostRows+1)
	one, both := n-1, n-2
	if n < 4 {
		both = one
	}
	if one < 1 {
		return max(p.at, 0), 1 // no room to count anything
	}
	top = p.at - both/2
	switch {
	case top < 2 && p.at < one:
		return 0, one
	case top+both > all-2 && p.at >= all-one:
		return all - one, one
	}
	return top, both
}

// list draws the rows around the highlight in at most n lines, under the heads of their
// columns where there is room, and how many are hidden.
func (p *pick) list(n int) []string {
	if n < 1 || len(p.shown) == 0 {
		return nil
	}
	listed := slices.ContainsFunc(p.shown, func(r row) bool { return !r.typed })
	headed := listed && (n >= leastHeaded || n > len(p.shown))
	if headed {
		n--
	}
	top, rows := p.span(n)
	p.page = rows
	visible := p.shown[top : top+rows]
	grid := columns.New(p.columns...)
	for _, r := range visible {
		if !r.typed {
			grid.Measure(append([]string{oneLine(r.name)}, r.cells...)...)
		}
	}
	as := grid.Fit(p.width - p.rowIndent() - markColumn)
	above, below := top, len(p.shown)-top-rows
	lines := make([]string, 0, n+1)
	if headed {
		lines = append(lines, strings.Repeat(" ", p.rowIndent()+markColumn)+p.styles.Muted.Render(as.Heads()))
	}
	if above > 0 && n >= 4 {
		lines = append(lines, p.counted(fmt.Sprintf("%d more", above)))
	}
	for i, r := range visible {
		if top+i == p.at && p.armed {
			p.here = len(lines) + 1
		}
		lines = append(lines, p.rowLine(r, top+i == p.at && p.armed, as))
	}
	switch {
	case n < 2:
	case above > 0 && n < 4 && below > 0:
		lines = append(lines, p.counted(fmt.Sprintf("%d more above, %d below", above, below)))
	case above > 0 && n < 4:
		lines = append(lines, p.counted(fmt.Sprintf("%d more above", above)))
	case below > 0:
		lines = append(lines, p.counted(fmt.Sprintf("%d more", below)))
	}
	return lines
}

// leastHeaded is the least lines of a list in which one is spent on the heads.
const leastHeaded = 6

// counted is the line for rows that are not shown.
func (p *pick) counted(words string) string {
	s := p.styles
	left := strings.Repeat(" ", p.rowIndent()+markColumn)
	return ansi.Truncate(left+s.Muted.Render(s.Marks.More+" "+words), p.width, s.Marks.More)
}

// rowIndent lets rows begin near the left edge, so that reasons have room beside them;
// only a screen twice as wide as the narrowest (60) has room for rows under the value.
func (p *pick) rowIndent() int {
	if p.width >= rowsUnderValue {
		return p.indent()
	}
	return markColumn * 2
}

const rowsUnderValue = 120

// rowLine is a row. What names it is highlighted where one is: on a slow line the rest need not
// be drawn anew.
func (p *pick) rowLine(r row, here bool, as columns.Layout) string {
	s := p.styles
	name, rest, mark := s.Text, s.Text, ""
	if here {
		name, mark = s.Accent, s.Marks.Here
	}
	note, style := r.note, s.Muted
	switch {
	case r.barred != "":
		note, name, rest = s.Marks.Wrong+" "+r.barred, s.Muted, s.Muted
	case r.odd:
		note, style = s.Marks.Warn+" "+r.note, s.Warn
	}
	cells, room := as.Row(append([]string{oneLine(r.name)}, r.cells...), ansi.StringWidth(note))
	if r.typed {
		cells, room = []columns.Cell{{Text: oneLine(r.name), Head: true}}, 0
	}
	line := strings.Repeat(" ", p.rowIndent()) + s.Accent.Render(pad(mark, markColumn)) + columns.Line(cells, func(c columns.Cell) string {
		switch {
		case c.Role == columns.Badge && r.env.Name == "":
			return s.Muted.Render(c.Text)
		case c.Role == columns.Badge:
			return s.Badge(r.env).Render(c.Text)
		case c.Role == columns.Dim:
			return s.Muted.Render(c.Text)
		case c.Head:
			return name.Render(c.Text)
		}
		return rest.Render(c.Text)
	}) + style.Render(ansi.Truncate(oneLine(note), room, s.Marks.More))
	return ansi.Truncate(line, p.width, s.Marks.More)
}
