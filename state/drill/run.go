package drill

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/incident"
	"atlas-restore/state/record"
)

// How often is looked again, and for how long what fails is tried again.
const (
	soon  = 20 * time.Second
	later = time.Minute
	tries = 5
)

// Clock is the time that a drill waits by.
type Clock struct {
	Now func() time.Time
	// Wait waits until about an instant; false where ctx ended before.
	Wait func(ctx context.Context, until time.Time) bool
}

// run is a drill while it is looked at.
type run struct {
	Order
	atlas Atlas
	clock Clock
	tell  func(Standing)

	mu    sync.Mutex
	stand Standing
	told  sync.Mutex // one is told at a time, and no older one later
}

// Run makes all checks, beside each other, and tells how they stand whenever that changes, once at a time. It returns
// when all have a finding; the end of ctx leaves what was not seen by then as not seen.
func Run(ctx context.Context, atlas Atlas, o Order, clock Clock, tell func(Standing)) Standing {
	r := &run{Order: o, atlas: atlas, clock: clock, tell: tell, stand: o.Begun()}
	r.change(func(*Standing) {})
	var all sync.WaitGroup
	all.Go(func() { r.target(ctx) })
	all.Go(func() { r.contents(ctx) })
	all.Go(func() { r.indexes(ctx) })
	if o.Verify.Argv != nil {
		all.Go(func() { r.verify(ctx) })
	}
	all.Wait()
	r.change(func(s *Standing) {
		cut := ctx.Err() != nil && slices.ContainsFunc(s.Looks, func(l Look) bool { return l.Finding != record.Passed && l.Finding != record.Failed })
		*s = s.Left()
		s.Over, s.Cut, s.At, s.Next = true, cut, clock.Now(), time.Time{}
	})
	return r.now()
}

func (r *run) now() Standing {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := r.stand
	out.Looks = slices.Clone(out.Looks)
	return out
}

func (r *run) change(do func(*Standing)) {
	r.mu.Lock()
	do(&r.stand)
	r.mu.Unlock()
	r.told.Lock()
	defer r.told.Unlock()
	r.tell(r.now())
}

// found gives a check its finding.
func (r *run) found(name string, f record.Finding, expected, found string) {
	r.change(func(s *Standing) {
		for i := range s.Looks {
			if l := &s.Looks[i]; l.Name == name && l.Finding == "" {
				l.Finding, l.Found, l.Waits = f, found, ""
				if expected != "" {
					l.Expected = expected
				}
			}
		}
	})
}

// waits says what a check waits for.
func (r *run) waits(name, what string) {
	now := r.now()
	if i := slices.IndexFunc(now.Looks, func(l Look) bool { return l.Name == name }); i < 0 || now.Looks[i].Waits == what {
		return
	}
	r.change(func(s *Standing) {
		for i := range s.Looks {
			if s.Looks[i].Name == name && s.Looks[i].Finding == "" {
				s.Looks[i].Waits = what
			}
		}
	})
}

// late says whether nothing more is waited for.
func (r *run) late() bool { return !r.clock.Now().Before(r.Done.Add(Patience)) }

func (r *run) wait(ctx context.Context, d time.Duration) bool {
	return r.clock.Wait(ctx, r.clock.Now().Add(d))
}

// unread is why something could not be read, with the role that would.
func unread(err error) string {
	why := strings.TrimRight(state.Why(err), ".")
	var atlas *state.AtlasError
	if errors.As(err, &atlas) && atlas.LacksRole() && atlas.Needs != "" {
		why += "; it needs " + atlas.Needs
	}
	return "could not be read: " + why
}

// lasts says whether an error does not pass by itself.
func lasts(err error) bool {
	var atlas *state.AtlasError
	return errors.As(err, &atlas) && (atlas.LacksRole() || atlas.Status == 404) || errors.As(err, new(*state.UnreadableError))
}

// patiently reads something until it is there, does not come, or lasts.
func patiently[T any](ctx context.Context, r *run, read func() (T, error)) (out T, err error) {
	for n := range tries {
		if out, err = read(); err == nil || lasts(err) || n == tries-1 || r.late() || !r.wait(ctx, soon) {
			return out, err
		}
	}
	return out, err
}

// target sees whether the target is idle.
func (r *run) target(ctx context.Context) {
	for {
		c, err := patiently(ctx, r, func() (state.Cluster, error) {
			c, there, err := r.atlas.ClusterNamed(ctx, r.Target.ProjectID, r.Target.Name)
			if err == nil && !there {
				err = &state.AtlasError{Status: 404, Code: "CLUSTER_NOT_FOUND"}
			}
			return c, err //nolint:wrapcheck // the check says what was looked at
		})
		switch {
		case err != nil && ctx.Err() != nil:
			return
		case err != nil:
			r.found(Target, record.Unseen, "", unread(err))
			return
		case c.State == "IDLE":
			r.found(Target, record.Passed, "", "idle")
			return
		case c.State == "": // flex clusters are not told that way
			r.found(Target, record.Unseen, "", "Atlas does not tell its state")
			return
		case r.late():
			r.found(Target, record.Unseen, "", "still "+strings.ToLower(c.State))
			return
		}
		r.waits(Target, strings.ToLower(c.State))
		if !r.wait(ctx, soon) {
			return
		}
	}
}

// indexes holds the search indexes of the target against those of the source.
func (r *run) indexes(ctx context.Context) {
	for {
		of := func(c state.Cluster) ([]state.SearchIndex, error) {
			return patiently(ctx, r, func() ([]state.SearchIndex, error) { return r.atlas.SearchIndexes(ctx, c) }) //nolint:wrapcheck // the check says what
		}
		had, err := of(r.Source)
		var has []state.SearchIndex
		if err == nil {
			has, err = of(r.Target)
		}
		if ctx.Err() != nil && err != nil {
			return
		}
		if err != nil {
			r.found(Indexes, record.Unseen, "", unread(err))
			return
		}
		f, expected, found, builds := sameIndexes(had, has)
		if !builds || r.late() {
			r.found(Indexes, f, expected, found)
			return
		}
		r.waits(Indexes, found)
		if !r.wait(ctx, later) {
			return
		}
	}
}

// sameIndexes holds the search indexes of a target against those of the source as it is now; builds says
// that some will be there later.
func sameIndexes(had, has []state.SearchIndex) (f record.Finding, expected, found string, builds bool) {
	var lacks, building, bad []string
	for _, x := range had {
		if !slices.ContainsFunc(has, func(y state.SearchIndex) bool { return x.String() == y.String() }) {
			lacks = append(lacks, x.String())
		}
	}
	for _, x := range has {
		switch x.Status {
		case "READY":
		case "BUILDING", "PENDING", "STALE":
			building = append(building, x.String())
		default:
			bad = append(bad, x.String())
		}
	}
	switch {
	case len(had) == 1:
		expected = "1 index, ready" // whose plural is no plain one
	case len(had) > 1:
		expected = fmt.Sprintf("%d indexes, ready", len(had))
	default:
		expected = "none, as on the source"
	}
	switch {
	case len(bad) > 0:
		return record.Failed, expected, "not built: " + some(bad), false
	case len(building) > 0:
		return record.Unseen, expected, "still being built: " + some(building), true
	case len(lacks) > 0: // the source's may be younger than the data
		return record.Unseen, expected, "not there: " + some(lacks) + ", which the source may have had made since", false
	case len(has) == 0:
		return record.Passed, expected, "none", false
	}
	return record.Passed, expected, fmt.Sprintf("%d ready", len(has)), false
}

// some names a few, and how many more there are.
func some(all []string) string {
	const most = 4
	if len(all) <= most {
		return strings.Join(all, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(all[:most], ", "), len(all)-most)
}

// verify has the operator's own command look at the data.
func (r *run) verify(ctx context.Context) {
	at, err := patiently(ctx, r, func() (string, error) { return r.atlas.ConnectionString(ctx, r.Target) }) //nolint:wrapcheck // the check says what
	switch {
	case err != nil && ctx.Err() != nil:
		return
	case err != nil:
		r.found(Verify, record.Unseen, "", "it was not run: the connection string of "+r.Target.Name+" "+unread(err))
		return
	}
	r.waits(Verify, "it runs")
	end := r.Verify.Run(ctx, append(slices.Clone(r.About), connection(at)...)...)
	said := ""
	if len(end.Last) > 0 {
		said = ": " + strings.Join(end.Last, " / ")
	}
	switch {
	case end.Err != nil:
		r.found(Verify, record.Unseen, "", strings.TrimSpace(end.Err.Error())+said)
	case end.Code != 0:
		r.found(Verify, record.Failed, "", fmt.Sprintf("exit code %d%s", end.Code, said))
	default:
		r.found(Verify, record.Passed, "", "exit code 0"+said)
	}
}

// connection is the connection string and its hosts, as a command is told them.
func connection(at string) []string {
	_, hosts, _ := strings.Cut(at, "://")
	hosts, _, _ = strings.Cut(hosts, "/")
	return []string{"ATLAS_RESTORE_CONNECTION_STRING=" + at, "ATLAS_RESTORE_HOST=" + hosts}
}

// contents holds databases, collections and documents of the target against the snapshot and the source.
func (r *run) contents(ctx context.Context) {
	c := &comparison{run: r, had: map[string]count{}, has: map[string]count{}, whole: map[string]bool{}}
	c.readNames(ctx)
	c.readMembers(ctx)
	for ctx.Err() == nil {
		c.readSource(ctx)
		c.readTarget(ctx)
		if ctx.Err() != nil {
			return
		}
		if c.settled() || r.late() {
			c.judge()
			return
		}
		next := r.Done.Add(incident.Sampling + time.Minute)
		if now := r.clock.Now(); next.Before(now) {
			next = next.Add(now.Sub(next).Truncate(incident.Sampling) + incident.Sampling)
		}
		for _, name := range []string{Databases, Collections, Documents} {
			r.waits(name, Count)
		}
		r.change(func(s *Standing) { s.Next = next })
		if !r.wait(ctx, later) {
			return
		}
	}
}

// names are the databases and collections in the snapshot, as Atlas tells them.
type names struct {
	of    state.Snapshot
	exact bool // the data are those of that snapshot, and not of a moment after it
	all   map[string][]string
	err   error
}

func (n names) databases() []string { return slices.Sorted(maps.Keys(n.all)) }
