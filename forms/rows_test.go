package forms

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"atlas-restore/state"
)

// many are n clusters, c-01 on.
func many(n int) []state.Cluster {
	var out []state.Cluster
	for i := range n {
		out = append(out, cluster(fmt.Sprintf("c-%02d", i+1)))
	}
	return out
}

// beneath is what stands beneath the last field's head, without the blanks around.
func beneath(f *Form) []string {
	lines := strings.Split(view(f), "\n")
	at := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, "Target cluster") })
	var out []string
	for _, l := range lines[at+1:] {
		out = append(out, strings.TrimSpace(l))
	}
	return out
}

func TestHiddenRows(t *testing.T) {
	const head, words = "CLUSTER  ENV      VERSION  TIER   DISK", "     unknown  8.0.29   M30   60 GB"
	tests := []struct {
		name          string
		count, down   int
		h             int // of the form; two lines of it are heads
		lines         int
		first, second string
		last          string
	}{
		{"seven are shown whole", 7, 0, 50, 8, head, "▌ c-01" + words, "c-07" + words},
		{"twelve are shown whole", 12, 0, 50, 13, head, "▌ c-01" + words, "c-12" + words},
		{"of thirteen one is counted", 13, 0, 50, 14, head, "▌ c-01" + words, "… 1 more"},
		{"a long list", 30, 0, 50, 14, head, "▌ c-01" + words, "… 18 more"},
		{"scrolled", 30, 15, 50, 14, head, "… 10 more", "… 9 more"},
		{"at the end", 30, 29, 50, 14, head, "… 18 more", "▌ c-30" + words},
		{"just room enough", 7, 0, 10, 8, head, "▌ c-01" + words, "c-07" + words},
		{"heads before rows", 7, 0, 9, 7, head, "▌ c-01" + words, "… 2 more"},
		{"heads before rows, at the end", 7, 6, 8, 6, head, "… 3 more", "▌ c-07" + words},
		{"no room for heads", 7, 0, 7, 5, "▌ c-01" + words, "c-02" + words, "… 3 more"},
		{"two lines", 7, 0, 4, 2, "▌ c-01" + words, "… 6 more", "… 6 more"},
		{"two lines, scrolled", 7, 3, 4, 2, "▌ c-04" + words, "… 3 more above, 3 below", "… 3 more above, 3 below"},
		{"two lines, at the end", 7, 6, 4, 2, "▌ c-07" + words, "… 6 more above", "… 6 more above"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newForm(state.Automated)
			f.SetClusters(payments, many(tt.count), nil)
			f.SetSize(74, tt.h)
			send(f, "<enter>"+strings.Repeat("<down>", tt.down+1))
			got := beneath(f)
			for len(got) > 0 && got[0] == "" { // the gap of a high form
				got = got[1:]
			}
			if len(got) != tt.lines {
				t.Fatalf("%d lines, want %d:\n%s", len(got), tt.lines, view(f))
			}
			for i, want := range map[int]string{0: tt.first, 1: tt.second, tt.lines - 1: tt.last} {
				if got[i] != want {
					t.Errorf("line %d is %q, want %q in\n%s", i, got[i], want, view(f))
				}
			}
			fits(t, f, 74, tt.h)
		})
	}
}

// Wherever the highlight is, it is to be seen, and what is shown and what is counted
// together are the list.
func TestEveryRowIsShownOrCounted(t *testing.T) {
	p := newForm(state.Automated).cluster
	for all := 1; all <= 30; all++ {
		p.shown = make([]row, all)
		for n := 1; n <= 16; n++ {
			lines := 0
			for at := range all {
				p.at = at
				top, rows := p.span(n)
				if top < 0 || rows < 1 || rows > mostRows || at < top || at >= top+rows || top+rows > all {
					t.Fatalf("%d of %d in %d lines: %d rows from %d", at, all, n, rows, top)
				}
				got := len(p.list(n))
				if got > n || at > 0 && got != lines {
					t.Fatalf("%d of %d in %d lines: %d lines, before %d", at, all, n, got, lines)
				}
				if got == rows && rows < all && n > 1 {
					t.Fatalf("%d of %d in %d lines: nothing is counted", at, all, n)
				}
				lines = got
			}
		}
	}
}

func TestRowsHaveRoomForReasons(t *testing.T) {
	old := cluster("fraud-scores-restore")
	old.MongoDBVersion = "7.0.28"
	clusters := []state.Cluster{cluster("orders-prod"), old, cluster("orders-prod-restore-2")}
	tests := []struct {
		w    int
		want string // a whole line
	}{
		{74, "      fraud-scores-restore   unknown  ✗ 7.0.28 is older than the data, 8.…"},
		{74, "      orders-prod             PROD    8.0.29   M30   ! the source itself"},
		{74, "    ▌ orders-prod-restore-2   PROD    8.0.29   M30   60 GB"},
		{58, "    ▌ orders-prod-restore-2   PROD    8.0.29   M30   60 GB"},
		{58, "      orders-prod             PROD    ! the source itself"},
		{119, "      fraud-scores-restore   unknown  7.0.28   M30   60 GB  ✗ 7.0.28 is older than the data, 8.0.29"},
		{120, strings.Repeat(" ", valueColumn+markColumn) + "fraud-scores-restore   unknown  7.0.28   M30   60 GB  ✗ 7.0.28 is older than the data, 8.0.29"},
		{190, strings.Repeat(" ", valueColumn+markColumn) + "orders-prod             PROD    8.0.29   M30   60 GB  ! the source itself"},
	}
	for _, tt := range tests {
		f := newForm(state.Automated)
		f.SetClusters(payments, clusters, nil)
		f.SetSize(tt.w, 14)
		send(f, "<enter><down>")
		if !slices.Contains(strings.Split(view(f), "\n"), tt.want) {
			t.Errorf("at %d no line %q in\n%s", tt.w, tt.want, view(f))
		}
	}
}

func TestMeaningOfTheHighlightedRow(t *testing.T) {
	const (
		usual   = "All that is on the target cluster now is erased, and the restored data take its place."
		unruled = " is not known to be production (prod*). All that is on it now is erased, and the restored data take its place."
		itself  = "The source itself, PRODUCTION: it is called prod*. All that it holds now is erased, and replaced by the older data."
		project = "The project of the cluster that will be overwritten; it may be another one than the source's."
	)
	source := paused("orders-prod")
	tests := []struct {
		name, keys string
		clusters   []state.Cluster
		err        error
		want       string
	}{
		{"none yet", "<enter>", ours(), nil, usual},
		{"one that no rule fits", "<enter><down>", ours(), nil, "orders-restore" + unruled},
		{"production", "<enter><down>", []state.Cluster{cluster("ledger-prod")}, nil, "ledger-prod is PRODUCTION: it is called prod*. All that is on it now is erased."},
		{"production, as typed", "<enter>main-prod", ours(), nil, "main-prod is PRODUCTION: it is called prod*. All that is on it now is erased. main-prod is not among the clusters of Payments that Atlas listed; Atlas will refuse it if there is none."},
		{"production, not listed", "<enter>main-prod", nil, errors.New("403"), "main-prod is PRODUCTION: it is called prod*. All that is on it now is erased."},
		{"barred", "<enter><down><down><down><down><down>", ours(), nil, "alpha cannot take it: paused: resume it first."},
		{"barred and typed", "<enter>alpha", ours(), nil, "alpha cannot take it: paused: resume it first."},
		{"the source", "<enter><down><down><down><down>", ours(), nil, itself},
		{"the source, barred", "<enter>orders-prod", []state.Cluster{source}, nil, "orders-prod cannot take it: paused: resume it first."},
		{"the source, not listed", "<enter>orders-prod", nil, errors.New("403"), itself},
		{"as typed", "<enter>nope", ours(), nil, "nope is not among the clusters of Payments that Atlas listed; Atlas will refuse it if there is none."},
		{"as typed without a list", "<enter>nope", nil, errors.New("403"), "nope" + unruled},
		{"no row at all", "<enter>no_good", ours(), nil, usual},
		{"own project", "", ours(), nil, project},
		{"a project without clusters", "<down>", ours(), nil, "Analytics has no clusters."},
		{"a project that is typed", unknown, ours(), nil, project},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := New(options(plan(state.Automated)))
			f.SetClusters(payments, tt.clusters, tt.err)
			send(f, tt.keys)
			if got := f.Meaning(); got != tt.want {
				t.Errorf("it says %q, want %q\n%s", got, tt.want, view(f))
			}
		})
	}
}

// While no row is highlighted yet, none is spoken of.
func TestMeaningBeforeTheListWasSeen(t *testing.T) {
	f := New(options(plan(state.Automated)))
	send(f, "<enter>")
	usual := f.Meaning()
	send(f, "al")
	cmd := f.SetClusters(payments, []state.Cluster{paused("alpha")}, nil)
	if got := f.Meaning(); got != usual {
		t.Errorf("too early: %q", got)
	}
	f.Update(cmd())
	if got := f.Meaning(); got != "alpha cannot take it: paused: resume it first." {
		t.Errorf("once shown: %q", got)
	}
}

func TestProjectsWithoutClusters(t *testing.T) {
	o := options(plan(state.Automated))
	o.Plan.Project.ClusterCount = 0 // named by a flag: the count is unknown, but it has the source
	f := New(o)
	f.SetSize(100, 20)
	for _, want := range []string{"Analytics         no clusters\n", "Payments Staging  no clusters\n", "Payments          this project\n"} {
		if !strings.Contains(view(f)+"\n", want) {
			t.Errorf("no %q in\n%s", want, view(f))
		}
	}
	if strings.Contains(f.Meaning(), "has no clusters") {
		t.Errorf("the source's project: %q", f.Meaning())
	}
}

func TestWhereTheFocusBegins(t *testing.T) {
	moment, oplog := state.Instant{UTCSeconds: 1795442579}, state.Instant{OplogTs: 1795442579, OplogInc: 7}
	target := state.Target{Project: plan(state.Automated).Project, ClusterName: "zeta", DiskSizeGB: 60}
	unlisted := state.Target{Project: target.Project, ClusterName: "nope", Unlisted: true}
	filled := state.Draft{Moment: "2026-11-23 14:02:59", TargetProject: "Payments", TargetCluster: "zeta"}
	byOplog := state.Draft{ByOplog: true, OplogTs: "1795442579", OplogInc: "7", TargetProject: "Payments", TargetCluster: "zeta"}
	nope, wrong := filled, filled
	nope.TargetCluster = "nope"
	wrong.Moment = "soon"
	tests := []struct {
		name     string
		delivery state.DeliveryType
		instant  state.Instant
		target   state.Target
		draft    state.Draft
		focus    string
	}{
		{"new automated", state.Automated, state.Instant{}, state.Target{}, state.Draft{}, FieldProject},
		{"new pointInTime", state.PointInTime, state.Instant{}, state.Target{}, state.Draft{}, FieldMoment},
		{"back to automated", state.Automated, state.Instant{}, target, filled, FieldCluster},
		{"back to a moment", state.PointInTime, moment, target, filled, FieldCluster},
		{"back to an oplog entry", state.PointInTime, oplog, target, byOplog, FieldCluster},
		{"back to a name as typed", state.Automated, state.Instant{}, unlisted, nope, FieldCluster},
		{"typed, but never taken", state.Automated, state.Instant{}, state.Target{}, filled, FieldProject},
		{"a target of another type, no moment", state.PointInTime, state.Instant{}, target, state.Draft{TargetProject: "Payments", TargetCluster: "zeta"}, FieldMoment},
		{"a moment that is none", state.PointInTime, moment, target, wrong, FieldMoment},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := New(options(plan(tt.delivery).WithFields(tt.instant, tt.target, tt.draft)))
			f.Init()
			f.SetSize(74, 14)
			if f.Focus() != tt.focus {
				t.Errorf("the focus begins on %s, want %s", f.Focus(), tt.focus)
			}
			f.SetClusters(payments, ours(), nil)
			f.Init()
			if f.Focus() != tt.focus {
				t.Errorf("with the list the focus is on %s, want %s", f.Focus(), tt.focus)
			}
			if tt.focus != FieldCluster {
				return
			}
			if _, got, ok := f.Result(); !ok || got != tt.target {
				t.Errorf("the result has become %+v, %v", got, ok)
			}
			if send(f, "<enter>"); !f.Completed() {
				t.Errorf("one enter does not lead back to the review:\n%s", view(f))
			}
		})
	}
}

// Unlisted follows the list and the project that is named.
func TestUnlistedFollowsTheList(t *testing.T) {
	f := onCluster()
	send(f, "nope<enter>")
	unlisted := func() bool {
		t.Helper()
		_, target, ok := f.Result()
		if !ok {
			t.Fatalf("no result:\n%s", view(f))
		}
		return target.Unlisted
	}
	if !unlisted() {
		t.Error("a name that the list lacks passes silently")
	}
	f.SetClusters(payments, append(ours(), cluster("nope")), nil)
	if unlisted() {
		t.Error("a name that is listed by now is not said to be")
	}
	f.SetClusters(payments, nil, errors.New("403"))
	if unlisted() {
		t.Error("without a list nothing is known")
	}
	f.SetClusters(payments, ours(), nil)
	f.Reopen()
	send(f, "<back>stag<enter>")
	if unlisted() {
		t.Error("the list of another project does not count")
	}
}

func TestHintOfAnEmptyInstant(t *testing.T) {
	known := state.Window{From: now.AddDate(0, 0, -7), Until: now}
	tests := []struct {
		name, keys string
		window     state.Window
		want       string // the line beneath
	}{
		{"moment", "", known, "any second from 16 Nov 14:31 UTC to now, 23 Nov 14:31 UTC; 14:02, yesterday 14:02 and 40m do too"},
		{"moment, no window", "", state.Window{}, "in UTC, like 2026-11-23 14:02:59; it is now 23 Nov 14:31 UTC; 14:02, yesterday 14:02 and 40m do too"},
		{"oplog", "<back><right><tab>", known, "any second from 16 Nov 14:31 UTC to now, 23 Nov 14:31 UTC"},
		{"oplog, no window", "<back><right><tab>", state.Window{}, "whole seconds since 1970, like 1795442579; it is now 23 Nov 14:31 UTC"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := options(plan(state.PointInTime))
			o.Reach = state.Reach{Window: tt.window}
			o.Now = func() time.Time { return now.In(time.FixedZone("CET", 3600)) } // told in UTC all the same
			f := New(o)
			f.SetSize(120, 20)
			send(f, tt.keys)
			if want := strings.Repeat(" ", valueColumn) + tt.want; !slices.Contains(strings.Split(view(f), "\n"), want) {
				t.Errorf("no line %q in\n%s", want, view(f))
			}
			f.SetSize(56, 9) // folded, not cut
			if got := strings.Join(strings.Fields(view(f)), " "); !strings.Contains(got, tt.want) {
				t.Errorf("no %q in\n%s", tt.want, view(f))
			}
		})
	}
}
