package collections

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Write is how what is restored is put beside what is there, by Atlas's words.
type Write string

// The ways to write. CreateNew erases nothing: where the name is taken Atlas gives another one.
// OverwriteExisting drops what has the name, and what is written to it meanwhile is lost.
const (
	CreateNew         Write = "CREATE_NEW"
	OverwriteExisting Write = "OVERWRITE_EXISTING"
)

// Indexes says which are built anew, by Atlas's words.
type Indexes string

// The choices of indexes. A TTL index begins to delete as soon as it stands: without it, old
// documents stay long enough to be looked at.
const (
	AllIndexes Indexes = "ALL"
	NoIndexes  Indexes = "NONE"
	AllButTTL  Indexes = "ALL_EXCEPT_TTL"
)

// Choice is which databases and collections are restored, and how. The zero value is none; its
// Write and Indexes stand for CreateNew and AllIndexes. It is a value: its methods return
// another and leave it as it is.
type Choice struct {
	Names   []Name // in order; none covers another
	To      map[Name]Name
	Suffix  string // of every name that is not in To; empty for the same name
	Write   Write
	Indexes Indexes
}

// maxOfAKind is how many databases, and how many collections, a job takes (Admin API).
const maxOfAKind = 100

// IsZero says whether nothing was chosen.
func (c Choice) IsZero() bool { return len(c.Names) == 0 }

// Has says whether n is chosen: by its own name, or with its database.
func (c Choice) Has(n Name) bool {
	return slices.ContainsFunc(c.Names, func(other Name) bool { return other.Covers(n) })
}

// With chooses n too. A database takes the place of those of its collections that were chosen.
func (c Choice) With(n Name) Choice {
	if c.Has(n) {
		return c
	}
	c.Names = append(slices.DeleteFunc(slices.Clone(c.Names), n.Covers), n)
	slices.SortFunc(c.Names, compare)
	return c.kept()
}

// Without leaves n out. Of a database that is chosen whole a collection cannot be left out.
func (c Choice) Without(n Name) Choice {
	c.Names = slices.DeleteFunc(slices.Clone(c.Names), func(other Name) bool { return other == n })
	return c.kept()
}

// kept drops the new names of what is not chosen any more.
func (c Choice) kept() Choice {
	c.To = maps.Clone(c.To)
	maps.DeleteFunc(c.To, func(n, _ Name) bool { return !slices.Contains(c.Names, n) })
	return c
}

// Renamed gives n another name on the target; the same name takes that back.
func (c Choice) Renamed(n, to Name) Choice {
	c.To = maps.Clone(c.To)
	if c.To == nil {
		c.To = map[Name]Name{}
	}
	delete(c.To, n)
	if n != to {
		c.To[n] = to
	}
	return c
}

// Target is the name that n, which is chosen, is to have on the target. Where something has
// that name and nothing is overwritten, Atlas gives another.
func (c Choice) Target(n Name) Name {
	if to, ok := c.To[n]; ok {
		return to
	}
	if n.IsDatabase() {
		return Name{n.Database + c.Suffix, ""}
	}
	return Name{n.Database, n.Collection + c.Suffix}
}

// Count says how many databases and how many collections were chosen.
func (c Choice) Count() (databases, collections int) {
	for _, n := range c.Names {
		if n.IsDatabase() {
			databases++
		} else {
			collections++
		}
	}
	return databases, collections
}

// Overwrites says whether what is there under these names is erased.
func (c Choice) Overwrites() bool { return c.Write == OverwriteExisting }

// Check holds the choice against MongoDB's rules and Atlas's bounds.
func (c Choice) Check() error {
	if c.IsZero() {
		return errors.New("choose a database or a collection")
	}
	if !slices.Contains([]Write{"", CreateNew, OverwriteExisting}, c.Write) {
		return fmt.Errorf("there is no way to write that is called %q", c.Write)
	}
	if !slices.Contains([]Indexes{"", AllIndexes, NoIndexes, AllButTTL}, c.Indexes) {
		return fmt.Errorf("there is no choice of indexes that is called %q", c.Indexes)
	}
	databases, collections := c.Count()
	if databases > maxOfAKind || collections > maxOfAKind {
		return fmt.Errorf("a job takes at most %d databases and %d collections; chosen are %d and %d: choose whole databases, or restore in two jobs", maxOfAKind, maxOfAKind, databases, collections)
	}
	for n := range c.To {
		if !slices.Contains(c.Names, n) {
			return fmt.Errorf("%s has a new name and is not chosen", n)
		}
	}
	for i, n := range c.Names {
		to := c.Target(n)
		if err := errors.Join(n.Check(), to.Check()); err != nil {
			return fmt.Errorf("restoring %s as %s: %w", n, to, err)
		}
		if n.IsDatabase() != to.IsDatabase() {
			return fmt.Errorf("restoring %s as %s: a database stays a database, and a collection a collection", n, to)
		}
		for j, other := range c.Names {
			if i == j {
				continue
			}
			if err := apart(n, to, other, c.Target(other)); err != nil {
				return err
			}
		}
	}
	return nil
}

// apart says what keeps two of what is chosen from being restored together.
func apart(n, to, other, otherTo Name) error {
	switch {
	case other.Covers(n):
		return fmt.Errorf("%s is chosen already with %s", n, other)
	case n.Covers(other):
		return fmt.Errorf("%s is chosen already with %s", other, n)
	case to == otherTo:
		return fmt.Errorf("%s and %s would both be restored as %s", n, other, to)
	case !strings.EqualFold(to.Database, otherTo.Database):
		return nil
	case to.Database != otherTo.Database: // MongoDB keeps no two such
		return fmt.Errorf("the databases %s and %s differ only in the case of letters, which MongoDB does not take", to.Database, otherTo.Database)
	case to.IsDatabase():
		return fmt.Errorf("%s would be restored into %s, where the whole database %s is restored to", other, to, n)
	}
	return nil
}

func compare(a, b Name) int {
	if d := strings.Compare(a.Database, b.Database); d != 0 {
		return d
	}
	return strings.Compare(a.Collection, b.Collection)
}
