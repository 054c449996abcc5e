package incident

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Happening is one thing that happened to what is missing, from all lines that tell of it: the
// event is the earliest of them.
type Happening struct {
	Event
	Lines   int      // how many events it is made of
	Members []string // whose logs tell of it
}

const (
	// together is how far apart members may tell of the same: shards drop one after the other,
	// a secondary follows in moments. What follows later may be another, and stays one.
	together = 10 * time.Second
	// pause is what may lie between deletes that belong together.
	pause = time.Minute
)

// Gather makes of the events of one or more members what happened to what is missing, in the
// order of time. Events that are unclear are left out: see Unclears.
func Gather(events []Event, missing Missing) []Happening {
	events = slices.DeleteFunc(slices.Clone(events), func(e Event) bool { return !e.Befell(missing) })
	slices.SortStableFunc(events, func(a, b Event) int { return a.At.Compare(b.At) })
	var out []Happening
	for _, applied := range []bool{false, true} { // what is repeated belongs to what it repeats
		for _, e := range events {
			if e.Applied != applied {
				continue
			}
			i := len(out) - 1
			for i >= 0 && !out[i].takes(e) {
				i--
			}
			if i < 0 {
				out = append(out, Happening{e, 1, []string{e.Member}})
				continue
			}
			out[i].add(e)
		}
	}
	slices.SortStableFunc(out, func(a, b Happening) int { return a.At.Compare(b.At) })
	return out
}

// takes says whether e tells of the same.
func (h *Happening) takes(e Event) bool {
	if h.Kind != e.Kind {
		return false
	}
	if e.Kind == Delete {
		return h.Namespace == e.Namespace && !e.At.After(h.Until.Add(pause))
	}
	if h.Target != e.Target || e.At.Sub(h.At).Abs() > together {
		return false
	}
	if h.Namespace != e.Namespace { // a time series is dropped under both of its names
		return e.Member == h.Member && e.Who.Context == h.Who.Context && h.Namespace.series() == e.Namespace.series()
	}
	return !slices.Contains(h.Members, e.Member)
}

// series is the name that a time series has for people.
func (n Namespace) series() Namespace {
	n.Collection = strings.TrimPrefix(n.Collection, buckets)
	return n
}

func (h *Happening) add(e Event) {
	h.Lines++
	h.Deleted += e.Deleted
	if e.Until.After(h.Until) {
		h.Until = e.Until
	}
	if h.Kind == DropDatabase && !e.Applied { // each shard has its own
		h.Complete = h.Complete && e.Complete
		for _, c := range e.Collections {
			if !slices.Contains(h.Collections, c) {
				h.Collections = append(slices.Clip(h.Collections), c)
			}
		}
	}
	if !slices.Contains(h.Members, e.Member) {
		h.Members = append(h.Members, e.Member)
	}
	if !e.Applied {
		h.Late = h.Late || e.Late
		if e.At.Before(h.At) {
			h.At = e.At
		}
	}
}

// What says it as a sentence: "shop.orders was dropped".
func (h Happening) What() string {
	switch h.Kind {
	case Drop:
		return fmt.Sprintf("%s was dropped", h.Namespace)
	case DropDatabase:
		return fmt.Sprintf("the database %s was dropped", h.Namespace)
	case Rename:
		return fmt.Sprintf("%s was renamed to %s", h.Namespace, h.Target)
	case Overwrite:
		return fmt.Sprintf("%s was put in the place of %s", h.Namespace, h.Target)
	case Delete:
		return fmt.Sprintf("%d documents were deleted from %s", h.Deleted, h.Namespace)
	default:
		return "something that cannot be read happened"
	}
}

// Brief says it as a row does, what happened first: a row is cut at its end.
func (h Happening) Brief() string {
	switch h.Kind {
	case Drop:
		return fmt.Sprintf("dropped: %s", h.Namespace)
	case DropDatabase:
		return fmt.Sprintf("dropped: database %s", h.Namespace)
	case Rename:
		return fmt.Sprintf("renamed to %s: %s", h.Target, h.Namespace)
	case Overwrite:
		return fmt.Sprintf("replaced by %s: %s", h.Namespace, h.Target)
	case Delete:
		return fmt.Sprintf("%d deleted: %s", h.Deleted, h.Namespace)
	default:
		return h.What()
	}
}

// Unclears are the events that may be of what is missing, and cannot be read.
func Unclears(events []Event) []Event {
	return slices.DeleteFunc(slices.Clone(events), func(e Event) bool { return e.Kind != Unclear })
}

// longestDrop is how long the lines of the drop of one database can be apart.
const longestDrop = time.Hour

// joined are the events of logs that were read in parts which overlap: each once, and the drop of
// a database that lies in several parts as one. They are in the order of time.
func joined(events []Event) []Event {
	type same struct {
		kind              Kind
		namespace, target Namespace
		member, context   string
		text              string
	}
	slices.SortStableFunc(events, func(a, b Event) int { return a.At.Compare(b.At) })
	last := map[same]int{}
	out := events[:0]
	for _, e := range events {
		key := same{e.Kind, e.Namespace, e.Target, e.Member, e.Who.Context, e.Text}
		if i, ok := last[key]; ok && out[i].join(e) {
			continue
		}
		last[key] = len(out)
		out = append(out, e)
	}
	return out
}

// join adds e, which is of the same kind, name, member and context and not before it, where it is
// the same event or goes on with it.
func (e *Event) join(o Event) bool {
	goesOn := e.Kind == DropDatabase && o.Late && o.At.Sub(e.At) <= longestDrop && (e.Until.IsZero() || !o.At.After(e.Until))
	if !goesOn && !o.At.Equal(e.At) {
		return false
	}
	if e.Who.Application == "" && e.Who.Driver == "" && e.Who.Remote == "" {
		e.Who = o.Who
	}
	e.Late, e.Complete, e.Until = e.Late && o.Late, e.Complete || o.Complete, later(e.Until, o.Until)
	e.Doubt = cmp.Or(e.Doubt, o.Doubt)
	for _, c := range o.Collections {
		if !slices.Contains(e.Collections, c) && len(e.Collections) < maxCollections {
			e.Collections = append(slices.Clip(e.Collections), c)
		}
	}
	return true
}
