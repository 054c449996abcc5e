package steps

import (
	"testing"
	"time"

	"atlas-restore/state"
)

// What is found of a long list is found once for it, and not for each frame or key.
func TestFoundOncePerList(t *testing.T) {
	now := time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)
	one, other := make([]state.Snapshot, 3), make([]state.Snapshot, 3)
	var found ofList[int]
	n := 0
	find := func() int { n++; return n }
	for i, tt := range []struct {
		list []state.Snapshot
		want int
	}{{one, 1}, {one, 1}, {one[:2], 2}, {other, 3}, {other, 3}, {nil, 4}, {nil, 4}} {
		if got := found.of(tt.list, find); got != tt.want {
			t.Errorf("question %d is answered by look %d, want %d", i, got, tt.want)
		}
	}
	seen := Nothing()
	seen.Snapshots = []state.Snapshot{
		{ID: "b", Status: "completed", CreatedAt: now.Add(-time.Hour), ExpiresAt: now.Add(time.Hour)},
		{ID: "a", Status: "completed", CreatedAt: now.Add(-2 * time.Hour)},
	}
	if a, b := seen.TicksOf(seen.Snapshots, now), seen.TicksOf(seen.Snapshots, now); &a[0] != &b[0] {
		t.Error("the ticks of a list are made twice")
	}
	for _, tt := range []struct { // the clock goes on, and never back
		at   time.Duration
		want string
	}{{0, "b"}, {2 * time.Hour, "a"}} { // by then b has expired
		if got := seen.newestOf(now.Add(tt.at)); got.ID != tt.want {
			t.Errorf("after %v the newest is %q, want %q", tt.at, got.ID, tt.want)
		}
	}
}
