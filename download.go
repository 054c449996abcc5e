package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"atlas-restore/atlasclient"
	"atlas-restore/atlasclient/delivery"
	"atlas-restore/state"
	"atlas-restore/ui/command"
	"atlas-restore/ui/steps"
)

// download fetches what a download job delivers. It submits nothing.
func (r runner) download(ctx context.Context, s command.Settings, how command.Fetching, id string) error {
	client, where, err := signIn(s, takesToken)
	if err != nil {
		return err
	}
	c := connection(client, where)
	cfg := steps.Config{Atlas: c.Atlas, Endpoint: c.Endpoint, Flags: s.Again()}
	if err := remember(&cfg, s); err != nil {
		return err
	}
	cfg.Now = c.Now
	r.note(cfg.Notice)
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	context.AfterFunc(ctx, stop) // the second ctrl+c leaves at once
	rehearse(ctx, &cfg, s)
	plan, job, err := steps.DownloadOf(ctx, cfg, s.Given, id)
	if err != nil {
		return err //nolint:wrapcheck // it is told as it is
	}
	done := steps.Download{Plan: plan, Job: job, Training: cfg.Mode == steps.Training}
	members, err := steps.Members(ctx, cfg, plan.Cluster, job)
	if err != nil {
		return err //nolint:wrapcheck // it is told as it is
	}
	done.Job, err = steps.AwaitDownload(ctx, cfg, plan.Cluster, job, members, func(text string) { fmt.Fprintln(r.errs, text) })
	done.Now = cfg.Now()
	done.Again = state.Command(cfg.Flags, append([]string{"download", job.ID}, named(plan, how)...)...)
	switch {
	case ctx.Err() != nil:
		done.Outcome, done.Err = state.OutcomeRunning, errors.New("left before the links were there; the job goes on in Atlas")
	case err != nil:
		return err //nolint:wrapcheck // it is told as it is
	case done.Job.State(cfg.Now()) != state.Ready:
		done.Again = ""
		done.Ended()
	default:
		if err := r.fetch(ctx, s, cfg, how, members, &done); err != nil {
			return err
		}
	}
	return r.downloaded(s, done)
}

// named are the words that name a download's source and its directory in a command.
func named(plan state.Plan, how command.Fetching) []string {
	words := []string{"--" + state.FlagProject, plan.Project.ID, "--" + state.FlagCluster, plan.Cluster.Name}
	if how.Dir != "" {
		words = append(words, "--out", how.Dir)
	}
	return words
}

// downloaded tells the result.
func (r runner) downloaded(s command.Settings, d steps.Download) error {
	*r.exit = d.Outcome.ExitCode()
	if s.JSON {
		r.printJSON(d.Result())
		_, _ = io.WriteString(r.errs, d.Text())
		return nil
	}
	_, _ = io.WriteString(r.out, d.Text()) // checked at the end
	return nil
}

// fetch fetches the archives of a job whose links are there.
func (r runner) fetch(ctx context.Context, s command.Settings, cfg steps.Config, how command.Fetching, members []state.Member, d *steps.Download) error {
	order, err := orderOf(d.Plan.Cluster, d.Job, how)
	if err != nil {
		return err
	}
	if snapshot, err := cfg.Atlas.Snapshot(ctx, d.Plan.Cluster, d.Job.SnapshotID); err == nil {
		order.Guess = snapshot.StorageSizeBytes
	} else {
		r.note("How large the snapshot is could not be read: whether it fits on the disk is known when the first link is asked for.")
	}
	opt := delivery.Options{
		Prover: delivery.BlockChecksums{}, AtOnce: int(how.AtOnce), Limit: delivery.NewLimit(how.Rate), Tight: how.Tight, //nolint:gosec // at most 16
		Now: cfg.Now, Agent: "atlas-restore/" + version, Tell: newTeller(r.errs, len(order.Files)).tell,
	}
	if opt.Roots, err = roots(s.CAFile); err != nil {
		return err
	}
	if d.Training { // its archives are small, and nothing else may be reached
		opt.Tight = true
		if u, err := url.Parse(cfg.Endpoint); err == nil {
			opt.Only = u.Host
		}
	}
	opt.Renew = func(ctx context.Context, old delivery.Order) (delivery.Order, error) {
		job, err := cfg.Atlas.Job(ctx, d.Plan.Cluster, d.Job.ID)
		if err != nil {
			return old, err //nolint:wrapcheck // it is explained
		}
		if job = job.Whole(members); job.State(cfg.Now()) != state.Ready || !job.ExpiresAt.After(d.Job.ExpiresAt) && sameLinks(job, d.Job) {
			return old, errors.New("the job has no others")
		}
		d.Job = job
		return orderOf(d.Plan.Cluster, job, how)
	}
	fmt.Fprintf(r.errs, "Fetching %s of %s into %s\n", state.Count(len(order.Files), "file"), d.Plan.Cluster.Name, order.Dir)
	result, err := delivery.Fetch(ctx, order, opt)
	d.Now = cfg.Now()
	d.Outcome = state.OutcomeDownloaded
	for _, f := range result {
		d.Files = append(d.Files, fileResult(f))
	}
	if err != nil {
		d.Err = err
		d.Outcome = outcomeOf(err)
		var e *delivery.Error
		if errors.As(err, &e) {
			d.Advice = e.Advice
			if e.Problem == delivery.Damaged || e.Problem == delivery.Unproven {
				d.Again = "" // it would come to the same
			}
		}
		return nil
	}
	d.Again = ""
	return nil
}

// sameLinks says whether two answers about a job have the same links.
func sameLinks(a, b state.Job) bool {
	if len(a.Deliveries) != len(b.Deliveries) {
		return false
	}
	for i := range a.Deliveries {
		if a.Deliveries[i].URL.Reveal() != b.Deliveries[i].URL.Reveal() {
			return false
		}
	}
	return true
}

// orderOf is what there is to fetch of a job.
func orderOf(c state.Cluster, j state.Job, how command.Fetching) (delivery.Order, error) {
	dir := how.Dir
	if dir == "" {
		dir = strings.TrimSuffix(delivery.FileName(c.Name, "", j.SnapshotAt), ".tar.gz")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return delivery.Order{}, fail("--out: %w", err)
	}
	o := delivery.Order{Dir: dir, Job: j.ID, Snapshot: j.SnapshotID, ExpiresAt: j.ExpiresAt}
	for _, d := range j.Deliveries {
		f := delivery.File{Name: delivery.FileName(c.Name, d.ReplicaSet, j.SnapshotAt), ReplicaSet: d.ReplicaSet, Link: d.URL}
		for _, p := range d.Private {
			f.Private = append(f.Private, p.URL)
		}
		o.Files = append(o.Files, f)
	}
	return o, nil
}

// roots are whom a delivery's certificate may be vouched for by; nil: those of this machine.
func roots(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	pool, err := atlasclient.Certificates(file)
	if err != nil {
		return nil, fail("%w", err)
	}
	return pool, nil
}

func fileResult(f delivery.Fetched) steps.FileResult {
	out := steps.FileResult{
		ReplicaSetName: f.ReplicaSet, State: string(f.State), Path: f.Path, Bytes: f.Bytes, TotalBytes: max(0, f.Total),
		SHA256: f.Verdict.SHA256, Proof: f.Verdict.Words,
	}
	if f.Err != nil {
		out.Error, out.Advice = f.Err.Why, f.Err.Advice
	}
	return out
}

// outcomeOf is how a run ends whose archives are not all proven.
func outcomeOf(err error) state.Outcome {
	var e *delivery.Error
	switch {
	case !errors.As(err, &e):
		return state.OutcomeError
	case e.Problem == delivery.Left:
		return state.OutcomeAborted
	case e.Problem == delivery.Stale, e.Problem == delivery.NoLink:
		return state.OutcomeExpired
	case e.Problem == delivery.Damaged:
		return state.OutcomeFailed
	case e.Problem == delivery.Unproven:
		return state.OutcomeUnknown
	}
	return state.OutcomeError
}

// teller says in lines what happens to the archives: where each begins, each quarter, what goes
// wrong, and its end.
type teller struct {
	to io.Writer

	mu       sync.Mutex
	said     time.Time
	quarters []int64
}

func newTeller(to io.Writer, files int) *teller {
	return &teller{to: to, quarters: make([]int64, files)}
}

// seldom is how long nothing may be said of a transfer that goes on.
const seldom = 30 * time.Second

func (t *teller) tell(e delivery.Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	text := t.line(e)
	if text == "" {
		return
	}
	t.said = time.Now()
	if e.Name != "" {
		text = e.Name + ": " + text
	}
	fmt.Fprintln(t.to, text)
}

func (t *teller) line(e delivery.Event) string {
	switch e.Kind {
	case delivery.Host:
		if e.Private {
			return "from " + e.Host + ", over a private endpoint"
		}
		return "from " + e.Host
	case delivery.Began:
		t.quarters[e.Index] = quarter(e)
		of := "; the server does not say of how many"
		if e.Total >= 0 {
			of = " of " + state.Size(e.Total)
		}
		if e.Done == 0 {
			return "fetching" + strings.Replace(of, " of", "", 1)
		}
		return "going on at " + state.Size(e.Done) + of
	case delivery.Moved:
		if q := quarter(e); q > t.quarters[e.Index] && q < 4 || time.Since(t.said) >= seldom {
			t.quarters[e.Index] = max(q, t.quarters[e.Index])
			return moved(e)
		}
	case delivery.Again:
		return fmt.Sprintf("%s. Try %d of %d follows in %s.", e.Err.Why, e.Try, e.Of, state.Exactly(max(e.In, time.Second)))
	case delivery.Anew:
		return fmt.Sprintf("from the first byte on, since %s. %s were given up.", e.Text, state.Size(e.Done))
	case delivery.Renew:
		return e.Err.Why + ". The job is asked for other links."
	case delivery.Note:
		return "NOTE: " + e.Text
	case delivery.Judged:
		return "all bytes are there; the proof reads the last of them"
	case delivery.Ended:
		if e.Err != nil {
			return e.Err.Why
		}
		return "proven: " + e.Text
	}
	return ""
}

// quarter is how many quarters of a file are there.
func quarter(e delivery.Event) int64 {
	if e.Total <= 0 {
		return 0
	}
	return e.Done * 4 / e.Total
}

func moved(e delivery.Event) string {
	text := state.Size(e.Done)
	if e.Total > 0 {
		text += fmt.Sprintf(" of %s (%d%%)", state.Size(e.Total), e.Done*100/e.Total)
	}
	if e.Speed > 0 {
		text += ", " + state.Size(int64(e.Speed)) + " a second"
	}
	if e.Left >= 0 {
		text += ", about " + state.Exactly(max(e.Left, time.Second)) + " left"
	}
	return text
}
