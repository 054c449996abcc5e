package ui

import (
	"slices"
	"strings"

	"atlas-restore/forms/filter"
	"atlas-restore/state"
	"atlas-restore/ui/steps"
)

// search looks for what was typed in rows, piece by piece, so that no key waits for a long
// list. The text of a row is made when it is first searched, and then kept.
type search struct {
	keys   []filter.Text // of the first rows, as far as any search has come
	filter filter.Filter
	all    []int // where nothing was typed
	fit    filter.Found
	next   int // the first row that was not looked at
	run    int // tells the pieces that are still wanted from those that are not
}

// What is done in one piece: a text that has to be made costs as much as looking at many.
// Together they are a few milliseconds, so that a piece ends within a frame.
const (
	pieceOfWork = 8_000
	costOfText  = 40
)

// begin forgets what was found.
func (s *search) begin(f filter.Filter) {
	s.filter, s.all, s.fit, s.next = f, nil, filter.Found{}, 0
}

// piece looks at the next rows. Where nothing was typed it is done with all at once.
func (s *search) piece(rows steps.Table) {
	if s.filter.Empty() {
		s.all = make([]int, rows.Len())
		for i := range s.all {
			s.all[i] = i
		}
		s.next = rows.Len()
		return
	}
	for work := pieceOfWork; s.next < rows.Len() && work > 0; s.next++ {
		work--
		if s.next == len(s.keys) {
			work -= costOfText
			if s.keys == nil {
				s.keys = make([]filter.Text, 0, rows.Len())
			}
			s.keys = append(s.keys, rows.Row(s.next).Sought())
		}
		s.fit.Add(s.next, s.filter.Fit(s.keys[s.next]))
	}
}

// mostNamed is how many rows are looked through at once for a name that is nearly what was typed: that is done
// within the key, in a millisecond or two.
const mostNamed = 5_000

// near asks for names that are nearly what was typed, where nothing matches it and all was searched.
func (s *search) near(typed string, rows steps.Table) string {
	if typed = strings.TrimSpace(typed); typed == "" || rows.Len() > mostNamed || len(s.keys) < rows.Len() || len(s.found()) > 0 {
		return ""
	}
	near := state.Near(typed, func(yield func(string) bool) {
		for _, k := range s.keys[:rows.Len()] {
			if !yield(k.Name()) {
				return
			}
		}
	})
	return state.DidYouMeanThen(typed, func(yield func(string) bool) { // those alone are made anew, for their own letters
		for i, k := range s.keys[:rows.Len()] {
			if slices.Contains(near, k.Name()) && !yield(rows.Row(i).Name) {
				return
			}
		}
	})
}

// found are the rows that match so far, the best first.
func (s *search) found() []int {
	if s.filter.Empty() {
		return s.all
	}
	return s.fit.All()
}
