package steps

import (
	"strings"
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/collections"
	"atlas-restore/state/incident"
	"atlas-restore/state/journal"
	"atlas-restore/state/record"
	"atlas-restore/state/watch"
)

var shopOrders = collections.Name{Database: "shop", Collection: "orders"}

// A collection and its job tell one figure, though Atlas was asked for them at two instants, and more
// than an estimate is said in words.
func TestOneFigureForOneThing(t *testing.T) {
	part := func(restored, total int64) collections.Part {
		return collections.Part{Source: shopOrders, State: collections.InProgress, Documents: collections.Progress{Restored: restored, Total: total}}
	}
	of := func(job collections.Progress, parts ...collections.Part) state.Job {
		return state.Job{DeliveryType: state.Collections, Collections: &collections.Job{State: collections.InProgress, Documents: job, Parts: parts}}
	}
	later := collections.Progress{Restored: 10880539, Total: 10869559}
	for name, tc := range map[string]struct {
		job       state.Job
		row, told string
	}{
		"beyond the estimate": {of(later, part(10880542, 10869559)), "10,880,542 documents, more than the estimate", "10,880,542 documents, more than the estimate."},
		"coming":              {of(later, part(500, 1000)), "500 of about 1,000 documents", "500 of about 1,000 documents, 50%; the total is an estimate, and changes."},
		"two of them":         {of(later, part(500, 1000), part(100, 1000)), "500 of about 1,000 documents", "600 of about 2,000 documents, 30%; the total is an estimate, and changes."},
		"no total yet":        {of(collections.Progress{Restored: 7, Total: 70}, part(7, 0)), "7 documents", "7 of about 70 documents, 10%; the total is an estimate, and changes."},
	} {
		if got := PartRows(tc.job)[0].Docs; got != tc.row {
			t.Errorf("%s: a row tells %q, want %q", name, got, tc.row)
		}
		if got := collectionProgress(tc.job); got != tc.told {
			t.Errorf("%s: so far %q, want %q", name, got, tc.told)
		}
	}
}

// What is restored alone is named wherever the job is, and never told as what erases a cluster.
func TestSingleCollectionsAreNamed(t *testing.T) {
	project := state.Project{ID: "p", Name: "Payments"}
	plan := state.Plan{Project: project, Cluster: state.Cluster{Name: "orders-prod"}, Delivery: state.Collections, Instant: state.Instant{UTCSeconds: huntNow.Unix() - 60}, Target: state.Target{Project: state.Project{ID: "q", Name: "Other"}, ClusterName: "orders-prod"}, Only: collections.Choice{}.With(shopOrders)}
	to := record.Cluster{ProjectName: "Payments", Name: "orders-prod"}
	for name, text := range map[string]string{
		"the job page": AboutJob(Job{Follow: &watch.Follow{}, Plan: plan}, huntNow), "the title": JobTitle(plan),
		"the record": record.Brief{Kind: record.Restore, Source: to, Target: &to, Only: onlyNames(plan)}.Title(),
	} {
		if !strings.Contains(text, "shop.orders") || !strings.Contains(text, "into ") || strings.Contains(text, "onto") {
			t.Errorf("%s says %q", name, text)
		}
	}
	whole := plan
	whole.Delivery = state.Automated
	if onlyNames(whole) != nil || whole.Toward() != "onto" {
		t.Errorf("a whole cluster is %q %s", onlyNames(whole), whole.Toward())
	}
}

// A list of Atlas does not tell what came of each collection: what was seen of it here stands in both
// lists, and the moment is told alike.
func TestOneStateInBothLists(t *testing.T) {
	at := huntNow.Add(-time.Hour).Unix()
	job := state.Job{ID: "6b0000000000000000000001", DeliveryType: state.Collections, PointInTimeUTCSeconds: at, Collections: &collections.Job{State: collections.Successful}}
	seen := journal.Submission{JobID: job.ID, Status: "completed", Entry: journal.Entry{Body: state.Request{DeliveryType: state.Collections, PointInTimeUTCSeconds: at}}}
	theirs := JobLines(state.Plan{}, []state.Job{job}, []journal.Submission{seen}, huntNow)[0]
	mine := MyLines([]journal.Submission{seen}, huntNow)[0]
	if theirs.Status != "completed" || theirs.Status != mine.Status || theirs.point != mine.point {
		t.Errorf("%s, %s; %s, %s", theirs.Status, theirs.point, mine.Status, mine.point)
	}
	if alone := JobLines(state.Plan{}, []state.Job{job}, nil, huntNow)[0]; alone.Status != "ended" {
		t.Errorf("what nobody has seen is %s", alone.Status)
	}
}

// The last 24 h are shown on 24 h, also when some minutes have passed.
func TestTheSpanStaysWhileMinutesPass(t *testing.T) {
	for _, span := range []time.Duration{24 * time.Hour, 3 * 24 * time.Hour} {
		for _, since := range []time.Duration{span, span + time.Minute, span + 10*time.Minute} {
			from, to := Timeline{Now: huntNow, Since: huntNow.Add(-since)}.Span()
			if shown := to.Sub(from); shown < since-time.Minute || shown > since+time.Minute {
				t.Errorf("of %v it shows %v", since, shown)
			}
		}
	}
}

// One collection that was looked for is what the command restores, and no whole cluster.
func TestWhenRestoresWhatWasLost(t *testing.T) {
	proposal := incident.Proposal{Moment: huntNow.Add(-time.Hour)}
	of := func(m incident.Missing) string {
		cluster := state.Cluster{Name: "orders-prod", Family: state.Dedicated, PITEnabled: true, BackupEnabled: true}
		return WasLost{Plan: state.Plan{Project: state.Project{ID: "p"}, Cluster: cluster}, Search: incident.Search{Missing: m}}.restore(proposal)
	}
	if got := of(incident.Missing{Database: "shop", Collection: "customers"}); !strings.Contains(got, "--deliveryType collections") || !strings.Contains(got, "--namespace shop.customers") {
		t.Errorf("it is %q", got)
	}
	if got := of(incident.Missing{}); strings.Contains(got, "collections") {
		t.Errorf("for anything it is %q", got)
	}
}
