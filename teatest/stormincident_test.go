package teatest_test

import (
	"bytes"
	"context"
	"io"
	"strings"
	"time"

	"atlas-restore/atlasclient/simulator"
	"atlas-restore/state"
	"atlas-restore/state/incident"
)

// losable is what storms drop and rename.
var losable = []string{"shop.orders", "shop.carts", "ledger.accounts", "risk.cases", "analytics.clicks", "web.sessions", "app.items", "audit.entries", "archive.clicks_2025"}

// missing is what a storm says that it looks for: mostly whatever was lost.
func (s *storm) missing() string {
	return oneOf(s, "", "", "", "shop", "orders", "nothing.such", oneOf(s, losable...), oneOf(s, garbage...))
}

// lose has a client drop, rename or delete what the cluster holds, of what is losable.
func (s *storm) lose(place string) {
	ago := simulator.Duration(time.Duration(s.dice.IntN(oneOf(s, 600, 20_000))) * time.Second)
	kind, slow := s.dice.IntN(4), s.chance(50)
	for _, name := range losable {
		database, _, _ := strings.Cut(name, ".")
		err := s.sim.Inject([]simulator.Inject{
			{Drop: &simulator.InjectDrop{Cluster: place, Namespace: name, Ago: ago}},
			{DropDatabase: &simulator.InjectDropDatabase{Cluster: place, Database: database, Ago: ago}},
			{Rename: &simulator.InjectRename{Cluster: place, From: name, To: database + ".elsewhere", Ago: ago}},
			{MassDelete: &simulator.InjectMassDelete{Cluster: place, Namespace: name, Documents: 1_000_000, Ago: ago, Slow: slow}},
		}[kind])
		if err == nil {
			s.note("%s is lost in %.60q", name, place)
			s.tally["lost"]++
			return
		}
	}
}

// proposed says whether what Enter took is what the search for a loss proposed on the screen, with
// the second or the snapshot as it was written there, and why.
func (s *screenStorm) proposed(was string, before, after state.Plan) bool {
	if !strings.Contains(was, "restore to before it") || after.Evidence.IsZero() || after.Project != before.Project || after.Cluster.ID != before.Cluster.ID || after.Target != before.Target {
		return false
	}
	now := s.cfg.Now()
	want := "Restore the snapshot of " + state.UTC(after.Snapshot.When(), now)
	if after.ByMoment() {
		want = state.UTCSecond(after.Instant.Time(), now)
	}
	return strings.Contains(flat(was), want)
}

// What tells when something was lost passes the gate like all else.

// Members implements incident.Source, as do the others.
func (g *gate) Members(ctx context.Context, c state.Cluster) ([]incident.Process, error) {
	return through(ctx, g, "members of "+c.Name, func(ctx context.Context) ([]incident.Process, error) { return g.atlas.Members(ctx, c) })
}

// Log implements incident.Source. The stream is read outside of the bubble.
func (g *gate) Log(ctx context.Context, projectID, host string, from, until time.Time) (io.ReadCloser, error) {
	return through(ctx, g, "log of "+host, func(ctx context.Context) (io.ReadCloser, error) {
		in, err := g.atlas.Log(ctx, projectID, host, from, until)
		if err != nil {
			return nil, err
		}
		defer func() { _ = in.Close() }()
		whole, err := io.ReadAll(in)
		return io.NopCloser(io.MultiReader(bytes.NewReader(whole), ending{err})), nil
	})
}

// ending is the end of a stream.
type ending struct{ err error }

// Read implements io.Reader.
func (f ending) Read([]byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	return 0, io.EOF
}

// Measurements implements incident.Source.
func (g *gate) Measurements(ctx context.Context, projectID, processID string, span incident.Span, counters ...string) ([]incident.Series, error) {
	return through(ctx, g, "counters of "+processID, func(ctx context.Context) ([]incident.Series, error) {
		return g.atlas.Measurements(ctx, projectID, processID, span, counters...)
	})
}

// Databases implements incident.Source.
func (g *gate) Databases(ctx context.Context, projectID, processID string) ([]string, error) {
	return through(ctx, g, "databases of "+processID, func(ctx context.Context) ([]string, error) { return g.atlas.Databases(ctx, projectID, processID) })
}

// DatabaseMeasurements implements incident.Source.
func (g *gate) DatabaseMeasurements(ctx context.Context, projectID, processID, database string, span incident.Span, counters ...string) ([]incident.Series, error) {
	return through(ctx, g, "counters of "+database, func(ctx context.Context) ([]incident.Series, error) {
		return g.atlas.DatabaseMeasurements(ctx, projectID, processID, database, span, counters...)
	})
}

// SnapshotDatabases implements incident.Source.
func (g *gate) SnapshotDatabases(ctx context.Context, c state.Cluster, id string) ([]string, error) {
	return through(ctx, g, "databases of snapshot "+id, func(ctx context.Context) ([]string, error) { return g.atlas.SnapshotDatabases(ctx, c, id) })
}

// SnapshotCollections implements incident.Source.
func (g *gate) SnapshotCollections(ctx context.Context, c state.Cluster, id, database string) ([]string, error) {
	return through(ctx, g, "collections of snapshot "+id, func(ctx context.Context) ([]string, error) {
		return g.atlas.SnapshotCollections(ctx, c, id, database)
	})
}

// Events implements incident.Source.
func (g *gate) Events(ctx context.Context, projectID, cluster string, since time.Time, types ...string) ([]incident.Noted, error) {
	return through(ctx, g, "events of "+projectID, func(ctx context.Context) ([]incident.Noted, error) {
		return g.atlas.Events(ctx, projectID, cluster, since, types...)
	})
}
