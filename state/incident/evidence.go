package incident

import (
	"time"

	"atlas-restore/state"
)

// Proven is the evidence that goes with a plan for the moment that p proposes, or, for snapshot,
// with one for its snapshot.
func (p Proposal) Proven(e state.Evidence, snapshot bool) state.Evidence {
	e.Why = p.Clause()
	switch {
	case snapshot && p.Wanted.IsZero():
		e.Why = "the newest that has it: " + p.Evidence
	case snapshot:
		e.Why = "the newest snapshot before " + p.Evidence
	}
	return e
}

// Told is what a plan keeps of what happened.
func (h Happening) Told() state.Evidence {
	of := h.Namespace
	if h.Kind == Overwrite { // the documents that are gone were that one's
		of = h.Target
	}
	return state.Evidence{What: string(h.Kind), At: h.At.UTC(), Namespace: of.String(), By: h.Who.String(), Member: h.Member}
}

// JumpOf is what Evidence.What says of a jump of a counter.
const JumpOf = "jump"

// Told is what a plan keeps of a jump of a counter.
func (j Jump) Told() state.Evidence {
	return state.Evidence{What: JumpOf, At: j.From.UTC().Truncate(time.Millisecond)}
}
