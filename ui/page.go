package ui

import (
	"context"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"atlas-restore/state"
	"atlas-restore/state/submit"
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
	Keys() []key.Binding
}

// said is a sentence, and whether it says that something is wrong.
type said struct {
	text  string
	wrong bool
}

// result is what a page has to say to the root; nil for nothing.
type result any

// One type for each page, and three that several pages share.
type (
	projectChosen  struct{ project state.Project }
	clusterChosen  struct{ cluster state.Cluster }
	snapshotChosen struct{ snapshot state.Snapshot }
	momentChosen   struct{} // "a moment" rather than a snapshot
	deliveryChosen struct{ delivery state.DeliveryType }
	fieldsFilled   struct {
		instant state.Instant
		target  state.Target
		draft   state.Draft
	}
	confirmed struct{ typed string }

	back  struct{ draft *state.Draft } // one page back; draft keeps what was typed
	leave struct{}                     // the program
)

// submitted comes back from Atlas for the one order that was sent.
type submitted struct {
	job     state.Job
	verdict submit.Verdict
	err     error
}
