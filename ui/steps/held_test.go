package steps

import (
	"context"
	"errors"
	"slices"
	"testing"

	"atlas-restore/state"
)

// naming is an Atlas that counts which names it was asked for.
type naming struct {
	Atlas
	asked []string
	err   error
}

func (n *naming) SnapshotDatabases(_ context.Context, _ state.Cluster, id string) ([]string, error) {
	n.asked = append(n.asked, id)
	return []string{"shop", "audit"}, n.err
}

func (n *naming) SnapshotCollections(_ context.Context, _ state.Cluster, id, db string) ([]string, error) {
	n.asked = append(n.asked, id+"/"+db)
	return []string{"orders of " + id}, n.err
}

// The names in a snapshot are asked for once, and those that could not be read again. Whoever sorts
// what he got sorts his own.
func TestNamesAreHeld(t *testing.T) {
	a := &naming{err: errors.New("later")}
	h := &held{Atlas: a}
	orders, other := state.Cluster{ProjectID: "p", Name: "orders"}, state.Cluster{ProjectID: "p", Name: "other"}
	if _, err := h.SnapshotDatabases(t.Context(), orders, "s1"); err == nil {
		t.Error("no error")
	}
	a.err = nil
	for range 2 {
		all, err := h.SnapshotDatabases(t.Context(), orders, "s1")
		if err != nil || !slices.Equal(all, []string{"shop", "audit"}) {
			t.Errorf("got %q, %v", all, err)
		}
		slices.Sort(all)
		for _, id := range []string{"s1", "s2"} {
			if all, err := h.SnapshotCollections(t.Context(), orders, id, "shop"); err != nil || all[0] != "orders of "+id {
				t.Errorf("got %q, %v", all, err)
			}
		}
	}
	_, _ = h.SnapshotDatabases(t.Context(), other, "s1")
	if want := []string{"s1", "s1", "s1/shop", "s2/shop", "s1"}; !slices.Equal(a.asked, want) {
		t.Errorf("asked for %q, want %q", a.asked, want)
	}
}
