//go:build unix

package teatest_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"atlas-restore/atlasclient/simulator"
	"atlas-restore/teatest"
)

// How long a key waits in the built program, from its byte to what it changes on the screen, while
// 100,000 snapshots are loaded and after.
//
//	go test ./teatest -run '^$' -bench KeyWaits -benchtime 1x
func BenchmarkKeyWaits(b *testing.B) {
	for b.Loop() {
		sim, err := simulator.Start(simulator.Options{Seed: 1, RateLimit: simulator.Unlimited})
		if err != nil {
			b.Fatal(err)
		}
		sim.AddSnapshots("Storefront", "catalog", 100_000)
		k := sim.Keys()
		p := teatest.StartBinary(b, teatest.Binary(b), []string{"--base-url", sim.BaseURL(), "--state-dir", b.TempDir()},
			[]string{"MONGODB_ATLAS_CLIENT_ID=" + k.ClientID, "MONGODB_ATLAS_CLIENT_SECRET=" + k.ClientSecret}, normal)
		toProjects(p)
		p.Type("storefront\r")
		p.Wait("whose data")
		p.WaitFor("the clusters", highlighted)
		p.Type("catalog\r")
		p.Wait(" snapshots, newest first")
		took := map[string][]float64{}
		wait := func(what, key, until string) {
			if strings.Contains(p.Screen(), "Loading the snapshots") {
				what = "loading"
			}
			start := time.Now()
			p.Press(key)
			p.Wait(until)
			took[what] = append(took[what], time.Since(start).Seconds()*1000)
		}
		for range 40 { // a filter is searched for from its first letter on
			wait("filter", "1", "› 1")
			wait("filter", "backspace", "› type")
		}
		p.Wait(" snapshots, newest first")
		p.WaitFor("all snapshots", func(screen string) bool {
			return strings.Contains(screen, " 1000") && !strings.Contains(screen, "Loading the snapshots") && highlighted(screen)
		})
		for range 15 {
			wait("move", "end", "number 100000")
			wait("move", "home", "number 1 ")
		}
		b.ReportMetric(0, "ns/op")
		for name, took := range took {
			slices.Sort(took)
			b.ReportMetric(took[len(took)/2], "ms-median-"+name)
			b.ReportMetric(took[len(took)-1], "ms-slowest-"+name)
		}
		p.Press("ctrl+c")
		p.ExitCode()
		_ = sim.Close()
	}
}
