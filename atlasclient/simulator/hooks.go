package simulator

import (
	"fmt"
	"slices"
	"time"
)

// What follows is for tests, scenarios and demonstrations: to look at the world
// without the API, and to change it. Projects and clusters are named by their
// names; a name that does not exist is a mistake of the caller and panics.

// World is the organisation at a moment, for looking at.
type World struct {
	OrgID    string
	Now      time.Time
	Projects []ProjectView
}

// ProjectView is a project with its clusters, those of both families: the Provider of
// a flex cluster is FLEX.
type ProjectView struct {
	Project
	Clusters []Cluster
}

// World is what the organisation holds now.
func (s *Server) World() World {
	var out World
	s.withWorld(func(w *world, now time.Time) {
		out.OrgID, out.Now = w.org, now
		for _, p := range w.projects {
			view := ProjectView{Project: p.Project}
			for _, c := range p.clusters {
				shown := c.Cluster
				shown.State = c.state(now)
				view.Clusters = append(view.Clusters, shown)
			}
			out.Projects = append(out.Projects, view)
		}
	})
	return out
}

// ProjectID is the ID of a project.
func (s *Server) ProjectID(project string) string {
	var id string
	s.withWorld(func(w *world, _ time.Time) { id = w.mustProject(project).ID })
	return id
}

// Snapshots are the snapshots of a cluster that Atlas lists, newest first.
func (s *Server) Snapshots(project, cluster string) []Snapshot {
	var out []Snapshot
	s.withWorld(func(w *world, now time.Time) {
		for _, x := range w.mustCluster(project, cluster).listed(now) {
			out = append(out, *x)
		}
	})
	return out
}

// NewestSnapshot is the newest snapshot of a cluster that can be restored.
func (s *Server) NewestSnapshot(project, cluster string) Snapshot {
	var out Snapshot
	s.withWorld(func(w *world, now time.Time) {
		x := w.mustCluster(project, cluster).newest(now, now)
		if x == nil {
			panic(fmt.Sprintf("simulator: no restorable snapshot of %s/%s", project, cluster))
		}
		out = *x
	})
	return out
}

// Job is a restore job, for looking at. DeliveryType is in Atlas's words, which for a
// job of a flex cluster are RESTORE and DOWNLOAD; of single collections it is collections.
// State is inProgress, completed, ready, failed, cancelled or expired; partial is a job of
// collections that Atlas calls successful and that left something out.
type Job struct {
	ID, DeliveryType, State      string
	Project, Cluster, SnapshotID string // the source
	TargetProject, TargetCluster string // empty: a download
	CreatedAt, EndsAt, ExpiresAt time.Time
	PointInTimeUTCSeconds        int64
	OplogTs, OplogInc            int64
	Archives, FetchedArchives    int         // how many archives a download delivers, and how many were downloaded whole
	Fetched                      bool        // every archive was
	LostAt                       time.Time   // when one of its links was no good any more though nobody had the file; zero: never
	FetchedFiles                 []time.Time // of each archive, when it was downloaded whole; zero: not yet
	FetchedAt                    time.Time   // when the last byte of the last of them was read; zero: not yet
	Colleague                    bool        // made by an Inject
	DataOf                       time.Time   // of when the data is that it delivers or restores: the snapshot's, or the instant
	SnapshotKind                 string      // scheduled, onDemand, fallback

	// Of a job of collections: what was asked for, databases and then collections; whether that
	// replaces what has its name; and what came, with the name that it has.
	Namespaces []string
	Overwrites bool
	As         map[string]string
}

// Jobs are all the restore jobs of the world, in the order in which they were
// created, those of the past included.
func (s *Server) Jobs() []Job {
	var out []Job
	s.withWorld(func(w *world, now time.Time) {
		for _, p := range w.projects {
			for _, c := range slices.Concat(p.clusters, p.terminated) {
				for _, j := range c.made(now) {
					out = append(out, j.view(now))
				}
				for _, j := range c.collects(now) {
					out = append(out, j.view(now))
				}
			}
		}
	})
	slices.SortStableFunc(out, func(a, b Job) int { return a.CreatedAt.Compare(b.CreatedAt) })
	return out
}

// AwaitDeliveries waits until no archive is on its way any more: a client that has read one to
// its last byte has left then, and that is known.
func (s *Server) AwaitDeliveries() { s.deliveries.Wait() }

func (j *job) view(now time.Time) Job {
	v := Job{
		ID: j.id, DeliveryType: j.delivery, State: j.state(now),
		Project: j.source.project.Name, Cluster: j.source.Name, SnapshotID: j.snapshot.ID,
		CreatedAt: j.created, EndsAt: j.done, ExpiresAt: j.expires,
		PointInTimeUTCSeconds: j.seconds, OplogTs: j.oplogTs, OplogInc: j.oplogInc,
		Archives: len(j.archives), Colleague: j.colleague,
		DataOf: j.snapshot.Taken, SnapshotKind: j.snapshot.Kind,
	}
	if instant := max(j.seconds, j.oplogTs); instant > 0 {
		v.DataOf = time.Unix(instant, 0).UTC()
	}
	if j.target != nil {
		v.TargetProject, v.TargetCluster = j.target.project.Name, j.target.Name
	}
	for _, a := range j.archives {
		v.FetchedFiles = append(v.FetchedFiles, a.fetched)
		if !a.lost.IsZero() && (v.LostAt.IsZero() || a.lost.Before(v.LostAt)) {
			v.LostAt = a.lost
		}
		if a.fetched.IsZero() {
			continue
		}
		v.FetchedArchives++
		if a.fetched.After(v.FetchedAt) {
			v.FetchedAt = a.fetched
		}
	}
	if v.Fetched = v.Archives > 0 && v.FetchedArchives == v.Archives; !v.Fetched {
		v.FetchedAt = time.Time{}
	}
	return v
}

func (j *collectionJob) view(now time.Time) Job {
	v := Job{
		ID: j.id, DeliveryType: "collections", State: "inProgress",
		Project: j.source.project.Name, Cluster: j.source.Name, SnapshotID: j.asked.snapshotID,
		TargetProject: j.target.project.Name, TargetCluster: j.target.Name,
		CreatedAt: j.created, EndsAt: j.done, PointInTimeUTCSeconds: j.asked.seconds, OplogTs: j.asked.oplogTs, OplogInc: j.asked.oplogInc,
		Colleague: j.caller == nobody, DataOf: j.asked.dataOf,
		Overwrites: j.asked.write == "OVERWRITE_EXISTING", As: map[string]string{},
	}
	if s := j.source.find(j.asked.snapshotID); s != nil {
		v.SnapshotKind = s.Kind
	}
	for _, p := range slices.Concat(j.asked.databases, j.asked.collections) {
		v.Namespaces = append(v.Namespaces, p.from.String())
	}
	if !j.ended(now) {
		return v
	}
	if v.State = map[string]string{successful: "completed", canceled: "cancelled", failed: "failed"}[j.end]; j.partial() {
		v.State = "partial"
	}
	if j.end == successful {
		for _, p := range j.landed() {
			v.As[p.source.String()] = p.effective.String()
		}
	}
	return v
}

func (j *job) state(now time.Time) string {
	switch {
	case j.isCancelled(now):
		return "cancelled"
	case !j.ended(now):
		return "inProgress"
	case j.failed:
		return "failed"
	case j.expired(now):
		return "expired"
	case j.downloads():
		return "ready"
	}
	return "completed"
}

// SetProject changes a project.
func (s *Server) SetProject(project string, f func(*Project)) {
	s.withWorld(func(w *world, _ time.Time) { f(&w.mustProject(project).Project) })
}

// SetCluster changes a cluster. What it had before (snapshots, jobs) stays.
func (s *Server) SetCluster(project, cluster string, f func(*Cluster)) {
	s.withWorld(func(w *world, _ time.Time) { f(&w.mustCluster(project, cluster).Cluster) })
}

// SetSnapshot changes a snapshot.
func (s *Server) SetSnapshot(project, cluster, id string, f func(*Snapshot)) {
	s.withWorld(func(w *world, _ time.Time) {
		x := w.mustCluster(project, cluster).find(id)
		if x == nil {
			panic(fmt.Sprintf("simulator: no snapshot %s of %s/%s", id, project, cluster))
		}
		f(x)
	})
}

// AddSnapshots gives a cluster n more snapshots, completed, three hours apart and kept
// for years: on-demand ones, or if it is flex, scheduled ones.
func (s *Server) AddSnapshots(project, cluster string, n int) {
	s.withWorld(func(w *world, now time.Time) { w.addSnapshots(w.mustCluster(project, cluster), n, now) })
}

// AddCollections gives a cluster so many databases more, with so many collections in each, which
// it has had from the beginning: tenant_0001.part_0001 and so on.
func (s *Server) AddCollections(project, cluster string, databases, each int) {
	s.withWorld(func(w *world, _ time.Time) {
		c := w.mustCluster(project, cluster)
		for d := range databases {
			for k := range each {
				name := namespace{fmt.Sprintf("tenant_%04d", d+1), fmt.Sprintf("part_%04d", k+1)}
				c.many = append(c.many, collection{namespace: name, base: 100, size: 400})
			}
		}
	})
}

func (w *world) addSnapshots(c *cluster, n int, now time.Time) {
	for i := n; i > 0; i-- {
		at, keep := now.Add(-time.Duration(i)*3*time.Hour), time.Duration(n)*3*time.Hour+3650*day
		if c.flex() {
			x := w.newFlexSnapshot(c, at)
			x.ExpiresAt = at.Add(keep)
			c.snapshots = append(c.snapshots, x)
			continue
		}
		x := w.newSnapshot(c, at, keep)
		x.Kind, x.Frequency, x.Description = "onDemand", "ondemand", fmt.Sprintf("number %d", i)
		c.snapshots = append(c.snapshots, x)
	}
	slices.SortStableFunc(c.snapshots, func(a, b *Snapshot) int { return a.Asked.Compare(b.Asked) })
}

// FailNextJob makes the next restore job that is created, of either family, end in
// failure. A flex download fails at once.
func (s *Server) FailNextJob() {
	s.withWorld(func(w *world, _ time.Time) { w.failNext++ })
}

// ExpireJob ends the life of a ready download's links now.
func (s *Server) ExpireJob(id string) {
	s.withWorld(func(w *world, now time.Time) {
		j := w.jobByID(id)
		if j == nil || !j.downloads() {
			panic("simulator: no download job " + id)
		}
		j.done, j.expires = earlier(j.done, now), now
	})
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func (w *world) mustProject(name string) *project {
	p := w.projectByName(name)
	if p == nil {
		panic(fmt.Sprintf("simulator: no project %q", name))
	}
	return p
}

func (w *world) mustCluster(projectName, name string) *cluster {
	c := w.mustProject(projectName).cluster(name)
	if c == nil {
		panic(fmt.Sprintf("simulator: no cluster %q in project %q", name, projectName))
	}
	return c
}
