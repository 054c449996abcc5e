package steps

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"atlas-restore/forms/fold"
	"atlas-restore/state"
	"atlas-restore/state/fetch"
	"atlas-restore/state/watch"
)

// Download is what becomes of a download job whose archives are fetched.
type Download struct {
	Plan     state.Plan // its source
	Job      state.Job
	Training bool
	Files    []FileResult
	Manifest string   // the path of the file that tells what they are; empty: there is none
	Open     []string // how to open what is proven, in lines; none where nothing is
	Outcome  state.Outcome
	Err      error  // why it is not downloaded; nil if it is
	Advice   string // what to do about it
	Again    string // the command that goes on; empty where nothing is left to go on with
	Beside   string // the command that fetches into another directory, where this one takes nothing
	Recorded []Recorded
	Now      time.Time
	Renewal  Renewal // how other links are come by where those of Job are over
}

// FileResult is what became of the archive of one replica set.
type FileResult struct {
	ReplicaSetName string      `json:"replicaSetName,omitempty"`
	State          fetch.State `json:"state"`                // proven, kept (a part of it), untouched, or aside (all that came, not proven)
	Path           string      `json:"path,omitempty"`       // of what is there
	Directory      string      `json:"directory,omitempty"`  // into which it was unpacked
	Bytes          int64       `json:"bytes"`                // on disk
	TotalBytes     int64       `json:"totalBytes,omitempty"` // of the whole, where it is known
	SHA256         string      `json:"sha256,omitempty"`
	Proof          string      `json:"proof,omitempty"` // what was proven, or what is wrong
	Error          string      `json:"error,omitempty"`
	Advice         string      `json:"advice,omitempty"`

	came     bool // bytes have come over its link, though nothing of them is there
	noRanges bool // its server cannot go on in the middle

	gone  bool // its link was seen to give nothing more
	stale bool // … or was refused, which may have another cause
}

// DownloadOf finds a download job: by its id, else the newest that this machine has submitted,
// else the newest of the cluster that flags name. Its source comes with it.
func DownloadOf(ctx context.Context, cfg Config, g state.Given, id string) (state.Plan, state.Job, error) {
	if id == "" {
		for _, h := range slices.Backward(cfg.History) {
			if h.Endpoint == cfg.Endpoint && h.JobID != "" && h.Body.DeliveryType == state.Download && meant(h, g) {
				id = h.JobID
				break
			}
		}
	}
	switch {
	case g.Cluster != "":
	case id == "":
		return state.Plan{}, state.Job{}, failed("looking for a download: this machine knows of none; give a job's id, or --%s of its source", state.FlagCluster)
	default:
		from, _, err := SourceOf(cfg.History, cfg.Endpoint, id, g)
		if err != nil {
			return state.Plan{}, state.Job{}, err
		}
		g = from
	}
	does := []string{"download"}
	if id != "" {
		does = append(does, id)
	}
	plan, err := ClusterOf(ctx, cfg, g, does...)
	if err != nil {
		return plan, state.Job{}, err
	}
	if id == "" {
		job, err := newestDownload(ctx, cfg, plan.Cluster)
		return delivers(plan, job), job, err
	}
	job, err := anyJob(ctx, cfg.Atlas, plan.Cluster, id)
	if err != nil {
		return plan, job, Explained("Looking at restore job "+id, err)
	}
	if job.DeliveryType != state.Download {
		return plan, job, fmt.Errorf("job %s is of the delivery type %s: only a download delivers files", id, job.DeliveryType)
	}
	return delivers(plan, job), job, nil
}

// delivers is the plan of a download job of a source, as far as Atlas tells it.
func delivers(source state.Plan, job state.Job) state.Plan {
	source.Delivery, source.Snapshot = state.Download, state.Snapshot{ID: job.SnapshotID, CreatedAt: job.SnapshotAt}
	return source
}

// newestDownload is the newest download of a cluster that can still be fetched, or will be.
func newestDownload(ctx context.Context, cfg Config, c state.Cluster) (state.Job, error) {
	all, err := cfg.Atlas.Jobs(ctx, c)
	if err != nil {
		return state.Job{}, Explained("Listing the restore jobs of "+c.Name, err)
	}
	var newest state.Job
	for _, j := range all {
		st := j.State(cfg.Now())
		if j.DeliveryType == state.Download && j.Unreadable == "" && (st == state.Ready || st == state.InProgress) && j.CreatedAt().After(newest.CreatedAt()) {
			newest = j
		}
	}
	if newest.ID == "" {
		return newest, &RunError{fmt.Errorf("looking for a download of %s: there is none whose links are good", c.Name), "To ask Atlas for one: " + state.Command(cfg.Flags, "--"+state.FlagCluster, c.Name, "--"+state.FlagDelivery, string(state.Download))}
	}
	return newest, nil
}

// Members are the replica sets of which a download of this job must have an archive; nil for a
// cluster that is one itself. Without them a shard that is missing would not be missed.
func Members(ctx context.Context, cfg Config, c state.Cluster, j state.Job) ([]state.Member, error) {
	if c.Type == state.ReplicaSet {
		return nil, nil
	}
	s, err := cfg.Atlas.Snapshot(ctx, c, j.SnapshotID)
	if err != nil {
		return nil, Explained("Looking at the snapshot of the download", err)
	}
	return s.Members, nil
}

// AwaitDownload follows a download job until all its links are there, or it has ended
// otherwise; members are of its snapshot. say hears what is awaited, now and then.
func AwaitDownload(ctx context.Context, cfg Config, c state.Cluster, j state.Job, members []state.Member, say func(string)) (state.Job, error) {
	f := watch.New(j.Whole(members), cfg.Now())
	f.Members, f.NextAt = members, cfg.Now()
	began, said := cfg.Now(), time.Time{}
	for {
		f.Took(f.Look(ctx, cfg.Atlas, c, cfg.Now), cfg.Now())
		now := cfg.Now()
		switch {
		case ctx.Err() != nil:
			return f.Job, ctx.Err() //nolint:wrapcheck // the caller knows it
		case f.Gone:
			return f.Job, Explained("Looking at restore job "+j.ID, f.Err)
		case f.Err == nil && f.State(now).Ended():
			return f.Job, nil
		}
		if now.Sub(said) >= time.Minute {
			said = now
			say(awaitedLinks(f, now.Sub(began), now))
		}
		if err := pause(ctx, cfg, f.NextAt); err != nil {
			return f.Job, err
		}
	}
}

// awaitedLinks says what is awaited of a download that is not ready.
func awaitedLinks(f *watch.Follow, waited time.Duration, now time.Time) string {
	var missing []string
	for _, d := range f.Job.Deliveries {
		if d.URL.IsZero() {
			missing = append(missing, d.ReplicaSet)
		}
	}
	text := "Atlas prepares the download"
	if n := len(f.Job.Deliveries); n > len(missing) {
		text = fmt.Sprintf("Atlas has %d of %d links; it still prepares that of %s", n-len(missing), n, strings.Join(missing, ", "))
	}
	if waited >= time.Second {
		text += ", for " + state.Exactly(waited)
	}
	if f.Err != nil {
		text += ". The last look failed: " + state.Explain("Looking at the job", f.Err).Text()
	}
	_ = now
	return text + "."
}

// Ended is the outcome of a download job that has no links, or none any more.
func (d *Download) Ended() {
	st := d.Job.State(d.Now)
	d.Outcome = st.Outcome()
	switch st {
	case state.Failed:
		d.Err = fmt.Errorf("the download job %s has failed in Atlas", d.Job.ID)
	case state.Cancelled:
		d.Err = fmt.Errorf("the download job %s was cancelled", d.Job.ID)
	case state.Expired:
		d.Err = fmt.Errorf("the links of the download job %s have expired", d.Job.ID)
	case state.Doubtful:
		d.Err = fmt.Errorf("how the download job %s ended is not known: %s", d.Job.ID, d.Job.Doubt(d.Now))
	default:
		d.Err = errors.New("the download job has ended without links")
	}
	d.Advice = "Ask for another download of the same snapshot: it erases nothing."
}

// proven is how many of the archives are.
func (d Download) proven() (n int) {
	for _, f := range d.Files {
		if f.State == fetch.Proven {
			n++
		}
	}
	return n
}

// Text is the result for people, without any link.
func (d Download) Text() string { return d.TextIn(0) }

// TextIn is Text for a terminal of w cells, as fold.Lines breaks it.
func (d Download) TextIn(w int) string {
	var b strings.Builder
	if d.Training {
		b.WriteString("TRAINING: nothing of it is real.\n")
	}
	switch n := len(d.Files); {
	case d.Outcome == state.OutcomeDownloaded:
		fmt.Fprintf(&b, "Downloaded: %s of %s, whole and proven.\n", state.Count(n, "file"), d.Plan.Cluster.Name)
	case n > 0 && d.proven() == n:
		fmt.Fprintf(&b, "Downloaded: %s of %s, whole and proven. Not all that was wanted is done.\n", state.Count(n, "file"), d.Plan.Cluster.Name)
	case n > 0:
		fmt.Fprintf(&b, "Not downloaded: %d of %s of %s proven.\n", d.proven(), state.Count(n, "file"), d.Plan.Cluster.Name)
	}
	b.WriteString(d.rows())
	for _, r := range d.Recorded {
		fmt.Fprintf(&b, "\n%s\n", r.says())
	}
	return fold.Lines(b.String(), w)
}

// rows are what became of each file, and how to go on.
func (d Download) rows() string {
	var b strings.Builder
	for _, f := range d.Files {
		if f.ReplicaSetName != "" {
			fmt.Fprintf(&b, "\n%s: %s", f.ReplicaSetName, stateWords()[f.State])
		} else {
			fmt.Fprintf(&b, "\n%s", stateWords()[f.State])
		}
		if f.Path != "" {
			fmt.Fprintf(&b, ", %s\n  %s", state.Size(f.Bytes), f.Path)
		}
		b.WriteString("\n")
		proof := f.Proof
		if f.Error != "" { // which has the proof's words
			proof = ""
		}
		for _, line := range []string{proof, prefixed("Unpacked: ", f.Directory), prefixed("SHA-256 ", f.SHA256), f.Error, f.Advice} {
			if line != "" {
				fmt.Fprintf(&b, "  %s\n", line)
			}
		}
	}
	if len(d.Files) == 0 && d.Err != nil {
		fmt.Fprintf(&b, "Not downloaded: %v.\n%s\n", d.Err, d.Advice)
	}
	if d.proven() > 0 {
		fmt.Fprintf(&b, "\n%s\n", NotProven)
	}
	if d.Manifest != "" {
		b.WriteString("\n")
		for i, line := range d.Open {
			if i > 0 { // a command
				line = fold.Whole("  " + line)
			}
			fmt.Fprintln(&b, line)
		}
		prefix := strings.TrimSuffix(d.Manifest, fetch.ManifestName)
		if len(d.Open) > 0 {
			fmt.Fprintf(&b, "Each step, how to stop, and what differs: %s%s\nChecksums, for sha256sum -c: %s%s\n", prefix, fetch.GuideName, prefix, fetch.SumsName)
		}
		fmt.Fprintf(&b, "What the files are, and what was proven: %s\n", d.Manifest)
	}
	if d.Again != "" {
		lead := "To go on"
		if d.taken() {
			lead = "Once it is moved away"
		}
		fmt.Fprintf(&b, "\n%s: %s\n", lead, d.Again)
	}
	return b.String()
}

// taken says whether the place of a file is taken by another's: the same directory serves only once that
// is moved away.
func (d Download) taken() bool {
	var e *fetch.Error
	return errors.As(d.Err, &e) && (e.Problem == fetch.Exists || e.Problem == fetch.Foreign)
}

// reached is the outcome as a summary names it: what was left can be gone on with.
func (d Download) reached() state.Outcome {
	if d.Outcome == state.OutcomeAborted {
		return state.OutcomeRunning
	}
	return d.Outcome
}

// words are the same for people: it is the files that are meant, not the job.
func (d Download) words() string {
	n := state.Count(len(d.Files), "file")
	switch {
	case d.Outcome == state.OutcomeDownloaded:
		return "downloaded, " + n + ", whole and proven"
	case d.Outcome == state.OutcomeAborted, d.Outcome == state.OutcomeRunning:
		return fmt.Sprintf("not downloaded yet, %d of %s proven", d.proven(), n)
	case len(d.Files) == 0:
		return "not downloaded"
	}
	return fmt.Sprintf("not downloaded, %d of %s proven", d.proven(), n)
}

// used says whether bytes have come over the link of a file, counted from 0, or it gives nothing more.
func (d Download) used(file int) bool {
	return file >= 0 && file < len(d.Files) && (d.Files[file].State != fetch.Untouched || d.Files[file].gone || d.Files[file].came)
}

func prefixed(what, text string) string {
	if text == "" {
		return ""
	}
	return what + text
}

func stateWords() map[fetch.State]string {
	return map[fetch.State]string{fetch.Proven: "proven", fetch.Kept: "a part of it is kept", fetch.Untouched: "not fetched", fetch.Aside: "not proven, and set aside"}
}

// Result is the same for programs.
func (d Download) Result() Result {
	mode := Live
	if d.Training {
		mode = Training
	}
	r := Result{Outcome: d.Outcome, Training: d.Training, Files: d.Files, Manifest: d.Manifest, Records: d.Recorded}
	if d.Job.ID != "" {
		r.Job = Summary{Plan: d.Plan, Job: d.Job, Mode: mode, Now: d.Now}.jobResult()
	}
	if d.Err != nil {
		r.Error = d.failure()
	}
	return r
}

// failure is why it is not downloaded, as -o json tells it.
func (d Download) failure() *ErrorResult {
	out := Failure(d.Err)
	if out.Advice == "" {
		out.Advice = d.Advice
	}
	return out
}
