package forms_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"atlas-restore/forms/fold"
)

// No line ends within a name, a number with its unit or a moment, whatever its width.
func TestFoldKeepsTogetherWhatBelongs(t *testing.T) {
	t.Parallel()
	const text = "The newest snapshot is of 23 Nov 12:20:04 UTC, 2 h 10 min ago (39.5 GB on disk, 1,024 MB in all), onto orders-prod-restore-2 by 14:02:59.812 UTC, at 90 % of 3 May 2026."
	whole := []string{"23 Nov 12:20:04 UTC,", "2 h", "10 min", "(39.5 GB", "1,024 MB", "orders-prod-restore-2", "14:02:59.812 UTC,", "90 %", "3 May 2026."}
	for w := 24; w < 180; w++ {
		lines := fold.Text(text, w)
		for _, part := range whole {
			if !slices.ContainsFunc(lines, func(l string) bool { return strings.Contains(l, part) }) {
				t.Errorf("%d cells break %q: %q", w, part, lines)
			}
		}
		if got := strings.Join(lines, " "); strings.Join(strings.Fields(got), " ") != text {
			t.Errorf("%d cells: %q", w, got)
		}
		for _, line := range lines {
			if ansi.StringWidth(line) > w {
				t.Errorf("%d cells: %q", w, line)
			}
		}
	}
}

// What only looks like a figure is no reason to leave a line half empty.
func TestFoldBreaksElsewhere(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"may take until the end of 12 and min of it all":  {"may take until the end of", "12 and min of it all"},
		"orders-prod UTC is a name, May is one of months": {"orders-prod UTC is a name,", "May is one of months"},
		"": {""},
	} {
		if got := fold.Text(text, 26); !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for w := range 24 { // there is hardly room for anything: all of it is there still
		if got := strings.Join(fold.Text("on 23 Nov 12:20 UTC", w), ""); strings.ReplaceAll(got, " ", "") != "on23Nov12:20UTC" {
			t.Errorf("%d cells: %q", w, got)
		}
	}
}
