package steps

import (
	"context"
	"errors"
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/incident"
)

// counting is an Atlas that tells of a sharded cluster's primaries.
type counting struct {
	Atlas
	lacks string // a counter without a value
	fails error
}

func (c counting) Members(context.Context, state.Cluster) ([]incident.Process, error) {
	return []incident.Process{{ID: "a", Type: "SHARD_PRIMARY"}, {ID: "b", Type: "SHARD_SECONDARY"}, {ID: "c", Type: "SHARD_PRIMARY"}}, nil
}

func (c counting) Measurements(_ context.Context, _, id string, span incident.Span, counters ...string) ([]incident.Series, error) {
	if id == "b" || c.fails != nil {
		return nil, c.fails
	}
	var out []incident.Series
	for _, name := range counters {
		s := incident.Series{Name: name, Grain: span.Grain, Points: []incident.Point{{At: span.From}}} // the first of a rate is never known
		for at := span.From.Add(span.Grain); at.Before(span.Until) && name != c.lacks; at = at.Add(span.Grain) {
			s.Points = append(s.Points, incident.Point{At: at, Value: map[string]float64{"CONNECTIONS": 20, "OPCOUNTER_INSERT": 3}[name], Known: true})
		}
		out = append(out, s)
	}
	return out, nil
}

// The figures are of all primaries together; a value that is not told is never taken for none.
func TestTraffic(t *testing.T) {
	now := time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)
	got, err := traffic(t.Context(), counting{}, state.Cluster{}, now)
	if want := (state.Traffic{Connections: 40, Writes: 6, Span: 9 * time.Minute}); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	for name, c := range map[string]counting{"a counter without a value": {lacks: "OPCOUNTER_DELETE"}, "no answer": {fails: errors.New("reset")}} {
		if got, err := traffic(t.Context(), c, state.Cluster{}, now); err == nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// Atlas is behind from the first event that says so until one that says that it has caught up.
func TestBehind(t *testing.T) {
	at := func(minute int, kind string) incident.Noted {
		return incident.Noted{Type: kind, At: time.Date(2026, 11, 23, 14, minute, 0, 0, time.UTC)}
	}
	for name, c := range map[string]struct {
		noted []incident.Noted
		want  int // the minute; -1 for not
	}{
		"nothing":          {nil, -1},
		"behind":           {[]incident.Noted{at(5, eventBehind)}, 5},
		"told again":       {[]incident.Noted{at(9, eventBehind), at(5, eventBehind), at(3, eventCaughtUp), at(1, eventBehind)}, 5},
		"caught up":        {[]incident.Noted{at(9, eventCaughtUp), at(5, eventBehind)}, -1},
		"another event":    {[]incident.Noted{at(9, "CPS_RESTORE_REQUESTED_AUDIT"), at(5, eventBehind)}, 5},
		"of one instant":   {[]incident.Noted{at(5, eventCaughtUp), at(5, eventBehind)}, 5},
		"only caught up":   {[]incident.Noted{at(5, eventCaughtUp)}, -1},
		"in another order": {[]incident.Noted{at(5, eventBehind), at(9, eventCaughtUp)}, -1},
	} {
		got := behind(c.noted)
		if c.want < 0 && !got.IsZero() || c.want >= 0 && (got.IsZero() || got.Minute() != c.want) {
			t.Errorf("%s: behind since %v", name, got)
		}
	}
}
