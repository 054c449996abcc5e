package state

import (
	"cmp"
	"slices"
	"time"
)

// Other is a restore job that was seen beside ours: onto the same target, or one that the
// same request may have become.
type Other struct {
	Job
	Source Cluster // in whose list it stands
}

// Others are those of a source's jobs that may have touched the target of ours at the same
// time or later: they were made with it or after it, or were not over when it was made. Of
// one that cannot be read that can only be feared.
func Others(ours Job, source Cluster, jobs []Job) []Other {
	since := ours.CreatedAt()
	var out []Other
	for _, j := range jobs {
		made := j.CreatedAt()
		later := made.IsZero() || !made.Before(since)
		switch onto := j.DeliveryType.Overwrites() && j.TargetProjectID == ours.TargetProjectID && j.TargetClusterName == ours.TargetClusterName; {
		case j.ID == ours.ID && j.ID != "":
		case j.Unreadable != "":
			if later {
				out = append(out, Other{j, source})
			}
		case onto && (later || !j.State(made).Ended() || j.FinishedAt.After(since)):
			out = append(out, Other{j, source})
		}
	}
	return out
}

// Beside puts together what was seen at several looks: each job once, as it was seen last,
// the oldest first. What was seen once stays.
func Beside(before, now []Other) []Other {
	out := slices.Clone(before)
	for _, o := range now {
		same := func(x Other) bool {
			return x.ID == o.ID && x.Source.Name == o.Source.Name && x.Source.ProjectID == o.Source.ProjectID
		}
		if i := slices.IndexFunc(out, func(x Other) bool { return same(x) || x.ID == o.ID && x.ID != "" }); i >= 0 {
			out[i] = o
		} else {
			out = append(out, o)
		}
	}
	slices.SortStableFunc(out, func(a, b Other) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// Last says whether the other job was asked for after ours, whole seconds apart: 1 for the
// other one, -1 for ours, 0 where it cannot be told.
func (o Other) Last(ours Job) int {
	a, b := CreatedAt(o.ID), CreatedAt(ours.ID)
	if a.IsZero() || b.IsZero() {
		return 0
	}
	return a.Truncate(time.Second).Compare(b.Truncate(time.Second))
}
