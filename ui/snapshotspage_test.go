package ui

import (
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"atlas-restore/state"
)

// hours is the list of snapshots so many hours old, of which some have failed.
func hours(ago []int, failed ...int) []state.Snapshot {
	out := make([]state.Snapshot, len(ago))
	for i, h := range ago {
		at := benchNow.Add(-time.Duration(h) * time.Hour)
		out[i] = state.Snapshot{ID: at.Format("2006-01-02T15"), Status: "completed", Kind: "scheduled", Frequency: "hourly", CreatedAt: at, ExpiresAt: benchNow.AddDate(1, 0, 0), MongoDBVersion: "8.0.29"}
		for _, f := range failed {
			if f == h {
				out[i].Status = "failed"
			}
		}
	}
	return out
}

// list has the snapshots loaded anew, and seen.
func (p *snapshotsPage) list(r *Root, all []state.Snapshot) {
	r.Update(tea.KeyPressMsg{Code: 'r', Mod: tea.ModCtrl})
	r.Update(loaded[[]state.Snapshot]{owner: &p.load, gen: p.load.gen, value: all})
	r.Update(shownMsg{p.pick, p.pick.gen})
	r.View()
}

// A jump ends on a snapshot that can be used, the nearest on that side, among those that
// are shown; the timeline's cursor is that one.
func TestJump(t *testing.T) {
	r := snapshotScreen(1)
	p := r.page().(*snapshotsPage)
	p.list(r, hours([]int{0, 1, 2, 23, 24, 25, 47, 48, 60}, 1, 24, 48))
	at := func() int {
		if p.pick.at < 0 {
			return -1
		}
		return int(benchNow.Sub(p.timeline().At).Hours())
	}
	hour, hourBack := tea.KeyPressMsg{Code: tea.KeyRight, Mod: tea.ModShift}, tea.KeyPressMsg{Code: tea.KeyLeft, Mod: tea.ModShift}
	day, dayBack := tea.KeyPressMsg{Code: tea.KeyRight, Mod: tea.ModCtrl}, tea.KeyPressMsg{Code: tea.KeyLeft, Mod: tea.ModCtrl}
	for i, step := range []struct {
		key  tea.KeyPressMsg
		want int
	}{
		{hourBack, 2}, // the one of an hour ago has failed
		{hourBack, 23},
		{hourBack, 25}, // over another one
		{dayBack, 47},
		{dayBack, 60},
		{dayBack, 60}, // there is none before
		{hour, 47},
		{day, 23},
		{day, 0},
		{day, 0},
	} {
		if r.Update(step.key); at() != step.want {
			t.Fatalf("key %d, %s: at %d h ago, want %d", i, step.key, at(), step.want)
		}
	}
	p.list(r, hours([]int{0, 1, 2, 20, 21, 22, 23, 24, 40, 44, 45, 46, 47}))
	r.typed(benchNow.Add(-47 * time.Hour).Format("2 Jan")) // those of that day alone
	r.Update(shownMsg{p.pick, p.pick.gen})
	if n := len(p.pick.shown); n == 0 || n == p.pick.rows.Len() {
		t.Fatalf("the filter shows %d of %d", n, p.pick.rows.Len())
	}
	for p.pick.at > 0 {
		r.Update(tea.KeyPressMsg{Code: tea.KeyUp})
	}
	if r.Update(dayBack); at() != 47 {
		t.Errorf("among those that are shown: at %d h ago, want 47", at())
	}
}

// What is loaded anew is drawn anew, and so is what it is drawn with.
func TestReloadedSnapshotsAreDrawn(t *testing.T) {
	r := snapshotScreen(3)
	p := r.page().(*snapshotsPage)
	if !p.asked || len(p.timeline().Ticks) != 3 {
		t.Fatalf("asked %v, ticks %v", p.asked, p.timeline().Ticks)
	}
	gen := p.past.gen
	p.list(r, hours([]int{0, 1}))
	if n := len(p.timeline().Ticks); n != 2 {
		t.Errorf("%d snapshots are drawn, want 2", n)
	}
	if p.past.gen == gen {
		t.Error("the restores are not looked for anew")
	}
}
