package ui

import (
	"cmp"
	"context"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"atlas-restore/state"
	"atlas-restore/ui/steps"
)

// seeker looks for a name that the one list of all clusters lacks in the projects' own lists, once
// nobody types on.
type seeker struct {
	cfg    steps.Config
	seen   *steps.Seen
	load   load[map[string][]state.Cluster]
	sought string             // the name that nothing matches
	waits  bool               // it is waited with, or was looked for
	stop   context.CancelFunc // ends looking for it
}

func newSeeker(cfg steps.Config, seen *steps.Seen) seeker {
	return seeker{cfg: cfg, seen: seen, stop: func() {}}
}

// lackedMsg says that a name which nothing matches has stood for a while, if it still does.
type lackedMsg struct {
	owner *seeker
	name  string
}

// lacks waits with a name that nothing matches, and stops looking for the one before; it is empty
// while something matches.
func (k *seeker) lacks(name string) tea.Cmd {
	if name = strings.TrimSpace(name); name != k.sought {
		k.sought, k.waits = name, false
		k.stop()
		k.load.stop()
	}
	// The projects may come after the name was typed.
	if _, worth := steps.SeekFor(k.seen, name); k.waits || !worth || k.cfg.Rest < 0 {
		return nil
	}
	k.waits = true
	msg := lackedMsg{k, name}
	return tea.Tick(cmp.Or(k.cfg.Rest, steps.Rest), func(time.Time) tea.Msg { return msg })
}

// inspect looks at the projects' own lists for what is wrong with clusters that are not available:
// the one list does not tell that one is being created, or paused.
func (k *seeker) inspect(ctx context.Context) tea.Cmd {
	of := steps.Unexplained(k.seen)
	if len(of.Projects) == 0 || k.load.busy {
		return nil
	}
	atlas := k.cfg.Atlas
	return k.load.start(ctx, "Looking at clusters that are not available", func(ctx context.Context) (map[string][]state.Cluster, error) { return of.Run(ctx, atlas) })
}

// take hears whether the name still stands, and what has come of looking for it, which is done then.
func (k *seeker) take(ctx context.Context, msg tea.Msg) (done, taken bool, cmd tea.Cmd) {
	if done, cmd := k.load.take(msg); done {
		if k.load.problem == nil {
			for project, clusters := range k.load.value {
				k.seen.Sought[project] = clusters
			}
		}
		return k.load.problem == nil, true, cmd
	} else if cmd != nil {
		return false, true, cmd
	}
	lacked, ok := msg.(lackedMsg)
	if !ok {
		return false, false, nil
	}
	if lacked.owner != k || lacked.name != k.sought || lacked.name == "" {
		return false, true, nil
	}
	of, worth := steps.SeekFor(k.seen, k.sought)
	if !worth {
		return false, true, nil
	}
	ctx, k.stop = context.WithCancel(ctx)
	atlas := k.cfg.Atlas
	return false, true, k.load.start(ctx, of.Words(k.sought), func(ctx context.Context) (map[string][]state.Cluster, error) { return of.Run(ctx, atlas) })
}

// everywhere says whether every project was looked into.
func (k *seeker) everywhere() bool {
	of, _ := steps.SeekFor(k.seen, k.sought)
	return len(of.Projects) == 0 && len(k.seen.Projects) > 0
}
