// Package columns lays rows out in columns under their heads. It knows no colours: what it
// gives are texts with their roles, which each face draws in its own styles.
package columns

import (
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// Role is how the cells of a column are meant, so that they can be told by their looks.
type Role int

// The roles.
const (
	Plain Role = iota
	Dim        // ids: seldom needed, long
	Badge      // the short label of an environment, drawn as a filled label
	Blank      // what sets cells apart
)

// Column is one cell of every row. Columns that do not fit are left out, the ones with the
// highest rank first.
type Column struct {
	Head  string
	Rank  int // 0 is always shown; those come first in a row
	Right bool
	Flex  bool // may be cut to what is left
	Role  Role
	Short int    // cells that a short form of it takes, before it is left out; 0 if it has none
	Bare  string // of a Badge column: the word that is no label, and is not filled
}

// edge is the cells of a cell's label at both sides of its word.
func (c Column) edge(cell string) int {
	if c.Role != Badge || cell == c.Bare {
		return 0
	}
	return badgeEdge
}

// Cell is a piece of a drawn row: together they are the row.
type Cell struct {
	Text string
	Role Role
	Head bool // it belongs to the columns that are always shown
}

// None is the cell of a column that says nothing of its row, where an empty one would look forgotten.
const None = "-"

const (
	gap       = 2  // cells between columns
	leastFlex = 12 // below this a flexible column says nothing
	badgeEdge = 2  // a filled label has a blank at each side
	givesWay  = 3  // from this rank on a column gives way to a name that has no room
)

// Grid is a set of columns as wide as what was measured so far.
type Grid struct {
	columns []Column
	widths  []int // 0 for a column of which every cell is empty
}

// New makes the grid of columns.
func New(columns ...Column) *Grid {
	return &Grid{columns: columns, widths: make([]int, len(columns))}
}

// Forget forgets what was measured.
func (g *Grid) Forget() { clear(g.widths) }

// Measure widens the columns to what a row needs.
func (g *Grid) Measure(cells ...string) {
	for c, cell := range cells {
		if cell == "" {
			continue
		}
		n := ansi.StringWidth(cell) + g.columns[c].edge(cell)
		g.widths[c] = max(g.widths[c], n, ansi.StringWidth(g.columns[c].Head))
	}
}

// Least widens a column to at least n cells.
func (g *Grid) Least(column, n int) { g.widths[column] = max(g.widths[column], n) }

// Width is that of all columns with the gaps behind them.
func (g *Grid) Width() int {
	total := 0
	for _, w := range g.widths {
		if w > 0 {
			total += w + gap
		}
	}
	return total
}

// Headed says whether any column has a head.
func (g *Grid) Headed() bool {
	return slices.ContainsFunc(g.columns, func(c Column) bool { return c.Head != "" })
}

// Layout is a grid as it fits into a number of cells.
type Layout struct {
	grid   *Grid
	widths []int // 0 for a column that is left out
	w      int
}

// Fit leaves out the least needed columns until the others fit into w cells. A flexible
// column takes what the others leave; where it names the row, what is needed least gives way before
// it is cut.
func (g *Grid) Fit(w int) Layout {
	widths := slices.Clone(g.widths)
	flex := -1
	for c, col := range g.columns {
		if col.Flex && widths[c] > leastFlex {
			flex, widths[c] = c, leastFlex
		}
	}
	for {
		total, worst := 0, -1
		for c, n := range widths {
			if n == 0 {
				continue
			}
			total += n + gap
			if g.columns[c].Rank > 0 && (worst < 0 || g.columns[c].Rank > g.columns[worst].Rank) {
				worst = c
			}
		}
		spare := w - (total - gap)
		cut := flex >= 0 && g.columns[flex].Rank == 0 && widths[flex]+spare < g.widths[flex]
		gives := cut && worst >= 0 && g.columns[worst].Rank >= givesWay
		if spare >= 0 && !gives || worst < 0 {
			if flex >= 0 && widths[flex] > 0 {
				widths[flex] = min(g.widths[flex], widths[flex]+max(0, spare))
			}
			return Layout{g, widths, w}
		}
		if short := g.columns[worst].Short; widths[worst] > short {
			widths[worst] = short
		} else {
			widths[worst] = 0
		}
	}
}

// Shows says whether a column has room.
func (l Layout) Shows(column int) bool { return l.widths[column] > 0 }

// Short says whether a column has room for its short form only.
func (l Layout) Short(column int) bool {
	return l.widths[column] > 0 && l.widths[column] == l.grid.columns[column].Short && l.widths[column] < l.grid.widths[column]
}

// Heads is the line over the rows.
func (l Layout) Heads() string {
	var line strings.Builder
	for c, n := range l.widths {
		if n == 0 {
			continue
		}
		head := ansi.Truncate(l.grid.columns[c].Head, n, "")
		blank := strings.Repeat(" ", n-ansi.StringWidth(head))
		if l.grid.columns[c].Right {
			head = blank + head
		} else {
			head += blank
		}
		line.WriteString(head + strings.Repeat(" ", gap))
	}
	return ansi.Truncate(strings.TrimRight(line.String(), " "), l.w, "")
}

// Row are the cells of a row in their columns, and before a note of so many cells the blanks
// that lead to it; room is what the note may take. A note says why a row cannot be chosen, or
// what is the matter with it: cells give way to it, the last ones first.
func (l Layout) Row(cells []string, note int) (row []Cell, room int) {
	drawn, at := 0, 0 // cells of the screen, and where the next column begins
	put := func(c Cell, from, width int) {
		if from > drawn {
			row = append(row, Cell{strings.Repeat(" ", from-drawn), Blank, c.Head})
		}
		if drawn = from + width; width > 0 {
			row = append(row, c)
		}
	}
	for c, cell := range cells {
		n, col := l.widths[c], l.grid.columns[c]
		if n == 0 {
			continue
		}
		if note > 0 && col.Rank > 0 && l.w-(at+n+gap) < note {
			break
		}
		edge := col.edge(cell)
		if room := min(n, l.w-at); cell != "" && room > edge {
			cell = ansi.Truncate(cell, room-edge, "…")
			width, from := ansi.StringWidth(cell)+edge, at
			if col.Right {
				from += room - width
			}
			put(Cell{cell, col.Role, col.Rank == 0}, from, width)
		}
		at += n + gap
	}
	if note > l.w-at { // what is empty in this row gives way too
		at = max(min(at, drawn+gap), l.w-note)
	}
	if room = max(0, l.w-at); note > 0 && room > 0 {
		put(Cell{}, at, 0)
	}
	return row, room
}

// Line draws a row: each of its cells by draw, blanks and cells of the same looks as one, so
// that on a slow line a row that is drawn anew costs what changes, and not a style for each word.
func Line(row []Cell, draw func(Cell) string) string {
	var line strings.Builder
	var run Cell
	for _, c := range row {
		same := c.Role == run.Role || c.Role == Blank
		if run.Text != "" && run.Role != Badge && c.Head == run.Head && same {
			run.Text += c.Text
			continue
		}
		if run.Text != "" {
			line.WriteString(draw(run))
		}
		if run = c; c.Role == Blank {
			run.Role = Plain
		}
	}
	if run.Text != "" {
		line.WriteString(draw(run))
	}
	return line.String()
}

// TextIn is Text for a terminal of w cells; 0 for no terminal. What has no room in its columns stands under its
// row, each cell whole and called as its column: nothing is left out but None, and nothing cut. Where not even the columns
// that are always shown have room, all stands so.
func (g *Grid) TextIn(rows [][]string, w int) string {
	for _, r := range rows {
		g.Measure(r...)
	}
	if w <= 0 || g.Width()-gap <= w {
		return g.Text(rows)
	}
	fits := g.Fit(w)
	wide := -gap
	for c, n := range fits.widths {
		if n > 0 {
			wide += n + gap
			if n < g.widths[c] { // else it would be cut
				wide = w + 1
			}
		}
	}
	indent := strings.Repeat(" ", gap)
	var b strings.Builder
	if wide > w {
		clear(fits.widths)
	} else {
		b.WriteString(fits.Heads() + "\n")
	}
	for _, r := range rows {
		row, _ := fits.Row(r, 0)
		b.WriteString(Line(row, func(c Cell) string { return c.Text }))
		used := w // a line that is full
		if len(row) == 0 {
			used = -1 // one that has not begun
		}
		for c, cell := range r {
			if cell == "" || cell == None || fits.widths[c] > 0 {
				continue
			}
			cell = strings.TrimSpace(strings.ToLower(g.columns[c].Head) + " " + cell)
			n := ansi.StringWidth(cell)
			switch {
			case used < 0:
				used = n
			case used+len("; ")+n < w:
				b.WriteString("; ")
				used += len("; ") + n
			default:
				b.WriteString("\n" + indent)
				used = gap + n
			}
			b.WriteString(cell)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// Text are the rows under their heads as plain lines, for a pipe: it has no width, and a
// terminal folds.
func (g *Grid) Text(rows [][]string) string {
	for _, r := range rows {
		g.Measure(r...)
	}
	all := g.Fit(g.Width())
	var b strings.Builder
	if g.Headed() {
		b.WriteString(all.Heads() + "\n")
	}
	for _, r := range rows {
		row, _ := all.Row(r, 0)
		b.WriteString(Line(row, func(c Cell) string { return c.Text }) + "\n")
	}
	return b.String()
}
