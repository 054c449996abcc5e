package incident

import (
	"fmt"
	"slices"
	"time"

	"atlas-restore/state"
)

// Point is one value of a counter.
type Point struct {
	At    time.Time
	Value float64
	Known bool // Atlas leaves values out: one that is not known is not zero
}

// Series is what Atlas has counted of a member or a database. Points are in the order of time.
type Series struct {
	Name   string        // Atlas's: DOCUMENT_METRICS_DELETED, DATABASE_OBJECT_COUNT …
	Grain  time.Duration // from one point to the next
	Age    time.Duration // how old a value may be at its point; Sampling for those of a database
	Points []Point
}

// Sampling is how far apart Atlas counts what is in a database; busy ones less often.
const Sampling = 20 * time.Minute

// Jump is where a counter leaves what it was in the hours before.
type Jump struct {
	Series string
	Of     string // the server whose counter it is; set by a search
	// After is when it had not begun yet by all that is known: the last point before it, less
	// its grain, which may hold the first of it, and the age that its value may have.
	After time.Time
	From  time.Time // its first point
	Until time.Time // its last
	// Before is what was the most in the hours before for a rate, and the last value for a number.
	Before float64
	Peak   float64 // the highest rate in it, or the lowest number
	Total  float64 // of a rate: how many in all, as far as points are known
	Points int     // how many it is compared with
	Fall   bool
}

// Brief says it as a row does, what happened first: "fell from 15448231 to 13223131: number of
// documents", "rose to 4000/s: deleted documents".
func (j Jump) Brief() string {
	name := j.Series
	if words, ok := counterWords()[j.Series]; ok {
		name = words
	}
	if j.Fall {
		return fmt.Sprintf("fell from %.0f to %.0f: %s", j.Before, j.Peak, name)
	}
	return fmt.Sprintf("rose to %.4g/s: %s", j.Peak, name)
}

// counterWords are the counters that are read, in words.
func counterWords() map[string]string {
	return map[string]string{
		"OPCOUNTER_DELETE": "delete commands", "DOCUMENT_METRICS_DELETED": "deleted documents",
		"DATABASE_OBJECT_COUNT": "number of documents", "DATABASE_COLLECTION_COUNT": "number of collections", "DATABASE_DATA_SIZE": "size of the data",
	}
}

// What says it with its size: "deletes rose to 4000 a second from at most 3 in the 180 points
// before, at 23 Nov 14:03 UTC".
func (j Jump) What(now time.Time) string {
	if j.Fall {
		return fmt.Sprintf("%s fell from %.0f to %.0f by %s", j.Series, j.Before, j.Peak, state.UTC(j.From, now))
	}
	return fmt.Sprintf("%s rose to %.4g a second, some %.0f in all, from at most %.4g in the %s before, at %s", j.Series, j.Peak, j.Total, j.Before, state.Count(j.Points, "known point"), state.UTC(j.From, now))
}

// Reading is what a series tells.
type Reading struct {
	Jumps          []Jump
	Known, Unknown int // points with and without a value
	// Judged is how many points had enough before them to be compared with: where it is 0,
	// that there is no jump says nothing.
	Judged int
}

const (
	hoursBefore = 6 * time.Hour
	fewest      = 10 // known points in the hours before, to say what a rate is mostly
	fewestFall  = 2  // and what a number is
	times       = 4  // a jump is so many times the highest before
	leastRate   = 10 // a second
	leastFall   = 100
	leastShare  = 0.05 // of what was there
)

// Rises finds where a rate rises above all of the hours before it: at least fourfold, and by at
// least ten a second.
func Rises(s Series) Reading {
	return s.read(func(before []Point, p Point) (Jump, bool) {
		if len(before) < fewest {
			return Jump{}, false
		}
		highest := 0.0
		for _, b := range before {
			highest = max(highest, b.Value)
		}
		return Jump{Before: highest, Peak: p.Value}, p.Value >= times*highest && p.Value-highest >= leastRate
	}, fewest)
}

// Falls finds where a number falls more than ever in the hours before it: by at least a hundred
// and a twentieth of what was there. A mean over the grain falls in steps, which are one.
func Falls(s Series) Reading {
	return s.read(func(before []Point, p Point) (Jump, bool) {
		if len(before) < fewestFall {
			return Jump{}, false
		}
		greatest := 0.0
		for i := 1; i < len(before); i++ {
			greatest = max(greatest, before[i-1].Value-before[i].Value)
		}
		last := before[len(before)-1].Value
		by := last - p.Value
		return Jump{Before: last, Peak: p.Value, Fall: true}, by >= leastFall && by >= leastShare*last && by >= times*greatest
	}, fewestFall)
}

// read goes through the points. leaves says whether one leaves what was before it, which are the
// known points of the hours before without those of a jump.
func (s Series) read(leaves func(before []Point, p Point) (Jump, bool), least int) Reading {
	var out Reading
	var before []Point
	var open *Jump // the one that goes on
	inOrder := func(a, b Point) int { return a.At.Compare(b.At) }
	if !slices.IsSortedFunc(s.Points, inOrder) {
		s.Points = slices.SortedStableFunc(slices.Values(s.Points), inOrder)
	}
	for _, p := range s.Points {
		if !p.Known {
			out.Unknown++
			continue
		}
		out.Known++
		for len(before) > 0 && p.At.Sub(before[0].At) > hoursBefore {
			before = before[1:]
		}
		if len(before) >= least {
			out.Judged++
		}
		if open != nil && open.goesOn(p) {
			open.Until = p.At
			if open.Fall {
				open.Peak = min(open.Peak, p.Value)
			} else {
				open.Peak = max(open.Peak, p.Value)
				open.Total += p.Value * s.Grain.Seconds()
			}
			continue
		}
		if open != nil && open.Fall { // what it is now is what counts from here on
			before = before[:0]
		}
		open = nil
		j, is := leaves(before, p)
		if !is {
			before = append(before, p)
			continue
		}
		j.Series, j.From, j.Until, j.Points = s.Name, p.At, p.At, len(before)
		j.After = before[len(before)-1].At.Add(-s.Grain - s.Age)
		if !j.Fall {
			j.Total = p.Value * s.Grain.Seconds()
		}
		out.Jumps = append(out.Jumps, j)
		open = &out.Jumps[len(out.Jumps)-1]
	}
	return out
}

// goesOn says whether a point after a jump still belongs to it.
func (j *Jump) goesOn(p Point) bool {
	if j.Fall {
		return j.Peak-p.Value >= leastShare*j.Before
	}
	return p.Value >= times*j.Before && p.Value >= leastRate
}
