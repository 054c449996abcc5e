// Tests of ui/command. They stand here: each package with tests is one more program to link.

package ui_test

import (
	"context"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"atlas-restore/state"
	"atlas-restore/ui/command"
	"atlas-restore/ui/steps"
)

// A command that is made alone is the one that is made with all others: it has their flags
// with their texts, and what is not asked for has none.
func TestCommandIsMadeWhole(t *testing.T) {
	t.Parallel()
	described := func(cmd *cobra.Command) (out []string) {
		cmd.Flags().VisitAll(func(f *pflag.Flag) { out = append(out, f.Name+" "+f.Shorthand+" "+f.DefValue+" "+f.Usage) })
		return out
	}
	find := func(args ...string) *cobra.Command {
		cmd, _, err := command.New(command.Program{}, args).Find(args[len(args)-1:])
		if err != nil {
			t.Fatalf("%q: %v", args, err)
		}
		return cmd
	}
	for _, name := range []string{"train", "watch", "jobs", "sim"} {
		want := described(find("help", name))
		if got := described(find(name)); len(want) == 0 || !slices.Equal(got, want) {
			t.Errorf("%s has the flags\n%s\nwant\n%s", name, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		if got := described(find("--profile", name)); !slices.Equal(got, want) {
			t.Errorf("%s behind a flag has the flags %q", name, got)
		}
	}
	if got := described(find("train", "watch")); len(got) == 0 {
		t.Error("a command that is named second has no flags")
	}
	if cmd, _, _ := command.New(command.Program{}, []string{"train"}).Find([]string{"watch"}); len(described(cmd)) > 0 {
		t.Error("a command that nobody asks for is made")
	}
	alone := command.New(command.Program{}, []string{"jobs"})
	if got := described(alone); len(got) > 0 {
		t.Errorf("the wizard, which nobody asks for, has the flags %q", got)
	}
	for _, name := range []string{"plan", "records"} {
		if cmd, _, _ := alone.Find([]string{name}); len(cmd.Commands()) > 0 {
			t.Errorf("what %s is made of is made, and nobody asks for it", name)
		}
		if cmd := find(name); len(cmd.Commands()) == 0 {
			t.Errorf("%s has no commands", name)
		}
	}
}

// A tab key behind a command says the same whether that command is made alone or with all others.
func TestCompletionOfOneCommand(t *testing.T) {
	t.Parallel()
	for _, typed := range [][]string{{"jobs", "--"}, {"jobs", "-o", ""}, {"records", ""}, {"plan", "show", "--"}, {"train", "--li"}, {"sim", "--rate-limit", ""}, {""}, {"--"}, {"--line", "--o"}, {"--line", "train", "--"}, {"help", ""}, {"help", "records", ""}, {"man", ""}} {
		args := append([]string{cobra.ShellCompRequestCmd}, typed...)
		told := func(made []string) string {
			var out strings.Builder
			cmd := command.New(command.Program{}, made)
			cmd.SetArgs(args)
			cmd.SetOut(&out)
			cmd.SetErr(io.Discard)
			if err := cmd.Execute(); err != nil {
				t.Fatalf("%q: %v", args, err)
			}
			return out.String()
		}
		if got, want := told(args), told([]string{"help"}); got != want || typed[len(typed)-1] != "" && !strings.Contains(got, "\n:") {
			t.Errorf("%q completes to\n%s\nwant\n%s", typed, got, want)
		}
	}
}

// Each flag of each command that takes one of some words offers these. Where
// no file is taken none is offered; where a directory is, no file is.
func TestEachFlagCompletes(t *testing.T) {
	t.Parallel()
	words := map[string][]string{
		"FORMAT": {"text", "json"}, "TYPE": {"download", "collections", "automated", "pointInTime"}, "WHICH": state.IndexWords(), "off|NUMBER": {"off"}, "accept": state.CheckNames(),
	}
	seen, flags := map[string]int{}, 0
	var walk func(path []string, cmd *cobra.Command)
	walk = func(path []string, cmd *cobra.Command) {
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if f.NoOptDefVal != "" { // it takes nothing
				return
			}
			flags++
			takes, _ := pflag.UnquoteUsage(f)
			if f.Name == "accept" {
				takes = f.Name
			}
			what := strings.Join(append(slices.Clone(path), "--"+f.Name), " ")
			names := []string{"--" + f.Name}
			if f.Shorthand != "" {
				names = append(names, "-"+f.Shorthand)
			}
			for _, name := range names {
				out := completes(t, slices.Concat(path, []string{name, ""})...)
				offered := strings.Split(strings.TrimSpace(out), "\n")
				offered, how := offered[:len(offered)-1], offered[len(offered)-1]
				if want := words[takes]; want != nil {
					seen[takes]++
					if how != ":4" || !slices.Equal(offered, want) {
						t.Errorf("%s offers %q (%s), want %q", what, offered, how, want)
					}
				}
				switch want := map[string]string{"FILE": ":0", "NAME|FILE": ":0", "DIR": ":16"}[takes]; {
				case want == "" && how != ":4" && how != ":6":
					t.Errorf("%s, which takes %s, offers files (%s)", what, takes, how)
				case want != "" && how != want:
					t.Errorf("%s, which takes %s, completes as %s, want %s", what, takes, how, want)
				}
			}
		})
		for _, c := range cmd.Commands() {
			walk(append(slices.Clone(path), c.Name()), c)
		}
	}
	walk(nil, command.New(command.Program{}, []string{"help"}))
	for _, takes := range slices.Collect(maps.Keys(words)) {
		if seen[takes] == 0 {
			t.Errorf("no flag that takes %s was met", takes)
		}
	}
	if flags < 150 {
		t.Errorf("%d flags were met", flags)
	}
	if out := completes(t, "--accept", "size", "--acc"); !strings.Contains(out, "--accept") {
		t.Errorf("what may be given several times is offered once:\n%s", out)
	}
}

// completes is what a tab key behind these words offers, and the directive below.
func completes(t *testing.T, typed ...string) string {
	t.Helper()
	args := append([]string{cobra.ShellCompNoDescRequestCmd}, typed...)
	var out strings.Builder
	cmd := command.New(command.Program{
		Profiles: func() ([]string, error) { return nil, nil }, Scenarios: func() ([]string, error) { return nil, nil },
		Atlas: func(command.Settings) (steps.Atlas, error) { return nil, errors.New("no Atlas here") },
	}, args)
	cmd.SetArgs(args)
	cmd.SetOut(&out)
	cmd.SetErr(io.Discard)
	if err := cmd.Execute(); err != nil {
		t.Fatalf("%q: %v", args, err)
	}
	return out.String()
}

// A version is told before a command line is made, but where more is said.
func TestJustVersion(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]bool{"--version": true, "-v": true, "": false, "--version -o json": false, "-vo json": false, "train --version": false} {
		if got := command.JustVersion(strings.Fields(args)); got != want {
			t.Errorf("%q: %v", args, got)
		}
	}
}

// What needs all commands has them: help, the script for completion, and what is misspelt.
func TestWholeCommandLine(t *testing.T) {
	t.Parallel()
	// Those that are not asked for have nothing, unless all are made.
	whole := func(args []string) bool {
		root, made := command.New(command.Program{}, args), 0
		for _, name := range []string{"sim", "verify"} {
			cmd, _, err := root.Find([]string{name})
			if err != nil {
				t.Fatal(err)
			}
			if cmd.Flags().HasFlags() {
				made++
			}
		}
		return made == 2
	}
	for _, args := range []string{"--help", "-h", "help", "help train", "train --help", "train -h", "train -ho", "man", "completion bash", "trian", "--line completion"} {
		if !whole(strings.Fields(args)) {
			t.Errorf("%s has a part", args)
		}
	}
	for _, args := range []string{"", "train", "watch -o json", "--projectId Payments --clusterName orders-prod", "train first-download", "__complete train --", "__complete --", "__complete tr", "__complete --line train", "__completeNoDesc watch --output"} {
		if whole(strings.Fields(args)) {
			t.Errorf("%q has all", args)
		}
	}
}

// Files come of a download only: --out with another delivery type is refused before anything is asked.
func TestOutIsForDownloads(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"--out d --deliveryType automated":         "the delivery type automated has none",
		"--out d --at 14:00":                       "the delivery type pointInTime has none",
		"train --out d --deliveryType pointInTime": "the delivery type pointInTime has none",
		"--out d --deliveryType download":          "",
		"--out d":                                  "",
		"train --out d --deliveryType download":    "",
	} {
		begun := ""
		run := func(_ context.Context, s command.Settings) error { begun = s.Out; return nil }
		words := strings.Fields(args)
		cmd := command.New(command.Program{Live: run, Train: run}, words)
		cmd.SetArgs(words)
		cmd.SetOut(io.Discard)
		cmd.SetErr(io.Discard)
		err := cmd.Execute()
		if want == "" && (err != nil || begun != "d") || want != "" && (err == nil || !strings.Contains(err.Error(), want) || begun != "") {
			t.Errorf("%s: %v, begun with %q", args, err, begun)
		}
	}
}
