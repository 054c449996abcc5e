package ui

import (
	"context"
	"errors"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"atlas-restore/state"
	"atlas-restore/ui/steps"
)

// The root checks a confirmation itself: a page that takes anything for one submits
// nothing.
func TestRootChecksTheConfirmation(t *testing.T) {
	for typed, want := range map[string]bool{"": false, "orders": false, "orders-prod": false, "orders-stg": true} {
		r := New(t.Context(), steps.Config{Atlas: fixedAtlas{}, Now: func() time.Time { return benchNow }, Zone: time.UTC})
		r.enter()
		for _, plan := range []state.Plan{
			{Project: state.Project{ID: "65f0c1d2e3a4b5c6d7e8f901"}},
			{Cluster: state.Cluster{Name: "orders-prod", Type: state.ReplicaSet, MongoDBVersion: "8.0.29"}},
			{Snapshot: state.Snapshot{ID: "6925c1d2e3a4b5c6d7e8f903"}},
			{Delivery: state.Automated},
			{Target: state.Target{Project: state.Project{ID: "65f0c1d2e3a4b5c6d7e8f902"}, ClusterName: "orders-stg"}},
		} {
			r.take(answered{func(p state.Plan) state.Plan { return merged(p, plan) }})
		}
		if cmd := r.take(confirmed{typed}); cmd != nil || r.run.Sending() {
			t.Errorf("%q: submits before the checks are made", typed)
		}
		r.take(gathered{state.Facts{Now: benchNow, Plan: r.run.Plan, Snapshot: state.Snapshot{ID: r.run.Plan.Snapshot.ID, Status: "completed"}, Target: state.Cluster{State: "IDLE", Type: state.ReplicaSet, MongoDBVersion: "8.0.29"}}})
		if cmd := r.take(confirmed{typed}); (cmd != nil) != want || r.run.Sending() != want {
			t.Errorf("%q: submits %v, want %v", typed, r.run.Sending(), want)
		}
		if want && r.take(confirmed{typed}) != nil {
			t.Error("a second request for one confirmation")
		}
	}
}

// merged is p with what more says.
func merged(p, more state.Plan) state.Plan {
	switch {
	case more.Project.ID != "":
		p.Project = more.Project
	case more.Cluster.Name != "":
		p.Cluster = more.Cluster
	case more.Snapshot.ID != "":
		p.Snapshot = more.Snapshot
	case more.Delivery != "":
		p.Delivery = more.Delivery
	default:
		p.Target = more.Target
	}
	return p
}

// An answer belongs to the last question of its own page; any other changes nothing.
func TestLoadTakesItsOwnAnswer(t *testing.T) {
	nothing := func(context.Context) (int, error) { return 0, nil }
	var l, other load[int]
	l.start(t.Context(), "Loading", nothing)
	first := l.gen
	l.start(t.Context(), "Loading", nothing)
	other.start(t.Context(), "Loading", nothing)
	for name, msg := range map[string]tea.Msg{
		"an earlier question":  loaded[int]{owner: &l, gen: first, value: 7},
		"another page":         loaded[int]{owner: &other, gen: l.gen, value: 7},
		"a page that was left": loaded[int]{owner: &l, gen: l.gen, err: context.Canceled, left: true},
	} {
		if done, _ := l.take(msg); done || l.have || !l.busy {
			t.Errorf("the answer to %s was taken", name)
		}
	}
	if done, _ := l.take(loaded[int]{owner: &l, gen: l.gen, value: 8}); !done || l.value != 8 || l.busy {
		t.Error("its own answer was not taken")
	}
	if done, _ := l.take(loaded[int]{owner: &l, gen: l.gen, value: 9}); done || l.value != 8 {
		t.Error("an answer was taken twice")
	}
	l.start(t.Context(), "Loading", nothing)
	if done, _ := l.take(loaded[int]{owner: &l, gen: l.gen, err: context.Canceled}); !done || l.busy || l.problem == nil {
		t.Error("what somebody else has left is waited for without end")
	}
	l.start(t.Context(), "Loading", nothing)
	wait := func() tea.Msg { return nil }
	for name, msg := range map[string]tea.Msg{
		"an earlier question": came[int]{owner: &l, gen: l.gen - 1, part: 7, next: wait},
		"another page":        came[int]{owner: &other, gen: l.gen, part: 7, next: wait},
	} {
		if done, _ := l.take(msg); done || l.value == 7 {
			t.Errorf("a part of the answer to %s was taken", name)
		}
	}
	if done, next := l.take(came[int]{owner: &l, gen: l.gen, part: 7, next: wait}); !done || next == nil || l.value != 7 || !l.busy {
		t.Error("a part of its own answer was not taken, or the next one is not waited for")
	}
	l.stop()
	if done, _ := l.take(loaded[int]{owner: &l, gen: l.gen - 1, err: errors.New("late")}); done || l.problem != nil {
		t.Error("the answer to a question that was given up was taken")
	}
}
