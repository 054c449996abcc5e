// Tests of state/journal. They stand here: each package with tests is one more program to link.

package state_test

import (
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/fetch"
	"atlas-restore/state/journal"
)

// How it stands with the files of a download is remembered with its job, the newest last, and as long as
// they can be gone on with it outlives the file that has it.
func TestFetchIsRemembered(t *testing.T) {
	t.Parallel()
	j := journal.Bounded(t.TempDir(), 4<<10)
	now := time.Now().UTC().Truncate(time.Second)
	add := func(event journal.Event, f *journal.Fetch) {
		t.Helper()
		e := entry(event)
		e.Time, e.ID, e.JobID, e.Fetch, e.Body = now, "d", "6b0000000000000000000001", f, state.Request{DeliveryType: state.Download}
		if event == journal.Fetching || event == journal.Fetched || event == journal.Ended {
			e.ID, e.Status = "", "ready"
		}
		if err := j.Append(e); err != nil {
			t.Fatal(err)
		}
	}
	of := func() journal.Submission {
		t.Helper()
		all, err := j.Read()
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range journal.Submissions(all) {
			if s.JobID == "6b0000000000000000000001" {
				return s
			}
		}
		t.Fatal("the submission is gone")
		return journal.Submission{}
	}
	add(journal.Intent, nil)
	add(journal.Created, nil)
	add(journal.Ended, nil)
	if s := of(); s.Open(now) || s.Files != nil {
		t.Errorf("nothing was fetched: %+v", s)
	}
	add(journal.Fetching, &journal.Fetch{At: now, Dir: "/mnt/restore"})
	if s := of(); !s.Open(now) || !s.Fetching(now) || s.Fetching(now.Add(5*time.Hour)) || s.Files.Proven() {
		t.Errorf("a fetch without an end: %+v", s.Files)
	}
	kept := []journal.FetchedFile{{State: fetch.Proven, Bytes: 7}, {State: fetch.Kept, Bytes: 3}}
	add(journal.Fetched, &journal.Fetch{At: now, Dir: "/mnt/restore", Outcome: state.OutcomeAborted, Files: kept})
	settled(t, j, 60)
	if s := of(); !s.Fetching(now) || s.Status != "ready" || len(s.Files.Files) != 2 {
		t.Errorf("what was left: %+v", s)
	}
	add(journal.Fetched, &journal.Fetch{At: now, Dir: "/mnt/restore", Outcome: state.OutcomeFailed, Files: []journal.FetchedFile{{State: fetch.Aside}}})
	if s := of(); s.Open(now) || s.Files.Proven() {
		t.Errorf("what is damaged is gone on with: %+v", s.Files)
	}
	add(journal.Fetched, &journal.Fetch{At: now, Dir: "/mnt/restore", Outcome: state.OutcomeDownloaded, Files: kept[:1]})
	if s := of(); s.Open(now) || !s.Files.Proven() || s.Files.Dir != "/mnt/restore" {
		t.Errorf("what is proven: %+v", s.Files)
	}
}
