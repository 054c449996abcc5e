package steps

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/record"
)

// book is a chain with records of a cluster, so many days old; a minus is one that has failed.
func book(t *testing.T, now time.Time, training bool, change func(*record.Record), days ...int) *record.Book {
	t.Helper()
	b := record.At(t.TempDir())
	for _, d := range days {
		s, cfg, about := ended(state.OutcomeCompleted, nil)
		if training {
			cfg.Mode = Training
		}
		r := s.Records(cfg, about)[0]
		at := now.AddDate(0, 0, -max(d, -d))
		r.WrittenAt = at
		finding := record.Passed
		if d < 0 {
			finding = record.Failed
		}
		r.After = append(r.After, record.After{Name: "data", Finding: finding, Data: true})
		decided, finished := at.Add(-5*time.Hour), at
		r.Times.Decided, r.Times.Finished, r.Times.Verified = &decided, &finished, nil
		if change != nil {
			change(&r)
		}
		if _, _, err := b.Append(r.Judged()); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// When a restore was last proven is said as it is: what was never proven, what is not known, and what
// took longer than was promised are told from each other, and training proves nothing.
func TestWhenARestoreWasLastProven(t *testing.T) {
	now := time.Date(2026, 11, 29, 3, 0, 0, 0, time.UTC)
	broken := book(t, now, false, nil, 12, 3)
	raw, err := os.ReadFile(broken.Path())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(broken.Path(), []byte(strings.Replace(string(raw), "orders-prod", "orders-prob", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	unreadable := record.At(filepath.Join(t.TempDir()))
	if err := os.Mkdir(unreadable.Path(), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		book     *record.Book
		training bool
		goal     record.Objectives
		cell     string
		words    string
	}{
		"proven":                   {book(t, now, false, nil, 12), false, record.Objectives{}, "12 days ago", "12 days ago (record 1)."},
		"of two the newer":         {book(t, now, false, nil, 12, 3), false, record.Objectives{}, "3 days ago", "(record 2)"},
		"none":                     {book(t, now, false, nil), false, record.Objectives{}, "never", "never proven here."},
		"failed":                   {book(t, now, false, nil, -3), false, record.Objectives{}, "never", "never proven here; record 1 is a FAIL."},
		"failed since":             {book(t, now, false, nil, 12, -3), false, record.Objectives{}, "12 days ago", "; record 2 behind it is a FAIL."},
		"proven since":             {book(t, now, false, nil, -12, 3), false, record.Objectives{}, "3 days ago", "(record 2)."},
		"too late":                 {book(t, now, false, nil, 12), false, record.Objectives{RTO: 4 * 3600}, "12 days ago, too late", "the objective was missed: RTO 5 h, not 4 h."},
		"in time":                  {book(t, now, false, nil, 12), false, record.Objectives{RTO: 6 * 3600}, "12 days ago", "(record 1)."},
		"too late then":            {book(t, now, false, func(r *record.Record) { r.Objectives.RTO = 3600 }, 12), false, record.Objectives{}, "12 days ago, too late", "RTO 5 h, not 1 h"},
		"a chain that was changed": {broken, false, record.Objectives{}, "not known", "could not be read. To see what is wrong: atlas-restore records verify --training --state-dir d"},
		"it cannot be read":        {unreadable, false, record.Objectives{}, "not known", "not known, the records could not be read"},
		"another Atlas":            {book(t, now, false, func(r *record.Record) { r.Atlas = "https://elsewhere.example.net" }, 12), false, record.Objectives{}, "never", "never proven here."},
		"another cluster":          {book(t, now, false, func(r *record.Record) { r.Source.Name = "orders" }, 12), false, record.Objectives{}, "never", "never proven here."},
		"training in the real one": {book(t, now, true, nil, 12), false, record.Objectives{}, "never", "never proven here."},
		"training":                 {book(t, now, true, func(r *record.Record) { r.Atlas = "http://127.0.0.1:4711" }, 12), true, record.Objectives{}, "12 days ago", "12 days ago"},
		"just now":                 {book(t, now, false, nil, 0), false, record.Objectives{}, "just now", "just now"},
	} {
		a, ok := NewProven(c.book, c.training, c.goal, " --training --state-dir d").Of("https://cloud.mongodb.com", "p1", "orders-prod")
		if got := a.Cell(now); !ok || got != c.cell {
			t.Errorf("%s: %q, want %q", name, got, c.cell)
		}
		if got := a.Words(now); !strings.HasPrefix(got, map[bool]string{true: "A restore of orders-prod was never proven", false: "Last proven restore of orders-prod: "}[c.cell == "never"]) || !strings.Contains(got, c.words) {
			t.Errorf("%s: %q, want %q", name, got, c.words)
		}
		if raw, err := JobsJSON(nil, []ProvenAs{a}); err != nil || strings.Contains(string(raw), `"proven": false`) != (c.cell == "never") || strings.Contains(string(raw), `"proven": null`) != (c.cell == "not known") {
			t.Errorf("%s: %s, %v", name, raw, err)
		}
	}
	if _, ok := (*Proven)(nil).Of("https://cloud.mongodb.com", "p1", "orders-prod"); ok {
		t.Error("nobody has looked, and it is told as known")
	}
}

// The lists of clusters, the review and the list of jobs say it.
func TestLastProvenIsSaid(t *testing.T) {
	now := time.Date(2026, 11, 29, 3, 0, 0, 0, time.UTC)
	cfg := Config{Endpoint: "https://cloud.mongodb.com", Now: func() time.Time { return now }, Proven: NewProven(book(t, now, false, nil, 12), false, record.Objectives{}, "")}
	project := state.Project{ID: "p1", Name: "Payments"}
	for name, want := range map[string]string{"orders-prod": "12 days ago", "orders-stg": "never"} {
		c := state.Cluster{Name: name, BackupEnabled: true}
		for what, row := range map[string]Row{"the clusters of a project": ClusterRow(cfg, project, c), "those of all": foundRow(cfg, state.Found{Project: project, Cluster: c})} {
			if !strings.Contains(strings.Join(row.Cells, "|"), want) || row.Barred == "" && !strings.Contains(strings.Join(row.Passing, "|"), want) {
				t.Errorf("%s, %s: %q", what, name, row.Cells)
			}
		}
		text := JobsText(nil, ProvenOfMine(cfg.Proven, []JobLine{{JobResult: &JobResult{SourceProjectID: "p1", SourceClusterName: name}, endpoint: cfg.Endpoint}}), now, 0)
		if !strings.Contains(text, "Last proven restore of "+name+": ") && !strings.Contains(text, "A restore of "+name+" was never proven here.") {
			t.Errorf("the list of jobs, %s: %s", name, text)
		}
	}
	if row := ClusterRow(cfg, project, state.Cluster{Name: "off"}); row.Barred != "" && row.Cells[provenCell] != "" {
		t.Errorf("what cannot be restored has no proof to miss: %q", row.Cells)
	}
	s := Begin(cfg)
	s.Plan.Project, s.Plan.Cluster = project, state.Cluster{Name: "orders-prod"}
	var said []string
	for _, c := range s.Review(Ways{}) {
		said = append(said, c.Line())
	}
	if !strings.Contains(strings.Join(said, "\n"), "Last proven restore of orders-prod: 12 days ago (record 1).") || s.ProvenBrief() != "proven 12 days ago" {
		t.Errorf("%q, %q", said, s.ProvenBrief())
	}
}
