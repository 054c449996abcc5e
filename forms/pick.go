package forms

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"charm.land/huh/v2"

	"atlas-restore/forms/columns"
	"atlas-restore/forms/filter"
	"atlas-restore/state"
)

// mostRows is how many rows are shown at once where there is room.
const mostRows = 12

// row is one thing that can be taken, or that is shown with the reason why not.
type row struct {
	name   string            // shown, and what the filter means first
	value  string            // what taking it writes into the field
	of     state.Project     // of a cluster
	ids    string            // what a filter finds as an id; empty: the value
	source bool              // the cluster that the data come from
	odd    bool              // its note is a warning
	env    state.Environment // of a cluster
	cells  []string          // about it, by the columns behind the name
	note   string            // what is special about it: the source itself
	words  []string          // all that as it is said
	barred string            // why it cannot be taken; empty if it can
	prod   bool              // taking it erases production
	late   int               // stands after all that are less late
	typed  bool              // stands for what was typed, not for something listed
	sought filter.Text
}

// How late a target stands: production, then the source itself, and last what cannot take the
// restore whatever it is doing now.
const (
	sourceFirst = iota - 1 // of single collections
	_
	production
	theSource
	unfit
)

// pick is a field that is picked or typed: a text, and while it is focused the rows
// that match it. Everything happens within the key that asked for it, so that a
// filter and Enter in one burst take the row that the filter leaves on top.
type pick struct {
	entry
	byHand  bool             // no row is highlighted before somebody moves or types
	handled bool             // somebody has
	columns []columns.Column // the name's first
	rows    []row            // all of them, in their order
	shown   []row            // those that match
	at      int              // the highlight in shown; -1 for none
	taken   bool             // the value was taken, not only typed
	whole   bool             // it was taken from a list: typing replaces it
	err     error            // of the value; found anew by match
	refused string
	armed   bool // the highlighted row was to be seen: Enter may take it
	moved   bool // the highlight was moved since the filter was typed
	gen     int
	page    int // rows on screen in the last View, for page up and down
	here    int // the line of the highlighted row below the head, in the last View; 0 where it shows none

	asTyped func(value string) (row, bool)               // a row for what was typed
	check   func(value string, taken bool) error         // notTaken while it may be a filter
	meant   func(r row) bool                             // whether a row of the value is the one that was taken; nil: it is
	remark  func(value string, err error) (kind, string) // said while there is no error to say
	tells   func(r row) string                           // what taking the highlighted row means; empty for the usual
	taking  func(r row)                                  // what taking a row does besides; nil for nothing
	instead func() string                                // what is shown for a value that does not count; nil or empty for the value
}

// notTaken is the error of a value that may be the beginning of a row's name. It is
// not said while rows to choose from stand under it.
type notTaken struct{ error }

// listShownMsg follows new rows by a frame or two, see setRows.
type listShownMsg struct {
	field *pick
	gen   int
}

const untilShown = 40 * time.Millisecond

// setRows changes what can be picked. Where that puts another row under the
// highlight of a focused field, Enter takes nothing for a moment: nobody can have
// read what has only just come. The command ends that moment, and so does any key.
func (p *pick) setRows(rows []row) tea.Cmd {
	for i, r := range rows {
		// Not why it cannot be taken: the same keys have to lead to the same row a minute later.
		rows[i].sought = filter.Of(r.name, cmp.Or(r.ids, r.value), append(slices.Clone(r.words), r.env.Mark())...)
	}
	before, had := p.current()
	same := func(r row) bool {
		return had && r.value == before.value && r.of.ID == before.of.ID && r.typed == before.typed
	}
	// What was typed may have been highlighted only because there was nothing else.
	chosen := !before.typed || len(p.shown) > 1
	told := p.refused
	p.rows = rows
	p.match()
	if _, ok := p.current(); !ok && (told == chooseFirst || told == onlyProduction) {
		p.refused = told // it is as true of more rows, and a key was answered by it
	}
	if i := slices.IndexFunc(p.shown, same); i >= 0 && chosen && !p.taken {
		p.at = i
	}
	// What was taken before, and stands in the field, is nothing new under its own row.
	if now, ok := p.current(); !p.focused || !ok || same(now) || p.taken && now.value == before.value {
		p.armed = true
		return nil
	}
	p.armed = false
	p.gen++
	msg := listShownMsg{p, p.gen}
	return tea.Tick(untilShown, func(time.Time) tea.Msg { return msg })
}

// match finds the rows for what is in the field, and whether that is valid. A value
// that was taken is no filter: all rows are shown, with its own highlighted.
func (p *pick) match() {
	value := p.value()
	p.at, p.shown, p.refused, p.err = 0, nil, "", p.check(value, p.taken)
	if p.taken || value == "" {
		p.shown = slices.Clone(p.rows)
	} else {
		p.shown = sought(p.rows, value)
	}
	if p.err != nil && len(p.shown) > 0 && p.exact() < 0 && !errors.As(p.err, new(notTaken)) {
		p.err = notTaken{p.err} // it means these rows, whatever it is as a name
	}
	if r, ok := p.asTyped(value); ok {
		p.shown = append(p.shown, r)
	}
	if !p.taken {
		if p.byHand && (value == "" || !p.handled || p.guarded()) {
			p.at = -1
		}
		return
	}
	if p.at = slices.IndexFunc(p.shown, func(r row) bool { return r.value == value && (p.meant == nil || p.meant(r)) }); p.at < 0 {
		p.taken, p.whole = false, false // no row stands for it any more: it is a filter again
		p.match()
	}
}

// guarded says whether what was typed means nothing but production first: an Enter at once must not
// take that, somebody has to move there.
func (p *pick) guarded() bool {
	return len(p.shown) > 0 && p.shown[0].prod && p.shown[0].barred == ""
}

// sought are the rows that what was typed means: a whole name first, but for that of the
// source (see accept) and of production; then what is better not offered last; among these the best
// first.
func sought(rows []row, typed string) []row {
	texts := make([]filter.Text, len(rows))
	for i, r := range rows {
		texts[i] = r.sought
	}
	var found []row
	for _, i := range filter.Rows(texts, typed) {
		found = append(found, rows[i])
	}
	whole := func(r row) bool {
		return r.late == 0 && (strings.EqualFold(r.name, typed) || strings.EqualFold(r.value, typed))
	}
	slices.SortStableFunc(found, func(a, b row) int {
		switch {
		case whole(a) != whole(b) && whole(a):
			return -1
		case whole(a) != whole(b):
			return 1
		}
		return cmp.Compare(a.late, b.late)
	})
	return found
}

// current is the highlighted row.
func (p *pick) current() (row, bool) {
	if p.at < 0 || p.at >= len(p.shown) {
		return row{}, false
	}
	return p.shown[p.at], true
}

// Update implements huh.Model.
func (p *pick) Update(msg tea.Msg) (huh.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		p.armed = true
		switch msg.String() {
		case "up":
			p.move(-1)
		case "down":
			p.move(1)
		case "pgup":
			p.move(-max(1, p.page-1))
		case "pgdown":
			p.move(max(1, p.page-1))
		case "home":
			p.move(-len(p.shown))
		case "end":
			p.move(len(p.shown))
		default:
			p.change(msg, oneLine(msg.Text) != "")
		}
	case tea.PasteMsg:
		p.armed = true
		p.change(msg, pasted(msg.Content) != "")
	}
	return p, nil
}

func (p *pick) move(by int) {
	p.refused, p.moved, p.handled = "", true, true
	p.at = min(max(p.at+by, 0), max(0, len(p.shown)-1))
}

// change edits the text. What was taken from a list is a unit: the first letter
// typed on it begins a new filter, any other key begins to edit it.
func (p *pick) change(msg tea.Msg, inserts bool) {
	renewed := p.whole && inserts
	if renewed {
		p.input.SetValue("")
	}
	if p.edit(msg) || renewed {
		p.handled = true
		p.taken, p.whole, p.moved = false, false, false
		p.match()
		return
	}
	p.whole = p.whole && p.input.Position() == len([]rune(p.input.Value()))
}

// Focus implements huh.Field. What is highlighted then has been there to be seen.
func (p *pick) Focus() tea.Cmd {
	p.armed = true
	return p.entry.Focus()
}

// Blur implements huh.Field.
func (p *pick) Blur() tea.Cmd {
	p.refused = ""
	return p.entry.Blur()
}

// scold says why the form cannot go on, even while rows to choose from stand here.
func (p *pick) scold() {
	p.touched = true
	if p.err != nil {
		p.refused = p.err.Error()
	}
}

// chooseFirst is said to an Enter while nothing is highlighted.
const chooseFirst = "nothing is chosen yet: ↓ moves to a target, or type a part of its name"

// waits says whether what was typed means production first, so that nothing is chosen by it.
func (p *pick) waits() bool { return p.at < 0 && p.value() != "" && p.handled && p.guarded() }

// onlyProduction is said where what was typed means production first.
const onlyProduction = "production: nothing is chosen yet, ↓ moves to it"

// refusal is the sentence for what cannot be taken.
func refusal(name, why string) string { return name + " cannot take it: " + why }

// accept takes the highlighted row, and no other.
func (p *pick) accept() bool {
	p.touched = true
	if !p.armed {
		p.armed = true
		p.refused = "the list has only just come: look, then press enter once more"
		return false
	}
	r, ok := p.current()
	if !ok {
		if p.byHand && len(p.shown) > 0 {
			if p.refused = chooseFirst; p.guarded() && p.value() != "" {
				p.refused = onlyProduction
			}
			return false
		}
		return p.err == nil
	}
	if r.barred != "" {
		p.refused = refusal(r.name, r.barred)
		return false
	}
	if i := p.exact(); i >= 0 && !p.taken && !p.moved && i != p.at {
		// It may be meant, or be the beginning of another name: nobody guesses here.
		p.refused = "this is the whole name of a row below: ↓ to take that one, or type on"
		return false
	}
	p.take(r)
	return p.err == nil
}

// exact is the row whose whole name is what was typed; -1 for none.
func (p *pick) exact() int {
	value := p.value()
	return slices.IndexFunc(p.shown, func(r row) bool { return !r.typed && r.value == value })
}

func (p *pick) take(r row) {
	if p.taking != nil {
		p.taking(r)
	}
	p.input.SetValue(r.value)
	p.input.CursorEnd()
	p.taken, p.whole, p.armed = true, !r.typed, true
	p.match()
}

// Error implements huh.Field: the error that is shown.
func (p *pick) Error() error {
	if !p.touched {
		return nil
	}
	return p.err
}

func (p *pick) problem() error { return p.err }
