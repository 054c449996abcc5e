package atlasclient

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"

	"atlas-restore/state"
	"atlas-restore/state/collections"
)

// Collection restore jobs (Admin API, "Cloud Backups", 2025-03-12) stand under the cluster that
// the data come from, beside its backups and not among them. Nothing cancels one.

// wireCollectionJob is Atlas's ApiAtlasCollectionRestoreJobResponse: it echoes the request.
type wireCollectionJob struct {
	collections.Request

	ID                string   `json:"id"`
	State             string   `json:"state"`
	CreatedAt         instant  `json:"createdAt"`
	FinishedAt        instant  `json:"finishedAt"`
	ErrorMessage      string   `json:"errorMessage"`
	RestoredDocuments estimate `json:"restoredDocuments"`
	TotalDocuments    estimate `json:"totalDocuments"`
	IndexStatus       struct {
		State                 string   `json:"state"`
		FailedCollectionCount estimate `json:"failedCollectionCount"`
	} `json:"indexStatus"`

	unread error // why nothing of it but its id can be read
}

// wirePart is Atlas's ApiAtlasCollectionRestoreCollectionStateResponse.
type wirePart struct {
	Source            string   `json:"sourceNamespace"`
	Target            string   `json:"targetNamespace"`
	EffectiveTarget   string   `json:"effectiveTargetNamespace"`
	State             string   `json:"state"`
	RestoredDocuments estimate `json:"restoredDocuments"`
	TotalDocuments    estimate `json:"totalDocuments"`
	IndexStatus       struct {
		State         string        `json:"state"`
		ErrorMessage  string        `json:"errorMessage"`
		FailedIndexes failedIndexes `json:"failedIndexes"`
	} `json:"indexStatus"`
}

// CollectionJobs lists the cluster's collection restore jobs, newest first. Their collections
// are not read.
func (c *Client) CollectionJobs(ctx context.Context, cluster state.Cluster) ([]state.Job, error) {
	jobs, err := list(ctx, c, listing[wireCollectionJob, state.Job]{
		path: collectionJobsPath(cluster), needs: state.RoleBackupManager,
		id:     func(w wireCollectionJob) string { return w.ID },
		unread: func(of named, why error) wireCollectionJob { return wireCollectionJob{ID: of.ID, unread: why} },
		own:    wireCollectionJob.job, order: func(a, b state.Job) int { return b.CreatedAt().Compare(a.CreatedAt()) },
	})
	return jobs, about("listing the collection restore jobs of cluster "+cluster.Name, err)
}

// CollectionJob reads one collection restore job, and its collections as soon as Atlas tells
// them. It is tried once, as Job is. A job of which the collections cannot be read is an error,
// for nobody knows whether all came; but where Atlas refuses to tell those of one that failed or
// was cancelled, that is its end without them.
func (c *Client) CollectionJob(ctx context.Context, cluster state.Cluster, id string) (state.Job, error) {
	var w wireCollectionJob
	err := c.do(ctx, call{method: http.MethodGet, path: collectionJobsPath(cluster, id), out: &w, oneTry: true, needs: state.RoleBackupManager})
	job, err := asked(w.job(), id, cluster, err)
	if err != nil || job.Collections.State == collections.Initializing {
		return job, err
	}
	job.Collections.Parts, err = list(ctx, c, listing[wirePart, collections.Part]{
		path: collectionJobsPath(cluster, id, "collections"), needs: state.RoleBackupManager,
		id: wirePart.key, own: wirePart.part, oneTry: true,
	})
	if refused := new(state.AtlasError); errors.As(err, &refused) && (job.Failed || job.Cancelled) && (refused.Status == http.StatusForbidden || refused.Status == http.StatusNotFound) {
		return job, nil
	}
	if err != nil {
		return state.Job{}, about("listing the collections of collection restore job "+id, err)
	}
	return job, nil
}

// createCollectionJob is CreateJob for single collections.
func (c *Client) createCollectionJob(ctx context.Context, cluster state.Cluster, body state.Request) (state.Job, error) {
	var w wireCollectionJob
	err := c.do(ctx, call{method: http.MethodPost, path: collectionJobsPath(cluster), body: body.Body(), out: &w, needs: state.RoleRecoveryOperator})
	job := w.job()
	if err == nil && job.Unreadable != "" {
		err = &state.UnreadableError{Why: "the answer holds no collection restore job: " + job.Unreadable}
	}
	if err != nil {
		return state.Job{}, err
	}
	return job, nil
}

func collectionJobsPath(c state.Cluster, elements ...string) []string {
	return slices.Concat(clusterPath(c.ProjectID, c.Name), []string{"collectionRestoreJobs"}, elements)
}

func (w wireCollectionJob) job() state.Job {
	if why := unreadable(w.ID, "state", clean(w.State), w.unread); why != "" {
		return state.Job{ID: clean(w.ID), Unreadable: why}
	}
	is, unsure := collections.State(clean(w.State)), ""
	if !is.OfJob() {
		unsure = unknownState(string(is))
	}
	return state.Job{
		Unsure:                unsure,
		ID:                    clean(w.ID),
		DeliveryType:          state.Collections,
		SnapshotID:            clean(w.SnapshotID),
		TargetProjectID:       clean(w.TargetProjectID),
		TargetClusterName:     clean(w.TargetClusterName),
		PointInTimeUTCSeconds: w.UTCSeconds,
		OplogTs:               w.OplogTs,
		OplogInc:              w.OplogInc,
		FinishedAt:            w.FinishedAt.Time,
		Cancelled:             is == collections.Canceled,
		Failed:                is == collections.Failed,
		Collections: &collections.Job{
			Asked: collections.Asked{
				Write: collections.Write(clean(string(w.Write))), Indexes: collections.Indexes(clean(string(w.Indexes))),
				Databases: namespaces(w.Databases), Collections: namespaces(w.Collections),
				DatabaseSuffix: clean(w.DatabaseSuffix), CollectionSuffix: clean(w.CollectionSuffix),
			},
			State: is, CreatedAt: w.CreatedAt.Time, Why: clean(w.ErrorMessage),
			Documents: collections.Progress{Restored: int64(w.RestoredDocuments), Total: int64(w.TotalDocuments)},
			Indexes:   collections.IndexBuild{State: collections.State(clean(w.IndexStatus.State)), Failed: int(w.IndexStatus.FailedCollectionCount)},
		},
	}
}

func namespaces(in []collections.Namespace) []collections.Namespace {
	var out []collections.Namespace
	for _, n := range in {
		out = append(out, collections.Namespace{Source: clean(n.Source), Target: clean(n.Target)})
	}
	return out
}

// key tells parts apart: one collection may be restored as two names. Empty where it has none.
func (w wirePart) key() string {
	if w.Source == "" {
		return ""
	}
	return w.Source + "\x00" + w.Target
}

func (w wirePart) part() collections.Part {
	p := collections.Part{
		Source: collections.Split(clean(w.Source)), State: collections.State(clean(w.State)),
		Documents: collections.Progress{Restored: int64(w.RestoredDocuments), Total: int64(w.TotalDocuments)},
		Indexes:   collections.IndexBuild{State: collections.State(clean(w.IndexStatus.State)), Why: clean(w.IndexStatus.ErrorMessage), Lost: w.IndexStatus.FailedIndexes},
	}
	if p.Asked = collections.Split(clean(w.Target)); p.Asked == (collections.Name{}) {
		p.Asked = p.Source
	}
	p.Real = collections.Split(clean(w.EffectiveTarget))
	return p
}

// failedIndexes are the names of indexes. Atlas's specification says only that each is an object:
// one without a name is told by its key, or by all that it holds. Whatever stands there spoils
// nothing beside it.
type failedIndexes []string

// mostIndexes bounds what is told; the specification has 64 at most.
const mostIndexes = 64

// UnmarshalJSON implements json.Unmarshaler.
func (f *failedIndexes) UnmarshalJSON(raw []byte) error {
	var all []json.RawMessage
	if json.Unmarshal(raw, &all) != nil {
		all = []json.RawMessage{raw}
	}
	for _, one := range all[:min(len(all), mostIndexes)] {
		var is struct {
			Name any             `json:"name"`
			Key  json.RawMessage `json:"key"`
		}
		_ = json.Unmarshal(one, &is) // what is no object is told as it stands
		said, named := is.Name.(string)
		if !named || said == "" {
			said = string(one)
			if len(is.Key) > 0 {
				said = string(is.Key)
			}
		}
		if said = clean(said); said != "" && said != "null" {
			*f = append(*f, said)
		}
	}
	return nil
}
