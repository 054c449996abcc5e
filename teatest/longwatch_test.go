//go:build unix

package teatest_test

import (
	"context"
	"io"
	"runtime"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/journal"
	"atlas-restore/ui/lines"
	"atlas-restore/ui/steps"
)

// stuck is an Atlas whose one job never ends; now and then it cannot be reached.
type stuck struct {
	steps.Atlas
	looks int
}

func (s *stuck) Job(context.Context, state.Cluster, string) (state.Job, error) {
	s.looks++
	if s.looks%50 < 10 { // ten in a row
		return state.Job{}, &state.AtlasError{Status: 503}
	}
	return state.Job{ID: "65f0c1d2e3a4b5c6d7e8f901", DeliveryType: state.Automated}, nil
}

func (s *stuck) Jobs(context.Context, state.Cluster) ([]state.Job, error) { return nil, nil }

// A job that never ends is followed for a day: few requests, little work, no more memory.
func TestDayOfWatching(t *testing.T) {
	t.Parallel()
	var atlas stuck
	var before, after syscall.Rusage
	var held [2]runtime.MemStats
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 24*time.Hour)
		defer cancel()
		runtime.GC()
		runtime.ReadMemStats(&held[0])
		_ = syscall.Getrusage(syscall.RUSAGE_SELF, &before)
		sum := lines.Run(ctx, steps.Config{
			Atlas: &atlas, Journal: &journal.InMemory{}, Mode: steps.Live, Now: time.Now, Zone: time.UTC, Pace: 1,
			Resume: &journal.Submission{JobID: "65f0c1d2e3a4b5c6d7e8f901", Last: journal.Created, Entry: journal.Entry{
				ID: "x", ClusterName: "orders-prod", Body: state.Request{DeliveryType: state.Automated, TargetClusterName: "orders-stg"},
			}},
		}, lines.IO{Out: io.Discard})
		_ = syscall.Getrusage(syscall.RUSAGE_SELF, &after)
		if sum.Outcome != state.OutcomeRunning {
			t.Errorf("it ended as %s", sum.Outcome)
		}
	})
	runtime.GC()
	runtime.ReadMemStats(&held[1])
	if atlas.looks < 4000 || atlas.looks > 5000 {
		t.Errorf("%d requests in a day", atlas.looks)
	}
	grown := int64(held[1].HeapAlloc) - int64(held[0].HeapAlloc)
	used := time.Duration(after.Utime.Nano() - before.Utime.Nano())
	t.Logf("%d requests, %v of CPU time in this process, %d KiB more held", atlas.looks, used.Round(time.Millisecond), grown/1024)
}
