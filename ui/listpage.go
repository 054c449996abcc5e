package ui

import (
	"context"
	"strings"

	tea "charm.land/bubbletea/v2"

	"atlas-restore/state"
	"atlas-restore/ui/steps"
)

// listPage is a step that is answered by choosing one of a list: a project, a cluster,
// a snapshot, a delivery type.
type listPage[T any] struct {
	list steps.List[T]
	ctx  context.Context //nolint:containedctx // the page's life is this context
	load load[[]T]
	pick *picker
	top  int    // lines over the list in the last View
	past string // what was chosen already, so that this page answers itself; empty for nothing
}

func newListPage[T any](list steps.List[T]) *listPage[T] {
	p := &listPage[T]{list: list, pick: newPicker(list.Noun, list.Order, list.Columns...)}
	p.pick.lacks, p.pick.note = list.Lacks, list.Note
	p.pick.hint, p.pick.named = list.Hint, list.Place != ""
	p.pick.part = p.load.part
	p.pick.reads = func(typed string) string {
		return steps.Instead(p.list.Others, typed, func(o steps.Other) string { return o.Key + " goes there" })
	}
	p.pick.legend, p.pick.byHand, p.pick.now = list.Legend, list.ByHand, list.Now
	if list.Counts != nil {
		p.pick.counts = func(shown []int) string { return list.Counts(p.load.value, shown) }
	}
	if list.Known != nil {
		p.load.value, p.load.have, p.load.whole = list.Known, true, true
	}
	if list.Items != nil {
		p.load.value, p.load.have, p.load.whole = list.Items, true, true
		p.pick.bare = true
	}
	return p
}

// knownMsg has what was loaded before taken like an answer of Atlas.
type knownMsg struct{ owner *picker }

// Init implements page. What was loaded before is shown again as it was.
func (p *listPage[T]) Init(ctx context.Context) tea.Cmd {
	p.ctx = ctx
	p.load.stop() // a question that was left is nobody's any more
	switch {
	case p.list.Items != nil:
		return p.pick.setRows(p.list.Table(p.list.Items), p.list.Chosen)
	case p.learns(), p.load.whole && p.pick.sets == 0:
		return func() tea.Msg { return knownMsg{p.pick} }
	case p.load.whole:
		return p.pick.show() // it may have been left before it was seen
	}
	return p.reload()
}

// learns takes what has come since the page was left, where it was left before that.
func (p *listPage[T]) learns() bool {
	if p.load.whole || p.list.Whole == nil || p.list.Given != "" {
		return false
	}
	if known := p.list.Whole(); known != nil {
		p.load.value, p.load.have, p.load.whole = known, true, true
	}
	return p.load.whole
}

func (p *listPage[T]) reload() tea.Cmd { return p.load.start(p.ctx, p.list.Loading, p.list.Load) }

// Update implements page.
func (p *listPage[T]) Update(msg tea.Msg) (result, tea.Cmd) {
	if k, ok := msg.(tea.KeyPressMsg); ok {
		if r, taken, cmd := p.key(k); taken {
			return r, cmd
		}
	}
	done, cmd := p.load.take(msg)
	if known, ok := msg.(knownMsg); ok && known.owner == p.pick {
		done = true
	}
	if done && p.load.problem == nil {
		return p.loaded()
	}
	if cmd != nil {
		return nil, cmd
	}
	chosen, cmd := p.pick.update(msg)
	if chosen < 0 {
		return nil, cmd
	}
	return p.answer(chosen), cmd
}

// loaded shows what has come, or takes at once what a flag says of it. Of a first part
// nothing is taken: what the flag says may be in the rest.
func (p *listPage[T]) loaded() (result, tea.Cmd) {
	if p.load.busy {
		return nil, p.pick.setRows(p.list.Table(p.load.value), p.list.Chosen)
	}
	if p.list.Keep != nil {
		p.list.Keep(p.load.value)
	}
	if p.list.Whole != nil {
		p.load.value = p.list.Whole()
	}
	rows := p.list.Table(p.load.value)
	if tells := p.list.Tells; tells != nil && p.list.Given == "" {
		p.list.Tells = nil
		return says{tells(p.load.value)}, p.pick.setRows(rows, p.list.Chosen)
	}
	if p.list.Given == "" {
		return nil, p.pick.setRows(rows, p.list.Chosen)
	}
	i, err := p.list.FindGiven(rows)
	p.list.Given = ""
	if err != nil {
		return unguided{err}, p.pick.setRows(rows, p.list.Chosen)
	}
	return p.answer(i), p.pick.setRows(rows, rows.ID(i))
}

// renew shows items as they are known by now, in place of those that were loaded.
func (p *listPage[T]) renew(items []T) tea.Cmd {
	if !p.load.whole {
		return nil
	}
	p.load.value = items
	if p.pick.sets == 0 {
		return nil // it is yet to be shown
	}
	return p.pick.renew(p.list.Table(items), p.list.Chosen)
}

func (p *listPage[T]) answer(i int) result {
	item, answer := p.load.value[i], p.list.Answer
	if take := p.list.Take; take != nil {
		return other{func(s *steps.Session) { take(s, item) }}
	}
	return answered{func(plan state.Plan) state.Plan { return answer(plan, item) }}
}

func (p *listPage[T]) key(k tea.KeyPressMsg) (r result, taken bool, cmd tea.Cmd) {
	switch {
	case keyBack().has(k):
		if p.pick.clear() {
			return nil, true, p.pick.show()
		}
		return back{}, true, nil
	case keyReload().has(k):
		if p.list.Load == nil {
			return nil, true, nil
		}
		p.load.stop() // it may hang
		return nil, true, p.reload()
	}
	for _, o := range p.list.Others {
		if k.String() == o.Key {
			return other{o.Go}, true, nil
		}
	}
	return nil, false, nil
}

// View implements page.
func (p *listPage[T]) View(s styles, w, h int) string {
	var top []string
	switch {
	case p.load.problem != nil:
		top = append(top, problemLines(s, *p.load.problem, w)...)
	case p.load.busy:
		top = append(top, p.load.waiting(s, w)...)
	}
	p.top = len(top)
	if !p.load.have {
		return strings.Join(top, "\n")
	}
	return strings.Join(append(top, p.pick.view(s, w, max(2, h-len(top)))), "\n")
}

// Cursor implements page: that of the list, below whatever stands over it.
func (p *listPage[T]) Cursor() *tea.Cursor {
	c := p.pick.cursor()
	if c == nil || !p.load.have {
		return nil
	}
	c.Y += p.top
	return c
}

// passes says whether what was chosen already is only looked at once more.
func (p *listPage[T]) passes() bool {
	return p.past != "" && p.list.Given != "" && p.load.problem == nil
}

// Asks implements asking: nobody is asked what was chosen.
func (p *listPage[T]) Asks() string {
	if p.passes() {
		return p.past + " is being opened"
	}
	return ""
}

// Meaning implements page.
func (p *listPage[T]) Meaning() said {
	if p.passes() {
		return said{text: p.past + " was chosen. Its backups are asked for beside its state; esc leaves it."}
	}
	if !p.load.have && p.load.problem != nil {
		return said{}
	}
	i, ok := p.pick.current()
	if p.pick.nudged {
		return said{"Nothing is chosen yet: ↓ moves to a row, then enter chooses it.", true}
	}
	if !ok {
		var none T
		return said{text: p.list.Meaning(none, false)}
	}
	if why := steps.WhyNot(p.pick.rows.Row(i)); why != "" {
		return said{why, true}
	}
	return said{text: p.list.Meaning(p.load.value[i], true)}
}

// Keys implements page.
func (p *listPage[T]) Keys() []action {
	var others []action
	for _, o := range p.list.Others {
		others = append(others, act(o.Key, o.Help, o.Key))
	}
	if !p.load.have || p.load.problem != nil {
		keys := append(append([]action{keyReload()}, p.keyBack()), others...)
		if p.load.have {
			keys = append(append(keys, keyChoose().aside()), moves()...)
		}
		return append(keys, keyLeave())
	}
	keys := append([]action{keyChoose()}, moves()...)
	if p.pick.waits() {
		keys = append([]action{act("↑↓", "move to a row", "up", "down").moving(), keyChoose().aside()}, moves()...)
	}
	if p.pick.bare {
		return append(keys, p.keyBack())
	}
	keys = append(keys, others...) // the filter's own line says that one can type
	esc := p.keyBack()
	if p.pick.filter.Value() != "" {
		esc = act("esc", "clear the filter", "esc")
		if len(p.pick.shown) == 0 {
			keys = append(moves(), others...) // there is nothing to choose
		}
	} else {
		keys = append(keys, act("type", "to filter"))
	}
	keys = append(keys, esc)
	if p.list.Load != nil {
		keys = append(keys, keyReload().aside())
	}
	return keys
}

// Writes implements page: into the filter, also before there is anything to filter.
func (p *listPage[T]) Writes() bool { return !p.pick.bare }

// keyBack is what leads back. The first page leads nowhere, unless it was come to from the
// review: whoever asks is told.
func (p *listPage[T]) keyBack() action {
	if p.list.Step <= state.StepProject {
		return keyBack().aside()
	}
	return keyBack()
}

// problemLines say what failed, on what, why, and what to do next.
func problemLines(s styles, p state.Problem, w int) []string {
	lines := wrap(s.marks.wrong+" "+p.What, w)
	for i := range lines {
		lines[i] = s.danger.Render(lines[i])
	}
	lines = append(lines, wrap("  "+p.Why, w)...)
	if p.Advice != "" {
		lines = append(lines, wrap("  "+p.Advice, w)...)
	}
	return append(lines, "")
}
