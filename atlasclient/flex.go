package atlasclient

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"atlas-restore/state"
)

// Flex clusters are a family of their own (Admin API, "Flex Clusters", "Flex Snapshots",
// "Flex Restore Jobs"): other paths, states in capitals, an endpoint each for a restore
// and for a download, no point in time and no cancelling. What is told of them is told
// in the words of the dedicated ones.

// wireFlex is Atlas's FlexClusterDescription.
type wireFlex struct {
	ID             string `json:"id"`
	GroupID        string `json:"groupId"`
	Name           string `json:"name"`
	ClusterType    string `json:"clusterType"`
	StateName      string `json:"stateName"`
	MongoDBVersion string `json:"mongoDBVersion"`
	BackupSettings struct {
		Enabled bool `json:"enabled"`
	} `json:"backupSettings"`
	ProviderSettings struct {
		BackingProviderName string  `json:"backingProviderName"`
		RegionName          string  `json:"regionName"`
		DiskSizeGB          float64 `json:"diskSizeGB"`
	} `json:"providerSettings"`

	unread error // why nothing of it but its id and name can be read
}

func (w wireFlex) cluster(projectID string) state.Cluster {
	if w.unread != nil {
		return unreadableCluster(state.Flex, projectID, named{w.ID, w.Name}, w.unread)
	}
	return state.Cluster{
		Family:         state.Flex,
		ID:             clean(w.ID),
		ProjectID:      cmp.Or(clean(w.GroupID), projectID),
		Name:           clean(w.Name),
		Type:           state.ClusterType(cmp.Or(clean(w.ClusterType), string(state.ReplicaSet))),
		State:          clean(w.StateName),
		BackupEnabled:  w.BackupSettings.Enabled,
		MongoDBVersion: clean(w.MongoDBVersion),
		Shards:         1,
		InstanceSize:   "Flex",
		Provider:       clean(w.ProviderSettings.BackingProviderName),
		Region:         clean(w.ProviderSettings.RegionName),
		DiskSizeGB:     w.ProviderSettings.DiskSizeGB,
	}
}

// wireFlexSnapshot is Atlas's FlexBackupSnapshot. It has no size and no kind.
type wireFlexSnapshot struct {
	ID             string  `json:"id"`
	Status         string  `json:"status"`
	ScheduledTime  instant `json:"scheduledTime"`
	StartTime      instant `json:"startTime"`
	FinishTime     instant `json:"finishTime"`
	Expiration     instant `json:"expiration"`
	MongoDBVersion string  `json:"mongoDBVersion"`
}

func (w wireFlexSnapshot) snapshot() state.Snapshot {
	return state.Snapshot{
		ID: clean(w.ID), Status: flexStatus(w.Status), Kind: "scheduled", Frequency: "daily",
		CreatedAt: w.FinishTime.Time, ExpiresAt: w.Expiration.Time, MongoDBVersion: clean(w.MongoDBVersion),
	}
}

// flexStatus is a flex snapshot's state in the words of a dedicated one.
func flexStatus(s string) string {
	switch s {
	case "PENDING", "QUEUED":
		return "queued"
	case "RUNNING":
		return "inProgress"
	}
	return strings.ToLower(clean(s))
}

// wireFlexJob is Atlas's FlexBackupRestoreJob.
type wireFlexJob struct {
	ID                   string  `json:"id"`
	DeliveryType         string  `json:"deliveryType"` // RESTORE, DOWNLOAD
	Status               string  `json:"status"`       // PENDING, QUEUED, RUNNING, FAILED, COMPLETED
	SnapshotID           string  `json:"snapshotId"`
	SnapshotFinishedDate instant `json:"snapshotFinishedDate"`
	RestoreFinishedDate  instant `json:"restoreFinishedDate"`
	ExpirationDate       instant `json:"expirationDate"`
	TargetName           string  `json:"targetDeploymentItemName"`
	TargetProjectID      string  `json:"targetProjectId"`
	SnapshotURL          string  `json:"snapshotUrl"`

	unread error // as of wireJob
}

func unreadFlexJob(of named, why error) wireFlexJob { return wireFlexJob{ID: of.ID, unread: why} }

// errFlexState is a flex job that says it is completed, but not since when, and bears no
// link: nothing that could be shown of it would be true.
var errFlexState = errors.New("the job is COMPLETED, but without a date or a link")

func (w wireFlexJob) job() (state.Job, error) {
	if why := unreadable(w.ID, "delivery type", clean(w.DeliveryType), w.unread); why != "" {
		return state.Job{ID: clean(w.ID), Family: state.Flex, Unreadable: why}, nil
	}
	j := state.Job{
		ID: clean(w.ID), Family: state.Flex, SnapshotID: clean(w.SnapshotID), SnapshotAt: w.SnapshotFinishedDate.Time,
		Failed: w.Status == "FAILED",
	}
	if !slices.Contains([]string{"PENDING", "QUEUED", "RUNNING", "FAILED", "COMPLETED"}, w.Status) {
		j.Unsure = unknownState(clean(w.Status))
	}
	if w.DeliveryType == "DOWNLOAD" {
		j.DeliveryType = state.Download
		j.ExpiresAt = w.ExpirationDate.Time
		if w.SnapshotURL != "" {
			j.Deliveries = []state.Delivery{{URL: secretURL(w.SnapshotURL)}}
		}
		return j, nil
	}
	j.DeliveryType = state.Automated
	j.TargetProjectID, j.TargetClusterName = clean(w.TargetProjectID), clean(w.TargetName)
	if w.Status == "COMPLETED" {
		if w.RestoreFinishedDate.IsZero() {
			return j, errFlexState
		}
		j.FinishedAt = w.RestoreFinishedDate.Time
	}
	return j, nil
}

// flexPath is the way to a flex cluster, and to what Atlas keeps under its backups.
func flexPath(c state.Cluster, elements ...string) []string {
	return slices.Concat([]string{"groups", c.ProjectID, "flexClusters", c.Name, "backup"}, elements)
}

// flexClusters lists a project's flex clusters. An Atlas that knows none (for
// government) refuses the question as one that it does not know, which means that there are
// none. Whatever else is refused was not read.
func (c *Client) flexClusters(ctx context.Context, projectID string) ([]state.Cluster, error) {
	found, err := list(ctx, c, listing[wireFlex, state.Cluster]{
		path: []string{"groups", projectID, "flexClusters"}, needs: state.RoleReadOnly,
		id: func(w wireFlex) string { return w.ID }, unread: func(of named, why error) wireFlex { return wireFlex{ID: of.ID, Name: of.Name, unread: why} },
		own: func(w wireFlex) state.Cluster { return w.cluster(projectID) }, order: clusterOrder,
	})
	var atlas *state.AtlasError
	if errors.As(err, &atlas) && (slices.Contains([]int{405, 406, 410}, atlas.Status) || slices.Contains([]string{"FEATURE_UNSUPPORTED", "RESOURCE_NOT_FOUND"}, atlas.Code)) {
		return nil, nil
	}
	return found, err
}

func (c *Client) flexSnapshots(ctx context.Context, cluster state.Cluster) ([]state.Snapshot, error) {
	return list(ctx, c, listing[wireFlexSnapshot, state.Snapshot]{
		path: flexPath(cluster, "snapshots"), needs: state.RoleReadOnly,
		id: func(w wireFlexSnapshot) string { return w.ID },
		unread: func(of named, _ error) wireFlexSnapshot {
			return wireFlexSnapshot{ID: of.ID, Status: notReadable}
		},
		own: wireFlexSnapshot.snapshot, order: snapshotOrder,
	})
}

func (c *Client) flexSnapshot(ctx context.Context, cluster state.Cluster, id string) (state.Snapshot, error) {
	var w wireFlexSnapshot
	err := c.do(ctx, call{method: http.MethodGet, path: flexPath(cluster, "snapshots", id), out: &w, needs: state.RoleReadOnly})
	return w.snapshot(), err
}

func (c *Client) flexJob(ctx context.Context, cluster state.Cluster, id string) (state.Job, error) {
	var w wireFlexJob
	err := c.do(ctx, call{method: http.MethodGet, path: flexPath(cluster, "restoreJobs", id), out: &w, oneTry: true, needs: state.RoleReadOnly})
	if err != nil {
		return state.Job{}, err
	}
	return w.job()
}

func (c *Client) flexJobs(ctx context.Context, cluster state.Cluster) ([]state.Job, error) {
	return list(ctx, c, listing[wireFlexJob, state.Job]{
		path: flexPath(cluster, "restoreJobs"), needs: state.RoleReadOnly,
		id: func(w wireFlexJob) string { return w.ID }, unread: unreadFlexJob,
		own: func(w wireFlexJob) state.Job {
			j, _ := w.job() // in a list, one that cannot be told stands as running
			return j
		},
		order: jobOrder,
	})
}

// createFlexJob asks for a download at its own endpoint, and for a restore at the other:
// whatever the body says, a download cannot become a restore.
func (c *Client) createFlexJob(ctx context.Context, cluster state.Cluster, body state.Request) (state.Job, error) {
	k := call{method: http.MethodPost, body: body.Body()}
	switch body.DeliveryType {
	case state.Download:
		k.path, k.needs = flexPath(cluster, "download"), state.RoleExportOperator
	case state.Automated:
		k.path, k.needs = flexPath(cluster, "restoreJobs"), state.RoleRecoveryOperator
	default:
		return state.Job{}, notSent(fmt.Errorf("a flex cluster has no %s", body.DeliveryType))
	}
	var w wireFlexJob
	k.out = &w
	if err := c.do(ctx, k); err != nil {
		return state.Job{}, err
	}
	if w.DeliveryType == "" { // the answer may leave out what the endpoint says
		w.DeliveryType = map[state.DeliveryType]string{state.Download: "DOWNLOAD", state.Automated: "RESTORE"}[body.DeliveryType]
	}
	// The request was taken: that the answer does not tell the job's end is no error of it.
	j, _ := w.job()
	if j.Unreadable != "" {
		return state.Job{}, &state.UnreadableError{Why: "the answer holds no restore job: " + j.Unreadable}
	}
	return j, nil
}
