// Tests of state/incident. They stand here: each package with tests is one more program to link.

package state_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"atlas-restore/state"
	"atlas-restore/state/incident"
)

// clock is an instant of the day of the drop.
func clock(s string) time.Time {
	t, err := time.Parse(time.DateTime, "2026-11-23 "+s)
	if err != nil {
		panic(err)
	}
	return t
}

var shopOrders = incident.Missing{Database: "shop", Collection: "orders"}

// events are those of a member's log.
func events(t *testing.T, member string, lines ...string) []incident.Event {
	t.Helper()
	var out []incident.Event
	if _, err := incident.NewLog(member, 0).Read(t.Context(), strings.NewReader(strings.Join(lines, "\n")), func(e incident.Event) { out = append(out, e) }); err != nil {
		t.Fatal(err)
	}
	return out
}

func dropAt(at, namespace string) string {
	return line(at, "COMMAND", 518070, "conn7", "CMD: drop", `{"namespace":"`+namespace+`"}`)
}

// window is one from midnight to 15:00, with a hole from 10:00 to 12:00, and a snapshot at each
// full hour but the first three.
func window() (state.Reach, []state.Snapshot, time.Time) {
	now := clock("15:00:00")
	var snapshots []state.Snapshot
	for h := 3; h < 15; h++ {
		snapshots = append(snapshots, state.Snapshot{ID: fmt.Sprint(h), Status: "completed", CreatedAt: clock("00:00:00").Add(time.Duration(h) * time.Hour)})
	}
	snapshots = append(snapshots, state.Snapshot{ID: "failed", Status: "failed", CreatedAt: clock("14:01:00")})
	return state.Reach{Window: state.Window{From: clock("02:00:00"), Until: now}, Holes: []state.Window{{From: clock("10:00:00"), Until: clock("12:00:00")}}}, snapshots, now
}

func TestProposalIsTheSecondBefore(t *testing.T) {
	t.Parallel()
	reach, snapshots, now := window()
	off := state.Reach{}
	dropDatabase := []string{
		line("14:02:50.100", "COMMAND", 20337, "conn9", "dropDatabase - starting", `{"db":"shop"}`),
		line("14:02:57.000", "COMMAND", 20338, "conn9", "dropDatabase - dropping collection", `{"db":"shop","namespace":"shop.orders"}`),
		line("14:02:59.900", "COMMAND", 20336, "conn9", "dropDatabase", `{"db":"shop","numCollectionsDropped":1}`),
	}
	for _, tt := range []struct {
		name     string
		lines    []string
		reach    state.Reach
		moment   string // empty for none
		snapshot string
		says     string
	}{
		{"a drop", []string{dropAt("14:02:59.812", "shop.orders")}, reach, "14:02:58", "14", "14:02:58, the second before shop.orders was dropped at 14:02:59.812 UTC by conn7"},
		{"on a whole second", []string{dropAt("14:02:59.000", "shop.orders")}, reach, "14:02:58", "14", ""},
		{"at the end of a second", []string{dropAt("14:02:59.999", "shop.orders")}, reach, "14:02:58", "14", ""},
		{"right at a snapshot", []string{dropAt("14:00:00.000", "shop.orders")}, reach, "13:59:59", "13", ""},
		{"a second after a snapshot", []string{dropAt("14:00:01.000", "shop.orders")}, reach, "14:00:00", "14", ""},
		{"among others", []string{dropAt("13:00:00.000", "bank.orders"), dropAt("14:02:59.812", "shop.orders"), dropAt("14:10:00.000", "shop.orders_old")}, reach, "14:02:58", "14", ""},
		{"a database, from its begin", dropDatabase, reach, "14:02:49", "14", "14:02:49, the second before the database shop was dropped at 14:02:50.100 UTC by conn9"},
		{"a database, in the middle", dropDatabase[1:], reach, "", "", "no moment before the database shop was dropped at 14:02:57.000 UTC by conn9: it began before what was read of the log: read further back"},
		{"a rename", []string{line("14:02:59.812", "COMMAND", 20400, "conn7", "renameCollectionForCommand", `{"sourceNamespace":"shop.orders","targetNamespace":"shop.old","dropTarget":"no"}`)}, reach, "14:02:58", "14", "14:02:58, the second before shop.orders was renamed to shop.old at 14:02:59.812 UTC by conn7"},
		{"an overwrite", []string{line("14:02:59.812", "COMMAND", 20400, "conn7", "renameCollectionForCommand", `{"sourceNamespace":"shop.import","targetNamespace":"shop.orders","dropTarget":"yes"}`)}, reach, "14:02:58", "14", "14:02:58, the second before shop.import was put in the place of shop.orders at 14:02:59.812 UTC by conn7"},
		{"a mass delete, from its begin", []string{line("14:02:59.812", "WRITE", 51803, "conn7", "Slow query", `{"type":"remove","ns":"shop.orders","ndeleted":5000,"durationMillis":4812}`)}, reach, "14:02:54", "14", "14:02:54, the second before 5000 documents were deleted from shop.orders at 14:02:55.000 UTC by conn7"},
		{"by a secondary", []string{strings.Replace(dropAt("14:02:59.812", "shop.orders"), "conn7", "OplogApplier-0", 1)}, reach, "", "", "no moment before shop.orders was dropped at 14:02:59.812 UTC by OplogApplier-0: this member repeated it after the primary: the primary's log tells the second"},
		{"before the window", []string{dropAt("01:00:00.000", "shop.orders")}, reach, "", "", "no moment before shop.orders was dropped at 01:00:00.000 UTC by conn7: that is before the restore window; the earliest moment is 23 Nov 02:00:00 UTC"},
		{"as the window begins", []string{dropAt("02:00:00.500", "shop.orders")}, reach, "", "", "no moment before shop.orders was dropped at 02:00:00.500 UTC by conn7: that is before the restore window; the earliest moment is 23 Nov 02:00:00 UTC"},
		{"the window's second second", []string{dropAt("02:00:01.500", "shop.orders")}, reach, "02:00:00", "", ""},
		{"in a hole", []string{dropAt("11:02:59.812", "shop.orders")}, reach, "09:59:59", "11", "09:59:59, 1 h 3 min before shop.orders was dropped at 11:02:59.812 UTC by conn7: no moment there can be restored: the last good before is 23 Nov 09:59:59 UTC, the first after is 23 Nov 12:00:00 UTC (a restore ran from 23 Nov 10:00 UTC)"},
		{"as a hole ends", []string{dropAt("12:00:00.500", "shop.orders")}, reach, "09:59:59", "11", ""},
		{"a clock that is ahead", []string{dropAt("15:30:00.000", "shop.orders")}, reach, "", "", "no moment before shop.orders was dropped at 15:30:00.000 UTC by conn7: the clock of node-0 is ahead: it says 23 Nov 15:30:00 UTC, and it is 23 Nov 15:00:00 UTC"},
		{"point in time is off", []string{dropAt("14:02:59.812", "shop.orders")}, off, "", "14", "no moment before shop.orders was dropped at 14:02:59.812 UTC by conn7: there is no restore window: point in time is off"},
	} {
		h, err := incident.Only(events(t, "node-0", tt.lines...), shopOrders)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		p := incident.Before(h, tt.reach, snapshots, now)
		got := ""
		if !p.Moment.IsZero() {
			got = p.Moment.Format(time.TimeOnly)
		}
		if got != tt.moment || p.Snapshot.ID != tt.snapshot {
			t.Errorf("%s: %q and the snapshot %q, want %q and %q", tt.name, got, p.Snapshot.ID, tt.moment, tt.snapshot)
		}
		if tt.says != "" && p.String() != tt.says {
			t.Errorf("%s says\n%s, want\n%s", tt.name, p, tt.says)
		}
	}
}

// Whatever befell it at whatever time: a moment that is proposed is a whole second, wholly
// before it, and can be had.
func TestProposalIsNeverAWrongSecond(t *testing.T) {
	t.Parallel()
	reach, snapshots, now := window()
	rapid.Check(t, func(r *rapid.T) {
		at := clock("00:00:00").Add(time.Duration(rapid.Int64Range(0, 16*3600*1000).Draw(r, "ms")) * time.Millisecond)
		e := incident.Event{Kind: incident.Drop, At: at, Late: rapid.Bool().Draw(r, "late"), Applied: rapid.Bool().Draw(r, "applied")}
		p := incident.Before(incident.Happening{Event: e}, reach, snapshots, now)
		if p.Moment.IsZero() {
			if p.Why == "" {
				r.Error("no moment, and no reason")
			}
			return
		}
		if p.Moment.Add(time.Second).After(at) || p.Moment.Nanosecond() != 0 || reach.Check(p.Moment, now) != nil || e.Late || e.Applied {
			r.Errorf("%s for what happened at %s", p.Moment, at)
		}
		if p.Snapshot.ID != "" && !p.Snapshot.When().Before(at) {
			r.Errorf("the snapshot of %s for what happened at %s", p.Snapshot.When(), at)
		}
	})
}

// Where nobody chooses, there is one thing that happened or none.
func TestOnlyOneThing(t *testing.T) {
	t.Parallel()
	secondary := strings.NewReplacer("conn9", "ReplWriterWorker-1")
	database := line("14:02:50.100", "COMMAND", 20337, "conn9", "dropDatabase - starting", `{"db":"shop"}`)
	without := database + "\n" + line("14:02:51.000", "COMMAND", 20336, "conn9", "dropDatabase", `{"db":"shop","numCollectionsDropped":0}`)
	for _, tt := range []struct {
		name string
		logs []string // one a member
		want string   // when, or why not
	}{
		{"nothing", []string{""}, "nothing was found"},
		{"another collection", []string{dropAt("14:02:59.812", "shop.orders2")}, "nothing was found"},
		{"another database", []string{dropAt("14:02:59.812", "bank.orders")}, "nothing was found"},
		{"another case of letters", []string{dropAt("14:02:59.812", "shop.Orders")}, "nothing was found"},
		{"a name that looks the same", []string{dropAt("14:02:59.812", `shop.ord\u200bers`)}, "nothing was found"},
		{"a rename onto its free name", []string{line("14:02:59.812", "COMMAND", 20400, "conn7", "renameCollectionForCommand", `{"sourceNamespace":"shop.x","targetNamespace":"shop.orders","dropTarget":"no"}`)}, "nothing was found"},
		{"a line that is cut", []string{dropAt("14:02:59.812", "shop.orders")[:140]}, "1 line of the log may be of it and cannot be read"},
		{"one and a line that is cut", []string{dropAt("14:02:59.812", "shop.orders") + "\n" + dropAt("14:12:59.812", "shop.orders")[:140]}, "1 line of the log may be of it and cannot be read"},
		{"two drops", []string{dropAt("13:02:59.812", "shop.orders") + "\n" + dropAt("14:02:59.812", "shop.orders")}, "more than one"},
		{"two drops of one minute", []string{dropAt("14:02:30.000", "shop.orders") + "\n" + dropAt("14:02:33.000", "shop.orders")}, "more than one"},
		{"a drop and a rename", []string{dropAt("13:02:59.812", "shop.orders") + "\n" + line("14:02:59.812", "COMMAND", 20400, "conn7", "renameCollectionForCommand", `{"sourceNamespace":"shop.x","targetNamespace":"shop.orders","dropTarget":"yes"}`)}, "more than one"},
		{"two shards", []string{dropAt("14:02:59.812", "shop.orders"), dropAt("14:03:00.100", "shop.orders")}, "14:02:59.812"},
		{"two shards, the later one first", []string{dropAt("14:03:00.100", "shop.orders"), dropAt("14:02:59.812", "shop.orders")}, "14:02:59.812"},
		{"two members, an hour apart", []string{dropAt("13:02:59.812", "shop.orders"), dropAt("14:02:59.812", "shop.orders")}, "more than one"},
		{"a secondary that repeats", []string{database, secondary.Replace(database)}, "14:02:50.100"},
		{"a secondary whose clock is behind", []string{strings.Replace(database, "50.100", "51.100", 1), secondary.Replace(database)}, "14:02:51.100"},
		{"a secondary that repeats what nobody told", []string{database, secondary.Replace(strings.Replace(database, "14:02", "14:32", 1))}, "more than one"},
		{"a time series by both names", []string{dropAt("14:02:59.812", "shop.orders") + "\n" + dropAt("14:02:59.815", "shop.system.buckets.orders")}, "14:02:59.812"},
		{"a database", []string{database}, "14:02:50.100"},
		{"a database without it", []string{without}, "nothing was found"},
		{"a drop, then its database without it", []string{dropAt("13:02:59.812", "shop.orders") + "\n" + without}, "13:02:59.812"},
		{"deletes one after the other", []string{
			line("14:02:00.000", "WRITE", 51803, "conn7", "Slow query", `{"type":"remove","ns":"shop.orders","ndeleted":5000,"durationMillis":1000}`) + "\n" +
				line("14:02:30.000", "WRITE", 51803, "conn8", "Slow query", `{"type":"remove","ns":"shop.orders","ndeleted":5000,"durationMillis":1000}`),
		}, "14:01:59.000"},
		{"deletes with an hour between", []string{
			line("13:02:00.000", "WRITE", 51803, "conn7", "Slow query", `{"type":"remove","ns":"shop.orders","ndeleted":5000,"durationMillis":1000}`) + "\n" +
				line("14:02:30.000", "WRITE", 51803, "conn8", "Slow query", `{"type":"remove","ns":"shop.orders","ndeleted":5000,"durationMillis":1000}`),
		}, "more than one"},
	} {
		var all []incident.Event
		for i, log := range tt.logs {
			all = append(all, events(t, fmt.Sprintf("node-%d", i), log)...)
		}
		h, err := incident.Only(all, shopOrders)
		got := h.At.Format("15:04:05.000")
		if err != nil {
			got = err.Error()
		}
		if !strings.HasPrefix(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
	if _, err := incident.Only(nil, shopOrders); !errors.Is(err, incident.ErrNothing) {
		t.Error(err)
	}
}

// What is missing is said exactly, in part, or not yet.
func TestWhatIsMissing(t *testing.T) {
	t.Parallel()
	all := events(t, "node-0",
		dropAt("14:00:01.000", "shop.orders"), dropAt("14:00:02.000", "shop.orders.archive"), dropAt("14:00:03.000", "bank.Orders"), dropAt("14:00:04.000", "shop.system.views"), dropAt("14:00:05.000", "shop.carts"),
		line("14:00:06.000", "COMMAND", 20337, "conn9", "dropDatabase - starting", `{"db":"shop"}`))
	for _, tt := range []struct {
		missing incident.Missing
		want    []string
	}{
		{incident.Missing{}, []string{"shop.orders", "shop.orders.archive", "bank.Orders", "shop.system.views", "shop.carts", "shop"}},
		{incident.Missing{Database: "shop"}, []string{"shop.orders", "shop.orders.archive", "shop.system.views", "shop.carts", "shop"}},
		{incident.Missing{Database: "shop", Collection: "orders.archive"}, []string{"shop.orders.archive", "shop"}},
		{incident.Missing{Collection: "carts"}, []string{"shop.carts", "shop"}},
		{incident.Missing{Part: "ORDERS"}, []string{"shop.orders", "shop.orders.archive", "bank.Orders"}},
		{incident.Missing{Database: "bank", Part: "orders"}, []string{"bank.Orders"}},
	} {
		var got []string
		for _, h := range incident.Gather(all, tt.missing) {
			got = append(got, h.Namespace.String())
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%+v: -want +got:\n%s", tt.missing, diff)
		}
	}
	for name, want := range map[string]bool{"shop.orders": false, "shop.system.views": true, "shop.system.buckets.weather": false, "config.chunks": true, "shop.tmp.agg_out.6d3e": true, "shop.enxcol_.orders.esc": true, "shop.systems": false} {
		e := events(t, "node-0", dropAt("14:00:00.000", name))
		if len(e) != 1 || e[0].Namespace.Internal() != want {
			t.Errorf("%s: internal is not %t", name, want)
		}
	}
}
