package steps

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/incident"
)

// restoring is an Atlas in which a restore onto the target runs, with the events of its project.
type restoring struct {
	*world
	noted []incident.Noted
	err   error
	asked int
}

const runningJob = "6b0000000000000000000001"

func (r *restoring) Jobs(context.Context, state.Cluster) ([]state.Job, error) {
	p := whole().Plan
	return []state.Job{{ID: runningJob, DeliveryType: state.Automated, TargetProjectID: p.Target.Project.ID, TargetClusterName: p.Target.ClusterName}}, nil
}

func (r *restoring) Events(_ context.Context, _, _ string, _ time.Time, types ...string) ([]incident.Noted, error) {
	if len(types) != 1 || types[0] != eventRequested {
		return nil, nil
	}
	r.asked++
	return r.noted, r.err
}

// The restore that runs already is named with who asked for it, where one event and only one
// fits; else nobody is named. It stands in the way in each case.
func TestWhoAskedForTheRunningRestore(t *testing.T) {
	at := state.CreatedAt(runningJob)
	target := whole().Plan.Target.ClusterName
	event := func(after time.Duration, by, remote string) incident.Noted {
		return incident.Noted{Type: eventRequested, Cluster: target, At: at.Add(after), By: by, Remote: remote}
	}
	elsewhere := event(0, "eve@example.com", "")
	elsewhere.Cluster = "another"
	ann := event(time.Second, "ann@example.com", "203.0.113.1")
	for name, tc := range map[string]struct {
		noted []incident.Noted
		err   error
		says  string
	}{
		"a person":             {[]incident.Noted{ann}, nil, ", asked for by ann@example.com from 203.0.113.1."},
		"a key":                {[]incident.Noted{event(-2*time.Minute, "abcdefgh", "")}, nil, ", asked for by abcdefgh."},
		"one of two clusters":  {[]incident.Noted{elsewhere, ann}, nil, ", asked for by ann@example.com from 203.0.113.1."},
		"another time":         {[]incident.Noted{event(3*time.Minute, "eve@example.com", ""), ann}, nil, ", asked for by ann@example.com from 203.0.113.1."},
		"two that fit":         {[]incident.Noted{event(0, "eve@example.com", ""), ann}, nil, ""},
		"only of another time": {[]incident.Noted{event(-3*time.Minute, "eve@example.com", "")}, nil, ""},
		"nobody":               {[]incident.Noted{event(0, "", "203.0.113.1")}, nil, ""},
		"empty":                {nil, nil, ""},
		"refused":              {nil, &state.AtlasError{Status: 403, Code: "USER_UNAUTHORIZED"}, ""},
		"no answer":            {nil, errors.New("reset"), ""},
	} {
		s := whole()
		s.Cfg.Now = func() time.Time { return at.Add(10 * time.Minute) }
		a := &restoring{world: &world{}, noted: tc.noted, err: tc.err}
		s.Cfg.Atlas = a
		s.Recheck()
		s.Gathered(s.Gather()(t.Context()))
		var c *state.Check
		for i := range s.checks {
			if s.checks[i].Name == "running" {
				c = &s.checks[i]
			}
		}
		if want := "Restore job " + runningJob + " runs already onto " + target + tc.says; c == nil || c.Verdict != state.Block || !strings.HasPrefix(strings.TrimSuffix(c.Why, "."), strings.TrimSuffix(want, ".")) || tc.says == "" && strings.Contains(c.Why, "asked") {
			t.Errorf("%s: %+v", name, c)
		}
		if a.asked != 1 {
			t.Errorf("%s: asked %d times", name, a.asked)
		}
	}
}

// Where none runs, nobody is asked for.
func TestNobodyIsAskedForWithoutARunningRestore(t *testing.T) {
	s := whole()
	a := &world{}
	s.Cfg.Atlas = a
	s.Recheck()
	before := s.Gather()(t.Context())
	if before.RunningBy != (state.Asker{}) {
		t.Errorf("%+v", before.RunningBy)
	}
	for _, what := range a.asked {
		if strings.HasPrefix(what, "events") {
			t.Errorf("asked for %s", what)
		}
	}
}
