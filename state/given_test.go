package state_test

import (
	"strings"
	"testing"

	"atlas-restore/state"
)

const someID = "65f0c1d2e3a4b5c6d7e8f901"

func complete(d state.DeliveryType) state.Given {
	g := state.Given{Project: "Payments", Cluster: "orders-prod", Delivery: string(d), Snapshot: state.Latest, Confirm: "download"}
	if d != state.Download {
		g.TargetProject, g.TargetCluster, g.Confirm = someID, "orders-stg", "orders-stg"
	}
	if d == state.Collections {
		g.Confirm, g.Only = "collections", &state.GivenOnly{Names: []string{"shop.orders"}}
	}
	if d == state.PointInTime {
		g.Snapshot, g.At = "", "2026-11-23 14:02:59"
	}
	return g
}

func TestGivenComplete(t *testing.T) {
	for _, d := range state.DeliveryTypes() {
		g := complete(d)
		if err := g.Check(); err != nil || !g.Complete() {
			t.Errorf("%s: %v, missing %v", d, err, g.Missing())
		}
	}
	drop := complete(state.PointInTime)
	drop.At = "before-drop:shop.orders"
	if name, ok := drop.Dropped(); drop.Check() != nil || !drop.Complete() || !ok || name != "shop.orders" {
		t.Errorf("before a drop: %v, missing %v", drop.Check(), drop.Missing())
	}
	oplog := complete(state.PointInTime)
	oplog.At, oplog.OplogTs, oplog.OplogInc, oplog.Delivery = "", "1795442579", "7", "" // the type follows
	if err := oplog.Check(); err != nil || !oplog.Complete() {
		t.Errorf("an oplog pair: %v, missing %v", err, oplog.Missing())
	}
}

// Each answer that is taken away is named, and with a confirmation that is an error.
func TestGivenMissing(t *testing.T) {
	for flag, drop := range map[string]func(*state.Given){
		"projectId":         func(g *state.Given) { g.Project, g.Cluster = "", "" }, // a cluster's name finds it
		"clusterName":       func(g *state.Given) { g.Cluster = "" },
		"deliveryType":      func(g *state.Given) { g.Delivery = "" },
		"snapshotId":        func(g *state.Given) { g.Snapshot = "" },
		"targetProjectId":   func(g *state.Given) { g.TargetProject = "" },
		"targetClusterName": func(g *state.Given) { g.TargetCluster = "" },
	} {
		g := complete(state.Automated)
		drop(&g)
		if err := g.Check(); err == nil || !strings.Contains(err.Error(), "--"+flag) || !strings.Contains(err.Error(), "--confirm needs") {
			t.Errorf("without --%s: %v", flag, err)
		}
		g.Confirm = ""
		if g.Complete() || !strings.Contains(state.Lacking(g.Missing()), "--"+flag) || !strings.Contains(state.Lacking(g.Missing()), "--confirm") {
			t.Errorf("without --%s: %s", flag, state.Lacking(g.Missing()))
		}
	}
	at := complete(state.PointInTime)
	at.At, at.Confirm = "", ""
	if got := state.Lacking(at.Missing()); got != "--at (or --pointInTimeUTCSeconds, or --oplogTs with --oplogInc) and --confirm are missing" {
		t.Errorf("without a moment: %s", got)
	}
	if all := (state.Given{}).Missing(); len(all) != 5 {
		t.Errorf("of nothing given, missing are %v", all)
	}
}

func TestGivenWrong(t *testing.T) {
	auto, pit, download := complete(state.Automated), complete(state.PointInTime), complete(state.Download)
	for name, tc := range map[string]struct {
		from   state.Given
		change func(*state.Given)
		says   string
	}{
		"cluster":              {auto, func(g *state.Given) { g.Cluster = "orders prod" }, `--clusterName "orders prod": a cluster name has no spaces`},
		"snapshot":             {auto, func(g *state.Given) { g.Snapshot = "newest" }, `--snapshotId "newest"`},
		"delivery":             {auto, func(g *state.Given) { g.Delivery = "Automated" }, "the delivery types are download, collections, automated, pointInTime"},
		"a loss and a moment":  {pit, func(g *state.Given) { g.Namespace = "shop.orders" }, `--namespace asks when that was lost`},
		"a drop of nothing":    {pit, func(g *state.Given) { g.At = "before-drop:" }, `the name of a collection is needed`},
		"a drop of a database": {pit, func(g *state.Given) { g.At = "before-drop:shop" }, `the name of a collection is needed, like before-drop:shop.orders`},
		"a drop somewhere":     {pit, func(g *state.Given) { g.At, g.Cluster, g.Confirm = "before-drop:shop.orders", "", "" }, `--at before-drop:shop.orders needs --clusterName`},
		"moment":               {pit, func(g *state.Given) { g.At = "yesterday" }, `--at "yesterday"`},
		"seconds":              {pit, func(g *state.Given) { g.At, g.UTCSeconds = "", "2026-11-23" }, "--at takes a date and time"},
		"milliseconds":         {pit, func(g *state.Given) { g.At, g.UTCSeconds = "", "1795442579000" }, "milliseconds"},
		"oplog without inc":    {pit, func(g *state.Given) { g.At, g.OplogTs = "", "1795442579" }, "--oplogTs needs --oplogInc"},
		"oplog without ts":     {pit, func(g *state.Given) { g.At, g.OplogInc = "", "1" }, "--oplogInc needs --oplogTs"},
		"oplog inc of 0":       {pit, func(g *state.Given) { g.At, g.OplogTs, g.OplogInc = "", "1795442579", "0" }, `--oplogInc "0"`},
		"two moments":          {pit, func(g *state.Given) { g.UTCSeconds = "1795442579" }, "give one of them"},
		"a moment, automated":  {auto, func(g *state.Given) { g.At = "2026-11-23 14:02:59" }, "takes no moment"},
		"a snapshot, PIT":      {pit, func(g *state.Given) { g.Snapshot = state.Latest }, "does not go with pointInTime"},
		"a target, download":   {download, func(g *state.Given) { g.TargetCluster = "orders-stg" }, "takes no target"},
		"target":               {auto, func(g *state.Given) { g.TargetCluster = "-orders" }, `--targetClusterName "-orders"`},
		"confirms the source":  {auto, func(g *state.Given) { g.Confirm = "orders-prod" }, `confirmed by "orders-stg" only`},
		"confirms in capitals": {auto, func(g *state.Given) { g.Confirm = "ORDERS-STG" }, `confirmed by "orders-stg" only`},
		"confirms by yes":      {auto, func(g *state.Given) { g.Confirm = "yes" }, `confirmed by "orders-stg" only`},
		"download by a name":   {download, func(g *state.Given) { g.Confirm = "orders-prod" }, `confirmed by "download" only`},
		"download by training": {download, func(g *state.Given) { g.Confirm = "train/download" }, `confirmed by "download" only`},
		"onto itself, and not": {auto, func(g *state.Given) { g.Confirm = "overwrite orders-stg" }, `confirmed by "orders-stg" only`},
		"the same in training": {auto, func(g *state.Given) { g.Confirm = "overwrite train/orders-stg" }, `confirmed by "orders-stg" only`},
	} {
		g := tc.from
		tc.change(&g)
		if err := g.Check(); err == nil || !strings.Contains(err.Error(), tc.says) {
			t.Errorf("%s: %v, want %q", name, err, tc.says)
		}
	}
}

// A first refusal says already what is taken where the Atlas turns out to be a training, onto itself too.
func TestFirstRefusalNamesBoth(t *testing.T) {
	g := complete(state.Automated)
	g.Confirm = "collections"
	if err := g.Check(); err == nil || !strings.HasSuffix(err.Error(), `confirmed by "orders-stg" only, and in a training by "train/orders-stg"`) {
		t.Error(err)
	}
	g.Cluster = g.TargetCluster
	if err := g.Check(); err == nil || !strings.HasSuffix(err.Error(), `confirmed by "overwrite orders-stg" only, and in a training by "overwrite train/orders-stg"`) {
		t.Error(err)
	}
}

// In a training every refusal of a confirmation names the one that is taken there.
func TestGivenInPractice(t *testing.T) {
	for confirm, says := range map[string]string{
		"orders-prod":      `this run is confirmed by "train/orders-stg" only`,
		"orders-stg":       `in a training the name has train/ before it: "train/orders-stg"`,
		"train/orders-stg": "",
	} {
		g := complete(state.Automated)
		g.Confirm = confirm
		if err := g.CheckPractice(); (err == nil) != (says == "") || err != nil && !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", confirm, err, says)
		}
	}
	g := complete(state.Automated)
	g.Cluster, g.Confirm = g.TargetCluster, "orders-stg-2"
	if err := g.CheckPractice(); err == nil || !strings.Contains(err.Error(), `"overwrite train/orders-stg"`) {
		t.Errorf("onto itself: %v", err)
	}
	if g = complete(state.Download); g.CheckPractice() != nil {
		t.Error("a download has the same word in a training")
	}
	g.Confirm, g.Snapshot = "", "123"
	if err := g.Check(); err == nil || !strings.HasSuffix(err.Error(), "an id has 24 characters, this has 3; latest is the newest that can be restored, safety snapshots aside") {
		t.Error(err)
	}
}

// Of collections a snapshot or a moment is needed, and their names. What is made anew is confirmed
// by a word, and what is overwritten by the name of its cluster.
func TestGivenCollections(t *testing.T) {
	good := func() state.Given {
		g := complete(state.Automated)
		g.Delivery, g.Confirm = string(state.Collections), "collections"
		g.Only = &state.GivenOnly{Names: []string{"shop.orders", "crm"}, Renames: []string{"shop.orders=shop.back"}, Suffix: "_old", Indexes: "no-ttl"}
		return g
	}
	g := good()
	if err := g.WithType().Check(); err != nil || !g.Complete() {
		t.Errorf("complete: %v, missing %v", err, g.Missing())
	}
	if c, err := g.Only.Choice(); err != nil || c.Target(c.Names[0]).String() != "crm_old" || c.Target(c.Names[1]).String() != "shop.back" || c.Indexes != "ALL_EXCEPT_TTL" {
		t.Errorf("chosen is %+v, %v", c, err)
	}
	const flags = " --namespace crm --namespace shop.orders --rename 'shop.orders=shop.back' --suffix _old --indexes no-ttl"
	c, _ := g.Only.Choice()
	p := orders().WithOnly(c)
	if got := state.Answers(p).Flags(); !strings.HasSuffix(got, flags) || !strings.Contains(got, "--deliveryType collections") {
		t.Errorf("as flags: %s", got)
	}
	for name, tc := range map[string]struct {
		change func(*state.Given)
		says   string
	}{
		"of a moment":            {func(g *state.Given) { g.Snapshot, g.At = "", "2026-11-23 14:02:59" }, ""},
		"of both":                {func(g *state.Given) { g.At = "2026-11-23 14:02:59" }, "does not go with a moment"},
		"of neither":             {func(g *state.Given) { g.Snapshot = "" }, "--snapshotId"},
		"no name":                {func(g *state.Given) { g.Only.Names, g.Only.Renames = nil, nil }, "--namespace"},
		"a bad name":             {func(g *state.Given) { g.Only.Names = []string{"shop."} }, `--namespace "shop."`},
		"a rename of none":       {func(g *state.Given) { g.Only.Renames = []string{"a.b=c.d"} }, "a.b is not named by --namespace"},
		"two names for one":      {func(g *state.Given) { g.Only.Renames = append(g.Only.Renames, "shop.orders=shop.other") }, "has another new name already"},
		"a rename within":        {func(g *state.Given) { g.Only.Names = append(g.Only.Names, "shop") }, "named with its whole database"},
		"a rename without":       {func(g *state.Given) { g.Only.Renames = []string{"shop.orders"} }, "the new one are needed"},
		"indexes":                {func(g *state.Given) { g.Only.Indexes = "some" }, "all, none, no-ttl"},
		"another delivery":       {func(g *state.Given) { g.Delivery = "automated" }, "go with --deliveryType collections only"},
		"overwriting, by a word": {func(g *state.Given) { g.Only.Overwrite = true }, `confirmed by "orders-stg" only`},
		"overwriting, by name":   {func(g *state.Given) { g.Only.Overwrite, g.Confirm = true, "orders-stg" }, ""},
		"anew, by name":          {func(g *state.Given) { g.Confirm = "orders-stg" }, `confirmed by "collections" only`},
	} {
		g := good()
		tc.change(&g)
		if err := g.WithType().Check(); (err == nil) != (tc.says == "") || err != nil && !strings.Contains(err.Error(), tc.says) {
			t.Errorf("%s: %v, want %q", name, err, tc.says)
		}
	}
	// One name alone, of no such delivery, is what is missing.
	if g := (state.Given{Only: &state.GivenOnly{Names: []string{"shop.orders"}}}).WithType(); g.Namespace != "shop.orders" || g.Only != nil || !g.Looks() {
		t.Errorf("one name is %+v", g)
	}
	if g := (state.Given{Only: &state.GivenOnly{}}).WithType(); !g.IsZero() {
		t.Errorf("nothing given is %+v", g)
	}
}
