package steps

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/fetch"
	"atlas-restore/state/journal"
	"atlas-restore/state/text"
)

// hostOf is the server of a link; nothing else of it is ever told.
func hostOf(link state.Secret) string {
	u, err := url.Parse(link.Reveal())
	if err != nil {
		return ""
	}
	return text.Clean(u.Hostname())
}

// FetchDir is the directory that is proposed for the files of a job: where they were fetched to before,
// what the command line says, or a new one here, named as the command names it.
func FetchDir(cfg Config, j Job) string {
	if dir := j.Fetch.Where(); dir != "" {
		return dir
	}
	if cfg.Out != "" {
		return cfg.Out
	}
	return dirName(j.Plan.Cluster, j.Job)
}

// Absolute is a directory as it is found from anywhere; ~ is the home of whoever typed it. It refuses
// one that no command could name: what is told is cleaned, and would lead elsewhere.
func Absolute(dir string) (string, error) {
	dir = strings.TrimSpace(dir)
	if rest, ok := strings.CutPrefix(dir, "~"); ok && (rest == "" || rest[0] == '/' || rest[0] == filepath.Separator) {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("finding the home directory: %w", err)
		}
		dir = filepath.Join(home, rest)
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("finding the directory of the files: %w", err)
	}
	if text.CleanLong(dir) != dir {
		return "", fmt.Errorf("the directory %q has a character in its name that no terminal shows: no command could name it", dir)
	}
	return dir, nil
}

// FetchPlace is what is known of a directory before anything is fetched into it.
type FetchPlace struct {
	fetch.Room
	Typed string // as it was asked for
	Dir   string // whole
	Guess int64  // bytes that all files together hardly exceed; 0: not known
}

// LookAtPlace looks at a directory, and how much is to go into it.
func LookAtPlace(ctx context.Context, cfg Config, j Job, typed string) FetchPlace {
	place := FetchPlace{Typed: typed, Guess: j.Plan.Snapshot.StorageSizeBytes}
	var err error
	if place.Dir, err = Absolute(typed); err != nil {
		place.Dir, place.Room = text.CleanLong(typed), fetch.Room{Free: -1, Err: err}
		return place
	}
	place.Room = cfg.Fetcher.Room(place.Dir)
	if cfg.Mode == Training {
		place.Guess = 0 // what the snapshot of a training takes is as unreal as its data
		return place
	}
	if place.Guess == 0 && cfg.Atlas != nil && j.Job.SnapshotID != "" {
		if s, err := cfg.Atlas.Snapshot(ctx, j.Plan.Cluster, j.Job.SnapshotID); err == nil { // else it is not known
			place.Guess = s.StorageSizeBytes
		}
	}
	return place
}

// CheckOut says why nothing can be fetched into the directory that the command line names, as far as that
// can be known before anything is submitted. Nil where it names none.
func CheckOut(cfg Config) error {
	if cfg.Out == "" || cfg.Fetcher == nil {
		return nil
	}
	var room fetch.Room
	dir, err := Absolute(cfg.Out)
	if room.Err = err; err == nil {
		room = cfg.Fetcher.Room(dir)
	}
	if room.Err == nil && room.Free == 0 {
		room.Err = fmt.Errorf("nothing is free on the disk of %s", dir)
	}
	if room.Err != nil {
		return &RunError{fmt.Errorf("--out %s: nothing can be fetched into it: %w", cfg.Out, room.Err), "Nothing was submitted. Name another directory with --out."}
	}
	return nil
}

// Clauses say what is to be known before the first byte.
func (p FetchPlace) Clauses(cfg Config, j Job, now time.Time) []Clause {
	var out []Clause
	into := p.Dir
	if p.New {
		into += ", a new directory"
	}
	out = append(out, Clause{"Into", into, false})
	free := "how much is free there is not known"
	if p.Free >= 0 {
		free = state.Size(p.Free) + " free"
	}
	switch {
	case p.Err != nil:
		out = append(out, Clause{"Disk", fullStop(p.Err.Error()), true})
	case cfg.Mode == Training:
		out = append(out, Clause{"Disk", free + "; the files of a training are small.", false})
	case p.Guess == 0:
		out = append(out, Clause{"Disk", free + "; how much the files take Atlas does not say before.", false})
	case p.Fits(p.Guess):
		out = append(out, Clause{"Disk", fmt.Sprintf("%s; the files take %s at most, as far as Atlas tells.", free, state.Size(p.Guess)), false})
	default:
		out = append(out, Clause{"Disk", fmt.Sprintf("%s, and the files may take %s: they may not fit.", free, state.Size(p.Guess)), true})
	}
	if p.Note != "" {
		out = append(out, Clause{"", fullStop(strings.ToUpper(p.Note[:1]) + p.Note[1:]), true})
	}
	if hosts := hostsOf(j.Job); len(hosts) > 0 {
		out = append(out, Clause{"From", strings.Join(hosts, ", "), false})
	}
	return append(out, Clause{"Link", j.terms(now), false}, Clause{"Proof", "While they come, by the checksums that WiredTiger wrote. Only a file that is proven gets its name.", false})
}

// CanFetch says whether the files of a job can be fetched now, in this run.
func (c Config) CanFetch(j Job, now time.Time) bool {
	f := j.Fetch
	return c.Fetcher != nil && f != nil && !f.Busy && !f.settled() && j.State(now) == state.Ready
}

// seldomTold is how often it is told at most that more bytes have come.
const seldomTold = time.Second

// FetchHere makes what fetches the files of a job into a directory and proves them; it has to be
// called where nothing else changes the job, and what it makes may run beside everything. tell hears
// how it stands, once a second at most where only more bytes have come; each hears every event, and may
// be nil. Both are called one after the other, and must not block. The end is what it returns.
func FetchHere(cfg Config, j Job, dir string, tight bool, each func(fetch.Event)) func(ctx context.Context, tell func(Fetching)) Fetching {
	follow := *j.Follow
	j.Fetch.Tight = tight
	if j.Fetch.Limit == nil {
		j.Fetch.Limit = &fetch.Limit{}
	}
	d := Download{Plan: j.Plan, Job: follow.Job.Whole(follow.Members), Training: cfg.Mode == Training}
	f := Fetching{Before: j.Fetch.Before, Gone: slices.Clone(j.Fetch.Gone), Past: j.Fetch.Past, Proved: j.Fetch.provenIn(), Limit: j.Fetch.Limit, Dir: dir, Tight: tight, Busy: true}

	return func(ctx context.Context, tell func(Fetching)) Fetching {
		var mu sync.Mutex
		dir, err := Absolute(dir)
		var order fetch.Order
		if err == nil {
			order, err = FetchOrder(d.Plan.Cluster, d.Job, dir)
		}
		if err != nil {
			f.Busy, d.Outcome, d.Err, d.Now = false, state.OutcomeError, err, cfg.Now()
			f.Done = &d
			return f
		}
		f.Dir = order.Dir
		for _, file := range order.Files {
			f.Rows = append(f.Rows, FetchRow{Name: file.Name, set: file.ReplicaSet})
		}
		d.Again, d.Beside = cfg.FetchesInto(j, order.Dir), cfg.FetchesInto(j, "")
		tell(f.apart())
		var said time.Time
		hear := func(e fetch.Event) {
			mu.Lock()
			defer mu.Unlock()
			if each != nil {
				each(e)
			}
			if f.take(e); e.Kind == fetch.Moved && time.Since(said) < seldomTold {
				return // what comes next says it too
			}
			said = time.Now()
			tell(f.apart())
		}
		d.Fetch(ctx, cfg, cfg.Fetcher, order, fetch.How{Tight: tight, Limit: f.Limit, Tell: hear}, follow.Members, func(text string) {
			hear(fetch.Event{Kind: fetch.Note, Index: -1, Text: text})
		})
		f.Busy, f.Done = false, &d
		f.remember(follow.Job.Whole(follow.Members), d)
		return f
	}
}

// write writes down how it stands with the files.
func (d *Download) write(cfg Config, event journal.Event, f journal.Fetch) error {
	if cfg.Journal == nil {
		return nil
	}
	f.At = cfg.Now()
	err := cfg.Journal.Append(journal.Entry{
		Time: f.At, Event: event, Endpoint: cfg.Endpoint, Who: cfg.Who, ProjectID: d.Plan.Project.ID, ClusterName: d.Plan.Cluster.Name, JobID: d.Job.ID,
		Body: state.Request{Family: d.Plan.Cluster.Family, DeliveryType: state.Download}, Fetch: &f,
	})
	if err != nil {
		return fmt.Errorf("writing down that the files are fetched: %w", err)
	}
	return nil
}

// fetched is what became of the files in this run, or as far as it was seen; nil where this run has
// fetched nothing.
func (j Job) fetched(cfg Config) *Download {
	f := j.Fetch
	switch {
	case !f.Begun():
		return nil
	case f.Done != nil:
		return f.Done
	}
	d := &Download{Plan: j.Plan, Job: j.Job, Training: cfg.Mode == Training, Outcome: state.OutcomeRunning, Err: errUnseen, Again: cfg.FetchesInto(j, f.Dir), Now: cfg.Now()}
	for _, r := range f.Rows {
		file := FileResult{ReplicaSetName: r.set, State: fetch.Untouched, Bytes: r.Now.Done, TotalBytes: max(0, r.Now.Total)}
		if r.Now.Done > 0 {
			file.State = fetch.Kept
		}
		d.Files = append(d.Files, file)
	}
	return d
}

var errUnseen = errors.New("the files were being fetched, and the end of that was not seen")
