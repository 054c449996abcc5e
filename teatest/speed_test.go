//go:build unix

package teatest_test

import (
	"bytes"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/creack/pty"

	"atlas-restore/atlasclient/simulator"
	"atlas-restore/teatest"
)

// Speed is measured, never tested: a timed test fails on a busy machine and proves
// nothing on an idle one.
//
//	go test ./teatest -run '^$' -bench 'FirstFrame|BinarySize' -benchtime 31x

// release are the flags with which the product is shipped; all are built with the same.
var release = []string{"-trimpath", "-ldflags=-s -w"}

// BenchmarkFirstFrame measures from exec to the first visible text on one pty: the product
// in training and with the credentials of an embedded Atlas, the least Bubble Tea program of
// the same version and frame rate, and a program that prints a line. They take turns, so that
// a disturbance hits all alike; the metrics are medians, and of the product also the median
// of its ratios to the least program of the same turn.
func BenchmarkFirstFrame(b *testing.B) {
	sim, err := simulator.Start(simulator.Options{Seed: 1})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = sim.Close() }()
	k, home, shipped := sim.Keys(), b.TempDir(), product(b)
	bare := &starter{name: "bare", path: teatest.Build(b, "./teatest/testdata/bare", "bare-release", release...)}
	runners := []*starter{
		bare,
		{name: "train", path: shipped, args: []string{"train"}},
		{name: "live", path: shipped, args: []string{"--base-url", sim.BaseURL()}, env: []string{
			"MONGODB_ATLAS_CLIENT_ID=" + k.ClientID, "MONGODB_ATLAS_CLIENT_SECRET=" + k.ClientSecret,
		}},
		{name: "hello", path: teatest.Build(b, "./teatest/testdata/hello", "hello-release", release...)},
	}
	screen, tty, err := pty.Open()
	if err != nil {
		b.Skip("no terminal can be opened: " + err.Error())
	}
	if err := pty.Setsize(tty, &pty.Winsize{Rows: 24, Cols: 80}); err != nil {
		b.Fatal(err)
	}
	defer func() { _, _ = screen.Close(), tty.Close() }()
	for _, r := range runners { // the first start reads the binary from the disk
		r.firstFrame(b, screen, tty, home)
	}
	for b.Loop() {
		for _, r := range runners {
			r.took = append(r.took, r.firstFrame(b, screen, tty, home).Seconds()*1000)
		}
	}
	b.ReportMetric(0, "ns/op") // the sum of all says nothing
	for _, r := range runners {
		b.ReportMetric(median(r.took), r.name+"-ms")
		if r.path == shipped {
			b.ReportMetric(median(r.against(bare)), r.name+"/bare")
		}
	}
}

// starter is a program that is started over and over.
type starter struct {
	name, path string
	args, env  []string
	took       []float64 // in ms, one each turn
}

// against are the ratios to another's times, turn by turn.
func (s *starter) against(other *starter) []float64 {
	out := make([]float64, len(s.took))
	for i, ms := range s.took {
		out[i] = ms / other.took[i]
	}
	return out
}

func median(of []float64) float64 {
	sorted := slices.Sorted(slices.Values(of))
	return sorted[len(sorted)/2]
}

func product(b *testing.B) string {
	b.Helper()
	teatest.Binary(b) // skips if there is none yet
	return teatest.Build(b, ".", "atlas-restore-release", release...)
}

// firstFrame starts the program, waits for text, and ends it. The terminal is then as empty
// as it was found: what the program has still written is read up to a mark of ours.
func (s *starter) firstFrame(b *testing.B, screen, tty *os.File, home string) time.Duration {
	b.Helper()
	const end = "\x1b]7777;end\x07"
	cmd := exec.CommandContext(b.Context(), s.path, s.args...)
	cmd.Env = append([]string{"TERM=xterm-256color", "COLORTERM=truecolor", "LANG=C.UTF-8", "HOME=" + home, "PATH=" + os.Getenv("PATH")}, s.env...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = tty, tty, tty
	start := time.Now()
	if err := cmd.Start(); err != nil {
		b.Fatalf("starting %s: %v", s.path, err)
	}
	var all []byte
	read := func(until func([]byte) bool) time.Duration {
		buf := make([]byte, 64*1024)
		for !until(all) {
			n, err := screen.Read(buf)
			if err != nil {
				b.Fatalf("reading what %s writes: %v\n%q", s.path, err, all)
			}
			all = append(all, buf[:n]...)
		}
		return time.Since(start)
	}
	took := read(visible)
	_ = cmd.Process.Kill() // hello has ended by itself
	_ = cmd.Wait()         // the kill is its error
	_, _ = tty.WriteString(end)
	read(func(all []byte) bool { return bytes.HasSuffix(all, []byte(end)) })
	return took
}

// visible says whether output has anything to see, besides commands to the terminal.
func visible(output []byte) bool {
	return strings.TrimSpace(ansi.Strip(string(bytes.ToValidUTF8(output, nil)))) != ""
}

// BenchmarkBinarySize reports the size of the product, as shipped and as go build makes it.
func BenchmarkBinarySize(b *testing.B) {
	shipped, plain := size(b, product(b)), size(b, teatest.Binary(b))
	for b.Loop() { // a size needs no repetition, but a benchmark its loop
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(shipped, "MB-shipped")
	b.ReportMetric(plain, "MB-plain")
}

func size(b *testing.B, path string) float64 {
	b.Helper()
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	return float64(info.Size()) / 1e6
}
