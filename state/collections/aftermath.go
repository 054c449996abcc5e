package collections

import (
	"encoding/json"
	"fmt"
)

// InPlace are the commands for mongosh that put what was restored as another name in the place of
// the collection that it was: the one that is there is kept under a name of its own. They are
// shown, and never run. Nothing for what has its name already.
func (p Part) InPlace() []string {
	if p.State != Successful && p.State != IndexBuildFailed || p.Real == (Name{}) || p.Real == p.Source {
		return nil
	}
	aside := Name{p.Source.Database, p.Source.Collection + "_before_restore"}
	return []string{rename(p.Source, aside), rename(p.Real, p.Source)}
}

// rename is without blanks, at which a narrow window would break it.
func rename(from, to Name) string {
	return fmt.Sprintf("db.adminCommand({renameCollection:%s,to:%s})", quoted(from), quoted(to))
}

// Counts is the command that tells how many documents a collection has now.
func (n Name) Counts() string {
	return fmt.Sprintf("db.getSiblingDB(%s).getCollection(%s).countDocuments({})", word(n.Database), word(n.Collection))
}

func quoted(n Name) string { return word(n.String()) }

// word is a string of JavaScript.
func word(s string) string {
	b, _ := json.Marshal(s) // of a string it does not fail
	return string(b)
}
