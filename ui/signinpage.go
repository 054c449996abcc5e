package ui

import (
	"context"
	"strings"

	tea "charm.land/bubbletea/v2"

	"atlas-restore/state"
	"atlas-restore/ui/steps"
)

// signInPage asks for a credential where none was found. It is tried against Atlas
// before the wizard goes on, and kept in memory only.
type signInPage struct {
	cfg                   steps.Config
	kinds                 []steps.SignInKind
	set                   fieldset
	kind, public, private *setField
	ctx                   context.Context //nolint:containedctx // the page's life is this context
	try                   load[tried]
	told                  string
}

// tried is a connection with what Atlas listed to prove it.
type tried struct {
	connection steps.Connection
	projects   []state.Project
}

// signedIn is what the page has to say to the root.
type signedIn tried

func newSignInPage(cfg steps.Config) *signInPage {
	p := &signInPage{cfg: cfg, kinds: steps.SignInKinds(), kind: &setField{label: "Kind"}, public: &setField{}, private: &setField{secret: true, hint: "not shown"}}
	for _, k := range p.kinds {
		p.kind.choices = append(p.kind.choices, k.Name)
	}
	p.set = newFieldset(p.kind, p.public, p.private)
	return p
}

// Init implements page.
func (p *signInPage) Init(ctx context.Context) tea.Cmd {
	p.ctx = ctx
	return nil
}

// Update implements page.
func (p *signInPage) Update(msg tea.Msg) (result, tea.Cmd) {
	if done, cmd := p.try.take(msg); done && p.try.problem == nil {
		return signedIn(p.try.value), nil
	} else if done || cmd != nil || p.try.busy {
		return nil, cmd
	}
	if k, ok := msg.(tea.KeyPressMsg); ok {
		if keyBack().has(k) {
			return back{}, nil
		}
		p.told = ""
	}
	done, cmd := p.set.update(msg)
	if done {
		return nil, p.submit()
	}
	return nil, cmd
}

// submit tries the credential by listing the projects, which the next step needs anyway.
func (p *signInPage) submit() tea.Cmd {
	public, private := p.public.value(), state.NewSecret(p.private.value())
	if public == "" || private.IsZero() {
		p.told = "Both halves are needed."
		return nil
	}
	signIn, kind := p.cfg.SignIn, p.kind.choice
	return p.try.start(p.ctx, "Signing in to Atlas", func(ctx context.Context) (tried, error) {
		c, err := signIn(kind, public, private)
		if err != nil {
			return tried{}, err
		}
		projects, err := c.Atlas.Projects(ctx)
		return tried{c, projects}, err
	})
}

// View implements page.
func (p *signInPage) View(s styles, w, _ int) string {
	k := p.kinds[p.kind.choice]
	p.public.label, p.public.hint, p.private.label = k.Public, k.Example, k.Private
	lines := append(wrap("No credentials were found. What you type here is kept in memory only.", w), "")
	lines = append(lines, p.set.view(s, w, len(lines), !p.try.busy)...)
	lines = append(lines, "")
	switch {
	case p.try.busy:
		lines = append(lines, p.try.waiting(s, w)...)
	case p.try.problem != nil:
		lines = append(lines, problemLines(s, *p.try.problem, w)...)
	}
	return strings.Join(lines, "\n")
}

// Cursor implements page.
func (p *signInPage) Cursor() *tea.Cursor { return p.set.cursor }

// Meaning implements page.
func (p *signInPage) Meaning() said {
	switch {
	case p.told != "":
		return said{p.told, true}
	case p.set.at == 0:
		return said{text: "Both kinds are made in Atlas under Access Manager, Applications. A service account is recommended."}
	}
	return said{text: "The role Project Backup Manager is needed on the project of the source and on that of the target."}
}

// Keys implements page.
func (p *signInPage) Keys() []action {
	if p.try.busy {
		return []action{keyLeave()}
	}
	return append(p.set.keys(), keyLeave())
}

// Writes implements page.
func (p *signInPage) Writes() bool { return !p.try.busy && p.set.fields[p.set.at].choices == nil }
