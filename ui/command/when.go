package command

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"atlas-restore/state"
	"atlas-restore/ui/steps"
)

// when is the command that finds out when something was lost.
func when(p Program) part {
	var s Settings
	var lost steps.WhenAsk
	cmd := &cobra.Command{
		Use:   "when",
		Short: "Find out when something was lost, and what to restore to have it back",
		Long: "Finds out when something of a cluster was lost: from the logs of its members, which name each drop, rename\n" +
			"and slow mass delete with the client behind it; from the counters of deletes and documents; and from the\n" +
			"names in its snapshots. It says which moment is the last second before, or which snapshot the last before.\n" +
			"It only reads: nothing is restored, and nothing is written. ctrl+c stops it with what was found.\n" +
			"\n" +
			"Without --from it looks as far back as something can be restored, at most the 30 days for which Atlas\n" +
			"keeps logs, and reads the newest part first. The newest five minutes of a log are not in Atlas yet: a search until now\n" +
			"that finds nothing ends with 6, and one until before them, as with --to 10m, can end with 0. Logs\n" +
			"need the role Project Cluster Log Viewer, counters Project Read Only, names in snapshots Project Backup\n" +
			"Manager. What could not be read is said, and is never taken for nothing.\n" +
			"\n" +
			"With -o json it prints one object:\n" +
			"  outcome        found, nothing (all was read), or unknown (not all was)\n" +
			"  projectId, clusterName, namespace, from, to\n" +
			"  found          in the order of time, each with time (with its milliseconds; null where a line does not\n" +
			"                 tell), what (drop, dropDatabase, rename, overwrite, delete, jump of a counter, missing from a\n" +
			"                 snapshot, or unclear), says, namespace, by (who it was), member, proposal\n" +
			"  proposal       moment (for --at, or null), snapshotId and snapshotAt (the newest before), why, and the\n" +
			"                 command that takes it: what was lost alone, into a cluster that stays up, and wholeCommand,\n" +
			"                 which restores the whole cluster; where single collections cannot be had, command does that.\n" +
			"                 null where there is none, or where one has to be chosen\n" +
			"  lastSeenIn     the newest snapshot that was seen to have it: id, at\n" +
			"  missingFrom    the oldest after it that was seen not to have it: id, at\n" +
			"  unread         what, of (the member, or the snapshot), from, to, why, role (that it needs),\n" +
			"                 notYet (true where Atlas will have it in some minutes)\n" +
			"  stopped        true if it was stopped before its end",
		Example: "  atlas-restore when --clusterName orders-prod --namespace shop.orders\n" +
			"  atlas-restore when --projectId Payments --clusterName orders-prod --from 'yesterday 14:00' -o json",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := s.Given.Check(); err != nil {
				return err //nolint:wrapcheck // it names the flag
			}
			if s.Given.Cluster == "" {
				return fmt.Errorf("--%s is needed", state.FlagCluster)
			}
			if err := lost.Check(time.Now(), time.Local); err != nil {
				return err //nolint:wrapcheck // it names the flag
			}
			return p.When(cmd.Context(), s, lost)
		},
	}
	return part{cmd, func() {
		source(cmd.Flags(), &s)
		looksFor(cmd.Flags(), &lost)
		outputFlag(cmd.Flags(), &s)
		group(cmd.Flags(), groupManner, "output")
		where(cmd.Flags(), &s)
		liveNames(cmd, &s, p)
	}}
}

func looksFor(flags *pflag.FlagSet, lost *steps.WhenAsk) {
	flags.Var(&word{&lost.Namespace, "NAME"}, state.FlagNamespace, "what is missing: shop.orders, shop, or a part of a name; whatever was lost where it is left out")
	flags.Var(&word{&lost.From, "TIME"}, steps.FlagFrom, "since when, like yesterday 14:00 or 40m; UTC where no zone is written")
	flags.Var(&word{&lost.To, "TIME"}, steps.FlagTo, "until when (default now)")
	group(flags, groupAnswers, state.FlagNamespace, steps.FlagFrom, steps.FlagTo)
}
