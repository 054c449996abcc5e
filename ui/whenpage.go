package ui

import (
	"context"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"atlas-restore/state"
	"atlas-restore/state/incident"
	"atlas-restore/ui/steps"
)

// whenPage asks what is missing, and shows when it was lost: what was found stands on a timeline
// and as rows, and the highlighted one says what to restore. What is found is kept beside the
// page: whoever leaves it and comes back finds it there.
type whenPage struct {
	cfg  steps.Config
	plan state.Plan
	seen *steps.Seen
	ctx  context.Context //nolint:containedctx // the page's life is this context

	asking  bool // what is missing, and since when
	set     fieldset
	missing *setField
	since   *setField
	told    string // what is wrong with what was typed

	names     load[[]string] // of the databases of the newest snapshot
	beside    load[steps.Inventory]
	doubted   string         // a name that nobody knows, which was said
	opening   load[[]string] // of the collections of one of them
	opened    string         // which
	inventory steps.Inventory
	suggested []string
	at        int // the highlighted one; -1 for none

	past   load[steps.Past]
	wanted bool // the search begins once that is there
	run    load[incident.Findings]
	halt   context.CancelFunc
	losses []steps.Loss
	asOf   time.Time // of them
	pick   *picker
	drawn  picture
	top    int // lines over the rows in the last View
}

// chose is what the page has to say to the root: the plan that a loss leads to.
type chose struct{ loss steps.Loss }

// foundMsg has what was found before shown.
type foundMsg struct{ owner *whenPage }

func newWhenPage(cfg steps.Config, plan state.Plan, seen *steps.Seen) *whenPage {
	p := &whenPage{
		cfg: cfg, plan: plan, seen: seen, asking: true, at: -1, halt: func() {},
		missing: &setField{label: steps.WhenMissing, hint: steps.WhenMissingHint}, since: &setField{label: steps.WhenSince, hint: steps.WhenSinceHint},
		pick: newPicker("event", "newest first", steps.LossColumns()...),
	}
	p.pick.bare = true
	p.set = newFieldset(p.missing, p.since)
	p.missing.input.SetValue(cfg.Given.Lost())
	if h := p.hunt(); h != nil && cfg.Given.Lost() == "" {
		left := h.Left()
		seen.Hunt, p.asking = &left, false
		p.missing.input.SetValue(left.Text)
		p.since.input.SetValue(left.Since)
	}
	p.missing.input.CursorEnd()
	p.since.input.CursorEnd()
	return p
}

// hunt is the search for the plan's cluster; nil for none.
func (p *whenPage) hunt() *steps.Hunt { return p.seen.HuntOf(p.plan.Cluster) }

// Init implements page.
func (p *whenPage) Init(ctx context.Context) tea.Cmd {
	p.ctx = ctx
	cmds := []tea.Cmd{p.askPast()}
	switch {
	case !p.asking:
		cmds = append(cmds, func() tea.Msg { return foundMsg{p} })
	case p.cfg.Given.Lost() != "":
		cmds = append(cmds, p.begin())
	default:
		cmds = append(cmds, p.askNames())
	}
	return tea.Batch(cmds...)
}

// askPast loads, where it was not seen yet, what can be restored at all.
func (p *whenPage) askPast() tea.Cmd {
	past, cluster, snapshots := p.seen.PastOf(p.plan.Cluster), p.plan.Cluster, p.seen.Snapshots
	if snapshots != nil && (past != nil && past.Whole() || !cluster.PITEnabled) {
		return nil
	}
	atlas := p.cfg.Walk()
	return p.past.start(p.ctx, steps.LoadingPast(cluster), func(ctx context.Context) (steps.Past, error) {
		past, _ := steps.LoadPast(ctx, atlas, cluster, snapshots) // each part has its own error
		return past, ctx.Err()
	})
}

// askNames loads the names of the databases in the newest snapshot, which are suggested.
func (p *whenPage) askNames() tea.Cmd {
	v, ok := steps.InventoryOf(p.seen.Snapshots, p.cfg.Now())
	if !ok || p.inventory.Of.ID == v.Of.ID || p.names.busy || p.plan.Cluster.Family == state.Flex {
		return nil
	}
	p.inventory = v
	atlas, cluster := p.cfg.Atlas, p.plan.Cluster
	return p.names.start(p.ctx, "Loading the names in the snapshot of "+state.UTC(v.Of.When(), p.cfg.Now()), func(ctx context.Context) ([]string, error) {
		return v.Names(ctx, atlas, cluster)
	})
}

// askBeside loads the names of the oldest snapshot and of the living cluster: without them nobody
// can say that there is no such name.
func (p *whenPage) askBeside() tea.Cmd {
	atlas, cluster, now := p.cfg.Atlas, p.plan.Cluster, p.cfg.Now()
	v := p.inventory
	return p.beside.start(p.ctx, "Loading the names of the living cluster", func(ctx context.Context) (steps.Inventory, error) {
		return v.Beside(ctx, atlas, cluster, now), ctx.Err()
	})
}

// suggest shows what may be meant by what is typed, and opens the database that is named.
func (p *whenPage) suggest() tea.Cmd {
	p.at = -1
	p.suggested = p.inventory.Suggest(p.missing.value())
	db := p.inventory.ToOpen(p.missing.value())
	if db == "" || p.opening.busy {
		return nil
	}
	p.opened = db
	atlas, cluster, v := p.cfg.Atlas, p.plan.Cluster, p.inventory
	return p.opening.start(p.ctx, "Loading the collections of "+db, func(ctx context.Context) ([]string, error) {
		return v.Open(ctx, atlas, cluster, db)
	})
}

// reach is which moments can be had, as far as it was seen.
func (p *whenPage) reach() state.Reach {
	return p.seen.PastOf(p.plan.Cluster).Reach(p.plan.Cluster, p.seen.Snapshots, p.cfg.Now())
}

// begin looks for what is typed.
func (p *whenPage) begin() tea.Cmd {
	if p.past.busy {
		p.wanted = true
		return nil
	}
	p.wanted = false
	now := p.cfg.Now()
	h, err := steps.NewHunt(p.cfg, p.plan.Cluster, p.inventory, p.missing.value(), p.since.value(), steps.Oldest(p.reach(), p.seen.Snapshots, now))
	if err != nil {
		p.told, p.asking = err.Error(), true
		p.set.focus(1)
		return nil
	}
	p.asking, p.losses, p.pick.moved = false, nil, false
	return p.goOn(h)
}

// goOn makes a search, or goes on with one.
func (p *whenPage) goOn(h steps.Hunt) tea.Cmd {
	h = h.Goes()
	p.seen.Hunt = &h
	p.halt() // whatever is read for another one
	ctx, halt := context.WithCancel(p.ctx)
	p.halt = halt
	search, atlas := h.Search(p.plan.Cluster, p.reach(), p.seen.Snapshots, p.cfg.Now()), p.cfg.Atlas
	return tea.Batch(p.show(), p.run.start(p.ctx, "Looking for when it was lost", func(part context.Context) (incident.Findings, error) {
		defer halt()
		// What is told goes to the page by its own context; the search ends with the other.
		return search.Run(ctx, atlas, func(f incident.Findings) { state.ReportPart(part, f) }), nil
	}))
}

// show makes the rows of what was found. A highlight that nobody has moved is on the likeliest.
func (p *whenPage) show() tea.Cmd {
	h := p.hunt()
	if h == nil {
		return nil
	}
	p.asOf = p.cfg.Now()
	p.losses, p.drawn.track = h.Losses(p.plan.Cluster, p.reach(), p.seen.Snapshots, p.asOf), nil
	rows := make([]steps.Row, len(p.losses))
	for i, l := range p.losses {
		rows[i] = l.Row(p.cfg)
	}
	prefer := ""
	if i := steps.Likeliest(p.losses); i >= 0 && !p.pick.moved {
		prefer = rows[i].ID
		if here, ok := p.pick.current(); ok && p.pick.rows.ID(here) != prefer {
			p.pick.armed = false
		}
	}
	return p.pick.renew(steps.TableOf(rows), prefer)
}

// Update implements page.
func (p *whenPage) Update(msg tea.Msg) (result, tea.Cmd) {
	if done, cmd := p.run.take(msg); done {
		h := p.hunt().Told(p.run.value)
		p.seen.Hunt = &h
		return nil, tea.Batch(cmd, p.show())
	} else if cmd != nil {
		return nil, cmd
	}
	if done, cmd := p.past.take(msg); done {
		p.seen.Learn(p.past.value)
		cmds := []tea.Cmd{p.show(), p.askNames()}
		if p.wanted {
			cmds = append(cmds, p.begin())
		}
		return nil, tea.Batch(cmds...)
	} else if cmd != nil {
		return nil, cmd
	}
	if done, cmd := p.names.take(msg); done {
		if p.names.problem != nil {
			return nil, nil
		}
		p.inventory.Databases = p.names.value
		return nil, tea.Batch(p.suggest(), p.askBeside())
	} else if cmd != nil {
		return nil, cmd
	}
	if done, cmd := p.beside.take(msg); done {
		if p.beside.problem != nil {
			return nil, nil
		}
		here := p.suggestion()
		p.inventory = p.inventory.With(p.beside.value)
		cmd := p.suggest()
		p.at = slices.Index(p.suggested, here)
		return nil, cmd
	} else if cmd != nil {
		return nil, cmd
	}
	if done, cmd := p.opening.take(msg); done {
		var collections []string
		if p.opening.problem == nil {
			collections = p.opening.value
		}
		here := p.suggestion()
		p.inventory = p.inventory.Opened(p.opened, collections)
		cmd := p.suggest()
		p.at = slices.Index(p.suggested, here)
		return nil, cmd
	} else if cmd != nil {
		return nil, cmd
	}
	switch msg := msg.(type) {
	case foundMsg:
		if msg.owner == p {
			return nil, p.show()
		}
	case tea.KeyPressMsg:
		if p.asking {
			return p.askKey(msg)
		}
		return p.key(msg)
	case tea.PasteMsg:
		if p.asking {
			_, cmd := p.set.update(msg)
			return nil, tea.Batch(cmd, p.suggest())
		}
	default:
		_, cmd := p.pick.update(msg)
		return nil, cmd
	}
	return nil, nil
}

// askKey is a key while what is missing is asked.
func (p *whenPage) askKey(k tea.KeyPressMsg) (result, tea.Cmd) {
	p.told = ""
	switch {
	case keyBack().has(k) && p.hunt() != nil:
		p.asking = false
		return nil, p.show()
	case keyBack().has(k):
		return back{}, nil
	case keyDown().has(k) && p.set.at == 0:
		p.at = min(p.at+1, len(p.suggested)-1)
		return nil, nil
	case keyUp().has(k) && p.set.at == 0:
		p.at = max(p.at-1, -1)
		return nil, nil
	case keyChoose().has(k):
		if name := p.suggestion(); name != "" {
			p.missing.input.SetValue(name)
			p.missing.input.CursorEnd()
		}
		if p.doubt() {
			return nil, nil
		}
		return nil, p.begin()
	}
	before := p.missing.value()
	_, cmd := p.set.update(k)
	if p.missing.value() != before {
		cmd = tea.Batch(cmd, p.suggest())
	}
	return nil, cmd
}

// suggestion is the highlighted name; empty for none.
func (p *whenPage) suggestion() string {
	if p.at >= 0 && p.at < len(p.suggested) {
		return p.suggested[p.at]
	}
	return ""
}

// doubt says once that nobody knows the name that was typed: what came and went between two
// snapshots is called so all the same.
func (p *whenPage) doubt() bool {
	text := p.missing.value()
	why, like := p.inventory.Unknown(text)
	if why == "" || p.doubted == text {
		return false
	}
	p.doubted, p.told = text, p.inventory.Words(text)
	if len(like) > 0 {
		p.told += " ↓ chooses one; enter again looks for what is typed."
	} else {
		p.told += " Enter again looks for it all the same."
	}
	return true
}

// key is a key while what was found is shown.
func (p *whenPage) key(k tea.KeyPressMsg) (result, tea.Cmd) {
	now := p.cfg.Now()
	switch {
	case keyBack().has(k):
		return back{}, nil
	case keyAnother().has(k):
		p.halt()
		p.asking = true
		p.set.focus(0)
		return nil, tea.Batch(p.askNames(), p.suggest())
	case keyStop().has(k):
		p.halt()
		return nil, nil
	case keyReload().has(k) && !p.run.busy:
		return nil, p.goOn(*p.hunt())
	case keyWider().has(k):
		if h, more := p.hunt().Wider(steps.Oldest(p.reach(), p.seen.Snapshots, now), now); more {
			return nil, p.goOn(h)
		}
		return nil, nil
	}
	if l, ok := p.here(); ok && keyOnly("").has(k) {
		if _, can := p.hunt().AnswerOnly(l, p.plan); can {
			return other{func(s *steps.Session) { s.Only(l) }}, nil
		}
		return nil, nil
	}
	chosen, cmd := p.pick.update(k)
	if chosen >= 0 {
		if _, ok := p.losses[chosen].Answer(p.plan); ok {
			return chose{p.losses[chosen]}, cmd
		}
	}
	return nil, cmd
}

func keyOnly(what string) action { return act("o", "restore only "+what, "o") }
func keyAnother() action         { return act("tab", "something else", "tab") }
func keyStop() action            { return act("s", "stop", "s") }
func keyWider() action           { return act("w", "further back", "w") }

// here is the highlighted loss; false for none.
func (p *whenPage) here() (steps.Loss, bool) {
	i, ok := p.pick.current()
	if !ok || i >= len(p.losses) {
		return steps.Loss{}, false
	}
	return p.losses[i], true
}

// Meaning implements page.
func (p *whenPage) Meaning() said {
	switch {
	case p.told != "":
		return said{p.told, true}
	case p.asking && p.suggestion() != "":
		return said{text: steps.MissingWords(p.inventory.Means(p.suggestion()))}
	case p.asking:
		return said{text: p.inventory.Words(p.missing.value()) + " Nothing is changed by looking."}
	}
	l, ok := p.here()
	if !ok {
		return said{text: "You can go back at any time and type the moment, or choose a snapshot."}
	}
	if i, _ := p.pick.current(); p.pick.rows.Row(i).Barred != "" {
		return said{steps.WhyNot(p.pick.rows.Row(i)), true}
	}
	if only, can := p.hunt().AnswerOnly(l, p.plan); can && !l.Proposal.Moment.IsZero() {
		return said{text: "Enter goes on with the whole cluster: the target, which is erased, is asked next. o restores " + steps.ChosenNames(only.Only, 1) + " alone, and erases nothing."}
	}
	return said{text: "Enter takes it into the plan" + map[bool]string{true: "; the target is asked next.", false: ", as if the snapshot was chosen."}[!l.Proposal.Moment.IsZero()]}
}

// Keys implements page.
func (p *whenPage) Keys() []action {
	if p.asking {
		search := act("enter", "search", "enter")
		return append([]action{search, act("tab", "since when", "tab", "shift+tab").moving(), act("↑↓", "a name", "up", "down").moving(), keyBack()}, keyReload().not("What is missing is asked first.").aside())
	}
	var keys []action
	if l, ok := p.here(); ok {
		if _, can := l.Answer(p.plan); can {
			keys = append(keys, act("enter", "restore to before it", "enter"))
			if only, can := p.hunt().AnswerOnly(l, p.plan); can {
				keys = append(keys, keyOnly(steps.ChosenNames(only.Only, 1)).or("restore it alone"))
			}
		} else {
			keys = append(keys, keyChoose().aside())
		}
	}
	now := p.cfg.Instant()
	if p.run.busy {
		keys = append(keys, keyStop())
	} else if h := p.hunt(); h != nil {
		if _, more := h.Wider(steps.Oldest(p.reach(), p.seen.Snapshots, now), now); more {
			keys = append(keys, keyWider())
		}
		keys = append(keys, keyReload().aside())
	}
	return slices.Concat(keys, []action{keyAnother(), keyBack()}, moves())
}

// Writes implements page.
func (p *whenPage) Writes() bool { return p.asking }
