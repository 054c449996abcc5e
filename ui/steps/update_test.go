package steps

import (
	"errors"
	"fmt"
	"strings"
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

// What was seen of a job is told as old, in words, as soon as a look was not answered or its answer is late:
// wherever it stands, and until one is answered. What has ended stays as it was seen.
func TestWhatIsNotSeenAnewIsToldAsOld(t *testing.T) {
	now := time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)
	asked := now.Add(-10 * time.Minute)
	id := fmt.Sprintf("%08x", asked.Unix()) + "e3a4b5c6d7e8f903"
	silent := errors.New("no answer")
	ready := state.Job{ID: id, DeliveryType: state.Download, ExpiresAt: now.Add(time.Hour), Deliveries: []state.Delivery{{URL: state.NewSecret("https://a.test/1")}}}
	runs := state.Job{ID: id, DeliveryType: state.Automated, TargetClusterName: "orders-b"}
	ended := runs
	ended.FinishedAt = now.Add(-2 * time.Minute)
	saw := func(job state.Job, ago time.Duration) *watch.Follow {
		f := watch.New(job, asked)
		f.Saw(job, now.Add(-ago))
		return f
	}
	failed := func(f *watch.Follow) *watch.Follow {
		f.Failed(silent, now)
		return f
	}
	for name, c := range map[string]struct {
		f                    *watch.Follow
		pace                 float64
		word, ago, says, sum string // says: in an update
		json                 string
	}{
		"just seen":                  {saw(runs, time.Second), 1, "RUNNING", "", ": running for 10 min", ": running.", ""},
		"not answered":               {failed(saw(runs, 2*time.Minute)), 1, "RUNNING when last seen", ", 2 min ago", ": running when last seen, at 23 Nov 14:29 UTC", ": running when last seen, at 23 Nov 14:29 UTC.", "2026-11-23T14:29:00Z"},
		"late":                       {saw(runs, 2*time.Minute), 1, "RUNNING when last seen", ", 2 min ago", ": running when last seen, at 23 Nov 14:29 UTC", ": running when last seen, at 23 Nov 14:29 UTC.", "2026-11-23T14:29:00Z"},
		"late by a clock that races": {saw(runs, 2*time.Minute), 20, "RUNNING", "", ": running for 10 min", ": running.", ""},
		"never answered":             {failed(watch.New(runs, asked)), 1, "NO ANSWER YET", ", asked 10 min ago", ": asked for, and no look at it was answered yet", ": asked for, and no look at it was answered yet.", ""},
		"ready":                      {saw(ready, time.Second), 1, "READY", "", ": ready to be fetched", ": ready.", ""},
		"ready, not answered":        {failed(saw(ready, 2*time.Minute)), 1, "READY when last seen", ", 2 min ago", ": ready when last seen, at 23 Nov 14:29 UTC.", ": ready when last seen, at 23 Nov 14:29 UTC.", "2026-11-23T14:29:00Z"},
		"completed, not answered":    {failed(saw(ended, 2*time.Minute)), 1, "COMPLETED", "", ": completed at 23 Nov 14:29 UTC", ": completed.", ""},
		"answered again": {func() *watch.Follow {
			f := failed(saw(runs, 2*time.Minute))
			f.Saw(runs, now)
			return f
		}(), 1, "RUNNING", "", ": running for 10 min", ": running.", ""},
	} {
		cfg := Config{Pace: c.pace, Now: func() time.Time { return now }}
		p := state.Plan{Cluster: state.Cluster{Name: "orders-prod"}, Delivery: c.f.Job.DeliveryType, Target: state.Target{ClusterName: "orders-b"}}
		j := Job{Follow: c.f, Plan: p}
		word, role := Standing(cfg, j, now)
		if ago := LastSeen(cfg, j, now); word != c.word || ago != c.ago || (role == Caution) != (ago != "") {
			t.Errorf("%s: %q, %q, role %d", name, word, ago, role)
		}
		if brief, _ := Brief(cfg, j, now); !strings.Contains(brief, c.ago) || c.ago != "" && !strings.Contains(brief, c.word) {
			t.Errorf("%s: in brief: %q", name, brief)
		}
		if got := Update(cfg, j, now); !strings.Contains(got, c.says) {
			t.Errorf("%s: an update: %q", name, got)
		}
		below := fmt.Sprint(JobClauses(cfg, j, false, now))
		if presently := strings.Contains(below, "until Atlas has finished"); presently != (c.ago == "" && !j.State(now).Ended() && j.Plan.Delivery.Overwrites()) {
			t.Errorf("%s: below the headline: %s", name, below)
		}
		s := &Session{Cfg: cfg}
		sum := s.summary(&errand{Plan: p, Follow: c.f})
		if !strings.Contains(sum.Text(), c.sum) || c.ago != "" && strings.Contains(sum.Text(), "It goes on") {
			t.Errorf("%s: the summary: %s", name, sum.Text())
		}
		seen := ""
		if at := sum.Result().Job.LastSeenAt; at != nil {
			seen = at.Format(time.RFC3339)
		}
		if seen != c.json {
			t.Errorf("%s: the result says it was seen at %q", name, seen)
		}
	}
}
