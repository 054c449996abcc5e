package lines

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"atlas-restore/forms/filter"
	"atlas-restore/state"
	"atlas-restore/ui/steps"
)

// source asks for the project of the source, or for its cluster in one go: by name, where a
// flag or an answer says one that no project bears. Atlas is asked for the clusters of all
// projects only then.
func (f *face) source() error {
	cfg, plan, seen := f.run.Cfg, f.run.Plan, f.run.Seen
	if cfg.Given.Project == "" && cfg.Given.Cluster != "" {
		return list(f, steps.Find(cfg, plan, seen))
	}
	if text := f.finding; text != nil {
		f.finding = nil
		return f.anywhere(*text)
	}
	l := steps.Projects(cfg, plan, seen)
	l.Name, l.Ask = "Project", "in which project is the cluster? The name of a cluster does too."
	l.Others = append(l.Others, steps.Other{Word: "clusters", Line: "hear the clusters of all projects", Go: func(*steps.Session) { f.finding = new(string) }})
	return ask(f, l, special{seek: f.seekCluster})
}

// seekCluster looks for what no project is called among the clusters of all of them.
func (f *face) seekCluster(text string) (bool, error) {
	all, err := f.everywhere()
	if err != nil || all == nil {
		return false, err
	}
	l := steps.Find(f.run.Cfg, f.run.Plan, f.run.Seen)
	texts := make([]filter.Text, len(all))
	for i, found := range all {
		texts[i] = l.Row(found).Sought()
	}
	if len(filter.Rows(texts, text)) == 0 {
		more, err := f.seekOut(text)
		switch {
		case err != nil:
			return false, err
		case more:
			f.finding = &text
			return true, nil
		}
		f.say(fmt.Sprintf("No project matches %s, and no cluster in %s%s", quoted(text), l.Lacks, state.DidYouMeanThen(text, func(yield func(string) bool) {
			for _, p := range f.run.Seen.KnownProjects() {
				if !yield(p.Name) {
					return
				}
			}
			for _, found := range all {
				if !yield(found.Cluster.Name) {
					return
				}
			}
		})))
		return false, nil
	}
	f.finding = &text
	return true, nil
}

// seekOut looks for a name that the list of all clusters lacks in the projects' own lists, and says
// whether one of them has it.
func (f *face) seekOut(text string) (bool, error) {
	seen := f.run.Seen
	k, worth := steps.SeekFor(seen, text)
	if !worth {
		return false, nil
	}
	found, err := await(f, k.Words(text), func(ctx context.Context) (map[string][]state.Cluster, error) { return k.Run(ctx, f.run.Cfg.Atlas) })
	if err != nil {
		return false, err
	}
	has := false
	for project, clusters := range found {
		seen.Sought[project] = clusters
		for _, c := range clusters {
			has = has || strings.Contains(strings.ToLower(c.Name), strings.ToLower(text))
		}
	}
	return has, nil
}

// everywhere are the clusters of all projects, once they were asked for. Where they cannot be
// listed it says why, and has none.
func (f *face) everywhere() ([]state.Found, error) {
	if known := f.run.Seen.Everywhere(); known != nil {
		return known, nil
	}
	const loading = "Loading the clusters of all projects"
	all, err := await(f, loading, func(ctx context.Context) ([]state.Found, error) { return f.run.Cfg.Walk().Everywhere(ctx) })
	switch {
	case errors.Is(err, ErrLeft):
		return nil, err
	case err != nil:
		f.say(state.Explain(loading, err).Text() + " The projects can be chosen all the same.")
		return nil, nil
	}
	f.run.Seen.Found = all
	return f.run.Seen.Everywhere(), nil
}

// anywhere asks for a cluster among those of all projects; text was said of it already.
func (f *face) anywhere(text string) error {
	if all, err := f.everywhere(); err != nil || all == nil {
		return err
	}
	l := steps.Find(f.run.Cfg, f.run.Plan, f.run.Seen)
	l.Others = append(l.Others, steps.Other{Word: "projects", Line: "hear the projects", Go: func(*steps.Session) {}})
	return ask(f, l, special{start: text})
}
