package steps

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/journal"
	"atlas-restore/state/submit"
)

// Renewal gets other links where those of a download are over and Atlas gives none: by another
// download job of the same snapshot. It erases nothing, so that a yes is enough; but each yes makes one
// job at most, whatever becomes of the answer to the request, and without a yes there is none.
type Renewal struct {
	// Consent asks somebody, and is true only for a yes. Nil: nobody can be asked.
	Consent func(ctx context.Context, question string) bool
	Say     func(text string) // hears what is done, a sentence each; nil: nobody does
	// Fetches is the command that fetches the files of the download with that id; nil: as its source alone says it.
	Fetches func(id string) string

	Job   string // id of the other download, once it is known
	Doubt error  // whether there is such a job is not known, because of this
	Else  string // the command that fetches the files of a job that others have asked for: Atlas makes no other one beside it

	declined bool
	told     bool // where the files stand already was said
}

// Once is a consent that was given beforehand: it is good for one job.
func Once() func(context.Context, string) bool {
	given := false
	return func(context.Context, string) bool {
		first := !given
		given = true
		return first
	}
}

var (
	errNoOthers   = errors.New("the job has no others")
	errDeclined   = errors.New("the job has no others, and another download was not wanted")
	errManyFit    = errors.New("several downloads of this snapshot have come meanwhile, and which is the one that was asked for cannot be told")
	errNotReady   = errors.New("the other download has no links")
	adviceInDoubt = "The same command looks for that job first, and asks for another only where it is not there."
)

const (
	unknownRenew = "whether Atlas makes another download is not known"
	doubtOfRenew = unknownRenew + ": the answer to the request was lost"
)

func renewAdvice(c Config, of state.Cluster) string {
	return "`" + state.Command(c.Flags, "jobs", "--"+state.FlagProject, of.ProjectID, "--"+state.FlagCluster, of.Name) + "` lists them; download with the id of one fetches it."
}

// another is the job that stands in the place of one whose links are over, once its links are there.
func (r *Renewal) another(ctx context.Context, cfg Config, plan state.Plan, old state.Job, members []state.Member) (state.Job, error) {
	job, err := r.order(ctx, cfg, plan, old, members)
	if err != nil {
		return old, err
	}
	job, err = AwaitDownload(ctx, cfg, plan.Cluster, job, members, r.say)
	if err == nil && job.State(cfg.Now()) != state.Ready {
		err = fmt.Errorf("%w: it is %s", errNotReady, job.State(cfg.Now()))
	}
	return job, err
}

// order is that job as soon as it is known: one that was asked for already, or a new one.
func (r *Renewal) order(ctx context.Context, cfg Config, plan state.Plan, old state.Job, members []state.Member) (state.Job, error) {
	job, err := r.asked(ctx, cfg, plan, old)
	if err == nil && job.ID == "" {
		job, err = r.ask(ctx, cfg, plan, old, members)
	}
	if err == nil {
		r.Job = job.ID
	}
	return job, err
}

// asked is the job that this machine has asked for since, in the place of an old one: what an earlier
// run has asked for is not asked for again. It has no id where there is none.
func (r *Renewal) asked(ctx context.Context, cfg Config, plan state.Plan, old state.Job) (state.Job, error) {
	entries, err := cfg.Journal.Read()
	if err != nil {
		return state.Job{}, fmt.Errorf("looking for what was asked for already: %w", err)
	}
	all := slices.DeleteFunc(journal.Submissions(entries), func(s journal.Submission) bool {
		return state.CanonicalEndpoint(s.Endpoint) != state.CanonicalEndpoint(cfg.Endpoint) || s.ProjectID != plan.Cluster.ProjectID || s.ClusterName != plan.Cluster.Name ||
			s.Body.DeliveryType != state.Download || s.Body.SnapshotID != old.SnapshotID || s.JobID == old.ID || !s.Time.After(old.CreatedAt())
	})
	for _, s := range slices.Backward(all) {
		switch {
		case s.Doubtful() || s.Lost(cfg.Now()):
			r.say("An earlier request for another download of this snapshot has no known outcome: its job is looked for.")
			if job, err := r.seek(ctx, cfg, submit.NewSearch(plan.Cluster, s.Entry, cfg.Now())); err != nil || job.ID != "" {
				return job, err
			}
		case s.JobID != "":
			job, err := cfg.Atlas.Job(ctx, plan.Cluster, s.JobID)
			if err != nil {
				return job, err //nolint:wrapcheck // it is explained
			}
			if st := job.State(cfg.Now()); st == state.Ready || st == state.InProgress {
				r.say("This machine has asked for another download of this snapshot already: job " + job.ID + ". It is taken.")
				return job, nil
			}
		}
	}
	return state.Job{}, nil
}

// sayProven says, once, in which directory the files of the job stand proven: whoever knows that may want
// no other download.
func (r *Renewal) sayProven(cfg Config, old state.Job) {
	if r.told {
		return
	}
	r.told = true
	entries, err := cfg.Journal.Read()
	if err != nil {
		return // whoever looked for other jobs has said that
	}
	for _, s := range journal.Submissions(entries) {
		if s.JobID == old.ID && s.Files.Proven() {
			r.say("The files of job " + old.ID + " are there already. " + earlier(s.Files, cfg.Now()))
			return
		}
	}
}

// ask asks for consent, and then Atlas, once.
func (r *Renewal) ask(ctx context.Context, cfg Config, plan state.Plan, old state.Job, members []state.Member) (state.Job, error) {
	r.sayProven(cfg, old)
	switch {
	case r.Consent == nil:
		return old, errNoOthers
	case r.declined:
		return old, errDeclined
	}
	if !r.Consent(ctx, renewQuestion(plan, old, cfg.Now())) || ctx.Err() != nil {
		r.declined = true
		return old, errDeclined
	}
	order := submit.Order{
		Source: plan.Cluster, Project: plan.Project, Snapshot: state.Snapshot{ID: old.SnapshotID, CreatedAt: old.SnapshotAt, Members: members},
		Body:     state.Request{DeliveryType: state.Download, Family: plan.Cluster.Family, SnapshotID: old.SnapshotID},
		Endpoint: cfg.Endpoint, Who: cfg.Who, Now: cfg.Now,
	}
	fetches := r.Fetches
	if fetches == nil {
		fetches = func(id string) string { return cfg.fetchesOf(id, plan.Cluster, "") }
	}
	done := cfg.once(ctx, order, fetches)
	switch done.Verdict {
	case submit.Created:
		text := "Atlas makes another download of the same snapshot: job " + done.Job.ID + "."
		if done.Err != nil {
			text += fmt.Sprintf(" Note its id: %v.", done.Err)
		}
		r.say(text)
		return done.Job, nil
	case submit.Unknown:
		r.say("No answer tells what became of the request for another download. Its job is looked for; nothing is asked for again.")
		job, err := r.seek(ctx, cfg, done.Search)
		if err == nil && job.ID == "" {
			r.Doubt = fmt.Errorf("%s, and no such job was found", doubtOfRenew)
			err = r.Doubt
		}
		return job, err
	default:
		r.declined = true // whoever was refused is not asked again by the next file
		var advised *state.Advised
		if errors.As(done.Err, &advised) && len(advised.Jobs) > 0 {
			r.Else = fetches(advised.Jobs[0])
		}
		return old, Explained("Asking for another download", done.Err)
	}
}

// seek looks for the job of a request whose answer was lost, as often as it is worth. It has no id
// where there is none.
func (r *Renewal) seek(ctx context.Context, cfg Config, search submit.Search) (state.Job, error) {
	for !search.Over() {
		if err := pause(ctx, cfg, search.NextAt); err != nil {
			r.Doubt = fmt.Errorf("%s, and its job was not found before you left", doubtOfRenew)
			return state.Job{}, r.Doubt
		}
		search = LookFor(ctx, cfg, search)
	}
	switch len(search.Found) {
	case 0:
		return state.Job{}, nil
	case 1:
		r.say(FoundWords(search.Found))
		return search.Found[0], nil
	}
	ids := make([]string, len(search.Found))
	for i, j := range search.Found {
		ids[i] = j.ID
	}
	r.Doubt = fmt.Errorf("%w: %s. %s", errManyFit, strings.Join(ids, ", "), renewAdvice(cfg, search.Source))
	return state.Job{}, r.Doubt
}

func (r *Renewal) say(text string) {
	if r.Say != nil {
		r.Say(text)
	}
}

// renewQuestion is what is consented to.
func renewQuestion(plan state.Plan, old state.Job, now time.Time) string {
	of := "snapshot " + old.SnapshotID
	if !old.SnapshotAt.IsZero() {
		of = "snapshot of " + state.UTCSecond(old.SnapshotAt, now)
	}
	return "Ask Atlas for another download of the same " + of + " of " + plan.Cluster.Name + "? It erases nothing, and takes some minutes."
}

// pause waits until a time of Atlas's clock.
func pause(ctx context.Context, cfg Config, until time.Time) error {
	t := time.NewTimer(time.Duration(float64(max(until.Sub(cfg.Now()), 0)) / max(cfg.Pace, 1)))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err() //nolint:wrapcheck // the caller knows it
	}
}

// others are the links of the job as Atlas lists it now, or of another download: it is the job of d from
// then on.
func (d *Download) others(ctx context.Context, cfg Config, members []state.Member) error {
	job, found, err := d.listed(ctx, cfg, members)
	if err != nil {
		return err
	}
	if !found {
		if job, err = d.Renewal.another(ctx, cfg, d.Plan, d.Job, members); job.ID != d.Job.ID { // whoever goes on goes on with this one
			d.Again = strings.Replace(d.Again, d.Job.ID, job.ID, 1)
		}
	}
	if err == nil || job.ID != d.Job.ID {
		d.Job = job
	}
	return err
}

// listed is the job as Atlas lists it now; found says that it has other links than those that are over.
func (d *Download) listed(ctx context.Context, cfg Config, members []state.Member) (job state.Job, found bool, err error) {
	job, err = cfg.Atlas.Job(ctx, d.Plan.Cluster, d.Job.ID)
	if err != nil {
		return job, false, err //nolint:wrapcheck // it is explained
	}
	job = job.Whole(members)
	return job, job.State(cfg.Now()) == state.Ready && (job.ExpiresAt.After(d.Job.ExpiresAt) || !sameLinks(job, d.Job)), nil
}

// Renew gets a download that has no links any more those of another one. The error is that there is
// none; then d is told as it has ended.
func (d *Download) Renew(ctx context.Context, cfg Config, members []state.Member) error {
	err := d.others(ctx, cfg, members)
	if err != nil {
		d.Now = cfg.Now()
		switch d.Ended(); {
		case errors.Is(err, errNoOthers), errors.Is(err, errDeclined):
		case d.Job.State(d.Now).Ended():
			d.Err = fmt.Errorf("%w: %w", d.Err, err)
		default:
			d.Outcome, d.Err = state.OutcomeUnknown, err
		}
		if advised := new(state.Advised); errors.As(err, &advised) {
			d.Advice = advised.Advice
		}
		d.renewed(ctx)
		d.again()
	}
	return err
}

// FlagRenew is the flag that consents to another download.
const FlagRenew = "renew"

// FlagTight is the flag that begins a fetch although the files may not fit.
const FlagTight = "tight"

// again has the command that goes on ask for another download where the links are over.
func (d *Download) again() {
	if d.Again != "" && d.Renewal.Else != "" {
		d.Again = d.Renewal.Else
		return
	}
	if d.Outcome == state.OutcomeExpired && d.Again != "" && !strings.Contains(d.Again, "--"+FlagRenew) {
		d.Again += " --" + FlagRenew
	}
}

// renewed is what a renewal has to do with how it ended.
func (d *Download) renewed(ctx context.Context) {
	switch {
	case d.Err == nil:
	case d.Renewal.Doubt != nil:
		d.Outcome, d.Err = state.OutcomeUnknown, d.Renewal.Doubt
		d.Advice = adviceInDoubt
	case d.Renewal.Job != "" && ctx.Err() != nil: // something was submitted
		d.Outcome, d.Err = state.OutcomeRunning, errors.New("left before all files of the other download were there")
		d.Advice = "The other download goes on in Atlas."
	}
}
