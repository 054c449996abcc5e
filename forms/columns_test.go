// Tests of forms/columns. They stand here: each package with tests is one more program to link.

package forms_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"

	"atlas-restore/forms/columns"
)

func grid() *columns.Grid {
	g := columns.New(
		columns.Column{Head: "CLUSTER"}, columns.Column{Role: columns.Badge}, columns.Column{Head: "SIZE", Rank: 1, Right: true},
		columns.Column{Head: "NOTES", Rank: 2, Flex: true}, columns.Column{Head: "ID", Rank: 3, Role: columns.Dim},
	)
	g.Measure("orders-prod", "PROD", "39 GB", "before the deploy", "63f3fe1d")
	g.Measure("ledger", "", "120 GB", "", "652ec11a")
	return g
}

func text(row []columns.Cell) string {
	var b strings.Builder
	for _, c := range row {
		if c.Role == columns.Badge {
			c.Text = "[" + c.Text + "]" // as wide as a filled label
		}
		b.WriteString(c.Text)
	}
	return b.String()
}

// Heads stand over their columns, numbers end where their heads end, and what is left of the
// row is what its note may take.
func TestRowsStandUnderTheirHeads(t *testing.T) {
	l := grid().Fit(80)
	if got, want := l.Heads(), "CLUSTER                SIZE  NOTES              ID"; got != want {
		t.Errorf("heads:\n%q, want\n%q", got, want)
	}
	for want, cells := range map[string][]string{
		"orders-prod  [PROD]   39 GB  before the deploy  63f3fe1d": {"orders-prod", "PROD", "39 GB", "before the deploy", "63f3fe1d"},
		"ledger               120 GB                     652ec11a": {"ledger", "", "120 GB", "", "652ec11a"},
	} {
		row, room := l.Row(cells, 0)
		if got := text(row); got != want || room != 80-len("orders-prod  [PROD]   39 GB  before the deploy  63f3fe1d  ") {
			t.Errorf("%q with room for %d, want\n%q", got, room, want)
		}
	}
}

// The least needed columns fold away, never the name and the badge, and before a note its own
// row's cells.
func TestColumnsFoldFromTheLeastNeeded(t *testing.T) {
	for w, want := range map[int]string{
		80: "CLUSTER                SIZE  NOTES              ID",
		52: "CLUSTER                SIZE  NOTES          ID",
		42: "CLUSTER                SIZE  NOTES",
		40: "CLUSTER                SIZE",
		20: "CLUSTER",
	} {
		if got := grid().Fit(w).Heads(); got != want {
			t.Errorf("%d cells: %q, want %q", w, got, want)
		}
	}
	row, room := grid().Fit(42).Row([]string{"ledger", "", "120 GB", "", "652ec11a"}, len("backups are off"))
	if got := text(row); strings.TrimRight(got, " ") != "ledger" || room < len("backups are off") {
		t.Errorf("%q with room for %d", got, room)
	}
}

// A column that has a short form is left out only where that has no room either.
func TestAColumnIsShortBeforeItIsLeftOut(t *testing.T) {
	g := columns.New(columns.Column{}, columns.Column{Rank: 1}, columns.Column{Rank: 2, Short: 6})
	g.Measure("orders-prod", "end not seen", "12 min ago")
	for w, want := range map[int][3]bool{ // shows the second, the third, and its short form only
		37: {true, true, false}, 36: {true, true, true}, 33: {true, true, true}, 32: {true, false, false}, 24: {false, false, false},
	} {
		l := g.Fit(w)
		if got := [3]bool{l.Shows(1), l.Shows(2), l.Short(2)}; got != want || l.Short(0) || l.Short(1) {
			t.Errorf("%d cells: %v, want %v", w, got, want)
		}
	}
}

// However little room there is, no row and its note are wider.
func TestNoRowIsTooWide(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringN(0, 20, 40)
		var cols []columns.Column
		for i := range rapid.IntRange(1, 5).Draw(t, "columns") {
			cols = append(cols, columns.Column{
				Head: word.Draw(t, "head"), Rank: i * rapid.IntRange(0, 1).Draw(t, "rank"), Right: rapid.Bool().Draw(t, "right"),
				Flex: rapid.Bool().Draw(t, "flex"), Role: columns.Role(rapid.IntRange(0, 2).Draw(t, "role")), Short: rapid.IntRange(0, 9).Draw(t, "short"),
			})
		}
		g, rows := columns.New(cols...), [][]string{}
		for range rapid.IntRange(1, 3).Draw(t, "rows") {
			cells := make([]string, len(cols))
			for i := range cells {
				cells[i] = strings.Map(func(r rune) rune {
					if r < ' ' || ansi.StringWidth(string(r)) != 1 {
						return 'x'
					}
					return r
				}, word.Draw(t, "cell"))
			}
			g.Measure(cells...)
			rows = append(rows, cells)
		}
		w, note := rapid.IntRange(1, 90).Draw(t, "width"), rapid.IntRange(0, 40).Draw(t, "note")
		l := g.Fit(w)
		for _, cells := range rows {
			row, room := l.Row(cells, note)
			if got := ansi.StringWidth(text(row)) + min(room, note); got > max(w, 2) {
				t.Fatalf("%d cells in %d: %q and %d of a note", got, w, fmt.Sprint(row), min(room, note))
			}
		}
	})
}

// A name that has no room is cut only where the columns that are needed least are gone; a word
// that is no label takes no cells for one.
func TestNamesComeFirst(t *testing.T) {
	g := columns.New(columns.Column{Head: "PROJECT", Flex: true}, columns.Column{Head: "ENV", Role: columns.Badge, Bare: "unknown"}, columns.Column{Head: "VERSION", Rank: 1}, columns.Column{Head: "TIER", Rank: 3})
	g.Measure("Payments Staging", "unknown", "8.0.29", "M30")
	for w, want := range map[int]string{
		42: "PROJECT           ENV      VERSION  TIER",
		38: "PROJECT           ENV      VERSION",
		32: "PROJECT         ENV      VERSION",
	} {
		if got := g.Fit(w).Heads(); got != want {
			t.Errorf("at %d cells the heads are %q, want %q", w, got, want)
		}
	}
}

// Text has no width: nothing is cut, and rows end with their last word.
func TestText(t *testing.T) {
	got := columns.New(columns.Column{Head: "NAME", Flex: true}, columns.Column{Head: "N", Right: true}, columns.Column{}).Text([][]string{
		{"shop", "7", ""}, {"a name that is longer than any window would have it", "123", "last"},
	})
	want := "NAME                                                   N\n" +
		"shop                                                   7\n" +
		"a name that is longer than any window would have it  123  last\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := columns.New(columns.Column{}, columns.Column{}).Text([][]string{{"a", "b"}, {"", "c"}}); got != "a  b\n   c\n" {
		t.Errorf("without heads %q", got)
	}
}
