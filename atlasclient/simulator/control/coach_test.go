package control

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"atlas-restore/atlasclient/simulator"
	"atlas-restore/atlasclient/simulator/scenario"
)

// lesson is a trainer with a scenario that is played.
type lesson struct {
	*trainer

	run *scenario.Run
}

func newLesson(t *testing.T) *lesson {
	t.Helper()
	s, err := Scenario("first-download")
	if err != nil {
		t.Fatal(err)
	}
	sim, run, err := Open(simulator.Options{}, &s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sim.Close() })
	return &lesson{&trainer{t, sim}, run}
}

// TestCoach takes a hint, is told something, gives up, and reads what came of it.
func TestCoach(t *testing.T) {
	c := newLesson(t)
	v := c.want("GET", "/control/coach", "")
	if v["name"] != "first-download" || v["hintsLeft"] != 3.0 || v["over"] != false || v["briefing"].(map[string]any)["text"] == "" {
		t.Errorf("%v", v)
	}
	if h := c.want("POST", "/control/coach/hint", `{}`); h["level"] != 1.0 || h["text"] == "" {
		t.Errorf("%v", h)
	}
	c.want("POST", "/control/inject", `{"say":{"who":"The boss","text":"How long?"}}`)
	v = c.want("POST", "/control/coach/event", `{"kind":"left"}`)
	messages := v["messages"].([]any)
	if v["hintsLeft"] != 2.0 || v["over"] != true || v["passed"] != false || messages[len(messages)-1].(map[string]any)["text"] != "How long?" {
		t.Errorf("%v", v)
	}
	if d := c.want("GET", "/control/coach/debrief", ""); d["scenario"] != "first-download" || d["hints"] != 1.0 || d["over"] != true {
		t.Errorf("%v", d)
	}
	_, content := c.send("GET", "/control/coach/debrief?as=text", "")
	if text, err := io.ReadAll(content); err != nil || !strings.Contains(string(text), "NOT PASSED") {
		t.Errorf("%s: %v", text, err)
	}
}

// TestCoachWaits holds that the answer comes when there is something new, when the time
// is over, and at once where there is something new already.
func TestCoachWaits(t *testing.T) {
	l := newLesson(t)
	c, look, told := &control{sim: l.sim, run: l.run}, make(chan time.Time), make(chan scenario.View)
	known := l.run.View().Version
	ctx, over := context.WithCancel(t.Context())
	ask := func() {
		v, _ := c.newer(ctx, known, look)
		told <- v
	}
	go ask()
	for range 2 {
		select {
		case look <- time.Time{}: // it was waiting for that
		case v := <-told:
			t.Fatalf("nothing is new: %+v", v)
		}
	}
	l.run.Hint()
	var v scenario.View
	select {
	case look <- time.Time{}:
		v = <-told
	case v = <-told: // it looked only now
	}
	if len(v.Hints) != 1 || v.Version == known {
		t.Errorf("%+v", v)
	}
	if again := l.want("GET", fmt.Sprintf("/control/coach?after=%d", known), ""); again["version"] != float64(v.Version) {
		t.Errorf("%v", again)
	}
	known = v.Version
	go ask()
	look <- time.Time{}
	over()
	if v := <-told; v.Version != known {
		t.Errorf("%+v", v)
	}
}

// TestLessonBeginsAnew holds that a reset makes the scenario new, with what had happened in it.
func TestLessonBeginsAnew(t *testing.T) {
	c := newLesson(t)
	before := c.want("GET", "/control/coach", "")
	c.want("POST", "/control/coach/hint", `{}`)
	c.want("POST", "/control/inject", `{"say":{"who":"The boss","text":"How long?"}}`)
	c.want("POST", "/control/advance", `{"by":"2h"}`)
	c.want("POST", "/control/reset", `{"seed":1}`)
	after := c.want("GET", "/control/coach", "")
	for _, part := range []string{"clock", "hintsLeft", "version", "start", "over"} {
		if after[part] != before[part] {
			t.Errorf("%s is %v, and was %v", part, after[part], before[part])
		}
	}
	if len(after["messages"].([]any)) != len(before["messages"].([]any)) {
		t.Errorf("%v", after["messages"])
	}
	c.trainee("/api/atlas/v2/groups") // the new run is the one that looks
}

func TestCoachRefuses(t *testing.T) {
	c, alone := newLesson(t).trainer, newTrainer(t)
	for _, row := range []struct {
		of                 *trainer
		method, path, body string
		status             int
		says               string
	}{
		{c, "GET", "/control/coach?after=x", "", 400, "after"},
		{c, "GET", "/control/coach/debrief?as=poem", "", 400, "json, text or both"},
		{c, "POST", "/control/coach/event", `{"kind":"hint"}`, 400, "is none of"},
		{c, "POST", "/control/coach/event", `{"kind":"left","when":"now"}`, 400, "unknown field"},
		{c, "POST", "/control/coach/hint", `{"level":3}`, 400, "unknown field"},
		{alone, "GET", "/control/coach", "", 404, "no scenario is played"},
		{alone, "GET", "/control/coach/debrief", "", 404, "no scenario is played"},
		{alone, "POST", "/control/coach/hint", `{}`, 404, "no scenario is played"},
		{alone, "POST", "/control/coach/event", `{"kind":"left"}`, 404, "no scenario is played"},
	} {
		status, out := row.of.ask(row.method, row.path, row.body)
		if detail, _ := out["detail"].(string); status != row.status || !strings.Contains(detail, row.says) {
			t.Errorf("%s %s %s: %d %v", row.method, row.path, row.body, status, out)
		}
	}
	if v := c.want("GET", "/control/coach", ""); v["hintsLeft"] != 3.0 || v["over"] != false {
		t.Errorf("something was done: %v", v)
	}
}

func TestScenarioIsFound(t *testing.T) {
	for name, says := range map[string]string{"nonsense": "no scenario", "./nonsense.yaml": "nonsense.yaml"} {
		if _, err := Scenario(name); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestInstructorFollows sees on the screen how a scenario goes on.
func TestInstructorFollows(t *testing.T) {
	c := newLesson(t)
	shown, screen := io.Pipe()
	i := &instructor{sim: c.sim, coach: &control{sim: c.sim, run: c.run}, screen: screen, names: map[string]string{}}
	ctx, stop := context.WithCancel(t.Context())
	over := make(chan struct{})
	go func() {
		defer close(over)
		i.follow(ctx)
	}()
	t.Cleanup(func() {
		stop()
		_ = shown.Close()
		<-over
	})
	lines := bufio.NewScanner(shown)
	want := func(pattern string) {
		t.Helper()
		for lines.Scan() {
			if regexp.MustCompile(pattern).MatchString(lines.Text()) {
				return
			}
		}
		t.Errorf("no line like %s", pattern)
	}
	want(`^\* The scenario is: .`)
	c.run.Hint()
	want(`^\* The trainee takes hint 1 of 3: .`)
	c.want("POST", "/control/inject", `{"say":{"who":"The boss","text":"How long?\u001b[2J"}}`)
	want(`^\* \d\d:\d\d:\d\d  The boss: How long\?·\[2J$`)
	if err := c.run.Note(scenario.Event{Kind: scenario.Left}); err != nil {
		t.Fatal(err)
	}
	want(`^\* It is over: not passed\.`)
	go i.obey(strings.NewReader("debrief\n"))
	want(`NOT PASSED$`)
	want(`^Goals$`)
}

// TestEachThingIsToldOnce tells of two views, of which the second has more.
func TestEachThingIsToldOnce(t *testing.T) {
	var screen strings.Builder
	i := &instructor{screen: &screen}
	at := start
	p := progress{reached: map[string]bool{}, broken: map[string]bool{}}
	v := scenario.View{
		Version:   1,
		Goals:     []scenario.Standing{{ID: "one", Text: "The first.", Met: true, At: &at}, {ID: "two", Text: "The second."}},
		Forbidden: []scenario.Standing{{ID: "not", Text: "The third."}},
	}
	i.tell(&p, v)
	v.Version, v.Over, v.Passed = 2, true, true
	v.Goals[1].Met, v.Goals[1].At, v.Forbidden[0].Met, v.Forbidden[0].At = true, &at, true, &at
	i.tell(&p, v)
	const want = "* 14:31:00  Goal: The first.\n* 14:31:00  Goal: The second.\n* 14:31:00  Forbidden: The third.\n" +
		"* It is over: passed. GET /control/coach/debrief?as=text says why.\n"
	if screen.String() != want {
		t.Errorf("%s", screen.String())
	}
}
