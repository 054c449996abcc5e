package state

// Found is a cluster as the list of all projects' clusters has it (Admin API, "Return All
// Clusters in All Projects"): with its project, and without its size, state, region and
// whether point in time is on. Multi-cloud, flex and terminated clusters are not in that list.
type Found struct {
	Project Project // its ClusterCount is not told
	Cluster Cluster // what the list tells of it; of a project whose clusters cannot be read, nothing
	// Availability is available, warning, unavailable or dead; empty where it was not told.
	Availability string
	// Unreadable says why of this project, or of this cluster, nothing can be told; empty for
	// one that can. What could not be read is never taken for nothing.
	Unreadable string
	// Refused is why a cluster of a certain name could not be looked for in this project; nil where it
	// was, and where no name was looked for.
	Refused error
	// Whole says that the cluster was read from its project's own list: nothing is missing.
	Whole bool
}

// FoundLacks says what the list of all clusters leaves out, in words.
const FoundLacks = "multi-cloud, flex and terminated clusters"

// Unavailable says that Atlas calls the cluster so, and that its project's own list, which says why, was
// not seen.
func (f Found) Unavailable() bool {
	return !f.Whole && (f.Availability == "dead" || f.Availability == "unavailable")
}
