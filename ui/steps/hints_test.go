package steps

import (
	"fmt"
	"strings"
	"testing"

	"atlas-restore/state"
	"atlas-restore/state/journal"
	"atlas-restore/state/submit"
)

// A hint that names a command is the whole of it: with the flags of the run, and with the
// cluster of a job that the journal of this machine need not know.
func TestHintsAreWholeCommands(t *testing.T) {
	t.Parallel()
	cfg := Config{Mode: Live, Flags: " --state-dir '/a b'"}
	running := submit.RunningError{Job: state.Job{ID: "65f0c1d2e3a4b5c6d7e8f901"}, Source: state.Cluster{ProjectID: "p", Name: "c"}}
	for want, err := range map[string]error{
		"atlas-restore watch 65f0c1d2e3a4b5c6d7e8f901 --projectId p --clusterName c --state-dir '/a b'": fmt.Errorf("%w: %w", submit.ErrNotSent, running),
		"atlas-restore watch --state-dir '/a b', or":                                                    fmt.Errorf("%w: %w", submit.ErrNotSent, submit.ErrDoubt),
	} {
		if got := refused(cfg, err).Advice; !strings.Contains(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
	damaged := fmt.Errorf("%w: %w", submit.ErrNotSent, &journal.Damaged{Lines: []journal.Line{{Path: "/j", Number: 7}}})
	if p := refused(cfg, damaged); p.Advice != state.MendJournal || !strings.Contains(p.Text(), "line 7 of /j") {
		t.Errorf("%q", p.Text())
	}
	if got := (Config{Mode: Training}).WatchCommand("", state.Cluster{}); got != "" {
		t.Errorf("a training that ends with this run is watched by %q", got)
	}
	if got := cfg.accepting("running"); got != "accept running" {
		t.Errorf("typed: %q", got)
	}
	cfg.Unasked = true
	if got := cfg.accepting("running"); got != "--accept running" {
		t.Errorf("by flags: %q", got)
	}
}
