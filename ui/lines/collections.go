package lines

import (
	"context"
	"errors"
	"slices"
	"strings"

	"atlas-restore/forms/filter"
	"atlas-restore/state"
	"atlas-restore/state/collections"
	"atlas-restore/ui/steps"
)

// The words of the question for collections.
const (
	wordGo        = "go"        // goes on with what is marked
	wordOpen      = "open"      // open shop: hears its collections too
	wordOverwrite = "overwrite" // drops what has the names
	wordCreate    = "create"    // and the other way
	wordIndexes   = "indexes"   // indexes none
	wordRename    = "rename"    // rename shop.orders=shop.orders_restored
	wordSuffix    = "suffix"    // suffix _restored
)

// collections asks which databases and collections are restored, and how they are written: the
// same tree as on the full screen.
func (f *face) collections() error {
	t, err := f.tree()
	if err != nil {
		return err
	}
	f.say(t.Where(f.run.Plan, f.run.Cfg) + " A name marks it, or leaves it out again. " +
		"open shop says the collections of shop too. " + wordGo + " goes on.")
	for said := -1; ; said = t.Len() { // where rows have come or gone the numbers are others
		f.run.Seen.Mark(f.run.Plan, t)
		q := question{
			noun: "name", prompt: "Which databases and collections", usual: -1, free: true, again: said == t.Len(),
			words:   []string{wordGo, wordOverwrite, wordCreate, "r"},
			explain: func() { f.help(state.StepCollections); f.say(collectionWords) },
			find:    func(text string) (int, error) { return steps.List[int]{Noun: "name"}.Find(t.Table(), text) },
		}
		if n := len(t.Choice.Names); n > 0 {
			q.prompt = state.Count(n, "name") + " marked. More, or " + wordGo
		}
		for i := range t.Len() {
			r := t.Table().Row(i)
			q.options = append(q.options, option{name: r.Name, id: r.ID, about: strings.TrimPrefix(r.Cells[0]+" "+r.Cells[2], "[ ] "), text: filter.Of(r.Name, r.ID)})
		}
		r, err := f.choose(q)
		if err != nil {
			return err
		}
		switch {
		case r.word == wordGo:
			choice := t.Choice
			if err := choice.Check(); err != nil {
				f.say(sentence(err))
				continue
			}
			f.chosen(state.StepCollections, func(p state.Plan) state.Plan { return p.WithOnly(choice) }, writtenWords(choice))
			return nil
		case r.word == "r":
			return nil // the step is still open: it is asked anew
		case r.word == wordOverwrite, r.word == wordCreate:
			t = t.With(func(c *collections.Choice) {
				c.Write = map[string]collections.Write{wordOverwrite: collections.OverwriteExisting, wordCreate: collections.CreateNew}[r.word]
			})
			f.say(writtenWords(t.Choice))
		case r.at >= 0:
			if t, err = f.mark(t, t.At(r.at)); err != nil {
				f.say(sentence(err))
			}
		default:
			if t, err = f.treeCommand(t, r.text); errors.Is(err, ErrLeft) {
				return err
			} else if err != nil {
				f.say(sentence(err))
			}
		}
	}
}

const collectionWords = wordOpen + " shop says its collections too; " + wordOverwrite + " drops what has the names on the target, " + wordCreate + " erases nothing; " +
	wordIndexes + " all, none or no-ttl; " + wordRename + " shop.orders=shop.orders_restored; " + wordSuffix + " _restored."

// writtenWords say how it is written.
func writtenWords(c collections.Choice) string {
	text := "Written: " + steps.WriteWords(c.Write) + ". Indexes: " + steps.IndexWords(c.Indexes) + "."
	if all := steps.Renames(c); len(all) > 0 {
		text += " " + strings.Join(all, ", ") + "."
	}
	return text
}

// tree loads the names. Where they cannot be read a name can be said all the same.
func (f *face) tree() (steps.Tree, error) {
	cfg, plan, of := f.run.Cfg, f.run.Plan, f.run.NamesSnapshot()
	if of.ID == "" && plan.ByMoment() {
		const sought = "Looking for the snapshot before that moment"
		base, err := await(f, sought, func(ctx context.Context) (state.Snapshot, error) {
			return cfg.Walk().BaseSnapshot(ctx, plan.Cluster, plan.Instant)
		})
		if errors.Is(err, ErrLeft) {
			return steps.Tree{}, err
		}
		if err != nil {
			f.say(state.Explain(sought, err).Text())
			return unread(steps.TreeOf(of, plan, f.run.Seen)), nil
		}
		of = base
	}
	t := steps.TreeOf(of, plan, f.run.Seen)
	if of.ID == "" {
		t.Loose = true
		return t, nil
	}
	if t.Databases != nil {
		return f.openedAll(t)
	}
	what := "Loading the names in the snapshot of " + state.UTC(of.When(), cfg.Now())
	names, err := await(f, what, func(ctx context.Context) ([]string, error) {
		return cfg.Atlas.SnapshotDatabases(ctx, plan.Cluster, of.ID)
	})
	if errors.Is(err, ErrLeft) {
		return t, err
	}
	if err != nil {
		f.say(state.Explain(what, err).Text())
		return unread(t), nil
	}
	t = t.Have(names)
	f.run.Seen.Names = t.Inventory
	return f.openedAll(t)
}

// unread has names said, as those that there are could not be read.
func unread(t steps.Tree) steps.Tree {
	t.Loose, t.Told = true, steps.NamesUnread
	return t
}

// openedAll has the databases among the rows of which something is chosen.
func (f *face) openedAll(t steps.Tree) (steps.Tree, error) {
	var err error
	for _, n := range t.Choice.Names {
		if t, err = f.opened(t, n.Database); errors.Is(err, ErrLeft) {
			return t, err
		}
	}
	return t, nil
}

// opened has the collections of a database among the rows.
func (f *face) opened(t steps.Tree, db string) (steps.Tree, error) {
	if _, have := t.Collections[db]; have || t.Of.ID == "" {
		return t.Toggled(db, true), nil
	}
	cfg, plan := f.run.Cfg, f.run.Plan
	what := "Loading the collections of " + db
	names, err := await(f, what, func(ctx context.Context) ([]string, error) {
		return cfg.Atlas.SnapshotCollections(ctx, plan.Cluster, t.Of.ID, db)
	})
	if errors.Is(err, ErrLeft) {
		return t, err
	}
	if err != nil {
		f.say(state.Explain(what, err).Text())
		t.Loose = true
		return t, nil
	}
	t = t.Opened(db, names).Toggled(db, true)
	f.run.Seen.Names = t.Inventory
	return t, nil
}

// mark takes a name, or leaves it out, and says so.
func (f *face) mark(t steps.Tree, n collections.Name) (steps.Tree, error) {
	next, err := t.Marked(n)
	if err != nil {
		return t, err //nolint:wrapcheck // it is said as it is
	}
	word := "Left out: "
	if next.Choice.Has(n) {
		word = "Marked: "
	}
	f.say(word + steps.NameWords(n) + ".")
	return next, nil
}

// treeCommand obeys what is no name of the list.
func (f *face) treeCommand(t steps.Tree, text string) (steps.Tree, error) {
	word, rest, _ := strings.Cut(strings.TrimSpace(text), " ")
	rest = strings.TrimSpace(rest)
	switch {
	case word == wordOpen && rest != "":
		next, err := f.opened(t, rest)
		if err == nil && next.Len() == t.Len() {
			f.say(quoted(rest) + " has nothing more to say.")
		}
		return next, err
	case word == wordIndexes && rest != "", word == wordRename && rest != "", word == wordSuffix:
		given := state.GivenOnly{}
		for _, n := range t.Choice.Names {
			given.Names = append(given.Names, n.String())
		}
		switch word {
		case wordIndexes:
			given.Indexes = rest
		case wordRename:
			given.Renames = []string{rest}
		default:
			given.Suffix = rest
		}
		said, err := given.Choice()
		if err != nil {
			return t, err //nolint:wrapcheck // it is said as it is
		}
		t = t.With(func(c *collections.Choice) {
			switch word {
			case wordIndexes:
				c.Indexes = said.Indexes
			case wordSuffix:
				c.Suffix = said.Suffix
			default:
				for n, to := range said.To {
					*c = c.Renamed(n, to)
				}
			}
		})
		f.say(writtenWords(t.Choice))
		return t, nil
	}
	if n := collections.Split(word); slices.Contains(t.Databases, n.Database) && !t.Shown[n.Database] && !n.IsDatabase() {
		next, err := f.opened(t, n.Database) // it is said before its database was opened
		if err != nil {
			return next, err
		}
		if _, err := (steps.List[int]{Noun: "name"}).Find(next.Table(), word); err == nil {
			return f.mark(next, n)
		}
		t = next
	}
	if n, ok := t.Typed(text); ok {
		return f.mark(t.Toggled(n.Database, true), n)
	}
	f.say(quoted(text) + " is no name here. " + collectionWords)
	return t, nil
}
