package proof

import (
	"strings"
	"testing"
)

// What is not proven is said in words: the dash of a size is of what nobody knows.
func TestNothingProvenIsSaid(t *testing.T) {
	t.Parallel()
	for want, d := range map[string]Database{
		"Proven by checksums: nothing of the tables, and nothing of a journal.":                            {},
		"Proven by checksums: nothing of the 2 kB that the snapshot uses, and nothing of a journal.":       {Tables: []Table{{Verdict: Damaged, Used: 2000}}},
		"Proven by checksums: 1 kB of the 2 kB that the snapshot uses (50.0 %), and nothing of a journal.": {Tables: []Table{{Verdict: Damaged, Used: 2000, Proven: 1000}}},
		"Proven by checksums: 2 kB of the 2 kB that the snapshot uses (100 %), and 500 B of journal.":      {Journal: 500, Tables: []Table{{Verdict: Sound, Used: 2000, Proven: 2000}}},
	} {
		if text := (Report{Verdict: Damaged, Databases: []Database{d}}).Text(); !strings.Contains(text, want) {
			t.Errorf("%q is not said:\n%s", want, text)
		}
	}
}

// Whoever reads how many tables are sound reads with it what has no checksum.
func TestWhatHasNoChecksumStandsBesideTheTables(t *testing.T) {
	t.Parallel()
	d := Database{Tables: []Table{{Verdict: Sound}}, Plain: []string{"storage.bson", "sizeStorer"}}
	const want = "; small files beside them have no checksum"
	if got := (Report{Verdict: Sound, Databases: []Database{d}}).Brief(); !strings.HasSuffix(got, want) {
		t.Error(got)
	}
	d.Plain = nil
	if got := (Report{Verdict: Sound, Databases: []Database{d}}).Brief(); strings.Contains(got, "beside them") {
		t.Error(got)
	}
}
