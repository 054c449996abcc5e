package ui

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"atlas-restore/state"
	"atlas-restore/state/journal"
	"atlas-restore/ui/steps"
)

// clocked is a wizard at 80×24 whose clock the test moves, on the page of a job.
func clocked(t *testing.T, now *time.Time, cfg steps.Config, d state.DeliveryType, id string) *Root {
	t.Helper()
	cfg.Atlas, cfg.Zone, cfg.Pace, cfg.Now = fixedAtlas{}, time.UTC, 1, func() time.Time { return *now }
	cfg.Resume = &journal.Submission{JobID: id, Last: journal.Created, Entry: journal.Entry{ID: "1", Time: *now, ClusterName: "orders-prod", Body: state.Request{DeliveryType: d, TargetClusterName: "orders-stg"}}}
	r := New(t.Context(), cfg)
	r.enter()
	r.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	return r
}

// madeAt is the id of a job that was made then.
func madeAt(at time.Time) string { return fmt.Sprintf("%08x0000000000000001", at.Unix()) }

// Ages, countdowns and the clock in the header are true to the last unit that is shown: the frame
// stays the same, byte for byte, until that unit changes, and is drawn anew then and not before.
func TestWhatMovesIsTrueToItsLastUnit(t *testing.T) {
	t.Parallel()
	begin := time.Date(2026, 11, 23, 14, 31, 20, 0, time.UTC)
	for name, tc := range map[string]struct {
		root  func(now *time.Time) *Root
		shows []string // at the beginning, and after each change
		in    []time.Duration
	}{
		"a job that runs": {
			func(now *time.Time) *Root {
				id := madeAt(now.Add(-62 * time.Second))
				r := clocked(t, now, steps.Config{}, state.Automated, id)
				p := r.page().(*jobPage)
				p.job.Saw(state.Job{ID: id, DeliveryType: state.Automated}, *now)
				p.job.NextAt = time.Time{}
				return r
			},
			[]string{"Last answer 0 s ago", "Last answer 1 s ago", "Last answer 2 s ago"},
			[]time.Duration{time.Second, time.Second},
		},
		"the links of a download": {
			func(now *time.Time) *Root {
				id := madeAt(now.Add(-10 * time.Minute))
				r := clocked(t, now, steps.Config{}, state.Download, id)
				p := r.page().(*jobPage)
				job := state.Job{ID: id, DeliveryType: state.Download, ExpiresAt: now.Add(53*time.Minute + 20*time.Second), Deliveries: []state.Delivery{{ReplicaSet: "rs", URL: state.NewSecret("https://a.test/1")}}}
				p.job.Saw(job, *now)
				p.job.NextAt = now.Add(time.Hour) // no look is due meanwhile
				return r
			},
			[]string{"in 53 min", "in 52 min", "in 51 min"},
			[]time.Duration{20 * time.Second, time.Minute},
		},
		"the clock of a scenario": {
			func(now *time.Time) *Root {
				id := madeAt(now.Add(-48 * time.Hour))
				coaching := state.Coaching{Name: "first-download"}
				r := clocked(t, now, steps.Config{Mode: steps.Training, Coach: &asked{}, Coaching: coaching}, state.Download, id)
				p := r.page().(*jobPage)
				p.job.Saw(state.Job{ID: id, DeliveryType: state.Download, Cancelled: true, FinishedAt: now.Add(-47 * time.Hour)}, *now)
				return r
			},
			[]string{"14:31 UTC", "14:32 UTC", "14:33 UTC"},
			[]time.Duration{40 * time.Second, time.Minute},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now := begin
			r := tc.root(&now)
			for i, in := range tc.in {
				if frame := r.frameAt(now); !strings.Contains(frame, tc.shows[i]) {
					t.Fatalf("%q does not stand in\n%s", tc.shows[i], frame)
				}
				d := r.changes(now)
				if d < in || d > in+grain {
					t.Fatalf("the timer is set for %v, and the unit changes in %v\n%s", d, in, r.frameAt(now))
				}
				for at := time.Duration(0); at < in; at += 500 * time.Millisecond {
					if r.frameAt(now.Add(at)) != r.frameAt(now) {
						t.Errorf("it is drawn anew after %v, and nothing has changed", at)
					}
				}
				if cmd := r.changed(); cmd == nil && !r.moving.await {
					t.Error("no timer is set")
				}
				if cmd := r.changed(); cmd != nil {
					t.Error("a second timer is set for one change")
				}
				now = now.Add(d)
				if frame := r.frameAt(now); !strings.Contains(frame, tc.shows[i+1]) {
					t.Fatalf("%q does not stand in\n%s", tc.shows[i+1], frame)
				}
			}
		})
	}
}

// The pages that wait for a job or a snapshot set one timer, for their next look: none in between,
// and none while a look is under way. A clock that jumps has them look at once.
func TestALookHasOneTimer(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 14, 31, 0, 0, time.UTC)
	cfg := steps.Config{Atlas: fixedAtlas{}, Zone: time.UTC, Pace: 1, Now: func() time.Time { return now }}
	p := newTakePage(cfg, state.Cluster{Name: "orders-prod"}, false, steps.TakeRequest{})
	p.ctx = t.Context()
	first := p.follow(state.Snapshot{ID: "6925c1d2e3a4b5c6d7e8f903", Status: "queued"}, true)
	if first == nil {
		t.Fatal("no timer")
	}
	if _, cmd := p.Update(dueMsg{&p.next, p.next.gen - 1}); cmd != nil {
		t.Error("a timer that was replaced goes on")
	}
	if _, cmd := p.Update(nudgeMsg{}); cmd == nil || p.look.busy {
		t.Error("before its time it looks, or waits no more")
	}
	now = now.Add(time.Hour)
	if _, cmd := p.Update(nudgeMsg{}); cmd == nil || !p.look.busy {
		t.Error("the clock has jumped, and it does not look")
	}
	if _, cmd := p.Update(dueMsg{&p.next, p.next.gen}); cmd != nil {
		t.Error("a timer is set while the answer is awaited")
	}
}

// Timers at a fixed rate redraw what has not changed. What passes on the screen is moving's, the
// next look at Atlas is due's; whoever else sets a timer waits once for something else.
func TestTimersAreSetInFewPlaces(t *testing.T) {
	t.Parallel()
	may := []string{"due.go", "moving.go", "opening.go", "picker.go", "reviewpage.go", "root.go", "seeker.go", "startpage.go"}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") || slices.Contains(may, name) {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok && s.Sel.Name == "Tick" {
				if x, ok := s.X.(*ast.Ident); ok && x.Name == "tea" {
					t.Errorf("%s sets a timer of its own", name)
				}
			}
			return true
		})
	}
}
