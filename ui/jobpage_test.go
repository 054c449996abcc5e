package ui

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"atlas-restore/state"
	"atlas-restore/state/collections"
	"atlas-restore/state/watch"
	"atlas-restore/ui/steps"
)

// In a training whose links end with it, no key promises that they can be had afterwards; a link
// that was handed out is marked.
func TestNoLinksAfterATraining(t *testing.T) {
	now := time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)
	for served, promises := range map[bool]bool{false: false, true: true} {
		cfg := steps.Config{Mode: steps.Training, Served: served, Now: func() time.Time { return now }}
		job := state.Job{ID: "6b0000000000000000000001", DeliveryType: state.Download, Deliveries: []state.Delivery{{URL: state.NewSecret("https://a.test/1")}}}
		f := watch.New(job, now)
		f.Saw(job, now)
		p := newJobPage(cfg, steps.Job{Follow: f, Plan: state.Plan{Delivery: state.Download}}, func() bool { return false })
		said := p.Meaning().text
		for _, key := range []tea.KeyPressMsg{{Code: 'c', Text: "c"}, {Code: tea.KeyEscape}} {
			p.key(key)
			said += " " + p.Meaning().text
		}
		if strings.Contains(said, "prints each link") != promises {
			t.Errorf("served: %t: %q", served, said)
		}
		if !strings.Contains(p.View(styles{}, 80, 24), "shown to you") {
			t.Error("a link that was handed out is not marked")
		}
	}
}

// Who wants a look while one is under way gets one from then on: the other may have read the job
// before what it is to show.
func TestALookThatIsWantedIsMade(t *testing.T) {
	now := time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)
	job := state.Job{ID: "6b0000000000000000000001", DeliveryType: state.Automated, TargetClusterName: "shop"}
	p := newJobPage(steps.Config{Now: func() time.Time { return now }}, steps.Job{Follow: watch.New(job, now)}, func() bool { return false })
	look := func() {
		p.Update(loaded[watch.Sight]{owner: &p.look, gen: p.look.gen, value: watch.Sight{Job: job}})
	}
	p.Init(t.Context())
	p.ask(false)
	for range 2 {
		p.key(tea.KeyPressMsg{Code: 'r', Mod: tea.ModCtrl})
	}
	if look(); !p.look.busy {
		t.Fatal("a look was wanted while another one was under way, and none is made")
	}
	if look(); p.look.busy {
		t.Error("a look is made that nobody has asked for")
	}
}

// A command for mongosh is copied whole: a row breaks it only where it is wider than the window, enter
// shows it from edge to edge, where the terminal alone folds it, and c copies it.
func TestCommandsForMongoshAreWhole(t *testing.T) {
	now := time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)
	name := collections.Name{Database: "shop", Collection: "orders_of_the_year_2026_by_region"}
	job := state.Job{
		ID: "6b0000000000000000000001", DeliveryType: state.Collections, TargetClusterName: "shop",
		Collections: &collections.Job{State: collections.Successful, Indexes: collections.IndexBuild{State: collections.Successful}, Parts: []collections.Part{{Source: name, Asked: name, Real: name, State: collections.Successful}}},
	}
	f := watch.New(job, now)
	f.Saw(job, now)
	plan := state.Plan{Delivery: state.Collections}
	p := newJobPage(steps.Config{Now: func() time.Time { return now }}, steps.Job{Follow: f, Plan: plan}, func() bool { return false })
	command := name.Counts()
	if text := p.View(styles{}, 120, 24); !strings.Contains(text, command) {
		t.Errorf("it has room for it:\n%s", text)
	}
	if text := p.View(styles{}, 60, 24); strings.Contains(text, command) || p.bleeds() {
		t.Errorf("it has no room for it:\n%s", text)
	}
	cmd := p.copy()
	if cmd == nil || !strings.Contains(p.Meaning().text, "clipboard") {
		t.Error("nothing is copied")
	}
	p.key(tea.KeyPressMsg{Code: tea.KeyEnter})
	if text := p.View(styles{}, 60, 24); !p.bleeds() || !strings.Contains(string(joined([]byte(strings.ReplaceAll(text, "\n", "\r\n")), 60)), "\r\n"+command) {
		t.Errorf("it is not whole:\n%s", text)
	}
	p.key(tea.KeyPressMsg{Code: tea.KeyEscape})
	if p.bleeds() {
		t.Error("esc does not go back")
	}
}
