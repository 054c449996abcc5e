package state_test

import (
	"strings"
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/collections"
)

// Of each chosen name it is told what is known of it on the target, and what then happens: no name
// is called free that nobody has seen to be.
func TestPlaces(t *testing.T) {
	denied := &state.AtlasError{Status: 403}
	at := time.Date(2026, 11, 23, 14, 2, 59, 0, time.UTC)
	plan := orders()
	plan.Target = state.Target{Project: plan.Project, ClusterName: plan.Cluster.Name}
	target := plan.Cluster.Name
	name := collections.Split
	over := func(f *state.Facts) { f.Plan.Only.Write = collections.OverwriteExisting }
	living := func(all ...string) func(*state.Facts) {
		return func(f *state.Facts) { f.Contents.Living = all }
	}
	dropped := func(f *state.Facts) {
		f.Plan.Evidence = state.Evidence{What: "drop", Namespace: "shop.orders", At: at}
	}
	for what, tc := range map[string]struct {
		change []func(*state.Facts)
		is     state.Presence
		says   string
	}{
		"the database is not there": {[]func(*state.Facts){living("crm")}, state.Free, "shop.orders: free, as " + target + " has no database shop."},
		"it is":                     {[]func(*state.Facts){living("crm", "shop")}, state.Untold, "shop.orders, if free: Atlas tells no collections of shop. Else it gets an ending, like shop.orders_1."},
		"nobody can see":            {[]func(*state.Facts){func(f *state.Facts) { f.LivingErr = denied }}, state.Unread, "what " + target + " has could not be read. Else it gets an ending"},
		"a search saw the drop":     {[]func(*state.Facts){living("shop"), dropped}, state.Gone, "it was dropped at 23 Nov 14:02:59 UTC, so it is free, unless somebody made it again: then it gets an ending, like shop.orders_1."},
		"of another cluster":        {[]func(*state.Facts){living("shop"), dropped, func(f *state.Facts) { f.Plan.Target.ClusterName = "orders-stg" }}, state.Untold, "if free"},
		"of another name": {[]func(*state.Facts){living("shop"), dropped, func(f *state.Facts) {
			f.Plan.Only = f.Plan.Only.Renamed(name("shop.orders"), name("shop.then"))
		}}, state.Untold, "shop.orders as shop.then, if free"},
		"the newest snapshot lacks it": {[]func(*state.Facts){living("shop"), func(f *state.Facts) {
			f.Contents.Newest, f.Contents.NewestLacks = state.Snapshot{ID: "x", CreatedAt: at}, []collections.Name{name("shop.orders")}
		}}, state.Gone, "it is not in the newest snapshot, of 23 Nov 14:02 UTC, so it is free"},
		"overwritten, where it may be": {[]func(*state.Facts){living("shop"), over}, state.Untold, "shop.orders: dropped if there; Atlas tells no collections of shop."},
		"overwritten, where it is not": {[]func(*state.Facts){living("crm"), over}, state.Free, "shop.orders: nothing is dropped, as " + target + " has no database shop."},
		"a whole database overwritten": {[]func(*state.Facts){living("shop"), func(f *state.Facts) {
			f.Plan.Only = collections.Choice{Write: collections.OverwriteExisting}.With(name("shop"))
			f.Contents.Counts = map[collections.Name]int{name("shop"): 9}
		}}, state.Untold, "database shop (9 collections as of the snapshot): dropped if there"},
	} {
		f := state.Facts{Plan: plan, Now: at.Add(time.Hour)}
		for _, change := range tc.change {
			change(&f)
		}
		all := f.Places()
		if len(all) != 1 || all[0].Is != tc.is {
			t.Errorf("%s: %+v, want %s", what, all, tc.is)
			continue
		}
		if words := state.PlaceWords(f.Plan, all); len(words) != 1 || !strings.Contains(words[0], tc.says) {
			t.Errorf("%s: %q, want %q", what, words, tc.says)
		}
	}
	f := state.Facts{Plan: plan, Awaited: state.LookLiving}
	if f.Places() != nil {
		t.Error("something is told before anybody has looked")
	}
	// Those of one kind are told together.
	f = state.Facts{Plan: plan, Contents: state.Contents{Living: []string{"crm"}}}
	f.Plan.Only = f.Plan.Only.With(name("shop.stock")).With(name("crm.leads"))
	if words := state.PlaceWords(f.Plan, f.Places()); len(words) != 2 || !strings.HasPrefix(words[1], "shop.orders and shop.stock: free") {
		t.Errorf("told is %q", words)
	}
}
