package control

import (
	"context"
	"time"

	"atlas-restore/atlasclient/simulator/scenario"
)

// progress is how far the instructor has been told of a run.
type progress struct {
	run             *scenario.Run
	version         int
	messages, hints int
	reached, broken map[string]bool
	over            bool
}

// follow tells how the scenario goes on, until the context ends.
func (i *instructor) follow(ctx context.Context) {
	look := time.NewTicker(coachLooks)
	defer look.Stop()
	var p progress
	for {
		if run, err := i.coach.playing(); err == nil {
			if run != p.run {
				p = progress{run: run, reached: map[string]bool{}, broken: map[string]bool{}}
				i.say("* The scenario is: %s", run.Scenario().Title)
			}
			if v := run.View(); v.Version != p.version {
				i.tell(&p, v)
			}
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			return
		}
	}
}

// tell says what is new in a view.
func (i *instructor) tell(p *progress, v scenario.View) {
	p.version = v.Version
	for _, m := range v.Messages[p.messages:] {
		i.say("* %s  %s: %s", hour(m.At), m.Who, m.Text)
	}
	p.messages = len(v.Messages)
	for ; p.hints < len(v.Hints); p.hints++ {
		i.say("* The trainee takes hint %d of %d: %s", p.hints+1, len(v.Hints)+v.HintsLeft, v.Hints[p.hints])
	}
	for _, part := range []struct {
		all  []scenario.Standing
		told map[string]bool
		word string
	}{{v.Goals, p.reached, "Goal"}, {v.Forbidden, p.broken, "Forbidden"}} {
		for _, s := range part.all {
			if s.Met && !part.told[s.ID] {
				part.told[s.ID] = true
				i.say("* %s  %s: %s", hour(*s.At), part.word, s.Text)
			}
		}
	}
	if v.Over && !p.over {
		p.over = true
		outcome := "not passed"
		if v.Passed {
			outcome = "passed"
		}
		i.say("* It is over: %s. GET %s/coach/debrief?as=text says why.", outcome, Path)
	}
}

// hour is a simulated time of the day.
func hour(t time.Time) string { return t.UTC().Format("15:04:05") }
