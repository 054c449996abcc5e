package ui

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"atlas-restore/state"
	"atlas-restore/ui/steps"
)

// page is one step on the screen. It is sized by the root, gets every message that
// the root does not take itself, and hands its result back in the same call: a
// result that travelled as a message could be overtaken by the next key.
type page interface {
	// Init starts what the page needs; it is called again when the page is come
	// back to, with a new context that ends when it is left.
	Init(ctx context.Context) tea.Cmd
	Update(msg tea.Msg) (result, tea.Cmd)
	// View draws the page in at most w columns and h lines.
	View(s styles, w, h int) string
	// Cursor is where the terminal's cursor belongs in the last View, nil for none.
	Cursor() *tea.Cursor
	// Meaning is the sentence below the page: what the present choice means, or what
	// was wrong with the last key.
	Meaning() said
	// Keys are what can be done now: no other key reaches the page, but for those that
	// write where Writes says so.
	Keys() []action
	// Writes says whether keys write into a field of the page.
	Writes() bool
}

// said is a sentence, and whether it says that something is wrong.
type said struct {
	text  string
	wrong bool
}

// result is what a page has to say to the root; nil for nothing.
type result any

// What a page can say.
type (
	// answered is the step's answer: what it makes of the plan.
	answered struct {
		plan func(state.Plan) state.Plan
	}
	other     struct{ way func(*steps.Session) } // another way on
	confirmed struct{ typed string }
	unguided  struct{ err error }          // what a flag says cannot be had
	back      struct{ draft *state.Draft } // one page back; draft keeps what was typed
	leave     struct{}                     // the program
	says      struct{ text string }        // below the page, until the next key
	again     struct{}                     // another restore
	saves     struct{}                     // the plan of the review, to a file
)
