package command

import (
	"errors"

	"github.com/spf13/cobra"
)

// plan are the commands about plan files.
func plan(p Program) part {
	cmd := &cobra.Command{
		Use:   "plan",
		Short: "Read and approve a plan file, which the review has saved",
		Long: "A plan file is what the review says, for somebody else: who made it, when, until when it is good (a day\n" +
			"at most), source, target, snapshot or moment, the checks, and the very request. --save-plan FILE writes it,\n" +
			"beside other answers; so does ctrl+s on the review (line by line: save). --plan FILE runs it: all checks\n" +
			"are made again, what has changed has to be accepted, and the confirmation is asked as ever.\n" +
			"\n" +
			"The file is JSON in one form (RFC 8785) and holds the SHA-256 of the rest: whoever changes a byte has no\n" +
			"plan any more. It holds no secret and no link.",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	return part{cmd, func() {
		var s Settings
		show := &cobra.Command{
			Use:   "show FILE",
			Short: "Say what a plan does, in sentences",
			Long: "Says what a plan does, as a person reads it aloud: what is restored onto what, what is lost, what the checks\n" +
				"said, who made it, until when it is good, who has approved it (FILE.sig), and its SHA-256. It asks Atlas\n" +
				"nothing.\n" +
				"\n" +
				"With -o json it prints one object: file, state (good, expired, or early: made at a time that has not come),\n" +
				"signature (where FILE.sig is there: file, key, which is its fingerprint, by, as allowed_signers calls its holder,\n" +
				"at, and refused, which is why it does not count), and plan, as the file has it.",
			Example: "  atlas-restore plan show orders-restore.plan.json",
			Args:    oneFile("plan show needs the FILE of a plan"),
			RunE:    func(c *cobra.Command, args []string) error { return p.PlanShow(c.Context(), s, args[0]) },
		}
		outputFlag(show.Flags(), &s)
		group(show.Flags(), groupManner, "output")
		var as Settings
		var key string
		approve := &cobra.Command{
			Use:   "approve FILE",
			Short: "Approve a plan as a second person, with an SSH key",
			Long: "Says what a plan does, and asks whether you approve it. If you do, it signs the bytes of the file with your\n" +
				"SSH key, in OpenSSH's format, for the namespace atlas-restore, and writes FILE.sig beside it. The key is the one\n" +
				"of the ssh-agent that allowed_signers in config.toml names, or --key. It asks Atlas nothing.\n" +
				"\n" +
				"Whoever runs the plan has to have require_approval and allowed_signers in their configuration,\n" +
				"$XDG_CONFIG_HOME/atlas-restore/config.toml (usually ~/.config/atlas-restore/config.toml), like this:\n" +
				"\n" +
				"  require_approval = [\"prod*\"]              a list of patterns: of names of clusters, projects, environments\n" +
				"  allowed_signers = \"~/.ssh/allowed_signers\"  a text: the path of a file in OpenSSH's format (ssh-keygen(1))\n" +
				"\n" +
				"That binds this program, not Atlas. Whoever has made the plan cannot approve it: that is the same person twice.\n" +
				"What is signed already, so that it counts, is not signed again: take FILE.sig away first.\n" +
				"\n" +
				"With -o json it prints one object: outcome (approved, or signed where that is all that is known here), counts\n" +
				"(yes; no: allowed_signers here does not let the key approve; unknown: no allowed_signers here), file, sha256,\n" +
				"signature, key (its fingerprint), by (as allowed_signers calls its holder), and note (why it is not called\n" +
				"approved). It ends with 1 where counts is no.",
			Example: "  atlas-restore plan approve orders-restore.plan.json\n" +
				"  atlas-restore plan approve orders-restore.plan.json --key ~/.ssh/id_ed25519",
			Args: oneFile("plan approve needs the FILE of a plan"),
			RunE: func(cmd *cobra.Command, args []string) error { return p.PlanApprove(cmd.Context(), as, args[0], key) },
		}
		approve.Flags().Var(&word{&key, "FILE"}, "key", "the SSH key to sign with; of a public one the ssh-agent holds the other half")
		group(approve.Flags(), groupWhere, "key")
		outputFlag(approve.Flags(), &as)
		group(approve.Flags(), groupManner, "output")
		cmd.AddCommand(show, approve)
	}}
}

// oneFile takes one file and nothing else.
func oneFile(lacking string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != 1 {
			return errors.New(lacking)
		}
		return nil
	}
}
