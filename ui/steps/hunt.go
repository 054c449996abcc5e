package steps

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/incident"
)

// Hunt is a search for when something was lost: what was said, how far back was looked, and what
// was found so far. It is pure data, and grows by stretches: the newest first, older ones where
// somebody asks for them.
type Hunt struct {
	Of      string // the cluster; see sourceName
	Text    string // what is missing, as it was said
	Missing incident.Missing
	From    time.Time // as far back as is looked
	Until   time.Time // where the search began: it goes back from there
	Said    bool      // From was said by a person

	begin, end time.Time         // of the present stretch
	before     incident.Findings // those of the stretches after it, put together
	all        incident.Findings // with those of the present one
}

const (
	// kept is for how long Atlas keeps the logs of a server (Atlas: "MongoDB logs").
	kept = 30 * 24 * time.Hour
	// overlap is how far a stretch goes into the one after it: what begins in the one and ends in
	// the other is found whole.
	overlap = 5 * time.Minute
)

// stretches are how far back is looked, one after the other.
var stretches = []time.Duration{6 * time.Hour, 24 * time.Hour, 3 * 24 * time.Hour, 7 * 24 * time.Hour, kept}

// NewHunt is a search for what is missing since a moment that was said as ParseMoment reads it, or
// in the newest stretch where nothing was said of that.
func NewHunt(cfg Config, c state.Cluster, v Inventory, text, since string, oldest time.Time) (Hunt, error) {
	now := cfg.Now().Truncate(time.Second).UTC()
	h := Hunt{Of: sourceName(c), Text: strings.TrimSpace(text), Missing: v.Means(text), From: now.Add(-stretches[0]), Until: now}
	if since = strings.TrimSpace(since); since != "" {
		zone := cfg.Zone
		if zone == nil {
			zone = time.UTC
		}
		at, err := state.ParseMoment(since, now, zone)
		switch {
		case err != nil:
			return Hunt{}, fmt.Errorf("since when: %w", err)
		case at.After(now):
			return Hunt{}, fmt.Errorf("since when: that is in the future; it is now %s", state.UTC(now, now))
		}
		h.From, h.Said = at.Truncate(time.Second).UTC(), true
	} else if !oldest.IsZero() && oldest.After(h.From) {
		h.From = oldest.Truncate(time.Second).UTC()
	}
	h.begin, h.end = h.From, h.Until
	return h, nil
}

// Oldest is how far back it makes sense to look: as far as something can be restored, and as Atlas
// keeps logs. Zero where nothing is known of that.
func Oldest(reach state.Reach, snapshots []state.Snapshot, now time.Time) time.Time {
	oldest := reach.From
	for _, s := range snapshots {
		if s.Usable(now) == nil && (oldest.IsZero() || s.When().Before(oldest)) {
			oldest = s.When()
		}
	}
	if least := now.Add(-kept); oldest.Before(least) && !oldest.IsZero() {
		return least
	}
	return oldest
}

// Wider is the search with an older stretch before it; false where there is none.
func (h Hunt) Wider(oldest, now time.Time) (Hunt, bool) {
	least := now.Add(-kept)
	if oldest.After(least) {
		least = oldest
	}
	least = least.Truncate(time.Second).UTC()
	if !h.From.After(least) {
		return h, false
	}
	from := least
	for _, s := range stretches {
		if at := h.Until.Add(-s); at.Before(h.From.Add(-time.Hour)) && at.After(least) {
			from = at
			break
		}
	}
	h.before = h.all
	h.begin, h.end = from, h.From.Add(overlap)
	if h.end.After(h.Until) {
		h.end = h.Until
	}
	h.From = from
	h.all.Ended, h.all.Stopped = false, false
	return h, true
}

// Search is what the present stretch asks. Which snapshots have it is looked for once.
func (h Hunt) Search(c state.Cluster, reach state.Reach, snapshots []state.Snapshot) incident.Search {
	s := incident.Search{Cluster: c, Missing: h.Missing, From: h.begin, Until: h.end, Now: h.Until, Reach: reach, Snapshots: snapshots}
	if h.before.Has.Looked > 0 {
		s.Snapshots = nil
	}
	return s
}

// Told is the search with what the present stretch has found so far.
func (h Hunt) Told(f incident.Findings) Hunt {
	b := h.before
	out := f
	out.Found = merged(b.Found, f.Found, sameHappening)
	out.Unclear = merged(b.Unclear, f.Unclear, func(x, y incident.Event) bool { return x.At.Equal(y.At) && x.Text == y.Text })
	out.Jumps = merged(b.Jumps, f.Jumps, func(x, y incident.Jump) bool { return x.Series == y.Series && x.From.Equal(y.From) })
	out.Read = append(slices.Clip(b.Read), f.Read...)
	out.Unread = merged(b.Unread, f.Unread, func(x, y incident.Unread) bool { return x == y })
	if f.Has.Looked == 0 {
		out.Has = b.Has
	}
	h.all = out
	return h
}

// merged are both, each once: where the older stretch has seen more of one, as it was seen there.
func merged[T any](newer, older []T, same func(T, T) bool) []T {
	if len(newer) == 0 {
		return older
	}
	rest := slices.DeleteFunc(slices.Clone(newer), func(n T) bool {
		return slices.ContainsFunc(older, func(o T) bool { return same(n, o) })
	})
	return append(rest, older...)
}

// sameHappening says whether the two stretches tell of the same: one that the newer stretch has
// seen the end of only began in the older one.
func sameHappening(newer, older incident.Happening) bool {
	if newer.Kind != older.Kind || newer.Namespace != older.Namespace || newer.Target != older.Target {
		return false
	}
	return newer.At.Equal(older.At) || newer.Late && newer.At.Sub(older.At).Abs() <= overlap
}

// Findings are what was found in all stretches.
func (h Hunt) Findings() incident.Findings { return h.all }

// HuntOf is the search that was made for the cluster; nil for none.
func (s *Seen) HuntOf(c state.Cluster) *Hunt {
	if s.Hunt != nil && s.Hunt.Of == sourceName(c) {
		return s.Hunt
	}
	return nil
}

// Title says what is looked for, and how far back: "shop.orders, since 23 Nov 08:31 UTC".
func (h Hunt) Title(now time.Time) string {
	return fmt.Sprintf("%s, since %s", MissingName(h.Missing), state.UTC(h.From, now))
}

// Reading says what is being read, of which member, and how much; empty while nothing is.
func (h Hunt) Reading(now time.Time) string {
	r := h.all.Now
	if r.What == "" || h.all.Ended {
		return ""
	}
	return "reading " + readWords(r, now)
}

// readWords says what a part is: "the log of shard-00-00, 08:31 to 14:31, 12 MB".
func readWords(r incident.Read, now time.Time) string {
	text := partWords(r.What, r.Of, r.From, r.Until, now)
	if r.Bytes > 0 {
		text += ", " + state.Size(r.Bytes)
	}
	return text
}

func partWords(what incident.Part, of string, from, until, now time.Time) string {
	text := ""
	switch what {
	case incident.PartMembers:
		text = "which members the cluster has"
	case incident.PartLog:
		text = "the log of " + cmp.Or(shortHost(of), "its members")
	case incident.PartCounters:
		text = "the counters of " + cmp.Or(shortHost(of), "its members")
	case incident.PartSnapshots:
		text = "the names in snapshots"
	default:
		text = string(what)
	}
	if from.IsZero() || until.IsZero() {
		return text
	}
	f, u := from.UTC(), until.UTC()
	if f.YearDay() == u.YearDay() && f.Year() == u.Year() && f.YearDay() == now.UTC().YearDay() {
		return fmt.Sprintf("%s, %s to %s", text, f.Format("15:04"), u.Format("15:04"))
	}
	return fmt.Sprintf("%s, %s to %s", text, f.Format("2 Jan 15:04"), u.Format("2 Jan 15:04"))
}

// shortHost is the part of a member's name that tells it from the others, without its port.
func shortHost(of string) string {
	host, _, _ := strings.Cut(of, ".")
	host, _, _ = strings.Cut(host, ":")
	return host
}

// WasRead says in one line what was read; empty for nothing.
func (h Hunt) WasRead() string {
	var logs, snapshots int
	counters := false
	var size int64
	members := map[string]bool{}
	for _, r := range h.all.Read {
		switch r.What {
		case incident.PartLog:
			if logs++; r.Of != "" {
				members[r.Of] = true
			}
			size += r.Bytes
		case incident.PartCounters:
			counters = true
		case incident.PartSnapshots:
			snapshots++
		case incident.PartMembers:
		}
	}
	var out []string
	if logs > 0 {
		text := "logs of " + state.Count(max(1, len(members)), "member")
		if size > 0 {
			text += ", " + state.Size(size)
		}
		out = append(out, text)
	}
	if counters {
		out = append(out, "counters")
	}
	if n := max(h.all.Has.Looked, snapshots); n > 0 {
		out = append(out, "names in "+state.Count(n, "snapshot"))
	}
	return strings.Join(out, "; ")
}

// UnreadWords say what could not be read, a sentence each, those of one reason together.
func (h Hunt) UnreadWords(now time.Time) []string {
	type reason struct{ why, role string }
	var order []reason
	parts := map[reason][]string{}
	for _, u := range h.all.Unread {
		r := reason{strings.TrimRight(u.Why, "."), u.Role}
		if _, ok := parts[r]; !ok {
			order = append(order, r)
		}
		if p := partWords(u.What, u.Of, u.From, u.Until, now); !slices.Contains(parts[r], p) {
			parts[r] = append(parts[r], p)
		}
	}
	var out []string
	for _, r := range order {
		text := "Not read: " + strings.Join(parts[r], "; ") + ". " + r.why + "."
		if r.role != "" && !strings.Contains(r.why, r.role) {
			text += " It needs the role " + r.role + "."
		}
		out = append(out, text)
	}
	return out
}

// HasWords say which snapshot is the last that has what is missing; empty where that was not
// looked for.
func (h Hunt) HasWords(now time.Time) string {
	has := h.all.Has
	at := func(s state.Snapshot) string { return state.UTC(s.When(), now) }
	switch {
	case has.Newest.ID != "" && has.Lacks.ID != "":
		return fmt.Sprintf("Last in the snapshot of %s; that of %s does not have it.", at(has.Newest), at(has.Lacks))
	case has.Newest.ID != "":
		return fmt.Sprintf("The snapshot of %s still has it.", at(has.Newest))
	case has.Lacks.ID != "":
		return fmt.Sprintf("No snapshot that was looked at has it; that of %s does not.", at(has.Lacks))
	}
	return ""
}

// Nothing says that nothing was found in what was read, which is not that nothing happened; empty
// where something was found, or is looked for.
func (h Hunt) Nothing(now time.Time) string {
	f := h.all
	if len(f.Found)+len(f.Jumps)+len(f.Unclear) > 0 || !f.Ended {
		return ""
	}
	text := fmt.Sprintf("Nothing was found about %s since %s", MissingName(h.Missing), state.UTC(h.From, now))
	switch {
	case !slices.ContainsFunc(f.Read, func(r incident.Read) bool { return r.What == incident.PartLog || r.What == incident.PartCounters }):
		return text + ": no log and no counter could be read. What happened is not known."
	case f.Stopped:
		return text + " in what was read before it was stopped."
	case len(f.Unread) > 0:
		return text + " in what could be read, which was not all."
	}
	return text + " in the logs and counters. A delete in small steps leaves no trace there."
}
