package ui

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"atlas-restore/state"
	"atlas-restore/ui/steps"
)

var benchNow = time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)

// fixedAtlas answers nothing: the benchmarks hand the pages their answers.
type fixedAtlas struct{ steps.Atlas }

// snapshotScreen is the wizard on the snapshot page with n snapshots listed.
func snapshotScreen(n int) *Root {
	r := New(context.Background(), steps.Config{Atlas: fixedAtlas{}, Mode: steps.Training, Now: func() time.Time { return benchNow }, Zone: time.UTC, Pace: 1})
	r.enter()
	r.take(answered{func(p state.Plan) state.Plan {
		return p.WithProject(state.Project{ID: "65f0c1d2e3a4b5c6d7e8f901", Name: "Payments"})
	}})
	r.take(answered{func(p state.Plan) state.Plan {
		return p.WithCluster(state.Cluster{Name: "orders-prod", PITEnabled: true})
	}})
	r.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	p := r.page().(*snapshotsPage)
	all := make([]state.Snapshot, n)
	for i := range all {
		at := benchNow.Add(-time.Duration(i) * time.Hour)
		all[i] = state.Snapshot{
			ID: fmt.Sprintf("%08x%016x", at.Unix(), i), Status: "completed", Kind: "scheduled", Frequency: "hourly", CreatedAt: at,
			ExpiresAt: benchNow.AddDate(1, 0, 0), StorageSizeBytes: 3_900_000_000 + int64(i), MongoDBVersion: "8.0.29",
		}
	}
	r.Update(loaded[[]state.Snapshot]{owner: &p.load, gen: p.load.gen, value: all})
	r.Update(shownMsg{p.pick, p.pick.gen})
	p.seen.Past = &steps.Past{Of: "/orders-prod", Schedule: state.Schedule{RestoreWindowDays: 7}}
	r.View()
	return r
}

// A key, from the message to the changed screen, with 10,000 snapshots listed. The
// frame of a 60 Hz terminal is 16.7 ms.
func BenchmarkKey(b *testing.B) {
	for _, n := range []int{100, 10_000, 100_000} {
		for name, keys := range map[string][]tea.KeyPressMsg{
			"move":   {{Code: tea.KeyDown}},
			"filter": {{Code: '1', Text: "1"}, {Code: '2', Text: "2"}, {Code: tea.KeyBackspace}, {Code: tea.KeyBackspace}},
		} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				r := snapshotScreen(n)
				for i := 0; b.Loop(); i++ {
					r.Update(keys[i%len(keys)])
					r.View()
				}
			})
		}
	}
}

// The memory that the wizard holds with 10,000 snapshots listed.
func BenchmarkMemory(b *testing.B) {
	for b.Loop() {
		runtime.GC()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		r := snapshotScreen(10_000)
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/(1<<20), "MiB-held")
		b.ReportMetric(float64(after.Sys)/(1<<20), "MiB-process")
		runtime.KeepAlive(r)
	}
}

// What the screen stands still for when a list has come: from the message to the frame.
func BenchmarkListed(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			r := snapshotScreen(n)
			p := r.page().(*snapshotsPage)
			for b.Loop() {
				p.load.busy = true
				r.Update(loaded[[]state.Snapshot]{owner: &p.load, gen: p.load.gen, value: p.load.value})
				r.View()
			}
		})
	}
}
