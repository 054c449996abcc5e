package state

import (
	"cmp"
	"iter"
	"slices"
	"strings"
)

const (
	nearest  = 2 // changes of a letter that make two names nearly the same
	mostNear = 3 // names that a hint offers
)

// DidYouMean asks for those of the names that are nearly what a person gave and that is none of them, as
// the end of a sentence: "; did you mean orders-prod?". It is empty where none is near.
func DidYouMean(given string, names iter.Seq[string]) string {
	return asked("; did you mean ", given, names)
}

// DidYouMeanThen is DidYouMean as a sentence behind another one.
func DidYouMeanThen(given string, names iter.Seq[string]) string {
	return asked(" Did you mean ", given, names)
}

func asked(ask, given string, names iter.Seq[string]) string {
	words := Near(given, names)
	for i, name := range words {
		words[i] = ShellWord(name) // mostly it is typed again as an argument
	}
	if len(words) == 0 {
		return ""
	}
	return ask + strings.Join(words, " or ") + "?"
}

// Near are the names that are nearly what was given, the nearest first: those in which a letter or two differ,
// and those that begin so.
func Near(given string, names iter.Seq[string]) []string {
	type found struct {
		name    string
		changes int
	}
	low := []rune(strings.ToLower(given))
	most := min(nearest, len(low)/2) // any name has one letter as nearly as another
	var near []found
	for name := range names {
		to := []rune(strings.ToLower(name))
		begins := len(low) > 1 && len(to) >= len(low) && slices.Equal(to[:len(low)], low)
		if d := len(to) - len(low); !begins && (d > most || -d > most) {
			continue // what is that much longer needs as many changes
		}
		n := changes(to, low)
		if (n <= most || begins) && name != "" && !slices.ContainsFunc(near, func(f found) bool { return f.name == name }) {
			near = append(near, found{name, n})
		}
	}
	slices.SortStableFunc(near, func(a, b found) int { return cmp.Compare(a.changes, b.changes) })
	var out []string
	for _, f := range near[:min(len(near), mostNear)] {
		out = append(out, f.name)
	}
	return out
}

// changes is how many letters have to be put in, left out or exchanged to make to of from.
func changes(from, to []rune) int {
	row := make([]int, len(to)+1)
	for j := range row {
		row[j] = j
	}
	for i := range from {
		before := row[0]
		row[0] = i + 1
		for j := range to {
			as := before
			if from[i] != to[j] {
				as++
			}
			before = row[j+1]
			row[j+1] = min(as, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(to)]
}
