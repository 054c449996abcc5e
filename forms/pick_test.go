package forms

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"atlas-restore/state"
)

// onCluster is an automated restore with the focus on the target cluster.
func onCluster() *Form {
	f := newForm(state.Automated)
	f.SetSize(100, 20)
	send(f, "<enter>")
	return f
}

func names(p *pick) string {
	var out []string
	for _, r := range p.shown {
		out = append(out, r.name)
	}
	return strings.Join(out, " ")
}

func TestProject(t *testing.T) {
	tests := []struct {
		name, keys string
		id         string // named afterwards
		want       string // in the view
	}{
		{"own first", "", payments, "▌ Payments                 5  this project"},
		{"own goes on", "<enter>", payments, "Target project   Payments"},
		{"typing replaces what was taken", "stag", "", "▌ Payments Staging"},
		{"filter and enter", "stag<enter>", staging, "not the project of the source, Payments"},
		{"case does not count", "ANALY<enter>", "65f0c1d2e3a4b5c6d7e8f903", "Analytics"},
		{"exact before prefix", "payments<enter>", payments, "Target project   Payments"},
		{"down", "<down><down><enter>", staging, "Payments Staging"},
		{"down and up", "<down><up><enter>", payments, "Payments"},
		{"up stays at the top", "<up><up><enter>", payments, "Payments"},
		{"typed exactly", "Payments Staging", staging, "▌ Payments Staging"},
		{"backspace edits", "<bs>", "", "▌ Payments "},
		{"a moved cursor edits", "<left>x", "", `✗ no project is called "Paymentxs"`},
		{"known id", staging, staging, "Payments Staging, not the project of the source, Payments"},
		{"unknown id", unknown, unknown, `▌ use "` + unknown + `" as typed`},
		{"unknown id and enter", unknown + "<enter>", unknown, "the id is used as typed"},
		{"half an id", unknown[:20], "", "✗ an id has 24 characters, this has 20"},
		{"upper case id", strings.ToUpper(unknown), "", "✗ an id is written in lower case"},
		{"unknown name", "nowhere", "", `✗ no project is called "nowhere"`},
		{"unknown name and enter", "nowhere<enter>", "", `✗ no project is called "nowhere"`},
		{"empty", "<clear>", "", "▌ Payments "},
		{"empty and left", "<clear><tab>", "", "✗ a target project is needed"},
		{"half a name and left", "stag<tab>", "", `✗ no project is called "stag": take one of the rows`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newForm(state.Automated)
			f.SetSize(100, 20)
			send(f, tt.keys)
			if p, ok := f.TargetProject(); p.ID != tt.id || ok != (tt.id != "") {
				t.Errorf("the project is %v, %v", p, ok)
			}
			if !strings.Contains(view(f), tt.want) {
				t.Errorf("no %q in\n%s", tt.want, view(f))
			}
		})
	}
}

func TestProjectsOfOneName(t *testing.T) {
	o := options(plan(state.Automated))
	o.Projects = append(o.Projects, state.Project{ID: unknown, Name: "payments"}, state.Project{ID: snapshot, Name: staging})
	f := New(o)
	f.SetSize(120, 20)
	if p, _ := f.TargetProject(); p.ID != payments || f.Draft().TargetProject != payments {
		t.Errorf("prefilled with %v", p)
	}
	send(f, "payments<down><enter>")
	if p, _ := f.TargetProject(); p.ID != unknown {
		t.Errorf("the second row took %v", p)
	}
	send(f, "<back>"+staging[:23])
	send(f, "<down>")
	send(f, staging[23:])
	if p, _ := f.TargetProject(); p.ID != staging {
		t.Errorf("a project named like an id was taken for it: %v", p)
	}
}

func TestCluster(t *testing.T) {
	tests := []struct {
		name, keys string
		done       string // the target, where the form is complete
		want       string // in the view
	}{
		{"none is highlighted", "", "", "      orders-restore  "},
		{"enter says so", "<enter>", "", "✗ nothing is chosen yet: ↓ moves to a target, or type a part of its name"},
		{"however often", "<enter><enter><enter><enter>", "", "✗ nothing is chosen yet"},
		{"nor once what was typed is gone", "orders<bs><bs><bs><bs><bs><bs><enter>", "", "✗ nothing is chosen yet"},
		{"version and size", "", "", "orders-stg      unknown  8.0.29   M30   60 GB"},
		{"the source is marked", "", "", "orders-prod      PROD    8.0.29   M30   60 GB  ! the source itself"},
		{"dimmed with the reason", "", "", "alpha           unknown  8.0.29   M30   60 GB  ✗ paused: resume it first"},
		{"enter takes the highlighted row", "<down><down><enter>", "orders-stg", ""},
		{"up begins at the top too", "<up><enter>", "orders-restore", ""},
		{"filter and enter", "stg<enter>", "orders-stg", "✓ exists, 8.0.29, M30, 60 GB"},
		{"the source is never offered first", "orders<enter>", "orders-restore", ""},
		{"not even where it alone begins so", "o", "", "▌ orders-restore"},
		{"the source can be taken", "<down><down><down><down><enter>", "orders-prod", "PRODUCTION, the source itself: what it holds now is erased"},
		{"the source by its whole name", "orders-prod<down><enter>", "orders-prod", ""},
		{"production is not taken by an enter at once", "orders-prod<enter>", "", "✗ production: nothing is chosen yet, ↓ moves to it"},
		{"and says so before", "orders-p", "", "production: nothing is chosen yet, ↓ moves to it"},
		{"the last by end", "<end><enter>", "", "✗ alpha cannot take it: paused: resume it first"},
		{"the first by home", "<end><home><enter>", "orders-restore", ""},
		{"a page", "<pgdown><pgup><enter>", "orders-restore", ""},
		{"what cannot take it is refused", "alp<enter>", "", "✗ alpha cannot take it: paused: resume it first"},
		{"and by arrows", "<down><down><down><down><down><enter>", "", "✗ alpha cannot take it: paused: resume it first"},
		{"typed in full it is an error", "alpha", "", "✗ alpha cannot take it: paused: resume it first"},
		{"another name", "brand-new", "", `▌ use "brand-new" as typed`},
		{"another name and enter", "brand-new<enter>", "brand-new", "not among the clusters of Payments: used as typed"},
		{"as typed is the last row", "orders<down><down><down><enter>", "orders", ""},
		{"not a name", "no_good", "", "✗ a cluster name has only letters"},
		{"not a name and enter", "no_good<enter>", "", "✗ a cluster name has only letters"},
		{"half a name and left", "ord<back>", "", "✗ ord is not in the list"},
		{"emptied and left", "o<bs><back>", "", "✗ a cluster name is needed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := onCluster()
			send(f, tt.keys)
			if _, target, _ := f.Result(); f.Completed() != (tt.done != "") || f.Completed() && target.ClusterName != tt.done {
				t.Errorf("completed %v with %v", f.Completed(), target)
			}
			if !strings.Contains(view(f), tt.want) {
				t.Errorf("no %q in\n%s", tt.want, view(f))
			}
		})
	}
}

func TestOrderOfClusters(t *testing.T) {
	f := onCluster()
	for typed, want := range map[string]string{
		"":            "orders-restore orders-stg zeta orders-prod alpha",
		"a":           `zeta alpha use "a" as typed`,
		"alpha":       "alpha",
		"R":           `orders-restore orders-stg orders-prod use "R" as typed`,
		"orders-prod": "orders-prod",
		"prod":        `orders-prod use "prod" as typed`,
	} {
		send(f, "<clear>"+typed)
		if got := names(f.cluster); got != want {
			t.Errorf("%q shows %s", typed, got)
		}
	}
}

// Whatever the clusters are doing, each stays in its place, so that the same keys lead to the
// same cluster or to a refusal: with no filter, and with one.
func TestNoStateMovesARow(t *testing.T) {
	calm := ours()
	for i := range calm {
		calm[i].Paused = false
	}
	for _, keys := range []string{"", "r", "orders", "a", "<down>", "<down><down>", "orders<down>"} {
		f := onCluster()
		f.SetClusters(payments, calm, nil)
		send(f, keys)
		want, here := names(f.cluster), f.cluster.at
		for i := range calm {
			busy := slices.Clone(calm)
			busy[i].State = "UPDATING"
			f := onCluster()
			f.SetClusters(payments, busy, nil)
			send(f, keys)
			if got := names(f.cluster); got != want || f.cluster.at != here {
				t.Errorf("after %q, with %s busy: %s, on %d; want %s, on %d", keys, busy[i].Name, got, f.cluster.at, want, here)
			}
		}
	}
}

// Where nothing but the source can take the restore, the cursor is not on it either.
func TestOnlyTheSourceFits(t *testing.T) {
	f := New(options(plan(state.Automated)))
	f.SetSize(100, 20)
	f.SetClusters(payments, []state.Cluster{paused("alpha"), cluster("orders-prod")}, nil)
	send(f, "<enter>"+strings.Repeat("<enter>", 20))
	if _, pointed := f.Aim(); f.Completed() || pointed || strings.Contains(view(f), "▌") {
		t.Errorf("enter alone has led to the source:\n%s", view(f))
	}
}

// What was typed for another source, or said by a flag, stands in the field; it chooses
// nothing before somebody has touched it.
func TestWhatStandsInTheFieldChoosesNothing(t *testing.T) {
	for _, value := range []string{"orders", "orders-stg", "orders-prod"} {
		p := plan(state.Automated)
		p.Draft.TargetCluster = value
		f := New(options(p))
		f.SetSize(100, 20)
		f.SetClusters(payments, ours(), nil)
		send(f, "<enter><enter><enter>")
		if f.Completed() || strings.Contains(view(f), "▌") || f.Draft().TargetCluster != value {
			t.Errorf("%q: completed %v\n%s", value, f.Completed(), view(f))
		}
		send(f, "<down><enter>")
		if _, target, _ := f.Result(); !f.Completed() || target.ClusterName == "" {
			t.Errorf("%q: moved to, nothing is taken\n%s", value, view(f))
		}
	}
}

// What the form points at is what the page can hurt.
func TestAim(t *testing.T) {
	for keys, want := range map[string]string{
		"": "", "<enter>": "", "<enter><down>": "orders-restore", "<enter>stg": "orders-stg", "<enter>stg<enter>": "orders-stg",
		"<enter>brand-new": "brand-new", "<enter>stg<enter><back>": "orders-stg", "<enter>no_good": "", "<enter>stg<back>": "",
		"<enter>al": "", "<enter>orders-prod": "", "<enter>orders-prod<down>": "orders-prod", "<enter>orders-prod<back>": "", // one cannot take it, one is production
	} {
		f := newForm(state.Automated)
		f.SetSize(100, 20)
		send(f, keys)
		got, ok := f.Aim()
		if ok != (want != "") || ok && (got.ClusterName != want || got.Project.ID != payments) {
			t.Errorf("after %q it is %+v, %v; want %q", keys, got, ok, want)
		}
	}
}

func TestRefusedKeepsTheFieldAndSaysSo(t *testing.T) {
	f := onCluster()
	send(f, "<down><down><down><down><down><enter><enter>")
	if f.Completed() || f.Draft().TargetCluster != "" {
		t.Error("a row that cannot be taken was taken")
	}
	send(f, "<up>")
	if strings.Contains(view(f), "cannot take it") {
		t.Error("the refusal stays after the next key")
	}
}

func TestListNotThere(t *testing.T) {
	f := New(options(plan(state.Automated)))
	f.SetSize(190, 40)
	send(f, "<enter>")
	if !strings.Contains(view(f), "the clusters of Payments are not listed yet") || f.ClustersFor() != "" {
		t.Errorf("nothing is said:\n%s", view(f))
	}
	f.SetClusters(payments, nil, errors.New("Atlas answered 403\nFORBIDDEN"))
	if !strings.Contains(view(f), "could not be listed, a full name can be typed: Atlas answered 403 FORBIDDEN") || f.ClustersFor() != payments {
		t.Errorf("the failure is not told:\n%s", view(f))
	}
	send(f, "brand-new<enter>")
	if _, target, ok := f.Result(); !ok || !f.Completed() || target.ClusterName != "brand-new" {
		t.Errorf("the name did not work without a list: %v", target)
	}
}

func TestStaleClustersAreIgnored(t *testing.T) {
	f := New(options(plan(state.Automated)))
	if f.SetClusters(staging, ours(), nil) != nil || f.ClustersFor() != "" || len(f.cluster.rows) != 0 {
		t.Error("the clusters of another project were taken")
	}
	f.SetClusters("", ours(), nil)
	send(f, "nowhere")
	f.SetClusters(payments, ours(), nil)
	if f.ClustersFor() != "" || len(f.cluster.rows) != 0 {
		t.Error("the clusters of a project no longer named were taken")
	}
}

func TestAnotherProject(t *testing.T) {
	f := onCluster()
	send(f, "stg<enter>")
	f.Reopen()
	send(f, "<back>stag<enter>")
	if f.Draft().TargetCluster != "orders-stg" || len(f.cluster.rows) != 0 || f.ClustersFor() != payments {
		t.Errorf("with another project: %+v, %d rows", f.Draft(), len(f.cluster.rows))
	}
	f.SetClusters(staging, []state.Cluster{cluster("orders-prod"), cluster("orders-stg-2")}, nil)
	_, target, ok := f.Result()
	if !ok || target.ClusterName != "orders-stg" || target.Project.ID != staging {
		t.Errorf("the taken name is lost: %v, %v", target, ok)
	}
	if r, _ := f.cluster.current(); !r.typed || r.value != "orders-stg" {
		t.Errorf("the highlight is on %+v", r)
	}
	if strings.Contains(view(f), "the source itself") {
		t.Errorf("a namesake in another project is called the source:\n%s", view(f))
	}
	c := paused("orders-stg")
	f.SetClusters(staging, []state.Cluster{c}, nil)
	if _, _, ok := f.Result(); ok || !strings.Contains(view(f), "orders-stg cannot take it: paused") {
		t.Errorf("the new list does not count:\n%s", view(f))
	}
	send(f, "<back>payments<enter>")
	if f.ClustersFor() != staging {
		t.Errorf("clusters for %s", f.ClustersFor())
	}
}

// A list that comes while one looks at the field must not put a row under an Enter
// that is already on its way.
func TestListArrivesUnderTheFinger(t *testing.T) {
	f := New(options(plan(state.Automated)))
	f.SetSize(100, 20)
	send(f, "<enter>orders")
	cmd := f.SetClusters(payments, ours(), nil)
	if cmd == nil {
		t.Fatal("no command says when the list was to be seen")
	}
	if strings.Contains(view(f), "▌") {
		t.Error("a row is highlighted that Enter does not take")
	}
	send(f, "<enter>")
	if f.Completed() || !strings.Contains(view(f), "press enter once more") {
		t.Errorf("the first Enter took a row:\n%s", view(f))
	}
	send(f, "<enter>")
	if _, target, _ := f.Result(); !f.Completed() || target.ClusterName != "orders-restore" {
		t.Errorf("the second Enter took %v", target)
	}

	f = New(options(plan(state.Automated)))
	send(f, "<enter>orders")
	f.Update(f.SetClusters(payments, ours(), nil)())
	send(f, "<enter>")
	if !f.Completed() {
		t.Error("once shown, the row is not taken")
	}
}

func TestReloadKeepsTheHighlight(t *testing.T) {
	f := onCluster()
	send(f, "<down><down><down>")
	f.SetClusters(payments, append([]state.Cluster{cluster("aaa")}, ours()...), nil)
	send(f, "<enter>")
	if _, target, _ := f.Result(); target.ClusterName != "zeta" {
		t.Errorf("took %v", target)
	}
}

func TestReloadKeepsWhatIsUsedAsTyped(t *testing.T) {
	f := onCluster()
	send(f, "ord<down><down><down>")
	f.SetClusters(payments, append([]state.Cluster{cluster("more-orders")}, ours()...), nil)
	send(f, "<enter>")
	if _, target, _ := f.Result(); target.ClusterName != "ord" {
		t.Errorf("took %v", target)
	}
}

func TestDraftOfAHalfTypedCluster(t *testing.T) {
	p := plan(state.Automated)
	p.Draft.TargetCluster = "ord"
	f := New(options(p))
	if _, _, ok := f.Result(); !ok {
		t.Error("a name is not valid where nothing is known of the clusters")
	}
	f.SetClusters(payments, ours(), nil)
	if _, _, ok := f.Result(); ok {
		t.Error("half a name counts although the list lacks it")
	}
	p.Target = state.Target{Project: p.Project, ClusterName: "ord"}
	f = New(options(p))
	f.SetClusters(payments, ours(), nil)
	if _, _, ok := f.Result(); !ok {
		t.Error("what was taken before is no longer")
	}
}

func TestManyRows(t *testing.T) {
	f := onCluster()
	var many []state.Cluster
	for i := range 500 {
		many = append(many, cluster(fmt.Sprintf("c-%03d", i)))
	}
	f.SetClusters(payments, many, nil)
	send(f, "c-")
	for i := range 400 {
		if want := fmt.Sprintf("▌ c-%03d", i); !strings.Contains(view(f), want) {
			t.Fatalf("no %q in\n%s", want, view(f))
		}
		send(f, "<down>")
	}
	if n := strings.Count(view(f), "c-"); n > mostRows+1 {
		t.Errorf("%d rows at once", n)
	}
}

// A name that is not in the list is marked as such in the result; one that is listed, or
// a list that could not be loaded, is not.
func TestUnlisted(t *testing.T) {
	for _, tc := range []struct {
		name     string
		clusters []state.Cluster
		err      error
		want     bool
	}{
		{"zeta", ours(), nil, false},
		{"nope", ours(), nil, true},
		{"nope", nil, errors.New("403"), false},
	} {
		f := New(options(plan(state.Automated)))
		f.SetClusters(payments, tc.clusters, tc.err)
		send(f, "<enter>"+tc.name+"<enter>")
		if _, target, ok := f.Result(); !ok || target.ClusterName != tc.name || target.Unlisted != tc.want {
			t.Errorf("%s: %+v, %v; want unlisted %v", tc.name, target, ok, tc.want)
		}
	}
}

// Rows that are not shown are counted, and no lie is told about the highlighted one.
func TestRowsAreCounted(t *testing.T) {
	f := newForm(state.Automated)
	f.SetSize(74, 40)
	send(f, "<enter>")
	if v := view(f); strings.Contains(v, "more") || !strings.Contains(v, "paused: resume it first") {
		t.Errorf("all rows have room:\n%s", v)
	}
	f.SetSize(74, 6)
	if v := view(f); !strings.Contains(v, "more") {
		t.Errorf("hidden rows are not counted:\n%s", v)
	}
	send(f, "alpha")
	if m := f.Meaning(); m != "alpha cannot take it: paused: resume it first." {
		t.Errorf("the meaning of a row that cannot be taken: %q", m)
	}
	send(f, "<clear>orders-prod<down>")
	if m := f.Meaning(); !strings.HasPrefix(m, "The source itself") {
		t.Errorf("the meaning of the source: %q", m)
	}
}

// Who comes back from the review is where he left: on the last field.
func TestComingBack(t *testing.T) {
	p := plan(state.Automated)
	p.Target = state.Target{Project: state.Project{ID: payments, Name: "Payments"}, ClusterName: "zeta"}
	p.Draft = state.Draft{TargetProject: "Payments", TargetCluster: "zeta"}
	f := New(options(p))
	f.Init()
	f.SetClusters(payments, ours(), nil)
	if f.Focus() != FieldCluster {
		t.Errorf("the focus is on %s", f.Focus())
	}
}

// The source's name is mostly typed as the beginning of another's: it is never offered
// before one that can be taken. As it may be meant all the same, Enter takes neither then.
func TestSourceIsNeverOfferedFirst(t *testing.T) {
	f := New(options(plan(state.Automated)))
	f.SetClusters(payments, append(ours(), cluster("orders-prod-restore")), nil)
	send(f, "<enter>orders-prod<enter>")
	if f.Completed() || !strings.Contains(view(f), onlyProduction) {
		t.Errorf("taken, or nothing is said of it:\n%s", view(f))
	}
	send(f, "-r<down><enter>")
	if _, target, ok := f.Result(); !ok || target.ClusterName != "orders-prod-restore" {
		t.Errorf("took %q", target.ClusterName)
	}
	f.Reopen()
	send(f, "<clear>orders-prod<down><down><enter>")
	if _, target, ok := f.Result(); !ok || target.ClusterName != "orders-prod" {
		t.Errorf("took %q, want the source, which can be taken on purpose", target.ClusterName)
	}
}
