package steps

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"atlas-restore/forms/columns"
	"atlas-restore/state"
)

// Projects asks for the project whose cluster is to be restored from.
func Projects(cfg Config, plan state.Plan, seen *Seen) List[state.Project] {
	return List[state.Project]{
		Step: state.StepProject, Noun: "project",
		Columns: []columns.Column{{Head: "PROJECT"}, {Head: "CLUSTERS", Rank: 1, Right: true}, {Head: "ID", Rank: 2, Role: columns.Dim}},
		Said:    map[int]func(string) string{1: func(n string) string { k, _ := strconv.Atoi(n); return state.Count(k, "cluster") }},
		Loading: LoadingProjects,
		Load:    cfg.Walk().Projects,
		Known:   seen.Projects,
		Keep:    func(all []state.Project) { seen.Projects = all },
		Whole:   func() []state.Project { return seen.Projects },
		Row: func(p state.Project) Row {
			r := Row{ID: p.ID, Name: p.Name, Cells: []string{p.Name, strconv.Itoa(p.ClusterCount), p.ID}}
			switch {
			case p.Unreadable != "":
				r.Barred = "cannot be read: " + p.Unreadable
			case p.ClusterCount == 0:
				r.Barred = "no clusters"
			}
			if r.Barred != "" {
				r.Cells[1] = ""
			}
			return r
		},
		Answer: state.Plan.WithProject,
		Meaning: func(_ state.Project, ok bool) string {
			if !ok {
				return "Choose the project of the cluster whose data you want back."
			}
			return "Nothing is changed before you confirm at the end. Next: its clusters." // the same for each row: a key draws no more than rows
		},
		Leads:  true,
		Chosen: plan.Project.ID,
		Given:  cfg.Given.Project, Flag: state.FlagProject, Place: "that this credential may read",
	}
}

// Clusters asks for the cluster whose backup is to be restored.
func Clusters(cfg Config, plan state.Plan, seen *Seen) List[state.Cluster] {
	project := plan.Project
	load := cfg.Walk().Clusters
	if seen.All[project.ID] {
		load = cfg.Atlas.AllClusters
	}
	l := List[state.Cluster]{
		Step: state.StepCluster, Noun: "cluster",
		Columns: ClusterColumns(),
		Said:    map[int]func(string) string{provenCell: provenSaid, provenCell + 1: func(size string) string { return size + " disk" }},
		Loading: "Loading the clusters of " + project.Name,
		Load:    func(ctx context.Context) ([]state.Cluster, error) { return load(ctx, project.ID) },
		Known:   seen.Clusters[project.ID],
		Keep:    func(all []state.Cluster) { seen.Clusters[project.ID] = all },
		Row:     func(c state.Cluster) Row { return ClusterRow(cfg, project, c) },
		Answer:  state.Plan.WithCluster,
		Legend:  cfg.Names.Legend(),
		Meaning: func(c state.Cluster, ok bool) string {
			if !ok {
				return "Choose the cluster whose backup holds the data. What it is restored onto is asked later."
			}
			return cfg.ProvenBehind(fmt.Sprintf("Choosing it here changes nothing. Next: the snapshots of %s.", c.Name), project, c.Name)
		},
		Leads:  true,
		Chosen: plan.Cluster.Name,
		Given:  cfg.Given.Cluster, Flag: state.FlagCluster, Place: "in " + project.Name,
	}
	if seen.All[project.ID] && l.Known == nil {
		l.Tells = func(all []state.Cluster) string { return tellTerminated(project, all) }
	}
	if !seen.All[project.ID] {
		l.Others = append(l.Others, Other{Key: "ctrl+t", Word: "terminated", Help: "show terminated", Line: "hear the terminated clusters too whose backups were kept", Go: func(s *Session) {
			s.Seen.All[project.ID] = true
			delete(s.Seen.Clusters, project.ID)
		}})
	}
	return l
}

// Clusters is the list of the plan's project. Of a cluster that was chosen with its project it
// is known that it is dedicated: that half of the list tells the rest of it, and the other half is
// asked for where it does not.
func (s *Session) Clusters() List[state.Cluster] {
	l := Clusters(s.Cfg, s.Plan, s.Seen)
	name, project := s.Passing(), s.Plan.Project.ID
	if name == "" || l.Known != nil || s.Seen.All[project] || !slices.ContainsFunc(s.Seen.Found, func(f state.Found) bool {
		return f.Project.ID == project && f.Cluster.Name == name && f.Cluster.Family == state.Dedicated
	}) {
		return l
	}
	all, keep, atlas, whole := l.Load, l.Keep, s.Cfg.Walk(), false
	answers := func(some []state.Cluster) bool {
		return slices.ContainsFunc(some, func(c state.Cluster) bool { return c.Name == name && c.Restorable() == nil })
	}
	if known := s.Seen.Dedicated[project]; answers(known) {
		l.Known = known
	}
	l.Load = func(ctx context.Context) ([]state.Cluster, error) {
		ctx = state.WithPart(ctx, func([]state.Cluster) {}) // nobody sees it: it answers itself
		some, err := atlas.Dedicated(ctx, project)
		if err != nil || answers(some) {
			return some, err
		}
		whole = true // somebody is asked
		return all(ctx)
	}
	l.Keep = func(found []state.Cluster) {
		if whole {
			keep(found)
		} else {
			s.Seen.Dedicated[project] = found
		}
	}
	return l
}

// tellTerminated says what asking for the terminated clusters has brought.
func tellTerminated(project state.Project, all []state.Cluster) string {
	var names []string
	for _, c := range all {
		if c.Terminated {
			names = append(names, c.Name)
		}
	}
	switch {
	case len(names) == 0:
		return "Nothing is terminated: no cluster of " + project.Name + " that is gone has kept its backups."
	case len(names) > 3:
		return fmt.Sprintf("%d terminated clusters are listed now, whose backups were kept.", len(names))
	}
	return "Terminated, and listed now, as their backups were kept: " + strings.Join(names, ", ") + "."
}

// EnvironmentColumn is that of the badges.
func EnvironmentColumn() columns.Column {
	return columns.Column{Head: "ENV", Role: columns.Badge, Bare: state.Unmatched}
}

// ClusterColumns are those of a ClusterRow.
func ClusterColumns() []columns.Column {
	return []columns.Column{
		{Head: "CLUSTER"},
		EnvironmentColumn(),
		{Head: "VERSION", Rank: 1},
		{Head: "TIER", Rank: 5},
		{Head: "TOPOLOGY", Rank: 4},
		{Head: "BACKUPS", Rank: 2},
		{Head: "PROVEN", Rank: 3},
		{Head: "DISK", Rank: 6, Right: true},
		{Head: "REGION", Rank: 7},
	}
}

// provenCell is the cell of a cluster's row that says when a restore of it was last proven.
const provenCell = 6

// provenSaid is that cell where no head says what it is.
func provenSaid(cell string) string {
	if cell == provenNever {
		return "never proven"
	}
	return "proven: " + cell
}

// ClusterRow is a cluster of a project: what it is, its environment, what its backups offer, and
// when a restore of it was last proven.
func ClusterRow(cfg Config, project state.Project, c state.Cluster) Row {
	env := cfg.Names.Called(project.Name, c.Name).Environment
	r := Row{ID: c.Name, Name: c.Name, Environment: env, Cells: []string{
		c.Name, env.Mark(), c.MongoDBVersion, c.InstanceSize, topology(c), pointInTime(c), "", diskSize(c), c.Provider + " " + c.Region,
	}}
	if a, ok := cfg.proven(project, c.Name); ok {
		r.Cells[provenCell] = a.Cell(cfg.Instant())
		r.Passing = append(r.Passing, r.Cells[provenCell])
	}
	if err := c.Restorable(); err != nil {
		r.Barred = err.Error()
		r.Cells[provenCell-1], r.Cells[provenCell] = "", ""
	}
	if c.Paused {
		r.Warning = "paused"
	}
	if c.Terminated && r.Barred == "" {
		r.Warning = "terminated: its backups were kept"
	}
	return r
}

func topology(c state.Cluster) string {
	if c.Family == state.Flex {
		return "flex"
	}
	if c.Type.IsSharded() && c.Shards > 0 {
		return state.Count(c.Shards, "shard")
	}
	return c.Type.Words()
}

func pointInTime(c state.Cluster) string {
	if c.PITEnabled {
		return "point in time"
	}
	return "snapshots"
}

func diskSize(c state.Cluster) string {
	if c.DiskSizeGB == 0 {
		return ""
	}
	return state.Size(state.GB(c.DiskSizeGB))
}

// Snapshots asks which state of the data is wanted: a snapshot, or any moment where
// the cluster keeps its oplog.
func Snapshots(cfg Config, plan state.Plan, seen *Seen) List[state.Snapshot] {
	cluster, sizes := plan.Cluster, &usual{}
	l := List[state.Snapshot]{
		Step: state.StepSnapshot, Noun: "snapshot", Order: "newest first", Now: cfg.Now,

		Columns: []columns.Column{
			{Head: "AGE", Right: true},
			{Head: "TAKEN"},
			{Head: "LOCAL TIME", Rank: 6},
			{Head: "KIND", Rank: 3},
			{Head: "SIZE", Rank: 2, Right: true},
			{Head: "VERSION", Rank: 5},
			{Head: "DESCRIPTION", Rank: 4, Flex: true},
			{Head: "EXPIRES", Rank: 7},
		},
		Said:    map[int]func(string) string{7: func(in string) string { return "expires " + in }},
		Loading: "Loading the snapshots of " + cluster.Name,
		Load: func(ctx context.Context) ([]state.Snapshot, error) {
			all, err := cfg.Walk().Snapshots(ctx, cluster)
			if err == nil {
				sizes.among(all, cfg.Now())
				seen.TicksOf(all, cfg.Now())
			}
			return all, err
		},
		Keep:   func(all []state.Snapshot) { seen.Snapshots = all },
		Row:    rowOf(cfg, seen, sizes),
		ID:     func(s state.Snapshot) string { return s.ID },
		Answer: state.Plan.WithSnapshot,
		Meaning: func(s state.Snapshot, ok bool) string {
			now := cfg.Instant()
			if !ok || s.Usable(now) != nil {
				return "Choose the snapshot that holds the data as you want it back."
			}
			if seen.newestOf(now).ID == s.ID && !s.Fallback() {
				return fmt.Sprintf("The newest snapshot is not the present state: it lacks what was written to %s after %s, %s.", cluster.Name, state.UTC(s.When(), now), state.Ago(s.When(), now))
			}
			missing := fmt.Sprintf("It lacks what was written to %s after %s.", cluster.Name, state.UTC(s.When(), now))
			if s.Fallback() {
				return fallbackWarning + " " + missing
			}
			return missing
		},
		Chosen: plan.Snapshot.ID,
		Given:  cfg.Given.Snapshot, Flag: state.FlagSnapshot, First: state.Latest, Usual: true,
	}
	if plan.Drill {
		l.Other, l.Which = state.Random, func(rows Table) int { return byChance(rows, seen.Snapshots, cfg.Now(), cfg.Dice) }
	}
	if cluster.PITEnabled {
		l.Others = append(l.Others, Other{Key: "tab", Word: "moment", Help: "a moment instead", Line: "restore to any moment instead of a snapshot", Go: (*Session).Moment, Reads: cfg.moment})
	}
	if cluster.Family == state.Dedicated && !cluster.Paused && !cluster.Terminated {
		l.Others = append(l.Others, Other{Key: "ctrl+n", Word: "new", Help: "a new snapshot", Line: "take a new snapshot first", Go: (*Session).Take})
	}
	return l
}

// moment says which moment a text names; it is empty for none.
func (c Config) moment(typed string) string {
	now := c.Instant()
	at, err := state.ParseMoment(typed, now, c.Zone)
	if err != nil || !at.Before(now) || strings.Trim(typed, "0123456789") == "" { // digits alone are a part of an id rather
		return ""
	}
	return "A moment can be restored too, " + state.UTCSecond(at, now)
}

// usual is which sizes the snapshots of a list have.
type usual struct{ sizes ofList[state.Sizes] }

// among are the sizes of a list.
func (u *usual) among(all []state.Snapshot, now time.Time) state.Sizes {
	return u.sizes.of(all, func() state.Sizes { return state.SizesOf(all, now) })
}

// rowOf makes the rows of snapshots.
func rowOf(cfg Config, seen *Seen, sizes *usual) func(state.Snapshot) Row {
	return func(s state.Snapshot) Row {
		r := snapshotRow(s, cfg)
		if percent, small, _ := sizes.among(seen.Snapshots, cfg.Instant()).Small(s); small && r.Barred == "" {
			r.Warning = strings.TrimPrefix(r.Warning+fmt.Sprintf(", %d%% of usual size", percent), ", ")
		}
		return r
	}
}

const fallbackWarning = "This is a fallback snapshot, a last resort: its data may be inconsistent."

func snapshotRow(s state.Snapshot, cfg Config) Row {
	at, now, zone := s.When(), cfg.Instant(), cfg.Zone
	r := Row{ID: s.ID, Name: state.UTC(at, now), Passing: []string{state.Ago(at, now), expiry(s, now)}, Age: func() string { return state.Ago(at, cfg.Instant()) }, Cells: []string{
		state.Ago(at, now), state.UTC(at, now), local(at, zone), snapshotKind(s), state.Size(s.StorageSizeBytes), s.MongoDBVersion, s.Description, expiry(s, now),
	}}
	if zone != nil && at.In(zone).Day() != at.UTC().Day() {
		r.Passing = append(r.Passing, r.Cells[2]) // it has a day of its own: days are sought in UTC
	}
	if err := s.Usable(now); err != nil {
		r.Barred, r.Failed = err.Error(), strings.EqualFold(s.Status, "failed")
		r.Cells[4], r.Cells[7] = "", ""
		return r
	}
	if s.Fallback() {
		r.Warning = "last resort: may be inconsistent"
	}
	if s.IsSafety() {
		r.Aside = "a safety snapshot"
	}
	if s.ExpiresSoon(now) {
		// In whole hours: a warning that is short leaves room for the other cells.
		left := strings.Fields(state.Age(s.ExpiresAt.Sub(now)))
		soon := "expires in " + strings.Join(left[:2], " ")
		r.Warning = strings.TrimPrefix(r.Warning+", "+soon, ", ")
		r.Cells[7] = ""
		r.Passing = append(r.Passing, soon)
	}
	return r
}

// local is the time on the user's own clock, empty where that is UTC.
func local(at time.Time, zone *time.Location) string {
	if zone == nil {
		return ""
	}
	if _, offset := at.In(zone).Zone(); offset == 0 {
		return ""
	}
	return state.Local(at, zone, "15:04")
}

// SnapshotName tells a snapshot from the others: when it was taken, and in whose words.
func SnapshotName(s state.Snapshot, now time.Time) string {
	name := state.UTC(s.When(), now)
	if s.Description != "" {
		name += fmt.Sprintf(" (%s)", ansi.Truncate(s.Description, 40, "…"))
	}
	return name
}

func snapshotKind(s state.Snapshot) string {
	switch s.Kind {
	case "onDemand":
		return "on demand"
	case "scheduled":
		return s.Frequency
	}
	return s.Kind
}

func expiry(s state.Snapshot, now time.Time) string {
	if s.ExpiresAt.IsZero() {
		return ""
	}
	return state.FromNow(s.ExpiresAt, now)
}
