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

// manyNames is the page with 20,000 collections in 500 databases, all of them opened.
func manyNames() *collectionsPage {
	cfg := steps.Config{Now: time.Now}
	p := newCollectionsPage(cfg, state.Plan{Snapshot: state.Snapshot{ID: "6925c1d2e3a4b5c6d7e8f903"}}, state.Snapshot{ID: "6925c1d2e3a4b5c6d7e8f903"}, steps.Nothing())
	p.ctx = context.Background()
	var names []string
	for i := range 500 {
		names = append(names, fmt.Sprintf("tenant_%03d", i))
	}
	p.tree = p.tree.Have(names)
	for _, db := range names {
		var all []string
		for i := range 40 {
			all = append(all, fmt.Sprintf("orders_%02d", i))
		}
		p.tree = p.tree.Opened(db, all)
		p.tree.Shown[db] = true
	}
	p.tree = p.tree.Toggled(names[0], true)
	p.settle(p.rows(""))
	return p
}

// settle has the page take what its commands bring, as far as they bring it at once.
func (p *collectionsPage) settle(cmd tea.Cmd) {
	for cmd != nil {
		msg := cmd()
		if _, ok := msg.(tea.BatchMsg); ok {
			for _, c := range msg.(tea.BatchMsg) {
				p.settle(c)
			}
			return
		}
		_, cmd = p.Update(msg)
	}
}

// BenchmarkManyNames is a key on the page with 20,000 collections, and the frame that it is seen
// in: it must not take longer than a frame of 60 Hz, 16.7 ms. The page holds less than 20 MiB more
// than an empty one.
//
//	go test ./ui -run '^$' -bench ManyNames
func BenchmarkManyNames(b *testing.B) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	p := manyNames()
	s := newStyles(look{})
	runtime.GC()
	runtime.ReadMemStats(&after)
	for name, k := range map[string]string{"down": "down", "mark": "space", "type": "4", "close": "left"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				_, cmd := p.Update(keyPress(k))
				_ = p.View(s, 80, 18)
				b.StopTimer()
				p.settle(cmd)
				if k == "4" {
					p.settle(p.pick.retype(""))
				}
				if k == "left" {
					p.tree = p.tree.Toggled("tenant_000", true)
					p.settle(p.rows("tenant_000"))
				}
				b.StartTimer()
			}
			b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/(1<<20), "MiB")
		})
	}
}
