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

// The report on what is damaged begins its list with that, gives no advice to open it, tells two amounts
// apart that differ, and folds what is alike.
func TestADamagedReportIsReadAtAGlance(t *testing.T) {
	t.Parallel()
	const cut = "it is not in the part of the .tar.gz that could be read"
	const many = "they are not in the part of the .tar.gz that could be read"
	d := Database{FCV: "8.0", Opens: []string{"8.0"}, Findings: []Finding{{"storage.bson", Unchecked, cut}, {"the journal", Unchecked, cut}}, Tables: []Table{
		{File: "a.wt", Verdict: Sound, Used: 1090000, Proven: 1090000},
		{File: "b.wt", Verdict: Damaged, Why: "a block", Used: 21000, Proven: 1},
		{File: "c.wt", Verdict: Unchecked, Why: cut},
		{File: "d.wt", Verdict: Unchecked, Why: cut},
		{File: "e.wt", Verdict: Unchecked, Why: "it is encrypted"},
	}}
	got := (Report{Verdict: Damaged, Databases: []Database{d}}).Text()
	for _, want := range []string{
		"1090001 of the 1111000 bytes that the snapshot uses (98.1 %)", "  featureCompatibilityVersion 8.0.\n", "\n  damaged     21 kB  b.wt\n  sound      1.1 MB  a.wt\n",
		"  2 tables are not checked: " + many + ". They are c.wt, d.wt.\n", "  e.wt is not checked: it is encrypted.\n", "  Not checked: storage.bson, the journal: " + many + ".\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not said:\n%s", want, got)
		}
	}
	if strings.Contains(got, "open it with") {
		t.Errorf("it is advised to open what is damaged:\n%s", got)
	}
	if got := (Report{Verdict: Sound, Databases: []Database{d}}).Text(); !strings.Contains(got, "featureCompatibilityVersion 8.0: open it with mongod 8.0.") {
		t.Error(got)
	}
}
