package teatest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"atlas-restore/atlasclient/coach"
	"atlas-restore/atlasclient/simulator"
	"atlas-restore/atlasclient/simulator/control"
	"atlas-restore/atlasclient/simulator/scenario"
	"atlas-restore/state"
	"atlas-restore/teatest"
	"atlas-restore/ui/steps"
)

// newScenario is a world in which a scenario is played, with its coach behind the control
// endpoint, as train has it. Its clock stands until a test, or the trainee, moves it.
func newScenario(t *testing.T, name string) *world {
	t.Helper()
	s, err := control.Scenario(name)
	if err != nil {
		t.Fatal(err)
	}
	sim, _, err := control.Open(simulator.Options{}, &s)
	if err != nil {
		t.Fatal(err)
	}
	teatest.AtEnd(t, func() { _ = sim.Close() })
	w := newWorldOn(t, sim)
	trainer := coach.New(sim.Address()).Patient(time.Minute) // as a test is with all that a busy machine makes late
	if _, err := trainer.Hello(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.cfg.Coach, w.cfg.Zone = trainer, time.UTC
	if w.cfg.Coaching, err = trainer.Coaching(t.Context(), -1); err != nil {
		t.Fatal(err)
	}
	return w
}

// playScenario shows the wizard in a scenario.
func playScenario(t *testing.T, name string) *stage {
	t.Helper()
	s := &stage{world: newScenario(t, name)}
	s.start(normal)
	return s
}

// debrief leaves, and says what came of it.
func (s *stage) debrief(keys ...string) state.Debriefing {
	s.t.Helper()
	s.Press(keys...)
	if s.Settled(); s.Shows("This is what becomes of it") { // it asks once
		s.Press(keys[len(keys)-1])
	}
	_, _ = s.Exit()
	return s.world.debrief()
}

func (w *world) debrief() state.Debriefing {
	w.t.Helper()
	w.cfg.Coach.Note(state.NoteLeft, "")
	d, err := w.cfg.Coach.Debrief(w.t.Context(), 80)
	if err != nil {
		w.t.Fatal(err)
	}
	return d
}

// moment goes on from the snapshots to the review of a point in time.
func (s *stage) moment(at, target string) {
	s.t.Helper()
	s.toSnapshots("Payments", "orders-prod")
	s.Press("tab")
	s.Wait("› Moment")
	s.Type(at)
	s.Press("enter")
	s.toTarget("Payments", target)
}

// The dropped collection, from the page that wakes one to the debrief, in the real wizard:
// briefing, a message, a hint, time that is let pass, and what came of it.
func TestScenarioOnTheScreen(t *testing.T) {
	t.Parallel()
	s := playScenario(t, "dropped-collection")
	s.Wait("CRITICAL orders-prod: 0 documents in shop.orders")
	s.Golden("pages/80x24/briefing")
	s.Wait("dropped-collection · 14:31 UTC · 0 of 1 goal · f4 coach")
	s.Press("enter")
	s.Wait("which cluster's data")
	s.Press("f4")
	s.Wait("The collection that was dropped (medium)")
	s.Press("h")
	s.Wait("a hint (2 left)")
	s.Press("m", "m")
	s.Press("esc")
	s.Wait("which cluster's data")
	s.Wait("14:33 UTC")
	s.Press("f4") // what was said is read there
	s.Wait("There is a snapshot of 12:20.")
	s.Wait("A snapshot is hours old. What else does")
	s.Golden("pages/80x24/coach")
	s.Press("esc")
	s.moment("14:02:59", "orders-prod-restore")
	s.Wait("type: train/orders-prod-restore")
	s.AssertTarget("orders-prod-restore")
	s.Type("orders-prod-restore\r") // the name alone is that of a real cluster
	s.Wait("is not train/orders-prod-restore")
	s.noPosts()
	s.Confirm("orders-prod-restore")
	s.Wait("RUNNING")
	s.leap(10 * time.Minute)
	s.Wait("The scenario is over")
	d := s.debrief("q")
	if !d.Result.Passed || d.Result.Hints != 1 || d.Result.MinutesLost == nil || *d.Result.MinutesLost != 0 {
		t.Errorf("%+v\n%s", d.Result, d.Text)
	}
	for _, want := range []string{"PASSED", "the last second before the loss", "1 hint taken", "Keepthescore"} {
		if !strings.Contains(strings.Join(strings.Fields(d.Text), " "), want) {
			t.Errorf("the debrief lacks %q:\n%s", want, d.Text)
		}
	}
}

// Of two drops the harmful one is found on the page that asks when something was lost, from the
// logs of the embedded Atlas, and the second before it is restored.
func TestMomentIsFoundInAScenario(t *testing.T) {
	t.Parallel()
	s := playScenario(t, "two-drops")
	s.Wait("shop.stock holds 12 documents")
	s.Press("enter")
	s.Wait("which cluster's data")
	s.toWhen("shop.stock")
	s.Wait("shop.stock  ") // a row has who it was without the connection
	s.Wait("✓ read:")
	s.Wait("hotfix-console on conn")
	s.Wait("Restore to 23 Nov 13:36:47 UTC")
	s.Press("down") // the harmless one, which a low window need not show
	s.WaitFor("the other drop", func(screen string) bool { return strings.Contains(row(screen), "stock-import") })
	s.Press("up")
	s.Wait("Restore to 23 Nov 13:36:47 UTC")
	s.Press("enter")
	s.Wait("› Target project")
	s.Press("enter")
	s.toTarget("Payments", "orders-prod-restore")
	s.Wait("type: train/orders-prod-restore")
	s.AssertTarget("orders-prod-restore")
	s.Confirm("orders-prod-restore")
	s.Wait("RUNNING")
	s.leap(10 * time.Minute)
	s.Wait("The scenario is over")
	if d := s.debrief("q"); !d.Result.Passed || d.Result.Score != d.Result.Of {
		t.Errorf("%s", d.Text)
	}
}

// The same, the wrong way: the snapshot, onto the source itself, past a warning. The debrief
// tells the difference.
func TestScenarioPlayedWrong(t *testing.T) {
	t.Parallel()
	s := playScenario(t, "dropped-collection")
	s.Wait("CRITICAL")
	s.Press("enter")
	s.toReview(state.Automated, "Payments", "orders-prod", "orders-prod")
	s.unsafe()
	s.AssertTarget("orders-prod")
	s.Confirm("orders-prod")
	s.Wait("RUNNING")
	s.leap(10 * time.Minute)
	s.Wait("The scenario is over")
	d := s.debrief("q")
	if d.Result.Passed || d.Result.MinutesLost == nil || *d.Result.MinutesLost < 90 {
		t.Errorf("%+v\n%s", d.Result, d.Text)
	}
	for _, want := range []string{"NOT PASSED", "not to be overwritten: 1", "Warnings that the confirmed review had: environment, writes", "was overwritten, and what was"} {
		if !strings.Contains(strings.Join(strings.Fields(d.Text), " "), want) {
			t.Errorf("the debrief lacks %q:\n%s", want, d.Text)
		}
	}
}

// After the end of a restore another one can be begun without leaving, while a scenario is
// played; the summary tells of both.
func TestAnotherRestore(t *testing.T) {
	t.Parallel()
	s := playScenario(t, "dropped-collection")
	s.Wait("CRITICAL")
	s.Press("enter")
	s.toReview(state.Download, "Payments", "orders-prod", "")
	s.Press("tab", "enter")
	s.Wait("RUNNING")
	s.Press("n")
	s.Wait("Another restore?")
	s.Press("n")
	s.moment("14:02:59", "orders-prod-restore")
	s.AssertTarget("orders-prod-restore")
	s.Confirm("orders-prod-restore")
	s.Wait("RUNNING")
	s.leap(10 * time.Minute)
	s.Wait("COMPLETED")
	s.Wait("orders-prod: download READY") // it was followed beside this one
	s.Press("q")
	s.Wait("This is what becomes of it") // of its links
	sum := s.leave(state.OutcomeCompleted, "q")
	if text := sum.Text(); !strings.Contains(text, "Download of orders-prod (project Payments)") || strings.Count(text, "Restore job ") != 2 {
		t.Errorf("the first one is lost:\n%s", text)
	}
	if n := len(s.posts()); n != 2 {
		t.Errorf("%d restores were asked for", n)
	}
}

// Who leaves after one restore has begun another does not hear that nothing was submitted.
func TestAnotherRestoreNotBegun(t *testing.T) {
	t.Parallel()
	s := playScenario(t, "dropped-collection")
	s.Wait("CRITICAL")
	s.Press("enter")
	s.toReview(state.Download, "Payments", "orders-prod", "")
	s.Press("tab", "enter")
	s.Wait("RUNNING")
	s.Press("n")
	s.Wait("Another restore?")
	s.Press("n")
	s.Wait("which cluster's data")
	s.Press("ctrl+c")
	s.Wait("This is what becomes of it")
	s.Press("ctrl+c")
	_, _ = s.Exit()
	text := s.root.Summary().Text()
	if strings.Contains(text, "Nothing was submitted") || !strings.Contains(text, "Nothing else was submitted") {
		t.Errorf("it says\n%s", text)
	}
}

// The same keys at the same times make the same transcript and the same debrief, twice.
func TestScenarioTwice(t *testing.T) {
	t.Parallel()
	once := func() (string, string) {
		s := playScenario(t, "dropped-collection")
		var seen strings.Builder
		shot := func() { s.Settled(); seen.WriteString(port.ReplaceAllString(s.Screen(), "127.0.0.1:00000")) }
		s.Wait("CRITICAL")
		shot()
		s.Press("enter")
		s.Wait("which cluster's data")
		s.Press("f4", "h")
		s.Wait("a hint (2 left)")
		shot()
		s.Press("esc")
		s.moment("14:02:59", "orders-prod-restore")
		shot()
		s.AssertTarget("orders-prod-restore")
		s.Confirm("orders-prod-restore")
		s.Wait("RUNNING")
		s.leap(10 * time.Minute)
		s.Wait("The scenario is over")
		s.Wait("COMPLETED")
		shot()
		d := s.debrief("q")
		return seen.String(), d.Text
	}
	screens, text := once()
	again, textAgain := once()
	if screens != again {
		t.Errorf("another transcript:\n%s", cmp.Diff(screens, again))
	}
	if text != textAgain {
		t.Errorf("another debrief:\n%s\n%s", text, textAgain)
	}
}

// Line by line: the briefing, hints and news are said, and the words of the coach are no
// answers.
func TestScenarioByEar(t *testing.T) {
	t.Parallel()
	d := &speaker{world: newScenario(t, "dropped-collection"), interrupt: make(chan struct{})}
	d.start()
	d.Wait("CRITICAL orders-prod: 0 documents in shop.orders")
	d.answer("Enter begins:", "")
	d.answer(askProject, "hint")
	d.Wait("COACH: A snapshot is hours old.")
	d.answer(askProject, "forward")
	d.answer(askProject, "forward")
	d.Wait("There is a snapshot of 12:20. Is that not good enough?")
	d.toSnapshots("Payments", "orders-prod")
	d.Say("moment")
	d.answer("Restore to, enter takes moment:", "")
	d.answer(askMoment, "14:02:59")
	d.toTarget("Payments", "orders-prod-restore")
	d.AssertTarget("orders-prod-restore")
	d.Confirm("orders-prod-restore")
	d.Wait("restore job ")
	d.leap(10 * time.Minute)
	d.Wait("COMPLETED after")
	d.Say("coach")
	d.Wait("It is over. Leaving shows what came of it.")
	if !strings.Contains(d.Output(), "COACH: The scenario is over: leave, and the debrief follows.") {
		t.Errorf("the end was not said:\n%s", d.Output())
	}
	d.Say("q")
	d.leave(state.OutcomeCompleted)
	if got := d.debrief(); !got.Result.Passed || got.Result.Hints != 1 {
		t.Errorf("%+v\n%s", got.Result, got.Text)
	}
}

// A scenario that is left without a restore may be the right answer.
func TestNotToRestoreIsAnAnswer(t *testing.T) {
	t.Parallel()
	s := playScenario(t, "empty-dashboard")
	s.WaitFor("the briefing", func(screen string) bool { return strings.Contains(screen, "enter begin") })
	s.Press("enter")
	s.toSnapshots(s.lookAt())
	d := s.debrief("ctrl+c")
	if !d.Result.Passed {
		t.Errorf("%+v\n%s", d.Result, d.Text)
	}
	s.noPosts()
}

// lookAt is the cluster that the scenario is about.
func (w *world) lookAt() (project, cluster string) {
	w.t.Helper()
	s, err := scenario.Load(w.cfg.Coaching.Name)
	if err != nil {
		w.t.Fatal(err)
	}
	project, cluster, _ = strings.Cut(s.Loss.Of, "/")
	if cluster == "" {
		project, cluster = "Payments", "orders-prod"
	}
	return project, cluster
}

// What was said meanwhile stands on a line of its own until it was read: no key takes it
// away, and nothing else gives way to it.
func TestWhatWasSaidStays(t *testing.T) {
	t.Parallel()
	for _, size := range []teatest.Size{normal, narrow} {
		s := &stage{world: newScenario(t, "dropped-collection")}
		s.start(size)
		s.Wait("CRITICAL")
		s.Press("enter")
		s.Wait("which cluster's data")
		if err := s.sim.Inject(simulator.Inject{Say: &simulator.InjectMessage{Who: "Rosa", Text: "Is it back?"}}); err != nil {
			t.Fatal(err)
		}
		s.Wait("! 14:31 Rosa: Is it back?")
		s.Press("down", "up")
		s.Type("Pay")
		s.WaitFor("the row", func(screen string) bool { return strings.Contains(row(screen), "Payments") })
		if !s.Shows("Rosa: Is it back?") || !s.Shows("f4 coach") || !s.Shows("Next: the snapshots") {
			t.Errorf("it has gone, or has taken another's place:\n%s", s.Screen())
		}
		s.WithinSize()
		s.Press("f4")
		s.Wait("What was said")
		s.Press("esc")
		s.WaitGone("Rosa: Is it back?")
	}
}

// The coach is told what was read and what was passed over.
func TestCoachIsTold(t *testing.T) {
	t.Parallel()
	w := newScenario(t, "dropped-collection")
	told := &taker{Coach: w.cfg.Coach}
	w.cfg.Coach = told
	s := &stage{world: w}
	s.start(normal)
	s.Wait("CRITICAL")
	s.Press("enter")
	s.toReview(state.Automated, "Payments", "orders-prod", "orders-prod")
	if got := strings.Join(told.notes, ", "); got != "review, warning environment, warning writes, warning safety" {
		t.Errorf("on the review: %s", got)
	}
	s.AssertTarget("orders-prod")
	s.unsafe()
	s.Confirm("orders-prod")
	s.Wait("RUNNING")
	if got := strings.Join(told.notes, ", "); got != "review, warning environment, warning writes, warning safety, accepted safety, confirmed" {
		t.Errorf("afterwards: %s", got)
	}
}

// taker notes what a coach is told, and tells it.
type taker struct {
	steps.Coach
	notes []string
}

func (n *taker) Note(kind, name string) {
	n.notes = append(n.notes, strings.TrimSpace(kind+" "+name))
	n.Coach.Note(kind, name)
}
