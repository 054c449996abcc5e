package simulator

import (
	"fmt"
)

// Size says how large the world is, beyond the small one whose names are known: it has
// at least so many of each.
type Size struct {
	Projects, Clusters int
	Snapshots          int // of all clusters together, at the start
}

// enlarge adds projects, clusters and snapshots until the world has its size.
func (w *world) enlarge(to Size) {
	if to == (Size{}) {
		return
	}
	old, usual := len(w.projects), len(clusterTemplates())
	for n := old + 1; n <= max(to.Projects, old+1); n++ {
		w.addProject(Project{Name: fmt.Sprintf("Team %03d", n), Tags: map[string]string{"environment": "production"}})
	}
	added, clusters := w.projects[old:], []*cluster{}
	for n := usual + 1; n <= max(to.Clusters, usual+1); n++ {
		clusters = append(clusters, w.addCluster(added[n%len(added)], w.anyCluster(n)))
	}
	w.catchUp(w.start)
	missing := max(0, to.Snapshots-w.countSnapshots())
	for i, c := range clusters {
		share := missing / (len(clusters) - i)
		w.addSnapshots(c, share, w.start)
		missing -= share
	}
}

// anyCluster is a healthy cluster, of any kind that a restore can have to do with.
func (w *world) anyCluster(n int) Cluster {
	name, version := fmt.Sprintf("service-%04d", n), []string{"7.0.28", "8.0.29"}[n%2]
	disk := float64(20 + 20*(n%7))
	data := disk * float64(w.dice.below(90, "data", name)) / 100
	switch n % 10 {
	case 3:
		return shardedSet("", name, version, "M40", disk, data, 2, embedded, pit).Cluster
	case 7:
		return flexSet("", name, version, 1).Cluster
	}
	return replicaSet("", name, version, "M30", disk, data, pit).Cluster
}

func (w *world) countSnapshots() int {
	n := 0
	for _, p := range w.projects {
		for _, c := range p.clusters {
			n += len(c.listed(w.start))
		}
	}
	return n
}
