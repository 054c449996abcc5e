package steps

import (
	"context"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/incident"
)

// eventRequested is the event of a restore that was asked for.
const eventRequested = "CPS_RESTORE_REQUESTED_AUDIT"

// besideCreation is how far the event of a request may lie from the creation of its job. Events
// name no job: the time alone tells which is whose.
const besideCreation = 2 * time.Minute

// whoAsked looks who has asked for the restore that runs onto the target already. It is asked
// only where one was found: nothing can be sent then, so nobody waits longer for it. Whatever is
// in doubt, nobody is named.
func whoAsked(ctx context.Context, atlas Atlas, f state.Facts) state.Asker {
	t := f.Plan.Target
	j, runs := f.Running()
	at := j.CreatedAt()
	if !runs || at.IsZero() {
		return state.Asker{}
	}
	noted, err := atlas.Events(ctx, t.Project.ID, t.ClusterName, at.Add(-besideCreation), eventRequested)
	if err != nil {
		return state.Asker{}
	}
	return askerOf(noted, t.ClusterName, at)
}

// askerOf is who has asked for a job that was made at an instant, if exactly one request fits.
func askerOf(noted []incident.Noted, cluster string, at time.Time) state.Asker {
	var fits []incident.Noted
	for _, n := range noted {
		if n.Type == eventRequested && n.Cluster == cluster && n.At.Sub(at).Abs() <= besideCreation {
			fits = append(fits, n)
		}
	}
	if len(fits) != 1 {
		return state.Asker{}
	}
	return state.Asker{Name: fits[0].By, Address: fits[0].Remote}
}
