package command

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"atlas-restore/state"
	"atlas-restore/ui/manual"
)

// man is the command that writes the man pages, from the same description as the help.
func man(root *cobra.Command, p Program) *cobra.Command {
	return &cobra.Command{
		Use:   "man [DIR]",
		Short: "Write the man pages: the first to standard output, or all into DIR",
		Example: "  atlas-restore man | man -l -\n" +
			"  atlas-restore man ~/.local/share/man/man1",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return manPage(root, p, cmd.OutOrStdout())
			}
			if err := os.MkdirAll(args[0], 0o755); err != nil { //nolint:gosec // man pages are for everybody
				return fmt.Errorf("making %s: %w", filepath.Clean(args[0]), err)
			}
			if err := topicPages(root, p, args[0]); err != nil {
				return err
			}
			return manPages(root, p, args[0])
		},
	}
}

func manPages(cmd *cobra.Command, p Program, dir string) error {
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			if err := manPages(c, p, dir); err != nil {
				return err
			}
		}
	}
	var page bytes.Buffer
	if err := manPage(cmd, p, &page); err != nil {
		return err
	}
	return writePage(dir, pageName(cmd), page.Bytes())
}

func writePage(dir, name string, page []byte) error {
	if err := os.WriteFile(filepath.Join(dir, name+".1"), page, 0o644); err != nil { //nolint:gosec // man pages are for everybody
		return fmt.Errorf("writing the man page: %w", err)
	}
	return nil
}

// topicPages writes a page for each topic that no command has on its own.
func topicPages(root *cobra.Command, of Program, dir string) error {
	for _, t := range topicsAlone(root) {
		var p roff
		p.head(state.Program+"-"+t, manual.Title(t), of)
		p.WriteString(manual.Roff(t))
		fmt.Fprintf(&p, ".SH SEE ALSO\n.BR %s (1)\n", dashes(state.Program))
		if err := writePage(dir, state.Program+"-"+t, p.Bytes()); err != nil {
			return err
		}
	}
	return nil
}

// topicsAlone are the topics that are no command's.
func topicsAlone(root *cobra.Command) []string {
	return slices.DeleteFunc(manual.Topics(), func(t string) bool {
		return slices.ContainsFunc(root.Commands(), func(c *cobra.Command) bool { return c.Name() == t })
	})
}

func pageName(cmd *cobra.Command) string { return strings.ReplaceAll(cmd.CommandPath(), " ", "-") }

// manPage is what the help says, and what a man page has beside it, in the man macros of
// roff. It is written here, since cobra's own pages take the way over Markdown, whose
// library makes tables of 200 kB at every start of the program.
func manPage(cmd *cobra.Command, of Program, to io.Writer) error {
	cmd.InitDefaultHelpFlag()
	var p roff
	p.head(pageName(cmd), cmd.Short, of)
	p.WriteString(".SH SYNOPSIS\n")
	if cmd.Runnable() {
		fmt.Fprintf(&p, "\\fB%s\\fR\n", escaped(cmd.UseLine()))
	}
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(&p, ".br\n\\fB%s\\fR \\fICOMMAND\\fR\n", escaped(cmd.CommandPath()))
	}
	p.WriteString(".SH DESCRIPTION\n")
	p.text(cmp.Or(cmd.Long, cmd.Short))
	if cmd.HasAvailableSubCommands() {
		p.WriteString(".SH COMMANDS\n")
		for _, c := range cmd.Commands() {
			if c.IsAvailableCommand() {
				fmt.Fprintf(&p, ".TP\n\\fB%s\\fR\n%s\n", escaped(c.Name()), escaped(c.Short))
			}
		}
	}
	p.options(cmd)
	if cmd.HasExample() {
		p.block("EXAMPLES", cmd.Example)
	}
	p.WriteString(manual.Roff(topicOf(cmd)))
	if cmd.Name() == "sim" && of.Served != nil {
		p.block("WHAT IS SERVED", "  "+strings.Join(of.Served(), "\n  "))
	}
	if cmd.Flags().Lookup("output") != nil {
		p.block("EXIT STATUS", exits(cmd))
	}
	switch {
	case cmd.Flags().Lookup("output") != nil && cmd.Flags().Lookup("profile") != nil:
		p.block("ENVIRONMENT", environment)
		p.block("FILES", files)
	case cmd.HasParent() && cmd.Parent().Name() == "plan": // it asks Atlas nothing
		p.block("FILES", files)
	}
	p.others(cmd)
	if _, err := to.Write(p.Bytes()); err != nil {
		return fmt.Errorf("writing the man page: %w", err)
	}
	return nil
}

// roff is a man page that is being written.
type roff struct{ bytes.Buffer }

// head begins a page. It bears no date, so that the same program writes the same page.
func (p *roff) head(name, says string, of Program) {
	fmt.Fprintf(p, ".TH \"%s\" \"1\" \"\" \"atlas-restore %s\" \"atlas-restore\"\n", strings.ToUpper(name), escaped(of.Build().Version))
	fmt.Fprintf(p, ".SH NAME\n%s \\- %s\n", escaped(name), escaped(says))
}

// block is a section that keeps its lines.
func (p *roff) block(title, text string) {
	fmt.Fprintf(p, ".SH %s\n.nf\n", title)
	for line := range strings.Lines(strings.TrimRight(text, "\n") + "\n") {
		p.WriteString(escaped(line))
	}
	p.WriteString(".fi\n")
}

// text is running text; what is indented keeps its lines.
func (p *roff) text(text string) {
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		switch {
		case strings.TrimSpace(line) == "":
			p.WriteString(".PP\n")
		case line != strings.TrimLeft(line, " \t"):
			fmt.Fprintf(p, ".nf\n    %s\n.fi\n", escaped(strings.TrimSpace(line)))
		default:
			p.WriteString(escaped(line) + "\n")
		}
	}
}

// options are the flags in the groups of the help.
func (p *roff) options(cmd *cobra.Command) {
	p.WriteString(".SH OPTIONS\n")
	for _, g := range grouped(cmd) {
		fmt.Fprintf(p, ".SS \"%s\"\n", g.name)
		g.flags.VisitAll(func(f *pflag.Flag) {
			takes, says := pflag.UnquoteUsage(f)
			name := "\\fB" + dashes("--"+f.Name) + "\\fR"
			if f.Shorthand != "" {
				name = "\\fB" + dashes("-"+f.Shorthand) + "\\fR, " + name
			}
			if takes != "" {
				name += " \\fI" + escaped(takes) + "\\fR"
			}
			fmt.Fprintf(p, ".TP\n%s\n%s\n", name, escaped(says))
		})
	}
}

// others are the pages of the command above and of those below.
func (p *roff) others(cmd *cobra.Command) {
	var names []string
	if cmd.HasParent() {
		names = append(names, pageName(cmd.Parent()))
	}
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, pageName(c))
		}
	}
	if !cmd.HasParent() {
		for _, t := range topicsAlone(cmd) {
			names = append(names, state.Program+"-"+t)
		}
	}
	if len(names) == 0 {
		return
	}
	p.WriteString(".SH SEE ALSO\n")
	for i, name := range names {
		end := ","
		if i == len(names)-1 {
			end = ""
		}
		fmt.Fprintf(p, ".BR %s (1)%s\n", dashes(name), end)
	}
}

// escaped is text that roff takes as it is: a backslash begins nothing, and neither does a
// full stop or an apostrophe at the start of a line.
func escaped(text string) string {
	text = strings.ReplaceAll(text, `\`, `\e`)
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		text = `\&` + text
	}
	return text
}

// dashes keeps the dashes of a flag what they are, so that it can be copied.
func dashes(name string) string { return strings.ReplaceAll(name, "-", `\-`) }

const environment = `  MONGODB_ATLAS_CLIENT_ID, MONGODB_ATLAS_CLIENT_SECRET             a service account
  MONGODB_ATLAS_PUBLIC_API_KEY, MONGODB_ATLAS_PRIVATE_API_KEY      an API key
  MONGODB_ATLAS_ACCESS_TOKEN                                       a token, such as $(atlas auth token) prints
  MONGODB_ATLAS_PROFILE                                            as --profile
  MONGODB_ATLAS_PROJECT_ID                                         as --projectId
  MONGODB_ATLAS_OPS_MANAGER_URL                                    as --base-url
  HTTPS_PROXY, NO_PROXY                                            the way to Atlas
  ACCESSIBLE                                                       as --line
  NO_COLOR                                                         as --no-color
`

const files = `  config.toml of the Atlas CLI, and its entries in the keyring     read, never written
  $XDG_CONFIG_HOME/atlas-restore/config.toml                       on_done = ["PROGRAM", "ARGUMENT"], run once a job has ended
                                                                   quiet_terminal = true, as --quiet-terminal
                                                                   production = ["prd*"], what is called production beside prod*
                                                                   protected = ["ledger*"], clusters that are never overwritten
                                                                   require_approval = ["prod*"], a list of patterns: clusters, projects and
                                                                   environments that are written to only with a second person's approval
                                                                   allowed_signers = "FILE", a text: the path of the keys that may approve, in
                                                                   OpenSSH's format (ssh-keygen(1)); beside config.toml, or from ~/ or /
                                                                   rto = "4h", a text: how long a restore may take, as --rto
                                                                   rpo = "15m", a text: how old the data that come back may be, as --rpo
  $XDG_STATE_HOME/atlas-restore/journal.jsonl                      what was submitted, and what became of it
  $XDG_STATE_HOME/atlas-restore/token-*.json                       a token that completions share until it ends
`
