package steps

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/submit"
)

// idling is an Atlas whose target is idle, and which lists no job.
type idling struct {
	*world
}

func (idling) Jobs(context.Context, state.Cluster) ([]state.Job, error) { return nil, nil }

func (idling) Dedicated(_ context.Context, projectID string) ([]state.Cluster, error) {
	return []state.Cluster{{Family: state.Dedicated, ProjectID: projectID, Name: whole().Plan.Target.ClusterName, State: "IDLE"}}, nil
}

func (i idling) Clusters(ctx context.Context, projectID string) ([]state.Cluster, error) {
	return i.Dedicated(ctx, projectID)
}

// Once Atlas has refused a request since a restore runs on the target, that stands in the way of the next one, until a look
// that somebody asks for sees the target idle. It is said of that target only, and of no other refusal.
func TestARefusalForARestoreThatRunsStands(t *testing.T) {
	refused := func(code string) *Session {
		s := whole()
		s.Cfg.Now = func() time.Time { return noon }
		s.Cfg.Atlas = idling{&world{}}
		s.Settle(Submitted{Verdict: submit.Refused, Err: fmt.Errorf("submitting: %w", &state.AtlasError{Status: 409, Code: code})})
		return s
	}
	running := func(s *Session) state.Check {
		s.Gathered(s.Gather()(t.Context()))
		for _, c := range s.Checks() {
			if c.Name == state.RunningCheck {
				return c
			}
		}
		return state.Check{}
	}
	s := refused("ATLAS_CLUSTER_RESTORE_IN_PROGRESS")
	if c := running(s); c.Verdict != state.Block || !strings.Contains(c.Why, "Atlas refused") || s.InTheWay() == nil {
		t.Errorf("after the refusal: %+v", c)
	}
	target := s.Plan.Target.ClusterName
	s.Recheck()
	if s.Plan.Target.ClusterName = "another"; running(s).Verdict == state.Block {
		t.Error("the refusal is told of another target")
	}
	s.Recheck()
	s.Plan.Target.ClusterName = target
	if c := running(s); c.Verdict != state.OK {
		t.Errorf("a later look has seen the target idle: %+v", c)
	}
	if s.Recheck(); running(s).Verdict != state.OK {
		t.Error("the refusal comes back")
	}
	if c := running(refused("OTHER")); c.Verdict != state.OK {
		t.Errorf("after another refusal: %+v", c)
	}
}

// Whoever has no further look, as a script does, is not told of a check that the refusal has refuted.
func TestARefusalIsAmongTheChecksOfTheEnd(t *testing.T) {
	for code, want := range map[string]string{"ATLAS_CLUSTER_RESTORE_IN_PROGRESS": "block", "OTHER": "ok"} {
		s := whole()
		s.Cfg.Now = func() time.Time { return noon }
		s.Cfg.Atlas = idling{&world{}}
		s.Recheck()
		s.Gathered(s.Gather()(t.Context()))
		s.Settle(Submitted{Verdict: submit.Refused, Err: &state.AtlasError{Status: 409, Code: code}})
		got := ""
		for _, c := range s.Summary().Checks {
			if c.Name == state.RunningCheck {
				got = c.Verdict
			}
		}
		if got != want {
			t.Errorf("%s: running is told as %q, want %q", code, got, want)
		}
	}
}
