package drill

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/incident"
	"atlas-restore/state/record"
)

// atOnce is how many databases are read beside each other.
const atOnce = 4

// comparison is what is known of both sides so far. What was seen is not asked for again.
type comparison struct {
	*run
	names      names
	source     []incident.Process // its primaries
	sourceErr  error              // why nothing more can be read of it
	target     []incident.Process
	targetErr  error
	listed     []string // databases of the target, as its servers named them last
	had, has   map[string]count
	whole      map[string]bool // databases of which all is known that can be, on the target
	freshSince time.Time       // when the first count of after the job was seen
}

func primaries(all []incident.Process) []incident.Process {
	return slices.DeleteFunc(slices.Clone(all), func(p incident.Process) bool { return !p.Primary() })
}

// readNames reads what the snapshot names; for a moment what the newest one before it does.
func (c *comparison) readNames(ctx context.Context) {
	c.names = names{of: c.Snapshot, exact: c.Snapshot.ID != "", all: map[string][]string{}}
	if !c.names.exact {
		c.names.of, c.names.err = patiently(ctx, c.run, func() (state.Snapshot, error) { return c.atlas.BaseSnapshot(ctx, c.Source, c.Instant) })
		if c.names.err == nil && c.names.of.ID == "" {
			c.names.err = &state.UnreadableError{Why: "there is no snapshot before that moment"}
		}
	}
	if c.names.err != nil {
		return
	}
	all, err := patiently(ctx, c.run, func() ([]string, error) { return c.atlas.SnapshotDatabases(ctx, c.Source, c.names.of.ID) })
	if err != nil {
		c.names.err = err
		return
	}
	c.each(people(all), func(db string) {
		in, err := patiently(ctx, c.run, func() ([]string, error) { return c.atlas.SnapshotCollections(ctx, c.Source, c.names.of.ID, db) })
		in = slices.DeleteFunc(slices.Clone(in), func(name string) bool {
			return incident.Namespace{Database: db, Collection: name}.Internal()
		})
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.names.all[db] = in; err != nil {
			c.names.err = err
		}
	})
}

// each does something for each, some beside each other.
func (c *comparison) each(all []string, do func(name string)) {
	var wait sync.WaitGroup
	free := make(chan struct{}, atOnce)
	for _, name := range all {
		free <- struct{}{}
		wait.Go(func() {
			defer func() { <-free }()
			do(name)
		})
	}
	wait.Wait()
}

func (c *comparison) readMembers(ctx context.Context) {
	of := func(x state.Cluster) ([]incident.Process, error) {
		if x.Family == state.Flex {
			return nil, &state.UnreadableError{Why: "Atlas tells no databases of a flex cluster"}
		}
		all, err := patiently(ctx, c.run, func() ([]incident.Process, error) { return c.atlas.Members(ctx, x) })
		if all = primaries(all); err == nil && len(all) == 0 {
			err = &state.UnreadableError{Why: "Atlas names no primary of " + x.Name}
		}
		return all, err
	}
	c.source, c.sourceErr = of(c.Source)
	c.target, c.targetErr = of(c.Target)
}

// expected are the databases that the target has to have: those that the snapshot names.
func (c *comparison) expected() []string { return c.names.databases() }

// all are those and the ones that the target has beside.
func (c *comparison) all() []string {
	return people(slices.Concat(c.expected(), c.listed))
}

// counts reads a database on all primaries of a side, and adds them up. gone says of a server whether it
// has none of it.
func (c *comparison) counts(ctx context.Context, of []incident.Process, project, db string, s incident.Span, read func(incident.Series) span, gone func() bool) (count, error) {
	sum := nothing()
	for _, p := range of {
		all, err := c.atlas.DatabaseMeasurements(ctx, project, p.ID, db, s, counters...)
		var atlas *state.AtlasError
		switch {
		case errors.As(err, &atlas) && atlas.Status == 404 && gone():
			continue
		case err != nil:
			return count{}, err //nolint:wrapcheck // the check says what was looked at
		}
		one := countOf(all, read)
		if !one.documents.known && gone() {
			continue
		}
		sum = sum.add(one)
	}
	return sum, nil
}

// readSource reads what the source had around the time of the data.
func (c *comparison) readSource(ctx context.Context) {
	if c.sourceErr != nil {
		return
	}
	at := c.At()
	c.each(c.all(), func(db string) {
		c.mu.Lock()
		known := c.had[db].documents.known && c.had[db].collections.known
		c.mu.Unlock()
		if known {
			return
		}
		got, err := c.counts(ctx, c.source, c.Source.ProjectID, db, around(at, c.clock.Now()), func(s incident.Series) span { return bracket(s, at) }, func() bool { return false })
		c.mu.Lock()
		defer c.mu.Unlock()
		if err == nil {
			c.had[db] = got
		} else if lasts(err) && !missing(err) {
			c.sourceErr = err
		}
	})
}

// missing says whether what was asked for is not there, which is no failure to read.
func missing(err error) bool {
	var atlas *state.AtlasError
	return errors.As(err, &atlas) && atlas.Status == 404
}

// readTarget reads what the target has since the job ended.
func (c *comparison) readTarget(ctx context.Context) {
	if c.targetErr != nil {
		return
	}
	var listed []string
	for _, p := range c.target {
		all, err := c.atlas.Databases(ctx, c.Target.ProjectID, p.ID)
		if err != nil {
			if lasts(err) {
				c.targetErr = err
			}
			return // it is tried again at the next look
		}
		listed = append(listed, all...)
	}
	c.listed = people(listed)
	now := c.clock.Now()
	// A value of after the job was seen some while ago: what has none by now and is not named has nothing.
	gone := !c.freshSince.IsZero() && now.Sub(c.freshSince) > incident.Sampling
	fresh := false
	c.each(c.all(), func(db string) {
		c.mu.Lock()
		known := c.whole[db]
		c.mu.Unlock()
		if known {
			return
		}
		absent := func() bool { return gone && !slices.Contains(c.listed, db) }
		got, err := c.counts(ctx, c.target, c.Target.ProjectID, db, incident.Span{From: c.Done.Truncate(time.Minute), Until: now, Grain: time.Minute}, func(s incident.Series) span { return since(s, c.Done) }, absent)
		c.mu.Lock()
		defer c.mu.Unlock()
		switch {
		case err == nil:
			c.has[db] = got
			c.whole[db] = got.documents.known && got.collections.known
			fresh = fresh || c.whole[db]
		case lasts(err) && !missing(err):
			c.targetErr = err
		}
	})
	if fresh && c.freshSince.IsZero() {
		c.freshSince = now
	}
}

// settled says whether nothing more is to come.
func (c *comparison) settled() bool {
	if c.targetErr != nil {
		return true
	}
	for _, db := range c.all() {
		had := c.had[db]
		awaits := c.sourceErr == nil && slices.Contains(c.expected(), db) && (!had.documents.known || !had.collections.known)
		if !c.whole[db] || awaits {
			return false
		}
	}
	return len(c.all()) > 0 || c.names.err != nil
}

// judge gives the three checks their findings.
func (c *comparison) judge() {
	c.judgeDatabases()
	c.judgeCounts()
}

// from names where the names come from.
func (c *comparison) from() string {
	if c.names.exact {
		return "the snapshot"
	}
	return "the newest snapshot before the moment"
}

func (c *comparison) judgeDatabases() {
	want := c.expected()
	expected := fmt.Sprintf("%s of %s: %s", state.Count(len(want), "database"), c.from(), some(want))
	switch {
	case c.names.err != nil:
		r := "the names in " + c.from() + " " + unread(c.names.err)
		c.found(Databases, record.Unseen, "", r)
		return
	case c.targetErr != nil:
		c.found(Databases, record.Unseen, expected, "the databases of the target "+unread(c.targetErr))
		return
	}
	var lacks, more, unknown []string
	for _, db := range want {
		switch is := c.has[db]; {
		case !c.whole[db]:
			unknown = append(unknown, db)
		case !slices.Contains(c.listed, db) || is.collections.least+is.views.least == 0:
			lacks = append(lacks, db)
		}
	}
	for _, db := range c.listed {
		if !slices.Contains(want, db) {
			more = append(more, db)
		}
	}
	beside := ""
	if len(more) > 0 {
		beside = "; beside them " + some(more)
	}
	switch {
	case len(lacks) > 0 && c.names.exact:
		c.found(Databases, record.Failed, expected, "not there: "+some(lacks)+beside)
	case len(lacks) > 0:
		c.found(Databases, record.Unseen, expected, "not there: "+some(lacks)+", which may have been dropped between that snapshot and the moment")
	case len(unknown) > 0:
		c.found(Databases, record.Unseen, expected, "Atlas has not counted yet: "+some(unknown))
	case len(more) > 0 && c.names.exact:
		c.found(Databases, record.Failed, expected, "all of them"+beside)
	case len(want) == 0:
		c.found(Databases, record.Unseen, expected, "there is nothing to compare")
	default:
		c.found(Databases, record.Passed, expected, "all of them"+beside)
	}
}

// judgeCounts holds the numbers of each database against the snapshot and the source.
func (c *comparison) judgeCounts() {
	for _, of := range []struct {
		name, noun string
		value      func(count) span
		slack      string // how far from it is still taken for the same, in words
		same       func(db string) (record.Finding, string)
	}{
		{Collections, "collection", func(x count) span { return x.collections }, "", func(db string) (record.Finding, string) {
			n := -1
			if in, read := c.names.all[db]; read && c.names.err == nil && c.names.exact {
				n = len(in)
			}
			return sameCollections(n, c.had[db], c.has[db])
		}},
		{Documents, "document", func(x count) span { return x.documents }, ", give or take a thousandth", func(db string) (record.Finding, string) {
			return sameDocuments(c.had[db].documents, c.has[db].documents)
		}},
	} {
		had, has := span{known: true}, span{known: true}
		var failed, unseen []string
		dbs := c.expected()
		if len(dbs) == 0 {
			dbs = c.all()
		}
		for _, db := range dbs {
			had, has = had.add(of.value(c.had[db])), has.add(of.value(c.has[db]))
			switch f, why := of.same(db); {
			case f == record.Failed:
				failed = append(failed, db+" has "+why)
			case f != record.Passed && why != "":
				unseen = append(unseen, db+" has "+why)
			case f != record.Passed:
				unseen = append(unseen, db+" is not counted on both sides")
			}
		}
		expected := ""
		if had.known && len(dbs) > 0 {
			expected = fmt.Sprintf("%s %ss in %s, as the source had them at %s%s", had.Range(), of.noun, state.Count(len(dbs), "database"), state.UTC(c.At(), c.clock.Now()), of.slack)
		}
		switch {
		case c.targetErr != nil:
			c.found(of.name, record.Unseen, expected, "the counts of the target "+unread(c.targetErr))
		case len(failed) > 0:
			c.found(of.name, record.Failed, expected, strings.Join(failed, "; "))
		case len(unseen) > 0 && c.sourceErr != nil:
			c.found(of.name, record.Unseen, expected, "the counts of the source "+unread(c.sourceErr))
		case len(unseen) > 0:
			c.found(of.name, record.Unseen, expected, some(unseen))
		case len(dbs) == 0:
			c.found(of.name, record.Unseen, expected, "there is nothing to compare")
		default:
			c.found(of.name, record.Passed, expected, number(has.least))
		}
	}
}
