package steps

import (
	"strings"
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/journal"
)

// Without an id a request whose answer was lost is looked for first, but for one that was confirmed anew since;
// with the id of a request that one is taken, however old it is.
func TestWatchedIsTheDoubtFirst(t *testing.T) {
	t.Parallel()
	of := func(id string, age time.Duration, target string, e journal.Event, job string) journal.Submission {
		return journal.Submission{Last: e, JobID: job, Sought: noon.Add(-age), Entry: journal.Entry{
			ID: id, Time: noon.Add(-age), ClusterName: "orders", Body: state.Request{DeliveryType: state.Automated, TargetProjectID: project, TargetClusterName: target},
		}}
	}
	runs := of("runs", time.Minute, "orders-dev", journal.Created, "j")
	for name, tc := range map[string]struct {
		all  []journal.Submission
		id   string
		want string
	}{
		"nothing else":        {[]journal.Submission{runs}, "", "runs"},
		"in doubt":            {[]journal.Submission{of("doubt", time.Hour, "orders-stg", journal.Unknown, ""), runs}, "", "doubt"},
		"looked for in vain":  {[]journal.Submission{of("lost", time.Hour, "orders-stg", journal.NotFound, ""), runs}, "", "lost"},
		"confirmed anew":      {[]journal.Submission{of("lost", time.Hour, "orders-dev", journal.NotFound, ""), runs}, "", "runs"},
		"long ago":            {[]journal.Submission{of("lost", 50*time.Hour, "orders-stg", journal.NotFound, ""), runs}, "", "runs"},
		"long ago, by its id": {[]journal.Submission{of("lost", 50*time.Hour, "orders-stg", journal.NotFound, ""), runs}, "lost", "lost"},
		"a job, by its id":    {[]journal.Submission{of("doubt", time.Hour, "orders-stg", journal.Unknown, ""), runs}, "j", "runs"},
	} {
		got, err := Watched(t.Context(), Config{History: tc.all, Now: func() time.Time { return noon }}, state.Given{}, tc.id)
		if err != nil || got.ID != tc.want {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// Each request in doubt is told with the command that looks for that one.
func TestEachDoubtNamesItsCommand(t *testing.T) {
	t.Parallel()
	a, b := strings.Repeat("A", 26), strings.Repeat("B", 26)
	s := Begin(Config{Mode: Live, Now: func() time.Time { return noon }})
	s.doubts = []doubt{{a, state.Plan{}, state.Problem{}, nil}, {b, state.Plan{}, state.Problem{}, nil}, {"of a hand", state.Plan{}, state.Problem{}, nil}}
	text := s.Summary().Text()
	for _, want := range []string{"watch " + a + " looks for it", "watch " + b + " looks for it", "watch looks for it"} {
		if strings.Count(text, want) != 1 {
			t.Errorf("%q is not said once:\n%s", want, text)
		}
	}
}
