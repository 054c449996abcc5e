package atlasclient

import (
	"cmp"

	"atlas-restore/state"
)

// wireCluster takes both shapes of a cluster: that of 2024-08-05, with one element of
// replicationSpecs for each shard and the disk in its specs; and that of 2023-02-01,
// with one element for each zone, numShards in it, and the disk on top.
type wireCluster struct {
	ID                       string     `json:"id"`
	GroupID                  string     `json:"groupId"`
	Name                     string     `json:"name"`
	ClusterType              string     `json:"clusterType"`
	StateName                string     `json:"stateName"`
	Paused                   bool       `json:"paused"`
	BackupEnabled            bool       `json:"backupEnabled"`
	PitEnabled               bool       `json:"pitEnabled"`
	MongoDBVersion           string     `json:"mongoDBVersion"`
	FCV                      string     `json:"featureCompatibilityVersion"`
	FCVExpires               instant    `json:"featureCompatibilityVersionExpirationDate"` // only where it is pinned
	EncryptionAtRestProvider string     `json:"encryptionAtRestProvider"`
	ConfigServerType         string     `json:"configServerType"`
	DiskSizeGB               float64    `json:"diskSizeGB"` // 2023-02-01 only
	ReplicationSpecs         []wireSpec `json:"replicationSpecs"`

	unread error // why nothing of it but its id and name can be read
}

// unreadCluster stands for one that cannot be read: it is listed, and cannot be chosen.
func unreadCluster(of named, why error) wireCluster {
	return wireCluster{ID: of.ID, Name: of.Name, unread: why}
}

// unreadableCluster is such a one. It is called by its id where not even its name can be read.
func unreadableCluster(family state.Family, projectID string, of named, why error) state.Cluster {
	return state.Cluster{
		Family: family, ID: clean(of.ID), ProjectID: projectID,
		Name: cmp.Or(clean(of.Name), clean(of.ID), "without a name"), Unreadable: clean(why.Error()),
	}
}

type wireSpec struct {
	NumShards     *int         `json:"numShards"` // 2023-02-01 only
	RegionConfigs []wireRegion `json:"regionConfigs"`
}

type wireRegion struct {
	ProviderName   string       `json:"providerName"`
	RegionName     string       `json:"regionName"`
	Priority       int          `json:"priority"`
	ElectableSpecs wireHardware `json:"electableSpecs"`
}

type wireHardware struct {
	InstanceSize string  `json:"instanceSize"`
	DiskSizeGB   float64 `json:"diskSizeGB"`
}

// cluster makes the state's cluster; projectID is the project that was asked for.
func (w wireCluster) cluster(projectID string) state.Cluster {
	if w.unread != nil {
		return unreadableCluster(state.Dedicated, projectID, named{w.ID, w.Name}, w.unread)
	}
	home := w.home()
	c := state.Cluster{
		ID:                 clean(w.ID),
		ProjectID:          clean(w.GroupID),
		Name:               clean(w.Name),
		Type:               state.ClusterType(clean(w.ClusterType)),
		State:              clean(w.StateName),
		Paused:             w.Paused,
		BackupEnabled:      w.BackupEnabled,
		PITEnabled:         w.PitEnabled,
		MongoDBVersion:     clean(w.MongoDBVersion),
		EncryptionProvider: clean(w.EncryptionAtRestProvider),
		ConfigServerType:   clean(w.ConfigServerType),
		Shards:             w.shards(),
		InstanceSize:       clean(home.ElectableSpecs.InstanceSize),
		Provider:           clean(home.ProviderName),
		Region:             clean(home.RegionName),
		DiskSizeGB:         home.ElectableSpecs.DiskSizeGB,
		MultiCloud:         w.multiCloud(),
	}
	if !w.FCVExpires.IsZero() {
		c.PinnedFCV = clean(w.FCV)
	}
	if c.ProjectID == "" {
		c.ProjectID = projectID
	}
	if c.DiskSizeGB == 0 {
		c.DiskSizeGB = w.DiskSizeGB
	}
	return c
}

// home is the region of the first shard that its primary prefers: the one of the
// highest priority. It stands for the whole cluster's size and place.
func (w wireCluster) home() wireRegion {
	var home wireRegion
	if len(w.ReplicationSpecs) == 0 {
		return home
	}
	for i, r := range w.ReplicationSpecs[0].RegionConfigs {
		if i == 0 || r.Priority > home.Priority {
			home = r
		}
	}
	return home
}

// multiCloud says whether regions of more than one cloud provider hold the cluster.
func (w wireCluster) multiCloud() bool {
	for _, s := range w.ReplicationSpecs {
		for _, r := range s.RegionConfigs {
			if r.ProviderName != w.home().ProviderName {
				return true
			}
		}
	}
	return false
}

func (w wireCluster) shards() int {
	if !state.ClusterType(w.ClusterType).IsSharded() {
		return 1
	}
	n := 0
	for _, s := range w.ReplicationSpecs {
		if s.NumShards != nil {
			n += *s.NumShards
		} else {
			n++
		}
	}
	return n
}
