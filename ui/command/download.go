package command

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"atlas-restore/ui/steps"
)

// Fetching is whereto and how the archives of a download are fetched.
type Fetching struct {
	Dir     string // empty: one that is named after the cluster and the snapshot
	Rate    int64  // bytes a second; 0: no limit
	AtOnce  uint64 // files at the same time
	Extract bool   // unpacks each into a directory beside it
	Tight   bool   // begins although the disk may be too small
	Renew   bool   // consents to one other download of the same snapshot, where the links are over
}

// AtOnce is how many files are fetched at the same time, where nobody says otherwise.
const AtOnce = 2

// download is the command that fetches what a download job delivers.
func download(p Program) part {
	var s Settings
	how := Fetching{AtOnce: AtOnce}
	cmd := &cobra.Command{
		Use:   "download [JOB-ID]",
		Short: "Fetch what a download job delivers, and prove it",
		Long: "Fetches the files of a download job, one for each replica set, and proves them while they come: by\n" +
			"the checksums that WiredTiger wrote beside its own blocks. Only a file that is proven gets its final\n" +
			"name. One that is damaged is kept as .damaged, one that could not be checked in full as .unproven, each\n" +
			"with a report beside it.\n" +
			"\n" +
			"Without an id it takes the newest download that this machine has submitted, or that of --clusterName. A\n" +
			"job whose links are not there yet is waited for. Before a link is touched, the host is reached for and the\n" +
			"disk looked at, since a link works once, for an hour. What is cut is gone on with: ctrl+c keeps what is\n" +
			"there, and the same command goes on, as long as the link is good. With the links of another download of\n" +
			"the same snapshot it goes on too, if the server shows the same file.\n" +
			"\n" +
			"Where the links are used up or over, it looks at the job again. If Atlas gives no others, it asks at a\n" +
			"terminal whether to ask Atlas for another download of the same snapshot; --renew is that yes, for one\n" +
			"job. If the answer to that request is lost, the job is looked for, and none is asked for again.\n" +
			"\n" +
			"Beside the files lie manifest.json (what they are, and what was proven), sha256sums.txt (for sha256sum -c)\n" +
			"and OPEN-LOCALLY.md (how to open them with a mongod on this machine).\n" +
			"\n" +
			"--extract unpacks each file beside itself while it comes. The directory gets its name when the file is\n" +
			"proven. Names that lead elsewhere, links and devices are not unpacked, and not more than the snapshot has\n" +
			"in Atlas and the disk has free. Of files that are there already it needs no link.\n" +
			"\n" +
			"With -o json the one object has files: for each replicaSetName, state (proven, kept, untouched or aside),\n" +
			"path, directory (with --extract), bytes, totalBytes, sha256, proof, error, advice. manifest is the path of\n" +
			"manifest.json. A link is in none of it.",
		Example: "  atlas-restore download\n" +
			"  atlas-restore download 65f0c1d2e3a4b5c6d7e8f901 --clusterName orders-prod --out /mnt/restore --limit-rate 50M --extract",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := jobOf(s, args)
			if err != nil {
				return err
			}
			if how.AtOnce < 1 || how.AtOnce > 16 {
				return errors.New("--at-once takes 1 to 16")
			}
			if err := s.Evidence.check(); err != nil {
				return err
			}
			return p.Download(cmd.Context(), s, how, id)
		},
	}
	return part{cmd, func() {
		source(cmd.Flags(), &s)
		fetching(cmd.Flags(), &how)
		evidence(cmd.Flags(), &s)
		outputFlag(cmd.Flags(), &s)
		group(cmd.Flags(), groupManner, "output")
		where(cmd.Flags(), &s)
		liveNames(cmd, &s, p)
		cmd.ValidArgsFunction = jobIDs(p, &s, downloads)
	}}
}

func fetching(flags *pflag.FlagSet, how *Fetching) {
	flags.Var(&directory{word{&how.Dir, "DIR"}}, "out", "whereto (default: a new directory here, named after the cluster and the snapshot)")
	flags.Var((*rate)(&how.Rate), "limit-rate", "at most so many bytes a second, like 50M; k, M and G are powers of a thousand")
	flags.Var(&number[uint64]{&how.AtOnce, "NUMBER"}, "at-once", "files that are fetched at the same time")
	flags.BoolVar(&how.Extract, "extract", false, "unpack each file into a directory beside it, which only you can read, in the same pass")
	flags.BoolVar(&how.Renew, steps.FlagRenew, false, "where the links are used up or over, ask Atlas for another download of the same snapshot, once; it erases nothing")
	flags.BoolVar(&how.Tight, steps.FlagTight, false, "begin although the files may not fit on the disk; what does not fit for sure is refused all the same")
	group(flags, groupManner, "out", "limit-rate", "at-once", "extract", steps.FlagRenew, steps.FlagTight)
}

// rate is a flag that takes bytes a second.
type rate int64

// String implements pflag.Value.
func (r *rate) String() string {
	if *r == 0 {
		return ""
	}
	return strconv.FormatInt(int64(*r), 10)
}

// Set implements pflag.Value.
func (r *rate) Set(s string) error {
	digits, unit := strings.TrimRight(s, "kKmMgG"), int64(1)
	switch strings.ToLower(s[len(digits):]) {
	case "":
	case "k":
		unit = 1e3
	case "m":
		unit = 1e6
	case "g":
		unit = 1e9
	default:
		unit = 0
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || unit == 0 || n <= 0 || n > 1e12/unit {
		return fmt.Errorf("it takes bytes a second, like 50M")
	}
	*r = rate(n * unit)
	return nil
}

// Type implements pflag.Value.
func (r *rate) Type() string { return "RATE" }
