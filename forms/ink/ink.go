// Package ink writes text in the style of a role.
//
// Lip Gloss works out anew for each word what a style's sequences are, and looks for borders,
// margins and widths, which a role has none of: that was the most of a frame's cost. Here they
// are worked out once for each role.
package ink

import (
	"strings"

	"charm.land/lipgloss/v2"
)

// Ink is the style of a role. The zero value leaves text as it is.
type Ink struct {
	style         *lipgloss.Style // nil for none
	before, after string          // what a line of text stands between
	plain         bool            // it stands between them whatever it is
	bold          *Ink
}

// Of is the ink of a style.
func Of(style lipgloss.Style) Ink {
	i, bold := of(style), of(style.Bold(true))
	i.bold = &bold
	return i
}

func of(style lipgloss.Style) Ink {
	i := Ink{style: &style}
	i.before, i.after, _ = strings.Cut(style.Render(sample), sample)
	i.plain = style.Render(longer) == i.before+longer+i.after
	return i
}

// The samples are in no sequence. A style that treats blanks or letters by themselves tears them
// apart, and what one that fills, cuts or frames puts around the one does not fit the other.
const (
	sample = "a b"
	longer = sample + " c d e f g h i j k l m n o p q r s t u v w x y z"
)

// Style is what the ink was made of.
func (i Ink) Style() lipgloss.Style {
	if i.style == nil {
		return lipgloss.NewStyle()
	}
	return *i.style
}

// Bold is the same ink in bold letters.
func (i Ink) Bold(on bool) Ink {
	switch {
	case !on:
		return i
	case i.bold == nil:
		return of(i.Style().Bold(true))
	}
	return *i.bold
}

// Render writes text, parts of it joined by blanks, as [lipgloss.Style.Render] does.
func (i Ink) Render(parts ...string) string {
	text := strings.Join(parts, " ")
	if !i.plain || text == "" || strings.ContainsAny(text, "\n\r\t") {
		return i.Style().Render(text)
	}
	return i.before + text + i.after
}
