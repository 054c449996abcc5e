package lines

import (
	"context"
	"strings"
	"time"

	"atlas-restore/state"
	"atlas-restore/ui/steps"
)

const (
	coachWaits = 2 * time.Second  // how long the coach is waited for before a question
	askedWaits = 20 * time.Second // and for what somebody asks of it: a hint has its price
)

// briefing says what has happened, and begins.
func (f *face) briefing() error {
	f.sayCoach()
	if f.attended {
		f.say("hint gives a hint, coach says all this again, forward lets a minute pass; at any question.")
		typed, err := f.ask("The clock runs. Enter begins:")
		if err != nil {
			return err
		}
		switch command(strings.TrimSpace(typed)) {
		case "q":
			return ErrLeft
		case "?":
			return nil // it is said again
		}
	}
	f.run.Briefed()
	return nil
}

func (f *face) sayCoach() {
	for _, part := range steps.CoachParts(f.coaching, f.run.Cfg.Now()) {
		f.say(part.Title)
		for _, text := range part.Texts {
			f.say(text)
		}
	}
}

// hear says what is new of the scenario, if one is played.
func (f *face) hear() {
	if f.run.Cfg.Coach != nil {
		ctx, cancel := context.WithTimeout(f.ctx, coachWaits)
		defer cancel()
		_ = f.listened(ctx) // the next question tries again
	}
}

func (f *face) listened(ctx context.Context) error {
	c, err := f.run.Cfg.Coach.Coaching(ctx, -1)
	if err != nil {
		return err //nolint:wrapcheck // it says of what it is
	}
	if news := steps.CoachNews(f.coaching, c); news != "" {
		f.say("COACH: " + news)
	}
	f.coaching = c
	return nil
}

// coached obeys the words that mean the same at every question of a scenario.
func (f *face) coached(line string) bool {
	coach := f.run.Cfg.Coach
	if coach == nil {
		return false
	}
	ctx, cancel := context.WithTimeout(f.ctx, askedWaits)
	defer cancel()
	switch strings.TrimSpace(line) {
	case "coach":
		_ = f.listened(ctx) // else what was heard before is said again
		f.sayCoach()
	case "hint":
		if f.coaching.HintsLeft == 0 {
			f.say("COACH: there are no more hints. The last one: " + last(f.coaching.Hints))
			return true
		}
		if err := coach.Hint(ctx); err != nil {
			f.say(sentence(err))
			return true
		}
		if err := f.listened(ctx); err != nil { // the last one that was heard is another
			f.say("The hint is taken, and cannot be read yet: " + sentence(err) + " coach says it again.")
			return true
		}
		f.say("COACH: " + last(f.coaching.Hints))
	case "forward":
		if err := coach.Forward(ctx, time.Minute); err != nil {
			f.say(sentence(err))
			return true
		}
		f.say("It is now " + state.UTCSecond(f.run.Cfg.Now(), f.run.Cfg.Now()) + ".")
		_ = f.listened(ctx) // the next question tries again
	default:
		return false
	}
	return true
}

func last(texts []string) string {
	if len(texts) == 0 {
		return "none was given."
	}
	return strings.Join(strings.Fields(texts[len(texts)-1]), " ")
}
