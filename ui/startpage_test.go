package ui

import (
	"context"
	"fmt"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"atlas-restore/state"
	"atlas-restore/ui/steps"
)

// findScreen is the first page with the clusters of so many projects listed.
func findScreen(projects, clusters int) (*Root, *startPage) {
	r := New(context.Background(), steps.Config{Atlas: fixedAtlas{}, Mode: steps.Training, Now: func() time.Time { return benchNow }, Zone: time.UTC, Pace: 1})
	r.enter()
	r.Update(tea.WindowSizeMsg{Width: 200, Height: 60})
	p := r.page().(*startPage)
	all := make([]state.Found, clusters)
	for i := range all {
		n := i * projects / clusters
		project := state.Project{ID: fmt.Sprintf("65f0c1d2e3a4b5c6d7%06x", n), Name: fmt.Sprintf("Project %03d", n)}
		all[i] = state.Found{Project: project, Availability: "available", Cluster: state.Cluster{
			ID: fmt.Sprintf("75f0c1d2e3a4b5c6d7%06x", i), ProjectID: project.ID, Name: fmt.Sprintf("orders-%04d-prod", i), Type: state.ReplicaSet, Shards: 1, BackupEnabled: true, MongoDBVersion: "8.0.29",
		}}
	}
	l := &p.clusters.load
	r.Update(loaded[[]state.Found]{owner: l, gen: l.gen, value: all})
	r.Update(shownMsg{p.clusters.pick, p.clusters.pick.gen})
	r.View()
	return r, p
}

// run has a search done to its end, as the program would, and says how many pieces it took.
func (p *picker) run() (pieces int) {
	for ; p.searching(); pieces++ {
		p.update(searchMsg{p, p.search.run})
	}
	p.update(shownMsg{p, p.gen})
	return pieces
}

// With 200 projects and 2,000 clusters a key does little: it makes no more rows than are on the
// screen, and of a search that has to read the rows first only a piece.
func TestFindWork(t *testing.T) {
	r, p := findScreen(200, 2000)
	made := 0
	row := p.clusters.list.Row
	p.clusters.list.Row = func(f state.Found) steps.Row { made++; return row(f) }
	p.clusters.pick.rows = p.clusters.list.Table(p.clusters.load.value)
	press := func(k tea.KeyPressMsg) int {
		made = 0
		r.Update(k)
		r.View()
		return made
	}
	const piece = pieceOfWork/costOfText + 1
	if n := press(tea.KeyPressMsg{Code: 'o', Text: "o"}); n > piece+60 {
		t.Errorf("the first letter makes %d rows, want a piece of at most %d", n, piece)
	}
	if pieces := p.clusters.pick.run(); pieces > 2000/piece*2 {
		t.Errorf("the first search takes %d pieces", pieces)
	}
	for _, k := range []tea.KeyPressMsg{
		{Code: 'r', Text: "r"}, {Code: tea.KeyBackspace}, {Code: '-', Text: "-"}, {Code: '1', Text: "1"}, {Code: tea.KeyDown}, {Code: tea.KeyPgDown}, {Code: tea.KeyUp}, {Code: tea.KeyEnd},
	} {
		n := press(k)
		if p.clusters.pick.searching() {
			t.Errorf("%s is not done at once", k)
		}
		if n > 2*60 {
			t.Errorf("%s makes %d rows, want those on the screen", k, n)
		}
		r.Update(shownMsg{p.clusters.pick, p.clusters.pick.gen})
	}
}

// A key on the first page, from the message to the changed screen. The frame of a 60 Hz
// terminal is 16.7 ms.
func BenchmarkFind(b *testing.B) {
	for name, keys := range map[string][]tea.KeyPressMsg{
		"move":   {{Code: tea.KeyDown}},
		"filter": {{Code: '1', Text: "1"}, {Code: '2', Text: "2"}, {Code: tea.KeyBackspace}, {Code: tea.KeyBackspace}},
	} {
		b.Run(name, func(b *testing.B) {
			r, p := findScreen(200, 2000)
			p.clusters.pick.run()
			for i := 0; b.Loop(); i++ {
				r.Update(keys[i%len(keys)])
				r.View()
			}
		})
	}
}
