package teatest_test

import (
	"os"
	"path/filepath"
	"strings"
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

// A drill never goes onto production, onto its source, or onto what nobody has named for it, whatever
// confirms it: each is refused by name, and nothing is sent.
func TestBinaryDrillIsRefused(t *testing.T) {
	t.Parallel()
	a := newAlone(t)
	a.env = append(a.env, configured(t, "drill_targets = [\"drill-*\", \"orders-prod\", \"ledger-prod\"]\n"))
	for target, says := range map[string][2]string{
		"ledger-prod": {"it is production", "no entry of drill_targets lifts that"},
		"orders-prod": {"it is the source itself", "no entry of drill_targets lifts that"},
		"ledger-prd":  {"it is not named for drills", "Choose a cluster that drill_targets names: drill-*, orders-prod, ledger-prod."},
	} {
		code, out, errs := a.run("drill", "--projectId", "Payments", "--clusterName", "orders-prod", "--targetClusterName", target, "--confirm", target, "--accept", "all")
		if code != 1 || !strings.Contains(errs, "a drill must not go onto "+target+": "+says[0]) || !strings.Contains(errs, says[1]) {
			t.Errorf("%s: exit code %d\n%s\n%s", target, code, out, errs)
		}
	}
	if n := len(a.posts()); n != 0 {
		t.Errorf("%d requests", n)
	}
}
