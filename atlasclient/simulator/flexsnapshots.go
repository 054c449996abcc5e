package simulator

import (
	"fmt"
	"strings"
	"time"
)

// The schedule of every flex cluster: a snapshot a day, each kept for eight days
// from when it was due. There are no others: none on demand, none at an instant.
const (
	flexEvery = day
	flexSlots = 8
	flexKept  = flexSlots * flexEvery
)

// takeDaily takes a flex cluster's snapshots that have come due since the last time.
func (w *world) takeDaily(c *cluster, now time.Time) {
	// After a long leap the first ones would have expired again: pass over them.
	if first := int(now.Add(-flexKept).Sub(c.firstSlot) / flexEvery); c.slot < first {
		c.slot = first
	}
	for ; !c.due().After(now); c.slot++ {
		if due := c.due(); c.takesScheduled(due) && c.State != "CREATING" {
			c.add(w.newFlexSnapshot(c, due))
		}
	}
	w.due = earlier(w.due, c.due())
}

// newFlexSnapshot is a snapshot that is due at this time. How long it waits and how
// long it takes is as recorded.
func (w *world) newFlexSnapshot(c *cluster, due time.Time) *Snapshot {
	s := &Snapshot{
		ID:        w.dice.id(due, "flex snapshot", c.ID, due.UnixNano(), len(c.snapshots)),
		Kind:      "scheduled",
		Frequency: "daily",
		Asked:     due,
		Begun:     due.Add(27 * time.Second),
		Bytes:     w.bytes(c, due),
		Version:   c.MongoDBVersion,
		Provider:  "AWS",
		ExpiresAt: due.Add(flexKept),
	}
	s.Taken = s.Begun
	s.Done = s.Begun.Add(70*time.Second + time.Duration(w.dice.below(20, "length", s.ID))*time.Second)
	return s
}

// listFlexSnapshots lists the snapshots oldest first, the other way round than all
// other lists of Atlas.
func listFlexSnapshots(c *call) (any, error) {
	x, err := c.flexCluster()
	if err != nil {
		return nil, err
	}
	listed := x.listed(c.now)
	n := len(listed)
	return c.list(n, func(i int) object { return c.flexSnapshot(listed[n-1-i]) })
}

func getFlexSnapshot(c *call) (any, error) {
	x, err := c.flexCluster()
	if err != nil {
		return nil, err
	}
	id := c.r.PathValue("snapshotId")
	if !objectID.MatchString(id) {
		return nil, badID("INVALID_SNAPSHOT_ID", "snapshot", id)
	}
	s, err := c.keptFlexSnapshot(x, id)
	if err != nil {
		return nil, err
	}
	return c.flexSnapshot(s), nil
}

// keptFlexSnapshot is the snapshot with this ID. An expired one is no longer found:
// the catalogue of errors has no other code for it in this family.
func (c *call) keptFlexSnapshot(x *cluster, id string) (*Snapshot, error) {
	if s := x.find(id); s != nil && s.listed(c.now) {
		return s, nil
	}
	return nil, refuse(404, "TENANT_SNAPSHOT_NOT_FOUND", fmt.Sprintf("No flex snapshot with ID %s exists for cluster %s.", id, x.Name), id, x.Name)
}

// flexSnapshot is a snapshot as Atlas shows it now: neither size nor links, and of an
// unfinished one only what is known yet. (Only completed ones are recorded.)
func (c *call) flexSnapshot(s *Snapshot) object {
	status := s.Status(c.now)
	out := object{
		"expiration":    stamp(s.ExpiresAt),
		"id":            s.ID,
		"scheduledTime": stamp(s.Asked),
		"status":        strings.ToUpper(status),
	}
	if status == "inProgress" {
		out["status"] = "RUNNING"
	}
	if !c.now.Before(s.Begun) {
		out["startTime"], out["mongoDBVersion"] = stamp(s.Begun), s.Version
	}
	if !c.now.Before(s.Done) {
		out["finishTime"] = stamp(s.Done)
	}
	return out
}
