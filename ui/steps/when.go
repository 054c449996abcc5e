package steps

import (
	"slices"
	"strings"
	"time"

	"atlas-restore/forms/filter"
	"atlas-restore/state"
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
	if step := s.Step(); step == state.StepSnapshot || step == state.StepFields {
		s.path = append(s.path, StepWhen)
	}
}

// Chose comes back with what is proposed for a loss, and goes on as if its moment was typed, or its
// snapshot chosen.
func (s *Session) Chose(l Loss) {
	if _, ok := l.Answer(s.Plan); !ok || s.Step() != StepWhen {
		return
	}
	s.path = s.path[:len(s.path)-1]
	if s.Step() == state.StepSnapshot {
		plan, _ := l.Answer(s.Plan)
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
	for _, s := range all {
		if s.Usable(now) == nil && (!ok || s.When().After(newest.When())) {
			newest, ok = s, true
		}
	}
	return newest, ok
}

// Inventory are the names of what a snapshot holds, as far as they were loaded: for suggestions.
type Inventory struct {
	Of          state.Snapshot
	Databases   []string
	Collections map[string][]string // by database; those that were opened
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
