package teatest_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	fetching "atlas-restore/atlasclient/delivery"
	"atlas-restore/state"
)

// Half a file is played on the page: the proof says that it is only a part, though the server called it
// all, and another download of the same snapshot is fetched. Who leaves with the half has not passed.
func TestHalfAFileOnTheScreen(t *testing.T) {
	t.Parallel()
	for _, again := range []bool{true, false} {
		s := &stage{world: newScenario(t, "truncated-archive")}
		at, err := url.Parse(s.sim.BaseURL())
		if err != nil {
			t.Fatal(err)
		}
		s.cfg.Out, s.cfg.Served = t.TempDir(), true
		s.cfg.Fetcher = fetching.Fetcher{Options: fetching.Options{Prover: fetching.BlockChecksums{}, Now: s.sim.Now, Tight: true, Only: at.Host}}
		s.start(normal)
		s.Wait("half a file")
		s.Press("enter")
		fetches := func(end string) {
			s.toReview(state.Download, "Storefront", "search-legacy", "")
			s.Press("tab", "enter")
			s.Wait("RUNNING")
			s.leap(5 * time.Minute)
			s.Wait("READY")
			s.Press("d")
			s.Wait("Where are the files to go?")
			s.Press("enter")
			s.Wait(end)
		}
		fetches("NOT DOWNLOADED")
		s.Wait("is only a part")
		if again {
			s.Press("n")
			s.Wait("Another restore?")
			s.Press("n")
			fetches("DOWNLOADED")
			s.Wait("The scenario is over")
		}
		if d := s.debrief("q"); d.Result.Passed != again || again && !strings.Contains(d.Text, "as if that were all of it") {
			t.Errorf("asked again: %t\n%s", again, d.Text)
		}
	}
}

// An expired link is played on the page: another download of the same snapshot is asked for by a plain
// yes, once, and goes on by itself with the half that is there.
func TestAnExpiredLinkOnTheScreen(t *testing.T) {
	t.Parallel()
	s := &stage{world: newScenario(t, "expired-link")}
	at, err := url.Parse(s.sim.BaseURL())
	if err != nil {
		t.Fatal(err)
	}
	s.cfg.Out, s.cfg.Served = t.TempDir(), true
	s.cfg.Fetcher = fetching.Fetcher{Options: fetching.Options{Prover: fetching.BlockChecksums{}, Now: s.sim.Now, Tight: true, Only: at.Host}}
	s.start(normal)
	s.Wait("books")
	s.Press("enter")
	s.toReview(state.Download, "Payments", "ledger-prod", "")
	s.Press("tab", "enter")
	s.Wait("RUNNING")
	s.leap(5 * time.Minute)
	s.Wait("READY")
	s.Press("d")
	s.Wait("Where are the files to go?")
	s.Press("enter")
	s.Wait("NOT DOWNLOADED")
	before := len(s.sim.Jobs())
	s.Press("a")
	s.Wait("It erases nothing")
	s.Press("y", "y")
	s.Wait("RUNNING")
	s.leap(5 * time.Minute)
	s.Wait("The scenario is over")
	if d := s.debrief("q"); !d.Result.Passed {
		t.Errorf("%s", d.Text)
	}
	if n := len(s.sim.Jobs()) - before; n != 1 {
		t.Errorf("%d jobs for one yes", n)
	}
}
