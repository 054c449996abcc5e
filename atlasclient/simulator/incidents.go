package simulator

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// What clients do to the data of a cluster, and what its servers do, as it can be injected. Ago is
// to the millisecond: a drop of 14:02:59.812 is 28m0.188s before 14:31.

// InjectClient is who does something to the data of a cluster; a person at a shell, where nothing
// is said.
type InjectClient struct {
	Application string   `yaml:"application,omitempty" json:"application,omitempty"` // as it calls itself
	Driver      string   `yaml:"driver,omitempty" json:"driver,omitempty"`           // and its version: PyMongo 4.10.1
	Remote      string   `yaml:"remote,omitempty" json:"remote,omitempty"`           // address and port
	Connected   Duration `yaml:"connected,omitempty" json:"connected,omitempty"`     // so long before; zero: some seconds
}

// InjectDrop drops a collection.
type InjectDrop struct {
	Cluster   string       `yaml:"cluster" json:"cluster"`
	Namespace string       `yaml:"namespace" json:"namespace"` // shop.orders
	Ago       Duration     `yaml:"ago,omitempty" json:"ago,omitempty"`
	By        InjectClient `yaml:"by,omitempty" json:"by,omitzero"`
}

// InjectDropDatabase drops a database with all its collections.
type InjectDropDatabase struct {
	Cluster  string       `yaml:"cluster" json:"cluster"`
	Database string       `yaml:"database" json:"database"` // shop
	Ago      Duration     `yaml:"ago,omitempty" json:"ago,omitempty"`
	By       InjectClient `yaml:"by,omitempty" json:"by,omitzero"`
}

// InjectRename gives a collection another name.
type InjectRename struct {
	Cluster    string       `yaml:"cluster" json:"cluster"`
	From       string       `yaml:"from" json:"from"`                                 // shop.orders_new
	To         string       `yaml:"to" json:"to"`                                     // shop.orders
	DropTarget bool         `yaml:"dropTarget,omitempty" json:"dropTarget,omitempty"` // what was called so is gone
	Ago        Duration     `yaml:"ago,omitempty" json:"ago,omitempty"`
	By         InjectClient `yaml:"by,omitempty" json:"by,omitzero"`
}

// InjectNewCollection makes a collection with documents.
type InjectNewCollection struct {
	Cluster   string       `yaml:"cluster" json:"cluster"`
	Namespace string       `yaml:"namespace" json:"namespace"`
	Documents int          `yaml:"documents,omitempty" json:"documents,omitempty"`
	Kind      string       `yaml:"kind,omitempty" json:"kind,omitempty"` // view, timeSeries, or encrypted (queryable encryption); empty: a plain one
	Ago       Duration     `yaml:"ago,omitempty" json:"ago,omitempty"`
	By        InjectClient `yaml:"by,omitempty" json:"by,omitzero"`
}

// InjectMassDelete deletes documents of a collection: by one operation that is slow, which the
// server logs, or bit by bit, which only its counters show.
type InjectMassDelete struct {
	Cluster   string       `yaml:"cluster" json:"cluster"`
	Namespace string       `yaml:"namespace" json:"namespace"`
	Documents int          `yaml:"documents,omitempty" json:"documents,omitempty"` // zero: all
	Takes     Duration     `yaml:"takes,omitempty" json:"takes,omitempty"`         // zero: a minute
	Slow      bool         `yaml:"slow,omitempty" json:"slow,omitempty"`           // by one operation
	Ago       Duration     `yaml:"ago,omitempty" json:"ago,omitempty"`
	By        InjectClient `yaml:"by,omitempty" json:"by,omitzero"`
}

// InjectNoise has other clients be busy: they query, and import into collections of their own,
// which they drop.
type InjectNoise struct {
	Cluster string   `yaml:"cluster" json:"cluster"`
	Lines   int      `yaml:"lines,omitempty" json:"lines,omitempty"` // of a log more in a minute; zero: 40
	Drops   Duration `yaml:"drops,omitempty" json:"drops,omitempty"` // one so often; zero: every ten minutes
	Ago     Duration `yaml:"ago,omitempty" json:"ago,omitempty"`     // it began so long ago
	For     Duration `yaml:"for,omitempty" json:"for,omitempty"`     // zero: it goes on
}

// InjectMember makes a member of a replica set unlike the others. What is left out stays.
type InjectMember struct {
	Cluster     string   `yaml:"cluster" json:"cluster"`
	Shard       int      `yaml:"shard,omitempty" json:"shard,omitempty"`           // 0, 1, …
	Node        int      `yaml:"node,omitempty" json:"node,omitempty"`             // 0, 1 or 2: its name ends so
	Primary     bool     `yaml:"primary,omitempty" json:"primary,omitempty"`       // instead of node: the primary of now
	Log         string   `yaml:"log,omitempty" json:"log,omitempty"`               // refused or served
	ClockAhead  Duration `yaml:"clockAhead,omitempty" json:"clockAhead,omitempty"` // its clock is, in all that it wrote
	ClockBehind Duration `yaml:"clockBehind,omitempty" json:"clockBehind,omitempty"`
}

// InjectElection makes another member the primary of a shard.
type InjectElection struct {
	Cluster string   `yaml:"cluster" json:"cluster"`
	Shard   int      `yaml:"shard,omitempty" json:"shard,omitempty"`
	Ago     Duration `yaml:"ago,omitempty" json:"ago,omitempty"`
}

// InjectOplogBehind has Atlas fall behind with the backup of a cluster's oplog: nothing since can
// be restored to until it has caught up.
type InjectOplogBehind struct {
	Cluster string   `yaml:"cluster" json:"cluster"`
	Ago     Duration `yaml:"ago,omitempty" json:"ago,omitempty"`
	For     Duration `yaml:"for,omitempty" json:"for,omitempty"` // zero: it does not catch up
}

// InjectSearch gives a cluster search indexes, which have to come back after a restore onto it.
type InjectSearch struct {
	Cluster string   `yaml:"cluster" json:"cluster"`
	Takes   Duration `yaml:"takes,omitempty" json:"takes,omitempty"` // so long after the restore; zero: three minutes
	Fails   bool     `yaml:"fails,omitempty" json:"fails,omitempty"`
}

// incident is a part of an inject that befalls data or servers.
type incident interface {
	check() error
	happen(w *world, now time.Time) error
}

// incident is that part; nil for none.
func (i Inject) incident() incident {
	switch {
	case i.Drop != nil:
		return i.Drop
	case i.DropDatabase != nil:
		return i.DropDatabase
	case i.Rename != nil:
		return i.Rename
	case i.NewCollection != nil:
		return i.NewCollection
	case i.MassDelete != nil:
		return i.MassDelete
	case i.Noise != nil:
		return i.Noise
	case i.Member != nil:
		return i.Member
	case i.Election != nil:
		return i.Election
	case i.OplogBehind != nil:
		return i.OplogBehind
	case i.Search != nil:
		return i.Search
	case i.NextCollections != nil:
		return i.NextCollections
	case i.NextRestore != nil:
		return i.NextRestore
	}
	return nil
}

func namesCollection(field, s string) error {
	if _, ok := parseNamespace(s); !ok {
		return fmt.Errorf("%s is %q: write it like shop.orders", field, s)
	}
	return nil
}

// before is a time so long ago, to the millisecond, as servers write it.
func before(now time.Time, ago Duration) time.Time {
	return now.Add(-time.Duration(ago)).UTC().Truncate(time.Millisecond)
}

// enterInto finds the cluster that a change is of.
func (w *world) enterInto(place string, x *change, by InjectClient) error {
	c, err := w.place(place)
	if err != nil {
		return err
	}
	return w.enter(c, x, by)
}

func (x *InjectDrop) check() error { return namesCollection("namespace", x.Namespace) }

func (x *InjectDrop) happen(w *world, now time.Time) error {
	name, _ := parseNamespace(x.Namespace)
	return w.enterInto(x.Cluster, &change{what: dropped, at: before(now, x.Ago), namespace: name}, x.By)
}

func (x *InjectDropDatabase) check() error {
	if x.Database == "" || strings.ContainsAny(x.Database, `/\. "$`) {
		return fmt.Errorf("database is %q: write it like shop", x.Database)
	}
	return nil
}

func (x *InjectDropDatabase) happen(w *world, now time.Time) error {
	return w.enterInto(x.Cluster, &change{what: droppedDatabase, at: before(now, x.Ago), namespace: namespace{database: x.Database}}, x.By)
}

func (x *InjectRename) check() error {
	if x.From == x.To {
		return errors.New("from and to are the same")
	}
	return errors.Join(namesCollection("from", x.From), namesCollection("to", x.To))
}

func (x *InjectRename) happen(w *world, now time.Time) error {
	from, _ := parseNamespace(x.From)
	to, _ := parseNamespace(x.To)
	return w.enterInto(x.Cluster, &change{what: renamed, at: before(now, x.Ago), namespace: from, to: to, overwrites: x.DropTarget}, x.By)
}

func (x *InjectNewCollection) check() error {
	if x.Documents < 0 {
		return errors.New("documents is negative")
	}
	if x.Documents > 0 && x.Kind == string(view) {
		return errors.New("a view has no documents of its own")
	}
	return errors.Join(namesCollection("namespace", x.Namespace), oneOf("kind", x.Kind, "", string(view), string(timeSeries), string(encrypted)))
}

func (x *InjectNewCollection) happen(w *world, now time.Time) error {
	name, _ := parseNamespace(x.Namespace)
	return w.enterInto(x.Cluster, &change{what: created, at: before(now, x.Ago), namespace: name, documents: float64(x.Documents), kind: kind(x.Kind)}, x.By)
}

func (x *InjectMassDelete) check() error {
	if x.Documents < 0 {
		return errors.New("documents is negative")
	}
	return namesCollection("namespace", x.Namespace)
}

func (x *InjectMassDelete) happen(w *world, now time.Time) error {
	name, _ := parseNamespace(x.Namespace)
	takes := time.Duration(x.Takes)
	if takes == 0 {
		takes = time.Minute
	}
	return w.enterInto(x.Cluster, &change{what: deleted, at: before(now, x.Ago), takes: takes, namespace: name, documents: float64(x.Documents), slow: x.Slow}, x.By)
}

// noise is what other clients are busy with.
type noise struct {
	from, until time.Time // without an end, it goes on
	lines       int       // more in a minute
	drops       time.Duration
}

func (x *InjectNoise) check() error {
	if x.Lines < 0 || x.Lines > 10_000 {
		return errors.New("lines is from 0 to 10000")
	}
	if x.Drops != 0 && x.Drops < Duration(time.Second) {
		return errors.New("drops is one second at least")
	}
	return nil
}

func (x *InjectNoise) happen(w *world, now time.Time) error {
	c, err := w.place(x.Cluster)
	if err != nil {
		return err
	}
	n := noise{from: before(now, x.Ago), lines: x.Lines, drops: time.Duration(x.Drops)}
	if n.lines == 0 {
		n.lines = 40
	}
	if n.drops == 0 {
		n.drops = 10 * time.Minute
	}
	if x.For > 0 {
		n.until = n.from.Add(time.Duration(x.For))
	}
	c.noises = append(c.noises, n)
	return nil
}

func (x *InjectMember) check() error {
	switch {
	case x.ClockAhead > 0 && x.ClockBehind > 0:
		return errors.New("clockAhead and clockBehind exclude each other")
	case x.Log == "" && x.ClockAhead == 0 && x.ClockBehind == 0:
		return errors.New("nothing is changed: set log, clockAhead or clockBehind")
	case x.Node < 0 || x.Node >= nodes:
		return errors.New("node is 0, 1 or 2")
	case x.Primary && x.Node != 0:
		return errors.New("node and primary exclude each other")
	}
	return oneOf("log", x.Log, "", "refused", "served")
}

func (x *InjectMember) happen(w *world, now time.Time) error {
	c, err := w.place(x.Cluster)
	if err != nil {
		return err
	}
	if err := c.hasShard(x.Shard); err != nil {
		return err
	}
	node := x.Node
	if x.Primary {
		node = w.primary(c, x.Shard, now)
	}
	m := c.member(x.Shard, node)
	switch x.Log {
	case "refused":
		m.refused = true
	case "served":
		m.refused = false
	}
	if x.ClockAhead > 0 || x.ClockBehind > 0 {
		m.ahead = time.Duration(x.ClockAhead - x.ClockBehind)
	}
	for i, other := range c.members {
		if other.set == m.set && other.node == m.node {
			c.members[i] = m
			return nil
		}
	}
	c.members = append(c.members, m)
	return nil
}

func (c *cluster) hasShard(n int) error {
	if n < 0 || n >= c.Shards {
		return fmt.Errorf("cluster %q has no shard %d", c.Name, n)
	}
	return nil
}

func (x *InjectElection) check() error { return nil }

func (x *InjectElection) happen(w *world, now time.Time) error {
	c, err := w.place(x.Cluster)
	if err != nil {
		return err
	}
	if err := c.hasShard(x.Shard); err != nil {
		return err
	}
	c.elections = append(c.elections, election{set: x.Shard, at: before(now, x.Ago)})
	return nil
}

func (x *InjectOplogBehind) check() error { return nil }

func (x *InjectOplogBehind) happen(w *world, now time.Time) error {
	c, err := w.place(x.Cluster)
	if err != nil {
		return err
	}
	l := lag{from: before(now, x.Ago)}
	if x.For > 0 {
		l.until = l.from.Add(time.Duration(x.For))
	}
	c.lags = append(c.lags, l)
	return nil
}

func (x *InjectSearch) check() error { return nil }

func (x *InjectSearch) happen(w *world, _ time.Time) error {
	c, err := w.place(x.Cluster)
	if err != nil {
		return err
	}
	c.search = search{takes: time.Duration(x.Takes), fails: x.Fails}
	if x.Takes == 0 {
		c.search.takes = 3 * time.Minute
	}
	return nil
}
