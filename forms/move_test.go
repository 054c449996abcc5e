package forms

import (
	"testing"

	tea "charm.land/bubbletea/v2"
	"charm.land/huh/v2"

	"atlas-restore/state"
)

// Every kind of field is one of huh's.
var (
	_ huh.Field = (*choice)(nil)
	_ huh.Field = (*text)(nil)
	_ huh.Field = (*pick)(nil)
)

func TestMoving(t *testing.T) {
	tests := []struct {
		name, keys, focus string
	}{
		{"begins at the first field", "", FieldRestoreTo},
		{"enter goes on", "<enter>", FieldMoment},
		{"enter stays on an invalid field", "<enter>soon<enter>", FieldMoment},
		{"enter stays on an empty field", "<enter><enter><enter>", FieldMoment},
		{"tab passes an invalid field", "<enter>soon<tab>", FieldProject},
		{"back leaves an invalid field", "<enter>soon<back>", FieldRestoreTo},
		{"back stays at the first field", "<back><back>", FieldRestoreTo},
		{"tab stays at the last field", "<tab><tab><tab><tab><tab><tab>", FieldCluster},
		{"back from an unknown project", "<tab><tab>nowhere<back>", FieldMoment},
		{"back from an impossible cluster", "<tab><tab><tab>no_such<back>", FieldProject},
		{"the choice keeps the focus", "<right>", FieldRestoreTo},
		{"the oplog pair has two fields", "<right><tab><tab>", FieldOplogInc},
		{"tab after the oplog pair", "<right><tab><tab><tab>", FieldProject},
		{"a burst reaches each field", "<enter>2026-11-23 14:03<enter>stag<enter>", FieldCluster},
		{"the end leads to what is missing", "<tab><tab><tab>zeta<enter>", FieldMoment},
		{"esc is nothing here", "<enter>x<esc>", FieldMoment},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newForm(state.PointInTime)
			send(f, tt.keys)
			if got := f.Focus(); got != tt.focus {
				t.Errorf("the focus is on %s, want %s\n%s", got, tt.focus, view(f))
			}
			if f.Completed() {
				t.Error("the form is complete")
			}
		})
	}
}

func TestBackWithAnythingTyped(t *testing.T) {
	for _, garbage := range []string{"", "x", "no such thing", "2026-", "é漢字", "-"} {
		f := newForm(state.PointInTime)
		send(f, "<right><tab>"+garbage+"<tab>"+garbage+"<tab>"+garbage+"<tab>"+garbage)
		for _, want := range []string{FieldProject, FieldOplogInc, FieldOplogTs, FieldRestoreTo, FieldRestoreTo} {
			send(f, "<back>")
			if f.Focus() != want {
				t.Fatalf("%q: the focus is on %s, want %s", garbage, f.Focus(), want)
			}
		}
		if got := f.Draft().OplogTs; got != garbage {
			t.Errorf("back has changed %q to %q", garbage, got)
		}
	}
}

func TestCompletion(t *testing.T) {
	f := newForm(state.Automated)
	send(f, "<enter>rest<enter>")
	if !f.Completed() {
		t.Fatalf("not complete:\n%s", view(f))
	}
	instant, target, ok := f.Result()
	if !ok || !instant.IsZero() || target.ClusterName != "orders-restore" || target.Project.ID != payments || target.Project.Name != "Payments" {
		t.Errorf("the result is %v, %v, %v", instant, target, ok)
	}
	if view(f) == "" {
		t.Error("a completed form has an empty view")
	}
	send(f, "x")
	paste(f, "y")
	if f.Draft().TargetCluster != "orders-restore" || !f.Completed() {
		t.Error("a completed form took keys")
	}
	f.Reopen()
	if f.Completed() {
		t.Error("still complete after Reopen")
	}
	send(f, "<back>stag<enter>")
	if p, _ := f.TargetProject(); p.ID != staging {
		t.Errorf("after Reopen the project is %v", p)
	}
}

func TestInitReopens(t *testing.T) {
	f := newForm(state.Automated)
	send(f, "<enter>rest<enter>")
	f.Init()
	if f.Completed() || f.Focus() != FieldCluster {
		t.Errorf("complete %v, focus %s", f.Completed(), f.Focus())
	}
	if _, _, ok := f.Result(); !ok {
		t.Error("the result is lost")
	}
}

// Huh moves by commands; here a key has done its work when Update returns, and no
// command is left that could do something later.
func TestNoCommands(t *testing.T) {
	f := newForm(state.PointInTime)
	if f.Init() != nil {
		t.Error("Init has a command")
	}
	for _, k := range []string{"enter", "tab", "back", "right", "space", "up", "down", "bs"} {
		if cmd := f.Update(press(k)); cmd != nil {
			t.Errorf("%s has a command", k)
		}
	}
	for _, msg := range []tea.Msg{tea.WindowSizeMsg{Width: 200, Height: 60}, tea.PasteMsg{Content: "x"}, struct{}{}, nil} {
		if cmd := f.Update(msg); cmd != nil {
			t.Errorf("%T has a command", msg)
		}
	}
}

func TestEnterForEver(t *testing.T) {
	f := New(options(plan(state.PointInTime)))
	for range 200 {
		send(f, "<enter>")
	}
	if f.Completed() {
		t.Error("nothing was answered, yet the form is complete")
	}
}

func TestHelpAndWords(t *testing.T) {
	f := newForm(state.PointInTime)
	for range 2 {
		for range 5 {
			if f.Prompt() == "" || f.Meaning() == "" || len(f.ShortHelp()) < 2 {
				t.Errorf("%s lacks words: %q %q %v", f.Focus(), f.Prompt(), f.Meaning(), f.ShortHelp())
			}
			send(f, "<tab>")
		}
		send(f, "<back><back><back><back><back><right>")
	}
}

// Bubbles 2.2.1 panics on these keys; the form must not.
func TestDeleteWordForwardAtTheLastLetter(t *testing.T) {
	f := newForm(state.PointInTime)
	send(f, "<tab>a<left>")
	f.Update(tea.KeyPressMsg{Code: 'd', Mod: tea.ModAlt})
	f.Update(tea.KeyPressMsg{Code: tea.KeyDelete, Mod: tea.ModCtrl})
	if f.Draft().Moment != "a" {
		t.Errorf("the moment is %q", f.Draft().Moment)
	}
}

// A point in time is begun by typing the moment, without a key before it.
func TestMomentFirst(t *testing.T) {
	f := New(options(plan(state.PointInTime)))
	f.Init()
	if f.Focus() != FieldMoment {
		t.Errorf("the focus begins on %s", f.Focus())
	}
}
