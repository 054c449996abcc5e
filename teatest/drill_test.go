package teatest_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"atlas-restore/atlasclient/simulator"
	"atlas-restore/teatest"
)

// forDrills is an Atlas with a cluster that drills may erase. Ten minutes pass in a second.
func forDrills(t *testing.T) *simulator.Server {
	t.Helper()
	sim, err := simulator.Start(simulator.Options{Seed: 1, Start: time.Now(), Speed: 600})
	if err != nil {
		t.Fatal(err)
	}
	teatest.AtEnd(t, func() { _ = sim.Close() })
	if err := sim.Inject(simulator.Inject{NewCluster: &simulator.InjectCreation{Cluster: "Payments/drill-orders", Like: "Payments/orders-prod-restore"}}); err != nil {
		t.Fatal(err)
	}
	return sim
}

// configured is a home directory with this configuration of the program itself.
func configured(t *testing.T, config string) string {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "atlas-restore")
	if err := os.MkdirAll(path, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(path, "config.toml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	return "XDG_CONFIG_HOME=" + dir
}
