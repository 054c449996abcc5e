package ui

import (
	"context"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"atlas-restore/state"
	"atlas-restore/state/collections"
	"atlas-restore/ui/steps"
)

// collectionsPage asks which databases and collections are restored, and how they are written.
type collectionsPage struct {
	cfg  steps.Config
	plan state.Plan
	seen *steps.Seen
	tree steps.Tree
	ctx  context.Context //nolint:containedctx // the page's life is this context

	base    load[state.Snapshot] // of a moment, where no list tells it
	names   load[[]string]       // of the databases
	opening load[[]string]       // of the collections of one of them
	opened  string               // which
	pick    *picker
	told    said
	top     int // lines over the rows in the last View

	naming fieldset // a new name, or what is put behind all of them; see renames
	of     collections.Name
	asks   namingKind
}

// namingKind is what is being named.
type namingKind int

const (
	namesNothing namingKind = iota
	namesOne
	namesAll
)

func newCollectionsPage(cfg steps.Config, plan state.Plan, of state.Snapshot, seen *steps.Seen) *collectionsPage {
	p := &collectionsPage{cfg: cfg, plan: plan, seen: seen, tree: steps.TreeOf(of, plan, seen), pick: newPicker("name", "by name", steps.TreeColumns()...)}
	p.pick.lacks = "the databases that were opened. Type its database first, like shop.orders."
	p.pick.part = p.part
	p.pick.counts = func(shown []int) string { return p.tree.Counts(len(shown), plan, cfg.Instant()) }
	return p
}

// Init implements page.
func (p *collectionsPage) Init(ctx context.Context) tea.Cmd {
	p.ctx = ctx
	p.base.stop()
	p.names.stop()
	p.opening.stop()
	if p.tree.Databases == nil {
		return p.ask()
	}
	return tea.Batch(p.rows(p.tree.Begins()), p.open())
}

// ask loads the names, and before that looks for the snapshot that has them where no list tells it.
func (p *collectionsPage) ask() tea.Cmd {
	if p.tree.Of.ID != "" || !p.plan.ByMoment() {
		return p.askNames()
	}
	p.tree.Told = steps.NamesAwaited
	atlas, cluster, at := p.cfg.Walk(), p.plan.Cluster, p.plan.Instant
	return p.base.start(p.ctx, "Looking for the snapshot before that moment", func(ctx context.Context) (state.Snapshot, error) {
		return atlas.BaseSnapshot(ctx, cluster, at)
	})
}

func (p *collectionsPage) askNames() tea.Cmd {
	atlas, cluster, of := p.cfg.Atlas, p.plan.Cluster, p.tree.Of
	if of.ID == "" {
		p.tree.Loose, p.tree.Told = true, steps.NamesCame // there are none
		return p.rows("")
	}
	p.tree.Told = steps.NamesAwaited
	return p.names.start(p.ctx, "Loading the names in the snapshot of "+state.UTC(of.When(), p.cfg.Now()), func(ctx context.Context) ([]string, error) {
		return atlas.SnapshotDatabases(ctx, cluster, of.ID)
	})
}

// open loads the collections of the next database that is open in the list and was not read.
func (p *collectionsPage) open() tea.Cmd {
	if p.opening.busy || p.tree.Of.ID == "" {
		return nil
	}
	db := ""
	for _, name := range p.tree.Databases {
		if _, have := p.tree.Collections[name]; p.tree.Shown[name] && !have {
			db = name
			break
		}
	}
	text := p.pick.filter.Value()
	if full := strings.Contains(text, "."); db == "" && (full || text != "" && !p.pick.searching() && len(p.pick.shown) == 0) {
		if hidden := p.tree.Hidden(text); hidden != "" {
			p.tree = p.tree.Toggled(hidden, true)
			return p.rows("")
		}
		if db = p.tree.ToOpen(text); db != "" && full {
			p.tree = p.tree.Toggled(db, true)
		}
	}
	if db == "" {
		return nil
	}
	p.opened = db
	atlas, cluster, of := p.cfg.Atlas, p.plan.Cluster, p.tree.Of.ID
	return p.opening.start(p.ctx, "Loading the collections of "+db, func(ctx context.Context) ([]string, error) {
		return atlas.SnapshotCollections(ctx, cluster, of, db)
	})
}

// rows shows the tree as it is now, the highlight on the row of that id.
func (p *collectionsPage) rows(prefer string) tea.Cmd { return p.pick.renew(p.tree.Table(), prefer) }

// unread has names typed, as those that there are could not be read.
func (p *collectionsPage) unread() tea.Cmd {
	p.tree.Loose, p.tree.Told = true, steps.NamesUnread
	return p.rows("")
}

// part says which part of the names the rows are.
func (p *collectionsPage) part() part {
	switch {
	case p.tree.Lacks() && p.tree.Told == steps.NamesAwaited:
		return part{comes: true, none: true}
	case p.tree.Lacks():
		return part{lost: true, none: true}
	}
	return part{comes: p.opening.busy}
}

// Update implements page.
func (p *collectionsPage) Update(msg tea.Msg) (result, tea.Cmd) {
	if done, cmd := p.base.take(msg); done {
		if p.base.problem != nil {
			return nil, p.unread()
		}
		p.tree = steps.TreeOf(p.base.value, p.plan, p.seen)
		if p.tree.Databases != nil {
			return nil, tea.Batch(p.rows(p.tree.Begins()), p.open())
		}
		return nil, p.askNames()
	} else if cmd != nil {
		return nil, cmd
	}
	if done, cmd := p.names.take(msg); done {
		if p.names.problem != nil {
			return nil, p.unread()
		}
		p.tree = p.tree.Have(p.names.value)
		p.seen.Names = p.tree.Inventory
		return nil, tea.Batch(p.rows(p.tree.Begins()), p.open())
	} else if cmd != nil {
		return nil, cmd
	}
	if done, cmd := p.opening.take(msg); done {
		if p.opening.problem == nil {
			p.tree = p.tree.Opened(p.opened, p.opening.value)
			p.seen.Names = p.tree.Inventory
		} else {
			p.tree = p.tree.Toggled(p.opened, false)
			p.tree.Loose = true
			return nil, p.rows(p.opened) // the next key asks again
		}
		prefer := p.opened
		if all := p.tree.Choice.Names; len(all) > 0 && !p.pick.moved {
			prefer = all[0].String()
		}
		return nil, tea.Batch(p.rows(prefer), p.open())
	} else if cmd != nil {
		return nil, cmd
	}
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		defer p.note()
		if p.asks != namesNothing {
			return nil, p.namingKey(msg)
		}
		return p.key(msg)
	case tea.PasteMsg:
		if p.asks != namesNothing {
			_, cmd := p.naming.update(msg)
			return nil, cmd
		}
		_, cmd := p.pick.update(msg)
		return nil, tea.Batch(cmd, p.open())
	}
	_, cmd := p.pick.update(msg)
	return nil, cmd
}

func keyMark() action     { return act("space", "mark", "space") }
func keyOpen() action     { return act("→", "open", "right") }
func keyClose() action    { return act("←", "close", "left") }
func keyWrite() action    { return act("f6", "create new or overwrite", "f6") }
func keyIndexes() action  { return act("f7", "which indexes", "f7") }
func keyRename() action   { return act("f8", "another name", "f8") }
func keySuffixes() action { return act("f9", "an ending for all", "f9") }

// here is the name of the highlighted row; false for none.
func (p *collectionsPage) here() (collections.Name, bool) {
	i, ok := p.pick.current()
	if !ok || i >= p.tree.Len() {
		return collections.Name{}, false
	}
	return p.tree.At(i), true
}

// note keeps how the list stands for whoever comes back to it.
func (p *collectionsPage) note() {
	if n, ok := p.here(); ok {
		p.tree.Here = n.String()
	}
	p.seen.Mark(p.plan, p.tree)
}

func (p *collectionsPage) key(k tea.KeyPressMsg) (result, tea.Cmd) {
	p.told = said{}
	n, on := p.here()
	typed, loose := p.tree.Typed(p.pick.filter.Value())
	loose = loose && len(p.pick.shown) == 0
	switch {
	case keyBack().has(k):
		if p.pick.clear() {
			return nil, p.pick.show()
		}
		return back{}, nil
	case keyReload().has(k):
		p.base.stop() // each may hang
		p.names.stop()
		p.opening.stop()
		return nil, p.ask()
	case keyMark().has(k) && loose:
		p.tree = p.tree.Toggled(typed.Database, true)
		return nil, tea.Batch(p.mark(typed), p.pick.retype(""))
	case keyMark().has(k):
		if on {
			return nil, p.mark(n)
		}
		return nil, nil
	case keyOpen().has(k) && on && n.IsDatabase():
		p.tree = p.tree.Toggled(n.Database, true)
		return nil, tea.Batch(p.rows(n.String()), p.open())
	case keyClose().has(k) && on:
		p.tree = p.tree.Toggled(n.Database, false)
		return nil, p.rows(n.Database)
	case keyWrite().has(k):
		p.tree = p.tree.With(func(c *collections.Choice) {
			if c.Overwrites() {
				c.Write = collections.CreateNew
			} else {
				c.Write = collections.OverwriteExisting
			}
		})
		return nil, nil
	case keyIndexes().has(k):
		p.tree = p.tree.With(func(c *collections.Choice) {
			next := map[collections.Indexes]collections.Indexes{collections.AllButTTL: collections.NoIndexes, collections.NoIndexes: collections.AllIndexes}
			c.Indexes = next[c.Indexes]
			if c.Indexes == "" {
				c.Indexes = collections.AllButTTL
			}
		})
		return nil, nil
	case keyRename().has(k):
		if on && p.chosen(n) {
			p.name(namesOne, n)
		} else {
			p.told = said{"Only what is marked gets another name: space marks it.", true}
		}
		return nil, nil
	case keySuffixes().has(k):
		p.name(namesAll, collections.Name{})
		return nil, nil
	case keyChoose().has(k):
		return p.enter(n, on, typed, loose)
	}
	before := p.pick.filter.Value()
	_, cmd := p.pick.update(k)
	if p.pick.filter.Value() != before {
		cmd = tea.Batch(cmd, p.open())
	}
	return nil, cmd
}

func (p *collectionsPage) chosen(n collections.Name) bool {
	for _, c := range p.tree.Choice.Names {
		if c == n {
			return true
		}
	}
	return false
}

// mark takes a name, or leaves it out.
func (p *collectionsPage) mark(n collections.Name) tea.Cmd {
	next, err := p.tree.Marked(n)
	if err != nil {
		p.told = said{sentence(err.Error()), true}
		return nil
	}
	same := next.Len() == p.tree.Len()
	if p.tree = next; same {
		p.pick.remade(next.Table())
		return nil
	}
	return p.rows(n.String())
}

// enter goes on with what is marked. While nothing is, it takes the highlighted collection, and
// opens a database.
func (p *collectionsPage) enter(n collections.Name, on bool, typed collections.Name, loose bool) (result, tea.Cmd) {
	var cmd tea.Cmd
	if p.tree.Choice.IsZero() {
		switch {
		case loose:
			cmd = p.mark(typed)
		case !on:
			p.told = said{p.unmarked(), true}
			return nil, nil
		case n.IsDatabase():
			p.tree = p.tree.Toggled(n.Database, !p.tree.Shown[n.Database])
			return nil, tea.Batch(p.rows(n.String()), p.open())
		default:
			cmd = p.mark(n)
		}
	}
	if err := p.tree.Choice.Check(); err != nil {
		p.told = said{sentence(err.Error()), true}
		return nil, cmd
	}
	choice := p.tree.Choice
	return answered{func(plan state.Plan) state.Plan { return plan.WithOnly(choice) }}, cmd
}

// unmarked says how something comes to be marked while nothing is, and no row is highlighted.
func (p *collectionsPage) unmarked() string {
	switch {
	case p.tree.Lacks() && p.tree.Told == steps.NamesAwaited:
		return "Nothing is marked yet: the names are still being loaded."
	case p.tree.Loose && len(p.pick.shown) == 0:
		return "Nothing is marked yet: type a name with its database, like shop.orders."
	case p.pick.rows.Len() > 0 && len(p.pick.shown) == 0:
		return "Nothing is marked yet, and no row has what is typed in its name."
	case len(p.pick.shown) == 0:
		return "Nothing is marked yet, and there is no name to mark."
	}
	return "Nothing is marked yet: ↓ moves to a row, space marks it."
}

// sentence is an error as a sentence. A name at its beginning stays as it is.
func sentence(text string) string {
	first, rest, _ := strings.Cut(text, " ")
	if strings.ContainsAny(first, ".\"") || strings.HasPrefix(rest, "is ") {
		return state.Sentence(text)
	}
	return state.Sentence(strings.ToUpper(text[:1]) + text[1:])
}

// name asks for a name.
func (p *collectionsPage) name(what namingKind, of collections.Name) {
	f := &setField{label: "New name", hint: of.String()}
	if what == namesAll {
		f = &setField{label: "Ending", hint: "like _restored; nothing: the same names"}
	}
	p.asks, p.of, p.naming = what, of, newFieldset(f)
	if what == namesOne {
		f.input.SetValue(p.tree.Choice.Target(of).String())
	} else {
		f.input.SetValue(p.tree.Choice.Suffix)
	}
	f.input.CursorEnd()
}

func (p *collectionsPage) namingKey(k tea.KeyPressMsg) tea.Cmd {
	p.told = said{}
	if keyBack().has(k) {
		p.asks = namesNothing
		return nil
	}
	done, cmd := p.naming.update(k)
	if !done {
		return cmd
	}
	text := p.naming.fields[0].value()
	choice := p.tree.Choice
	if p.asks == namesAll {
		choice.Suffix = text
	} else {
		to, err := collections.Parse(text)
		if err != nil {
			p.told = said{sentence(err.Error()) + " Type " + p.of.String() + " to keep its own name.", true}
			return cmd
		}
		choice = choice.Renamed(p.of, to)
	}
	if err := choice.Check(); err != nil && !choice.IsZero() {
		p.told = said{sentence(err.Error()), true}
		return cmd
	}
	p.asks = namesNothing
	p.tree = p.tree.With(func(c *collections.Choice) { *c = choice })
	return tea.Batch(cmd, p.rows(p.of.String()))
}

// View implements page.
func (p *collectionsPage) View(s styles, w, h int) string {
	foot := p.foot(s, w, h)
	var top []string
	for _, b := range []func(styles, int) []string{p.waits(p.base.busy, p.base.waiting), p.waits(p.names.busy, p.names.waiting), p.waits(p.opening.busy, p.opening.waiting)} {
		top = append(top, b(s, w)...)
	}
	for _, prob := range []*state.Problem{p.base.problem, p.names.problem, p.opening.problem} {
		if prob != nil {
			top = append(top, problemLines(s, *prob, w)...)
		}
	}
	p.top = len(top)
	room := max(2, h-len(top)-len(foot))
	lines := append(top, strings.Split(p.pick.view(s, w, room), "\n")...)
	lines = lines[:min(len(lines), max(1, h-len(foot)))]
	return strings.Join(append(lines, foot...), "\n")
}

func (p *collectionsPage) waits(busy bool, waiting func(styles, int) []string) func(styles, int) []string {
	if !busy {
		return func(styles, int) []string { return nil }
	}
	return waiting
}

// The least lines of the page in which all is said of how it is written, and where the names of a
// moment come from.
const leastWays, leastWhere = 9, 12

// foot is what was chosen and how it is written.
func (p *collectionsPage) foot(s styles, w, h int) []string {
	p.naming.cursor = nil
	c := p.tree.Choice
	line := func(lead, text string, style interface{ Render(...string) string }) string {
		return s.dim.Render(pad(lead, 10)) + style.Render(ansi.Truncate(text, max(8, w-10), s.marks.more))
	}
	chosen := "nothing yet"
	if n := len(c.Names); n > 0 {
		chosen = state.Count(n, "name") + ": " + steps.ChosenNames(c, 3)
	}
	write := s.text
	if c.Overwrites() {
		write = s.danger
	}
	names := "the same; one that is taken gets an ending"
	if c.Overwrites() {
		names = "the same"
	}
	if all := steps.Renames(c); len(all) > 0 {
		names = strings.Join(all, ", ")
	} else if c.Suffix != "" {
		names = "each with " + c.Suffix + " behind it"
	}
	out := []string{
		line("Chosen", chosen, s.name),
		line("Written", "(f6) "+steps.WriteWords(c.Write), write),
		line("Indexes", "(f7) "+steps.IndexWords(c.Indexes), s.text),
		line("Names", "(f8 one, f9 all) "+names, s.text),
	}
	if h < leastWays {
		out = out[:2]
	}
	if p.tree.Told != steps.NamesAwaited && p.tree.Of.ID == "" || p.tree.Told == steps.NamesUnread && p.tree.Lacks() || p.plan.ByMoment() && h >= leastWhere {
		out = append([]string{s.dim.Render(ansi.Truncate(p.tree.Older(p.plan, p.cfg.Instant()), w, s.marks.more))}, out...)
	}
	if h >= leastWhere+3 {
		out = append([]string{""}, out...)
	}
	if p.asks != namesNothing {
		out = append(out, p.naming.view(s, w, h-1, true)...)
	}
	return out
}

func pad(text string, n int) string { return text + strings.Repeat(" ", max(0, n-len(text))) }

// Cursor implements page.
func (p *collectionsPage) Cursor() *tea.Cursor {
	if p.asks != namesNothing {
		return p.naming.cursor
	}
	c := p.pick.cursor()
	if c == nil {
		return nil
	}
	c.Y += p.top
	return c
}

// Meaning implements page.
func (p *collectionsPage) Meaning() said {
	n, on := p.here()
	switch {
	case p.told.text != "":
		return p.told
	case p.asks == namesOne:
		if p.of.IsDatabase() {
			return said{text: "The name that the database " + p.of.Database + " gets on the target. Its own name takes that back."}
		}
		return said{text: "The name that " + p.of.String() + " gets on the target, with its database before the dot. Its own name takes that back."}
	case p.asks == namesAll:
		return said{text: "What is put behind the name of each that has no new name of its own."}
	case p.tree.Choice.Overwrites() && !p.tree.Choice.IsZero():
		return said{"What has these names on the target is dropped, with all that is written to it until the end.", true}
	case !p.tree.Choice.IsZero():
		return said{text: "Enter goes on: the target is asked next. Nothing is erased."}
	case on && n.IsDatabase():
		return said{text: "Space marks the whole database. Enter opens it."}
	case on:
		return said{text: "Space marks it. Enter takes it alone, and goes on."}
	}
	if typed, ok := p.tree.Typed(p.pick.filter.Value()); ok && len(p.pick.shown) == 0 {
		return said{text: "No row has that name. Space marks " + typed.String() + " as it is typed."}
	}
	return said{text: "Mark what you want back. Nothing is changed before you confirm at the end."}
}

// Keys implements page.
func (p *collectionsPage) Keys() []action {
	if p.asks != namesNothing {
		return []action{act("enter", "take the name", "enter"), keyBack()}
	}
	enter := act("enter", "go on", "enter")
	if n, on := p.here(); p.tree.Choice.IsZero() && on && n.IsDatabase() {
		enter = act("enter", "open", "enter")
	}
	keys := []action{enter, keyMark(), keyOpen().moving(), keyClose().moving().aside(), keyWrite().aside(), keyIndexes().aside(), keyRename().aside(), keySuffixes().aside()}
	keys = append(keys, moves()...)
	esc := keyBack()
	if p.pick.filter.Value() != "" {
		esc = act("esc", "clear the filter", "esc")
	} else {
		keys = append(keys, act("type", "to filter"))
	}
	if p.tree.Told == steps.NamesUnread {
		return slices.Insert(append(keys, esc), 1, keyReload())
	}
	return append(keys, esc, keyReload().aside())
}

// Writes implements page.
func (p *collectionsPage) Writes() bool { return true }
