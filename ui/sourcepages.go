package ui

import (
	"context"
	"fmt"
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	"github.com/charmbracelet/x/ansi"
	"github.com/dustin/go-humanize"

	"atlas-restore/state"
)

// newProjectPage asks for the project whose cluster is to be restored from.
func newProjectPage(cfg Config, plan state.Plan, keep func([]state.Project)) page {
	return &listPage[state.Project]{
		what: "Loading the projects",
		ask:  cfg.Atlas.Projects,
		row: func(p state.Project) row {
			r := row{id: p.ID, name: p.Name, cells: []string{p.Name, state.Count(p.ClusterCount, "cluster"), p.ID}}
			if p.ClusterCount == 0 {
				r.barred = "no clusters"
				r.cells[1] = ""
			}
			return r
		},
		choose: func(p state.Project) result { return projectChosen{p} },
		meaning: func(p state.Project, ok bool) string {
			if !ok {
				return "Choose the project of the cluster whose data you want back."
			}
			return fmt.Sprintf("Next: the clusters of %s. Nothing is changed before you confirm at the end.", p.Name)
		},
		keep:  keep,
		first: true,
		pick:  newPicker("project", "", column{}, column{rank: 1}, column{rank: 2}),
		want:  plan.Project.ID,
	}
}

// newClusterPage asks for the cluster whose backup is to be restored.
func newClusterPage(cfg Config, plan state.Plan, keep func([]state.Cluster)) page {
	project := plan.Project
	return &listPage[state.Cluster]{
		what: "Loading the clusters of " + project.Name,
		ask:  func(ctx context.Context) ([]state.Cluster, error) { return cfg.Atlas.Clusters(ctx, project.ID) },
		row: func(c state.Cluster) row {
			r := row{id: c.Name, name: c.Name, cells: []string{
				c.Name, c.InstanceSize, c.MongoDBVersion, topology(c), pointInTime(c), diskSize(c), c.Provider + " " + c.Region,
			}}
			if err := c.Restorable(); err != nil {
				r.barred = err.Error()
				r.cells[4] = ""
			}
			if c.Paused {
				r.warning = "paused"
			}
			return r
		},
		choose: func(c state.Cluster) result { return clusterChosen{c} },
		meaning: func(c state.Cluster, ok bool) string {
			if !ok {
				return "Choose the cluster whose backup holds the data. What it is restored onto is asked later."
			}
			return fmt.Sprintf("Next: the snapshots of %s. It is only read from, unless you choose it as the target later.", c.Name)
		},
		keep: keep,
		pick: newPicker("cluster", "", column{}, column{rank: 2}, column{rank: 1}, column{rank: 3}, column{rank: 4}, column{rank: 5, right: true}, column{rank: 6}),
		want: plan.Cluster.Name,
	}
}

func topology(c state.Cluster) string {
	if c.Type.IsSharded() {
		return state.Count(c.Shards, "shard")
	}
	return c.Type.Words()
}

func pointInTime(c state.Cluster) string {
	if c.PITEnabled {
		return "point in time"
	}
	return "snapshots only"
}

func diskSize(c state.Cluster) string {
	if c.DiskSizeGB == 0 {
		return ""
	}
	return fmt.Sprintf("%g GB disk", c.DiskSizeGB)
}

// newSnapshotPage asks which state of the data is wanted: a snapshot, or (tab) any
// moment where the cluster keeps its oplog.
func newSnapshotPage(cfg Config, plan state.Plan, keep func([]state.Snapshot)) page {
	cluster := plan.Cluster
	p := &listPage[state.Snapshot]{
		what:   "Loading the snapshots of " + cluster.Name,
		ask:    func(ctx context.Context) ([]state.Snapshot, error) { return cfg.Atlas.Snapshots(ctx, cluster) },
		row:    func(s state.Snapshot) row { return snapshotRow(s, cfg) },
		choose: func(s state.Snapshot) result { return snapshotChosen{s} },
		meaning: func(s state.Snapshot, ok bool) string {
			now := cfg.Now()
			if !ok || s.Usable(now) != nil {
				return "Choose the snapshot that holds the data as you want it back."
			}
			return fmt.Sprintf("Everything written to %s after %s (%s) is not in it.", cluster.Name, snapshotName(s, now), state.Age(now.Sub(s.When())))
		},
		keep: keep,
		pick: newPicker("snapshot", "newest first", column{right: true}, column{}, column{rank: 6}, column{rank: 3}, column{rank: 2, right: true}, column{rank: 5}, column{rank: 4, flex: true}, column{rank: 7}),
		want: plan.Snapshot.ID,
	}
	if cluster.PITEnabled {
		p.extra = map[string]result{"tab": momentChosen{}}
		p.keys = []key.Binding{keyMoment()}
	}
	return p
}

func snapshotRow(s state.Snapshot, cfg Config) row {
	at, now, zone := s.When(), cfg.Now(), cfg.Zone
	r := row{id: s.ID, name: state.UTC(at, now), age: func() string { return state.Ago(at, cfg.Now()) }, cells: []string{
		state.Ago(at, now), state.UTC(at, now), local(at, zone), snapshotKind(s), size(s.StorageSizeBytes), s.MongoDBVersion, s.Description, expiry(s, now),
	}}
	if err := s.Usable(now); err != nil {
		r.barred = err.Error()
		r.cells[4], r.cells[7] = "", ""
		return r
	}
	if s.Kind == "fallback" {
		r.warning = "last resort: may be inconsistent"
	}
	if s.ExpiresSoon(now) {
		// In whole hours: a warning that is short leaves room for the other cells.
		left := strings.Fields(state.Age(s.ExpiresAt.Sub(now)))
		r.warning = strings.TrimPrefix(r.warning+", expires in "+strings.Join(left[:2], " "), ", ")
		r.cells[7] = ""
	}
	return r
}

// local is the time on the user's own clock, empty where that is UTC.
func local(at time.Time, zone *time.Location) string {
	if _, offset := at.In(zone).Zone(); offset == 0 {
		return ""
	}
	return state.Local(at, zone, "15:04")
}

// snapshotName tells a snapshot from the others: when it was taken, and in whose words.
func snapshotName(s state.Snapshot, now time.Time) string {
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

func size(n int64) string {
	if n <= 0 {
		return "–"
	}
	return humanize.Bytes(uint64(n))
}

func expiry(s state.Snapshot, now time.Time) string {
	if s.ExpiresAt.IsZero() {
		return ""
	}
	return "expires " + state.Ago(s.ExpiresAt, now)
}
