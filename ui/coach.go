package ui

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"atlas-restore/state"
	"atlas-restore/ui/steps"
)

// coached is what is heard of the coach of a training scenario. Without one nothing of it
// is ever seen, and no timer runs.
type coached struct {
	now  state.Coaching
	news string // what was said last, until it was read
	// brief says that the news are no words of anybody: they go with the next step, as the header
	// counts the goals and f4 names them.
	brief bool
	// failed is what the coach could not do, said over what it says until the next key.
	failed string
}

// coachMsg is how the scenario stands now.
type (
	coachMsg struct {
		coaching state.Coaching
		err      error
	}
	// coachAskedMsg says what came of a hint or of time that was to pass.
	coachAskedMsg struct{ err error }
)

// listen waits for news of the scenario.
func (r *Root) listen() tea.Cmd {
	coach, ctx, after := r.run.Cfg.Coach, r.ctx, r.coach.now.Version
	if coach == nil {
		return nil
	}
	return func() tea.Msg {
		c, err := coach.Coaching(ctx, after)
		return coachMsg{c, err}
	}
}

// hearCoach takes news of the scenario.
func (r *Root) hearCoach(msg coachMsg) tea.Cmd {
	switch {
	case errors.Is(msg.err, context.Canceled):
		return nil
	case msg.err != nil:
		r.told = fmt.Sprintf("The coach cannot be heard any more: %v.", msg.err)
		r.coach.failed = r.told
		return nil
	}
	if news := steps.CoachNews(r.coach.now, msg.coaching); news != "" && !r.help.coach {
		r.coach.news = news
		r.coach.brief = !msg.coaching.Over && len(msg.coaching.Messages) == len(r.coach.now.Messages)
	}
	r.coach.now = msg.coaching
	return r.listen()
}

// stepped takes a key: news that are no words of anybody go with one that makes a step.
func (c *coached) stepped(k tea.KeyPressMsg) {
	if c.brief && (keyChoose().has(k) || keyBack().has(k)) {
		c.news = ""
	}
}

// keyCoach shows what the coach has to say.
func keyCoach() action { return act("f4", "the coach", "f4") }

// coachKey are the keys over what the coach says; taken is false for those that close it.
func (r *Root) coachKey(k tea.KeyPressMsg) (taken bool, cmd tea.Cmd) {
	coach, ctx := r.run.Cfg.Coach, r.ctx
	r.coach.failed = ""
	ask := func(what func(context.Context) error) tea.Cmd {
		return func() tea.Msg {
			return coachAskedMsg{what(ctx)} // what has come of it is heard by listen
		}
	}
	r.help.at = 0 // what comes of it stands on top
	switch k.String() {
	case "h":
		if r.coach.now.HintsLeft == 0 || r.coach.now.Over {
			return true, nil
		}
		return true, ask(coach.Hint)
	case "m":
		return true, ask(func(ctx context.Context) error { return coach.Forward(ctx, time.Minute) })
	case "t":
		return true, ask(func(ctx context.Context) error { return coach.Forward(ctx, 10*time.Minute) })
	}
	return false, nil
}

// coachHelpKeys are those of coachKey.
func (r *Root) coachHelpKeys() []action {
	var keys []action
	if n := r.coach.now.HintsLeft; n > 0 && !r.coach.now.Over {
		keys = append(keys, act("h", fmt.Sprintf("a hint (%d left)", n), "h"))
	}
	return append(keys, act("m", "let a minute pass", "m"), act("t", "ten", "t"))
}

// coachHeader is what stands in the header in the place of who is signed in: as much of it
// as has room, the key last of all to go.
func (r *Root) coachHeader(room int) string {
	between := " " + r.s.marks.between + " "
	name, clock, goals := steps.CoachLine(r.coach.now, r.run.Cfg.Instant())
	key := keyCoach().shown + " coach"
	for _, parts := range [][]string{{name, clock, goals, key}, {clock, goals, key}, {clock, key}} {
		if text := strings.Join(parts, between); ansi.StringWidth(text) <= room {
			return text
		}
	}
	return key
}

// coachNews is what the coach has said last, on a line of its own until it was read.
func (r *Root) coachNews(w int) string {
	return r.s.caution.Render(ansi.Truncate(r.s.marks.warn+" "+r.coach.news+" ("+keyCoach().shown+")", w, r.s.marks.more))
}
