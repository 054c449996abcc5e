package ui_test

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"atlas-restore/state"
	"atlas-restore/state/journal"
	"atlas-restore/state/record"
	"atlas-restore/ui/command"
	"atlas-restore/ui/steps"
)

// tabbed is what a tab key offers behind these words, with what each is, and the directive below: on a machine
// that keeps what it has submitted in dir.
func tabbed(t *testing.T, dir string, typed ...string) (offered []string, how string) {
	t.Helper()
	args := append([]string{cobra.ShellCompRequestCmd}, typed...)
	var out strings.Builder
	cmd := command.New(command.Program{
		Profiles: func() ([]string, error) { return nil, nil }, Scenarios: func() ([]string, error) { return []string{"first-download\tA copy"}, nil },
		Atlas:    func(command.Settings) (steps.Atlas, error) { return nil, errors.New("no Atlas here") },
		StateDir: func(s command.Settings) string { return dir + s.StateDir },
	}, args)
	cmd.SetArgs(args)
	cmd.SetOut(&out)
	cmd.SetErr(io.Discard)
	if err := cmd.Execute(); err != nil {
		t.Fatalf("%q: %v", args, err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	return lines[:len(lines)-1], lines[len(lines)-1]
}

// Behind each command a tab key offers what its usage takes, and nothing behind the last of it: jobs that this
// machine has submitted, records, files, directories, scenarios. No file is offered for what is none.
func TestTabOffersWhatACommandTakes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const lost, fetched = "6b0000000000000000000001", "6b0000000000000000000002"
	const refused, doubtful = "7RR5AHEMKL7D6CXKNUPZS3ZPKR", "7RR5AHEMKL7D6CXKNUPZS3ZPKD" // requests without a job
	kept := journal.At(dir)
	for _, of := range []struct {
		id, job, cluster string
		delivery         state.DeliveryType
	}{{"a", lost, "orders-prod", state.Automated}, {"b", fetched, "ledger\tprod", state.Download}, {refused, "", "orders-prod", state.Automated}, {doubtful, "", "ledger-old", state.Download}} {
		e := journal.Entry{ID: of.id, Time: time.Now().Add(-time.Hour), Endpoint: "https://cloud.mongodb.com", ProjectID: "63f3fe1dac5fa607c42098f4", ProjectName: "Payments", ClusterName: of.cluster}
		e.Body.Family, e.Body.DeliveryType, e.Body.SnapshotID = state.Dedicated, of.delivery, "65f0c1d2e3a4b5c6d7e8f901"
		if of.delivery == state.Automated {
			e.Body.TargetProjectID, e.Body.TargetClusterName = e.ProjectID, "orders-stg"
		}
		then := journal.Created
		switch of.id {
		case refused:
			then = journal.Refused
		case doubtful:
			then = journal.Unknown
		}
		for _, event := range []journal.Event{journal.Intent, then} {
			if e.Event = event; event == journal.Created {
				e.JobID = of.job
			}
			if err := kept.Append(e); err != nil {
				t.Fatal(err)
			}
		}
	}
	book := record.At(dir)
	for _, job := range []string{lost, fetched, fetched} {
		if _, _, err := book.Append(record.Record{Brief: record.Brief{Kind: record.Restore, Result: record.Incomplete, WrittenAt: time.Now(), JobID: job, Source: record.Cluster{}}}); err != nil {
			t.Fatal(err)
		}
	}
	const restored = lost + "\tnot seen to its end, snapshot onto a cluster, of orders-prod onto orders-stg, 1 h ago"
	const files, dirs, nothing, these = ":0", ":16", ":4", ":36"
	first := func(words []string) []string {
		var out []string
		for _, w := range words {
			name, _, _ := strings.Cut(w, "\t")
			out = append(out, name)
		}
		return out
	}
	seen := map[string]int{}
	walk := func(path []string, takes string) {
		offered, how := tabbed(t, dir, append(slices.Clone(path), "")...)
		behind, then := tabbed(t, dir, append(slices.Clone(path), "x", "")...)
		is := strings.Join(path, " ")
		var want []string
		wantHow := nothing
		switch takes {
		case "[JOB-ID|REQUEST-ID]":
			want, wantHow = []string{doubtful, fetched, lost}, these
		case "[JOB-ID]":
			if want, wantHow = []string{fetched, lost}, these; is == "download" {
				want = want[:1]
			}
		case "[NUMBER|JOB-ID]":
			want, wantHow = []string{"3", "2", "1"}, these
		case "[SCENARIO]":
			want = []string{"first-download"}
		case "FILE", "FILE|DIR...":
			wantHow = files
		case "[DIR]":
			wantHow = dirs
		case "", "[COMMAND | TOPIC]":
			want = first(offered)
		default:
			t.Errorf("%s takes %s, which is not known here", is, takes)
		}
		seen[takes]++
		if !slices.Equal(first(offered), want) || how != wantHow {
			t.Errorf("%s takes %q, and a tab key offers %q (%s), want %q (%s)", is, takes, offered, how, want, wantHow)
		}
		if end := map[bool]string{true: files, false: nothing}[strings.HasSuffix(takes, "...")]; len(behind) > 0 || then != end {
			t.Errorf("behind %s x a tab key offers %q (%s), want %s", is, behind, then, end)
		}
	}
	var all func(path []string, cmd *cobra.Command)
	all = func(path []string, cmd *cobra.Command) {
		_, takes, _ := strings.Cut(cmd.Use, " ")
		walk(path, strings.TrimSpace(strings.TrimSuffix(takes, "[flags]")))
		for _, c := range cmd.Commands() {
			if c.IsAvailableCommand() {
				all(append(slices.Clone(path), c.Name()), c)
			}
		}
	}
	all(nil, command.New(command.Program{}, []string{"help"}))
	walk([]string{"help"}, "[COMMAND | TOPIC]") // it is added as the command line runs
	for _, takes := range []string{"[JOB-ID]", "[JOB-ID|REQUEST-ID]", "[NUMBER|JOB-ID]", "[SCENARIO]", "FILE", "FILE|DIR...", "[DIR]", "[COMMAND | TOPIC]"} {
		if seen[takes] == 0 {
			t.Errorf("no command that takes %s was met", takes)
		}
	}

	for typed, want := range map[string][]string{
		"watch --clusterName orders-prod 6b":           {restored},
		"watch --clusterName ledger-old 7":             {doubtful + "\tunknown, download, of ledger-old, 1 h ago"},
		"watch --base-url http://127.0.0.1:8080 6b":    {},
		"jobs --base-url https://CLOUD.mongodb.com 6b": {fetched + "\tnot seen to its end, download, of ledger prod, 1 h ago", restored},
		"records show " + fetched[:5]:                  {fetched + "\t", lost + "\t"},
		"records show --training 1":                    {},
		"help plan ":                                   {"approve\t", "show\t"},
		"watch --state-dir /none 6b":                   {},
	} {
		got, _ := tabbed(t, dir, strings.Split(typed, " ")...)
		if len(got) != len(want) {
			t.Errorf("%s: %q, want %q", typed, got, want)
			continue
		}
		for i := range want {
			if !strings.HasPrefix(got[i], want[i]) {
				t.Errorf("%s: %q, want %q", typed, got, want)
			}
		}
	}
}
