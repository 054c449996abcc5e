package forms

import (
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"atlas-restore/forms/fold"
)

// The columns of a field: a mark, the label, the value. Beneath, details stand
// under the value where there is room, else almost at the left edge.
const (
	markColumn  = 2
	labelColumn = 17
	valueColumn = markColumn + labelColumn
	wideEnough  = 72
)

// valueWidth is the cells of the value in a field's head.
func (b *base) valueWidth() int { return max(1, b.width-valueColumn) }

func (b *base) indent() int {
	if b.width >= wideEnough {
		return valueColumn
	}
	return markColumn * 2
}

// head is the first line of a field.
func (b *base) head(value string) string {
	s := b.styles
	mark, label := pad("", markColumn), s.Label
	if b.focused {
		mark, label = pad(s.Marks.Focus, markColumn), s.Accent
	}
	line := s.Accent.Render(mark) + label.Render(b.label) + pad("", labelColumn-len(b.label)) + value
	return ansi.Truncate(line, b.width, s.Marks.More)
}

// pad fills text with blanks to w cells.
func pad(text string, w int) string {
	return text + strings.Repeat(" ", max(0, w-ansi.StringWidth(text)))
}

// kind says how a note is meant.
type kind int

const (
	muted kind = iota
	fine
	wrong
)

// longest is the most lines that a note takes.
const longest = 3

// note is a message beneath a field, folded to at most room lines; none for an
// empty text.
func (b *base) note(k kind, text string, room int) []string {
	if text == "" || room < 1 {
		return nil
	}
	s := b.styles
	style, mark := s.Muted, ""
	switch k {
	case fine:
		style, mark = s.Fine, s.Marks.OK+" "
	case wrong:
		style, mark = s.Wrong, s.Marks.Wrong+" "
	default: // muted, as it is
	}
	left := strings.Repeat(" ", b.indent())
	lines := folded(oneLine(text), b.width-b.indent()-ansi.StringWidth(mark), min(room, longest), s.Marks.More)
	for i, line := range lines {
		lead := mark
		if i > 0 {
			lead = pad("", ansi.StringWidth(mark))
		}
		lines[i] = ansi.Truncate(left+style.Render(lead+line), b.width, s.Marks.More)
	}
	return lines
}

// folded breaks text into at most n lines of w cells; what is left over is cut.
func folded(text string, w, n int, more string) []string {
	lines := fold.Text(text, w)
	if len(lines) > n {
		rest := strings.Join(lines[n-1:], " ")
		lines = append(lines[:n-1], ansi.Truncate(rest, w, more))
	}
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return lines
}

// Least is how many lines have every field in view, and beneath the focused one a note as long as notes get.
func (f *Form) Least() int { return len(f.shown) + longest }

// place gives every field its lines and says which of all lines are seen: those from start on.
// The focused field, whose head is on line top, has its details first, the others what is left.
func (f *Form) place() (start, top int) {
	at, n := f.at(), len(f.shown)
	f.gap = f.h >= 2*n+8
	heads := n
	if f.gap {
		heads += n - 1
	}
	focused := f.shown[at]
	focused.setRoom(f.w, f.h)
	// In a low window the focused field may push others out, but leaves the line of
	// a neighbour where it can: of the next one, as that is where one goes.
	low := max(f.h-2, min(f.h-1, 1)) // the first line of a note comes before a neighbour
	room := min(len(focused.details(f.h)), max(f.h-heads, min(low, longest+2), 0))
	focused.setRoom(f.w, room)
	all := heads + len(focused.details(room))
	for i, fl := range f.shown {
		if i != at {
			left := max(f.h-all, 0)
			fl.setRoom(f.w, left)
			lines := len(fl.details(left))
			fl.setRoom(f.w, lines)
			all += lines
			if i < at {
				top += 1 + lines
			}
		}
		if i < at && f.gap {
			top++
		}
	}
	if all > f.h {
		next := 1
		if at == n-1 {
			next = 0
		}
		start = min(top, max(0, top+1+room+next-f.h))
	}
	return start, top
}

// View draws the form within its place, with the focused field in it. Huh would draw the
// focused field twice.
func (f *Form) View() string {
	if f.w < 1 || f.h < 1 {
		return ""
	}
	start, _ := f.place()
	var lines []string
	for i, fl := range f.shown {
		if i > 0 && f.gap {
			lines = append(lines, "")
		}
		lines = append(lines, strings.Split(fl.View(), "\n")...)
	}
	lines = lines[start:min(len(lines), start+f.h)]
	for i := range lines {
		lines[i] = ansi.Truncate(lines[i], f.w, f.styles.Marks.More)
	}
	return strings.Join(lines, "\n")
}

// Cursor is where the terminal's own cursor belongs in the View; nil for nowhere.
// No cursor is drawn, so that no timer has to blink it.
func (f *Form) Cursor() *tea.Cursor {
	if f.w < 1 || f.h < 1 {
		return nil
	}
	start, top := f.place()
	x, y, ok := f.shown[f.at()].cursor()
	if !ok || f.completed {
		return nil
	}
	return tea.NewCursor(min(x, f.w-1), top-start+y)
}
