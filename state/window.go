package state

import (
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"
)

// Window is the span in which Atlas can restore a cluster to any second.
type Window struct{ From, Until time.Time }

// RestoreWindow derives the window: the schedule's days back from now, but not
// before the oldest completed snapshot. Atlas tells no such span itself; it
// remains the judge. Zero where point in time is off.
func RestoreWindow(c Cluster, s Schedule, snapshots []Snapshot, now time.Time) Window {
	if !c.PITEnabled || s.RestoreWindowDays < 1 {
		return Window{}
	}
	w := Window{From: now.AddDate(0, 0, -s.RestoreWindowDays).Truncate(time.Second), Until: now.Truncate(time.Second)}
	var oldest time.Time
	for i := len(snapshots) - 1; i >= 0; i-- { // mostly the last is the oldest
		if sn := &snapshots[i]; !sn.CreatedAt.IsZero() && (oldest.IsZero() || sn.CreatedAt.Before(oldest)) && sn.Usable(now) == nil {
			oldest = sn.CreatedAt
		}
	}
	if oldest.After(w.From) {
		w.From = nextSecond(oldest)
	}
	return w
}

// nextSecond is the first whole second, as moments are, that is not before t.
func nextSecond(t time.Time) time.Time { return t.Add(time.Second - 1).Truncate(time.Second) }

// IsZero says whether there is no window.
func (w Window) IsZero() bool { return w.From.IsZero() }

// holds says whether t lies in the span; one without an end goes on.
func (w Window) holds(t time.Time) bool {
	return !t.Before(w.From) && (w.Until.IsZero() || t.Before(w.Until))
}

// Reach is which moments of a cluster can be had: those of its window that lie in no hole.
type Reach struct {
	Window
	Holes []Window
}

// Holes are the spans in which no moment of a cluster can be restored: each from the start
// of a restore onto it to its first snapshot after that restore (Atlas: "restore from
// continuous cloud backup", considerations). The end is zero where none has come, and none
// has while the restore runs, whatever snapshot was under way as it began. Restores
// from elsewhere onto the cluster are listed under their own source, and are not among jobs.
func Holes(c Cluster, jobs []Job, snapshots []Snapshot) []Window {
	var out []Window
	var taken []time.Time // when those that are complete were, in order; made for the first job
	for _, j := range jobs {
		if j.TargetProjectID != c.ProjectID || j.TargetClusterName != c.Name || !j.DeliveryType.Overwrites() {
			continue
		}
		h := Window{From: CreatedAt(j.ID)}
		if taken == nil {
			taken = completed(snapshots)
		}
		after := h.From
		if j.FinishedAt.After(after) {
			after = j.FinishedAt
		}
		i := sort.Search(len(taken), func(i int) bool { return taken[i].After(after) })
		if !j.MayRun(after) && i < len(taken) {
			h.Until = nextSecond(taken[i])
		}
		out = append(out, h)
	}
	return out
}

// completed are the times of the snapshots that are complete, the oldest first. There may be
// a hundred thousand, which Atlas mostly lists in order: then sorting only turns them round.
func completed(snapshots []Snapshot) []time.Time {
	out := make([]time.Time, 0, len(snapshots))
	for _, s := range snapshots {
		if strings.EqualFold(s.Status, "completed") {
			out = append(out, s.When())
		}
	}
	slices.SortFunc(out, time.Time.Compare)
	return out
}

// Check says what keeps t from being restorable, with the nearest moments on both sides
// that are; nil if nothing does that we can know. A zero window leaves only the future,
// Atlas's bounds and the holes.
func (r Reach) Check(t, now time.Time) error {
	switch h, in := r.hole(t); {
	case t.Unix() < MinInstant:
		return errors.New("Atlas takes no moment before 2008-01-01")
	case t.Unix() > MaxInstant:
		return errors.New("Atlas takes no moment after 2038-01-19")
	case t.After(now):
		return fmt.Errorf("that is in the future, %s; it is now %s", FromNow(t, now), UTCSecond(now, now))
	case !r.IsZero() && t.Before(r.From):
		return fmt.Errorf("that is before the restore window; the earliest moment is %s", UTCSecond(r.From, now))
	case in:
		return fmt.Errorf("no moment there can be restored: %s (a restore ran from %s)", r.nearest(t, now), UTC(h.From, now))
	}
	return nil
}

// hole is the one in which t lies.
func (r Reach) hole(t time.Time) (Window, bool) {
	for _, h := range r.Holes {
		if h.holds(t) {
			return h, true
		}
	}
	return Window{}, false
}

// nearest says which good moments are next to t.
func (r Reach) nearest(t, now time.Time) string {
	before, after := r.Nearest(t, now)
	var out []string
	if !before.IsZero() {
		out = append(out, "the last good before is "+UTCSecond(before, now))
	}
	if !after.IsZero() {
		out = append(out, "the first after is "+UTCSecond(after, now))
	}
	if len(out) == 0 {
		return "there is no good moment at all"
	}
	return strings.Join(out, ", ")
}

// Nearest are the good moments next to t, which count as both where t itself is good; zero
// where there is none on that side.
func (r Reach) Nearest(t, now time.Time) (before, after time.Time) {
	before, after = t, t
	if before.After(now) {
		before = now
	}
	for range r.Holes { // one hole may lead into another
		if h, in := r.hole(before); in {
			before = h.From.Add(-time.Second)
		}
		if h, in := r.hole(after); in && !h.Until.IsZero() {
			after = h.Until
		}
	}
	if after.Before(r.From) {
		after = r.From
	}
	if before.Before(r.From) || before.Unix() < MinInstant {
		before = time.Time{}
	}
	if _, in := r.hole(after); in || after.After(now) {
		after = time.Time{}
	}
	return before.Truncate(time.Second), after // now need not be a whole second
}
