package teatest_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/teatest"
	"atlas-restore/ui/steps"
)

// lostCoach is a coach whose connection is gone.
type lostCoach struct{ steps.Coach }

var errGone = errors.New("the coach is gone")

func (lostCoach) Coaching(context.Context, int) (state.Coaching, error) {
	return state.Coaching{}, errGone
}
func (lostCoach) Hint(context.Context) error                   { return errGone }
func (lostCoach) Forward(context.Context, time.Duration) error { return errGone }
func (lostCoach) Note(string, string)                          {}
func (lostCoach) Debrief(context.Context, int) (state.Debriefing, error) {
	return state.Debriefing{}, errGone
}

// A coach that is gone is in nobody's way: the restore is made, and its end is seen.
func TestLostCoach(t *testing.T) {
	t.Parallel()
	w := newScenario(t, "dropped-collection")
	w.cfg.Coach = lostCoach{}
	s := &stage{world: w}
	s.start(normal)
	s.Wait("The coach cannot be heard any more: the coach is gone.")
	s.Press("enter")
	s.toReview(state.Download, "Payments", "orders-prod", "")
	s.Press("f4", "h")
	s.Wait("The coach has not done that: the coach is gone.")
	s.Press("esc", "tab", "enter")
	s.Wait("RUNNING")
	s.sim.Advance(10 * time.Minute)
	s.Wait("READY")
	s.leave(state.OutcomeReady, "q")
}

// Nor is it line by line.
func TestLostCoachByEar(t *testing.T) {
	t.Parallel()
	d := &speaker{world: newScenario(t, "dropped-collection"), interrupt: make(chan struct{})}
	d.cfg.Coach = lostCoach{}
	d.start()
	d.answer("Enter begins:", "")
	d.answer(askProject, "hint")
	d.Wait("he coach is gone")
	d.toSnapshots("Payments", "orders-prod")
	d.Say("")
	d.answer(askDelivery, string(state.Download))
	d.answer(askDownload, "forward")
	d.answer(askDownload, "download")
	d.Wait("restore job ")
	d.sim.Advance(10 * time.Minute)
	d.Wait("READY, seen after")
	d.letGo()
	d.leave(state.OutcomeReady)
}

// Line by line another restore is begun while a job runs, and no hint is taken that does not
// exist.
func TestAgainByEar(t *testing.T) {
	t.Parallel()
	d := talk(t)
	d.toReview(state.Download, "Payments", "orders-prod", "")
	d.Say("download")
	d.Wait("restore job ")
	d.letGo()
	d.leave(state.OutcomeRunning)

	d = &speaker{world: newScenario(t, "dropped-collection"), interrupt: make(chan struct{})}
	told := &taker{Coach: d.cfg.Coach}
	d.cfg.Coach = told
	d.start()
	d.answer("Enter begins:", "")
	for range 3 {
		d.answer(askProject, "hint")
	}
	d.answer(askProject, "hint")
	d.Wait("there are no more hints")
	d.toReview(state.Download, "Payments", "orders-prod", "")
	d.Say("download")
	d.Wait("restore job ")
	d.Say("again")
	d.toReview(state.Download, "Payments", "ledger-prod", "")
	d.Say("download")
	d.WaitFor("a second job", func(string) bool { return len(d.posts()) == 2 })
	d.Wait("restore job ")
	d.letGo()
	sum := d.leave(state.OutcomeRunning)
	if text := sum.Text(); strings.Count(text, "estore job ") != 2 {
		t.Errorf("the summary tells not of both:\n%s", text)
	}
	if want := []string{"review", "confirmed", "review", "confirmed"}; !slices.Equal(told.notes, want) {
		t.Errorf("noted %v, want %v", told.notes, want)
	}
}

// The whole briefing can be read in a small window, and enter begins from its end too.
func TestBriefingIsReadToItsEnd(t *testing.T) {
	t.Parallel()
	s := &stage{world: newScenario(t, "dropped-collection")}
	s.start(teatest.Size{W: 60, H: 15})
	s.Wait("more: ↓")
	for range 80 {
		s.Press("down")
	}
	s.Wait("15 min is")
	s.WaitGone("more: ↓")
	for range 80 {
		s.Press("up")
	}
	s.Wait("The collection that was dropped")
	s.Press("enter")
	s.Wait("which cluster's data")
	s.noPosts()
}

// deafened is a coach that cannot be heard for once after each hint.
type deafened struct {
	steps.Coach

	now atomic.Bool
}

func (d *deafened) Hint(ctx context.Context) error {
	d.now.Store(true)
	return d.Coach.Hint(ctx) //nolint:wrapcheck // it is that one's
}

func (d *deafened) Coaching(ctx context.Context, after int) (state.Coaching, error) {
	if d.now.Swap(false) {
		return state.Coaching{}, errors.New("no answer")
	}
	return d.Coach.Coaching(ctx, after) //nolint:wrapcheck // the same
}

// A hint that was taken and cannot be read is not told as the one before.
func TestHintThatCannotBeRead(t *testing.T) {
	t.Parallel()
	d := &speaker{world: newScenario(t, "dropped-collection"), interrupt: make(chan struct{})}
	d.cfg.Coach = &deafened{Coach: d.cfg.Coach}
	d.start()
	d.answer("Enter begins:", "")
	d.answer(askProject, "hint")
	d.Wait("The hint is taken, and cannot be read yet: no answer. coach says it again.")
	d.answer(askProject, "coach")
	d.Wait("A snapshot is hours old.")
	if strings.Contains(d.Output(), "none was given") {
		t.Error("it says that none was given")
	}
}
