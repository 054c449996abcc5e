package ui

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
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

// Who wants a look while one is under way gets one at once: the other may hang, or have read the job
// before what it is to show. What it brings all the same is nobody's.
func TestALookThatIsWantedIsMade(t *testing.T) {
	now := time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)
	job := state.Job{ID: "6b0000000000000000000001", DeliveryType: state.Automated, TargetClusterName: "shop"}
	ended := job
	ended.FinishedAt = now
	p := newJobPage(steps.Config{Now: func() time.Time { return now }}, steps.Job{Follow: watch.New(job, now)}, func() bool { return false })
	look := func(gen int, job state.Job) {
		p.Update(loaded[watch.Sight]{owner: &p.look, gen: gen, value: watch.Sight{Job: job}})
	}
	p.Init(t.Context())
	p.ask(false)
	left := p.look.gen
	if _, cmd := p.key(tea.KeyPressMsg{Code: 'r', Mod: tea.ModCtrl}); cmd == nil {
		t.Fatal("a look was wanted while another one was under way, and none is made")
	}
	if look(left, ended); !p.look.busy || p.state().Ended() {
		t.Error("a look that was left is taken for the one that is wanted")
	}
	if look(p.look.gen, job); p.look.busy {
		t.Error("a look is made that nobody has asked for")
	}
}

// slowToLeave is Atlas where a look that is left takes a while to end.
type slowToLeave struct {
	steps.Atlas
	now, most, all int
}

// Job implements steps.Atlas.
func (a *slowToLeave) Job(ctx context.Context, _ state.Cluster, id string) (state.Job, error) {
	a.all++
	a.now++
	a.most = max(a.most, a.now)
	defer func() { a.now-- }()
	if a.all == 1 {
		<-ctx.Done()
		time.Sleep(time.Second) // of the bubble's time
		return state.Job{}, ctx.Err()
	}
	return state.Job{ID: id, DeliveryType: state.Download}, nil
}

// However often a look is wanted, one is made at a time.
func TestOneLookAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &slowToLeave{}
		cfg := steps.Config{Now: time.Now, Atlas: a}
		job := state.Job{ID: "6b0000000000000000000001", DeliveryType: state.Download}
		p := newJobPage(cfg, steps.Job{Follow: watch.New(job, time.Now()), Plan: state.Plan{Delivery: state.Download}}, func() bool { return false })
		p.Init(t.Context())
		p.look.still = true
		answers := make(chan tea.Msg, 8)
		run := func(cmd tea.Cmd) {
			if cmd == nil {
				t.Fatal("it asks for nothing")
			}
			batch, _ := cmd().(tea.BatchMsg)
			go func() { answers <- batch[0]() }()
			synctest.Wait()
		}
		run(p.ask(false))
		for range 3 {
			_, cmd := p.key(tea.KeyPressMsg{Code: 'r', Mod: tea.ModCtrl})
			run(cmd)
		}
		for range 4 {
			p.Update(<-answers)
		}
		if a.most != 1 || a.all != 2 || p.look.busy || !p.job.Answered() {
			t.Errorf("%d looks, %d at the same time, answered: %t", a.all, a.most, p.job.Answered())
		}
	})
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
