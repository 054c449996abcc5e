package ui

import (
	"fmt"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"atlas-restore/forms/columns"
	"atlas-restore/ui/steps"
)

// many are n rows, each counted when it is made.
func many(n int, made *int) steps.Table {
	l := steps.List[int]{
		Row: func(i int) steps.Row {
			*made++
			name := fmt.Sprintf("row %d", i)
			return steps.Row{ID: name, Name: name, Cells: []string{name, "M10", "8.0.29"}}
		},
		ID: func(i int) string { return fmt.Sprintf("row %d", i) },
	}
	items := make([]int, n)
	for i := range items {
		items[i] = i
	}
	return l.Table(items)
}

// drain runs what a search still has to do, and says in how many pieces it did.
func drain(p *picker, cmd tea.Cmd) (pieces int) {
	for cmd != nil {
		msg, ok := cmd().(searchMsg)
		if !ok {
			return pieces // it waits for the screen
		}
		pieces++
		_, cmd = p.update(msg)
	}
	return pieces
}

// Of a long list only those rows are made that are shown, or measured first, whatever is
// pressed.
func TestRowsAreMadeWhenTheyAreShown(t *testing.T) {
	made := 0
	p := newPicker("cluster", "", columns.Column{}, columns.Column{Rank: 1}, columns.Column{Rank: 2})
	p.setRows(many(100_000, &made), "row 99999")
	p.update(shownMsg{p, p.gen})
	s := newStyles(look{})
	p.view(s, 80, 24)
	if i, _ := p.current(); i != 99_999 {
		t.Fatalf("row %d is highlighted, want the one that was chosen before", i)
	}
	if most := measured + 100; made > most {
		t.Errorf("%d rows are made to show a screen, want at most %d", made, most)
	}
	made = 0
	for _, k := range []tea.KeyPressMsg{{Code: tea.KeyUp}, {Code: tea.KeyHome}, {Code: tea.KeyPgDown}, {Code: tea.KeyEnd}} {
		p.update(k)
		if view := p.view(s, 80, 24); !strings.Contains(view, "8.0.29") {
			t.Fatalf("after %s:\n%s", k, view)
		}
	}
	if made > 4*24 {
		t.Errorf("four keys make %d rows", made)
	}
}

// No key of a filter makes more than a piece of a long list; what is left comes in messages.
// Until then nothing is highlighted and Enter takes nothing, and in the end it is what
// searching all at once finds. A key within it begins anew.
func TestLongListsAreSearchedInPieces(t *testing.T) {
	made := 0
	const n = 5000
	p := newPicker("cluster", "", columns.Column{}, columns.Column{Rank: 1}, columns.Column{Rank: 2})
	p.setRows(many(n, &made), "")
	p.update(shownMsg{p, p.gen})
	typed := func(text string) tea.Cmd {
		made = 0
		_, cmd := p.update(tea.KeyPressMsg{Code: rune(text[0]), Text: text})
		if made > pieceOfWork/costOfText+1 {
			t.Fatalf("the key %s makes %d rows at once", text, made)
		}
		return cmd
	}
	typed("4")
	if !p.searching() {
		t.Fatal("a key searches all at once")
	}
	if i, _ := p.update(tea.KeyPressMsg{Code: tea.KeyEnter}); i >= 0 {
		t.Fatalf("Enter takes row %d while the search is under way", i)
	}
	if view := p.view(newStyles(look{}), 80, 24); !strings.Contains(view, "searching") {
		t.Errorf("nothing says that the search is under way:\n%s", view)
	}
	cmd := typed("2")
	if pieces := drain(p, cmd); pieces < 2 || p.searching() {
		t.Fatalf("%d pieces, still searching: %v", pieces, p.searching())
	}
	if i, _ := p.update(tea.KeyPressMsg{Code: tea.KeyEnter}); i >= 0 {
		t.Fatalf("Enter takes row %d before it was on the screen", i)
	}
	want := 0
	for i := range n {
		if strings.Contains(fmt.Sprintf("row %d", i), "42") {
			want++
		}
	}
	if len(p.shown) != want || p.at != 0 {
		t.Fatalf("%d rows are found, want %d; highlighted is %d", len(p.shown), want, p.at)
	}
	p.update(shownMsg{p, p.gen})
	if i, _ := p.update(tea.KeyPressMsg{Code: tea.KeyEnter}); i != p.shown[0] {
		t.Fatalf("Enter takes row %d, want the highlighted one, %d", i, p.shown[0])
	}
	// All texts are there now: a filter is answered within its key.
	if typed("1"); p.searching() || made > 0 || len(p.shown) == 0 {
		t.Errorf("searching %v, %d rows made, %d found", p.searching(), made, len(p.shown))
	}
}

// A search whose page is left goes on when it is shown again, and one that is cleared shows
// all and can be chosen from.
func TestASearchThatWasLeftGoesOn(t *testing.T) {
	made := 0
	p := newPicker("cluster", "", columns.Column{}, columns.Column{Rank: 1}, columns.Column{Rank: 2})
	p.setRows(many(5000, &made), "")
	p.update(shownMsg{p, p.gen})
	_, old := p.update(tea.KeyPressMsg{Code: '4', Text: "4"}) // nobody runs it
	cmd := p.show()
	if _, again := p.update(old()); again != nil {
		t.Error("a piece that was asked for before goes on too")
	}
	if drain(p, cmd); p.searching() {
		t.Error("it does not go on")
	}
	p.update(tea.KeyPressMsg{Code: tea.KeyBackspace})
	p.search = search{}
	p.update(tea.KeyPressMsg{Code: '4', Text: "4"})
	if !p.searching() || !p.clear() || p.searching() || len(p.shown) != 5000 {
		t.Fatalf("cleared: searching %v, %d shown", p.searching(), len(p.shown))
	}
	if p.show() == nil {
		t.Error("nothing makes the highlight ready to be taken")
	}
}

// What a timeline is drawn from is not computed for each frame.
func TestTimelineIsKeptBetweenFrames(t *testing.T) {
	r := snapshotScreen(200)
	p := r.page().(*snapshotsPage)
	before := &p.drawn.track[0]
	ticks := &p.drawn.ticks[0]
	for range 5 {
		r.Update(tea.KeyPressMsg{Code: tea.KeyDown})
		r.View()
	}
	if &p.drawn.track[0] != before || &p.drawn.ticks[0] != ticks {
		t.Error("a key within the same span draws the track anew")
	}
	p.list(r, hours([]int{0, 1, 2}))
	if len(p.drawn.ticks) != 3 || &p.drawn.track[0] == before {
		t.Error("snapshots that were loaded anew are not drawn")
	}
}

// That the rows before were to be seen by now does not end the search of those that have come since.
func TestASearchOutlivesTheRowsBefore(t *testing.T) {
	made := 0
	p := newPicker("cluster", "", columns.Column{}, columns.Column{Rank: 1}, columns.Column{Rank: 2})
	p.setRows(many(100, &made), "")
	p.retype("row 29")
	before := p.gen
	cmd := p.setRows(many(3000, &made), "")
	if !p.searching() {
		t.Fatal("so few rows are searched at once")
	}
	p.update(shownMsg{p, before})
	if drain(p, cmd); p.searching() || p.armed || len(p.shown) != 111 {
		t.Errorf("searching %v, armed %v, %d rows are found", p.searching(), p.armed, len(p.shown))
	}
}
