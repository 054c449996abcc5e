package steps

import (
	"strings"
	"time"

	"atlas-restore/state"
)

// Known is whether something has come.
type Known int

// What has not come yet, and what could not be read, are not nothing.
const (
	Came Known = iota
	Awaited
	Unread
)

// Lacks says what is not known of which moments of a cluster can be had. The zero value is nothing.
type Lacks struct {
	Window, Restores, Snapshots Known
	Some                        bool // a part of the snapshots has come
}

// LacksOf is what is not known of a cluster, given its snapshots; awaited says that it is on its way.
func (s *Seen) LacksOf(c state.Cluster, snapshots []state.Snapshot, awaited bool) Lacks {
	missing := Unread
	if awaited {
		missing = Awaited
	}
	var l Lacks
	if snapshots == nil {
		l.Snapshots = missing
	}
	if !c.PITEnabled { // then only snapshots can be had
		return l
	}
	past := s.PastOf(c)
	if past == nil || past.ScheduleErr != nil {
		l.Window = missing
	}
	if past == nil || past.JobsErr != nil {
		l.Restores = missing
	}
	return l
}

// any says whether something is as known as that.
func (l Lacks) any(k Known) bool { return l.Window == k || l.Restores == k || l.Snapshots == k }

// Words are sentences of what is not known; empty for nothing.
func (l Lacks) Words() string {
	snapshots := "the snapshots"
	if l.Some {
		snapshots = "the other snapshots"
	}
	var out []string
	for _, k := range []Known{Unread, Awaited} {
		var names []string
		for _, n := range []struct {
			known Known
			name  string
		}{{l.Window, "the restore window"}, {l.Restores, "the restores onto it"}, {l.Snapshots, snapshots}} {
			if n.known == k {
				names = append(names, n.name)
			}
		}
		if len(names) == 0 {
			continue
		}
		text := strings.Join(names, " and ")
		if len(names) == 3 {
			text = names[0] + ", " + names[1] + " and " + names[2]
		}
		be := " are"
		if len(names) == 1 && l.Window == k {
			be = " is"
		}
		end := " could not be seen."
		if k == Awaited {
			end = be + " being loaded."
		}
		out = append(out, strings.ToUpper(text[:1])+text[1:]+end)
	}
	return strings.Join(out, " ")
}

// ReachOf is which moments of a cluster can be had, and of which spans that is not known. Where only
// the window is known it is as long as the schedule says.
func (p *Past) ReachOf(c state.Cluster, snapshots []state.Snapshot, l Lacks, now time.Time) (r state.Reach, unknown []state.Window) {
	whole := p.Reach(c, snapshots, now)
	switch {
	case !c.PITEnabled || l == Lacks{}:
		return whole, nil
	case l.Window != Came:
		return state.Reach{}, []state.Window{{}}
	case l.Snapshots == Came: // the restores are not known
		return state.Reach{Window: whole.Window}, []state.Window{{From: whole.From}}
	}
	r.Window = state.RestoreWindow(c, p.Schedule, nil, now)
	if l.Restores != Came || !l.Some || whole.IsZero() {
		return r, []state.Window{{From: r.From}}
	}
	// A snapshot that has not come may begin the window earlier, or end a hole.
	return r, append(whole.Holes, state.Window{From: r.From, Until: whole.From})
}
