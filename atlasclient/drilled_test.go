package atlasclient_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"atlas-restore/atlasclient"
	"atlas-restore/atlasclient/credentials"
	"atlas-restore/atlasclient/simulator"
	"atlas-restore/state"
	"atlas-restore/state/drill"
	"atlas-restore/state/record"
)

// drilled restores the newest snapshot of orders-prod onto drill-orders, and makes all checks of a drill
// but the command's, while the clock of the simulator runs ahead.
func drilled(t *testing.T, of state.DeliveryType, injects ...simulator.Inject) map[string]drill.Look {
	t.Helper()
	sim, err := simulator.Start(simulator.Options{Seed: 1, RateLimit: simulator.Unlimited})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sim.Close() })
	inject := func(i simulator.Inject) {
		t.Helper()
		if err := sim.Inject(i); err != nil {
			t.Fatal(err)
		}
	}
	inject(simulator.Inject{NewCluster: &simulator.InjectCreation{Cluster: "Payments/drill-orders", Like: "Payments/orders-prod-restore"}})
	for _, i := range injects {
		if i.Fault == nil {
			inject(i)
		}
	}
	keys := sim.Keys()
	c, err := atlasclient.New(atlasclient.Options{
		BaseURL: sim.BaseURL(), Now: sim.Now, Pace: 1000,
		Credential: credentials.Credential{Kind: credentials.ServiceAccount, Public: keys.ClientID, Private: state.NewSecret(keys.ClientSecret), Source: "test"},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, project := t.Context(), sim.ProjectID("Payments")
	o := drill.Order{Source: state.Cluster{ProjectID: project, Name: "orders-prod", Type: state.ReplicaSet}, Target: state.Cluster{ProjectID: project, Name: "drill-orders", Type: state.ReplicaSet}}
	all, err := c.Snapshots(ctx, o.Source)
	if err != nil {
		t.Fatal(err)
	}
	body := state.Request{DeliveryType: of, TargetProjectID: project, TargetClusterName: "drill-orders"}
	for _, s := range all {
		if s.Usable(sim.Now()) == nil {
			if o.Snapshot = s; of == state.PointInTime {
				o.Snapshot, o.Instant = state.Snapshot{}, state.Instant{UTCSeconds: s.When().Add(30 * time.Minute).Unix()}
				body.PointInTimeUTCSeconds = o.Instant.UTCSeconds
			}
			body.SnapshotID = o.Snapshot.ID
			break
		}
	}
	job, err := c.CreateJob(ctx, o.Source, body)
	if err != nil {
		t.Fatal(err)
	}
	sim.Advance(10 * time.Minute)
	if job, err = c.Job(ctx, o.Source, job.ID); err != nil || job.State(sim.Now()) != state.Completed {
		t.Fatalf("%+v %v", job, err)
	}
	o.Done = job.FinishedAt
	for _, i := range injects {
		if i.Fault != nil {
			inject(i)
		}
	}
	var mu sync.Mutex // all checks wait by one clock: the latest wins
	clock := drill.Clock{Now: sim.Now, Wait: func(ctx context.Context, until time.Time) bool {
		mu.Lock()
		defer mu.Unlock()
		if d := until.Sub(sim.Now()); d > 0 {
			sim.Advance(d)
		}
		return ctx.Err() == nil
	}}
	out := map[string]drill.Look{}
	stand := drill.Run(ctx, c, o, clock, func(drill.Standing) {})
	for _, l := range stand.Looks {
		out[l.Name] = l
	}
	if !stand.Over {
		t.Error("it is not over")
	}
	t.Logf("after %v: %+v", sim.Now().Sub(o.Done), stand.Looks)
	return out
}

// TestDrillAgainstTheSimulator holds that a restore that lacks nothing passes, and that each way in which
// one can lack something, or cannot be seen, is told as what it is.
func TestDrillAgainstTheSimulator(t *testing.T) {
	t.Parallel()
	forbidden := func(path string) simulator.Inject {
		return simulator.Inject{Fault: &simulator.InjectFault{Method: "GET", PathContains: path, Times: -1, Status: 403}}
	}
	lacks := func(what, namespace string) simulator.Inject {
		return simulator.Inject{NextRestore: &simulator.InjectNextRestore{Lacks: what, Namespace: namespace}}
	}
	const ok, no, open = record.Passed, record.Failed, record.Unseen
	for name, tc := range map[string]struct {
		of                                                 state.DeliveryType
		injects                                            []simulator.Inject
		target, databases, collections, documents, indexes record.Finding
		says                                               map[string]string
	}{
		"whole":                         {state.Automated, nil, ok, ok, ok, ok, ok, map[string]string{drill.Databases: "all of them", drill.Indexes: "none"}},
		"a moment":                      {state.PointInTime, nil, ok, ok, ok, ok, ok, nil},
		"without a database":            {state.Automated, []simulator.Inject{lacks("database", "audit")}, ok, no, no, no, ok, map[string]string{drill.Databases: "not there: audit"}},
		"without a collection":          {state.Automated, []simulator.Inject{lacks("collection", "shop.refunds")}, ok, ok, no, no, ok, map[string]string{drill.Collections: "shop has 8, and the snapshot names 9"}},
		"a moment without a collection": {state.PointInTime, []simulator.Inject{lacks("collection", "shop.refunds")}, ok, ok, no, no, ok, map[string]string{drill.Collections: "shop has 8, and the source had 9"}},
		"without documents":             {state.Automated, []simulator.Inject{lacks("documents", "shop.orders")}, ok, ok, ok, no, ok, map[string]string{drill.Documents: "shop has "}},
		"counts forbidden":              {state.Automated, []simulator.Inject{forbidden("/measurements")}, ok, open, open, open, ok, map[string]string{drill.Documents: "could not be read", drill.Collections: "could not be read"}},
		"counts of one forbidden":       {state.Automated, []simulator.Inject{forbidden("databases/shop/measurements")}, ok, open, open, open, ok, map[string]string{drill.Documents: "could not be read"}},
		"names forbidden":               {state.Automated, []simulator.Inject{forbidden("/backup/snapshots")}, ok, open, ok, ok, ok, map[string]string{drill.Databases: "could not be read"}},
		"names and a loss":              {state.Automated, []simulator.Inject{forbidden("/backup/snapshots"), lacks("collection", "shop.refunds")}, ok, open, no, no, ok, nil},
		"target forbidden":              {state.Automated, []simulator.Inject{forbidden("/clusters/drill-orders")}, open, open, open, open, open, map[string]string{drill.Target: "could not be read"}},
		"indexes forbidden":             {state.Automated, []simulator.Inject{forbidden("/search/indexes")}, ok, ok, ok, ok, open, map[string]string{drill.Indexes: "Project Data Access Read Write"}},
		"indexes built":                 {state.Automated, []simulator.Inject{{Search: &simulator.InjectSearch{Cluster: "Payments/orders-prod", Takes: simulator.Duration(30 * time.Minute)}}}, ok, ok, ok, ok, ok, map[string]string{drill.Indexes: "1 ready"}},
		"indexes not built":             {state.Automated, []simulator.Inject{{Search: &simulator.InjectSearch{Cluster: "Payments/orders-prod", Fails: true}}}, ok, ok, ok, ok, no, map[string]string{drill.Indexes: "not built: shop.orders/default"}},
		"no answer at all":              {state.Automated, []simulator.Inject{{Fault: &simulator.InjectFault{Method: "GET", PathContains: "/groups", Times: -1, Status: 400}}}, open, open, open, open, open, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := drilled(t, tc.of, tc.injects...)
			for check, want := range map[string]record.Finding{drill.Target: tc.target, drill.Databases: tc.databases, drill.Collections: tc.collections, drill.Documents: tc.documents, drill.Indexes: tc.indexes} {
				l := got[check]
				if l.Finding != want || l.Found == "" || l.Expected == "" {
					t.Errorf("%s is %q, want %q: found %q, expected %q", check, l.Finding, want, l.Found, l.Expected)
				}
				if says := tc.says[check]; !strings.Contains(l.Found, says) {
					t.Errorf("%s says %q, not %q", check, l.Found, says)
				}
			}
		})
	}
}
