package simulator

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// change is what befell the data of a cluster by some client.
type change struct {
	what  changeKind
	at    time.Time     // when it began
	takes time.Duration // of a delete
	c     *cluster
	leads int // the member that was primary then
	namespace
	to         namespace // of a rename
	overwrites bool      // … what was called so is gone
	documents  float64   // that were made, or deleted
	slow       bool      // the server logs it as a slow query
	gone       []namespace
	kind       kind           // of what was made
	job        *collectionJob // that brought collections
	who        client
}

type changeKind int

const (
	created changeKind = iota
	dropped
	droppedDatabase
	renamed
	deleted
	restoredInto
)

// client is who did it.
type client struct {
	application, driver, version, remote string
	since                                time.Time // when it connected
	slot                                 int       // which of the connections of that minute it is
}

func (x *change) began() time.Time   { return x.at }
func (x *change) inOplog() time.Time { return x.at.Add(x.c.ahead(0, x.leads)) } // which has the primary's clock

// befall is what is left at a time of what there was before the change.
func (w *world) befall(x *change, all []collection, at time.Time) []collection {
	i := find(all, x.namespace)
	switch x.what {
	case created:
		if i < 0 {
			grown := w.growth(at)
			all = append(all, collection{namespace: x.namespace, base: x.documents / grown, size: 600, kind: x.kind})
		}
	case dropped:
		if i >= 0 {
			all = slices.Delete(all, i, i+1)
		}
	case droppedDatabase:
		all = slices.DeleteFunc(all, func(k collection) bool { return k.database == x.database })
	case renamed:
		if i < 0 {
			break
		}
		if j := find(all, x.to); j >= 0 {
			if !x.overwrites {
				break
			}
			all = slices.Delete(all, j, j+1)
			i = find(all, x.namespace)
		}
		all[i].namespace = x.to
	case restoredInto:
		all = x.job.befalls(all)
	case deleted:
		if i >= 0 {
			all[i].less += x.deletedBy(at)
		}
	}
	return all
}

// deletedBy is how many documents a delete has removed by a time.
func (x *change) deletedBy(at time.Time) float64 {
	if x.what != deleted || at.Before(x.at) {
		return 0
	}
	if x.takes <= 0 || !at.Before(x.at.Add(x.takes)) {
		return x.documents
	}
	return x.documents * float64(at.Sub(x.at)) / float64(x.takes)
}

// enter makes a change part of a cluster's past. What the cluster held then must be known by it.
func (w *world) enter(c *cluster, x *change, by InjectClient) error {
	before := w.data(c, x.at)
	i := find(before, x.namespace)
	switch {
	case c.flex() || c.tenant():
		return fmt.Errorf("the data of cluster %q are not watched: it is a shared one", c.Name)
	case x.at.Before(c.Created):
		return fmt.Errorf("cluster %q was not there then", c.Name)
	case x.what == created && i >= 0:
		return fmt.Errorf("cluster %q has a collection %s already", c.Name, x.namespace)
	case x.what == droppedDatabase:
		for _, k := range before {
			if k.database == x.database {
				x.gone = append(x.gone, k.namespace)
			}
		}
		if len(x.gone) == 0 {
			return fmt.Errorf("cluster %q has no database %q then, but %s", c.Name, x.database, strings.Join(databases(before), ", "))
		}
	case x.what != created && i < 0:
		return fmt.Errorf("cluster %q has no collection %s then, but %s", c.Name, x.namespace, names(before))
	case x.what == renamed && !x.overwrites && find(before, x.to) >= 0:
		return fmt.Errorf("cluster %q has a collection %s already: set dropTarget", c.Name, x.to)
	case x.what == deleted && x.documents == 0:
		x.documents = w.documents(before[i], x.at)
	}
	x.c, x.leads = c, w.primary(c, 0, x.at)
	x.who = w.client(c, x, by)
	weight := func(at time.Time) float64 { return weigh(w, w.data(c, at), at) }
	was := map[*Snapshot]float64{}
	for _, s := range c.snapshots {
		if !s.Taken.Before(x.at) {
			was[s] = weight(s.Taken)
		}
	}
	c.changes = append(c.changes, x)
	slices.SortStableFunc(c.changes, func(a, b *change) int { return a.at.Compare(b.at) })
	for s, before := range was { // a snapshot that was taken since holds less
		if before > 0 {
			s.Bytes = int64(float64(s.Bytes)*weight(s.Taken)/before) / 4096 * 4096
		}
	}
	return nil
}

// weigh is how many bytes collections have.
func weigh(w *world, all []collection, at time.Time) float64 {
	sum := 0.0
	for _, k := range all {
		sum += w.documents(k, at) * k.size
	}
	return sum
}

func names(all []collection) string {
	var out []string
	for _, k := range all {
		out = append(out, k.String())
	}
	return strings.Join(out, ", ")
}

// client is who made a change: a person at a shell, where nothing else is said.
func (w *world) client(c *cluster, x *change, by InjectClient) client {
	out := client{application: "mongosh 2.5.10", driver: "nodejs|mongosh", version: "6.19.0|2.5.10", remote: by.Remote}
	if by.Application != "" {
		out.application, out.driver, out.version = by.Application, "nodejs", "6.19.0"
	}
	if by.Driver != "" {
		out.driver, out.version, _ = strings.Cut(by.Driver, " ")
	}
	if out.remote == "" {
		about := []any{"remote", c.ID, x.at.UnixMilli(), x.namespace}
		out.remote = fmt.Sprintf("10.20.%d.%d:%d", w.dice.below(250, append(about, 1)...), 1+w.dice.below(250, append(about, 2)...), 32768+w.dice.below(28000, append(about, 3)...))
	}
	before := time.Duration(by.Connected)
	if before == 0 {
		before = 41*time.Second + 377*time.Millisecond
	}
	out.since = x.at.Add(-before)
	out.slot = usualSlots
	for _, other := range c.changes {
		if other.who.since.Truncate(time.Minute).Equal(out.since.Truncate(time.Minute)) {
			out.slot++
		}
	}
	return out
}
