package ui

import (
	"context"
	"strings"

	tea "charm.land/bubbletea/v2"

	"atlas-restore/state"
	"atlas-restore/state/submit"
	"atlas-restore/ui/steps"
)

// searchPage looks for the job of a request whose answer was lost.
type searchPage struct {
	cfg    steps.Config
	search submit.Search
	doubt  *state.Problem

	ctx  context.Context //nolint:containedctx // the page's life is this context
	look load[submit.Search]
	told string
	next due
	here int // the line of what is done now, in the last View
}

// sought is what the page has to say to the root: what a look has brought.
type sought struct{ search submit.Search }

func newSearchPage(cfg steps.Config, search submit.Search, doubt *state.Problem) *searchPage {
	return &searchPage{cfg: cfg, search: search, doubt: doubt}
}

// Init implements page.
func (p *searchPage) Init(ctx context.Context) tea.Cmd {
	p.ctx = ctx
	return p.wait()
}

// wait sets the page's one timer: for the next look.
func (p *searchPage) wait() tea.Cmd {
	if p.search.Over() {
		return nil
	}
	at := p.search.NextAt
	if at.IsZero() { // it was not looked yet
		at = p.cfg.Now()
	}
	return p.next.at(p.cfg, at)
}

// Update implements page.
func (p *searchPage) Update(msg tea.Msg) (result, tea.Cmd) {
	switch msg := msg.(type) {
	case dueMsg, nudgeMsg:
		switch {
		case !p.next.is(msg) || p.look.busy: // its answer sets the timer
			return nil, nil
		case p.search.Due(p.cfg.Now()):
			return nil, p.ask()
		}
		return nil, p.wait()
	case tea.KeyPressMsg:
		return p.key(msg), nil
	}
	done, cmd := p.look.take(msg)
	if done {
		return sought{p.look.value}, nil
	}
	return nil, cmd
}

// ask looks once. The command holds a copy: it runs beside Update.
func (p *searchPage) ask() tea.Cmd {
	cfg, search := p.cfg, p.search
	return p.look.start(p.ctx, "Looking for the job", func(ctx context.Context) (submit.Search, error) {
		return steps.LookFor(ctx, cfg, search), nil
	})
}

// went takes what the session has made of a look.
func (p *searchPage) went(search submit.Search, doubt *state.Problem) tea.Cmd {
	p.search, p.doubt = search, doubt
	return p.wait()
}

func (p *searchPage) key(k tea.KeyPressMsg) result {
	switch {
	case k.String() == "q" && p.search.Over():
		return leave{}
	case keyBack().has(k) && p.search.Over():
		return back{}
	}
	return nil
}

// View implements page.
func (p *searchPage) View(s styles, w, _ int) string {
	var lines []string
	if p.doubt != nil {
		lines = problemLines(s, *p.doubt, w)
	}
	if p.here = 0; !p.search.Over() {
		p.here = len(lines)
		for i, part := range wrap(steps.SearchWords(p.search, p.cfg), w-2) {
			mark := "  "
			if i == 0 {
				mark = s.accent.Render(s.marks.now) + " "
			}
			lines = append(lines, mark+part)
		}
	}
	if p.search.Err != nil {
		lines = append(lines, "")
		lines = append(lines, problemLines(s, state.Explain("Looking for the job", p.search.Err), w)...)
	}
	return strings.Join(lines, "\n")
}

// Cursor implements page: on what is done now, else on what came of it.
func (p *searchPage) Cursor() *tea.Cursor { return tea.NewCursor(0, p.here) }

// Meaning implements page.
func (p *searchPage) Meaning() said {
	switch {
	case p.told != "":
		return said{p.told, true}
	case p.search.Over():
		return said{"Confirming again may start a second job.", true}
	}
	return said{text: "The request was sent once. It is not sent again by itself."}
}

// Keys implements page.
func (p *searchPage) Keys() []action {
	if p.search.Over() {
		return []action{keyBack(), act("q", "leave", "q")}
	}
	return []action{keyBack().not("Nothing else can be submitted while it is looked for. ctrl+c leaves; the next start looks again.").aside()}
}

// Writes implements page.
func (p *searchPage) Writes() bool { return false }
