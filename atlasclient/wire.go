package atlasclient

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"atlas-restore/state"
)

// instant is a date-time of Atlas (RFC 3339, UTC, whole seconds); null, empty and
// absent are the zero time.
type instant struct{ time.Time }

// UnmarshalJSON implements json.Unmarshaler.
func (i *instant) UnmarshalJSON(raw []byte) error {
	var s string
	if n := len(raw) - 1; n > 0 && raw[0] == '"' && bytes.IndexByte(raw, '\\') < 0 {
		s = string(raw[1:n]) // valid JSON, and nothing is escaped
	} else if err := json.Unmarshal(raw, &s); err != nil {
		return fmt.Errorf("reading a date-time: %w", asDocumented(err))
	}
	i.Time = time.Time{}
	if s == "" {
		return nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return fmt.Errorf("reading a date-time: %q is none", tellable(s))
	}
	i.Time = t.UTC()
	return nil
}

// estimate is a number that only helps to plan: how it is written, and whether it makes
// sense, never spoils what it stands beside. What is no number is 0, as if it were absent.
type estimate int64

// UnmarshalJSON implements json.Unmarshaler. It never fails.
func (e *estimate) UnmarshalJSON(raw []byte) error {
	const most = 1 << 60
	text := strings.Trim(string(raw), `"`)
	n, err := strconv.ParseInt(text, 10, 64)
	if f, ferr := strconv.ParseFloat(text, 64); err != nil && ferr == nil && f <= most {
		n, err = int64(f), nil
	}
	if *e = 0; err == nil && n > 0 && n <= most {
		*e = estimate(n)
	}
	return nil
}

// wireProject is Atlas's Group.
type wireProject struct {
	ID           string   `json:"id"`
	Name         string   `json:"name"`
	OrgID        string   `json:"orgId"`
	ClusterCount estimate `json:"clusterCount"`

	unread error // why nothing of it but its id and name can be read
}

// unreadProject stands for one that cannot be read: it is listed, and cannot be chosen.
func unreadProject(of named, why error) wireProject {
	return wireProject{ID: of.ID, Name: of.Name, unread: why}
}

func (w wireProject) project() state.Project {
	if w.unread != nil {
		return state.Project{ID: clean(w.ID), Name: cmp.Or(clean(w.Name), clean(w.ID), "without a name"), Unreadable: clean(w.unread.Error())}
	}
	return state.Project{ID: clean(w.ID), Name: clean(w.Name), OrgID: clean(w.OrgID), ClusterCount: int(w.ClusterCount)}
}

// wireSchedule is the part of a backup schedule that is used; nextSnapshot is absent
// where the schedule has no policy items.
type wireSchedule struct {
	RestoreWindowDays int     `json:"restoreWindowDays"`
	NextSnapshot      instant `json:"nextSnapshot"`
}

func (w wireSchedule) schedule() state.Schedule {
	return state.Schedule{RestoreWindowDays: w.RestoreWindowDays, NextSnapshot: w.NextSnapshot.Time}
}

// wireSnapshot is a snapshot of either family. Until one is completed createdAt,
// mongodVersion and cloudProvider may be absent.
type wireSnapshot struct {
	ID               string       `json:"id"`
	Status           string       `json:"status"`
	SnapshotType     string       `json:"snapshotType"`
	FrequencyType    string       `json:"frequencyType"`
	Description      string       `json:"description"`
	CreatedAt        instant      `json:"createdAt"`
	ExpiresAt        instant      `json:"expiresAt"`
	StorageSizeBytes estimate     `json:"storageSizeBytes"`
	MongodVersion    string       `json:"mongodVersion"`
	CloudProvider    string       `json:"cloudProvider"` // replica sets only
	Members          []wireMember `json:"members"`       // sharded clusters only, as is the next
	ConfigServerType string       `json:"configServerType"`
}

type wireMember struct {
	ID             string `json:"id"`
	ReplicaSetName string `json:"replicaSetName"`
	CloudProvider  string `json:"cloudProvider"`
}

func (w wireSnapshot) snapshot(sharded bool) state.Snapshot {
	s := state.Snapshot{
		ID:               clean(w.ID),
		Status:           shared(w.Status),
		Kind:             shared(w.SnapshotType),
		Frequency:        shared(w.FrequencyType),
		Description:      clean(w.Description),
		CreatedAt:        w.CreatedAt.Time,
		ExpiresAt:        w.ExpiresAt.Time,
		StorageSizeBytes: int64(w.StorageSizeBytes),
		MongoDBVersion:   shared(w.MongodVersion),
		Provider:         shared(w.CloudProvider),
		Sharded:          sharded,
		ConfigServerType: shared(w.ConfigServerType),
	}
	for _, m := range w.Members {
		s.Members = append(s.Members, state.Member{ID: clean(m.ID), ReplicaSet: clean(m.ReplicaSetName), Provider: clean(m.CloudProvider)})
	}
	return s
}
