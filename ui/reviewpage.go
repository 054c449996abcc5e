package ui

import (
	"context"
	"fmt"
	"strings"
	"time"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"atlas-restore/state"
	"atlas-restore/ui/steps"
)

// reviewPage says what will happen to what, shows the request, and takes the
// confirmation. It submits nothing itself: it hands what was typed to the root,
// which checks it against the plan once more.
type reviewPage struct {
	plan   state.Plan
	called func() state.Called // the target
	run    *steps.Session      // read only: what it says of the plan
	stop   func() *state.Check // that stands in the way; nil for none
	safe   func() bool         // a snapshot of the target can be taken first
	due    func() bool         // it is chosen, and what comes next
	body   state.Request
	typed  textinput.Model // overwrites: the target's name
	yes    bool            // download: "Request the download" rather than "Not yet"
	told   said
	shown  bool              // it has been on the screen: keys may confirm
	look   load[state.Facts] // for the checks
	gather func(context.Context) state.Facts
	sent   load[steps.Submitted]
	lost   *state.Problem            // the answer is unknown
	so     string                    // what was submitted so far
	no     func(error) state.Problem // what is said of a refusal
	refuse *state.Problem            // Atlas said no
	scroll int                       // blocks above the first one that is shown
	page   int                       // blocks that are shown whole
	cursor *tea.Cursor
	// unproven is when the source was last proven, where the picture has no room for it.
	unproven string
	more     bool // lines below the last View
}

// gathered and accepts are what the page has to say to the root beside the confirmation.
type (
	gathered struct{ facts state.Facts }
	accepts  struct{ name string }
)

func newReviewPage(run *steps.Session) *reviewPage {
	plan := run.Plan
	safe := func() bool {
		_, can := run.CanBeSafe()
		return can && !run.IsSafe()
	}
	in := newInput()
	in.Focus()
	body, _ := plan.Request() // complete, or the root would not have come here
	called := func() state.Called { return run.Cfg.Names.CalledTarget(plan.Target) }
	return &reviewPage{plan: plan, called: called, run: run, stop: run.InTheWay, safe: safe, due: run.SafetyFirst, so: run.SoFar(), no: run.Refused, gather: run.Gather(), body: body, typed: in, lost: run.Doubt()}
}

// reviewShownMsg follows a new review by a frame or two. What was typed before, ahead of
// the page or in one burst with the key that led here, confirms nothing: nobody can have
// read what has only just come.
type reviewShownMsg struct{ page *reviewPage }

// Init implements page. A confirmation belongs to one sight of the plan: whoever
// comes back types it anew.
func (p *reviewPage) Init(ctx context.Context) tea.Cmd { return p.check(ctx, p.gather) }

// check makes the checks. What they say is new to whoever reads: until it was to be seen,
// no key confirms.
func (p *reviewPage) check(ctx context.Context, gather func(context.Context) state.Facts) tea.Cmd {
	if gather == nil {
		return p.show()
	}
	p.shown = false
	return p.look.start(ctx, "Checking the plan", func(ctx context.Context) (state.Facts, error) { return gather(ctx), nil })
}

func (p *reviewPage) show() tea.Cmd {
	return tea.Tick(untilShown, func(time.Time) tea.Msg { return reviewShownMsg{p} })
}

// anew has what is asked read before a key confirms: it is another question than before.
func (p *reviewPage) anew() tea.Cmd {
	p.shown = false
	return p.show()
}

// checked takes the checks that the session has made.
func (p *reviewPage) checked(all []state.Check) tea.Cmd {
	if state.Awaited(all) != nil {
		return nil
	}
	return p.show()
}

// hinders says what keeps the plan from being confirmed.
func (p *reviewPage) hinders(h state.Problem) {
	p.typed.SetValue("")
	p.told = said{h.Text(), true}
}

// send shows that ask is under way, once.
func (p *reviewPage) send(ctx context.Context, ask func(context.Context) steps.Submitted) tea.Cmd {
	p.told, p.refuse, p.scroll = said{}, nil, 0
	p.sent.says = p.run.UnderWay
	return p.sent.start(ctx, p.run.UnderWay(), func(ctx context.Context) (steps.Submitted, error) {
		// A part has the page drawn anew: it says what is under way by itself.
		ctx = state.WithPart(ctx, func(steps.Phase) { state.ReportPart(ctx, steps.Submitted{}) })
		return ask(ctx), nil
	})
}

// refused shows Atlas's no. What was typed is gone: the next try is a new confirmation.
func (p *reviewPage) refused(err error) {
	pr := p.no(err)
	p.refuse = &pr
	p.again()
}

func (p *reviewPage) again() {
	p.typed.SetValue("")
	p.yes, p.told, p.scroll = false, said{}, 0
}

// Update implements page.
func (p *reviewPage) Update(msg tea.Msg) (result, tea.Cmd) {
	if done, cmd := p.sent.take(msg); done && !p.sent.busy {
		return p.sent.value, nil
	} else if done {
		return nil, cmd
	} else if cmd != nil {
		return nil, cmd
	}
	if done, cmd := p.look.take(msg); done {
		return gathered{p.look.value}, cmd
	} else if cmd != nil {
		return nil, cmd
	}
	switch msg := msg.(type) {
	case reviewShownMsg:
		p.shown = p.shown || msg.page == p
	case tea.KeyPressMsg:
		return p.key(msg)
	case tea.PasteMsg:
		if !p.shown {
			p.told = typedAhead()
			return nil, nil
		}
		if p.sent.busy || p.blocked() || !p.body.DeliveryType.HasTarget() {
			return nil, nil
		}
		// A newline in a paste neither submits nor spoils the name.
		msg.Content = strings.TrimSpace(strings.NewReplacer("\r", "", "\n", "").Replace(msg.Content))
		return nil, p.edit(msg)
	}
	return nil, nil
}

func (p *reviewPage) key(k tea.KeyPressMsg) (result, tea.Cmd) {
	switch {
	case keyBack().has(k):
		return back{}, nil
	case keyReload().has(k) && (p.shown || p.look.busy): // which may hang
		return other{(*steps.Session).Recheck}, nil
	case k.String() == "f3" && p.safe():
		return other{(*steps.Session).Safe}, nil
	case keySave().has(k) && p.shown:
		return saves{}, nil
	case p.line(k) != nil:
		step := p.line(k).Step
		return other{func(s *steps.Session) { s.Edit(step) }}, nil
	case !p.shown:
		p.told = typedAhead()
		return nil, nil
	case k.String() == "ctrl+x" && p.due():
		p.again()
		return accepts{state.SafetyCheck}, nil
	case k.String() == "pgdown":
		if p.more {
			p.scroll += max(1, p.page)
		}
		return nil, nil
	case k.String() == "pgup":
		p.scroll = max(0, p.scroll-max(1, p.page))
		return nil, nil
	case keyChoose().has(k):
		return p.enter(), nil
	case !p.body.DeliveryType.HasTarget():
		switch k.String() {
		case "tab", "right", "down":
			p.yes = true
		case "shift+tab", "left", "up":
			p.yes = false
		}
		p.told = said{}
		return nil, nil
	}
	if p.blocked() {
		return nil, nil // nothing typed would count
	}
	return nil, p.edit(k)
}

// blocked says whether nothing that is typed could submit the plan: a check is a BLOCK.
func (p *reviewPage) blocked() bool {
	c := p.stop()
	return c != nil && c.Verdict == state.Block
}

// line is the line of the plan that a key changes; nil for other keys.
func (p *reviewPage) line(k tea.KeyPressMsg) *steps.Line {
	for _, l := range steps.Lines(p.plan) {
		if k.String() == l.Key {
			return &l
		}
	}
	return nil
}

func typedAhead() said {
	return said{"What was typed before this page was to be read does not count: read it, then type.", true}
}

func (p *reviewPage) edit(msg tea.Msg) (cmd tea.Cmd) {
	p.told = said{}
	p.typed, cmd = p.typed.Update(msg)
	return cmd
}

func (p *reviewPage) enter() result {
	if !p.body.DeliveryType.HasTarget() {
		if p.yes {
			return confirmed{string(state.Download)}
		}
		p.told = said{"Nothing is requested yet: tab moves to " + requestButton + ".", true}
		return nil
	}
	typed := p.typed.Value()
	switch {
	case p.plan.Confirms(typed):
		return confirmed{typed}
	case steps.Accepted(typed) != "":
		p.typed.SetValue("")
		return accepts{steps.Accepted(typed)}
	case typed == "" && p.due():
		return other{(*steps.Session).Safe}
	case typed == "" && p.stop() != nil:
		p.told = said{"Nothing is submitted while that stands in the way.", true}
	case typed == "":
		p.told = said{fmt.Sprintf("Nothing is submitted before %s is typed.", p.plan.Phrase()), true}
	default: // the next try begins anew: what is wrong must not hide in its middle
		p.typed.SetValue("")
		p.told = said{fmt.Sprintf("%q is not %s. Nothing was submitted; type it again.", typed, p.plan.Phrase()), true}
	}
	return nil
}

const requestButton = "Request the download"

// wayOut is the key of the line of the plan that a check is about, or that which saves the plan.
func (p *reviewPage) wayOut(c state.Check) string {
	if c.WantsPlan() {
		return keySave().shown + " saves the plan."
	}
	if l, ok := steps.LineOf(p.plan, c.Name); ok {
		return l.Key + " changes the " + l.Word + "."
	}
	return ""
}

// footHeight is that of the foot while it asks.
func (p *reviewPage) footHeight() int {
	if p.body.DeliveryType.HasTarget() {
		return 3
	}
	return 2
}

// Cursor implements page.
func (p *reviewPage) Cursor() *tea.Cursor { return p.cursor }

// Meaning implements page.
func (p *reviewPage) Meaning() said {
	switch {
	case p.told.text != "":
		return p.told
	case p.sent.busy:
		return said{text: "The request is sent once and never repeated by itself."}
	case !p.shown:
		return said{}
	case p.lost != nil:
		return said{"A request was sent before and may have been taken. Confirming again may start a second job.", true}
	case !p.body.DeliveryType.HasTarget() && !p.blocked():
		return said{text: p.so}
	case p.blocked():
		return said{text: strings.TrimSuffix(p.so, ".") + ", and nothing can be as long as a BLOCK is there. ctrl+r checks again."}
	case p.due():
		return said{text: p.so + " Without a snapshot of it, " + p.plan.Target.ClusterName + " as it is now cannot be restored later."}
	case p.stop() != nil:
		return said{text: p.so + " With that you say that you have read it. Then you are asked to confirm."}
	case p.plan.Confirms(p.typed.Value()) && !p.plan.Erases():
		return said{text: "Enter now starts the restore, which cannot be cancelled. Nothing is erased."}
	case p.plan.Confirms(p.typed.Value()) && p.plan.Delivery == state.Collections:
		return said{"Enter now drops " + steps.ChosenTargets(p.plan.Only, 3) + " from " + p.plan.Target.ClusterName + " and starts the restore, which cannot be cancelled.", true}
	case p.plan.Confirms(p.typed.Value()):
		return said{"Enter now erases " + p.plan.Target.ClusterName + " and starts the restore, which cannot be cancelled.", true}
	}
	what := "the exact name"
	switch {
	case !p.plan.Erases():
		what = "the word"
	case p.plan.Practice:
		return said{text: p.so + " " + steps.WhyTrain + " Once that is typed, enter starts the restore."}
	case p.plan.OntoItself():
		what = "exactly that"
	}
	return said{text: p.so + " Type " + what + ", then enter: that starts the restore, which cannot be cancelled."}
}

// Keys implements page.
func (p *reviewPage) Keys() []action {
	if p.sent.busy {
		return []action{act("", "").any().not("Atlas's answer is awaited; nothing else can be done before it comes.").aside()}
	}
	var keys []action
	switch {
	case !p.body.DeliveryType.HasTarget() && (!p.shown || !p.blocked()):
		keys = append(keys, act("tab", "move", "tab", "shift+tab", "right", "left", "down", "up").moving(), act("enter", "choose", "enter"))
	case p.shown && p.due():
		keys = append(keys, act("enter", "snapshot first", "enter"), act("ctrl+x", "without it", "ctrl+x"))
	case p.shown && p.blocked():
		keys = append(keys, act("ctrl+r", "check again", "ctrl+r"), act("enter", "confirm", "enter").aside())
	default:
		keys = append(keys, act("enter", "confirm", "enter"))
	}
	if p.more {
		keys = append([]action{act("pgdn", "read on", "pgdown").moving()}, keys...)
	}
	keys = append(keys, act("pgup", "read back", "pgup").moving().aside())
	switch {
	case !p.safe() || p.due():
	case p.run.SafetyIsOpen():
		keys = append(keys, act("f3", "see the snapshot", "f3"))
	default:
		keys = append(keys, act("f3", "snapshot first", "f3"))
	}
	keys = append(keys, keyBack())
	if !p.shown || !p.blocked() {
		keys = append(keys, act("ctrl+r", "check again", "ctrl+r").aside())
	}
	keys = append(keys, keySave().aside())
	for _, l := range steps.Lines(p.plan) {
		keys = append(keys, act(l.Key, "change the "+l.Word, l.Key).aside())
	}
	return keys
}

// Writes implements page.
func (p *reviewPage) Writes() bool {
	return !p.sent.busy && !p.blocked() && p.body.DeliveryType.HasTarget()
}
