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

	"atlas-restore/teatest"
)

// Speed is measured, never tested: a timed test fails on a busy machine and proves
// nothing on an idle one.
//
//	go test ./teatest -run '^$' -bench 'FirstFrame|BinarySize' -benchtime 30x

// release are the flags with which the product is shipped; all are built with the same.
var release = []string{"-trimpath", "-ldflags=-s -w"}

// BenchmarkFirstFrame measures from exec to the first visible text on a pty: the product
// in training, the least Bubble Tea program of the same version and frame rate, and a
// program that prints a line. They take turns, so that a disturbance hits all alike; the
// metrics are medians.
func BenchmarkFirstFrame(b *testing.B) {
	runners := []struct {
		name string
		path string
		args []string
		took []float64
	}{
		{name: "product", path: product(b), args: []string{"train"}},
		{name: "bare", path: teatest.Build(b, "./teatest/testdata/bare", "bare-release", release...)},
		{name: "hello", path: teatest.Build(b, "./teatest/testdata/hello", "hello-release", release...)},
	}
	home := b.TempDir()
	for i := range runners { // the first start reads the binary from the disk
		firstFrame(b, runners[i].path, runners[i].args, home)
	}
	for b.Loop() {
		for i := range runners {
			r := &runners[i]
			r.took = append(r.took, firstFrame(b, r.path, r.args, home).Seconds()*1000)
		}
	}
	b.ReportMetric(0, "ns/op") // the sum of the three says nothing
	for _, r := range runners {
		slices.Sort(r.took)
		b.ReportMetric(r.took[len(r.took)/2], r.name+"-ms")
	}
}

func product(b *testing.B) string {
	b.Helper()
	teatest.Binary(b) // skips if there is none yet
	return teatest.Build(b, ".", "atlas-restore-release", release...)
}

// firstFrame starts a program, waits for text, and ends it.
func firstFrame(b *testing.B, path string, args []string, home string) time.Duration {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), path, args...)
	cmd.Env = []string{"TERM=xterm-256color", "COLORTERM=truecolor", "LANG=C.UTF-8", "HOME=" + home, "PATH=" + os.Getenv("PATH")}
	start := time.Now()
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 80})
	if err != nil {
		b.Fatalf("starting %s: %v", path, err)
	}
	var took time.Duration
	var all []byte
	buf := make([]byte, 64*1024)
	for took == 0 {
		n, err := tty.Read(buf)
		all = append(all, buf[:n]...)
		if visible(all) {
			took = time.Since(start)
		} else if err != nil {
			b.Fatalf("%s ended without a frame: %v\n%q", path, err, all)
		}
	}
	_ = cmd.Process.Kill() // hello has ended by itself
	_ = cmd.Wait()         // the kill is its error
	_ = tty.Close()
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
