package command

import (
	"context"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
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
		cmd, _, err := New(Program{}, args).Find(args[len(args)-1:])
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
	if cmd, _, _ := New(Program{}, []string{"train"}).Find([]string{"watch"}); len(described(cmd)) > 0 {
		t.Error("a command that nobody asks for is made")
	}
}

// What needs all commands has them: help, completion, and what is misspelt.
func TestWholeCommandLine(t *testing.T) {
	t.Parallel()
	parts := []part{train(Program{}), watch(Program{})}
	for _, args := range []string{"--help", "-h", "help", "help train", "train --help", "train -h", "train -ho", "man", "completion bash", "__complete train --", "trian", "--line completion"} {
		if !wantsWhole(parts, strings.Fields(args)) {
			t.Errorf("%s has a part", args)
		}
	}
	for _, args := range []string{"", "train", "watch -o json", "--projectId Payments --clusterName orders-prod", "train first-download"} {
		if wantsWhole(parts, strings.Fields(args)) {
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
		run := func(_ context.Context, s Settings) error { begun = s.Out; return nil }
		words := strings.Fields(args)
		cmd := New(Program{Live: run, Train: run}, words)
		cmd.SetArgs(words)
		cmd.SetOut(io.Discard)
		cmd.SetErr(io.Discard)
		err := cmd.Execute()
		if want == "" && (err != nil || begun != "d") || want != "" && (err == nil || !strings.Contains(err.Error(), want) || begun != "") {
			t.Errorf("%s: %v, begun with %q", args, err, begun)
		}
	}
}
