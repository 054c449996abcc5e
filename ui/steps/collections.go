package steps

import (
	"fmt"
	"strings"

	"atlas-restore/state"
	"atlas-restore/state/collections"
)

// ChosenNames are what was chosen, the first of them by name: "shop.orders", "shop.orders and 2
// more". Empty for nothing.
func ChosenNames(c collections.Choice, most int) string {
	var said []string
	for _, n := range c.Names[:min(most, len(c.Names))] {
		said = append(said, NameWords(n))
	}
	if more := len(c.Names) - most; more > 0 {
		return strings.Join(said, ", ") + fmt.Sprintf(" and %d more", more)
	}
	return strings.Join(said, ", ")
}

// NameWords is a name as it is said: a database is called one.
func NameWords(n collections.Name) string {
	if n.IsDatabase() {
		return "database " + n.Database
	}
	return n.String()
}

// Renames says as what the chosen come back, each on its own: "shop.orders as
// shop.orders_restored". Those that keep their names are not among them.
func Renames(c collections.Choice) []string {
	var out []string
	for _, n := range c.Names {
		if to := c.Target(n); to != n {
			out = append(out, n.String()+" as "+to.String())
		}
	}
	return out
}

// WriteWords say how it is written.
func WriteWords(w collections.Write) string {
	if w == collections.OverwriteExisting {
		return "overwrite what has the name"
	}
	return "create new, beside what is there"
}

// IndexWords say which indexes are built.
func IndexWords(i collections.Indexes) string {
	switch i {
	case collections.NoIndexes:
		return "none"
	case collections.AllButTTL:
		return "all but those that delete by themselves (TTL)"
	case collections.AllIndexes:
	}
	return "all"
}

// baseOfPoint is the snapshot whose names stand for the data of a plan: its own, or the newest of
// those that were listed before its moment. Without an id where there is none.
func (s *Session) baseOfPoint() state.Snapshot {
	if !s.Plan.ByMoment() {
		return s.Plan.Snapshot
	}
	return state.BaseOf(s.Seen.Snapshots, s.Plan.Instant, s.Cfg.Now())
}

// collectionsFollow is Follows for single collections.
func (s *Session) collectionsFollow(ways Ways) []Clause {
	p := s.Plan
	target := p.Target.ClusterName
	base := ""
	if p.ByMoment() {
		base = state.FromBase(s.base, p.Instant, s.Cfg.Instant())
	}
	lost := Clause{"Lost", "nothing: it comes in beside what " + target + " has.", false}
	names := strings.Join(Renames(p.Only), ", ")
	if names == "" && !p.Erases() {
		names = "the same; one that is taken gets an ending"
	}
	places := ""
	if s.checks != nil { // else what was seen is of another plan
		places = strings.Join(state.PlaceWords(p, s.facts.Places()), " ")
	}
	switch {
	case p.Erases() && places != "":
		lost = Clause{"Lost", places + " What is written there until the end is lost too.", true}
	case p.Erases():
		lost = Clause{"Lost", fmt.Sprintf("what %s has as %s, and all that is written there until the end.", target, ChosenTargets(p.Only, 3)), true}
	case places != "":
		names = places
	}
	return spoken([]Clause{
		lost,
		{"Names", names, false},
		{"Indexes", IndexWords(p.Only.Indexes) + "; search indexes are not restored.", false},
		{"Then", "about half an hour; nothing cancels it.", false},
		Chosen(p),
		{"Safer", s.safer(ways), false},
		{"Base", base, false},
	})
}

// ChosenTargets are the names on the target.
func ChosenTargets(c collections.Choice, most int) string {
	var to collections.Choice
	for _, n := range c.Names {
		to = to.With(c.Target(n))
	}
	return ChosenNames(to, most)
}
