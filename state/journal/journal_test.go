package journal_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/journal"
)

func entry(e journal.Event) journal.Entry {
	return journal.Entry{
		Time: time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC), Event: e, ClusterName: "orders-prod",
		Body: state.Request{DeliveryType: state.Automated, TargetClusterName: "orders-stg"},
	}
}

func TestDoubts(t *testing.T) {
	for name, tc := range map[string]struct {
		events []journal.Event
		want   int
	}{
		"nothing":           {nil, 0},
		"created":           {[]journal.Event{journal.Intent, journal.Created}, 0},
		"refused":           {[]journal.Event{journal.Intent, journal.Refused}, 0},
		"killed":            {[]journal.Event{journal.Intent}, 1},
		"unknown":           {[]journal.Event{journal.Intent, journal.Unknown}, 1},
		"killed, then fine": {[]journal.Event{journal.Intent, journal.Intent, journal.Created}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			j := journal.At(filepath.Join(t.TempDir(), "state"))
			for _, e := range tc.events {
				if err := j.Append(entry(e)); err != nil {
					t.Fatal(err)
				}
			}
			got, err := j.Doubts()
			if err != nil || len(got) != tc.want {
				t.Errorf("%d doubts (%v), want %d", len(got), err, tc.want)
			}
		})
	}
}

// A crash in the middle of a line loses that line at most, never the next one.
func TestTornLine(t *testing.T) {
	dir := t.TempDir()
	j := journal.At(dir)
	if err := j.Append(entry(journal.Intent)); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "journal.jsonl")
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(`{"time":"2026-11`); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := j.Append(entry(journal.Unknown)); err != nil {
		t.Fatal(err)
	}
	got, err := j.Doubts()
	if err != nil || len(got) != 1 || got[0].Event != journal.Unknown {
		t.Errorf("%+v (%v), want the unknown one", got, err)
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
		t.Errorf("the journal can be read by others: %v", info.Mode())
	}
}

func TestAppendFails(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := journal.At(filepath.Join(file, "state")).Append(entry(journal.Intent)); err == nil {
		t.Error("an entry below a file was written")
	}
}
