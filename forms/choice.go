package forms

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"charm.land/huh/v2"
)

// choice is the field "restore to": a moment, or an oplog entry.
type choice struct {
	base
	oplog bool
}

func newChoice(s *Styles, oplog bool) *choice {
	c := &choice{oplog: oplog, base: base{
		key: FieldRestoreTo, label: "Restore to", styles: s, width: 80,
		means: "A moment is a second in time; an oplog entry is one exact write, by its timestamp and increment.",
	}}
	c.self = c
	return c
}

// Update implements huh.Model.
func (c *choice) Update(msg tea.Msg) (huh.Model, tea.Cmd) {
	if k, ok := msg.(tea.KeyPressMsg); ok {
		switch k.String() {
		case "left", "right", "space":
			c.oplog = !c.oplog
		}
	}
	return c, nil
}

// View implements huh.Model.
func (c *choice) View() string {
	m := c.styles.Marks
	moment, oplog := m.On+" a moment", m.Off+" an oplog entry"
	if c.oplog {
		moment, oplog = m.Off+" a moment", m.On+" an oplog entry"
	}
	return c.head(c.styles.Text.Render(moment + "   " + oplog))
}

// KeyBinds implements huh.Field.
func (c *choice) KeyBinds() []key.Binding {
	return []key.Binding{bind("enter", "go on", "enter"), bind("←/→", "switch", "left", "right", "space")}
}

// Error implements huh.Field.
func (c *choice) Error() error { return nil }

// GetValue implements huh.Field.
func (c *choice) GetValue() any { return c.oplog }

func (c *choice) problem() error           { return nil }
func (c *choice) accept() bool             { return true }
func (c *choice) scold()                   {}
func (c *choice) details(int) []string     { return nil }
func (c *choice) cursor() (int, int, bool) { return valueColumn, 0, true } // on the choice
