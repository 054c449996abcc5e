package steps

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/incident"
)

// slow is an Atlas that answers once it is let, and counts what it was asked.
type slow struct {
	Atlas

	mu    sync.Mutex // held to count; a test looks once all is at rest
	asked []string
	ended int // questions that nobody waited for
	err   error
	let   chan struct{}

	promptly bool // the schedule is told at once
}

func (s *slow) answer(ctx context.Context, what string) error {
	s.count(func() { s.asked = append(s.asked, what) })
	state.ReportAttempt(ctx, state.Attempt{Next: 2})
	select {
	case <-s.let:
		return s.err
	case <-ctx.Done():
		s.count(func() { s.ended++ })
		return ctx.Err()
	}
}

func (s *slow) count(it func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	it()
}

func (s *slow) Jobs(ctx context.Context, c state.Cluster) ([]state.Job, error) {
	return []state.Job{{ID: c.Name}}, s.answer(ctx, "jobs of "+c.Name)
}

func (s *slow) Schedule(ctx context.Context, c state.Cluster) (state.Schedule, error) {
	if s.promptly {
		s.count(func() { s.asked = append(s.asked, "schedule of "+c.Name) })
		return state.Schedule{RestoreWindowDays: 7}, nil
	}
	return state.Schedule{RestoreWindowDays: 7}, s.answer(ctx, "schedule of "+c.Name)
}

func (s *slow) CollectionJobs(ctx context.Context, c state.Cluster) ([]state.Job, error) {
	return nil, s.answer(ctx, "collection jobs of "+c.Name)
}

func (s *slow) Projects(ctx context.Context) ([]state.Project, error) {
	return []state.Project{{ID: project}}, s.answer(ctx, "projects")
}

func (s *slow) Everywhere(ctx context.Context) ([]state.Found, error) {
	return []state.Found{{Project: state.Project{ID: project}, Cluster: orders}}, s.answer(ctx, "clusters of all projects")
}

func (s *slow) Clusters(ctx context.Context, project string) ([]state.Cluster, error) {
	all := []state.Cluster{{Family: state.Flex, ProjectID: project, Name: "orders"}}
	state.ReportPart(ctx, all[:0])
	return all, s.answer(ctx, "clusters of "+project)
}

func (s *slow) Dedicated(ctx context.Context, project string) ([]state.Cluster, error) {
	return []state.Cluster{{ProjectID: project, Name: "orders"}}, s.answer(ctx, "dedicated clusters of "+project)
}

func (s *slow) Snapshots(ctx context.Context, c state.Cluster) ([]state.Snapshot, error) {
	return []state.Snapshot{{ID: "x"}}, s.answer(ctx, string(c.Family)+" snapshots of "+c.Name)
}

func (s *slow) Events(ctx context.Context, _, cluster string, _ time.Time, _ ...string) ([]incident.Noted, error) {
	return nil, s.answer(ctx, "events of "+cluster)
}

func (s *slow) Roles(ctx context.Context) (state.Roles, error) {
	return state.Roles{}, s.answer(ctx, "roles")
}

// walking is a session at its first step, in a world of its own time.
func walking(g state.Given) (*Session, *slow) {
	a := &slow{let: make(chan struct{})}
	s := Begin(Config{Atlas: a, Given: g, Now: time.Now})
	s.path = []state.Step{state.StepProject}
	return s, a
}

var orders = state.Cluster{ProjectID: project, Name: "orders", Type: state.ReplicaSet}

// An answer serves all who ask while nobody is heard; whoever comes while it is on its way
// hears what was told of it. Once somebody is heard Atlas is asked anew.
func TestNothingIsAskedTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, a := walking(state.Given{})
		atlas, tries, parts := s.Cfg.Walk(), 0, 0
		ask := func() {
			ctx := state.WithAttempts(t.Context(), func(state.Attempt) { tries++ })
			ctx = state.WithPart(ctx, func([]state.Cluster) { parts++ })
			if all, err := atlas.Clusters(ctx, project); err != nil || len(all) != 1 {
				t.Errorf("got %v, %v", all, err)
			}
		}
		for range 3 {
			go ask()
			synctest.Wait()
		}
		s.Heard() // what is on its way is as it will be
		go ask()
		synctest.Wait()
		close(a.let)
		synctest.Wait()
		if ask(); len(a.asked) != 1 || tries != 4 || parts != 4 {
			t.Errorf("asked for %v; %d heard of a try, %d of a part", a.asked, tries, parts)
		}
		s.Heard()
		if ask(); len(a.asked) != 2 {
			t.Errorf("asked for %v after somebody was heard", a.asked)
		}
		time.Sleep(stillFresh + time.Second)
		if ask(); len(a.asked) != 3 {
			t.Errorf("asked for %v after a sleep", a.asked)
		}
		if _, err := s.Cfg.Atlas.Clusters(t.Context(), project); err != nil || len(a.asked) != 4 {
			t.Errorf("who looks again and again gets an old answer: %v", a.asked)
		}
	})
}

// The dedicated clusters are among all, where those were asked for.
func TestDedicatedAreAmongAll(t *testing.T) {
	s, a := walking(state.Given{})
	close(a.let)
	if _, err := s.Cfg.Walk().Clusters(t.Context(), project); err != nil {
		t.Fatal(err)
	}
	if some, err := s.Cfg.Walk().Dedicated(t.Context(), project); err != nil || len(some) != 0 || len(a.asked) != 1 {
		t.Errorf("got %v, %v, where all is flex; asked for %q", some, err, a.asked)
	}
	s.Heard()
	if some, err := s.Cfg.Walk().Dedicated(t.Context(), project); err != nil || len(some) != 1 || len(a.asked) != 2 {
		t.Errorf("got %v, %v, asked for %q", some, err, a.asked)
	}
}

// That something could not be seen is told to those who wait, and never taken for an answer
// later. What nobody waits for any more is stopped.
func TestFailuresAreNotKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, a := walking(state.Given{})
		ctx, leave := context.WithCancel(t.Context())
		go func() { _, _ = s.Cfg.Walk().Jobs(ctx, orders) }()
		synctest.Wait()
		leave()
		synctest.Wait()
		if a.ended != 1 {
			t.Error("it goes on though nobody waits")
		}
		a.err = errors.New("reset")
		close(a.let)
		for n := range 2 {
			if _, err := s.Cfg.Walk().Jobs(t.Context(), orders); !errors.Is(err, a.err) || len(a.asked) != n+2 {
				t.Errorf("got %v, asked for %v", err, a.asked)
			}
		}
	})
}

// What flags tell is asked ahead, and found by the step that needs it. What a list makes
// useless is stopped, and so is all of it where somebody goes another way; the end of the
// program ends it.
func TestAskedAhead(t *testing.T) {
	given := state.Given{Project: project, Cluster: "orders", Snapshot: state.Latest, Delivery: "automated", TargetProject: project, TargetCluster: "orders-stg"}
	want := []string{"roles", "clusters of " + project, " snapshots of orders", "jobs of orders", "jobs of orders-stg", "collection jobs of orders", "collection jobs of orders-stg"}
	for name, tc := range map[string]struct {
		then  func(*Session, context.CancelFunc)
		ended int
		more  []string
	}{
		"the list says that it is flex": {func(s *Session, _ context.CancelFunc) {
			s.Answered(s.Plan.WithProject(state.Project{ID: project}))
			s.Answered(s.Plan.WithCluster(state.Cluster{Family: state.Flex, ProjectID: project, Name: "orders"}))
		}, 4, []string{"jobs of orders"}}, // the snapshots are the page's to ask for
		"another way": {func(s *Session, _ context.CancelFunc) { s.Unguided() }, 7, nil},
		"the end":     {func(_ *Session, end context.CancelFunc) { end() }, 7, nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, a := walking(given)
				ctx, end := context.WithCancel(t.Context())
				defer end()
				s.Ahead(ctx)
				s.Ahead(ctx)
				synctest.Wait()
				got := slices.Sorted(slices.Values(a.asked))
				if slices.Sort(want); !slices.Equal(got, want) {
					t.Fatalf("asked for %q, want %q", got, want)
				}
				tc.then(s, end)
				s.Ahead(ctx)
				synctest.Wait()
				if a.ended != tc.ended || ctx.Err() == nil && !slices.Equal(a.asked[len(want):], tc.more) {
					t.Errorf("%d were stopped, want %d; then asked for %q", a.ended, tc.ended, a.asked[len(want):])
				}
				close(a.let)
			})
		})
	}
}

// What a page has asked for and the next one will need goes on when the first is left; what nobody
// will need is stopped.
func TestAStepAsideLosesNoAnswer(t *testing.T) {
	for next, ended := range map[state.Step]int{StepWhen: 0, state.StepProject: 1} {
		synctest.Test(t, func(t *testing.T) {
			s, a := walking(state.Given{})
			cluster := state.Cluster{ProjectID: project, Name: "orders", PITEnabled: true}
			s.Answered(s.Plan.WithProject(state.Project{ID: project}))
			s.Answered(s.Plan.WithCluster(cluster))
			s.Ahead(t.Context())
			ctx, leave := context.WithCancel(t.Context())
			look := func(ctx context.Context) { _, _ = s.Cfg.Walk().Jobs(ctx, cluster) }
			go look(ctx)
			synctest.Wait()
			leave()
			if next == StepWhen {
				s.When()
			} else {
				s.Back()
				s.Back()
			}
			s.Ahead(t.Context())
			synctest.Wait()
			go look(t.Context())
			synctest.Wait()
			if len(a.asked) != 1+ended || a.ended != ended {
				t.Errorf("then step %v: asked for %q, %d stopped", next, a.asked, a.ended)
			}
			close(a.let)
		})
	}
}

// Whoever has left a page waits no more, also where a busy machine has not let it notice that: who comes back
// does not wait for a question that hangs. One that the next page will need goes on, and so does an answer.
func TestWhoHasLeftWaitsNoMore(t *testing.T) {
	const name = "the snapshots"
	for what, tc := range map[string]struct {
		next     []string
		answered bool
		asked    int
	}{
		"left":     {nil, false, 2},
		"foreseen": {[]string{name}, false, 1},
		"answered": {nil, true, 1},
	} {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, a := walking(state.Given{})
				w, _ := s.Cfg.Walk().(*walk)
				call := func(ctx context.Context) ([]state.Snapshot, error) { return a.Snapshots(ctx, orders) }
				page, leave := context.WithCancel(t.Context())
				ahead(t.Context(), w, name, call)
				find[[]state.Snapshot](w, name).come(&asker{page}) // and never notices that it has left
				synctest.Wait()
				if tc.answered {
					close(a.let)
					synctest.Wait()
				}
				w.only(t.Context(), nil)
				if synctest.Wait(); a.ended != 0 {
					t.Fatal("it was stopped though somebody waits")
				}
				leave()
				w.only(t.Context(), tc.next)
				go func() { _, _ = ask(t.Context(), w, name, call) }()
				if synctest.Wait(); len(a.asked) != tc.asked || a.ended != tc.asked-1 {
					t.Errorf("asked for %q, %d stopped", a.asked, a.ended)
				}
				if !tc.answered {
					close(a.let)
				}
			})
		})
	}
}

// Whoever is faster than the lists of the first page loses neither: each goes on and is kept, since
// a target is named from both. What is certainly of no use any more is stopped.
func TestTheFirstListsGoOn(t *testing.T) {
	other := state.Given{TargetProject: project, TargetCluster: "scratch"}
	for name, tc := range map[string]struct {
		given   state.Given
		then    func(*Session)
		stopped []string // of both
		err     error
	}{
		"the next step":    {},
		"a step aside":     {then: (*Session).When},
		"a step back":      {then: func(s *Session) { s.Back() }},
		"a download":       {then: func(s *Session) { s.Answered(s.Plan.WithDelivery(state.Download)) }, stopped: []string{"projects", "clusters of all projects"}},
		"the target given": {given: other, stopped: []string{"projects", "clusters of all projects"}},
		"refused":          {err: errors.New("refused")},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, a := walking(tc.given)
				a.err = tc.err
				s.Ahead(t.Context())
				page, leave := context.WithCancel(t.Context())
				lists := func(ctx context.Context) {
					go func() { _, _ = s.Cfg.Walk().Projects(ctx) }()
					go func() { _, _ = s.Cfg.Walk().Everywhere(ctx) }()
					synctest.Wait()
				}
				lists(page)
				s.Heard() // an Enter
				leave()
				s.Answered(s.Plan.WithProject(state.Project{ID: project}))
				s.Answered(s.Plan.WithCluster(orders))
				s.Ahead(t.Context())
				if tc.then != nil {
					s.Heard()
					tc.then(s)
					s.Ahead(t.Context())
				}
				synctest.Wait()
				if a.ended != len(tc.stopped) {
					t.Errorf("%d of %q were stopped", a.ended, a.asked)
				}
				close(a.let)
				synctest.Wait()
				s.Heard() // whatever was answered is forgotten
				kept := tc.err == nil && tc.stopped == nil
				if (s.Seen.Projects != nil) != kept || (s.Seen.Found != nil) != kept {
					t.Errorf("kept are %v and %v", s.Seen.Projects, s.Seen.Found)
				}
				if s.Seen.WantsProjects(tc.given.TargetProject) == kept && tc.given.TargetProject == "" {
					t.Error("the projects are wanted again")
				}
				lists(t.Context())
				if n := len(a.asked); n != 4 { // whoever asks now is not told that it had failed, nor what was before
					t.Errorf("asked for %q", a.asked)
				}
			})
		})
	}
}

// The way so far has what was answered, each in its own words: a moment that is open is no answer, and its
// delivery says what is wanted.
func TestLadderHasNoAnswerForAMomentThatIsOpen(t *testing.T) {
	plan := state.Plan{Project: state.Project{Name: "Payments"}, Cluster: state.Cluster{Name: "orders-prod", PITEnabled: true}}.WithMoment()
	given := plan
	given.Instant = state.Instant{UTCSeconds: noon.Unix() - 60}
	for name, c := range map[string]struct {
		plan state.Plan
		want string
	}{
		"open":  {plan, "Payments > orders-prod > moment onto a cluster"},
		"given": {given, "Payments > orders-prod > 23 Nov 11:59:00 UTC > moment onto a cluster"},
	} {
		var got []string
		for _, r := range Ladder(c.plan, noon) {
			if r.Answer != "" {
				got = append(got, r.Answer)
			}
		}
		if way := strings.Join(got, " > "); way != c.want {
			t.Errorf("%s: %q, want %q", name, way, c.want)
		}
	}
}

// What says which moments can be had is asked for once, whichever pages are left while it is on its
// way and whatever is typed meanwhile, though a part of it has come at once.
func TestThePastIsAskedForOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, a := walking(state.Given{})
		a.promptly = true
		cluster := state.Cluster{ProjectID: project, Name: "orders", PITEnabled: true}
		s.Answered(s.Plan.WithProject(state.Project{ID: project}))
		s.Answered(s.Plan.WithCluster(cluster))
		for range 3 { // pages
			s.Ahead(t.Context())
			page, leave := context.WithCancel(t.Context())
			go func() { _, _ = LoadPast(page, s.Cfg.Walk(), cluster, []state.Snapshot{}) }()
			synctest.Wait()
			s.Heard() // what is typed there
			leave()
			s.When()
		}
		s.Ahead(t.Context())
		synctest.Wait()
		close(a.let)
		synctest.Wait()
		if s.Heard(); len(a.asked) != 2 || a.ended != 0 {
			t.Errorf("asked for %q, %d stopped", a.asked, a.ended)
		}
		if past := s.Seen.PastOf(cluster); past == nil || !past.Whole() || past.Schedule.RestoreWindowDays != 7 {
			t.Errorf("it is not kept: %+v", past)
		}
	})
}
