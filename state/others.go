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
		case j.Untargeted() != "":
			if j.Unreadable = j.Untargeted(); later {
				out = append(out, Other{j, source})
			}
		case onto && (later || j.MayRun(since) || j.FinishedAt.After(since)):
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
func (o Other) Last(ours Job) int { return after(o.Job, ours) }

// CameLast says whether the other job was asked for after ours and after all that were seen
// beside it, of whom one alone can be so: 1 that it was, -1 that ours or another came after it,
// 0 where it cannot be told: whether one that cannot be read is onto the target is not known.
func (o Other) CameLast(ours Job, others []Other) int {
	out := 1
	if o.Unreadable != "" {
		out = 0
	}
	for _, x := range append([]Other{{Job: ours}}, others...) {
		switch order := after(o.Job, x.Job); {
		case x.ID == o.ID && o.ID != "", order > 0:
		case order < 0 && x.Unreadable == "":
			return -1
		default:
			out = 0
		}
	}
	return out
}

// NewestOther is the one that was asked for last of those that came after ours and can be read, the
// last in others where several were in the same second; false where none came.
func NewestOther(ours Job, others []Other) (last Other, ok bool) {
	for _, o := range others {
		if o.Unreadable == "" && o.Last(ours) > 0 && (!ok || after(o.Job, last.Job) >= 0) {
			last, ok = o, true
		}
	}
	return last, ok
}

// after compares when two jobs were asked for, by the second; 0 where that is not known of one.
func after(a, b Job) int {
	x, y := a.CreatedAt(), b.CreatedAt()
	if x.IsZero() || y.IsZero() {
		return 0
	}
	return x.Truncate(time.Second).Compare(y.Truncate(time.Second))
}
