package forms

import (
	"cmp"

	"charm.land/lipgloss/v2"

	"atlas-restore/forms/ink"
	"atlas-restore/state"
)

// Styles are the form's colours by role. They only underline what marks and words
// say already: the zero value is monochrome and complete.
type Styles struct {
	Label  ink.Ink                         // the name of a field
	Text   ink.Ink                         // what was typed, rows
	Muted  ink.Ink                         // hints, and what cannot be taken
	Accent ink.Ink                         // the focused field and the highlighted row
	Wrong  ink.Ink                         // errors
	Fine   ink.Ink                         // what is well
	Warn   ink.Ink                         // what is to be thought of
	Badge  func(state.Environment) ink.Ink // a filled label, a cell wider than its word on both sides; nil is one without colour
	Marks  Marks
}

// Marks are the shapes that carry meaning. An empty one is taken from DefaultMarks.
type Marks struct {
	Focus   string // before the focused field
	Here    string // before the highlighted row
	OK      string
	Wrong   string
	Warn    string
	On, Off string // the two states of a choice
	More    string // where a text is cut
	Between string // between the parts of a line
}

// DefaultMarks are the marks for terminals that have them.
func DefaultMarks() Marks {
	return Marks{Focus: "›", Here: "▌", OK: "✓", Wrong: "✗", Warn: "!", On: "●", Off: "○", More: "…", Between: "·"}
}

// ASCIIMarks are the same in ASCII.
func ASCIIMarks() Marks {
	return Marks{Focus: ">", Here: "|", OK: "ok", Wrong: "!!", Warn: "!", On: "(*)", Off: "( )", More: "~", Between: "-"}
}

// complete fills in the marks that are missing.
func (s Styles) complete() Styles {
	d, m := DefaultMarks(), &s.Marks
	m.Focus, m.Here = cmp.Or(m.Focus, d.Focus), cmp.Or(m.Here, d.Here)
	m.OK, m.Wrong, m.Warn = cmp.Or(m.OK, d.OK), cmp.Or(m.Wrong, d.Wrong), cmp.Or(m.Warn, d.Warn)
	m.On, m.Off = cmp.Or(m.On, d.On), cmp.Or(m.Off, d.Off)
	m.More, m.Between = cmp.Or(m.More, d.More), cmp.Or(m.Between, d.Between)
	if s.Badge == nil {
		plain := ink.Of(lipgloss.NewStyle().Padding(0, 1))
		s.Badge = func(state.Environment) ink.Ink { return plain }
	}
	return s
}
