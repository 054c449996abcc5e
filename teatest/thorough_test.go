package teatest_test

import (
	"hash/fnv"
	"os"
	"slices"
	"testing"
)

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

// few says whether the suite tries the i-th of many cases of one kind: one in n. The gate, which is
// thorough, tries them all.
func few(i, n int) bool { return thorough() || i%n == 0 }

// fewOf is few for cases that have names and no order.
func fewOf(name string, n int) bool {
	h := fnv.New32a()
	_, _ = h.Write([]byte(name))
	return few(int(h.Sum32()%1024), n)
}

// plain says whether the suite tries the case of this name: those that are named here. The gate
// tries all.
func plain(name string, plainest ...string) bool {
	return thorough() || slices.Contains(plainest, name)
}

// rare leaves a test to the gate, which is thorough: it is dear, and what it holds has a cheaper
// test, or a plainer case, in the suite.
func rare(t *testing.T) {
	t.Helper()
	if !thorough() {
		t.Skip("the gate runs it: THOROUGH=1")
	}
}
