// Package collections is what a restore of single databases and collections is made of: their
// names and MongoDB's rules for them, what was chosen and how it is written, what is asked of
// Atlas (Admin API, "collection restore jobs"), and what a job's end means.
//
// It knows no terminal, no network and no other part of a plan.
package collections

import (
	"errors"
	"fmt"
	"strings"
)

// Name is that of a collection, or of a database where Collection is empty.
type Name struct {
	Database   string
	Collection string // may hold dots
}

// Parse reads a name as MongoDB writes it: "shop" is a database, "shop.orders" a collection of
// it; what follows the first dot is the collection's. An error says which rule it breaks.
func Parse(s string) (Name, error) {
	n := Split(s)
	if n.Collection == "" && strings.Contains(s, ".") {
		return Name{}, fmt.Errorf("%q ends with a dot: write %q for the whole database", s, n.Database)
	}
	return n, n.Check()
}

// Split takes a name as Atlas tells it, which may break rules of today.
func Split(s string) Name {
	db, collection, _ := strings.Cut(s, ".")
	return Name{db, collection}
}

// String is the name as MongoDB writes it.
func (n Name) String() string {
	if n.Collection == "" {
		return n.Database
	}
	return n.Database + "." + n.Collection
}

// IsDatabase says whether it is a whole database.
func (n Name) IsDatabase() bool { return n.Collection == "" }

// Covers says whether whoever has n has other too: the same name, or a collection of the
// database n.
func (n Name) Covers(other Name) bool {
	return n == other || n.IsDatabase() && n.Database == other.Database
}

// The longest names, in bytes (MongoDB manual, "limits and thresholds").
const (
	maxDatabase  = 63
	maxNamespace = 255 // of database, dot and collection
)

// Check holds the name against MongoDB's rules for what people may make ("naming restrictions",
// servers on Linux, which all of Atlas's are).
func (n Name) Check() error {
	switch {
	case n.Database == "":
		return errors.New("the name of the database is missing")
	case strings.ContainsRune(n.String(), '\uFFFD'): // text.Marked has put it there
		return fmt.Errorf("%q holds a character that cannot be shown, so its real name is not known here: restore what it is in as a whole", n)
	case len(n.Database) > maxDatabase:
		return fmt.Errorf("a database's name has at most %d bytes; this one has %d", maxDatabase, len(n.Database))
	case strings.ContainsAny(n.Database, "/\\. \"$\x00"):
		return fmt.Errorf("the database's name %q holds one of / \\ . \" $ or a blank, which MongoDB does not take", n.Database)
	case n.server():
		return fmt.Errorf("%s is a database of the server itself", n.Database)
	case n.IsDatabase():
		return nil
	case strings.ContainsAny(n.Collection, "$\x00"):
		return fmt.Errorf("the collection's name %q holds $ or a zero byte, which MongoDB does not take", n.Collection)
	case strings.HasPrefix(n.Collection, "system."):
		return fmt.Errorf("%s is a collection of the server itself", n)
	case strings.HasPrefix(n.Collection, ".") || strings.HasSuffix(n.Collection, "."):
		return fmt.Errorf("the collection's name %q begins or ends with a dot", n.Collection)
	case len(n.String()) > maxNamespace:
		return fmt.Errorf("database and collection have at most %d bytes with the dot between them; these have %d", maxNamespace, len(n.String()))
	}
	return nil
}

// server says whether it is in a database that each server keeps for itself.
func (n Name) server() bool {
	switch n.Database {
	case "admin", "config", "local":
		return true
	}
	return false
}
