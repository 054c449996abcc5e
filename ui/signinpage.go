package ui

import (
	"context"
	"strings"

	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"atlas-restore/state"
	"atlas-restore/ui/steps"
)

// signInPage asks for a credential where none was found. It is tried against Atlas
// before the wizard goes on, and kept in memory only.
type signInPage struct {
	cfg    steps.Config
	kinds  []steps.SignInKind
	kind   int
	at     int // the focused field: the kind, the public half, the private half
	inputs [2]textinput.Model
	ctx    context.Context //nolint:containedctx // the page's life is this context
	try    load[tried]
	told   string
	cursor *tea.Cursor
}

// tried is a connection with what Atlas listed to prove it.
type tried struct {
	connection steps.Connection
	projects   []state.Project
}

// signedIn is what the page has to say to the root.
type signedIn tried

func newSignInPage(cfg steps.Config) *signInPage {
	p := &signInPage{cfg: cfg, kinds: steps.SignInKinds()}
	for i := range p.inputs {
		in := textinput.New()
		in.Prompt = ""
		in.CharLimit = 500
		in.SetVirtualCursor(false)
		in.SetWidth(200)
		in.KeyMap.Paste = key.NewBinding(key.WithDisabled()) // it would run the system's clipboard program
		in.KeyMap.DeleteWordForward = key.NewBinding(key.WithDisabled())
		p.inputs[i] = in
	}
	return p
}

// Init implements page.
func (p *signInPage) Init(ctx context.Context) tea.Cmd {
	p.ctx = ctx
	p.focus(p.at)
	return nil
}

func (p *signInPage) focus(at int) {
	p.at = min(max(at, 0), 2)
	for i := range p.inputs {
		p.inputs[i].Blur()
		if i == p.at-1 {
			p.inputs[i].Focus()
		}
	}
}

// Update implements page.
func (p *signInPage) Update(msg tea.Msg) (result, tea.Cmd) {
	if done, cmd := p.try.take(msg); done && p.try.problem == nil {
		return signedIn(p.try.value), nil
	} else if done || cmd != nil {
		return nil, cmd
	}
	if p.try.busy {
		return nil, nil
	}
	switch msg := msg.(type) {
	case tea.PasteMsg:
		msg.Content = strings.TrimSpace(strings.NewReplacer("\r", "", "\n", "").Replace(ansi.Strip(msg.Content)))
		return nil, p.edit(msg)
	case tea.KeyPressMsg:
		p.told = ""
		return nil, p.key(msg)
	}
	return nil, nil
}

func (p *signInPage) key(k tea.KeyPressMsg) tea.Cmd {
	switch k.String() {
	case "tab", "down":
		p.focus(p.at + 1)
	case "shift+tab", "up":
		p.focus(p.at - 1)
	case "enter":
		if p.at < 2 {
			p.focus(p.at + 1)
			return nil
		}
		return p.submit()
	case "left", "right", "space":
		if p.at == 0 {
			p.kind = 1 - p.kind
			return nil
		}
		return p.edit(k)
	default:
		return p.edit(k)
	}
	return nil
}

func (p *signInPage) edit(msg tea.Msg) (cmd tea.Cmd) {
	if p.at > 0 {
		p.inputs[p.at-1], cmd = p.inputs[p.at-1].Update(msg)
	}
	return cmd
}

// submit tries the credential by listing the projects, which the next step needs anyway.
func (p *signInPage) submit() tea.Cmd {
	public, private := strings.TrimSpace(p.inputs[0].Value()), state.NewSecret(strings.TrimSpace(p.inputs[1].Value()))
	if public == "" || private.IsZero() {
		p.told = "Both halves are needed."
		return nil
	}
	signIn, kind := p.cfg.SignIn, p.kind
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
	p.cursor = nil
	k := p.kinds[p.kind]
	lines := wrap("No credentials were found. What you type here is kept in memory only.", w)
	lines = append(lines, "")
	var kinds []string
	for i, kind := range p.kinds {
		mark := s.marks.off
		if i == p.kind {
			mark = s.marks.on
		}
		kinds = append(kinds, mark+" "+kind.Name)
	}
	secret := strings.Repeat(s.marks.dot, len([]rune(p.inputs[1].Value())))
	for i, f := range []struct{ label, value, hint string }{
		{"Kind", strings.Join(kinds, "   "), ""},
		{k.Public, p.inputs[0].Value(), k.Example},
		{k.Private, secret, "not shown"},
	} {
		mark, label := "  ", s.muted
		if i == p.at {
			mark, label = s.accent.Render(s.marks.prompt)+" ", s.selected
		}
		const labels = 16
		value := f.value
		room := max(1, w-2-labels-1)
		if ansi.StringWidth(value) > room {
			value = ansi.TruncateLeft(value, ansi.StringWidth(value)-room+1, s.marks.more)
		}
		if i == p.at && i > 0 && !p.try.busy {
			p.cursor = tea.NewCursor(2+labels+ansi.StringWidth(value), len(lines))
		}
		if f.value == "" && f.hint != "" {
			value = s.muted.Render(f.hint)
		}
		lines = append(lines, mark+label.Render(f.label)+strings.Repeat(" ", labels-len(f.label))+value)
	}
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
func (p *signInPage) Cursor() *tea.Cursor { return p.cursor }

// Meaning implements page.
func (p *signInPage) Meaning() said {
	switch {
	case p.told != "":
		return said{p.told, true}
	case p.at == 0:
		return said{text: "Both kinds are made in Atlas under Access Manager, Applications. A service account is recommended."}
	}
	return said{text: "The role Project Backup Manager is needed on the project of the source and on that of the target."}
}

// Keys implements page.
func (p *signInPage) Keys() []key.Binding {
	if p.try.busy {
		return nil
	}
	keys := []key.Binding{bind("enter", "go on")}
	if p.at == 0 {
		keys = append(keys, bind("←/→", "switch"))
	}
	return append(keys, bind("tab", "next field"), bind("shift+tab", "field before"), bind("ctrl+c", "leave"))
}
