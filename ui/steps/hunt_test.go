package steps

import (
	"slices"
	"strings"
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/incident"
)

// What was typed is a collection by its name, a database that is known, or a part of a name.
func TestWhatIsMissing(t *testing.T) {
	v := Inventory{Databases: []string{"admin", "shop", "users"}}
	v = v.Opened("shop", []string{"orders", "orders.archive", "system.views"})
	for text, want := range map[string]incident.Missing{
		"":                      {},
		" shop.orders ":         {Database: "shop", Collection: "orders"},
		"shop.orders.archive":   {Database: "shop", Collection: "orders.archive"},
		"shop.":                 {Database: "shop"},
		"shop":                  {Database: "shop"},
		"Shop":                  {Part: "Shop"},
		"orders":                {Part: "orders"},
		"gone.since.last.night": {Database: "gone", Collection: "since.last.night"},
		".x":                    {Part: ".x"},
	} {
		if got := v.Means(text); got != want {
			t.Errorf("%q means %+v, want %+v", text, got, want)
		}
	}
	if got := v.Suggest("ord"); !slices.Equal(got, []string{"shop.orders", "shop.orders.archive"}) {
		t.Errorf("suggested are %q", got)
	}
	if got := v.Suggest(""); !slices.Equal(got, []string{"shop", "shop.orders", "shop.orders.archive", "users"}) {
		t.Errorf("without a text %q are suggested", got)
	}
	if got := v.ToOpen("users.a"); got != "users" {
		t.Errorf("%q is opened", got)
	}
	for _, text := range []string{"shop.o", "", "gone.x"} {
		if got := v.ToOpen(text); got != "" {
			t.Errorf("for %q %q is opened", text, got)
		}
	}
	if got := v.ToOpen("ord"); got != "users" {
		t.Errorf("for a name alone %q is opened", got)
	}
}

// A name that nobody knows is told, with those that it is a part of, and only where all was read.
func TestUnknownNamesAreTold(t *testing.T) {
	v := Inventory{Of: state.Snapshot{ID: "n"}, Databases: []string{"admin", "shop", "users"}}
	v = v.Opened("shop", []string{"carts", "invoices_backup"}).Opened("users", []string{"people"})
	for _, text := range []string{"shop.invoices_b", "zzz", "gone.x"} {
		if why, _ := v.Unknown(text); why != "" {
			t.Errorf("%s: %s, though not all was read", text, why)
		}
	}
	v.whole, v.where = true, []string{"the snapshot of 23 Nov 12:20 UTC", "that of 1 Nov 00:00 UTC", "the living cluster"}
	for text, want := range map[string]string{
		"shop.invoices_b":      "No collection is called shop.invoices_b in the snapshot of 23 Nov 12:20 UTC or that of 1 Nov 00:00 UTC. It is a part of shop.invoices_backup.",
		"shop.zzz":             "No collection is called shop.zzz in the snapshot of 23 Nov 12:20 UTC or that of 1 Nov 00:00 UTC.",
		"gone.x":               "No database is called gone in the snapshot of 23 Nov 12:20 UTC, that of 1 Nov 00:00 UTC or the living cluster.",
		"zzz":                  "No name in the snapshot of 23 Nov 12:20 UTC, that of 1 Nov 00:00 UTC or the living cluster has zzz in it.",
		"shop.invoices_backup": "Looked for is the collection shop.invoices_backup, by this very name.",
		"invoices":             "Looked for is whatever has invoices in its name.",
		"shop":                 "Looked for is the database shop, and each collection of it.",
		"":                     MissingWords(incident.Missing{}),
	} {
		if got := v.Words(text); got != want {
			t.Errorf("%q: %s\nwant %s", text, got, want)
		}
	}
}

// With little room the role that is needed comes first.
func TestTheRoleComesFirstWhereThereIsLittleRoom(t *testing.T) {
	h := huntOf(t, "", huntNow.Add(-time.Hour)).Told(incident.Findings{Unread: []incident.Unread{{What: incident.PartLog, Of: "atlas-3mu7hn-shard-00-01.zsv9js.mongodb.net", From: huntNow.Add(-time.Hour), Until: huntNow, Why: "Atlas answered 403.", Role: "Project Cluster Log Viewer"}}})
	if words := h.UnreadBrief(huntNow); len(words) != 1 || !strings.HasPrefix(words[0], "Not read, needs the role Project Cluster Log Viewer: the log of shard-00-01") {
		t.Error(words)
	}
}

var huntNow = time.Date(2026, 11, 23, 16, 0, 0, 0, time.UTC)

func huntOf(t *testing.T, since string, oldest time.Time) Hunt {
	t.Helper()
	h, err := NewHunt(Config{Now: func() time.Time { return huntNow }}, state.Cluster{Name: "orders-prod", PITEnabled: true}, Inventory{}, "shop.orders", since, oldest)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// The newest hours are read first, older ones on demand, none twice, and none that nothing can be
// restored to.
func TestAHuntGoesBackByStretches(t *testing.T) {
	oldest := huntNow.Add(-40 * time.Hour)
	h := huntOf(t, "", oldest)
	for _, want := range []time.Duration{6 * time.Hour, 24 * time.Hour, 40 * time.Hour} {
		s := h.Search(state.Cluster{}, state.Reach{}, nil, huntNow)
		if s.From != huntNow.Add(-want) || s.Until != huntNow || len(s.Known.Read) != len(h.Findings().Read) {
			t.Errorf("%v to %v is read, and known is %+v", s.From, s.Until, s.Known)
		}
		h = h.Told(incident.Findings{Read: append(h.Findings().Read, incident.Read{What: incident.PartLog, From: s.From, Until: s.Until})})
		h, _ = h.Wider(oldest, huntNow)
	}
	if h, more := h.Wider(oldest, huntNow); more {
		t.Errorf("it goes on back to %v", h.From)
	}
	if h = huntOf(t, "13:00", oldest); h.From != time.Date(2026, 11, 23, 13, 0, 0, 0, time.UTC) {
		t.Errorf("since 13:00 is since %v", h.From)
	}
	if _, err := NewHunt(Config{Now: func() time.Time { return huntNow }}, state.Cluster{}, Inventory{}, "", "lunch", oldest); err == nil {
		t.Error("lunch was taken for a time")
	}
}

// The row says what happened to the millisecond, and leads to the second before, or to the
// snapshot before where no moment can be had. The line that cannot be read leads nowhere.
func TestLosses(t *testing.T) {
	at := time.Date(2026, 11, 23, 14, 2, 59, 812e6, time.UTC)
	h := huntOf(t, "", time.Time{}).Told(incident.Findings{
		Found: []incident.Happening{{Event: incident.Event{
			Kind: incident.Drop, At: at, Namespace: incident.Namespace{Database: "shop", Collection: "orders"}, Who: incident.Who{Context: "conn4711", Application: "mongosh"}, Member: "a",
		}}},
		Unclear: []incident.Event{{Kind: incident.Unclear, At: at.Add(time.Minute), Text: `{"t":`}},
		Jumps:   []incident.Jump{{Series: "deletes", After: at.Add(-2 * time.Minute), From: at.Add(2 * time.Minute), Peak: 4000}},
	})
	cfg := Config{Now: func() time.Time { return huntNow }, Zone: time.FixedZone("CET", 3600)}
	c := state.Cluster{Name: "orders-prod", PITEnabled: true}
	snapshots := []state.Snapshot{{ID: "5f0000000000000000000001", Status: "completed", CreatedAt: at.Add(-103 * time.Minute)}}
	reach := state.Reach{Window: state.Window{From: huntNow.Add(-48 * time.Hour), Until: huntNow}}

	all := h.Losses(c, reach, snapshots, huntNow)
	i := Likeliest(all)
	if len(all) != 3 || i != 2 || !all[0].At().After(all[1].At()) {
		t.Fatalf("of %d rows %d comes first", len(all), i)
	}
	l := all[i]
	if r := l.Row(cfg); !slices.Equal(r.Cells, []string{"23 Nov 14:02:59.812", "15:02:59.812 CET", "dropped: shop.orders", "mongosh"}) || r.Barred != "" {
		t.Errorf("the row is %+v", r)
	}
	if what, here, why := l.Restores(cfg); what != "Restore to 23 Nov 14:02:58 UTC" || here != "15:02:58 CET" || why != "the second before" {
		t.Errorf("proposed is %q, %q", what, why)
	}
	plan, ok := l.Answer(state.Plan{Project: state.Project{ID: "p"}, Cluster: c})
	if !ok || plan.Instant.UTCSeconds != at.Truncate(time.Second).Add(-time.Second).Unix() || plan.Delivery != state.PointInTime {
		t.Errorf("it leads to %+v", plan)
	}
	if e := plan.Evidence; e.Why != "the second before shop.orders was dropped at 14:02:59.812 UTC by mongosh on conn4711" || e.Namespace != "shop.orders" || !e.At.Equal(at) || e.What != "drop" {
		t.Errorf("with the evidence %+v", e)
	}

	if r := all[1].Row(cfg); r.Barred != "" && !strings.Contains(r.Barred, "read") {
		t.Errorf("another row is %+v", r)
	}
	for _, l := range all {
		if _, ok := l.Answer(plan); l.cannot != "" && ok {
			t.Error("a line that cannot be read leads to a moment")
		}
	}

	// Two counters tell of the same deletes: the finer one comes first.
	counted := huntOf(t, "", time.Time{}).Told(incident.Findings{Jumps: []incident.Jump{
		{Series: "deletes", After: at.Add(-2 * time.Minute), From: at, Peak: 4000},
		{Series: "documents", After: at.Add(-25 * time.Minute), From: at.Add(15 * time.Minute), Fall: true},
	}}).Losses(c, reach, snapshots, huntNow)
	if l := counted[Likeliest(counted)]; len(counted) != 2 || l.Proposal.Moment.Before(at.Add(-3*time.Minute)) {
		t.Errorf("of %d counters %q comes first", len(counted), l.What())
	}

	c.PITEnabled = false
	without := h.Losses(c, state.Reach{}, snapshots, huntNow)
	l = without[Likeliest(without)]
	if what, _, why := l.Restores(cfg); what != "Restore the snapshot of 23 Nov 12:19 UTC" || why != "the last 1 h 43 min before it are not in it" {
		t.Errorf("without point in time %q, %q is proposed", what, why)
	}
	if plan, ok := l.Answer(state.Plan{Cluster: c}); !ok || plan.Snapshot.ID != snapshots[0].ID || plan.Delivery != "" || !strings.HasPrefix(plan.Evidence.Why, "the newest snapshot before shop.orders") {
		t.Errorf("which leads to %+v", plan)
	}
}

// That nothing was found is never that nothing happened, and what was not read is said with the
// role that it needs.
func TestNothingFoundIsNotNothing(t *testing.T) {
	h := huntOf(t, "", time.Time{}).Told(incident.Findings{Ended: true, Unread: []incident.Unread{
		{What: incident.PartLog, Of: "atlas-3mu7hn-shard-00-00.zsv9js.mongodb.net", Why: "Atlas does not tell it to you", Role: "Project Cluster Log Viewer"},
		{What: incident.PartLog, Of: "atlas-3mu7hn-shard-00-01.zsv9js.mongodb.net", Why: "Atlas does not tell it to you", Role: "Project Cluster Log Viewer"},
	}})
	if text := h.Nothing(huntNow); !strings.Contains(text, "What happened is not known") {
		t.Errorf("with no log read it says %q", text)
	}
	if words := h.UnreadWords(huntNow); len(words) != 1 || words[0] != "Not read: the log of each of its 2 members. Atlas does not tell it to you. It needs the role Project Cluster Log Viewer." {
		t.Errorf("unread is %q", words)
	}
	h = h.Told(incident.Findings{Read: []incident.Read{{What: incident.PartLog, Of: "a"}}})
	if text := h.Nothing(huntNow); text != "" {
		t.Errorf("while it is searched it says %q", text)
	}
}

// Nothing found is an answer only where all was read, to its end: what is not there yet was not read.
// What people are told and what programs get is the same.
func TestNothingIsAnAnswerOnlyWhereAllWasRead(t *testing.T) {
	log := []incident.Read{{What: incident.PartLog, Of: "a"}}
	for name, tc := range map[string]struct {
		found   incident.Findings
		outcome string
		says    string
	}{
		"all":                {incident.Findings{Ended: true, Read: log}, lostNothing, " in the logs and counters."},
		"not there yet":      {incident.Findings{Ended: true, Read: log, Unread: []incident.Unread{{What: incident.PartLog, Yet: true}}}, lostUnknown, "which was not all. Look again in some minutes."},
		"a snapshot":         {incident.Findings{Ended: true, Read: log, Unread: []incident.Unread{{What: incident.PartSnapshots}, {What: incident.PartLog, Yet: true}}}, lostUnknown, "which was not all."},
		"no log, no counter": {incident.Findings{Ended: true}, lostUnknown, "What happened is not known."},
		"stopped":            {incident.Findings{Ended: true, Stopped: true, Read: log}, lostUnknown, "before it was stopped."},
	} {
		h := huntOf(t, "", time.Time{}).Told(tc.found)
		if got := (WasLost{Hunt: h}).outcome(); got != tc.outcome {
			t.Errorf("%s: the outcome is %s, want %s", name, got, tc.outcome)
		}
		if text := h.Nothing(huntNow); !strings.HasSuffix(text, tc.says) && !strings.Contains(text, tc.says+" A delete") {
			t.Errorf("%s: it says %q", name, text)
		}
	}
}

// What is missing of several members for one reason, in minutes that are said alike, is one sentence;
// what a snapshot does not tell is of when it was taken. Members have the order of their names, and are told by their
// number where that is all of them.
func TestUnreadIsSaidOnce(t *testing.T) {
	at := huntNow.Truncate(time.Minute)
	late := func(of string, seconds int) incident.Unread {
		return incident.Unread{What: incident.PartLog, Of: of, Why: "They are not there yet.", Yet: true, From: at.Add(time.Duration(seconds)*time.Second - 10*time.Minute), Until: at.Add(time.Duration(seconds) * time.Second)}
	}
	found := incident.Findings{Ended: true, Unread: []incident.Unread{
		late("shard-00-01", 17), late("shard-00-00", 3),
		{What: incident.PartSnapshots, Why: "Atlas names no database in it.", From: at, Until: at},
	}}
	read, later, stopped, going := found, found, found, found
	read.Read = []incident.Read{{What: incident.PartLog, Of: "shard-00-02"}, {What: incident.PartLog, Of: "shard-00-00"}}
	later.Unread = append(slices.Clone(found.Unread), late("shard-00-02", 600))
	stopped.Stopped, going.Ended = true, false
	for name, tc := range map[string]struct {
		found incident.Findings
		says  string
	}{
		"all": {found, "each of its 2 members, "}, "another is read": {read, "shard-00-00, shard-00-01, "}, "another is later": {later, "shard-00-00, shard-00-01, "},
		"stopped": {stopped, "shard-00-00, shard-00-01, "}, "under way": {going, "shard-00-00, shard-00-01, "},
	} {
		words := huntOf(t, "", time.Time{}).Told(tc.found).UnreadWords(huntNow)
		if len(words) < 2 || !strings.HasPrefix(words[0], "Not read: the names in snapshots of "+state.UTC(at, huntNow)+".") || !strings.HasPrefix(words[1], NotYet+"the log of "+tc.says) {
			t.Errorf("%s: unread is %q", name, words)
		}
	}
}

// What somebody does again and again is not what is looked for: the drop that was done once comes
// first. A rename says where the data are now.
func TestLikeliestIsWhatWasDoneOnce(t *testing.T) {
	at := time.Date(2026, 11, 23, 14, 2, 59, 0, time.UTC)
	event := func(k incident.Kind, ago time.Duration, collection, application string) incident.Happening {
		return incident.Happening{Event: incident.Event{
			Kind: k, At: at.Add(-ago), Namespace: incident.Namespace{Database: "shop", Collection: collection}, Target: incident.Namespace{Database: "shop", Collection: "moved"},
			Who: incident.Who{Context: "conn1", Application: application}, Member: "a",
		}}
	}
	h := huntOf(t, "", time.Time{}).Told(incident.Findings{Ended: true, Found: []incident.Happening{
		event(incident.Drop, 40*time.Minute, "staging_1", "nightly-import"), event(incident.Drop, 30*time.Minute, "orders", "mongosh"),
		event(incident.Drop, 20*time.Minute, "staging_2", "nightly-import"), event(incident.Drop, 0, "staging_3", "nightly-import"),
	}, Has: incident.Has{Newest: state.Snapshot{ID: "1", CreatedAt: at, Status: "completed"}, Looked: 1}})
	c := state.Cluster{PITEnabled: true}
	reach := state.Reach{Window: state.Window{From: huntNow.Add(-48 * time.Hour), Until: huntNow}}
	all := h.Losses(c, reach, nil, huntNow)
	if l := all[Likeliest(all)]; l.What() != "shop.orders was dropped" {
		t.Errorf("of all %q comes first", l.What())
	}
	if got := h.HasWords(huntNow); !strings.Contains(got, "of after it") || !strings.Contains(got, "not known") {
		t.Errorf("of a snapshot after the loss it says %q", got)
	}
	moved := huntOf(t, "", time.Time{}).Told(incident.Findings{Found: []incident.Happening{event(incident.Rename, 0, "orders", "deploy")}}).Losses(c, reach, nil, huntNow)
	what, _, why := moved[0].Restores(Config{Now: func() time.Time { return huntNow }, Zone: time.UTC})
	if what != "It is called shop.moved now" || why != "Maybe no restore is needed; the second before is 23 Nov 14:02:58 UTC" {
		t.Errorf("of a rename it says %q, %q", what, why)
	}
	if cells := moved[0].Row(Config{Now: func() time.Time { return huntNow }, Zone: time.UTC}).Cells; cells[2] != "renamed to shop.moved: shop.orders" {
		t.Errorf("its row is %q", cells)
	}
}

// A number falls by a drop that a log tells too: that it may be told twice is said. A rate of deletes is no drop's, and what
// was before or after the counter began is another loss.
func TestALossThatIsToldTwice(t *testing.T) {
	began := time.Date(2026, 11, 23, 16, 20, 0, 0, time.UTC)
	found := func(k incident.Kind, at time.Time) incident.Happening {
		return incident.Happening{Event: incident.Event{Kind: k, At: at, Namespace: incident.Namespace{Database: "shop", Collection: "orders"}}}
	}
	long := found(incident.Delete, began.Add(-time.Hour))
	long.Until = began.Add(time.Minute)
	for name, tc := range map[string]struct {
		found []incident.Happening
		fall  bool
		says  string
	}{
		"the drop":       {[]incident.Happening{found(incident.Drop, began.Add(time.Minute))}, true, "In that time shop.orders was dropped: it may be the same loss"},
		"at its end":     {[]incident.Happening{found(incident.Drop, began.Add(10*time.Minute))}, true, "In that time shop.orders was dropped: it may be the same loss"},
		"two":            {[]incident.Happening{found(incident.Drop, began.Add(time.Minute)), long}, true, "In that time logs tell of 2 losses: it may be one of them"},
		"before":         {[]incident.Happening{found(incident.Drop, began.Add(-time.Second))}, true, ""},
		"after":          {[]incident.Happening{found(incident.Drop, began.Add(10*time.Minute+time.Second))}, true, ""},
		"a rename":       {[]incident.Happening{found(incident.Rename, began.Add(time.Minute))}, true, ""},
		"a rate, a drop": {[]incident.Happening{found(incident.Drop, began.Add(time.Minute))}, false, ""},
		"a rate":         {[]incident.Happening{long}, false, "In that time 0 documents were deleted from shop.orders: it may be the same loss"},
	} {
		h := huntOf(t, "", time.Time{}).Told(incident.Findings{Ended: true, Found: tc.found, Jumps: []incident.Jump{{Series: "DATABASE_OBJECT_COUNT", After: began, From: began.Add(10 * time.Minute), Fall: tc.fall}}})
		now := began.Add(time.Hour)
		var counted Loss
		for _, l := range h.Losses(state.Cluster{PITEnabled: true}, state.Reach{}, nil, now) {
			if l.rough {
				counted = l
			}
		}
		row := counted.Row(Config{Now: func() time.Time { return now }, Zone: time.UTC})
		if counted.same != tc.says || (row.Warning != "") != (tc.says != "") || !strings.HasPrefix(counted.Whole(), tc.says) {
			t.Errorf("%s: %q, the row warns %q, in full %q", name, counted.same, row.Warning, counted.Whole())
		}
	}
}

// How long before a loss the restore leads to is measured to the time that the loss is told with, of a
// log's line, of a rate and of a number alike: in the row, in the evidence and for a snapshot.
func TestHowLongBeforeALoss(t *testing.T) {
	at := time.Date(2026, 11, 23, 16, 29, 50, 336e6, time.UTC)
	h := huntOf(t, "", time.Time{}).Told(incident.Findings{
		Found: []incident.Happening{{Event: incident.Event{Kind: incident.Drop, At: at, Namespace: incident.Namespace{Database: "shop", Collection: "orders"}}}},
		Jumps: []incident.Jump{
			{Series: "DATABASE_OBJECT_COUNT", After: at.Truncate(time.Minute).Add(-37 * time.Minute), From: at.Truncate(time.Minute).Add(5 * time.Minute), Fall: true},
			{Series: "DOCUMENT_METRICS_DELETED", After: at.Truncate(time.Minute).Add(-2 * time.Minute), From: at.Truncate(time.Minute).Add(time.Minute), Peak: 4000},
		},
	})
	now := at.Add(time.Hour)
	cfg := Config{Now: func() time.Time { return now }, Zone: time.UTC}
	hole := time.Date(2026, 11, 23, 14, 48, 26, 0, time.UTC)
	snapshots := []state.Snapshot{{ID: "5f0000000000000000000001", Status: "completed", CreatedAt: hole.Add(-time.Second)}}
	reach := state.Reach{Window: state.Window{From: at.Add(-48 * time.Hour), Until: now}, Holes: []state.Window{{From: hole}}}
	for name, tc := range map[string]struct {
		reach state.Reach
		says  string
	}{
		"a moment": {reach, "%s before"}, "a snapshot": {state.Reach{}, "the last %s before it are not in it"},
	} {
		c := state.Cluster{Name: "orders-prod", PITEnabled: !tc.reach.IsZero()}
		all := h.Losses(c, tc.reach, snapshots, now)
		spans := map[string]string{"dropped": "1 h 41 min", "number": "1 h 45 min", "deleted": "1 h 41 min"} // 14:48:25 to 16:29:50, to 16:34 and to 16:30
		if len(all) != len(spans) {
			t.Fatalf("%s: %d losses", name, len(all))
		}
		for _, l := range all {
			_, _, why := l.Restores(cfg)
			found := false
			for word, span := range spans {
				if !strings.Contains(l.brief, word) {
					continue
				}
				found = true
				if !strings.HasPrefix(why, strings.Replace(tc.says, "%s", span, 1)) {
					t.Errorf("%s, %s at %s: %s", name, l.brief, l.when(now), why)
				}
				if clause := l.Proposal.Clause(); !tc.reach.IsZero() && !strings.HasPrefix(clause, span+" before ") {
					t.Errorf("%s, %s at %s: the evidence is %s", name, l.brief, l.when(now), clause)
				}
			}
			if !found {
				t.Errorf("%s: nothing is known of %s", name, l.brief)
			}
		}
	}
}
