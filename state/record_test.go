// Tests of state/record. They stand here: each package with tests is one more program to link.

package state_test

import (
	"strings"
	"testing"
	"time"

	"atlas-restore/state/record"
)

var recordNoon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// done is a record of a restore that has ended well and whose data were looked at.
func done() record.Record {
	return record.Record{
		Brief: record.Brief{
			Kind: record.Restore, WrittenAt: recordNoon, Atlas: "https://cloud.mongodb.com/", JobID: "j1",
			Source: record.Cluster{ProjectID: "p1", ProjectName: "Payments", Name: "orders-prod", Production: true},
			Target: &record.Cluster{ProjectID: "p2", ProjectName: "Payments Staging", Name: "orders-stg"},
		},
		Delivery: "automated", Status: "completed",
		Operator: record.Person{User: "ada", Host: "laptop", Credential: "mdb_sa_id_5f"},
		Tool:     record.Tool{Version: "1.2.3"},
		Backup:   record.Backup{SnapshotID: "s1", SnapshotAt: record.Time(recordNoon.Add(-2 * time.Hour))},
		Times:    record.Times{Decided: record.Time(recordNoon.Add(-20 * time.Minute)), Finished: record.Time(recordNoon.Add(-10 * time.Minute)), Verified: record.Time(recordNoon)},
		After: []record.After{
			{Name: record.JobCheck, Expected: "completed", Found: "completed", Finding: record.Passed, Source: "Atlas, restore job"},
			{Name: "counts", Expected: "12", Found: "12", Finding: record.Passed, Source: "verify command", Data: true},
		},
	}
}

// PASS is only said of what was seen: the end of the job, the data, and that every check passed.
func TestJudged(t *testing.T) {
	if got := done().Judged(); got.Result != record.Pass {
		t.Fatalf("%s: %s", got.Result, got.Why)
	}
	for name, c := range map[string]struct {
		change func(*record.Record)
		want   record.Result
	}{
		"the job has failed":         {func(r *record.Record) { r.After[0].Finding = record.Failed }, record.Fail},
		"a count is off":             {func(r *record.Record) { r.After[1].Finding = record.Failed }, record.Fail},
		"off, and another unseen":    {func(r *record.Record) { r.After[0].Finding, r.After[1].Finding = record.Unseen, record.Failed }, record.Fail},
		"the job's end is not seen":  {func(r *record.Record) { r.After[0].Finding = record.Unseen }, record.Incomplete},
		"a count is not seen":        {func(r *record.Record) { r.After[1].Finding = record.Unseen }, record.Incomplete},
		"a finding without a name":   {func(r *record.Record) { r.After[1].Finding = "" }, record.Incomplete},
		"a finding nobody knows":     {func(r *record.Record) { r.After[1].Finding = "fine" }, record.Incomplete},
		"nobody looked at the data":  {func(r *record.Record) { r.After[1].Data = false }, record.Incomplete},
		"no check but of the data":   {func(r *record.Record) { r.After = r.After[1:] }, record.Incomplete},
		"no check but of the job":    {func(r *record.Record) { r.After = r.After[:1] }, record.Incomplete},
		"no check at all":            {func(r *record.Record) { r.After = nil }, record.Incomplete},
		"a result that somebody set": {func(r *record.Record) { r.After, r.Result, r.Why = nil, record.Pass, "fine" }, record.Incomplete},
	} {
		r := done()
		c.change(&r)
		if got := r.Judged(); got.Result != c.want || got.Why == "" {
			t.Errorf("%s: %s, %q, want %s", name, got.Result, got.Why, c.want)
		}
	}
}

// What was promised is held against what was measured, and what was not seen is not met.
func TestObjectives(t *testing.T) {
	for name, c := range map[string]struct {
		change   func(*record.Record)
		rto, rpo int64
		says     []string
	}{
		"from the decision":         {func(*record.Record) {}, 20 * 60, 100 * 60, nil},
		"from when it was declared": {func(r *record.Record) { r.Times.Declared = record.Time(recordNoon.Add(-time.Hour)) }, 3600, 3600, nil},
		"missed": {func(r *record.Record) { r.Objectives = record.Objectives{RTO: 600, RPO: 60} }, 20 * 60, 100 * 60, []string{
			"RTO was missed: 20 min, not 10 min.", "RPO was missed: 1 h 40 min, not 1 min.",
		}},
		"met":             {func(r *record.Record) { r.Objectives = record.Objectives{RTO: 3600, RPO: 7200} }, 20 * 60, 100 * 60, nil},
		"no end was seen": {func(r *record.Record) { r.Times.Finished, r.Times.Verified, r.Objectives.RTO = nil, nil, 60 }, -1, 100 * 60, []string{"RTO is not known: an end of it was not seen."}},
		"nothing is known": {func(r *record.Record) {
			r.Times, r.Backup, r.Objectives = record.Times{}, record.Backup{}, record.Objectives{RPO: 60}
		}, -1, -1, []string{"RPO is not known: an end of it was not seen."}},
	} {
		r := done()
		c.change(&r)
		got := r.Judged()
		for of, pair := range map[string]struct {
			got  *int64
			want int64
		}{"RTO": {got.Measured.RTO, c.rto}, "RPO": {got.Measured.RPO, c.rpo}} {
			if (pair.got == nil) != (pair.want < 0) || pair.got != nil && *pair.got != pair.want {
				t.Errorf("%s: %s is %v, want %d", name, of, pair.got, pair.want)
			}
		}
		if strings.Join(got.Deviations, "\n") != strings.Join(c.says, "\n") {
			t.Errorf("%s: %q, want %q", name, got.Deviations, c.says)
		}
	}
}

// An auditor finds on the page what they ask for, and what is not known is said.
func TestMarkdown(t *testing.T) {
	k := record.Kept{Number: 3, SHA256: "abc", Record: done().Judged()}
	page := k.Markdown(" --training")
	for _, want := range []string{
		"# PASS: restore of Payments / orders-prod, onto Payments Staging / orders-stg", "ada on laptop", "nobody: no approval was asked for",
		"snapshot s1 of 2026-11-23 10:00:00 UTC", "**RTO**: 20 min from decided; no objective is set", "**Declared**: not given", "**Seen running**: not seen",
		"PASSED **counts**: expected 12; found 12. (verify command; a check of the data)", "None is known: the run that wrote this has made none.", "## Left to do\n\nNone.",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is missing in:\n%s", want, page)
		}
	}
	k.Ticket, k.Purpose = "# OPS-1\n\n# PASS", "<script>`x`|[a](b)"
	for _, line := range strings.Split(k.Markdown(" --training"), "\n") {
		if strings.HasPrefix(line, "# PASS") && !strings.HasSuffix(line, "orders-stg") || strings.Contains(line, "<script") || strings.Contains(line, " [a]") {
			t.Errorf("what somebody typed is a mark: %q", line)
		}
	}
}
