package steps

import (
	"context"
	"fmt"
	"sync"

	"atlas-restore/state"
)

// seekMost is in how many projects a name is looked for that one list lacks: their lists are one
// request or two each, and the limits of Atlas count for all that one user does.
const seekMost = 50

// leastSought is the letters of a name from which on it is looked for.
const leastSought = 3

// Seek is a search for a name that the list of all clusters lacks, in the projects' own lists.
type Seek struct {
	Projects []state.Project // that are asked
	Left     int             // how many are not, as there are too many
}

// SeekFor says in which projects a text would be looked for that matches nothing: in those whose
// list was not seen, first where Atlas counts more clusters than it has listed. False where that
// is not worth a request.
func SeekFor(seen *Seen, text string) (Seek, bool) {
	listed := map[string]int{}
	for _, f := range seen.Found {
		if f.Unreadable == "" {
			listed[f.Project.ID]++
		}
	}
	var lack, others []state.Project
	for _, p := range seen.Projects {
		switch _, known := seen.Sought[p.ID]; {
		case known:
		case p.ClusterCount > listed[p.ID]:
			lack = append(lack, p)
		default:
			others = append(others, p)
		}
	}
	all := append(lack, others...)
	k := Seek{Projects: all[:min(len(all), seekMost)]}
	k.Left = len(all) - len(k.Projects)
	return k, len([]rune(text)) >= leastSought && len(k.Projects) > 0
}

// Unexplained are the projects with a cluster that is not available, and of which nothing more is
// known: at most so many as are asked at once.
func Unexplained(seen *Seen) (k Seek) {
	asked := map[string]bool{}
	for _, f := range seen.Everywhere() {
		if f.Unavailable() && !asked[f.Project.ID] && len(k.Projects) < lookups {
			asked[f.Project.ID] = true
			k.Projects = append(k.Projects, f.Project)
		}
	}
	return k
}

// Words say what is looked for.
func (k Seek) Words(text string) string {
	return fmt.Sprintf("Looking for %q in %s, multi-cloud, flex and terminated clusters too", text, state.Count(len(k.Projects), "project"))
}

// Run lists the clusters of its projects. What cannot be read is left out: nothing could be
// restored from it.
func (k Seek) Run(ctx context.Context, atlas Atlas) (map[string][]state.Cluster, error) {
	var (
		all   sync.WaitGroup
		mu    sync.Mutex
		found = map[string][]state.Cluster{}
		turn  = make(chan struct{}, lookups)
	)
	for _, p := range k.Projects {
		all.Go(func() {
			select {
			case turn <- struct{}{}:
			case <-ctx.Done():
				return
			}
			defer func() { <-turn }()
			clusters, err := atlas.AllClusters(ctx, p.ID)
			if err != nil {
				return
			}
			mu.Lock()
			defer mu.Unlock()
			found[p.ID] = clusters
		})
	}
	all.Wait()
	return found, ctx.Err() //nolint:wrapcheck // it was stopped
}
