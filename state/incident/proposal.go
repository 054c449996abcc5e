package incident

import (
	"errors"
	"fmt"
	"time"

	"atlas-restore/state"
)

// Proposal is what to restore so that what was lost is there, with as little lost beside as can
// be. Where a moment cannot be told or had it is zero, and Why says so.
type Proposal struct {
	// Moment is the last whole second before it that can be had, in UTC: a restore to the
	// second in which it happened may hold it.
	Moment time.Time
	// Wanted is the last whole second before it. It is later than Moment where it lies in a
	// hole of the window; zero where it cannot be told.
	Wanted time.Time
	// At is when it happened, as Evidence says it; of a counter that is the first point that shows
	// it, and what it has counted may be older. Zero where it cannot be told.
	At time.Time
	// Snapshot is the newest one that can be restored and is not after Wanted; without an id
	// where there is none.
	Snapshot state.Snapshot
	Evidence string // what the moment is before, with its time to the millisecond, and by whom
	Why      string // why there is no moment, or an earlier one than wanted; else empty
	Rough    bool   // it is told by a counter: no better than its grain
}

// Two reasons for which no proposal is made where nobody chooses.
var (
	ErrNothing = errors.New("nothing was found that befell it")
	ErrSeveral = errors.New("more than one thing befell it: choose which")
)

// Only is the one thing that happened, for a run that asks nobody. An error says why there is
// none: nothing, more than one (ErrNothing, ErrSeveral), or lines that may be of it and cannot
// be read.
func Only(events []Event, missing Missing) (Happening, error) {
	return Findings{Found: Gather(events, missing), Unclear: Unclears(events)}.Only()
}

// Only is the one thing that was found to have happened: see Only of this package. It does not
// say that all was read: see Findings.Unread.
func (f Findings) Only() (Happening, error) {
	found := f.Found
	switch unclear := len(f.Unclear); {
	case len(found) > 1:
		return Happening{}, ErrSeveral
	case unclear > 0:
		return Happening{}, fmt.Errorf("%s of the log may be of it and cannot be read", state.Count(unclear, "line"))
	case len(found) == 0:
		return Happening{}, ErrNothing
	}
	return found[0], nil
}

// Before proposes what to restore to have what is lost by h, from what can be had at now.
func Before(h Happening, reach state.Reach, snapshots []state.Snapshot, now time.Time) Proposal {
	at := state.UTCMilli(h.At, now)
	if now.Sub(h.At) < 24*time.Hour {
		at = h.At.UTC().Format("15:04:05.000") + " UTC"
	}
	p := Proposal{Evidence: fmt.Sprintf("%s at %s by %s", h.What(), at, h.Who), At: h.At}
	switch {
	case h.Kind == Unclear || h.At.IsZero():
		p.Why = "the line of the log cannot be read"
	case h.Late:
		p.Why = "it began before what was read of the log: read further back"
	case h.Applied:
		p.Why = "this member repeated it after the primary: the primary's log tells the second"
	case h.Doubt != "":
		p.Why = h.Doubt
	case h.At.After(now):
		p.Why = fmt.Sprintf("the clock of %s is ahead: it says %s, and it is %s", h.Member, state.UTCSecond(h.At, now), state.UTCSecond(now, now))
	default:
		p.hold(h.At, reach, snapshots, now)
	}
	return p
}

// BeforeJump proposes what to restore to have what is lost by a jump of a counter.
func BeforeJump(j Jump, reach state.Reach, snapshots []state.Snapshot, now time.Time) Proposal {
	p := Proposal{Evidence: j.What(now), Rough: true, At: j.From}
	if j.After.IsZero() || j.After.After(now) {
		p.Why = "it is not known when it began"
		return p
	}
	p.hold(j.After, reach, snapshots, now)
	return p
}

// BySnapshots proposes the newest snapshot that was seen to have what is missing, where nothing
// else tells. It knows no moment: it was lost at some time after.
func BySnapshots(has Has, missing Missing, now time.Time) Proposal {
	p := Proposal{Why: "no log and no counter tells the moment"}
	switch {
	case has.Newest.ID == "" && has.Lacks.ID == "":
		p.Why = "no snapshot could be looked into"
		return p
	case has.Newest.ID == "":
		p.Why = fmt.Sprintf("no snapshot that was looked into has %s", missing)
		return p
	case has.Lacks.ID == "":
		p.Evidence = fmt.Sprintf("%s is in the newest snapshot, of %s", missing, state.UTC(has.Newest.When(), now))
		p.Why = "it is there by its name: the snapshots do not tell when it changed"
		return p
	default:
		p.Evidence = fmt.Sprintf("%s is in the snapshot of %s and not in that of %s", missing, state.UTC(has.Newest.When(), now), state.UTC(has.Lacks.When(), now))
	}
	if has.Newest.Usable(now) == nil {
		p.Snapshot = has.Newest
	}
	return p
}

// hold sets what can be had of what is before at.
func (p *Proposal) hold(at time.Time, reach state.Reach, snapshots []state.Snapshot, now time.Time) {
	p.Wanted = at.UTC().Truncate(time.Second).Add(-time.Second)
	for _, s := range snapshots {
		if s.Usable(now) == nil && !s.When().IsZero() && !s.When().After(p.Wanted) && (p.Snapshot.ID == "" || s.When().After(p.Snapshot.When())) {
			p.Snapshot = s
		}
	}
	if reach.IsZero() {
		p.Why = "there is no restore window: point in time is off"
		return
	}
	if err := reach.Check(p.Wanted, now); err != nil {
		p.Why = err.Error()
		if p.Wanted.Before(reach.From) {
			return
		}
		p.Moment, _ = reach.Nearest(p.Wanted, now) // the one before; zero for none
		return
	}
	p.Moment = p.Wanted
}

// Lost is how long before what it is before the moment is, or else when the snapshot was taken: a
// restore to it loses as much. It is told beside the time that At is.
func (p Proposal) Lost() time.Duration {
	at := p.Moment
	if at.IsZero() {
		at = p.Snapshot.When()
	}
	return p.At.Sub(at)
}

// String says the proposal with what it is before: "14:02:58, the second before shop.orders was
// dropped at 14:02:59.812 by mongosh on conn4711".
func (p Proposal) String() string {
	switch {
	case p.Moment.IsZero():
		return fmt.Sprintf("no moment before %s: %s", p.Evidence, p.Why)
	}
	return p.Moment.Format(time.TimeOnly) + ", " + p.Clause()
}

// Clause says what the moment is: "the second before shop.orders was dropped at 14:02:59.812 by
// mongosh on conn4711".
func (p Proposal) Clause() string {
	switch {
	case !p.Moment.Equal(p.Wanted):
		return fmt.Sprintf("%s before %s: %s", state.Exactly(p.Lost()), p.Evidence, p.Why)
	case p.Rough:
		return "before " + p.Evidence
	}
	return "the second before " + p.Evidence
}
