// Package forms holds the fields of each delivery type as a Huh form that checks
// while one types.
//
// The fields are of this package's own kinds, made around a Bubbles text input:
// huh.Input validates only when it is left, and holds the user in a field that is
// invalid, even on the way back. Ours are checked after every key and paste, say
// nothing of a field in which nothing was typed yet, and can always be left.
//
// Of huh.Form is used what it is good at: the group, its order and its focus. Four
// things are done here instead, for reasons that lie in huh 2.0.3:
//
//   - Going on and back happens inside the key that asked for it. Huh's own keys
//     send a command, and the next key of a burst would still reach the old field.
//   - The last field never asks huh for the next group: a completed huh form has an
//     empty View and ignores every message, and a group with errors cannot be left
//     backwards either. Completed is therefore kept here.
//   - The fields are drawn here, not from the group's viewport, which is one line
//     higher than asked for, is redrawn only by messages, and puts the focused field
//     on top whatever fits.
//   - Window sizes do not reach huh; whoever embeds the form gives it its place.
//
// Nothing here reads or writes anything, starts a goroutine, or blocks.
package forms

import (
	"slices"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"charm.land/huh/v2"

	"atlas-restore/state"
)

// The names of the fields, as Focus tells them.
const (
	FieldRestoreTo = "restoreTo"
	FieldMoment    = "moment"
	FieldOplogTs   = "oplogTs"
	FieldOplogInc  = "oplogInc"
	FieldProject   = "targetProject"
	FieldCluster   = "targetCluster"
)

// Options is what a form is made from.
type Options struct {
	Plan     state.Plan       // the source and the delivery type; its Draft prefills the fields
	Now      func() time.Time // nil: time.Now
	Zone     *time.Location   // the user's zone, for the echo; nil: UTC
	Reach    state.Reach      // zero: unknown
	Names    state.Names      // what is production
	Finds    bool             // the clusters of all projects are offered at once, see SetFound; the project need not be named first
	Alone    bool             // of a point in time nothing but the moment is asked
	Point    bool             // the moment is what is asked, though all is filled in
	Projects []state.Project  // candidates for the target project
	Styles   Styles           // the zero value is monochrome
}

// Form is the form of one delivery type.
type Form struct {
	plan   state.Plan
	now    func() time.Time
	zone   *time.Location
	reach  state.Reach
	unsure string // what is not known of it, in a sentence
	names  state.Names
	styles Styles
	w, h   int

	form  *huh.Form
	shown []field // its fields, in their order
	gap   bool    // a blank line between the fields

	restoreTo *choice
	moment    *text
	oplogTs   *text
	oplogInc  *text
	project   *pick
	cluster   *pick

	projects  []state.Project
	bearers   map[string]int // how many projects bear a name, in lower case
	target    state.Project  // the project that the field names; no id: none
	clusters  clusterList
	found     []state.Found // of all projects; nil where they are not known
	finds     bool
	alone     bool
	awaits    bool // the clusters of all projects are on their way
	narrow    bool // somebody has named the project: only its clusters are offered
	completed bool
}

// field is one of this package's kinds of field.
type field interface {
	huh.Field
	name() string
	meaning() string
	problem() error            // what keeps the value from being valid; nil if nothing
	accept() bool              // Enter: takes what is to be taken, says whether to go on
	scold()                    // show the problem from now on
	details(room int) []string // the lines beneath the field, as many as room allows
	ask() Question             // see Form.Question, which adds the names
	answer(text string, asTyped bool) error
	setRoom(w, room int)            // the cells of a line, and the lines beneath the head
	cursor() (x, y int, shown bool) // of the terminal's cursor, y lines below the head
}

// New makes the form of an automated or a point-in-time restore. A download has no
// fields of its own; do not call New for it.
func New(o Options) *Form {
	f := &Form{
		plan: o.Plan, now: o.Now, zone: o.Zone, reach: o.Reach, names: o.Names,
		styles: o.Styles.complete(), w: 80, h: 24, finds: o.Finds, alone: o.Alone,
	}
	if f.now == nil {
		f.now = time.Now
	}
	if f.zone == nil {
		f.zone = time.UTC
	}
	f.know(withOwn(o.Plan.Project, o.Projects))
	d := prefill(o.Plan)
	f.restoreTo = newChoice(&f.styles, d.ByOplog)
	f.moment = f.newMoment(d.Moment)
	f.oplogTs = f.newOplogTs(d.OplogTs)
	f.oplogInc = f.newOplogInc(d.OplogInc)
	f.project = f.newProject(d.TargetProject)
	f.target, _ = f.findProject(f.project.value())
	f.cluster = f.newCluster(d.TargetCluster)
	f.build(0)
	if _, _, ok := f.Result(); ok && !o.Plan.Target.IsZero() && !o.Point {
		f.focusOn(len(f.shown) - 1) // come back to from the review: where it was left
	} else if found := !o.Plan.Evidence.IsZero() && o.Plan.Target.IsZero() && f.moment.problem() == nil; found && o.Plan.Delivery == state.PointInTime && !o.Point {
		f.focusOn(2) // the moment was found: the target is what is open
	} else if o.Plan.Delivery == state.PointInTime {
		f.focusOn(1) // a moment is what is mostly wanted: it can be typed at once
	} else if f.finds {
		f.focusOn(len(f.shown) - 1) // any cluster is found there
	}
	return f
}

// prefill is the draft to begin with: the plan's, or where nothing was ever typed
// what the plan says already (flags may have said it).
func prefill(p state.Plan) state.Draft {
	d := p.Draft
	if d != (state.Draft{}) {
		return d
	}
	d.TargetProject, d.TargetCluster = p.Target.Project.ID, p.Target.ClusterName
	if p.Instant.ByOplog() {
		d.ByOplog, d.OplogTs, d.OplogInc = true, number(p.Instant.OplogTs), number(p.Instant.OplogInc)
	} else if !p.Instant.IsZero() {
		d.Moment = p.Instant.Time().Format("2006-01-02 15:04:05")
	}
	return d
}

// build makes the huh form of the fields that are shown now, with the focus on the
// at-th. Huh can hide groups but not single fields, so that another choice of
// moment or oplog is another group; the field objects stay the same.
func (f *Form) build(at int) {
	f.shown = []field{f.project, f.cluster}
	if f.plan.Delivery == state.PointInTime {
		instant := []field{f.restoreTo, f.moment}
		if f.restoreTo.oplog {
			instant = []field{f.restoreTo, f.oplogTs, f.oplogInc}
		}
		if f.shown = append(instant, f.shown...); f.alone {
			f.shown = instant
		}
	}
	fields := make([]huh.Field, len(f.shown))
	for i, fl := range f.shown {
		fl.Blur()
		fields[i] = fl
	}
	keys := huh.NewDefaultKeyMap()
	keys.Quit = key.NewBinding(key.WithDisabled()) // ctrl+c belongs to the root
	f.form = huh.NewForm(huh.NewGroup(fields...)).WithShowHelp(false).WithShowErrors(false).
		WithKeyMap(keys).WithTheme(huh.ThemeFunc(theme)).WithWidth(f.w)
	f.form.Init() // its command only asks for the window's size
	f.focusOn(at)
}

// unstyled is the theme for huh, which draws nothing that is seen.
var unstyled = &huh.Styles{}

func theme(bool) *huh.Styles { return unstyled }

// Init makes the form ready; call it again whenever the page is come back to. It
// needs no command: nothing blinks and nothing is loaded here.
func (f *Form) Init() tea.Cmd {
	f.Reopen()
	return nil
}

// Update handles one message. Give it keys and pastes, all but those that the page
// owns (esc, ctrl+c, ctrl+r, F1), and messages it does not know.
func (f *Form) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		return nil
	case listShownMsg:
		if msg.field == f.cluster && msg.gen == f.cluster.gen {
			f.cluster.armed = true
		}
		return nil
	case tea.PasteMsg:
		if f.completed {
			return nil
		}
	case tea.KeyPressMsg:
		if f.completed {
			return nil
		}
		switch msg.String() {
		case "enter":
			f.enter()
			return nil
		case "tab":
			f.focusOn(f.next())
			return nil
		case "shift+tab":
			f.focusOn(f.at() - 1)
			return nil
		}
	}
	before, project := f.restoreTo.oplog, f.project.value()
	m, cmd := f.form.Update(msg)
	if form, ok := m.(*huh.Form); ok { // always: huh's Update returns its own form
		f.form = form
	}
	if f.restoreTo.oplog != before {
		f.build(f.at())
	}
	if now := f.project.value(); now != project {
		f.narrow = now != ""
	}
	f.sync()
	return cmd
}

// enter takes what is to be taken in the focused field and goes on; after the last
// field the form is complete, or the first invalid one says why it is not.
func (f *Form) enter() {
	at := f.at()
	ok := f.shown[at].accept()
	f.sync() // the cluster field follows the project before it gets the focus
	if !ok {
		return
	}
	if f.finds && at+1 < len(f.shown) && f.shown[at+1] == field(f.project) && f.project.problem() == nil {
		at++ // any cluster is found without it
	}
	f.goOn(at)
}

// next is where tab leads: to the next field, and from the clusters of all projects to the list
// of those.
func (f *Form) next() int {
	at := f.at()
	if f.finds && at == len(f.shown)-1 {
		return at - 1
	}
	return at + 1
}

// goOn leaves the at-th field, which is valid.
func (f *Form) goOn(at int) {
	if at < len(f.shown)-1 {
		f.focusOn(at + 1)
		return
	}
	for i, fl := range f.shown {
		if fl.problem() != nil {
			fl.scold()
			f.focusOn(i)
			return
		}
	}
	f.completed = true
}

// focusOn moves the focus to the i-th field, within the first and the last. Each
// step is given to huh as a message at once, not as a command.
func (f *Form) focusOn(i int) {
	i = min(max(i, 0), len(f.shown)-1)
	for f.at() < i {
		f.form.NextField()
	}
	for f.at() > i {
		f.form.PrevField()
	}
}

// at is the index of the focused field.
func (f *Form) at() int {
	focused := f.form.GetFocusedField().GetKey()
	return slices.IndexFunc(f.shown, func(fl field) bool { return fl.GetKey() == focused })
}

// SetSize gives the form its place.
func (f *Form) SetSize(w, h int) {
	f.w, f.h = max(w, 0), max(h, 0)
	f.form.WithWidth(f.w)
}

// SetStyles changes the styles, for example when the background is known.
func (f *Form) SetStyles(s Styles) { f.styles = s.complete() }

// SetUnsure says in a sentence what is not known of which moments can be had; empty for nothing.
func (f *Form) SetUnsure(why string) { f.unsure = why }

// SetReach tells which moments can be had once it is known.
func (f *Form) SetReach(r state.Reach) { f.reach = r }

// Draft is everything that was typed so far, valid or not, shown or not.
func (f *Form) Draft() state.Draft {
	return state.Draft{
		ByOplog:       f.restoreTo.oplog,
		Moment:        f.moment.said(),
		OplogTs:       f.oplogTs.said(),
		OplogInc:      f.oplogInc.input.Value(),
		TargetProject: f.project.input.Value(),
		TargetCluster: f.cluster.input.Value(),
	}
}

// Result is what the fields say; ok only when every field that is shown is valid.
// The instant is zero for an automated restore; that of collections was chosen before.
func (f *Form) Result() (instant state.Instant, target state.Target, ok bool) {
	for _, fl := range f.shown {
		if fl.problem() != nil {
			return state.Instant{}, state.Target{}, false
		}
	}
	if instant = f.plan.Instant; f.plan.Delivery == state.PointInTime {
		instant = f.instant()
	} else if f.plan.Delivery != state.Collections {
		instant = state.Instant{}
	}
	c, listed := f.listed(f.cluster.value())
	return instant, state.Target{Project: f.target, ClusterName: f.cluster.value(), Unlisted: f.loaded() && !listed, DiskSizeGB: c.DiskSizeGB}, true
}

// Completed says whether the user has pressed enter on the last field with all of
// them valid. Until Reopen (or Init) the form then takes no keys.
func (f *Form) Completed() bool { return f.completed }

// Reopen lets the form be edited again after it was completed.
func (f *Form) Reopen() { f.completed = false }

// Focus is the name of the focused field, one of the Field constants.
func (f *Form) Focus() string { return f.shown[f.at()].GetKey() }

// Barred says whether the highlighted target cannot take the restore as it was seen last.
func (f *Form) Barred() bool {
	r, ok := f.cluster.current()
	return ok && f.Focus() == FieldCluster && r.barred != ""
}

// Prompt is the focused field in a few words.
func (f *Form) Prompt() string { return f.shown[f.at()].name() }

// Meaning is one sentence about what the focused field means.
func (f *Form) Meaning() string { return f.shown[f.at()].meaning() }

// ShortHelp lists the keys of the focused field, for the footer.
func (f *Form) ShortHelp() []key.Binding {
	at := f.at()
	keys := f.shown[at].KeyBinds()
	switch last := len(f.shown) - 1; {
	case f.finds && at == last:
		return append(keys, bind("tab", "look by project", "tab"))
	case f.finds && at == last-1:
		keys = append(keys, bind("tab", "the clusters", "tab"))
	case at < last:
		keys = append(keys, bind("tab", "next field", "tab"))
	}
	if at > 0 {
		keys = append(keys, bind("shift+tab", "field before", "shift+tab"))
	}
	return keys
}

func bind(shown, help string, keys ...string) key.Binding {
	return key.NewBinding(key.WithKeys(keys...), key.WithHelp(shown, help))
}
