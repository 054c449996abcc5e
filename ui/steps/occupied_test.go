package steps

import (
	"slices"
	"strings"
	"testing"
	"time"

	"atlas-restore/state"
)

// Where a check holds a restore back since another one runs onto the target, or since the target is not idle
// meanwhile, the job is named, with the command that follows it. Another check says nothing of it.
func TestWhatHindersNamesTheJobThatRuns(t *testing.T) {
	t.Parallel()
	at := state.CreatedAt(runningJob)
	s := whole()
	s.Cfg.Mode, s.Cfg.Now, s.Cfg.Atlas = Live, func() time.Time { return at.Add(10 * time.Minute) }, &restoring{world: &world{}}
	s.Plan.Cluster.ProjectID = project
	s.Recheck()
	s.Gathered(s.Gather()(t.Context()))
	command := "To follow it: atlas-restore watch " + runningJob + " --projectId " + s.Plan.Cluster.ProjectID + " --clusterName " + s.Plan.Cluster.Name
	for name, named := range map[string]bool{state.RunningCheck: true, state.TargetCheck: true, "fit": false} {
		for i := range s.checks {
			if s.checks[i].Verdict = state.OK; s.checks[i].Name == name {
				s.checks[i].Verdict = state.Block
			}
		}
		if !slices.ContainsFunc(s.checks, func(c state.Check) bool { return c.Name == name }) {
			s.checks = append(s.checks, state.Check{Name: name, Verdict: state.Block})
		}
		p := s.Hindrance()
		f := Failure(s.Hindered(*p))
		if says := strings.Contains(p.Text(), runningJob) && strings.HasSuffix(p.Advice, command); says != named || slices.Equal(f.Jobs, []string{runningJob}) != named {
			t.Errorf("%s: %q, %+v", name, p.Text(), f)
		}
	}
}
