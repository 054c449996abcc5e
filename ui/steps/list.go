package steps

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"atlas-restore/forms/columns"
	"atlas-restore/forms/filter"
	"atlas-restore/state"
)

// Row is one thing that can be chosen, or that is shown with the reason why not.
type Row struct {
	ID          string            // tells the row again after a reload
	Name        string            // what a filter matches first
	Cells       []string          // one per column; the name is among them
	Barred      string            // why it cannot be chosen; empty if it can
	Failed      bool              // … because it has failed: that stands out
	Aside       string            // what it is, where it can be chosen and is not what First means: "a safety snapshot"
	Warning     string            // what is the matter with it
	Passing     []string          // of cells and warning: how long ago, and until when; a filter does not search that
	Environment state.Environment // of the cluster that the row is, whose badge is among the cells
	Age         func() string     // a cell that grows old by itself: asked whenever it is shown
	AgeAt       int               // the column of that cell
	Refused     error             // why what a flag names could not be looked for in it: it may be there
}

// List is a step that is answered by choosing one of several: a project, a cluster, a
// snapshot, a delivery type.
type List[T any] struct {
	Step    state.Step
	Noun    string // "project"
	Order   string // "newest first"
	Columns []columns.Column
	Now     func() time.Time            // where rows have days, which can be called yesterday too
	Said    map[int]func(string) string // by column: its cell where no head says what it is

	Loading string // "Loading the clusters of Payments"; empty where Items are given
	Load    func(context.Context) ([]T, error)
	Items   []T // where nothing has to be loaded
	Known   []T // what was loaded before; it can be loaded anew
	Keep    func([]T)
	Whole   func() []T // what is known once it was kept; nil: what was loaded

	Row     func(T) Row
	ID      func(T) string // that of the row, where it can be had without making it
	Answer  func(state.Plan, T) state.Plan
	Take    func(*Session, T)            // instead of Answer, where choosing leads elsewhere than to the next step
	Meaning func(item T, ok bool) string // what choosing item means, what differs between items last: no key draws the rest anew; without one, what to choose

	Chosen string           // id of the row that answered before
	Given  string           // what a flag says: an id, a name or First
	Flag   string           // the name of that flag
	Place  string           // where what it names is looked for: "in Payments"; empty where its rows bear no name that somebody would type
	First  string           // a word that stands for the first row that can be chosen, those aside left out; empty for none
	Other  string           // a word that stands for one that Which finds; empty for none
	Which  func(Table) int  // -1 for none that can be chosen
	Usual  bool             // what First means is what is mostly wanted
	ByHand bool             // no row is highlighted before somebody moves, unless it answered before
	Tells  func([]T) string // said once what was loaded is there; nil or empty for nothing
	Leads  bool             // Meaning of a row only tells what is asked next

	Others []Other // other ways on

	Name    string // what is asked for, and the question, where they are not the usual ones of the step
	Ask     string
	Counts  func(all []T, shown []int) string // what stands beside the filter; nil for how many rows match
	Lacks   string                            // where a name that is not found may be all the same: "the list of …, which lacks …"
	Hint    string                            // below it where there is room: how the person can have more badges
	Legend  string                            // of the badges, under the rows
	Note    string                            // under the rows on the full screen, where there is room
	Several func(rows []Row) error            // the error of a flag that several rows fit; nil for the usual one
	Missing error                             // the error of a flag that none fits; nil for the usual one
}

// Other is a way on from a step that is not one of its rows.
type Other struct {
	Key  string // on the full screen: "tab"
	Word string // in the line face: "moment"
	Help string // "a moment instead"
	Line string // what saying the word does: "restore to a moment instead"
	Go   func(*Session)

	Reads func(typed string) string // what it would make of a text that matches no row, as a clause; empty for nothing, nil where it reads none
}

// Instead says what a text that matches no row may be instead, and the way there: by its key, or by
// its word in the line face. It is empty for nothing.
func Instead(others []Other, typed string, way func(Other) string) string {
	for _, o := range others {
		if o.Reads == nil {
			continue
		}
		if reads := o.Reads(typed); reads != "" {
			return fmt.Sprintf("%s: %s.", reads, way(o))
		}
	}
	return ""
}

// Rows are the rows of items, in their order.
func (l List[T]) Rows(items []T) []Row {
	rows := make([]Row, len(items))
	for i, item := range items {
		rows[i] = l.Row(item)
	}
	return rows
}

// Table are rows of which each is made whenever it is asked for: a list may hold a hundred
// thousand, of which a screen shows twenty.
type Table struct {
	n   int
	row func(int) Row
	id  func(int) string
}

// Len is how many rows there are.
func (t Table) Len() int { return t.n }

// Row makes row i.
func (t Table) Row(i int) Row { return t.row(i) }

// ID is the id of row i.
func (t Table) ID(i int) string { return t.id(i) }

// TableOf are rows that were made already.
func TableOf(rows []Row) Table {
	return Table{len(rows), func(i int) Row { return rows[i] }, func(i int) string { return rows[i].ID }}
}

// Table are the rows of items, in their order.
func (l List[T]) Table(items []T) Table {
	t := Table{n: len(items), row: func(i int) Row { return l.Row(items[i]) }}
	if t.id = func(i int) string { return t.row(i).ID }; l.ID != nil {
		t.id = func(i int) string { return l.ID(items[i]) }
	}
	return t
}

// ErrNoSuch says that no row is meant by a text.
var ErrNoSuch = errors.New("nothing of that name or id is listed")

// Barred is the error of a flag that names what is there, and cannot be chosen as it stands
// now.
type Barred struct{ Why string }

// Error implements error.
func (e Barred) Error() string { return e.Why }

// Find is the row that text means: its id, its exact name, or the word First. A name
// that several rows bear means none of them.
func (l List[T]) Find(rows Table, text string) (int, error) {
	found := -1
	var several []Row
	if l.First != "" && text == l.First {
		if found = First(rows); found < 0 {
			return -1, l.noFirst(rows)
		}
		return found, nil
	}
	if l.Other != "" && text == l.Other {
		if found = l.Which(rows); found < 0 {
			return -1, fmt.Errorf("no %s can be chosen", l.Noun)
		}
		return found, nil
	}
	for i := range rows.Len() { // the ids first: a row need not be made for its own
		if rows.ID(i) == text {
			return i, nil
		}
	}
	for i := range rows.Len() {
		if r := rows.Row(i); r.Name == text {
			found, several = i, append(several, r)
		}
	}
	if len(several) > 1 {
		return -1, &ambiguous{several, fmt.Sprintf("several %ss are called %q: say the id", l.Noun, text)}
	}
	if found < 0 {
		return -1, ErrNoSuch
	}
	return found, nil
}

// ambiguous is the error of a name that several rows bear.
type ambiguous struct {
	rows []Row
	text string
}

// Error implements error.
func (a *ambiguous) Error() string { return a.text }

// FindGiven is the row that the flag means, if it can be chosen.
func (l List[T]) FindGiven(rows Table) (int, error) {
	i, err := l.Find(rows, l.Given)
	var several *ambiguous
	switch {
	case errors.As(err, &several) && l.Several != nil:
		return -1, l.Several(several.rows)
	case err != nil:
		return -1, l.misnamed(rows, err)
	}
	if r := rows.Row(i); r.Barred != "" {
		return -1, fmt.Errorf("--%s %q: %w", l.Flag, l.Given, Barred{WhyNot(r)})
	}
	return i, nil
}

// misnamed is the error of a flag that means no row; err is why.
func (l List[T]) misnamed(rows Table, err error) error {
	switch {
	case !errors.Is(err, ErrNoSuch):
		return fmt.Errorf("--%s %q: %w", l.Flag, l.Given, err)
	}
	if unseen := l.unseen(rows); unseen != nil {
		return unseen
	}
	switch {
	case l.Missing != nil:
		return fmt.Errorf("%w%s", l.Missing, DidYouMean(rows, l.Given))
	}
	near := ""
	if l.Place != "" {
		near = DidYouMean(rows, l.Given)
	}
	return fmt.Errorf("--%s %q: there is no such %s %s%s", l.Flag, l.Given, l.Noun, cmp.Or(l.Place, "here"), near)
}

// Unseen is the error of a flag whose name was found in nothing that could be read, where not all could
// be: nobody knows whether it is there.
type Unseen struct {
	text string
	err  error // of the first that could not be read
}

// Error implements error.
func (u *Unseen) Error() string { return u.text }

// Unwrap gives the cause.
func (u *Unseen) Unwrap() error { return u.err }

// unseenMost is how many of those that could not be read are named.
const unseenMost = 3

// unseen is the error of a flag that no row fits where some rows stand for what could not be looked
// through; nil where all could.
func (l List[T]) unseen(rows Table) error {
	var first error
	var named []string
	n := 0
	for i := range rows.Len() {
		r := rows.Row(i)
		if r.Refused == nil {
			continue
		}
		if n++; first == nil {
			first = r.Refused
		}
		if n <= unseenMost {
			named = append(named, fmt.Sprintf("%s (%s)", r.Name, strings.TrimSuffix(state.Why(r.Refused), ".")))
		}
	}
	if first == nil {
		return nil
	}
	if n > unseenMost {
		named = append(named, fmt.Sprintf("%d more", n-unseenMost))
	}
	return &Unseen{fmt.Sprintf("--%s %q: whether there is such a %s is not known: it was not found, and these projects could not be read: %s", l.Flag, l.Given, l.Noun, strings.Join(named, ", ")), first}
}

// First is the first row that can be chosen, those aside left out; -1 for none.
func First(rows Table) int {
	for i := range rows.Len() {
		if r := rows.Row(i); r.Barred == "" && r.Aside == "" {
			return i
		}
	}
	return -1
}

// noFirst is the error of the word First where it means no row.
func (l List[T]) noFirst(rows Table) error {
	for i := range rows.Len() {
		if r := rows.Row(i); r.Barred == "" {
			return fmt.Errorf("no %s can be chosen but %s, which is chosen by its id: %s", l.Noun, r.Aside, r.ID)
		}
	}
	return fmt.Errorf("no %s can be chosen", l.Noun)
}

// WhyNot says why a row cannot be chosen; empty if it can.
func WhyNot(r Row) string {
	if r.Barred == "" {
		return ""
	}
	return fmt.Sprintf("%s cannot be chosen: %s.", r.Name, r.Barred)
}

// Sought is what a filter finds of a row. An age is not part of it: whoever looks for "22 Nov"
// does not mean what is kept for 22 hours more.
func (r Row) Sought() filter.Text {
	rest := make([]string, 0, len(r.Cells)+2)
	for _, cell := range r.Cells {
		if cell != "" && cell != r.Name && cell != r.ID && !slices.Contains(r.Passing, cell) {
			rest = append(rest, cell)
		}
	}
	warning := r.Warning
	for _, p := range r.Passing {
		warning = strings.ReplaceAll(warning, p, "")
	}
	return filter.Of(r.Name, r.ID, append(rest, r.Barred, warning)...)
}
