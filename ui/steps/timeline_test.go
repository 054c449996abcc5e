package steps

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/watch"
)

// line is the timeline of a cluster with snapshots at these hours before noon, in Atlas's
// order.
func line(reach state.Reach, snapshots ...state.Snapshot) Timeline {
	c := state.Cluster{ProjectID: project, Name: "orders", PITEnabled: !reach.IsZero()}
	return Timeline{Now: noon, Reach: reach, Ticks: Ticks(snapshots, noon), Cluster: c}
}

func taken(ago time.Duration, frequency string) state.Snapshot {
	return state.Snapshot{ID: "x", Status: "completed", Kind: "scheduled", Frequency: frequency, CreatedAt: noon.Add(-ago), ExpiresAt: noon.Add(time.Hour)}
}

func marks(cells []Cell) string {
	var b strings.Builder
	for _, c := range cells {
		b.WriteRune(c.Mark)
	}
	return b.String()
}

const day = 24 * time.Hour

func TestTrack(t *testing.T) {
	restored := state.Job{ID: "6b020000c1d2e3a4b5c6d7e8", DeliveryType: state.Automated, TargetProjectID: project, TargetClusterName: "orders"} // 21 Nov 20:33 UTC
	week := state.Window{From: noon.Add(-7 * day), Until: noon}
	for _, tc := range []struct {
		name string
		line Timeline
		want string
	}{
		{"nothing", line(state.Reach{}), "·····························"},
		{"only a window", line(state.Reach{Window: week}), "━━━━━━━━━━━━━━━━━━━━━━━━━━━━━"},
		{"a young cluster", line(state.Reach{Window: state.Window{From: noon.Add(-3 * day), Until: noon}}), "━━━━━━━━━━━━━━━━━━━━━━━━━━━━━"},
		{"kinds", line(state.Reach{}, taken(day, "daily"), taken(2*day, "hourly"), taken(3*day, "weekly"), taken(4*day, "ondemand")), "············s···w···h···d····"},
		{"the rarer one is seen", line(state.Reach{}, taken(day, "hourly"), taken(day, "weekly"), taken(day, "daily")), "························w····"},
		{"a hole", line(state.Reach{Window: week, Holes: []state.Window{{From: noon.Add(-2 * day), Until: noon.Add(-day)}}}), "━━━━━━━━━━━━━━━━━━━━░░░░━━━━━"},
		{"a short one is seen all the same", line(state.Reach{Window: week, Holes: []state.Window{{From: noon.Add(-2 * day), Until: noon.Add(-2*day + time.Minute)}}}), "━━━━━━━━━━━━━━━━━━━━░━━━━━━━━"},
		{"one within a column", line(state.Reach{Window: week, Holes: []state.Window{{From: noon.Add(-2*day + time.Hour), Until: noon.Add(-2*day + 2*time.Hour)}}}), "━━━━━━━━━━━━━━━━━━━━░━━━━━━━━"},
		{"what is before the window", line(state.Reach{Window: state.Window{From: noon.Add(-5 * day), Until: noon}}), "········━━━━━━━━━━━━━━━━━━━━━"},
		{"what cannot be used", line(state.Reach{}, state.Snapshot{ID: "x", Status: "failed", Frequency: "daily", CreatedAt: noon.Add(-day)}), "························x····"},
		{"an open one", line(state.Reach{Window: week, Holes: []state.Window{{From: noon.Add(-day)}}}), "━━━━━━━━━━━━━━━━━━━━━━━━░░░░░"},
	} {
		if got := marks(tc.line.Track(29)); got != tc.want {
			t.Errorf("%s:\n%s, want\n%s", tc.name, got, tc.want)
		}
	}
	l := line(state.Reach{Window: week}, taken(5*time.Hour, "hourly"))
	before := restored
	before.ID = "6afa0000c1d2e3a4b5c6d7e8" // 15 Nov 18:50 UTC
	l.Jobs = []state.Job{before}
	if got := marks(l.Track(5)); strings.ContainsRune(got, 'R') {
		t.Errorf("a restore before all that is shown: %s", got)
	}
	l.Jobs = []state.Job{restored, {ID: "6b030000c1d2e3a4b5c6d7e8", DeliveryType: state.Download}}
	if got, want := marks(l.Track(29)), "━━━━━━━━━━━━━━━━━━━━━R░━━━━h━"; got != want {
		t.Errorf("a restore onto it:\n%s, want\n%s", got, want)
	}
	// Neither snapshots nor what was lost hide a hole, however many there are.
	var hourly []state.Snapshot
	for ago := time.Duration(0); ago < 7*day; ago += time.Hour {
		hourly = append(hourly, taken(ago, "hourly"))
	}
	for _, hole := range []state.Window{{From: noon.Add(-2 * day), Until: noon.Add(-day)}, {From: noon.Add(-2 * day), Until: noon.Add(-2*day + time.Minute)}, {From: noon.Add(-time.Minute)}} {
		full := line(state.Reach{Window: week, Holes: []state.Window{hole}}, hourly...)
		full.Lost = []time.Time{hole.From, hole.From.Add(time.Second)}
		got := full.Track(29)
		if marked := marks(got); !strings.ContainsRune(marked, '░') || !strings.ContainsRune(marked, '!') || !strings.ContainsRune(marked, 'h') {
			t.Errorf("the hole of %v: %s", hole.From, marked)
		}
		if !strings.Contains(full.Legend(got, 60), "░ no moment") {
			t.Errorf("the hole of %v is not told: %s", hole.From, full.Legend(got, 60))
		}
	}
	words := l.Words()
	for _, want := range []string{"Any second from 16 Nov 12:00 UTC to now can be restored.", "Restored onto it: 21 Nov 20:33 UTC.", "1 snapshot back to 23 Nov 07:00 UTC: 1 hourly."} {
		if !strings.Contains(words, want) {
			t.Errorf("the words lack %q: %s", want, words)
		}
	}
}

// The cursor is always within what is shown, and the scale says where.
func TestSpan(t *testing.T) {
	l := line(state.Reach{Window: state.Window{From: noon.Add(-7 * day), Until: noon}}, taken(day, "daily"))
	for _, tc := range []struct {
		at    time.Duration
		near  time.Duration
		scale string
	}{
		{time.Hour, 0, "17 Nov  18 Nov   19 Nov  20 Nov  21 Nov   22 Nov  23 Nov"},
		{40 * day, 0, "31 Aug 14 Sep 28 Sep 12 Oct"},
		{time.Hour, day, "12:00 16:00 20:00"},
		{3 * day, day, "00:00"},
		{time.Hour, 3 * time.Hour, "09:30  10:00"},
	} {
		l.At, l.Close = noon.Add(-tc.at), tc.near
		if i := l.Column(l.At, 60); i < 0 || i >= 60 {
			t.Errorf("%v before now is in column %d", tc.at, i)
		}
		if from, to := l.Span(); to.After(noon) || !from.Before(to) {
			t.Errorf("%v before now, close %v: shown is %v to %v", tc.at, tc.near, from, to)
		}
		got := l.Scale(60)
		if len(got) > 60 {
			t.Errorf("the scale is %d wide", len(got))
		}
		if words := strings.Join(strings.Fields(got), " "); !strings.Contains(words, strings.Join(strings.Fields(tc.scale), " ")) {
			t.Errorf("%v before now, close %v: %q lacks %q", tc.at, tc.near, got, tc.scale)
		}
	}
}

func TestWordsOfWhatIsNotThere(t *testing.T) {
	if got := line(state.Reach{}).Words(); got != "Only snapshots can be restored, no moment between them. There is no snapshot." {
		t.Error(got)
	}
	l := line(state.Reach{Window: state.Window{From: noon.Add(-day)}, Holes: []state.Window{{From: noon.Add(-2 * time.Hour), Until: noon.Add(-time.Hour)}, {From: noon.Add(-time.Minute)}}})
	if got := l.Words(); !strings.Contains(got, "but not from 23 Nov 10:00 UTC to 23 Nov 11:00 UTC, nor from 23 Nov 11:59 UTC to the next snapshot (after a restore onto it).") {
		t.Error(got)
	}
	l.Reach.Holes = []state.Window{{From: noon.Add(-50 * time.Hour), Until: noon.Add(-49 * time.Hour)}}
	if got := l.Words(); strings.Contains(got, "but not from") {
		t.Errorf("a hole before the window is told: %s", got)
	}
	l.Lacks.Window = Unread
	if got := l.Words(); !strings.HasPrefix(got, "The restore window could not be seen.") {
		t.Error(got)
	}
}

// What could not be seen of a past is said, and asked for anew; the part that was seen is
// shown.
func TestPast(t *testing.T) {
	c := state.Cluster{ProjectID: project, Name: "orders", PITEnabled: true}
	bad := errors.New("reset")
	for name, p := range map[string]Past{"both": {}, "no schedule": {ScheduleErr: bad}, "no restores": {JobsErr: bad}} {
		p.Of = sourceName(c)
		whole := p.ScheduleErr == nil && p.JobsErr == nil
		if p.Whole() != whole {
			t.Errorf("%s: whole %v", name, !whole)
		}
		seen := Nothing()
		seen.Past = &p
		if got := seen.TimelineOf(c, []state.Snapshot{}, nil, false, noon).Words(); strings.Contains(got, "could not be seen") == whole {
			t.Errorf("%s: %s", name, got)
		}
		if other := (state.Cluster{ProjectID: "another", Name: "orders"}); seen.PastOf(other) != nil {
			t.Errorf("%s: it is taken for that of a namesake", name)
		}
	}
	if p, err := LoadPast(t.Context(), halfPast{&world{}, bad}, c, []state.Snapshot{}); !errors.Is(err, bad) || p.ScheduleErr != nil || !errors.Is(p.JobsErr, bad) {
		t.Errorf("no restores: %v, %+v", err, p)
	}
	if p, err := LoadPast(t.Context(), &world{err: bad}, c, []state.Snapshot{}); !errors.Is(err, bad) || p.Whole() {
		t.Errorf("nothing: %v, %+v", err, p)
	}
	restored := Past{Schedule: state.Schedule{RestoreWindowDays: 7}, Jobs: []state.Job{{ID: "6b020000c1d2e3a4b5c6d7e8", DeliveryType: state.Automated, TargetProjectID: project, TargetClusterName: "orders"}}}
	if r := restored.Reach(c, nil, noon); len(r.Holes) != 0 {
		t.Errorf("holes without an end, where no snapshot was listed: %v", r.Holes)
	}
	if r := restored.Reach(c, []state.Snapshot{taken(day, "daily")}, noon); len(r.Holes) != 1 {
		t.Errorf("holes %v", r.Holes)
	}
}

// halfPast is an Atlas that does not tell the restores.
type halfPast struct {
	*world
	err error
}

func (h halfPast) Jobs(context.Context, state.Cluster) ([]state.Job, error) { return nil, h.err }

// A new snapshot is advised wherever moments could be restored before, be it that the source
// was not listed as a target.
func TestAfterwards(t *testing.T) {
	p := whole().Plan
	p.Cluster.PITEnabled = true
	says := func(p state.Plan, target state.Cluster) bool {
		return strings.Contains(strings.Join(Afterwards(p, state.Names{}, target, watch.Search{}, noon), " "), "Take a new snapshot of "+p.Target.ClusterName)
	}
	itself := p
	itself.Target.ClusterName = p.Cluster.Name
	if !says(itself, state.Cluster{}) || !says(p, state.Cluster{PITEnabled: true}) || says(p, state.Cluster{}) {
		t.Error(Afterwards(itself, state.Names{}, state.Cluster{}, watch.Search{}, noon), Afterwards(p, state.Names{}, state.Cluster{}, watch.Search{}, noon))
	}
}

// What is to be done fits what was done: a refresh of another environment is no recovery.
func TestAfterwardsOfARefresh(t *testing.T) {
	names := state.Names{Environments: []state.Environment{{Name: state.Production, Patterns: []string{"prod*"}}, {Name: "STG", Patterns: []string{"stg*"}}}}
	source := state.Plan{Project: state.Project{ID: "1", Name: "Payments"}, Cluster: state.Cluster{Name: "orders-prod"}, Delivery: state.Automated}
	lost := source
	lost.Evidence = state.Evidence{Why: "the second before the drop"}
	for _, tt := range []struct {
		name    string
		plan    state.Plan
		target  string
		project string
		refresh bool
	}{
		{"staging", source, "orders-stg", "1", true},
		{"another project, no rule", source, "orders-test", "2", true},
		{"beside it, no rule", source, "orders-scratch", "1", false},
		{"production beside it", source, "ledger-prod", "1", false},
		{"something was lost", lost, "orders-stg", "1", false},
	} {
		p := tt.plan
		p.Target = state.Target{Project: state.Project{ID: tt.project, Name: "P"}, ClusterName: tt.target}
		text := strings.Join(Afterwards(p, names, state.Cluster{}, watch.Search{}, noon), " ")
		if strings.Contains(text, "let the users of "+tt.target+" in again") != tt.refresh || strings.Contains(text, "copy what was lost back") == tt.refresh {
			t.Errorf("%s: %s", tt.name, text)
		}
	}
}
