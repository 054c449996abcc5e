package ui

import (
	"slices"
	"strings"

	"atlas-restore/ui/steps"
)

// search looks for the words of a filter in rows, piece by piece, so that no key waits for
// a long list. The text of a row is made when it is first searched, and then kept.
type search struct {
	keys   []searched // of the first rows, as far as any search has come
	words  []string
	whole  string // the words as one text
	ranked [5][]int
	next   int // the first row that was not looked at
	run    int // tells the pieces that are still wanted from those that are not
}

// searched is a row as a search sees it.
type searched struct {
	text string // a steps.Row's Text
	name int    // how much of its start is the name
}

// What is done in one piece: a text that has to be made costs as much as looking at many.
// Together they are a few milliseconds, so that a piece ends within a frame.
const (
	pieceOfWork = 20_000
	costOfText  = 40
)

// begin forgets what was found.
func (s *search) begin(words []string) {
	s.words, s.whole = words, strings.Join(words, " ")
	s.ranked = [5][]int{}
	s.next = 0
}

// piece looks at the next rows. Where there are no words it is done with all at once.
func (s *search) piece(rows steps.Table) {
	if len(s.words) == 0 {
		all := make([]int, rows.Len())
		for i := range all {
			all[i] = i
		}
		s.ranked[0], s.next = all, rows.Len()
		return
	}
	for work := pieceOfWork; s.next < rows.Len() && work > 0; s.next++ {
		work--
		if s.next == len(s.keys) {
			work -= costOfText
			r := rows.Row(s.next)
			if s.keys == nil {
				s.keys = make([]searched, 0, rows.Len())
			}
			s.keys = append(s.keys, searched{r.Text(), len(strings.ToLower(r.Name))})
		}
		if k := s.keys[s.next]; steps.Matches(k.text, s.words) {
			r := rank(k.text[:k.name], s.whole)
			s.ranked[r] = append(s.ranked[r], s.next)
		}
	}
}

// found are the rows that match so far, the best first.
func (s *search) found() []int {
	if len(s.words) == 0 {
		return s.ranked[0] // all of them
	}
	return slices.Concat(s.ranked[:]...)
}

// rank is how well a name, in lower case, fits what was typed: 0 is best.
func rank(name, whole string) int {
	switch {
	case whole == "" || name == whole:
		return 0
	case strings.HasPrefix(name, whole):
		return 1
	case strings.Contains(name, " "+whole), strings.Contains(name, "-"+whole):
		return 2
	case strings.Contains(name, whole):
		return 3
	}
	return 4
}
