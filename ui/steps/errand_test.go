package steps

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/journal"
	"atlas-restore/state/watch"
)

// several is a run with a job for each of these ends, the last one on the screen.
func several(t *testing.T, cfg Config, ends ...func(*watch.Follow)) *Session {
	t.Helper()
	s := onReview(cfg, nil)
	for i, end := range ends {
		if i > 0 {
			if !s.Again() {
				t.Fatal("no other restore can be begun")
			}
			s.Plan = onReview(cfg, nil).Plan
			s.path = append(s.path, state.StepReview)
		}
		job := state.Job{ID: "65f0c1d2e3a4b5c6d7e8f90" + string(rune('0'+i)), DeliveryType: state.Automated, TargetClusterName: "orders-stg"}
		f := watch.New(job, noon)
		end(f)
		s.follow(f)
	}
	return s
}

func runs(f *watch.Follow) { f.Saw(f.Job, noon) }

func unanswered(f *watch.Follow) {
	f.Unseen = true
	f.Failed(errors.New("reset"), noon)
}

func completes(f *watch.Follow) {
	j := f.Job
	j.FinishedAt = noon
	f.Saw(j, noon)
}

func fails(f *watch.Follow) {
	j := f.Job
	j.Failed = true
	f.Saw(j, noon)
}

// The outcome and the exit code of a run are those of its worst job, and each job stands in the
// summary and in the JSON: none is lost.
func TestWorstOfAllJobs(t *testing.T) {
	type ends = []func(*watch.Follow)
	for name, tc := range map[string]struct {
		ends ends
		want state.Outcome
	}{
		"all well":          {ends{completes, completes}, state.OutcomeCompleted},
		"the first runs":    {ends{runs, completes}, state.OutcomeRunning},
		"the last runs":     {ends{completes, runs}, state.OutcomeRunning},
		"the first failed":  {ends{fails, completes, completes}, state.OutcomeFailed},
		"failed and runs":   {ends{runs, fails}, state.OutcomeFailed},
		"one is unknown":    {ends{unanswered, fails, completes}, state.OutcomeUnknown},
		"one alone, unseen": {ends{unanswered}, state.OutcomeUnknown},
	} {
		for _, begun := range []bool{false, true} {
			s := several(t, Config{Mode: Live, Endpoint: "https://a"}, tc.ends...)
			if begun {
				s.Again() // and is left before anything is submitted
			}
			sum := s.Summary()
			raw, err := sum.Result().JSON()
			if err != nil {
				t.Fatal(err)
			}
			var got struct {
				Outcome state.Outcome
				Job     struct{ ID, Status string }
				Earlier []struct {
					Outcome state.Outcome
					Job     struct{ ID string }
				}
			}
			if err := json.Unmarshal(raw, &got); err != nil {
				t.Fatal(err)
			}
			if sum.Overall() != tc.want || sum.ExitCode() != tc.want.ExitCode() || got.Outcome != tc.want {
				t.Errorf("%s, another begun %v: %s, exit code %d, in JSON %s; want %s", name, begun, sum.Overall(), sum.ExitCode(), got.Outcome, tc.want)
			}
			ids := got.Job.ID
			for _, e := range got.Earlier {
				ids += " " + e.Job.ID
			}
			for i := range tc.ends {
				id := "65f0c1d2e3a4b5c6d7e8f90" + string(rune('0'+i))
				if strings.Count(ids, id) != 1 || !strings.Contains(sum.Text(), id) {
					t.Errorf("%s, another begun %v: job %s is in %q and in\n%s", name, begun, id, ids, sum.Text())
				}
			}
			if strings.Contains(sum.Text(), "Nothing was submitted") || begun != strings.Contains(sum.Text(), "Nothing else was submitted.") {
				t.Errorf("%s, another begun %v:\n%s", name, begun, sum.Text())
			}
		}
	}
}

// What was never answered is told as unknown, in words and in JSON, and how to look again.
func TestNeverAnsweredIsTold(t *testing.T) {
	s := several(t, Config{Mode: Live, Endpoint: "https://a"}, unanswered)
	text, r := s.Summary().Text(), s.Summary().Result()
	for _, want := range []string{"OUTCOME UNKNOWN: restore job 65f0c1d2e3a4b5c6d7e8f900", "atlas-restore watch 65f0c1d2e3a4b5c6d7e8f900"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	if strings.Contains(text, "running") || r.Outcome != state.OutcomeUnknown || r.Job.Status != "unknown" || r.Error == nil {
		t.Errorf("outcome %s, status %s, error %v\n%s", r.Outcome, r.Job.Status, r.Error, text)
	}
}

// Another restore is asked for while a job goes on; one key leads round, to what matters most
// first, and what was begun is there when one comes back.
func TestGoingRound(t *testing.T) {
	s := several(t, Config{Mode: Live}, runs, fails, completes)
	last := s.Follow
	if s.Read(); !s.Again() || s.Follow != nil || s.Step() != state.StepProject {
		t.Fatal("no other restore is begun")
	}
	s.Plan.Cluster.Name = "begun"
	words, role := s.Besides(noon)
	if !strings.Contains(words, "FAILED") || !strings.Contains(words, "and 1 more") || role != Danger {
		t.Errorf("beside it: %q, %v", words, role)
	}
	if !s.Next() || s.Follow == nil || s.Follow.State(noon) != state.Failed {
		t.Error("it does not lead to the job that has failed")
	}
	s.Read()
	if s.Next(); s.Follow != last {
		t.Error("from a job it does not lead to the next one")
	}
	if s.Next(); s.Plan.Cluster.Name != "begun" || s.Step() != state.StepProject {
		t.Errorf("after the last job comes %+v", s.Plan)
	}
	if words, role = s.Besides(noon); !strings.Contains(words, "running") || role != Running {
		t.Errorf("once the others were read: %q, %v", words, role)
	}
	s.sending = true
	if s.Next() {
		t.Error("it leads away from a request that is under way")
	}
	s.sending = false
	if s.Next(); s.Again() && s.Plan.Cluster.Name != "begun" {
		t.Error("a second restore was begun beside the first")
	}
}

// Leaving says of each job that lives what becomes of it, and how one comes back; of what is over
// nothing.
func TestLeavingTellsWhatLives(t *testing.T) {
	ready := func(f *watch.Follow) {
		f.Job.DeliveryType = state.Download
		j := f.Job
		j.ExpiresAt, j.Deliveries = noon.Add(time.Hour), []state.Delivery{{URL: state.NewSecret("https://a.test/secret")}}
		f.Saw(j, noon)
	}
	left := several(t, Config{Mode: Live, Endpoint: "https://a"}, completes, runs, ready).Left()
	if len(left) != 2 || !strings.Contains(left[0], "goes on in Atlas. atlas-restore watch 65f0c1d2e3a4b5c6d7e8f901 comes back") ||
		!strings.Contains(left[1], "good until") || strings.Contains(strings.Join(left, ""), "secret") {
		t.Errorf("left: %q", left)
	}
	for _, text := range several(t, Config{Mode: Training}, runs, ready).Left() {
		if !strings.Contains(text, "with the training") || strings.Contains(text, "atlas-restore watch") {
			t.Errorf("of a training: %q", text)
		}
	}
	if left := several(t, Config{Mode: Live}, completes, fails).Left(); len(left) != 0 {
		t.Errorf("of what is over: %q", left)
	}
}

// A job is measured by what is usual here: without history by nothing, and past it by no bar.
func TestElapsed(t *testing.T) {
	hour := state.CreatedAt("65f0c1d2e3a4b5c6d7e8f900")
	took := func(m ...int) (out []journal.Submission) {
		for i, n := range m {
			id := "65f0c1d2e3a4b5c6d7e8f91" + string(rune('0'+i))
			out = append(out, journal.Submission{
				Entry: journal.Entry{Endpoint: "https://a", ClusterName: "orders", Body: state.Request{DeliveryType: state.Automated}},
				JobID: id, Status: "completed", EndAt: state.CreatedAt(id).Add(time.Duration(n) * time.Minute),
			})
		}
		return out
	}
	for name, tc := range map[string]struct {
		history []journal.Submission
		after   time.Duration
		bar     bool
		says    string
	}{
		"no history":       {nil, 3 * time.Minute, false, "3 min so far."},
		"within":           {took(4, 4, 6), 3 * time.Minute, true, "3 min of usually 4 min here (3 jobs, 4 min to 6 min)"},
		"beyond the usual": {took(4, 4, 6), 5 * time.Minute, true, "5 min of usually 4 min here"},
		"past all":         {took(4, 4, 6), 7 * time.Minute, false, "7 min: longer than ever here (3 jobs, 4 min to 6 min)"},
		"past the one":     {took(4), 5 * time.Minute, false, "5 min: longer than the one job before, which took 4 min here"},
	} {
		plan := state.Plan{Cluster: state.Cluster{Name: "orders"}, Delivery: state.Automated}
		j := Job{Follow: watch.New(state.Job{ID: "65f0c1d2e3a4b5c6d7e8f900"}, hour), Plan: plan}
		e, ok := ElapsedOf(Config{Endpoint: "https://a", History: tc.history}, j, hour.Add(tc.after))
		part, bar := e.Part()
		if !ok || bar != tc.bar || part < 0 || part > 1 || !strings.HasPrefix(e.Words(), tc.says) || strings.Contains(e.Words(), "%") {
			t.Errorf("%s: bar %v of %v, %q", name, bar, part, e.Words())
		}
	}
}
