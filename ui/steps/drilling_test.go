package steps

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/drill"
	"atlas-restore/state/journal"
	"atlas-restore/state/record"
	"atlas-restore/state/watch"
)

// found are the checks of a drill with these findings; the others have none yet.
func found(over bool, findings map[string]record.Finding) *Drilling {
	d := &Drilling{Standing: drill.Order{}.Begun(), Busy: !over}
	for i, l := range d.Looks {
		if f := findings[l.Name]; f != "" {
			d.Looks[i].Finding, d.Looks[i].Found = f, "what was seen"
		}
	}
	if d.Over = over; over {
		d.Standing = d.Left()
		d.At = time.Date(2026, 11, 23, 14, 30, 30, 0, time.UTC)
	}
	return d
}

// cut are the checks of a drill that was left, as they stand once what they had started has ended.
func cut() *Drilling {
	d := found(true, map[string]record.Finding{drill.Target: record.Passed})
	d.Cut = true
	return d
}

// all are good findings, but for what is changed.
func all(but map[string]record.Finding) map[string]record.Finding {
	out := map[string]record.Finding{drill.Target: record.Passed, drill.Databases: record.Passed, drill.Collections: record.Passed, drill.Documents: record.Passed, drill.Indexes: record.Passed}
	for name, f := range but {
		out[name] = f
	}
	return out
}

// Each end of a drill is told as what it is: in the record, by the exit code, in JSON and in words. Nobody
// gets a PASS that was not seen.
func TestEachEndOfADrill(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		out    state.Outcome
		drill  *Drilling
		change func(*Summary)
		want   record.Result
		exit   int
	}{
		"all passed":                  {state.OutcomeCompleted, found(true, all(nil)), nil, record.Pass, 0},
		"a collection is missing":     {state.OutcomeCompleted, found(true, all(map[string]record.Finding{drill.Collections: record.Failed})), nil, record.Fail, 3},
		"a count is off":              {state.OutcomeCompleted, found(true, all(map[string]record.Finding{drill.Documents: record.Failed})), nil, record.Fail, 3},
		"the counts are not read":     {state.OutcomeCompleted, found(true, all(map[string]record.Finding{drill.Documents: record.Unseen})), nil, record.Incomplete, 6},
		"one is off, one is not read": {state.OutcomeCompleted, found(true, all(map[string]record.Finding{drill.Documents: record.Unseen, drill.Databases: record.Failed})), nil, record.Fail, 3},
		"left in the middle":          {state.OutcomeCompleted, found(false, map[string]record.Finding{drill.Target: record.Passed, drill.Databases: record.Passed}), nil, record.Incomplete, 6},
		"left with all but the end":   {state.OutcomeCompleted, found(false, all(map[string]record.Finding{drill.Documents: ""})), nil, record.Incomplete, 6},
		"left, and settled":           {state.OutcomeCompleted, cut(), nil, record.Incomplete, 6},
		"not begun":                   {state.OutcomeCompleted, &Drilling{}, nil, record.Incomplete, 6},
		"the job has failed":          {state.OutcomeFailed, &Drilling{}, nil, record.Fail, 3},
		"the job runs":                {state.OutcomeRunning, &Drilling{}, nil, record.Incomplete, 7},
		"its end was not seen":        {state.OutcomeUnknown, &Drilling{}, func(s *Summary) { s.Unseen = true }, record.Incomplete, 6},
		"another job beside it":       {state.OutcomeUnknown, found(true, all(nil)), func(s *Summary) { s.Others = []state.Other{{Job: state.Job{ID: "j2"}}} }, record.Fail, 6},
		"others are not read":         {state.OutcomeCompleted, found(true, all(nil)), func(s *Summary) { s.Unlisted = errors.New("no answer") }, record.Incomplete, 6},
		"Search by its event":         {state.OutcomeCompleted, found(true, all(map[string]record.Finding{drill.Indexes: record.Unseen})), func(s *Summary) { s.Search = watch.Search{At: s.Now} }, record.Pass, 0},
		"Search lost by its event":    {state.OutcomeCompleted, found(true, all(map[string]record.Finding{drill.Indexes: record.Unseen})), func(s *Summary) { s.Search = watch.Search{At: s.Now, Failed: true} }, record.Fail, 3},
		"Search by no event":          {state.OutcomeCompleted, found(true, all(map[string]record.Finding{drill.Indexes: record.Unseen})), nil, record.Incomplete, 6},
	} {
		s, cfg, about := ended(tc.out, func(s *Summary) {
			s.Plan.Drill, s.Drill = true, tc.drill
			if tc.change != nil {
				tc.change(s)
			}
		})
		rs := s.Records(cfg, about)
		if len(rs) != 1 || rs[0].Result != tc.want || rs[0].Kind != record.Drill {
			t.Errorf("%s: %+v, want %s", name, rs, tc.want)
			continue
		}
		if code := s.ExitCode(); code != tc.exit {
			t.Errorf("%s: exit code %d, want %d", name, code, tc.exit)
		}
		res := s.Result()
		if (res.Outcome == state.OutcomeCompleted) != (tc.want == record.Pass) {
			t.Errorf("%s: -o json says %s", name, res.Outcome)
		}
		if res.Drill != nil && (res.Drill.Result != tc.want || len(res.Drill.Checks) != 5) {
			t.Errorf("%s: -o json says %+v", name, res.Drill)
		}
		if says := strings.Contains(s.Text(), "PASS"); says != (tc.want == record.Pass) {
			t.Errorf("%s: it says\n%s", name, s.Text())
		}
		if tc.drill.left() && tc.out == state.OutcomeCompleted && (!strings.Contains(strings.Join(rs[0].Left, ""), "watch j1") || !strings.Contains(s.Text(), "watch j1")) {
			t.Errorf("%s: nobody says how its checks are made again: %q\n%s", name, rs[0].Left, s.Text())
		}
		if verified := rs[0].Times.Verified != nil; verified != (tc.drill.Over && !tc.drill.Cut) {
			t.Errorf("%s: it was verified: %v", name, verified)
		}
	}
}

// The wait for Atlas's counts is no part of a recovery: RTO ends with the job.
func TestRTOOfADrill(t *testing.T) {
	t.Parallel()
	s, cfg, about := ended(state.OutcomeCompleted, func(s *Summary) { s.Plan.Drill, s.Drill = true, found(true, all(nil)) })
	about.Objectives.RTO = 60
	r := s.Records(cfg, about)[0]
	if r.Measured.RTO == nil || *r.Measured.RTO != 600 || !slices.ContainsFunc(r.Deviations, func(d string) bool { return strings.Contains(d, "RTO was missed") }) {
		t.Errorf("%+v, %q", r.Measured, r.Deviations)
	}
	if wrote := s.Record(cfg, about, record.At(t.TempDir())); !strings.Contains(wrote[0].says(), " RTO was missed: 10 min, not 1 min. To see it: ") {
		t.Errorf("the end does not say that the objective was missed: %s", wrote[0].says())
	}
}

// A drill that was killed is taken up again as one: its checks are due once the end of its job is seen, and
// not before.
func TestADrillIsTakenUpAgain(t *testing.T) {
	t.Parallel()
	for _, is := range []bool{true, false} {
		cfg := Config{Atlas: silent{}, Journal: &journal.InMemory{}, Now: func() time.Time { return noon }, Resume: &journal.Submission{JobID: "65f0c1d2e3a4b5c6d7e8f903", Last: journal.Created, Entry: journal.Entry{
			ID: "x", Time: noon, ProjectID: project, ClusterName: "orders", Drill: is,
			Body: state.Request{DeliveryType: state.Automated, SnapshotID: "65f0c1d2e3a4b5c6d7e8f902", TargetProjectID: project, TargetClusterName: "drill-1"},
		}}}
		s := Begin(cfg)
		j, ok := s.Job()
		if !ok || s.Plan.Drill != is || (j.Drill != nil) != is || j.Drills(noon) {
			t.Fatalf("%v: %+v", is, j)
		}
		done := j.Job
		done.FinishedAt = noon
		if j.Saw(done, noon); j.Drills(noon) != is {
			t.Errorf("%v: its checks are due: %v", is, j.Drills(noon))
		}
		if word, _ := Standing(Config{}, j, noon); (word == "CHECKING") != is {
			t.Errorf("%v: it stands at %s", is, word)
		}
	}
}

// A drill whose checks were made is told as its record has them, and they are not made again: the target holds by now what
// came later. Where they cannot be looked at, or others came, nothing is taken away.
func TestADrillThatHasEndedIsNotMadeAgain(t *testing.T) {
	t.Parallel()
	const id, source = "65f0c1d2e3a4b5c6d7e8f903", "https://cloud.mongodb.com/"
	sub := journal.Submission{JobID: id, Last: journal.Created, Entry: journal.Entry{
		ID: "x", Time: noon, Endpoint: source, ProjectID: project, ClusterName: "orders", Drill: true,
		Body: state.Request{DeliveryType: state.Automated, SnapshotID: "65f0c1d2e3a4b5c6d7e8f902", TargetProjectID: project, TargetClusterName: "drill-1"},
	}}
	for _, finding := range []record.Finding{record.Passed, record.Failed, record.Unseen} {
		book := record.At(t.TempDir())
		was := record.Record{
			Brief: record.Brief{Kind: record.Drill, JobID: id, Atlas: state.CanonicalEndpoint(source)}, Status: "completed", Times: record.Times{Verified: record.Time(noon), Finished: record.Time(noon)},
			After: []record.After{{Name: record.JobCheck, Expected: "completed", Found: "completed", Finding: record.Passed, Source: "Atlas, the restore job"}, {Name: record.AloneCheck, Finding: record.Passed}, {Name: "documents", Finding: finding, Data: true}},
		}.Judged()
		if _, _, err := book.Append(was); err != nil {
			t.Fatal(err)
		}
		cfg := Config{Atlas: silent{}, Endpoint: source, Journal: &journal.InMemory{}, Now: func() time.Time { return noon }, Resume: &sub}
		kept, ok, err := book.Drilled(state.CanonicalEndpoint(source), id)
		if err != nil || ok != (finding != record.Unseen) {
			t.Fatalf("%s: %v, %v", finding, ok, err)
		}
		if ok {
			cfg.Drilled = &kept
		}
		s := Begin(cfg)
		j, _ := s.Job()
		done := j.Job
		done.FinishedAt = noon
		j.Saw(done, noon)
		j.Others = []state.Other{{Job: state.Job{ID: "j2"}}}
		if j.Drills(noon) == ok {
			t.Errorf("%s: its checks are due: %v", finding, j.Drills(noon))
		}
		if word, _ := Standing(Config{}, j, noon); ok && word != string(was.Result) {
			t.Errorf("%s: it stands at %s", finding, word)
		}
		sum := s.Summary()
		sum.Others, sum.Now = j.Others, noon
		if wrote := sum.Record(cfg, About{Journal: []journal.Submission{sub}}, book); ok && len(wrote) != 0 {
			t.Errorf("%s: another record: %+v", finding, wrote)
		}
	}
}

// Nothing is sent onto a cluster that no rule names, whatever was typed and accepted.
func TestADrillOntoAnotherClusterIsNotSent(t *testing.T) {
	t.Parallel()
	for target, may := range map[string]bool{"drill-1": true, "orders": false, "orders-stg": false, "drill-prod": false} {
		cfg := Config{Drill: true, Names: state.Names{Drills: []string{"drill-*"}}, Accept: []string{"all"}}
		s := onReview(cfg, nil)
		s.Plan.Drill, s.Plan.Target.ClusterName = true, target
		s.checks = state.Checks(state.Facts{Plan: s.Plan, Names: cfg.Names, Now: noon, Target: state.Cluster{Name: target, State: "IDLE", Type: state.ReplicaSet, MongoDBVersion: "8.0.29"}})
		s.checks = slices.DeleteFunc(s.checks, func(c state.Check) bool { return c.Name != state.DrillCheck }) // the others are not what is held here
		if got := s.Confirm(s.Plan.Phrase()) != nil; got != may {
			t.Errorf("%s: sent: %v", target, got)
		}
	}
}

// A snapshot by chance is one that can be chosen, of the last 30 days where there is one, and a safety
// snapshot where there is no other.
func TestByChance(t *testing.T) {
	t.Parallel()
	var snapshots []state.Snapshot
	rows := Table{n: 6, row: func(i int) Row {
		return Row{ID: string(rune('a' + i)), Barred: map[int]string{1: "failed", 4: "failed"}[i], Aside: map[int]string{0: "a safety snapshot"}[i]}
	}}
	for i := range 6 {
		snapshots = append(snapshots, state.Snapshot{ID: string(rune('a' + i)), CreatedAt: noon.Add(-time.Duration(i) * 9 * 24 * time.Hour)})
	}
	seen := map[int]bool{}
	for dice := range uint64(20) {
		seen[byChance(rows, snapshots, noon, dice)] = true
	}
	if want := map[int]bool{2: true, 3: true}; len(seen) != 2 || !seen[2] || !seen[3] {
		t.Errorf("%v, want %v", seen, want)
	}
	if got := byChance(rows, snapshots, noon.Add(100*24*time.Hour), 2); got != 5 {
		t.Errorf("of old ones only: %d", got)
	}
	if got := byChance(Table{n: 1, row: func(int) Row { return Row{Aside: "a safety snapshot"} }}, nil, noon, 3); got != 0 {
		t.Errorf("of a safety snapshot alone: %d", got)
	}
	if got := byChance(Table{n: 1, row: func(int) Row { return Row{Barred: "x"} }}, nil, noon, 3); got != -1 {
		t.Errorf("of none: %d", got)
	}
}

// --after asks the records: what was proven lately is not drilled again, what cannot be read is no answer.
func TestDrillIsDue(t *testing.T) {
	t.Parallel()
	book := record.At(t.TempDir())
	add := func(result record.Finding, at time.Time) {
		t.Helper()
		r := record.Record{Brief: record.Brief{Kind: record.Drill, WrittenAt: at, JobID: at.String(), Atlas: state.CanonicalEndpoint("https://cloud.mongodb.com"), Source: record.Cluster{ProjectID: "p1", Name: "orders-prod"}}, After: []record.After{{Name: record.JobCheck, Finding: record.Passed}, {Name: "documents", Finding: result, Data: true}}}
		r.Times.Verified = record.Time(at)
		if _, _, err := book.Append(r.Judged()); err != nil {
			t.Fatal(err)
		}
	}
	due := func(cluster string, after time.Duration) bool {
		t.Helper()
		_, due, err := NewProven(book, false, record.Objectives{}, "").DrillIsDue("https://cloud.mongodb.com/", "p1", cluster, after, noon)
		if err != nil {
			t.Fatal(err)
		}
		return due
	}
	if !due("orders-prod", time.Hour) {
		t.Error("never proven, and not due")
	}
	add(record.Passed, noon.Add(-5*time.Hour))
	if due("orders-prod", 6*time.Hour) || !due("orders-prod", 5*time.Hour) || !due("orders", 6*time.Hour) {
		t.Error("proven 5 h ago")
	}
	add(record.Failed, noon.Add(-time.Hour))
	if !due("orders-prod", 4*time.Hour) {
		t.Error("a FAIL is taken for a proof")
	}
	if !due("orders-prod", 6*time.Hour) {
		t.Error("the FAIL behind a proof is forgotten")
	}
	add(record.Passed, noon.Add(-time.Minute))
	if due("orders-prod", 6*time.Hour) {
		t.Error("proven again, and due")
	}
	if _, _, err := (&Proven{err: errors.New("broken")}).DrillIsDue("x", "p1", "orders-prod", time.Hour, noon); err == nil {
		t.Error("what cannot be read is an answer")
	}
}

// A drill that was killed while its checks were made is told of, until it has a record.
func TestLeftDrill(t *testing.T) {
	t.Parallel()
	of := func(id, status string, is bool) journal.Submission {
		return journal.Submission{Entry: journal.Entry{Endpoint: "x", Drill: is}, JobID: id, Status: status, EndAt: noon.Add(-time.Hour)}
	}
	row := record.Row{Brief: record.Brief{JobID: "j1"}}
	for name, tc := range map[string]struct {
		history []journal.Submission
		rows    []record.Row
		now     time.Time
		want    bool
	}{
		"killed":              {[]journal.Submission{of("j1", "completed", true)}, nil, noon, true},
		"with a record":       {[]journal.Submission{of("j1", "completed", true)}, []record.Row{row}, noon, false},
		"a restore behind it": {[]journal.Submission{of("j1", "completed", true), of("j2", "completed", false)}, nil, noon, true},
		"no drill":            {[]journal.Submission{of("j1", "completed", false)}, nil, noon, false},
		"a newer one is good": {[]journal.Submission{of("j0", "completed", true), of("j1", "completed", true)}, []record.Row{row}, noon, false},
		"its job has failed":  {[]journal.Submission{of("j1", "failed", true)}, nil, noon, false},
		"long ago":            {[]journal.Submission{of("j1", "completed", true)}, nil, noon.Add(48 * time.Hour), false},
		"of another Atlas":    {[]journal.Submission{{Entry: journal.Entry{Endpoint: "y", Drill: true}, JobID: "j1", Status: "completed", EndAt: noon}}, nil, noon, false},
	} {
		if got, is := LeftDrill(tc.history, tc.rows, "x", tc.now); is != tc.want || is && got.JobID != "j1" {
			t.Errorf("%s: %v %+v", name, is, got)
		}
	}
}
