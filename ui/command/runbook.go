package command

import (
	"fmt"

	"github.com/spf13/cobra"

	"atlas-restore/state"
)

// runbook is the command that prints the page for a team's wall.
func runbook(p Program) part {
	var s Settings
	cmd := &cobra.Command{
		Use:   "runbook",
		Short: "Print the page for the team's wall: how this cluster is restored",
		Long: "Prints a page of Markdown for one cluster: what of it can be restored and how far back, the commands for each\n" +
			"way to restore with the names of this cluster, how long that took on this machine, who may and whose approval\n" +
			"is needed, onto which targets, what comes afterwards, and when a restore was last proven. It asks Atlas no\n" +
			"more than a review does, submits nothing, and holds no secret and no link. Each command on it runs as it is\n" +
			"printed, and sends nothing before somebody has confirmed it.\n" +
			"\n" +
			"What could not be read is named on the page, on standard error, and by the exit code 6.\n" +
			"\n" +
			"With -o json it prints one object: projectId, clusterName, commands (each with what, says, commands, and\n" +
			"notOffered where there is none), proven, unread, and markdown, the page.",
		Example: "  atlas-restore runbook --clusterName orders-prod > orders-prod.md\n" +
			"  atlas-restore runbook --projectId Payments --clusterName orders-prod -o json",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := s.Given.Check(); err != nil {
				return err //nolint:wrapcheck // it names the flag
			}
			if s.Given.Cluster == "" {
				return fmt.Errorf("--%s is needed", state.FlagCluster)
			}
			return p.Runbook(cmd.Context(), s)
		},
	}
	return part{cmd, func() {
		source(cmd.Flags(), &s)
		outputFlag(cmd.Flags(), &s)
		group(cmd.Flags(), groupManner, "output")
		where(cmd.Flags(), &s)
		liveNames(cmd, &s, p)
	}}
}
