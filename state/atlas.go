// Package state is the ground floor: what a restore of an Atlas cluster is,
// which steps lead to it, and which rules each answer must keep. It knows
// neither a terminal nor HTTP, so every face of the program walks the same steps
// with the same rules and ends in the same request.
package state

import (
	"time"

	"atlas-restore/state/collections"
)

// Project is an Atlas project (the Admin API's "group").
type Project struct {
	ID           string // 24 hex digits
	Name         string // cleaned; any letters, spaces allowed
	OrgID        string
	ClusterCount int
	Uncounted    bool   // how many clusters it has was not told
	Unreadable   string // why nothing of it but its id and name can be read; empty for one that can
}

// ClusterType is Atlas's own word for a cluster's topology.
type ClusterType string

// The topologies of dedicated clusters (Admin API, "clusterType").
const (
	ReplicaSet ClusterType = "REPLICASET"
	Sharded    ClusterType = "SHARDED"
	GeoSharded ClusterType = "GEOSHARDED"
)

// IsSharded says whether the cluster keeps its snapshots in the sharded family
// of endpoints. A global cluster counts as sharded.
func (t ClusterType) IsSharded() bool { return t == Sharded || t == GeoSharded }

// Words is the topology as a person says it.
func (t ClusterType) Words() string {
	switch t {
	case ReplicaSet:
		return "replica set"
	case Sharded:
		return "sharded"
	case GeoSharded:
		return "global"
	}
	return string(t)
}

// Known says whether it is one of the topologies that the rules know.
func (t ClusterType) Known() bool { return t == ReplicaSet || t.IsSharded() }

// Family is the part of Atlas's API that a cluster, and all that belongs to its backups,
// is found in. Only the client and the shape of a request know a difference.
type Family string

// The families. M0 stands among the dedicated ones, and has no backups.
const (
	Dedicated Family = ""
	Flex      Family = "flex"
)

// Cluster is an Atlas cluster: dedicated, flex, or M0, which is shown but cannot be
// restored.
type Cluster struct {
	Family             Family
	ID                 string
	ProjectID          string
	Name               string
	Type               ClusterType
	State              string // IDLE, CREATING, UPDATING, DELETING, REPAIRING
	Paused             bool
	Terminated         bool // gone; its backups were kept
	Namesake           bool // terminated, and another cluster bears its name now
	BackupEnabled      bool
	PITEnabled         bool   // point in time ("continuous cloud backup") is on
	MongoDBVersion     string // x.y.z
	PinnedFCV          string // x.y: the feature compatibility version, where it is pinned; else empty
	EncryptionProvider string // NONE, AWS, AZURE, GCP: customer key management
	ConfigServerType   string // EMBEDDED, DEDICATED; sharded clusters only
	Shards             int    // 1 for a replica set
	InstanceSize       string // M0, M10, R40 …
	Provider           string // AWS, AZURE, GCP, TENANT
	Region             string
	DiskSizeGB         float64
	MultiCloud         bool   // it spans several cloud providers
	Unreadable         string // why nothing of it but its id and name can be read; empty for one that can
}

// Snapshot is one Cloud Backup snapshot of a replica set or a sharded cluster.
type Snapshot struct {
	ID               string
	Status           string // queued, inProgress, completed, failed
	Kind             string // onDemand, scheduled, fallback (Atlas: "snapshotType")
	Frequency        string // hourly, daily, weekly, monthly, yearly, ondemand
	Description      string
	CreatedAt        time.Time // zero until Atlas has completed it
	ExpiresAt        time.Time
	StorageSizeBytes int64
	MongoDBVersion   string
	Provider         string
	Sharded          bool
	Members          []Member // one per shard and config server; sharded only
	ConfigServerType string
}

// Member is the part of a sharded snapshot that belongs to one replica set.
type Member struct{ ID, ReplicaSet, Provider string }

// Schedule is the part of a cluster's backup schedule that a restore needs.
type Schedule struct {
	RestoreWindowDays int       // depth of point in time; sent even where it is off
	NextSnapshot      time.Time // zero without policy items
}

// Job is one restore job. Atlas gives it no status, no creation time and no
// progress: see JobState and CreatedAt.
type Job struct {
	ID                    string
	Family                Family
	DeliveryType          DeliveryType
	SnapshotID            string
	SnapshotAt            time.Time // the snapshot's creation (Atlas: "timestamp")
	TargetProjectID       string
	TargetClusterName     string
	PointInTimeUTCSeconds int64
	OplogTs, OplogInc     int64
	FinishedAt            time.Time // automated and pointInTime only, never on a ready download
	ExpiresAt             time.Time // end of the download links
	Cancelled             bool
	Expired               bool
	Failed                bool
	Deliveries            []Delivery   // downloads: one per replica set
	Private               []PrivateURL // private-endpoint links that belong to the whole job
	Unreadable            string       // why nothing of it but its id can be read; empty for one that can
	Unsure                string       // why the end that it tells cannot be believed; empty for one that can, and where it tells none

	Collections *collections.Job // collections only
}

// Delivery is what a download job delivers for one replica set.
type Delivery struct {
	ReplicaSet string // empty for the one link of a replica-set cluster
	URL        Secret // empty while Atlas still prepares it
	Private    []PrivateURL
}

// PrivateURL is a download link that works over one private endpoint only.
type PrivateURL struct {
	EndpointID string
	URL        Secret
}

// CreatedAt is when Atlas made the job; zero where it does not tell.
func (j Job) CreatedAt() time.Time {
	if j.Collections != nil && !j.Collections.CreatedAt.IsZero() {
		return j.Collections.CreatedAt
	}
	return CreatedAt(j.ID)
}

// CreatedAt is the second in which Atlas made the object: the first four bytes
// of an ObjectID. Zero if id is no ObjectID.
func CreatedAt(id string) time.Time {
	if !idPattern.MatchString(id) {
		return time.Time{}
	}
	var sec int64
	for _, c := range []byte(id[:8]) {
		d := int64(c - '0')
		if c >= 'a' {
			d = int64(c-'a') + 10
		}
		sec = sec<<4 | d
	}
	return time.Unix(sec, 0).UTC()
}

// CloudProvider is where the snapshot is kept: AWS, AZURE, GCP; empty where it is not told. One
// of a sharded cluster tells it of its members only.
func (s Snapshot) CloudProvider() string {
	if s.Provider == "" && len(s.Members) > 0 {
		return s.Members[0].Provider
	}
	return s.Provider
}

// When is the instant that a snapshot holds: its completion, or for an unfinished
// one the second in which Atlas began it.
func (s Snapshot) When() time.Time {
	if !s.CreatedAt.IsZero() {
		return s.CreatedAt
	}
	return CreatedAt(s.ID)
}
