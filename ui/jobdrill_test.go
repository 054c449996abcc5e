package ui

import (
	"strings"
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/drill"
	"atlas-restore/state/record"
	"atlas-restore/state/watch"
	"atlas-restore/ui/steps"
)

// The checks of a drill are begun as soon as the end of its job is seen, once; the page says how they
// stand, and PASS only where all have passed.
func TestADrillIsCheckedOnItsPage(t *testing.T) {
	now := time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)
	for failed, word := range map[string]string{"": "PASS", drill.Collections: "FAIL"} {
		job := state.Job{ID: "6b0000000000000000000001", DeliveryType: state.Automated, TargetClusterName: "drill-1"}
		plan := state.Plan{Drill: true, Delivery: state.Automated, Cluster: state.Cluster{Name: "orders-prod"}, Snapshot: state.Snapshot{ID: "s1", CreatedAt: now.Add(-time.Hour)}, Target: state.Target{ClusterName: "drill-1"}}
		p := newJobPage(steps.Config{Now: func() time.Time { return now }}, steps.Job{Follow: watch.New(job, now), Plan: plan, Drill: &steps.Drilling{}}, func() bool { return false })
		p.Init(t.Context())
		p.ask(false)
		if p.drill.run.busy {
			t.Fatal("its checks are begun before its job has ended")
		}
		job.FinishedAt = now
		p.Update(loaded[watch.Sight]{owner: &p.look, gen: p.look.gen, value: watch.Sight{Job: job}})
		if view := p.View(styles{}, 80, 24); !p.drill.run.busy || !strings.Contains(view, "CHECKING") || strings.Contains(view, "PASS") {
			t.Fatalf("its checks are not begun: %v\n%s", p.drill.run.busy, view)
		}
		begun := p.drill.run.gen
		p.ask(false)
		p.Update(loaded[watch.Sight]{owner: &p.look, gen: p.look.gen, value: watch.Sight{Job: job}})
		if p.drill.run.gen != begun {
			t.Error("its checks are begun twice")
		}
		d := steps.Drilling{Standing: drill.Order{}.Begun()}
		for i, l := range d.Looks {
			d.Looks[i].Finding, d.Looks[i].Found = record.Passed, "as it should be"
			if l.Name == failed {
				d.Looks[i].Finding, d.Looks[i].Found = record.Failed, "shop has 8, and the snapshot names 9"
			}
		}
		d.Over, d.At = true, now
		p.Update(loaded[steps.Drilling]{owner: &p.drill.run, gen: p.drill.run.gen, value: d})
		for _, size := range [][2]int{{80, 24}, {57, 11}} {
			view := p.View(styles{}, size[0], size[1])
			if !strings.Contains(view, word) || word != "PASS" && strings.Contains(view, "PASS ") || !strings.Contains(view, "target") {
				t.Errorf("%v: not %s:\n%s", size, word, view)
			}
			if size[1] == 24 && failed != "" && (!strings.Contains(view, "FAILED") || !strings.Contains(view, "shop has 8, and the snapshot names 9")) {
				t.Errorf("what is wrong is not there:\n%s", view)
			}
		}
		if len(p.todo()) > 0 {
			t.Errorf("a drill leaves to do: %q", p.todo())
		}
	}
}
