package incident

import (
	"context"
	"fmt"
	"slices"

	"atlas-restore/state"
)

// unreadable is how many snapshots may fail to be looked into before it is given up.
const unreadable = 4

// contents finds which snapshots have what is missing: from the newest back in steps that double
// until one has it, and between that and the next that lacks it by halving. A collection can be
// dropped and come back: nothing is said of the snapshots that were not looked into.
func (r *run) contents(ctx context.Context) {
	if !r.Missing.Exact() || r.f.Has.Looked > 0 {
		return
	}
	u := Unread{What: PartSnapshots, From: r.From, Until: r.Until}
	if r.Cluster.Family == state.Flex {
		u.Why = "Atlas does not tell what is in a flex cluster's snapshots."
		r.unread(u)
		return
	}
	var all []state.Snapshot // the newest first
	for _, s := range r.Snapshots {
		if s.Usable(r.Now) == nil && !s.When().IsZero() {
			all = append(all, s)
		}
	}
	slices.SortFunc(all, func(a, b state.Snapshot) int { return b.When().Compare(a.When()) })
	failed := 0
	// look says whether the snapshot has it; one that cannot be read is taken out of all.
	look := func(i int) (has, ok bool) {
		s := all[i]
		r.reads(Read{What: PartSnapshots, Of: s.ID})
		has, err := r.has(ctx, s.ID)
		if err == nil {
			r.was(Read{What: PartSnapshots, Of: s.ID})
			r.set(func(f *Findings) {
				f.Has.Looked++
				if has {
					f.Has.Newest = s
				} else {
					f.Has.Lacks = s
				}
			})
			return has, true
		}
		u := u
		u.Of, u.From, u.Until = s.ID, s.When(), s.When()
		if failed++; r.failed(ctx, u, err) || ctx.Err() != nil {
			failed = unreadable
		}
		all = slices.Delete(all, i, i+1)
		return false, false
	}
	lacks, has := -1, -1 // places in all: the oldest that lacks it, the newest that has it
	for step := 1; has < 0; {
		i := min(lacks+step, len(all)-1)
		if i <= lacks || failed >= unreadable {
			return // none has it that could be looked into
		}
		switch is, ok := look(i); {
		case ok && is:
			has = i
		case ok:
			if lacks = i; i > 0 { // the one before is the likeliest
				step *= 2
			}
		}
	}
	for has-lacks > 1 && failed < unreadable {
		i := (lacks + has) / 2
		switch is, ok := look(i); {
		case !ok:
			has--
		case is:
			has = i
		default:
			lacks = i
		}
	}
}

// has says whether a snapshot has what is missing, by lists that were read whole. What is not
// told is an error.
func (r *run) has(ctx context.Context, id string) (bool, error) {
	databases, err := r.src.SnapshotDatabases(ctx, r.Cluster, id)
	switch {
	case err != nil:
		return false, err //nolint:wrapcheck // failed says what was read
	case len(databases) == 0:
		return false, &state.UnreadableError{Why: "Atlas names no database in it at all"}
	case !slices.Contains(databases, r.Missing.Database):
		return false, nil
	case r.Missing.Collection == "":
		return true, nil
	}
	collections, err := r.src.SnapshotCollections(ctx, r.Cluster, id, r.Missing.Database)
	switch {
	case err != nil:
		return false, err //nolint:wrapcheck // failed says what was read
	case len(collections) == 0:
		return false, &state.UnreadableError{Why: fmt.Sprintf("Atlas names no collection of %s in it", r.Missing.Database)}
	}
	return slices.Contains(collections, r.Missing.Collection), nil
}
