//go:build linux

package teatest_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"atlas-restore/atlasclient/simulator"
	"atlas-restore/teatest"
)

// The most memory that the built program has held when so many snapshots are listed,
// loaded through the real client, and filtered for.
func BenchmarkMemory(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				b.ReportMetric(peakOf(b, n), "MiB-peak")
			}
		})
	}
}

func peakOf(b *testing.B, n int) float64 {
	b.Helper()
	sim, err := simulator.Start(simulator.Options{Seed: 1, RateLimit: simulator.Unlimited})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = sim.Close() }()
	sim.AddSnapshots("Storefront", "catalog", n)
	k := sim.Keys()
	p := teatest.StartBinary(b, teatest.Binary(b), []string{"--base-url", sim.BaseURL(), "--state-dir", b.TempDir()},
		[]string{"MONGODB_ATLAS_CLIENT_ID=" + k.ClientID, "MONGODB_ATLAS_CLIENT_SECRET=" + k.ClientSecret}, normal)
	toProjects(p)
	p.Type("storefront\r")
	p.Wait("whose data")
	p.WaitFor("the clusters", highlighted)
	p.Type("catalog\r")
	p.Wait(" snapshots, newest first")
	p.WaitFor("the snapshots", highlighted)
	p.Type("number 77")
	p.Wait(fmt.Sprintf(" of %d", n/1000))
	most := peak(b, p.Pid())
	p.Press("ctrl+c")
	p.ExitCode()
	return most
}

// peak is the process's highest resident set so far, in MiB.
func peak(b *testing.B, pid int) float64 {
	b.Helper()
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(raw)) {
		var kib float64
		if n, _ := fmt.Sscanf(line, "VmHWM: %f kB", &kib); n == 1 {
			return kib / 1024
		}
	}
	b.Fatal("the system does not tell the peak")
	return 0
}
