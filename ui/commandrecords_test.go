// Tests of ui/command. They stand here: each package with tests is one more program to link.

package ui_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"atlas-restore/state/record"
	"atlas-restore/ui/command"
	"atlas-restore/ui/steps"
)

// inRecords runs a command about the records of a directory.
func inRecords(t *testing.T, dir string, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	args = append([]string{"records"}, args...)
	cmd := command.New(command.Program{StateDir: func(s command.Settings) string { return dir + s.StateDir }}, args)
	cmd.SetArgs(args)
	cmd.SetOut(&out)
	cmd.SetErr(&out)
	err := cmd.Execute()
	return out.String(), err
}

// kept is a directory with so many records of restores whose jobs have ended well.
func kept(t *testing.T, n int) string {
	t.Helper()
	dir := t.TempDir()
	for range n {
		r := record.Record{
			Brief: record.Brief{Kind: record.Restore, WrittenAt: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC), JobID: "j1", Source: record.Cluster{Name: "orders-prod"}},
			After: []record.After{{Name: record.JobCheck, Finding: record.Passed}}, Left: []string{record.LookAtData},
		}
		if _, _, err := record.At(dir).Append(r.Judged()); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// A list shows the newest first, says how many it leaves out, and says that there is none.
func TestRecordsList(t *testing.T) {
	t.Parallel()
	if out, err := inRecords(t, t.TempDir(), "list"); err != nil || !strings.HasPrefix(out, "There are no records here yet. ") {
		t.Error(out, err)
	}
	dir := kept(t, 22)
	out, err := inRecords(t, dir, "list")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if err != nil || len(lines) != 20+1 || !strings.HasPrefix(lines[0], "22  INCOMPLETE") || !strings.Contains(lines[20], "2 older ones are left out") {
		t.Error(out, err)
	}
	if out, err = inRecords(t, dir, "list", "--all"); err != nil || strings.Count(out, "\n") != 22 {
		t.Error(out, err)
	}
}

// What a refusal tells to run reads the same chain: that of the training.
func TestRecordsHintRuns(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Rename(kept(t, 22), filepath.Join(dir, "training")); err != nil {
		t.Fatal(err)
	}
	const hint = "atlas-restore records list --all --training"
	if _, err := inRecords(t, dir, "show", "70", "--training"); err == nil || advice(err) != "To see all: "+hint {
		t.Errorf("%v, %q", err, advice(err))
	}
	if out, err := inRecords(t, dir, "list", "--training"); err != nil || !strings.Contains(out, hint) {
		t.Error(out, err)
	}
}

// What a page, or a row that is left out, tells to run has the flags that this run was given.
func TestRecordsHintsKeepTheFlags(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "my_state")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(kept(t, 2), filepath.Join(dir, "training")); err != nil {
		t.Fatal(err)
	}
	where := []string{"--training", "--state-dir", dir}
	show := func(args ...string) string {
		out, err := inRecords(t, "", append(args, where...)...)
		if err != nil {
			t.Fatal(out, err)
		}
		return out
	}
	flags := strings.Join(where, " ")
	if out := show("show", "1"); !strings.Contains(out, "atlas-restore records check 1 --expected TEXT --found TEXT "+flags+"\n") {
		t.Error(out)
	}
	show("check", "1", "--expected", "1", "--found", "1")
	if out := show("show", "3"); !strings.Contains(out, "takes the place of record 1. To see that one: atlas-restore records show 1 "+flags+"\n") {
		t.Error(out)
	}
}

// advice is what an error tells to do.
func advice(err error) string {
	var run *steps.RunError
	if errors.As(err, &run) {
		return run.Advice
	}
	return ""
}

// A check that somebody has made makes a PASS, or a FAIL, of what nobody had looked at. The record of
// before stays in the chain.
func TestRecordsCheck(t *testing.T) {
	t.Parallel()
	dir := kept(t, 1)
	kept1, _ := inRecords(t, dir, "show")
	for _, args := range [][]string{{"check"}, {"check", "--expected", "12"}, {"check", "--found", "12"}, {"check", "--expected", "12", "--found", "12\x1b[2J"}, {"check", "--expected", "5 users", "--found", "0 users"}, {"check", "--expected", "5", "--found", "5", "--failed", "--passed"}} {
		if out, err := inRecords(t, dir, args...); err == nil {
			t.Errorf("%q: %s", args, out)
		}
	}
	if out, err := inRecords(t, dir, "check", "j1", "--expected", "12 orders", "--found", "12 orders"); err != nil || out != "Record 2 takes the place of record 1: PASS. The job has ended well, and 1 check of the data passed: data.\nExpected: 12 orders\nFound: 12 orders\n" {
		t.Error(out, err)
	}
	if out, err := inRecords(t, dir, "check", "2", "--expected", "3 users", "--found", "2 users", "--failed"); err != nil || !strings.HasPrefix(out, "Record 3 takes the place of record 2: FAIL. Failed: data.") {
		t.Error(out, err)
	}
	if out, err := inRecords(t, dir, "list"); err != nil || strings.Count(out, "\n") != 2 || !strings.Contains(out, "\nNot shown: 2 records whose place a later one has taken.") {
		t.Error(out, err)
	}
	if out, err := inRecords(t, dir, "list", "-o", "json"); err != nil || !strings.Contains(out, `"leftOut": 2,`) || !strings.Contains(out, `"replaced": 2`) {
		t.Error(out, err)
	}
	if out, err := inRecords(t, dir, "show", "3"); err != nil || !strings.HasPrefix(out, "This record takes the place of record 2. To see that one: atlas-restore records show 2\n") {
		t.Error(out, err)
	}
	if out, err := inRecords(t, dir, "show", "1"); err != nil || !strings.HasPrefix(out, "Record 3 has taken the place of this one. To see that one: atlas-restore records show 3\n") {
		t.Error(out, err)
	}
	const again = "To write it down behind that one: atlas-restore records check 3 --expected 1 --found 'a b' --failed"
	if _, err := inRecords(t, dir, "check", "1", "--expected", "1", "--found", "a b", "--failed"); err == nil || advice(err) != again || !strings.Contains(err.Error(), "record 3 has taken") {
		t.Errorf("a check stands behind a record that another one has replaced: %v, %q", err, advice(err))
	}
	out, err := inRecords(t, dir, "show")
	if err != nil || !strings.Contains(out, "FAILED **data**: expected 3 users; found 2 users. (told by ") {
		t.Error(out, err)
	}
	if !strings.HasPrefix(strings.SplitAfter(kept1, "## Left to do\n\n")[1], "- Look at the data, and write down what was found: atlas-restore records check 1 --expected TEXT --found TEXT") {
		t.Error(kept1)
	}
	if _, err := inRecords(t, dir, "show", "9"); err == nil {
		t.Error("there is no record 9")
	}
}

// A chain that does not hold ends every command about it as an error, with what is wrong.
func TestRecordsThatDoNotHold(t *testing.T) {
	t.Parallel()
	dir := kept(t, 3)
	if out, err := inRecords(t, dir, "verify"); err != nil || !strings.HasPrefix(out, "The chain holds: 3 records") {
		t.Error(out, err)
	}
	export := filepath.Join(t.TempDir(), "export")
	if out, err := inRecords(t, dir, "export", "--out", export); err != nil || !strings.HasPrefix(out, "Exported to ") {
		t.Error(out, err)
	}
	if _, err := inRecords(t, dir, "export", "--out", export); err == nil {
		t.Error("an export was written over another")
	}
	path := record.At(dir).Path()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, bytes.Replace(raw, []byte("INCOMPLETE"), []byte("PASS"), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"list"}, {"show"}, {"verify"}, {"verify", "-o", "json"}, {"export", "--out", export + "2"}, {"check", "--expected", "1", "--found", "1"}} {
		out, err := inRecords(t, dir, args...)
		var failed *steps.RunError
		if args[0] == "show" && !strings.HasPrefix(out, "THE CHAIN OF THIS RECORD DOES NOT HOLD: ") {
			t.Errorf("who keeps the page alone does not read it: %s", out)
		}
		if !errors.As(err, &failed) || !strings.Contains(err.Error(), "Record 1 was changed") {
			t.Errorf("%q: %v\n%s", args, err, out)
		}
	}
	if _, err := inRecords(t, export, "verify"); err != nil {
		t.Error(err)
	}
	page, err := os.ReadFile(filepath.Join(export, "records.md"))
	if err != nil || strings.Count(string(page), "# INCOMPLETE: restore of") != 3 {
		t.Error(string(page), err)
	}
}

// The version of a snapshot is told as one of MongoDB, and is not glued to the time.
func TestARecordTellsTheVersionOfItsSnapshot(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 30, 1, 37, 4, 0, time.UTC)
	page := record.Kept{Record: record.Record{Backup: record.Backup{SnapshotID: "s1", SnapshotAt: &at, Version: "8.0.29"}}}.Markdown("")
	if !strings.Contains(page, " 01:37:04 UTC, MongoDB 8.0.29") {
		t.Error(page)
	}
}
