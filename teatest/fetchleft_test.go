package teatest_test

import (
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	fetching "atlas-restore/atlasclient/delivery"
	"atlas-restore/atlasclient/simulator"
	"atlas-restore/state"
)

// fetchesHalf has the files of this world fetched into a directory, from a server that offers ranges and
// goes silent.
func (w *world) fetchesHalf() (dir string) {
	w.t.Helper()
	at, err := url.Parse(w.sim.BaseURL())
	if err != nil {
		w.t.Fatal(err)
	}
	dir = filepath.Join(w.t.TempDir(), "files")
	w.cfg.Out, w.cfg.Served = dir, true
	w.cfg.Fetcher = fetching.Fetcher{Options: fetching.Options{Prover: fetching.BlockChecksums{}, Now: w.sim.Now, Tight: true, Only: at.Host}}
	w.stallsHalfway()
	return dir
}

// stallsHalfway has the server offer ranges, and go silent in the rest of a file.
func (w *world) stallsHalfway() {
	w.sim.Fail(simulator.Fault{File: simulator.FileCut})
	w.sim.Fail(simulator.Fault{File: simulator.FileStalled})
}

// wantKept holds what a fetch that was left in the middle leaves: a part and its sidecar, the command that
// goes on, and nothing that is called proven.
func (w *world) wantKept(dir, text string) {
	w.t.Helper()
	var names []string
	all, err := os.ReadDir(dir)
	for _, e := range all {
		names = append(names, strings.TrimPrefix(e.Name(), strings.TrimSuffix(all[0].Name(), ".part")))
	}
	if err != nil || strings.Join(names, " ") != ".part .part.json" {
		w.t.Errorf("there is %v, %v", all, err)
	}
	if !strings.Contains(text, "0 of 1 file proven") || !strings.Contains(text, "a part of it is kept, ") || !strings.Contains(text, "To go on: atlas-restore download ") || strings.Contains(text, "SHA-256") || strings.Contains(text, "/delivery/") {
		w.t.Errorf("it is told:\n%s", text)
	}
	if raw, err := os.ReadFile(filepath.Join(w.dir, "journal.jsonl")); err != nil || strings.Contains(string(raw), `"downloaded"`) || strings.Contains(string(raw), `"proven"`) || !strings.Contains(string(raw), `"state":"kept"`) {
		w.t.Errorf("the journal, %v:\n%s", err, raw)
	}
}

// On the screen of the built program ctrl+c in the middle of a fetch asks first, and stops nothing by that; a
// second one leaves, with what is there kept and told. Neither does another size of the window.
func TestBinaryCtrlCInTheMiddleOfAFetch(t *testing.T) {
	t.Parallel()
	a := newAlone(t)
	dir := filepath.Join(t.TempDir(), "files")
	a.stallsHalfway()
	p := a.open("--clusterName", "orders-prod-restore", "--snapshotId", "latest", "--deliveryType", "download", "--accept", "all", "--out", dir)
	p.Wait("Request the download")
	p.Press("tab", "enter")
	p.Wait("RUNNING")
	a.sim.Advance(6 * time.Minute)
	p.Wait("READY")
	p.Press("d")
	p.Wait("a new directory")
	p.Press("enter")
	p.WaitFor("a part of the rest", regexp.MustCompile(`▸ fetching (49|50|7[45]) %`).MatchString)
	p.Resize(40, 10)
	p.Wait("at least 60×15")
	p.Resize(60, 15)
	p.Wait("▸ fetching")
	p.Resize(80, 24)
	p.WaitFor("all of the page", func(screen string) bool {
		return strings.Contains(screen, "▸ fetching") && strings.Contains(screen, "? help")
	})
	p.Press("ctrl+c")
	p.Wait("This is what becomes of it")
	p.Wait("keeps what is there in")
	p.Wait("This goes on with it, until")
	if shows := p.Screen(); !strings.Contains(shows, "FETCHING") || strings.Contains(shows, "STOPP") {
		t.Errorf("the question has stopped it:\n%s", shows)
	}
	p.Press("ctrl+c")
	if code := p.ExitCode(); code != 7 {
		t.Errorf("exit code %d", code)
	}
	a.wantKept(dir, strings.Join(strings.Fields(p.Transcript()), " "))
}

// Line by line the first ctrl+c stops, says what is kept and asks whether to go on; a second one leaves.
func TestCtrlCInTheMiddleOfAFetchLineByLine(t *testing.T) {
	t.Parallel()
	d := prepareTalk(t)
	dir := d.fetchesHalf()
	d.start()
	d.toReview(state.Download, "Payments", "orders-prod", "")
	d.Say("download")
	d.Wait("RUNNING")
	d.sim.Advance(10 * time.Minute)
	d.Wait(": going on at ")
	d.interrupt <- struct{}{}
	d.Wait("Stopping: what is there is being kept.")
	d.Wait("To go on: atlas-restore download ")
	d.Wait("Go on with them now?")
	d.interrupt <- struct{}{}
	d.Exit()
	if d.summary.ExitCode() != 7 {
		t.Errorf("exit code %d", d.summary.ExitCode())
	}
	d.wantKept(dir, d.summary.Text())
}
