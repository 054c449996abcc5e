// Package delivery fetches what a download job delivers: one archive for each replica set, over
// links of which each works once and for an hour. It touches a link only when everything else
// is known to be well, goes on where it ended, and gives an archive its final name only when a
// proof of all its bytes says so.
package delivery

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/fetch"
)

// Options are how to fetch. Prover is needed, all else may be left out.
type Options struct {
	Prover    Prover
	AtOnce    int                                                           // files at the same time; 0: two
	Limit     *fetch.Limit                                                  // how fast; nil: no limit
	Tell      func(fetch.Event)                                             // hears what happens, one event after the other; it must not block
	Renew     func(ctx context.Context, o fetch.Order) (fetch.Order, error) // has Atlas give new links for the same files, where it does; nil: it does not
	Extract   bool                                                          // unpack each file into a directory beside it
	Overwrite bool                                                          // a file of the final name gives way
	Tight     bool                                                          // begin although Guess does not fit: what does not fit for sure is refused all the same
	Now       func() time.Time                                              // Atlas's clock as far as it is known; nil: this machine's
	Agent     string                                                        // names this program to the server
	Only      string                                                        // host:port, the one address that may be reached (training); empty: any
	Roots     *x509.CertPool                                                // who may sign certificates; nil: whom this machine trusts

	sleep func(ctx context.Context, d time.Duration) error
	stall func(usually time.Duration) time.Duration                            // how long nothing may come, in tests
	disk  func(disk) disk                                                      // wraps the directory, in tests
	dial  func(ctx context.Context, network, address string) (net.Conn, error) // in tests
}

// run is one call of Fetch.
type run struct {
	opt   Options
	disk  disk
	wire  wire
	names []string

	telling sync.Mutex
	skew    atomic.Int64   // of the servers' clock against opt.Now, in nanoseconds
	needs   []atomic.Int64 // bytes that each file still needs, where it is known

	desk desk

	unpackedBytes atomic.Int64 // of all files, as their headers announce them

	renewing sync.Mutex // one asks at a time, which may take minutes: nothing else waits for it
	renewals int        // how often it was asked for new links

	mu      sync.Mutex
	order   fetch.Order // its links and its job change with each renewal, and nothing else of it
	renewed int         // how often there were new links
}

const (
	mostRenewals = 3
	tolerance    = 2 * time.Second // a Date header has whole seconds and is as old as its way
)

// Fetcher is a fetch.Fetcher with these options, of which those that are asked of it are the last word.
type Fetcher struct{ Options }

// Fetch implements fetch.Fetcher.
func (f Fetcher) Fetch(ctx context.Context, o fetch.Order, how fetch.How) (fetch.Result, error) {
	opt := f.Options
	opt.AtOnce, opt.Limit, opt.Tight, opt.Tell, opt.Renew = how.AtOnce, how.Limit, opt.Tight || how.Tight, how.Tell, how.Renew
	opt.Extract = how.Extract
	return Fetch(ctx, o, opt)
}

// Room implements fetch.Fetcher.
func (f Fetcher) Room(dir string) fetch.Room {
	room := fetch.Room{Free: -1}
	for {
		is, err := os.Stat(dir)
		switch {
		case err == nil && !is.IsDir():
			return fetch.Room{Free: -1, Err: fmt.Errorf("%s is a file, and no directory", dir)} // nor is one made below it
		case err == nil:
			room.Free, room.Note = free(dir)
			if err := writable(dir); err != nil {
				room.Err = diskFault("making a file in", dir, err)
			}
			return room
		case !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) || filepath.Dir(dir) == dir:
			room.Err = diskFault("looking at", dir, err)
			return room
		}
		room.New, dir = true, filepath.Dir(dir) // it will be made below what is there
	}
}

// Fetch fetches the files of an order. The error is nil only where each of them is proven; then
// and else the result says of each what there is. When ctx ends, what is there is kept. The
// same order, with links that are still good, goes on with it.
func Fetch(ctx context.Context, o fetch.Order, opt Options) (fetch.Result, error) {
	if opt.Prover == nil || len(o.Files) == 0 || o.Dir == "" {
		return nil, errors.New("fetching needs files, a directory and a prover")
	}
	opt.Now = orElse(opt.Now, time.Now)
	opt.Tell = orElse(opt.Tell, func(fetch.Event) {})
	opt.sleep = orElse(opt.sleep, sleep)
	opt.stall = orElse(opt.stall, func(usually time.Duration) time.Duration { return usually })
	r := &run{opt: opt, order: o, needs: make([]atomic.Int64, len(o.Files)), wire: wire{agent: cmp.Or(opt.Agent, "atlas-restore"), only: opt.Only, roots: opt.Roots, dial: opt.dial}}
	names := make([]string, len(o.Files))
	for i, f := range o.Files {
		names[i] = f.Name
	}
	r.names = fetch.CleanNames(names)
	dir, err := openFolder(o.Dir)
	if err != nil {
		e := diskFault("using", o.Dir, err)
		if room := (Fetcher{}).Room(o.Dir); room.Err != nil {
			e.Why = room.Err.Error()
		}
		e.Advice = "Name another directory with --out DIR: it is made where it is missing. No link was touched."
		return nil, e
	}
	defer dir.close()
	unlock, err := dir.lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	r.disk = dir
	if opt.disk != nil {
		r.disk = opt.disk(dir)
	}
	if err := r.room(); err != nil {
		return nil, err
	}
	r.desk.choose(r)
	result := r.all(ctx)
	return result, result.Err()
}

// room holds what is free against what may be needed, before any link is touched.
func (r *run) room() error {
	free, note := r.disk.Free()
	if note != "" {
		r.tell(fetch.Event{Kind: fetch.Note, Index: -1, Total: -1, Left: -1, Text: note})
	}
	if free < 0 || r.opt.Tight {
		return nil
	}
	need := max(r.order.Guess, 1)
	for _, name := range r.names {
		for _, name := range []string{name, name + partEnding} {
			if is, err := r.disk.Stat(name); err == nil {
				need -= taken(is)
			}
		}
	}
	what, advice := "the files may need", "Make room or give another directory."
	if r.unpacks() {
		need = max(need, 0) + r.order.Guess
		what, advice = "the files and what is unpacked of them may need", "Make room, give another directory, or leave out --extract."
	}
	if free >= need {
		return nil
	}
	return &fetch.Error{
		Problem: fetch.Space,
		Why:     fmt.Sprintf("the disk of %s has %s free, and %s %s more", r.order.Dir, state.Size(free), what, state.Size(need)),
		Advice:  "Atlas does not say how large the files are: they may take as much as the snapshot's data. " + advice + " No link was touched.",
	}
}

// unpacks says whether any of the files is still to be unpacked.
func (r *run) unpacks() bool {
	return r.opt.Extract && slices.ContainsFunc(r.names, func(name string) bool { there, _ := r.there(fetch.Stem(name)); return !there })
}

// all fetches the files, a few at a time.
func (r *run) all(ctx context.Context) fetch.Result {
	result := make(fetch.Result, len(r.names))
	first, _ := r.current()
	for i, f := range first.Files {
		result[i] = fetch.Fetched{Name: r.names[i], ReplicaSet: f.ReplicaSet, Total: -1}
	}
	turns := make(chan struct{}, cmp.Or(max(0, r.opt.AtOnce), 2))
	var going sync.WaitGroup
	for i := range r.names {
		turns <- struct{}{}
		going.Go(func() {
			defer func() { <-turns }()
			t := &transfer{run: r, i: i, name: r.names[i], file: first.Files[i]}
			ended := t.fetch(ctx)
			r.desk.hand(r, result, i, ended)
			e := t.event(fetch.Ended)
			e.Err = ended.Err
			e.Text = ended.Verdict.Words
			r.tell(e)
		})
	}
	going.Wait()
	r.recheck(result)
	return result
}

func (r *run) tell(e fetch.Event) {
	r.telling.Lock()
	defer r.telling.Unlock()
	r.opt.Tell(e)
}

// now is the servers' clock: the links end by it.
func (r *run) now() time.Time { return r.opt.Now().Add(time.Duration(r.skew.Load())) }

// observe sets the clock by an answer.
func (r *run) observe(h http.Header) {
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		skew := date.Sub(r.opt.Now())
		if skew.Abs() <= tolerance {
			skew = 0
		}
		r.skew.Store(int64(skew))
	}
}

// links are the links of a file, the private ones first, and when they end. generation says
// which links they are.
func (r *run) links(i int) (links []state.Secret, private int, expires time.Time, generation int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f := r.order.Files[i]
	for _, l := range f.Private {
		if !l.IsZero() {
			links = append(links, l)
		}
	}
	private = len(links)
	if !f.Link.IsZero() {
		links = append(links, f.Link)
	}
	return links, private, r.order.ExpiresAt, r.renewed
}

// renew has new links asked for in the place of those of a generation, unless another file has
// done so meanwhile. It says whether there are any.
func (r *run) renew(ctx context.Context, generation int) (bool, error) {
	r.renewing.Lock()
	defer r.renewing.Unlock()
	old, now := r.current()
	switch {
	case now != generation:
		return true, nil
	case r.opt.Renew == nil || r.renewals == mostRenewals:
		return false, nil
	}
	r.renewals++
	o, err := r.opt.Renew(ctx, old)
	if err != nil {
		return false, err //nolint:wrapcheck // the caller's own
	}
	if o.Snapshot != old.Snapshot || len(o.Files) != len(old.Files) {
		return false, errors.New("the new links are for something else")
	}
	for i, f := range o.Files {
		if f.ReplicaSet != old.Files[i].ReplicaSet {
			return false, errors.New("the new links are for other replica sets")
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.order.Job, r.order.ExpiresAt, r.order.Files = o.Job, o.ExpiresAt, o.Files
	r.renewed++
	return true, nil
}

// current is the order as it stands, and how often there were new links.
func (r *run) current() (fetch.Order, int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.order, r.renewed
}

// fits holds what is free against what this file and the others still need; freed is what it is
// about to give up.
func (r *run) fits(i int, need, freed int64) *fetch.Error {
	r.needs[i].Store(need)
	free, _ := r.disk.Free()
	if free < 0 {
		return nil
	}
	var all int64
	for n := range r.needs {
		all += r.needs[n].Load()
	}
	if all += all / 20; free+freed >= all {
		return nil
	}
	r.needs[i].Store(0)
	return &fetch.Error{
		Problem: fetch.Space,
		Why:     fmt.Sprintf("the disk of %s has %s free, and %s are needed with a margin of 5 %%", r.order.Dir, state.Size(free+freed), state.Size(all)),
		Advice:  roomAdvice,
	}
}

const roomAdvice = "Make room or give another directory, and fetch again. Of the link only the head of the answer was read."

func (r *run) path(name string) string { return filepath.Join(r.order.Dir, name) }

// there says whether a file of this name is on the disk.
func (r *run) there(name string) (bool, error) {
	_, err := r.disk.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// sleep waits, unless ctx ends first.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err() //nolint:wrapcheck // the caller knows it
	}
}

func orElse[F func() time.Time | func(fetch.Event) | func(time.Duration) time.Duration | func(context.Context, time.Duration) error](f, other F) F {
	if f == nil {
		return other
	}
	return f
}

// jitter is a pause of up to d: those who were cut together do not come back together.
func jitter(d time.Duration) time.Duration {
	return time.Duration(rand.Int64N(int64(d))) + 1 //nolint:gosec // it spreads load, and guards nothing
}
