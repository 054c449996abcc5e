package teatest_test

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"atlas-restore/atlasclient"
	fetcher "atlas-restore/atlasclient/delivery"
	"atlas-restore/atlasclient/simulator"
	"atlas-restore/atlasclient/simulator/control"
	"atlas-restore/atlasclient/simulator/scenario"
	"atlas-restore/state"
	fetching "atlas-restore/state/fetch"
	"atlas-restore/state/incident"
	"atlas-restore/teatest"
	"atlas-restore/ui/steps"
)

// solver walks through a scenario in the wizard, as its solution says.
type solver struct {
	*world
	run *scenario.Run
}

// answers are a flow with the snapshot of a time of the day.
type answers struct {
	flow
	snapshot string // 07:30
}

// wizard starts one with every answer.
func (s solver) wizard(a answers) *speaker {
	s.t.Helper()
	g := a.practised()
	if a.snapshot != "" {
		g.Snapshot = s.snapshotAt(a.project, a.cluster, a.snapshot)
	}
	return s.begin(g)
}

func (s solver) begin(g state.Given) *speaker {
	s.t.Helper()
	d := &speaker{world: s.world, interrupt: make(chan struct{}), unasked: true}
	d.cfg.Given = g
	d.start()
	return d
}

// snapshotAt is the snapshot of a time of the day; empty for none.
func (s solver) snapshotAt(project, cluster, clock string) string {
	for _, x := range s.sim.Snapshots(project, cluster) {
		if x.Taken.Format("2 15:04") == s.run.Scenario().Start.Format("2 ")+clock {
			return x.ID
		}
	}
	return ""
}

// collect is one wizard that brings collections of orders-prod back into itself, of a moment or of
// the snapshot of a time of the day.
func (s solver) collect(moment, snapshot string, names ...string) {
	s.t.Helper()
	g := state.Given{
		Project: "Payments", Cluster: "orders-prod", Delivery: string(state.Collections), At: moment, Snapshot: snapshot,
		TargetProject: "Payments", TargetCluster: "orders-prod", Confirm: "collections", Only: &state.GivenOnly{Names: names},
	}
	d := s.begin(g)
	d.Wait("restore job ")
	s.leap(30 * time.Minute)
	d.leave(state.OutcomeCompleted)
}

// restore is one wizard up to the end of its job.
func (s solver) restore(a answers) steps.Summary {
	s.t.Helper()
	d := s.wizard(a)
	d.Wait("restore job ")
	s.leap(5 * time.Minute)
	if a.delivery == state.Download {
		return d.leave(state.OutcomeReady)
	}
	return d.leave(state.OutcomeCompleted)
}

// stopped is one that the wizard does not submit.
func (s solver) stopped(a answers, says string) {
	s.t.Helper()
	d := s.wizard(a)
	if sum := d.leave(state.OutcomeError); !strings.Contains(sum.Text()+d.Output(), says) {
		s.t.Errorf("it does not say %q:\n%s\n%s", says, d.Output(), sum.Text())
	}
}

var shownLink = regexp.MustCompile(`http://127\.0\.0\.1:\S+/delivery/\S+`)

// fetch takes what the wizard's summary shows.
func (s solver) fetch(sum steps.Summary) (whole int) {
	s.t.Helper()
	for _, link := range shownLink.FindAllString(sum.Text(), -1) {
		r, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, link, http.NoBody)
		if err != nil {
			s.t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			continue
		}
		_, err = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
		s.sim.AwaitDeliveries()
		if err == nil && res.StatusCode == http.StatusOK {
			whole++
		}
	}
	return whole
}

// downloads fetches and proves the files of the job of a summary, as the command download does. It
// gives what was told meanwhile too.
func (s solver) downloads(sum steps.Summary, dir string) (steps.Download, string) {
	s.t.Helper()
	ctx := s.t.Context()
	u, err := url.Parse(s.sim.BaseURL())
	if err != nil {
		s.t.Fatal(err)
	}
	job, err := s.cfg.Atlas.Job(ctx, sum.Plan.Cluster, sum.Job.ID)
	if err != nil {
		s.t.Fatal(err)
	}
	members, err := steps.Members(ctx, s.cfg, sum.Plan.Cluster, job)
	if err != nil {
		s.t.Fatal(err)
	}
	order, err := steps.FetchOrder(sum.Plan.Cluster, job.Whole(members), dir)
	if err != nil {
		s.t.Fatal(err)
	}
	var told strings.Builder
	by := fetcher.Fetcher{Options: fetcher.Options{Prover: fetcher.BlockChecksums{Notes: s.t.TempDir()}, Now: s.sim.Now, Only: u.Host, Tight: true}}
	d := steps.Download{Plan: sum.Plan, Job: job, Training: true}
	d.Fetch(ctx, s.cfg, by, order, fetching.How{Tell: steps.NewFetchTeller(&told, len(order.Files)).Tell}, members, func(string) {})
	s.sim.AwaitDeliveries()
	s.run.Look()
	return d, told.String()
}

func fromSnapshot(project, cluster, clock, targetProject, target string) answers {
	return answers{flow{project: project, cluster: cluster, delivery: state.Automated, targetProject: targetProject, target: target}, clock}
}

func fromMoment(project, cluster, moment, targetProject, target string) answers {
	return answers{flow{project: project, cluster: cluster, delivery: state.PointInTime, moment: moment, targetProject: targetProject, target: target}, ""}
}

func asDownload(project, cluster, clock string) answers {
	return answers{flow{project: project, cluster: cluster, delivery: state.Download}, clock}
}

// before is what a search proposes for what is missing: the moment before each thing that befell
// it, by who did that, and before each jump, by its counter.
func (s solver) before(project, cluster, database, collection string) map[string]string {
	s.t.Helper()
	f, search := searched(s.t, s.world, project, cluster, incident.Missing{Database: database, Collection: collection}, 8*time.Hour)
	out := map[string]string{}
	tell := func(by string, p incident.Proposal) {
		const written = "2006-01-02 15:04:05 UTC"
		if p.Moment.IsZero() {
			s.t.Errorf("%s", p)
		}
		if at := p.Moment.Format(written); at > out[by] {
			out[by] = at
		}
	}
	for _, h := range f.Found {
		tell(h.Who.Application, incident.Before(h, search.Reach, search.Snapshots, search.Now))
	}
	for _, j := range f.Jumps {
		if len(f.Found) == 0 {
			tell(j.Series, incident.BeforeJump(j, search.Reach, search.Snapshots, search.Now))
		}
	}
	return out
}

// solutions are those of the scenarios, in the wizard.
var solutions = map[string]func(s solver){
	"first-download": func(s solver) { s.fetch(s.restore(asDownload("Payments", "orders-prod", "07:30"))) },
	"restore-to-scratch": func(s solver) {
		s.restore(fromSnapshot("Payments", "orders-prod", "10:00", "Payments", "orders-prod-restore"))
	},
	"dropped-collection": func(s solver) {
		moments := s.before("Payments", "orders-prod", "shop", "orders")
		if len(moments) != 1 {
			s.t.Fatalf("%v", moments)
		}
		s.restore(fromMoment("Payments", "orders-prod", moments["cleanup.py"], "Payments", "orders-prod-restore"))
	},
	"silent-delete": func(s solver) {
		moments := s.before("Storefront", "carts", "shop", "")
		s.restore(fromMoment("Storefront", "carts", moments["DOCUMENT_METRICS_DELETED"], "Storefront", "carts-restore"))
	},
	"deploys-rename": func(s solver) {
		if moments := s.before("Payments", "orders-prod", "shop", "invoices"); len(moments) != 1 || moments["deploy-4.13"] != "2026-11-23 13:47:30 UTC" {
			s.t.Errorf("%v", moments)
		}
		if err := s.run.Note(scenario.Event{Kind: scenario.Left}); err != nil {
			s.t.Error(err)
		}
	},
	"two-drops": func(s solver) {
		moments := s.before("Payments", "orders-prod", "shop", "stock")
		if len(moments) != 2 {
			s.t.Errorf("%v", moments)
		}
		s.restore(fromMoment("Payments", "orders-prod", moments["hotfix-console"], "Payments", "orders-prod-restore"))
	},
	"time-zone": func(s solver) {
		s.restore(fromMoment("Storefront", "carts", "2026-11-23 14:19:59 +01:00", "Storefront", "carts-restore"))
	},
	"nearly-one-name": func(s solver) {
		s.restore(fromSnapshot("Payments", "ledger-prd", "08:05", "Payments", "ledger-prd"))
	},
	"hole-after-restore": func(s solver) {
		s.stopped(fromMoment("Payments", "orders-prod", "2026-11-23 14:09:59", "Payments", "orders-prod-restore"), "the last good before is 23 Nov 13:30:59")
		s.restore(fromMoment("Payments", "orders-prod", "2026-11-23 13:30:59", "Payments", "orders-prod-restore"))
	},
	"fallback-snapshot": func(s solver) {
		s.restore(fromSnapshot("Storefront", "catalog", "06:40", "Storefront", "catalog-restore"))
	},
	"lost-answer": func(s solver) {
		d := s.wizard(fromSnapshot("Payments", "orders-prod", "13:41", "Payments", "orders-prod-restore"))
		d.Wait("OUTCOME UNKNOWN")
		s.leap(3 * time.Second)
		d.Wait("A restore job that fits the request was found:")
		s.leap(5 * time.Minute)
		d.leave(state.OutcomeCompleted)
	},
	"expired-link": func(s solver) {
		sum, dir := s.restore(asDownload("Payments", "ledger-prod", "11:00")), s.t.TempDir()
		if d, _ := s.downloads(sum, dir); d.Outcome != state.OutcomeExpired || d.Files[0].State != fetching.Kept {
			s.t.Errorf("%s", d.Text())
		}
		d, told := s.downloads(s.restore(asDownload("Payments", "ledger-prod", "11:00")), dir)
		if d.Outcome != state.OutcomeDownloaded || !strings.Contains(told, "going on at ") {
			s.t.Errorf("%s\n%s", d.Text(), told)
		}
	},
	"truncated-archive": func(s solver) {
		sum, dir := s.restore(asDownload("Storefront", "search-legacy", "06:20")), s.t.TempDir()
		if d, _ := s.downloads(sum, dir); d.Outcome != state.OutcomeFailed || d.Files[0].State != fetching.Aside || !strings.Contains(d.Text(), "is only a part") || strings.Contains(d.Text(), "whole and") {
			s.t.Errorf("%s", d.Text())
		}
		if d, _ := s.downloads(s.restore(asDownload("Storefront", "search-legacy", "06:20")), dir); d.Outcome != state.OutcomeDownloaded {
			s.t.Errorf("%s", d.Text())
		}
	},
	"missing-shard": func(s solver) {
		d := s.wizard(asDownload("Platform Shared", "audit-log", "07:00"))
		d.Wait("restore job ")
		s.leap(5 * time.Minute)
		d.Wait("3 of 4 links have come; there is none yet for ")
		s.leap(12 * time.Minute)
		if d, _ := s.downloads(d.leave(state.OutcomeReady), s.t.TempDir()); d.Outcome != state.OutcomeDownloaded || len(d.Files) != 4 {
			s.t.Errorf("%s", d.Text())
		}
	},
	"empty-dashboard": func(s solver) {
		s.stopped(fromSnapshot("Payments", "fraud-scores", "02:20", "Payments", "fraud-scores-restore"), "6.0")
		if err := s.run.Note(scenario.Event{Kind: scenario.Left}); err != nil {
			s.t.Error(err)
		}
	},
	"busy-target": func(s solver) {
		a := fromSnapshot("Payments", "orders-prod", "12:20", "Payments", "orders-prod-restore")
		s.stopped(a, "updating")
		s.leap(8 * time.Minute)
		s.restore(a)
	},
	"missing-role": func(s solver) {
		a := fromSnapshot("Payments", "orders-prod", "08:30", "Payments Staging", "orders-stg")
		s.stopped(a, "403")
		s.leap(6 * time.Minute)
		s.restore(a)
	},
	"one-collection-back": func(s solver) {
		s.collect(s.before("Payments", "orders-prod", "shop", "orders")["cleanup.py"], "", "shop.orders")
	},
	"never-there": func(s solver) {
		atlas, _ := s.cfg.Atlas.(*atlasclient.Client)
		id := s.snapshotAt("Payments", "orders-prod", "08:05")
		names, err := atlas.SnapshotCollections(s.t.Context(), state.Cluster{ProjectID: s.sim.ProjectID("Payments"), Name: "orders-prod"}, id, "shop")
		if err != nil || !slices.Contains(names, "promo_codes") || slices.Contains(names, "promocodes") {
			s.t.Fatalf("%v, %v", names, err)
		}
		s.collect("", id, "shop.promo_codes")
	},
	"another-name": func(s solver) {
		s.collect(s.before("Payments", "orders-prod", "shop", "orders")["mongosh 2.5.10"], "", "shop.orders")
	},
	"second-person":    solver.withASecondPerson,
	"stale-plan":       solver.afterTheChange,
	"drill-that-fails": solver.drillsTwice,
	"the-days-orders": func(s solver) {
		s.collect(s.before("Payments", "orders-prod", "shop", "orders")["retention-job"], "", "shop.orders")
	},
}

// Every scenario can be solved in the wizard by what its solution says.
func TestScenariosInTheWizard(t *testing.T) {
	t.Parallel()
	all, err := scenario.List()
	if err != nil {
		t.Fatal(err)
	}
	for i, one := range all {
		if solutions[one.Name] == nil {
			t.Errorf("nobody has solved %s", one.Name)
		}
		if !few(i, 3) {
			continue
		}
		t.Run(one.Name, func(t *testing.T) {
			t.Parallel()
			sim, run, err := control.Open(simulator.Options{}, &one)
			if err != nil {
				t.Fatal(err)
			}
			teatest.AtEnd(t, func() { _ = sim.Close() })
			solutions[one.Name](solver{newWorldOn(t, sim), run})
			if d := run.Debrief(); !d.Passed || d.Score != d.Of || time.Duration(*d.ToDone) > time.Duration(d.Par) {
				t.Errorf("%s", d.Text())
			}
		})
	}
}
