package ui

import (
	"image/color"

	"charm.land/lipgloss/v2"
)

// styles are named by role. Colour only underlines what a word or a mark says.
type styles struct {
	live, training           lipgloss.Style // filled labels of the header
	title, text, muted       lipgloss.Style
	accent, fine, warn       lipgloss.Style // where one is; what is well; what destroys or is wrong
	key                      lipgloss.Style
	selected, disabled, name lipgloss.Style
	marks                    marks
}

// marks are the shapes that carry meaning, in one place for terminals without them.
type marks struct{ here, done, now, ok, wrong, warn, prompt, more, between string }

func newStyles(dark bool) styles {
	pick := lipgloss.LightDark(dark)
	c := func(onLight, onDark string) color.Color { return pick(lipgloss.Color(onLight), lipgloss.Color(onDark)) }
	base := lipgloss.NewStyle()
	blue, orange, grey := c("#005FAF", "#87AFFF"), c("#A84300", "#FFAF5F"), c("#5F5F5F", "#A8A8A8")
	return styles{
		live:     base.Bold(true).Foreground(c("#FFFFFF", "#000000")).Background(orange).Padding(0, 1),
		training: base.Bold(true).Foreground(c("#FFFFFF", "#000000")).Background(blue).Padding(0, 1),
		title:    base.Bold(true),
		text:     base,
		muted:    base.Foreground(grey),
		accent:   base.Foreground(blue),
		fine:     base.Foreground(blue),
		warn:     base.Foreground(orange),
		key:      base.Bold(true),
		selected: base.Bold(true).Foreground(blue),
		disabled: base.Foreground(grey),
		name:     base.Bold(true),
		marks:    marks{here: "▌", done: "✓", now: "▸", ok: "✓", wrong: "✗", warn: "!", prompt: "›", more: "…", between: "·"},
	}
}
