package steps

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/fetch"
	"atlas-restore/state/journal"
	"atlas-restore/state/submit"
	"atlas-restore/state/watch"
)

// Each hint of a download whose files are wanted in a directory is the same command, which names that
// directory as it is found from anywhere; where nobody named one, watch comes back.
func TestOneCommandGoesOnWithFiles(t *testing.T) {
	t.Parallel()
	here, err := Absolute("restore")
	if err != nil {
		t.Fatal(err)
	}
	job := func(f *Fetching) Job {
		return Job{Follow: &watch.Follow{Job: state.Job{ID: "6b0000000000000000000001"}}, Plan: state.Plan{Delivery: state.Download}, Fetch: f}
	}
	const does = "atlas-restore download 6b0000000000000000000001"
	for name, tc := range map[string]struct {
		cfg  Config
		job  Job
		back string
	}{
		"by a flag":            {Config{Out: "restore"}, job(&Fetching{}), does + " --out " + here},
		"fetched":              {Config{Out: "restore"}, job(&Fetching{Dir: "/mnt/x"}), does + " --out /mnt/x"},
		"wanted of another":    {Config{}, job(&Fetching{Then: "/mnt/y"}), does + " --out /mnt/y"},
		"begun by another run": {Config{}, job(&Fetching{Before: &journal.Fetch{Dir: "/mnt/z"}}), does + " --out /mnt/z"},
		"nobody said one":      {Config{}, job(&Fetching{}), "atlas-restore watch 6b0000000000000000000001"},
	} {
		tc.cfg.Mode = Live
		if got := tc.cfg.Comeback(tc.job); got != tc.back {
			t.Errorf("%s: %s", name, got)
		}
		if got := tc.cfg.Fetches(tc.job); strings.HasPrefix(tc.back, does) && got != tc.back || !strings.HasPrefix(got, does) {
			t.Errorf("%s: another command fetches: %s", name, got)
		}
	}
}

// A directory of the command line into which nothing can be fetched is refused before anything is
// submitted, and where fetching fails by it, the command that goes on elsewhere is named.
func TestADirectoryThatTakesNothingIsRefusedFirst(t *testing.T) {
	t.Parallel()
	for why, room := range map[string]fetch.Room{"is a file": {Err: errors.New("/x is a file, and no directory")}, "nothing is free": {Free: 0}, "": {Free: -1}} {
		err := CheckOut(Config{Out: "/x", Fetcher: roomy{room}})
		var run *RunError
		if why == "" && err != nil || why != "" && (!errors.As(err, &run) || !strings.Contains(err.Error(), why) || !strings.Contains(run.Advice, "Nothing was submitted")) {
			t.Errorf("%q: %v", why, err)
		}
	}
	if err := CheckOut(Config{Fetcher: roomy{fetch.Room{Err: errors.New("never looked at")}}}); err != nil {
		t.Error(err)
	}
	if err := CheckOut(Config{Out: "/x/new\nline", Fetcher: roomy{fetch.Room{Free: -1}}}); err == nil || !strings.Contains(err.Error(), `"/x/new\nline" has a character`) {
		t.Errorf("the command that goes on would name another directory: %v", err)
	}
	d := Download{Again: "atlas-restore download 1 --out /x", Beside: "atlas-restore download 1"}
	d.Fetch(t.Context(), Config{Atlas: &renewing{}, Now: time.Now}, roomy{}, fetch.Order{Dir: "/x"}, fetch.How{}, nil, func(string) {})
	if d.Again != d.Beside || !strings.Contains(d.Text(), "To go on: atlas-restore download 1\n") {
		t.Errorf("nothing goes on: %q\n%s", d.Again, d.Text())
	}
}

// What a download is to be fetched into is looked at before it waits for links, or asks for another download:
// nothing is asked of Atlas for a directory that takes nothing.
func TestADownloadLooksAtItsDirectoryFirst(t *testing.T) {
	t.Parallel()
	home, err := Absolute("~/x")
	if err != nil {
		t.Fatal(err)
	}
	for dir, tc := range map[string]struct {
		room fetch.Room
		says string
	}{
		"/x":       {fetch.Room{Free: -1, Err: errors.New("/x is a file, and no directory")}, "Not downloaded: /x is a file, and no directory.\nName another directory with --out DIR"},
		"/x\x1b[m": {fetch.Room{Free: -1}, `"/x\x1b[m" has a character`},
		"/y":       {fetch.Room{Free: 0}, ""}, // what is there already needs no room
	} {
		d := Download{Again: "atlas-restore download 1 --out /x", Beside: "atlas-restore download 1"}
		if refused := d.Refused(roomy{tc.room}, dir); refused != (tc.says != "") || refused && (d.Outcome != state.OutcomeError || !strings.Contains(d.Text(), tc.says) || !strings.Contains(d.Text(), "To go on: atlas-restore download 1\n")) {
			t.Errorf("%q: refused %t\n%s", dir, refused, d.Text())
		}
	}
	if o, err := FetchOrder(state.Cluster{}, state.Job{}, "~/x"); err != nil || o.Dir != home {
		t.Errorf("fetched into %s, %v: the command that goes on names %s", o.Dir, err, home)
	}
}

// roomy is a fetcher of one directory, which takes nothing.
type roomy struct{ room fetch.Room }

func (r roomy) Room(string) fetch.Room { return r.room }

func (roomy) Fetch(context.Context, fetch.Order, fetch.How) (fetch.Result, error) {
	return nil, &fetch.Error{Problem: fetch.Disk, Why: "/x is a file, and no directory"}
}

// A hint that names a command is the whole of it: with the flags of the run, and with the
// cluster of a job that the journal of this machine need not know.
func TestHintsAreWholeCommands(t *testing.T) {
	t.Parallel()
	cfg := Config{Mode: Live, Flags: " --state-dir '/a b'"}
	running := submit.RunningError{Job: state.Job{ID: "65f0c1d2e3a4b5c6d7e8f901"}, Source: state.Cluster{ProjectID: "p", Name: "c"}}
	for want, err := range map[string]error{
		"atlas-restore watch 65f0c1d2e3a4b5c6d7e8f901 --projectId p --clusterName c --state-dir '/a b'": fmt.Errorf("%w: %w", submit.ErrNotSent, running),
		"atlas-restore watch AAAAAAAAAAAAAAAAAAAAAAAAAA --state-dir '/a b', or":                         fmt.Errorf("%w: %w", submit.ErrNotSent, &submit.DoubtError{ID: strings.Repeat("A", 26)}),
		"atlas-restore watch --state-dir '/a b', or":                                                    fmt.Errorf("%w: %w", submit.ErrNotSent, &submit.DoubtError{ID: "of a hand"}),
	} {
		if got := refused(cfg, err).Advice; !strings.Contains(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
	damaged := fmt.Errorf("%w: %w", submit.ErrNotSent, &journal.Damaged{Lines: []journal.Line{{Path: "/j", Number: 7}}})
	if p := refused(cfg, damaged); p.Advice != state.MendJournal || !strings.Contains(p.Text(), "line 7 of /j") {
		t.Errorf("%q", p.Text())
	}
	if got := (Config{Mode: Training}).WatchCommand("", state.Cluster{}); got != "" {
		t.Errorf("a training that ends with this run is watched by %q", got)
	}
	if got := cfg.accepting("running"); got != "accept running" {
		t.Errorf("typed: %q", got)
	}
	cfg.Unasked = true
	if got := cfg.accepting("running"); got != "--accept running" {
		t.Errorf("by flags: %q", got)
	}
}
