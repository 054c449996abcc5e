package ui

import (
	"slices"
	"testing"
)

// A command that is told is pasted: no line breaks in it as long as it has room.
func TestWrapKeepsCommandsWhole(t *testing.T) {
	t.Parallel()
	got := wrap("  To follow it: atlas-restore watch 65f0c1d2e3a4b5c6d7e8f901 --projectId p --state-dir '/a b' and then go on", 80)
	want := []string{"  To follow it:", "  atlas-restore watch 65f0c1d2e3a4b5c6d7e8f901 --projectId p --state-dir '/a b'", "  and then go on"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
