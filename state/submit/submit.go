// Package submit sends a restore job at most once for one confirmation.
package submit

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/journal"
)

// Atlas is what submission asks of Atlas.
type Atlas interface {
	// CreateJob must send the request exactly once: no retry, no replay by the transport.
	CreateJob(ctx context.Context, source state.Cluster, body state.Request) (state.Job, error)
	// Jobs are all restore jobs of a source, but for those of collections.
	Jobs(ctx context.Context, source state.Cluster) ([]state.Job, error)
	// CollectionJobs are all collection restore jobs of a source, without their collections.
	CollectionJobs(ctx context.Context, source state.Cluster) ([]state.Job, error)
}

// Journal keeps what must survive the process.
type Journal interface {
	Append(journal.Entry) error
	Read() ([]journal.Entry, error)
	// Lock keeps others of this machine from submitting to a target.
	Lock(target string) (unlock func(), err error)
}

// Order is one confirmed restore.
type Order struct {
	ID            string // of the request, see NewID; empty: a new one
	Source        state.Cluster
	Project       state.Project // the source's
	TargetProject state.Project
	TargetState   string // as far as it was seen
	TargetFamily  state.Family
	Snapshot      state.Snapshot
	Body          state.Request
	Evidence      state.Evidence   // why it is that moment, or that snapshot; never sent
	Plan          *journal.Planned // the plan file that it is run from; nil for none
	BreakGlass    string           // why it is sent although a second person's approval is needed
	Drill         bool             // it rehearses
	Safety        state.Kept       // the snapshot of the target that was taken before; zero for none
	Ticket        string           // what it is for, as far as that was said by then
	Purpose       string
	Endpoint      string           // base URL
	Unseen        bool             // it was accepted that nobody could see whether a restore runs already
	Who           string           // the public part of the credential
	Now           func() time.Time // Atlas's clock
	Go            func() bool      // asked once, when all is prepared: false stops it; nil goes on
	Sends         func()           // told right before the request is sent; may be nil
}

func (o Order) entry(e journal.Event) journal.Entry {
	out := journal.Entry{
		Time: o.Now(), Event: e, Endpoint: o.Endpoint, Who: o.Who, ProjectID: o.Project.ID, ProjectName: o.Project.Name,
		ClusterName: o.Source.Name, TargetState: o.TargetState, Body: o.Body,
	}
	if o.Body.DeliveryType.HasTarget() {
		out.TargetProjectName = o.TargetProject.Name
	}
	for _, m := range o.Snapshot.Members {
		out.ReplicaSets = append(out.ReplicaSets, m.ReplicaSet)
	}
	if at := o.Snapshot.When(); !at.IsZero() {
		out.SnapshotAt = &at
	}
	out.Evidence, out.Plan, out.BreakGlass, out.Drill = o.Evidence, o.Plan, o.BreakGlass, o.Drill
	if o.Safety.ID != "" {
		out.Safety = &o.Safety
	}
	out.Ticket, out.Purpose = o.Ticket, o.Purpose
	return out
}

// Verdict is what became of an order.
type Verdict int

// The verdicts. Unknown is neither yes nor no: a job may run.
const (
	Refused Verdict = iota // certainly no job
	Created
	Unknown
)

// Result is what became of an order. The error is nil only for Created; for Created with
// an error, the job runs but its record could not be written.
type Result struct {
	Job     state.Job
	Verdict Verdict
	Err     error
	Search  Search        // Unknown: how the job is looked for
	Listed  state.JobList // the jobs of the source, as they were before the request; zero where none was sent
}

// Once sends the job once, with the write-ahead that a request without an idempotency key
// needs: nobody else of this machine submits to the target meanwhile; no earlier request
// to it is in doubt; the jobs of the source, of the target and of whatever else this machine
// has restored onto it are listed, unless it was accepted that they cannot be; the intent is on disk. If any of that fails nothing is sent.
func Once(ctx context.Context, atlas Atlas, j Journal, o Order) Result {
	intent, err := prepare(ctx, atlas, j, o)
	if err != nil {
		return Result{Verdict: Refused, Err: unsent{err}}
	}
	defer intent.unlock()
	if o.Go != nil && !o.Go() {
		return Result{Verdict: Refused, Err: fmt.Errorf("%w: it was stopped before", ErrNotSent)}
	}
	if err := j.Append(intent.Entry); err != nil {
		return Result{Verdict: Refused, Err: fmt.Errorf("writing the intent to the journal, so nothing was submitted: %w", err)}
	}
	if o.Sends != nil {
		o.Sends()
	}
	job, err := atlas.CreateJob(ctx, o.Source, o.Body)
	if err == nil {
		err = intent.about(job)
	}
	r := Result{Verdict: judge(err), Err: err, Listed: intent.listed}
	switch {
	case r.Verdict == Created: // what else has come is not ours
		r.Job = job
	case r.Verdict == Refused && !errors.Is(err, ErrNotSent):
		intent.refused(ctx, atlas, o, &r)
	case job.ID != "" && state.CheckID(job.ID) == nil:
		intent.Named = []string{job.ID}
	}
	end := intent.Entry
	end.Time, end.Event, end.JobID, end.Before, end.Listed = o.Now(), event(r.Verdict, r.Err), r.Job.ID, nil, false
	if r.Err != nil {
		end.Error = r.Err.Error()
	}
	if jerr := j.Append(end); jerr != nil {
		r.Err = errors.Join(r.Err, fmt.Errorf("writing the outcome to the journal: %w", jerr))
	}
	if r.Verdict == Unknown {
		r.Search = NewSearch(o.Source, intent.Entry, o.Now())
	}
	return r
}

// NewID is the id of a request, by which the journal knows it. Atlas is not told it.
func NewID() string { return rand.Text() }

// prepared is an intent that may be carried out, until it is unlocked.
type prepared struct {
	journal.Entry
	unlock func()
	listed state.JobList // of the source
}

func prepare(ctx context.Context, atlas Atlas, j Journal, o Order) (p prepared, err error) {
	if err := o.Body.Check(); err != nil {
		return p, fmt.Errorf("checking the request, so nothing was submitted: %w", err)
	}
	p = prepared{Entry: o.entry(journal.Intent), unlock: func() {}}
	p.ID = cmp.Or(o.ID, NewID())
	if o.Body.DeliveryType.HasTarget() {
		p.unlock, err = j.Lock(state.CanonicalEndpoint(o.Endpoint) + " " + o.Body.TargetProjectID + " " + o.Body.TargetClusterName)
		if err != nil {
			return p, fmt.Errorf("locking the target, so nothing was submitted: %w", err)
		}
	}
	if err := undoubted(j, o); err != nil {
		p.unlock()
		return p, err
	}
	lists, sent, err := o.lists(ctx, atlas, j)
	p.Time = o.Now() // by Atlas's clock, which the lists' answers have told
	if err == nil {
		err = o.free(lists, sent)
	}
	if err != nil {
		p.unlock()
		return p, err
	}
	p.listed = lists[0]
	p.Listed = p.listed.Err == nil
	for _, b := range p.listed.Jobs {
		if recent(b.CreatedAt(), p.Time, skew) {
			p.Before = append(p.Before, b.ID)
		}
	}
	return p, nil
}

// mayGoUnseen says whether the request may be sent although the jobs could not be listed,
// which is why err. Who may create a job may be refused reading it; but that a single look
// is refused says nothing of that. So onto a cluster it may only where the same was seen
// and accepted on the review; a download erases nothing, and may where a role is missing.
func (o Order) mayGoUnseen(err error) bool {
	var refused *state.AtlasError
	switch is := errors.As(err, &refused); {
	case o.Body.DeliveryType.HasTarget():
		return o.Unseen && (is || errors.As(err, new(*state.UnreadableError)))
	default:
		return is && refused.LacksRole()
	}
}

// about says why job is not what this intent has become; nil if it can be.
func (p prepared) about(job state.Job) error {
	if state.CheckID(job.ID) == nil && p.isNew(job, skew) && does(p.Body, job) {
		return nil
	}
	what := "no job"
	if job.ID != "" {
		what = fmt.Sprintf("job %s (%s", job.ID, job.DeliveryType)
		if job.TargetClusterName != "" {
			what += " onto " + job.TargetClusterName
		}
		what += ")"
	}
	not := "is not what was asked for"
	if state.CheckID(job.ID) == nil && does(p.Body, job) {
		not = "was there before the request, or is of another time"
	}
	return &state.UnreadableError{Why: "the answer is about " + what + ", which " + not}
}

// astray is how far no clock is off: an id of such a date is none that Atlas has just given.
const astray = 30 * 24 * time.Hour

// isNew says whether a job that Atlas told of after the request was not there before it. The list that
// was read right before tells it, whatever the clocks say; where that could not be read, they do, which may be so
// far apart.
func (p prepared) isNew(job state.Job, apart time.Duration) bool {
	if !p.Listed {
		return recent(job.CreatedAt(), p.Time, apart)
	}
	there := slices.ContainsFunc(p.listed.Jobs, func(b state.Job) bool { return b.ID == job.ID })
	return !there && job.CreatedAt().Sub(p.Time).Abs() < astray
}

// RunningError says that a job runs already onto the same target.
type RunningError struct {
	Job     state.Job
	Source  state.Cluster // whose list has it
	Endless bool          // it has no end, and is older than restores are believed to run
}

// Error implements error.
func (e RunningError) Error() string {
	if e.Endless {
		return fmt.Sprintf("restore job %s onto %s has no end: it may still run", e.Job.ID, e.Job.TargetClusterName)
	}
	return fmt.Sprintf("restore job %s already runs onto %s", e.Job.ID, e.Job.TargetClusterName)
}

// UnreadJobError says that nobody can tell whether a job runs onto the same target.
type UnreadJobError struct {
	Job     state.Job
	Cluster string // whose list has it
}

// Error implements error.
func (e UnreadJobError) Error() string {
	return fmt.Sprintf("restore job %s in the list of %s may run onto the same target: %s", cmp.Or(e.Job.ID, "without an id"), e.Cluster, e.Job.Untargeted())
}

// ErrDoubt says that an earlier request to the same target may have become a job.
var ErrDoubt = errors.New("an earlier request to the same target has no known outcome")

// DoubtError is ErrDoubt with the request that it is about.
type DoubtError struct {
	ID string
	At time.Time
}

// Error implements error.
func (e *DoubtError) Error() string {
	return fmt.Sprintf("nothing was submitted: %v (of %s)", ErrDoubt, state.UTCSecond(e.At, e.At))
}

// Unwrap gives ErrDoubt.
func (*DoubtError) Unwrap() error { return ErrDoubt }

// undoubted looks whether an earlier request to the target has to be looked for first. What
// the journal has and cannot be read may be one. A download has no target.
func undoubted(j Journal, o Order) error {
	if !o.Body.DeliveryType.HasTarget() {
		return nil
	}
	entries, err := j.Read()
	if err != nil {
		return fmt.Errorf("looking for unfinished restores, so nothing was submitted: %w", err)
	}
	for _, s := range journal.Submissions(entries) {
		if s.Doubtful() && s.Onto(o.Endpoint, o.Body.TargetProjectID, o.Body.TargetClusterName) {
			return &DoubtError{ID: s.ID, At: s.Time}
		}
	}
	return nil
}

// judge tells a definite no from doubt: only Atlas's own 4xx is a no.
func judge(err error) Verdict {
	var atlas *state.AtlasError
	switch {
	case err == nil:
		return Created
	case errors.As(err, &atlas) && atlas.DefiniteNo(), errors.Is(err, ErrNotSent):
		return Refused
	}
	return Unknown
}

// ErrNotSent marks an error of a client that is certain that no byte of the request
// left this machine, or that Atlas refused it before reading it (a login refused).
var ErrNotSent = errors.New("not sent")

// unsent is ErrNotSent for a reason that says itself that nothing was submitted.
type unsent struct{ error }

// Unwrap gives the reason, and what it is.
func (u unsent) Unwrap() []error { return []error{ErrNotSent, u.error} }

func event(v Verdict, err error) journal.Event {
	switch {
	case v == Created:
		return journal.Created
	case v == Refused && errors.Is(err, ErrNotSent):
		return journal.NotSent
	case v == Refused:
		return journal.Refused
	default:
		return journal.Unknown
	}
}
