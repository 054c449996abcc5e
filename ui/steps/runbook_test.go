package steps

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/journal"
	"atlas-restore/state/record"
)

// wall is an Atlas with one project, as a runbook asks it.
type wall struct {
	Atlas
	clusters []state.Cluster
	snaps    []state.Snapshot
	err      error
}

func (w wall) Projects(context.Context) ([]state.Project, error) {
	return []state.Project{{ID: "65f0c1d2e3a4b5c6d7e8f901", Name: wallProject, ClusterCount: 1}}, nil
}

func (w wall) Clusters(context.Context, string) ([]state.Cluster, error) { return w.clusters, nil }

func (w wall) Schedule(context.Context, state.Cluster) (state.Schedule, error) {
	return state.Schedule{RestoreWindowDays: 7}, w.err
}

func (w wall) Snapshots(context.Context, state.Cluster) ([]state.Snapshot, error) {
	return w.snaps, w.err
}

// wallProject is named by somebody who means harm.
const wallProject = "Pay`ments\n# Restore runbook: <script>|*now*|</script> [here](http://evil)\n```"

func wallOf(t *testing.T, names state.Names, change func(*wall)) Runbook {
	t.Helper()
	now := time.Date(2026, 11, 29, 3, 0, 0, 0, time.UTC)
	cluster := func(name string) state.Cluster {
		return state.Cluster{ProjectID: "65f0c1d2e3a4b5c6d7e8f901", Name: name, Family: state.Dedicated, Type: state.ReplicaSet, MongoDBVersion: "8.0.29", State: "IDLE", BackupEnabled: true, PITEnabled: true}
	}
	w := wall{clusters: []state.Cluster{cluster("ledger-prd"), cluster("orders-prod"), cluster("orders-stg"), cluster("drill-1")}, snaps: []state.Snapshot{
		{ID: "s2", Status: "completed", CreatedAt: now.Add(-2 * time.Hour)}, {ID: "s1", Status: "completed", CreatedAt: now.AddDate(0, 0, -30)}, {ID: "s0", Status: "failed", CreatedAt: now.AddDate(0, 0, -90)},
	}}
	if change != nil {
		change(&w)
	}
	cfg := Config{Atlas: w, Endpoint: "https://cloud.mongodb.com", Now: func() time.Time { return now }, Names: names, Proven: NewProven(record.At(t.TempDir()), false, record.Objectives{}, "")}
	b, err := RunbookOf(t.Context(), cfg, state.Given{Project: "65f0c1d2e3a4b5c6d7e8f901", Cluster: "orders-prod"})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The commands of a runbook never name a cluster to be erased of which it is not known that it is no
// production: neither production, nor what no rule names, nor what is protected, nor the source.
func TestRunbookNamesNoClusterThatMayBeProduction(t *testing.T) {
	staging := state.Environment{Name: "STG", Patterns: []string{"*-stg"}}
	production := state.Environment{Name: state.Production, Patterns: []string{"prod*"}}
	for name, c := range map[string]struct {
		names state.Names
		want  string
	}{
		"no rule":              {state.Names{}, ""},
		"a rule for staging":   {state.Names{Environments: []state.Environment{production, staging}}, "orders-stg"},
		"it is protected":      {state.Names{Environments: []state.Environment{production, staging}, Protected: []string{"orders-stg"}}, ""},
		"one for drills":       {state.Names{Environments: []state.Environment{production, staging}, Drills: []string{"drill-*"}}, "drill-1"},
		"drills on production": {state.Names{Drills: []string{"*-prod"}}, ""},
	} {
		page := wallOf(t, c.names, nil).Markdown()
		found := regexp.MustCompile(`--targetClusterName (\S+)`).FindAllStringSubmatch(page, -1)
		if c.want == "" && len(found) > 0 || c.want != "" && (len(found) < 2 || slices.ContainsFunc(found, func(f []string) bool { return f[1] != c.want })) {
			t.Errorf("%s: %q, want %q", name, found, c.want)
		}
	}
}

// What others have named stays a text: no heading, no link, no tag and no end of a block comes of it.
func TestRunbookIsSafeMarkdown(t *testing.T) {
	page := wallOf(t, state.Names{Approval: []string{"prod*"}}, func(w *wall) { w.err = errors.New("no answer `x`\n# so") }).Markdown()
	block := false
	for line := range strings.Lines(page) {
		switch line = strings.TrimSuffix(line, "\n"); {
		case strings.HasPrefix(line, "```"):
			block = !block
			if line != "```" && line != "```sh" {
				t.Errorf("a block that is none: %q", line)
			}
		case block:
			if !strings.HasPrefix(line, state.Program+" ") {
				t.Errorf("what is no command stands in a block: %q", line)
			}
		case strings.Contains(line, "<script>"), regexp.MustCompile(`(^|[^\\])[\[|]`).MatchString(line), strings.HasPrefix(line, "# so"):
			t.Errorf("a name is more than a text: %q", line)
		}
	}
	if block || strings.Count(page, "\n# ") != 0 {
		t.Errorf("a block does not end, or a name is a heading:\n%s", page)
	}
}

// What could not be read is named, and is neither "none" nor passed over.
func TestRunbookSaysWhatItLacks(t *testing.T) {
	b := wallOf(t, state.Names{}, func(w *wall) { w.err, w.snaps = errors.New("no answer"), nil })
	if page := b.Markdown(); b.ExitCode() != 6 || len(b.Unread()) != 2 || strings.Count(page, "**NOT KNOWN**") != 2 || !strings.Contains(page, "- **Snapshots**: not known") || !strings.Contains(page, "- **Any moment**: not known") {
		t.Errorf("exit code %d, %q\n%s", b.ExitCode(), b.Unread(), page)
	}
	b = wallOf(t, state.Names{}, func(w *wall) { w.snaps = nil })
	if page := b.Markdown(); b.ExitCode() != 0 || !strings.Contains(page, "- **Snapshots**: NONE can be restored") {
		t.Errorf("exit code %d\n%s", b.ExitCode(), page)
	}
	b = wallOf(t, state.Names{}, func(w *wall) { w.clusters[1].BackupEnabled = false })
	if page := b.Markdown(); !strings.Contains(page, "**NOTHING** can be restored") || strings.Contains(page, "## Restore\n") {
		t.Errorf("%s", page)
	}
	b = wallOf(t, state.Names{}, func(w *wall) { w.clusters[1].PITEnabled = false })
	if page := b.Markdown(); !strings.Contains(page, "Not offered: continuous cloud backup is off") || strings.Contains(page, "--at ") {
		t.Errorf("%s", page)
	}
	page := wallOf(t, state.Names{Approval: []string{"prod*"}, Drills: []string{"drill-*"}}, nil).Markdown()
	for _, want := range []string{
		"- **Cluster**: 8.0.29, replica set\n", "- Atlas builds the search indexes again: searches lag meanwhile.\n",
		"2 snapshots can be restored: the newest of 29 Nov 01:00 UTC, the oldest of 30 Oct 03:00 UTC", "of the last 7 days, from 22 Nov 03:00 UTC on", "never proven here", "- **drill-1**: not known to be production, for drills (drill-\\*)",
		"the source itself: all that it holds is erased, needs an approval (prod\\*)", "plan approve orders-prod.plan.json", "atlas-restore drill --projectId 65f0c1d2e3a4b5c6d7e8f901 --clusterName orders-prod --targetProjectId 65f0c1d2e3a4b5c6d7e8f901 --targetClusterName drill-1\n", "no objective is set",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not on the page:\n%s", want, page)
		}
	}
}

// A chain of records that does not hold, and a journal with a line that nobody can read, are named as
// what the page lacks: in its text, for programs, and by the exit code.
func TestRunbookSaysThatRecordsOrJournalCannotBeRead(t *testing.T) {
	for name, spoil := range map[string]func(*Config){
		"reading the chain of records: Record 1 was changed.": func(c *Config) {
			c.Proven = &Proven{err: &record.Broken{Faults: []record.Fault{{Number: 1, What: "was changed"}}}}
		},
		"Part of the journal cannot be read: line 7 of /var/journal.": func(c *Config) {
			c.HistoryErr = &journal.Damaged{Lines: []journal.Line{{Path: "/var/journal", Number: 7}}}
		},
	} {
		of := wallOf(t, state.Names{}, nil)
		spoil(&of.cfg)
		b, err := RunbookOf(t.Context(), of.cfg, state.Given{Project: of.plan.Project.ID, Cluster: of.plan.Cluster.Name})
		if err != nil {
			t.Fatal(err)
		}
		raw, err := b.JSON()
		if err != nil || b.ExitCode() != 6 || len(b.Unread()) != 1 || !strings.HasSuffix(b.Unread()[0], name) || strings.Count(b.Markdown(), "**NOT KNOWN**") != 1 || !strings.Contains(string(raw), name) {
			t.Errorf("%s: exit code %d, %q, %v\n%s", name, b.ExitCode(), b.Unread(), err, b.Markdown())
		}
	}
}
