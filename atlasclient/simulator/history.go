package simulator

import (
	"fmt"
	"slices"
	"sort"
	"time"
)

// Snapshot is a snapshot of the world, of a cluster of either family. What it is like
// at a time follows from its times.
type Snapshot struct {
	ID          string
	Kind        string // scheduled, onDemand, fallback
	Frequency   string // hourly, daily, weekly, ondemand
	Description string // on demand only
	Asked       time.Time
	Begun       time.Time // in progress from here on
	Taken       time.Time // the state of the data that it holds (createdAt)
	Done        time.Time // completed, or failed
	Failed      bool
	Deleted     bool
	ExpiresAt   time.Time
	Bytes       int64
	Version     string
	Provider    string
	MasterKey   string   // UUID; only if encrypted with a customer key
	Members     []Member // sharded only
	ConfigType  string   // config servers; sharded only
}

// Member is the part of a sharded snapshot that holds one shard or the config servers.
type Member struct{ ID, ReplicaSet string }

// Status is queued, inProgress, completed or failed.
func (s *Snapshot) Status(now time.Time) string {
	switch {
	case now.Before(s.Begun):
		return "queued"
	case now.Before(s.Done):
		return "inProgress"
	case s.Failed:
		return "failed"
	}
	return "completed"
}

// restorable says whether the snapshot can be used now.
func (s *Snapshot) restorable(now time.Time) bool {
	return s.listed(now) && s.Status(now) == "completed"
}

// listed says whether Atlas still shows the snapshot.
func (s *Snapshot) listed(now time.Time) bool { return !s.Deleted && now.Before(s.ExpiresAt) }

// The schedule of every dedicated cluster: a snapshot every six hours, each kept for as long
// as the best of its frequencies says.
const (
	slotEvery   = 6 * time.Hour
	day         = 24 * time.Hour
	keepHourly  = 7 * day
	keepDaily   = 30 * day
	keepWeekly  = 56 * day
	slotsBefore = int(keepWeekly / slotEvery) // slots before the start that may still be kept
)

// takeScheduled takes the snapshots that have come due since the last time.
func (w *world) takeScheduled(c *cluster, now time.Time) {
	// After a long leap the first slots would have expired again: pass over them.
	if first := int(now.Add(-keepWeekly).Sub(c.firstSlot) / slotEvery); c.slot < first {
		c.slot = first
	}
	for ; !c.due().After(now); c.slot++ {
		if due := c.due(); c.takesScheduled(due) {
			frequency, keep := slotFrequency(c.slot)
			if now.Before(due.Add(keep)) { // else it would be gone again
				s := w.newSnapshot(c, due, keep)
				s.Kind, s.Frequency = "scheduled", frequency
				c.add(s)
			}
		}
	}
	w.due = earlier(w.due, c.due())
}

// due is when the next scheduled snapshot is taken.
func (c *cluster) due() time.Time {
	every := slotEvery
	if c.flex() {
		every = flexEvery
	}
	return c.firstSlot.Add(time.Duration(c.slot) * every)
}

func (c *cluster) takesScheduled(at time.Time) bool {
	return c.BackupEnabled && !c.tenant() && at.After(c.Created) && !c.restoring(at)
}

// slotFrequency says which of the policies a slot satisfies. The newest slot before
// the start is an hourly one.
func slotFrequency(slot int) (string, time.Duration) {
	switch age := slotsBefore - 1 - slot; {
	case age%28 == 5 || age%28 == 5-28:
		return "weekly", keepWeekly
	case age%4 == 1 || age%4 == 1-4:
		return "daily", keepDaily
	}
	return "hourly", keepHourly
}

// newSnapshot is a snapshot that is asked for at this time.
func (w *world) newSnapshot(c *cluster, at time.Time, keep time.Duration) *Snapshot {
	s := &Snapshot{
		ID:       w.dice.id(at, "snapshot", c.ID, at.UnixNano(), len(c.snapshots)),
		Asked:    at,
		Begun:    at.Add(7 * time.Second),
		Taken:    at.Add(95 * time.Second),
		Bytes:    w.bytes(c, at),
		Version:  c.MongoDBVersion,
		Provider: c.Provider,
	}
	s.Done = s.Taken.Add(time.Minute + time.Duration(w.dice.below(30, "length", s.ID))*time.Second)
	s.ExpiresAt = s.Done.Add(keep)
	if c.Encryption != "NONE" {
		s.MasterKey = w.dice.uuid("master key", c.ID)
	}
	if c.sharded() {
		s.ConfigType = c.ConfigServerType
		for i := range c.Shards {
			s.Members = append(s.Members, Member{w.dice.id(at, "member", s.ID, i), fmt.Sprintf("%s-shard-%d", c.Deployment, i)})
		}
		if c.ConfigServerType == "DEDICATED" { // embedded ones live on the first shard
			s.Members = append(s.Members, Member{w.dice.id(at, "member", s.ID, "config"), c.Deployment + "-config-0"})
		}
	}
	return s
}

// add keeps the snapshots in the order in which they were asked for.
func (c *cluster) add(s *Snapshot) {
	i := sort.Search(len(c.snapshots), func(i int) bool { return c.snapshots[i].Asked.After(s.Asked) })
	c.snapshots = append(c.snapshots, nil)
	copy(c.snapshots[i+1:], c.snapshots[i:])
	c.snapshots[i] = s
}

// bytes is how much data the cluster holds at a time: it grows by 0.4 % of today's
// size a day, never quite evenly. A restore brings the size of its snapshot.
func (w *world) bytes(c *cluster, at time.Time) int64 {
	size := c.DataGB * 1e9 * w.growth(at)
	for _, j := range c.restored {
		if !j.failed && !at.Before(j.done) {
			size = float64(j.snapshot.Bytes)
		}
	}
	size *= w.left(c, at)
	wobble := float64(w.dice.below(1000, "size", c.ID, at.Unix())-500) / 500 * 0.002
	return int64(size*(1+wobble)) / 4096 * 4096
}

// find is the snapshot with this ID, whether it is still listed or not.
func (c *cluster) find(id string) *Snapshot {
	for _, s := range c.snapshots {
		if s.ID == id {
			return s
		}
	}
	return nil
}

// whole is the sharded snapshot of which the one with this ID is a part; nil for none.
func (c *cluster) whole(id string) *Snapshot {
	for _, s := range c.snapshots {
		if slices.ContainsFunc(s.Members, func(m Member) bool { return m.ID == id }) {
			return s
		}
	}
	return nil
}

// newest is the newest restorable snapshot whose data is not after an instant.
func (c *cluster) newest(now, instant time.Time) *Snapshot {
	for i := len(c.snapshots) - 1; i >= 0; i-- {
		if s := c.snapshots[i]; s.restorable(now) && !s.Taken.After(instant) {
			return s
		}
	}
	return nil
}
