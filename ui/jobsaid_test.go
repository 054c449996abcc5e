package ui

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"atlas-restore/state"
	"atlas-restore/state/watch"
	"atlas-restore/ui/steps"
)

// saidPage is the page of a job that runs, and what is said of it.
func saidPage(foreign bool) (*jobPage, *steps.Said) {
	now := time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)
	job := state.Job{ID: "6b0000000000000000000001", DeliveryType: state.Automated, TargetClusterName: "shop"}
	said := &steps.Said{}
	p := newJobPage(steps.Config{Now: func() time.Time { return now }}, steps.Job{Follow: watch.New(job, now), Said: said, Foreign: foreign}, func() bool { return false })
	return p, said
}

func typeInto(p *jobPage, keys ...tea.KeyPressMsg) {
	for _, k := range keys {
		p.Update(k)
	}
}

func lettersOf(text string) (out []tea.KeyPressMsg) {
	for _, r := range text {
		out = append(out, tea.KeyPressMsg{Code: r, Text: string(r)})
	}
	return out
}

// What a restore is for is asked on the page of its job, once, and stands between nobody and the
// request: until a key is pressed a line says that it can be said.
func TestWhatARestoreIsForIsAskedOnce(t *testing.T) {
	p, said := saidPage(false)
	enter, t1 := tea.KeyPressMsg{Code: tea.KeyEnter}, tea.KeyPressMsg{Code: 't', Text: "t"}
	shown := func() string { return ansi.Strip(p.View(styles{}, 80, 24)) }
	if !strings.Contains(shown(), "t writes down a ticket and a purpose") {
		t.Errorf("nothing says so:\n%s", shown())
	}
	for _, h := range []int{24, 15, 9} {
		if lines := strings.Split(p.View(styles{}, 60, h), "\n"); len(lines) > h {
			t.Errorf("%d lines in %d", len(lines), h)
		}
	}
	typeInto(p, t1)
	if !p.Writes() || !strings.Contains(shown(), steps.AsksTicket) || p.Cursor() == nil {
		t.Fatalf("it is not asked:\n%s", shown())
	}
	typeInto(p, lettersOf("OPS-7 qnx")...) // no letter is a key meanwhile
	if line := strings.Split(shown(), "\n")[p.Cursor().Y]; !strings.Contains(line, "OPS-7 qnx") {
		t.Errorf("the cursor is not where one types: %q", line)
	}
	typeInto(p, enter)
	p.Update(tea.PasteMsg{Content: "orders\x1b[31m were\ndropped"})
	typeInto(p, enter)
	if said.Ticket != "OPS-7 qnx" || !strings.HasPrefix(said.Purpose, "orders") || strings.ContainsAny(said.Purpose, "\x1b\n") || !said.Asked || p.Writes() {
		t.Errorf("%+v, %q", said, p.told)
	}
	if !strings.Contains(shown(), "OPS-7 qnx") {
		t.Errorf("what was said is not shown:\n%s", shown())
	}
	typeInto(p, t1, tea.KeyPressMsg{Code: 'x', Text: "x"}, tea.KeyPressMsg{Code: tea.KeyEscape})
	if said.Ticket != "OPS-7 qnx" {
		t.Errorf("esc has changed it: %+v", said)
	}

	p, said = saidPage(false)
	typeInto(p, t1, enter, enter)
	if !said.Asked || strings.Contains(shown(), "t writes down") {
		t.Errorf("both may stay empty, and it is asked again: %+v\n%s", said, shown())
	}

	p, _ = saidPage(true)
	if typeInto(p, t1); p.Writes() || strings.Contains(shown(), "Record") {
		t.Errorf("a job of somebody else has no record here:\n%s", shown())
	}
}

// No key of a line editor stops the program: alt+d with only blanks behind the cursor is one that did.
func TestNoKeyOfALineStopsTheProgram(t *testing.T) {
	in := newInput()
	in.SetValue("   ")
	in.CursorStart()
	in.Focus()
	in, cmd := in.Update(tea.KeyPressMsg{Code: 'd', Mod: tea.ModAlt})
	if cmd != nil || in.Value() != "   " {
		t.Errorf("%q", in.Value())
	}
	if _, cmd := in.Update(tea.KeyPressMsg{Code: 'v', Mod: tea.ModCtrl}); cmd != nil {
		t.Error("ctrl+v runs a program")
	}
}
