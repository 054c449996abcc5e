package simulator

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestSize holds that a larger world has what was asked for, and the small one in it.
func TestSize(t *testing.T) {
	size := Size{Projects: 20, Clusters: 60, Snapshots: 6_000}
	small, s := startServer(t, Options{Seed: 7}), startServer(t, Options{Seed: 7, Size: size})
	var snapshots, clusters int
	kinds := map[string]int{}
	world := s.World()
	for _, p := range world.Projects {
		clusters += len(p.Clusters)
		for _, c := range p.Clusters {
			kinds[c.Type+" "+c.Provider]++
			listed := s.Snapshots(p.Name, c.Name)
			snapshots += len(listed)
			if slices.IndexFunc(listed, func(x Snapshot) bool { return x.Kind == "scheduled" }) < 0 && strings.HasPrefix(p.Name, "Team ") {
				t.Errorf("%s has no snapshot by its schedule", c.Name)
			}
			if strings.HasPrefix(p.Name, "Team ") && (len(p.Clusters) > 3 || len(listed) < 80) {
				t.Errorf("%s, one of %d clusters of %s, has %d snapshots", c.Name, len(p.Clusters), p.Name, len(listed))
			}
		}
	}
	if len(world.Projects) != 20 || clusters != 60 || snapshots != 6_000 || kinds["SHARDED AWS"] < 5 || kinds["REPLICASET FLEX"] < 5 {
		t.Errorf("%d projects, %d clusters, %d snapshots, %v", len(world.Projects), clusters, snapshots, kinds)
	}
	for i, p := range small.World().Projects {
		if !reflect.DeepEqual(p, world.Projects[i]) {
			t.Errorf("%s is another one", p.Name)
		}
		for _, c := range p.Clusters {
			if !reflect.DeepEqual(s.Snapshots(p.Name, c.Name), small.Snapshots(p.Name, c.Name)) {
				t.Errorf("%s has other snapshots", c.Name)
			}
		}
	}
	if look(s) != look(startServer(t, Options{Seed: 7, Size: size})) {
		t.Error("the same seed gives another world")
	}
}

// TestEverythingDueIsTaken moves the clock in steps, as a client that polls sees it, and
// holds that no snapshot waits for another one.
func TestEverythingDueIsTaken(t *testing.T) {
	steps, leap := startServer(t, Options{Seed: 7}), startServer(t, Options{Seed: 7})
	for range 23*60 + 30 {
		steps.Advance(time.Minute)
		steps.ProjectID("Payments")
	}
	leap.ProjectID("Payments")
	leap.Advance(23*time.Hour + 30*time.Minute)
	if look(steps) != look(leap) {
		t.Error("the world depends on how often somebody looks")
	}
}
