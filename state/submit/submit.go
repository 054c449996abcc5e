// Package submit sends a restore job at most once for one confirmation.
package submit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/journal"
)

// Atlas is the one call that submission needs. It must send the request exactly
// once: no retry, no replay by the transport.
type Atlas interface {
	CreateJob(ctx context.Context, source state.Cluster, body state.Request) (state.Job, error)
}

// Journal keeps what must survive the process.
type Journal interface {
	Append(journal.Entry) error
}

// Order is one confirmed restore.
type Order struct {
	Source   state.Cluster
	Project  state.Project // the source's
	Body     state.Request
	Endpoint string // base URL
	Who      string // the public part of the credential
	At       time.Time
}

// Verdict is what became of an order.
type Verdict int

// The verdicts. Unknown is neither yes nor no: a job may run.
const (
	Refused Verdict = iota // certainly no job
	Created
	Unknown
)

// Once writes the intent to the journal, sends the job once, and writes what
// became of it. If the intent cannot be written nothing is sent. The error is nil
// only for Created; for Created with an error, the job runs but its record could
// not be written.
func Once(ctx context.Context, atlas Atlas, j Journal, o Order) (state.Job, Verdict, error) {
	if err := o.Body.Check(); err != nil {
		return state.Job{}, Refused, fmt.Errorf("checking the request: %w", err)
	}
	intent := journal.Entry{
		Time: o.At, Event: journal.Intent, Endpoint: o.Endpoint, Who: o.Who,
		ProjectID: o.Project.ID, ClusterName: o.Source.Name, Body: o.Body,
	}
	if err := j.Append(intent); err != nil {
		return state.Job{}, Refused, fmt.Errorf("writing the intent to the journal, so nothing was submitted: %w", err)
	}
	job, err := atlas.CreateJob(ctx, o.Source, o.Body)
	verdict := judge(job, err)
	end := intent
	end.Event, end.JobID = event(verdict), job.ID
	if err != nil {
		end.Error = err.Error()
	}
	if jerr := j.Append(end); jerr != nil {
		err = errors.Join(err, fmt.Errorf("writing the outcome to the journal: %w", jerr))
	}
	return job, verdict, err
}

// judge tells a definite no from doubt: only Atlas's own 4xx is a no.
func judge(job state.Job, err error) Verdict {
	var atlas *state.AtlasError
	switch {
	case err == nil && state.CheckID(job.ID) == nil:
		return Created
	case errors.As(err, &atlas) && atlas.DefiniteNo(), errors.Is(err, ErrNotSent):
		return Refused
	}
	return Unknown
}

// ErrNotSent marks an error of a client that is certain that no byte of the request
// left this machine, or that Atlas refused it before reading it (a login refused).
var ErrNotSent = errors.New("not sent")

func event(v Verdict) journal.Event {
	switch v {
	case Created:
		return journal.Created
	case Refused:
		return journal.Refused
	default:
		return journal.Unknown
	}
}
