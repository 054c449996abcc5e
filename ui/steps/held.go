package steps

import (
	"context"
	"slices"
	"sync"

	"atlas-restore/state"
)

// held is Atlas with the names in snapshots, each list asked for once a run: what a snapshot holds
// does not change. What could not be read is asked for again.
type held struct {
	Atlas

	mu    sync.Mutex
	names map[[3]string][]string // by the source, the snapshot, and the database; that of the databases is empty
	many  int                    // names
}

// mostHeld is how many names are held: those of a large cluster, and some more.
const mostHeld = 100_000

// SnapshotDatabases implements Atlas.
func (h *held) SnapshotDatabases(ctx context.Context, c state.Cluster, snapshot string) ([]string, error) {
	return h.hold([3]string{sourceName(c), snapshot, ""}, func() ([]string, error) { return h.Atlas.SnapshotDatabases(ctx, c, snapshot) })
}

// SnapshotCollections implements Atlas.
func (h *held) SnapshotCollections(ctx context.Context, c state.Cluster, snapshot, database string) ([]string, error) {
	return h.hold([3]string{sourceName(c), snapshot, database}, func() ([]string, error) {
		return h.Atlas.SnapshotCollections(ctx, c, snapshot, database)
	})
}

func (h *held) hold(of [3]string, ask func() ([]string, error)) ([]string, error) {
	h.mu.Lock()
	names, have := h.names[of]
	h.mu.Unlock()
	if have {
		return slices.Clone(names), nil
	}
	names, err := ask()
	if err != nil {
		return names, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.many += len(names); h.names == nil || h.many > mostHeld {
		h.names, h.many = map[[3]string][]string{}, len(names)
	}
	h.names[of] = slices.Clone(names)
	return names, nil
}
