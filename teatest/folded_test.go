//go:build unix

package teatest_test

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"atlas-restore/teatest"
)

// What the program prints to a terminal is broken between words, and piped it is not broken at all: what a
// command says, what it refuses, its help, and the summary behind the full screen.
func TestBinaryFoldsWhatItPrints(t *testing.T) {
	t.Parallel()
	const wide = 72
	a := newAlone(t)
	dir := t.TempDir()
	plan := filepath.Join(dir, "p.json")
	if code, _, errs := a.run(append([]string{"--save-plan", plan}, overwriting...)...); code != 0 {
		t.Fatalf("saving a plan ends with %d\n%s", code, errs)
	}
	passing := regexp.MustCompile(`just now|\bnow\b|[0-9]+ s ago|[0-9]+`) // what is told a second later is another age
	said := func(text string) string { return passing.ReplaceAllString(flat(text), "0") }
	for _, tc := range []struct {
		args []string
		own  bool // it takes where Atlas is
		of   string
	}{
		{[]string{"plan", "show", plan}, false, "WARNING: Lost: all that orders-prod-restore holds"},
		{[]string{"verify", "none.tar.gz"}, false, "Error: proving none.tar.gz: "}, // a path that is wider is the terminal's to break
		{[]string{"jobs", "--clusterName", "orders-prd"}, true, "did you mean orders-prod?"},
		{[]string{"jobs", "--mine"}, true, "No restore job was submitted from this machine."},
		{[]string{"records", "list", "--state-dir", dir}, false, "There are no records here yet."},
		{[]string{"train", "--list"}, false, "first-download"},
		{[]string{"train", "first-downlod"}, false, "did you mean first-download?"},
		{[]string{"jobs", "--help"}, false, "with their state, age and target"},
		{[]string{"help", "promises"}, false, "Nothing is restored by accident."},
	} {
		args := tc.args
		if tc.own {
			args = append(args, a.args...)
		}
		_, out, errs := teatest.RunBinary(t, teatest.Binary(t), args, a.env, "")
		piped := out + errs
		if !strings.Contains(flat(piped), tc.of) {
			t.Errorf("%q says\n%s", tc.args, piped)
			continue
		}
		p := teatest.StartBinary(t, teatest.Binary(t), args, a.env, teatest.Size{W: wide, H: 24})
		if got := p.Transcript(); said(got) != said(piped) {
			t.Errorf("%q in a terminal of %d cells:\n%s\npiped:\n%s", tc.args, wide, got, piped)
		}
	}

	p := teatest.StartBinary(t, teatest.Binary(t), append(overwriting, a.args...), a.env, teatest.Size{W: wide, H: 24})
	p.AssertTarget("orders-prod-restore")
	p.Confirm("orders-prod-restore")
	p.Wait("RUNNING")
	letGo(p)
	got := flat(p.Transcript())
	wantText(t, got, "Restore of orders-prod onto orders-prod-restore (project Payments), the snapshot of ", "orders-prod-restore is down until it ends, and it cannot be cancelled. It goes on in Atlas. To follow it: atlas-restore watch ")
}
