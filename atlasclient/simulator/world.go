package simulator

import (
	"slices"
	"strings"
	"time"

	"atlas-restore/state/pattern"
)

// Project is a project ("group") of the world.
type Project struct {
	ID, Name string
	Created  time.Time
	Tags     map[string]string
	// Endpoint is the ID of an AWS private endpoint in EndpointRegion: downloads of
	// snapshots there can be had through it. Empty: the project has none.
	Endpoint, EndpointRegion string
	AccessList               []AccessEntry // who else may connect, and fetch downloads
	Role                     string        // what the caller may do there: RoleOwner, which empty stands for too, RoleReadOnly or RoleNone
	Compliance               bool          // it has a backup compliance policy: no snapshot can be deleted
	Unlisted                 bool          // the caller's address is not on the project's IP access list: nothing is delivered to it
}

// The roles of the caller in a project.
const (
	RoleOwner    = "owner"
	RoleReadOnly = "readOnly" // looks at all but restore jobs, and changes nothing
	RoleNone     = "none"     // sees that the project exists
)

func (p Project) mayChange() bool { return p.Role != RoleNone && p.Role != RoleReadOnly }

// Cluster is a cluster of the world.
type Cluster struct {
	ID, Name          string
	Type              string // REPLICASET, SHARDED, GEOSHARDED
	State             string // IDLE, CREATING, UPDATING, DELETING, REPAIRING
	Paused            bool
	LiveImport        bool // data is migrated into it just now
	BackupEnabled     bool
	PITEnabled        bool
	RestoreWindowDays int
	MongoDBVersion    string
	PinnedFCV         string // the feature compatibility version, where it is pinned; else empty
	Encryption        string // NONE, AWS, AZURE, GCP
	ConfigServerType  string // EMBEDDED, DEDICATED; sharded only
	Shards            int    // 1 for a replica set
	InstanceSize      string
	Provider          string // AWS, AZURE, GCP; TENANT for M0, FLEX for flex clusters
	AlsoOn            string // a second provider, of a multi-cloud cluster; empty for none
	Region            string
	DiskSizeGB        float64
	DataGB            float64 // what is on that disk now
	CopyRegions       []string
	Exported          bool // its schedule exports a snapshot a month to a bucket
	Created           time.Time
	Deployment        string // internal name: atlas-ab12cd
}

func (c Cluster) sharded() bool { return c.Type == "SHARDED" || c.Type == "GEOSHARDED" }
func (c Cluster) tenant() bool  { return c.Provider == "TENANT" }

// cluster is a cluster with what belongs to it.
type cluster struct {
	Cluster
	project        *project
	snapshots      []*Snapshot // by the time they were asked for, oldest first
	jobs           []*job      // restores of its snapshots, oldest first
	restored       []*job      // restores onto it, oldest first
	changes        []*change   // what befell its data, by their time
	elections      []election
	lags           []lag
	noises         []noise
	search         search
	many           []collection     // that it has beside those of its theme
	collectionJobs []*collectionJob // restores of its collections, oldest first
	collected      []*collectionJob // those onto it, oldest first
	members        []member         // that are not like the others
	slot           int              // number of the next scheduled snapshot
	firstSlot      time.Time        // when number 0 was due
	ranges         bool             // who asks for the rest of a file of its downloads gets it
	sent           map[string]int   // of its files, by their snapshot: so many bytes from the first on were sent to a client
}

type project struct {
	Project
	clusters   []*cluster
	terminated []*cluster // gone, but for their snapshots, which were kept
}

// world is the organisation and all it holds.
type world struct {
	dice            dice
	start           time.Time
	org             string
	projects        []*project
	due             time.Time               // nothing comes due before
	jobs            int                     // made so far, for their IDs
	flexJobs        int                     // the same of flex clusters
	failNext        int                     // so many of the next jobs fail
	collectionJobs  int                     // made so far, for their IDs
	collectionFates []InjectNextCollections // of the next ones
	restoreFates    []*InjectNextRestore    // of the next restores onto a cluster
}

// catchUp brings the world to the present: the snapshots that have come due. It walks
// all clusters, so that it is for when something is due.
func (w *world) catchUp(now time.Time) {
	w.due = now.Add(slotEvery)
	for _, p := range w.projects {
		for _, c := range p.clusters {
			if c.flex() {
				w.takeDaily(c, now)
			} else {
				w.takeScheduled(c, now)
			}
		}
	}
}

func (w *world) projectByID(id string) *project {
	for _, p := range w.projects {
		if p.ID == id {
			return p
		}
	}
	return nil
}

func (w *world) projectByName(name string) *project {
	for _, p := range w.projects {
		if p.Name == name {
			return p
		}
	}
	return nil
}

func (p *project) cluster(name string) *cluster {
	if p == nil {
		return nil
	}
	for _, c := range p.clusters {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// state is the cluster's state as Atlas shows it: a restore makes it UPDATING.
func (c *cluster) state(now time.Time) string {
	if c.State == "IDLE" && c.restoring(now) {
		return "UPDATING"
	}
	return c.State
}

// restoring says whether a restore onto this cluster runs at this time.
func (c *cluster) restoring(at time.Time) bool {
	return slices.ContainsFunc(c.restored, func(j *job) bool {
		return !at.Before(j.created) && at.Before(j.done)
	})
}

var (
	objectID    = pattern.New(`^[a-f0-9]{24}$`)
	clusterName = pattern.New(`^[a-zA-Z0-9][a-zA-Z0-9-]*$`)
)

// project is the one that the path names.
func (c *call) project() (*project, error) {
	id := c.r.PathValue("groupId")
	if !objectID.MatchString(id) {
		return nil, badID("INVALID_GROUP_ID", "group", id)
	}
	if p := c.w.projectByID(id); p != nil {
		return p, nil
	}
	return nil, noGroup(id)
}

// cluster is the one that the path names, if it is not flex.
func (c *call) cluster() (*cluster, error) {
	found, err := c.named()
	if err == nil && found.flex() {
		return nil, notInClusterAPI(found)
	}
	return found, err
}

// named is the cluster that the path names, whatever its family.
func (c *call) named() (*cluster, error) {
	p, err := c.project()
	if err != nil {
		return nil, err
	}
	name := c.r.PathValue("clusterName")
	if !clusterName.MatchString(name) {
		return nil, refuse(400, "INVALID_PATH_PARAMETER", "The path parameter clusterName is not a cluster name.", "clusterName")
	}
	if found := p.cluster(name); found != nil {
		return found, nil
	}
	return nil, noCluster(name, p.ID)
}

// backedUp is the cluster that the path names, if Cloud Backups exist for its kind.
func (c *call) backedUp() (*cluster, error) {
	found, err := c.cluster()
	if err != nil {
		if kept := c.kept(); kept != nil {
			return kept, nil
		}
		return nil, err
	}
	if found.tenant() {
		return nil, refuse(400, "INSUFFICIENT_INSTANCE_SIZE", "Cloud Backups are not available for clusters of size "+found.InstanceSize+".", found.InstanceSize)
	}
	return found, nil
}

// kept is the terminated cluster that the path names; nil if there is none.
func (c *call) kept() *cluster {
	p, err := c.project()
	if err != nil {
		return nil
	}
	for _, x := range p.terminated {
		if x.Name == c.r.PathValue("clusterName") {
			return x
		}
	}
	return nil
}

// older compares versions without their patch level.
func older(a, b string) bool { return slices.Compare(major(a), major(b)) < 0 }

func major(version string) []int {
	out := []int{0, 0}
	parts := strings.SplitN(version, ".", 3)
	for i, part := range parts[:min(2, len(parts))] {
		for _, digit := range part {
			out[i] = out[i]*10 + int(digit-'0')
		}
	}
	return out
}

func majorText(version string) string {
	parts := strings.SplitN(version, ".", 3)
	return strings.Join(parts[:min(2, len(parts))], ".")
}
