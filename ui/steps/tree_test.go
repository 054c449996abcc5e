package steps_test

import (
	"strings"
	"testing"
	"time"

	"atlas-restore/state"
	"atlas-restore/state/collections"
	"atlas-restore/ui/steps"
)

// rowsOf are the rows of a tree as they are shown.
func rowsOf(t steps.Tree) string {
	var out []string
	for i := range t.Len() {
		out = append(out, strings.TrimRight(strings.Join(t.Table().Row(i).Cells, " "), " "))
	}
	return strings.Join(out, "\n")
}

// A database marks all of it, single collections mark it in part, and what the snapshot does not
// have is said to be so. The server's own names are not among the rows.
func TestTree(t *testing.T) {
	t.Parallel()
	plan := state.Plan{Snapshot: state.Snapshot{ID: "6925c1d2e3a4b5c6d7e8f903", CreatedAt: time.Date(2026, 11, 23, 12, 20, 0, 0, time.UTC)}}
	tree := steps.TreeOf(plan.Snapshot, plan, steps.Nothing()).Have([]string{"admin", "crm", "shop"}).Opened("shop", []string{"carts", "orders", "system.views"})
	if got, want := rowsOf(tree), "[ ] crm database\n[ ] shop database, 2 collections"; got != want {
		t.Errorf("closed it is\n%s", got)
	}
	tree = tree.Toggled("shop", true)
	mark := func(name string) {
		t.Helper()
		next, err := tree.Marked(collections.Split(name))
		if err != nil {
			t.Fatal(err)
		}
		tree = next
	}
	mark("shop.orders")
	if got := rowsOf(tree); !strings.Contains(got, "[-] shop ") || !strings.Contains(got, "[x]   shop.orders") || !strings.Contains(got, "[ ]   shop.carts") || strings.Contains(got, "system") || strings.Contains(got, "admin") {
		t.Errorf("with one collection it is\n%s", got)
	}
	mark("shop") // takes its place
	if got := rowsOf(tree); !strings.Contains(got, "[x] shop ") || !strings.Contains(got, "[x]   shop.carts with its database") {
		t.Errorf("with the database it is\n%s", got)
	}
	if _, err := tree.Marked(collections.Split("shop.carts")); err == nil {
		t.Error("a collection is left out of a database that is marked whole")
	}
	mark("shop")
	if !tree.Choice.IsZero() {
		t.Errorf("%v are still marked", tree.Choice.Names)
	}
	if _, ok := tree.Typed("shop.later"); ok {
		t.Error("a name that the snapshot does not have is taken as typed")
	}
	if _, err := tree.Marked(collections.Split("shop.system.views")); err == nil {
		t.Error("a collection of the server's own is marked")
	}
}

// Of a moment a name may have come later than the snapshot that tells the names: it can be typed,
// and is marked as one that was not seen. What was lost is marked already.
func TestTreeOfAMoment(t *testing.T) {
	t.Parallel()
	plan := state.Plan{Delivery: state.Collections, Instant: state.Instant{UTCSeconds: 1795442579}, Evidence: state.Evidence{Namespace: "shop.orders"}}
	tree := steps.TreeOf(state.Snapshot{ID: "6925c1d2e3a4b5c6d7e8f903"}, plan, steps.Nothing()).Have([]string{"shop"}).Opened("shop", []string{"orders"})
	if !tree.Choice.Has(collections.Split("shop.orders")) {
		t.Fatal("what was lost is not marked")
	}
	n, ok := tree.Typed(" shop.later ")
	if !ok || n.String() != "shop.later" {
		t.Fatalf("%v, %v", n, ok)
	}
	tree, err := tree.Marked(n)
	if err != nil {
		t.Fatal(err)
	}
	if got := rowsOf(tree); !strings.Contains(got, "[x]   shop.later not in this snapshot") {
		t.Errorf("it is\n%s", got)
	}
	if _, ok := tree.Typed("shop"); ok {
		t.Error("a database is taken as typed")
	}
}
