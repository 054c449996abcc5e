package ui

import (
	"slices"
	"time"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"atlas-restore/forms/columns"
	"atlas-restore/forms/filter"
	"atlas-restore/ui/steps"
)

// picker is a list that filters while one types. bubbles/list filters in a command
// and can so accept a row that is no longer on screen; this one does everything
// within the key that asked for it, and takes Enter only for the row it highlights.
type picker struct {
	grid   *columns.Grid // as wide as what was measured so far
	rows   steps.Table   // each made when it is shown, or searched for the first time
	search search
	prefer string // the id of the row to highlight once the search has ended
	shown  []int  // indices of rows that match, best first
	at     int    // position in shown; -1 where nothing is highlighted
	armed  bool   // the highlight has been on the screen: Enter may take it
	gen    int
	sets   int // how many times rows were set
	filter textinput.Model
	typing bool                      // the last key has written into the filter
	here   int                       // the line of the highlighted row in the last View; -1 where it shows none
	moved  bool                      // somebody has moved the highlight
	noun   string                    // "project"
	note   string                    // under the rows, where there is room
	legend string                    // of the badges, always under them but in a low window
	hint   string                    // below it, where there is room
	lacks  string                    // where what matches nothing may be all the same
	named  bool                      // rows bear names that somebody types
	near   string                    // what is nearly what was typed, where nothing matches, as a question; empty for nothing
	reads  func(typed string) string // what a text that matches nothing may be instead; nil for nothing
	counts func(shown []int) string  // what stands beside the filter; nil for how many rows match
	part   func() part               // which part of what there is the rows are; nil for all of it
	order  string                    // "newest first"
	now    func() time.Time          // where rows have days, which can be called yesterday too; nil else
	byHand bool                      // no row is highlighted before somebody moves
	nudged bool                      // the last key was an Enter that found nothing highlighted
	bare   bool                      // few fixed rows: no filter
	page   int                       // rows on screen at the last View, for page up and down
	top    int                       // the first of them, as a place in shown
}

// part is which part of what there is a list shows: what has not come, or could not be loaded, is
// never told as not there. The zero one is all of it.
type part struct {
	comes bool // more is on its way
	lost  bool // the rest could not be loaded
	none  bool // nothing of it has come
}

// shownMsg follows new rows by a frame or two. Until then nothing is highlighted and
// Enter takes nothing: nobody can have read what has only just come.
type shownMsg struct {
	owner *picker
	gen   int
}

// searchMsg has the next piece of a search done.
type searchMsg struct {
	owner *picker
	run   int
}

const untilShown = 40 * time.Millisecond

func newPicker(noun, order string, cols ...columns.Column) *picker {
	in := newInput()
	in.Focus()
	return &picker{grid: columns.New(cols...), noun: noun, order: order, filter: in, at: -1, here: -1}
}

// measured is how many rows are made for the widths of the columns before any is shown. A row
// behind them widens its columns when it is shown, and so does one that tells more by then.
const measured = 300

// setRows shows rows, keeping the filter, and the highlight where its row is still
// there.
func (p *picker) setRows(rows steps.Table, prefer string) tea.Cmd {
	if i, ok := p.current(); ok {
		prefer = p.rows.ID(i)
	}
	p.rows = rows
	p.sets++
	p.grid.Forget()
	for i := range min(measured, rows.Len()) {
		p.measure(rows.Row(i))
	}
	p.search = search{}
	p.match(prefer)
	p.armed = false
	return p.show()
}

// renew is setRows where the rows tell more than before. While they are the same ones in the
// same places, nothing has come that nobody has seen.
func (p *picker) renew(rows steps.Table, prefer string) tea.Cmd {
	same := rows.Len() == p.rows.Len() && !p.searching()
	for i := 0; same && i < rows.Len(); i++ {
		same = rows.ID(i) == p.rows.ID(i)
	}
	if !same {
		return p.setRows(rows, prefer)
	}
	p.remade(rows)
	p.search.keys = nil // what is typed next finds what is told now
	return nil
}

// remade shows the same rows, which tell something else now.
func (p *picker) remade(rows steps.Table) {
	p.rows = rows
	for i := range min(measured, rows.Len()) {
		p.measure(rows.Row(i))
	}
}

// measure widens the columns to what a row needs.
func (p *picker) measure(r steps.Row) {
	p.grid.Measure(r.Cells...)
	if r.Age != nil {
		p.grid.Least(r.AgeAt, len("23 h 59 min ago")) // no column moves by a second
	}
}

// show has the highlight taken for seen once it has been on the screen. A search that is
// under way goes on first.
func (p *picker) show() tea.Cmd {
	p.gen++ // what was to be seen before is not what will be
	switch {
	case p.searching():
		p.search.run++ // whatever piece was asked for before is not done twice
		run := p.search.run
		return func() tea.Msg { return searchMsg{p, run} }
	case p.armed:
		return nil
	}
	gen := p.gen
	return tea.Tick(untilShown, func(time.Time) tea.Msg { return shownMsg{p, gen} })
}

// match shows the rows that what was typed means, the best first. A long list is searched in
// pieces, the first one now and the others as show has them done: until then nothing is
// highlighted, and Enter takes nothing.
func (p *picker) match(prefer string) {
	p.prefer = prefer
	typed := filter.New(p.filter.Value())
	if p.now != nil {
		typed = filter.On(p.filter.Value(), p.now())
	}
	p.search.begin(typed)
	p.searchOn()
	if p.searching() {
		p.armed, p.at, p.shown = false, -1, p.search.found()
	}
}

// searching says whether a search is under way.
func (p *picker) searching() bool { return p.search.next < p.rows.Len() }

// searchOn searches a piece of the rows, and shows what was found once all were searched.
func (p *picker) searchOn() {
	p.search.piece(p.rows)
	if p.searching() {
		return
	}
	p.shown, p.near = p.search.found(), ""
	if p.named {
		p.near = p.search.near(p.filter.Value(), p.rows)
	}
	if p.at = p.firstChoosable(); p.byHand && p.filter.Value() == "" {
		p.at = -1
	}
	for i := 0; p.prefer != "" && i < len(p.shown); i++ {
		if p.rows.ID(p.shown[i]) == p.prefer {
			p.at = i
		}
	}
}

// firstChoosable is where the highlight begins: the best match, or without a filter
// the first row that can be chosen, one that stands aside only where there is no other.
func (p *picker) firstChoosable() int {
	if len(p.shown) == 0 {
		return -1
	}
	if p.filter.Value() != "" {
		return 0
	}
	aside := -1
	for i, at := range p.shown[:min(measured, len(p.shown))] {
		switch r := p.rows.Row(at); {
		case r.Barred != "":
		case r.Aside == "":
			return i
		case aside < 0:
			aside = i
		}
	}
	return max(aside, 0)
}

// current is the index of the highlighted row, in the order of setRows.
func (p *picker) current() (index int, ok bool) {
	if !p.armed || p.at < 0 || p.at >= len(p.shown) {
		return -1, false
	}
	return p.shown[p.at], true
}

// update handles one message; chosen is the index of the row that Enter took, or -1.
func (p *picker) update(msg tea.Msg) (chosen int, cmd tea.Cmd) {
	switch msg := msg.(type) {
	case shownMsg:
		if msg.owner == p && msg.gen == p.gen {
			p.armed = true
		}
	case searchMsg:
		if msg.owner == p && msg.run == p.search.run {
			p.searchOn()
			return -1, p.show()
		}
	case tea.KeyPressMsg:
		p.nudged = false
		if keyChoose().has(msg) {
			p.nudged = p.waits()
			return p.enter(), nil
		}
		if p.move(msg) || p.bare {
			p.typing = false
			return -1, nil
		}
		return -1, p.edit(msg)
	case tea.PasteMsg:
		if !p.bare {
			return -1, p.edit(msg)
		}
	}
	return -1, nil
}

// waits says whether somebody has to move first: rows were to be seen, and none is highlighted.
func (p *picker) waits() bool { return p.byHand && p.armed && p.at < 0 && len(p.shown) > 0 }

func (p *picker) enter() int {
	i, ok := p.current()
	if !ok {
		return -1
	}
	if p.rows.Row(i).Barred != "" {
		return -1 // what the highlighted row says of itself, and why
	}
	return i
}

func (p *picker) move(msg tea.KeyPressMsg) bool {
	to := p.at
	switch {
	case keyUp().has(msg) && to < 0:
		to = len(p.shown) - 1
	case keyUp().has(msg):
		to--
	case keyDown().has(msg):
		to++
	case msg.String() == "pgup":
		to -= max(1, p.page-1)
	case msg.String() == "pgdown":
		to += max(1, p.page-1)
	case msg.String() == "home":
		to = 0
	case msg.String() == "end":
		to = len(p.shown) - 1
	default:
		return false
	}
	if len(p.shown) > 0 && p.armed {
		p.moved = true
		p.at = min(max(to, 0), len(p.shown)-1)
	}
	return true
}

func (p *picker) edit(msg tea.Msg) tea.Cmd {
	before := p.filter.Value()
	var cmd tea.Cmd
	p.filter, cmd = p.filter.Update(msg)
	if p.filter.Value() != before {
		p.typing = p.filter.Value() != ""
		p.match("")
		return tea.Batch(cmd, p.show())
	}
	return cmd
}

// retype puts a text into the filter.
func (p *picker) retype(text string) tea.Cmd {
	p.filter.SetValue(text)
	p.filter.CursorEnd()
	p.armed = false
	p.match("")
	return p.show()
}

// clear empties the filter; false if there was none.
func (p *picker) clear() bool {
	if p.filter.Value() == "" {
		return false
	}
	here, ok := p.current()
	p.filter.SetValue("")
	p.typing = false
	p.match("") // of no words: it ends at once
	if ok {
		p.at = slices.Index(p.shown, here)
	}
	return true
}
