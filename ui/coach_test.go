package ui

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"atlas-restore/state"
	"atlas-restore/ui/steps"
)

// asked is a coach that notes what it is asked for, and refuses it if told to.
type asked struct {
	steps.Coach
	did    []string
	refuse error
}

func (a *asked) Hint(context.Context) error {
	a.did = append(a.did, "hint")
	return a.refuse
}

func (a *asked) Forward(_ context.Context, by time.Duration) error {
	a.did = append(a.did, by.String())
	return a.refuse
}

func (a *asked) Coaching(context.Context, int) (state.Coaching, error) {
	return state.Coaching{}, errors.New("gone")
}

// coachOpen is a wizard in a scenario, with what the coach says open.
func coachOpen(t *testing.T, a *asked, c state.Coaching) *Root {
	t.Helper()
	r := New(t.Context(), steps.Config{Atlas: fixedAtlas{}, Mode: steps.Training, Coach: a, Coaching: c, Now: func() time.Time { return benchNow }, Zone: time.UTC})
	r.enter()
	r.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	r.Update(tea.KeyPressMsg{Code: tea.KeyF4})
	return r
}

func (r *Root) pressed(key string) tea.Cmd {
	_, cmd := r.Update(tea.KeyPressMsg{Code: []rune(key)[0], Text: key})
	return cmd
}

// The keys of the coach ask for what they say, once each; what comes of it starts nothing
// that goes on. A hint is asked for only where there is one.
func TestCoachKeys(t *testing.T) {
	a := &asked{}
	r := coachOpen(t, a, state.Coaching{HintsLeft: 1})
	for _, key := range []string{"h", "m", "t"} {
		cmd := r.pressed(key)
		if cmd == nil {
			t.Fatalf("%s does nothing", key)
		}
		if _, more := r.Update(cmd()); more != nil {
			t.Errorf("%s starts something that is not asked for", key)
		}
	}
	if want := []string{"hint", "1m0s", "10m0s"}; !slices.Equal(a.did, want) {
		t.Errorf("asked for %v, want %v", a.did, want)
	}
	if cmd := coachOpen(t, a, state.Coaching{}).pressed("h"); cmd != nil {
		t.Error("a hint is asked for that does not exist")
	}
}

// A refusal is told as one; the coach is heard all the same.
func TestCoachRefuses(t *testing.T) {
	r := coachOpen(t, &asked{refuse: errors.New("not now")}, state.Coaching{HintsLeft: 1})
	r.Update(r.pressed("h")())
	if screen := r.View().Content; !strings.Contains(screen, "The coach has not done that: not now.") || strings.Contains(screen, "cannot be heard") {
		t.Errorf("it shows\n%s", screen)
	}
	r.pressed("x") // any other key
	if screen := r.View().Content; strings.Contains(screen, "not now") {
		t.Errorf("it still shows\n%s", screen)
	}
}

// A coach that fails is told of, is not asked again and again, and changes nothing of what
// was heard.
func TestCoachFails(t *testing.T) {
	r := coachOpen(t, &asked{}, state.Coaching{Name: "lost-answer", Version: 3, HintsLeft: 1})
	_, more := r.Update(r.listen()())
	if more != nil || !strings.Contains(r.told, "The coach cannot be heard any more: gone.") || r.coach.now.Name != "lost-answer" {
		t.Errorf("told %q, %+v, goes on: %v", r.told, r.coach.now, more != nil)
	}
}

// What is said stands on a line of its own until it was read; the header gives way part by
// part, and the key of the coach last.
func TestCoachHeader(t *testing.T) {
	r := coachOpen(t, &asked{}, state.Coaching{Name: "lost-answer", Goals: []state.Goal{{}}})
	r.help = helpPage{}
	r.run.Briefed()
	r.Update(coachMsg{coaching: state.Coaching{Name: "lost-answer", Goals: []state.Goal{{}}, Messages: []state.Message{{Who: "Rosa", Text: "Well?"}}}})
	if !strings.Contains(r.coachNews(60), "Rosa: Well?") {
		t.Errorf("nothing is said: %q", r.coachNews(60))
	}
	for room, want := range map[int][]string{80: {"lost-answer", "UTC", "0 of 1 goal", "f4 coach"}, 40: {"UTC", "0 of 1 goal", "f4 coach"}, 24: {"UTC", "f4 coach"}, 10: {"f4 coach"}} {
		got := r.coachHeader(room)
		for _, part := range want {
			if !strings.Contains(got, part) {
				t.Errorf("in %d cells %q lacks %q", room, got, part)
			}
		}
	}
	if r.key(tea.KeyPressMsg{Code: tea.KeyF4}); r.coach.news != "" {
		t.Errorf("read, and still said: %q", r.coach.news)
	}
}

// That a goal is met is said until the next step; what somebody says stays until it was read.
func TestCoachNewsOfGoalsAreBrief(t *testing.T) {
	met := state.Coaching{Goals: []state.Goal{{Text: "It is back.", Met: true}}}
	said := met
	said.Messages = []state.Message{{Who: "Rosa", Text: "Well?"}}
	for name, c := range map[string]state.Coaching{"": met, "Rosa: Well?": said} {
		r := coachOpen(t, &asked{}, state.Coaching{Goals: []state.Goal{{Text: "It is back."}}})
		r.help = helpPage{}
		r.run.Briefed()
		r.Update(coachMsg{coaching: c})
		if r.coach.stepped(tea.KeyPressMsg{Code: 'x', Text: "x"}); !strings.Contains(r.coach.news, "Goal met: It is back.") {
			t.Errorf("gone while somebody types: %q", r.coach.news)
		}
		r.coach.stepped(tea.KeyPressMsg{Code: tea.KeyEnter})
		if (r.coach.news != "") != (name != "") || !strings.Contains(r.coach.news, name) {
			t.Errorf("after a step it says %q", r.coach.news)
		}
	}
}
