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
// was found so far. It is pure data, and goes further back where somebody asks for it.
type Hunt struct {
	Of      string // the cluster; see sourceName
	Text    string // what is missing, as it was said
	Since   string // since when, as it was said
	Missing incident.Missing
	From    time.Time // as far back as is looked

	found incident.Findings
}

// kept is for how long Atlas keeps the logs of a server.
const kept = 30 * 24 * time.Hour

// stretches are how far back is looked, one after the other.
var stretches = []time.Duration{6 * time.Hour, 24 * time.Hour, 3 * 24 * time.Hour, 7 * 24 * time.Hour, kept}

// NewHunt is a search for what is missing since a moment that was said as ParseMoment reads it, or
// in the newest stretch where nothing was said of that.
func NewHunt(cfg Config, c state.Cluster, v Inventory, text, since string, oldest time.Time) (Hunt, error) {
	now := cfg.Now().Truncate(time.Second).UTC()
	h := Hunt{Of: sourceName(c), Text: strings.TrimSpace(text), Since: strings.TrimSpace(since), Missing: v.Means(text), From: now.Add(-stretches[0])}
	if h.Since != "" {
		zone := cfg.Zone
		if zone == nil {
			zone = time.UTC
		}
		at, err := state.ParseMoment(h.Since, now, zone)
		switch {
		case err != nil:
			return Hunt{}, fmt.Errorf("since when: %w", err)
		case at.After(now):
			return Hunt{}, fmt.Errorf("since when: that is in the future; it is now %s by Atlas's clock", state.UTC(now, now))
		}
		h.From = at.Truncate(time.Second).UTC()
	} else if !oldest.IsZero() && oldest.After(h.From) {
		h.From = oldest.Truncate(time.Second).UTC()
	}
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

// Wider is the search for further back; false where there is nothing further.
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
		if at := now.Add(-s).Truncate(time.Second).UTC(); at.Before(h.From.Add(-time.Hour)) && at.After(least) {
			from = at
			break
		}
	}
	h.From = from
	return h, true
}

// Search is what is asked now. What was read before is not read again.
func (h Hunt) Search(c state.Cluster, reach state.Reach, snapshots []state.Snapshot, now time.Time) incident.Search {
	return incident.Search{Cluster: c, Missing: h.Missing, From: h.From, Until: now, Reach: reach, Snapshots: snapshots, Now: now, Known: h.found}
}

// Told is the search with what it has found so far.
func (h Hunt) Told(f incident.Findings) Hunt {
	h.found = f
	return h
}

// Goes is the search as it goes on.
func (h Hunt) Goes() Hunt {
	h.found.Ended, h.found.Stopped = false, false
	return h
}

// Left is a search that nobody follows any more.
func (h Hunt) Left() Hunt {
	if !h.found.Ended {
		h.found.Ended, h.found.Stopped, h.found.Now = true, true, incident.Read{}
	}
	return h
}

// Findings are what was found so far.
func (h Hunt) Findings() incident.Findings { return h.found }

// HuntOf is the search that was made for the cluster; nil for none.
func (s *Seen) HuntOf(c state.Cluster) *Hunt {
	if s.Hunt != nil && s.Hunt.Of == sourceName(c) {
		return s.Hunt
	}
	return nil
}

// Title asks what the search answers: "When was shop.orders lost?".
func (h Hunt) Title() string { return fmt.Sprintf("When was %s lost?", MissingName(h.Missing)) }

// Back says how far back is looked: "since 23 Nov 08:31 UTC, the last 6 h".
func (h Hunt) Back(now time.Time) string {
	return fmt.Sprintf("since %s, the last %s", state.UTC(h.From, now), state.Age(now.Sub(h.From)))
}

// Reading says what is being read, of which member, and how much; empty while nothing is.
func (h Hunt) Reading(now time.Time) string {
	r := h.found.Now
	if r.What == "" || h.found.Ended {
		return ""
	}
	return "reading " + readWords(r, now)
}

// readWords says what a part is: "the log of shard-00-00, 08:31 to 14:31, 12 MB".
func readWords(r incident.Read, now time.Time) string {
	text := partWords(r.What, shortHost(r.Of), r.From, r.Until, now)
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
		text = "the log of " + cmp.Or(of, "its members")
	case incident.PartCounters:
		text = "the counters of " + cmp.Or(of, "its members")
	case incident.PartSnapshots:
		text = "the names in snapshots"
	default:
		text = string(what)
	}
	if from.IsZero() || until.IsZero() {
		return text
	}
	f, u := from.UTC(), until.UTC()
	if f.Truncate(time.Minute).Equal(u.Truncate(time.Minute)) { // a snapshot's
		return fmt.Sprintf("%s of %s", text, state.UTC(f, now))
	}
	if f.YearDay() == u.YearDay() && f.Year() == u.Year() && f.YearDay() == now.UTC().YearDay() {
		return fmt.Sprintf("%s, %s to %s UTC", text, f.Format("15:04"), u.Format("15:04"))
	}
	return fmt.Sprintf("%s, %s to %s UTC", text, f.Format("2 Jan 15:04"), u.Format("2 Jan 15:04"))
}

// shortHost is what tells a member from the others: "shard-00-01" of
// atlas-3mu7hn-shard-00-01.zsv9js.mongodb.net. Counters of a database have its name behind it.
func shortHost(of string) string {
	of, database, _ := strings.Cut(of, " ")
	host, _, _ := strings.Cut(of, ".")
	host, _, _ = strings.Cut(host, ":")
	if parts := strings.SplitN(host, "-", 3); len(parts) == 3 && parts[0] == "atlas" {
		host = parts[2]
	}
	return strings.TrimSpace(host + " " + database)
}

// WasRead says in one line what was read; empty for nothing.
func (h Hunt) WasRead() string {
	var logs, snapshots int
	counters := false
	var size int64
	members := map[string]bool{}
	for _, r := range h.found.Read {
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
	if n := max(h.found.Has.Looked, snapshots); n > 0 {
		out = append(out, "names in "+state.Count(n, "snapshot"))
	}
	return strings.Join(out, "; ")
}

// NotYet begins what is said of what comes later by itself: nothing has failed there.
const NotYet = "Not there yet: "

// UnreadWords say what could not be read, a sentence each, those of one reason together: what
// another role would tell comes first, and what will come by itself last.
func (h Hunt) UnreadWords(now time.Time) []string { return h.unread(now, false) }

// UnreadBrief is UnreadWords where there is little room: the role that is needed comes first.
func (h Hunt) UnreadBrief(now time.Time) []string { return h.unread(now, true) }

func (h Hunt) unread(now time.Time, brief bool) []string {
	type reason struct {
		what        incident.Part
		why, role   string
		from, until int64 // as minutes: so it is said
		yet         bool
	}
	rank := func(u incident.Unread) int {
		switch {
		case u.Role != "":
			return 0
		case u.Yet:
			return 3
		case u.What == incident.PartCounters:
			return 2
		}
		return 1
	}
	all := slices.Clone(h.found.Unread)
	slices.SortStableFunc(all, func(a, b incident.Unread) int { return rank(a) - rank(b) })
	var order []reason
	of := map[reason][]string{}
	for _, u := range all {
		r := reason{u.What, strings.TrimRight(u.Why, "."), u.Role, u.From.Unix() / 60, u.Until.Unix() / 60, u.Yet}
		if _, ok := of[r]; !ok {
			order = append(order, r)
		}
		if host := shortHost(u.Of); u.What != incident.PartSnapshots && !slices.Contains(of[r], host) {
			of[r] = append(of[r], host)
		}
	}
	var out []string
	for _, r := range order {
		part := partWords(r.what, h.membersWords(r.what, of[r]), time.Unix(60*r.from, 0), time.Unix(60*r.until, 0), now)
		if brief && r.role != "" {
			out = append(out, "Not read, needs the role "+r.role+": "+part+".")
			continue
		}
		if r.yet {
			out = append(out, NotYet+part+". The newest minutes of a log always come late.")
			continue
		}
		text := "Not read: " + part + ". " + r.why + "."
		if r.role != "" && !strings.Contains(r.why, r.role) {
			text += " It needs the role " + r.role + "."
		}
		out = append(out, text)
	}
	return out
}

// membersWords names the members of which a part is told, in the order of their names. Once all logs were asked for,
// all members are told by their number.
func (h Hunt) membersWords(what incident.Part, hosts []string) string {
	other := func(p incident.Part, of string) bool { return p == what && !slices.Contains(hosts, shortHost(of)) }
	if what == incident.PartLog && len(hosts) > 1 && h.found.Ended && !h.found.Stopped &&
		!slices.ContainsFunc(h.found.Read, func(r incident.Read) bool { return other(r.What, r.Of) }) &&
		!slices.ContainsFunc(h.found.Unread, func(u incident.Unread) bool { return other(u.What, u.Of) }) {
		return "each of its " + state.Count(len(hosts), "member")
	}
	return strings.Join(slices.Sorted(slices.Values(hosts)), ", ")
}

// HasWords say which snapshot is the last that has what is missing; empty where that was not
// looked for. Only names are told: one that was taken after the loss may hold little of it.
func (h Hunt) HasWords(now time.Time) string {
	has := h.found.Has
	at := func(s state.Snapshot) string { return state.UTC(s.When(), now) }
	switch {
	case has.Newest.ID != "" && has.Lacks.ID != "":
		return fmt.Sprintf("Last in the snapshot of %s; missing in that of %s.", at(has.Newest), at(has.Lacks))
	case has.Newest.ID != "" && h.before(has.Newest):
		return fmt.Sprintf("The name is in the snapshot of %s too, which is of after it: how much is in there is not known.", at(has.Newest))
	case has.Newest.ID != "":
		return fmt.Sprintf("The newest snapshot with the name is of %s.", at(has.Newest))
	case has.Lacks.ID != "":
		return fmt.Sprintf("No snapshot that was looked at has it; that of %s does not.", at(has.Lacks))
	}
	return ""
}

// before says whether something that was found happened before a snapshot.
func (h Hunt) before(s state.Snapshot) bool {
	for _, x := range h.found.Found {
		if x.At.Before(s.When()) {
			return true
		}
	}
	for _, j := range h.found.Jumps {
		if j.From.Before(s.When()) {
			return true
		}
	}
	return false
}

// Whole says whether all was read that may tell: only then is nothing found an answer. What is not
// there yet was not read, and it may be the very thing that was lost just now.
func (h Hunt) Whole() bool {
	return h.found.Ended && !h.found.Stopped && len(h.found.Unread) == 0 && h.tells()
}

// tells says whether anything was read that tells what happened.
func (h Hunt) tells() bool {
	return slices.ContainsFunc(h.found.Read, func(r incident.Read) bool { return r.What == incident.PartLog || r.What == incident.PartCounters })
}

// Nothing says that nothing was found in what was read, which is not that nothing happened; empty
// where something was found, or is looked for.
func (h Hunt) Nothing(now time.Time) string {
	f := h.found
	if len(f.Found)+len(f.Jumps)+len(f.Unclear) > 0 || !f.Ended {
		return ""
	}
	text := fmt.Sprintf("Nothing was found about %s since %s", MissingName(h.Missing), state.UTC(h.From, now))
	switch {
	case !h.tells():
		return text + ": no log and no counter could be read. What happened is not known."
	case f.Stopped:
		return text + " in what was read before it was stopped."
	case !h.Whole() && !slices.ContainsFunc(f.Unread, func(u incident.Unread) bool { return !u.Yet }):
		return text + " in what could be read, which was not all. Look again in some minutes."
	case !h.Whole():
		return text + " in what could be read, which was not all."
	}
	return text + " in the logs and counters. A delete in small steps leaves no trace there."
}
