package teatest_test

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	fetching "atlas-restore/atlasclient/delivery"
	"atlas-restore/atlasclient/simulator"
	"atlas-restore/state"
)

// A download is fetched and proven on its page, from a server that at first does not answer: esc keeps
// what there is and says how to go on, d goes on, and what is told at the end is true on the disk.
func TestDownloadIsFetchedOnItsPage(t *testing.T) {
	t.Parallel()
	s := prepare(t)
	at, err := url.Parse(s.sim.BaseURL())
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "files")
	s.cfg.Out, s.cfg.Served = dir, true
	s.cfg.Fetcher = fetching.Fetcher{Options: fetching.Options{Prover: fetching.BlockChecksums{}, Now: s.sim.Now, Tight: true, Only: at.Host}}
	s.start(normal)
	s.toReview(state.Download, "Payments", "orders-prod", "")
	s.Press("tab", "enter")
	s.Wait("RUNNING")
	s.sim.Advance(10 * time.Minute)
	s.Wait("READY")
	stall := make(chan struct{}) // nothing ends it but the one who asks: a file that went on would use its link up
	s.sim.Fail(simulator.Fault{PathContains: "/delivery/", Stall: stall})
	s.Press("d")
	s.Wait("a new directory")
	s.Press("enter")
	s.Wait("▸ connected")
	s.Press("esc")
	s.Wait("FETCHING STOPPED")
	s.Wait("--out " + dir[:5])
	s.Press("d")
	s.Wait("Where are the files to go?")
	s.Press("enter")
	s.Wait("✓ DOWNLOADED")
	s.Wait("every block that the snapshot reaches")
	sum := s.leave(state.OutcomeDownloaded, "q")
	if text := sum.Text(); !strings.Contains(text, "whole and proven") || strings.Contains(text, "/delivery/") {
		t.Errorf("the summary:\n%s", text)
	}
	files := sum.Result().Files
	if len(files) != 1 {
		t.Fatalf("%+v", files)
	}
	if is, err := os.Stat(files[0].Path); err != nil || is.Size() != files[0].Bytes || filepath.Dir(files[0].Path) != dir {
		t.Errorf("%+v, %v", files[0], err)
	}
	if raw, err := os.ReadFile(filepath.Join(s.dir, "journal.jsonl")); err != nil || strings.Contains(string(raw), "/delivery/") || !strings.Contains(string(raw), `"outcome":"downloaded"`) {
		t.Errorf("the journal, %v:\n%s", err, raw)
	}
}
