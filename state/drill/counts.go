package drill

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"atlas-restore/state/incident"
	"atlas-restore/state/record"
)

// Atlas's counters of a database.
const (
	objectCount     = "DATABASE_OBJECT_COUNT"
	collectionCount = "DATABASE_COLLECTION_COUNT"
	viewCount       = "DATABASE_VIEW_COUNT"
)

var counters = []string{objectCount, collectionCount, viewCount}

// span is from the least to the most that something was.
type span struct {
	least, most float64
	known       bool
}

// add is the sum with what another server has; unknown if either is.
func (s span) add(o span) span {
	return span{s.least + o.least, s.most + o.most, s.known && o.known}
}

// Range says it in words: "12 to 14", or "12".
func (s span) Range() string {
	if s.least == s.most {
		return number(s.least)
	}
	return number(s.least) + " to " + number(s.most)
}

// number is a count with its thousands set apart.
func number(v float64) string {
	s := strconv.FormatInt(int64(v), 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// grainAt is how fine Atlas keeps counters of an age.
func grainAt(age time.Duration) time.Duration {
	switch {
	case age < 47*time.Hour:
		return time.Minute
	case age < 7*24*time.Hour-time.Hour:
		return 5 * time.Minute
	case age < 62*24*time.Hour:
		return time.Hour
	}
	return 24 * time.Hour
}

// around is what to ask of the source to know what it had at an instant.
func around(at, now time.Time) incident.Span {
	grain := grainAt(now.Sub(at))
	reach := max(3*time.Hour, 3*grain)
	s := incident.Span{From: at.Add(-reach).Truncate(grain), Until: at.Add(reach), Grain: grain}
	if s.Until.After(now) {
		s.Until = now
	}
	return s
}

// bracket is what a series tells of an instant: all that it was from the last point before it until a
// point whose value is surely of after it, as a value may be as old as its series says.
func bracket(s incident.Series, at time.Time) (out span) {
	before, after := false, false
	for _, p := range s.Points {
		switch {
		case !p.Known || after:
		case !p.At.After(at):
			out, before = span{p.Value, p.Value, true}, true // the last one counts
		case before:
			out.least, out.most = min(out.least, p.Value), max(out.most, p.Value)
			after = !p.At.Before(at.Add(s.Grain + s.Age))
		}
	}
	out.known = before && after
	return out
}

// since is the newest value that a series has and that is surely of after an instant.
func since(s incident.Series, at time.Time) (out span) {
	for _, p := range s.Points {
		if p.Known && !p.At.Before(at.Add(s.Grain+s.Age)) {
			out = span{p.Value, p.Value, true}
		}
	}
	return out
}

// count is what is known of a database on one side.
type count struct{ documents, collections, views span }

// of takes the counters out of series.
func countOf(all []incident.Series, read func(incident.Series) span) (out count) {
	for _, s := range all {
		switch s.Name {
		case objectCount:
			out.documents = read(s)
		case collectionCount:
			out.collections = read(s)
		case viewCount:
			out.views = read(s)
		}
	}
	return out
}

func (c count) add(o count) count {
	return count{c.documents.add(o.documents), c.collections.add(o.collections), c.views.add(o.views)}
}

// nothing is what a server has of a database that it does not have.
func nothing() count {
	zero := span{known: true}
	return count{zero, zero, zero}
}

// What counts may differ by and be the same: the counts that MongoDB keeps are a little off at times,
// and the source goes on between two of Atlas's looks. Where it has changed by more than much around
// that time, they prove nothing.
const (
	little = 0.001
	much   = 0.05
	few    = 20 // documents
)

// sameDocuments says whether the target has as many documents as the source had.
func sameDocuments(had, has span) (f record.Finding, why string) {
	if !had.known || !has.known {
		return record.Unseen, ""
	}
	wide, slack := had.most-had.least, little*had.most
	switch v := has.least; {
	case v < had.least-slack-wide, v > had.most+slack+wide:
		return record.Failed, fmt.Sprintf("%s, and the source had %s", number(v), had.Range())
	case wide > max(much*had.most, few):
		return record.Unseen, fmt.Sprintf("%s, and the source changed too much around that time to tell (%s)", number(v), had.Range())
	}
	return record.Passed, ""
}

// sameCollections says whether the target has all collections: by the names in the snapshot, which may
// or may not tell views, and by what Atlas counted of the source. names is negative where none were read.
func sameCollections(names int, had, has count) (f record.Finding, why string) {
	c, v := has.collections, has.views
	if !c.known {
		return record.Unseen, ""
	}
	n, whole := float64(names), c.least+v.least
	byName := names >= 0 && (n == c.least || v.known && n == whole)
	switch {
	case names >= 0 && v.known && whole < n:
		return record.Failed, fmt.Sprintf("%s, and the snapshot names %s", number(whole), number(n))
	case had.collections.known && c.least < had.collections.least && n != c.least:
		return record.Failed, fmt.Sprintf("%s, and the source had %s", number(c.least), had.collections.Range())
	case had.collections.known && c.least <= had.collections.most, byName:
		return record.Passed, ""
	case had.collections.known:
		return record.Failed, fmt.Sprintf("%s, and the source had %s", number(c.least), had.collections.Range())
	}
	return record.Unseen, fmt.Sprintf("%s, and how many the source had could not be read", number(c.least))
}

// internal says whether a database is one of each member's own.
func internal(database string) bool { return incident.Namespace{Database: database}.Internal() }

// people are the databases that are no member's own, in their order, once each.
func people(all []string) []string {
	out := slices.DeleteFunc(slices.Clone(all), internal)
	slices.Sort(out)
	return slices.Compact(out)
}
