package command

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
	"github.com/spf13/pflag"
)

const exitCodes = `  0    the end that was asked for was seen: completed, or ready
  1    an error; nothing was submitted
  2    the command line cannot be obeyed
  3    the job failed
  4    the job was cancelled
  5    the links have expired
  6    the outcome is unknown
  7    submitted, and still running when left
  130  left by the user; nothing was submitted
`

// usage is the help behind the description: examples, commands, flags in their groups.
func usage(cmd *cobra.Command) error {
	var b strings.Builder
	b.WriteString("Usage:\n")
	if cmd.Runnable() {
		fmt.Fprintf(&b, "  %s\n", cmd.UseLine())
	}
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(&b, "  %s COMMAND\n", cmd.CommandPath())
	}
	if cmd.HasExample() {
		fmt.Fprintf(&b, "\nExamples:\n%s\n", cmd.Example)
	}
	if cmd.HasAvailableSubCommands() {
		b.WriteString("\nCommands:\n")
		for _, c := range cmd.Commands() {
			if c.IsAvailableCommand() {
				fmt.Fprintf(&b, "  %-12s %s\n", c.Name(), c.Short)
			}
		}
	}
	flags(&b, cmd)
	if cmd.Runnable() && cmd.Flags().Lookup("output") != nil {
		b.WriteString("\nExit codes:\n" + exitCodes)
	}
	_, err := io.WriteString(cmd.OutOrStderr(), b.String())
	if err != nil {
		return fmt.Errorf("writing the help: %w", err)
	}
	return nil
}

func flags(b *strings.Builder, cmd *cobra.Command) {
	for _, g := range groups {
		set := pflag.NewFlagSet(g, pflag.ContinueOnError)
		set.SortFlags = false
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
			in := groupOther
			if a := f.Annotations[groupKey]; len(a) > 0 {
				in = a[0]
			}
			if in == g && !f.Hidden {
				set.AddFlag(f)
			}
		})
		if set.HasFlags() {
			fmt.Fprintf(b, "\n%s:\n%s", g, set.FlagUsages())
		}
	}
}

// man is the command that writes the man pages, from the same description as the help.
func man(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "man [DIR]",
		Short: "Write the man pages: the first to standard output, or all into DIR",
		Example: "  atlas-restore man | man -l -\n" +
			"  atlas-restore man ~/.local/share/man/man1",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			header := &doc.GenManHeader{Title: "ATLAS-RESTORE", Section: "1", Source: "atlas-restore " + root.Version, Manual: "atlas-restore"}
			if len(args) == 0 {
				if err := doc.GenMan(root, header, cmd.OutOrStdout()); err != nil {
					return fmt.Errorf("writing the man page: %w", err)
				}
				return nil
			}
			if err := os.MkdirAll(args[0], 0o755); err != nil { //nolint:gosec // man pages are for everybody
				return fmt.Errorf("making %s: %w", filepath.Clean(args[0]), err)
			}
			if err := doc.GenManTree(root, header, args[0]); err != nil {
				return fmt.Errorf("writing the man pages into %s: %w", filepath.Clean(args[0]), err)
			}
			return nil
		},
	}
}
