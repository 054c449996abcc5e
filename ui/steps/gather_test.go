package steps

import (
	"context"
	"sync"
	"testing"
	"time"

	"atlas-restore/state"
)

// meeting is an Atlas whose answers come once so many questions are asked at the same time,
// and that counts them.
type meeting struct {
	Atlas
	t       *testing.T
	mu      sync.Mutex
	missing int
	met     chan struct{}
	asked   map[string]int
}

func (m *meeting) meet(what string) {
	m.mu.Lock()
	m.asked[what]++
	if m.missing--; m.missing == 0 {
		close(m.met)
	}
	m.mu.Unlock()
	select {
	case <-m.met:
	case <-time.After(10 * time.Second):
		m.t.Errorf("%s is asked for by itself", what)
	}
}

func (m *meeting) Clusters(context.Context, string) ([]state.Cluster, error) {
	m.meet("clusters")
	return []state.Cluster{{ProjectID: project, Name: "orders-stg", State: "IDLE"}}, nil
}

func (m *meeting) Jobs(context.Context, state.Cluster) ([]state.Job, error) {
	m.meet("jobs")
	return nil, nil
}

func (m *meeting) Snapshot(context.Context, state.Cluster, string) (state.Snapshot, error) {
	m.meet("snapshot")
	return state.Snapshot{Status: "completed"}, nil
}

func (m *meeting) Roles(context.Context) (state.Roles, error) {
	m.meet("roles")
	return state.Roles{}, nil
}

func (m *meeting) Schedule(context.Context, state.Cluster) (state.Schedule, error) {
	m.meet("schedule")
	return state.Schedule{RestoreWindowDays: 7}, nil
}

func (m *meeting) BaseSnapshot(context.Context, state.Cluster, state.Instant) (state.Snapshot, error) {
	m.meet("base")
	return state.Snapshot{ID: "x"}, nil
}

func (m *meeting) Access(context.Context, string, string) (state.Access, error) {
	m.meet("access")
	return state.Access{}, nil
}

// All that the review says is asked for at once, in one round trip, and nothing of it twice;
// what was seen on the way is not asked for again.
func TestFactsInOneRoundTrip(t *testing.T) {
	instant := state.Instant{UTCSeconds: noon.Unix() - 60}
	for name, tc := range map[string]struct {
		change func(*Session)
		asks   int
	}{
		"automated": {func(*Session) {}, 4},
		"a moment":  {func(s *Session) { s.Plan.Delivery, s.Plan.Instant = state.PointInTime, instant }, 5},
		"a moment, its window known": {func(s *Session) {
			s.Plan.Delivery, s.Plan.Instant = state.PointInTime, instant
			s.Seen.Past = &Past{Of: "/orders"}
		}, 4},
		"a download": {func(s *Session) { s.Plan.Delivery = state.Download }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := onReview(Config{}, nil)
			s.Seen.Snapshots = []state.Snapshot{{ID: "x"}}
			tc.change(s)
			m := &meeting{t: t, missing: tc.asks, met: make(chan struct{}), asked: map[string]int{}}
			s.Cfg.Atlas = m
			gather := s.Gather()
			if gather == nil {
				t.Fatal("nothing is looked at")
			}
			var parts []state.Facts
			s.Gathered(gather(state.WithPart(t.Context(), func(f state.Facts) { parts = append(parts, f) })))
			for what, n := range m.asked {
				if n != 1 {
					t.Errorf("%s was asked for %d times", what, n)
				}
			}
			if len(m.asked) != tc.asks || state.Awaited(s.checks) != nil {
				t.Errorf("asked for %v, checks %v", m.asked, s.checks)
			}
			if len(parts) < tc.asks {
				t.Errorf("%d parts of %d looks", len(parts), tc.asks)
			}
			if s.Gather() != nil {
				t.Error("all is looked at once more")
			}
		})
	}
}

// While anything is awaited nothing is confirmed, whatever is known already.
func TestAwaitedIsNotConfirmed(t *testing.T) {
	s := onReview(Config{Accept: []string{"all"}}, nil)
	s.Gathered(state.Facts{Plan: s.Plan, Now: noon, Awaited: state.LookJobs, Snapshot: state.Snapshot{Status: "completed"}, Target: state.Cluster{Name: "orders-stg", State: "IDLE"}})
	if s.Confirm("orders-stg") != nil {
		t.Error("confirmed while a look is awaited")
	}
	if s.Gather() == nil {
		t.Error("what is awaited is not looked at")
	}
}
