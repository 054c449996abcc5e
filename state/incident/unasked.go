package incident

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"atlas-restore/state"
)

// Why a run that asks nobody takes no proposal, beside ErrNothing and ErrSeveral.
var (
	// ErrUnread says that something was not read which may tell of another drop.
	ErrUnread = errors.New("not all that may tell of it could be read")
	// ErrNoMoment says that the drop was found, and that no moment before it can be proposed.
	ErrNoMoment = errors.New("there is no moment to propose")
)

// took says whether what befell it took it away as a whole: no delete of documents.
func (h Happening) took() bool { return h.Kind != Delete }

// BeforeDrop is the proposal for a run that asks nobody: the second before the one thing that
// took away what is missing. It needs that all logs of the span were read, but for the newest
// minutes, which Atlas never has: Untold says from when on. The error says why there is none.
func (s Search) BeforeDrop(f Findings) (Happening, Proposal, error) {
	drops := slices.DeleteFunc(slices.Clone(f.Found), func(h Happening) bool { return !h.took() })
	if i := slices.IndexFunc(f.Unread, func(u Unread) bool { return !u.Yet && (u.What == PartLog || u.What == PartMembers) }); i >= 0 && len(drops) < 2 {
		return Happening{}, Proposal{}, fmt.Errorf("%w: %s", ErrUnread, f.Unread[i].Sentence(s))
	}
	h, err := Findings{Found: drops, Unclear: f.Unclear}.Only()
	switch {
	case errors.Is(err, ErrNothing) && len(f.Found) > 0:
		return h, Proposal{}, fmt.Errorf("%s was not dropped; %s: %w", s.Missing, f.Found[len(f.Found)-1].What(), err)
	case errors.Is(err, ErrNothing) && f.Untold() != "":
		return h, Proposal{}, fmt.Errorf("%w; %s", err, f.Untold())
	case err != nil:
		return h, Proposal{}, err
	}
	p := Before(h, s.Reach, s.Snapshots, s.Now)
	switch {
	case p.Moment.IsZero():
		return h, p, fmt.Errorf("%w before %s: %s", ErrNoMoment, p.Evidence, p.Why)
	case !p.Moment.Equal(p.Wanted):
		return h, p, fmt.Errorf("%w right before %s: %s", ErrNoMoment, p.Evidence, p.Why)
	}
	return h, p, nil
}

// Untold says from when on the newest minutes of the logs are not there yet; empty where they are.
func (f Findings) Untold() string {
	var hosts []string
	var from Unread
	for _, u := range f.Unread {
		if u.Yet {
			hosts = append(hosts, u.Of)
			if from.From.IsZero() || u.From.Before(from.From) {
				from = u
			}
		}
	}
	if len(hosts) == 0 {
		return ""
	}
	return fmt.Sprintf("the logs after %s are not there yet", state.UTCSecond(from.From, from.Until))
}

// Sentence says what could not be read, and why: "The log of node-0 from 23 Nov 13:00:00 UTC until
// 23 Nov 14:00:00 UTC: Atlas answered 403.", as Explain has it.
func (u Unread) Sentence(s Search) string {
	what, ok := map[Part]string{PartMembers: "The members of the cluster", PartLog: "The logs", PartCounters: "The counters", PartSnapshots: "What is in the snapshots"}[u.What]
	switch {
	case !ok:
		what = string(u.What)
	case u.What == PartSnapshots && u.Of != "":
		what = fmt.Sprintf("What is in the snapshot of %s", state.UTC(u.From, s.Now))
	case u.Of != "":
		what = fmt.Sprintf("%s of %s", map[Part]string{PartLog: "The log", PartCounters: "The counters"}[u.What], u.Of)
	}
	if (u.What == PartLog || u.What == PartCounters) && !u.From.IsZero() {
		what += fmt.Sprintf(" from %s until %s", state.UTCSecond(u.From, s.Now), state.UTCSecond(u.Until, s.Now))
	}
	out := what + ": " + u.Why
	if u.Role != "" && !strings.Contains(u.Why, u.Role) {
		out += " It needs the role " + u.Role + "."
	}
	return out
}
