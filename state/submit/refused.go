package submit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"atlas-restore/state"
)

// soon is for how long the jobs are looked for at most behind a refusal: somebody waits.
const soon = 15 * time.Second

// RefutedError says that a request was refused and that a job may have come of it nevertheless: whatever
// stands between here and Atlas may have sent it on twice, or have refused what it had sent on.
type RefutedError struct {
	Refusal error    // what was answered
	Jobs    []string // that do what was asked for, and did not stand in the list before
	Unread  error    // why the list behind the refusal could not be read
}

// Error implements error. The refusal is not unwrapped: it is not what is known.
func (e *RefutedError) Error() string {
	said := strings.TrimRight(state.Why(e.Refusal), ".")
	switch {
	case e.Unread != nil:
		return fmt.Sprintf("%s. Whether a restore job has come of the request nevertheless could not be read: %s", said, strings.TrimRight(state.Why(e.Unread), "."))
	case len(e.Jobs) == 1:
		return fmt.Sprintf("%s. But restore job %s has come since, and does what was asked for", said, e.Jobs[0])
	}
	return fmt.Sprintf("%s. But restore jobs %s have come since, and do what was asked for", said, strings.Join(e.Jobs, ", "))
}

// refused looks once, behind a refusal, whether a job has come of the request nevertheless. One that does what
// was asked for and did not stand in the list before makes the outcome unknown. So does a list that cannot be read now
// and could before, where the refusal may be none of Atlas's judgement of this one request.
func (p *prepared) refused(ctx context.Context, atlas Atlas, o Order, r *Result) {
	list := atlas.Jobs
	if o.Body.DeliveryType == state.Collections {
		list = atlas.CollectionJobs
	}
	ctx, stop := context.WithTimeout(ctx, soon)
	defer stop()
	jobs, err := list(ctx, o.Source)
	out := &RefutedError{Refusal: r.Err}
	for _, j := range jobs {
		switch isNew := p.isNew(j, slack); {
		case isNew && j.Unreadable != "":
			err = &state.UnreadableError{Why: "restore job " + cmp.Or(j.ID, "without an id") + ": " + j.Unreadable}
		case isNew && state.CheckID(j.ID) == nil && does(o.Body, j):
			out.Jobs = append(out.Jobs, j.ID)
		}
	}
	var refusal *state.AtlasError
	switch {
	case len(out.Jobs) > 0:
	case err == nil:
		r.Listed.Jobs, r.Listed.Err = jobs, nil
		return
	case p.Listed && errors.As(r.Err, &refusal) && !refusal.OfTheRequest():
		out.Unread = err
	default:
		return
	}
	p.Named = out.Jobs
	r.Verdict, r.Err = Unknown, out
}
