package steps

import (
	"context"
	"maps"
	"slices"
	"sync"

	"atlas-restore/state"
	"atlas-restore/state/collections"
	"atlas-restore/state/incident"
)

// contents looks whether the data of a plan have what was chosen: in its snapshot, or for a moment
// in the newest one before it. A database is opened only where single collections of it are
// wanted, and what is known already is not asked again.
//
// Where they come back into the source itself, the newest of these snapshots tells too what it has
// lost by now.
func contents(ctx context.Context, atlas Atlas, plan state.Plan, known Inventory, newest state.Snapshot) (out state.Contents, err error) {
	out.Of = plan.Snapshot
	if plan.ByMoment() {
		if out.Of, err = atlas.BaseSnapshot(ctx, plan.Cluster, plan.Instant); err != nil {
			return out, err //nolint:wrapcheck // the check says what was looked at
		}
		if out.Of.ID == "" {
			return out, &state.UnreadableError{Why: "there is no snapshot before that moment"}
		}
	}
	if known.Of.ID != out.Of.ID || known.Databases == nil {
		known = Inventory{Of: out.Of}
		if known.Databases, err = atlas.SnapshotDatabases(ctx, plan.Cluster, out.Of.ID); err != nil {
			return out, err //nolint:wrapcheck // the same
		}
	}
	have := known.Databases
	opened, err := open(ctx, atlas, plan, known)
	if err != nil {
		return out, err
	}
	out.Counts = map[collections.Name]int{}
	for _, n := range plan.Only.Names {
		if !slices.Contains(have, n.Database) || !n.IsDatabase() && !slices.Contains(opened[n.Database], n.Collection) {
			out.Lacks = append(out.Lacks, n)
		}
		if all, read := opened[n.Database]; n.IsDatabase() && read {
			out.Counts[n] = len(slices.DeleteFunc(slices.Clone(all), func(c string) bool {
				return incident.Namespace{Database: n.Database, Collection: c}.Internal()
			}))
		}
	}
	if plan.Target.Project.ID == plan.Project.ID && plan.Target.ClusterName == plan.Cluster.Name && newest.ID != "" && newest.ID != out.Of.ID {
		out.Newest, out.NewestLacks = lost(ctx, atlas, plan, newest)
	}
	return out, nil
}

// lost says which of the names on the target the newest snapshot of it lacks. What cannot be read of
// that is not told: it only adds to what is known.
func lost(ctx context.Context, atlas Atlas, plan state.Plan, newest state.Snapshot) (state.Snapshot, []collections.Name) {
	var wanted []string
	for _, n := range plan.Only.Names {
		if to := plan.Only.Target(n); !to.IsDatabase() && !slices.Contains(wanted, to.Database) {
			wanted = append(wanted, to.Database)
		}
	}
	if len(wanted) == 0 {
		return state.Snapshot{}, nil
	}
	databases, err := atlas.SnapshotDatabases(ctx, plan.Cluster, newest.ID)
	if err != nil {
		return state.Snapshot{}, nil
	}
	wanted = slices.DeleteFunc(wanted, func(db string) bool { return !slices.Contains(databases, db) })
	opened, err := readEach(ctx, atlas, plan.Cluster, newest.ID, wanted)
	if err != nil {
		return state.Snapshot{}, nil
	}
	var out []collections.Name
	for _, n := range plan.Only.Names {
		if to := plan.Only.Target(n); !to.IsDatabase() && !slices.Contains(opened[to.Database], to.Collection) {
			out = append(out, to)
		}
	}
	return newest, out
}

// open reads the collections of those of these databases of which single ones are wanted, or that are
// overwritten whole.
func open(ctx context.Context, atlas Atlas, plan state.Plan, known Inventory) (map[string][]string, error) {
	var wanted []string
	for _, n := range plan.Only.Names {
		_, opened := known.Collections[n.Database]
		if (!n.IsDatabase() || plan.Erases()) && !opened && slices.Contains(known.Databases, n.Database) && !slices.Contains(wanted, n.Database) {
			wanted = append(wanted, n.Database)
		}
	}
	out, err := readEach(ctx, atlas, plan.Cluster, known.Of.ID, wanted)
	if err != nil {
		return nil, err
	}
	maps.Copy(out, known.Collections)
	return out, nil
}

// readEach reads the collections of each of these databases, beside each other.
func readEach(ctx context.Context, atlas Atlas, c state.Cluster, of string, databases []string) (map[string][]string, error) {
	names, errs := make([][]string, len(databases)), make([]error, len(databases))
	var all sync.WaitGroup
	for i, db := range databases {
		all.Go(func() { names[i], errs[i] = atlas.SnapshotCollections(ctx, c, of, db) })
	}
	all.Wait()
	out := map[string][]string{}
	for i, db := range databases {
		if errs[i] != nil {
			return nil, errs[i]
		}
		out[db] = names[i]
	}
	return out, nil
}

// living are the databases that a cluster has now, as one of its servers tells: of a sharded one
// those of each shard's primary together.
func living(ctx context.Context, atlas Atlas, c state.Cluster) ([]string, error) {
	if c.Family == state.Flex {
		return nil, &state.UnreadableError{Why: "Atlas tells no databases of a flex cluster"}
	}
	members, err := atlas.Members(ctx, c)
	if err != nil {
		return nil, err //nolint:wrapcheck // the check says what was looked at
	}
	primaries := slices.DeleteFunc(slices.Clone(members), func(p incident.Process) bool { return !p.Primary() })
	if len(primaries) == 0 {
		return nil, &state.UnreadableError{Why: "Atlas names no primary of it"}
	}
	names, errs := make([][]string, len(primaries)), make([]error, len(primaries))
	var all sync.WaitGroup
	for i, p := range primaries {
		all.Go(func() { names[i], errs[i] = atlas.Databases(ctx, c.ProjectID, p.ID) })
	}
	all.Wait()
	var out []string
	for i := range primaries {
		if errs[i] != nil {
			return nil, errs[i]
		}
		out = append(out, names[i]...)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// lacking says which of the chosen a list of names does not have, once it was read.
func lacking(c collections.Choice, inventory Inventory) []collections.Name {
	var out []collections.Name
	for _, n := range c.Names {
		opened, is := inventory.Collections[n.Database]
		if !slices.Contains(inventory.Databases, n.Database) || is && !n.IsDatabase() && !slices.Contains(opened, n.Collection) {
			out = append(out, n)
		}
	}
	return out
}
