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

// Whoever has lost one collection is offered that alone first, by its name, whether it was looked for or found; the whole
// cluster is the other way, and each says what it does. Where no name is known it is asked for.
func TestWhenRestoresWhatWasLost(t *testing.T) {
	proposal := incident.Proposal{Moment: huntNow.Add(-time.Hour)}
	if text := (WasLost{Plan: state.Plan{Cluster: state.Cluster{Name: "orders-prod", Family: state.Flex}}}).restore(incident.Proposal{Snapshot: state.Snapshot{ID: "s1"}}, "").text(); !strings.Contains(text, "The whole snapshot, delivered as you choose:\n") || !strings.Contains(text, "--snapshotId s1") {
		t.Errorf("of a snapshot: %s", text)
	}
	dedicated, flex := state.Cluster{Name: "orders-prod", Family: state.Dedicated, PITEnabled: true, BackupEnabled: true}, state.Cluster{Name: "orders-prod", Family: state.Flex, BackupEnabled: true}
	for name, c := range map[string]struct {
		cluster state.Cluster
		missing incident.Missing // what was looked for
		found   string           // the name of what was found
		only    string           // what is restored alone; - for what is asked for, empty for none
	}{
		"a collection":                  {dedicated, incident.Missing{Database: "shop", Collection: "customers"}, "", "shop.customers"},
		"a collection of what was lost": {dedicated, incident.Missing{Database: "shop", Collection: "customers"}, "shop", "shop.customers"},
		"anything, a collection":        {dedicated, incident.Missing{}, "shop.orders", "shop.orders"},
		"anything, a database":          {dedicated, incident.Missing{}, "audit", "audit"},
		"a database, a collection":      {dedicated, incident.Missing{Database: "shop"}, "shop.orders", "shop.orders"},
		"a database, by its snapshots":  {dedicated, incident.Missing{Database: "shop"}, "", "shop"},
		"a part, a collection":          {dedicated, incident.Missing{Part: "ord"}, "shop.orders", "shop.orders"},
		"anything, by a counter":        {dedicated, incident.Missing{}, "", "-"},
		"of the server itself":          {dedicated, incident.Missing{}, "admin.system.users", "-"},
		"of a flex cluster":             {flex, incident.Missing{}, "shop.orders", ""},
	} {
		got := WasLost{Plan: state.Plan{Project: state.Project{ID: "p"}, Cluster: c.cluster}, Search: incident.Search{Missing: c.missing}}.restore(proposal, c.found)
		named := c.only != "" && c.only != "-"
		if strings.Contains(got.only, "--deliveryType collections") != (c.only != "") || strings.Contains(got.only, " --namespace "+c.only) != named || strings.Contains(got.whole, "collections") || !strings.Contains(got.whole, " --at ") {
			t.Errorf("%s: alone %q, whole %q", name, got.only, got.whole)
		}
		text := got.text()
		if strings.Contains(text, "Only "+NameWords(collections.Split(c.only))+", into a cluster that stays up:\n") != named || !strings.Contains(text, "The whole cluster, onto one that is erased first:\n    "+got.whole) || c.only != "" && strings.Index(text, got.only) > strings.Index(text, "The whole") {
			t.Errorf("%s: %s", name, text)
		}
	}
}
