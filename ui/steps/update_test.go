package steps

import (
	"fmt"
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/journal"
	"atlas-restore/state/watch"
)

// Whoever reads an update in a channel knows what is restored onto what, how far it is, and when more
// is known. It never says more than was seen.
func TestUpdate(t *testing.T) {
	now := time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)
	asked := now.Add(-3 * time.Minute)
	p := state.Plan{Cluster: state.Cluster{Name: "orders-prod"}, Delivery: state.PointInTime, Instant: state.Instant{UTCSeconds: now.Add(-28*time.Minute).Unix() - 2}, Target: state.Target{ClusterName: "orders-b"}}
	id := fmt.Sprintf("%08x", asked.Unix()) + "e3a4b5c6d7e8f903"
	took := journal.Submission{Entry: journal.Entry{Endpoint: "e", ClusterName: "orders-prod", Body: state.Request{DeliveryType: state.PointInTime}, Time: asked}, JobID: id, Last: journal.Created, Status: "completed", EndAt: asked.Add(4 * time.Minute)}
	begin := "23 Nov 14:31 UTC restore of orders-prod onto orders-b as of 23 Nov 14:02:58 UTC"
	for name, c := range map[string]struct {
		change func(*watch.Follow)
		cfg    Config
		want   string
	}{
		"running":        {func(*watch.Follow) {}, Config{}, begin + ": running for 3 min; next look in 20 s."},
		"usual":          {func(*watch.Follow) {}, Config{Endpoint: "e", History: []journal.Submission{took}}, begin + ": running for 3 min, usually 4 min; next look in 20 s."},
		"completed":      {func(f *watch.Follow) { f.Job.FinishedAt = now }, Config{}, begin + ": completed at 23 Nov 14:31 UTC. The data still have to be looked at."},
		"failed":         {func(f *watch.Follow) { f.Job.FinishedAt, f.Job.Failed = now, true }, Config{}, begin + ": FAILED at 23 Nov 14:31 UTC."},
		"not looked at":  {func(f *watch.Follow) { f.Unseen = true }, Config{}, begin + ": how it stands is not known, no look at it was answered."},
		"another beside": {func(f *watch.Follow) { f.Others = []state.Other{{}} }, Config{}, begin + ": running, and another restore job was seen beside this one, so that whose data orders-b holds is not certain."},
		"training":       {func(*watch.Follow) {}, Config{Mode: Training}, "TRAINING, " + begin + ": running for 3 min; next look in 20 s."},
	} {
		f := &watch.Follow{Job: state.Job{ID: id, DeliveryType: state.PointInTime}, NextAt: now.Add(20 * time.Second)}
		c.change(f)
		if got := Update(c.cfg, Job{Follow: f, Plan: p}, now); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, c.want)
		}
	}
}
