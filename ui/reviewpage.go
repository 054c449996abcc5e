package ui

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"atlas-restore/state"
	"atlas-restore/ui/steps"
)

// reviewPage says what will happen to what, shows the request, and takes the
// confirmation. It submits nothing itself: it hands what was typed to the root,
// which checks it against the plan once more.
type reviewPage struct {
	plan   state.Plan
	called func() state.Called // the target
	say    func() []steps.Clause
	stop   func() *state.Check // that stands in the way; nil for none
	safe   bool                // a snapshot of the target can be taken first
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
	scroll int
	onto   []string // the lines that say what is erased, of the last View
	cursor *tea.Cursor
	more   bool // lines below the last View
}

// gathered and accepts are what the page has to say to the root beside the confirmation.
type (
	gathered struct{ facts state.Facts }
	accepts  struct{ name string }
)

// reviewWays are the keys of the safer ways.
func reviewWays() steps.Ways { return steps.Ways{Another: "f9", Safety: "f3", Unsafe: "ctrl+x"} }

func newReviewPage(run *steps.Session) *reviewPage {
	plan := run.Plan
	_, safe := run.CanBeSafe()
	safe = safe && !run.IsSafe()
	in := textinput.New()
	in.Prompt = ""
	in.SetVirtualCursor(false)
	in.KeyMap.DeleteWordForward = key.NewBinding(key.WithDisabled()) // it panics where only blanks follow
	in.SetWidth(200)
	in.Focus()
	body, _ := plan.Request() // complete, or the root would not have come here
	say := func() []steps.Clause { return run.Review(reviewWays()) }
	called := func() state.Called { return run.Cfg.Names.CalledTarget(plan.Target) }
	return &reviewPage{plan: plan, called: called, say: say, stop: run.InTheWay, safe: safe, due: run.SafetyFirst, so: run.SoFar(), no: run.Refused, gather: run.Gather(), body: body, typed: in, lost: run.Doubt()}
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
	return p.sent.start(ctx, "Looking once more, then sending the request, once", func(ctx context.Context) (steps.Submitted, error) { return ask(ctx), nil })
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
	if done, cmd := p.sent.take(msg); done {
		return p.sent.value, nil
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
		if p.sent.busy || !p.body.DeliveryType.Overwrites() {
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
	case p.sent.busy:
		p.told = said{"Atlas's answer is awaited; nothing else can be done before it comes.", true}
		return nil, nil
	case key.Matches(k, keyBack()):
		return back{}, nil
	case key.Matches(k, keyReload()) && p.shown:
		return other{(*steps.Session).Recheck}, nil
	case k.String() == "f3" && p.safe:
		return other{(*steps.Session).Safe}, nil
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
			p.scroll += 3
		}
		return nil, nil
	case k.String() == "pgup":
		p.scroll = max(0, p.scroll-3)
		return nil, nil
	case key.Matches(k, keyChoose()):
		return p.enter(), nil
	case !p.body.DeliveryType.Overwrites():
		switch k.String() {
		case "tab", "right", "down":
			p.yes = true
		case "shift+tab", "left", "up":
			p.yes = false
		}
		p.told = said{}
		return nil, nil
	}
	return nil, p.edit(k)
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
	if !p.body.DeliveryType.Overwrites() {
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
		p.told = said{"Nothing is submitted before the name is typed.", true}
	default: // the next try begins anew: what is wrong must not hide in its middle
		p.typed.SetValue("")
		p.told = said{fmt.Sprintf("%q is not %s. Nothing was submitted; type it anew.", typed, p.plan.Phrase()), true}
	}
	return nil
}

const requestButton = "Request the download"

// View implements page: the confirmation stands at the bottom, always; what does not
// fit above it is read on with page down.
func (p *reviewPage) View(s styles, w, h int) string {
	foot := p.foot(s, w)
	room := max(1, h-len(foot))
	lines := p.lines(s, w, room)
	p.scroll = min(p.scroll, max(0, len(lines)-room))
	p.more = len(lines)-p.scroll > room
	room = min(room, len(lines)-p.scroll)
	pinned := p.onto[:max(0, min(len(p.onto), room-2))]
	if p.scroll > 0 && room > 4 { // what is erased stays in sight
		lines = append(slices.Clone(pinned), lines[min(len(lines), p.scroll+len(pinned)):]...)
		lines = clip(strings.Join(lines, "\n"), w, room)
	} else {
		lines = clip(strings.Join(lines[p.scroll:], "\n"), w, room)
	}
	if p.more {
		lines[room-1] = s.muted.Render(s.marks.more + " more: pgdn")
	}
	if p.cursor != nil {
		p.cursor.Y += room
	}
	return strings.Join(append(lines, foot...), "\n")
}

func (p *reviewPage) lines(s styles, w, room int) []string {
	var out []string
	p.onto = nil
	for _, pr := range []*state.Problem{p.lost, p.refuse} {
		if pr != nil {
			out = append(out, problemLines(s, *pr, w)...)
		}
	}
	for _, l := range p.say() {
		if l.Lead == "Lost" {
			out = append(out, "")
		}
		style := s.text
		if l.Warn {
			style = s.warn
		}
		lead := fmt.Sprintf("%-9s", l.Lead)
		for i, part := range wrap(l.Text, w-len(lead)) {
			if i > 0 {
				lead = strings.Repeat(" ", len(lead))
			}
			line := s.muted.Render(lead) + style.Render(part)
			out = append(out, line)
			if l.Lead == "onto" {
				p.onto = append(p.onto, line)
			}
		}
	}
	if len(out) > room { // what happens comes before how it looks
		out = slices.DeleteFunc(out, func(l string) bool { return strings.TrimSpace(ansi.Strip(l)) == "" })
	}
	out = append(out, "", s.muted.Render(ansi.Truncate("The request, to Atlas's restore jobs of "+p.plan.Cluster.Name+":", w, s.marks.more)))
	raw, _ := json.MarshalIndent(p.body.Body(), "", "  ")
	body := strings.Split(string(raw), "\n")
	if len(out)+len(body) > room { // one member a line is easier to read, if it fits
		raw, _ = json.Marshal(p.body.Body())
		body = wrap(strings.ReplaceAll(string(raw), ",", ", "), w)
	}
	return append(out, body...)
}

// foot is the confirmation, or what is under way instead of it.
func (p *reviewPage) foot(s styles, w int) []string {
	p.cursor = nil
	if p.sent.busy {
		return append([]string{""}, p.sent.waiting(s, w)...)
	}
	if !p.shown {
		foot := make([]string, p.footHeight())
		if p.look.busy {
			copy(foot[1:], p.look.waiting(s, w))
		}
		return foot
	}
	if !p.body.DeliveryType.Overwrites() {
		no, yes := "  [ Not yet ]", "  [ "+requestButton+" ]"
		if p.yes {
			yes = s.selected.Render(s.marks.here + yes[1:])
		} else {
			no = s.selected.Render(s.marks.here + no[1:])
		}
		return []string{"", no + "  " + yes}
	}
	// On a line of its own, so that the whole name has room in every window.
	lead := s.marks.prompt + " "
	shown := p.typed.Value()
	if room := w - ansi.StringWidth(lead) - 1; ansi.StringWidth(shown) > room {
		shown = ansi.TruncateLeft(shown, ansi.StringWidth(shown)-room+1, s.marks.more)
	}
	p.cursor = tea.NewCursor(ansi.StringWidth(lead)+ansi.StringWidth(shown), 2)
	ask := "To go on, type the name of the cluster that is erased:"
	if p.plan.OntoItself() || p.plan.Practice {
		ask = "To go on, type: " + p.plan.Phrase()
	}
	if to := p.called(); to.IsProduction() {
		if danger := "This erases " + to.Label() + ". " + ask; ansi.StringWidth(danger) <= w {
			ask = danger // else the words to type come first: the page says it above
		}
	}
	switch c := p.stop(); {
	case c == nil:
	case p.due():
		ask = "A snapshot first: enter takes it, ctrl+x goes on without."
	case c.Verdict == state.Block:
		ask = "This cannot be submitted: " + c.Name + " is a BLOCK. " + p.wayOut(c.Name)
	default:
		ask = "To go on, type first: " + steps.Acceptance + c.Name
	}
	return []string{"", s.name.Render(ansi.Truncate(ask, w, s.marks.more)), s.accent.Render(lead) + shown}
}

// wayOut is the key of the line of the plan that a check is about.
func (p *reviewPage) wayOut(check string) string {
	if l, ok := steps.LineOf(p.plan, check); ok {
		return l.Key + " changes the " + l.Word + "."
	}
	return ""
}

// footHeight is that of the foot while it asks.
func (p *reviewPage) footHeight() int {
	if p.body.DeliveryType.Overwrites() {
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
	case !p.body.DeliveryType.Overwrites():
		return said{text: p.so}
	case p.stop() != nil && p.stop().Verdict == state.Block:
		return said{text: strings.TrimSuffix(p.so, ".") + ", and nothing can be before that is lifted. ctrl+r looks again."}
	case p.due():
		return said{text: p.so + " Without a snapshot of it, " + p.plan.Target.ClusterName + " as it is now cannot be had back."}
	case p.stop() != nil:
		return said{text: p.so + " Typing that says that you have read it; the confirmation is asked for then."}
	case p.plan.Confirms(p.typed.Value()):
		return said{"Enter now erases " + p.plan.Target.ClusterName + " and starts the restore, which cannot be cancelled.", true}
	}
	what := "the exact name"
	if p.plan.OntoItself() || p.plan.Practice {
		what = "exactly that"
	}
	return said{text: p.so + " Type " + what + ", then enter: that starts the restore, which cannot be cancelled."}
}

// Keys implements page.
func (p *reviewPage) Keys() []key.Binding {
	if p.sent.busy {
		return nil
	}
	var keys []key.Binding
	switch {
	case !p.body.DeliveryType.Overwrites():
		keys = append(keys, bind("tab", "move"), bind("enter", "take"))
	case p.shown && p.due():
		keys = append(keys, bind("enter", "snapshot first"), bind("ctrl+x", "without it"))
	default:
		keys = append(keys, bind("enter", "confirm"))
	}
	if p.more {
		keys = append([]key.Binding{keyScroll()}, keys...)
	}
	if p.safe && !p.due() {
		keys = append(keys, bind("f3", "snapshot first"))
	}
	keys = append(keys, keySame(), keyBack(), bind("ctrl+r", "look again"))
	for _, l := range steps.Lines(p.plan) {
		keys = append(keys, bind(l.Key, "change the "+l.Word))
	}
	return keys
}
