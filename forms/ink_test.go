// Tests of forms/ink. They stand here: each package with tests is one more program to link.

package forms_test

import (
	"testing"

	"charm.land/lipgloss/v2"

	"atlas-restore/forms/ink"
)

// Whatever the style and the text, it is what Lip Gloss makes of them.
func TestRendersAsLipGlossDoes(t *testing.T) {
	t.Parallel()
	base := lipgloss.NewStyle()
	filled := base.Bold(true).Transform(func(text string) string { return " " + text + " " })
	red := base.Foreground(lipgloss.Color("#FF0000"))
	for name, style := range map[string]lipgloss.Style{
		"none": base, "bold": base.Bold(true), "colour": red, "colour of 16": base.Foreground(lipgloss.BrightCyan), "faint": base.Faint(true),
		"label": filled.Background(lipgloss.Color("#AF0000")), "reversed label": filled.Reverse(true), "padded": red.Reverse(true).Padding(0, 1),
		"underlined": base.Underline(true), "struck": red.Strikethrough(true), "of a width": red.Width(12), "in a border": base.Border(lipgloss.NormalBorder()),
		"cut": base.MaxWidth(3), "in two lines": base.Transform(func(text string) string { return text + "\n" + text }),
	} {
		of := ink.Of(style)
		for _, parts := range [][]string{
			nil, {""}, {" "}, {"word"}, {"two words"}, {"two", "parts"}, {"", "part"}, {"a b"}, {"two\nlines"}, {"a tab\there"}, {"dos\r\n"}, {"e\u0301 漢字 ▌"}, {"\x1b[1mstyled\x1b[m already"},
		} {
			if got, want := of.Render(parts...), style.Render(parts...); got != want {
				t.Errorf("%s of %q is %q, want %q", name, parts, got, want)
			}
			if got, want := of.Bold(true).Render(parts...), style.Bold(true).Render(parts...); got != want {
				t.Errorf("%s in bold of %q is %q, want %q", name, parts, got, want)
			}
		}
	}
}

// Ink that was never made leaves text as it is.
func TestNoInk(t *testing.T) {
	t.Parallel()
	var none ink.Ink
	if got := none.Render("a", "b"); got != "a b" {
		t.Errorf("it writes %q", got)
	}
	if got := none.Bold(true).Render("a"); got != lipgloss.NewStyle().Bold(true).Render("a") {
		t.Errorf("in bold it writes %q", got)
	}
}

// A word costs one allocation.
func TestRendersWithOneAllocation(t *testing.T) {
	of := ink.Of(lipgloss.NewStyle().Foreground(lipgloss.Color("#FF0000")))
	if n := testing.AllocsPerRun(100, func() { of.Render("word") }); n > 1 {
		t.Errorf("%v allocations", n)
	}
}
