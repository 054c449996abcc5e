// Tests of state/journal. They stand here: each package with tests is one more program to link.

package state_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"atlas-restore/state/journal"
)

// settled appends n submissions that are settled, with so much text that a few fill a file.
func settled(t *testing.T, j *journal.Journal, n int) {
	t.Helper()
	for range n {
		for _, event := range []journal.Event{journal.Intent, journal.Refused} {
			e := entry(event)
			e.ID, e.Error = "settled", strings.Repeat("x", 300)
			if err := j.Append(e); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// The journal is bounded: an old half gives way, and is still read.
func TestJournalIsBounded(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := journal.Bounded(dir, 4<<10)
	settled(t, j, 30)
	var bytes int64
	for _, name := range []string{"journal.jsonl", "journal.1.jsonl"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		bytes += info.Size()
	}
	entries, err := j.Read()
	if bytes > 12<<10 || len(entries) < 5 || err != nil {
		t.Errorf("%d bytes, %d entries, %v", bytes, len(entries), err)
	}
}

// However often the files give way, what is open stays: a doubt, a request whose job was not
// found lately, a job whose end was not seen. What was seen of them stays seen.
func TestWhatIsOpenOutlivesItsFile(t *testing.T) {
	t.Parallel()
	j := journal.Bounded(t.TempDir(), 4<<10)
	now := time.Now().UTC().Truncate(time.Second)
	of := func(id string, event journal.Event, job string) {
		t.Helper()
		e := entry(event)
		e.Time, e.ID, e.JobID, e.Before = now, id, job, nil
		if event == journal.Intent {
			e.Before = []string{"job before"}
		}
		if err := j.Append(e); err != nil {
			t.Fatal(err)
		}
	}
	of("doubt", journal.Intent, "")
	of("unknown", journal.Intent, "")
	of("unknown", journal.Unknown, "")
	of("found", journal.Intent, "")
	of("found", journal.Unknown, "")
	of("lost", journal.Intent, "")
	of("lost", journal.NotFound, "")
	of("done", journal.Intent, "")
	of("done", journal.Created, "job done")
	settled(t, j, 3)
	of("found", journal.Found, "job found") // in another file than its intent
	e := entry(journal.Ended)
	e.JobID, e.Status = "job done", "completed"
	if err := j.Append(e); err != nil {
		t.Fatal(err)
	}
	settled(t, j, 40)
	entries, err := j.Read()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, s := range journal.Submissions(entries) {
		if _, twice := got[s.ID]; twice {
			t.Errorf("%s is there twice", s.ID)
		}
		got[s.ID] = fmt.Sprint(s.Last, " ", s.JobID, " ", s.Before)
	}
	for id, want := range map[string]string{
		"doubt": "intent  [job before]", "unknown": "unknown  [job before]", "found": "found job found [job before]", "lost": "notFound  [job before]", "done": "",
	} {
		if got[id] != want {
			t.Errorf("%s is %q, want %q", id, got[id], want)
		}
	}
}

// Several writers that meet a full file let it give way once, and lose nothing of it.
func TestSeveralWritersRotateOnce(t *testing.T) {
	t.Parallel()
	const most, writers = 4 << 10, 4
	dir := t.TempDir()
	full, older := filepath.Join(dir, "journal.jsonl"), filepath.Join(dir, "journal.1.jsonl")
	for round := range map[bool]int{true: 25, false: 8}[thorough()] {
		if err := os.WriteFile(full, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		settledOnce := strings.Repeat(`{"time":"2026-11-23T14:31:00Z","event":"refused","id":"x","endpoint":"https://a","who":"","projectId":"p","clusterName":"c","request":{"deliveryType":"download"}}`+"\n", 40)
		if err := os.WriteFile(full, []byte(settledOnce), 0o600); err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		begin := make(chan struct{})
		for w := range writers {
			j := journal.Bounded(dir, most)
			e := entry(journal.Refused)
			e.ID = fmt.Sprint(round, " ", w)
			all.Go(func() {
				<-begin
				if err := j.Append(e); err != nil {
					t.Error(err)
				}
			})
		}
		close(begin)
		all.Wait()
		if info, err := os.Stat(older); err != nil || info.Size() <= most {
			t.Fatalf("round %d: the older file is %v, %v: its history is lost", round, info.Size(), err)
		}
		entries, err := journal.At(dir).Read()
		if err != nil || len(entries) != 40+writers {
			t.Fatalf("round %d: %d entries, %v", round, len(entries), err)
		}
	}
}

// Where something cannot be read, no file gives way: it would take that along.
func TestDamageDoesNotRotateAway(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "journal.jsonl"), []byte("\x00\x00\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	j := journal.Bounded(dir, 2<<10)
	settled(t, j, 20)
	if _, err := j.Read(); err == nil {
		t.Error("the damage is gone")
	}
}
