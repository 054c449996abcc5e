package teatest_test

import (
	"context"
	"io"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"atlas-restore/atlasclient/simulator"
	"atlas-restore/state"
)

// trip is how long the way to Atlas and back takes in the benchmark.
const trip = 200 * time.Millisecond

// BenchmarkStartToPost measures from the start of the program to the request that Atlas gets
// from it, over a line on which each way to Atlas and back takes 200 ms, that of opening a
// connection too. With ATLAS_RESTORE_BEFORE, the path of an older build, both take turns.
//
//	ATLAS_RESTORE_BEFORE=/path/to/it go test ./teatest -run '^$' -bench StartToPost -benchtime 5x
func BenchmarkStartToPost(b *testing.B) {
	now := product(b)
	before := os.Getenv("ATLAS_RESTORE_BEFORE")
	for _, walk := range walks {
		b.Run(walk.name, func(b *testing.B) {
			var took, was []float64
			var n, wasN int
			for b.Loop() {
				d, m := walk.run(b, now)
				took, n = append(took, d.Seconds()*1000), m
				if before != "" {
					d, m := walk.run(b, before)
					was, wasN = append(was, d.Seconds()*1000), m
				}
			}
			slices.Sort(took)
			slices.Sort(was)
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(took[len(took)/2], "ms")
			b.ReportMetric(float64(n), "requests")
			if before != "" {
				b.ReportMetric(was[len(was)/2], "before-ms")
				b.ReportMetric(float64(wasN), "before-requests")
				b.ReportMetric(took[len(took)/2]/was[len(was)/2], "ratio")
			}
		})
	}
}

// benchWalk is a run without questions.
type benchWalk struct {
	name string
	ids  bool
	env  func(k simulator.Keys) []string
	g    state.Given
}

func serviceAccount(k simulator.Keys) []string {
	return []string{"MONGODB_ATLAS_CLIENT_ID=" + k.ClientID, "MONGODB_ATLAS_CLIENT_SECRET=" + k.ClientSecret}
}

func apiKey(k simulator.Keys) []string {
	return []string{"MONGODB_ATLAS_PUBLIC_API_KEY=" + k.PublicKey, "MONGODB_ATLAS_PRIVATE_API_KEY=" + k.PrivateKey}
}

var automated = state.Given{Project: "Payments", Cluster: "orders-prod", Snapshot: state.Latest, Delivery: "automated", TargetProject: "Payments", TargetCluster: "orders-prod-restore", Confirm: "orders-prod-restore"}

var walks = []benchWalk{
	{"automated/names", false, serviceAccount, automated},
	{"automated/ids", true, serviceAccount, automated},
	{"automated/names/key", false, apiKey, automated},
	{"automated/ids/key", true, apiKey, automated},
}

// run says how long it took to the POST, and how many requests were made until then.
func (w benchWalk) run(b *testing.B, path string) (time.Duration, int) {
	b.Helper()
	sim, err := simulator.Start(simulator.Options{Seed: 1, Speed: 1})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = sim.Close() }()
	line := newLine(b, sim.Address(), trip)
	g := w.g
	if w.ids {
		g.Snapshot = sim.NewestSnapshot(g.Project, g.Cluster).ID
		g.Project, g.TargetProject = sim.ProjectID(g.Project), sim.ProjectID(g.TargetProject)
	}
	args := append([]string{"--base-url", "http://" + line, "--state-dir", b.TempDir(), "--accept", "all"}, flagsOf(g)...)
	cmd := exec.CommandContext(b.Context(), path, args...)
	cmd.Env = append(w.env(sim.Keys()), "HOME="+b.TempDir(), "PATH="+os.Getenv("PATH"))
	var errs strings.Builder
	cmd.Stderr = &errs
	start := time.Now()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = cmd.Wait() }()
	n := 0
	for {
		seen, next := sim.RequestsAfter(n)
		for _, r := range seen {
			if n++; r.Method == "POST" && strings.HasSuffix(r.Path, "/restoreJobs") {
				took := time.Since(start) // it has arrived
				_ = cmd.Process.Kill()
				<-ended
				return took, n
			}
		}
		select {
		case <-next:
		case <-ended:
			b.Fatalf("it ended: %s", errs.String())
		}
	}
}

// newLine is a line to an address: a proxy on loopback on which each way there and back takes
// as long as said, and so does the opening of a connection.
func newLine(tb testing.TB, to string, trip time.Duration) string {
	tb.Helper()
	l, err := new(net.ListenConfig).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			go carry(tb.Context(), near, to, trip)
		}
	}()
	return l.Addr().String()
}

func carry(ctx context.Context, near net.Conn, to string, trip time.Duration) {
	open := time.Now().Add(trip)
	far, err := new(net.Dialer).DialContext(ctx, "tcp", to)
	if err != nil {
		_ = near.Close()
		return
	}
	var both sync.WaitGroup
	both.Go(func() { delay(far, near, trip/2, open) })
	both.Go(func() { delay(near, far, trip/2, time.Time{}) })
	both.Wait()
}

// delay hands on what it reads, so much later, and not before a time so much after open.
func delay(to, from net.Conn, by time.Duration, open time.Time) {
	type piece struct {
		at   time.Time
		data []byte
	}
	pieces := make(chan piece, 1024)
	go func() {
		defer close(pieces)
		buf := make([]byte, 64<<10)
		for {
			n, err := from.Read(buf)
			at := time.Now()
			if at.Before(open) {
				at = open
			}
			pieces <- piece{at.Add(by), slices.Clone(buf[:n])}
			if err != nil {
				return
			}
		}
	}()
	for p := range pieces {
		time.Sleep(time.Until(p.at))
		if _, err := to.Write(p.data); err != nil {
			break
		}
	}
	_ = to.Close()
	_, _ = io.Copy(io.Discard, from)
}
