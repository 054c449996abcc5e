package ui

import (
	"slices"
	"strings"
	"testing"

	"atlas-restore/forms/fold"
	"atlas-restore/state"
)

// A command that is told is pasted: no line breaks in it as long as it has room.
func TestWrapKeepsCommandsWhole(t *testing.T) {
	t.Parallel()
	got := wrap("  To follow it: atlas-restore watch 65f0c1d2e3a4b5c6d7e8f901 --projectId p --state-dir '/a b' and then go on", 80)
	want := []string{"  To follow it:", "  atlas-restore watch 65f0c1d2e3a4b5c6d7e8f901 --projectId p --state-dir '/a b'", "  and then go on"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	for _, command := range []string{"atlas-restore plan approve orders-stg-20261123-120000.plan.json", "atlas-restore --plan 'orders stg.plan.json' --profile 'a b'"} {
		if got := wrap("A second person runs it so: "+command+" and that is all", 72); !slices.Contains(got, command) && !slices.ContainsFunc(got, func(l string) bool { return strings.Contains(l, command) }) {
			t.Errorf("%q breaks %s", got, command)
		}
	}
}

// A command on the screen breaks at its blanks, and loses nothing.
func TestCommandsBreakBetweenWords(t *testing.T) {
	const command = "atlas backups restores start automated --clusterName orders-prod-restore --snapshotId 65f0c1d2e3a4b5c6d7e8f90f --targetClusterName orders-prod"
	for w := 40; w < 100; w++ {
		lines := fold.Command(command, w)
		if got := strings.Join(lines, " "); strings.Join(strings.Fields(got), " ") != command {
			t.Fatalf("%d cells: %q", w, lines)
		}
	}
}

// The header drops the source of the credential, and then who it is, before Atlas's address.
func TestTheHeaderKeepsTheAddress(t *testing.T) {
	r := snapshotScreen(3)
	r.run.Cfg.Who, r.run.Cfg.Source, r.run.Cfg.Host = "mdb_sa_id_65f0…90f", "environment", "cloud.mongodbgov.example"
	for _, w := range []int{80, 100, 200} {
		r.w = w
		if h := r.header(); !strings.Contains(h, r.run.Cfg.Host) {
			t.Errorf("%d cells: %q", w, h)
		}
	}
}

// Who goes back to the list of clusters has chosen none: the header names none.
func TestTheHeaderNamesWhatIsChosen(t *testing.T) {
	r := snapshotScreen(3)
	if !strings.Contains(r.header(), "orders-prod") {
		t.Fatal("the header does not name the cluster")
	}
	r.take(back{})
	if h := r.header(); strings.Contains(h, "orders-prod") || r.step() == state.StepCluster && !strings.Contains(h, "Payments") {
		t.Errorf("on %v: %q", r.step(), h)
	}
}

// What is said once is said whole.
func TestNoticesAreWhole(t *testing.T) {
	r := snapshotScreen(3)
	r.told = strings.Repeat("many words of a notice ", 25) + "end"
	if lines, _ := r.meaning(74); !strings.HasSuffix(lines[len(lines)-1], "end") {
		t.Errorf("%q", lines)
	}
}

// A name is not broken at its hyphens.
func TestWrapBreaksNoName(t *testing.T) {
	for w := 12; w < 60; w++ {
		for _, line := range wrap("Not read: the log of shard-00-01, shard-00-02. See orders-prod.", w) {
			if strings.HasSuffix(line, "-") {
				t.Errorf("at %d cells a line is %q", w, line)
			}
		}
	}
}
