package steps

import (
	"context"
	"fmt"
	"sync"
	"time"

	"atlas-restore/state"
)

// Rest is how long the highlight of the first page has to rest on a cluster before more is
// looked up of it: nobody's request is made for a row that is only passed.
const Rest = 400 * time.Millisecond

// Glance is what is looked up of a cluster on which the highlight rests.
type Glance struct {
	Of       string          // its project's id and its name
	Clusters []state.Cluster // of its project; nil where they were known, or could not be read
	Cluster  state.Cluster   // as its project's own list has it
	Newest   state.Snapshot  // the newest complete one; without an id where there is none
	Days     int             // for how long any moment can be had; 0 where none can
	Err      error           // why nothing of that is known
}

// GlanceOf names what a glance is of.
func GlanceOf(f state.Found) string { return f.Project.ID + "/" + f.Cluster.Name }

// LoadGlance looks up a cluster; known are the clusters of its project, if those were seen.
func LoadGlance(ctx context.Context, cfg Config, f state.Found, known []state.Cluster) Glance {
	g := Glance{Of: GlanceOf(f)}
	all := known
	if all == nil {
		if all, g.Err = cfg.Atlas.Clusters(ctx, f.Project.ID); g.Err != nil {
			return g
		}
		g.Clusters = all
	}
	for _, c := range all {
		if c.Name == f.Cluster.Name {
			g.Cluster = c
		}
	}
	if g.Cluster.Name == "" || g.Cluster.Restorable() != nil {
		return g
	}
	var both sync.WaitGroup
	var schedule state.Schedule
	var failed error
	if g.Cluster.PITEnabled {
		both.Go(func() { schedule, failed = cfg.Atlas.Schedule(ctx, g.Cluster) })
	}
	g.Newest, g.Err = newest(ctx, cfg, g.Cluster)
	both.Wait()
	if g.Err == nil {
		g.Err = failed
	}
	g.Days = schedule.RestoreWindowDays
	return g
}

// newest is a cluster's newest snapshot that can be restored: where any moment can be had Atlas
// tells it by itself.
func newest(ctx context.Context, cfg Config, c state.Cluster) (state.Snapshot, error) {
	if c.PITEnabled {
		return cfg.Atlas.BaseSnapshot(ctx, c, state.Instant{UTCSeconds: cfg.Now().Unix()}) //nolint:wrapcheck // it says what was asked
	}
	all, err := cfg.Atlas.Snapshots(ctx, c)
	var newest state.Snapshot
	for _, s := range all {
		if s.Usable(cfg.Now()) == nil && (newest.ID == "" || s.When().After(newest.When())) {
			newest = s
		}
	}
	return newest, err //nolint:wrapcheck // the same
}

// Words say what a glance has seen.
func (g Glance) Words(now time.Time) string {
	if g.Err != nil {
		return "What its backups offer could not be looked up: " + state.Why(g.Err)
	}
	if g.Cluster.Name == "" {
		return "Its project does not list it any more."
	}
	newest := "No snapshot that can be restored yet"
	if g.Newest.ID != "" {
		newest = "Newest snapshot " + state.UTC(g.Newest.When(), now)
	}
	if g.Days > 0 {
		return fmt.Sprintf("%s · any moment of the last %s, as far as its snapshots reach.", newest, state.Count(g.Days, "day"))
	}
	return newest + " · point-in-time restore is off."
}
