package ui

import (
	"strings"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// fieldset is a few fields beneath each other, for a page that is not of a delivery
// type: each is typed, or switched among few choices.
type fieldset struct {
	fields []*setField
	at     int // the focused one
	cursor *tea.Cursor
}

// setField is one of them.
type setField struct {
	label, hint string
	secret      bool     // shown as dots
	choices     []string // where it is switched
	choice      int
	input       textinput.Model
}

func newFieldset(fields ...*setField) fieldset {
	for _, f := range fields {
		in := newInput()
		in.CharLimit = 500
		f.input = in
	}
	s := fieldset{fields: fields}
	s.focus(0)
	return s
}

func (f *setField) value() string { return strings.TrimSpace(f.input.Value()) }

func (s *fieldset) focus(at int) {
	s.at = min(max(at, 0), len(s.fields)-1)
	for i, f := range s.fields {
		f.input.Blur()
		if i == s.at {
			f.input.Focus()
		}
	}
}

// update takes a key or a paste; done says that Enter was pressed on the last field.
func (s *fieldset) update(msg tea.Msg) (done bool, cmd tea.Cmd) {
	f := s.fields[s.at]
	switch msg := msg.(type) {
	case tea.PasteMsg:
		// A newline in a paste goes nowhere.
		msg.Content = strings.TrimSpace(strings.NewReplacer("\r", "", "\n", "").Replace(ansi.Strip(msg.Content)))
		return false, f.edit(msg)
	case tea.KeyPressMsg:
		switch msg.String() {
		case "tab", "down":
			s.focus(s.at + 1)
		case "shift+tab", "up":
			s.focus(s.at - 1)
		case "enter":
			if s.at == len(s.fields)-1 {
				return true, nil
			}
			s.focus(s.at + 1)
		default:
			return false, f.edit(msg)
		}
	}
	return false, nil
}

func (f *setField) edit(msg tea.Msg) (cmd tea.Cmd) {
	if f.choices == nil {
		f.input, cmd = f.input.Update(msg)
		return cmd
	}
	if k, ok := msg.(tea.KeyPressMsg); ok {
		switch k.String() {
		case "right", "space":
			f.choice = (f.choice + 1) % len(f.choices)
		case "left":
			f.choice = (f.choice + len(f.choices) - 1) % len(f.choices)
		}
	}
	return nil
}

// labels is the cells of the labels, with the mark before them.
const labels = 18

// view draws a line for each field; from is the line of the first on its page, for the
// cursor. Without focus no field is marked.
func (s *fieldset) view(st styles, w, from int, focused bool) []string {
	s.cursor = nil
	var lines []string
	for i, f := range s.fields {
		mark, label := "  ", st.dim
		if i == s.at && focused {
			mark, label = st.accent.Render(st.marks.prompt)+" ", st.selected
		}
		shown := f.shown(st)
		if room := max(1, w-labels-1); ansi.StringWidth(shown) > room {
			shown = ansi.TruncateLeft(shown, ansi.StringWidth(shown)-room+1, st.marks.more)
		}
		if i == s.at && focused && f.choices == nil {
			s.cursor = tea.NewCursor(labels+ansi.StringWidth(shown), from+i)
		}
		if shown == "" {
			shown = st.dim.Render(f.hint)
		}
		lines = append(lines, mark+label.Render(f.label)+strings.Repeat(" ", labels-2-len(f.label))+shown)
	}
	return lines
}

func (f *setField) shown(st styles) string {
	switch {
	case f.secret:
		return strings.Repeat(st.marks.dot, len([]rune(f.input.Value())))
	case f.choices == nil:
		return f.input.Value()
	}
	var all []string
	for i, c := range f.choices {
		mark := st.marks.off
		if i == f.choice {
			mark = st.marks.on
		}
		all = append(all, mark+" "+c)
	}
	return strings.Join(all, "   ")
}

func (s *fieldset) keys() []action {
	keys := []action{act("enter", "go on", "enter")}
	if s.fields[s.at].choices != nil {
		keys = append(keys, act("←/→", "switch", "right", "left", "space").moving())
	}
	return append(keys, act("tab", "next field", "tab", "down").moving(), act("shift+tab", "field before", "shift+tab", "up").moving())
}
