package steps

import (
	"context"
	"fmt"
	"strings"
	"time"

	"atlas-restore/state"
)

// Coach watches a training scenario: it tells the trainee how that stands, and is told what
// the trainee does. Nothing of it is in the way of the pages themselves.
type Coach interface {
	// Coaching waits for something newer than a version, or some while.
	Coaching(ctx context.Context, after int) (state.Coaching, error)
	Hint(ctx context.Context) error
	// Forward lets simulated time pass at once.
	Forward(ctx context.Context, by time.Duration) error
	// Note returns at once; one of the state.Note… kinds, with the name of a check.
	Note(kind, name string)
	Debrief(ctx context.Context, width int) (state.Debriefing, error)
}

// StepBriefing is the step before all others of a scenario: what has happened.
const StepBriefing state.Step = -3

// Briefed goes on from the briefing.
func (s *Session) Briefed() {
	s.Cfg.Briefed = true
	s.path = append(s.path, s.first())
}

// note tells the coach, if there is one.
func (s *Session) note(kind, name string) {
	if s.Cfg.Coach != nil {
		s.Cfg.Coach.Note(kind, name)
	}
}

// noteReview tells the coach what the review says, once for each sight of it.
func (s *Session) noteReview() {
	if state.Awaited(s.checks) != nil {
		return
	}
	s.note(state.NoteReview, "")
	if s.replay != nil && s.facts.Approval.By != "" {
		s.note(state.NoteApproved, "")
	}
	for _, c := range s.checks {
		switch c.Verdict {
		case state.Warn:
			s.note(state.NoteWarning, c.Name)
		case state.Block:
			s.note(state.NoteBlocked, c.Name)
		default: // nothing that one would have to heed
		}
	}
}

// CoachLine is how a scenario stands, for the header.
func CoachLine(c state.Coaching, now time.Time) (name, clock, goals string) {
	met, all := c.Needed()
	goals = fmt.Sprintf("%d of %s", met, state.Count(all, "goal"))
	if c.Over {
		goals = "over"
	}
	return c.Name, now.UTC().Format("15:04") + " UTC", goals
}

// Part is a titled part of what the coach says; each text is a paragraph or an item.
type Part struct {
	Title string
	Texts []string
}

// CoachParts are all that the coach has to say: what is new first, and the briefing last;
// before the begin there is nothing new.
func CoachParts(c state.Coaching, now time.Time) []Part {
	b := c.Briefing
	briefing := []string{"From " + b.From + ", " + state.UTC(b.At, now) + ":"}
	briefing = append(briefing, joined(b.Text)...)
	if b.Known != "" {
		briefing = append(briefing, "Known:")
		briefing = append(briefing, joined(b.Known)...)
	}
	var parts []Part
	if len(c.Messages) > 0 {
		var texts []string
		for _, m := range c.Messages {
			texts = append(texts, MessageLine(m))
		}
		parts = append(parts, Part{"What was said", texts})
	}
	var goals []string
	for _, g := range c.Goals {
		lead := "open"
		switch {
		case g.Met:
			lead = "met"
		case g.Optional:
			lead = "open, not needed"
		}
		goals = append(goals, fmt.Sprintf("%s (%s)", strings.TrimRight(g.Text, "."), lead))
	}
	if len(c.Hints) > 0 {
		parts = append(parts, Part{"Hints", flat(c.Hints)})
	}
	spent := now.Sub(c.Start)
	standing := fmt.Sprintf("It is %s, %s after the start; %s is enough.", state.UTCSecond(now, now), state.Exactly(spent), state.Age(c.Par))
	if c.Over {
		standing = "It is over. Leaving shows what came of it."
	}
	about := Part{c.Title + " (" + c.Difficulty + ")", briefing}
	rest := []Part{{"Goals", goals}, {"Clock", []string{standing}}}
	if len(parts) == 0 {
		return append([]Part{about}, rest...)
	}
	return append(append(parts, rest...), about)
}

// MessageLine is what somebody has said, with when and who.
func MessageLine(m state.Message) string {
	return m.At.UTC().Format("15:04") + " " + m.Who + ": " + m.Text
}

// joined are the paragraphs of a text, which blank lines set apart.
func joined(text string) []string {
	var out []string
	for p := range strings.SplitSeq(text, "\n\n") {
		if p = strings.Join(strings.Fields(p), " "); p != "" {
			out = append(out, p)
		}
	}
	return out
}

func flat(texts []string) []string {
	var out []string
	for _, t := range texts {
		out = append(out, strings.Join(strings.Fields(t), " "))
	}
	return out
}

// CoachNews is what is new in how a scenario stands, in a few words; empty for nothing.
func CoachNews(before, now state.Coaching) string {
	var out []string
	if now.Over && !before.Over {
		out = append(out, "The scenario is over: leave, and the debrief follows.")
	}
	for _, m := range now.Messages[min(len(before.Messages), len(now.Messages)):] {
		out = append(out, MessageLine(m))
	}
	for i, g := range now.Goals {
		if g.Met && (i >= len(before.Goals) || !before.Goals[i].Met) {
			out = append(out, "Goal met: "+strings.TrimRight(g.Text, ".")+".")
		}
	}
	return strings.Join(out, " ")
}
