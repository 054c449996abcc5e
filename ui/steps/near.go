package steps

import (
	"fmt"
	"slices"
	"strings"
)

// nearest is how many changes of a letter make two names nearly the same, as with commands.
const nearest = 2

// DidYouMean asks for the names of rows that are nearly what was given; empty where none is.
func DidYouMean(rows Table, given string) string {
	var near []string
	for i := range rows.Len() {
		name := rows.Row(i).Name
		if changes(strings.ToLower(name), strings.ToLower(given)) <= nearest && !slices.Contains(near, name) && len(near) < nearest+1 {
			near = append(near, name)
		}
	}
	if len(near) == 0 {
		return ""
	}
	return fmt.Sprintf("; did you mean %s?", strings.Join(near, " or "))
}

// changes is how many letters have to be put in, left out or exchanged to make b of a.
func changes(a, b string) int {
	from, to := []rune(a), []rune(b)
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
