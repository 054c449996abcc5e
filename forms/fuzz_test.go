package forms

import (
	"errors"
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/collections"
)

// FuzzForm feeds a form with keys, pastes and answers in any order: it never panics,
// its view always fits, nothing that was typed gets lost, and what it calls a result
// makes a request that keeps every rule.
func FuzzForm(f *testing.F) {
	f.Add("", []byte{})
	f.Add("2026-11-23 14:03", []byte{1, 0, 7, 1, 1, 7, 1})
	f.Add("orders-restore", []byte{2, 2, 2, 13, 7, 1})
	f.Add("1795442579", []byte{5, 1, 0, 7, 1, 0, 7, 1, 1, 14, 1})
	f.Add(unknown, []byte{2, 2, 0, 7, 1, 0, 11, 7, 1})
	f.Add("a\nb\x1b[31m\t漢", []byte{0, 2, 0, 3, 8, 9, 10, 12, 15, 16})
	f.Add("<", []byte{'0'}) // a character that the tests' scripts of keys begin a name with
	f.Fuzz(func(t *testing.T, typed string, ops []byte) {
		if len(ops) > 100 || len(typed) > 200 {
			t.Skip("longer than a person types: each key costs a drawn form")
		}
		p := plan([]state.DeliveryType{state.Automated, state.PointInTime, state.Collections}[len(ops)%3])
		p.Only = collections.Choice{}.With(collections.Name{Database: "shop", Collection: "orders"})
		p.Draft.TargetCluster = typed
		form := New(options(p))
		keys := []string{"enter", "tab", "back", "left", "right", "space", "bs", "up", "down", "clear", "esc"}
		w, h := 50, 6
		form.SetSize(w, h)
		for _, op := range ops {
			before, done := form.Draft(), form.Completed()
			switch {
			case op == 0:
				paste(form, typed)
			case int(op) <= len(keys):
				send(form, "<"+keys[op-1]+">")
			case op == 12:
				form.SetClusters(payments, nil, errors.New(typed))
			case op == 13:
				form.SetClusters(payments, append(ours(), cluster(typed)), nil)
			case op == 14:
				form.SetClusters(unknown, ours(), nil)
			case op == 15:
				form.SetReach(state.Reach{Window: state.Window{From: now.Add(-time.Hour), Until: now}})
			case op == 16:
				form.Reopen()
			case op == 17:
				w, h = 190, 40
				form.SetSize(w, h)
			case op == 18:
				w, h = len(typed)%80, len(ops)%20
				form.SetSize(w, h)
			default:
				for _, r := range typed {
					typeRune(form, r)
				}
			}
			if op == 2 || op == 3 || op > 11 && op < 19 {
				if form.Draft() != before {
					t.Fatalf("%d has changed the draft from %+v to %+v", op, before, form.Draft())
				}
			}
			fits(t, form, w, h)
			instant, target, ok := form.Result()
			if form.Completed() && !done && !ok {
				t.Fatal("complete without a result")
			}
			if !ok {
				continue
			}
			if r, err := p.WithFields(instant, target, form.Draft()).Request(); err != nil {
				t.Fatalf("the request %+v is wrong: %v", r, err)
			}
		}
	})
}
