package state

import "time"

// Evidence is what a search has found, and for which the moment or the snapshot of a plan was
// proposed: why it is that one. It goes with the plan through review, journal and summary, and
// is never part of what is asked of Atlas. All of it is cleaned.
type Evidence struct {
	// Why says what the moment or the snapshot is: "the second before shop.orders was dropped at
	// 14:02:59.812 by mongosh on conn4711".
	Why       string    `json:"why"`
	What      string    `json:"what"`                // drop, dropDatabase, rename, overwrite, delete; jump for one of a counter
	At        time.Time `json:"at"`                  // when it happened, to the millisecond, in UTC; of a jump its first point
	Namespace string    `json:"namespace,omitempty"` // what it befell
	By        string    `json:"by,omitempty"`        // who did it, as far as a log tells
	Member    string    `json:"member,omitempty"`    // whose log, or whose counter, tells of it
}

// IsZero says whether nothing was found.
func (e Evidence) IsZero() bool { return e == Evidence{} }

// WithEvidence notes why the plan's moment was proposed, or its snapshot where it takes none.
// Another moment, or another snapshot, drops it.
func (p Plan) WithEvidence(e Evidence) Plan {
	p.Evidence = e
	return p
}

// WithInstant is a plan for a moment that was proposed: as if it was typed, its target is what
// is asked next.
func (p Plan) WithInstant(i Instant) Plan {
	before := p
	p.Delivery, p.Instant = PointInTime, i
	p.Draft.ByOplog, p.Draft.OplogTs, p.Draft.OplogInc = false, "", ""
	p.Draft.Moment = i.Time().Format(time.DateTime) + " UTC"
	return p.since(before)
}

// point is which state of the data a plan means.
type point struct {
	instant  Instant
	snapshot string
}

func (p Plan) point() point {
	if p.ByMoment() {
		return point{instant: p.Instant}
	}
	return point{snapshot: p.Snapshot.ID}
}

// since drops the evidence of a point that is no longer the plan's.
func (p Plan) since(before Plan) Plan {
	if p.point() != before.point() {
		p.Evidence = Evidence{}
	}
	return p
}

// EvidentAs is the plan with the evidence of one before it that means the same state of the same
// data: who has looked at another one and comes back to it finds why it was proposed.
func (p Plan) EvidentAs(before Plan) Plan {
	if p.Evidence.IsZero() && p.Project.ID == before.Project.ID && p.Cluster.Name == before.Cluster.Name && p.point() == before.point() {
		p.Evidence = before.Evidence
	}
	return p
}
