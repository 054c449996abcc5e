package forms

import (
	"strings"
	"unicode"

	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// maxTyped bounds a field; it is far beyond anything that can be valid.
const maxTyped = 1000

// entry is the line of text in a field. It is edited by a Bubbles text input but
// drawn here, as that one misplaces its cursor on wide letters.
type entry struct {
	base
	input   textinput.Model
	touched bool // something was typed, or Enter tried to go on
}

func newEntry(b base, value string) entry {
	in := textinput.New()
	in.Prompt = ""
	in.CharLimit = maxTyped
	in.SetVirtualCursor(false)
	// ctrl+v would run the system's clipboard program, and its answer would reach
	// the focused field of a huh group twice. The terminal's own paste works.
	in.KeyMap.Paste = key.NewBinding(key.WithDisabled())
	// Bubbles 2.2.1 panics where it deletes a word forward from the last letter.
	in.KeyMap.DeleteWordForward = key.NewBinding(key.WithDisabled())
	in.SetValue(value)
	in.CursorEnd()
	b.width, b.room = 80, 8
	return entry{base: b, input: in, touched: value != ""}
}

// value is what was typed, without the blanks around it.
func (e *entry) value() string { return strings.TrimSpace(e.input.Value()) }

// GetValue implements huh.Field.
func (e *entry) GetValue() any { return e.input.Value() }

// Focus implements huh.Field.
func (e *entry) Focus() tea.Cmd {
	e.focused = true
	return e.input.Focus() // nil: the cursor is the terminal's
}

// Blur implements huh.Field.
func (e *entry) Blur() tea.Cmd {
	e.focused = false
	e.input.Blur()
	return nil
}

func (e *entry) scold() { e.touched = true }

// edit gives a key or a paste to the text; true if it has changed.
func (e *entry) edit(msg tea.Msg) bool {
	before := e.input.Value()
	if p, ok := msg.(tea.PasteMsg); ok {
		msg = tea.PasteMsg{Content: pasted(p.Content)}
	}
	e.input, _ = e.input.Update(msg)
	if e.input.Value() == before {
		return false
	}
	e.touched = true
	return true
}

// pasted is a paste as one line: what is copied from a terminal or a document has
// newlines, blanks and sometimes escape sequences around it.
func pasted(s string) string {
	const enough = 4 * maxTyped
	if len(s) > enough {
		s = strings.ToValidUTF8(s[:enough], "")
	}
	return strings.TrimSpace(oneLine(s))
}

// oneLine makes every line break a blank and drops what could command a terminal.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, ansi.Strip(s))
}

// line is the part of the text that is shown in w cells, and the cell of the cursor
// in it. What lies left of the cursor is shown as far as it fits.
func (e *entry) line(w int) (string, int) {
	value := []rune(e.input.Value())
	if !e.focused {
		return ansi.Truncate(string(value), max(w, 0), e.styles.Marks.More), 0
	}
	at := min(e.input.Position(), len(value))
	start := 0
	if ansi.StringWidth(string(value)) >= w { // the cursor needs a cell at the end
		cells := 0
		for start = at; start > 0; start-- {
			if cells += ansi.StringWidth(string(value[start-1])); cells >= w {
				break
			}
		}
	}
	text := ansi.Truncate(string(value[start:]), max(w, 0), e.styles.Marks.More)
	return text, ansi.StringWidth(string(value[start:at]))
}

func (e *entry) cursor() (x, y int, shown bool) {
	_, x = e.line(e.valueWidth())
	return valueColumn + x, 0, true
}
