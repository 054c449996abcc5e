package teatest_test

import "os"

// thorough says whether every combination is tried, and what is rare is tried for long. The
// gate does, by THOROUGH=1; in the suite it is enough that every value is met. Goldens are all
// taken where they are written anew.
func thorough() bool { return os.Getenv("THOROUGH") == "1" || os.Getenv("UPDATE_GOLDEN") == "1" }

// suited are the values that the i-th of many cases is tried with: in the suite one, another
// for each case, so that every value is met; all of them where the suite is thorough, in an
// order that begins with the one of the suite.
func suited[T any](i int, values ...T) []T {
	values = from(i, values...)
	if thorough() {
		return values
	}
	return values[:1]
}
