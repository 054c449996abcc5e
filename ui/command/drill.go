package command

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"atlas-restore/state"
	"atlas-restore/state/record"
	"atlas-restore/ui/steps"
)

// drill is the command that rehearses a restore for real.
func drill(p Program) part {
	var s Settings
	var random bool
	var after string
	cmd := &cobra.Command{
		Use:   "drill",
		Short: "Rehearse a restore for real, onto a cluster for drills, and look at what has come",
		Long: "Restores the newest snapshot (or --random, or the moment --at) of a cluster onto one that the configuration\n" +
			"names for drills, with the same review, checks and confirmation as every restore:\n" +
			"\n" +
			"  drill_targets = [\"drill-*\"]     whole names of clusters that a drill may erase\n" +
			"  verify = [\"/path/to/command\"]   looks at the data; optional\n" +
			"  verify_limit = \"15m\"            how long that may take\n" +
			"\n" +
			"Production and the source itself are refused whatever is named there.\n" +
			"\n" +
			"Once the job has ended it checks what Atlas tells without a login to the database: the target is idle; its\n" +
			"databases are those of the snapshot; it has as many collections and documents as the source had at that\n" +
			"time; the search indexes are there. Atlas counts every 20 minutes, so that takes up to 45. The command\n" +
			"verify gets the connection string in its environment, without a credential (ATLAS_RESTORE_CONNECTION_STRING,\n" +
			"_HOST, _TARGET, _CLUSTER, _DATA_OF and others); its exit code and its last lines become a check.\n" +
			"\n" +
			"All of it stands in a record. PASS is what was seen, and nothing else: what could not be read makes the\n" +
			"drill INCOMPLETE, and so does leaving it; a collection that is missing, or a count that is off, makes it FAIL.\n" +
			"\n" +
			"With --after 6h nothing is drilled where a restore of the cluster was proven in the last 6 hours, as a\n" +
			"record of this machine tells: it says when, and ends with 0. A drill that has failed proves\n" +
			"nothing, and behind one that passed it makes the next one due. With\n" +
			"--dry-run it says whether one is due, and submits nothing.\n" +
			"\n" +
			"Against the embedded Atlas a confirmation is typed, and given with --confirm, as in the training: train/NAME.",
		Example: "  atlas-restore drill --clusterName orders-prod\n" +
			"  atlas-restore drill --after 7d --projectId Payments --clusterName orders-prod --targetClusterName drill-orders \\\n" +
			"    --confirm drill-orders -o json     # for cron: no question, no terminal",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			within, err := drillSpan(after)
			if err != nil {
				return err
			}
			if err := s.drills(random, within > 0); err != nil {
				return err
			}
			return p.Drill(cmd.Context(), s, within)
		},
	}
	return part{cmd, func() {
		drillAnswers(cmd.Flags(), &s, &random, &after)
		evidence(cmd.Flags(), &s)
		manner(cmd.Flags(), &s)
		where(cmd.Flags(), &s)
		liveNames(cmd, &s, p)
		live := asked(cmd, &s, p)
		live(state.FlagTargetProject, projects)
		live(state.FlagTargetCluster, func(ctx context.Context, atlas steps.Atlas, _ string) ([]string, error) {
			return clusterWords(ctx, atlas, cmp.Or(s.Given.TargetProject, s.Given.Project))
		})
		live(state.FlagSnapshot, func(ctx context.Context, atlas steps.Atlas, _ string) ([]string, error) {
			return snapshotWords(ctx, atlas, s.Given.Project, s.Given.Cluster)
		})
	}}
}

// drillAnswers are the flags that answer the steps of a drill: those of every restore, as far as a drill
// asks for them.
func drillAnswers(flags *pflag.FlagSet, s *Settings, random *bool, after *string) {
	source(flags, s)
	g := &s.Given
	flags.Var(&word{&g.Snapshot, "ID"}, state.FlagSnapshot, "id of the snapshot (default: latest, the newest that can be restored, safety snapshots aside)")
	flags.BoolVar(random, "random", false, "a snapshot of the last 30 days, by chance, safety snapshots aside")
	flags.Var(&word{&g.At, "TIME"}, state.FlagAt, "a moment instead of a snapshot, like 2026-11-23T14:02:59Z, yesterday 14:02 or 40m; UTC where no zone is written")
	flags.Var(&word{&g.TargetProject, "ID"}, state.FlagTargetProject, "id or exact name of the project of the cluster that the drill goes onto (default: that of --projectId; without that it is needed)")
	flags.Var(&word{&g.TargetCluster, "NAME"}, state.FlagTargetCluster, "name of the cluster that the drill goes onto, and erases; one of drill_targets")
	flags.Var(&word{after, "SPAN"}, "after", "drill only if no restore of the cluster was proven for so long, like 6h or 7d")
	flags.BoolVar(&s.DryRun, "dry-run", false, "show the request; send nothing, and end with 0")
	flags.Var(&several{&s.Accept, "NAME", state.CheckNames}, "accept", "go on although this check is unknown: its `NAME`, or all; may be given several times")
	flags.Var(&word{&s.BreakGlass, "REASON"}, "break-glass", "go on although a second person's approval is needed (require_approval in config.toml); the journal keeps the reason")
	flags.Var(&word{&g.Confirm, "NAME"}, state.FlagConfirm, "confirms, if all else is given: the name of the cluster that is erased")
	group(flags, groupAnswers, state.FlagSnapshot, "random", state.FlagAt, state.FlagTargetProject, state.FlagTargetCluster, "after", "dry-run", "accept", "break-glass", state.FlagConfirm)
}

// drillSpan reads --after; 0 where it is not given.
func drillSpan(after string) (time.Duration, error) {
	if after == "" {
		return 0, nil
	}
	d, err := record.Span(after)
	if err != nil {
		return 0, fmt.Errorf("--after: %w", err)
	}
	return d, nil
}

// drills fills in what a drill takes where nothing is said of it, and holds the answers against their rules.
func (s *Settings) drills(random, after bool) error {
	g := &s.Given
	switch {
	case random && (g.Snapshot != "" || g.At != ""):
		return fmt.Errorf("--random takes a snapshot by chance: it does not go with --%s or --%s", state.FlagSnapshot, state.FlagAt)
	case g.Snapshot != "" && g.At != "":
		return fmt.Errorf("--%s and --%s are two states of the data: give one of them", state.FlagSnapshot, state.FlagAt)
	case after && g.Cluster == "":
		return fmt.Errorf("--after needs --%s: what was proven is told of a cluster", state.FlagCluster)
	}
	s.Drill = true
	switch {
	case g.At != "":
		g.Delivery = string(state.PointInTime)
	case random:
		g.Delivery, g.Snapshot = string(state.Automated), state.Random
	default:
		g.Delivery, g.Snapshot = string(state.Automated), cmp.Or(g.Snapshot, state.Latest)
	}
	if g.TargetCluster != "" {
		g.TargetProject = cmp.Or(g.TargetProject, g.Project)
	}
	return s.check()
}
