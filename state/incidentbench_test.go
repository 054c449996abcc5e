// Tests of state/incident. They stand here: each package with tests is one more program to link.

package state_test

import (
	"bufio"
	stdgzip "compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"

	"atlas-restore/state/incident"
)

// benchSize is how much log the benchmark reads, in bytes of text.
const benchSize = 320 << 20

// BenchmarkDrops finds every drop in a compressed log of 320 MiB, which it makes for itself, and
// compares that with two peers on the same file in the same run: zgrep with the drops' ids, and
// only unpacking it in Go with the same library. It reports the ratio of the best times to the
// first, which must not be over 0.8, and to the second the median of pairs, each read right after
// the other, which must not be over 1.15: the best times of two programs on a machine that others
// use too need not be of the same minute.
//
//	go test ./state/incident -run '^$' -bench Drops -benchtime 1x
func BenchmarkDrops(b *testing.B) {
	path := filepath.Join(b.TempDir(), "mongodb.gz")
	want := benchLog(b, path)
	through := func(read func(io.Reader) error) time.Duration {
		f, err := os.Open(path)
		if err != nil {
			b.Fatal(err)
		}
		defer f.Close()
		began := time.Now()
		if err := read(bufio.NewReaderSize(f, 64<<10)); err != nil {
			b.Fatal(err)
		}
		return time.Since(began)
	}
	best := map[string]time.Duration{}
	var pairs []float64
	take := func(name string, took time.Duration) {
		if old, ok := best[name]; !ok || took < old {
			best[name] = took
		}
	}
	for b.Loop() {
		for range 21 {
			found := through(func(r io.Reader) error {
				drops := 0
				_, err := incident.NewLog("node-0", 0).Read(context.Background(), r, func(incident.Event) { drops++ })
				if drops != want {
					b.Fatalf("%d of %d drops are found", drops, want)
				}
				return err
			})
			alone := through(func(r io.Reader) error {
				z, err := gzip.NewReader(r)
				if err != nil {
					return err
				}
				return drained(z)
			})
			take("found", found)
			take("unpacked", alone)
			pairs = append(pairs, float64(found)/float64(alone))
		}
		take("unpacked by the standard library", through(func(r io.Reader) error {
			z, err := stdgzip.NewReader(r)
			if err != nil {
				return err
			}
			return drained(z)
		}))
		if zgrep, err := exec.LookPath("zgrep"); err == nil {
			for range 2 {
				began := time.Now()
				if out, err := exec.CommandContext(b.Context(), zgrep, "-E", `"id":(518070|20337|20400)`, path).Output(); err != nil || len(out) == 0 {
					b.Fatal(err, len(out))
				}
				take("zgrep", time.Since(began))
			}
		}
	}
	for name, took := range best {
		b.Logf("%s: %s", name, took.Round(time.Millisecond))
	}
	slices.Sort(pairs)
	b.ReportMetric(pairs[len(pairs)/2], "of-unpacking")
	if best["zgrep"] > 0 {
		b.ReportMetric(float64(best["found"])/float64(best["zgrep"]), "of-zgrep")
	}
	b.ReportMetric(float64(benchSize>>20)/best["found"].Seconds(), "MiB/s")
}

// drained reads to the end, in pieces as Read does.
func drained(r io.Reader) error {
	buf := make([]byte, 128<<10)
	for {
		if _, err := r.Read(buf); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err //nolint:wrapcheck // a benchmark
		}
	}
}

// benchLog writes the log, and says how many drops are in it.
func benchLog(b *testing.B, path string) int {
	b.Helper()
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	z := stdgzip.NewWriter(f) // whose ratio is that of gzip
	drops, err := sampleLog(z, benchSize)
	if err = errors.Join(err, z.Close(), f.Close()); err != nil {
		b.Fatal(err)
	}
	return drops
}
