package state_test

import (
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/watch"
)

// Where Atlas gives no time for an end, when it was seen is told as the end's time only if a look shortly before told none.
// A look tells what was so when it was asked for, however late its answer comes.
func TestAnEndThatWasSeenLateIsCalledSeen(t *testing.T) {
	made := state.Job{ID: idAt(watchNoon), Family: state.Dedicated, DeliveryType: state.Download}
	ready := made
	ready.ExpiresAt, ready.Deliveries = watchNoon.Add(6*time.Hour), []state.Delivery{{URL: state.NewSecret("https://files.example.net/x")}}
	finished := made
	finished.Failed, finished.FinishedAt = true, watchNoon.Add(3*time.Minute)
	at := func(minutes float64) time.Time { return watchNoon.Add(time.Duration(minutes * float64(time.Minute))) }
	for name, tc := range map[string]struct {
		resumed bool // else it was just made
		looks   []watch.Sight
		answers []float64 // the minutes in which they come
		want    string
	}{
		"a look shortly before":                 {false, []watch.Sight{{Job: made}, {Job: ready}}, []float64{9.5, 10}, " after 10 min"},
		"the look before is long ago":           {false, []watch.Sight{{Job: made}, {Job: ready}}, []float64{1, 10}, ", seen after 10 min"},
		"the look before was asked long ago":    {false, []watch.Sight{{Job: made, AskedAt: at(1)}, {Job: ready, AskedAt: at(9.9)}}, []float64{9.5, 10}, ", seen after 10 min"},
		"no look since it was made, long ago":   {false, []watch.Sight{{Job: ready}}, []float64{10}, ", seen after 10 min"},
		"no look since it was made, just now":   {false, []watch.Sight{{Job: ready}}, []float64{1}, " after 1 min"},
		"taken up again, and ended by then":     {true, []watch.Sight{{Job: ready}}, []float64{10}, ", seen after 10 min"},
		"taken up again, and seen to run first": {true, []watch.Sight{{Job: made}, {Job: ready}}, []float64{9.5, 10}, " after 10 min"},
		"Atlas tells the time":                  {false, []watch.Sight{{Job: finished}}, []float64{10}, " after 3 min"},
		"it has not ended":                      {false, []watch.Sight{{Job: made}}, []float64{10}, ""},
	} {
		f := watch.New(made, watchNoon)
		if tc.resumed {
			f = watch.Resume(made, at(9))
		}
		for i, s := range tc.looks {
			f.Took(s, at(tc.answers[i]))
		}
		if got := f.After(); got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}
