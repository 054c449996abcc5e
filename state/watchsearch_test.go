// Tests of state/watch. They stand here: each package with tests is one more program to link.

package state_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/incident"
	"atlas-restore/state/watch"
)

// feed is the activity feed of a project.
type feed struct {
	noted   []incident.Noted
	err     error
	project string
	cluster string
	since   time.Time
}

func (f *feed) Events(_ context.Context, projectID, cluster string, since time.Time, _ ...string) ([]incident.Noted, error) {
	f.project, f.cluster, f.since = projectID, cluster, since
	return f.noted, f.err
}

// completed is a followed job whose end was seen after four minutes.
func completed(job state.Job) (*watch.Follow, time.Time) {
	f, now := watch.New(job, watchNoon), watchNoon.Add(4*time.Minute)
	f.Saw(finished(job, 4*time.Minute), now)
	return f, now
}

func asked(t *testing.T, f *watch.Follow, from *feed, now time.Time) {
	t.Helper()
	f.Took(watch.Sight{Alone: true, Search: f.LookForSearch(t.Context(), from, now)}, now)
}

// That Search is back is known by an event of the target since the job was made, the newest one
// decides, and nothing else says so.
func TestSearchIsToldByEvents(t *testing.T) {
	event := func(after time.Duration, kind string) incident.Noted {
		return incident.Noted{Type: kind, Cluster: watchTarget.Name, At: watchNoon.Add(after)}
	}
	const back, failed = "FTS_INDEXES_RESTORED", "FTS_INDEXES_RESTORE_FAILED"
	elsewhere := event(5*time.Minute, back)
	elsewhere.Cluster = watchSource.Name
	for name, tc := range map[string]struct {
		noted  []incident.Noted
		err    error
		at     time.Duration // of what is told; 0 for nothing
		failed bool
	}{
		"back":                     {[]incident.Noted{event(6*time.Minute, back)}, nil, 6 * time.Minute, false},
		"failed":                   {[]incident.Noted{event(6*time.Minute, failed)}, nil, 6 * time.Minute, true},
		"failed, then back":        {[]incident.Noted{event(6*time.Minute, back), event(5*time.Minute, failed)}, nil, 6 * time.Minute, false},
		"back, then failed":        {[]incident.Noted{event(5*time.Minute, back), event(6*time.Minute, failed)}, nil, 6 * time.Minute, true},
		"both in one second":       {[]incident.Noted{event(6*time.Minute, failed), event(6*time.Minute, back)}, nil, 6 * time.Minute, true},
		"of the restore before":    {[]incident.Noted{event(-time.Second, back)}, nil, 0, false},
		"of another cluster":       {[]incident.Noted{elsewhere}, nil, 0, false},
		"another event":            {[]incident.Noted{event(5*time.Minute, "CPS_RESTORE_SUCCESSFUL")}, nil, 0, false},
		"empty":                    {nil, nil, 0, false},
		"refused":                  {nil, &state.AtlasError{Status: 403, Code: "USER_UNAUTHORIZED"}, 0, false},
		"no answer":                {nil, errors.New("reset"), 0, false},
		"a list that ends halfway": {[]incident.Noted{event(6*time.Minute, failed)}, errors.New("reset"), 0, false},
	} {
		f, now := completed(watchMade(0, 5))
		if !f.AwaitsSearch(now) || !f.Due(now) {
			t.Errorf("%s: it is not asked at completion", name)
		}
		from := &feed{noted: tc.noted, err: tc.err}
		asked(t, f, from, now)
		s := f.Search
		if told := !s.At.IsZero(); told != (tc.at != 0) || told && !s.At.Equal(watchNoon.Add(tc.at)) || s.Failed != tc.failed || !s.Asked || !errors.Is(s.Err, tc.err) {
			t.Errorf("%s: %+v", name, s)
		}
		if from.project != watchTarget.ProjectID || from.cluster != watchTarget.Name || !from.since.Equal(watchNoon) {
			t.Errorf("%s: asked %s, %s since %v", name, from.project, from.cluster, from.since)
		}
		if f.State(now) != state.Completed || f.Err != nil || f.AwaitsSearch(now) {
			t.Errorf("%s: the job is %s, %v", name, f.State(now), f.Err)
		}
	}
}

// While nothing is told it is asked again at the pace of the looks, for some minutes; what was told or
// refused is asked for no more.
func TestSearchIsAskedForSomeMinutes(t *testing.T) {
	told := []incident.Noted{{Type: "FTS_INDEXES_RESTORED", Cluster: watchTarget.Name, At: watchNoon.Add(5 * time.Minute)}}
	for name, tc := range map[string]struct {
		feed
		least, most int
	}{
		"empty":     {feed{}, 25, 40},
		"no answer": {feed{err: errors.New("reset")}, 25, 40},
		"refused":   {feed{err: &state.AtlasError{Status: 403}}, 1, 1},
		"told":      {feed{noted: told}, 1, 1},
	} {
		f, start := completed(watchMade(0, 5))
		n := 0
		for now := start; now.Before(start.Add(2 * time.Hour)); now = now.Add(time.Second) {
			if f.Due(now) {
				n++
				asked(t, f, &tc.feed, now)
			}
		}
		if n < tc.least || n > tc.most {
			t.Errorf("%s: asked %d times", name, n)
		}
	}
	f, now := completed(watchMade(0, 5))
	asked(t, f, &feed{noted: told}, now)
	if asked(t, f, &feed{err: errors.New("reset")}, now); f.Search.At.IsZero() || f.Search.Err == nil {
		t.Errorf("what was told is lost with a later question: %+v", f.Search)
	}
}

// Where no cluster was overwritten, or it is not done, there is nothing to ask.
func TestSearchOnlyOfAnEndedRestore(t *testing.T) {
	failed := watchMade(0, 5)
	failed.Failed = true
	link := state.Job{ID: watchMade(0, 5).ID, DeliveryType: state.Download, Deliveries: []state.Delivery{{URL: state.NewSecret("https://x")}}}
	for name, job := range map[string]state.Job{"running": watchMade(0, 5), "failed": failed, "a download": link} {
		f := watch.New(job, watchNoon)
		f.Saw(job, watchNoon)
		if f.AwaitsSearch(watchNoon) || f.LookForSearch(t.Context(), &feed{}, watchNoon) != nil {
			t.Errorf("%s: it is asked", name)
		}
	}
}
