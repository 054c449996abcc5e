package simulator

import (
	"slices"
	"time"
)

// newWorld makes the organisation as it is at the start, with its past.
func newWorld(d dice, start time.Time, more Size) *world {
	w := &world{dice: d, start: start, org: d.id(start.AddDate(-4, 0, 0), "organisation")}
	for _, t := range projectTemplates() {
		w.addProject(t)
	}
	for _, t := range clusterTemplates() {
		w.addCluster(w.projectByName(t.project), t.Cluster)
	}
	for _, t := range terminatedTemplates() {
		p := w.projectByName(t.project)
		c := &cluster{Cluster: t.Cluster, project: p}
		c.Created = w.ago(90, "cluster", p.Name, c.Name)
		c.ID = d.id(c.Created, "terminated", p.Name, c.Name)
		c.Deployment = "atlas-" + d.text(lower+digits, 6, "deployment", c.ID)
		c.firstSlot = w.firstSlot(c)
		w.takeScheduled(c, start.Add(-3*day)) // its last day
		c.State = "DELETING"
		p.terminated = append(p.terminated, c)
	}
	w.catchUp(start)
	w.unusual()
	w.restores()
	w.enlarge(more)
	return w
}

func (w *world) addProject(t Project) {
	p := &project{Project: t}
	p.Created = w.ago(900, "project", p.Name)
	p.ID = w.dice.id(p.Created, "project", p.Name)
	if p.EndpointRegion != "" {
		p.Endpoint = "vpce-" + w.dice.text(hexes, 17, "endpoint", p.Name)
	}
	if p.Name == "Platform Shared" { // for a person who helps just now
		p.AccessList = append(slices.Clone(p.AccessList), AccessEntry{CIDR: "203.0.113.77/32", Comment: "until the audit is over", ExpiresAt: w.start.Add(6 * time.Hour)})
	}
	w.projects = append(w.projects, p)
}

func (w *world) addCluster(p *project, t Cluster) *cluster {
	c := &cluster{Cluster: t, project: p}
	c.Created = w.ago(90, "cluster", p.Name, c.Name)
	if c.State == "CREATING" {
		c.Created = w.start.Add(-4 * time.Minute)
	}
	c.ID = w.dice.id(c.Created, "cluster", p.Name, c.Name)
	c.Deployment = "atlas-" + w.dice.text(lower+digits, 6, "deployment", c.ID)
	c.firstSlot = w.firstSlot(c)
	p.clusters = append(p.clusters, c)
	return c
}

// ago is a time at least so many days before the start.
func (w *world) ago(days int, what ...any) time.Time {
	return w.start.Add(-daysOf(int64(days)) - time.Duration(w.dice.below(500*86400, what...))*time.Second)
}

// firstSlot is so early that what is still kept at the start was taken since.
func (w *world) firstSlot(c *cluster) time.Time {
	if c.flex() {
		last := w.start.Add(-time.Hour - time.Duration(w.dice.below(22*3600, "slot", c.ID))*time.Second)
		return last.Add(-(flexSlots - 1) * flexEvery)
	}
	return w.lastSlot(c).Add(-time.Duration(slotsBefore-1) * slotEvery)
}

// lastSlot is when the newest scheduled snapshot was due.
func (w *world) lastSlot(c *cluster) time.Time {
	switch c.Name {
	case "orders-prod":
		return w.start.Add(-2*time.Hour - 12*time.Minute - 31*time.Second)
	case "ledger-prod": // still in progress at the start
		return w.start.Add(-70 * time.Second)
	}
	return w.start.Add(-20*time.Minute - time.Duration(w.dice.below(5*3600, "slot", c.ID))*time.Second)
}

// unusual adds the snapshots that are not like the others.
func (w *world) unusual() {
	orders := w.projectByName("Payments").cluster("orders-prod")
	w.onDemand(orders, 14*time.Hour+40*time.Minute, 14*day, "before deploy 4.12")
	w.onDemand(orders, 67*time.Hour, 72*time.Hour, "before index rebuild") // expires in 5 hours
	w.onDemand(orders, 9*day, 90*day, "quarter end, keep")
	w.onDemand(orders, 11*day, 11*day-time.Hour, "before deploy 4.11") // expired, not yet gone
	nth(orders, 3).Bytes /= 10                                         // someone deleted a lot, or something broke
	nth(orders, 4).Failed = true

	nth(w.projectByName("Payments").cluster("ledger-prod"), 2).Kind = "fallback"
	w.onDemand(w.projectByName("Payments Staging").cluster("orders-stg"), 3*day, 10*day, "clean test data")
	w.onDemand(w.projectByName("Analytics").cluster("events"), 40*time.Hour, 30*day, "before resharding")

	nth(w.projectByName("Sandbox").cluster("blog"), 5).Failed = true

	// Queued behind others for a quarter of an time.Hour more.
	queued := w.onDemand(w.projectByName("Sandbox").cluster("scratch"), 5*time.Second, 7*day, "before the workshop")
	for _, t := range []*time.Time{&queued.Begun, &queued.Taken, &queued.Done, &queued.ExpiresAt} {
		*t = t.Add(15 * time.Minute)
	}
}

func (w *world) onDemand(c *cluster, ago, keep time.Duration, description string) *Snapshot {
	s := w.newSnapshot(c, w.start.Add(-ago), keep)
	s.Kind, s.Frequency, s.Description = "onDemand", "ondemand", description
	c.add(s)
	return s
}

// nth is the nth newest scheduled snapshot of a cluster.
func nth(c *cluster, n int) *Snapshot {
	for i := len(c.snapshots) - 1; i >= 0; i-- {
		if s := c.snapshots[i]; s.Kind != "onDemand" {
			if n == 0 {
				return s
			}
			n--
		}
	}
	return &Snapshot{} // a change of nothing
}

// restores adds the restores of the past.
func (w *world) restores() {
	payments, staging, analytics := w.projectByName("Payments"), w.projectByName("Payments Staging"), w.projectByName("Analytics")
	orders, ledger := payments.cluster("orders-prod"), payments.cluster("ledger-prod")

	w.restored(ledger, payments.cluster("ledger-prd"), automated, 146*time.Hour).failed = true
	w.restored(analytics.cluster("events"), analytics.cluster("events-restore"), automated, 119*time.Hour)
	j := w.restored(orders, payments.cluster("orders-prod-restore"), pointInTime, 74*time.Hour)
	j.seconds = j.created.Add(-47 * time.Minute).Unix()
	w.restored(orders, orders, automated, 46*time.Hour) // onto itself: a hole in its point in time
	w.restored(orders, nil, download, 30*time.Hour)
	w.restored(orders, staging.cluster("orders-stg"), automated, 20*time.Hour)
	catalog := w.projectByName("Storefront").cluster("catalog")
	cancelled := w.restored(catalog, nil, download, 51*time.Hour)
	cancelled.cancelled = cancelled.created.Add(100 * time.Second)

	blog := w.projectByName("Sandbox").cluster("blog")
	w.flexRestored(blog, w.projectByName("Sandbox").cluster("blog-restore"), 53*time.Hour)
	w.flexRestored(blog, nil, 29*time.Hour)
}

func (w *world) restored(source, target *cluster, delivery string, ago time.Duration) *job {
	at := w.start.Add(-ago)
	return w.newJob(source, source.newest(at, at), target, delivery, at)
}

func (w *world) flexRestored(source, target *cluster, ago time.Duration) {
	at := w.start.Add(-ago)
	w.newFlexJob(source, source.newest(at, at), target, at)
}
