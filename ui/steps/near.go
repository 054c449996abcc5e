package steps

import "atlas-restore/state"

// DidYouMean asks for the names of rows that are nearly what was given; empty where none is.
func DidYouMean(rows Table, given string) string {
	return state.DidYouMean(given, func(yield func(string) bool) {
		for i := range rows.Len() {
			if !yield(rows.Row(i).Name) {
				return
			}
		}
	})
}
