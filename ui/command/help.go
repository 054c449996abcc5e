package command

import (
	"bytes"
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
  6    the outcome is unknown: look at the restore jobs in Atlas before anything else
  7    submitted, and still running in Atlas when left
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
	if cmd.Name() == "train" {
		b.WriteString("A scenario ends with 0 if it was passed, and with 1 if it was not. --confirm is train/NAME, or \"overwrite train/NAME\".\n")
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

// help is the command that explains the others.
func help(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Help about a command",
		RunE: func(_ *cobra.Command, args []string) error {
			cmd, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 {
				return noArguments(root, args)
			}
			return cmd.Help()
		},
	}
}

// man is the command that writes the man pages, from the same description as the help.
func man(root *cobra.Command, served func() []string) *cobra.Command {
	return &cobra.Command{
		Use:   "man [DIR]",
		Short: "Write the man pages: the first to standard output, or all into DIR",
		Example: "  atlas-restore man | man -l -\n" +
			"  atlas-restore man ~/.local/share/man/man1",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return manPage(root, served, cmd.OutOrStdout())
			}
			if err := os.MkdirAll(args[0], 0o755); err != nil { //nolint:gosec // man pages are for everybody
				return fmt.Errorf("making %s: %w", filepath.Clean(args[0]), err)
			}
			return manPages(root, served, args[0])
		},
	}
}

func manPages(cmd *cobra.Command, served func() []string, dir string) error {
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			if err := manPages(c, served, dir); err != nil {
				return err
			}
		}
	}
	var page bytes.Buffer
	if err := manPage(cmd, served, &page); err != nil {
		return err
	}
	path := filepath.Join(dir, strings.ReplaceAll(cmd.CommandPath(), " ", "-")+".1")
	if err := os.WriteFile(path, page.Bytes(), 0o644); err != nil { //nolint:gosec // man pages are for everybody
		return fmt.Errorf("writing the man page: %w", err)
	}
	return nil
}

// manPage is what the help says, and what a man page has beside it.
func manPage(cmd *cobra.Command, served func() []string, to io.Writer) error {
	cmd.DisableAutoGenTag = true
	name := strings.ReplaceAll(cmd.CommandPath(), " ", "-")
	header := &doc.GenManHeader{Title: strings.ToUpper(name), Section: "1", Source: "atlas-restore " + cmd.Root().Version, Manual: "atlas-restore"}
	if err := doc.GenMan(cmd, header, to); err != nil {
		return fmt.Errorf("writing the man page: %w", err)
	}
	var b strings.Builder
	if cmd.Name() == "sim" && served != nil {
		b.WriteString(".SH WHAT IS SERVED\n.nf\n  " + strings.Join(served(), "\n  ") + "\n.fi\n")
	}
	if cmd.Flags().Lookup("output") != nil {
		b.WriteString(".SH EXIT STATUS\n.nf\n" + exitCodes + ".fi\n")
	}
	if cmd.Flags().Lookup("output") != nil && cmd.Flags().Lookup("profile") != nil {
		b.WriteString(".SH ENVIRONMENT\n.nf\n" + environment + ".fi\n.SH FILES\n.nf\n" + files + ".fi\n")
	}
	if _, err := io.WriteString(to, b.String()); err != nil {
		return fmt.Errorf("writing the man page: %w", err)
	}
	return nil
}

const environment = `  MONGODB_ATLAS_CLIENT_ID, MONGODB_ATLAS_CLIENT_SECRET             a service account
  MONGODB_ATLAS_PUBLIC_API_KEY, MONGODB_ATLAS_PRIVATE_API_KEY      an API key
  MONGODB_ATLAS_ACCESS_TOKEN                                       a token
  MONGODB_ATLAS_PROFILE                                            as --profile
  MONGODB_ATLAS_PROJECT_ID                                         as --projectId
  MONGODB_ATLAS_OPS_MANAGER_URL                                    as --base-url
  HTTPS_PROXY, NO_PROXY                                            the way to Atlas
  ACCESSIBLE                                                       as --line
  NO_COLOR                                                         as --no-color
`

const files = `  config.toml of the Atlas CLI, and its entries in the keyring     read, never written
  $XDG_CONFIG_HOME/atlas-restore/config.toml                       on_done = ["PROGRAM", "ARGUMENT"], run once a job has ended
                                                                   production = ["prd*"], what is called production beside prod*
                                                                   protected = ["ledger*"], clusters that are never overwritten
  $XDG_STATE_HOME/atlas-restore/journal.jsonl                      what was submitted, and what became of it
  $XDG_STATE_HOME/atlas-restore/token-*.json                       a token that completions share until it ends
`
