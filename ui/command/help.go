package command

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"atlas-restore/forms/fold"
	"atlas-restore/state"
	"atlas-restore/ui/manual"
)

const exitCodes = `  0    the end that was asked for was seen: completed, or ready
  1    an error; nothing was submitted
  2    the command line cannot be obeyed
  3    the job failed
  4    the job was cancelled
  5    the links have expired
  6    the outcome is unknown: look at the restore jobs in Atlas before anything else
       (also: it ended well, and another job onto the target, or of the same request, was seen)
  7    submitted, and still running in Atlas when left
  130  left by the user; nothing was submitted
`

const whenCodes = `  0    something was found, or nothing in all that was read
  1    an error; nothing could be looked for
  2    the command line cannot be obeyed
  6    it is unknown: nothing was found, and not all could be read
  130  stopped by the user; what was found until then was printed
`

const verifyCodes = `  0    sound: all that the snapshot needs was checked
  1    an error; it could not be read
  2    the command line cannot be obeyed
  3    damaged
  6    it is unknown: nothing damaged was found, and not all could be checked
  130  stopped by the user before anything damaged was found
`

const downloadCodes = `  0    every file is there, whole and proven
  1    an error, like a full disk or a host that cannot be reached; what was fetched is kept
  2    the command line cannot be obeyed
  3    the job failed, or a file is damaged
  4    the job was cancelled
  5    a link has expired, is used up, or is missing; what was fetched is kept
  6    a file is whole, and not all of it could be checked
  7    left while Atlas was still preparing the links
  130  left by the user; what was fetched is kept
`

const runbookCodes = `  0    the page
  1    an error
  2    the command line cannot be obeyed
  6    the page lacks what could not be read
  130  left by the user
`

const planCodes = `  0    it was said, or approved
  1    an error: nothing was approved; or it was signed, and by the allowed signers here that does not count
  2    the command line cannot be obeyed
  130  left by the user; nothing was approved
`

const drillCodes = `  0    PASS, or a restore was proven lately enough (--after); or --dry-run showed it
  1    nothing was submitted: the drill was left or refused, or an error came first
  2    the command line cannot be obeyed
  3    FAIL, or the job has failed
  4    the job was cancelled
  6    INCOMPLETE: something was not seen, or the outcome of the job is unknown
  7    the drill was left while its job still runs: watch JOB-ID makes its checks
  130  ended by a signal or ctrl+c, nothing was submitted
`

const recordsCodes = `  0    it was said, or written down; what was looked at holds
  1    an error, or what was looked at does not hold: the text says what
  2    the command line cannot be obeyed
`

// exits are the exit codes of a command.
func exits(cmd *cobra.Command) string {
	switch topicOf(cmd) {
	case "when":
		return whenCodes
	case "runbook":
		return runbookCodes
	case "download":
		return downloadCodes
	case "drill":
		return drillCodes
	case "verify":
		return verifyCodes
	case "plan-show", "plan-approve":
		return planCodes
	}
	if cmd.HasParent() && cmd.Parent().Name() == "records" {
		return recordsCodes
	}
	return exitCodes
}

// describe is the help of a command: what it does, and its usage.
func describe(cmd *cobra.Command, width int) {
	_, _ = io.WriteString(cmd.OutOrStdout(), fold.Written(strings.TrimRightFunc(cmp.Or(cmd.Long, cmd.Short), unicode.IsSpace), width)+"\n\n") // the run looks whether it could be written
	if cmd.Runnable() || cmd.HasSubCommands() {
		_, _ = io.WriteString(cmd.OutOrStdout(), cmd.UsageString())
	}
}

// usage is the help behind the description: examples, commands, flags in their groups.
func usage(cmd *cobra.Command, width int) error {
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
	if !cmd.HasParent() {
		fmt.Fprintf(&b, "\nTopics (%s help TOPIC):\n%s", state.Started(), topics())
	}
	flags(&b, cmd)
	if cmd.Runnable() && cmd.Flags().Lookup("output") != nil {
		b.WriteString("\nExit codes:\n" + exits(cmd))
	}
	if cmd.Name() == "train" {
		b.WriteString("A scenario ends with 0 if it was passed, and with 1 if it was not. --confirm is train/NAME, or \"overwrite train/NAME\".\n")
	}
	_, err := io.WriteString(cmd.OutOrStderr(), fold.Written(b.String(), width))
	if err != nil {
		return fmt.Errorf("writing the help: %w", err)
	}
	return nil
}

func flags(b *strings.Builder, cmd *cobra.Command) {
	for _, g := range grouped(cmd) {
		fmt.Fprintf(b, "\n%s:\n%s", g.name, g.flags.FlagUsages())
	}
}

// flagGroup are the flags that belong together.
type flagGroup struct {
	name  string
	flags *pflag.FlagSet
}

// grouped are a command's own flags in their groups, without groups that are empty.
func grouped(cmd *cobra.Command) []flagGroup {
	var out []flagGroup
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
			out = append(out, flagGroup{g, set})
		}
	}
	return out
}

// help is the command that explains the others.
func help(root *cobra.Command, width func() int) *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND | TOPIC]",
		Short: "Help about a command, and all there is to know of it; or about a topic",
		Long:  "Explains a command at length, or a topic:\n" + topics(),
		RunE: func(c *cobra.Command, args []string) error {
			cmd, rest, err := root.Find(args)
			if err == nil && len(rest) == 0 && cmd != root {
				return errors.Join(cmd.Help(), tellTopic(c, "\n", topicOf(cmd), width()))
			}
			if len(args) == 1 && manual.Title(args[0]) != "" {
				return tellTopic(c, "", args[0], width())
			}
			switch {
			case err != nil, len(rest) > 0 && cmd == root: // or it is a topic
				return fmt.Errorf("%w\nThe topics are: %s", misnamed(root, args[0], manual.Topics()...), strings.Join(manual.Topics(), ", "))
			case len(rest) > 0:
				return misnamed(cmd, rest[0])
			}
			return cmd.Help()
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			var out []string
			if len(args) > 0 { // a command of a command
				if cmd, rest, err := root.Find(args); err == nil && len(rest) == 0 && cmd != root {
					for _, c := range cmd.Commands() {
						if c.IsAvailableCommand() {
							out = append(out, c.Name()+"\t"+c.Short)
						}
					}
				}
				return out, cobra.ShellCompDirectiveNoFileComp
			}
			for _, c := range root.Commands() {
				if c.IsAvailableCommand() && manual.Title(c.Name()) == "" {
					out = append(out, c.Name()+"\t"+c.Short)
				}
			}
			for _, t := range manual.Topics() {
				out = append(out, t+"\t"+manual.Title(t))
			}
			return out, cobra.ShellCompDirectiveNoFileComp
		},
	}
}

// topics are those that help explains, a line each.
func topics() string {
	var b strings.Builder
	for _, t := range manual.Topics() {
		fmt.Fprintf(&b, "  %-14s %s\n", t, manual.Title(t))
	}
	return b.String()
}

// topicOf is the topic of a command, which has its name; there may be none.
func topicOf(cmd *cobra.Command) string {
	_, name, _ := strings.Cut(pageName(cmd), state.Program+"-")
	return name
}

// tellTopic tells a topic, if there is one, with something before it.
func tellTopic(cmd *cobra.Command, before, topic string, width int) error {
	text := manual.Text(topic)
	if text == "" {
		return nil
	}
	if _, err := io.WriteString(cmd.OutOrStdout(), before+fold.Written(strings.ReplaceAll(text, state.Program+" ", state.Started()+" "), width)); err != nil {
		return fmt.Errorf("writing the help: %w", err)
	}
	return nil
}
