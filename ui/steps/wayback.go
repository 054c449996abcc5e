package steps

import (
	"time"

	"atlas-restore/state"
)

// WayBack says of a job that has ended where what its target held before is; without a text where no
// safety snapshot of it is known that is kept now.
func WayBack(j Job, now time.Time) Clause { return wayBack(j.Plan, j.Kept, j.State(now), now) }

func wayBack(p state.Plan, k state.Kept, st state.JobState, now time.Time) Clause {
	if !st.Ended() {
		return Clause{}
	}
	c := Clause{Text: k.Holds(p.Target.ClusterName, now)}
	if st == state.Completed {
		c.Lead = "Wrong?"
	}
	return c
}
