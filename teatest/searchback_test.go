//go:build unix

package teatest_test

import (
	"strings"
	"testing"
	"time"

	"atlas-restore/atlasclient/simulator"
	"atlas-restore/state"
	"atlas-restore/ui/steps"
)

// Whether Search came back is among what remains to be done, as Atlas's events tell it, and in
// the summary. It is said to be back only where that was seen.
func TestSearchComesBack(t *testing.T) {
	t.Parallel()
	const untold, back, failed, unread = "is not told yet", "Search indexes are back (event of 23 Nov ", "Search indexes could not be restored (event of 23 Nov ", "could not be read: Atlas answered 403"
	late := simulator.InjectSearch{Takes: simulator.Duration(time.Hour)}
	for name, tc := range map[string]struct {
		search *simulator.InjectSearch
		deny   bool
		says   string // at completion
		then   string // an hour later, when somebody looks again; empty for the same
	}{
		"back":       {&simulator.InjectSearch{}, false, back, ""},
		"failed":     {&simulator.InjectSearch{Fails: true}, false, failed, ""},
		"late":       {&late, false, untold, back},
		"empty":      {nil, false, untold, ""},
		"refused":    {&simulator.InjectSearch{}, true, unread, ""},
		"fails late": {&simulator.InjectSearch{Takes: late.Takes, Fails: true}, false, untold, failed},
	} {
		prepared := func(t *testing.T, w *world) {
			t.Helper()
			if tc.deny {
				w.sim.Fail(everyGet("/events", 403))
			}
			if tc.search != nil {
				search := *tc.search
				search.Cluster = "Payments/orders-prod-restore"
				if err := w.sim.Inject(simulator.Inject{Search: &search}); err != nil {
					t.Fatal(err)
				}
			}
		}
		claims := func(t *testing.T, sum steps.Summary, says string) {
			t.Helper()
			text, told := sum.Text(), sum.Result().Search
			unasked := told == nil && says == untold
			if want := map[string]string{untold: "untold", back: "back", failed: "failed", unread: "unread"}[says]; !unasked && (told == nil || told.Status != want || (told.At != nil) != (want == "back" || want == "failed") || (told.Error != nil) != (want == "unread")) {
				t.Errorf("%+v is told to programs, want %s", told, want)
			}
			if says != untold { // nothing to say of it then
				wantText(t, text, says)
			}
			if says != back && strings.Contains(text, "are back") {
				t.Errorf("a success that was not seen:\n%s", text)
			}
		}
		if !plain(name, "back", "refused", "fails late") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := prepare(t)
			prepared(t, s.world)
			s.start(roomy)
			s.toReview(state.Automated, "Payments", "orders-prod", "orders-prod-restore")
			s.AssertTarget("orders-prod-restore")
			s.Confirm("orders-prod-restore")
			s.Wait("RUNNING")
			s.sim.Advance(10 * time.Minute)
			s.Wait("COMPLETED")
			s.Wait(tc.says)
			says := tc.says
			if tc.then != "" {
				s.sim.Advance(2 * time.Hour)
				s.Press("ctrl+r")
				says = tc.then
				s.Wait(says)
			}
			if says == back || says == failed { // told for good: nothing is asked any more
				s.rests()
			}
			claims(t, s.leave(state.OutcomeCompleted, "q"), says)
		})
		t.Run(name+", by ear", func(t *testing.T) {
			t.Parallel()
			d := talk(t)
			prepared(t, d.world)
			d.toReview(state.Automated, "Payments", "orders-prod", "orders-prod-restore")
			d.AssertTarget("orders-prod-restore")
			d.Confirm("orders-prod-restore")
			d.Wait("RUNNING")
			d.sim.Advance(10 * time.Minute)
			d.Wait("COMPLETED after")
			d.Wait(tc.says)
			claims(t, d.leave(state.OutcomeCompleted), tc.says)
		})
	}
}
