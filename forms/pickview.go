package forms

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"charm.land/bubbles/v2/key"
	"github.com/charmbracelet/x/ansi"
)

// View implements huh.Model.
func (p *pick) View() string {
	typed, _ := p.line(p.valueWidth())
	value := p.styles.Text.Render(typed) + p.styles.Muted.Render(p.hint())
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
	keys := []key.Binding{bind("enter", "take", "enter")}
	if len(p.shown) > 1 {
		keys = append(keys, bind("↑/↓", "choose", "up", "down"))
	}
	return keys
}

func (p *pick) details(room int) []string {
	if !p.focused {
		return p.message(room)
	}
	rows := min(len(p.shown), mostRows)
	// In a low window the message and the highlighted row come first.
	told := p.message(max(room-min(rows, 2), min(room, 1)))
	if rows > 0 && room == 1 && p.refused == "" && !p.failing() {
		told = nil
	}
	return append(told, p.list(min(rows, room-len(told)))...)
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

// meaning is about the highlighted row, where it means something of its own.
func (p *pick) meaning() string {
	r, ok := p.current()
	switch {
	case !ok:
		return p.means
	case r.barred != "":
		return refusal(r.name, r.barred) + "."
	}
	return cmp.Or(p.tells(r), p.means)
}

// list draws n rows around the highlight; the last line says how many are hidden.
func (p *pick) list(n int) []string {
	if n < 1 {
		return nil
	}
	hidden := len(p.shown) > n && n > 2
	if hidden {
		n--
	}
	top := min(max(p.at-n/2, 0), len(p.shown)-n)
	visible := p.shown[top : top+n]
	inner := p.width - p.rowIndent() - markColumn
	names := 0
	for _, r := range visible {
		names = max(names, ansi.StringWidth(oneLine(r.name)))
	}
	names = min(names, max(8, inner*3/5))
	lines := make([]string, 0, n)
	for i, r := range visible {
		lines = append(lines, p.rowLine(r, top+i == p.at && p.armed, names, inner))
	}
	if hidden {
		text := fmt.Sprintf("%s %d more", p.styles.Marks.More, len(p.shown)-n)
		if below := len(p.shown) - n - top; top > 0 {
			text = fmt.Sprintf("%s %d above, %d below", p.styles.Marks.More, top, below)
		}
		lines = append(lines, ansi.Truncate(pad("", p.rowIndent()+markColumn)+p.styles.Muted.Render(text), p.width, p.styles.Marks.More))
	}
	return lines
}

// rowIndent lets rows begin near the left edge, so that reasons have room beside them;
// only a wide screen has room for both.
func (p *pick) rowIndent() int {
	if p.width >= 2*minRowWidth {
		return p.indent()
	}
	return markColumn * 2
}

const minRowWidth = 60

func (p *pick) rowLine(r row, here bool, names, inner int) string {
	s := p.styles
	words := oneLine(strings.Join(r.words, " "+s.Marks.Between+" "))
	if r.barred != "" {
		words = s.Marks.Wrong + " " + oneLine(r.barred)
	}
	text := ansi.Truncate(oneLine(r.name), names, s.Marks.More)
	if words != "" {
		text = pad(text, names) + "  " + words
	}
	text = ansi.Truncate(text, max(inner, 0), s.Marks.More)
	style, mark := s.Text, ""
	if here {
		style, mark = s.Accent, s.Marks.Here
	}
	if r.barred != "" {
		style = s.Muted
	}
	line := strings.Repeat(" ", p.rowIndent()) + s.Accent.Render(pad(mark, markColumn)) + style.Render(text)
	return ansi.Truncate(line, p.width, s.Marks.More)
}
