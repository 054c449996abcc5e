package steps

import (
	"context"
	"errors"
	"strings"

	"atlas-restore/state"
	"atlas-restore/state/fetch"
	"atlas-restore/state/journal"
	"atlas-restore/state/text"
)

// FetchOrder is what there is to fetch of a download job whose links are there. Its directory
// is dir, or else one here that is named after the cluster and the snapshot.
func FetchOrder(c state.Cluster, j state.Job, dir string) (fetch.Order, error) {
	if dir == "" {
		dir = dirName(c, j)
	}
	dir, err := Absolute(dir)
	if err != nil {
		return fetch.Order{}, err
	}
	o := fetch.Order{Dir: dir, Job: j.ID, Snapshot: j.SnapshotID, ExpiresAt: j.ExpiresAt}
	o.Source = fetch.Source{ProjectID: c.ProjectID, Cluster: c.Name, SnapshotAt: j.SnapshotAt}
	if e := c.EncryptionProvider; e != "NONE" {
		o.Source.Encryption = e
	}
	for _, d := range j.Deliveries {
		f := fetch.File{Name: fetch.FileName(c.Name, d.ReplicaSet, j.SnapshotAt), ReplicaSet: d.ReplicaSet, Link: d.URL}
		for _, p := range d.Private {
			f.Private = append(f.Private, p.URL)
		}
		o.Files = append(o.Files, f)
	}
	return o, nil
}

// Refused says whether nothing can be fetched into a directory, before anything is waited for or asked of
// Atlas for its sake. It is then what became of the download.
func (d *Download) Refused(by fetch.Fetcher, dir string) bool {
	o, err := FetchOrder(d.Plan.Cluster, d.Job, dir)
	if err == nil {
		err = by.Room(o.Dir).Err
	}
	if err == nil {
		return false
	}
	d.Outcome, d.Err = state.OutcomeError, err
	d.Advice = "Name another directory with --out DIR: it is made where it is missing. No link was touched."
	d.Again = d.Beside
	return true
}

// dirName is the name of a new directory for the files of a job.
func dirName(c state.Cluster, j state.Job) string {
	return strings.TrimSuffix(fetch.FileName(c.Name, "", j.SnapshotAt), ".tar.gz")
}

// Fetch fetches an order of the job, and says what became of it. note hears what could not be
// known beforehand.
func (d *Download) Fetch(ctx context.Context, cfg Config, by fetch.Fetcher, o fetch.Order, how fetch.How, members []state.Member, note func(string)) {
	if snapshot, err := cfg.Atlas.Snapshot(ctx, d.Plan.Cluster, d.Job.SnapshotID); err == nil {
		o.Guess, o.Source.MongoDBVersion = snapshot.StorageSizeBytes, snapshot.MongoDBVersion
	} else {
		note("How large the snapshot is could not be read: whether it fits on the disk is known when the first link is asked for.")
	}
	how.Renew = func(ctx context.Context, old fetch.Order) (fetch.Order, error) {
		before := d.Job.ID
		if err := d.others(ctx, cfg, members); err != nil {
			return old, err
		}
		if d.Job.ID != before {
			_ = d.write(cfg, journal.Fetching, journal.Fetch{Dir: old.Dir}) // as below
		}
		return FetchOrder(d.Plan.Cluster, d.Job, old.Dir)
	}
	o.Source.Project = d.Plan.Project.Name
	tell := how.Tell
	how.Tell = func(e fetch.Event) {
		if e.Kind == fetch.Told {
			d.Manifest = e.Text
		}
		if tell != nil {
			tell(e)
		}
	}
	if err := d.write(cfg, journal.Fetching, journal.Fetch{Dir: o.Dir}); err != nil {
		note(text.CleanError(err) + ". What is fetched is not told by a later run.")
	}
	result, err := by.Fetch(ctx, o, how)
	d.Now, d.Outcome, d.Err = cfg.Now(), fetchOutcome(err), err
	d.Open = fetch.NewManifest(o, result, d.Now).InShort(o.Dir)
	done := journal.Fetch{Dir: o.Dir, Outcome: d.Outcome}
	for _, f := range result {
		d.Files = append(d.Files, fileResult(f))
		done.Files = append(done.Files, fetchedFile(fileResult(f)))
	}
	_ = d.write(cfg, journal.Fetched, done) // that it cannot be was said
	if err == nil {
		d.Again = ""
		return
	}
	var e *fetch.Error
	if errors.As(err, &e) {
		d.Advice = e.Advice
		switch {
		case e.Problem == fetch.Damaged, e.Problem == fetch.Unproven:
			d.Again = "" // it would come to the same
		case e.Problem == fetch.Disk && len(result) == 0: // in that directory it would too
			d.Again = d.Beside
		}
	}
	d.renewed(ctx)
	d.again()
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

func fileResult(f fetch.Fetched) FileResult {
	out := FileResult{
		ReplicaSetName: f.ReplicaSet, State: f.State, Path: f.Path, Bytes: f.Bytes, TotalBytes: max(0, f.Total),
		SHA256: f.Verdict.SHA256, Proof: f.Verdict.Words,
	}
	out.Directory, out.noRanges, out.came = f.Directory, f.NoRanges, f.Came
	if f.Err != nil {
		out.Error, out.Advice, out.gone, out.stale = f.Err.Why, f.Err.Advice, f.Err.Spent(), f.Err.Problem == fetch.Stale
	}
	return out
}

// fetchOutcome is how a run ends whose files are all proven, or not.
func fetchOutcome(err error) state.Outcome {
	var e *fetch.Error
	switch {
	case err == nil:
		return state.OutcomeDownloaded
	case !errors.As(err, &e):
		return state.OutcomeError
	case e.Problem == fetch.Left:
		return state.OutcomeAborted
	case e.Problem == fetch.Stale, e.Problem == fetch.NoLink:
		return state.OutcomeExpired
	case e.Problem == fetch.Damaged:
		return state.OutcomeFailed
	case e.Problem == fetch.Unproven:
		return state.OutcomeUnknown
	}
	return state.OutcomeError
}
