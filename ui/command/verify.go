package command

import (
	"errors"

	"github.com/spf13/cobra"
)

// verify is the command that proves what others have fetched.
func verify(p Program) part {
	var s Settings
	var extract bool
	cmd := &cobra.Command{
		Use:   "verify FILE|DIR...",
		Short: "Prove files and unpacked directories that were downloaded, to the last block",
		Long: "Proves what a download delivers: a .tar.gz (or .tar) for each replica set, or the directory that was\n" +
			"unpacked from it. It reads them once, to the end of gzip and of tar, and holds every block that the\n" +
			"snapshot reaches against the checksum that WiredTiger wrote beside it, which neither gzip nor tar nor the\n" +
			"start of a mongod looks at. It needs no network and no credentials, and changes no file. Of a\n" +
			"directory it proves the database that is unpacked there, and each .tar.gz in it and below it. It holds the\n" +
			"files against every manifest.json and sha256sums.txt there and below: one that differs or is not there is\n" +
			"damaged. A .tar.gz that no list names gets a note.\n" +
			"\n" +
			"--extract unpacks each .tar.gz beside itself. The directory gets its name when the file is proven, and ends\n" +
			"in .damaged or .unproven otherwise. Names that lead elsewhere, links and devices are not unpacked.\n" +
			"\n" +
			"What is proven: the blocks, the journal, and that no file is missing. What is not: that mongod starts,\n" +
			"that the documents are right, that an index agrees with its collection. What could not be checked, such\n" +
			"as tables that are encrypted, is called so, and never sound. Prove a directory before a mongod has run\n" +
			"on it, or while none is running.\n" +
			"\n" +
			"With -o json it prints one object:\n" +
			"  outcome        sound, damaged, notBackup (a file is none of a download), or unknown (not all could be checked)\n" +
			"  reports        of each file or directory: name, directory (true for one), bytes (that were read), sha256\n" +
			"                 (of a .tar.gz), verdict (sound, damaged, not checked, or not a backup file), findings (of the .tar.gz or the\n" +
			"                 directory itself, each with what, verdict and why), and databases\n" +
			"  databases      each with dir, tables, findings, featureCompatibilityVersion, mongod (the series that open\n" +
			"                 it), journalProven (bytes), withoutChecksum (files), bytesWithoutChecksum, and\n" +
			"                 notOfTheSnapshot (tables that are of no use)\n" +
			"  tables         each with file, name (of the collection or index), verdict, why, bytes (of the file), used\n" +
			"                 (bytes that the snapshot uses), proven (of these, by a checksum)\n" +
			"  stopped        the file at which ctrl+c stopped it",
		Example: "  atlas-restore verify restore-6561a0b1c2d3e4f5a6b7c8d9.tar.gz\n" +
			"  atlas-restore verify shard0.tar.gz shard1.tar.gz config.tar.gz -o json\n" +
			"  atlas-restore verify --extract restore-6561a0b1c2d3e4f5a6b7c8d9.tar.gz",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("verify needs a FILE or a DIR: the .tar.gz that was fetched, or where it was unpacked")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.Verify(cmd.Context(), s, args, extract)
		},
	}
	return part{cmd, func() {
		outputFlag(cmd.Flags(), &s)
		cmd.Flags().BoolVar(&extract, "extract", false, "unpack each .tar.gz into a directory beside it, which only you can read, in the same pass")
		group(cmd.Flags(), groupManner, "output", "extract")
		cmd.Flags().Var(&word{&s.StateDir, "DIR"}, "state-dir", "taken as by the other commands, and not needed: verify keeps nothing")
		group(cmd.Flags(), groupWhere, "state-dir")
	}}
}
