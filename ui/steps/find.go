package steps

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"atlas-restore/forms/columns"
	"atlas-restore/state"
)

// Find asks for the cluster whose backup is to be restored, among those of all projects: it
// answers two steps at once. Where a flag names a cluster and no project, it is looked for in
// the projects too if Atlas's one list lacks it, or if nobody can see what was found: the name
// must then be the only one of all.
func Find(cfg Config, plan state.Plan, seen *Seen) List[state.Found] {
	l := List[state.Found]{
		Step: state.StepProject, Noun: "cluster", Name: "Cluster", Ask: "which cluster's data do you want back?",
		Columns: append([]columns.Column{{Head: "PROJECT", Flex: true}}, ClusterColumns()[:foundCells]...),
		Said:    map[int]func(string) string{provenCell + 1: provenSaid},
		Loading: "Loading the clusters of all projects",
		Known:   seen.Everywhere(),
		Keep:    func(all []state.Found) { seen.Found = all },
		Whole:   seen.Everywhere,
		Row:     func(f state.Found) Row { return foundRow(cfg, f) },
		ID:      foundID,
		Take:    (*Session).Choose,
		Meaning: func(f state.Found, ok bool) string {
			if !ok {
				return "Type a part of the name of the cluster whose data you want back, or of its project, or an id."
			}
			return cfg.ProvenBehind(fmt.Sprintf("Choosing it here changes nothing. Next: the snapshots of %s in %s.", f.Cluster.Name, f.Project.Name), f.Project, f.Cluster.Name)
		},
		Lacks:  "the list of all clusters, which lacks " + state.FoundLacks + ": their projects have them.",
		Legend: cfg.Names.Legend(),
		Hint:   cfg.namesHint(),
		Note:   "Multi-cloud, flex and terminated ones may be missing. Tab: look by project.",
		Counts: func(all []state.Found, shown []int) string { return countFound(all, shown, seen.Projects) },
		Leads:  true,
		Chosen: plan.Project.ID + "/" + plan.Cluster.ID,
		Given:  cfg.Given.Cluster, Flag: state.FlagCluster, Place: "in any project that this credential may read",
	}
	given := cfg.Given.Cluster
	l.Load = func(ctx context.Context) ([]state.Found, error) {
		all, err := cfg.Walk().Everywhere(ctx)
		if given == "" || err == nil && !cfg.Unasked && slices.ContainsFunc(all, func(f state.Found) bool { return f.Cluster.Name == given }) {
			return all, err
		}
		return inAnyProject(ctx, cfg.Walk(), all, given)
	}
	if given != "" {
		l.Loading, l.Known = "Looking for cluster "+given+" in all projects", nil
		l.Several = func(rows []Row) error { return severalProjects(cfg, rows) }
		l.Missing = fmt.Errorf("--%s %q: there is no such cluster %s; a terminated one is found with --%s", state.FlagCluster, given, l.Place, state.FlagProject)
	}
	return l
}

// namesHint says how a person has other badges than that of production, where nothing is written down
// of that yet.
func (c Config) namesHint() string {
	if c.NamesFile == "" {
		return ""
	}
	return `To name yours, write environment = [{name = "STG", names = ["stg*"]}] into ` + c.NamesFile
}

func foundID(f state.Found) string { return f.Project.ID + "/" + f.Cluster.ID }

// foundCells is how many of the cells of a cluster's row the list of all projects has: without
// disk and region.
const foundCells = provenCell + 1

func foundRow(cfg Config, f state.Found) Row {
	if f.Unreadable != "" {
		return Row{ID: foundID(f), Name: f.Project.Name, Cells: append([]string{f.Project.Name}, make([]string, foundCells)...), Barred: f.Unreadable + ": open its project", Refused: f.Refused}
	}
	r := ClusterRow(cfg, f.Project, f.Cluster)
	r.ID = foundID(f)
	r.Cells = append([]string{f.Project.Name}, r.Cells[:foundCells]...)
	if f.Whole || r.Barred != "" {
		return r
	}
	r.Cells[provenCell] = "backups on" // the list of all clusters does not tell more
	if f.Unavailable() {
		r.Warning = f.Availability
	}
	return r
}

// countFound says how many clusters of how many projects a filter leaves. All that there are
// is what the projects count, as far as they are known: Atlas's one list lacks some.
func countFound(all []state.Found, shown []int, known []state.Project) string {
	of, projects := 0, map[string]bool{}
	count := func(f state.Found) (n int) {
		projects[f.Project.ID] = true
		if f.Unreadable == "" {
			n = 1
		}
		return n
	}
	for _, f := range all {
		of += count(f)
	}
	counted := 0
	for _, p := range known {
		counted += p.ClusterCount
		projects[p.ID] = true
	}
	of = max(of, counted)
	n, everywhere := 0, len(projects)
	clear(projects)
	for _, i := range shown {
		n += count(all[i])
	}
	switch {
	case len(shown) == 0:
		return "none of " + state.Count(of, "cluster")
	case len(shown) == len(all) && n < of:
		return fmt.Sprintf("%d of %s shown, in %s", n, state.Count(of, "cluster"), state.Count(everywhere, "project"))
	case len(shown) == len(all):
		return state.Count(n, "cluster") + " in " + state.Count(everywhere, "project")
	}
	text := state.Count(n, "cluster") + " in " + state.Count(len(projects), "project")
	if n < of {
		text += fmt.Sprintf(" · %d more", of-n)
	}
	return text
}

// Choose answers project and cluster at once. What the list of all clusters does not tell of
// it comes with its project's own list: the step of the cluster is passed by, and asked only
// where it cannot be answered so.
func (s *Session) Choose(f state.Found) {
	plan := s.Plan.WithProject(f.Project)
	if plan.Cluster.Name != f.Cluster.Name {
		plan = plan.WithoutCluster()
	}
	if f.Cluster.Terminated {
		s.Seen.All[f.Project.ID] = true
		delete(s.Seen.Clusters, f.Project.ID)
	}
	s.Answered(plan)
	if s.Step() == state.StepCluster {
		s.passing, s.Cfg.Given.Cluster = true, f.Cluster.Name
	}
}

// Passing is the cluster that was chosen already while its project's list is awaited; empty
// for none.
func (s *Session) Passing() string {
	if s.passing && s.Step() == state.StepCluster {
		return s.Cfg.Given.Cluster
	}
	return ""
}

// Everywhere are the clusters of all projects as they are known by now: those of a project
// whose own list was seen are whole, and none of them is missing; where a half of it was seen, its
// clusters are whole. Nil before Atlas has told any.
func (s *Seen) Everywhere() []state.Found {
	if s.Found == nil || len(s.Clusters)+len(s.Dedicated)+len(s.Sought) == 0 {
		return s.Found
	}
	out := make([]state.Found, 0, len(s.Found))
	done := map[string]bool{}
	own := func(p state.Project) {
		all, _ := s.whole(p.ID)
		for _, c := range all {
			out = append(out, state.Found{Project: p, Cluster: c, Whole: true})
		}
		done[p.ID] = true
	}
	for _, f := range s.Found {
		switch _, known := s.whole(f.Project.ID); {
		case !known:
			out = append(out, s.more(f))
		case !done[f.Project.ID]:
			own(f.Project)
		}
	}
	var others []state.Project // of which that list has none
	for _, p := range s.Projects {
		if all, _ := s.whole(p.ID); all != nil && !done[p.ID] {
			others = append(others, p)
		}
	}
	for _, p := range others {
		own(p)
	}
	if len(others) > 0 {
		slices.SortStableFunc(out, func(a, b state.Found) int {
			return strings.Compare(strings.ToLower(a.Project.Name), strings.ToLower(b.Project.Name))
		})
	}
	return out
}

// whole are the clusters of a project as its own list has them; false where that was not seen.
func (s *Seen) whole(project string) ([]state.Cluster, bool) {
	if all, known := s.Sought[project]; known {
		return all, true
	}
	all, known := s.Clusters[project]
	return all, known
}

// more is a cluster with what the half of its project's list tells that was seen.
func (s *Seen) more(f state.Found) state.Found {
	for _, c := range s.Dedicated[f.Project.ID] {
		if f.Unreadable == "" && c.Name == f.Cluster.Name {
			f.Cluster, f.Whole = c, true
		}
	}
	return f
}

// lookups is how many projects are asked at once whether they have a cluster.
const lookups = 8

// inAnyProject looks for a cluster of an exact name in every project, and adds what it finds to what is
// listed. A project whose role is missing stands there as one that could not be read: nothing could be
// restored from it, but the cluster may be its own.
func inAnyProject(ctx context.Context, atlas Atlas, listed []state.Found, name string) ([]state.Found, error) {
	projects, err := atlas.Projects(ctx)
	if err != nil {
		return nil, err //nolint:wrapcheck // it says what was listed
	}
	has := map[string]bool{}
	for _, f := range listed {
		has[f.Project.ID] = has[f.Project.ID] || f.Cluster.Name == name
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var (
		all   sync.WaitGroup
		mu    sync.Mutex
		found []state.Found
		wrong error
		turn  = make(chan struct{}, lookups)
	)
	for _, p := range projects {
		if has[p.ID] {
			continue
		}
		all.Go(func() {
			turn <- struct{}{}
			defer func() { <-turn }()
			c, ok, err := atlas.ClusterNamed(ctx, p.ID, name)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err != nil && refusedRole(err):
				found = append(found, state.Found{Project: p, Unreadable: strings.TrimSuffix(state.Why(err), "."), Refused: err})
			case err != nil && wrong == nil:
				wrong = fmt.Errorf("looking for cluster %s in project %s: %w", name, p.Name, err)
				cancel()
			case ok:
				found = append(found, state.Found{Project: p, Cluster: c})
			}
		})
	}
	all.Wait()
	if wrong != nil {
		return nil, wrong
	}
	out := append(slices.Clone(listed), found...)
	slices.SortStableFunc(out, func(a, b state.Found) int {
		return strings.Compare(strings.ToLower(a.Project.Name), strings.ToLower(b.Project.Name))
	})
	return out, nil
}

// refusedRole says whether Atlas refuses because the credential lacks the role.
func refusedRole(err error) bool {
	var atlas *state.AtlasError
	return errors.As(err, &atlas) && atlas.LacksRole()
}

// severalProjects says in which projects clusters of one name stand, with the command that means
// each of them. What was to be confirmed is left out: it was not about one of them.
func severalProjects(cfg Config, rows []Row) error {
	g := cfg.Given
	g.Confirm = ""
	var text strings.Builder
	fmt.Fprintf(&text, "--%s %q: clusters of that name stand in %s. Choose one, or say which:", state.FlagCluster, g.Cluster, state.Count(len(rows), "project"))
	for _, r := range rows {
		g.Project, _, _ = strings.Cut(r.ID, "/")
		text.WriteString("\n  " + r.Cells[0] + ": " + cfg.Command(g))
	}
	return errors.New(text.String())
}
