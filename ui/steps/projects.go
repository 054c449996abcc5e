package steps

import "atlas-restore/state"

// KnownProjects are the projects that are known by now: those that Atlas has listed, and every other one
// of which it has listed a cluster. How many clusters those have is not told.
func (s *Seen) KnownProjects() []state.Project {
	known := map[string]bool{}
	out := make([]state.Project, 0, len(s.Projects))
	for _, p := range s.Projects {
		known[p.ID] = true
		out = append(out, p)
	}
	for _, f := range s.Found {
		if p := f.Project; p.ID != "" && !known[p.ID] {
			known[p.ID], p.Uncounted = true, true
			out = append(out, p)
		}
	}
	return out
}

// WantsProjects says whether the projects have to be listed before one of them can be named: they
// were not yet, and what is given for it, if anything, is no id. That a name is the only one of its
// kind is known of all projects together.
func (s *Seen) WantsProjects(given string) bool {
	return s.Projects == nil && (given == "" || state.CheckID(given) != nil)
}

// LoadingProjects says what is loaded where they are wanted.
const LoadingProjects = "Loading the projects"
