package steps

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"atlas-restore/forms/filter"
	"atlas-restore/state"
	"atlas-restore/state/collections"
	"atlas-restore/state/incident"
)

// StepWhen is a step aside from the snapshots and from the moment: it asks what is missing, and
// looks for when that was lost.
const StepWhen = StepSearch + 1

// The words of its two questions.
const (
	WhenMissing     = "What is missing"
	WhenMissingHint = "shop.orders, a database, a part of a name, or nothing"
	WhenSince       = "Since when"
	WhenSinceHint   = "like 13:00 or 2h; nothing: newest first"
)

// When goes aside to look for when something was lost.
func (s *Session) When() {
	if step := s.Step(); step == state.StepSnapshot || step == state.StepFields || step == StepMoment {
		s.path = append(s.path, StepWhen)
	}
}

// Only comes back with what is proposed for a loss, and goes on to restore nothing but what was
// lost, into the cluster that it was lost from or into another one. False where that cannot be.
func (s *Session) Only(l Loss) bool {
	plan, ok := s.Seen.HuntOf(s.Plan.Cluster).AnswerOnly(l, s.Plan)
	if !ok || s.Step() != StepWhen {
		return false
	}
	s.Cfg.Given.Namespace = ""
	s.path = s.path[:len(s.path)-1]
	s.Unguided()
	s.Plan, s.checks, s.accepted, s.editing = plan, nil, nil, false
	s.path = s.way(plan.Next())
	return true
}

// AnswerOnly is the plan that restores what was lost alone; false where the loss names nothing
// that can be, or the cluster takes no such restore.
func (h *Hunt) AnswerOnly(l Loss, plan state.Plan) (state.Plan, bool) {
	n := lostName(l.told)
	if n == (collections.Name{}) && h != nil { // a counter names nothing: what was looked for is meant
		n = collections.Name{Database: h.Missing.Database, Collection: h.Missing.Collection}
	}
	whole, ok := l.Answer(plan)
	if !ok || n.Check() != nil || plan.Cluster.Offers(state.Collections) != nil {
		return plan, false
	}
	return whole.WithDelivery(state.Collections).WithOnly(collections.Choice{}.With(n)).WithEvidence(whole.Evidence), true
}

// Chose comes back with what is proposed for a loss, and goes on as if its moment was typed, or its
// snapshot chosen.
func (s *Session) Chose(l Loss) {
	if _, ok := l.Answer(s.Plan); !ok || s.Step() != StepWhen {
		return
	}
	s.path = s.path[:len(s.path)-1]
	if s.Step() == state.StepSnapshot || s.Step() == StepMoment {
		plan, _ := l.Answer(s.Plan)
		if s.singles() { // never the whole cluster instead
			plan = plan.WithDelivery(state.Collections).WithEvidence(plan.Evidence)
		}
		s.Answered(plan)
		return
	}
	s.Unguided() // what flags said of the other fields stands in the draft by now
	plan, _ := l.Answer(s.Plan)
	switch next := plan.Next(); {
	case plan.Delivery != state.PointInTime: // a snapshot instead of the moment that was asked for
		s.Plan, s.path = plan, s.way(next)
		s.checks, s.accepted = nil, nil
	case s.editing && next == state.StepReview:
		s.Answered(plan)
	default:
		s.Plan, s.checks, s.accepted = plan, nil, nil
	}
}

// WhenOther is the way to the search, from where a snapshot or a moment is asked for.
func WhenOther() Other {
	return Other{Key: "ctrl+g", Word: "when", Help: "when was it lost?", Line: "find out when something was lost", Go: (*Session).When}
}

// NewestOf is the newest snapshot that can be restored; false for none.
func NewestOf(all []state.Snapshot, now time.Time) (newest state.Snapshot, ok bool) {
	for i := range all {
		if s := &all[i]; (!ok || s.When().After(newest.When())) && s.Usable(now) == nil {
			newest, ok = *s, true
		}
	}
	return newest, ok
}

// newestOf is NewestOf the snapshots that were seen, looked for once for as long as it can be
// restored.
func (s *Seen) newestOf(now time.Time) state.Snapshot {
	newest := s.newest.of(s.Snapshots, func() state.Snapshot {
		n, _ := NewestOf(s.Snapshots, now)
		return n
	})
	if newest.ID != "" && newest.Usable(now) != nil {
		newest, _ = NewestOf(s.Snapshots, now)
	}
	return newest
}

// Inventory are the names of what snapshots and the living cluster hold, as far as they were loaded:
// for suggestions, and to tell a name that nobody knows.
type Inventory struct {
	Of, Oldest  state.Snapshot // the newest that can be restored, and the oldest; without an id where it is the same
	Databases   []string
	Collections map[string][]string // by database; those that were opened

	where []string // whose names they are, in words; the newest snapshot's alone where it is empty
	whole bool     // all that was asked for has come
}

// InventoryOf is the inventory of a cluster with these snapshots before anything is loaded; false
// where none can be restored.
func InventoryOf(all []state.Snapshot, now time.Time) (Inventory, bool) {
	newest, ok := NewestOf(all, now)
	v := Inventory{Of: newest}
	for _, s := range all {
		if s.Usable(now) == nil && s.ID != newest.ID && (v.Oldest.ID == "" || s.When().Before(v.Oldest.When())) {
			v.Oldest = s
		}
	}
	return v, ok
}

// Names loads the databases of the newest snapshot.
func (v Inventory) Names(ctx context.Context, atlas Atlas, c state.Cluster) ([]string, error) {
	return atlas.SnapshotDatabases(ctx, c, v.Of.ID) //nolint:wrapcheck // as it came
}

// Beside adds the databases of the oldest snapshot and of the living cluster to those of the newest.
// What cannot be read is left out, and is not named among what was read.
func (v Inventory) Beside(ctx context.Context, atlas Atlas, c state.Cluster, now time.Time) Inventory {
	v.where = []string{"the snapshot of " + state.UTC(v.Of.When(), now)}
	add := func(names []string, err error, where string) {
		if err == nil && len(names) > 0 {
			all := append(slices.Clone(v.Databases), names...)
			slices.Sort(all)
			v.Databases, v.where = slices.Compact(all), append(v.where, where)
		}
	}
	if v.Oldest.ID != "" {
		names, err := atlas.SnapshotDatabases(ctx, c, v.Oldest.ID)
		add(names, err, "that of "+state.UTC(v.Oldest.When(), now))
	}
	if members, err := atlas.Members(ctx, c); err == nil {
		if i := slices.IndexFunc(members, func(p incident.Process) bool { return !p.Mongos() }); i >= 0 {
			names, err := atlas.Databases(ctx, c.ProjectID, members[i].ID)
			add(names, err, "the living cluster")
		}
	}
	v.whole = ctx.Err() == nil
	return v
}

// With is the inventory with what Beside has found; the collections that were opened meanwhile stay.
func (v Inventory) With(beside Inventory) Inventory {
	beside.Collections = v.Collections
	return beside
}

// Open loads the collections of a database, of the newest snapshot and of the oldest. It is an error
// where neither tells them.
func (v Inventory) Open(ctx context.Context, atlas Atlas, c state.Cluster, db string) ([]string, error) {
	all, err := atlas.SnapshotCollections(ctx, c, v.Of.ID, db)
	if v.Oldest.ID != "" {
		older, e := atlas.SnapshotCollections(ctx, c, v.Oldest.ID, db)
		if e == nil {
			err = nil
		}
		all = append(slices.Clone(all), older...)
	}
	slices.Sort(all)
	return slices.Compact(all), err //nolint:wrapcheck // as it came
}

// Unknown says that no name that was read is the one that was typed, and which have it in them. It is
// empty where it is known, and where not all was read: what was not read may have it.
func (v Inventory) Unknown(text string) (why string, like []string) {
	m := v.Means(text)
	if !v.whole || len(v.Databases) == 0 || m == (incident.Missing{}) {
		return "", nil
	}
	like = v.Suggest(text)
	collections, opened := v.Collections[m.Database]
	switch {
	case m.Database != "" && !slices.Contains(v.Databases, m.Database):
		return fmt.Sprintf("No database is called %s in %s.", m.Database, v.places(v.where)), like
	case m.Collection != "" && opened && len(collections) > 0 && !slices.Contains(collections, m.Collection):
		return fmt.Sprintf("No collection is called %s in %s.", m, v.places(v.snapshots())), like
	case m.Part != "" && len(like) == 0 && v.ToOpen(text) == "" && len(v.own()) <= mostOpened:
		return fmt.Sprintf("No name in %s has %s in it.", v.places(v.where), m.Part), nil
	}
	return "", nil
}

// snapshots are those of where that can name collections: of a living cluster Atlas tells none.
func (v Inventory) snapshots() []string {
	return slices.DeleteFunc(slices.Clone(v.where), func(w string) bool { return w == "the living cluster" })
}

func (v Inventory) places(all []string) string {
	if len(all) < 2 {
		return strings.Join(all, "")
	}
	return strings.Join(all[:len(all)-1], ", ") + " or " + all[len(all)-1]
}

// Words say what a text will be taken for, or that no name is called so, and which are nearly.
func (v Inventory) Words(text string) string {
	why, like := v.Unknown(text)
	switch {
	case why == "":
		return MissingWords(v.Means(text))
	case len(like) > 0:
		return fmt.Sprintf("%s It is a part of %s.", why, v.places(like[:min(len(like), 3)]))
	}
	return why
}

// mostOpened is how many databases are opened for a name without one before it.
const mostOpened = 8

// ToOpen is the database whose collections are to be loaded for a text: the one that it names, or
// for a name of which the database is not known the next one that was not; empty for none.
func (v Inventory) ToOpen(text string) string {
	own := v.own()
	open := own[:min(len(own), mostOpened)]
	if db, _, ok := strings.Cut(strings.TrimSpace(text), "."); ok {
		open = slices.DeleteFunc(slices.Clone(v.Databases), func(name string) bool { return name != db })
	} else if db == "" {
		return ""
	}
	for _, db := range open {
		if _, have := v.Collections[db]; !have {
			return db
		}
	}
	return ""
}

// Opened is the inventory with the collections of a database.
func (v Inventory) Opened(db string, collections []string) Inventory {
	all := map[string][]string{db: collections}
	for name, c := range v.Collections {
		if name != db {
			all[name] = c
		}
	}
	v.Collections = all
	return v
}

// own are the databases that are not the server's.
func (v Inventory) own() []string {
	return slices.DeleteFunc(slices.Clone(v.Databases), func(db string) bool { return incident.Namespace{Database: db}.Internal() })
}

// Suggest are the names that a text may mean, the best first: databases, and the collections of
// those that were opened.
func (v Inventory) Suggest(text string) []string {
	var names []string
	for _, db := range v.own() {
		names = append(names, db)
		for _, c := range v.Collections[db] {
			if n := (incident.Namespace{Database: db, Collection: c}); !n.Internal() {
				names = append(names, n.String())
			}
		}
	}
	typed := filter.New(strings.TrimSpace(text))
	var out []string
	for fit := filter.Whole; fit < filter.NoFit; fit++ {
		for _, n := range names {
			if typed.Fit(filter.Of(n, "")) == fit {
				out = append(out, n)
			}
		}
	}
	return out
}

// Means is what a text says is missing: a collection where it has a dot, else a database that is
// known by that very name, else whatever has it in its name. An empty one is whatever there is.
func (v Inventory) Means(text string) incident.Missing {
	text = strings.TrimSpace(text)
	if db, collection, ok := strings.Cut(text, "."); ok && db != "" {
		return incident.Missing{Database: db, Collection: collection}
	}
	if slices.Contains(v.Databases, text) {
		return incident.Missing{Database: text}
	}
	return incident.Missing{Part: text}
}

// MissingName says in short what is looked for.
func MissingName(m incident.Missing) string {
	if m.Part != "" && m.Database == "" {
		return "what is called " + m.Part
	}
	return m.String()
}

// MissingWords says what a text will be taken for.
func MissingWords(m incident.Missing) string {
	switch {
	case m.Collection != "":
		return "Looked for is the collection " + m.Database + "." + m.Collection + ", by this very name."
	case m.Database != "":
		return "Looked for is the database " + m.Database + ", and each collection of it."
	case m.Part != "":
		return "Looked for is whatever has " + m.Part + " in its name."
	}
	return "Looked for is whatever was dropped, renamed or deleted in masses."
}
