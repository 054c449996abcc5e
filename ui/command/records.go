package command

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"atlas-restore/forms/fold"
	"atlas-restore/state"
	"atlas-restore/state/disk"
	"atlas-restore/state/journal"
	"atlas-restore/state/record"
	"atlas-restore/ui/steps"
)

// Book is the chain of records in a directory of what is kept. Training has one of its own, so that
// nothing of it is ever taken for evidence.
func Book(dir string, training bool) *record.Book {
	if training {
		dir = filepath.Join(dir, "training")
	}
	return record.At(dir)
}

// Among are the flags that find the records of a run.
func (s Settings) Among(training bool) string {
	out := ""
	if training {
		out = " --training"
	}
	if s.StateDir != "" {
		out += " --state-dir " + state.ShellWord(s.StateDir)
	}
	return out
}

// noRecords says that a chain is empty, whichever it is.
const noRecords = "There are no records here yet. The training has a chain of its own: with --training it is read, without it that of real restores."

// few is how many records a list shows without --all.
const few = 20

// records are the commands about the evidence of restores.
func records(p Program) part {
	cmd := &cobra.Command{
		Use:   "records",
		Short: "The evidence of restores: list, show, verify, export",
		Long: "Each restore that was submitted from this machine has a record: who did it, why, what was restored onto\n" +
			"what, when, what the checks said before and after, RTO and RPO as they were measured, and the result.\n" +
			"\n" +
			"  PASS        the job has ended well, the data were checked (the files of a download were proven, or somebody\n" +
			"              has looked and written down what was found), and every check passed\n" +
			"  FAIL        a check has failed\n" +
			"  INCOMPLETE  something was not seen, as the files of a download whose links have expired\n" +
			"\n" +
			"Each record holds the SHA-256 of the one before, so that a changed record and a missing one are seen and\n" +
			"named. Whoever can write to the directory can make another chain: put the hash of the newest record into\n" +
			"the ticket, or export the chain to a place that they cannot reach. Training has a chain of its own: --training.",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	return part{cmd, func() {
		sub := func(use, short, long string, args cobra.PositionalArgs, more func(*pflag.FlagSet), run func(book *record.Book, s Settings, out io.Writer, args []string) error) {
			var s Settings
			var training bool
			c := &cobra.Command{Use: use, Short: short, Long: long, Args: args, RunE: func(cmd *cobra.Command, args []string) error {
				s.among = s.Among(training)
				out := cmd.OutOrStdout()
				if !s.JSON && cmd.Name() != "show" { // whose page is kept as it is
					out = fold.To(out, p.width)
				}
				return run(Book(p.StateDir(s), training), s, out, args)
			}}
			if strings.Contains(use, "JOB-ID") {
				c.ValidArgsFunction = recordNumbers(func() *record.Book { return Book(p.StateDir(s), training) })
			}
			if more != nil {
				more(c.Flags())
			}
			c.Flags().BoolVar(&training, "training", false, "those of the training, which stand by themselves")
			group(c.Flags(), groupAnswers, "training")
			outputFlag(c.Flags(), &s)
			group(c.Flags(), groupManner, "output")
			c.Flags().Var(&word{&s.StateDir, "DIR"}, "state-dir", "of the records (default $XDG_STATE_HOME/atlas-restore)")
			group(c.Flags(), groupWhere, "state-dir")
			cmd.AddCommand(c)
		}
		var every bool
		sub("list", "List the records, the newest first", "Lists the records, the newest first. One that a later record of the same job replaces is left out.\n"+
			"The whole chain is looked through: what is wrong with it is told, and ends it with 1.", noArguments, func(flags *pflag.FlagSet) {
			flags.BoolVar(&every, "all", false, fmt.Sprintf("all of them, not the newest %d, and those that a later one replaces", few))
			group(flags, groupAnswers, "all")
		}, func(book *record.Book, s Settings, out io.Writer, _ []string) error {
			return listRecords(book, s, out, every)
		})
		sub("show [NUMBER|JOB-ID]", "Show a record as a page for a ticket; without a number the newest",
			"Shows a record as a page of Markdown, to be read or to be pasted into a ticket. With -o json it is the record\nas it stands in the chain; of a chain that does not hold it is one object with holds, faults, error and record.",
			cobra.MaximumNArgs(1), nil, showRecord)
		sub("verify", "Look whether the chain of records holds", "Looks whether each record is as it was written, and whether one is missing. It ends with 1 where one is.",
			noArguments, nil, verifyRecords)
		var c record.After
		var failed, passed bool
		sub("check [NUMBER|JOB-ID]", "Write down a check of the data that somebody has made; without a number of the newest record",
			"Writes a check of the data behind a record: what was expected, and what was found. The same text means that it\n"+
				"passed; where they differ, --failed or --passed says so. Who runs it stands in it as the source. The record takes\n"+
				"the place of the one before, which stays in the chain.", cobra.MaximumNArgs(1), func(flags *pflag.FlagSet) {
				flags.Var(&word{&c.Expected, "TEXT"}, "expected", "what the data should be, like \"12,417 orders of 23 Nov\"")
				flags.Var(&word{&c.Found, "TEXT"}, "found", "what they are")
				flags.BoolVar(&failed, "failed", false, "that is not what was expected")
				flags.BoolVar(&passed, "passed", false, "it is as good as what was expected, though the texts differ")
				group(flags, groupAnswers, "expected", "found", "failed", "passed")
			}, func(book *record.Book, s Settings, out io.Writer, args []string) error {
				switch c.Finding = record.Passed; {
				case failed && passed:
					return errors.New("records check takes --failed or --passed, not both")
				case failed:
					c.Finding = record.Failed
				case !passed && strings.TrimSpace(c.Expected) != strings.TrimSpace(c.Found) && c.Expected != "" && c.Found != "":
					return errors.New("what was found is not what was expected: say --failed, or --passed where it is as good")
				}
				return checkRecord(book, s, out, args, c)
			})
		var dir string
		sub("export", "Copy the chain, with a page for each record, to a directory",
			"Copies the chain as it is to a new directory: records.jsonl, records.head.json, and records.md with a page for\neach record. A chain that does not hold is not exported.",
			noArguments, func(flags *pflag.FlagSet) {
				flags.Var(&word{&dir, "DIR"}, "out", "the directory to make")
				group(flags, groupAnswers, "out")
			}, func(book *record.Book, s Settings, out io.Writer, _ []string) error {
				if dir == "" {
					return errors.New("records export needs --out DIR")
				}
				return exportRecords(book, s, out, dir)
			})
	}}
}

// told is an error of the chain with what to do about it.
func told(err error) error {
	return &steps.RunError{Err: err, Advice: chainAdvice}
}

// chainAdvice is what to do where a chain does not hold.
const chainAdvice = "Compare with an export, or with the hash in a ticket. New records go on behind what is there."

// tellChain prints the one object that programs get of a chain: what was asked for, whether it holds, and
// what is wrong with it, as an error has it everywhere.
func tellChain(out io.Writer, broken error, result map[string]any) error {
	faults := []string{}
	var b *record.Broken
	if errors.As(broken, &b) {
		for _, f := range b.Faults {
			faults = append(faults, f.String())
		}
	}
	result["holds"], result["faults"] = broken == nil, faults
	var failed error
	if broken != nil {
		why := steps.Failure(broken)
		why.Advice = chainAdvice
		result["outcome"], result["error"] = state.OutcomeError, why
		failed = &steps.Printed{Err: told(broken)}
	}
	if err := printJSON(out, result); err != nil {
		return err
	}
	return failed
}

// rowResult is a record in a list for programs.
type rowResult struct {
	Number int    `json:"number"`
	SHA256 string `json:"sha256"`
	record.Brief
}

func listRecords(book *record.Book, s Settings, out io.Writer, every bool) error {
	all, broken := book.Rows()
	shown := all
	if !every {
		shown = record.Standing(all)
	}
	more := 0
	if !every && len(shown) > few {
		more = len(shown) - few
		shown = shown[more:]
	}
	result := make([]rowResult, 0, len(shown))
	for i := len(shown) - 1; i >= 0; i-- {
		result = append(result, rowResult{shown[i].Number, shown[i].SHA256, shown[i].Brief})
	}
	if s.JSON {
		return tellChain(out, broken, map[string]any{"records": result, "leftOut": len(all) - len(shown), "replaced": len(all) - len(record.Standing(all))})
	}
	now := time.Now()
	for _, r := range result {
		fmt.Fprintln(out, record.Row{Number: r.Number, SHA256: r.SHA256, Brief: r.Brief}.Line(now))
	}
	if more > 0 {
		fmt.Fprintf(out, "%d older ones are left out. To see all: %s\n", more, state.Command(s.among, "records", "list", "--all"))
	}
	if n := len(all) - len(record.Standing(all)); n > 0 && !every {
		fmt.Fprintf(out, "Not shown: %s whose place a later one has taken. To see all: %s\n", state.Count(n, "record"), state.Command(s.among, "records", "list", "--all"))
	}
	if len(all) == 0 && broken == nil {
		fmt.Fprintln(out, noRecords)
	}
	if broken != nil {
		return told(broken)
	}
	return nil
}

// oneRecord is the record that arguments name, the newest without, with the numbers of the one whose
// place it takes and of the newest that has taken its own, 0 for none. Broken is what is wrong with the chain, which may be that one.
func oneRecord(book *record.Book, s Settings, args []string) (found record.Kept, earlier, later int, broken, err error) {
	all, broken := book.Read()
	switch {
	case len(all) == 0 && broken != nil:
		return found, 0, 0, broken, told(broken)
	case len(all) == 0:
		return found, 0, 0, nil, &steps.RunError{Err: errors.New("there are no records yet"), Advice: "A restore that was submitted from this machine has one."}
	}
	at := len(all) - 1
	if len(args) > 0 { // the newest of a job stands
		for at >= 0 && strconv.Itoa(all[at].Number) != args[0] && (all[at].JobID != args[0] || args[0] == "") {
			at--
		}
	}
	if at < 0 {
		return found, 0, 0, broken, &steps.RunError{Err: fmt.Errorf("no record has the number or the job %q%s", args[0], state.DidYouMean(args[0], func(yield func(string) bool) {
			for _, k := range slices.Backward(all) {
				if !yield(k.JobID) {
					return
				}
			}
		})), Advice: "To see all: " + state.Command(s.among, "records", "list", "--all")}
	}
	for _, k := range all[:at] {
		if k.SHA256 == all[at].Replaces {
			earlier = k.Number
		}
	}
	newest := all[at].SHA256
	for _, k := range all[at:] {
		if k.Replaces == newest {
			later, newest = k.Number, k.SHA256
		}
	}
	return all[at], earlier, later, broken, nil
}

func showRecord(book *record.Book, s Settings, out io.Writer, args []string) error {
	found, earlier, later, broken, err := oneRecord(book, s, args)
	if err != nil {
		return err
	}
	if s.JSON && broken != nil { // no program takes it for one that holds
		return tellChain(out, broken, map[string]any{"record": json.RawMessage(found.Line)})
	}
	if s.JSON {
		fmt.Fprintf(out, "%s\n", found.Line)
	} else {
		if broken != nil { // whoever keeps the page alone reads it there
			fmt.Fprintf(out, "THE CHAIN OF THIS RECORD DOES NOT HOLD: %v. What this page says may have been changed.\n\n", broken)
		}
		if earlier > 0 {
			fmt.Fprintf(out, "This record takes the place of record %d. To see that one: %s\n\n", earlier, state.Command(s.among, "records", "show", strconv.Itoa(earlier)))
		}
		if later > 0 {
			fmt.Fprintf(out, "Record %d has taken the place of this one. To see that one: %s\n\n", later, state.Command(s.among, "records", "show", strconv.Itoa(later)))
		}
		fmt.Fprint(out, found.Markdown(s.among))
	}
	if broken != nil {
		return told(broken)
	}
	return nil
}

func checkRecord(book *record.Book, s Settings, out io.Writer, args []string, c record.After) error {
	for _, f := range []struct {
		name string
		of   *string
	}{{"expected", &c.Expected}, {"found", &c.Found}} {
		clean, err := words(f.name, *f.of)
		if err != nil {
			return err
		}
		if clean == "" {
			return fmt.Errorf("records check needs --%s", f.name)
		}
		*f.of = clean
	}
	found, _, later, broken, err := oneRecord(book, s, args)
	if err != nil {
		return err
	}
	if later > 0 {
		again := []string{"records", "check", strconv.Itoa(later), "--expected", c.Expected, "--found", c.Found}
		if c.Finding == record.Failed {
			again = append(again, "--failed")
		}
		return &steps.RunError{Err: fmt.Errorf("record %d has taken the place of record %d", later, found.Number), Advice: "To write it down behind that one: " + state.Command(s.among, again...)}
	}
	if broken != nil {
		return told(broken)
	}
	c.Name = "data"
	var by record.Person
	by.User, by.Host = journal.Whose()
	at := time.Now()
	if found.Training { // its clock is another one
		at = found.WrittenAt
	}
	kept, torn, err := book.Append(found.With(c, by, at))
	if err != nil {
		return &steps.RunError{Err: err, Advice: "Nothing was written down."}
	}
	one := steps.Recorded{Number: kept.Number, SHA256: kept.SHA256, Result: kept.Result, Why: kept.Why, Missed: kept.Missed(), Lost: torn}
	if s.JSON {
		return printJSON(out, one)
	}
	fmt.Fprintf(out, "Record %d takes the place of record %d: %s. %s\nExpected: %s\nFound: %s\n", kept.Number, found.Number, kept.Result, kept.Why, c.Expected, c.Found)
	if torn != "" {
		fmt.Fprintln(out, torn)
	}
	return nil
}

func verifyRecords(book *record.Book, s Settings, out io.Writer, _ []string) error {
	all, broken := book.Read()
	last := ""
	if len(all) > 0 {
		last = all[len(all)-1].SHA256
	}
	if s.JSON {
		return tellChain(out, broken, map[string]any{"records": len(all), "last": last})
	}
	switch {
	case broken != nil:
		return told(broken)
	case len(all) == 0:
		fmt.Fprintln(out, noRecords)
	default:
		fmt.Fprintf(out, "The chain holds: %s, each as it was written. The hash of the newest is\n%s\n", state.Count(len(all), "record"), last)
	}
	return nil
}

func exportRecords(book *record.Book, s Settings, out io.Writer, dir string) error {
	all, broken := book.Read()
	if broken != nil {
		return told(broken)
	}
	if len(all) == 0 {
		return &steps.RunError{Err: errors.New("there are no records to export")}
	}
	failed := func(err error) error {
		return &steps.RunError{Err: fmt.Errorf("exporting the records: %w", err), Advice: "Name a directory that is not there yet: --out DIR"}
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return failed(err)
	}
	files, err := book.Files()
	if err != nil {
		return failed(err)
	}
	var pages []byte
	for _, k := range all {
		pages = append(append(pages, k.Markdown(s.among)...), "\n---\n\n"...)
	}
	files["records.md"] = pages
	for name, raw := range files {
		if err := disk.Replace(filepath.Join(dir, name), raw); err != nil {
			return failed(err)
		}
	}
	last := all[len(all)-1].SHA256
	if s.JSON {
		return printJSON(out, map[string]any{"records": len(all), "last": last, "dir": dir})
	}
	fmt.Fprintf(out, "Exported to %s: %s. The hash of the newest is\n%s\n", dir, state.Count(len(all), "record"), last)
	return nil
}

func printJSON(out io.Writer, v any) error {
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("writing the result: %w", err)
	}
	return nil
}
