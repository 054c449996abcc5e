package steps

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"atlas-restore/forms/columns"
	"atlas-restore/state"
	"atlas-restore/state/incident"
)

// Loss is one thing that was found, with what to restore because of it.
type Loss struct {
	Proposal incident.Proposal

	at       time.Time
	what, by string
	brief    string // what, as a row has it
	moved    string // the name that it has now, where it was only renamed
	late     bool   // it began before what was read
	rough    bool   // a counter tells of it: to the minute
	same     string // what logs tell of that time, where the counter may tell of just that
	cannot   string
	told     state.Evidence
}

// mostLosses is how many rows are made: whoever has more has to say what is missing.
const mostLosses = 500

// Losses are what was found, the newest first, held against what can be had.
func (h Hunt) Losses(c state.Cluster, reach state.Reach, snapshots []state.Snapshot, now time.Time) []Loss {
	if c.PITEnabled && reach.IsZero() { // the window could not be seen: Atlas is the judge
		reach.From = time.Unix(state.MinInstant, 0).UTC()
	}
	var out []Loss
	for _, x := range h.found.Found {
		l := Loss{Proposal: incident.Before(x, reach, snapshots, now), at: x.At, what: x.What(), brief: x.Brief(), by: by(x.Who), late: x.Late, told: x.Told()}
		if x.Kind == incident.Rename {
			l.moved = x.Target.String()
		}
		out = append(out, l)
	}
	for _, j := range h.found.Jumps {
		out = append(out, Loss{Proposal: incident.BeforeJump(j, reach, snapshots, now), at: j.From, what: j.What(now), brief: j.Brief(), rough: true, same: h.explains(j), told: j.Told()})
	}
	for _, e := range h.found.Unclear {
		out = append(out, Loss{at: e.At, what: e.Text, by: by(e.Who), cannot: "the line cannot be read"})
	}
	if f := h.found; f.Ended && len(out) == 0 && f.Has.Looked > 0 {
		if p := incident.BySnapshots(f.Has, h.Missing, now); p.Snapshot.ID != "" && f.Has.Lacks.ID != "" {
			out = append(out, Loss{Proposal: p, at: f.Has.Lacks.When(), what: p.Evidence, rough: true, told: state.Evidence{What: "missing", At: f.Has.Lacks.When(), Namespace: h.Missing.String()}})
		}
	}
	slices.SortStableFunc(out, func(a, b Loss) int { return cmp.Or(b.at.Compare(a.at), cmp.Compare(a.what, b.what)) })
	return out[:min(len(out), mostLosses)]
}

// At is when it happened.
func (l Loss) At() time.Time { return l.at }

// Point is the moment that is proposed, or when the snapshot was taken that is; zero for neither.
func (l Loss) Point() time.Time {
	if !l.Proposal.Moment.IsZero() {
		return l.Proposal.Moment
	}
	return l.Proposal.Snapshot.When()
}

// What says what happened: "shop.orders was dropped".
func (l Loss) What() string { return l.what }

// explains says what logs tell of the time in which a counter began to leave what it was, of that which can have
// moved it: a drop takes documents away, and deletes none.
func (h Hunt) explains(j incident.Jump) string {
	var all []incident.Happening
	for _, x := range h.found.Found {
		moves := x.Kind == incident.Delete || j.Fall && x.Kind != incident.Rename
		if moves && !x.At.After(j.From) && (!x.At.Before(j.After) || x.Until.After(j.After)) {
			all = append(all, x)
		}
	}
	switch len(all) {
	case 0:
		return ""
	case 1:
		return "In that time " + all[0].What() + ": it may be the same loss"
	}
	return fmt.Sprintf("In that time logs tell of %d losses: it may be one of them", len(all))
}

// Whole says what happened, with who did it: a row has no room for all of it.
func (l Loss) Whole() string {
	if l.same != "" {
		return l.same + ". " + l.what
	}
	if l.told.By == "" {
		return l.what
	}
	return l.what + " by " + l.told.By
}

// ID tells it again after more was found.
func (l Loss) ID() string { return strconv.FormatInt(l.at.UnixMilli(), 10) + l.what }

// LossColumns are those of a row.
func LossColumns() []columns.Column {
	return []columns.Column{
		{Head: "TIME (UTC)"},
		{Head: "LOCAL TIME", Rank: 3},
		{Head: "WHAT HAPPENED", Flex: true},
		{Head: "BY", Rank: 1},
	}
}

// Row is a loss as both faces show it.
func (l Loss) Row(cfg Config) Row {
	now := cfg.Instant()
	r := Row{ID: l.ID(), Name: l.what, Cells: []string{strings.TrimSuffix(l.when(now), " UTC"), l.local(cfg.Zone), cmp.Or(l.brief, l.what), l.by}}
	switch {
	case l.cannot != "":
		r.Barred = l.cannot
	case l.Proposal.Moment.IsZero() && l.Proposal.Snapshot.ID == "":
		r.Barred = cmp.Or(l.Proposal.Why, "nothing before it can be restored")
	case l.late:
		r.Warning = "began before"
	case l.same != "":
		r.Warning = "twice?"
	}
	return r
}

func (l Loss) when(now time.Time) string {
	switch {
	case l.at.IsZero():
		return "time not told"
	case l.rough:
		return state.UTC(l.at, now)
	}
	return state.UTCMilli(l.at, now)
}

// by is who did it, as short as a row needs it: the evidence has the connection.
func by(w incident.Who) string { return cmp.Or(w.Application, w.Driver, w.Context) }

func (l Loss) local(zone *time.Location) string {
	if l.at.IsZero() || local(l.at, zone) == "" {
		return ""
	}
	if l.rough {
		return state.Local(l.at, zone, "15:04")
	}
	return state.Local(l.at, zone, "15:04:05.000")
}

// Restores says what is proposed, when that is on the user's own clock, and what it is: "Restore to
// 23 Nov 14:02:58 UTC", "15:02:58 CET", "the second before".
func (l Loss) Restores(cfg Config) (what, here, why string) {
	now, p := cfg.Instant(), l.Proposal
	switch {
	case l.cannot != "":
		return "", "", "The line may tell of it, and cannot be read."
	case l.moved != "":
		why = "Maybe no restore is needed"
		if !p.Moment.IsZero() {
			why += "; the second before is " + state.UTCSecond(p.Moment, now)
		}
		return "It is called " + l.moved + " now", "", why
	case !p.Moment.IsZero():
		what = "Restore to " + state.UTCSecond(p.Moment, now)
		if local(p.Moment, cfg.Zone) != "" {
			here = state.Local(p.Moment, cfg.Zone, "15:04:05")
		}
		switch {
		case !p.Moment.Equal(p.Wanted):
			return what, here, fmt.Sprintf("%s before: %s", state.Exactly(p.Lost()), p.Why)
		case p.Rough:
			return what, here, "before it began, as far as a counter tells"
		}
		return what, here, "the second before"
	case p.Snapshot.ID != "":
		at := p.Snapshot.When()
		what = "Restore the snapshot of " + state.UTC(at, now)
		if p.Wanted.IsZero() {
			return what, "", "the newest that has it; when it was lost after that is not known"
		}
		return what, "", fmt.Sprintf("the last %s before it are not in it", state.Age(p.Lost()))
	}
	return "", "", "Nothing before it can be restored: " + cmp.Or(p.Why, "there is no snapshot of before") + "."
}

// Answer is the plan with what is proposed; false where nothing is.
func (l Loss) Answer(p state.Plan) (state.Plan, bool) {
	switch of := l.Proposal; {
	case l.cannot != "":
		return p, false
	case !of.Moment.IsZero():
		return p.WithInstant(state.Instant{UTCSeconds: of.Moment.Unix()}).WithEvidence(of.Proven(l.told, false)), true
	case of.Snapshot.ID != "":
		return p.WithSnapshot(of.Snapshot).WithEvidence(of.Proven(l.told, true)), true
	}
	return p, false
}

// Likeliest is the row to look at first: of those that a log tells and something can be restored
// before, what was done the fewest times, as what is done again and again is somebody's work; of
// equals the newest. Else of those that a counter tells the one with the latest moment: a number
// that Atlas samples tells of the same deletes too, and much less exactly. -1 for none.
func Likeliest(all []Loss) int {
	can := func(l Loss) bool {
		return l.cannot == "" && (!l.Proposal.Moment.IsZero() || l.Proposal.Snapshot.ID != "")
	}
	often := map[[2]string]int{}
	for _, l := range all {
		often[[2]string{l.told.What, l.by}]++
	}
	better := func(a, b Loss) bool {
		if a.rough != b.rough {
			return b.rough
		}
		if a.rough {
			return a.Point().After(b.Point())
		}
		return often[[2]string{a.told.What, a.by}] < often[[2]string{b.told.What, b.by}]
	}
	best := -1
	for i, l := range all {
		if can(l) && (best < 0 || better(l, all[best])) {
			best = i
		}
	}
	return best
}
