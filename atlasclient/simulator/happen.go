package simulator

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"atlas-restore/state/pattern"
)

var mongoDBVersion = pattern.New(`^\d+\.\d+\.\d+$`)

// takenAfter is how long after it was asked for a snapshot of a dedicated cluster holds
// the data of.
const takenAfter = 95 * time.Second

// inject lets something happen to what the world holds, as if it were that time.
func (w *world) inject(i Inject, now time.Time) error {
	switch {
	case i.Project != nil:
		return w.changeProject(*i.Project)
	case i.NewCluster != nil:
		return w.createCluster(*i.NewCluster, now)
	case i.Cluster != nil:
		return w.changeCluster(*i.Cluster, now)
	case i.Snapshot != nil:
		return w.changeSnapshot(*i.Snapshot, now)
	case i.NewSnapshot != nil:
		return w.addSnapshot(*i.NewSnapshot, now)
	case i.Restore != nil:
		return w.colleague(*i.Restore, now)
	}
	if x := i.incident(); x != nil {
		return x.happen(w, now)
	}
	return w.changeLinks(*i.Links, now)
}

// place finds a cluster by project and cluster, as PROJECT/CLUSTER.
func (w *world) place(name string) (*cluster, error) {
	p, clusterName, err := w.split(name)
	if err != nil {
		return nil, err
	}
	if c := p.cluster(clusterName); c != nil {
		return c, nil
	}
	return nil, fmt.Errorf("there is no cluster %q in project %q", clusterName, p.Name)
}

// split finds the project of PROJECT/CLUSTER. A cluster's name has no slash.
func (w *world) split(name string) (*project, string, error) {
	at := strings.LastIndex(name, "/")
	if at < 0 {
		return nil, "", fmt.Errorf("%q names no cluster: write it like Payments/orders-prod", name)
	}
	p := w.projectByName(name[:at])
	if p == nil {
		return nil, "", fmt.Errorf("there is no project %q", name[:at])
	}
	return p, name[at+1:], nil
}

func (w *world) changeProject(x InjectProject) error {
	p := w.projectByName(x.Project)
	if p == nil {
		return fmt.Errorf("there is no project %q", x.Project)
	}
	if x.Role != "" {
		p.Role = x.Role
	}
	if x.Listed != nil {
		p.Unlisted = !*x.Listed
	}
	return nil
}

func (w *world) createCluster(x InjectCreation, now time.Time) error {
	p, name, err := w.split(x.Cluster)
	if err != nil {
		return err
	}
	like, err := w.place(x.Like)
	switch {
	case err != nil:
		return err
	case !clusterName.MatchString(name):
		return fmt.Errorf("%q is not a cluster name", name)
	case p.cluster(name) != nil:
		return fmt.Errorf("there is a cluster %q in project %q already", name, p.Name)
	}
	c := &cluster{Cluster: like.Cluster, project: p}
	c.Name = name
	c.Created = w.ago(90, "cluster", p.Name, name)
	c.ID = w.dice.id(c.Created, "cluster", p.Name, name)
	c.Deployment = "atlas-" + w.dice.text(lower+digits, 6, "deployment", c.ID)
	c.firstSlot = w.firstSlot(c)
	p.clusters = append(p.clusters, c)
	w.catchUp(now)
	return nil
}

func (w *world) changeCluster(x InjectCluster, now time.Time) error {
	c, err := w.place(x.Cluster)
	if err != nil {
		return err
	}
	put(&c.State, x.State)
	put(&c.MongoDBVersion, x.MongoDBVersion)
	put(&c.Encryption, x.Encryption)
	put(&c.DiskSizeGB, x.DiskSizeGB)
	put(&c.DataGB, x.DataGB)
	replace(&c.Paused, x.Paused)
	replace(&c.BackupEnabled, x.BackupEnabled)
	replace(&c.PITEnabled, x.PITEnabled)
	replace(&c.RestoreWindowDays, x.RestoreWindowDays)
	if x.LastSnapshot == 0 {
		return nil
	}
	if c.flex() {
		return errors.New("the snapshots of a flex cluster are not made anew")
	}
	last := now.Add(-time.Duration(x.LastSnapshot) - takenAfter)
	c.snapshots, c.slot = nil, 0
	c.firstSlot = last.Add(-time.Duration(slotsBefore-1) * slotEvery)
	w.takeScheduled(c, now)
	return nil
}

func put[T comparable](field *T, v T) {
	var zero T
	if v != zero {
		*field = v
	}
}

func replace[T any](field, v *T) {
	if v != nil {
		*field = *v
	}
}

func (w *world) changeSnapshot(x InjectSnapshot, now time.Time) error {
	c, err := w.place(x.Cluster)
	if err != nil {
		return err
	}
	listed, n := c.listed(now), max(1, x.Nth)
	if n > len(listed) {
		return fmt.Errorf("cluster %q lists %d snapshots: there is no number %d", c.Name, len(listed), n)
	}
	s := listed[n-1]
	replace(&s.Failed, x.Failed)
	if x.Fallback {
		s.Kind = "fallback"
	}
	s.Deleted = s.Deleted || x.Deleted
	if x.ExpiresIn > 0 {
		s.ExpiresAt = now.Add(time.Duration(x.ExpiresIn))
	}
	if x.BytesFactor > 0 {
		s.Bytes = int64(float64(s.Bytes) * x.BytesFactor)
	}
	return nil
}

func (w *world) addSnapshot(x InjectTaking, now time.Time) error {
	c, err := w.place(x.Cluster)
	switch {
	case err != nil:
		return err
	case !c.BackupEnabled:
		return fmt.Errorf("cluster %q has no backups", c.Name)
	case c.flex():
		return errors.New("a flex cluster has no snapshots beside its schedule")
	}
	keep := time.Duration(x.Keep)
	if keep == 0 {
		keep = 7 * day
	}
	at := now
	if x.Ago > 0 {
		at = now.Add(-time.Duration(x.Ago) - takenAfter)
	}
	s := w.newSnapshot(c, at, keep)
	s.Kind, s.Frequency, s.Description = "onDemand", "ondemand", x.Description
	if x.Kind != "" && x.Kind != s.Kind {
		s.Kind, s.Frequency = x.Kind, "hourly"
	}
	c.add(s)
	return nil
}

func (w *world) colleague(x InjectColleague, now time.Time) error {
	source, err := w.place(x.Source)
	if err != nil {
		return err
	}
	at, delivery, target := now.Add(-time.Duration(x.Ago)), download, (*cluster)(nil)
	if x.Target != "" {
		delivery = automated
		if target, err = w.place(x.Target); err != nil {
			return err
		}
		if len(x.Namespaces) == 0 && target.restoring(at) {
			return fmt.Errorf("a restore onto cluster %q runs at that time", target.Name)
		}
	}
	base := at
	if x.InstantAgo > 0 {
		delivery, base = pointInTime, now.Add(-time.Duration(x.InstantAgo))
	}
	s, fate, leaves := source.newest(at, base), w.failNext, w.restoreFates
	w.restoreFates = nil
	defer func() { w.failNext, w.restoreFates = fate, leaves }() // those are for the trainee
	switch {
	case s == nil:
		return fmt.Errorf("cluster %q has no snapshot that could be restored then", source.Name)
	case len(x.Namespaces) > 0 && (source.flex() || target.flex() || target.tenant()):
		return errors.New("single collections are restored between dedicated clusters")
	case len(x.Namespaces) > 0:
		return w.collectionsOf(x, source, target, at, base, s)
	case source.flex():
		j := w.newFlexJob(source, s, target, at)
		j.colleague, j.failed = true, x.Failed
		return nil
	}
	j := w.newJob(source, s, target, delivery, at)
	j.colleague, j.failed = true, x.Failed
	if delivery == pointInTime {
		j.seconds = base.Unix()
	}
	if x.Takes > 0 {
		j.done = at.Add(time.Duration(x.Takes))
		if target == nil {
			j.expires = j.done.Add(linkLife)
		}
	}
	return nil
}

// changeLinks changes the newest download of a cluster.
func (w *world) changeLinks(x InjectLinks, now time.Time) error {
	c, err := w.place(x.Cluster)
	if err != nil {
		return err
	}
	var j *job
	for _, made := range c.made(now) {
		if made.downloads() {
			j = made
		}
	}
	switch {
	case j == nil:
		return fmt.Errorf("nothing of cluster %q was downloaded", c.Name)
	case x.Expire:
		j.done, j.expires = earlier(j.done, now), now
	case x.Hide > len(j.archives):
		return fmt.Errorf("the download of cluster %q has %d archives: there is no number %d", c.Name, len(j.archives), x.Hide)
	default:
		until := now.Add(time.Duration(x.For))
		if x.For == 0 {
			until = j.expires
		}
		j.archives[x.Hide-1].hidden = until
	}
	return nil
}
