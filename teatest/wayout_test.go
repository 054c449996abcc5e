//go:build unix

package teatest_test

import (
	"net/http"
	"testing"

	"atlas-restore/state"
	"atlas-restore/teatest"
)

// Where Atlas refuses the credential, the keys that lead on and out stand on the page, and
// work.
func TestRefusedShowsTheWayOut(t *testing.T) {
	t.Parallel()
	for _, size := range []teatest.Size{narrow, normal} {
		s := prepare(t)
		s.sim.Fail(everyGet("/api/atlas/v2/", http.StatusUnauthorized))
		s.start(size)
		s.Wait("401")
		s.Wait("ctrl+r load again")
		s.Wait("ctrl+c leave")
		s.WithinSize()
		s.leave(state.OutcomeAborted, "ctrl+c")
	}
}

// Who meets the full screen with a screen reader is told of the line face, once.
func TestBinaryTellsOfTheLineFace(t *testing.T) {
	t.Parallel()
	p := train(t, normal)
	p.Wait("start with --line")
	p.WaitFor("the projects", highlighted)
	p.Press("down")
	p.WaitGone("--line")
	p.Press("ctrl+c")
	wantLeft(t, p, 130)
}
