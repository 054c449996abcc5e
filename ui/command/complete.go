package command

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"atlas-restore/state"
	"atlas-restore/ui/steps"
)

// Patience is how long a completion waits for Atlas: a shell that hangs is worse than
// one that knows nothing.
const Patience = 2 * time.Second

// complete gives the flags of the live wizard their completions from Atlas: what the credential can see.
func complete(cmd *cobra.Command, s *Settings, p Program) {
	liveNames(cmd, s, p)
	live := asked(cmd, s, p)
	live(state.FlagTargetProject, projects)
	live(state.FlagTargetCluster, func(ctx context.Context, atlas steps.Atlas, _ string) ([]string, error) {
		return clusterWords(ctx, atlas, s.Given.TargetProject)
	})
	live(state.FlagSnapshot, func(ctx context.Context, atlas steps.Atlas, _ string) ([]string, error) {
		return snapshotWords(ctx, atlas, s.Given.Project, s.Given.Cluster)
	})
}

// liveNames completes profile, project and cluster.
func liveNames(cmd *cobra.Command, s *Settings, p Program) {
	_ = cmd.RegisterFlagCompletionFunc("profile", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		names, _ := p.Profiles() // what cannot be read completes nothing
		return names, cobra.ShellCompDirectiveNoFileComp
	})
	live := asked(cmd, s, p)
	live(state.FlagProject, projects)
	live(state.FlagCluster, func(ctx context.Context, atlas steps.Atlas, _ string) ([]string, error) {
		if s.Given.Project == "" {
			return anyCluster(ctx, atlas)
		}
		return clusterWords(ctx, atlas, s.Given.Project)
	})
}

func projects(ctx context.Context, atlas steps.Atlas, typed string) ([]string, error) {
	all, err := atlas.Projects(ctx)
	return projectWords(all, typed), err
}

// asked registers completions for which Atlas is asked.
func asked(cmd *cobra.Command, s *Settings, p Program) func(flag string, values func(context.Context, steps.Atlas, string) ([]string, error)) {
	return func(flag string, values func(context.Context, steps.Atlas, string) ([]string, error)) {
		_ = cmd.RegisterFlagCompletionFunc(flag, func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
			atlas, err := p.Atlas(*s)
			if err != nil {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			ctx, cancel := context.WithTimeout(context.Background(), Patience)
			defer cancel()
			found, err := values(ctx, atlas, typed)
			if err != nil {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return found, cobra.ShellCompDirectiveNoFileComp
		})
	}
}

// chooses is a flag's value that is one of some words.
type chooses interface {
	pflag.Value
	choices() []string
}

// completed gives each flag that takes a value, of a command and of those below it, its completion, where it
// has none of its own: the words that it takes, a directory, a file, or nothing. No file is offered for what
// is none. Its arguments are completed in the same way.
func completed(cmd *cobra.Command) {
	positional(cmd)
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		_, has := cmd.GetFlagCompletionFunc(f.Name)
		var words []string
		takes, _ := pflag.UnquoteUsage(f)
		switch of, ok := f.Value.(chooses); {
		case has, f.NoOptDefVal != "", takes == "FILE":
			return
		case takes == "DIR":
			_ = cmd.MarkFlagDirname(f.Name)
			return
		case ok:
			words = of.choices()
		}
		how := cobra.ShellCompDirectiveNoFileComp
		if len(words) == 1 && strings.Contains(words[0], ":\t") { // what it begins is typed on
			how |= cobra.ShellCompDirectiveNoSpace
		}
		_ = cmd.RegisterFlagCompletionFunc(f.Name, cobra.FixedCompletions(words, how))
	})
	for _, c := range cmd.Commands() {
		completed(c)
	}
}

// projectWords are ids with the name behind them, or the names that begin as typed.
func projectWords(all []state.Project, typed string) []string {
	var out []string
	for _, p := range all {
		switch {
		case strings.HasPrefix(p.ID, typed):
			out = append(out, p.ID+"\t"+p.Name)
		case strings.HasPrefix(p.Name, typed):
			out = append(out, p.Name+"\t"+p.ID)
		}
	}
	return out
}

func find(ctx context.Context, atlas steps.Atlas, project string) (state.Project, bool) {
	all, err := atlas.Projects(ctx)
	if err != nil || project == "" {
		return state.Project{}, false
	}
	l := steps.Projects(steps.Config{Atlas: atlas}, state.Plan{}, steps.Nothing())
	i, err := l.Find(l.Table(all), project)
	if err != nil {
		return state.Project{}, false
	}
	return all[i], true
}

func clusterWords(ctx context.Context, atlas steps.Atlas, project string) ([]string, error) {
	p, ok := find(ctx, atlas, project)
	if !ok {
		return nil, nil
	}
	all, err := atlas.Clusters(ctx, p.ID)
	var out []string
	for _, c := range all {
		out = append(out, c.Name+"\t"+strings.Join([]string{c.InstanceSize, c.MongoDBVersion}, ", "))
	}
	return out, err
}

// anyCluster are the clusters of all projects, with one request.
func anyCluster(ctx context.Context, atlas steps.Atlas) ([]string, error) {
	all, err := atlas.Everywhere(ctx)
	var out []string
	for _, f := range all {
		if f.Cluster.Name != "" {
			out = append(out, f.Cluster.Name+"\t"+f.Project.Name)
		}
	}
	return out, err
}

func snapshotWords(ctx context.Context, atlas steps.Atlas, project, cluster string) ([]string, error) {
	out := []string{latestWord}
	p, ok := find(ctx, atlas, project)
	if !ok {
		return out, nil
	}
	all, err := atlas.Clusters(ctx, p.ID)
	if err != nil {
		return out, err
	}
	now := time.Now()
	for _, c := range all {
		if c.Name != cluster {
			continue
		}
		snapshots, err := atlas.Snapshots(ctx, c)
		for _, s := range snapshots {
			if s.Usable(now) == nil {
				out = append(out, s.ID+"\t"+steps.SnapshotName(s, now))
			}
		}
		return out, err
	}
	return out, nil
}

const latestWord = state.Latest + "\tthe newest that can be restored, safety snapshots aside"
