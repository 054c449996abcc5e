package command

import (
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"atlas-restore/state"
	"atlas-restore/state/journal"
	"atlas-restore/state/record"
	"atlas-restore/ui/steps"
)

// tabs is what a tab key offers behind a command.
type tabs func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective)

// inOrder is for words in an order of their own, the likeliest first.
const inOrder = cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder

// once offers words for the first argument, and nothing behind it.
func once(words func(typed string) []string) tabs {
	return func(_ *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return words(typed), inOrder
	}
}

// jobIDs offers the jobs that this machine has submitted, those that wanted finds, the newest first.
// Atlas is asked nothing, and what cannot be read offers nothing.
func jobIDs(p Program, s *Settings, wanted func(journal.Submission) bool) tabs {
	return once(func(string) []string {
		entries, _ := journal.At(p.StateDir(*s)).Read()
		return steps.JobWords(journal.Submissions(entries), s.Given, s.BaseURL, wanted, time.Now())
	})
}

// anyJob wants every job.
func anyJob(h journal.Submission) bool { return h.JobID != "" }

// downloads are the jobs of which there are files.
func downloads(h journal.Submission) bool { return anyJob(h) && h.Body.DeliveryType == state.Download }

// recordNumbers offers the records, and their jobs where the beginning of such an id is typed.
func recordNumbers(book func() *record.Book) tabs {
	return once(func(typed string) []string {
		rows, _ := book().Rows() // what is wrong with them is told where one is read
		now, seen := time.Now(), map[string]bool{}
		var out, jobs []string
		for i := len(rows) - 1; i >= 0; i-- {
			r := rows[i]
			about := "\t" + r.About(now)
			if number := strconv.Itoa(r.Number); strings.HasPrefix(number, typed) {
				out = append(out, number+about)
			}
			if id := r.JobID; typed != "" && id != "" && strings.HasPrefix(id, typed) && !seen[id] { // the newest stands
				seen[id] = true
				jobs = append(jobs, id+about)
			}
		}
		return append(out, jobs...)
	})
}

// positional gives a command what a tab key offers for its arguments, where it has no words of its own: files
// or directories where its usage takes them, and nothing where it takes neither.
func positional(cmd *cobra.Command) {
	if cmd.ValidArgsFunction != nil || len(cmd.ValidArgs) > 0 {
		return
	}
	_, takes, _ := strings.Cut(cmd.Use, " ")
	many := strings.HasSuffix(takes, "...")
	how := cobra.ShellCompDirectiveNoFileComp
	switch takes = strings.Trim(strings.TrimSuffix(takes, "..."), "[]"); takes {
	case "FILE", "FILE|DIR":
		how = cobra.ShellCompDirectiveDefault
	case "DIR":
		how = cobra.ShellCompDirectiveFilterDirs
	}
	cmd.ValidArgsFunction = func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 && !many {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return nil, how
	}
}
