package teatest_test

import (
	"strings"
	"testing"
	"time"

	"atlas-restore/atlasclient"
	"atlas-restore/atlasclient/simulator"
	"atlas-restore/state"
	"atlas-restore/state/incident"
)

var befellAt = time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)

// befell is what the engine finds through the real client in a world in which something befell
// the data of a cluster, within six hours.
func befell(t *testing.T, place string, missing incident.Missing, injects ...simulator.Inject) (incident.Findings, incident.Search) {
	t.Helper()
	sim, err := simulator.Start(simulator.Options{Seed: 1, Start: befellAt})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sim.Close() })
	for _, i := range injects {
		if err := sim.Inject(i); err != nil {
			t.Fatal(err)
		}
	}
	project, name, _ := strings.Cut(place, "/")
	return searched(t, newWorldOn(t, sim), project, name, missing, 6*time.Hour)
}

// searched is what a search finds through the real client in the last hours.
func searched(t *testing.T, w *world, project, name string, missing incident.Missing, back time.Duration) (incident.Findings, incident.Search) {
	t.Helper()
	atlas, ok := w.cfg.Atlas.(*atlasclient.Client)
	if !ok {
		t.Fatal("it is another client")
	}
	cluster, err := atlas.Cluster(t.Context(), w.sim.ProjectID(project), name)
	if err != nil {
		t.Fatal(err)
	}
	snapshots, err := atlas.Snapshots(t.Context(), cluster)
	if err != nil {
		t.Fatal(err)
	}
	now := w.sim.Now()
	s := incident.Search{
		Cluster: cluster, Missing: missing, From: now.Add(-back), Until: now, Now: now, Snapshots: snapshots,
		Reach: state.Reach{Window: state.Window{From: now.AddDate(0, 0, -2), Until: now}},
	}
	return s.Run(t.Context(), atlas, nil), s
}

// agoOf is how long before that a time of the day was.
func agoOf(clock string) simulator.Duration {
	at, err := time.Parse("2006-01-02 15:04:05.000", "2026-11-23 "+clock)
	if err != nil {
		panic(err)
	}
	return simulator.Duration(befellAt.Sub(at))
}

// What befalls the data of the embedded Atlas is found by the engine through the client, with
// nothing that could not be read but the newest minutes.
func TestWhatBefellIsFound(t *testing.T) {
	t.Parallel()
	const orders, events = "Payments/orders-prod", "Analytics/events"
	drop := simulator.Inject{Drop: &simulator.InjectDrop{Cluster: orders, Namespace: "shop.orders", Ago: agoOf("14:02:59.812"), By: simulator.InjectClient{Application: "cleanup.py"}}}
	ofOrders := incident.Missing{Database: "shop", Collection: "orders"}
	for i, row := range []struct {
		name, cluster string
		missing       incident.Missing
		injects       []simulator.Inject
		moments       []string // that are proposed
		by            string   // who it was
		unread        string   // beside the newest minutes
	}{
		{"nothing", orders, ofOrders, nil, nil, "", ""},
		{"a drop", orders, ofOrders, []simulator.Inject{drop}, []string{"14:02:58"}, "cleanup.py", ""},
		{"a drop of another collection", orders, incident.Missing{Database: "shop", Collection: "stock"}, []simulator.Inject{drop}, nil, "", ""},
		{"a drop among the noise of others", orders, ofOrders, []simulator.Inject{drop, {Noise: &simulator.InjectNoise{Cluster: orders, Ago: agoOf("09:00:00.000")}}}, []string{"14:02:58"}, "cleanup.py", ""},
		{"a drop before an election", orders, ofOrders, []simulator.Inject{drop, {Election: &simulator.InjectElection{Cluster: orders, Ago: agoOf("14:05:00.000")}}}, []string{"14:02:58"}, "cleanup.py", ""},
		{"a drop that a refused log tells", orders, ofOrders, []simulator.Inject{drop, {Member: &simulator.InjectMember{Cluster: orders, Primary: true, Log: "refused"}}}, nil, "", "log"},
		{"a database", orders, ofOrders, []simulator.Inject{{DropDatabase: &simulator.InjectDropDatabase{Cluster: orders, Database: "shop", Ago: agoOf("13:30:00.000")}}}, []string{"13:29:59"}, "mongosh 2.5.10", "counters"},
		{"an overwriting rename", orders, ofOrders, []simulator.Inject{
			{NewCollection: &simulator.InjectNewCollection{Cluster: orders, Namespace: "shop.orders_new", Ago: agoOf("13:00:00.000")}},
			{Rename: &simulator.InjectRename{Cluster: orders, From: "shop.orders_new", To: "shop.orders", DropTarget: true, Ago: agoOf("13:10:00.001")}},
		}, []string{"13:09:59"}, "mongosh 2.5.10", ""},
		{"a slow mass delete", orders, ofOrders, []simulator.Inject{{MassDelete: &simulator.InjectMassDelete{Cluster: orders, Namespace: "shop.orders", Slow: true, Takes: simulator.Duration(4 * time.Minute), Ago: agoOf("13:02:19.812")}}}, []string{"13:02:18"}, "mongosh 2.5.10", ""},
		{"all shards", events, incident.Missing{Database: "analytics", Collection: "clicks"}, []simulator.Inject{{Drop: &simulator.InjectDrop{Cluster: events, Namespace: "analytics.clicks", Ago: agoOf("13:00:00.990")}}}, []string{"12:59:59"}, "mongosh 2.5.10", ""},
	} {
		if !few(i, 3) {
			continue
		}
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f, s := befell(t, row.cluster, row.missing, row.injects...)
			var moments []string
			for _, h := range f.Found {
				moments = append(moments, incident.Before(h, s.Reach, s.Snapshots, s.Now).Moment.Format(time.TimeOnly))
				if h.Who.Application != row.by {
					t.Errorf("by %s, want %s", h.Who, row.by)
				}
			}
			if strings.Join(moments, " ") != strings.Join(row.moments, " ") {
				t.Errorf("%v, want %v", moments, row.moments)
			}
			for _, u := range f.Unread {
				if !u.Yet && string(u.What) != row.unread {
					t.Errorf("unread: %+v", u)
				}
			}
		})
	}
}

// A mass delete that no log names is found in the counters, to the minute.
func TestSilentMassDeleteIsFound(t *testing.T) {
	t.Parallel()
	const orders = "Payments/orders-prod"
	began := befellAt.Add(-time.Duration(agoOf("13:02:19.812")))
	f, s := befell(t, orders, incident.Missing{Database: "shop"}, simulator.Inject{MassDelete: &simulator.InjectMassDelete{
		Cluster: orders, Namespace: "shop.orders", Documents: 3_000_000, Takes: simulator.Duration(4 * time.Minute), Ago: agoOf("13:02:19.812"),
	}})
	if len(f.Found) > 0 {
		t.Errorf("%+v", f.Found)
	}
	best := time.Time{}
	for _, j := range f.Jumps {
		p := incident.BeforeJump(j, s.Reach, s.Snapshots, s.Now)
		if p.Moment.IsZero() || !p.Moment.Before(began) {
			t.Errorf("%s", p)
		}
		if p.Moment.After(best) {
			best = p.Moment
		}
	}
	if began.Sub(best) > 3*time.Minute {
		t.Errorf("the best is %s of %d", best, len(f.Jumps))
	}
}
