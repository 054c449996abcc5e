//go:build unix

package teatest_test

import (
	"fmt"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"atlas-restore/teatest"
)

// How long a key waits in the built program, from its byte to what it changes on the screen, while
// 100,000 snapshots are loaded and after.
//
//	go test ./teatest -run '^$' -bench KeyWaits -benchtime 1x
func BenchmarkKeyWaits(b *testing.B) {
	for b.Loop() {
		base, env := manySnapshots(b, 100_000)
		p := teatest.StartBinary(b, teatest.Binary(b), []string{"--base-url", base, "--state-dir", b.TempDir()}, env, normal)
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
			p.Raw(key) // Press waits for what the terminal has still to answer
			p.Wait(until)
			took[what] = append(took[what], time.Since(start).Seconds()*1000)
		}
		filters := func() { // searched for from its first letter on
			wait("filter", "1", "› 1")
			wait("filter", "\x7f", "› type")
		}
		loading := func() bool { return strings.Contains(p.Screen(), "Loading the snapshots") }
		filters()
		for loading() {
			filters()
		}
		for range 15 {
			filters()
		}
		p.Wait(" snapshots, newest first")
		p.WaitFor("all snapshots", func(screen string) bool {
			return strings.Contains(screen, " 1000") && !strings.Contains(screen, "Loading the snapshots") && highlighted(screen)
		})
		for range 15 {
			wait("move", "\x1b[F", "number 99999 ") // the last but one: the last may be cut, on days with two digits
			wait("move", "\x1b[H", "number 1 ")
		}
		b.ReportMetric(0, "ns/op")
		for name, took := range took {
			slices.Sort(took)
			b.ReportMetric(took[len(took)/2], "ms-median-"+name)
			b.ReportMetric(took[len(took)-1], "ms-slowest-"+name)
		}
		p.Press("ctrl+c")
		p.ExitCode()
	}
}

// manySnapshots serves an embedded Atlas whose catalog has so many more snapshots.
func manySnapshots(b *testing.B, n int) (base string, env []string) {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), teatest.Build(b, "./teatest/testdata/atlas", "atlas"), strconv.Itoa(n))
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait() // what it says at its end is no matter
	})
	var id, secret string
	if _, err := fmt.Fscan(out, &base, &id, &secret); err != nil {
		b.Fatalf("the embedded Atlas does not say where it is: %v", err)
	}
	return base, []string{"MONGODB_ATLAS_CLIENT_ID=" + id, "MONGODB_ATLAS_CLIENT_SECRET=" + secret}
}
