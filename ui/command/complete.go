package command

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"atlas-restore/state"
	"atlas-restore/ui/steps"
)

// patience is how long a completion waits for Atlas: a shell that hangs is worse than
// one that knows nothing.
const patience = 2 * time.Second

// complete gives the flags of the live wizard their completions: what is fixed, and
// from Atlas what the credential can see.
func complete(cmd *cobra.Command, s *Settings, p Program) {
	fixed(cmd)
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
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			found, err := values(ctx, atlas, typed)
			if err != nil {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return found, cobra.ShellCompDirectiveNoFileComp
		})
	}
}

// fixed completes what needs no Atlas.
func fixed(cmd *cobra.Command) {
	var types []string
	for _, d := range state.DeliveryTypes() {
		types = append(types, string(d))
	}
	_ = cmd.RegisterFlagCompletionFunc(state.FlagDelivery, cobra.FixedCompletions(types, cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions([]string{"text", "json"}, cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.MarkFlagDirname("out")
	nothing := cobra.FixedCompletions(nil, cobra.ShellCompDirectiveNoFileComp)
	_ = cmd.RegisterFlagCompletionFunc(state.FlagAt, cobra.FixedCompletions([]string{state.BeforeDrop + "\ta collection, like shop.orders"}, cobra.ShellCompDirectiveNoFileComp|cobra.ShellCompDirectiveNoSpace))
	_ = cmd.RegisterFlagCompletionFunc(state.FlagIndexes, cobra.FixedCompletions(state.IndexWords(), cobra.ShellCompDirectiveNoFileComp))
	for _, f := range []string{state.FlagUTCSeconds, state.FlagOplogTs, state.FlagOplogInc, state.FlagConfirm, state.FlagNamespace, state.FlagRename, state.FlagSuffix} {
		_ = cmd.RegisterFlagCompletionFunc(f, nothing) // no file name is any of these
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

const latestWord = state.Latest + "\tthe newest that can be restored"
