package steps

import (
	"cmp"
	"slices"

	"atlas-restore/state"
	"atlas-restore/state/journal"
)

// Mine are the submissions of this machine that are of what flags name, or onto it: all where they name nothing.
func Mine(history []journal.Submission, g state.Given) []journal.Submission {
	return slices.DeleteFunc(slices.Clone(history), func(h journal.Submission) bool { return !meant(h, g) && !onto(h, g) })
}

// onto says whether a submission is onto the target that flags name.
func onto(h journal.Submission, g state.Given) bool {
	b := h.Body
	return b.TargetClusterName != "" && (g.Cluster == "" || g.Cluster == b.TargetClusterName) &&
		(g.Project == "" || g.Project == b.TargetProjectID || g.Project == h.TargetProjectName)
}

// NoneOfMine says that nothing of this machine is of what flags name, or onto it; a name that is nearly one
// is told with it. What of the journal cannot be read may be.
func NoneOfMine(cfg Config, g state.Given) string {
	end := "."
	if cfg.HistoryErr != nil {
		end = ", as far as its journal could be read."
	}
	if g.Cluster == "" && g.Project == "" {
		return "No restore job was submitted from this machine" + end
	}
	names := func(yield func(string) bool) {
		for _, h := range slices.Backward(cfg.History) {
			all := []string{h.ProjectName, h.TargetProjectName}
			if g.Cluster != "" {
				all = []string{h.ClusterName, h.Body.TargetClusterName}
			}
			for _, name := range all {
				if name != "" && name != cmp.Or(g.Cluster, g.Project) && !yield(name) {
					return
				}
			}
		}
	}
	what := "project " + g.Project
	if g.Cluster != "" {
		what = "cluster " + g.Cluster
		if g.Project != "" {
			what += " in project " + g.Project
		}
	}
	return "No restore job that was submitted from this machine is of " + what + ", or onto it" + end + state.DidYouMeanThen(cmp.Or(g.Cluster, g.Project), names)
}
