package forms

import (
	"strings"
	"testing"
	"time"

	"atlas-restore/state"
)

func TestInstantFields(t *testing.T) {
	const moment, oplog = "<tab>", "<right><tab>"
	tests := []struct {
		name, keys string
		want       string // in the view
	}{
		{"the window is told", moment, "any second from 16 Nov 14:31 UTC to now, 23 Nov 14:31 UTC"},
		{"a moment is echoed", moment + "2026-11-23 14:03", "✓ 23 Nov 14:03:00 UTC · 15:03:00 CET · 28 min ago"},
		{"with a zone", moment + "2026-11-23 15:03 +01:00", "✓ 23 Nov 14:03:00 UTC"},
		{"seconds", moment + "1795442579", "✓ 23 Nov 14:02:59 UTC"},
		{"after the first key", moment + "2", "✗ write a date and a time"},
		{"now", moment + "now", "✓ 23 Nov 14:31:00 UTC"},
		{"no such date", moment + "2026-02-30 12:00", "✗ there is no such date"},
		{"milliseconds", moment + "1795442579000", "in seconds it is 1795442579"},
		{"fraction", moment + "2026-11-23 14:03:00.5", "✗ Atlas restores to whole seconds"},
		{"future", moment + "2026-11-23 14:32", "✗ that is in the future"},
		{"before the window", moment + "2026-11-01 00:00", "✗ that is before the restore window"},
		{"nothing", moment + "<enter>", "✗ a moment is needed"},
		{"emptied", moment + "1<bs>", "✗ a moment is needed"},
		{"an oplog entry", moment + "1795442579:12", "✓ 23 Nov 14:02:59 UTC · 15:02:59 CET · 28 min ago, oplog entry 12 of that second"},
		{"half an oplog entry", moment + "1795442579:", "✗ write a date and a time"},
		{"an entry of the future", moment + "1795444579:1", "✗ that is in the future"},
		{"the zone of the user", moment + "15:02:59 CET", "✓ 23 Nov 14:02:59 UTC"},
		{"oplog window", oplog, "any second from 16 Nov"},
		{"oplog echo", oplog + "1795442579", "✓ 23 Nov 14:02:59 UTC · 15:02:59 CET · 28 min ago"},
		{"oplog letters", oplog + "17x", "✗ write a date and a time"},
		{"oplog too early", oplog + "17", "✗ the oplog timestamp begins at"},
		{"oplog future", oplog + "1795444579", "✗ that is in the future"},
		{"oplog before the window", oplog + "1790000000", "✗ that is before the restore window"},
		{"oplog nothing", oplog + "<enter>", "✗ the oplog timestamp is in seconds"},
		{"increment zero", oplog + "<tab>0", "✗ the oplog increment begins at 1"},
		{"increment letters", oplog + "<tab>one", "✗ the oplog increment is a whole number"},
		{"increment too large", oplog + "<tab>2147483648", "✗ the oplog increment ends at"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newForm(state.PointInTime)
			f.SetSize(190, 40)
			send(f, tt.keys)
			if !strings.Contains(view(f), tt.want) {
				t.Errorf("no %q in\n%s", tt.want, view(f))
			}
			wrong := strings.HasPrefix(tt.want, "✗")
			if got := f.form.GetFocusedField().Error() != nil; wrong && !got {
				t.Errorf("huh is told of no error: %v", f.form.Errors())
			}
		})
	}
}

func TestUntouchedIsNotScolded(t *testing.T) {
	f := newForm(state.PointInTime)
	f.SetSize(190, 40)
	for _, keys := range []string{"", "<tab>", "<tab>", "<tab>", "<back><back><back><right>", "<tab>", "<tab>", "<tab>", "<tab>"} {
		send(f, keys)
		if strings.Contains(view(f), "✗ a") || len(f.form.Errors()) > 0 {
			t.Errorf("scolded on %s:\n%s", f.Focus(), view(f))
		}
	}
}

func TestChoiceKeepsBothDraftsAndResultHasOne(t *testing.T) {
	f := newForm(state.PointInTime)
	send(f, "<tab>2026-11-23 14:03<back><right><tab>1795442579<tab>7<tab><enter>rest<enter>")
	instant, target, ok := f.Result()
	if !ok || !f.Completed() || instant != (state.Instant{OplogTs: 1795442579, OplogInc: 7}) || target.ClusterName != "orders-restore" {
		t.Fatalf("by oplog: %v, %v, %v", instant, target, ok)
	}
	if strings.Contains(view(f), "Moment") {
		t.Errorf("both kinds are shown:\n%s", view(f))
	}
	f.Reopen()
	send(f, "<back><back><back><back><space>")
	instant, _, ok = f.Result()
	if !ok || instant != (state.Instant{UTCSeconds: 1795442580}) {
		t.Fatalf("by moment: %v, %v", instant, ok)
	}
	if strings.Contains(view(f), "Oplog") {
		t.Errorf("both kinds are shown:\n%s", view(f))
	}
	want := state.Draft{Moment: "2026-11-23 14:03", OplogTs: "1795442579", OplogInc: "7", TargetProject: "Payments", TargetCluster: "orders-restore"}
	if got := f.Draft(); got != want {
		t.Errorf("the draft is %+v", got)
	}
	send(f, "<left>")
	want.ByOplog = true
	if got := f.Draft(); got != want {
		t.Errorf("switched back, the draft is %+v", got)
	}
}

func TestHiddenFieldsDoNotMatter(t *testing.T) {
	f := newForm(state.PointInTime)
	send(f, "<tab>garbage<back><right><tab>1795442579<tab>7<tab><tab>zeta")
	if _, _, ok := f.Result(); !ok {
		t.Errorf("a hidden moment spoils the oplog pair:\n%s", view(f))
	}
}

func TestPaste(t *testing.T) {
	tests := []struct{ pasted, want string }{
		{"2026-11-23 14:03\n", "2026-11-23 14:03"},
		{"  \r\n2026-11-23\n14:03:00Z \t", "2026-11-23 14:03:00Z"},
		{"\x1b[31m1795442579\x1b[0m", "1795442579"},
		{"\n", ""},
		{strings.Repeat("9", 100_000), strings.Repeat("9", maxTyped)},
	}
	for _, tt := range tests {
		f := newForm(state.PointInTime)
		send(f, "<tab>")
		paste(f, tt.pasted)
		if got := f.Draft().Moment; got != tt.want || f.Focus() != FieldMoment {
			t.Errorf("pasting %.40q gave %.40q on %s", tt.pasted, got, f.Focus())
		}
	}
	f := newForm(state.Automated)
	send(f, "<tab>")
	paste(f, "zeta\n\n\n")
	if f.Completed() {
		t.Error("a paste has completed the form")
	}
}

func TestWindowAndClockAreAskedEachTime(t *testing.T) {
	o := options(plan(state.PointInTime))
	at := now
	o.Now, o.Reach = func() time.Time { return at }, state.Reach{}
	f := New(o)
	f.SetSize(100, 20)
	if !strings.Contains(view(f), "it is now 23 Nov 14:31 UTC") {
		t.Errorf("no word of the unknown window:\n%s", view(f))
	}
	send(f, "2026-11-23 14:32")
	if !strings.Contains(view(f), "in the future") {
		t.Errorf("the future is not refused:\n%s", view(f))
	}
	at = at.Add(time.Hour)
	if !strings.Contains(view(f), "59 min ago") {
		t.Errorf("what has become the past is still refused:\n%s", view(f))
	}
	f.SetReach(state.Reach{Window: state.Window{From: at, Until: at}})
	if !strings.Contains(view(f), "before the restore window") {
		t.Errorf("the new window does not count:\n%s", view(f))
	}
}

func TestPrefill(t *testing.T) {
	p := plan(state.PointInTime)
	p.Draft = state.Draft{ByOplog: true, Moment: "half a", OplogTs: "1795442579", OplogInc: "x", TargetProject: "Payments Staging", TargetCluster: "no good"}
	if got := New(options(p)).Draft(); got != p.Draft {
		t.Errorf("the draft has become %+v", got)
	}
	p = plan(state.PointInTime)
	p.Instant, p.Target = state.Instant{UTCSeconds: 1795442579}, state.Target{Project: state.Project{ID: staging}, ClusterName: "zeta"}
	instant, target, ok := New(options(p)).Result()
	if !ok || instant != p.Instant || target.ClusterName != "zeta" || target.Project.Name != "Payments Staging" {
		t.Errorf("a plan without a draft gives %v %v %v", instant, target, ok)
	}
	p.Instant = state.Instant{OplogTs: 1795442579, OplogInc: 3}
	if instant, _, ok := New(options(p)).Result(); !ok || instant != p.Instant {
		t.Errorf("an oplog pair without a draft gives %v %v", instant, ok)
	}
	if got := New(options(plan(state.Automated))).Draft(); got.TargetProject != "Payments" {
		t.Errorf("the project is prefilled with %q", got.TargetProject)
	}
}

// An oplog entry that was typed as a moment makes the request of an oplog entry, and stays
// as it was said.
func TestOplogEntryAsMoment(t *testing.T) {
	f := newForm(state.PointInTime)
	f.SetSize(190, 40)
	send(f, "<tab>Timestamp(1795442579, 12)<enter>")
	if got := f.Draft().Moment; got != "1795442579:12" {
		t.Errorf("it stays as %q", got)
	}
	if got := f.instant(); got != (state.Instant{OplogTs: 1795442579, OplogInc: 12}) {
		t.Errorf("it is %+v", got)
	}
}

// A moment in the user's zone is the same one while it is typed, when it was left, and in
// the request.
func TestMomentInTheUsersZone(t *testing.T) {
	want := time.Date(2026, 11, 23, 14, 2, 59, 0, time.UTC)
	f := newForm(state.PointInTime)
	send(f, "<tab>15:02:59 local")
	if got, ok := f.Moment(); !ok || !got.Equal(want) || f.instant().UTCSeconds != want.Unix() {
		t.Errorf("while it is typed it is %v, %v, and %v", got, ok, f.instant())
	}
	send(f, "<enter>")
	if got := f.Draft().Moment; got != "2026-11-23 14:02:59" || f.instant().UTCSeconds != want.Unix() {
		t.Errorf("it stays as %q, and is %v", got, f.instant())
	}
}

// The timeline's cursor stands where the fields say, whichever of them are shown.
func TestMomentOfOplogFields(t *testing.T) {
	f := newForm(state.PointInTime)
	send(f, "<tab>2026-11-23 10:00<back><right><tab>1795442")
	if got, ok := f.Moment(); ok {
		t.Errorf("half a timestamp is %v", got)
	}
	send(f, "579")
	if got, ok := f.Moment(); !ok || got.Unix() != 1795442579 {
		t.Errorf("the timestamp is %v, %v", got, ok)
	}
}

// A moment is moved within what can be had, from now where none is typed; one in a hole
// names the nearest.
func TestMove(t *testing.T) {
	f := newForm(state.PointInTime)
	f.SetSize(190, 40)
	f.SetReach(state.Reach{Window: state.Window{From: now.Add(-3 * time.Hour), Until: now}, Holes: []state.Window{{From: now.Add(-2 * time.Hour), Until: now.Add(-90 * time.Minute)}}})
	for _, step := range []struct {
		by   time.Duration
		want string
	}{
		{-time.Hour, "✓ 23 Nov 13:31:00 UTC"},
		{-time.Hour, "✗ no moment there can be restored: the last good before is 23 Nov 12:30:59 UTC, the first after is 23 Nov 13:01:00 UTC (a restore ran from 23 Nov 12:31 UTC)"},
		{-24 * time.Hour, "✓ 23 Nov 11:31:00 UTC"},
		{24 * time.Hour, "✓ 23 Nov 14:31:00 UTC"},
	} {
		f.Move(step.by)
		if got := strings.Join(strings.Fields(view(f)), " "); !strings.Contains(got, step.want) {
			t.Errorf("%v: no %q in\n%s", step.by, step.want, view(f))
		}
	}
}
