// Tests of state/journal. They stand here: each package with tests is one more program to link.

package state_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/journal"
)

func entry(e journal.Event) journal.Entry {
	return journal.Entry{
		Time: time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC), Event: e, ID: "one", Endpoint: "https://a", ClusterName: "orders-prod",
		Body: state.Request{DeliveryType: state.Automated, TargetProjectID: "p", TargetClusterName: "orders-stg"},
	}
}

func TestDoubts(t *testing.T) {
	for name, tc := range map[string]struct {
		events []journal.Event
		want   int
	}{
		"nothing":    {nil, 0},
		"created":    {[]journal.Event{journal.Intent, journal.Created}, 0},
		"refused":    {[]journal.Event{journal.Intent, journal.Refused}, 0},
		"not sent":   {[]journal.Event{journal.Intent, journal.NotSent}, 0},
		"killed":     {[]journal.Event{journal.Intent}, 1},
		"unknown":    {[]journal.Event{journal.Intent, journal.Unknown}, 1},
		"found":      {[]journal.Event{journal.Intent, journal.Unknown, journal.Found}, 0},
		"looked for": {[]journal.Event{journal.Intent, journal.Unknown, journal.NotFound}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			j := journal.At(filepath.Join(t.TempDir(), "state"))
			for _, e := range tc.events {
				if err := j.Append(entry(e)); err != nil {
					t.Fatal(err)
				}
			}
			if got := doubts(t, j); len(got) != tc.want {
				t.Errorf("%d doubts, want %d", len(got), tc.want)
			}
		})
	}
}

// Each entry says which program wrote it.
func TestEntriesSayWhoWroteThem(t *testing.T) {
	j := journal.At(t.TempDir())
	j.Tool = "1.2.3"
	if err := j.Append(entry(journal.Intent)); err != nil {
		t.Fatal(err)
	}
	entries, err := j.Read()
	if err != nil || len(entries) != 1 || entries[0].Tool != "1.2.3" {
		t.Errorf("%+v, %v", entries, err)
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
	if got := doubts(t, j); len(got) != 1 || got[0].Last != journal.Unknown {
		t.Errorf("%+v, want the unknown one", got)
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

func doubts(t *testing.T, j *journal.Journal) []journal.Submission {
	t.Helper()
	entries, err := j.Read()
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(journal.Submissions(entries), func(s journal.Submission) bool { return !s.Doubtful() })
}

// One submission's entries are told from another's, and the end of its job is found by
// the job's id.
func TestSubmissions(t *testing.T) {
	at := time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)
	of := func(id string, e journal.Event, after time.Duration, job, status string) journal.Entry {
		return journal.Entry{
			Time: at.Add(after), Event: e, ID: id, Endpoint: "https://a", ClusterName: "orders-prod", JobID: job, Status: status,
			Body: state.Request{DeliveryType: state.Automated, TargetProjectID: "p", TargetClusterName: "orders-stg"},
		}
	}
	const first, second = "6b042f1ec1d2e3a4b5c6d7e8", "6b042f28c1d2e3a4b5c6d7e8"
	all := journal.Submissions([]journal.Entry{
		of("a", journal.Intent, 0, "", ""),
		of("b", journal.Intent, time.Second, "", ""),
		of("a", journal.Created, 2*time.Second, first, ""),
		of("b", journal.Unknown, 3*time.Second, "", ""),
		of("b", journal.Found, 9*time.Second, second, ""),
		of("", journal.Ended, 4*time.Minute, first, "completed"),
	})
	if len(all) != 2 {
		t.Fatalf("%d submissions", len(all))
	}
	a, b := all[0], all[1]
	if a.JobID != first || a.Status != "completed" || a.Unfinished() || a.Doubtful() {
		t.Errorf("the first is %+v", a)
	}
	if b.JobID != second || !b.Unfinished() || b.Doubtful() || !b.Onto("https://a", "p", "orders-stg") || b.Onto("https://b", "p", "orders-stg") {
		t.Errorf("the second is %+v", b)
	}
	took := journal.Usual(all, "https://a", "orders-prod", state.Automated)
	if want := at.Add(4 * time.Minute).Sub(state.CreatedAt(first)); took != (journal.Took{Median: want, Shortest: want, Longest: want, Of: 1}) {
		t.Errorf("usually %+v; want %v", took, want)
	}
	if journal.Usual(all, "https://a", "orders-prod", state.Download).Of != 0 {
		t.Error("a guess from jobs of another kind")
	}
}

// Two processes cannot hold one target's lock; two targets do not mind each other.
func TestLock(t *testing.T) {
	dir := t.TempDir()
	one, other := journal.At(dir), journal.At(dir)
	unlock, err := one.Lock("a")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Lock("a"); !errors.Is(err, journal.ErrBusy) {
		t.Errorf("a second lock: %v", err)
	}
	free, err := other.Lock("b")
	if err != nil {
		t.Errorf("another target: %v", err)
	}
	free()
	unlock()
	again, err := other.Lock("a")
	if err != nil {
		t.Fatalf("a lock that was given back: %v", err)
	}
	again()
}

// A job that was looked for in vain may come late: for a day since the last look, however old the request is.
func TestLostSinceTheLastLook(t *testing.T) {
	asked := entry(journal.Intent)
	vain := entry(journal.NotFound)
	vain.Time = asked.Time.Add(5 * 24 * time.Hour)
	s := journal.Submissions([]journal.Entry{asked, vain})[0]
	if !s.Lost(vain.Time.Add(23*time.Hour)) || s.Lost(vain.Time.Add(25*time.Hour)) || !s.Open(vain.Time.Add(time.Hour)) {
		t.Errorf("looked for at %s, it is lost no more or for ever", s.Sought)
	}
}
