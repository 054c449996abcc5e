package ui

import (
	"context"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"atlas-restore/state"
)

// listPage is a step that is answered by choosing one of what Atlas lists: a
// project, a cluster, a snapshot.
type listPage[T any] struct {
	what    string // "Loading the clusters of Payments"
	ask     func(context.Context) ([]T, error)
	row     func(T) row
	choose  func(T) result
	meaning func(item T, ok bool) string
	keep    func([]T)         // the root remembers what was loaded
	extra   map[string]result // keys of this page alone
	keys    []key.Binding

	ctx  context.Context //nolint:containedctx // the page's life is this context
	load load[[]T]
	pick *picker
	want string // id of the row that answered before
	top  int    // lines over the list in the last View

	first bool // there is no page before it
}

// Init implements page. What was loaded before is shown again as it was.
func (p *listPage[T]) Init(ctx context.Context) tea.Cmd {
	p.ctx = ctx
	p.load.stop() // a question that was left is nobody's any more
	if p.load.have {
		return nil
	}
	return p.load.start(ctx, p.what, p.ask)
}

// Update implements page.
func (p *listPage[T]) Update(msg tea.Msg) (result, tea.Cmd) {
	if k, ok := msg.(tea.KeyPressMsg); ok {
		if r, taken, cmd := p.key(k); taken {
			return r, cmd
		}
	}
	done, cmd := p.load.take(msg)
	if done && p.load.problem == nil {
		if p.keep != nil {
			p.keep(p.load.value)
		}
		rows := make([]row, len(p.load.value))
		for i, item := range p.load.value {
			rows[i] = p.row(item)
		}
		return nil, p.pick.setRows(rows, p.want)
	}
	if cmd != nil {
		return nil, cmd
	}
	chosen, cmd := p.pick.update(msg)
	if chosen < 0 {
		return nil, cmd
	}
	return p.choose(p.load.value[chosen]), cmd
}

func (p *listPage[T]) key(k tea.KeyPressMsg) (r result, taken bool, cmd tea.Cmd) {
	switch {
	case key.Matches(k, keyBack()):
		if p.pick.clear() {
			return nil, true, nil
		}
		return back{}, true, nil
	case key.Matches(k, keyReload()):
		if p.load.busy {
			return nil, true, nil
		}
		return nil, true, p.load.start(p.ctx, p.what, p.ask)
	}
	r, taken = p.extra[k.String()]
	return r, taken, nil
}

// View implements page.
func (p *listPage[T]) View(s styles, w, h int) string {
	var top []string
	switch {
	case p.load.problem != nil:
		top = append(top, problemLines(s, *p.load.problem, w)...)
	case p.load.busy:
		top = append(top, ansi.Truncate(p.load.waiting(s), w, s.marks.more))
	}
	p.top = len(top)
	if !p.load.have {
		return strings.Join(top, "\n")
	}
	return strings.Join(append(top, p.pick.view(s, w, max(2, h-len(top)))), "\n")
}

// Cursor implements page: in the filter line, below whatever stands over the list.
func (p *listPage[T]) Cursor() *tea.Cursor {
	c := p.pick.cursor()
	if c == nil || !p.load.have {
		return nil
	}
	c.Y += p.top
	return c
}

// Meaning implements page.
func (p *listPage[T]) Meaning() said {
	if !p.load.have && p.load.problem != nil {
		return said{}
	}
	i, ok := p.pick.current()
	if !ok {
		var none T
		return said{text: p.meaning(none, false)}
	}
	if why := p.pick.why(i); why != "" {
		return said{why, true}
	}
	return said{text: p.meaning(p.load.value[i], true)}
}

// Keys implements page.
func (p *listPage[T]) Keys() []key.Binding {
	if !p.load.have || p.load.problem != nil {
		return append([]key.Binding{keyReload()}, p.keyBack()...)
	}
	keys := append([]key.Binding{keyChoose(), bind("type", "to filter")}, p.keys...)
	if p.pick.filter.Value() != "" {
		return append(keys, bind("esc", "clear the filter"), keyReload())
	}
	return append(append(keys, p.keyBack()...), keyReload())
}

// keyBack is what leads back, if anything does.
func (p *listPage[T]) keyBack() []key.Binding {
	if p.first {
		return nil
	}
	return []key.Binding{keyBack()}
}

// problemLines say what failed, on what, why, and what to do next.
func problemLines(s styles, p state.Problem, w int) []string {
	lines := wrap(s.marks.wrong+" "+p.What, w)
	for i := range lines {
		lines[i] = s.warn.Render(lines[i])
	}
	lines = append(lines, wrap("  "+p.Why, w)...)
	if p.Advice != "" {
		lines = append(lines, wrap("  "+p.Advice, w)...)
	}
	return append(lines, "")
}
