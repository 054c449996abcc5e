// Package command is the command line: commands and flags with their help, from which
// shell completion and man pages are made too. What the commands do is in ui/run.
package command

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"atlas-restore/state"
	"atlas-restore/state/build"
	"atlas-restore/ui/steps"
)

// Settings are what the command line says.
type Settings struct {
	Given      state.Given
	DryRun     bool          // shows the request and sends nothing
	Plan       string        // file: all answers come from it
	Replay     *steps.Replay // what it says
	BreakGlass string        // why it is gone on with although an approval is needed
	SavePlan   string        // file: the plan is written to it, and nothing is sent
	Accept     []string      // checks that may be unknown
	Out        string        // of a download: the directory that its files are fetched into
	Line       bool          // the line face
	JSON       bool          // one object at the end, on standard output
	NoColor    bool
	Quiet      bool   // no bell, no progress of the terminal's, nothing that moves
	Profile    string // of the Atlas CLI
	BaseURL    string
	CAFile     string // of certificates that vouch for Atlas
	APIVersion string // a date
	Debug      string // file
	StateDir   string
	Drill      bool // each restore rehearses
	Evidence   Evidence
	Seed       uint64  // training
	among      string  // the flags that find the same records
	Speed      float64 // training; 0: the usual one
	Scenario   string  // training: name or file; empty: a world to try things in
	Join       string  // training: the address of an embedded Atlas that is served already
}

// Program is what the commands do. An error that one of them returns is the run's; any
// other is the command line's.
type Program struct {
	// Width is how many cells a line of standard output has; 0 where it is no terminal. It is nil where all is made for a pipe.
	Width func() int
	// Build says what this program was built of.
	Build func() build.Info
	Live  func(context.Context, Settings) error
	Train func(context.Context, Settings) error
	// Example prints a scenario with comments.
	Example func() error
	// Lessons lists the scenarios of the training, or forgets what came of them.
	Lessons func(s Settings, reset bool) error
	// Watch follows a restore job; without an id the newest that was left unfinished.
	Watch func(ctx context.Context, s Settings, jobID string) error
	// Jobs lists the restore jobs of a cluster, or those of this machine.
	Jobs func(ctx context.Context, s Settings, id string, mine bool) error
	// Download fetches what a download job delivers; without an id the newest of this machine.
	Download func(ctx context.Context, s Settings, how Fetching, jobID string) error
	// Drill rehearses a restore; with a span only where none was proven for so long.
	Drill func(ctx context.Context, s Settings, after time.Duration) error
	// When finds out when something of a cluster was lost.
	When func(ctx context.Context, s Settings, lost steps.WhenAsk) error
	// Runbook prints the page of a cluster.
	Runbook func(context.Context, Settings) error
	// Verify proves archives and directories that were downloaded.
	Verify func(ctx context.Context, s Settings, paths []string, extract bool) error
	// Replay reads the plan file that a run is made from.
	Replay func(file string) (*steps.Replay, error)
	// PlanApprove has a person approve a plan file with the SSH key of a file, or of the agent.
	PlanApprove func(ctx context.Context, s Settings, file, key string) error
	// PlanShow says what a plan file does.
	PlanShow func(ctx context.Context, s Settings, file string) error
	// StateDir is the directory of what is kept.
	StateDir func(Settings) string
	// Sim serves the embedded Atlas until its context ends.
	Sim func(context.Context, Simulator) error
	// Served are the operations of Atlas that Sim serves, a line each, for its man page.
	Served func() []string
	// Scenarios are the names of those that are built in, with titles, for completion.
	Scenarios func() ([]string, error)
	// Profiles are the names of the Atlas CLI's profiles.
	Profiles func() ([]string, error)
	// Atlas signs in for the completion of names and ids; an error completes nothing.
	Atlas func(Settings) (steps.Atlas, error)
}

// width is Width; 0 where nobody tells it.
func (p Program) width() int {
	if p.Width == nil {
		return 0
	}
	return p.Width()
}

// New makes the command line that understands args. What other arguments would need, flags
// of other commands above all, is made only where it is asked for: a start waits for all of it.
func New(p Program, args []string) *cobra.Command {
	var live Settings
	var version bool
	root := &cobra.Command{
		Use:   state.Program,
		Short: "Restore a MongoDB Atlas cluster from its Cloud Backups",
		Long: "A wizard that restores a MongoDB Atlas cluster from its Cloud Backups: choose project, cluster,\n" +
			"snapshot or moment, and delivery type; see what will happen; confirm; follow the job.\n" +
			"What a flag answers is not asked. Nothing is submitted without a confirmation: typed on the\n" +
			"review, or given with --confirm beside all other answers.",
		Example: strings.Join([]string{
			"  atlas-restore train                    # practise on the embedded Atlas: nothing is real",
			"  atlas-restore                          # the wizard, with the credentials of the environment",
			"  atlas-restore --line                   # the same, line by line: for a screen reader, or a pipe",
			"  atlas-restore --projectId Payments --clusterName orders-prod --snapshotId latest \\",
			"    --deliveryType download --confirm download -o json     # no question, no terminal",
		}, "\n"),
		Args:          noArguments,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if version {
				return tellBuild(cmd, p.Build(), live.JSON)
			}
			if err := live.replay(p.Replay); err != nil {
				return err
			}
			if err := live.check(); err != nil {
				return err
			}
			return p.Live(cmd.Context(), live)
		},
	}
	parts := []part{train(p), watch(p), jobs(p), download(p), when(p), runbook(p), verify(p), drill(p), plan(p), records(p), sim(p)}
	whole := wantsWhole(parts, args)
	if whole || !named(parts, args) {
		answers(root.Flags(), &live)
		evidence(root.Flags(), &live)
		manner(root.Flags(), &live)
		where(root.Flags(), &live)
		root.Flags().BoolVarP(&version, "version", "v", false, "what this is: version, commit, date, Go and platform")
	}
	for _, part := range parts {
		root.AddCommand(part.cmd)
		if whole && !completes(args) || slices.Contains(args, part.cmd.Name()) {
			part.flags()
		}
	}
	root.SetUsageFunc(func(cmd *cobra.Command) error { return usage(cmd, p.width()) })
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) { describe(cmd, p.width()) })
	asStarted(root)
	root.SetFlagErrorFunc(noFlag)
	root.CompletionOptions.DisableDefaultCmd = !whole
	if !whole {
		if completes(args) {
			completed(root)
		}
		return root
	}
	root.AddCommand(man(root, p))
	root.SetHelpCommand(help(root, p.width))
	complete(root, &live, p)
	root.InitDefaultCompletionCmd()
	if c, _, err := root.Find([]string{"completion"}); err == nil {
		c.Args = noArguments
		c.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	}
	completed(root)
	return root
}

// tellBuild says what this program was built of.
func tellBuild(cmd *cobra.Command, of build.Info, asJSON bool) error {
	out := []byte(of.Text())
	if asJSON {
		var err error
		if out, err = of.JSON(); err != nil {
			return err //nolint:wrapcheck // it says what failed
		}
	}
	_, _ = cmd.OutOrStdout().Write(out) // main looks whether it could be written
	return nil
}

// part is a command whose flags, with their completions, are made later.
type part struct {
	cmd   *cobra.Command
	flags func()
}

// wantsWhole says whether args ask for more than one of the parts: for help, a man page, a
// completion, or something that is none of them and may be misspelt.
func wantsWhole(parts []part, args []string) bool {
	for i, a := range args {
		switch {
		case a == "--help", strings.HasPrefix(a, "-") && !strings.HasPrefix(a, "--") && strings.Contains(a, "h"):
			return true
		case i == 0 && !strings.HasPrefix(a, "-"):
			if !named(parts, args) {
				return true
			}
		case slices.Contains([]string{"help", "man", "completion"}, a):
			return true
		}
	}
	return false
}

// named says whether args begin with one of the parts, or ask for the completion of what does:
// then no flag is the wizard's.
func named(parts []part, args []string) bool {
	if len(args) > 2 && completes(args) {
		args = args[1:]
	}
	return len(args) > 0 && slices.ContainsFunc(parts, func(p part) bool { return p.cmd.Name() == args[0] })
}

// completes says whether args are a tab key: of commands that it does not name it takes the names alone.
func completes(args []string) bool {
	return len(args) > 0 && (args[0] == cobra.ShellCompRequestCmd || args[0] == cobra.ShellCompNoDescRequestCmd)
}

// JustVersion says whether args ask for nothing but what this is: that needs no command line.
func JustVersion(args []string) bool {
	return len(args) == 1 && (args[0] == "--version" || args[0] == "-v")
}

// where are the flags that say as whom Atlas is asked, where it is, and what is kept.
func where(flags *pflag.FlagSet, s *Settings) {
	flags.VarP(&word{&s.Profile, "NAME"}, "profile", "P", "the Atlas CLI's profile to sign in with (or MONGODB_ATLAS_PROFILE)")
	flags.Var(&word{&s.BaseURL, "ADDRESS"}, "base-url", "of Atlas, if not https://cloud.mongodb.com (or MONGODB_ATLAS_OPS_MANAGER_URL)")
	flags.Var(&word{&s.CAFile, "FILE"}, "ca-file", "certificates (PEM) that may vouch for Atlas beside the system's")
	flags.Var(&word{&s.APIVersion, "DATE"}, "api-version", "of the version of Atlas's API (default 2025-03-12)")
	flags.Var(&word{&s.Debug, "FILE"}, "debug", "append every exchange with Atlas to it, secrets masked")
	flags.Var(&word{&s.StateDir, "DIR"}, "state-dir", "of the journal, which remembers what was submitted (default $XDG_STATE_HOME/atlas-restore)")
	group(flags, groupWhere, "profile", "base-url", "ca-file", "api-version", "debug", "state-dir")
}

// source are the flags that name a cluster by itself.
func source(flags *pflag.FlagSet, s *Settings) {
	flags.SortFlags = false
	flags.Var(&word{&s.Given.Project, "ID"}, state.FlagProject, "id or exact name of the source project")
	flags.Var(&word{&s.Given.Cluster, "NAME"}, state.FlagCluster, "name of the source cluster; alone it finds the project too")
	group(flags, groupAnswers, state.FlagProject, state.FlagCluster)
}

// watch is the command that follows a job.
func watch(p Program) part {
	var s Settings
	cmd := &cobra.Command{
		Use:   "watch [JOB-ID|REQUEST-ID]",
		Short: "Follow a restore job to its end; without an id the newest that was left unfinished",
		Long: "Follows a restore job to its end, as the wizard does, and ends with its exit code. Without an id it\n" +
			"takes the newest that this machine has submitted and whose end was not seen; a request whose answer\n" +
			"was lost is looked for first. The id of such a request, as it was told and as jobs --mine lists it, has\n" +
			"its job looked for once more: 6 says that it was not found. A job of somebody else needs --clusterName\n" +
			"of its source, and --projectId where several projects have a cluster of that name.",
		Example: "  atlas-restore watch\n" +
			"  atlas-restore watch 65f0c1d2e3a4b5c6d7e8f901 --clusterName orders-prod -o json",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := watchedOf(s, args)
			if err != nil {
				return err
			}
			if err := s.Evidence.check(); err != nil {
				return err
			}
			return p.Watch(cmd.Context(), s, id)
		},
	}
	return part{cmd, func() {
		source(cmd.Flags(), &s)
		evidence(cmd.Flags(), &s)
		manner(cmd.Flags(), &s)
		where(cmd.Flags(), &s)
		liveNames(cmd, &s, p)
		cmd.ValidArgsFunction = jobIDs(p, &s, steps.CanWatch)
	}}
}

// jobs is the command that lists restore jobs.
func jobs(p Program) part {
	var s Settings
	var mine bool
	cmd := &cobra.Command{
		Use:   "jobs [JOB-ID]",
		Short: "List the restore jobs of a cluster, or those of this machine",
		Long: "Lists the restore jobs of a source cluster, the newest first, with their state, age and target, and who\n" +
			"started them, if this machine did; below, when a restore of the cluster was last proven. The name of the\n" +
			"cluster is enough where one project only has it; so is the id of a job that this machine has submitted. A job of\n" +
			"somebody else needs --clusterName of its source. With --mine it lists what this machine has submitted, and\n" +
			"asks Atlas nothing: --projectId and --clusterName then leave what is of them or onto them. A request without\n" +
			"a job has its own id there, which watch takes.",
		Example: "  atlas-restore jobs --clusterName orders-prod\n" +
			"  atlas-restore jobs --projectId Payments --clusterName orders-prod\n" +
			"  atlas-restore jobs --mine -o json",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := jobOf(s, args)
			if err != nil {
				return err
			}
			named := s.Given.Cluster != ""
			switch {
			case id != "" && mine:
				return errors.New("a job's id says which cluster is meant: leave out --mine")
			case id == "" && !mine && !named:
				return fmt.Errorf("--%s is needed, or a job's id, or --mine", state.FlagCluster)
			}
			return p.Jobs(cmd.Context(), s, id, mine)
		},
	}
	return part{cmd, func() {
		source(cmd.Flags(), &s)
		cmd.Flags().BoolVar(&mine, "mine", false, "what this machine has submitted, from its journal")
		group(cmd.Flags(), groupAnswers, "mine")
		outputFlag(cmd.Flags(), &s)
		group(cmd.Flags(), groupManner, "output")
		where(cmd.Flags(), &s)
		liveNames(cmd, &s, p)
		cmd.ValidArgsFunction = jobIDs(p, &s, anyJob)
	}}
}

// noArguments refuses what is neither a command nor a flag, and says what may be meant.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return misnamed(cmd, args[0])
}

// The groups of flags, in the order in which help shows them.
const (
	groupAnswers = "Answers (what is given is not asked)"
	groupRecord  = "For the record of the restore"
	groupManner  = "How it runs"
	groupWhere   = "As whom, where, and what is kept"
	groupWorld   = "The embedded Atlas"
	groupOther   = "Help"
)

var groups = []string{groupAnswers, groupRecord, groupManner, groupWhere, groupWorld, groupOther}

const groupKey = "group"

// group puts flags into a group of the help.
func group(flags *pflag.FlagSet, name string, names ...string) {
	for _, n := range names {
		_ = flags.SetAnnotation(n, groupKey, []string{name}) // the flag was defined a line above
	}
}

// answers are the flags that answer a step. They bear the Atlas CLI's names.
func answers(flags *pflag.FlagSet, s *Settings) {
	flags.SortFlags = false
	g := &s.Given
	var names []string
	text := func(to *string, name, takes, help string) {
		flags.Var(&word{to, takes}, name, help)
		names = append(names, name)
	}
	text(&g.Project, state.FlagProject, "ID", "id or exact name of the source project")
	text(&g.Cluster, state.FlagCluster, "NAME", "name of the source cluster; alone it finds the project too")
	text(&g.Snapshot, state.FlagSnapshot, "ID", "id of the snapshot, or latest for the newest that can be restored, safety snapshots aside")
	one := func(to *string, of func() []string, name, takes, help string) {
		flags.Var(&choice{word{to, takes}, of}, name, help)
		names = append(names, name)
	}
	one(&g.Delivery, deliveryTypes, state.FlagDelivery, "TYPE", "download, collections, automated or pointInTime")
	one(&g.At, beforeDrop, state.FlagAt, "TIME", "moment for pointInTime or collections, like 2026-11-23T14:02:59Z, yesterday 14:02, 40m or now; UTC where no zone is written; or before-drop:shop.orders, the last second before that collection was dropped")
	text(&g.UTCSeconds, state.FlagUTCSeconds, "SECONDS", "moment as whole seconds since 1970")
	text(&g.OplogTs, state.FlagOplogTs, "SECONDS", "moment as an oplog entry: its timestamp")
	text(&g.OplogInc, state.FlagOplogInc, "NUMBER", "and its increment, from 1 on")
	g.Only = &state.GivenOnly{}
	flags.StringArrayVar(&g.Only.Names, state.FlagNamespace, nil, "what is missing, like shop.orders: the wizard then begins with when it was lost. For collections the `NAME` of one to restore, or of a whole database; may be given several times")
	flags.StringArrayVar(&g.Only.Renames, state.FlagRename, nil, "for collections: another name for one of them, like `shop.orders=shop.orders_restored`; may be given several times")
	names = append(names, state.FlagNamespace, state.FlagRename)
	text(&g.Only.Suffix, state.FlagSuffix, "TEXT", "for collections: what is put behind the name of each that is not renamed")
	one(&g.Only.Indexes, state.IndexWords, state.FlagIndexes, "WHICH", "for collections: all, none, or no-ttl for all but those that delete by themselves")
	flags.BoolVar(&g.Only.Overwrite, state.FlagOverwrite, false, "for collections: drop what has the name on the target, instead of a new name beside it")
	names = append(names, state.FlagOverwrite)
	text(&g.TargetProject, state.FlagTargetProject, "ID", "id or exact name of the project of the cluster that is restored into")
	text(&g.TargetCluster, state.FlagTargetCluster, "NAME", "name of the cluster that is restored into")
	text(&s.Plan, "plan", "FILE", "run this plan file: its answers, all checks made again, and the confirmation as ever")
	flags.Var(&directory{word{&s.Out, "DIR"}}, "out", "of a download: the directory for its files. Where nothing is asked they are fetched into it and proven, as download does it; else it is proposed")
	flags.BoolVar(&s.DryRun, "dry-run", false, "show the request, and how other programs make it; send nothing, and end with 0")
	flags.Var(&word{&s.SavePlan, "FILE"}, "save-plan", "write what the review says to it, for somebody else to read and to run; send nothing, and end with 0")
	flags.Var(&several{&s.Accept, "NAME", state.CheckNames}, "accept", "go on although this check is unknown: its `NAME`, or all; may be given several times")
	flags.Var(&word{&s.BreakGlass, "REASON"}, "break-glass", "go on although a second person's approval is needed (require_approval in config.toml); the journal keeps the reason")
	names = append(names, "out", "dry-run", "save-plan", "accept", "break-glass")
	text(&g.Confirm, state.FlagConfirm, "NAME", "confirms, if all else is given: the name of the cluster that is overwritten, \"overwrite NAME\" onto the source itself, download, or collections where nothing is overwritten")
	group(flags, groupAnswers, names...)
}

// manner are the flags that say how the program talks.
func manner(flags *pflag.FlagSet, s *Settings) {
	flags.BoolVar(&s.Line, "line", false, "line by line: for screen readers, plain terminals and pipes (or ACCESSIBLE=1)")
	outputFlag(flags, s)
	flags.BoolVar(&s.NoColor, "no-color", false, "no colours (or NO_COLOR=1)")
	flags.BoolVar(&s.Quiet, "quiet-terminal", false, "no bell, no progress beside the window's title, nothing that spins")
	group(flags, groupManner, "line", "output", "no-color", "quiet-terminal")
}

func outputFlag(flags *pflag.FlagSet, s *Settings) {
	flags.VarP((*output)(&s.JSON), "output", "o", "of the result on standard output: text or json")
}

// word is a flag that takes a text; help and completion say which.
type word struct {
	to    *string
	takes string
}

// String implements pflag.Value.
func (w *word) String() string {
	if w.to == nil {
		return ""
	}
	return *w.to
}

// Set implements pflag.Value.
func (w *word) Set(s string) error {
	*w.to = s
	return nil
}

// Type implements pflag.Value.
func (w *word) Type() string { return w.takes }

// directory is a flag that takes the name of one. An empty name is that of a variable that was never
// set: without the flag something else would be done.
type directory struct{ word }

// Set implements pflag.Value. A name with a blank at its edge is refused: a field on a page takes none, and
// the files would land elsewhere.
func (d *directory) Set(s string) error {
	switch trimmed := strings.TrimSpace(s); {
	case trimmed == "":
		return errors.New("it names no directory")
	case trimmed != s:
		return errors.New("it begins or ends with a blank")
	}
	return d.word.Set(s)
}

// choice is a flag that takes one of some words. Whether it is one is looked at with the other answers.
type choice struct {
	word
	of func() []string
}

func (c *choice) choices() []string { return c.of() }

func deliveryTypes() []string {
	var out []string
	for _, d := range state.DeliveryTypes() {
		out = append(out, string(d))
	}
	return out
}

// beforeDrop is what a moment may begin with.
func beforeDrop() []string { return []string{state.BeforeDrop + "\ta collection, like shop.orders"} }

// several is a flag that takes a word each time that it is given.
type several struct {
	to    *[]string
	takes string
	of    func() []string
}

// String implements pflag.Value.
func (v *several) String() string {
	if v.to == nil {
		return ""
	}
	return strings.Join(*v.to, ", ")
}

// Set implements pflag.Value.
func (v *several) Set(s string) error {
	*v.to = append(*v.to, s)
	return nil
}

// Type implements pflag.Value.
func (v *several) Type() string { return v.takes }

// GetSlice has it offered again where it was given: see cobra.SliceValue.
func (v *several) GetSlice() []string { return *v.to }

func (v *several) choices() []string { return v.of() }

// number is a flag that takes a number.
type number[N uint64 | float64] struct {
	to    *N
	takes string
}

// String implements pflag.Value.
func (n *number[N]) String() string {
	if n.to == nil {
		return ""
	}
	return fmt.Sprint(*n.to)
}

// Set implements pflag.Value.
func (n *number[N]) Set(s string) error {
	var v N
	if _, err := fmt.Sscanf(s+"\n", "%v\n", &v); err != nil {
		return errors.New("it takes a number, like 20")
	}
	*n.to = v
	return nil
}

// Type implements pflag.Value.
func (n *number[N]) Type() string { return n.takes }

// output is the flag -o.
type output bool

// String implements pflag.Value.
func (o *output) String() string {
	if *o {
		return "json"
	}
	return "text"
}

// Set implements pflag.Value.
func (o *output) Set(s string) error {
	switch s {
	case "text", "json":
		*o = s == "json"
		return nil
	}
	return fmt.Errorf("it is text or json")
}

// Type implements pflag.Value.
func (o *output) Type() string { return "FORMAT" }

func (o *output) choices() []string { return []string{"text", "json"} }

// WantsJSON says whether args ask for -o json, even where they cannot be obeyed
// otherwise: an error is then told in the same way.
func WantsJSON(args []string) bool {
	wants := false
	for i, a := range args {
		switch {
		case a == "--":
			return wants
		case a == "-o" || a == "--output":
			wants = i+1 < len(args) && args[i+1] == "json"
		case strings.HasPrefix(a, "-o"):
			wants = strings.TrimPrefix(strings.TrimPrefix(a, "-o"), "=") == "json"
		case strings.HasPrefix(a, "--output="):
			wants = a == "--output=json"
		}
	}
	return wants
}
