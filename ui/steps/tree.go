package steps

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"atlas-restore/forms/columns"
	"atlas-restore/state"
	"atlas-restore/state/collections"
	"atlas-restore/state/incident"
)

// Tree are the databases and collections of which some are restored, and what was chosen of them.
// The collections of a database are known once it was opened. It is a value: what changes it gives
// another one.
type Tree struct {
	Inventory
	Choice collections.Choice
	Shown  map[string]bool // the databases whose collections stand in the list
	Loose  bool            // a name may be chosen that is not in the list: it is of a moment, or the names could not be read
	Here   string          // the row on which the highlight was when the list was left; empty for none
	Told   Told            // what is known of which names there are

	rows []collections.Name // see laidOut
}

// Told is what is known of which names there are, beside those that have come.
type Told int

// Names that have not come, or could not be read, are not no names.
const (
	NamesCame Told = iota
	NamesAwaited
	NamesUnread
)

// Lacks says whether nothing is known of which names there are.
func (t Tree) Lacks() bool { return t.Told != NamesCame && t.Databases == nil }

// TreeOf begins with what was chosen before, and with the names that are known of that snapshot.
func TreeOf(of state.Snapshot, plan state.Plan, seen *Seen) Tree {
	known := seen.Names
	if known.Of.ID != of.ID {
		known = Inventory{Of: of}
	}
	t := Tree{Inventory: known, Choice: plan.Only, Shown: map[string]bool{}, Loose: plan.ByMoment()}
	if m := seen.Marked; m != nil && m.of == sourceName(plan.Cluster) {
		t.Choice, t.Shown, t.Here = m.choice, maps.Clone(m.shown), m.here
	}
	if t.Choice.IsZero() { // what was lost is what is wanted
		if n := lostName(plan.Evidence); n.Check() == nil {
			t.Choice = t.Choice.With(n)
		}
	}
	for _, n := range t.Choice.Names {
		if !n.IsDatabase() {
			t.Shown[n.Database] = true
		}
	}
	return t.laidOut()
}

// Marked is how the list was left, so that whoever comes back to the page finds it there.
type Marked struct {
	of     string // the source
	choice collections.Choice
	shown  map[string]bool
	here   string
}

// Mark notes how the list of a plan's source stands: what is marked, what is open, and the highlighted row.
func (s *Seen) Mark(plan state.Plan, t Tree) {
	s.Marked = &Marked{sourceName(plan.Cluster), t.Choice, t.Shown, t.Here}
}

// Begins is the row on which the highlight begins: where it was, else what was marked first. A collection that
// is not in the list has its database there. It is empty where none of them is.
func (t Tree) Begins() string {
	var wanted []string
	if t.Here != "" {
		wanted = append(wanted, t.Here, collections.Split(t.Here).Database)
	}
	for _, n := range t.Choice.Names {
		wanted = append(wanted, n.String())
	}
	for _, id := range wanted {
		if slices.ContainsFunc(t.rows, func(n collections.Name) bool { return n.String() == id }) {
			return id
		}
	}
	return ""
}

// lostName is what a search has found to be lost; zero for nothing that has a name.
func lostName(e state.Evidence) collections.Name { return collections.Split(e.Namespace) }

// Have is the tree with the databases that the snapshot has.
func (t Tree) Have(databases []string) Tree {
	t.Databases, t.Told = append([]string{}, databases...), NamesCame // none is an answer too
	return t.laidOut()
}

// Hidden is a database that is closed in the list and has a collection of which text is a part; empty
// for none, as far as the collections were read.
func (t Tree) Hidden(text string) string {
	text = strings.ToLower(text)
	for _, db := range t.Databases {
		if !t.Shown[db] && slices.ContainsFunc(t.Collections[db], func(name string) bool {
			return strings.Contains(strings.ToLower(db+"."+name), text)
		}) {
			return db
		}
	}
	return ""
}

// Opened is the tree with the collections of a database.
func (t Tree) Opened(db string, names []string) Tree {
	t.Inventory = t.Inventory.Opened(db, names)
	return t.laidOut()
}

// Toggled opens a database in the list, or closes it.
func (t Tree) Toggled(db string, open bool) Tree {
	t.Shown = maps.Clone(t.Shown)
	t.Shown[db] = open
	return t.laidOut()
}

// Marked takes n, or leaves it out where it was taken. The error says why it cannot be.
func (t Tree) Marked(n collections.Name) (Tree, error) {
	switch {
	case slices.Contains(t.Choice.Names, n):
		t.Choice = t.Choice.Without(n)
	case t.Choice.Has(n):
		return t, fmt.Errorf("%s is marked with its whole database: leave that out first", n)
	default:
		if err := n.Check(); err != nil {
			return t, err //nolint:wrapcheck // it is a sentence
		}
		t.Choice = t.Choice.With(n)
	}
	if slices.Contains(t.rows, n) && t.known(n) { // no row comes or goes
		return t, nil
	}
	return t.laidOut(), nil
}

// With has how it is written changed.
func (t Tree) With(change func(*collections.Choice)) Tree {
	change(&t.Choice)
	return t
}

// laidOut has the rows anew: each database, and below it its collections where it is open. What
// was chosen and is not among them stands too.
func (t Tree) laidOut() Tree {
	var out []collections.Name
	for _, db := range t.own() {
		out = append(out, collections.Name{Database: db})
		if !t.Shown[db] {
			continue
		}
		out = append(out, t.collections(db)...)
	}
	var others []collections.Name
	for _, n := range t.Choice.Names {
		if !slices.Contains(out, n) && (n.IsDatabase() || t.Shown[n.Database]) {
			others = append(others, n)
		}
	}
	t.rows = append(out, others...)
	return t
}

// collections are those of a database that are not the server's own.
func (t Tree) collections(db string) []collections.Name {
	var out []collections.Name
	for _, c := range t.Collections[db] {
		if n := (incident.Namespace{Database: db, Collection: c}); !n.Internal() {
			out = append(out, collections.Name{Database: db, Collection: c})
		}
	}
	return out
}

// Len is how many rows there are.
func (t Tree) Len() int { return len(t.rows) }

// At is the name of a row.
func (t Tree) At(i int) collections.Name { return t.rows[i] }

// Table are the rows.
func (t Tree) Table() Table {
	return Table{n: len(t.rows), row: func(i int) Row { return t.row(t.rows[i]) }, id: func(i int) string { return t.rows[i].String() }}
}

// TreeColumns are the columns of the rows.
func TreeColumns() []columns.Column {
	return []columns.Column{{Head: ""}, {Head: "NAME"}, {Head: "", Rank: 1, Role: columns.Dim}}
}

func (t Tree) row(n collections.Name) Row {
	mark, name, about := "[ ]", n.String(), ""
	switch {
	case slices.Contains(t.Choice.Names, n):
		mark = "[x]"
		if to := t.Choice.Target(n); to != n {
			about = "as " + to.String()
		}
	case t.Choice.Has(n):
		mark = "[x]"
		about = "with its database"
	case n.IsDatabase() && t.some(n.Database):
		mark = "[-]"
	}
	if n.IsDatabase() {
		parts := []string{"database"}
		if _, opened := t.Collections[n.Database]; opened {
			parts = append(parts, state.Count(len(t.collections(n.Database)), "collection"))
		}
		about = strings.TrimPrefix(strings.Join(parts, ", ")+", "+about, ", ")
		about = strings.TrimSuffix(about, ", ")
	} else {
		name = "  " + name
	}
	if t.Databases != nil && !t.known(n) {
		about = strings.TrimPrefix(about+", not in this snapshot", ", ")
	}
	return Row{ID: n.String(), Name: n.String(), Cells: []string{mark, name, about}}
}

// some says whether single collections of a database are chosen.
func (t Tree) some(db string) bool {
	return slices.ContainsFunc(t.Choice.Names, func(n collections.Name) bool { return n.Database == db && !n.IsDatabase() })
}

// known says whether the snapshot has a name, as far as it was looked at.
func (t Tree) known(n collections.Name) bool {
	return len(lacking(collections.Choice{}.With(n), t.Inventory)) == 0
}

// Typed is the name that a text in the filter is, where it stands in no row and may be chosen all
// the same; false for none.
func (t Tree) Typed(text string) (collections.Name, bool) {
	n, err := collections.Parse(strings.TrimSpace(text))
	if err != nil || n.IsDatabase() || !t.Loose || slices.Contains(t.rows, n) {
		return collections.Name{}, false
	}
	return n, true
}

// Counts says in short how many names there are, and whose they are.
func (t Tree) Counts(shown int, plan state.Plan, now time.Time) string {
	switch {
	case t.Lacks() && t.Told == NamesAwaited:
		return "names not loaded yet"
	case t.Lacks():
		return "names not known"
	}
	count := state.Count(t.Len(), "name")
	if shown != t.Len() {
		count = fmt.Sprintf("%d of %s", shown, count)
	}
	switch {
	case t.Of.ID != "" && plan.ByMoment():
		count += ", from before the moment"
	case t.Of.ID != "":
		count += ", snapshot of " + state.UTC(t.Of.When(), now)
	}
	return count
}

// Where says whose names these are.
func (t Tree) Where(plan state.Plan, cfg Config) string {
	switch {
	case t.Lacks() && t.Told == NamesAwaited:
		return "The names are being loaded."
	case t.Lacks():
		return "The names could not be read: type them, like shop.orders."
	case t.Of.ID == "" && plan.ByMoment():
		return "No snapshot was taken before that moment: type the names."
	case t.Of.ID == "":
		return "The names could not be read: type them."
	}
	at := state.UTC(t.Of.When(), cfg.Instant())
	if plan.ByMoment() {
		return "These are the names in the snapshot of " + at + ", before the moment. A name that came later can be typed."
	}
	return "These are the names in the snapshot of " + at + "."
}

// Older says of names that are not those of the very data where they come from, beside Counts.
func (t Tree) Older(plan state.Plan, now time.Time) string {
	if t.Of.ID != "" && !t.Lacks() {
		return "Names of " + state.UTC(t.Of.When(), now) + ": a name that came later can be typed."
	}
	return t.Where(plan, Config{})
}

// NamesSnapshot is the snapshot whose names are shown: the plan's, or the newest before its moment
// as far as they were listed.
func (s *Session) NamesSnapshot() state.Snapshot { return s.baseOfPoint() }
