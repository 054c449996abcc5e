package ui

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"atlas-restore/state"
)

// Why a try has failed stands under what is awaited, whole where two lines have room for it.
func TestWhyATryFailedIsNotCut(t *testing.T) {
	t.Parallel()
	for why, whole := range map[string]bool{
		"the connection was closed in the middle of the answer": true,
		strings.Repeat("a word ", 40):                           false,
	} {
		var l load[int]
		l.start(t.Context(), "Loading the projects", func(context.Context) (int, error) { return 0, nil })
		a := state.Attempt{Next: 2, Of: 3, At: time.Now().Add(-time.Second), Err: &state.Unreached{Why: why}}
		l.tried.Store(&a)
		lines := l.waiting(newStyles(look{}), 60)
		text := strings.Join(strings.Fields(ansi.Strip(strings.Join(lines, " "))), " ")
		if !strings.Contains(text, "Try 2 of at most 3 is under way: ") || strings.HasSuffix(text, why+".") != whole || whole == strings.HasSuffix(text, "…") || len(lines) != 3 {
			t.Errorf("it says\n%s", strings.Join(lines, "\n"))
		}
		for _, line := range lines {
			if ansi.StringWidth(line) > 60 {
				t.Errorf("no room for %q", line)
			}
		}
	}
}
