package atlasclient

import (
	"strconv"

	"atlas-restore/state"
)

// wireJob is Atlas's DiskBackupSnapshotRestoreJob. desiredTimestamp is left out: its
// members are null, and what they could say stands in other fields.
type wireJob struct {
	ID                          string           `json:"id"`
	DeliveryType                string           `json:"deliveryType"`
	SnapshotID                  string           `json:"snapshotId"`
	Timestamp                   instant          `json:"timestamp"`
	TargetGroupID               string           `json:"targetGroupId"`
	TargetClusterName           string           `json:"targetClusterName"`
	PointInTimeUTCSeconds       int64            `json:"pointInTimeUTCSeconds"`
	OplogTs                     int64            `json:"oplogTs"`
	OplogInc                    int64            `json:"oplogInc"`
	FinishedAt                  instant          `json:"finishedAt"`
	ExpiresAt                   instant          `json:"expiresAt"`
	Cancelled                   *bool            `json:"cancelled"` // Atlas tells each flag of every job
	Expired                     *bool            `json:"expired"`
	Failed                      *bool            `json:"failed"`
	DeliveryURL                 []string         `json:"deliveryUrl"` // an array, [] until ready
	Components                  []wireComponent  `json:"components"`  // sharded clusters only
	PrivateDownloadDeliveryURLs []wirePrivateURL `json:"privateDownloadDeliveryUrls"`

	unread error // why nothing of it but its id can be read
}

type wireComponent struct {
	ReplicaSetName              string           `json:"replicaSetName"`
	DownloadURL                 string           `json:"downloadUrl"`
	PrivateDownloadDeliveryURLs []wirePrivateURL `json:"privateDownloadDeliveryUrls"`
}

type wirePrivateURL struct {
	DeliveryURL string `json:"deliveryUrl"`
	EndpointID  string `json:"endpointId"`
}

// unreadJob stands for a job that cannot be read.
func unreadJob(of named, why error) wireJob { return wireJob{ID: of.ID, unread: why} }

func (w wireJob) job() state.Job {
	if why := unreadable(w.ID, "delivery type", clean(w.DeliveryType), w.unread); why != "" {
		return state.Job{ID: clean(w.ID), Unreadable: why}
	}
	return w.told()
}

// told is the job as its fields tell it.
func (w wireJob) told() state.Job {
	j := state.Job{
		ID:                    clean(w.ID),
		DeliveryType:          state.DeliveryType(clean(w.DeliveryType)),
		SnapshotID:            clean(w.SnapshotID),
		SnapshotAt:            w.Timestamp.Time,
		TargetProjectID:       clean(w.TargetGroupID),
		TargetClusterName:     clean(w.TargetClusterName),
		PointInTimeUTCSeconds: w.PointInTimeUTCSeconds,
		OplogTs:               w.OplogTs,
		OplogInc:              w.OplogInc,
		FinishedAt:            w.FinishedAt.Time,
		ExpiresAt:             w.ExpiresAt.Time,
		Cancelled:             isTrue(w.Cancelled),
		Expired:               isTrue(w.Expired),
		Failed:                isTrue(w.Failed),
		Deliveries:            w.deliveries(),
	}
	if missing := w.unflagged(); missing != "" && j.TellsEnd() {
		j.Unsure = "Atlas tells that it is done, and not whether it " + missing
	}
	private := privateURLs(w.PrivateDownloadDeliveryURLs)
	// The links on top belong to the whole job, which for a replica set is its one
	// delivery.
	if len(w.Components) == 0 && len(j.Deliveries) == 1 {
		j.Deliveries[0].Private = private
	} else {
		j.Private = private
	}
	return j
}

func isTrue(b *bool) bool { return b != nil && *b }

// unflagged is what the first flag would say that the job does not tell; empty where it tells all, or that one is set. A date and
// a link are no success without them.
func (w wireJob) unflagged() string {
	switch {
	case isTrue(w.Failed), isTrue(w.Cancelled), isTrue(w.Expired):
		return ""
	case w.Failed == nil:
		return "has failed"
	case w.Cancelled == nil:
		return "was cancelled"
	case w.Expired == nil:
		return "has expired"
	}
	return ""
}

// unknownState is why the end of a job is not known of which Atlas tells a state that it does not document.
func unknownState(is string) string {
	if is == "" {
		return "Atlas tells no state of it"
	}
	return "Atlas calls it " + strconv.Quote(is) + ", a state that is not known here"
}

// unreadable says why a job cannot be told from what came: it did not decode, or lacks what
// every job of its kind has. Empty for one that can.
func unreadable(id, what, has string, err error) string {
	if err == nil {
		err = state.CheckID(id)
	}
	switch {
	case err != nil:
		return clean(err.Error())
	case has == "":
		return "it has no " + what
	}
	return ""
}

// deliveries are the components, which name their replica sets, and whatever link
// stands in deliveryUrl only: none is dropped.
func (w wireJob) deliveries() []state.Delivery {
	var out []state.Delivery
	known := map[string]bool{"": true}
	for _, c := range w.Components {
		known[c.DownloadURL] = true
		out = append(out, state.Delivery{
			ReplicaSet: clean(c.ReplicaSetName),
			URL:        secretURL(c.DownloadURL),
			Private:    privateURLs(c.PrivateDownloadDeliveryURLs),
		})
	}
	for _, u := range w.DeliveryURL {
		if !known[u] {
			known[u] = true
			out = append(out, state.Delivery{URL: secretURL(u)})
		}
	}
	return out
}

func privateURLs(in []wirePrivateURL) []state.PrivateURL {
	var out []state.PrivateURL
	for _, p := range in {
		out = append(out, state.PrivateURL{EndpointID: clean(p.EndpointID), URL: secretURL(p.DeliveryURL)})
	}
	return out
}

func secretURL(s string) state.Secret { return state.NewSecret(cleanLong(s)) }
