// Package filter is what typing finds in a list: one rule for every list and every face.
package filter

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Text is what can be found of a row. It is kept in lower case.
type Text struct{ name, rest, id string }

// Of is the text of a row: its name, its id, and the words of its cells and its state.
func Of(name, id string, rest ...string) Text {
	lower := strings.ToLower
	return Text{lower(name), lower(strings.Join(rest, " ")), lower(id)}
}

// Name is the name of the row, in lower case.
func (t Text) Name() string { return t.name }

// Fit says how well a row is meant; less is better.
type Fit int

// The fits.
const (
	Whole   Fit = iota // the whole name was typed
	Begins             // the name begins so
	Word               // a word of the name does
	Within             // it is in the name
	Beside             // it stands in the row
	Apart              // its words do, not one behind the other
	NoFit              // the row is not meant
	fits    = NoFit
	leastID = 4 // letters, from which on a word may be a part of an id: fewer are in too many
)

// Filter is what was typed.
type Filter struct {
	words []word
	whole string
}

// word is one that has to be found; a day, "27 nov", is one.
type word struct {
	text string
	day  bool
	also string // the day that the text means too: "27 nov" for yesterday; empty for none
}

// New is the filter that was typed. Case does not count.
func New(typed string) Filter {
	all := strings.Fields(strings.ToLower(typed))
	f := Filter{whole: strings.Join(all, " ")}
	for i := 0; i < len(all); i++ {
		if i+1 < len(all) {
			if d := day(all[i], all[i+1]); d != "" {
				f.words = append(f.words, word{text: d, day: true})
				i++
				continue
			}
		}
		f.words = append(f.words, word{text: all[i]})
	}
	if len(f.words) == 1 {
		f.whole = f.words[0].text // "nov 27" too is a day
	}
	return f
}

// On is the filter that was typed at an instant: today, yesterday and the days of the week are days
// of the last week too, in UTC, as rows have them.
func On(typed string, now time.Time) Filter {
	f := New(typed)
	for i, w := range f.words {
		if at, ok := called(w.text, now.UTC()); ok && !w.day {
			f.words[i].also = strings.ToLower(at.Format("2 Jan"))
		}
	}
	return f
}

// called is the day that a word means; false where it means none.
func called(word string, now time.Time) (time.Time, bool) {
	for back := range 7 {
		at := now.AddDate(0, 0, -back)
		weekday := strings.ToLower(at.Weekday().String())
		switch {
		case back == 0 && word == "today", back == 1 && word == "yesterday", len(word) >= 3 && strings.HasPrefix(weekday, word):
			return at, true
		}
	}
	return time.Time{}, false
}

// day is a day of the calendar as rows have it, "27 nov", in whatever order it was typed;
// empty where the two words are none.
func day(a, b string) string {
	if isMonth(a) {
		a, b = b, a
	}
	if !isMonth(b) || len(a) > 2 || strings.Trim(a, "0123456789") != "" {
		return ""
	}
	return a + " " + b[:3]
}

func isMonth(word string) bool {
	for m := time.January; len(word) >= 3 && m <= time.December; m++ {
		if strings.HasPrefix(strings.ToLower(m.String()), word) {
			return true
		}
	}
	return false
}

// Empty says whether nothing was typed: every row is meant.
func (f Filter) Empty() bool { return len(f.words) == 0 }

// Fit is how well a row is meant.
func (f Filter) Fit(t Text) Fit {
	if f.Empty() {
		return Whole
	}
	for _, w := range f.words {
		if !w.in(t) {
			return NoFit
		}
	}
	switch at := strings.Index(t.name, f.whole); {
	case len(f.words) == 1 && (f.words[0].day || f.words[0].also != "" && at < 0):
		return Beside // the rows of a day are alike
	case t.name == f.whole || t.id == f.whole:
		return Whole
	case at == 0:
		return Begins
	case at > 0 && beginsWord(t.name, f.whole):
		return Word
	case at > 0:
		return Within
	case strings.Contains(t.rest, f.whole) || len(f.words) == 1:
		return Beside
	}
	return Apart
}

func (w word) in(t Text) bool {
	if w.also != "" && (word{text: w.also, day: true}).in(t) {
		return true
	}
	if w.day {
		return beginsWord(t.name, w.text) || beginsWord(t.rest, w.text)
	}
	return strings.Contains(t.name, w.text) || strings.Contains(t.rest, w.text) || len(w.text) >= leastID && strings.Contains(t.id, w.text)
}

// beginsWord says whether part stands in text where a word of it begins: "7 nov" does not in
// "27 nov".
func beginsWord(text, part string) bool {
	for from := 0; ; {
		at := strings.Index(text[from:], part)
		if at < 0 {
			return false
		}
		at += from
		if last, _ := utf8.DecodeLastRuneInString(text[:at]); at == 0 || !unicode.IsLetter(last) && !unicode.IsDigit(last) {
			return true
		}
		from = at + 1
	}
}

// Found gathers the rows that a filter means.
type Found struct{ ranked [fits][]int }

// Add puts in row i, which fits so.
func (f *Found) Add(i int, fit Fit) {
	if fit < NoFit {
		f.ranked[fit] = append(f.ranked[fit], i)
	}
}

// All are the rows that are meant, the best first and equals in their order. Where some have
// what was typed as it was typed, rows that have its words apart are not meant.
func (f *Found) All() []int {
	if exact := slices.Concat(f.ranked[:Apart]...); len(exact) > 0 {
		return exact
	}
	return f.ranked[Apart]
}

// Rows are those of all texts that are meant, as Found.All has them.
func (f Filter) Rows(all []Text) []int {
	found := Found{}
	for i, t := range all {
		found.Add(i, f.Fit(t))
	}
	return found.All()
}

// Rows are those of all texts that were meant by what was typed.
func Rows(all []Text, typed string) []int { return New(typed).Rows(all) }
