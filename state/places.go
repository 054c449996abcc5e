package state

import (
	"fmt"
	"slices"

	"atlas-restore/state/collections"
)

// Presence is what is known of whether a name is taken on the target. Atlas tells the databases of
// a living cluster, and not its collections.
type Presence string

// The presences, as -o json tells them.
const (
	Free   Presence = "free"   // the target has no such database
	Gone   Presence = "gone"   // the database is there; of the collection it was seen that it was lost
	Untold Presence = "untold" // the database is there; nobody tells the collections of it
	Unread Presence = "unread" // the databases of the target could not be read
)

// Place is what is known of one of the chosen on the target.
type Place struct {
	Name   collections.Name
	Target collections.Name // that it is to have
	Is     Presence
	Why    string // Gone and Unread: how it was seen, or why not, without a full stop
	// Count is how many collections a whole database has in the snapshot; 0 where that was not read.
	Count int
}

// Places are those of the chosen, in their order; nil while the looks are awaited.
func (f Facts) Places() []Place {
	if f.Plan.Delivery != Collections || f.Awaited&(LookLiving|LookContents) != 0 {
		return nil
	}
	var out []Place
	for _, n := range f.Plan.Only.Names {
		p := Place{Name: n, Target: f.Plan.Only.Target(n), Is: Untold, Count: f.Contents.Counts[n]}
		switch why := f.gone(p.Target); {
		case f.LivingErr == nil && !slices.Contains(f.Contents.Living, p.Target.Database):
			p.Is = Free
		case why != "":
			p.Is, p.Why = Gone, why
		case f.LivingErr != nil:
			p.Is, p.Why = Unread, plainly(f.LivingErr)
		}
		out = append(out, p)
	}
	return out
}

// gone says how it was seen that the target, which is the source, has lost that name; empty where
// it was not.
func (f Facts) gone(n collections.Name) string {
	p, e := f.Plan, f.Plan.Evidence
	if p.Target.Project.ID != p.Project.ID || p.Target.ClusterName != p.Cluster.Name || n.IsDatabase() {
		return ""
	}
	if collections.Split(e.Namespace).Covers(n) {
		word := map[string]string{"drop": "was dropped", "dropDatabase": "was dropped with its database", "rename": "was renamed"}[e.What]
		if word != "" {
			return fmt.Sprintf("it %s at %s", word, UTCSecond(e.At, f.Now))
		}
	}
	if newest := f.Contents.Newest; newest.ID != "" && slices.Contains(f.Contents.NewestLacks, n) {
		return "it is not in the newest snapshot, of " + UTC(newest.When(), f.Now)
	}
	return ""
}

// PlaceWords say what becomes of the chosen on the target, those of one kind together.
func PlaceWords(p Plan, places []Place) []string {
	words := wordsAnew
	if p.Erases() {
		words = wordsOver
	}
	type kind struct{ is, why, database string }
	var order []kind
	all := map[kind][]Place{}
	for _, one := range places {
		k := kind{string(one.Is), one.Why, one.Target.Database}
		if p.Erases() && one.Name.IsDatabase() {
			k.why += one.Target.String() // each is counted by itself
		}
		if all[k] == nil {
			order = append(order, k)
		}
		all[k] = append(all[k], one)
	}
	var out []string
	for _, k := range order {
		out = append(out, words(p.Target.ClusterName, all[k]))
	}
	return out
}

// said are the names of places, the first of them each, with as what they come where that is
// another name.
func said(places []Place) string {
	const most = 3
	var out []string
	for _, p := range places[:min(len(places), most)] {
		name := p.Name.String()
		if p.Target != p.Name {
			name += " as " + p.Target.String()
		}
		if p.Name.IsDatabase() {
			name = "database " + name
		}
		out = append(out, name)
	}
	if more := len(places) - most; more > 0 {
		out = append(out, fmt.Sprintf("%d more", more))
	}
	return inARow(out)
}

// wordsAnew are about what is created beside what is there.
func wordsAnew(target string, places []Place) string {
	first, names := places[0], said(places)
	again, ending := "it", "it gets an ending, like "+example(first.Target)
	if len(places) > 1 || first.Name.IsDatabase() {
		again, ending = "one", "a name that is taken gets an ending, like "+example(first.Target)
	}
	switch first.Is {
	case Free:
		return fmt.Sprintf("%s: free, as %s has no database %s.", names, target, first.Target.Database)
	case Gone:
		return fmt.Sprintf("%s: %s, so it is free, unless somebody made %s again: then %s.", names, first.Why, again, ending)
	case Unread:
		return fmt.Sprintf("%s, if free: what %s has could not be read. Else %s.", names, target, ending)
	case Untold:
	}
	return fmt.Sprintf("%s, if free: Atlas tells no collections of %s. Else %s.", names, first.Target.Database, ending)
}

// example is what Atlas may call it where the name is taken.
func example(n collections.Name) string {
	if n.IsDatabase() {
		return n.Database + ".…_1"
	}
	return n.String() + "_1"
}

// wordsOver are about what is overwritten.
func wordsOver(target string, places []Place) string {
	first, names := places[0], said(places)
	if first.Name.IsDatabase() && first.Count > 0 {
		names += fmt.Sprintf(" (%s as of the snapshot)", Count(first.Count, "collection"))
	}
	switch first.Is {
	case Free:
		return fmt.Sprintf("%s: nothing is dropped, as %s has no database %s.", names, target, first.Target.Database)
	case Gone:
		return fmt.Sprintf("%s: %s. Dropped if somebody made it again.", names, first.Why)
	case Unread:
		return fmt.Sprintf("%s: dropped if there. What %s has could not be read.", names, target)
	case Untold:
	}
	return fmt.Sprintf("%s: dropped if there; Atlas tells no collections of %s.", names, first.Target.Database)
}
