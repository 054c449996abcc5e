// Tests of state/progress. They stand here: each package with tests is one more program to link.

package state_test

import (
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"atlas-restore/state"
	"atlas-restore/state/progress"
)

// What was passed stays passed, the best run is kept, and the last one too.
func TestProgress(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	p := progress.At(dir)
	if all, err := p.Read(); err != nil || len(all) != 0 {
		t.Fatalf("nothing was played: %v, %v", all, err)
	}
	if err := p.Reset(); err != nil {
		t.Errorf("forgetting nothing: %v", err)
	}
	for _, r := range []state.TrainingResult{
		{Scenario: "a", Score: 5, Of: 10},
		{Scenario: "a", Score: 9, Of: 10},
		{Scenario: "a", Passed: true, Score: 6, Of: 10},
		{Scenario: "a", Score: 10, Of: 10},
		{Scenario: "b", Passed: true, Score: 1, Of: 1},
		{Scenario: "b", Passed: true, Score: 3, Of: 4},
		{Scenario: "b", Passed: true, Score: 2, Of: 4},
	} {
		if err := p.Add(r); err != nil {
			t.Fatal(err)
		}
	}
	all, err := progress.At(dir).Read()
	if err != nil || len(all) != 2 {
		t.Fatalf("%v, %v", all, err)
	}
	if a := all["a"]; a.Tries != 4 || a.Passed != 1 || !a.Best.Passed || a.Best.Score != 6 || a.Last.Score != 10 {
		t.Errorf("%+v", a)
	}
	if b := all["b"]; b.Tries != 3 || b.Passed != 3 || b.Best.Score != 3 || b.Last.Score != 2 {
		t.Errorf("%+v", b)
	}
	if err := p.Reset(); err != nil {
		t.Fatal(err)
	}
	if all, err := p.Read(); err != nil || len(all) != 0 {
		t.Errorf("after a reset: %v, %v", all, err)
	}
}

// What an older version kept as minutes below zero was data from after the loss: there are no
// minutes to tell.
func TestNoMinutesBelowZero(t *testing.T) {
	dir := t.TempDir()
	raw := `{"a":{"tries":1,"passed":0,"best":{"scenario":"a","minutesLost":-63},"last":{"scenario":"a","minutesLost":0}}}`
	if err := os.WriteFile(filepath.Join(dir, "training.json"), []byte(raw), 0o600); err != nil {
		t.Fatal(err)
	}
	all, err := progress.At(dir).Read()
	if a := all["a"]; err != nil || a.Best.MinutesLost != nil || a.Last.MinutesLost == nil {
		t.Errorf("%v: %+v", err, a)
	}
}

// A file that is broken is said to be; the next result begins anew instead of being lost.
func TestBrokenProgress(t *testing.T) {
	dir := t.TempDir()
	p := progress.At(dir)
	for _, broken := range []string{"{", "null", "[]", ""} {
		if err := os.WriteFile(filepath.Join(dir, "training.json"), []byte(broken), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := p.Read(); err == nil {
			t.Errorf("%q was read", broken)
		}
		if err := p.Add(state.TrainingResult{Scenario: "a"}); err != nil {
			t.Fatal(err)
		}
		if all, err := p.Read(); err != nil || all["a"].Tries != 1 {
			t.Errorf("%q: %v, %v", broken, all, err)
		}
	}
	if files, _ := os.ReadDir(dir); len(files) != 1 {
		t.Errorf("%d files are left", len(files))
	}
}

// Whoever reads while a result is kept sees what was there before, whole.
func TestProgressIsReplaced(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("an open file is not replaced there")
	}
	dir := t.TempDir()
	p := progress.At(dir)
	if err := p.Add(state.TrainingResult{Scenario: "a"}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "training.json")
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	open, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = open.Close() }()
	if err := p.Add(state.TrainingResult{Scenario: "b"}); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(open); string(got) != string(want) {
		t.Errorf("who was reading has got %q, %v", got, err)
	}
}
