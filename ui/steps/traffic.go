package steps

import (
	"context"
	"slices"
	"sync"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/incident"
)

// recent is how far back the counters of a target are asked for.
const recent = 10 * time.Minute

// The events that tell whether Atlas is behind with an oplog.
const (
	eventBehind   = "CPS_OPLOG_BEHIND"
	eventCaughtUp = "CPS_OPLOG_CAUGHT_UP"
)

// traffic reads what the primaries of a cluster have done in the last minutes.
func traffic(ctx context.Context, atlas Atlas, c state.Cluster, now time.Time) (state.Traffic, error) {
	members, err := atlas.Members(ctx, c)
	if err != nil {
		return state.Traffic{}, err //nolint:wrapcheck // the check says what was looked at
	}
	members = slices.DeleteFunc(slices.Clone(members), func(p incident.Process) bool { return !p.Primary() })
	span := incident.Span{From: now.Add(-recent).Truncate(time.Minute), Until: now.Truncate(time.Minute), Grain: time.Minute}
	all, errs := make([][]incident.Series, len(members)), make([]error, len(members))
	var wait sync.WaitGroup
	for i, m := range members {
		wait.Go(func() {
			all[i], errs[i] = atlas.Measurements(ctx, c.ProjectID, m.ID, span, "CONNECTIONS", "OPCOUNTER_INSERT", "OPCOUNTER_UPDATE", "OPCOUNTER_DELETE")
		})
	}
	wait.Wait()
	var out state.Traffic
	for i := range members {
		if errs[i] != nil {
			return state.Traffic{}, errs[i]
		}
		if !add(&out, all[i]) {
			return state.Traffic{}, &state.UnreadableError{Why: "Atlas has no values of the last minutes"}
		}
	}
	if len(members) == 0 {
		return out, &state.UnreadableError{Why: "Atlas names no primary of it"}
	}
	return out, nil
}

// add adds what a primary has counted; false where a counter has no value.
func add(t *state.Traffic, all []incident.Series) bool {
	told := 0
	for _, s := range all {
		known := slices.DeleteFunc(slices.Clone(s.Points), func(p incident.Point) bool { return !p.Known })
		if len(known) == 0 {
			continue
		}
		told++
		if s.Name == "CONNECTIONS" {
			t.Connections += known[len(known)-1].Value
			continue
		}
		sum := 0.0
		for _, p := range known {
			sum += p.Value
		}
		t.Writes += sum / float64(len(known))
		t.Span = max(t.Span, time.Duration(len(known))*s.Grain)
	}
	return told == 4
}

// behind is since when Atlas is behind with the oplog of a cluster; zero where it is not.
func behind(noted []incident.Noted) time.Time {
	var last incident.Noted
	for _, n := range noted {
		if (n.Type == eventBehind || n.Type == eventCaughtUp) && (n.At.After(last.At) || n.At.Equal(last.At) && n.Type == eventBehind) {
			last = n
		}
	}
	if last.Type != eventBehind {
		return time.Time{}
	}
	since := last.At
	for _, n := range noted { // it may be told again while it goes on
		between := func(c incident.Noted) bool { return c.Type == eventCaughtUp && !c.At.Before(n.At) }
		if n.Type == eventBehind && n.At.Before(since) && !slices.ContainsFunc(noted, between) {
			since = n.At
		}
	}
	return since
}

// lagOf names the question whether Atlas is behind.
func lagOf(c state.Cluster) string { return "oplog events of " + sourceName(c) }

// lag are the events of the last days that tell whether Atlas is behind with an oplog. They may
// have been asked for ahead.
func (c Config) lag(ctx context.Context, of state.Cluster) ([]incident.Noted, error) {
	call := func(ctx context.Context) ([]incident.Noted, error) { return lagged(ctx, c.Atlas, of, c.Now()) }
	if w, ok := c.Walk().(*walk); ok {
		return ask(ctx, w, lagOf(of), call)
	}
	return call(ctx)
}

func lagged(ctx context.Context, atlas Atlas, of state.Cluster, now time.Time) ([]incident.Noted, error) {
	return atlas.Events(ctx, of.ProjectID, of.Name, now.Add(-7*24*time.Hour), eventBehind, eventCaughtUp) //nolint:wrapcheck // the check says what was looked at
}
