// Package incident tells when something was lost, and which moment is the last before it.
//
// Whoever restores at night knows what is missing and mostly not since when. Two things tell:
// the logs of a cluster's members, in which the server names each drop and rename to the
// millisecond with the connection behind it (Log), and Atlas's counters, which show a mass
// delete to the minute (Series). From what was found comes a proposal (Propose): the last whole
// second before, held against the restore window and its holes, or the newest snapshot before.
//
// What could not be read is never taken for nothing: a line that bears the id of a loss and
// cannot be read is an event of its own, a point without a value is not zero, and where two
// moments may be meant, none is proposed.
package incident

import (
	"slices"
	"strings"
	"time"

	"atlas-restore/state/text"
)

// Kind is what happened, as the program's output names it.
type Kind string

// The kinds. The server logs a drop and a rename as they are asked for, before it does them: a
// drop of what is not there, or a rename that fails, leaves the same line.
const (
	Drop         Kind = "drop"         // of a collection, a view or a time series
	DropDatabase Kind = "dropDatabase" // with what Collections names
	Rename       Kind = "rename"       // Namespace is called Target since
	Overwrite    Kind = "overwrite"    // Namespace was put in the place of Target, whose documents are gone
	Delete       Kind = "delete"       // a delete of many documents that was slow
	Unclear      Kind = "unclear"      // a line that names one of these and cannot be read: see Text
)

// Event is one thing that happened, as one member's log tells it.
type Event struct {
	Kind Kind
	// At is when it began by that member's clock, to the millisecond, in UTC. Zero only for a
	// line that is unclear in its time too.
	At time.Time
	// Until is when it ended: of a delete, and of a database whose drop was logged to its end.
	// Zero where that is not told.
	Until time.Time
	// Late says that it began before At: the log that was read begins in the middle of it.
	Late bool
	// Applied says that this member repeated it after the primary, which logged it earlier.
	Applied bool

	Namespace   Namespace   // what it befell; of a rename the name before
	Target      Namespace   // of a rename the name since
	Collections []Namespace // of a database: what went with it, at most maxCollections
	Complete    bool        // of a database: Collections are all of them
	Deleted     int64       // of a delete: how many documents

	Who    Who
	Member string // the log's; as NewLog was told
	Text   string // of a line that is unclear: its beginning, cleaned
	Doubt  string // why its time is not to be trusted, as a sentence; else empty
}

// maxCollections is how many collections of a database that was dropped are named.
const maxCollections = 512

// Who is behind an event. All of it is cleaned, all but Context may be untold.
type Who struct {
	Context     string // the server's name of the thread: "conn4711", "OplogApplier-0"
	Application string // as the client calls itself: "mongosh 2.5.10"
	Driver      string // name and version: "nodejs|mongosh 6.19.0|2.5.10"
	Remote      string // its address and port
}

// String names who it was, as far as it is known: "mongosh 2.5.10 on conn4711 from 10.0.0.7:52414".
func (w Who) String() string {
	name := w.Application
	if name == "" {
		name = w.Driver
	}
	out := w.Context
	if name != "" {
		out = name + " on " + w.Context
	}
	if w.Remote != "" {
		out += " from " + w.Remote
	}
	return out
}

// Namespace is the name of a collection, or of a database where Collection is empty. It is
// cleaned to be shown.
type Namespace struct {
	Database   string
	Collection string // may hold dots
	// Altered says that cleaning took something away: what is shown is not the name, and no
	// name that a person gives is meant by it.
	Altered bool
}

// maxName is the longest name that is kept whole, in bytes. A server takes 255.
const maxName = 1024

// namespace is a name as a log tells it; false where it is none of a collection.
func namespace(s string) (Namespace, bool) {
	db, collection, ok := strings.Cut(s, ".")
	if !ok || db == "" || collection == "" {
		return Namespace{}, false
	}
	shown := name(db)
	shown.Collection, ok = cleaned(collection)
	shown.Altered = shown.Altered || !ok
	return shown, true
}

// name is a database's.
func name(db string) Namespace {
	shown, ok := cleaned(db)
	return Namespace{Database: shown, Altered: !ok}
}

// cleaned is a name to show, and whether it is still the name.
func cleaned(s string) (string, bool) {
	whole := len(s) <= maxName
	if !whole {
		s = strings.ToValidUTF8(s[:maxName], "") + "…"
	}
	shown := text.CleanLong(s)
	// What was no UTF-8 has become that character.
	return shown, whole && shown == s && !strings.ContainsRune(s, '\uFFFD')
}

// String is the name as MongoDB writes it: "shop.orders", "shop".
func (n Namespace) String() string {
	if n.Collection == "" {
		return n.Database
	}
	return n.Database + "." + n.Collection
}

// buckets begins the name of the collection in which the server keeps a time series.
const buckets = "system.buckets."

// Internal says whether it is the server's or a tool's own, which people hardly ever mean:
// its databases, its collections, and what $out and mapReduce build up beside their target.
func (n Namespace) Internal() bool {
	switch n.Database {
	case "admin", "config", "local":
		return true
	}
	c := n.Collection
	return strings.HasPrefix(c, "system.") && !strings.HasPrefix(c, buckets) ||
		strings.HasPrefix(c, "tmp.agg_out.") || strings.HasPrefix(c, "tmp.mr.") || strings.HasPrefix(c, "enxcol_.")
}

// Missing is what a person says is lost. The zero value is whatever there is.
type Missing struct {
	Database   string // exact; empty for any
	Collection string // exact; empty for any of the database
	Part       string // of a database's or a collection's name, in any case of letters; empty for any
}

// Exact says whether it is one name: only then can a list say that it is there.
func (m Missing) Exact() bool { return m.Database != "" && m.Part == "" }

// String says it as a person does: "shop.orders", "shop", "what is called …orders…", "anything".
func (m Missing) String() string {
	name := Namespace{Database: m.Database, Collection: m.Collection}.String()
	switch {
	case m == (Missing{}):
		return "anything"
	case m.Database == "" && m.Collection != "":
		name = "any " + m.Collection
	}
	if m.Part != "" {
		name = strings.TrimPrefix(name+" like "+m.Part, " ")
	}
	return name
}

// means says whether n may be what is missing. A database is meant by what is in it.
func (m Missing) means(n Namespace) bool {
	if m == (Missing{}) {
		return true
	}
	if m.Part != "" && !strings.Contains(strings.ToLower(n.String()), strings.ToLower(m.Part)) {
		return false
	}
	if m.Database == "" && m.Collection == "" {
		return true
	}
	return !n.Altered && (m.Database == "" || n.Database == m.Database) &&
		(m.Collection == "" || n.Collection == "" || n.Collection == m.Collection || n.Collection == buckets+m.Collection)
}

// Befell says whether the event took away what is missing: dropped or deleted from it, put
// something else in its place, or gave it another name. A line that is unclear befell nothing
// that can be said.
func (e Event) Befell(m Missing) bool {
	switch e.Kind {
	case Drop, Rename, Delete:
		return m.means(e.Namespace)
	case Overwrite:
		return m.means(e.Namespace) || m.means(e.Target)
	case DropDatabase:
		if slices.ContainsFunc(e.Collections, m.means) {
			return true
		}
		// Where it is known what went with the database, nothing else did.
		return m.means(e.Namespace) && (m.Collection == "" || !e.Complete)
	default:
		return false
	}
}
