package steps

import (
	"atlas-restore/state"
)

// refusal is Atlas's refusal of a request since a restore runs on its target.
type refusal struct {
	state.Refusal
	target state.Target
}

// noteRefusal keeps why a request was refused, where that is a restore that runs. The checks that
// were made before say so too: whoever ends here makes no others.
func (s *Session) noteRefusal(err error) {
	if !state.RestoreRuns(err) {
		return
	}
	s.refused = refusal{state.Refusal{At: s.Cfg.Now()}, s.Plan.Target}
	if s.judged != nil {
		s.facts.Refused = s.refused.Refusal
		s.reconsider()
	}
}

// refusedOnto is the refusal of a request onto a target; zero where there was none, or a later look has said otherwise.
func (s *Session) refusedOnto(t state.Target) state.Refusal {
	if r := s.refused; r.target.Project.ID == t.Project.ID && r.target.ClusterName == t.ClusterName {
		return r.Refusal
	}
	return state.Refusal{}
}

// lookedSince notes that all was looked at since a request was refused, and forgets the refusal where that look says
// otherwise.
func (s *Session) lookedSince(f state.Facts) {
	switch {
	case f.Awaited != 0 || f.Refused.At.IsZero():
	case f.RefusalStands():
		s.refused.Looked = true
	default:
		s.refused = refusal{}
	}
}
